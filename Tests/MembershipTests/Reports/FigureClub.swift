import Bytes
import Foundation
import Testing

@testable import Membership

/// A club that lives through half a year at random, and what a careful clerk wrote down of it: the
/// figures that rules tell are compared with those that follow from the clerk's book.
final class FigureClub {
    struct Person {
        let id: String
        let chapter: Int
        let joinedAt: Int64
    }

    struct Sale {
        let id: String
        /// Place in `people`; nil for a guest.
        let buyer: Int?
        let chapter: Int
        let at: Int64
        var net: Int64
        var isGone = false
    }

    struct Deed {
        let who: Int
        let at: Int64
        let isQualifying: Bool
    }

    struct Answer {
        let who: Int
        let kind: String
        let score: Int
        let at: Int64
    }

    struct Held {
        let who: Int
        let id: String
    }

    let club: ClubFixture
    private var dice: SeededRandom
    /// The umbrella, two chapters below, and a store below the second.
    static let chapters = ["chp_1", "chp_2", "chp_3", "chp_4"]
    static let currencies = ["EUR", "NOK", "CNY", "CNY"]
    /// Of a chapter the places of itself and those below.
    static let below = [[0, 1, 2, 3], [1], [2, 3], [3]]
    static let graceDays = 5

    private(set) var people: [Person] = []
    private(set) var sales: [Sale] = []
    private(set) var deeds: [Deed] = []
    private(set) var answers: [Answer] = []
    private(set) var held: [Held] = []
    private var orderCount = 0

    private static let dayMilliseconds: Int64 = 86_400_000
    /// 2026-01-01T00:00:00Z.
    static let start: Int64 = 1_767_225_600_000

    init(seed: UInt64, days: Int = 181) throws {
        dice = SeededRandom(seed: seed)
        club = try ClubFixture(now: "2026-01-01T00:00:00Z")
        for (place, (code, parent, zone)) in [
            ("HQ", "", "Etc/UTC"), ("OSL", "chp_1", "Europe/Oslo"),
            ("SHA", "chp_1", "Asia/Shanghai"), ("SHA-1", "chp_3", "Asia/Shanghai"),
        ].enumerated() {
            let parentField = parent.isEmpty ? "" : "parentId: \"\(parent)\","
            _ = try club.text(
                """
                mutation { createChapter(input: { code: "\(code)", name: "\(code)", \(parentField) \
                level: \(place == 0 ? "UMBRELLA" : "CHAPTER"), timezone: "\(zone)", \
                currency: "\(Self.currencies[place])" }) { chapter { id } \
                userErrors { message } } }
                """, at: "createChapter.chapter.id")
        }
        try club.sell("MONTH", ", durationUnit: MONTH, graceDays: \(Self.graceDays)")
        _ = try club.text(
            """
            mutation { createProduct(input: { sku: "P", name: "P", \
            price: { amountMinor: 100, currency: "EUR" } }) { product { id } \
            userErrors { message } } }
            """, at: "createProduct.product.id")
        for day in 0..<days { try live(through: day) }
    }

    // MARK: Life

    private func live(through day: Int) throws {
        for hour in [3, 9, 15, 21] {
            let at = Self.start + Int64(day) * Self.dayMilliseconds + Int64(hour) * 3_600_000
            club.advance(seconds: (at - club.now) / 1_000)
            switch dice.number(in: 0...9) {
            case 0 where people.count < 30: try join()
            case 1 where !people.isEmpty: try hold()
            case 2 where !held.isEmpty: try renewOrCancel()
            case 3...4 where !people.isEmpty: try act()
            case 5, 6: try buy()
            case 7 where !sales.isEmpty: try giveBack()
            case 8 where !people.isEmpty: try answer()
            default: break
            }
        }
    }

    private func join() throws {
        let chapter = dice.number(in: 0...3)
        let id = try club.enroll("M\(people.count)", chapter: Self.chapters[chapter])
        people.append(Person(id: id, chapter: chapter, joinedAt: club.now))
    }

    private var anybody: Int { dice.number(in: 0...people.count - 1) }

    private func hold() throws {
        let who = anybody
        guard !held.contains(where: { $0.who == who }) else { return }
        held.append(Held(who: who, id: try club.apply(people[who].id, "MONTH")))
    }

    private func renewOrCancel() throws {
        let id = dice.pick(held).id
        // Refusals are as good as any: the book goes by the terms that there are.
        _ = try club.run(
            dice.chance(percent: 15)
                ? """
                mutation { cancelMembership(input: { id: "\(id)", mode: IMMEDIATE, reason: "x" }) {
                  userErrors { code } } }
                """
                : "mutation { renewMembership(input: { id: \"\(id)\" }) { userErrors { code } } }")
    }

