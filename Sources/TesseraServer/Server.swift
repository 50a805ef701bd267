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
    let workers = WorkerPool(context: context, threads: max(1, options.loopCount))
    let readiness = Readiness()
    var configuration = HTTPConfiguration(
        host: options.address.host, port: options.address.port, loopCount: options.loopCount)
    configuration.limits.bodyBytesMax = options.bodyBytesMax
    configuration.errorBody = { _, message, output in
        GraphQLEndpoint.appendError(
            message.description, code: "BAD_REQUEST", hint: nil, to: output)
        return MediaType.json.contentType
    }
    let server = HTTPServer(configuration) { _ in
        guard
            let endpoint = GraphQLEndpoint(
                context: context, workers: workers, readiness: readiness)
        else { preconditionFailure("there are fewer loops than the store has readers") }
        return endpoint
    }
    do throws(HTTPServerError) {
        try server.start()
    } catch {
        throw commandError(error)
    }
    for line in options.banner(port: server.port) { print(line) }
    unsafe fflush(nil)
    signals.wait()
    readiness.drain()
    server.stop(drain: drainTime)
    workers.stop()
}

/// SIGTERM and SIGINT, taken by the thread that waits for them.
private struct StopSignals {
    private var set = sigset_t()

    init() {
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
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
                "Stop it, or choose another port with --listen HOST:PORT; port 0 takes a free one."
            )
        case .addressNotAvailable(let host):
            ("\(host) is not an address of this machine", "Listen on 127.0.0.1 or 0.0.0.0.")
        case .cannotResolve(let host):
            ("\(host) is not an address", "Give an IPv4 or IPv6 address, or localhost.")
        case .permissionDenied(let host, let port):
            (
                "\(host):\(port) needs more rights than this process has",
                "Choose a port above 1023."
            )
        case .descriptorsExhausted:
            ("There is no file descriptor left", "Raise the limit with ulimit -n.")
        case .alreadyStarted: ("The server runs already", "Start it once.")
        case .system(let call, let number):
            ("\(call) failed: \(unsafe String(cString: strerror(number)))", "See the system's log.")
        }
    return CommandError(.failure, problem, hint: hint)
}
