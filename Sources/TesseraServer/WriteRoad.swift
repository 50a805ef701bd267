import Bytes
import Engine
import HTTP
import Store

/// Takes mutations from the event loops to the writer, and their answers back.
///
/// A mutation is copied out of its connection, run by the writer's thread, which renders the answer
/// from its draft, and answered when what it saw and did is durable. The loop is free meanwhile.
/// From loop to writer to journal to loop there are three hand-overs; under load each of them is
/// shared by all mutations of a group.
final class WriteRoad: Sendable {
    let writer: Writer
    private let memory: MemoryGuard
    private let rules: StatusRules
    private let session: WriterSession
    fileprivate let observer: Observer

    /// - Parameter memoryBytesMax: from so much memory on mutations are refused; nil for no limit.
    init(
        writer: Writer, context: EngineContext, rules: StatusRules, memoryBytesMax: Int? = nil,
        observer: Observer = Observer()
    ) {
        self.observer = observer
        self.writer = writer
        self.rules = rules
        memory = MemoryGuard(byteCountMax: memoryBytesMax)
        session = WriterSession(context)
    }

    /// Why mutations cannot be expected to succeed, for the health of the server; nil if they can.
    var isHealthy: Bool { writer.state == .healthy }

    /// Hands a mutation to the writer.
    ///
    /// - Parameters:
    ///   - body: the JSON body of the request, which is copied.
    ///   - idempotencyKey: the header's.
    ///   - origin: who asks, and from where.
    ///   - costReport: whether the answer tells its cost.
    ///   - start: when it came, by `monotonicNanoseconds()`.
    func submit(
        _ body: UnsafeRawBufferPointer, idempotencyKey: String?, _ origin: RequestOrigin,
        costReport: CostReport, _ mediaType: MediaType, _ exchange: Exchange, since start: UInt64
    ) {
        let deferral = exchange.defer()
        if memory.isExhausted {
            return complete(
                deferral, mediaType, .insufficientStorage,
                "The server has no memory left for more data.",
                hint: "Reading goes on. Delete rows, or raise --max-memory.")
        }
        let job = unsafe MutationJob(
            [UInt8](body), idempotencyKey: idempotencyKey, origin, costReport, mediaType,
            deferral, self, start: start)
        if !writer.submit(job) { job.finish(.failure(.busy)) }
    }

    /// Lets the writer bring all rows up to its clock.
    ///
    /// - Parameter then: called when that is done and durable, or cannot be done.
    func settle(then: @escaping @Sendable () -> Void) {
        let job = SettleJob(self, then) { session, group in session.settle(in: group) }
        if memory.isExhausted || !writer.submit(job) { then() }
    }

    /// Lets the writer do what nobody asks for: bring rows up to its clock, and what is scheduled.
    func keepHouse() {
        let job = SettleJob(self, {}) { session, group in
            session.settle(in: group)
            session.runSchedule(in: group)
        }
        // What cannot be done now is done at the next turn.
        if !memory.isExhausted { _ = writer.submit(job) }
    }

    fileprivate func work(_ group: WriteGroup, _ body: (MutationSession, WriteGroup) -> Void) {
        body(session.value, group)
    }

    /// Runs a mutation on the writer's thread.
    fileprivate func run(_ job: MutationJob, _ group: WriteGroup) -> HTTPStatus {
        let status = GraphQLRequest.withBody(job.body) { request in
            let outcome = session.value.execute(
                request, idempotencyKey: job.idempotencyKey, viewer: job.origin.viewer,
                requestID: job.origin.requestID, costReport: job.costReport, in: group,
                into: job.output)
            job.note = observer.note(session.value, outcome, since: job.start)
            return rules.status(
                outcome, hasFieldErrors: session.value.hasFieldErrors, job.mediaType)
        }
        // The event loop has read the same request before.
        return (try? status.get()) ?? .internalServerError
    }

    /// Answers a mutation that is not in the store and never will be.
    fileprivate func refuse(
        _ deferral: Deferral, _ mediaType: MediaType, _ failure: StorageFailure
    ) {
        switch failure {
        case .full(let reason):
            complete(
                deferral, mediaType, .insufficientStorage, "There is no room on the disk.",
                hint: "Reading goes on. Make room and try again. (\(reason))")
        case .unavailable(let reason):
            complete(
                deferral, mediaType, .serviceUnavailable,
                "The journal cannot be written, so nothing is changed until the next start.",
                hint: "Reading goes on. See to the disk, then start the server anew. (\(reason))")
        case .stopping:
            complete(
                deferral, mediaType, .serviceUnavailable, "The server is stopping.",
                hint: "Try again in a second.", retryAfterSeconds: 1)
        case .busy:
            complete(
                deferral, mediaType, .serviceUnavailable, "Too many mutations are waiting.",
                hint: "Try again in a second.", retryAfterSeconds: 1)
        }
    }

