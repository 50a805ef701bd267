import Bytes
import Engine
import HTTP
import JSON
import Synchronization

/// Answers the requests of one event loop: GraphQL over HTTP on `/graphql`, tables, reports, and
/// health.
///
/// Cheap queries are executed right here, into the connection's own buffer. One that turns out to
/// be dear is given up, and a worker starts it anew. Mutations take the ``WriteRoad``, tables the
/// ``ExportPool``.
///
/// Source: GraphQL over HTTP, with the statuses of ``StatusRules``.
final class GraphQLEndpoint: RequestHandler {
    private let session: Session
    private let workers: WorkerPool
    let exports: ExportPool
    let reports: ReportLibrary
    let writes: WriteRoad
    private let health: Health
    let rules: StatusRules
    let observer: Observer
    private let recorder: OperationRecorder
    /// Who asks, in the request at hand.
    var viewer = Viewer.unrestricted
    /// Charges a bearer for what is known only when the answer is on its way; nil without a limit.
    var bill: ((Viewer, Exchange) -> (@Sendable (Int) -> Void)?)?
    /// What the request at hand costs, in objects; nil when it was not priced.
    private(set) var cost: Int?
    /// What the request at hand wants to know of its cost.
    private var costReport = CostReport.none

    /// - Returns: nil when the store has no reader left for this thread.
    init?(
        context: EngineContext, workers: WorkerPool, exports: ExportPool, reports: ReportLibrary,
        writes: WriteRoad, readiness: Readiness, rules: StatusRules, observer: Observer
    ) {
        guard let session = Session(context: context) else { return nil }
        self.session = session
        self.rules = rules
        self.workers = workers
        self.exports = exports
        self.reports = reports
        self.writes = writes
        self.observer = observer
        recorder = observer.makeRecorder()
        health = Health(readiness, writes)
    }

    func handle(_ request: Request, _ exchange: Exchange) {
        costReport = .none
        cost = nil
        let route = unsafe Route(path: request.path)
        exchange.route = route.rawValue
        if let id = RequestID.given(in: request) { RequestID.add(id, to: exchange) }
        switch route {
        case .graphQL: return graphQL(request, exchange)
        case .csv: return table(request, exchange, .csv)
        case .ndjson: return table(request, exchange, .ndjson)
        case .reports: return report(request, exchange)
        case .health, .other: break
        }
        if health.answers(request, exchange) { return }
        // What can be asked of the server as a whole. Source: RFC 9110 §9.3.7.
        if unsafe equals(request.path, "*") {
            return answerOptions(exchange, allowed: Self.graphQLMethods)
        }
        refuse(
            exchange, .notFound, "There is nothing at this path.",
            hint: "GraphQL is at /graphql, reports at /reports, "
                + "health at /health/live and /health/ready.")
    }

    static let graphQLMethods: StaticString = "GET, HEAD, POST, OPTIONS"

    func answerOptions(_ exchange: Exchange, allowed: StaticString) {
        exchange.header("Allow", allowed)
        exchange.respond(status: .noContent, contentType: "", body: "")
    }

    // MARK: GraphQL

    private func graphQL(_ request: Request, _ exchange: Exchange) {
        if request.method == .options {
            return answerOptions(exchange, allowed: Self.graphQLMethods)
        }
        let mediaType: MediaType
        switch AnswerForm.negotiate(request) {
        case .graphQL(let accepted): mediaType = accepted
        case .table(let type): return table(request, exchange, type)
        case nil where request.method == .other: mediaType = .json
        case nil:
            return refuse(
                exchange, .notAcceptable, "No media type of the Accept header is supported.",
                hint: "Accept application/graphql-response+json or application/json.")
        }
        if request.method == .other {
            exchange.header("Allow", Self.graphQLMethods)
            return refuse(
                exchange, .methodNotAllowed, "This method is not supported.",
                hint: "Send queries by POST or GET.", mediaType: mediaType)
        }
        if let problem = readCostReport(of: request) {
            return refuse(
                exchange, .badRequest, problem, hint: "GraphQL-Cost: report", mediaType: mediaType)
        }
        if request.method == .post {
            post(request, exchange, mediaType)
        } else {
            get(request, exchange, mediaType)
        }
    }

    /// Answers what is wrong with the header `GraphQL-Cost`.
    private func readCostReport(of request: Request) -> String? {
        guard let text = unsafe request.header("graphql-cost") else { return nil }
        guard let report = unsafe CostReport(String(decoding: text, as: UTF8.self)) else {
            return "The header GraphQL-Cost can be report or validate."
        }
        costReport = report
        return nil
    }

