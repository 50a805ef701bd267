import Bytes
import Engine
import HTTP
import Store

/// What operators ask of a running server, on a listener of its own: its metrics and its health.
///
/// One event loop; a page of metrics takes about a millisecond and disturbs nobody else.
final class AdminServer: Sendable {
    private let http: HTTPServer

    /// - Parameters:
    ///   - address: to listen on.
    ///   - gate: what those who ask for metrics have to pass; nil for nothing.
    init(_ address: Address, _ page: MetricsPage, _ health: Health, gate: Gate? = nil) {
        var configuration = HTTPConfiguration(host: address.host, port: address.port, loopCount: 1)
        configuration.limits.bodyBytesMax = 1 << 10
        configuration.headerLines = securityHeaderLines
        http = HTTPServer(configuration) { _ in
            AdminEndpoint(page, health, reader: page.context.store.makeReader(), gate)
        }
    }

    /// When it returns, connections are taken.
    func start() throws(HTTPServerError) { try http.start() }

    /// The port that is listened on.
    var port: UInt16 { http.port }

    func stop() { http.stop(drain: .milliseconds(200)) }
}

/// Answers on the listener for operators.
private final class AdminEndpoint: RequestHandler {
    private let page: MetricsPage
    private let health: Health
    private let reader: Reader?
    private let gate: Gate?

    init(_ page: MetricsPage, _ health: Health, reader: Reader?, _ gate: Gate?) {
        self.gate = gate
        self.page = page
        self.health = health
        self.reader = reader
    }

    private static let methods: StaticString = "GET, HEAD"

    func handle(_ request: Request, _ exchange: Exchange) {
        if health.answers(request, exchange) { return }
        guard unsafe equals(request.path, "/metrics") else {
            return exchange.respond(
                status: .notFound, contentType: "text/plain; charset=utf-8",
                body: "There is nothing at this path. Metrics are at /metrics.\n")
        }
        guard request.method == .get || request.method == .head else {
            exchange.header("Allow", Self.methods)
            return exchange.respond(
                status: .methodNotAllowed, contentType: "text/plain; charset=utf-8",
                body: "Use GET.\n")
        }
        if let refusal = gate?.refusal(ofOperator: request, exchange, mayOperate) {
            return refusal.answer(request, exchange)
        }
        exchange.begin(status: .ok, contentType: MetricsText.contentType)
        page.write(to: exchange.output, reader)
        exchange.end()
    }

    private func mayOperate(_ viewer: Viewer) -> Bool {
        reader?.withVersion { page.context.mayOperate(viewer, $0) } ?? false
    }
}
