import Glibc

/// The time as a server needs it. A parameter, so that tests move it by hand.
public protocol HTTPClock: Sendable {
    /// Nanoseconds since some fixed moment; never goes back.
    func monotonicNanoseconds() -> UInt64

    /// Nanoseconds since 1970-01-01T00:00:00Z, for the `Date` header only.
    func wallNanoseconds() -> UInt64
}

/// The system's clocks.
public struct SystemClock: HTTPClock {
    public init() {}

    public func monotonicNanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }

    public func wallNanoseconds() -> UInt64 { read(CLOCK_REALTIME) }

    private func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }
}
