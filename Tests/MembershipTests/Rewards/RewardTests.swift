import Testing

@testable import Membership

struct RewardTests {
    private func reward(_ club: PointsClub, _ fields: String) throws -> String {
        try club.text(
            "createReward",
            "programId: \"\(club.program)\", name: \"Mug\", kind: PRODUCT, cost: 30, \(fields)",
            at: "reward.id")
    }

    private func input(_ club: PointsClub, _ reward: String, _ more: String = "") -> String {
        "memberId: \"\(club.member)\", rewardId: \"\(reward)\", \(more)"
    }

    @Test func `a reward is paid with points and taken from the stock, and can be called off`()
        throws
    {
        let club = try PointsClub()
        try club.earn(100)
        let mug = try reward(club, "stock: 3")
        try club.check(
            """
            mutation { redeemReward(input: {\(input(club, mug, "quantity: 2"))}) {
                redemption { id status quantity points entry { type delta reason
                  redemptions { nodes { id } } } reward { stock } }
                account { active } userErrors { code } } }
            """,
            gives: """
                {"data": {"redeemReward": {
                  "redemption": {"id": "rdm_1", "status": "ISSUED", "quantity": 2, "points": 60,
                    "entry": {"type": "REDEEM", "delta": -60, "reason": "Mug",
                      "redemptions": {"nodes": [{"id": "rdm_1"}]}}, "reward": {"stock": 1}},
                  "account": {"active": 40}, "userErrors": []}}}
                """)
        try club.check(
            """
            mutation { cancelReward(input: {redemptionId: "rdm_1", reason: "broken"}) {
                redemption { status reason cancelledAt reward { stock } } account { active }
                userErrors { code } } }
            """,
            gives: """
                {"data": {"cancelReward": {
                  "redemption": {"status": "CANCELLED", "reason": "broken",
                    "cancelledAt": "2026-06-30T12:00:00.000Z", "reward": {"stock": 3}},
                  "account": {"active": 100}, "userErrors": []}}}
                """)
        #expect(
            try club.errors("cancelReward", "redemptionId: \"rdm_1\", reason: \"x\"") == [
                "INVALID_TRANSITION redemptionId"
            ])
        try club.checkStore()
    }

    @Test func `a reward that was handed over is not called off`() throws {
        let club = try PointsClub()
        try club.earn(100)
        let mug = try reward(club, "")
        let bought = try club.text("redeemReward", input(club, mug), at: "redemption.id")
        #expect(
            try club.text("fulfilReward", "redemptionId: \"\(bought)\"", at: "redemption.status")
                == "FULFILLED")
        #expect(
            try club.errors("cancelReward", "redemptionId: \"\(bought)\", reason: \"x\"") == [
                "INVALID_TRANSITION redemptionId"
            ])
        #expect(
            try club.errors("fulfilReward", "redemptionId: \"\(bought)\"") == [
                "INVALID_TRANSITION redemptionId"
            ])
    }

    @Test func `I27: of a hundred who want the last one, one gets it`() throws {
        let club = try PointsClub()
        try club.earn(10_000)
        let mug = try reward(club, "stock: 1")
        var won = 0
        for _ in 0..<100 {
            let errors = try club.errors("redeemReward", input(club, mug))
            if errors.isEmpty {
                won += 1
            } else {
                #expect(errors == ["REWARD_OUT_OF_STOCK quantity"])
            }
        }
        #expect(won == 1)
        #expect(try club.sums()[3] == 9_970)
    }

    @Test func `I27: a member's limit counts what was bought and not called off`() throws {
        let club = try PointsClub()
        try club.earn(1_000)
        let mug = try reward(club, "perMemberLimit: 2")
        let first = try club.text("redeemReward", input(club, mug), at: "redemption.id")
        #expect(
            try club.errors("redeemReward", input(club, mug, "quantity: 2")) == [
                "REWARD_LIMIT_REACHED quantity"
            ])
        #expect(try club.errors("redeemReward", input(club, mug)) == [])
        #expect(
            try club.errors("redeemReward", input(club, mug)) == ["REWARD_LIMIT_REACHED quantity"])
        try club.text("cancelReward", "redemptionId: \"\(first)\", reason: \"x\"", at: "account.id")
        #expect(try club.errors("redeemReward", input(club, mug)) == [])
    }

    @Test func `what is wrong with a purchase is told with its code and place`() throws {
        let club = try PointsClub()
        try club.earn(50)
        func errors(_ fields: String, _ more: String = "") throws -> [String] {
            try club.errors("redeemReward", input(club, try reward(club, fields), more))
        }
        #expect(try errors("minTierId: \"\(club.tiers[1])\"") == ["TIER_REQUIRED rewardId"])
        #expect(try errors("activeTo: \"2026-06-30T12:00:00Z\"") == ["INVALID rewardId"])
        #expect(try errors("activeFrom: \"2026-07-01T00:00:00Z\"") == ["INVALID rewardId"])
        #expect(try errors("", "quantity: 0") == ["NON_POSITIVE_AMOUNT quantity"])
        #expect(try errors("", "quantity: 2") == ["INSUFFICIENT_POINTS points"])
        #expect(
            try club.errors("redeemReward", input(club, "rwd_99")) == ["NOT_FOUND rewardId"])
        try club.earn(50)
        #expect(try errors("minTierId: \"\(club.tiers[1])\"") == [])
    }

    @Test func `a reward that is a coupon gives one, and calling it off makes it void`() throws {
        let club = try PointsClub()
        try club.earn(100)
        let template = try club.text(
            "createCouponTemplate",
            """
            name: "Tea", discount: AMOUNT_OFF, amountOff: {amountMinor: 500, currency: "NOK"},
            perMemberLimit: 1
            """, at: "couponTemplate.id")
        let tea = try club.text(
            "createReward",
            """
            programId: "\(club.program)", name: "Tea", kind: COUPON, cost: 30,
            couponTemplateId: "\(template)"
            """, at: "reward.id")
        let bought = try club.text("redeemReward", input(club, tea), at: "redemption.id")
        #expect(
            try club.errors("redeemReward", input(club, tea, "quantity: 2")) == [
                "NON_POSITIVE_AMOUNT quantity"
            ])
        #expect(
            try club.errors("redeemReward", input(club, tea)) == ["COUPON_LIMIT_REACHED rewardId"])
        #expect(try club.sums()[0] == 70)
        let status = "{ rewardRedemption(id: \"\(bought)\") { coupon { status member { id } } } }"
        try club.check(
            status,
            gives: """
                {"data": {"rewardRedemption": {"coupon": {"status": "ISSUED",
                  "member": {"id": "\(club.member)"}}}}}
                """)
        try club.text(
            "cancelReward", "redemptionId: \"\(bought)\", reason: \"x\"", at: "account.id")
        try club.check(
            status,
            gives: """
                {"data": {"rewardRedemption": {"coupon": {"status": "VOIDED",
                  "member": {"id": "\(club.member)"}}}}}
                """)
        #expect(try club.sums()[0] == 100)
    }
}
