import CLinux
import Glibc

/// The epoll instance of one loop, level-triggered.
///
/// A registration carries a tag of the loop's choosing: place and generation of a connection, so
/// that a readiness that is still on its way when a connection ends never reaches the next one
/// that gets its descriptor.
// Safe: `events` is owned by this object, `eventCountMax` of them, and read below the count that
// epoll_wait returned.
@safe
final class Poller {
    /// What a registration waits for. Errors and hang-ups are always told.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let input = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        static let output = Interest(rawValue: EPOLLOUT.rawValue)
    }

    /// What has become of a registered descriptor.
    struct Readiness {
        let tag: UInt64
        private let bits: UInt32

        init(tag: UInt64, bits: UInt32) {
            self.tag = tag
            self.bits = bits
        }

        /// Bytes, or the end of them, can be read.
        var isReadable: Bool { bits & Interest.input.rawValue != 0 }
        /// Both directions are over: the connection was reset or shut by both sides.
        var isOver: Bool { bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
    }

    private static let eventCountMax = 256
    private let descriptor: Descriptor
    private let events: UnsafeMutablePointer<epoll_event>

    /// - Parameter descriptor: of an epoll instance.
    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
        unsafe events = .allocate(capacity: Poller.eventCountMax)
        unsafe events.initialize(repeating: epoll_event(), count: Poller.eventCountMax)
    }

    deinit {
        unsafe events.deallocate()
    }

    /// Starts watching; closing the descriptor ends it.
    ///
    /// - Returns: whether the kernel had room for it.
    func add(_ raw: Int32, _ interest: Interest, tag: UInt64) -> Bool {
        control(EPOLL_CTL_ADD, raw, interest, tag) == 0
    }

    /// Changes what is watched for.
    func change(_ raw: Int32, _ interest: Interest, tag: UInt64) {
        _ = control(EPOLL_CTL_MOD, raw, interest, tag)
    }

    private func control(_ operation: Int32, _ raw: Int32, _ interest: Interest, _ tag: UInt64)
        -> Int32
    {
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: tag))
        return unsafe epoll_ctl(descriptor.raw, operation, raw, &event)
    }

    /// Waits until something is ready or the time is over.
    ///
    /// - Parameter timeoutMilliseconds: -1 for no limit.
    /// - Returns: how many readinesses there are.
    func wait(timeoutMilliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(
            descriptor.raw, events, Int32(Poller.eventCountMax), timeoutMilliseconds)
        return max(0, Int(count))
    }

    /// One of those that the last ``wait(timeoutMilliseconds:)`` returned.
    func readiness(at index: Int) -> Readiness {
        unsafe Readiness(tag: events[index].data.u64, bits: events[index].events)
    }
}
