import Dispatch
import Synchronization

/// Writes lines where operators read them, on a thread of its own: a full pipe holds up nobody who
/// answers.
final class LogSink: Sendable {
    /// Lines that may wait. Reason: at some 500 bytes each they take half a megabyte; what does not
    /// fit is dropped, and the next line that fits says how many were.
    private static let linesWaitingMax = 1024

    private let queue = DispatchQueue(label: "tessera-log")
    private let waiting = Atomic(0)
    private let dropped = Atomic(0)
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes whole lines, one call after the other.
    init(_ write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// Puts lines into the queue.
    func put(_ lines: [UInt8]) {
        guard waiting.add(1, ordering: .relaxed).newValue <= LogSink.linesWaitingMax else {
            waiting.subtract(1, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
            return
        }
        queue.async { [self] in
            let lost = dropped.exchange(0, ordering: .relaxed)
            if lost > 0 { write(Array("\(lost) lines of the log were dropped\n".utf8)) }
            write(lines)
            waiting.subtract(1, ordering: .relaxed)
        }
    }

    /// Returns when everything put before is written.
    func flush() { queue.sync {} }
}
