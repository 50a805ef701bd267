import Glibc
import Synchronization

/// A thread of the system. It takes no signals: they are the main thread's business.
///
/// Whoever keeps it waits for its end with ``join()``; otherwise its memory is given back when it
/// has ended by itself.
// Safe: the handle is given back once, by `join` or at the end.
@safe
public final class SystemThread: Sendable {
    /// The system has no thread left, or not the memory for one.
    public struct Refusal: Error, Equatable, Sendable {
        /// The `errno` that says why.
        public let code: CInt
    }

    private let handle: pthread_t
    private let isJoined = Atomic(false)

    private init(_ handle: pthread_t) {
        self.handle = handle
    }

    /// Bytes of stack. Reason: documents nest to a bounded depth, for which this is plenty in debug
    /// builds too; only pages that are touched take memory.
    private static let stackByteCount = 8 << 20

    private final class Start {
        let niceness: CInt
        let body: @Sendable () -> Void

        init(_ niceness: CInt, _ body: @escaping @Sendable () -> Void) {
            self.niceness = niceness
            self.body = body
        }
    }

    /// Starts a thread that ends when `body` returns.
    ///
    /// - Parameter niceness: how far others go before it: 0 is no difference, 19 the most.
    @discardableResult
    public static func start(
        niceness: CInt = 0, _ body: @escaping @Sendable () -> Void
    ) throws(Refusal) -> SystemThread {
        var all = sigset_t()
        var old = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, &old)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &old, nil) }
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackByteCount)
        defer { unsafe pthread_attr_destroy(&attributes) }
        let start = unsafe Unmanaged.passRetained(Start(niceness, body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, &attributes,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                if start.niceness > 0 {
                    // On Linux, 0 means the calling thread.
                    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, start.niceness)
                }
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            unsafe start.release()
            throw Refusal(code: status)
        }
        return SystemThread(handle)
    }

    deinit {
        if !isJoined.load(ordering: .relaxed) { pthread_detach(handle) }
    }

    /// Waits for its end; to be called once.
    public func join() {
        let wasJoined = isJoined.exchange(true, ordering: .relaxed)
        precondition(!wasJoined, "a thread is joined once")
        _ = pthread_join(handle, nil)
    }
}
