import Bytes
import Engine
import Glibc
import HTTP

/// Time that requests in progress get when the server is told to stop.
private let drainTime = Duration.seconds(4)

/// Time from the wish to stop until the process is gone, whatever is still being done. Reason:
/// whoever waits for it waits five seconds.
private let stopTime = Duration.milliseconds(4_800)

/// A stop that has taken longer already ends without a last snapshot. Reason: the process is to be
/// gone within five seconds.
private let lastSnapshotTime = Duration.seconds(3)

/// What every answer tells browsers: to take it for what it says it is, to keep nothing of data
/// that belongs to whoever asked, and to tell nobody where it came from.
let securityHeaderLines: StaticString = """
    X-Content-Type-Options: nosniff\r
    Cache-Control: no-store\r
    Referrer-Policy: no-referrer\r

    """

/// Serves a model's data over HTTP until SIGTERM or SIGINT.
///
/// Returns after a stop that was asked for; throws when the server could not start.
func runServer(
    _ data: ServedData, context: EngineContext, reports: ReportLibrary = .empty,
    options: ServeOptions, _ terminal: Terminal
) throws(CommandError) {
    // All threads inherit the mask, so that the signals wait for this one.
    let signals = ServerSignals(reloads: options.access.asksForCredentials)
    raiseDescriptorLimit()
    var configuration = HTTPConfiguration(
        host: options.address.host, port: options.address.port, loopCount: options.loopCount)
    configuration.limits.bodyBytesMax = options.bodyBytesMax
    configuration.trustedProxies = options.access.proxies
    let log = LogSink { Terminal.write($0, to: STDERR_FILENO) }
    let denials = DenialLog(write: log.put)
    let observer = Observer(
        slowLog: slowLog(context.model, options, terminal, log), denials: denials)
    let gate: Gate
    do throws(CommandError) {
        gate = try options.access.makeGate(AccessRoles(context.model), denials)
    } catch {
        signals.giveBack()
        _ = Result { () throws(CommandError) in try data.close(hasTime: false) }
        throw error
    }
    let server = GraphQLServer(
        configuration, context: context, reports: reports, rules: options.statusRules,
        workers: WorkerPool(
            context: context, rules: options.statusRules, threadCount: options.loopCount,
            observer: observer),
        writes: WriteRoad(
            writer: data.writer, context: context, rules: options.statusRules,
            memoryBytesMax: options.memoryBytesMax, observer: observer),
        exports: ExportPool(
            context: context, rules: options.statusRules, timeout: options.exportTimeout,
            observer: observer),
        gate: gate, observer: observer)
    let desk = ServerDesk(data, context, options, gate, terminal)
    let admin: AdminServer?
    do throws(CommandError) {
        try desk.open()
        do throws(HTTPServerError) {
            try server.start()
        } catch {
            throw commandError(error)
        }
        do throws(CommandError) {
            admin = try startAdmin(server, data, context, options, gate, terminal)
        } catch {
            server.stop(drain: .zero)
            throw error
        }
    } catch {
        desk.close()
        signals.giveBack()
        _ = Result { () throws(CommandError) in try data.close(hasTime: false) }
        throw error
    }
    let housekeeping = Housekeeping(server.writes, denials)
    let hasReports = !reports.reports.isEmpty
    for line in options.banner(
        port: server.port, adminPort: admin?.port, hasReports: hasReports)
    {
        print(line)
    }
    fflush(nil)
    waiting: while true {
        switch signals.wait() {
        case .snapshot: desk.snapshot()
        case .reload: desk.reloadKeys()
        case .stop: break waiting
        }
    }
    let start = ContinuousClock.now
    endProcess(after: stopTime)
    desk.close()
    housekeeping.stop()
    server.stop(drain: drainTime)
    admin?.stop()
    denials.flush()
    log.flush()
    try data.close(hasTime: ContinuousClock.now - start < lastSnapshotTime)
}

