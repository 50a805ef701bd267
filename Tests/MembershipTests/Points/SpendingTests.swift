import Testing

@testable import Membership

struct SpendingTests {
    /// Lots of 10, 20 and 30 points that lapse at the ends of July, August and September.
    private func club() throws -> PointsClub {
        let club = try PointsClub(
            now: "2026-05-15T10:00:00Z",
            program: ", expiryPolicy: ROLLING, expiryMonths: 2, rounding: END_OF_MONTH")
        try club.earn(10)
        try club.fixture.set(now: "2026-06-15T10:00:00Z")
        try club.earn(20)
        try club.fixture.set(now: "2026-07-15T10:00:00Z")
        try club.earn(30)
        return club
    }

    @Test func `I22: spending takes what lapses first, and says from which lots`() throws {
        let club = try club()
        try club.check(
            """
            mutation { redeemPoints(input: {\(club.owner()) points: 25, reason: "tea"}) {
                account { active spendable lifetimeSpent }
                entry { seq type delta balanceAfter reason
                  allocations { nodes { lot { original remaining status } points } } }
                userErrors { code } } }
            """,
            gives: """
                {"data": {"redeemPoints": {
                  "account": {"active": 35, "spendable": 35, "lifetimeSpent": 25},
                  "entry": {"seq": 4, "type": "REDEEM", "delta": -25, "balanceAfter": 35,
                    "reason": "tea", "allocations": {"nodes": [
                      {"lot": {"original": 10, "remaining": 0, "status": "DEPLETED"},
                       "points": 10},
                      {"lot": {"original": 20, "remaining": 5, "status": "ACTIVE"},
                       "points": 15}]}},
                  "userErrors": []}}}
                """)
        try club.checkStore()
    }

    @Test func `spending all or none is what redeeming does`() throws {
        let club = try club()
        func errors(_ input: String) throws -> [String] { try club.errors("redeemPoints", input) }
        #expect(
            try errors("\(club.owner()) points: 61, reason: \"x\"") == [
                "INSUFFICIENT_POINTS points"
            ])
        #expect(
            try errors("\(club.owner()) points: 0, reason: \"x\"") == [
                "NON_POSITIVE_AMOUNT points"
            ])
        #expect(try errors("\(club.owner()) points: 1, reason: \" \"") == ["REQUIRED reason"])
        #expect(try club.sums() == [60, 0, 0, 60, 0, 60, 0, 0])
        try club.redeem(60)
        #expect(try club.sums() == [0, 0, 0, 0, 0, 60, 60, 0])
    }

    @Test func `of a hundred who spend the last points, one succeeds`() throws {
        let club = try club()
        var won = 0
        for _ in 0..<100 {
            let errors = try club.errors(
                "redeemPoints", "\(club.owner()) points: 60, reason: \"x\"")
            if errors.isEmpty {
                won += 1
            } else {
                #expect(errors == ["INSUFFICIENT_POINTS points"])
            }
        }
        #expect(won == 1)
        #expect(try club.sums()[3] == 0)
    }

    @Test func `I26: held points stay active and are spent by the hold alone`() throws {
        let club = try club()
        let hold = try club.hold(40)
        #expect(try club.sums() == [60, 0, 40, 20, 0, 60, 0, 0])
        #expect(
            try club.errors("redeemPoints", "\(club.owner()) points: 21, reason: \"x\"") == [
                "INSUFFICIENT_POINTS points"
            ])
        #expect(
            try club.errors("capturePointsHold", "holdId: \"\(hold)\", points: 41") == [
                "INSUFFICIENT_POINTS points"
            ])
        try club.text(
            "redeemPoints",
            "\(club.owner()) points: 25, reason: \"x\", holdId: \"\(hold)\"", at: "entry.id")
        #expect(try club.sums() == [35, 0, 0, 35, 0, 60, 25, 0])
        #expect(
            try club.errors("capturePointsHold", "holdId: \"\(hold)\"") == ["HOLD_NOT_OPEN holdId"])
        #expect(
            try club.errors("releasePointsHold", "holdId: \"\(hold)\"") == ["HOLD_NOT_OPEN holdId"])
    }

    @Test func `I26: a hold ends by the clock, and its lots lapse then`() throws {
        let club = try club()
        let hold = try club.hold(10, seconds: 20 * 86_400)
        // The pinned lot has lapsed at the end of July, and the hold ends on 4 August.
        try club.fixture.set(now: "2026-08-02T00:00:00Z")
        #expect(try club.sums() == [60, 0, 10, 50, 0, 60, 0, 0])
        try club.fixture.set(now: "2026-08-04T10:00:00Z")
        #expect(try club.sums() == [50, 0, 0, 50, 0, 60, 0, 10])
        #expect(try club.ledger().last == "EXPIRE -10 0 50 2026-08-04T10:00:00.000Z")
        #expect(
            try club.errors("capturePointsHold", "holdId: \"\(hold)\"") == ["HOLD_EXPIRED holdId"])
        #expect(try club.errors("releasePointsHold", "holdId: \"\(hold)\"") == [])
        #expect(
            try club.errors("createPointsHold", "\(club.owner()) points: 1, ttlSeconds: 0") == [
                "INVALID ttlSeconds"
            ])
    }

    @Test func `releasing frees the points, twice as well as once`() throws {
        let club = try club()
        let hold = try club.hold(10)
        for _ in 0..<2 {
            #expect(
                try club.text("releasePointsHold", "holdId: \"\(hold)\"", at: "hold.status")
                    == "RELEASED")
        }
        #expect(try club.sums()[3] == 60)
    }

    @Test func `what lapses soon is told day by day`() throws {
        let club = try club()
        try club.check(
            """
            { pointsAccountByMemberAndProgram(memberId: "\(club.member)",
                programId: "\(club.program)") {
                month: expiring(withinDays: 16) { expiresOn points }
                all: expiring(withinDays: 90) { expiresOn points }
                before: balanceAt(at: "2026-06-01T00:00:00Z")
                now: balanceAt(at: "2026-07-15T10:00:00Z") } }
            """,
            gives: """
                {"data": {"pointsAccountByMemberAndProgram": {
                  "month": [{"expiresOn": "2026-07-31", "points": 10}],
                  "all": [{"expiresOn": "2026-07-31", "points": 10},
                    {"expiresOn": "2026-08-31", "points": 20},
                    {"expiresOn": "2026-09-30", "points": 30}],
                  "before": 10, "now": 60}}}
                """)
    }
}

