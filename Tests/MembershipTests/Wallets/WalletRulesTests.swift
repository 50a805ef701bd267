import Bytes
import Testing

@testable import Membership

/// Wallets by GraphQL.
struct WalletRulesTests {
    private func shows(
        _ shop: Shop, _ balance: Int, principal: Int, bonus: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try shop.shows(
            """
            walletByMemberAndCurrency(memberId: "\(shop.members[0])", currency: "CNY") {
                balance { amountMinor currency } principal { amountMinor } bonus { amountMinor } }
            """,
            """
            "walletByMemberAndCurrency": {"balance": {"amountMinor": \(balance), "currency": "CNY"},
              "principal": {"amountMinor": \(principal)}, "bonus": {"amountMinor": \(bonus)}}
            """, sourceLocation: sourceLocation)
    }

    /// I31: each line's balance is the one before and its changes, and the last is the wallet's.
    private func checkLedger(
        _ shop: Shop, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wallet = try shop.fixture.value(
            """
            { wallets { nodes { balance { amountMinor } principal { amountMinor }
                bonus { amountMinor } lastSeq
                entries(first: 1000, orderBy: [{seq: ASC}]) {
                    nodes { seq principalDelta bonusDelta balanceAfter { amountMinor } } }
                bonuses(first: 1000) { nodes { remaining expiresAt } } } } }
            """, at: "wallets.nodes.0")
        let row = try #require(wallet as? [String: Any])
        func minor(_ value: Any?) -> Int { (value as? [String: Any])?["amountMinor"] as? Int ?? -1 }
        func nodes(_ value: Any?) -> [[String: Any]] {
            (value as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
        }
        var (own, bonus, seq) = (0, 0, 0)
        for entry in nodes(row["entries"]) {
            own += entry["principalDelta"] as? Int ?? 0
            bonus += entry["bonusDelta"] as? Int ?? 0
            seq += 1
            #expect(entry["seq"] as? Int == seq, sourceLocation: sourceLocation)
            #expect(minor(entry["balanceAfter"]) == own + bonus, sourceLocation: sourceLocation)
            #expect(own >= 0 && bonus >= 0, sourceLocation: sourceLocation)
        }
        let left = nodes(row["bonuses"]).reduce(0) { $0 + ($1["remaining"] as? Int ?? 0) }
        #expect(
            [minor(row["principal"]), minor(row["bonus"]), minor(row["balance"]), left]
                == [own, bonus, own + bonus, bonus], sourceLocation: sourceLocation)
        #expect(row["lastSeq"] as? Int == seq, sourceLocation: sourceLocation)
    }

    // MARK: Topping up

    @Test func `a bonus lies on top of the member's own money`() throws {
        let shop = try Shop()
        try shop.check(
            "topUpWallet",
            #"memberId: "\#(shop.members[0])", amount: \#(shop.money(5000)), bonus: \#(shop.money(500)), paymentRef: "T-1", method: WECHAT_PAY"#,
            "entries { seq type principalDelta bonusDelta } payment { purpose method externalRef }",
            gives: """
                "entries": [
                  {"seq": 1, "type": "TOP_UP", "principalDelta": 5000, "bonusDelta": 0},
                  {"seq": 2, "type": "BONUS", "principalDelta": 0, "bonusDelta": 500}],
                "payment": {"purpose": "TOP_UP", "method": "WECHAT_PAY", "externalRef": "T-1"}
                """)
        try shows(shop, 5500, principal: 5000, bonus: 500)
        try checkLedger(shop)
        try shop.fixture.checkStore()
    }