/// Lets the process have as many descriptors as it may, up to what all connections need. Reason: it
/// begins with 1,024 on most systems, fewer than the connections that are let in.
private func raiseDescriptorLimit() {
    let wanted = rlim_t(HTTPLimits().connectionsMax + 1_024)
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
        limit.rlim_cur < wanted
    else { return }
    limit.rlim_cur = min(limit.rlim_max, wanted)
    // Without it, fewer connections are let in at a time.
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// The log of slow operations, on standard error; nil when it is turned off.
private func slowLog(
    _ model: Model, _ options: ServeOptions, _ terminal: Terminal, _ log: LogSink
) -> SlowLog? {
    guard let threshold = options.slowNanoseconds else { return nil }
    return SlowLog(
        thresholdNanoseconds: threshold,
        format: options.logFormat ?? (terminal.isErrorTerminal ? .text : .json),
        mask: options.logsVariables ? VariableMask(model) : nil,
        sink: log)
}

/// Starts the listener for operators, if there is to be one.
///
/// - Throws: when it was asked for and cannot be. One by default is done without.
private func startAdmin(
    _ server: GraphQLServer, _ data: ServedData, _ context: EngineContext,
    _ options: ServeOptions, _ gate: Gate, _ terminal: Terminal
) throws(CommandError) -> AdminServer? {
    guard let address = options.adminAddress else { return nil }
    let page = MetricsPage(
        observer: server.observer, context: context, writer: data.writer,
        directory: data.directory, http: { server.httpFigures }, process: { .now() })
    // Who is on this machine needs no credential.
    let admin = AdminServer(
        address, page, Health(server.readiness, server.writes),
        gate: address.isLoopback || gate.authenticator == nil ? nil : gate)
    do throws(HTTPServerError) {
        try admin.start()
        return admin
    } catch {
        let problem = commandError(error, flag: "--admin-listen")
        if options.isAdminAsked { throw problem }
        terminal.note("no metrics: \(problem.message)")
        return nil
    }
}

/// Ends the process with 0 if it is still there after that time.
///
/// What was acknowledged is in the journal by then; a snapshot that was being written is left
/// unfinished, and the next start removes it.
private func endProcess(after time: Duration) {
    let (seconds, attoseconds) = time.components
    // Without a thread, it ends when the rest of the work is done.
    _ = try? SystemThread.start {
        // The thread takes no signals, so nothing cuts its sleep short.
        var whole = timespec(
            tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        unsafe nanosleep(&whole, nil)
        _exit(ExitCode.success.rawValue)
    }
}

/// Event loops with an endpoint each, and the workers behind them.
final class GraphQLServer: Sendable {
    /// Event loops of one server. Reason: each has a reader of the store, and so has each worker,
    /// of which there are as many; the store has 512.
    static let loopCountMax = 128

    let readiness = Readiness()
    private let http: HTTPServer
    private let workers: WorkerPool
    private let exports: ExportPool
    let writes: WriteRoad
    let observer: Observer

    /// - Parameters:
    ///   - configuration: all of it counts but the body of errors, which is GraphQL's here.
    ///   - gate: what requests have to pass; nil for nothing.
    ///   - writes: the road to a writer that has been started, and is stopped after this server.
    ///   - exports: by default one with the usual limits.
    init(
        _ configuration: HTTPConfiguration, context: EngineContext,
        reports: ReportLibrary = .empty, rules: StatusRules, workers: WorkerPool,
        writes: WriteRoad, exports: ExportPool? = nil, gate: Gate? = nil,
        observer: Observer = Observer()
    ) {
        var configuration = configuration
        configuration.headerLines = securityHeaderLines
        configuration.loopCount = min(configuration.loopCount, Self.loopCountMax)
        configuration.errorBody = { status, message, output in
            GraphQLEndpoint.appendError(status, message.description, hint: nil, to: output)
            return MediaType.json.contentType
        }
        self.workers = workers
        self.writes = writes
        self.observer = observer
        let exports =
            exports ?? ExportPool(context: context, rules: rules, observer: observer)
        self.exports = exports
        let readiness = readiness
        http = HTTPServer(configuration) { _ in
            guard
                let endpoint = GraphQLEndpoint(
                    context: context, workers: workers, exports: exports, reports: reports,
                    writes: writes, readiness: readiness, rules: rules, observer: observer)
            else { preconditionFailure("there are more loops than the store has readers") }
            guard let gate, !gate.isOpen else { return endpoint }
            return GuardedEndpoint(gate, endpoint)
        }
    }

    /// When it returns, connections are taken.
    func start() throws(HTTPServerError) {
        do throws(SystemThread.Refusal) {
            try workers.start()
            try exports.start()
        } catch {
            throw .system(call: "pthread_create", errno: error.code)
        }
        do throws(HTTPServerError) {
            try http.start()
        } catch {
            workers.stop()
            exports.stop()
            throw error
        }
    }

    /// What the event loops have counted.
    var httpFigures: (HTTPCounters, [HTTPAnswerCount]) { (http.counters, http.answerCounts) }

    /// The port that is listened on.
    var port: UInt16 { http.port }

    /// Takes no more connections, finishes what is in progress, and ends.
    ///
    /// - Parameter drain: how long requests may still take.
    func stop(drain: Duration) {
        readiness.drain()
        http.stop(drain: drain)
        workers.stop()
        exports.stop()
    }
}

/// What people want of a running server besides its commands.
private final class ServerDesk {
    private let data: ServedData
    private let context: EngineContext
    private let clock: @Sendable () -> Int64
    private let gate: Gate
    private let terminal: Terminal
    private var control: ControlServer?
    private var watch: AccessWatch?

    init(
        _ data: ServedData, _ context: EngineContext, _ options: ServeOptions, _ gate: Gate,
        _ terminal: Terminal
    ) {
        self.data = data
        self.gate = gate
        self.context = context
        clock = makeClock(fixed: options.fixedNow)
        self.terminal = terminal
    }

    /// Listens for the commands of other processes, if there is a data directory, and looks after
    /// the keys.
    func open() throws(CommandError) {
        if let authenticator = gate.authenticator {
            watch = AccessWatch(authenticator) { Terminal.ofProcess(noColour: true).report($0) }
            if authenticator.keyCount == 0 {
                terminal.note("there are no keys yet: make one with \"tessera key create\"")
            }
        }
        guard let directory = data.directory, let path = data.path else { return }
        let context = context
        let clock = clock
        do throws(LocalSocket.Problem) {
            let gate = gate
            let control = try ControlServer(
                directory: path,
                reloadKeys: { () throws(CommandError) in try gate.authenticator?.reload() },
                keyUses: { gate.authenticator?.lastUses ?? [:] }
            ) {
                DataService(directory, path: path, context, clock: clock)
            }
            try control.start()
            self.control = control
        } catch {
            throw CommandError(
                .data, "\(path)/\(LocalSocket.name) cannot be made: \(error)",
                hint: "this user must be able to write to the folder, its file system must allow "
                    + "sockets, and nothing else may have that name")
        }
    }

    func close() {
        watch?.stop()
        control?.stop()
        control = nil
    }

    /// Takes up what the file of keys says now.
    func reloadKeys() {
        do throws(CommandError) {
            try gate.authenticator?.reload()
        } catch {
            terminal.report(error)
        }
    }

    /// Writes a snapshot on a thread of its own, and says so.
    func snapshot() {
        guard let directory = data.directory, let path = data.path else {
            return terminal.note("there is no snapshot of data in memory; serve it with --data")
        }
        let context = context
        let clock = clock
        let thread = try? SystemThread.start {
            let terminal = Terminal.ofProcess(noColour: true)
            let service = DataService(directory, path: path, context, clock: clock)
            do throws(CommandError) {
                terminal.note(try service.snapshot().line)
            } catch {
                terminal.report(error)
            }
        }
        if thread == nil { terminal.note("no snapshot: the system has no thread left for it") }
    }
}

/// SIGTERM, SIGINT, SIGUSR1 and perhaps SIGHUP, taken by the thread that waits for them.
private struct ServerSignals {
    enum Wish {
        case stop
        case snapshot
        case reload
    }

    private var set = sigset_t()
    private var maskBefore = sigset_t()

    /// - Parameter reloads: whether SIGHUP is a wish, and not the end of the process.
    init(reloads: Bool) {
        unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGUSR1] { unsafe sigaddset(&set, signal) }
        if reloads { unsafe sigaddset(&set, SIGHUP) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, &maskBefore)
    }

    /// Leaves the signals to whoever had them before.
    func giveBack() {
        var mask = maskBefore
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    func wait() -> Wish {
        var set = set
        var signal: Int32 = 0
        while unsafe sigwait(&set, &signal) != 0 {}
        switch signal {
        case SIGUSR1: return .snapshot
        case SIGHUP: return .reload
        default: return .stop
        }
    }
}

private func commandError(
    _ error: HTTPServerError, flag: String = "--listen"
) -> CommandError {
    let (problem, hint) =
        switch error {
        case .addressInUse(let host, let port):
            (
                "\(host):\(port) is in use by another process",
                "stop it, or choose another port with \(flag) HOST:PORT; port 0 takes a free one"
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
