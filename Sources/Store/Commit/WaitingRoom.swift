import Glibc

/// A lock and the places at which threads wait for what is guarded by it.
///
/// The lock and the conditions are those of the system, which ThreadSanitizer follows. What is
/// guarded lies in a class of the user's, touched only between ``enter()`` and ``leave()``.
// Safe: lock and conditions do not move and live as long as this object.
@safe
final class WaitingRoom: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: UnsafeMutablePointer<pthread_cond_t>
    private let conditionCount: Int

    /// - Parameter places: how many conditions there are, numbered from 0.
    init(places: Int) {
        conditionCount = places
        unsafe lock = .allocate(capacity: 1)
        unsafe conditions = .allocate(capacity: places)
        var status = unsafe pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        for place in 0..<places {
            status |= unsafe pthread_cond_init(conditions + place, &attributes)
        }
        unsafe pthread_condattr_destroy(&attributes)
        precondition(status == 0, "the system has no lock left")
    }

    deinit {
        for place in 0..<conditionCount { unsafe pthread_cond_destroy(conditions + place) }
        unsafe pthread_mutex_destroy(lock)
        unsafe conditions.deallocate()
        unsafe lock.deallocate()
    }

    func enter() { unsafe pthread_mutex_lock(lock) }

    func leave() { unsafe pthread_mutex_unlock(lock) }

    /// Runs `body` inside. It must not wait.
    func inside<Result>(_ body: () -> Result) -> Result {
        enter()
        defer { leave() }
        return body()
    }

    /// Leaves, waits to be called, enters again. It may return without a call.
    func wait(at place: Int) {
        unsafe pthread_cond_wait(conditions + place, lock)
    }

    /// As ``wait(at:)``, but no longer than up to `deadline`, in the nanoseconds of ``now()``.
    func wait(at place: Int, until deadline: UInt64) {
        var time = timespec()
        time.tv_sec = Int(deadline / 1_000_000_000)
        time.tv_nsec = Int(deadline % 1_000_000_000)
        _ = unsafe pthread_cond_timedwait(conditions + place, lock, &time)
    }

    /// Calls one of those who wait.
    func callOne(at place: Int) { unsafe pthread_cond_signal(conditions + place) }

    func callAll(at place: Int) { unsafe pthread_cond_broadcast(conditions + place) }

    /// Nanoseconds of the monotonic clock.
    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
