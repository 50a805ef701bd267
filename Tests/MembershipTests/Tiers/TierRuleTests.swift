import Testing

@testable import Membership

struct TierRuleTests {
    @Test func `I15: a tier is reached at once, and its history has no gap`() throws {
        let club = try PointsClub()
        try club.earn(10)
        club.fixture.advance(seconds: 1)
        try club.earn(990)
        #expect(
            try club.tierHistory() == [
                "BASIC ENROLLED 2026-06-30T12:00:00.000Z 2026-06-30T12:00:01.000Z - -",
                "GOLD UPGRADED 2026-06-30T12:00:01.000Z - 2027-12-31 -",
            ])
        try club.check(
            """
            { tierAssignmentByMemberAndProgram(memberId: "\(club.member)",
                programId: "\(club.program)") { tier { code members { nodes { memberNo } } }
                previousTier { code }
                qualifying { metric periodStart periodEnd achieved toRetain nextTier { code }
                    toNext projectedTierAtExpiry { code } } } }
            """,
            gives: """
                {"data": {"tierAssignmentByMemberAndProgram": {
                  "tier": {"code": "GOLD", "members": {"nodes": [{"memberNo": "1001"}]}},
                  "previousTier": {"code": "BASIC"},
                  "qualifying": {"metric": "QUALIFYING_POINTS", "periodStart": "2026-01-01",
                    "periodEnd": "2026-12-31", "achieved": 1000, "toRetain": 0,
                    "nextTier": null, "toNext": null,
                    "projectedTierAtExpiry": {"code": "GOLD"}}}}}
                """)
    }

    @Test func `I17: spending never lowers a tier, nor do points that lapse`() throws {
        let club = try PointsClub(program: ", expiryPolicy: ROLLING, expiryMonths: 1")
        try club.earn(100)
        try club.redeem(90)
        club.fixture.advance(days: 60)
        #expect(try club.sums()[0] == 0)
        #expect(try club.tierHistory().last?.hasPrefix("SILVER UPGRADED") == true)
    }

    @Test func `I17: where the balance counts, spending lowers the tier when its term is over`()
        throws
    {
        let club = try PointsClub(
            program: ", metric: ACTIVE_BALANCE, downgradePolicy: REQUALIFY, tierValidityMonths: 1")
        try club.earn(100)
        try club.redeem(90)
        #expect(try club.tierHistory().count == 2)
        try club.fixture.set(now: "2027-01-01T12:00:00Z")
        #expect(try club.tierHistory().last?.hasPrefix("BASIC DOWNGRADED") == true)
    }

    @Test func `a term that was not retained ends in grace and then a step down, by the clock`()
        throws
    {
        let club = try PointsClub(
            program: ", downgradePolicy: ONE_DOWN, graceDays: 10, tierValidityMonths: 6")
        try club.earn(1_000)
        try club.fixture.set(now: "2027-02-01T12:00:00Z")
        try club.check(
            "{ member(id: \"\(club.member)\") { tier { code } } }",
            gives: #"{"data": {"member": {"tier": {"code": "GOLD"}}}}"#)
        try club.fixture.set(now: "2028-03-01T12:00:00Z")
        #expect(
            try club.tierHistory() == [
                "BASIC ENROLLED 2026-06-30T12:00:00.000Z 2026-06-30T12:00:00.000Z - -",
                "GOLD UPGRADED 2026-06-30T12:00:00.000Z 2026-12-31T23:00:00.000Z 2026-12-31 -",
                "GOLD RETAINED 2026-12-31T23:00:00.000Z 2027-12-31T23:00:00.000Z 2027-12-31 -",
                "GOLD GRACE_STARTED 2027-12-31T23:00:00.000Z 2028-01-10T23:00:00.000Z 2027-12-31 2028-01-10",
                "SILVER DOWNGRADED 2028-01-10T23:00:00.000Z - 2028-12-31 -",
            ])
        try club.checkStore()
    }

    @Test func `I18: a locked tier is left alone until its last day`() throws {
        let club = try PointsClub()
        try club.earn(10)
        let gold = club.tiers[2]
        func set(_ more: String) throws -> [String] {
            try club.errors(
                "setTier", "memberId: \"\(club.member)\", tierId: \"\(gold)\", \(more)")
        }
        #expect(try set("reason: \" \"") == ["REQUIRED reason"])
        #expect(try set("reason: \"x\", validUntil: \"2026-06-29\"") == ["INVALID validUntil"])
        #expect(try set("reason: \"guest\", validUntil: \"2026-12-31\", lock: true") == [])
        let judge = "\(club.owner())"
        #expect(try club.errors("evaluateTier", judge) == ["TIER_LOCKED programId"])
        try club.earn(10_000)
        #expect(
            try club.tierHistory() == [
                "BASIC ENROLLED 2026-06-30T12:00:00.000Z 2026-06-30T12:00:00.000Z - -",
                "GOLD MANUAL 2026-06-30T12:00:00.000Z - 2026-12-31 -",
            ])
        #expect(
            try club.errors("evaluateTier", "\(judge) asOf: \"2026-07-01T00:00:00Z\"") == [
                "INVALID asOf"
            ])
        try club.fixture.set(now: "2027-01-05T00:00:00Z")
        #expect(try club.errors("evaluateTier", judge) == [])
        #expect(try club.tierHistory().last?.hasPrefix("GOLD RETAINED") == true)
    }

    @Test func `a program without tiers judges nobody`() throws {
        let club = try PointsClub(hasTiers: false)
        try club.earn(10)
        #expect(try club.tierHistory() == [])
        #expect(try club.errors("evaluateTier", club.owner()) == ["NOT_FOUND programId"])
    }

    @Test func `the sum that a tier follows from is that of the entries of its period`() throws {
        let club = try PointsClub(program: ", expiryPolicy: NEVER")
        try club.earn(40)
        try club.earn(30, at: "2025-12-31T10:00:00Z")
        try club.earn(20, at: "2026-01-01T10:00:00Z")
        func achieved() throws -> Int64 {
            try club.fixture.number(
                """
                { tierAssignmentByMemberAndProgram(memberId: "\(club.member)",
                    programId: "\(club.program)") { qualifying { achieved } } }
                """, at: "tierAssignmentByMemberAndProgram.qualifying.achieved")
        }
        #expect(try achieved() == 60)
        try club.fixture.set(now: "2027-01-01T10:00:00Z")
        #expect(try achieved() == 0)
        try club.earn(7)
        #expect(try achieved() == 7)
        try club.earn(5, at: "2026-12-31T10:00:00Z")
        #expect(try achieved() == 7)
    }

    @Test func `I16: a tier of higher rank has a higher threshold, whoever writes it`() throws {
        let club = try PointsClub()
        func create(_ rank: Int, _ threshold: Int) throws -> [String] {
            try club.errors(
                "createTier",
                """
                programId: "\(club.program)", code: "T\(rank)", name: "T", rank: \(rank),
                threshold: \(threshold), benefits: []
                """)
        }
        #expect(try create(3, 1_000) == ["INVALID threshold"])
        #expect(try create(3, 1_001) == [])
        #expect(
            try club.errors("updateTier", "id: \"\(club.tiers[1])\", set: {threshold: 1000}") == [
                "INVALID threshold"
            ])
        try club.check(
            "{ tiers { nodes { rank threshold } } }",
            gives: """
                {"data": {"tiers": {"nodes": [{"rank": 0, "threshold": 0},
                  {"rank": 1, "threshold": 100}, {"rank": 2, "threshold": 1000},
                  {"rank": 3, "threshold": 1001}]}}}
                """)
    }

    @Test func `a program's time zone exists, and points that lapse have their months`() throws {
        let club = try PointsClub()
        func update(_ fields: String) throws -> [String] {
            try club.errors("updateLoyaltyProgram", "id: \"\(club.program)\", set: {\(fields)}")
        }
        #expect(try update("timezone: \"Europe/Nowhere\"") == ["INVALID timezone"])
        #expect(try update("expiryPolicy: ROLLING") == ["INVALID expiryMonths"])
        #expect(try update("expiryPolicy: ROLLING, expiryMonths: 12") == [])
    }

    @Test func `what a tier follows from may be money spent or days of visits`() throws {
        for (metric, code) in [("SPEND", "GOLD"), ("VISITS", "BASIC")] {
            let club = try PointsClub(program: ", metric: \(metric)")
            let order = try club.order("A1", minor: 25_000)
            #expect(try club.tierHistory().last?.hasPrefix(code) == true, "\(metric)")
            let achieved = try club.fixture.number(
                """
                { tierAssignmentByMemberAndProgram(memberId: "\(club.member)",
                    programId: "\(club.program)") { qualifying { achieved } } }
                """, at: "tierAssignmentByMemberAndProgram.qualifying.achieved")
            #expect(achieved == (metric == "SPEND" ? 25_000 : 1), "\(metric)")
            guard metric == "SPEND" else { continue }
            club.fixture.advance(days: 1)
            try club.text(
                "refundOrder",
                """
                orderId: "\(order)", reason: "x", amount: {amountMinor: 24901, currency: "NOK"}
                """, at: "order.status")
            #expect(try club.tierHistory().last?.hasPrefix("BASIC REVERSED") == true)
        }
    }
}
