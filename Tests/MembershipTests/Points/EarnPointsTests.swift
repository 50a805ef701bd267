import Testing

@testable import Membership

struct EarnPointsTests {
    @Test func `points that are given make a lot, an entry and the account's sums`() throws {
        let club = try PointsClub()
        try club.check(
            """
            mutation {
              earnPoints(input: {memberId: "\(club.member)", programId: "\(club.program)",
                  points: 120, reason: "Welcome"}) {
                account { active pending spendable lifetimeEarned changesAt
                  lots { nodes { status original remaining expiresAt } } }
                entries { seq type delta pendingDelta balanceAfter reason qualifying
                  originMemberId }
                tier { tier { code } reason }
                userErrors { code }
              }
            }
            """,
            gives: """
                {"data": {"earnPoints": {
                  "account": {"active": 120, "pending": 0, "spendable": 120,
                    "lifetimeEarned": 120, "changesAt": null,
                    "lots": {"nodes": [{"status": "ACTIVE", "original": 120,
                      "remaining": 120, "expiresAt": null}]}},
                  "entries": [{"seq": 1, "type": "EARN", "delta": 120, "pendingDelta": 0,
                    "balanceAfter": 120, "reason": "Welcome", "qualifying": 120,
                    "originMemberId": "\(club.member)"}],
                  "tier": {"tier": {"code": "SILVER"}, "reason": "UPGRADED"},
                  "userErrors": []}}}
                """)
        try club.check(
            """
            { member(id: "\(club.member)") { tier { code }
                activities { nodes { type subjectId } } } }
            """,
            gives: """
                {"data": {"member": {"tier": {"code": "SILVER"}, "activities": {"nodes": [
                  {"type": "REGISTERED", "subjectId": null},
                  {"type": "TIER_CHANGED", "subjectId": "tas_1"},
                  {"type": "POINTS_EARNED", "subjectId": "pts_1"},
                  {"type": "TIER_CHANGED", "subjectId": "tas_3"}]}}}}
                """)
        try club.checkStore()
    }

    @Test
    func `points are pending until the program's days are over, and then active by the clock`()
        throws
    {
        let club = try PointsClub(program: ", pendingDays: 3")
        try club.earn(50)
        #expect(try club.sums() == [0, 50, 0, 0, 0, 50, 0, 0])
        try club.fixture.set(now: "2026-07-02T21:59:59Z")
        #expect(try club.lots() == ["PENDING 50/50"])
        // Midnight in Oslo.
        try club.fixture.set(now: "2026-07-02T22:00:00Z")
        #expect(try club.sums() == [50, 0, 0, 50, 0, 50, 0, 0])
        #expect(
            try club.ledger() == [
                "EARN 0 50 0 2026-06-30T12:00:00.000Z",
                "ACTIVATE 50 -50 50 2026-07-02T22:00:00.000Z",
            ])
    }

    @Test func `I20: points lapse by the clock, whether or not a job has run`() throws {
        let club = try PointsClub(
            program: ", expiryPolicy: ROLLING, expiryMonths: 1, rounding: END_OF_MONTH")
        try club.earn(30)
        try club.fixture.set(now: "2026-07-31T21:59:59Z")
        #expect(try club.sums()[0] == 30)
        try club.fixture.set(now: "2026-08-05T09:00:00Z")
        #expect(try club.sums() == [0, 0, 0, 0, 0, 30, 0, 30])
        #expect(
            try club.ledger() == [
                "EARN 30 0 30 2026-06-30T12:00:00.000Z",
                "EXPIRE -30 0 0 2026-07-31T22:00:00.000Z",
            ])
        #expect(try club.lots() == ["EXPIRED 0/30"])
    }

    @Test func `an earning so far back that it has lapsed is written as a pair`() throws {
        let club = try PointsClub(
            program: ", expiryPolicy: ROLLING, expiryMonths: 1, rounding: END_OF_MONTH")
        try club.earn(30, at: "2026-04-10T10:00:00Z")
        #expect(
            try club.ledger() == [
                "EARN 30 0 30 2026-04-10T10:00:00.000Z",
                "EXPIRE -30 0 0 2026-05-31T22:00:00.000Z",
            ])
    }

    @Test func `I24: the same key gives the same answer and one effect`() throws {
        let club = try PointsClub()
        let input = "\(club.owner()) points: 5, idempotencyKey: \"a\""
        let first = try club.text("earnPoints", input, at: "entries.0.id")
        #expect(try club.text("earnPoints", input, at: "entries.0.id") == first)
        #expect(try club.sums()[0] == 5)
        #expect(
            try club.errors("earnPoints", "\(club.owner()) points: 6, idempotencyKey: \"a\"") == [
                "IDEMPOTENCY_KEY_REUSED idempotencyKey"
            ])
    }

    @Test func `what is wrong with an earning is told with its code and place`() throws {
        let club = try PointsClub()
        func errors(_ input: String) throws -> [String] { try club.errors("earnPoints", input) }
        let (member, program) = (club.member, club.program)
        #expect(try errors("\(club.owner()) points: 0") == ["NON_POSITIVE_AMOUNT points"])
        #expect(try errors("\(club.owner()) points: -5") == ["NON_POSITIVE_AMOUNT points"])
        #expect(try errors("\(club.owner()) reason: \"x\"") == ["REQUIRED points"])
        #expect(try errors("\(club.owner("mem_99")) points: 1") == ["NOT_FOUND memberId"])
        #expect(
            try errors("memberId: \"\(member)\", programId: \"prg_9\", points: 1") == [
                "NOT_FOUND programId"
            ])
        #expect(
            try errors("\(club.owner()) points: 1, occurredAt: \"2026-06-30T12:06:00Z\"") == [
                "INVALID occurredAt"
            ])
        #expect(try errors("\(club.owner()) ruleId: \"rul_9\"") == ["NOT_FOUND ruleId"])
        #expect(try errors("\(club.owner()) orderId: \"ord_9\"") == ["NOT_FOUND orderId"])
        try club.earn(9_007_199_254_740_991)
        #expect(try errors("\(club.owner()) points: 1") == ["INVALID points"])
        try club.text("suspendMember", "id: \"\(member)\", reason: \"x\"", at: "member.id")
        #expect(try errors("\(club.owner()) points: 1") == ["MEMBER_SUSPENDED memberId"])
        try club.text(
            "updateLoyaltyProgram", "id: \"\(program)\", set: {active: false}",
            at: "loyaltyProgram.id")
        #expect(
            try errors("\(club.owner(club.other)) points: 1") == ["PROGRAM_CLOSED programId"])
    }
}

