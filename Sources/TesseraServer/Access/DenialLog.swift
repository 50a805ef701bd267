import Bytes
import Dispatch
import Engine
import HTTP
import Synchronization

/// One access that was denied, as operators are told of it: never with a value of a row.
struct DenialEntry: Equatable, Sendable {
    /// What metrics count.
    enum Kind: Int, CaseIterable, Sendable {
        case unauthenticated, rateLimited, forbidden, introspection, untrusted

        var label: String {
            switch self {
            case .unauthenticated: "unauthenticated"
            case .rateLimited: "rate_limited"
            case .forbidden: "forbidden"
            case .introspection: "introspection"
            case .untrusted: "untrusted"
            }
        }
    }

    let status: Int
    let kind: Kind
    let reason: String
    /// What the credential calls its bearer; nil when there is none, or it could not be believed.
    let subject: String?
    let role: String?
    /// The operation's name, and the coordinate of the field that it may not have.
    var operation: String?
    var place: String?
    let path: String
    let requestID: String?
    let remoteAddress: String?

    /// Whether it is about somebody whose credential is good.
    fileprivate var isOfKnownCaller: Bool {
        guard let role else { return false }
        return !isSame(role, AccessModel.anonymous)
    }
}

/// What is known of a request before it is answered, for a line on what it was denied.
struct RequestOrigin: Sendable {
    let viewer: Viewer
    /// What logs call it.
    let requestID: String?
    let route: UInt8
    /// Where it came from; not looked up for who is denied nothing.
    let remoteAddress: RemoteAddress?

    init(_ viewer: Viewer, requestID: String?, _ exchange: Exchange) {
        self.viewer = viewer
        self.requestID = requestID
        route = exchange.route
        remoteAddress = viewer == .unrestricted ? nil : exchange.remoteAddress
    }
}

/// Writes a line of JSON for each access that was denied, unless there are too many of them, and
/// counts them all. Strangers who are turned away do not use up the lines on those who are known.
final class DenialLog: Sendable {
    /// Reason: a person or a program can follow so many; a flood would fill the disk.
    static let rate = Rate(unitsPerSecond: 10, burst: 100)

    private struct Flow: Sendable {
        var bucket: TokenBucket
        var suppressedCount = 0

        mutating func takeSuppressedCount() -> Int {
            defer { suppressedCount = 0 }
            return suppressedCount
        }
    }

    private struct State: Sendable {
        var strangers: Flow
        var knownCallers: Flow
        var counts = [UInt64](repeating: 0, count: DenialEntry.Kind.allCases.count)
    }

    private let state: Mutex<State>
    private let clock: @Sendable () -> Int64
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - clock: milliseconds since 1970-01-01T00:00:00Z.
    ///   - write: takes a whole line; must not block.
    init(
        now: UInt64 = 0, clock: @escaping @Sendable () -> Int64 = { Instant.now },
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        let flow = Flow(bucket: TokenBucket(DenialLog.rate, now: now))
        state = Mutex(State(strangers: flow, knownCallers: flow))
        self.clock = clock
        self.write = write
    }

    /// How many there were since the start, by ``DenialEntry/Kind``.
    var counts: [UInt64] { state.withLock { $0.counts } }

    /// Writes a line, or counts it for the next that is written.
    ///
    /// - Parameter now: nanoseconds of a clock that does not go back.
    func put(_ entry: DenialEntry, now: UInt64) {
        let flow: WritableKeyPath<State, Flow> & Sendable =
            entry.isOfKnownCaller ? \.knownCallers : \.strangers
        let suppressedCount: Int? = state.withLock { state in
            state.counts[entry.kind.rawValue] &+= 1
            guard state[keyPath: flow].bucket.take(1, DenialLog.rate, now: now) == nil else {
                state[keyPath: flow].suppressedCount &+= 1
                return nil
            }
            return state[keyPath: flow].takeSuppressedCount()
        }
        guard let suppressedCount else { return }
        write(line(entry, suppressedCount))
    }

    /// Writes down what an operation was denied.
    func put(_ denials: [AccessDenial], _ status: HTTPStatus, _ origin: RequestOrigin) {
        for denial in denials {
            put(DenialEntry(denial, status, origin), now: monotonicNanoseconds())
        }
    }

    /// Says how many lines were left out since the last, if no line is to follow that would.
    func flush() {
        let count = state.withLock { state in
            state.strangers.takeSuppressedCount() + state.knownCallers.takeSuppressedCount()
        }
        guard count > 0 else { return }
        let line = ByteBuffer(capacity: 128)
        begin(line)
        line.append(",\"suppressed\":\(count)}\n")
        write(line.bytes)
    }

    private func begin(_ line: ByteBuffer) {
        line.append("{\"ts\":\"")
        line.appendDateTime(clock())
        line.append("\",\"level\":\"warn\",\"msg\":\"denied\"")
    }

    private func line(_ entry: DenialEntry, _ suppressedCount: Int) -> [UInt8] {
        let line = ByteBuffer(capacity: 512)
        begin(line)
        func member(_ name: String, _ value: String?) {
            guard let value else { return }
            line.append(",\"\(name)\":")
            line.appendJSONString(value)
        }
        member("requestId", entry.requestID)
        line.append(",\"status\":\(entry.status)")
        member("kind", entry.kind.label)
        member("reason", entry.reason)
        member("subject", entry.subject)
        member("role", entry.role)
        member("op", entry.operation)
        member("place", entry.place)
        member("path", entry.path)
        member("remote", entry.remoteAddress)
        if suppressedCount > 0 { line.append(",\"suppressed\":\(suppressedCount)") }
        line.append("}\n")
        return line.bytes
    }
}

extension DenialEntry {
    fileprivate init(_ denial: AccessDenial, _ status: HTTPStatus, _ origin: RequestOrigin) {
        let viewer = origin.viewer
        self.init(
            status: Int(status.rawValue), kind: Kind(denial.reason), reason: denial.message,
            subject: viewer.name.isEmpty ? nil : viewer.name,
            role: denial.role.isEmpty ? viewer.role : denial.role, operation: denial.operation,
            place: denial.place, path: Route.label(origin.route), requestID: origin.requestID,
            remoteAddress: origin.remoteAddress?.text)
    }
}

extension DenialEntry.Kind {
    fileprivate init(_ reason: AccessDenial.Reason) {
        self =
            switch reason {
            case .forbidden: .forbidden
            case .introspection: .introspection
            case .untrusted: .untrusted
            }
    }
}
