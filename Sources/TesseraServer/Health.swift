import HTTP

/// Answers load balancers and whoever watches: whether the process lives, and whether it wants
/// requests.
struct Health: Sendable {
    private let readiness: Readiness
    private let writes: WriteRoad

    init(_ readiness: Readiness, _ writes: WriteRoad) {
        self.readiness = readiness
        self.writes = writes
    }

    private static let methods: StaticString = "GET, HEAD, OPTIONS"

    /// Answers if the path is one of health's.
    func answers(_ request: Request, _ exchange: Exchange) -> Bool {
        if unsafe equals(request.path, "/health/live") {
            answer(request, exchange, status: .ok, body: "{\"status\":\"ok\"}\n")
            return true
        }
        if unsafe equals(request.path, "/health/ready") || equals(request.path, "/healthz") {
            ready(request, exchange)
            return true
        }
        return false
    }

    private func ready(_ request: Request, _ exchange: Exchange) {
        let isWritable = writes.isHealthy
        if readiness.isReady && isWritable {
            return answer(request, exchange, status: .ok, body: "{\"status\":\"ok\"}\n")
        }
        let body: StaticString =
            switch (readiness.isReady, isWritable) {
            case (false, false):
                "{\"status\":\"unavailable\",\"reasons\":[\"draining\",\"journal\"]}\n"
            case (false, true): "{\"status\":\"unavailable\",\"reasons\":[\"draining\"]}\n"
            case (true, _): "{\"status\":\"unavailable\",\"reasons\":[\"journal\"]}\n"
            }
        answer(request, exchange, status: .serviceUnavailable, body: body)
    }

    private func answer(
        _ request: Request, _ exchange: Exchange, status: HTTPStatus, body: StaticString
    ) {
        switch request.method {
        case .get, .head: break
        case .options:
            exchange.header("Allow", Self.methods)
            return exchange.respond(status: .noContent, contentType: "", body: "")
        case .post, .other:
            exchange.header("Allow", Self.methods)
            exchange.begin(status: .methodNotAllowed, contentType: MediaType.json.contentType)
            GraphQLEndpoint.appendError(
                .methodNotAllowed, "This method is not supported.", hint: "Use GET.",
                to: exchange.output)
            return exchange.end()
        }
        exchange.respond(status: status, contentType: MediaType.json.contentType, body: body)
    }
}