    private func post(_ request: Request, _ exchange: Exchange, _ mediaType: MediaType) {
        if let problem = MediaType.problem(withContentTypeOf: request) {
            return refuse(
                exchange, .unsupportedMediaType, problem,
                hint: "Send Content-Type: application/json, in UTF-8.", mediaType: mediaType)
        }
        do throws(RequestProblem) {
            let parsed = try unsafe GraphQLRequest(jsonBody: request.body)
            switch answer(parsed, request, exchange, mediaType, readOnly: false) {
            case .answered: return
            case .forWorker:
                let body = unsafe [UInt8](request.body)
                hand(.body(body), request, exchange, mediaType, readOnly: false)
            case .forWriter: write(request, exchange, mediaType)
            case .isDue:
                let body = unsafe [UInt8](request.body)
                settle(.body(body), request, exchange, mediaType, readOnly: false)
            }
        } catch {
            refuse(exchange, rules.status(error), error.message, mediaType: mediaType)
        }
    }

    private func get(_ request: Request, _ exchange: Exchange, _ mediaType: MediaType) {
        let parameters: QueryParameters
        do throws(QueryParameters.Problem) {
            parameters = try unsafe QueryParameters(FormFields(request.query))
        } catch {
            return refuse(
                exchange, rules.status(error), error.message,
                hint: error == .missingQuery ? "GET /graphql?query=%7B__typename%7D" : nil,
                mediaType: mediaType)
        }
        answer(parameters, request, exchange, mediaType)
    }

    /// Answers a query that came in a query string.
    func answer(
        _ parameters: QueryParameters, _ request: Request, _ exchange: Exchange,
        _ mediaType: MediaType
    ) {
        let progress = GraphQLRequest.withParameters(parameters) {
            answer($0, request, exchange, mediaType, readOnly: true)
        }
        switch progress {
        // A GET reads only, so none is for the writer.
        case .success(.answered), .success(.forWriter): return
        case .success(.forWorker):
            hand(.parameters(parameters), request, exchange, mediaType, readOnly: true)
        case .success(.isDue):
            settle(.parameters(parameters), request, exchange, mediaType, readOnly: true)
        case .failure(let problem):
            refuse(exchange, rules.status(problem), problem.message, mediaType: mediaType)
        }
    }

    private enum Progress {
        case answered
        /// Too dear for this thread.
        case forWorker
        case forWriter
        /// Rows are due to be settled before an answer is given.
        case isDue
    }

    /// Executes a request on this thread, if that is where it belongs.
    private func answer(
        _ request: GraphQLRequest, _ httpRequest: Request, _ exchange: Exchange,
        _ mediaType: MediaType, readOnly: Bool
    ) -> Progress {
        exchange.begin(status: .ok, contentType: mediaType.contentType)
        let start = exchange.output.count
        let outcome = session.execute(
            request, viewer: viewer, readOnly: readOnly, effort: .bounded,
            costReport: costReport, into: exchange.output)
        cost = session.cost?.estimated
        switch outcome {
        case .overBudget: return .forWorker
        case .write: return .forWriter
        case .due: return .isDue
        case .data, .requestError: break
        }
        let status = rules.status(outcome, hasFieldErrors: session.hasFieldErrors, mediaType)
        record(request, httpRequest, outcome, status)
        let denials = session.report.denials
        if status == .ok && denials.isEmpty {
            exchange.end()
            return .answered
        }
        // The head is written already: the answer begins again with the right one.
        let body = unsafe [UInt8](
            UnsafeRawBufferPointer(
                start: exchange.output.base + start, count: exchange.output.count - start))
        exchange.restart()
        if status == .methodNotAllowed { exchange.header("Allow", "POST") }
        if !denials.isEmpty, let log = observer.denials {
            let id = RequestID.given(in: httpRequest, orAddedTo: exchange)
            log.put(denials, status, RequestOrigin(viewer, requestID: id, exchange))
        }
        unsafe body.withUnsafeBytes {
            unsafe exchange.respond(
                status: status, contentType: mediaType.contentType, body: $0)
        }
        return .answered
    }

    /// Counts the operation that the session has answered, and logs it if it was slow.
    private func record(
        _ request: GraphQLRequest, _ httpRequest: Request, _ outcome: Session.Outcome,
        _ status: HTTPStatus
    ) {
        let note = observer.note(session, outcome, since: session.report.start)
        let nanoseconds = note.report.total
        recorder.count(note, nanoseconds: nanoseconds)
        guard let slowLog = observer.slowLog, nanoseconds >= slowLog.thresholdNanoseconds else {
            return
        }
        slowLog.write(
            note, nanoseconds: nanoseconds, status: status,
            requestID: RequestID.given(in: httpRequest), request)
    }