struct ReversalTests {
    @Test func `I21: what was spent returns to its own lots, with their own end`() throws {
        let club = try PointsClub(
            now: "2026-06-15T10:00:00Z",
            program: ", expiryPolicy: ROLLING, expiryMonths: 1, rounding: END_OF_MONTH")
        try club.earn(10)
        try club.fixture.set(now: "2026-07-15T10:00:00Z")
        try club.earn(20)
        let spent = try club.redeem(25)
        #expect(try club.lots() == ["DEPLETED 0/10", "ACTIVE 5/20"])
        try club.text(
            "reversePoints", "entryId: \"\(spent)\", points: 5, reason: \"x\"",
            at: "account.id")
        #expect(try club.lots() == ["DEPLETED 0/10", "ACTIVE 10/20"])
        // The first lot has lapsed by then: what returns to it lapses at once.
        try club.fixture.set(now: "2026-08-02T10:00:00Z")
        try club.text(
            "reversePoints", "entryId: \"\(spent)\", reason: \"x\"", at: "account.id")
        #expect(try club.lots() == ["EXPIRED 0/10", "ACTIVE 20/20"])
        #expect(
            try club.errors("reversePoints", "entryId: \"\(spent)\", reason: \"x\"") == [
                "ALREADY_REVERSED entryId"
            ])
        #expect(try club.sums() == [20, 0, 0, 20, 0, 30, 0, 10])
    }

    @Test func `a returned earning takes its own lot first, and lowers the tier it gave`() throws {
        let club = try PointsClub()
        try club.earn(50)
        club.fixture.advance(seconds: 60)
        let earned = try club.earn(60)
        club.fixture.advance(seconds: 60)
        try club.check(
            """
            mutation { reversePoints(input: {entryId: "\(earned)", reason: "return"}) {
                account { active } entries { type delta qualifying reverses { id } }
                tier { tier { code } reason } shortfall userErrors { code } } }
            """,
            gives: """
                {"data": {"reversePoints": {"account": {"active": 50},
                  "entries": [{"type": "EARN_REVERSAL", "delta": -60, "qualifying": -60,
                    "reverses": {"id": "\(earned)"}}],
                  "tier": {"tier": {"code": "BASIC"}, "reason": "REVERSED"},
                  "shortfall": 0, "userErrors": []}}}
                """)
        #expect(try club.lots() == ["ACTIVE 50/50", "DEPLETED 0/60"])
    }

    @Test func `within the balance, what is spent is missed and told`() throws {
        let club = try PointsClub()
        let earned = try club.earn(50)
        try club.redeem(30)
        try club.check(
            """
            mutation { reversePoints(input: {entryId: "\(earned)", reason: "return"}) {
                account { active owed } shortfall userErrors { code } } }
            """,
            gives: """
                {"data": {"reversePoints": {"account": {"active": 0, "owed": 0},
                  "shortfall": 30, "userErrors": []}}}
                """)
    }

    @Test func `I25: where points may be owed, new ones pay first`() throws {
        let club = try PointsClub(program: ", returnPolicy: ALLOW_NEGATIVE")
        let earned = try club.earn(50)
        try club.redeem(30)
        try club.text(
            "reversePoints", "entryId: \"\(earned)\", reason: \"return\"", at: "account.id")
        #expect(try club.sums() == [0, 0, 0, 0, 30, 50, 30, 0])
        try club.earn(45)
        #expect(try club.sums() == [15, 0, 0, 15, 0, 95, 30, 0])
        #expect(
            try club.ledger().suffix(2) == [
                "EARN 45 0 15 2026-06-30T12:00:00.000Z",
                "DEBT_SETTLE 0 0 15 2026-06-30T12:00:00.000Z",
            ])
    }

    @Test func `a line that is neither earned nor spent is not taken back`() throws {
        let club = try PointsClub()
        let line = try club.text(
            "adjustPoints", "\(club.owner()) delta: 5, reason: \"x\"", at: "entries.0.id")
        #expect(
            try club.errors("reversePoints", "entryId: \"\(line)\", reason: \"x\"") == [
                "NOT_REVERSIBLE entryId"
            ])
    }
}

