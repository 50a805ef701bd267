import Engine
import Foundation
import Testing

@testable import TesseraServer

private let second: UInt64 = 1_000_000_000

@Suite struct RateLimiterTests {
    @Test func `a rate is a number for a time, and perhaps a burst`() {
        #expect(Rate("1000/s") == Rate(unitsPerSecond: 1000, burst: 1000))
        #expect(Rate("60/m") == Rate(unitsPerSecond: 1, burst: 1))
        #expect(Rate("6/m") == Rate(unitsPerSecond: 0.1, burst: 1))
        #expect(Rate("10/s:500") == Rate(unitsPerSecond: 10, burst: 500))
        for text in [
            "", "10", "/s", "s", "0/s", "-1/s", "+1/s", "1.5/s", "10/h", "10/s:", "10/s:0",
            "10/s:5:5", "10/s/s", "1000000001/s", "99999999999999999999/s", "１０/s", " 1/s",
        ] {
            #expect(Rate(text) == nil, "\(text)")
        }
    }

    @Test func `a bucket gives what it holds, and again after a while`() {
        let rate = Rate(unitsPerSecond: 2, burst: 3)
        var bucket = TokenBucket(rate, now: 5 * second)
        #expect((0..<3).map { _ in bucket.take(1, rate, now: 5 * second) } == [nil, nil, nil])
        #expect(bucket.take(1, rate, now: 5 * second) == 1)
        #expect(bucket.take(3, rate, now: 5 * second) == 2)
        #expect(bucket.take(1, rate, now: 5 * second + second / 2) == nil)
        #expect(bucket.take(1, rate, now: 5 * second + second / 2) == 1)
        // It holds no more than its burst, and a clock that goes back brings nothing.
        #expect((0..<4).map { _ in bucket.take(1, rate, now: 900 * second) } == [nil, nil, nil, 1])
        #expect(bucket.take(1, rate, now: 0) == 1)
    }

    @Test func `what costs more than a bucket holds waits for a full one`() {
        let rate = Rate(unitsPerSecond: 1, burst: 10)
        var bucket = TokenBucket(rate, now: 0)
        #expect(bucket.take(50, rate, now: 0) == nil)
        #expect(bucket.take(1, rate, now: 0) == 41)
        #expect(bucket.take(1, rate, now: 41 * second) == nil)
    }

    @Test func `what was had on credit comes back first, and at most a minute of it`() {
        let rate = Rate(unitsPerSecond: 2, burst: 10)
        var bucket = TokenBucket(rate, now: 0)
        bucket.charge(15, rate, now: 0)
        #expect(bucket.take(1, rate, now: 0) == 3)
        #expect(bucket.take(1, rate, now: 3 * second) == nil)
        bucket.charge(1_000_000, rate, now: 3 * second)
        #expect(bucket.take(1, rate, now: 3 * second) == 61)
        #expect(bucket.take(1, rate, now: 64 * second) == nil)
        let limiter = RateLimiter(rate)
        limiter.charge(5, to: [1], now: 0)
        #expect(limiter.take(10, for: [1], now: 0) == nil)
        limiter.charge(5, to: [1], now: 0)
        #expect(limiter.take(1, for: [1], now: 0) == 3)
    }

    @Test func `each has a bucket`() {
        let limiter = RateLimiter(Rate(unitsPerSecond: 1, burst: 1))
        #expect(limiter.take(1, for: [1], now: 0) == nil)
        #expect(limiter.take(1, for: [1], now: 0) == 1)
        #expect(limiter.take(1, for: [2], now: 0) == nil)
        #expect(limiter.take(1, for: [1], now: second) == nil)
    }

    @Test func `buckets are bounded, and those that are full go first`() {
        let limiter = RateLimiter(Rate(unitsPerSecond: 1, burst: 2), bucketCountMax: 4)
        for name in 0..<3 { #expect(limiter.take(1, for: [UInt8(name)], now: 0) == nil) }
        #expect(limiter.take(2, for: [9], now: second) == nil)
        // Three are full again at that time, and one is not.
        #expect(limiter.take(1, for: [10], now: second) == nil)
        #expect(limiter.take(1, for: [9], now: second) == 1)
        for name in 20..<120 { #expect(limiter.take(1, for: [UInt8(name)], now: second) == nil) }
    }

    @Test func `a flood of denials is a few lines that say how many there were`() {
        let lines = Lines()
        let log = DenialLog(clock: { 0 }) { lines.add($0) }
        let entry = DenialEntry(
            status: 401, kind: .unauthenticated, reason: "unknown key", subject: "0123456789ab",
            role: nil,
            path: "/graph\"ql", requestID: "r-1", remoteAddress: "192.0.2.7")
        for _ in 0..<150 { log.put(entry, now: 0) }
        #expect(lines.all.count == 100)
        let line =
            #"{"ts":"1970-01-01T00:00:00.000Z","level":"warn","msg":"denied","#
            + #""requestId":"r-1","status":401,"kind":"unauthenticated","reason":"unknown key","subject":"0123456789ab","#
            + #""path":"/graph\"ql","remote":"192.0.2.7""#
        #expect(Set(lines.all) == [line + "}\n"])
        for _ in 0..<30 { log.put(entry, now: second) }
        #expect(lines.all.count == 110)
        #expect(lines.all[100] == line + ",\"suppressed\":50}\n")
        #expect(lines.all[101] == line + "}\n")
        // Strangers do not keep those who are known from being seen.
        let known = DenialEntry(
            status: 403, kind: .forbidden, reason: "no", subject: "0123456789ab", role: "staff",
            operation: "Q", place: "Query.members", path: "/graphql", requestID: nil,
            remoteAddress: nil)
        log.put(known, now: second)
        #expect(
            lines.all[110]
                == #"{"ts":"1970-01-01T00:00:00.000Z","level":"warn","msg":"denied","status":403,"#
                + #""kind":"forbidden","reason":"no","subject":"0123456789ab","role":"staff","#
                + #""op":"Q","place":"Query.members","path":"/graphql"}"# + "\n")
        // What no line has told of is told of in the end.
        log.flush()
        #expect(
            lines.all[111...] == [
                #"{"ts":"1970-01-01T00:00:00.000Z","level":"warn","msg":"denied","suppressed":20}"#
                    + "\n"
            ])
        log.flush()
        #expect(lines.all.count == 112)
        #expect(log.counts == [180, 0, 1, 0, 0])
    }
}

/// Lines that a log has written.
final class Lines: Sendable {
    private let lock = NSLock()
    private nonisolated(unsafe) var lines: [String] = []

    func add(_ bytes: [UInt8]) {
        lock.withLock { unsafe lines.append(String(decoding: bytes, as: UTF8.self)) }
    }

    var all: [String] { lock.withLock { unsafe lines } }
}
