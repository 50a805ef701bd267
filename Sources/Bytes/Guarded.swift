import Glibc

/// State behind a lock, like `Synchronization.Mutex`, but with the lock of the system:
/// ThreadSanitizer follows that one and not the other.
// Safe: `state` is only reached while `lock` is held; `lock` does not move and lives as long.
@safe
public final class Guarded<State: Sendable>: @unchecked Sendable {
    private var state: State
    private let lock: UnsafeMutablePointer<pthread_mutex_t>

    public init(_ state: State) {
        self.state = state
        unsafe lock = .allocate(capacity: 1)
        let status = unsafe pthread_mutex_init(lock, nil)
        precondition(status == 0, "the system has no lock left")
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Runs `body` alone. It must neither take the same lock nor wait for anything.
    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&state)
    }
}
