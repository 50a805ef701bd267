import Foundation
import Testing

@testable import Membership

/// A club with one chapter, a program of three tiers and two members, for tests of points.
struct PointsClub {
    let fixture: ClubFixture
    let chapter: String
    let program: String
    /// Of the ranks 0, 1 and 2: from 0, 100 and 1000 points on.
    let tiers: [String]
    let member: String
    let other: String

    /// - Parameters:
    ///   - program: further fields of the program's input.
    ///   - hasTiers: whether it has any.
    init(
        now: String = "2026-06-30T12:00:00Z", program fields: String = "", hasTiers: Bool = true
    ) throws {
        fixture = try ClubFixture(now: now)
        chapter = try fixture.text(
            """
            mutation { createChapter(input: {code: "OSL", name: "Oslo", level: CHAPTER,
                timezone: "Europe/Oslo", currency: "NOK"}) { chapter { id } userErrors { message } } }
            """, at: "createChapter.chapter.id")
        let metric = fields.contains("metric:") ? "" : "metric: QUALIFYING_POINTS,"
        program = try fixture.text(
            """
            mutation { createLoyaltyProgram(input: {code: "CLUB", name: "Club", isDefault: true,
                timezone: "Europe/Oslo", \(metric) period: CALENDAR_YEAR \(fields)}) {
                loyaltyProgram { id } userErrors { message } } }
            """, at: "createLoyaltyProgram.loyaltyProgram.id")
        var tiers: [String] = []
        if hasTiers {
            for (rank, code, threshold) in [(0, "BASIC", 0), (1, "SILVER", 100), (2, "GOLD", 1000)]
            {
                tiers.append(
                    try fixture.text(
                        """
                        mutation { createTier(input: {programId: "\(program)", code: "\(code)",
                            name: "\(code)", rank: \(rank), threshold: \(threshold),
                            multiplierBps: \(10_000 + rank * 5_000), benefits: []}) {
                            tier { id } userErrors { message } } }
                        """, at: "createTier.tier.id"))
            }
        }
        self.tiers = tiers
        var members: [String] = []
        for number in ["1001", "1002"] {
            members.append(try Self.enroll(number, chapter, fixture))
        }
        (member, other) = (members[0], members[1])
    }

    static func enroll(_ number: String, _ chapter: String, _ fixture: ClubFixture) throws
        -> String
    {
        try fixture.text(
            """
            mutation { enrollMember(input: {member: {memberNo: "\(number)", name: "N \(number)"},
                chapterId: "\(chapter)", source: STORE}) {
                member { id } userErrors { message } } }
            """, at: "enrollMember.member.id")
    }

    /// Runs a mutation of the club's program that must succeed.
    ///
    /// - Parameter path: within the payload.
    @discardableResult
    func text(
        _ mutation: String, _ input: String, at path: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let names = path.split(separator: ".").filter { Int($0) == nil }
        let selection = names.reversed().reduce("") { $0.isEmpty ? "\($1)" : "\($1) { \($0) }" }
        let value = try fixture.value(
            "mutation { \(mutation)(input: {\(input)}) { \(selection) userErrors { code message } } }",
            at: "\(mutation).\(path)", sourceLocation: sourceLocation)
        return try #require(value as? String, sourceLocation: sourceLocation)
    }

    /// The codes of a mutation's user errors and where they point: `INVALID points`.
    func errors(_ mutation: String, _ input: String) throws -> [String] {
        let value = try fixture.value(
            "mutation { \(mutation)(input: {\(input)}) { userErrors { code path rule } } }",
            at: "\(mutation).userErrors")
        return (value as? [[String: Any]] ?? []).map {
            let path = ($0["path"] as? [String] ?? []).dropFirst().joined(separator: ".")
            return "\($0["code"] as? String ?? "") \(path)"
        }
    }

    /// The first entry of an earning.
    @discardableResult
    func earn(_ points: Int, member: String? = nil, at: String? = nil) throws -> String {
        let occurredAt = at.map { "occurredAt: \"\($0)\"" } ?? ""
        return try text(
            "earnPoints", "\(owner(member)) points: \(points) \(occurredAt)", at: "entries.0.id")
    }

