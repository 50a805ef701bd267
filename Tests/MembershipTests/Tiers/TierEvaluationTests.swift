import Bytes
@testable import Membership
import Testing

private let base: UInt64 = 1
private let silver: UInt64 = 2
private let gold: UInt64 = 3
private let black: UInt64 = 4

private func rules(
    _ period: QualificationPeriod = .calendarYear, downgrade: DowngradePolicy = .oneDown,
    graceDays: Int = 0, months: Int = 12, zone: String = "Asia/Shanghai",
    goldRetain: Int64? = nil, goldFalls: Bool = true,
    metric: QualificationMetric = .qualifyingPoints
) throws -> TierRules {
    try TierRules(
        levels: [
            TierLevel(
                ref: gold, rank: 2, threshold: 500, retainThreshold: goldRetain,
                isDowngradable: goldFalls),
            TierLevel(ref: base, rank: 0, threshold: 0),
            TierLevel(ref: black, rank: 3, threshold: 2_000),
            TierLevel(ref: silver, rank: 1, threshold: 100),
        ],
        metric: metric, period: period, validityMonths: months, graceDays: graceDays,
        downgrade: downgrade, calendar: calendar(zone))
}

/// What a member did, day by day, and the history that came of it.
private struct Member {
    var joinedOn = onDay("2025-03-15")
    var deeds: [(at: Int64, amount: Int64)] = []
    var history: [TierAssignment] = []

    var standing: TierStanding {
        let deeds = deeds
        return TierStanding(
            open: history.last, previous: history.dropLast().last, joinedOn: joinedOn
        ) { window in
            deeds.reduce(0) { $0 + (window.instants.contains($1.at) ? $1.amount : 0) }
        }
    }

    mutating func write(_ changes: TierChanges) {
        if let closes = changes.closes { history[history.count - 1].effectiveTo = closes }
        history += changes.opened
    }

    /// Does something, and has the level judged at once.
    mutating func does(_ amount: Int64, at: String, _ rules: TierRules) throws {
        deeds.append((instant(at), amount))
        try judge(at: at, rules, afterReturn: amount < 0)
    }

    mutating func judge(at: String, _ rules: TierRules, afterReturn: Bool = false) throws {
        write(try rules.evaluate(standing, now: instant(at), afterReturn: afterReturn))
    }

    /// One line a row: tier, reason, from, valid until, grace until.
    var told: [String] {
        history.map {
            let end = $0.validUntil.map { dayText($0) } ?? "-"
            let grace = $0.graceUntil.map { " +" + dayText($0) } ?? ""
            return "\($0.tier) \($0.reason.rawValue) \(spelled($0.effectiveFrom).prefix(16)) \(end)"
                + grace
        }
    }
}

