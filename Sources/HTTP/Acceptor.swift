import CLinux
import Glibc
import Synchronization

/// The thread that takes new connections and deals each to the loop with the fewest.
final class Acceptor {
    /// What the acceptor and the server both see.
    final class Shared: Sendable {
        let stop: Descriptor
        let isStopped = Atomic(false)
        let accepted = Atomic(0)
        let refused = Atomic(0)

        /// - Parameter stop: an eventfd that wakes the acceptor.
        init(stop: consuming Descriptor) { self.stop = stop }

        /// Ends the acceptor's thread.
        func end() {
            isStopped.store(true, ordering: .relaxed)
            var one: UInt64 = 1
            _ = unsafe write(stop.raw, &one, 8)
        }
    }

    /// How long to wait before trying again after an error that may last.
    private static let pauseMilliseconds: Int32 = 100

    private let listener: Descriptor
    private let shared: Shared
    private let loops: [LoopReference]
    private let connectionsMax: Int
    private let refusal: [UInt8]
    /// Given up for a moment when all descriptors are taken, so that the next connection can be
    /// taken and closed: it would wake this thread again and again otherwise.
    private var spare: Descriptor

    init(
        _ listener: consuming Descriptor, _ shared: Shared, _ loops: [LoopReference],
        connectionsMax: Int, refusal: [UInt8]
    ) {
        self.listener = listener
        self.shared = shared
        self.loops = loops
        self.connectionsMax = connectionsMax
        self.refusal = refusal
        spare = Acceptor.openSpare()
    }

    /// Runs until ``Shared/end()``.
    func run() {
        while !shared.isStopped.load(ordering: .relaxed) {
            wait(for: [listener.raw, shared.stop.raw], timeoutMilliseconds: -1)
            while !shared.isStopped.load(ordering: .relaxed), takeOne() {}
        }
    }

    /// - Returns: whether another connection may wait.
    private func takeOne() -> Bool {
        let raw = Socket.accept(listener.raw)
        if raw >= 0 {
            deal(raw)
            return true
        }
        switch errno {
        case EAGAIN: return false
        case EINTR, ECONNABORTED, EPROTO: return true
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            return dropOne()
        default:
            // A network or a firewall that is going away or coming back.
            pause()
            return true
        }
    }

    private func deal(_ raw: Int32) {
        var open = 0
        var fewest = Int.max
        var chosen = loops.startIndex
        for (index, loop) in loops.enumerated() {
            let count = loop.counters.open.load(ordering: .relaxed)
            open &+= count
            if count < fewest {
                fewest = count
                chosen = index
            }
        }
        guard open < connectionsMax else { return refuse(Descriptor(raw)) }
        shared.accepted.add(1, ordering: .relaxed)
        loops[chosen].counters.open.add(1, ordering: .relaxed)
        loops[chosen].mailbox.post(.connection(raw))
    }

    /// Answers 503 without reading a request. What the client has sent by now is read and dropped,
    /// so that closing does not reset the connection under the answer.
    private func refuse(_ connection: consuming Descriptor) {
        shared.refused.add(1, ordering: .relaxed)
        _ = unsafe refusal.withUnsafeBytes { unsafe Socket.send(connection.raw, $0) }
        Socket.shutdownSending(connection.raw)
        _ = unsafe withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) {
            unsafe Socket.receive(connection.raw, $0)
        }
    }

    /// Takes a connection with the spare descriptor and closes it.
    ///
    /// - Returns: whether another connection may wait. The kernel looks for a free descriptor
    ///   before it looks for a connection, so that there may be none.
    private func dropOne() -> Bool {
        spare = Descriptor(-1)
        let raw = Socket.accept(listener.raw)
        let isNoneLeft = raw < 0 && errno == EAGAIN
        if raw >= 0 {
            shared.refused.add(1, ordering: .relaxed)
            _ = Descriptor(raw)
        }
        spare = Acceptor.openSpare()
        if spare.raw < 0 { pause() }
        return !isNoneLeft
    }

    private func pause() {
        wait(for: [shared.stop.raw], timeoutMilliseconds: Acceptor.pauseMilliseconds)
    }

    private static func openSpare() -> Descriptor {
        Descriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC))
    }

    private func wait(for descriptors: [Int32], timeoutMilliseconds: Int32) {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = unsafe poll(&entries, nfds_t(entries.count), timeoutMilliseconds)
    }
}
