import Bytes
import Engine
import GraphQLLanguage
import HTTP

/// What a server notes of its operations: counts for its metrics, and the slow ones for its log.
///
/// Every thread that answers has an ``OperationRecorder`` of its own, so that noting costs no lock.
final class Observer: Sendable {
    /// Nil when no operation is slow.
    let slowLog: SlowLog?
    let exports = ExportCounters()
    /// Nil when nobody is told of what was denied.
    let denials: DenialLog?
    private let blocks: Guarded<[CounterBlock]>
    private let shared: Guarded<SharedRecorder>

    init(slowLog: SlowLog? = nil, denials: DenialLog? = nil) {
        self.slowLog = slowLog
        self.denials = denials
        let block = CounterBlock(count: OperationCells.count)
        blocks = Guarded([block])
        shared = Guarded(SharedRecorder(recorder: OperationRecorder(block)))
    }

    // Safe: the recorder is only used while the lock is held.
    private struct SharedRecorder: @unchecked Sendable {
        let recorder: OperationRecorder
    }

    /// A recorder for one thread.
    func makeRecorder() -> OperationRecorder {
        let block = CounterBlock(count: OperationCells.count)
        blocks.withLock { $0.append(block) }
        return OperationRecorder(block)
    }

    /// Notes something from any thread, for which the others wait.
    func record(_ body: (OperationRecorder) -> Void) {
        shared.withLock { body($0.recorder) }
    }

    /// Takes from a session what it has to tell of the operation just run.
    ///
    /// - Parameter start: when the request came, by `monotonicNanoseconds()`.
    func note(
        _ session: some ReportingSession, _ outcome: Session.Outcome, since start: UInt64
    ) -> OperationNote {
        var note = OperationNote(report: session.report)
        switch outcome {
        case .data:
            note.hasData = true
            if session.hasFieldErrors { note.errorCodes = session.fieldErrorCodes }
        default:
            if let code = note.report.requestErrorCode { note.errorCodes = [code] }
        }
        if let slowLog {
            note.document = session.documentText
            let elapsed = note.report.start &+ note.report.total &- start
            if elapsed >= slowLog.thresholdNanoseconds { note.lists = session.listReports }
        }
        return note
    }

    /// The counters of all threads together; see ``OperationCells``.
    var cells: [UInt64] {
        var sum = [UInt64](repeating: 0, count: OperationCells.count)
        blocks.withLock { blocks in
            for block in blocks { block.add(to: &sum) }
        }
        return sum
    }
}

/// The sessions of an event loop, a worker and the writer, as far as they tell what they did.
protocol ReportingSession: AnyObject {
    var report: OperationReport { get }
    var listReports: [ListReport] { get }
    var documentText: [UInt8]? { get }
    var hasFieldErrors: Bool { get }
    var fieldErrorCodes: [String] { get }
}

extension Session: ReportingSession {}
extension MutationSession: ReportingSession {}
extension TabularSession: ReportingSession {}

/// What is known of an operation once it has run, and before its answer leaves.
struct OperationNote: Sendable {
    var report = OperationReport()
    var hasData = false
    var errorCodes: [String] = []
    /// Filled when there is a log, and the operation is slow already.
    var document: [UInt8]?
    var lists: [ListReport] = []
}

/// Notes the operations of one thread.
final class OperationRecorder {
    private let block: CounterBlock

    fileprivate init(_ block: CounterBlock) {
        self.block = block
    }

    /// Counts an operation whose answer leaves now.
    ///
    /// - Parameter nanoseconds: since the request came.
    func count(_ note: OperationNote, nanoseconds: UInt64) {
        let type = OperationCells.place(of: note.report.type)
        let outcome = !note.hasData ? 2 : note.errorCodes.isEmpty ? 0 : 1
        block.raise(OperationCells.request(type, outcome))
        block.observe(
            nanoseconds, OperationCells.durationShape, at: OperationCells.duration(type))
        let report = note.report
        count(report.parse, phase: 0)
        count(report.validate, phase: 1)
        count(report.plan, phase: 2)
        count(report.execute, phase: 3)
        if let cost = report.cost {
            block.observe(UInt64(cost), OperationCells.costShape, at: OperationCells.cost)
        }
        for code in note.errorCodes { block.raise(OperationCells.error(code)) }
    }

    /// Counts a request that led to no operation, by the code of its error.
    func countRefusal(_ code: String) {
        block.raise(OperationCells.request(OperationCells.place(of: nil), 2))
        block.raise(OperationCells.error(code))
    }

    /// A phase that was not needed is not counted.
    private func count(_ nanoseconds: UInt64, phase: Int) {
        guard nanoseconds > 0 else { return }
        block.observe(nanoseconds, OperationCells.phaseShape, at: OperationCells.phase(phase))
    }
}

/// Where the counters of operations lie in a block.
enum OperationCells {
    static let types = ["query", "mutation", "subscription", "unknown"]
    static let outcomes = ["success", "partial", "error"]
    static let phases = ["parse", "validate", "plan", "execute"]
    /// The codes that answers have; others are counted together.
    static let codes = [
        "ANSWER_TOO_LARGE", "BAD_CURSOR", "BAD_REQUEST", "BAD_USER_INPUT", "COST_LIMIT_EXCEEDED",
        "DEPTH_LIMIT_EXCEEDED", "FORBIDDEN", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED",
        "INTERNAL_SERVER_ERROR", "OPERATION_NOT_ALLOWED", "OPERATION_RESOLUTION_FAILURE",
        "PERSISTED_QUERY_NOT_FOUND", "RATE_LIMITED", "STORAGE_FULL", "TIMEOUT", "UNAUTHENTICATED",
        "UNAVAILABLE", "other",
    ]

    /// From a millisecond on, because an operation in memory seldom takes longer.
    static let durationShape = HistogramShape(
        bounds: [
            1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
            250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 10_000_000_000,
        ])
    static let phaseShape = HistogramShape(
        bounds: [
            10_000, 25_000, 100_000, 250_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        ])

    /// Objects, by powers of ten up to the usual limit.
    static let costShape = HistogramShape(
        bounds: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000])

    private static let firstDuration = types.count * outcomes.count
    private static let firstPhase = firstDuration + types.count * durationShape.cellCount
    private static let firstError = firstPhase + phases.count * phaseShape.cellCount
    static let cost = firstError + codes.count
    static let count = cost + costShape.cellCount

    static func place(of type: OperationType?) -> Int {
        switch type {
        case .query: 0
        case .mutation: 1
        case .subscription: 2
        case nil: 3
        }
    }

    static func request(_ type: Int, _ outcome: Int) -> Int { type * outcomes.count + outcome }

    static func duration(_ type: Int) -> Int { firstDuration + type * durationShape.cellCount }

    static func phase(_ phase: Int) -> Int { firstPhase + phase * phaseShape.cellCount }

    static func error(_ code: String) -> Int {
        firstError + (codes.firstIndex(of: code) ?? codes.count - 1)
    }
}

/// Rows that exports have written, by format; from any thread.
final class ExportCounters: Sendable {
    private let rows = Guarded<[String: Int]>(["csv": 0, "ndjson": 0, "json": 0])

    /// - Parameter format: `csv`, `ndjson` or `json`.
    func add(rows count: Int, format: String) {
        rows.withLock { $0[format, default: 0] += count }
    }

    var figures: [String: Int] { rows.withLock { $0 } }
}
