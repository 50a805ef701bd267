import Bytes
import CLinux
import Glibc
import Synchronization

/// A server: one thread that accepts, and a loop a thread that answers.
public final class HTTPServer: Sendable {
    private struct Running {
        let port: UInt16
        let acceptor: Acceptor.Shared
        var acceptorThread: SystemThread?
        var loops: [LoopReference] = []
        var loopThreads: [SystemThread] = []
    }

    private enum State {
        case new
        case starting
        case running(Running)
        case ended(HTTPCounters)
    }

    private let configuration: HTTPConfiguration
    private let makeHandler: @Sendable (Int) -> any RequestHandler
    private let state = Mutex(State.new)
    private let draining = Atomic(false)

    /// - Parameter makeHandler: makes the handler of the loop with that index. It is called on the
    ///   loop's thread and its result never leaves it, so that handlers need no locks.
    public init(
        _ configuration: HTTPConfiguration,
        makeHandler: @escaping @Sendable (Int) -> any RequestHandler
    ) {
        self.configuration = configuration
        self.makeHandler = makeHandler
    }

    /// Binds, listens and starts all threads. When it returns, connections are taken.
    ///
    /// A server starts once; a stopped one does not start again. After an error it may be tried
    /// again.
    public func start() throws(HTTPServerError) {
        let isNew = state.withLock { state in
            guard case .new = state else { return false }
            state = .starting
            return true
        }
        guard isNew else { throw .alreadyStarted }
        do throws(HTTPServerError) {
            let running = try open()
            state.withLock { $0 = .running(running) }
        } catch {
            state.withLock { $0 = .new }
            throw error
        }
    }

    private func open() throws(HTTPServerError) -> Running {
        signal(SIGPIPE, SIG_IGN)
        let listener = try Socket.listen(host: configuration.host, port: configuration.port)
        let port = try Socket.port(of: listener.raw)
        let shared = Acceptor.Shared(stop: try makeWakeDescriptor())
        var running = Running(port: port, acceptor: shared)
        do throws(HTTPServerError) {
            for index in 0..<max(1, configuration.loopCount) {
                try startLoop(index, &running)
            }
            let loops = running.loops
            let refusal = refusal()
            let connectionsMax = configuration.limits.connectionsMax
            running.acceptorThread = try start("tessera-accept", owning: listener) { listener in
                Acceptor(
                    listener, shared, loops, connectionsMax: connectionsMax, refusal: refusal
                ).run()
            }
        } catch {
            end(running, drain: .zero)
            throw error
        }
        return running
    }

    private func startLoop(_ index: Int, _ running: inout Running) throws(HTTPServerError) {
        let epoll = Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)))
        guard epoll.raw >= 0 else {
            throw Socket.failure("epoll_create1", configuration.host, configuration.port)
        }
        let loop = LoopReference(
            mailbox: Mailbox(wakeDescriptor: try makeWakeDescriptor()), counters: LoopCounters())
        let thread = try start("tessera-loop-\(index)", owning: epoll) {
            [configuration, makeHandler] epoll in
            let context = LoopContext(
                configuration, index: index, mailbox: loop.mailbox, counters: loop.counters)
            EventLoop(context, makeHandler(index), epoll: epoll).run()
        }
        running.loops.append(loop)
        running.loopThreads.append(thread)
    }

    /// Starts a thread that takes a descriptor over.
    ///
    /// - Parameter name: what `top -H` shows, at most 15 bytes.
    private func start(
        _ name: String, owning descriptor: consuming Descriptor,
        _ run: @escaping @Sendable (consuming Descriptor) -> Void
    ) throws(HTTPServerError) -> SystemThread {
        let raw = descriptor.release()
        do throws(SystemThread.Refusal) {
            return try SystemThread.start {
                _ = unsafe pthread_setname_np(pthread_self(), name)
                run(Descriptor(raw))
            }
        } catch {
            _ = Descriptor(raw)
            throw .system(call: "pthread_create", errno: error.code)
        }
    }

    private func makeWakeDescriptor() throws(HTTPServerError) -> Descriptor {
        let wake = Descriptor(
            eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))
        guard wake.raw >= 0 else {
            throw Socket.failure("eventfd", configuration.host, configuration.port)
        }
        return wake
    }

    /// The whole 503 that a connection too many gets.
    private func refusal() -> [UInt8] {
        let body = ByteBuffer(capacity: 256)
        let contentType = configuration.errorBody(
            .serviceUnavailable, "There are too many connections.", body)
        let answer = ByteBuffer(capacity: 512)
        answer.append(HTTPStatus.serviceUnavailable.line)
        answer.append(configuration.headerLines)
        answer.append("Content-Type: ")
        answer.append(contentType)
        answer.append("\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: ")
        answer.appendInteger(body.count)
        answer.append("\r\n\r\n")
        unsafe body.withUnsafeBytes { unsafe answer.append($0) }
        return answer.bytes
    }

    /// Stops accepting, lets requests in progress finish, closes all connections and joins all
    /// threads. Not to be called on a loop's thread.
    ///
    /// Silent connections are closed at once; answers from here on say `Connection: close`.
    ///
    /// Every call but the first returns at once.
    ///
    /// - Parameter drain: how long requests may still take; what is not answered then is cut off.
    public func stop(drain: Duration) {
        guard !draining.exchange(true, ordering: .relaxed) else { return }
        let running: Running? = state.withLock { state in
            if case .running(let running) = state { return running }
            if case .new = state { state = .ended(HTTPCounters()) }
            return nil
        }
        guard let running else { return }
        end(running, drain: drain)
        let counters = HTTPServer.counters(of: running)
        state.withLock { $0 = .ended(counters) }
    }

    private func end(_ running: Running, drain: Duration) {
        // First the acceptor, so that no connection comes after the loops have ended.
        running.acceptor.end()
        running.acceptorThread?.join()
        let deadline = configuration.clock.monotonicNanoseconds() &+ drain.nanoseconds
        for loop in running.loops { loop.mailbox.post(.drain(until: deadline)) }
        for thread in running.loopThreads { thread.join() }
    }

    /// The port that is listened on, 0 before the start and after the end.
    public var port: UInt16 {
        state.withLock { state in
            guard case .running(let running) = state else { return 0 }
            return running.port
        }
    }

    /// Whether ``stop(drain:)`` was called: readiness checks fail from here on.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// What has been counted so far.
    public var counters: HTTPCounters {
        state.withLock { state in
            switch state {
            case .new, .starting: HTTPCounters()
            case .running(let running): HTTPServer.counters(of: running)
            case .ended(let counters): counters
            }
        }
    }

    /// How requests have been answered so far; empty before the start and after the end.
    public var answerCounts: [HTTPAnswerCount] {
        state.withLock { state in
            guard case .running(let running) = state else { return [] }
            var cells = [UInt64](repeating: 0, count: HTTPAnswerCount.cellCount)
            for loop in running.loops { loop.counters.addAnswers(to: &cells) }
            return HTTPAnswerCount.all(in: cells)
        }
    }

    private static func counters(of running: Running) -> HTTPCounters {
        var sum = HTTPCounters()
        sum.acceptedCount = running.acceptor.accepted.load(ordering: .relaxed)
        sum.refusedCount = running.acceptor.refused.load(ordering: .relaxed)
        for loop in running.loops { loop.counters.add(to: &sum) }
        return sum
    }

    /// Makes all loops look at the clock, after a test has moved it.
    package func wakeLoops() {
        state.withLock { state in
            guard case .running(let running) = state else { return }
            for loop in running.loops { loop.mailbox.wake() }
        }
    }
}