    @discardableResult
    func redeem(_ points: Int, member: String? = nil) throws -> String {
        try text(
            "redeemPoints", "\(owner(member)) points: \(points), reason: \"tea\"", at: "entry.id")
    }

    @discardableResult
    func hold(_ points: Int, seconds: Int = 600, member: String? = nil) throws -> String {
        try text(
            "createPointsHold", "\(owner(member)) points: \(points), ttlSeconds: \(seconds)",
            at: "hold.id")
    }

    /// An order of the member over an amount in NOK, paid in cash.
    func order(_ number: String, minor: Int64) throws -> String {
        let product = try text(
            "createProduct",
            """
            sku: "\(number)", name: "Tea", price: {amountMinor: \(minor), currency: "NOK"}
            """, at: "product.id")
        let order = try text(
            "createOrder",
            """
            orderNo: "\(number)", memberId: "\(member)", chapterId: "\(chapter)", channel: POS,
            lines: [{productId: "\(product)", quantity: 1}]
            """, at: "order.id")
        try text(
            "payOrder",
            """
            orderId: "\(order)",
            tenders: [{method: CASH, amount: {amountMinor: \(minor), currency: "NOK"}}]
            """, at: "order.status")
        return order
    }

    /// The fields of an input that say whose points it is about.
    func owner(_ member: String? = nil) -> String {
        "memberId: \"\(member ?? self.member)\", programId: \"\(program)\","
    }

    /// The sums of an account: active, pending, held, spendable, owed, earned, spent, lapsed.
    func sums(of member: String? = nil) throws -> [Int64] {
        let names = [
            "active", "pending", "held", "spendable", "owed", "lifetimeEarned", "lifetimeSpent",
            "lifetimeExpired",
        ]
        let account = try fixture.value(
            """
            { pointsAccountByMemberAndProgram(memberId: "\(member ?? self.member)",
                programId: "\(program)") { \(names.joined(separator: " ")) } }
            """, at: "pointsAccountByMemberAndProgram")
        let fields = account as? [String: Any] ?? [:]
        return names.map { (fields[$0] as? NSNumber)?.int64Value ?? .min }
    }

    /// The ledger, a line each: type, delta, pending delta, balance, time.
    func ledger(of member: String? = nil) throws -> [String] {
        let nodes = try fixture.value(
            """
            { member(id: "\(member ?? self.member)") { pointsHistory(first: 100) {
                nodes { type delta pendingDelta balanceAfter at } } } }
            """, at: "member.pointsHistory.nodes")
        return (nodes as? [[String: Any]] ?? []).map { node in
            ["type", "delta", "pendingDelta", "balanceAfter", "at"]
                .map { "\(node[$0] ?? "")" }.joined(separator: " ")
        }
    }

    /// The lots, a line each: status, remaining, original.
    func lots(of member: String? = nil) throws -> [String] {
        let nodes = try fixture.value(
            """
            { pointsAccountByMemberAndProgram(memberId: "\(member ?? self.member)",
                programId: "\(program)") { lots(first: 100) {
                nodes { status remaining original } } } }
            """, at: "pointsAccountByMemberAndProgram.lots.nodes")
        return (nodes as? [[String: Any]] ?? []).map { node in
            "\(node["status"] ?? "") \(node["remaining"] ?? "")/\(node["original"] ?? "")"
        }
    }

    /// The tiers held, a line each: tier, reason, from, to, last day, last day of grace.
    func tierHistory(of member: String? = nil) throws -> [String] {
        let nodes = try fixture.value(
            """
            { member(id: "\(member ?? self.member)") { tierAssignments(first: 100) { nodes {
                tier { code } reason effectiveFrom effectiveTo validUntil graceUntil } } } }
            """, at: "member.tierAssignments.nodes")
        return (nodes as? [[String: Any]] ?? []).map { node in
            let tier = (node["tier"] as? [String: Any])?["code"] ?? ""
            return "\(tier) "
                + ["reason", "effectiveFrom", "effectiveTo", "validUntil", "graceUntil"]
                .map { node[$0] as? String ?? "-" }.joined(separator: " ")
        }
    }

    func check(
        _ document: String, gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try fixture.check(document, gives: expected, sourceLocation: sourceLocation)
    }

    func checkStore() throws { try fixture.checkStore() }
}
