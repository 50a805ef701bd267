import Bytes
import Testing

@testable import Membership

struct HoldingTests {
    private let year = MembershipType(
        key: 1, chapter: 7, feeMinor: 5_000, newDays: 30, graceDays: 30)
    private let month = MembershipType(key: 2, chapter: 7, unit: .month)
    private let life = MembershipType(key: 3, chapter: 7, feeMinor: 90_000, unit: .lifetime)
    private let today = onDay("2026-03-15")

    private func refusal(
        _ body: () throws(TermRefusal) -> Holding, _ location: SourceLocation = #_sourceLocation
    ) -> TermRefusal? {
        do throws(TermRefusal) {
            let holding = try body()
            Issue.record("accepted: \(holding)", sourceLocation: location)
            return nil
        } catch {
            return error
        }
    }

    /// `kind start end`, one a term.
    private func log(_ holding: Holding) -> [String] {
        holding.terms.map {
            "\($0.seq) \($0.kind.rawValue) \(dayText($0.dates.start)) \(dayText($0.dates.end))"
        }
    }

    private func paid(_ count: Int = 1) throws -> Holding {
        try Holding.applied(for: year, on: today, count: count).activated(on: today, payment: 1)
    }

    @Test func `what costs nothing counts at once, the rest waits`() throws {
        let free = try Holding.applied(for: month, on: today)
        #expect(log(free) == ["1 NEW 2026-03-15 2026-04-14"])
        #expect(free.status(on: today) == .current)
        let waiting = try Holding.applied(for: year, on: today)
        #expect(log(waiting) == [])
        #expect(waiting.status(on: today) == .pending)
        #expect(waiting.dates == TermDates(start: today, end: onDay("2027-03-14")))
        var approval = month
        approval.requiresApproval = true
        let asked = try Holding.applied(for: approval, on: today)
        #expect(asked.status(on: today) == .pending)
        #expect(try asked.activated(on: today, payment: nil).status(on: today) == .current)
    }

    @Test func `a term without a first day begins when it is paid`() throws {
        let waiting = try Holding.applied(for: year, on: today)
        let holding = try waiting.activated(on: today + 5, payment: 1)
        #expect(log(holding) == ["1 NEW 2026-03-20 2027-03-19"])
        #expect(holding.joined == today + 5)
        let asked = try Holding.applied(for: year, on: today, start: onDay("2026-04-01"))
        let later = try asked.activated(on: today + 5, payment: 1)
        #expect(log(later) == ["1 NEW 2026-04-01 2027-03-31"])
        #expect(later.joined == today + 5)
        #expect(later.status(on: today + 5) == .pending)
        #expect(later.status(on: onDay("2026-04-01")) == .new)
    }

    @Test func `activating twice does not extend twice`() throws {
        let holding = try paid()
        #expect(try holding.activated(on: today, payment: 1) == holding)
        #expect(try holding.activated(on: today + 9, payment: 2) == holding)
        #expect(try holding.activated(on: today, payment: nil) == holding)
        let renewed = try holding.renewed(on: today + 3, payment: 2)
        #expect(try renewed.renewed(on: today + 3, payment: 2) == renewed)
        #expect(try renewed.activated(on: today + 4, payment: 2) == renewed)
        // A payment that is told of again does not pay for what was asked for since.
        let asked = try holding.renewed(on: today + 3, payment: nil)
        #expect(try asked.activated(on: today + 4, payment: 1) == asked)
    }

