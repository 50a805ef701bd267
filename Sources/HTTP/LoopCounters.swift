import Synchronization

/// What the loops have counted since the start, all loops together.
public struct HTTPCounters: Sendable, Equatable {
    /// Requests handed to a handler.
    public internal(set) var requestCount = 0
    /// Requests refused by this room: bad framing, limits, deadlines.
    public internal(set) var rejectionCount = 0
    /// Connections accepted and given to a loop.
    public internal(set) var acceptedCount = 0
    /// Connections refused because there were too many.
    public internal(set) var refusedCount = 0
    /// Connections open now.
    public internal(set) var openCount = 0
    /// Bytes received and sent.
    public internal(set) var receivedByteCount = 0
    public internal(set) var sentByteCount = 0
}

/// The counters of one loop. Each has one writer, so that counting is a plain load and store;
/// `open` alone has two.
final class LoopCounters: Sendable {
    private let requests = Atomic(0)
    private let rejections = Atomic(0)
    private let receivedBytes = Atomic(0)
    private let sentBytes = Atomic(0)
    /// Raised by the acceptor, lowered by the loop.
    let open = Atomic(0)

    func countRequest() { raise(requests, by: 1) }
    func countRejection() { raise(rejections, by: 1) }
    func countReceived(_ byteCount: Int) { raise(receivedBytes, by: byteCount) }
    func countSent(_ byteCount: Int) { raise(sentBytes, by: byteCount) }

    @inline(__always)
    private func raise(_ counter: borrowing Atomic<Int>, by amount: Int) {
        counter.store(counter.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Adds these counters to a sum.
    func add(to sum: inout HTTPCounters) {
        sum.requestCount &+= requests.load(ordering: .relaxed)
        sum.rejectionCount &+= rejections.load(ordering: .relaxed)
        sum.openCount &+= open.load(ordering: .relaxed)
        sum.receivedByteCount &+= receivedBytes.load(ordering: .relaxed)
        sum.sentByteCount &+= sentBytes.load(ordering: .relaxed)
    }
}