    /// Who asks, in a request that leaves this thread. It gets a name, which the answer says: logs
    /// and the trail of changes call it so.
    func origin(_ request: Request, _ exchange: Exchange) -> RequestOrigin {
        RequestOrigin(
            viewer, requestID: RequestID.given(in: request, orAddedTo: exchange), exchange)
    }

    /// Hands a mutation to the writer.
    private func write(_ request: Request, _ exchange: Exchange, _ mediaType: MediaType) {
        exchange.restart()
        let key: String?
        do throws(IdempotencyKey.Problem) {
            key = try IdempotencyKey.text(of: request)
        } catch {
            return refuse(
                exchange, .badRequest, error.message,
                hint: "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324",
                mediaType: mediaType)
        }
        unsafe writes.submit(
            request.body, idempotencyKey: key, origin(request, exchange), costReport: costReport,
            mediaType, exchange, since: session.report.start)
    }

    private func hand(
        _ payload: WorkerPool.Job.Payload, _ request: Request, _ exchange: Exchange,
        _ mediaType: MediaType, readOnly: Bool
    ) {
        let job = job(payload, request, exchange, mediaType, readOnly: readOnly)
        if !workers.submit(job) { Self.turnAway(job, observer) }
    }

    /// Lets the writer settle the rows that are due, and a worker answer after that.
    private func settle(
        _ payload: WorkerPool.Job.Payload, _ request: Request, _ exchange: Exchange,
        _ mediaType: MediaType, readOnly: Bool
    ) {
        let job = job(payload, request, exchange, mediaType, readOnly: readOnly)
        let workers = workers
        let observer = observer
        writes.settle { if !workers.submit(job) { Self.turnAway(job, observer) } }
    }

    private func job(
        _ payload: WorkerPool.Job.Payload, _ request: Request, _ exchange: Exchange,
        _ mediaType: MediaType, readOnly: Bool
    ) -> WorkerPool.Job {
        exchange.restart()
        let job = WorkerPool.Job(
            payload: payload, origin: origin(request, exchange), readOnly: readOnly,
            costReport: costReport, mediaType: mediaType, deferral: exchange.defer(),
            start: session.report.start)
        if job.isLarge { session.forgetValues() }
        return job
    }

    static func turnAway(_ job: WorkerPool.Job, _ observer: Observer) {
        observer.record { $0.countRefusal(code(of: .serviceUnavailable)) }
        let body = ByteBuffer(capacity: 256)
        let headers = ByteBuffer(capacity: 64)
        headers.append("Retry-After: 1\r\n")
        appendError(
            .serviceUnavailable, "Too many dear operations are waiting.",
            hint: "Try again in a second.", to: body)
        job.deferral.complete(
            status: .serviceUnavailable, contentType: job.mediaType.contentType, headers: headers,
            body: body)
    }

    // MARK: Refusals

    func refuse(
        _ exchange: Exchange, _ status: HTTPStatus, _ message: String, hint: String? = nil,
        mediaType: MediaType = .json
    ) {
        if exchange.route == Route.graphQL.rawValue { recorder.countRefusal(Self.code(of: status)) }
        exchange.begin(status: status, contentType: mediaType.contentType)
        Self.appendError(status, message, hint: hint, to: exchange.output)
        exchange.end()
    }

    /// `{"errors":[{"message":…,"extensions":{"code":…,"hint":…}}]}`
    static func appendError(
        _ status: HTTPStatus, _ message: String, hint: String?, to output: ByteBuffer
    ) {
        appendError(code(of: status), message, hint: hint, to: output)
    }

    static func appendError(
        _ code: String, _ message: String, hint: String?, to output: ByteBuffer
    ) {
        output.append("{\"errors\":[{\"message\":")
        output.appendJSONString(ErrorText.shown(message))
        output.append(",\"extensions\":{\"code\":")
        output.appendJSONString(code)
        if let hint {
            output.append(",\"hint\":")
            output.appendJSONString(ErrorText.shown(hint))
        }
        output.append("}}]}")
    }

    /// The code of an error that stands for a status.
    static func code(of status: HTTPStatus) -> String {
        switch status {
        case .internalServerError: "INTERNAL_SERVER_ERROR"
        case .unauthorized: "UNAUTHENTICATED"
        case .forbidden: "FORBIDDEN"
        case .tooManyRequests: "RATE_LIMITED"
        case .insufficientStorage: "STORAGE_FULL"
        case .serviceUnavailable: "UNAVAILABLE"
        default: "BAD_REQUEST"
        }
    }
}

/// Whether the server wants more requests: `/health/ready` tells load balancers.
final class Readiness: Sendable {
    private let draining = Atomic(false)

    var isReady: Bool { !draining.load(ordering: .relaxed) }

    func drain() { draining.store(true, ordering: .relaxed) }
}