    @Test func `the same payment tops up once, and over another amount it is refused`() throws {
        let shop = try Shop()
        try shop.topUp(5000, ref: "T-1")
        try shop.topUp(5000, ref: "T-1")
        try shows(shop, 5000, principal: 5000, bonus: 0)
        let message = "The payment T-1 came before, over another amount or for another wallet."
        try shop.refuses(
            "topUpWallet",
            #"memberId: "\#(shop.members[0])", amount: \#(shop.money(1)), paymentRef: "T-1""#,
            "UNIQUE_VIOLATION", message, at: "paymentRef")
        try shop.refuses(
            "topUpWallet",
            #"memberId: "\#(shop.members[1])", amount: \#(shop.money(5000)), paymentRef: "T-1""#,
            "UNIQUE_VIOLATION", message, at: "paymentRef")
        try shop.shows(
            #"walletByMemberAndCurrency(memberId: "\#(shop.members[1])", currency: "CNY") { id }"#,
            #""walletByMemberAndCurrency": null"#)
    }

    @Test func `what is no amount of money is refused`() throws {
        let shop = try Shop()
        func refuses(
            _ fields: String, _ code: String, _ message: String, at field: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            try shop.refuses(
                "topUpWallet", #"memberId: "\#(shop.members[0])", \#(fields)"#, code, message,
                at: field, sourceLocation: sourceLocation)
        }
        try refuses(
            #"amount: \#(shop.money(0)), paymentRef: "T""#, "NON_POSITIVE_AMOUNT",
            "The amount must be above zero, not 0.", at: "amount")
        try refuses(
            #"amount: \#(shop.money(10)), bonus: \#(shop.money(-1)), paymentRef: "T""#,
            "NON_POSITIVE_AMOUNT", "The amount must be above zero, not -1.", at: "bonus")
        try refuses(
            #"amount: \#(shop.money(10)), bonus: {amountMinor: 1, currency: "EUR"}, paymentRef: "T""#,
            "CURRENCY_MISMATCH", "The wallet is in CNY, not in EUR.", at: "bonus")
        try refuses(
            #"amount: {amountMinor: 1, currency: "cny"}, paymentRef: "T""#, "INVALID",
            "A currency has three capitals, after ISO 4217.", at: "amount")
        try refuses(
            #"amount: \#(shop.money(10)), bonus: \#(shop.money(1)), bonusExpiresAt: "2026-06-30T12:00:00Z", paymentRef: "T""#,
            "INVALID", "The bonus would be over already.", at: "bonusExpiresAt")
        try refuses(
            #"amount: \#(shop.money(10)), paymentRef: """#, "REQUIRED", "A payment has a number.",
            at: "paymentRef")
    }

    @Test func `a bonus ends by the clock, at its own moment`() throws {
        let shop = try Shop()
        try shop.topUp(1000, bonus: 300, ref: "T-1", until: "2026-07-01T00:00:00Z")
        try shop.topUp(1000, bonus: 200, ref: "T-2", until: "2026-07-02T00:00:00Z")
        try shop.fixture.set(now: "2026-07-01T09:30:00Z")
        try shows(shop, 2200, principal: 2000, bonus: 200)
        try shop.shows(
            "walletEntries(filter: {type: {eq: EXPIRE}}) { nodes { bonusDelta at recordedAt } }",
            """
            "walletEntries": {"nodes": [{"bonusDelta": -300, "at": "2026-07-01T00:00:00.000Z",
              "recordedAt": "2026-07-01T09:30:00.000Z"}]}
            """)
        try checkLedger(shop)
    }

    // MARK: Paying

    @Test func `a wallet pays in full or not at all`() throws {
        let shop = try Shop()
        try shop.topUp(1000, bonus: 500, ref: "T-1")
        let order = try shop.order("A-1", quantity: 3)
        let pay = #"memberId: "\#(shop.members[0])", orderId: "\#(order)""#
        try shop.refuses(
            "payFromWallet", "\(pay), amount: \(shop.money(1501))", "INSUFFICIENT_FUNDS",
            "The wallet has 1500 for this, and 1501 was asked for.", at: "amount")
        try shop.refuses(
            "payFromWallet", "\(pay), amount: \(shop.money(-5))", "NON_POSITIVE_AMOUNT",
            "The amount must be above zero, not -5.", at: "amount")
        try shop.refuses(
            "payFromWallet", "\(pay), amount: \(shop.money(3001))", "AMOUNT_EXCEEDS_PAYMENT",
            "3000 is left of the order, and 3001 was asked for.", at: "amount")
        try shop.refuses(
            "payFromWallet", #"\#(pay), amount: {amountMinor: 5, currency: "EUR"}"#,
            "CURRENCY_MISMATCH", "The order is in CNY, not in EUR.", at: "amount")
        try shows(shop, 1500, principal: 1000, bonus: 500)
        try shop.check(
            "payFromWallet", "\(pay), amount: \(shop.money(1200))",
            "entries { type principalDelta bonusDelta } order { status }",
            gives: """
                "entries": [{"type": "PAYMENT", "principalDelta": -1000, "bonusDelta": -200}],
                "order": {"status": "OPEN"}
                """)
        try shop.check(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(shop.tender("CASH", 1800))]"#,
            "order { status payments { nodes { method amount { amountMinor } } } }",
            gives: """
                "order": {"status": "PAID", "payments": {"nodes": [
                  {"method": "WALLET", "amount": {"amountMinor": 1200}},
                  {"method": "CASH", "amount": {"amountMinor": 1800}}]}}
                """)
        try checkLedger(shop)
    }

