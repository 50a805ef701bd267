import Glibc
import Synchronization

/// A thread of the system beside those that clients wait for.
// Safe: the handle is given back once, by `join` or at the end.
@safe
final class BackgroundThread: @unchecked Sendable {
    private let handle: pthread_t
    private let isJoined = Atomic<Bool>(false)

    private init(_ handle: pthread_t) {
        self.handle = handle
    }

    private final class Start {
        let givesWay: Bool
        let body: @Sendable () -> Void

        init(_ givesWay: Bool, _ body: @escaping @Sendable () -> Void) {
            self.givesWay = givesWay
            self.body = body
        }
    }

    /// How far behind the others: 0 is no difference, 19 the most.
    private static let niceness: CInt = 10

    /// Starts a thread that takes no signals: they are the main thread's business.
    ///
    /// - Parameter givesWay: whether all others go before; not for a thread that others may have
    ///   to wait for.
    /// - Returns: nil when the system has no thread left.
    static func start(
        givesWay: Bool = true, _ body: @escaping @Sendable () -> Void
    ) -> BackgroundThread? {
        var all = sigset_t()
        var old = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, &old)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &old, nil) }
        let start = unsafe Unmanaged.passRetained(Start(givesWay, body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                if start.givesWay {
                    // On Linux, 0 means the calling thread.
                    _ = setpriority(
                        __priority_which_t(PRIO_PROCESS.rawValue), 0, BackgroundThread.niceness)
                }
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            unsafe start.release()
            return nil
        }
        return BackgroundThread(handle)
    }

    deinit {
        if !isJoined.load(ordering: .relaxed) { pthread_detach(handle) }
    }

    /// Waits for its end; to be called once.
    func join() {
        isJoined.store(true, ordering: .relaxed)
        _ = pthread_join(handle, nil)
    }
}
