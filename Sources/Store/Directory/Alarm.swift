import Glibc

/// Lets one thread sleep until a time has passed or another wakes it for good.
// Safe: both places are made by `init`, live as long as this object and do not move.
@safe
final class Alarm: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var hasRung = false

    init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let isMade =
            unsafe pthread_mutex_init(lock, nil) == 0
            && pthread_cond_init(condition, &attributes) == 0
        unsafe pthread_condattr_destroy(&attributes)
        precondition(isMade, "the system has no lock left")
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(lock)
        unsafe condition.deallocate()
        unsafe lock.deallocate()
    }

    /// Sleeps.
    /// - Returns: whether the alarm has rung; then every further sleep ends at once.
    func sleep(milliseconds: Int) -> Bool {
        var end = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &end)
        let nanoseconds = end.tv_nsec + milliseconds % 1000 * 1_000_000
        end.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while !hasRung {
            if unsafe pthread_cond_timedwait(condition, lock, &end) == ETIMEDOUT { break }
        }
        return hasRung
    }

    func ring() {
        unsafe pthread_mutex_lock(lock)
        hasRung = true
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(lock)
    }
}
