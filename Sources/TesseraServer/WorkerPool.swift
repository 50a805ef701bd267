import Bytes
import Dispatch
import Engine
import HTTP
import Synchronization

/// Runs the operations that are too dear for an event loop, on a few threads of their own.
///
/// Each worker owns a session. The queue is bounded: what does not fit is turned away with 503, so
/// that a burst of reports costs memory for so many requests and no more. A job whose client has
/// gone is not begun.
final class WorkerPool: Sendable {
    /// One request, copied out of its connection.
    struct Job: Sendable {
        enum Payload: Sendable {
            /// The JSON body of a POST.
            case body([UInt8])
            /// The query string of a GET.
            case parameters(QueryParameters)
        }

        let payload: Payload
        let origin: RequestOrigin
        let readOnly: Bool
        let costReport: CostReport
        let mediaType: MediaType
        let deferral: Deferral
        /// When it came, by `monotonicNanoseconds()`.
        let start: UInt64
    }

    /// Requests that may wait. Reason: at some 10 ms each, the last waits a few seconds.
    static let jobsWaitingMaxDefault = 512

    /// The jobs that wait, oldest first, in a ring.
    private struct Queue {
        private var ring: [Job?]
        private var first = 0
        private var count = 0
        var isStopped = false

        init(countMax: Int) {
            ring = Array(repeating: nil, count: countMax)
        }

        mutating func put(_ job: Job) -> Bool {
            guard !isStopped, count < ring.count else { return false }
            ring[(first + count) % ring.count] = job
            count += 1
            return true
        }

        mutating func take() -> Job? {
            guard count > 0 else { return nil }
            let job = ring[first]
            ring[first] = nil
            first = (first + 1) % ring.count
            count -= 1
            return job
        }

        mutating func stop() -> [Job] {
            isStopped = true
            var dropped: [Job] = []
            while let job = take() { dropped.append(job) }
            return dropped
        }
    }

    private let queue: Mutex<Queue>
    private let signal = DispatchSemaphore(value: 0)
    private let context: EngineContext
    private let rules: StatusRules
    private let observer: Observer
    private let threadCount: Int

    /// - Parameters:
    ///   - threadCount: operations that can run at the same time.
    ///   - jobsWaitingMax: more are turned away.
    init(
        context: EngineContext, rules: StatusRules, threadCount: Int,
        jobsWaitingMax: Int = jobsWaitingMaxDefault, observer: Observer = Observer()
    ) {
        self.observer = observer
        self.context = context
        self.rules = rules
        self.threadCount = threadCount
        queue = Mutex(Queue(countMax: jobsWaitingMax))
    }

    /// Starts the workers. Jobs that were submitted before are taken then.
    func start() throws(SystemThread.Refusal) {
        for _ in 0..<threadCount { try SystemThread.start { [self] in work() } }
    }

    /// False when too many are waiting.
    func submit(_ job: Job) -> Bool {
        guard queue.withLock({ $0.put(job) }) else { return false }
        signal.signal()
        return true
    }

    /// Ends the workers once their present jobs are done. Jobs that still wait are dropped, which
    /// answers them with 500.
    func stop() {
        // They go outside the lock, because that calls into their connections' loops.
        _ = queue.withLock { $0.stop() }
        for _ in 0..<threadCount { signal.signal() }
    }

    private func work() {
        guard let session = Session(context: context) else {
            preconditionFailure("there are more workers than the store has readers")
        }
        let recorder = observer.makeRecorder()
        let output = ByteBuffer(capacity: 1 << 16)
        while true {
            signal.wait()
            let (job, isStopped) = queue.withLock { ($0.take(), $0.isStopped) }
            if isStopped { return }
            guard let job, !job.deferral.isCancelled else { continue }
            output.removeAll(keepingAtMost: 1 << 20)
            let status = run(job, session, recorder, output)
            // The session keeps hold of its output, so what is sent is a copy.
            let body = ByteBuffer(capacity: output.count)
            body.append(output.bytes)
            job.deferral.complete(
                status: status, contentType: job.mediaType.contentType, body: body)
        }
    }

    private func run(
        _ job: Job, _ session: Session, _ recorder: OperationRecorder, _ output: ByteBuffer
    ) -> HTTPStatus {
        let status: Result<HTTPStatus, RequestProblem> =
            switch job.payload {
            case .body(let bytes):
                GraphQLRequest.withBody(bytes) { execute($0, job, session, recorder, output) }
            case .parameters(let parameters):
                GraphQLRequest.withParameters(parameters) {
                    execute($0, job, session, recorder, output)
                }
            }
        // The event loop has read the same request before.
        return (try? status.get()) ?? .internalServerError
    }

    private func execute(
        _ request: GraphQLRequest, _ job: Job, _ session: Session, _ recorder: OperationRecorder,
        _ output: ByteBuffer
    ) -> HTTPStatus {
        let outcome = session.execute(
            request, viewer: job.origin.viewer, readOnly: job.readOnly, effort: .full,
            costReport: job.costReport, into: output)
        let status = rules.status(
            outcome, hasFieldErrors: session.hasFieldErrors, job.mediaType)
        let note = observer.note(session, outcome, since: job.start)
        let nanoseconds = monotonicNanoseconds() &- job.start
        recorder.count(note, nanoseconds: nanoseconds)
        observer.denials?.put(note.report.denials, status, job.origin)
        observer.slowLog?.write(
            note, nanoseconds: nanoseconds, status: status, requestID: job.origin.requestID,
            request)
        return status
    }
}

extension GraphQLRequest {
    /// Calls `answer` with the request that the body of a POST is.
    static func withBody<Answer>(_ body: [UInt8], _ answer: (GraphQLRequest) -> Answer)
        -> Result<Answer, RequestProblem>
    {
        unsafe body.withUnsafeBytes { bytes in
            Result { () throws(RequestProblem) in
                answer(try unsafe GraphQLRequest(jsonBody: bytes))
            }
        }
    }

    /// Calls `answer` with the request that the parameters of a GET make.
    static func withParameters<Answer>(
        _ parameters: QueryParameters, _ answer: (GraphQLRequest) -> Answer
    ) -> Result<Answer, RequestProblem> {
        unsafe parameters.query.withUnsafeBytes { document in
            unsafe (parameters.variables ?? []).withUnsafeBytes { given in
                unsafe (parameters.extensions ?? []).withUnsafeBytes { extensions in
                    Result { () throws(RequestProblem) in
                        let request = try unsafe GraphQLRequest(
                            document: document, operationName: parameters.operationName,
                            variables: parameters.variables == nil ? nil : given,
                            extensions: parameters.extensions == nil ? nil : extensions,
                            documentID: parameters.documentID)
                        if unsafe document.isEmpty, !request.namesDocument { throw .query }
                        return answer(request)
                    }
                }
            }
        }
    }
}