    @Test func `I32 a wallet of another currency does not pay`() throws {
        let shop = try Shop()
        try shop.check(
            "topUpWallet",
            #"memberId: "\#(shop.members[0])", amount: {amountMinor: 9000, currency: "EUR"}, paymentRef: "T""#,
            "wallet { currency }", gives: #""wallet": {"currency": "EUR"}"#)
        let order = try shop.order("A-1")
        try shop.refuses(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(shop.tender("WALLET", 1000))]"#,
            "CURRENCY_MISMATCH", "The wallet is in EUR, not in CNY.", at: "tenders")
        try shop.refuses(
            "payFromWallet",
            #"memberId: "\#(shop.members[1])", orderId: "\#(order)", amount: \#(shop.money(1))"#,
            "INSUFFICIENT_FUNDS", "The wallet has 0 for this, and 1 was asked for.", at: "amount")
    }

    @Test func `a club may let both parts of a wallet pay as they are to each other`() throws {
        let shop = try Shop()
        _ = try shop.program(", walletOrder: PRO_RATA")
        try shop.topUp(1000, bonus: 500, ref: "T-1")
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payFromWallet",
            #"memberId: "\#(shop.members[0])", orderId: "\#(order)", amount: \#(shop.money(600))"#,
            "entries { principalDelta bonusDelta }",
            gives: #""entries": [{"principalDelta": -400, "bonusDelta": -200}]"#)
        try checkLedger(shop)
    }

    // MARK: Giving back

