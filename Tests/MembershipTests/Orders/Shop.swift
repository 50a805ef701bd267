import Foundation
import Testing

@testable import Membership

/// A club with one chapter, a shop and some members, for tests of what is sold and held there.
struct Shop {
    let fixture: ClubFixture
    let chapter: String
    let members: [String]
    /// At 10.00, 25.50 and 0.99.
    let products: [String]

    init(memberCount: Int = 3, now: String = "2026-06-30T12:00:00Z") throws {
        fixture = try ClubFixture(now: now)
        chapter = try fixture.text(
            """
            mutation { createChapter(input: {code: "SHA", name: "Shanghai", level: CHAPTER,
                timezone: "Asia/Shanghai", currency: "CNY"}) { chapter { id } } }
            """, at: "createChapter.chapter.id")
        var members: [String] = []
        for number in 0..<memberCount {
            members.append(
                try fixture.text(
                    """
                    mutation { enrollMember(input: {chapterId: "\(chapter)", source: STORE,
                        member: {memberNo: "\(10_000 + number)", name: "Member \(number)"}}) {
                        member { id } userErrors { message path } } }
                    """, at: "enrollMember.member.id"))
        }
        self.members = members
        var products: [String] = []
        for (place, price) in [1000, 2550, 99].enumerated() {
            products.append(
                try fixture.text(
                    """
                    mutation { createProduct(input: {sku: "P\(place)", name: "Product \(place)",
                        price: {amountMinor: \(price), currency: "CNY"}}) {
                        product { id } userErrors { message } } }
                    """, at: "createProduct.product.id"))
        }
        self.products = products
    }

    // MARK: Asking

    /// The answer of a mutation, its errors with it.
    func mutate(_ name: String, _ input: String, _ selection: String = "") throws -> String {
        try fixture.run(document(name, input, selection))
    }

    private func document(_ name: String, _ input: String, _ selection: String) -> String {
        "mutation { \(name)(input: {\(input)}) { \(selection) userErrors { code message path } } }"
    }

    /// The payload of a mutation that is not refused is this.
    func check(
        _ name: String, _ input: String, _ selection: String, gives payload: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try fixture.check(
            "mutation { \(name)(input: {\(input)}) { \(selection) userErrors { code message } } }",
            gives: #"{"data": {"\#(name)": {\#(payload), "userErrors": []}}}"#,
            sourceLocation: sourceLocation)
    }

    /// A mutation is refused with exactly this.
    func refuses(
        _ name: String, _ input: String, _ code: String, _ message: String, at field: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try fixture.check(
            "mutation { \(name)(input: {\(input)}) { userErrors { code message path } } }",
            gives: """
                {"data": {"\(name)": {"userErrors": [
                    {"code": "\(code)", "message": "\(message)", "path": ["input", "\(field)"]}]}}}
                """, sourceLocation: sourceLocation)
    }

    /// What stands at a path of a mutation's payload.
    func text(
        _ name: String, _ input: String, at path: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        var selection = ""
        for step in path.split(separator: ".").reversed() where Int(step) == nil {
            selection = selection.isEmpty ? String(step) : "\(step) { \(selection) }"
        }
        let value = try fixture.value(
            document(name, input, selection), at: "\(name).\(path)", sourceLocation: sourceLocation)
        return try #require(value as? String, sourceLocation: sourceLocation)
    }