struct CorrectionTests {
    @Test func `staff correct a balance either way`() throws {
        let club = try PointsClub()
        func errors(_ input: String) throws -> [String] {
            try club.errors("adjustPoints", "\(club.owner()) \(input)")
        }
        #expect(
            try errors("delta: 50, reason: \"x\", expiresAt: \"2026-07-01T00:00:00Z\"") == [])
        #expect(try errors("delta: -20, reason: \"x\"") == [])
        #expect(try club.sums() == [30, 0, 0, 30, 0, 0, 0, 0])
        #expect(try errors("delta: -31, reason: \"x\"") == ["INSUFFICIENT_POINTS points"])
        #expect(try errors("delta: 0, reason: \"x\"") == ["NON_POSITIVE_AMOUNT delta"])
        #expect(try errors("delta: 5, reason: \"\"") == ["REQUIRED reason"])
        #expect(
            try errors("delta: 5, reason: \"x\", expiresAt: \"2026-06-30T12:00:00Z\"") == [
                "LOT_EXPIRED expiresAt"
            ])
    }

    @Test func `below nothing only where the program lets points be owed`() throws {
        let club = try PointsClub(program: ", returnPolicy: ALLOW_NEGATIVE")
        try club.text(
            "adjustPoints", "\(club.owner()) delta: -5, reason: \"x\", allowNegative: true",
            at: "account.id")
        #expect(try club.sums() == [0, 0, 0, 0, 5, 0, 0, 0])
    }

    @Test func `transferred points keep the day on which they lapse`() throws {
        let club = try PointsClub(
            program: ", expiryPolicy: ROLLING, expiryMonths: 1, rounding: END_OF_MONTH")
        try club.earn(30)
        func errors(_ to: String, _ points: Int) throws -> [String] {
            try club.errors(
                "transferPoints",
                """
                fromMemberId: "\(club.member)", toMemberId: "\(to)",
                programId: "\(club.program)", points: \(points), reason: "gift"
                """)
        }
        #expect(try errors(club.member, 5) == ["INVALID toMemberId"])
        #expect(try errors(club.other, 31) == ["INSUFFICIENT_POINTS points"])
        club.fixture.advance(days: 10)
        #expect(try errors(club.other, 20) == [])
        #expect(try club.sums(of: club.other) == [20, 0, 0, 20, 0, 0, 0, 0])
        try club.fixture.set(now: "2026-07-31T22:00:00Z")
        #expect(try club.sums(of: club.other) == [0, 0, 0, 0, 0, 0, 0, 20])
        #expect(try club.sums() == [0, 0, 0, 0, 0, 30, 0, 10])
    }

    @Test func `pending points become active before their time when staff say so`() throws {
        let club = try PointsClub(
            program: ", pendingDays: 14, expiryPolicy: ROLLING, expiryMonths: 1")
        try club.earn(30)
        let lot = try club.fixture.text(
            "{ pointsLots { nodes { id } } }", at: "pointsLots.nodes.0.id")
        func errors(_ input: String) throws -> [String] {
            try club.errors("activatePoints", input)
        }
        #expect(try errors("lotIds: []") == ["REQUIRED lotIds"])
        #expect(try errors("lotIds: [\"lot_9\"]") == ["NOT_FOUND lotIds"])
        #expect(try errors("lotIds: [\"\(lot)\"]") == [])
        #expect(try club.sums() == [30, 0, 0, 30, 0, 30, 0, 0])
        #expect(try errors("lotIds: [\"\(lot)\"]") == ["INVALID_TRANSITION lotIds"])
    }
}
