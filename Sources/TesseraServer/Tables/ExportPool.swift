import Bytes
import Dispatch
import Engine
import Glibc
import HTTP
import Synchronization

/// Writes tables on a few threads of their own, so that neither event loops nor the workers of
/// queries wait for them, however long they take.
///
/// The number of tables that are written at the same time is small, because each keeps a version of
/// the store from being given back and one processor busy. A few more wait; the others are turned
/// away with 503. A job whose client has gone is not begun.
final class ExportPool: Sendable {
    /// One table that somebody asked for.
    struct Job: Sendable {
        /// The request, copied out of its connection.
        let payload: WorkerPool.Job.Payload
        let origin: RequestOrigin
        let type: TableType
        let explode: String?
        let excel: Bool
        /// Without its ending; letters, digits, `_` and `-`.
        let fileName: [UInt8]
        let deferral: Deferral
        /// Takes the rows that were looked at out of what the bearer may ask for; nil when that is
        /// not limited.
        let charge: (@Sendable (Int) -> Void)?
        /// When it came, by `monotonicNanoseconds()`.
        let start: UInt64
    }

    /// Tables that are written at the same time. Reason: more than there are processors would only
    /// slow each other down.
    static let threadCountDefault = 4
    /// Tables that may wait. Reason: one lasts seconds; who would wait for minutes asks again.
    static let jobsWaitingMaxDefault = 8
    /// How much the threads stand back. Reason: who looks up one row waits for it; who fetches a table
    /// gets it as fast when nothing else is to be done.
    private static let niceness: Int32 = 5
    /// Time that one table may take.
    static let timeoutDefault = Duration.seconds(600)

    private struct Queue {
        var jobs: [Job] = []
        var isStopped = false
    }

    private let queue = Mutex(Queue())
    private let signal = DispatchSemaphore(value: 0)
    private let context: EngineContext
    private let rules: StatusRules
    private let threadCount: Int
    private let jobsWaitingMax: Int
    private let timeout: Duration
    private let observer: Observer

    init(
        context: EngineContext, rules: StatusRules, threadCount: Int = threadCountDefault,
        jobsWaitingMax: Int = jobsWaitingMaxDefault, timeout: Duration = timeoutDefault,
        observer: Observer
    ) {
        self.context = context
        self.rules = rules
        self.threadCount = threadCount
        self.jobsWaitingMax = jobsWaitingMax
        self.timeout = timeout
        self.observer = observer
    }

    /// Starts the threads. Jobs that were submitted before are taken then.
    func start() throws(SystemThread.Refusal) {
        for _ in 0..<threadCount { try SystemThread.start { [self] in work() } }
    }

    /// False when too many are waiting.
    func submit(_ job: Job) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isStopped, queue.jobs.count < jobsWaitingMax else { return false }
            queue.jobs.append(job)
            return true
        }
        if isTaken { signal.signal() }
        return isTaken
    }

    /// Ends the threads once their present tables are done or broken off. Jobs that still wait are
    /// dropped, which answers them with 500.
    func stop() {
        // They go outside the lock, because that calls into their connections' loops.
        let dropped = queue.withLock { queue in
            queue.isStopped = true
            defer { queue.jobs = [] }
            return queue.jobs
        }
        _ = consume dropped
        for _ in 0..<threadCount { signal.signal() }
    }

    private func work() {
        // Of this thread alone, on Linux.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        guard let session = TabularSession(context: context) else {
            preconditionFailure("there are more exports than the store has readers")
        }
        while true {
            signal.wait()
            let (job, isStopped) = queue.withLock { queue in
                (queue.jobs.isEmpty ? nil : queue.jobs.removeFirst(), queue.isStopped)
            }
            if isStopped { return }
            guard let job, !job.deferral.isCancelled else { continue }
            let run: Result<Void, RequestProblem> =
                switch job.payload {
                case .body(let bytes):
                    GraphQLRequest.withBody(bytes) { export($0, job, session) }
                case .parameters(let parameters):
                    GraphQLRequest.withParameters(parameters) { export($0, job, session) }
                }
            // The event loop has read the same request before; a job without an answer gets a 500.
            _ = run
        }
    }

    private func export(_ request: GraphQLRequest, _ job: Job, _ session: TabularSession) {
        let options = TabularOptions(
            format: job.type.format, explode: job.explode, excel: job.excel)
        let errors = ByteBuffer(capacity: 512)
        switch session.open(
            request, options, viewer: job.origin.viewer, deadline: timeout, errors: errors)
        {
        case .failure(let error):
            let status = rules.status(ofTable: error)
            note(session, .requestError(error), status, job, request)
            complete(job, status, body: errors)
        case .success(let run):
            write(run, job, session) { note(session, .data, .ok, job, request) }
        }
    }

    /// Logs what was denied, and a table that took long. Before the answer ends: who has it may look.
    private func note(
        _ session: TabularSession, _ outcome: Session.Outcome, _ status: HTTPStatus, _ job: Job,
        _ request: GraphQLRequest
    ) {
        observer.denials?.put(session.denials, status, job.origin)
        guard let slowLog = observer.slowLog else { return }
        let nanoseconds = monotonicNanoseconds() &- job.start
        slowLog.write(
            observer.note(session, outcome, since: job.start), nanoseconds: nanoseconds,
            status: status, requestID: job.origin.requestID, request)
    }

    /// - Parameter note: called when all but the end of the answer is written.
    private func write(
        _ run: TabularRun, _ job: Job, _ session: TabularSession, note: () -> Void
    ) {
        var begun: ResponseStream?
        func stream() -> ResponseStream {
            if let begun { return begun }
            let headers = ByteBuffer(capacity: 64)
            headers.append("Tessera-Version-Seq: ")
            headers.appendInteger(Int(truncatingIfNeeded: run.sequence))
            headers.append("\r\n")
            if job.type.isDownload {
                headers.append("Content-Disposition: attachment; filename=\"")
                headers.append(job.fileName.isEmpty ? Array("export".utf8) : job.fileName)
                headers.append(".csv\"\r\n")
            }
            let stream = job.deferral.stream(
                status: .ok, contentType: job.type.contentType, headers: headers)
            begun = stream
            return stream
        }
        let end = run.run { stream().send($0) }
        job.charge?(session.report.rowsVisited)
        note()
        switch end {
        case .finished(let rows):
            observer.exports.add(rows: rows, format: job.type.label)
            stream().finish()
        case .failed(let message, let rows):
            observer.exports.add(rows: rows, format: job.type.label)
            if let begun {
                // Lines of JSON say themselves what is missing, in the last of them.
                if job.type.format == .ndjson {
                    begun.finish(isComplete: false)
                } else {
                    begun.fail()
                }
            } else {
                let body = ByteBuffer(capacity: 256)
                GraphQLEndpoint.appendError(.internalServerError, message, hint: nil, to: body)
                complete(job, .internalServerError, body: body)
            }
        case .cancelled: begun?.fail()
        }
    }

    private func complete(_ job: Job, _ status: HTTPStatus, body: ByteBuffer) {
        // Safe: this is the last use of it here.
        nonisolated(unsafe) let body = body
        job.deferral.complete(
            status: status, contentType: MediaType.json.contentType, body: unsafe body)
    }
}
