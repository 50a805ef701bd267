import Bytes
import Engine
import Glibc
import HTTP

/// Time that requests in progress get when the server is told to stop.
private let drainTime = Duration.seconds(4)

/// Serves a model's data over HTTP until SIGTERM or SIGINT.
///
/// Returns after a stop that was asked for; throws when the server could not start.
func runServer(context: EngineContext, options: ServeOptions) throws(CommandError) {
    // All threads inherit the mask, so that the signals wait for this one.
    let signals = StopSignals()
    var configuration = HTTPConfiguration(
        host: options.address.host, port: options.address.port, loopCount: options.loopCount)
    configuration.limits.bodyBytesMax = options.bodyBytesMax
    let server = GraphQLServer(
        configuration, context: context, rules: options.statusRules,
        workers: WorkerPool(
            context: context, rules: options.statusRules, threadCount: options.loopCount))
    do throws(HTTPServerError) {
        try server.start()
    } catch {
        signals.giveBack()
        throw commandError(error)
    }
    for line in options.banner(port: server.port) { print(line) }
    fflush(nil)
    signals.wait()
    server.stop(drain: drainTime)
}

/// Event loops with an endpoint each, and the workers behind them.
final class GraphQLServer: Sendable {
    /// Event loops of one server. Reason: each has a reader of the store, and so has each worker,
    /// of which there are as many; the store has 512.
    static let loopCountMax = 128

    let readiness = Readiness()
    private let http: HTTPServer
    private let workers: WorkerPool

    /// - Parameter configuration: all of it counts but the body of errors, which is GraphQL's here.
    init(
        _ configuration: HTTPConfiguration, context: EngineContext, rules: StatusRules,
        workers: WorkerPool
    ) {
        var configuration = configuration
        configuration.loopCount = min(configuration.loopCount, Self.loopCountMax)
        configuration.errorBody = { status, message, output in
            GraphQLEndpoint.appendError(status, message.description, hint: nil, to: output)
            return MediaType.json.contentType
        }
        self.workers = workers
        let readiness = readiness
        http = HTTPServer(configuration) { _ in
            guard
                let endpoint = GraphQLEndpoint(
                    context: context, workers: workers, readiness: readiness, rules: rules)
            else { preconditionFailure("there are more loops than the store has readers") }
            return endpoint
        }
    }

    /// When it returns, connections are taken.
    func start() throws(HTTPServerError) {
        try http.start()
        workers.start()
    }

    /// The port that is listened on.
    var port: UInt16 { http.port }

    /// Takes no more connections, finishes what is in progress, and ends.
    ///
    /// - Parameter drain: how long requests may still take.
    func stop(drain: Duration) {
        readiness.drain()
        http.stop(drain: drain)
        workers.stop()
    }
}

/// SIGTERM and SIGINT, taken by the thread that waits for them.
private struct StopSignals {
    private var set = sigset_t()
    private var maskBefore = sigset_t()

    init() {
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &set, &maskBefore)
    }

    /// Leaves the signals to whoever had them before.
    func giveBack() {
        var mask = maskBefore
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    func wait() {
        var set = set
        var signal: Int32 = 0
        while unsafe sigwait(&set, &signal) != 0 {}
    }
}

private func commandError(_ error: HTTPServerError) -> CommandError {
    let (problem, hint) =
        switch error {
        case .addressInUse(let host, let port):
            (
                "\(host):\(port) is in use by another process",
                "stop it, or choose another port with --listen HOST:PORT; port 0 takes a free one"
            )
        case .addressNotAvailable(let host):
            ("\(host) is not an address of this machine", "listen on 127.0.0.1 or 0.0.0.0")
        case .cannotResolve(let host):
            ("\(host) is not an address", "give an IPv4 or IPv6 address, or localhost")
        case .permissionDenied(let host, let port):
            (
                "\(host):\(port) needs more rights than this process has",
                "choose a port above 1023"
            )
        case .descriptorsExhausted:
            ("there is no file descriptor left", "raise the limit with ulimit -n")
        case .alreadyStarted: ("the server runs already", "start it once")
        case .system(let call, let number):
            ("\(call) failed: \(unsafe String(cString: strerror(number)))", "see the system's log")
        }
    return CommandError(.failure, problem, hint: hint)
}
