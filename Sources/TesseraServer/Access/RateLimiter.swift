import Synchronization

/// How much may be asked for in a time: so much at once, and so much a second after that.
struct Rate: Equatable, Sendable {
    /// Units that come back in a second.
    let unitsPerSecond: Double
    /// Units that can be had at once.
    let burst: Double

    init(unitsPerSecond: Double, burst: Double) {
        self.unitsPerSecond = unitsPerSecond
        self.burst = burst
    }

    /// `1000/s`, `60/m` or `1000/s:5000`, where the burst follows the colon; without one it is what
    /// a second brings, and at least 1.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let rate = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, rate.count == 2, let units = Rate.number(rate[0]) else {
            return nil
        }
        switch rate[1] {
        case "s": unitsPerSecond = units
        case "m": unitsPerSecond = units / 60
        default: return nil
        }
        guard parts.count == 2 else {
            burst = max(1, unitsPerSecond)
            return
        }
        guard let burst = Rate.number(parts[1]) else { return nil }
        self.burst = burst
    }

    /// A whole number from 1 to a thousand millions.
    private static func number(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(text),
            1...1_000_000_000 ~= number
        else { return nil }
        return Double(number)
    }
}

/// Units that somebody may still have, at a time.
struct TokenBucket: Equatable, Sendable {
    private var level: Double
    private var time: UInt64

    /// A full one.
    init(_ rate: Rate, now: UInt64) {
        level = rate.burst
        time = now
    }

    /// Takes units out. What costs more than a bucket holds is let through a full one.
    ///
    /// - Parameter now: nanoseconds of a clock that does not go back.
    /// - Returns: nil when they were there; else the seconds until they will be, and nothing is
    ///   taken.
    mutating func take(_ units: Double, _ rate: Rate, now: UInt64) -> Int? {
        fill(rate, now: now)
        let missing = min(units, rate.burst) - level
        guard missing > 0 else {
            level -= units
            return nil
        }
        let seconds = (missing / rate.unitsPerSecond).rounded(.up)
        return max(1, Int(min(seconds, 86_400)))
    }

    /// Takes units out whether or not they are there. What is missing has to come back before
    /// anything can be had again, but what more than a minute brings is forgiven: nobody waits
    /// longer than that for one request.
    mutating func charge(_ units: Double, _ rate: Rate, now: UInt64) {
        fill(rate, now: now)
        level = max(level - units, -60 * rate.unitsPerSecond)
    }

    mutating func isFull(_ rate: Rate, now: UInt64) -> Bool {
        fill(rate, now: now)
        return level >= rate.burst
    }

    private mutating func fill(_ rate: Rate, now: UInt64) {
        guard now > time else { return }
        level = min(rate.burst, level + Double(now - time) / 1e9 * rate.unitsPerSecond)
        time = now
    }
}

/// A bucket for each of those who ask.
final class RateLimiter: Sendable {
    let rate: Rate
    private let bucketCountMax: Int
    private let buckets = Mutex<[[UInt8]: TokenBucket]>([:])

    /// - Parameter bucketCountMax: who asks beyond that makes others' buckets be forgotten. Reason:
    ///   of addresses there are more than memory holds.
    init(_ rate: Rate, bucketCountMax: Int = 65_536) {
        self.rate = rate
        self.bucketCountMax = bucketCountMax
    }

    /// Takes units out of somebody's bucket.
    ///
    /// - Parameter now: nanoseconds of a clock that does not go back.
    /// - Returns: nil when they were there; else the seconds until they will be.
    func take(_ units: Double, for name: [UInt8], now: UInt64) -> Int? {
        buckets.withLock { buckets in
            if let wait = buckets[name]?.take(units, rate, now: now) { return wait }
            if buckets[name] != nil { return nil }
            if buckets.count >= bucketCountMax { forget(&buckets, now: now) }
            var bucket = TokenBucket(rate, now: now)
            let wait = bucket.take(units, rate, now: now)
            buckets[name] = bucket
            return wait
        }
    }

    /// Takes units out of somebody's bucket whether or not they are there.
    func charge(_ units: Double, to name: [UInt8], now: UInt64) {
        buckets.withLock { $0[name]?.charge(units, rate, now: now) }
    }

    /// Forgets the buckets that are full, which is as if they had never been. If that are few, all
    /// are forgotten, so that this happens seldom.
    private func forget(_ buckets: inout [[UInt8]: TokenBucket], now: UInt64) {
        let rate = rate
        let left = buckets.filter { entry in
            var bucket = entry.value
            return !bucket.isFull(rate, now: now)
        }
        buckets = left.count <= bucketCountMax / 2 ? left : [:]
    }
}
