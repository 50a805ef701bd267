import Bytes
import Dispatch
import Synchronization

/// One request that was turned away, as operators are told of it.
struct DenialEntry: Equatable, Sendable {
    let status: Int
    let reason: String
    /// What the credential calls its bearer; nil when there is none, or it could not be believed.
    let subject: String?
    let role: String?
    let path: String
    let requestID: String?
    let remoteAddress: String?
}

/// Writes a line of JSON for each request that was turned away, unless there are too many of them.
final class DenialLog: Sendable {
    /// Reason: a person or a program can follow so many; a flood would fill the disk.
    static let rate = Rate(unitsPerSecond: 10, burst: 100)

    private struct Flow: Sendable {
        var bucket: TokenBucket
        var suppressedCount = 0
    }

    private let flow: Mutex<Flow>
    private let clock: @Sendable () -> Int64
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - clock: milliseconds since 1970-01-01T00:00:00Z.
    ///   - write: takes a whole line; must not block.
    init(
        now: UInt64 = 0, clock: @escaping @Sendable () -> Int64 = { Instant.now },
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        flow = Mutex(Flow(bucket: TokenBucket(DenialLog.rate, now: now)))
        self.clock = clock
        self.write = write
    }

    /// Writes a line, or counts it for the next that is written.
    ///
    /// - Parameter now: nanoseconds of a clock that does not go back.
    func put(_ entry: DenialEntry, now: UInt64) {
        let suppressedCount: Int? = flow.withLock { flow in
            guard flow.bucket.take(1, DenialLog.rate, now: now) == nil else {
                flow.suppressedCount &+= 1
                return nil
            }
            defer { flow.suppressedCount = 0 }
            return flow.suppressedCount
        }
        guard let suppressedCount else { return }
        write(line(entry, suppressedCount))
    }

    private func line(_ entry: DenialEntry, _ suppressedCount: Int) -> [UInt8] {
        let line = ByteBuffer(capacity: 512)
        line.append("{\"ts\":\"")
        line.appendDateTime(clock())
        line.append("\",\"level\":\"warn\",\"msg\":\"denied\"")
        func member(_ name: String, _ value: String?) {
            guard let value else { return }
            line.append(",\"\(name)\":")
            line.appendJSONString(value)
        }
        member("requestId", entry.requestID)
        line.append(",\"status\":\(entry.status)")
        member("reason", entry.reason)
        member("subject", entry.subject)
        member("role", entry.role)
        member("path", entry.path)
        member("remote", entry.remoteAddress)
        if suppressedCount > 0 { line.append(",\"suppressed\":\(suppressedCount)") }
        line.append("}\n")
        return line.bytes
    }
}