@Suite struct TierEvaluationTests {
    @Test func `the first row is the lowest level, without an end`() throws {
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules())
        #expect(member.told == ["1 ENROLLED 2025-03-15T02:00 -"])
        try member.judge(at: "2035-03-15T10:00:00+08:00", rules())
        #expect(member.history.count == 1)
    }

    @Test func `a member whose past is imported enrols at the level reached, in one row`() throws {
        var member = Member()
        try member.does(600, at: "2025-06-01T10:00:00+08:00", rules())
        #expect(member.told == ["3 ENROLLED 2025-06-01T02:00 2026-12-31"])
    }

    @Test func `exactly at the threshold is met, and one below is not`() throws {
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules())
        try member.does(99, at: "2025-04-01T10:00:00+08:00", rules())
        #expect(member.history.count == 1)
        try member.does(1, at: "2025-04-02T10:00:00+08:00", rules())
        #expect(member.told.last == "2 UPGRADED 2025-04-02T02:00 2026-12-31")
    }

    @Test func `I15: a jump over two levels is one row, and closes the one before`() throws {
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules())
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules())
        #expect(
            member.history == [
                TierAssignment(
                    tier: base, reason: .enrolled,
                    effectiveFrom: instant("2025-03-15T10:00:00+08:00"),
                    effectiveTo: instant("2025-04-02T10:00:00+08:00")),
                TierAssignment(
                    tier: gold, previousTier: base, reason: .upgraded,
                    effectiveFrom: instant("2025-04-02T10:00:00+08:00"),
                    validUntil: onDay("2026-12-31")),
            ])
    }

    @Test(arguments: [
        (QualificationPeriod.calendarYear, "2026-12-31", "2027-12-31"),
        (.anniversaryYear, "2027-03-14", "2028-03-14"),
        (.rolling, "2026-04-01", "2027-04-01"),
        (.lifetime, "2026-04-01", "2027-04-01"),
    ])
    func `a level is held until the end of the period after, and retained for another`(
        period: QualificationPeriod, first: String, second: String
    ) throws {
        let rules = try rules(period)
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules)
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        #expect(member.history.last?.validUntil == onDay(first))
        try member.does(500, at: "2026-03-20T10:00:00+08:00", rules)
        // On the last day nothing happens yet; the next day begins a new term.
        try member.judge(at: "\(first)T23:59:59+08:00", rules)
        #expect(member.history.count == 2)
        member.write(
            try rules.evaluate(member.standing, now: rules.calendar.end(ofDay: onDay(first))))
        let row = try #require(member.history.last)
        #expect(row.reason == .retained)
        #expect(row.effectiveFrom == rules.calendar.end(ofDay: onDay(first)))
        #expect(row.validUntil == onDay(second))
    }

    @Test(arguments: [
        (DowngradePolicy.none, Int64(0), 0, ["3 RETAINED 2026-12-31T16:00 2027-12-31"]),
        (.oneDown, 0, 0, ["2 DOWNGRADED 2026-12-31T16:00 2027-12-31"]),
        (
            .oneDown, 0, 31,
            [
                "3 GRACE_STARTED 2026-12-31T16:00 2026-12-31 +2027-01-31",
                "2 DOWNGRADED 2027-01-31T16:00 2027-12-31",
            ]
        ),
        (.requalify, 0, 0, ["1 DOWNGRADED 2026-12-31T16:00 -"]),
        (.requalify, 120, 0, ["2 DOWNGRADED 2026-12-31T16:00 2027-12-31"]),
        (.requalify, 499, 0, ["2 DOWNGRADED 2026-12-31T16:00 2027-12-31"]),
        (.requalify, 500, 0, ["3 RETAINED 2026-12-31T16:00 2027-12-31"]),
        (
            .requalify, 0, 10,
            [
                "3 GRACE_STARTED 2026-12-31T16:00 2026-12-31 +2027-01-10",
                "1 DOWNGRADED 2027-01-10T16:00 -",
            ]
        ),
    ])
    func `a level that was not retained goes as the program says`(
        downgrade: DowngradePolicy, inTerm: Int64, graceDays: Int, rows: [String]
    ) throws {
        let rules = try rules(downgrade: downgrade, graceDays: graceDays)
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules)
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        if inTerm > 0 { try member.does(inTerm, at: "2026-02-02T10:00:00+08:00", rules) }
        try member.judge(at: "2027-02-15T10:00:00+08:00", rules)
        #expect(Array(member.told.dropFirst(2)) == rows)
    }

    @Test func `what is done in the days of grace still retains the level`() throws {
        let rules = try rules(graceDays: 31)
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules)
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        try member.does(450, at: "2026-04-02T10:00:00+08:00", rules)
        try member.does(49, at: "2027-01-31T10:00:00+08:00", rules)
        #expect(member.told.last == "3 GRACE_STARTED 2026-12-31T16:00 2026-12-31 +2027-01-31")
        try member.does(1, at: "2027-01-31T23:59:59+08:00", rules)
        #expect(member.told.last == "3 RETAINED 2027-01-31T15:59 2027-12-31")
    }

    @Test func `who rises in the days of grace is not retained first`() throws {
        let rules = try rules(graceDays: 31)
        var member = Member()
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        try member.judge(at: "2027-01-01T10:00:00+08:00", rules)
        try member.does(2_000, at: "2027-01-15T10:00:00+08:00", rules)
        #expect(
            Array(member.told.dropFirst()) == [
                "3 GRACE_STARTED 2026-12-31T16:00 2026-12-31 +2027-01-31",
                "4 UPGRADED 2027-01-15T02:00 2028-12-31",
            ])
    }

    @Test func `a term that follows grace is not over before it begins`() throws {
        let rules = try rules(graceDays: 400)
        var member = Member()
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        try member.judge(at: "2028-03-01T10:00:00+08:00", rules)
        #expect(
            Array(member.told.dropFirst()) == [
                "3 GRACE_STARTED 2026-12-31T16:00 2026-12-31 +2028-02-04",
                "2 DOWNGRADED 2028-02-04T16:00 2028-12-31",
            ])
    }

    @Test func `the threshold to retain may differ from the one to reach`() throws {
        let rules = try rules(goldRetain: 300)
        var member = Member()
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        try member.does(300, at: "2026-04-02T10:00:00+08:00", rules)
        try member.judge(at: "2027-01-01T00:00:00+08:00", rules)
        #expect(member.told.last == "3 RETAINED 2026-12-31T16:00 2027-12-31")
    }

    @Test func `nobody falls from a level that cannot be lost`() throws {
        let rules = try rules(downgrade: .requalify, graceDays: 30, goldFalls: false)
        var member = Member()
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        try member.judge(at: "2027-01-01T00:00:00+08:00", rules)
        #expect(member.told.last == "3 RETAINED 2026-12-31T16:00 2027-12-31")
    }

    @Test func `I18: a lock withstands rising and falling until its last day`() throws {
        let rules = try rules()
        var member = Member()
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        let now = instant("2025-05-01T10:00:00+08:00")
        member.write(
            try rules.assign(
                silver, validUntil: onDay("2026-06-30"), isLocked: true, after: member.history.last,
                now: now))
        #expect(member.told.last == "2 MANUAL 2025-05-01T02:00 2026-06-30")
        try member.does(5_000, at: "2026-06-30T23:59:59+08:00", rules)
        try member.does(-5_000, at: "2026-06-30T23:59:59+08:00", rules)
        #expect(member.history.count == 2)
        try member.judge(at: "2026-07-01T00:00:00+08:00", rules)
        #expect(member.told.last == "1 DOWNGRADED 2026-06-30T16:00 -")
        member.write(
            try rules.assign(
                silver, isLocked: true, after: member.history.last,
                now: instant("2026-07-02T00:00:00+08:00")))
        try member.does(5_000, at: "2040-06-30T23:59:59+08:00", rules)
        #expect(member.told.last == "2 MANUAL 2026-07-01T16:00 -")
        member.write(
            try rules.assign(
                silver, after: member.history.last,
                now: instant("2040-07-02T00:00:00+08:00")))
        try member.judge(at: "2040-07-02T00:00:01+08:00", rules)
        #expect(member.history.last?.tier == black)
    }

    @Test func `a level given by hand can rise, and falls only after its last day`() throws {
        let rules = try rules()
        var member = Member()
        try member.judge(at: "2025-03-15T10:00:00+08:00", rules)
        member.write(
            try rules.assign(
                gold, after: member.history.last,
                now: instant("2025-05-01T10:00:00+08:00")))
        try member.judge(at: "2035-05-01T10:00:00+08:00", rules)
        #expect(member.history.count == 2)
        try member.does(2_000, at: "2035-05-02T10:00:00+08:00", rules)
        #expect(member.told.last == "4 UPGRADED 2035-05-02T02:00 2036-12-31")
        #expect(throws: TierFailure.validityOver(until: onDay("2035-05-01"))) {
            try rules.assign(
                gold, validUntil: onDay("2035-05-01"), after: nil,
                now: instant("2035-05-02T00:00:00+08:00"))
        }
        #expect(throws: TierFailure.unknownLevel(9)) {
            try rules.assign(9, after: nil, now: 0)
        }
    }

    @Test func `I16: thresholds rise with ranks, or the rules are refused`() {
        func levels(_ pairs: [(Int, Int64)]) -> [TierLevel] {
            pairs.enumerated().map {
                TierLevel(ref: UInt64($0.offset), rank: $0.element.0, threshold: $0.element.1)
            }
        }
        func refusal(_ pairs: [(Int, Int64)]) -> TierFailure? {
            do throws(TierFailure) {
                _ = try TierRules(levels: levels(pairs), metric: .spend, period: .lifetime)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal([]) == .noLevels)
        #expect(refusal([(0, 0), (1, 0)]) == .levelsOutOfOrder(lower: 0, higher: 1))
        #expect(refusal([(2, 50), (1, 100)]) == .levelsOutOfOrder(lower: 1, higher: 0))
        #expect(refusal([(1, 50), (1, 100)]) == .levelsOutOfOrder(lower: 0, higher: 1))
        #expect(refusal([(5, 50), (1, 10)]) == nil)
    }

    @Test func `thresholds raised since do not lower a level before its term is over`() throws {
        var member = Member()
        try member.does(150, at: "2025-04-02T10:00:00+08:00", rules())
        let stricter = try TierRules(
            levels: [
                TierLevel(ref: base, rank: 0, threshold: 0),
                TierLevel(ref: silver, rank: 1, threshold: 1_000),
            ],
            metric: .qualifyingPoints, period: .calendarYear, downgrade: .requalify,
            calendar: calendar("Asia/Shanghai"))
        try member.judge(at: "2026-12-31T23:59:59+08:00", stricter)
        #expect(member.history.count == 1)
        try member.judge(at: "2027-01-01T00:00:00+08:00", stricter)
        #expect(member.told.last == "1 DOWNGRADED 2026-12-31T16:00 -")
        let other = try TierRules(
            levels: [TierLevel(ref: 77, rank: 0, threshold: 0)], metric: .spend, period: .lifetime)
        #expect(throws: TierFailure.unknownLevel(base)) {
            try other.evaluate(member.standing, now: instant("2028-01-01T00:00:00Z"))
        }
    }

    @Test func `a return takes at once the level that was reached with it, and no more`() throws {
        let rules = try rules()
        var member = Member()
        try member.does(150, at: "2025-04-02T10:00:00+08:00", rules)
        try member.does(400, at: "2026-04-02T10:00:00+08:00", rules)
        try member.does(100, at: "2026-04-03T10:00:00+08:00", rules)
        #expect(member.told.last == "3 UPGRADED 2026-04-03T02:00 2027-12-31")
        try member.does(-450, at: "2026-05-01T10:00:00+08:00", rules)
        // Not to the lowest: silver had been there before.
        #expect(member.told.last == "2 REVERSED 2026-05-01T02:00 2026-12-31")
        try member.does(450, at: "2026-06-01T10:00:00+08:00", rules)
        #expect(member.told.last == "3 UPGRADED 2026-06-01T02:00 2027-12-31")
        // In another year the level has been held; it stays until its term is over.
        try member.does(-450, at: "2027-06-01T10:00:00+08:00", rules)
        #expect(member.told.last == "3 UPGRADED 2026-06-01T02:00 2027-12-31")
    }

    @Test func `I17: spending points lowers no level, unless the balance is the metric`() throws {
        let byBalance = try rules(metric: .activeBalance)
        let byPoints = try rules()
        let calendar = byPoints.calendar
        // 600 points earned in each of two years, all spent in the second.
        var ledger = try PointsLedger(
            PointsAccountState(), PointsProgram(calendar: calendar),
            now: instant("2026-06-01T00:00:00Z"))
        try ledger.earn(points: 600, occurredAt: instant("2025-06-01T00:00:00Z"))
        try ledger.earn(points: 600, occurredAt: instant("2026-06-01T00:00:00Z"))
        try ledger.redeem(points: 1_200)
        let entries = ledger.changes.entries
        func achieved(_ rules: TierRules) -> (QualificationWindow) -> Int64 {
            rules.metric == .activeBalance
                ? { _ in ledger.totals.active }
                : { window in
                    entries.reduce(0) {
                        $0 + (window.instants.contains($1.at) ? $1.qualifying : 0)
                    }
                }
        }
        let open = TierAssignment(
            tier: gold, reason: .upgraded, effectiveFrom: instant("2025-06-01T00:00:00Z"),
            validUntil: onDay("2026-12-31"))
        var results: [UInt64?] = []
        for rules in [byPoints, byBalance] {
            let standing = TierStanding(
                open: open, joinedOn: onDay("2025-01-01"), achieved: achieved(rules))
            let before = try rules.evaluate(standing, now: instant("2026-12-31T00:00:00Z"))
            #expect(before == TierChanges())
            let after = try rules.evaluate(standing, now: instant("2027-01-01T00:00:00Z"))
            results.append(after.opened.last?.tier)
        }
        #expect(results == [gold, silver])
    }

    @Test func `progress tells what is missing for more and for no less`() throws {
        let rules = try rules(downgrade: .requalify)
        var member = Member()
        try member.does(500, at: "2025-04-02T10:00:00+08:00", rules)
        try member.does(120, at: "2026-04-02T10:00:00+08:00", rules)
        let progress = try rules.progress(
            member.standing, now: instant("2026-06-30T12:00:00+08:00"))
        #expect(
            progress
                == TierProgress(
                    metric: .qualifyingPoints, periodStart: onDay("2026-01-01"),
                    periodEnd: onDay("2026-12-31"), achieved: 120, toRetain: 380, nextTier: black,
                    toNext: 1_880, projectedTier: silver))
        // In the year before, the window that will be judged had not begun.
        let early = try rules.progress(
            Member(deeds: [member.deeds[0]], history: [member.history[0]]).standing,
            now: instant("2025-06-30T12:00:00+08:00"))
        #expect(early?.achieved == 500)
        #expect(early?.toRetain == 500)
        #expect(early?.projectedTier == base)
        let top = Member(
            history: [TierAssignment(tier: black, reason: .manual, effectiveFrom: 0)])
        let atTop = try rules.progress(top.standing, now: instant("2026-06-30T12:00:00Z"))
        #expect(atTop?.nextTier == nil)
        #expect(atTop?.toNext == nil)
        #expect(atTop?.toRetain == 0)
        #expect(atTop?.projectedTier == black)
        #expect(try rules.progress(Member().standing, now: 0) == nil)
        let now = instant("2026-06-30T12:00:00+08:00")
        #expect(try rules.tier(after: member.standing, gaining: 1_879, now: now) == gold)
        #expect(try rules.tier(after: member.standing, gaining: 1_880, now: now) == black)
        #expect(try rules.tier(after: member.standing, gaining: .max, now: now) == black)
    }

    @Test(arguments: [
        (QualificationPeriod.calendarYear, "2024-02-29", "2026-07-01", "2026-01-01", "2026-12-31"),
        (.anniversaryYear, "2024-02-29", "2026-02-27", "2025-02-28", "2026-02-27"),
        (.anniversaryYear, "2024-02-29", "2026-02-28", "2026-02-28", "2027-02-27"),
        (.anniversaryYear, "2024-02-29", "2028-02-28", "2027-02-28", "2028-02-28"),
        (.anniversaryYear, "2024-02-29", "2028-02-29", "2028-02-29", "2029-02-27"),
        (.anniversaryYear, "2024-02-29", "2024-02-29", "2024-02-29", "2025-02-27"),
        (.rolling, "2024-02-29", "2025-02-28", "2024-02-29", "2025-02-28"),
        (.rolling, "2024-02-29", "2026-06-30", "2025-07-01", "2026-06-30"),
        (.lifetime, "2024-02-29", "2026-06-30", "2024-02-29", "2026-06-30"),
    ])
    func `each period has its window`(
        period: QualificationPeriod, joined: String, on: String, first: String, last: String
    ) throws {
        let window = try rules(period).window(on: onDay(on), joinedOn: onDay(joined))
        #expect(dayText(window.firstDay) == first)
        #expect(dayText(window.lastDay) == last)
    }

    @Test(arguments: [
        ("Asia/Shanghai", "2026-12-31T16:00:00.000Z"), ("Europe/Oslo", "2026-12-31T23:00:00.000Z"),
        ("America/New_York", "2027-01-01T05:00:00.000Z"),
        ("Pacific/Apia", "2026-12-31T11:00:00.000Z"),
    ])
    func `a term is over when the day is over at the program's place`(
        zone: String, boundary: String
    ) throws {
        let rules = try rules(zone: zone)
        let open = TierAssignment(
            tier: gold, reason: .upgraded, effectiveFrom: instant("2025-06-01T00:00:00Z"),
            validUntil: onDay("2026-12-31"))
        let standing = TierStanding(open: open, joinedOn: onDay("2025-01-01")) { _ in 0 }
        let moment = instant(boundary)
        #expect(try rules.evaluate(standing, now: moment - 1) == TierChanges())
        let changes = try rules.evaluate(standing, now: moment)
        #expect(changes.closes == moment)
        #expect(changes.opened.map(\.tier) == [silver])
    }

    @Test func `nobody's clock makes endless work`() throws {
        for months in [1, 12, Int.max] {
            for downgrade in DowngradePolicy.allCases {
                let rules = try rules(
                    downgrade: downgrade, graceDays: months == 1 ? Int.max : 3, months: months)
                let open = TierAssignment(
                    tier: black, reason: .upgraded, effectiveFrom: Instant.millisecondsMin,
                    validUntil: CivilDate.dayNumberMin)
                let standing = TierStanding(open: open, joinedOn: onDay("2025-01-01")) { _ in 0 }
                for now in [Int64.max, Instant.millisecondsMax, instant("2026-01-01T00:00:00Z")] {
                    let changes = try rules.evaluate(standing, now: now)
                    #expect(changes.opened.count <= 120)
                    _ = try rules.progress(standing, now: now)
                }
            }
        }
    }

    /// Judging after each deed and once at the end gives what judging every morning gives.
    @Test(arguments: 0..<2)
    func `I15: evaluating late gives the history of evaluating daily`(part: UInt64) throws {
        for number in 0..<40 as Range<UInt64> {
            let seed = number * 2 + part
            var random = SeededRandom(seed: seed)
            let rules = try rules(
                random.pick(QualificationPeriod.allCases),
                downgrade: random.pick(DowngradePolicy.allCases),
                graceDays: random.pick([0, 0, 20, 45, 400]), months: random.pick([1, 3, 12, 24]),
                zone: random.pick(["Asia/Shanghai", "Europe/Oslo", "America/New_York"]),
                goldRetain: random.pick([nil, 300, 800]), goldFalls: random.chance(percent: 80))
            let calendar = rules.calendar
            var deeds: [(at: Int64, amount: Int64)] = []
            let first = onDay("2025-03-15")
            var busy = first
            while busy < onDay("2029-06-01") {
                busy += Int32(random.number(in: 1...150))
                // A return that leaves a rolling window lifts what is left in it.
                let least = rules.period == .rolling ? 0 : -150
                let amount = Int64(random.number(in: least...450))
                deeds.append((calendar.start(ofDay: busy) + 36_000_000, amount))
            }
            var daily = Member()
            var late = Member()
            daily.write(try rules.evaluate(daily.standing, now: calendar.start(ofDay: first)))
            late.write(try rules.evaluate(late.standing, now: calendar.start(ofDay: first)))
            for date in first...busy + 500 {
                let morning = calendar.start(ofDay: date)
                daily.write(try rules.evaluate(daily.standing, now: morning))
                while let deed = deeds.first, deed.at < calendar.end(ofDay: date) {
                    deeds.removeFirst()
                    for who in 0...1 {
                        var member = who == 0 ? daily : late
                        member.deeds.append(deed)
                        member.write(
                            try rules.evaluate(
                                member.standing, now: deed.at, afterReturn: deed.amount < 0))
                        if who == 0 { daily = member } else { late = member }
                    }
                }
            }
            late.write(
                try rules.evaluate(late.standing, now: calendar.start(ofDay: busy + 500)))
            if daily.history != late.history {
                let place = zip(daily.told, late.told).enumerated().first { $1.0 != $1.1 }
                Issue.record(
                    "seed \(seed): \(place.map { "\($0)" } ?? "\(daily.told.count)"), \(rules)")
                return
            }
            #expect(late.history.filter { $0.effectiveTo == nil }.count == 1, "I15: one open row")
            for (row, next) in zip(late.history, late.history.dropFirst()) {
                #expect(row.effectiveTo == next.effectiveFrom, "I15: no gap, no overlap")
                #expect(row.effectiveFrom <= next.effectiveFrom)
                #expect(next.previousTier == row.tier)
            }
        }
    }
}