    @Test func `I33 a refund goes back to the split that paid`() throws {
        let shop = try Shop()
        try shop.topUp(1000, bonus: 500, ref: "T-1")
        let order = try shop.order("A-1", quantity: 3)
        let entry = try shop.text(
            "payFromWallet",
            #"memberId: "\#(shop.members[0])", orderId: "\#(order)", amount: \#(shop.money(1200))"#,
            at: "entries.0.id")
        try shop.check(
            "refundToWallet",
            #"entryId: "\#(entry)", amount: \#(shop.money(600)), reason: "x""#,
            "entries { type principalDelta bonusDelta reverses { seq } } wallet { balance { amountMinor } }",
            gives: """
                "entries": [{"type": "REFUND", "principalDelta": 500, "bonusDelta": 100,
                  "reverses": {"seq": 3}}],
                "wallet": {"balance": {"amountMinor": 900}}
                """)
        try shop.refuses(
            "refundToWallet", #"entryId: "\#(entry)", amount: \#(shop.money(601)), reason: "x""#,
            "AMOUNT_EXCEEDS_PAYMENT", "600 is left of the payment, and 601 was asked for.",
            at: "amount")
        try shop.check(
            "refundToWallet", #"entryId: "\#(entry)", reason: "x""#,
            "entries { principalDelta bonusDelta }",
            gives: #""entries": [{"principalDelta": 500, "bonusDelta": 100}]"#)
        try shows(shop, 1500, principal: 1000, bonus: 500)
        try shop.refuses(
            "refundToWallet", #"entryId: "\#(entry)", reason: "x""#, "AMOUNT_EXCEEDS_PAYMENT",
            "0 is left of the payment, and 0 was asked for.", at: "amount")
        try checkLedger(shop)
    }

    @Test func `a line that is no payment is not given back`() throws {
        let shop = try Shop()
        let entry = try shop.text(
            "topUpWallet",
            #"memberId: "\#(shop.members[0])", amount: \#(shop.money(10)), paymentRef: "T""#,
            at: "entries.0.id")
        try shop.refuses(
            "refundToWallet", #"entryId: "\#(entry)", reason: "x""#, "INVALID_TRANSITION",
            "A line of type TOP_UP is not given back.", at: "entryId")
    }

    @Test func `giving back what paid an order is a refund of the order`() throws {
        let shop = try Shop()
        try shop.topUp(3000, ref: "T-1")
        let order = try shop.order("A-1", quantity: 3)
        try shop.check(
            "payOrder",
            #"orderId: "\#(order)", tenders: [\#(shop.tender("WALLET", 2000)), \#(shop.tender("CASH", 1000))]"#,
            "order { status }", gives: #""order": {"status": "PAID"}"#)
        let entry = try shop.fixture.text(
            "{ walletEntries(filter: {type: {eq: PAYMENT}}) { nodes { id } } }",
            at: "walletEntries.nodes.0.id")
        try shop.check(
            "refundToWallet", #"entryId: "\#(entry)", reason: "x""#,
            "order { status net { amountMinor } payments { nodes { refunded { amountMinor } status } } }",
            gives: """
                "order": {"status": "PARTIALLY_REFUNDED", "net": {"amountMinor": 1000},
                  "payments": {"nodes": [
                    {"refunded": {"amountMinor": 2000}, "status": "REFUNDED"},
                    {"refunded": {"amountMinor": 0}, "status": "SUCCEEDED"}]}}
                """)
        try shows(shop, 3000, principal: 3000, bonus: 0)
        try shop.refuses(
            "refundToWallet", #"entryId: "\#(entry)", reason: "x""#, "AMOUNT_EXCEEDS_PAYMENT",
            "0 is left of the payment, and 0 was asked for.", at: "amount")
    }

    @Test func `I34 only the member's own money is paid out`() throws {
        let shop = try Shop()
        try shop.topUp(1000, bonus: 500, ref: "T-1")
        let withdraw = #"memberId: "\#(shop.members[0])", reason: "leaving""#
        try shop.refuses(
            "withdrawFromWallet", "\(withdraw), amount: \(shop.money(1001))",
            "INSUFFICIENT_FUNDS", "The wallet has 1000 for this, and 1001 was asked for.",
            at: "amount")
        try shop.check(
            "withdrawFromWallet", "\(withdraw), amount: \(shop.money(200)), forfeitBonus: true",
            "entries { type principalDelta bonusDelta reason }",
            gives: """
                "entries": [
                  {"type": "WITHDRAWAL", "principalDelta": -200, "bonusDelta": 0,
                   "reason": "leaving"},
                  {"type": "ADJUST", "principalDelta": 0, "bonusDelta": -100, "reason": "leaving"}]
                """)
        try shows(shop, 1200, principal: 800, bonus: 400)
        try shop.check(
            "withdrawFromWallet", "\(withdraw), amount: \(shop.money(800))",
            "entries { type }", gives: #""entries": [{"type": "WITHDRAWAL"}]"#)
        try shows(shop, 400, principal: 0, bonus: 400)
        try shop.refuses(
            "withdrawFromWallet", #"\#(withdraw), amount: {amountMinor: 1, currency: "EUR"}"#,
            "INSUFFICIENT_FUNDS", "The wallet has 0 for this, and 1 was asked for.", at: "amount")
        try checkLedger(shop)
    }

    @Test func `I31 after anything that happens to a wallet its lines are its balance`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("wallet seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let shop = try Shop()
        try shop.topUp(5_000, bonus: 500, ref: "first", until: "2026-07-03T00:00:00Z")
        var paid: [String] = []
        for step in 0..<120 {
            switch dice.number(in: 0...5) {
            case 0:
                let end =
                    dice.number(in: 0...1) == 0
                    ? "2026-07-0\(1 + dice.number(in: 0...8))T00:00:00Z" : nil
                _ = try shop.mutate(
                    "topUpWallet",
                    """
                    memberId: "\(shop.members[0])", amount: \(shop.money(Int64(dice.number(in: 0...899)))),
                    bonus: \(shop.money(Int64(1 + dice.number(in: 0...299)))), paymentRef: "R\(step)"
                    \(end.map { #"bonusExpiresAt: "\#($0)""# } ?? "")
                    """)
            case 1, 2:
                let order = try shop.order("O\(step)", quantity: 2)
                let answer = try shop.mutate(
                    "payFromWallet",
                    """
                    memberId: "\(shop.members[0])", orderId: "\(order)",
                    amount: \(shop.money(Int64(1 + dice.number(in: 0...1999))))
                    """, "entries { id }")
                if answer.contains(#""userErrors":[]"#) { paid.append(order) }
            case 3:
                guard !paid.isEmpty else { continue }
                let order = paid[dice.number(in: 0...paid.count - 1)]
                let entry = try shop.fixture.text(
                    """
                    { walletEntries(filter: {type: {eq: PAYMENT},
                        order: {id: {eq: "\(order)"}}}) { nodes { id } } }
                    """, at: "walletEntries.nodes.0.id")
                _ = try shop.mutate(
                    "refundToWallet",
                    """
                    entryId: "\(entry)", amount: \(shop.money(Int64(1 + dice.number(in: 0...499)))),
                    reason: "x"
                    """)
            case 4:
                _ = try shop.mutate(
                    "withdrawFromWallet",
                    """
                    memberId: "\(shop.members[0])", amount: \(shop.money(Int64(1 + dice.number(in: 0...299)))),
                    reason: "x", forfeitBonus: \(dice.number(in: 0...1) == 0)
                    """)
            default: shop.fixture.advance(seconds: Int64(dice.number(in: 0...20_000)))
            }
            try checkLedger(shop)
        }
        try shop.fixture.checkStore()
    }
}
