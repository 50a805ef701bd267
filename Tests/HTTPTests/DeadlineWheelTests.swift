import Bytes
import Testing

@testable import HTTP

private let second: UInt64 = 1_000_000_000

@Test func `an empty wheel sleeps without limit`() {
    var wheel = DeadlineWheel(now: 5 * second)
    #expect(wheel.timeoutMilliseconds(now: 5 * second) == -1)
    #expect(wheel.popDue(now: 500 * second) == nil)
    wheel.schedule(3, deadline: .max)
    #expect(wheel.timeoutMilliseconds(now: 500 * second) == -1)
}

@Test func `a place is due soon after its deadline and never before`() {
    var wheel = DeadlineWheel(now: 5 * second)
    wheel.schedule(3, deadline: 15 * second)
    #expect(wheel.popDue(now: 15 * second - 1) == nil)
    let timeout = wheel.timeoutMilliseconds(now: 5 * second)
    #expect((10_000...10_140).contains(timeout))
    #expect(wheel.popDue(now: 15 * second + (1 << DeadlineWheel.tickShift)) == 3)
    #expect(wheel.popDue(now: 500 * second) == nil)
}

@Test func `a deadline moved nearer counts, one moved away is looked at early`() {
    var wheel = DeadlineWheel(now: 0)
    wheel.schedule(1, deadline: 75 * second)
    wheel.schedule(1, deadline: 10 * second)
    wheel.schedule(1, deadline: 75 * second)
    #expect(wheel.popDue(now: 11 * second) == 1)
    wheel.schedule(1, deadline: 75 * second)
    #expect(wheel.popDue(now: 75 * second - 1) == nil)
    #expect(wheel.popDue(now: 76 * second) == 1)
}

@Test func `a deadline beyond the wheel is looked at within its reach`() {
    var wheel = DeadlineWheel(now: 0)
    wheel.schedule(1, deadline: 10_000 * second)
    #expect(wheel.popDue(now: 138 * second) == 1)
}

@Test(arguments: [1, 2, 3] as [UInt64])
func `the wheel agrees with a plain list of deadlines`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var now = UInt64.random(in: 0...(1000 * second), using: &random)
    var wheel = DeadlineWheel(now: now)
    var deadlines: [Int: UInt64] = [:]
    for _ in 0..<20_000 {
        let place = Int.random(in: 0..<200, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            wheel.cancel(place)
            deadlines[place] = nil
        case 1:
            now += UInt64.random(in: 0...(2 * second), using: &random)
            while let due = wheel.popDue(now: now) {
                guard let deadline = deadlines[due] else {
                    Issue.record("seed \(seed): place \(due) is not in the wheel")
                    return
                }
                if deadline > now {
                    wheel.schedule(due, deadline: deadline)
                } else {
                    deadlines[due] = nil
                }
            }
            let late = deadlines.values.filter { $0 + (1 << DeadlineWheel.tickShift) <= now }
            #expect(late == [], "seed \(seed)")
        default:
            let deadline = now + UInt64.random(in: 0...(200 * second), using: &random)
            deadlines[place] = deadline
            wheel.schedule(place, deadline: deadline)
        }
        let timeout = wheel.timeoutMilliseconds(now: now)
        if let nearest = deadlines.values.min() {
            let latest = nearest + (2 << DeadlineWheel.tickShift)
            #expect(timeout >= 0 && now + UInt64(timeout) * 1_000_000 <= max(latest, now + second))
        }
    }
}
