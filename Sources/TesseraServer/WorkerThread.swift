import Glibc

/// A thread of the system with a stack of a stated size.
enum WorkerThread {
    /// Bytes of stack. Reason: documents nest to a bounded depth, for which this is plenty in debug
    /// builds too; only pages that are touched take memory.
    private static let stackByteCount = 8 << 20

    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a thread that ends when `run` returns. It takes no signals.
    static func start(_ run: @escaping @Sendable () -> Void) {
        var all = sigset_t()
        var old = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, &old)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &old, nil) }
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackByteCount)
        unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        defer { unsafe pthread_attr_destroy(&attributes) }
        let body = unsafe Unmanaged.passRetained(Body(run))
        var handle = pthread_t()
        let result = unsafe pthread_create(
            &handle, &attributes,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        precondition(result == 0, "a thread was refused when the server started")
    }
}
