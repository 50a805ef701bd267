import Bytes
import Testing

@testable import Membership

/// Orders and payments by GraphQL.
struct OrderRulesTests {
    /// I35: for a paid order, payments less what came back of them are its net.
    private func checkSums(
        _ shop: Shop, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let orders = try shop.fixture.value(
            """
            { orders(first: 1000) { nodes { status net { amountMinor } netMinor
                total { amountMinor } refunded { amountMinor }
                lines { totalMinor }
                payments { nodes { amount { amountMinor } refunded { amountMinor } } } } } }
            """, at: "orders.nodes")
        func minor(_ value: Any?) -> Int { (value as? [String: Any])?["amountMinor"] as? Int ?? -1 }
        for order in try #require(orders as? [[String: Any]]) {
            let payments = (order["payments"] as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
            for payment in payments {
                #expect(
                    (0...minor(payment["amount"])).contains(minor(payment["refunded"])),
                    sourceLocation: sourceLocation)
            }
            let left = payments.reduce(0) { $0 + minor($1["amount"]) - minor($1["refunded"]) }
            let lines = order["lines"] as? [[String: Any]] ?? []
            #expect(
                lines.reduce(0) { $0 + ($1["totalMinor"] as? Int ?? -1) } == minor(order["total"]),
                sourceLocation: sourceLocation)
            #expect(
                minor(order["total"]) - minor(order["refunded"]) == minor(order["net"]),
                sourceLocation: sourceLocation)
            #expect(
                order["netMinor"] as? Int == minor(order["net"]), sourceLocation: sourceLocation)
            switch order["status"] as? String {
            case "PAID", "PARTIALLY_REFUNDED", "REFUNDED":
                #expect(left == minor(order["net"]), sourceLocation: sourceLocation)
            case "CANCELLED": #expect(left == 0, sourceLocation: sourceLocation)
            default: break
            }
        }
    }

    // MARK: Making

    @Test func `an order keeps the prices of when it was made`() throws {
        let shop = try Shop()
        let lines = """
            {productId: "\(shop.products[0])", quantity: 2},
            {productId: "\(shop.products[2])", quantity: 3,
             unitPrice: {amountMinor: 90, currency: "CNY"}}
            """
        let order = try shop.order("A-1", lines: lines)
        try shop.check(
            "updateProduct",
            #"id: "\#(shop.products[0])", set: {price: {amountMinor: 1, currency: "CNY"}}"#,
            "product { price { amountMinor } }",
            gives: #""product": {"price": {"amountMinor": 1}}"#)
        try shop.shows(
            """
            order(id: "\(order)") { orderNo status channel placedAt paidAt member { name }
                lines { product { sku } quantity unitPriceMinor discountMinor totalMinor
                    refundedQuantity }
                subtotal { amountMinor currency } total { amountMinor } }
            """,
            """
            "order": {"orderNo": "A-1", "status": "OPEN", "channel": "POS",
              "placedAt": "2026-06-30T12:00:00.000Z", "paidAt": null,
              "member": {"name": "Member 0"},
              "lines": [
                {"product": {"sku": "P0"}, "quantity": 2, "unitPriceMinor": 1000,
                 "discountMinor": 0, "totalMinor": 2000, "refundedQuantity": 0},
                {"product": {"sku": "P2"}, "quantity": 3, "unitPriceMinor": 90,
                 "discountMinor": 0, "totalMinor": 270, "refundedQuantity": 0}],
              "subtotal": {"amountMinor": 2270, "currency": "CNY"},
              "total": {"amountMinor": 2270}}
            """)
        try shop.fixture.checkStore()
    }

    @Test func `what cannot be an order is refused`() throws {
        let shop = try Shop()
        _ = try shop.order("A-1")
        func refuses(
            _ fields: String, _ code: String, _ message: String, at field: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            try shop.refuses(
                "createOrder", #"chapterId: "\#(shop.chapter)", channel: POS, \#(fields)"#, code,
                message, at: field, sourceLocation: sourceLocation)
        }
        let line = #"{productId: "\#(shop.products[0])", quantity: 1}"#
        try refuses(
            #"orderNo: "A-1", lines: [\#(line)]"#, "UNIQUE_VIOLATION",
            "There is an order A-1 already.", at: "orderNo")
        try refuses(
            #"orderNo: " ", lines: [\#(line)]"#, "REQUIRED", "An order has a number.",
            at: "orderNo")
        try refuses(
            #"orderNo: "A-2", lines: []"#, "REQUIRED", "There is nothing in it.", at: "lines")
        try refuses(
            #"orderNo: "A-2", lines: [{productId: "\#(shop.products[0])", quantity: 0}]"#,
            "INVALID", "There is at least one piece, not 0.", at: "lines")
        try refuses(
            #"orderNo: "A-2", lines: [\#(line), {productId: "\#(shop.products[1])", quantity: 1, unitPrice: {amountMinor: 1, currency: "EUR"}}]"#,
            "CURRENCY_MISMATCH", "The order is in CNY, not in EUR.", at: "lines")
        try refuses(
            #"orderNo: "A-2", lines: [{productId: "\#(shop.products[0])", quantity: 2147483647, unitPrice: {amountMinor: 9007199254740991, currency: "CNY"}}]"#,
            "INVALID", "The sum is beyond 2^53 − 1.", at: "lines")
        try refuses(
            #"orderNo: "A-2", placedAt: "2026-06-30T12:05:00.001Z", lines: [\#(line)]"#,
            "INVALID", "The order was placed in the future.", at: "placedAt")
        try shop.check(
            "updateProduct", #"id: "\#(shop.products[1])", set: {active: false}"#,
            "product { active }", gives: #""product": {"active": false}"#)
        try refuses(
            #"orderNo: "A-2", lines: [{productId: "\#(shop.products[1])", quantity: 1}]"#,
            "INVALID", "The product \(shop.products[1]) is not sold any more.", at: "lines")
    }

    // MARK: Paying

    @Test func `tenders are exactly what is to be paid`() throws {
        let shop = try Shop()
        let order = try shop.order("A-1", quantity: 3)
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(shop.tender("CASH", 2999))]"#,
            "INVALID", "3000 is to be paid, and the tenders come to 2999.", at: "tenders")
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(shop.tender("CASH", 0))]"#,
            "NON_POSITIVE_AMOUNT", "The amount must be above zero, not 0.", at: "tenders")
        try shop.refuses(
            "payOrder",
            #"orderId: "\#(order)", tenders: [{method: CASH, amount: {amountMinor: 3000, currency: "EUR"}}]"#,
            "CURRENCY_MISMATCH", "The order is in CNY, not in EUR.", at: "tenders")
        try shop.pay(order, 3000)
        try shop.shows(
            #"order(id: "\#(order)") { paidAt net { amountMinor } }"#,
            """
            "order": {"paidAt": "2026-06-30T12:00:00.000Z", "net": {"amountMinor": 3000}}
            """)
    }

    @Test func `I36 a paid order is not paid, cancelled or discounted again`() throws {
        let shop = try Shop()
        let order = try shop.order("A-1", quantity: 3)
        try shop.pay(order, 3000)
        let code = try shop.coupon(
            try shop.template("Half", "discount: PERCENT_OFF, percentOffBps: 5000"))
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: []"#, "INVALID_TRANSITION",
            "The order is PAID.", at: "orderId")
        try shop.refuses(
            "cancelOrder", #"orderId: "\#(order)", reason: "x""#, "INVALID_TRANSITION",
            "The order is PAID.", at: "orderId")
        try shop.refuses(
            "redeemCoupon",
            #"code: "\#(code)", memberId: "\#(shop.members[0])", orderId: "\#(order)""#,
            "INVALID_TRANSITION", "The order is PAID.", at: "orderId")
        try shop.refuses(
            "payFromWallet",
            #"memberId: "\#(shop.members[0])", orderId: "\#(order)", amount: \#(shop.money(1))"#,
            "INVALID_TRANSITION", "The order is PAID.", at: "orderId")
    }

    @Test func `I45 a wallet that is short leaves coupons, holds and everything else as it was`()
        throws
    {
        let shop = try Shop()
        let program = try shop.program()
        try shop.give(100, in: program)
        let hold = try shop.hold(100, in: program)
        try shop.topUp(500, ref: "T-1")
        let template = try shop.template("Half", "discount: PERCENT_OFF, percentOffBps: 5000")
        let code = try shop.coupon(template)
        let order = try shop.order("A-1", quantity: 3)
        let state = """
            { order(id: "\(order)") { status version discount { amountMinor } payments { totalCount }
                coupons { totalCount } }
              couponTemplate(id: "\(template)") { redeemedCount }
              pointsHold(id: "\(hold)") { status }
              walletEntries { totalCount } pointsEntries { totalCount } activities { totalCount }
              auditEntries { totalCount } }
            """
        let before = try shop.fixture.run(state)
        let pay = #"orderId: "\#(order)", couponCodes: ["\#(code)"], holdIds: ["\#(hold)"]"#
        try shop.refuses(
            "payOrder",
            #"\#(pay), tenders: [\#(shop.tender("POINTS", 900)), \#(shop.tender("WALLET", 600))]"#,
            "INSUFFICIENT_FUNDS", "The wallet has 500 for this, and 600 was asked for.",
            at: "tenders")
        #expect(try shop.fixture.run(state) == before)
        try shop.check(
            "payOrder",
            #"\#(pay), tenders: [\#(shop.tender("POINTS", 1000)), \#(shop.tender("WALLET", 500))]"#,
            """
            order { status discount { amountMinor } pointsSpent pointsEarned }
            payments { method amount { amountMinor } } points { type delta order { orderNo } }
            """,
            gives: """
                "order": {"status": "PAID", "discount": {"amountMinor": 1500}, "pointsSpent": 100,
                  "pointsEarned": 5},
                "payments": [{"method": "POINTS", "amount": {"amountMinor": 1000}},
                  {"method": "WALLET", "amount": {"amountMinor": 500}}],
                "points": [{"type": "REDEEM", "delta": -100, "order": {"orderNo": "A-1"}},
                  {"type": "EARN", "delta": 5, "order": {"orderNo": "A-1"}}]
                """)
        try shop.fixture.checkStore()
        try checkSums(shop)
    }

    @Test func `holds and tenders in points go together`() throws {
        let shop = try Shop()
        let program = try shop.program()
        try shop.give(200, in: program)
        try shop.give(200, to: 1, in: program)
        let (hold, others) = (
            try shop.hold(100, in: program), try shop.hold(100, of: 1, in: program)
        )
        let order = try shop.order("A-1")
        let (cash, points) = (shop.tender("CASH", 1000), shop.tender("POINTS", 1000))
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(points)]"#, "INVALID",
            "What is paid with points names the holds that set them aside.", at: "holdIds")
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(cash)], holdIds: ["\#(hold)"]"#,
            "INVALID", "Holds are captured for a tender in points.", at: "tenders")
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(points)], holdIds: ["\#(others)"]"#,
            "NOT_FOUND", "The buyer has no hold \(others).", at: "holdIds")
        shop.fixture.advance(seconds: 600)
        let answer = try shop.mutate(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(points)], holdIds: ["\#(hold)"]"#)
        #expect(answer.contains("HOLD_EXPIRED"))
    }

    @Test func `several coupons reduce what the earlier ones left, if all of them may`() throws {
        let shop = try Shop()
        let amount = try shop.template(
            "Five",
            #"discount: CASH_VOUCHER, amountOff: {amountMinor: 500, currency: "CNY"}, stackable: true"#
        )
        let half = try shop.template(
            "Half", "discount: PERCENT_OFF, percentOffBps: 5000, stackable: true")
        let codes = [try shop.coupon(amount), try shop.coupon(half)]
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", couponCodes: ["\#(codes[0])", "\#(codes[1])"], tenders: [\#(shop.tender("CARD", 1250, #"externalRef: "C-1""#))]"#,
            "order { discount { amountMinor } coupons { totalCount } lines { discountMinor } }",
            gives: """
                "order": {"discount": {"amountMinor": 1750}, "coupons": {"totalCount": 2},
                  "lines": [{"discountMinor": 1750}]}
                """)
        let other = try shop.order("A-2")
        try shop.refuses(
            "payOrder",
            #"orderId: "\#(other)", tenders: [\#(shop.tender("CARD", 1000, #"externalRef: "C-1""#))]"#,
            "UNIQUE_VIOLATION", "There is a payment C-1 by CARD already.", at: "tenders")
    }

    @Test func `a suspended member does not pay, and a guest has neither wallet nor points`() throws
    {
        let shop = try Shop()
        let program = try shop.program()
        let order = try shop.order("A-1")
        let guest = try shop.order("A-2", member: nil)
        try shop.refuses(
            "payOrder", #"orderId: "\#(guest)", tenders: [\#(shop.tender("WALLET", 1000))]"#,
            "INVALID", "A guest has no wallet to pay from.", at: "tenders")
        try shop.check(
            "payOrder", #"orderId: "\#(guest)", tenders: [\#(shop.tender("CASH", 1000))]"#,
            "points { type } tier { id } order { pointsEarned }",
            gives: #""points": [], "tier": null, "order": {"pointsEarned": 0}"#)
        try shop.check(
            "suspendMember", #"id: "\#(shop.members[0])", reason: "x""#, "member { status }",
            gives: #""member": {"status": "SUSPENDED"}"#)
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(shop.tender("CASH", 1000))]"#,
            "MEMBER_SUSPENDED", "The member \(shop.members[0]) is suspended.", at: "orderId")
        #expect(
            try shop.fixture.run(
                "{ loyaltyProgram(id: \"\(program)\") { accounts { totalCount } } }")
                == #"{"data":{"loyaltyProgram":{"accounts":{"totalCount":0}}}}"#)
    }

    // MARK: Giving back

    @Test func `I35 a refund is in proportion to what paid, and the parts make the whole`() throws {
        let shop = try Shop()
        try shop.topUp(1000, ref: "T-1")
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", tenders: [\#(shop.tender("WALLET", 1000)), \#(shop.tender("CASH", 2000))]"#,
            "order { status }", gives: #""order": {"status": "PAID"}"#)
        func refund(_ fields: String, gives payload: String) throws {
            try shop.check(
                "refundOrder", #"orderId: "\#(order)", reason: "broken" \#(fields)"#,
                """
                order { status net { amountMinor } lines { refundedQuantity }
                    payments { nodes { refunded { amountMinor } } } }
                refunded { amountMinor }
                """, gives: payload)
            try checkSums(shop)
        }
        try refund(
            #", lines: [{productId: "\#(shop.products[0])", quantity: 1}]"#,
            gives: """
                "order": {"status": "PARTIALLY_REFUNDED", "net": {"amountMinor": 2000},
                  "lines": [{"refundedQuantity": 1}], "payments": {"nodes": [
                    {"refunded": {"amountMinor": 333}}, {"refunded": {"amountMinor": 667}}]}},
                "refunded": {"amountMinor": 1000}
                """)
        try refund(
            ", amount: \(shop.money(500))",
            gives: """
                "order": {"status": "PARTIALLY_REFUNDED", "net": {"amountMinor": 1500},
                  "lines": [{"refundedQuantity": 1}], "payments": {"nodes": [
                    {"refunded": {"amountMinor": 499}}, {"refunded": {"amountMinor": 1001}}]}},
                "refunded": {"amountMinor": 500}
                """)
        try shop.refuses(
            "refundOrder",
            #"orderId: "\#(order)", reason: "x", amount: \#(shop.money(1501))"#,
            "AMOUNT_EXCEEDS_PAYMENT", "1500 is left of the order, and 1501 was asked for.",
            at: "amount")
        try shop.refuses(
            "refundOrder",
            #"orderId: "\#(order)", reason: "x", lines: [{productId: "\#(shop.products[0])", quantity: 3}]"#,
            "AMOUNT_EXCEEDS_PAYMENT", "2 pieces are left of the product, and 3 were asked for.",
            at: "lines")
        try refund(
            "",
            gives: """
                "order": {"status": "REFUNDED", "net": {"amountMinor": 0},
                  "lines": [{"refundedQuantity": 3}], "payments": {"nodes": [
                    {"refunded": {"amountMinor": 1000}}, {"refunded": {"amountMinor": 2000}}]}},
                "refunded": {"amountMinor": 1500}
                """)
        try shop.refuses(
            "refundOrder", #"orderId: "\#(order)", reason: "x""#, "INVALID_TRANSITION",
            "The order is REFUNDED.", at: "orderId")
        try shop.fixture.checkStore()
    }

    @Test func `points earned and spent go back in proportion`() throws {
        let shop = try Shop()
        let program = try shop.program()
        try shop.give(300, in: program)
        let hold = try shop.hold(300, in: program)
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", holdIds: ["\#(hold)"], tenders: [\#(shop.tender("POINTS", 1500)), \#(shop.tender("CASH", 1500))]"#,
            "order { pointsSpent pointsEarned }",
            gives: #""order": {"pointsSpent": 300, "pointsEarned": 15}"#)
        #expect(try shop.spendable(in: program) == 15)
        try shop.check(
            "refundOrder",
            #"orderId: "\#(order)", reason: "x", lines: [{productId: "\#(shop.products[0])", quantity: 1}]"#,
            "order { pointsSpent pointsEarned } points { type delta }",
            gives: """
                "order": {"pointsSpent": 200, "pointsEarned": 10},
                "points": [{"type": "REDEEM_REVERSAL", "delta": 100},
                  {"type": "EARN_REVERSAL", "delta": -5}]
                """)
        #expect(try shop.spendable(in: program) == 110)
        try shop.check(
            "refundOrder", #"orderId: "\#(order)", reason: "x""#,
            "order { pointsSpent pointsEarned } points { type delta }",
            gives: """
                "order": {"pointsSpent": 0, "pointsEarned": 0},
                "points": [{"type": "REDEEM_REVERSAL", "delta": 200},
                  {"type": "EARN_REVERSAL", "delta": -10}]
                """)
        #expect(try shop.spendable(in: program) == 300)
        try shop.fixture.checkStore()
    }

    @Test func `a refund told to one payment leaves the others, and their points, alone`() throws {
        let shop = try Shop()
        let program = try shop.program()
        try shop.give(100, in: program)
        let hold = try shop.hold(100, in: program)
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", holdIds: ["\#(hold)"], tenders: [\#(shop.tender("POINTS", 1000)), \#(shop.tender("CASH", 2000))]"#,
            "order { status }", gives: #""order": {"status": "PAID"}"#)
        let payments = try (0...1).map {
            try shop.fixture.text(
                "{ payments(orderBy: [{at: ASC}]) { nodes { id } } }", at: "payments.nodes.\($0).id"
            )
        }
        let refund = #"orderId: "\#(order)", reason: "x", amount: \#(shop.money(1000))"#
        func told(_ minor: Int64, _ payment: Int) -> String {
            #"{paymentId: "\#(payments[payment])", amount: \#(shop.money(minor))}"#
        }
        try shop.refuses(
            "refundOrder", "\(refund), tenders: [\(told(999, 1))]", "INVALID",
            "1000 is to be paid, and the tenders come to 999.", at: "amount")
        try shop.refuses(
            "refundOrder", "\(refund), tenders: [\(told(500, 1)), \(told(500, 1))]", "INVALID",
            "A payment is named twice.", at: "tenders")
        try shop.check(
            "refundOrder", "\(refund), tenders: [\(told(1000, 1))]",
            "order { pointsSpent pointsEarned } points { type delta }",
            gives: """
                "order": {"pointsSpent": 100, "pointsEarned": 10},
                "points": [{"type": "EARN_REVERSAL", "delta": -10}]
                """)
        try shop.refuses(
            "refundOrder",
            #"orderId: "\#(order)", reason: "x", amount: \#(shop.money(1100)), tenders: [\#(told(1100, 0))]"#,
            "AMOUNT_EXCEEDS_PAYMENT", "1000 is left of the payment, and 1100 was asked for.",
            at: "amount")
        try shop.check(
            "refundOrder", "\(refund), tenders: [\(told(1000, 0))]",
            "order { pointsSpent pointsEarned } points { type delta }",
            gives: """
                "order": {"pointsSpent": 0, "pointsEarned": 10},
                "points": [{"type": "REDEEM_REVERSAL", "delta": 100}]
                """)
        try checkSums(shop)
    }

    @Test func `an order given back as a whole gives its coupons back, a part of it does not`()
        throws
    {
        let shop = try Shop()
        let template = try shop.template("Half", "discount: PERCENT_OFF, percentOffBps: 5000")
        let code = try shop.coupon(template)
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", couponCodes: ["\#(code)"], tenders: [\#(shop.tender("CASH", 1500))]"#,
            "order { status }", gives: #""order": {"status": "PAID"}"#)
        let status = #"couponByCode(code: "\#(code)") { status order { orderNo } }"#
        try shop.check(
            "refundOrder", #"orderId: "\#(order)", reason: "x", amount: \#(shop.money(1000))"#,
            "order { status }", gives: #""order": {"status": "PARTIALLY_REFUNDED"}"#)
        try shop.shows(
            status, #""couponByCode": {"status": "REDEEMED", "order": {"orderNo": "A-1"}}"#)
        try shop.check(
            "refundOrder", #"orderId: "\#(order)", reason: "x""#,
            "order { status discount { amountMinor } total { amountMinor } }",
            gives: """
                "order": {"status": "REFUNDED", "discount": {"amountMinor": 1500},
                  "total": {"amountMinor": 1500}}
                """)
        try shop.shows(status, #""couponByCode": {"status": "ISSUED", "order": null}"#)
        try shop.shows(
            #"couponTemplate(id: "\#(template)") { issuedCount redeemedCount redemptionRate }"#,
            """
            "couponTemplate": {"issuedCount": 1, "redeemedCount": 0, "redemptionRate": 0}
            """)
    }

    @Test func `what was never paid is not given back`() throws {
        let shop = try Shop()
        let order = try shop.order("A-1", quantity: 3)
        try shop.refuses(
            "refundOrder", #"orderId: "\#(order)", reason: "x""#, "INVALID_TRANSITION",
            "The order is OPEN.", at: "orderId")
        try shop.pay(order, 3000)
        try shop.refuses(
            "refundOrder",
            #"orderId: "\#(order)", reason: "x", lines: [{productId: "\#(shop.products[1])", quantity: 1}]"#,
            "NOT_FOUND", "The order has no such product.", at: "lines")
        try shop.refuses(
            "refundOrder", #"orderId: "\#(order)", reason: "x", amount: \#(shop.money(0))"#,
            "NON_POSITIVE_AMOUNT", "The amount must be above zero, not 0.", at: "amount")
        try shop.refuses(
            "refundOrder",
            #"orderId: "\#(order)", reason: "x", lines: [], amount: \#(shop.money(1))"#,
            "INVALID", "A refund is of pieces or of an amount, not of both.", at: "amount")
    }

    @Test func `a cancelled order sets free what was used, kept and paid for it`() throws {
        let shop = try Shop()
        let program = try shop.program()
        try shop.give(100, in: program)
        try shop.topUp(1000, ref: "T-1")
        let hold = try shop.hold(100, in: program)
        let template = try shop.template(
            "Half", "discount: PERCENT_OFF, percentOffBps: 5000, stackable: true")
        let (used, kept) = (try shop.coupon(template), try shop.coupon(template))
        let order = try shop.order("A-1", quantity: 3)
        let member = #"memberId: "\#(shop.members[0])""#
        try shop.check(
            "redeemCoupon", #"code: "\#(used)", \#(member), orderId: "\#(order)""#,
            "coupon { status }", gives: #""coupon": {"status": "REDEEMED"}"#)
        try shop.check(
            "reserveCoupon", #"code: "\#(kept)", \#(member), reservationKey: "k", ttlSeconds: 60"#,
            "coupon { status }", gives: #""coupon": {"status": "RESERVED"}"#)
        try shop.check(
            "payFromWallet", #"\#(member), orderId: "\#(order)", amount: \#(shop.money(700))"#,
            "wallet { balance { amountMinor } }",
            gives: #""wallet": {"balance": {"amountMinor": 300}}"#)
        try shop.check(
            "cancelOrder",
            #"orderId: "\#(order)", reason: "left", reservationKey: "k", holdIds: ["\#(hold)"]"#,
            """
            order { status reason discount { amountMinor } } coupons { status }
            walletEntries { type principalDelta }
            """,
            gives: """
                "order": {"status": "CANCELLED", "reason": "left", "discount": {"amountMinor": 0}},
                "coupons": [{"status": "ISSUED"}],
                "walletEntries": [{"type": "REFUND", "principalDelta": 700}]
                """)
        try shop.shows(
            #"couponByCode(code: "\#(kept)") { status } pointsHold(id: "\#(hold)") { status }"#,
            #""couponByCode": {"status": "ISSUED"}, "pointsHold": {"status": "RELEASED"}"#)
        #expect(try shop.spendable(in: program) == 100)
        try checkSums(shop)
        try shop.fixture.checkStore()
    }

    @Test func `I24 the same key pays once`() throws {
        let shop = try Shop()
        let program = try shop.program()
        let order = try shop.order("A-1", quantity: 3)
        let pay = """
            mutation { payOrder(input: {orderId: "\(order)", idempotencyKey: "till-7",
                tenders: [\(shop.tender("CASH", 3000))]}) {
                order { status } replayed userErrors { code } } }
            """
        for isReplay in [false, true] {
            try shop.fixture.check(
                pay,
                gives: """
                    {"data": {"payOrder": {"order": {"status": "PAID"}, "replayed": \(isReplay),
                      "userErrors": []}}}
                    """)
        }
        #expect(try shop.spendable(in: program) == 30)
    }

    @Test func `I35 whatever is paid and given back, money and points add up`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("order seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let shop = try Shop()
        let program = try shop.program()
        try shop.topUp(1_000_000, bonus: 100_000, ref: "T")
        try shop.give(100_000, in: program)
        var orders: [String] = []
        for step in 0..<60 {
            if orders.isEmpty || dice.chance(percent: 35) {
                let quantity = dice.number(in: 1...9)
                let order = try shop.order("O\(step)", quantity: quantity)
                var left = Int64(quantity) * 1000
                var tenders: [String] = []
                var holds = ""
                if dice.chance(percent: 40) {
                    let minor = Int64(dice.number(in: 1...Int(left)))
                    left -= minor
                    tenders.append(shop.tender("POINTS", minor))
                    let hold = try shop.hold(dice.number(in: 1...500), in: program)
                    holds = #", holdIds: ["\#(hold)"]"#
                }
                if dice.chance(percent: 50) && left > 0 {
                    let minor = Int64(dice.number(in: 1...Int(left)))
                    left -= minor
                    tenders.append(shop.tender("WALLET", minor))
                }
                if left > 0 { tenders.append(shop.tender("CASH", left)) }
                try shop.check(
                    "payOrder",
                    #"orderId: "\#(order)", tenders: [\#(tenders.joined(separator: ", "))] \#(holds)"#,
                    "order { status }", gives: #""order": {"status": "PAID"}"#)
                orders.append(order)
            } else {
                let order = dice.pick(orders)
                let what =
                    switch dice.number(in: 0...3) {
                    case 0: ""
                    case 1:
                        #", lines: [{productId: "\#(shop.products[0])", quantity: \#(dice.number(in: 1...4))}]"#
                    default: ", amount: \(shop.money(Int64(dice.number(in: 1...4000))))"
                    }
                _ = try shop.mutate("refundOrder", #"orderId: "\#(order)", reason: "x" \#(what)"#)
            }
            try checkSums(shop)
            try checkPoints(shop, sourceLocation: #_sourceLocation)
        }
        try shop.fixture.checkStore()
    }

    /// Points of an order are the sum of its lines in the ledger, and when nothing of it is left,
    /// none are.
    private func checkPoints(
        _ shop: Shop, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let orders = try shop.fixture.value(
            """
            { orders(first: 1000) { nodes { status pointsEarned pointsSpent
                pointsEntries(first: 500) { nodes { type delta } } } } }
            """, at: "orders.nodes")
        for order in try #require(orders as? [[String: Any]]) {
            let entries =
                (order["pointsEntries"] as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
            func sum(_ types: [String]) -> Int {
                entries.reduce(0) { sum, entry in
                    types.contains(entry["type"] as? String ?? "")
                        ? sum + (entry["delta"] as? Int ?? 0) : sum
                }
            }
            let sums = [sum(["EARN", "EARN_REVERSAL"]), -sum(["REDEEM", "REDEEM_REVERSAL"])]
            #expect(
                [order["pointsEarned"] as? Int, order["pointsSpent"] as? Int] == sums,
                sourceLocation: sourceLocation)
            if order["status"] as? String == "REFUNDED" {
                #expect(sums == [0, 0], sourceLocation: sourceLocation)
            }
        }
    }

    // MARK: Payments for other things

    @Test func `dues are recorded and given back, orders and wallets have their own ways`() throws {
        let shop = try Shop()
        let payment = try shop.text(
            "recordPayment",
            #"memberId: "\#(shop.members[0])", purpose: MEMBERSHIP_DUES, amount: \#(shop.money(900)), method: CARD, externalRef: "C-9""#,
            at: "payment.id")
        func record(_ purpose: String, _ method: String, _ minor: Int64, _ ref: String) -> String {
            #"purpose: \#(purpose), method: \#(method), amount: \#(shop.money(minor)), externalRef: "\#(ref)""#
        }
        try shop.refuses(
            "recordPayment", record("ORDER", "CARD", 1, "C-1"), "INVALID",
            "Orders are paid by payOrder, wallets topped up by topUpWallet.", at: "purpose")
        try shop.refuses(
            "recordPayment", record("EVENT_FEE", "WALLET", 1, "C-1"), "INVALID",
            "Only money that came from outside is recorded.", at: "method")
        try shop.refuses(
            "recordPayment", record("EVENT_FEE", "CARD", 0, "C-1"), "NON_POSITIVE_AMOUNT",
            "The amount must be above zero, not 0.", at: "amount")
        try shop.refuses(
            "recordPayment", record("EVENT_FEE", "CARD", 1, "C-9"), "UNIQUE_VIOLATION",
            "There is a payment C-9 by CARD already.", at: "externalRef")
        try shop.refuses(
            "recordPayment",
            #"\#(record("EVENT_FEE", "CARD", 1, "C-2")), at: "2026-06-30T12:05:00.001Z""#,
            "INVALID", "The payment was made in the future.", at: "at")
        let refund = #"paymentId: "\#(payment)", reason: "x""#
        try shop.refuses(
            "refundPayment", "\(refund), amount: \(shop.money(901))", "AMOUNT_EXCEEDS_PAYMENT",
            "900 is left of the payment, and 901 was asked for.", at: "amount")
        try shop.check(
            "refundPayment", "\(refund), amount: \(shop.money(400))",
            "payment { status refunded { amountMinor } }",
            gives: #""payment": {"status": "PARTIALLY_REFUNDED", "refunded": {"amountMinor": 400}}"#
        )
        try shop.check(
            "refundPayment", refund, "payment { status refunded { amountMinor } }",
            gives: #""payment": {"status": "REFUNDED", "refunded": {"amountMinor": 900}}"#)
        let order = try shop.order("A-1")
        try shop.pay(order, 1000)
        let paid = try shop.fixture.text(
            "{ payments(filter: {purpose: {eq: ORDER}}) { nodes { id } } }",
            at: "payments.nodes.0.id")
        try shop.refuses(
            "refundPayment", #"paymentId: "\#(paid)", reason: "x""#, "INVALID_TRANSITION",
            "Orders are given back by refundOrder, wallets paid out by withdrawFromWallet.",
            at: "paymentId")
    }
}