    private func act() throws {
        let who = anybody
        let type = dice.pick(["LOGIN", "BROWSE", "SCANNED", "LOGIN"])
        _ = try club.text(
            """
            mutation { recordActivity(input: { memberId: "\(people[who].id)", type: \(type), \
            at: "\(instant(club.now))" }) { activity { id } userErrors { code message } } }
            """, at: "recordActivity.activity.id")
        deeds.append(Deed(who: who, at: club.now, isQualifying: type != "BROWSE"))
    }

    private func buy() throws {
        let buyer = people.isEmpty || dice.chance(percent: 10) ? nil : anybody
        let chapter = dice.number(in: 1...3)
        let currency = Self.currencies[chapter]
        let minor = Int64(dice.number(in: 1...500)) * 10
        orderCount += 1
        let member = buyer.map { "memberId: \"\(people[$0].id)\"," } ?? ""
        let id = try club.text(
            """
            mutation { createOrder(input: { orderNo: "O\(orderCount)", \(member) channel: POS, \
            chapterId: "\(Self.chapters[chapter])", lines: [{ productId: "prd_1", quantity: 1, \
            unitPrice: { amountMinor: \(minor), currency: "\(currency)" } }] }) \
            { order { id } userErrors { code message } } }
            """, at: "createOrder.order.id")
        guard dice.chance(percent: 90) else { return }
        #expect(
            try club.codes(
                "payOrder",
                """
                orderId: "\(id)", tenders: [{ method: CASH, \
                amount: { amountMinor: \(minor), currency: "\(currency)" } }]
                """) == [])
        sales.append(Sale(id: id, buyer: buyer, chapter: chapter, at: club.now, net: minor))
        if let buyer { deeds.append(Deed(who: buyer, at: club.now, isQualifying: true)) }
    }

    private func giveBack() throws {
        let place = dice.number(in: 0...sales.count - 1)
        guard !sales[place].isGone else { return }
        let minor = dice.chance(percent: 50) ? sales[place].net : (sales[place].net + 1) / 2
        #expect(
            try club.codes(
                "refundOrder",
                """
                orderId: "\(sales[place].id)", reason: "x", amount: { amountMinor: \(minor), \
                currency: "\(Self.currencies[sales[place].chapter])" }
                """) == [])
        sales[place].net -= minor
        sales[place].isGone = sales[place].net == 0
    }

    private func answer() throws {
        let who = anybody
        let kind = dice.pick(["NPS", "CSAT"])
        let score = kind == "NPS" ? dice.number(in: 0...10) : dice.number(in: 1...5)
        let codes = try club.codes(
            "submitFeedback",
            """
            memberId: "\(people[who].id)", kind: \(kind), score: \(score), \
            wave: "\(answers.count)"
            """)
        #expect(codes == [])
        answers.append(Answer(who: who, kind: kind, score: score, at: club.now))
    }

    func instant(_ milliseconds: Int64) -> String {
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds / 1_000)))
    }

    // MARK: The book

    /// What is known of a membership by its own terms.
    struct Book {
        let who: Int
        let terms: [(kind: String, start: Int32, end: Int32, countedOn: Int32)]
        let cancelledFrom: Int32?
        let status: String

        func counts(on day: Int32) -> Bool {
            if let cancelledFrom, day >= cancelledFrom { return false }
            return terms.contains {
                day >= $0.start && day <= $0.end + Int32(FigureClub.graceDays)
            }
        }
    }

    func book() throws -> [Book] {
        try held.map { held in
            let row = try club.value(
                """
                { membership(id: "\(held.id)") { status cancelledFrom
                  terms(first: 100, orderBy: [{ seq: ASC }]) { nodes {
                    kind startDate endDate countedOn } } } }
                """, at: "membership")
            let fields = row as? [String: Any] ?? [:]
            let terms = (fields["terms"] as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
            return Book(
                who: held.who,
                terms: terms.map { term in
                    func day(_ name: String) -> Int32 { onDay(term[name] as? String ?? "") }
                    return (
                        term["kind"] as? String ?? "", day("startDate"), day("endDate"),
                        day("countedOn")
                    )
                },
                cancelledFrom: (fields["cancelledFrom"] as? String).map { onDay($0) },
                status: fields["status"] as? String ?? "")
        }
    }
}
