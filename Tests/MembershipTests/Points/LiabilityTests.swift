import Testing

@testable import Membership

struct LiabilityTests {
    @Test func `what points are expected to cost, now and at a time past`() throws {
        let club = try PointsClub(
            program: """
                , unitCost: {amountMinor: 2, currency: "NOK"}, expiryPolicy: ROLLING,
                expiryMonths: 1, rounding: END_OF_MONTH
                """)
        try club.earn(100)
        try club.redeem(40)
        let fields = """
            asOf outstanding pending redemptionRate breakageRate cost { amountMinor currency }
            liability { amountMinor }
            """
        try club.check(
            "{ loyaltyProgram(id: \"\(club.program)\") { liability { \(fields) } } }",
            gives: """
                {"data": {"loyaltyProgram": {"liability": {"asOf": "2026-06-30T12:00:00.000Z",
                  "outstanding": 60, "pending": 0, "redemptionRate": null, "breakageRate": null,
                  "cost": {"amountMinor": 120, "currency": "NOK"}, "liability": null}}}}
                """)
        // All lapsed: 40 of 100 points were redeemed.
        try club.fixture.set(now: "2026-08-01T10:00:00Z")
        try club.earn(50)
        try club.check(
            """
            { loyaltyProgram(id: "\(club.program)") {
                now: liability { \(fields) }
                then: liability(asOf: "2026-07-15T00:00:00Z") { outstanding liability { amountMinor } }
            } }
            """,
            gives: """
                {"data": {"loyaltyProgram": {
                  "now": {"asOf": "2026-08-01T10:00:00.000Z", "outstanding": 50, "pending": 0,
                    "redemptionRate": 0.4, "breakageRate": 0.6,
                    "cost": {"amountMinor": 100, "currency": "NOK"},
                    "liability": {"amountMinor": 40}},
                  "then": {"outstanding": 60, "liability": null}}}}
                """)
    }

    @Test func `a job has done what the clock did, and finds nothing left to do`() throws {
        let club = try PointsClub(program: ", expiryPolicy: ROLLING, expiryMonths: 1")
        try club.earn(100)
        func processed(_ job: String, _ asOf: String) throws -> Int64 {
            try club.fixture.number(
                """
                mutation { runJob(input: {job: \(job), asOf: "\(asOf)"}) {
                    processed userErrors { message } } }
                """, at: "runJob.processed")
        }
        #expect(try processed("POINTS_EXPIRY", "2026-07-30T11:59:59Z") == 0)
        #expect(try club.sums()[0] == 100)
        #expect(try processed("POINTS_EXPIRY", "2026-07-30T12:00:00Z") == 1)
        #expect(try club.sums()[0] == 0)
        #expect(try processed("POINTS_EXPIRY", "2026-07-31T12:00:00Z") == 0)
        #expect(try processed("PENDING_ACTIVATION", "2026-07-31T12:00:00Z") == 0)
        #expect(try processed("HOLD_EXPIRY", "2026-07-31T12:00:00Z") == 0)
        #expect(try processed("TIER_EVALUATION", "2026-07-31T12:00:00Z") == 0)
    }
}
