@testable import Membership
import Testing

private func rule(
    _ ref: UInt64, fixed: Int64? = nil, perUnit: Int64? = nil, unit: Int64? = nil,
    day: Int64? = nil, ever: Int64? = nil, priority: Int = 1, stackable: Bool = true
) -> EarningRule {
    EarningRule(
        ref: ref, trigger: .orderPaid, pointsFixed: fixed, pointsPerUnit: perUnit, unitMinor: unit,
        maxPerDay: day, maxPerMember: ever, priority: priority, isStackable: stackable)
}

private func award(
    _ candidates: [EarningCandidate], minor: Int64 = 0, bps: Int64 = 10_000
) throws(PointsFailure) -> EarningAward {
    try EarningAward(
        EarningOccasion(trigger: .orderPaid, at: 1_000, eligibleMinor: minor, multiplierBps: bps),
        candidates: candidates)
}

@Suite struct EarningRulesTests {
    @Test(arguments: [
        (Int64(9_999), Int64(99)), (10_000, 100), (99, 0), (100, 1), (0, 0), (-500, 0),
    ])
    func `points per unit count whole units of the order`(minor: Int64, points: Int64) throws {
        let award = try award([EarningCandidate(rule(1, perUnit: 1, unit: 100))], minor: minor)
        #expect(award.points == points)
        #expect(award.lines.count == (points > 0 ? 1 : 0))
        #expect(award.failure == nil)
    }

    @Test func `a rule without a unit gives its fixed points only`() throws {
        for (perUnit, unit) in [(nil, 100), (5, nil), (5, 0), (5, -100), (0, 100), (-5, 100)]
            as [(Int64?, Int64?)]
        {
            let rule = rule(1, fixed: 7, perUnit: perUnit, unit: unit)
            #expect(try award([EarningCandidate(rule)], minor: 10_000).points == 7)
        }
        #expect(try award([EarningCandidate(rule(1, fixed: -7))]).points == 0)
    }

    @Test(
        arguments: [
            (Int64(10_000), [Int64(3), 3, 3]), (15_000, [4, 5, 4]), (12_500, [3, 4, 4]),
            (20_000, [6, 6, 6]), (0, []), (-10_000, []), (3_333, [0, 1, 1]),
        ] as [(Int64, [Int64])])
    func `the multiplier is applied once, to the sum, and rounded down`(
        bps: Int64, parts: [Int64]
    ) throws {
        let rules = (1...3).map { EarningCandidate(rule($0, fixed: 3)) }
        let award = try award(rules, bps: bps)
        #expect(award.points == 9 * max(0, bps) / 10_000)
        if !parts.isEmpty { #expect(award.lines.map(\.points) == parts) }
    }

    @Test func `rules are judged by priority, and one that does not stack is the last`() throws {
        let rules = [
            EarningCandidate(rule(1, fixed: 1, priority: 3)),
            EarningCandidate(rule(2, fixed: 2, priority: 1)),
            EarningCandidate(rule(3, fixed: 4, priority: 2, stackable: false)),
            EarningCandidate(rule(4, fixed: 8, priority: 1)),
        ]
        let award = try award(rules)
        #expect(award.lines.map(\.rule) == [2, 4, 3])
        #expect(award.points == 14)
        // One that has nothing to give stops nobody.
        let idle = EarningCandidate(rule(5, fixed: 0, priority: 0, stackable: false))
        #expect(try EarningRulesTests.points(rules + [idle]) == 14)
    }

    private static func points(_ candidates: [EarningCandidate]) throws -> Int64 {
        try award(candidates).points
    }

    @Test(arguments: [
        (Int64(100), Int64(0), nil as Int64?, Int64(0), Int64(60), false),
        (100, 70, nil, 0, 30, false), (100, 100, nil, 0, 0, true), (100, 130, nil, 0, 0, true),
        (100, 0, 90, 50, 40, false), (100, 80, 90, 50, 20, false), (100, 0, 90, 95, 0, true),
        (0, 0, nil, 0, 0, true), (-5, 0, nil, 0, 0, true),
    ])
    func `limits reduce an award, and what they leave nothing of is told`(
        perDay: Int64, thatDay: Int64, perMember: Int64?, ever: Int64, points: Int64, fails: Bool
    ) throws {
        let candidate = EarningCandidate(
            rule(1, fixed: 40, day: perDay, ever: perMember), givenThatDay: thatDay,
            givenEver: ever)
        let award = try award([candidate], bps: 15_000)
        #expect(award.lines == [EarningAward.Line(rule: 1, points: points, asked: 60)])
        #expect(award.failure == (fails ? .earnLimitReached(asked: 60, allowed: 0) : nil))
    }

    @Test func `a rule counts for its trigger, in its time, while it is active`() {
        var rule = EarningRule(
            ref: 1, trigger: .scanned, pointsFixed: 1, activeFrom: 100, activeTo: 200)
        #expect(!rule.applies(to: .scanned, at: 99))
        #expect(rule.applies(to: .scanned, at: 100))
        #expect(rule.applies(to: .scanned, at: 199))
        #expect(!rule.applies(to: .scanned, at: 200))
        #expect(!rule.applies(to: .referral, at: 150))
        rule.isActive = false
        #expect(!rule.applies(to: .scanned, at: 150))
    }

    @Test(arguments: [
        ("Asia/Shanghai", "2026-06-30T15:59:59Z", "2026-06-29T16:00:00.000Z", 24),
        ("Asia/Shanghai", "2026-06-30T16:00:00Z", "2026-06-30T16:00:00.000Z", 24),
        ("Europe/Oslo", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00.000Z", 23),
        ("America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00.000Z", 25),
    ])
    func `a limit per day counts the program's local day`(
        zone: String, at: String, start: String, hours: Int64
    ) {
        let occasion = EarningOccasion(trigger: .dailySignIn, at: instant(at))
        let range = occasion.day(in: calendar(zone))
        #expect(spelled(range.lowerBound) == start)
        #expect(range.upperBound - range.lowerBound == hours * 3_600_000)
        #expect(range.contains(instant(at)))
    }

    @Test func `no award leaves the range of exact numbers, and none traps`() {
        let extremes: [Int64?] = [nil, .min, -1, 0, 1, PointsAmount.max, .max]
        for fixed in extremes {
            for perUnit in extremes {
                for minor in [Int64.min, 0, 1, .max] {
                    for bps in [Int64.min, 0, 1, 10_000, .max] {
                        for limit in extremes {
                            let candidates = [1, 2].map {
                                EarningCandidate(
                                    rule(
                                        $0, fixed: fixed, perUnit: perUnit, unit: 1, day: limit,
                                        ever: limit),
                                    givenThatDay: limit ?? 0, givenEver: .max)
                            }
                            do throws(PointsFailure) {
                                let award = try award(candidates, minor: minor, bps: bps)
                                #expect(award.points <= PointsAmount.max && award.points >= 0)
                            } catch {
                                #expect(error == .amountOutOfRange)
                            }
                        }
                    }
                }
            }
        }
    }
}
