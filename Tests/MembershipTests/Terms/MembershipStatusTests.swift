import Bytes
import Testing

@testable import Membership

struct MembershipStatusTests {
    private let plain = StatusFacts(
        start: onDay("2026-01-01"), end: onDay("2026-12-31"), newDays: 30, graceDays: 14)

    private func check(
        _ facts: StatusFacts, _ expected: [(String, MembershipStatus)],
        _ location: SourceLocation = #_sourceLocation
    ) {
        for (day, status) in expected {
            #expect(facts.status(on: onDay(day)) == status, "\(day)", sourceLocation: location)
        }
    }

    @Test func `I12 the dates alone give pending, new, current, grace and expired`() {
        check(
            plain,
            [
                ("2025-12-31", .pending), ("2026-01-01", .new), ("2026-01-30", .new),
                ("2026-01-31", .current), ("2026-12-31", .current), ("2027-01-01", .grace),
                ("2027-01-14", .grace), ("2027-01-15", .expired), ("2099-01-01", .expired),
            ])
        #expect(MembershipStatus.allCases.filter(\.isCurrent) == [.new, .current, .grace])
    }

    @Test func `I12 the first that fits wins`() {
        var facts = plain
        facts.isFirstTermOpen = true
        check(facts, [("2026-01-10", .pending), ("2028-01-01", .pending)])
        facts.pause = Pause(from: onDay("2026-05-01"), until: onDay("2026-05-31"))
        check(facts, [("2026-04-30", .pending), ("2026-05-01", .suspended)])
        facts.isFirstTermOpen = false
        check(
            facts,
            [
                ("2026-04-30", .current), ("2026-05-31", .suspended), ("2026-06-01", .current),
            ])
        facts.cancelledFrom = onDay("2026-05-15")
        check(facts, [("2026-05-14", .suspended), ("2026-05-15", .cancelled)])
        facts.isDeceased = true
        check(facts, [("2026-01-10", .deceased), ("2026-05-15", .deceased)])
        facts.pinned = StatusOverride(status: .grace, until: onDay("2026-06-30"))
        check(facts, [("2026-06-30", .grace), ("2026-07-01", .deceased)])
        facts.pinned = StatusOverride(status: .current, until: nil)
        check(facts, [("2099-06-30", .current)])
    }

    @Test func `what is over is not new`() {
        let facts = StatusFacts(
            start: onDay("2026-06-01"), end: onDay("2026-06-01"), newDays: 30, graceDays: 0)
        check(facts, [("2026-06-01", .new), ("2026-06-02", .expired)])
    }

    @Test func `visits are over when they are used up`() {
        var facts = StatusFacts(start: onDay("2026-06-01"), end: nil, graceDays: 10, visitsLeft: 1)
        check(facts, [("2026-06-01", .current), ("2036-06-01", .current)])
        facts.visitsLeft = 0
        check(facts, [("2026-06-01", .expired)])
    }

    @Test func `the next change is the first day with another status`() {
        var random = SeededRandom(seed: 0x5151)
        let base = onDay("2026-01-01")
        for round in 0..<3_000 {
            func day() -> Int32 { base + Int32(random.number(in: -40...80)) }
            var facts = StatusFacts(
                start: base + Int32(random.number(in: -30...30)), end: nil,
                newDays: random.number(in: 0...20), graceDays: random.number(in: 0...20))
            if random.chance(percent: 80) {
                facts.end = facts.start + Int32(random.number(in: 0...40))
            }
            if random.chance(percent: 30) {
                facts.pinned = StatusOverride(
                    status: random.pick(MembershipStatus.allCases),
                    until: random.chance(percent: 70) ? day() : nil)
            }
            if random.chance(percent: 20) { facts.cancelledFrom = day() }
            if random.chance(percent: 30) {
                let from = day()
                facts.pause = Pause(
                    from: from,
                    until: random.chance(percent: 70)
                        ? from + Int32(random.number(in: 0...20)) : nil
                )
            }
            let today = day()
            let changes = (today + 1...today + 200).first {
                facts.status(on: $0) != facts.status(on: today)
            }
            #expect(facts.nextChange(after: today) == changes, "seed 0x5151, round \(round)")
        }
    }

    @Test func `I14 a shared membership has the status of the one it shares`() {
        var facts = plain
        check(facts, [("2026-02-01", .current)])
        let day = onDay("2026-02-01")
        #expect(facts.inheritedStatus(on: day) == .current)
        #expect(facts.inheritedStatus(on: day, ownCancelledFrom: day) == .cancelled)
        #expect(facts.inheritedStatus(on: day - 1, ownCancelledFrom: day) == .current)
        #expect(facts.inheritedStatus(on: day, isHeirDeceased: true) == .deceased)
        facts.cancelledFrom = day
        #expect(facts.inheritedStatus(on: day) == .cancelled)
        facts.isDeceased = true
        #expect(facts.inheritedStatus(on: day) == .cancelled)
    }
}