struct EarningByRuleTests {
    private func rule(_ club: PointsClub, _ fields: String) throws -> String {
        try club.text(
            "createEarningRule", "programId: \"\(club.program)\", name: \"r\", \(fields)",
            at: "earningRule.id")
    }

    @Test func `a rule gives what its limits leave, and then no more`() throws {
        let club = try PointsClub()
        let rule = try rule(
            club, "trigger: DAILY_SIGN_IN, pointsFixed: 10, maxPerDay: 15, maxPerMember: 25")
        func earn() throws -> [String] {
            try club.errors("earnPoints", "\(club.owner()) ruleId: \"\(rule)\"")
        }
        #expect(try earn() == [])
        #expect(try earn() == [])
        #expect(try club.sums()[0] == 15)
        #expect(try earn() == ["EARN_LIMIT_REACHED ruleId"])
        club.fixture.advance(days: 1)
        #expect(try earn() == [])
        #expect(try club.sums()[0] == 25)
        club.fixture.advance(days: 1)
        #expect(try earn() == ["EARN_LIMIT_REACHED ruleId"])
        #expect(
            try club.errors("earnPoints", "\(club.owner()) points: 3, ruleId: \"\(rule)\"") == [
                "EARN_LIMIT_REACHED points"
            ])
    }

    @Test func `the multiplier is that of the tier held when it happened`() throws {
        let club = try PointsClub()
        let rule = try rule(club, "trigger: CUSTOM, pointsFixed: 10")
        let before = "2026-06-30T11:59:00Z"
        try club.earn(100)
        try club.text("earnPoints", "\(club.owner()) ruleId: \"\(rule)\"", at: "entries.0.id")
        #expect(try club.sums()[0] == 115)
        try club.text(
            "earnPoints", "\(club.owner()) ruleId: \"\(rule)\", occurredAt: \"\(before)\"",
            at: "entries.0.id")
        #expect(try club.sums()[0] == 125)
    }

    @Test func `a rule is only for the members that its condition names`() throws {
        let club = try PointsClub()
        let rule = try rule(
            club,
            "trigger: CUSTOM, pointsFixed: 10, condition: {memberNo: {eq: \"1002\"}}")
        #expect(
            try club.errors("earnPoints", "\(club.owner()) ruleId: \"\(rule)\"") == [
                "NOT_ELIGIBLE ruleId"
            ])
        #expect(
            try club.errors("earnPoints", "\(club.owner(club.other)) ruleId: \"\(rule)\"") == [])
        #expect(try club.sums(of: club.other)[0] == 10)
    }

    @Test func `a quote says what an order would earn, and writes nothing`() throws {
        let club = try PointsClub()
        let unit = try rule(
            club, "trigger: ORDER_PAID, pointsPerUnit: 1, unitMinor: 1000, currency: \"NOK\"")
        let bonus = try rule(club, "trigger: ORDER_PAID, pointsFixed: 90, priority: 1")
        try club.check(
            """
            { quotePoints(memberId: "\(club.member)", programId: "\(club.program)",
                order: {total: {amountMinor: 10999, currency: "NOK"}}) {
                points breakdown { rule { id } points } tierAfter { code } } }
            """,
            gives: """
                {"data": {"quotePoints": {"points": 100, "breakdown": [
                  {"rule": {"id": "\(unit)"}, "points": 10},
                  {"rule": {"id": "\(bonus)"}, "points": 90}],
                  "tierAfter": {"code": "SILVER"}}}}
                """)
        try club.check(
            "{ pointsAccounts { totalCount } pointsEntries { totalCount } }",
            gives: """
                {"data": {"pointsAccounts": {"totalCount": 0},
                  "pointsEntries": {"totalCount": 0}}}
                """)
    }

    @Test func `an order is rewarded once, and refunds in parts take back what they add up to`()
        throws
    {
        let club = try PointsClub()
        let order = try club.order("A1", minor: 9_990)
        #expect(try club.ledger() == [])
        _ = try rule(club, "trigger: ORDER_PAID, pointsPerUnit: 1, unitMinor: 1000")
        let input = "\(club.owner()) orderId: \"\(order)\""
        let entry = try club.text("earnPoints", input, at: "entries.0.id")
        #expect(try club.text("earnPoints", input, at: "entries.0.id") == entry)
        #expect(try club.sums()[0] == 9)
        #expect(
            try club.errors(
                "earnPoints", "\(club.owner(club.other)) orderId: \"\(order)\"") == [
                    "INVALID orderId"
                ])
        var left: [Int64] = []
        for _ in 0..<3 {
            try club.text(
                "refundOrder",
                """
                orderId: "\(order)", reason: "x", amount: {amountMinor: 3330, currency: "NOK"}
                """, at: "order.status")
            left.append(try club.sums()[0])
        }
        #expect(left == [6, 3, 0])
    }

    @Test func `a rule that cannot be read is not saved`() throws {
        let club = try PointsClub()
        func errors(_ fields: String) throws -> [String] {
            try club.errors(
                "createEarningRule",
                "programId: \"\(club.program)\", name: \"r\", trigger: CUSTOM, \(fields)")
        }
        #expect(try errors("condition: {nosuch: {eq: 1}}") == ["INVALID condition"])
        #expect(try errors("pointsPerUnit: 1") == ["INVALID unitMinor"])
        #expect(try errors("pointsPerUnit: 1, unitMinor: 100") == [])
    }

    @Test func `points that lapse by inactivity are kept by whatever the member does`() throws {
        let club = try PointsClub(program: ", expiryPolicy: INACTIVITY, expiryMonths: 2")
        try club.earn(30)
        club.fixture.advance(days: 50)
        try club.text(
            "recordActivity",
            """
            memberId: "\(club.member)", type: LOGIN, at: "2026-08-19T12:00:00Z",
            idempotencyKey: "l"
            """, at: "activity.id")
        try club.fixture.set(now: "2026-10-19T11:59:59Z")
        #expect(try club.sums()[0] == 30)
        try club.fixture.set(now: "2026-10-19T12:00:00Z")
        #expect(try club.sums()[0] == 0)
        #expect(try club.ledger().last == "EXPIRE -30 0 0 2026-10-19T12:00:00.000Z")
    }

    @Test func `feedback earns what the rules give, and nothing for a suspended member`() throws {
        let club = try PointsClub()
        _ = try rule(club, "trigger: FEEDBACK_GIVEN, pointsFixed: 5")
        func submit() throws {
            try club.text(
                "submitFeedback",
                "memberId: \"\(club.member)\", kind: SUGGESTION, comment: \"More tea\"",
                at: "feedback.id")
        }
        try submit()
        #expect(try club.sums()[0] == 5)
        try club.text("suspendMember", "id: \"\(club.member)\", reason: \"x\"", at: "member.id")
        try submit()
        #expect(try club.sums()[0] == 5)
    }
}
