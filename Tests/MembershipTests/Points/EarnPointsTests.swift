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
        try club.checkStore()
    }
}
