import Testing

@testable import Membership

/// Coupons by GraphQL, from their issue to their use.
struct CouponRulesTests {
    private static let tenOff =
        #"discount: AMOUNT_OFF, amountOff: {amountMinor: 1000, currency: "CNY"}"#

    private func status(_ code: String, _ shop: Shop) throws -> String {
        try shop.fixture.text(
            #"{ couponByCode(code: "\#(code)") { status } }"#, at: "couponByCode.status")
    }

    private func shows(_ template: String, issued: Int, redeemed: Int, _ shop: Shop) throws {
        try shop.shows(
            #"couponTemplate(id: "\#(template)") { issuedCount redeemedCount }"#,
            #""couponTemplate": {"issuedCount": \#(issued), "redeemedCount": \#(redeemed)}"#)
    }

    // MARK: Issuing

    @Test func `each member gets a coupon that is good to the end of its last day in the chapter`()
        throws
    {
        let shop = try Shop()
        let template = try shop.template("Ten", "\(Self.tenOff), validDays: 10")
        let ids = shop.members.map { "\"\($0)\"" }.joined(separator: ", ")
        try shop.check(
            "issueCoupons", #"templateId: "\#(template)", memberIds: [\#(ids)]"#,
            "coupons { status validFrom validTo member { name } } failures { code }",
            gives: """
                "coupons": [
                  {"status": "ISSUED", "validFrom": "2026-06-30T12:00:00.000Z",
                   "validTo": "2026-07-09T16:00:00.000Z", "member": {"name": "Member 0"}},
                  {"status": "ISSUED", "validFrom": "2026-06-30T12:00:00.000Z",
                   "validTo": "2026-07-09T16:00:00.000Z", "member": {"name": "Member 1"}},
                  {"status": "ISSUED", "validFrom": "2026-06-30T12:00:00.000Z",
                   "validTo": "2026-07-09T16:00:00.000Z", "member": {"name": "Member 2"}}],
                "failures": []
                """)
        try shows(template, issued: 3, redeemed: 0, shop)
        try shop.fixture.checkStore()
    }

    @Test func `those who may have none are told apart, and the others get theirs`() throws {
        let shop = try Shop()
        let template = try shop.template("Ten", "\(Self.tenOff), perMemberLimit: 1, totalLimit: 2")
        _ = try shop.coupon(template)
        try shop.check(
            "suspendMember", #"id: "\#(shop.members[1])", reason: "x""#, "member { status }",
            gives: #""member": {"status": "SUSPENDED"}"#)
        let ids = (shop.members + ["mem_none", shop.members[2]]).map { "\"\($0)\"" }
        try shop.check(
            "issueCoupons",
            #"templateId: "\#(template)", memberIds: [\#(ids.joined(separator: ", "))]"#,
            "coupons { member { name } } failures { subjectId code message }",
            gives: """
                "coupons": [{"member": {"name": "Member 2"}}],
                "failures": [
                  {"subjectId": "\(shop.members[0])", "code": "COUPON_LIMIT_REACHED",
                   "message": "A member has no more than 1 of these coupons."},
                  {"subjectId": "\(shop.members[1])", "code": "MEMBER_SUSPENDED",
                   "message": "The member \(shop.members[1]) is suspended."},
                  {"subjectId": "mem_none", "code": "NOT_FOUND",
                   "message": "There is no member mem_none."},
                  {"subjectId": "\(shop.members[2])", "code": "COUPON_LIMIT_REACHED",
                   "message": "There are no more than 2 of these coupons."}]
                """)
        try shows(template, issued: 2, redeemed: 0, shop)
    }

    @Test func `coupons for nobody in particular may bring their codes`() throws {
        let shop = try Shop()
        let template = try shop.template("Ten", Self.tenOff)
        try shop.check(
            "issueCoupons", #"templateId: "\#(template)", count: 2, codes: ["first-one", "ab cd"]"#,
            "coupons { code member { id } validTo }",
            gives: """
                "coupons": [{"code": "FIRSTONE", "member": null, "validTo": null},
                  {"code": "ABCD", "member": null, "validTo": null}]
                """)
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)", count: 1, codes: ["Abcd"]"#,
            "UNIQUE_VIOLATION", "There is a coupon with the code ABCD.", at: "codes")
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)", count: 2, codes: ["X"]"#, "INVALID",
            "2 coupons need as many codes, not 1.", at: "codes")
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)", count: 0"#, "NON_POSITIVE_AMOUNT",
            "There is nothing to issue.", at: "count")
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)""#, "REQUIRED",
            "One of memberIds, segmentId and count says who gets a coupon.", at: "memberIds")
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)", count: 10001"#, "INVALID",
            "No more than 10000 coupons are issued at once.", at: "count")
    }

    @Test func `a template without the amount of its discount issues none`() throws {
        let shop = try Shop()
        let template = try shop.template("Odd", "discount: PERCENT_OFF")
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)", count: 1"#, "INVALID",
            "The template lacks the amount or the percentage of its discount.", at: "templateId")
    }

    // MARK: Using

    @Test func `a coupon is used once, and its order costs less`() throws {
        let shop = try Shop()
        let code = try shop.coupon(try shop.template("Ten", Self.tenOff))
        let order = try shop.order("A-1", quantity: 3)
        let use = #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#
        try shop.check(
            "redeemCoupon", use,
            "coupon { status redeemedAt order { orderNo } } order { discount { amountMinor } total { amountMinor } }",
            gives: """
                "coupon": {"status": "REDEEMED", "redeemedAt": "2026-06-30T12:00:00.000Z",
                  "order": {"orderNo": "A-1"}},
                "order": {"discount": {"amountMinor": 1000}, "total": {"amountMinor": 2000}}
                """)
        try shop.refuses(
            "redeemCoupon", use, "COUPON_ALREADY_REDEEMED",
            "The coupon was used at 2026-06-30T12:00:00.000Z.", at: "code")
        try shop.refuses(
            "redeemCoupon",
            #"code: "nope", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "COUPON_NOT_FOUND", "There is no coupon with this code.", at: "code")
    }

    @Test func `whoever may not use a coupon is told why`() throws {
        let shop = try Shop()
        let order = try shop.order("A-1", quantity: 3)
        func refuses(
            _ fields: String, member: Int = 0, _ code: String, _ message: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let template = try shop.template("T \(code)", fields)
            let coupon = try shop.coupon(template, member: member)
            try shop.refuses(
                "redeemCoupon",
                #"code: "\#(coupon)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
                code, message, at: "code", sourceLocation: sourceLocation)
        }
        try refuses(
            Self.tenOff, member: 1, "COUPON_NOT_OWNED", "The coupon belongs to another member.")
        try refuses(
            #"\#(Self.tenOff), validFrom: "2026-07-01T00:00:00Z""#, "COUPON_NOT_YET_VALID",
            "The coupon is valid from 2026-07-01T00:00:00.000Z.")
        try refuses(
            #"\#(Self.tenOff), minSpend: {amountMinor: 3001, currency: "CNY"}"#,
            "COUPON_MIN_SPEND", "The basket comes to 3000, and 3001 is needed.")
        try refuses(
            #"discount: AMOUNT_OFF, amountOff: {amountMinor: 1, currency: "EUR"}"#,
            "CURRENCY_MISMATCH", "The coupon is in EUR, the basket in CNY.")
        let first = try shop.coupon(try shop.template("First", Self.tenOff))
        try shop.check(
            "redeemCoupon",
            #"code: "\#(first)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "coupon { status }", gives: #""coupon": {"status": "REDEEMED"}"#)
        try refuses(
            "\(Self.tenOff), stackable: true", "COUPON_NOT_STACKABLE",
            "The coupon does not go together with others.")
    }

    @Test func `I30 a coupon past its end has expired before any job says so`() throws {
        let shop = try Shop()
        let template = try shop.template(
            "Ten", #"\#(Self.tenOff), validTo: "2026-07-01T00:00:00Z""#)
        let code = try shop.coupon(template)
        let order = try shop.order("A-1", quantity: 3)
        try shop.fixture.set(now: "2026-06-30T23:59:59.999Z")
        #expect(try status(code, shop) == "ISSUED")
        try shop.fixture.set(now: "2026-07-01T00:00:00Z")
        #expect(try status(code, shop) == "EXPIRED")
        try shop.refuses(
            "redeemCoupon",
            #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "COUPON_EXPIRED", "The coupon was valid until 2026-07-01T00:00:00.000Z.", at: "code")
        try shop.refuses(
            "issueCoupons", #"templateId: "\#(template)", count: 1"#, "COUPON_EXPIRED",
            "The coupon was valid until 2026-07-01T00:00:00.000Z.", at: "templateId")
        try shop.check(
            "runJob", #"job: COUPON_EXPIRY, asOf: "2026-07-01T00:00:00Z""#, "processed",
            gives: #""processed": 0"#)
    }

    @Test func `a reservation keeps others out until it ends by itself`() throws {
        let shop = try Shop()
        let code = try shop.coupon(try shop.template("Ten", Self.tenOff))
        let order = try shop.order("A-1", quantity: 3)
        let reserve = #"code: "\#(code)", memberId: "\#(shop.members[0])", ttlSeconds: 60"#
        try shop.check(
            "reserveCoupon", #"\#(reserve), reservationKey: "till-1""#,
            "coupon { status reservedUntil }",
            gives: #""coupon": {"status": "RESERVED", "reservedUntil": "2026-06-30T12:01:00.000Z"}"#
        )
        let message = "The coupon is kept for another checkout until 2026-06-30T12:01:00.000Z."
        try shop.refuses(
            "reserveCoupon", #"\#(reserve), reservationKey: "till-2""#, "COUPON_RESERVED", message,
            at: "code")
        let use = #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#
        try shop.refuses("redeemCoupon", use, "COUPON_RESERVED", message, at: "code")
        try shop.refuses(
            "reserveCoupon",
            #"code: "\#(code)", memberId: "\#(shop.members[0])", ttlSeconds: 0, reservationKey: "till-1""#,
            "INVALID", "A reservation needs a key, and a time between a second and a year.",
            at: "code")
        shop.fixture.advance(seconds: 60)
        #expect(try status(code, shop) == "ISSUED")
        try shop.check(
            "reserveCoupon", #"\#(reserve), reservationKey: "till-2""#, "coupon { status }",
            gives: #""coupon": {"status": "RESERVED"}"#)
        try shop.check(
            "redeemCoupon", #"\#(use), reservationKey: "till-2""#,
            "coupon { status reservedUntil }",
            gives: #""coupon": {"status": "REDEEMED", "reservedUntil": null}"#)
    }

    // MARK: Giving back

    @Test func `I28 a used coupon comes back only by a rollback, with its old end`() throws {
        let shop = try Shop()
        let template = try shop.template(
            "Ten", #"\#(Self.tenOff), validTo: "2026-07-02T00:00:00Z""#)
        let code = try shop.coupon(template)
        let order = try shop.order("A-1", quantity: 3)
        try shop.refuses(
            "rollbackCoupon", #"code: "\#(code)", reason: "x""#, "INVALID_TRANSITION",
            "The coupon is ISSUED.", at: "code")
        let use = #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#
        func redeem() throws {
            try shop.check(
                "redeemCoupon", use, "order { total { amountMinor } }",
                gives: #""order": {"total": {"amountMinor": 2000}}"#)
        }
        try redeem()
        try shows(template, issued: 1, redeemed: 1, shop)
        try shop.check(
            "rollbackCoupon", #"code: "\#(code)", reason: "x""#,
            "coupon { status order { id } validTo } order { total { amountMinor } }",
            gives: """
                "coupon": {"status": "ISSUED", "order": null,
                  "validTo": "2026-07-02T00:00:00.000Z"},
                "order": {"total": {"amountMinor": 3000}}
                """)
        try shows(template, issued: 1, redeemed: 0, shop)
        try redeem()
        try shop.fixture.set(now: "2026-07-03T00:00:00Z")
        try shop.check(
            "rollbackCoupon", #"code: "\#(code)", reason: "x""#, "coupon { status }",
            gives: #""coupon": {"status": "EXPIRED"}"#)
    }

    @Test func `the coupon of a paid order does not come back by itself`() throws {
        let shop = try Shop()
        let code = try shop.coupon(try shop.template("Ten", Self.tenOff))
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", couponCodes: ["\#(code)"], tenders: [\#(shop.tender("CASH", 2000))]"#,
            "order { status }", gives: #""order": {"status": "PAID"}"#)
        try shop.refuses(
            "rollbackCoupon", #"code: "\#(code)", reason: "x""#, "INVALID_TRANSITION",
            "The order is PAID: its refund as a whole gives the coupon back.", at: "code")
    }

    @Test func `voided coupons are worth nothing, and those that were used stay as they are`()
        throws
    {
        let shop = try Shop()
        let template = try shop.template("Ten", Self.tenOff)
        let (code, used) = (try shop.coupon(template), try shop.coupon(template))
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "redeemCoupon",
            #"code: "\#(used)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "coupon { status }", gives: #""coupon": {"status": "REDEEMED"}"#)
        try shop.check(
            "voidCoupons", #"codes: ["\#(code)", "\#(used)", "none"], reason: "stolen""#,
            "coupons { status reason } failures { subjectId code message }",
            gives: """
                "coupons": [{"status": "VOIDED", "reason": "stolen"}],
                "failures": [
                  {"subjectId": "\(used)", "code": "INVALID_TRANSITION",
                   "message": "The coupon is REDEEMED."},
                  {"subjectId": "none", "code": "COUPON_NOT_FOUND",
                   "message": "There is no coupon with this code."}]
                """)
        try shows(template, issued: 1, redeemed: 1, shop)
        try shop.refuses(
            "redeemCoupon",
            #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "COUPON_VOIDED", "The coupon was voided.", at: "code")
        try shop.refuses(
            "voidCoupons", #"codes: [], reason: " ""#, "REQUIRED", "A reason must be given.",
            at: "reason")
    }

    // MARK: Limits

    @Test func `I29 of a hundred who ask for the last coupon exactly one gets it`() throws {
        let shop = try Shop(memberCount: 10)
        let template = try shop.template("Ten", "\(Self.tenOff), totalLimit: 1")
        var won = 0
        for attempt in 0..<100 {
            let member = shop.members[attempt % 10]
            let answer = try shop.mutate(
                "issueCoupons", #"templateId: "\#(template)", memberIds: ["\#(member)"]"#,
                "coupons { id } failures { code }")
            if answer.contains(#""failures":[]"#) { won += 1 }
        }
        #expect(won == 1)
        try shows(template, issued: 1, redeemed: 0, shop)
    }

    @Test func `I29 of a hundred who use the last coupon exactly one does`() throws {
        let shop = try Shop()
        let template = try shop.template("Ten", "\(Self.tenOff), totalLimit: 1")
        let code = try shop.text(
            "issueCoupons", #"templateId: "\#(template)", count: 1"#, at: "coupons.0.code")
        var won = 0
        for attempt in 0..<100 {
            let order = try shop.order("A-\(attempt)", member: attempt % 3, quantity: 3)
            let answer = try shop.mutate(
                "payOrder",
                #"orderId: "\#(order)", couponCodes: ["\#(code)"], tenders: [\#(shop.tender("CASH", 2000))]"#
            )
            if answer.contains(#""userErrors":[]"#) { won += 1 }
        }
        #expect(won == 1)
        try shows(template, issued: 1, redeemed: 1, shop)
        try shop.fixture.checkStore()
    }

    @Test func `a coupon of a template whose limit was lowered is not used any more`() throws {
        let shop = try Shop()
        let template = try shop.template("Ten", Self.tenOff)
        let codes = [try shop.coupon(template), try shop.coupon(template)]
        try shop.check(
            "updateCouponTemplate", #"id: "\#(template)", set: {totalLimit: 1}"#,
            "couponTemplate { totalLimit }", gives: #""couponTemplate": {"totalLimit": 1}"#)
        let order = try shop.order("A-1", quantity: 3)
        func use(_ code: String, _ order: String) -> String {
            #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#
        }
        try shop.check(
            "redeemCoupon", use(codes[0], order), "coupon { status }",
            gives: #""coupon": {"status": "REDEEMED"}"#)
        try shop.refuses(
            "redeemCoupon", use(codes[1], try shop.order("A-2", quantity: 3)),
            "COUPON_LIMIT_REACHED", "There are no more than 1 of these coupons.", at: "code")
    }

    @Test func `the timeline of a member tells of coupons`() throws {
        let shop = try Shop()
        let code = try shop.coupon(try shop.template("Ten", Self.tenOff))
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "redeemCoupon",
            #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "coupon { member { name } }", gives: #""coupon": {"member": {"name": "Member 0"}}"#)
        try shop.shows(
            """
            member(id: "\(shop.members[0])") { activities(orderBy: [{at: ASC}]) { nodes { type } } }
            """,
            """
            "member": {"activities": {"nodes": [{"type": "REGISTERED"}, {"type": "COUPON_ISSUED"},
              {"type": "COUPON_REDEEMED"}, {"type": "STAGE_CHANGED"}]}}
            """)
    }
}
