import Bytes
import Dispatch
import Engine
import HTTP
import Synchronization

/// Runs the operations that are too dear for an event loop, on a few threads of their own.
///
/// Half of them take what may soon be done. An operation that is not is given up there and begun
/// anew by the other half, so that a report of a second waits for others of its kind, and a page of
/// some thousand rows does not.
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

        /// Whether its values take megabytes while it is executed.
        var isLarge: Bool {
            guard case .body(let bytes) = payload else { return false }
            return bytes.count > Job.bodyBytesSmall
        }

        /// Bytes of a body whose values are no burden. Reason: they take some twenty times as many.
        private static let bodyBytesSmall = 256 << 10
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

    /// Jobs of one kind, and the threads that wait for them.
    private final class Lane: Sendable {
        let effort: Session.Effort
        let niceness: Int32
        private let queue: Mutex<Queue>
        private let signal = DispatchSemaphore(value: 0)

        init(_ effort: Session.Effort, niceness: Int32, jobsWaitingMax: Int) {
            self.effort = effort
            self.niceness = niceness
            queue = Mutex(Queue(countMax: jobsWaitingMax))
        }

        /// False when too many are waiting.
        func put(_ job: Job) -> Bool {
            guard queue.withLock({ $0.put(job) }) else { return false }
            signal.signal()
            return true
        }

        /// Waits for a job; nil for one that somebody else has taken.
        func take() -> (job: Job?, isStopped: Bool) {
            signal.wait()
            return queue.withLock { ($0.take(), $0.isStopped) }
        }

        func stop(threadCount: Int) {
            // They go outside the lock, because that calls into their connections' loops.
            _ = queue.withLock { $0.stop() }
            for _ in 0..<threadCount { signal.signal() }
        }
    }

    /// For jobs that may soon be done.
    private let brief: Lane
    /// For those that have turned out not to be.
    private let long: Lane
    private let context: EngineContext
    private let rules: StatusRules
    private let observer: Observer
    private let threadCount: Int

    /// How much threads stand back whose clients wait for long in any case.
    private static let niceness: Int32 = 5

    /// - Parameters:
    ///   - threadCount: operations of each kind that can run at the same time.
    ///   - jobsWaitingMax: more of each kind are turned away.
    init(
        context: EngineContext, rules: StatusRules, threadCount: Int,
        jobsWaitingMax: Int = jobsWaitingMaxDefault, observer: Observer = Observer()
    ) {
        self.observer = observer
        self.context = context
        self.rules = rules
        self.threadCount = threadCount
        brief = Lane(.brief, niceness: 0, jobsWaitingMax: jobsWaitingMax)
        long = Lane(.full, niceness: Self.niceness, jobsWaitingMax: jobsWaitingMax)
    }

    /// Starts the workers. Jobs that were submitted before are taken then.
    func start() throws(SystemThread.Refusal) {
        for lane in [brief, long] {
            for _ in 0..<threadCount {
                try SystemThread.start(niceness: lane.niceness) { [self] in work(lane) }
            }
        }
    }

    /// False when too many are waiting.
    func submit(_ job: Job) -> Bool { (job.isLarge ? long : brief).put(job) }

    /// Ends the workers once their present jobs are done. Jobs that still wait are dropped, which
    /// answers them with 500.
    func stop() {
        for lane in [brief, long] { lane.stop(threadCount: threadCount) }
    }

    private func work(_ lane: Lane) {
        guard let session = Session(context: context) else {
            preconditionFailure("there are more workers than the store has readers")
        }
        let recorder = observer.makeRecorder()
        let output = ByteBuffer(capacity: Self.outputByteCount)
        while true {
            let (job, isStopped) = lane.take()
            if isStopped { return }
            guard let job, !job.deferral.isCancelled else { continue }
            guard let status = run(job, lane.effort, session, recorder, output) else {
                output.removeAll(keepingAtMost: Self.outputByteCount)
                if !long.put(job) { GraphQLEndpoint.turnAway(job, observer) }
                continue
            }
            if job.isLarge { session.forgetValues() }
            // The session keeps hold of its output, so what is sent is another, with its memory.
            let answer = ByteBuffer(capacity: Self.outputByteCount)
            answer.exchange(with: output)
            // Safe: nobody else refers to it, and this is its last use here.
            nonisolated(unsafe) let body = answer
            job.deferral.complete(
                status: status, contentType: job.mediaType.contentType, body: unsafe body)
        }
    }

    private static let outputByteCount = 1 << 14

    /// Nil when the job is for the other lane.
    private func run(
        _ job: Job, _ effort: Session.Effort, _ session: Session, _ recorder: OperationRecorder,
        _ output: ByteBuffer
    ) -> HTTPStatus? {
        let status: Result<HTTPStatus?, RequestProblem> =
            switch job.payload {
            case .body(let bytes):
                GraphQLRequest.withBody(bytes) {
                    execute($0, job, effort, session, recorder, output)
                }
            case .parameters(let parameters):
                GraphQLRequest.withParameters(parameters) {
                    execute($0, job, effort, session, recorder, output)
                }
            }
        switch status {
        case .success(let status): return status
        // The event loop has read the same request before.
        case .failure: return .internalServerError
        }
    }

    private func execute(
        _ request: GraphQLRequest, _ job: Job, _ effort: Session.Effort, _ session: Session,
        _ recorder: OperationRecorder, _ output: ByteBuffer
    ) -> HTTPStatus? {
        let outcome = session.execute(
            request, viewer: job.origin.viewer, readOnly: job.readOnly, effort: effort,
            costReport: job.costReport,
            waited: .nanoseconds(Int64(clamping: monotonicNanoseconds() &- job.start)), into: output
        )
        if outcome == .overBudget { return nil }
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