    private func complete(
        _ deferral: Deferral, _ mediaType: MediaType, _ status: HTTPStatus, _ message: String,
        hint: String, retryAfterSeconds: Int? = nil
    ) {
        observer.record { $0.countRefusal(GraphQLEndpoint.code(of: status)) }
        let body = ByteBuffer(capacity: 256)
        GraphQLEndpoint.appendError(status, message, hint: hint, to: body)
        let headers = ByteBuffer(capacity: 64)
        if let retryAfterSeconds {
            headers.append("Retry-After: ")
            headers.appendInteger(retryAfterSeconds)
            headers.append("\r\n")
        }
        deferral.complete(
            status: status, contentType: mediaType.contentType, headers: headers, body: body)
    }
}

/// The session of the writer's thread.
// Safe: only `WriteRoad.run(_:_:)` uses it, which only the writer's thread calls.
private struct WriterSession: @unchecked Sendable {
    let value: MutationSession

    init(_ context: EngineContext) {
        value = MutationSession(context: context)
    }
}

/// Brings rows up to the clock.
private final class SettleJob: WriteJob {
    private let road: WriteRoad
    private let then: @Sendable () -> Void
    private let body: @Sendable (MutationSession, WriteGroup) -> Void

    init(
        _ road: WriteRoad, _ then: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable (MutationSession, WriteGroup) -> Void
    ) {
        self.road = road
        self.then = then
        self.body = body
    }

    func run(_ group: WriteGroup) { road.work(group, body) }

    func finish(_ result: Result<UInt64, StorageFailure>) { then() }

    func groupIsFinished() {}
}

/// One mutation on its way.
// Safe: it belongs to one thread at a time, and is handed on by the queues of the writer: from its
// event loop to the writer's thread, and from there to the thread that finishes jobs.
private final class MutationJob: WriteJob, @unchecked Sendable {
    let body: [UInt8]
    let idempotencyKey: String?
    let origin: RequestOrigin
    let costReport: CostReport
    let mediaType: MediaType
    /// The answer; leaves with ``finish(_:)``.
    let output = ByteBuffer(capacity: 1024)
    /// When it came, by `monotonicNanoseconds()`.
    let start: UInt64
    /// What it did; nil until it has run.
    var note: OperationNote?
    private let deferral: Deferral
    private let road: WriteRoad
    private var status = HTTPStatus.internalServerError

    init(
        _ body: [UInt8], idempotencyKey: String?, _ origin: RequestOrigin,
        _ costReport: CostReport, _ mediaType: MediaType, _ deferral: Deferral, _ road: WriteRoad,
        start: UInt64
    ) {
        self.start = start
        self.body = body
        self.idempotencyKey = idempotencyKey
        self.origin = origin
        self.costReport = costReport
        self.mediaType = mediaType
        self.deferral = deferral
        self.road = road
    }

    func run(_ group: WriteGroup) {
        // A client that has gone before its turn gets nothing done.
        guard !deferral.isCancelled else { return }
        status = road.run(self, group)
    }

    func finish(_ result: Result<UInt64, StorageFailure>) {
        switch result {
        case .success:
            record()
            // Safe: this is the last use of the job's output.
            nonisolated(unsafe) let body = output
            deferral.complete(
                status: status, contentType: mediaType.contentType, body: unsafe body,
                sends: false)
        case .failure(let failure): road.refuse(deferral, mediaType, failure)
        }
    }

    /// Counts the mutation, which lasts now, and logs it if it was slow.
    private func record() {
        guard let note else { return }
        let nanoseconds = monotonicNanoseconds() &- start
        let observer = road.observer
        observer.record { $0.count(note, nanoseconds: nanoseconds) }
        observer.denials?.put(note.report.denials, status, origin)
        guard let slowLog = observer.slowLog, nanoseconds >= slowLog.thresholdNanoseconds else {
            return
        }
        // The request has been read before.
        _ = GraphQLRequest.withBody(body) { request in
            slowLog.write(
                note, nanoseconds: nanoseconds, status: status, requestID: origin.requestID,
                request)
        }
    }

    func groupIsFinished() { deferral.send() }
}
