import CLinux
import Glibc

/// Threads of the system, each with a name that `top -H` shows.
struct Thread: Sendable {
    private let handle: pthread_t

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread that takes no signals: they are the main thread's business.
    ///
    /// - Parameter name: at most 15 bytes.
    static func start(
        _ name: String, _ run: @escaping @Sendable () -> Void
    ) throws(HTTPServerError) -> Thread {
        var all = sigset_t()
        var old = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, &old)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &old, nil) }
        let body = unsafe Unmanaged.passRetained(Body(name, run))
        var handle = pthread_t()
        let result = unsafe pthread_create(
            &handle, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue()
                _ = unsafe pthread_setname_np(pthread_self(), body.name)
                body.run()
                return nil
            }, body.toOpaque())
        guard result == 0 else {
            unsafe body.release()
            throw .system(call: "pthread_create", errno: result)
        }
        return Thread(handle: handle)
    }

    /// Waits for its end.
    func join() {
        _ = pthread_join(handle, nil)
    }
}