    @Test func `several terms at once stay several`() throws {
        #expect(
            log(try paid(3)) == [
                "1 NEW 2026-03-15 2027-03-14", "2 RENEWAL 2027-03-15 2028-03-14",
                "3 RENEWAL 2028-03-15 2029-03-14",
            ])
        let january = onDay("2026-01-31")
        #expect(
            log(try Holding.applied(for: month, on: january, count: 3)) == [
                "1 NEW 2026-01-31 2026-02-28", "2 RENEWAL 2026-03-01 2026-03-31",
                "3 RENEWAL 2026-04-01 2026-04-30",
            ])
    }

    @Test func `I11 renewing early or in grace loses nothing`() throws {
        let holding = try paid()
        for day in ["2026-03-15", "2027-03-14", "2027-03-15", "2027-04-13"] {
            let renewed = try holding.renewed(on: onDay(day), payment: 2)
            #expect(
                log(renewed) == [
                    "1 NEW 2026-03-15 2027-03-14", "2 RENEWAL 2027-03-15 2028-03-14",
                ])
            #expect(renewed.dates == TermDates(start: today, end: onDay("2028-03-14")))
        }
    }

    @Test func `after grace a renewal is a return, and the day of joining stays`() throws {
        let back = try paid().renewed(on: onDay("2027-04-14"), payment: 2)
        #expect(
            log(back) == ["1 NEW 2026-03-15 2027-03-14", "2 REJOIN 2027-04-14 2028-04-13"])
        #expect(back.dates.start == onDay("2027-04-14"))
        #expect(back.joined == today)
        #expect(back.status(on: onDay("2027-04-14")) == .new)
    }

    @Test func `an unpaid renewal moves no date until it is paid`() throws {
        let holding = try paid()
        let asked = try holding.renewed(2, on: onDay("2027-03-01"), payment: nil)
        #expect(asked.dates == holding.dates)
        #expect(asked.terms == holding.terms)
        let inGrace = try asked.activated(on: onDay("2027-04-13"), payment: 2)
        #expect(inGrace.dates == TermDates(start: today, end: onDay("2029-03-14")))
        let late = try asked.activated(on: onDay("2027-04-14"), payment: 2)
        #expect(late.terms.map(\.kind) == [.new, .rejoin, .renewal])
        #expect(late.dates == TermDates(start: onDay("2027-04-14"), end: onDay("2029-04-13")))
        #expect(
            refusal { () throws(TermRefusal) in
                try asked.activated(on: onDay("2027-03-01"), payment: nil)
            } == .unpaid(feeMinor: 5_000))
        #expect(
            try asked.activated(on: onDay("2027-03-01"), payment: nil, isWaived: true).terms.count
                == 3)
    }

    @Test func `an upgrade keeps the row and its history`() throws {
        let bigger = MembershipType(key: 9, chapter: 7, feeMinor: 9_000, interval: 2)
        let holding = try paid().renewed(into: bigger, on: today + 10, payment: 2)
        #expect(
            log(holding) == ["1 NEW 2026-03-15 2027-03-14", "2 UPGRADE 2027-03-15 2029-03-14"])
        #expect(holding.type == bigger)
        #expect(holding.dates.start == today)
        let forever = try paid().renewed(into: life, on: today, payment: 2)
        #expect(forever.dates == TermDates(start: today, end: nil))
        #expect(forever.status(on: onDay("2090-01-01")) == .current)
        #expect(
            refusal { () throws(TermRefusal) in
                try forever.renewed(into: year, on: today, payment: 3)
            } == .lifetime)
    }

    @Test func `what may not be renewed says why`() throws {
        let holding = try paid()
        let gone = try holding.cancelled(.immediate, on: today)
        #expect(
            refusal { () throws(TermRefusal) in try gone.renewed(on: today, payment: 2) }
                == .notRenewable(.cancelled))
        let waiting = try Holding.applied(for: year, on: today)
        #expect(
            refusal { () throws(TermRefusal) in try waiting.renewed(on: today, payment: 2) }
                == .unpaid(feeMinor: 5_000))
        var other = year
        other.key = 5
        other.chapter = 8
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.renewed(into: other, on: today, payment: 2)
            } == .otherChapter(8))
        other.chapter = 7
        other.isActive = false
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.renewed(into: other, on: today, payment: 2)
            } == .notSold(type: 5))
        for count in [0, -1, 121, .max] {
            #expect(
                refusal { () throws(TermRefusal) in
                    try holding.renewed(count, on: today, payment: 2)
                } == .termCount(count))
        }
        let late = try Holding.applied(for: month, on: onDay("9999-12-01"))
        #expect(
            refusal { () throws(TermRefusal) in
                try late.renewed(on: onDay("9999-12-01"), payment: nil)
            } == .beyondCalendar)
    }

    @Test func `one membership of a chapter at a time`() throws {
        func held(_ status: MembershipStatus, inherited: Bool = false) -> [HeldMembership] {
            [HeldMembership(key: 4, chapter: 7, status: status, isInherited: inherited)]
        }
        for status in MembershipStatus.allCases where status != .cancelled {
            #expect(
                refusal { () throws(TermRefusal) in
                    try Holding.applied(for: year, on: today, held: held(status))
                } == .alreadyHeld(membership: 4))
        }
        #expect(try Holding.applied(for: year, on: today, held: held(.cancelled)).type == year)
        #expect(
            try Holding.applied(for: year, on: today, held: held(.expired, inherited: true)).type
                == year)
        #expect(
            refusal { () throws(TermRefusal) in
                try Holding.applied(for: year, on: today, held: held(.new, inherited: true))
            } == .alreadyHeld(membership: 4))
        var several = year
        several.allowsSeveral = true
        #expect(try Holding.applied(for: several, on: today, held: held(.new)).type == several)
        several.chapter = 8
        several.allowsSeveral = false
        #expect(try Holding.applied(for: several, on: today, held: held(.new)).type == several)
    }

    @Test func `cancelling to the end of the term keeps it to its last day, without grace`() throws
    {
        let holding = try paid()
        let leaving = try holding.cancelled(.atTermEnd, on: today)
        #expect(leaving.autoRenew == false)
        #expect(leaving.status(on: onDay("2027-03-14")) == .current)
        #expect(leaving.status(on: onDay("2027-03-15")) == .cancelled)
        #expect(leaving.terms == holding.terms)
        let stayed = try leaving.renewed(on: onDay("2027-03-01"), payment: 2)
        #expect(stayed.status(on: onDay("2027-03-15")) == .current)
        let inGrace = try holding.cancelled(.atTermEnd, on: onDay("2027-03-20"))
        #expect(inGrace.status(on: onDay("2027-03-20")) == .cancelled)
        #expect(
            refusal { () throws(TermRefusal) in
                try inGrace.cancelled(.immediate, on: onDay("2027-03-20"))
            } == .transition(from: .cancelled))
        let forever = try Holding.applied(for: life, on: today).activated(on: today, payment: 1)
        #expect(
            refusal { () throws(TermRefusal) in try forever.cancelled(.atTermEnd, on: today) }
                == .lifetime)
        #expect(
            try forever.cancelled(.immediate, on: today + 1).status(on: today + 1) == .cancelled)
    }

    @Test func `a pause gives its days back as a term of their own`() throws {
        let paused = try paid().suspended(on: onDay("2026-05-01"), until: onDay("2026-05-31"))
        #expect(paused.status(on: onDay("2026-05-31")) == .suspended)
        #expect(paused.status(on: onDay("2026-06-01")) == .current)
        let early = try paused.resumed(on: onDay("2026-05-11"))
        #expect(
            log(early) == ["1 NEW 2026-03-15 2027-03-14", "2 ADJUSTMENT 2027-03-15 2027-03-24"])
        #expect(early.dates == TermDates(start: today, end: onDay("2027-03-24")))
        #expect(early.status(on: onDay("2026-05-11")) == .current)
        let late = try paused.resumed(on: onDay("2026-08-01"))
        #expect(late.dates.end == onDay("2027-04-14"))
        let short = try paused.resumed(on: onDay("2026-05-11"), isExtended: false)
        #expect(short.dates.end == onDay("2027-03-14"))
        #expect(short.pause == nil)
        let sameDay = try paused.resumed(on: onDay("2026-05-01"))
        #expect(sameDay.terms.count == 1)
    }

    @Test func `a pause that outlasts the term does not use it up`() throws {
        let paused = try paid().suspended(on: onDay("2027-03-10"), until: nil)
        #expect(paused.status(on: onDay("2027-06-01")) == .suspended)
        let back = try paused.resumed(on: onDay("2027-06-01"))
        // Five days were left: 10 to 14 March.
        #expect(back.dates.end == onDay("2027-06-05"))
        let renewed = try paused.renewed(on: onDay("2027-06-01"), payment: 2)
        #expect(renewed.terms.map(\.kind) == [.new, .renewal])
    }

    @Test func `pauses do not overlap and stay within the term`() throws {
        let holding = try paid()
        let paused = try holding.suspended(on: today, until: today + 10)
        #expect(
            refusal { () throws(TermRefusal) in try paused.suspended(on: today + 10, until: nil) }
                == .transition(from: .suspended))
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.suspended(on: today, until: onDay("2027-03-15"))
            } == .pausePastEnd(end: onDay("2027-03-14")))
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.suspended(on: today, until: today - 1)
            } == .dayBefore(today))
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.suspended(on: onDay("2027-03-15"), until: nil)
            } == .transition(from: .grace))
        #expect(
            refusal { () throws(TermRefusal) in try holding.resumed(on: today) }
                == .transition(from: .new))
    }

    @Test func `staff may pin a status for a time, with a reason`() throws {
        let holding = try paid()
        let pinned = try holding.pinned(.current, until: today + 3, reason: "moving", on: today)
        #expect(pinned.status(on: today + 3) == .current)
        #expect(pinned.status(on: today + 4) == .new)
        #expect(
            try pinned.pinned(nil, until: nil, reason: "moved", on: today).status(on: today)
                == .new)
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.pinned(.current, until: nil, reason: " \n", on: today)
            } == .reasonMissing)
        #expect(
            refusal { () throws(TermRefusal) in
                try holding.pinned(.current, until: today - 1, reason: "late", on: today)
            } == .dayBefore(today))
    }

    @Test func `I14 a membership is shared up to its limit and not renewed by itself`() throws {
        var family = year
        family.inheritedMax = 2
        var primary = try Holding.applied(for: family, on: today).activated(on: today, payment: 1)
        primary.key = 40
        let heir = try primary.shared(by: 1, on: today + 5)
        #expect(heir.dates == primary.dates)
        #expect(heir.inheritedFrom == 40)
        #expect(heir.terms == [])
        #expect(heir.status(on: today + 5) == .new)
        #expect(
            refusal { () throws(TermRefusal) in try primary.shared(by: 2, on: today) }
                == .inheritLimit(2))
        #expect(
            refusal { () throws(TermRefusal) in try heir.renewed(on: today, payment: 2) }
                == .inherited(from: 40))
        #expect(
            refusal { () throws(TermRefusal) in try heir.shared(by: 0, on: today) }
                == .inherited(from: 40))
        #expect(
            refusal { () throws(TermRefusal) in try heir.suspended(on: today, until: nil) }
                == .inherited(from: 40))
        #expect(
            refusal { () throws(TermRefusal) in
                try primary.shared(by: 0, on: onDay("2027-04-14"))
            } == .primaryNotCurrent(.expired))
        let left = try heir.cancelled(.immediate, on: today)
        #expect(left.status(on: today) == .cancelled)
        let renewed = try primary.renewed(on: today + 9, payment: 2)
        #expect(heir.following(renewed).dates == renewed.dates)
        #expect(heir.following(renewed).terms == [])
        #expect(left.following(renewed).status(on: today) == .cancelled)
    }

    @Test func `visits are added to those left`() throws {
        let visits = MembershipType(key: 8, chapter: 7, unit: .visit, visits: 10)
        var holding = try Holding.applied(for: visits, on: today)
        #expect(holding.visitsLeft == 10)
        holding.visitsLeft = 3
        let more = try holding.renewed(2, on: today + 40, payment: nil)
        #expect(more.visitsLeft == 23)
        #expect(more.dates == TermDates(start: today, end: nil))
        holding.visitsLeft = 0
        let back = try holding.renewed(on: today + 40, payment: nil)
        #expect(back.visitsLeft == 10)
        #expect(back.dates == TermDates(start: today + 40, end: nil))
        #expect(back.terms.map(\.kind) == [.new, .rejoin])
    }

    @Test func `terms of two memberships join unless they overlap`() throws {
        let first = try paid()
        let second = try Holding.applied(for: year, on: onDay("2027-03-15"))
            .activated(on: onDay("2027-03-15"), payment: 9)
        let joined = Holding.joinedTerms(second.terms, first.terms)
        #expect(joined?.map(\.seq) == [1, 2])
        #expect(
            joined.flatMap(Holding.lastRun)
                == TermDates(start: today, end: onDay("2028-03-14")))
        #expect(Holding.joinedTerms(first.terms, first.terms) == nil)
    }

    @Test func `I10 and I11 hold after any sequence of changes`() throws {
        for seed in UInt64(1)...400 {
            var random = SeededRandom(seed: seed)
            var types = [year, month, life]
            types.append(MembershipType(key: 4, chapter: 7, unit: .day, interval: 9, graceDays: 3))
            types.append(
                MembershipType(
                    key: 5, chapter: 7, period: .fixed, unit: .year,
                    fixedStart: FixedDay(month: 7, day: 1), rollover: FixedDay(month: 4, day: 1)))
            types.append(
                MembershipType(
                    key: 6, chapter: 7, feeMinor: 1, period: .fixed, unit: .month, interval: 2,
                    rollover: FixedDay(month: 1, day: 20), graceDays: 5))
            var day = onDay("2024-01-01") + Int32(random.number(in: 0...700))
            var holding = try Holding.applied(for: random.pick(types), on: day)
            var payment: Int64 = 0
            for _ in 0..<30 {
                day += Int32(random.number(in: 0...60))
                let before = holding
                do throws(TermRefusal) {
                    switch random.number(in: 0...6) {
                    case 0:
                        payment += 1
                        holding = try holding.activated(on: day, payment: payment)
                    case 1...3:
                        payment += random.chance(percent: 80) ? 1 : 0
                        holding = try holding.renewed(
                            random.number(in: 1...3),
                            into: random.chance(percent: 30) ? random.pick(types) : nil,
                            on: day, payment: random.chance(percent: 80) ? payment : nil)
                    case 4:
                        holding = try holding.suspended(
                            on: day, until: random.chance(percent: 50) ? day + 20 : nil)
                    case 5: holding = try holding.resumed(on: day)
                    default: holding = try holding.cancelled(.atTermEnd, on: day)
                    }
                } catch {
                    holding = before
                }
                check(holding, before, day, "seed \(seed)")
            }
        }
    }

    private func check(_ holding: Holding, _ before: Holding, _ day: Int32, _ note: Comment) {
        #expect(holding.joined <= holding.dates.start, note)
        if let end = holding.dates.end { #expect(holding.dates.start <= end + 1, note) }
        #expect(holding.terms.prefix(before.terms.count) == before.terms[...], note)
        #expect(holding.terms.map(\.seq) == Array(1..<holding.terms.count + 1), note)
        for (earlier, later) in zip(holding.terms, holding.terms.dropFirst()) {
            if let end = earlier.dates.end { #expect(end < later.dates.start, note) }
        }
        if let run = Holding.lastRun(of: holding.terms) { #expect(run == holding.dates, note) }
        // Money never shortens a membership.
        if let end = before.dates.end, !before.terms.isEmpty, let later = holding.dates.end {
            #expect(later >= end, note)
        }
        if let change = holding.facts.nextChange(after: day) {
            #expect(holding.status(on: change) != holding.status(on: day), note)
        }
    }
}
