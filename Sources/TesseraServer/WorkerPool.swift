import Bytes
import Dispatch
import Engine
import HTTP
import Synchronization

/// Runs the operations that are too dear for an event loop, on a few threads of their own.
///
/// Each worker owns a session. The queue is bounded: what does not fit is turned away with 503, so
/// that a burst of reports costs memory for so many requests and no more.
final class WorkerPool: Sendable {
    /// One request, copied out of its connection.
    struct Job: Sendable {
        enum Payload: Sendable {
            /// The JSON body of a POST.
            case body([UInt8])
            case parameters(document: [UInt8], operationName: [UInt8]?, variables: [UInt8]?)
        }

        let payload: Payload
        let readOnly: Bool
        let mediaType: MediaType
        let deferral: Deferral
    }

    /// Requests that may wait. Reason: at some 10 ms each, the last waits a few seconds.
    static let jobsWaitingMax = 512

    private struct State {
        var jobs: [Job] = []
        /// The first job that is still to be taken; what lies before it is done.
        var next = 0
        var isStopped = false

        var waiting: Int { jobs.count - next }

        mutating func take() -> Job? {
            guard next < jobs.count else { return nil }
            let job = jobs[next]
            next += 1
            if next == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                next = 0
            }
            return job
        }
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let threads: Int

    /// - Parameter threads: operations that can run at the same time.
    init(context: EngineContext, threads: Int) {
        self.threads = threads
        for number in 0..<threads {
            let thread = DispatchQueue(label: "tessera.worker.\(number)", qos: .utility)
            thread.async { [self] in work(context) }
        }
    }

    /// False when too many are waiting.
    func submit(_ job: Job) -> Bool {
        let isTaken = state.withLock { state in
            if state.isStopped || state.waiting >= Self.jobsWaitingMax { return false }
            state.jobs.append(job)
            return true
        }
        if isTaken { signal.signal() }
        return isTaken
    }

    /// Ends the workers once their present jobs are done. Jobs that still wait are dropped.
    func stop() {
        state.withLock { $0.isStopped = true }
        for _ in 0..<threads { signal.signal() }
    }

    private func work(_ context: EngineContext) {
        guard let session = Session(context: context) else { return }
        let output = ByteBuffer(capacity: 1 << 16)
        while true {
            signal.wait()
            let (job, isStopped) = state.withLock { ($0.take(), $0.isStopped) }
            if isStopped { return }
            guard let job, !job.deferral.isCancelled else { continue }
            output.removeAll(keepingAtMost: 1 << 20)
            let status = run(job, session, output)
            // The session keeps hold of its output, so what is sent is a copy.
            let body = ByteBuffer(capacity: output.count)
            body.append(output.bytes)
            job.deferral.complete(
                status: status, contentType: job.mediaType.contentType, body: body)
        }
    }

    private func run(_ job: Job, _ session: Session, _ output: ByteBuffer) -> HTTPStatus {
        let status: Result<HTTPStatus, RequestProblem> =
            switch job.payload {
            case .body(let bytes):
                GraphQLRequest.withBody(bytes) { execute($0, job, session, output) }
            case .parameters(let document, let name, let variables):
                GraphQLRequest.withParameters(document, name, variables) {
                    execute($0, job, session, output)
                }
            }
        // The event loop has read the same request before.
        return (try? status.get()) ?? .internalServerError
    }

    private func execute(
        _ request: GraphQLRequest, _ job: Job, _ session: Session, _ output: ByteBuffer
    ) -> HTTPStatus {
        session.execute(request, readOnly: job.readOnly, effort: .full, into: output)
            .status(job.mediaType)
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
        _ document: [UInt8], _ name: [UInt8]?, _ variables: [UInt8]?,
        _ answer: (GraphQLRequest) -> Answer
    ) -> Result<Answer, RequestProblem> {
        let name = name.map { String(decoding: $0, as: UTF8.self) }
        return unsafe document.withUnsafeBytes { document in
            unsafe (variables ?? []).withUnsafeBytes { given in
                Result { () throws(RequestProblem) in
                    answer(
                        try unsafe GraphQLRequest(
                            document: document, operationName: name,
                            variables: variables == nil ? nil : given))
                }
            }
        }
    }
}

extension Session.Outcome {
    /// The status of an answer. A well-formed request that asks for `application/json` always gets
    /// 200, because older clients read the body only then.
    ///
    /// Source: GraphQL over HTTP, §6.4.
    func status(_ mediaType: MediaType) -> HTTPStatus {
        switch self {
        case .data, .overBudget: .ok
        case .requestError(.notAllowed): .methodNotAllowed
        case .requestError(.timeout): mediaType == .json ? .ok : .serviceUnavailable
        case .requestError: mediaType == .json ? .ok : .badRequest
        }
    }
}
