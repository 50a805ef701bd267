import Bytes
import Engine
import HTTP

// Answers that are tables: `/graphql.csv` and `/graphql.ndjson`, or `/graphql` for who accepts
// such a type. What the request itself has wrong is said at once; whether its query makes a table is
// found out by the thread that writes it.

extension GraphQLEndpoint {
    /// Answers a request at the path of a table.
    func table(_ request: Request, _ exchange: Exchange, _ type: TableType) {
        switch request.method {
        case .options: answerOptions(exchange, allowed: Self.graphQLMethods)
        case .other:
            exchange.header("Allow", Self.graphQLMethods)
            refuse(
                exchange, .methodNotAllowed, "This method is not supported.",
                hint: "Send queries by POST or GET.")
        case .post: postTable(request, exchange, type)
        case .get, .head: getTable(request, exchange, type)
        }
    }

    private func postTable(_ request: Request, _ exchange: Exchange, _ type: TableType) {
        if let problem = MediaType.problem(withContentTypeOf: request) {
            return refuse(
                exchange, .unsupportedMediaType, problem,
                hint: "Send Content-Type: application/json, in UTF-8.")
        }
        let parameters: TableParameters
        do throws(QueryParameters.Problem) {
            parameters = try unsafe TableParameters(FormFields(request.query))
        } catch {
            return refuse(exchange, rules.status(error), error.message)
        }
        do throws(RequestProblem) {
            _ = try unsafe GraphQLRequest(jsonBody: request.body)
        } catch {
            return refuse(exchange, rules.status(error), error.message)
        }
        let body = unsafe [UInt8](request.body)
        export(.body(body), parameters, type, fileName: nil, request, exchange)
    }

    private func getTable(_ request: Request, _ exchange: Exchange, _ type: TableType) {
        let query: QueryParameters
        let parameters: TableParameters
        do throws(QueryParameters.Problem) {
            let form = unsafe FormFields(request.query)
            query = try QueryParameters(form)
            parameters = try TableParameters(form)
        } catch {
            return refuse(
                exchange, rules.status(error), error.message,
                hint: error == .missingQuery
                    ? "GET /graphql.csv?query=%7Bmembers%7Bnodes%7Bid%7D%7D%7D" : nil)
        }
        if case .failure(let problem) = GraphQLRequest.withParameters(query, { _ in }) {
            return refuse(exchange, rules.status(problem), problem.message)
        }
        export(
            .parameters(query), parameters, type, fileName: query.operationName, request,
            exchange)
    }

    /// Has a table written, once the rows that are due are settled.
    ///
    /// - Parameter fileName: without its ending; what could mean something else in a header is left
    ///   out of it.
    func export(
        _ payload: WorkerPool.Job.Payload, _ parameters: TableParameters, _ type: TableType,
        fileName: String?, _ request: Request, _ exchange: Exchange
    ) {
        let origin = origin(request, exchange)
        let charge = bill?(viewer, exchange)
        let deferral = exchange.defer()
        let job = ExportPool.Job(
            payload: payload, origin: origin, type: type, explode: parameters.explode,
            excel: parameters.excel, fileName: (fileName ?? "").utf8.filter(Self.isFileNameByte),
            deferral: deferral, charge: charge, start: monotonicNanoseconds())
        let exports = exports
        writes.settle { if !exports.submit(job) { Self.turnAway(deferral) } }
    }

    private static func isFileNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func turnAway(_ deferral: Deferral) {
        let body = ByteBuffer(capacity: 256)
        let headers = ByteBuffer(capacity: 64)
        headers.append("Retry-After: 1\r\n")
        appendError(
            .serviceUnavailable, "Too many exports are waiting.", hint: "Try again in a second.",
            to: body)
        deferral.complete(
            status: .serviceUnavailable, contentType: MediaType.json.contentType,
            headers: headers, body: body, closes: true)
    }
}
