import Bytes
import HTTP
import Store

/// What operators ask of a running server, on a listener of its own: its metrics and its health.
///
/// One event loop; a page of metrics takes about a millisecond and disturbs nobody else.
final class AdminServer: Sendable {
    private let http: HTTPServer

    /// - Parameter address: to listen on.
    init(_ address: Address, _ page: MetricsPage, _ health: Health) {
        var configuration = HTTPConfiguration(host: address.host, port: address.port, loopCount: 1)
        configuration.limits.bodyBytesMax = 1 << 10
        configuration.headerLines = securityHeaderLines
        http = HTTPServer(configuration) { _ in
            AdminEndpoint(page, health, reader: page.context.store.makeReader())
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

    init(_ page: MetricsPage, _ health: Health, reader: Reader?) {
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
        exchange.begin(status: .ok, contentType: MetricsText.contentType)
        page.write(to: exchange.output, reader)
        exchange.end()
    }
}