    /// The answer of a query is this.
    func shows(
        _ query: String, _ data: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try fixture.check(
            "{ \(query) }", gives: #"{"data": {\#(data)}}"#, sourceLocation: sourceLocation)
    }

    // MARK: Making

    /// An order over pieces of the first product, or over lines as they are given.
    func order(
        _ number: String, member: Int? = 0, quantity: Int = 1, lines: String? = nil
    ) throws -> String {
        let lines = lines ?? #"{productId: "\#(products[0])", quantity: \#(quantity)}"#
        let buyer = member.map { #"memberId: "\#(members[$0])","# } ?? ""
        return try text(
            "createOrder",
            """
            orderNo: "\(number)", \(buyer) chapterId: "\(chapter)", channel: POS, lines: [\(lines)]
            """, at: "order.id")
    }

    func money(_ minor: Int64) -> String { "{amountMinor: \(minor), currency: \"CNY\"}" }

    func tender(_ method: String, _ minor: Int64, _ more: String = "") -> String {
        "{method: \(method), amount: \(money(minor)) \(more)}"
    }

    /// Pays an order in cash.
    func pay(_ order: String, _ minor: Int64) throws {
        try check(
            "payOrder", #"orderId: "\#(order)", tenders: [\#(tender("CASH", minor))]"#,
            "order { status }", gives: #""order": {"status": "PAID"}"#)
    }

    /// A template with further fields of its input.
    func template(_ name: String, _ fields: String) throws -> String {
        try text("createCouponTemplate", #"name: "\#(name)", \#(fields)"#, at: "couponTemplate.id")
    }

    /// A coupon for a member: its code.
    func coupon(_ template: String, member: Int = 0) throws -> String {
        try text(
            "issueCoupons", #"templateId: "\#(template)", memberIds: ["\#(members[member])"]"#,
            at: "coupons.0.code")
    }

    func topUp(
        _ minor: Int64, bonus: Int64 = 0, member: Int = 0, ref: String, until: String? = nil
    ) throws {
        let end = until.map { #"bonusExpiresAt: "\#($0)""# } ?? ""
        let bonus = bonus > 0 ? "bonus: \(money(bonus)), \(end)" : ""
        try check(
            "topUpWallet",
            #"memberId: "\#(members[member])", amount: \#(money(minor)), \#(bonus) paymentRef: "\#(ref)""#,
            "payment { status }", gives: #""payment": {"status": "SUCCEEDED"}"#)
    }

    /// A program that gives a point for each whole yuan of an order, and for coming to an event.
    func program(_ fields: String = "") throws -> String {
        let program = try text(
            "createLoyaltyProgram",
            """
            code: "CLUB", name: "Club", isDefault: true, timezone: "Asia/Shanghai",
            metric: QUALIFYING_POINTS, period: CALENDAR_YEAR \(fields)
            """, at: "loyaltyProgram.id")
        for (trigger, points) in [
            ("ORDER_PAID", "pointsPerUnit: 1, unitMinor: 100"),
            ("EVENT_CHECKED_IN", "pointsFixed: 50"),
        ] {
            _ = try text(
                "createEarningRule",
                #"programId: "\#(program)", name: "R", trigger: \#(trigger), \#(points)"#,
                at: "earningRule.id")
        }
        return program
    }

    /// Points that a member may spend.
    func give(_ points: Int, to member: Int = 0, in program: String) throws {
        try check(
            "earnPoints",
            #"memberId: "\#(members[member])", programId: "\#(program)", points: \#(points)"#,
            "account { owed }", gives: #""account": {"owed": 0}"#)
    }

    func hold(_ points: Int, of member: Int = 0, in program: String) throws -> String {
        try text(
            "createPointsHold",
            """
            memberId: "\(members[member])", programId: "\(program)", points: \(points),
            ttlSeconds: 600
            """, at: "hold.id")
    }

    func spendable(_ member: Int = 0, in program: String) throws -> Int64 {
        try fixture.number(
            """
            { pointsAccountByMemberAndProgram(memberId: "\(members[member])",
                programId: "\(program)") { spendable } }
            """, at: "pointsAccountByMemberAndProgram.spendable")
    }

    /// A published event a week from now, with further fields of its input.
    func event(_ fields: String = "", isPublished: Bool = true) throws -> String {
        let event = try text(
            "createEvent",
            """
            title: "Tasting", chapterId: "\(chapter)", startsAt: "2026-07-07T10:00:00Z",
            endsAt: "2026-07-07T12:00:00Z" \(fields)
            """, at: "event.id")
        if isPublished {
            try check(
                "publishEvent", #"id: "\#(event)""#, "event { status }",
                gives: #""event": {"status": "PUBLISHED"}"#)
        }
        return event
    }

    /// A member's registration and its status.
    func register(
        _ event: String, _ member: Int, _ fields: String = ""
    ) throws -> (id: String, status: String) {
        let answer = try fixture.value(
            """
            mutation { registerForEvent(input: {eventId: "\(event)",
                memberId: "\(members[member])" \(fields)}) {
                registration { id status } userErrors { code message } } }
            """, at: "registerForEvent.registration")
        let row = try #require(answer as? [String: Any])
        return (
            try #require(row["id"] as? String), try #require(row["status"] as? String)
        )
    }

    func status(_ registration: String) throws -> String {
        try fixture.text(
            #"{ eventRegistration(id: "\#(registration)") { status } }"#,
            at: "eventRegistration.status")
    }
}
