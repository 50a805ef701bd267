import Engine
import Foundation
import Testing

@testable import Membership

/// Figures of chapters and segments against those of a clerk's book.
struct ChapterStatsTests {
    private static let fields = """
        members newMembers activeMembers lapsed
        retentionRate { numerator denominator value } churnRate { numerator denominator value }
        renewalRate { numerator denominator value }
        firstYearRenewalRate { numerator denominator value }
        activeRate { numerator denominator value }
        repeatPurchaseRate { numerator denominator value }
        orders aov { amountMinor currency } revenue { amountMinor currency }
        nps { numerator denominator value } csat { numerator denominator value }
        """

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `all figures of a chapter are those of a naive count`(seed: UInt64) throws {
        let club = try FigureClub(seed: seed)
        let book = try club.book()
        let zones = ["Etc/UTC", "Europe/Oslo", "Asia/Shanghai", "Asia/Shanghai"]
        for (from, to) in [
            ("2026-02-01T00:00:00Z", "2026-03-15T12:00:00Z"),
            ("2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
            ("2026-05-03T22:00:00Z", "2026-05-04T22:00:00Z"),
            ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"),
        ] {
            for chapter in 0..<4 {
                for includeDescendants in [true, false] {
                    let answer = try club.club.value(
                        """
                        { chapter(id: "\(FigureClub.chapters[chapter])") {
                          stats(period: {from: "\(from)", to: "\(to)"},
                            includeDescendants: \(includeDescendants)) { \(Self.fields) } } }
                        """, at: "chapter.stats")
                    let naive = NaiveFigures(
                        club, book,
                        chapters: includeDescendants ? FigureClub.below[chapter] : [chapter],
                        from: instant(from), to: instant(to),
                        try #require(LocalCalendar(identifier: zones[chapter])))
                    try expectSame(answer, naive.chapterStats, "seed \(seed) \(from) \(chapter)")
                }
            }
        }
    }

    @Test func `only what is asked for is there, and it is the same`() throws {
        let club = try FigureClub(seed: 4, days: 60)
        func stats(_ fields: String) throws -> [String: Any] {
            let answer = try club.club.value(
                """
                { chapter(id: "chp_1") { stats(period: {from: "2026-01-01T00:00:00Z",
                  to: "2026-03-01T00:00:00Z"}) { \(fields) } } }
                """, at: "chapter.stats")
            return try #require(answer as? [String: Any])
        }
        let all = try stats(Self.fields)
        for (name, value) in all {
            let isPlain = value is NSNumber
            let isMoney = ["aov", "revenue"].contains(name)
            let inner =
                isPlain
                ? "" : isMoney ? "{ amountMinor currency }" : "{ numerator denominator value }"
            try expectSame(try stats("\(name) \(inner)"), [name: value], name)
        }
    }

    @Test func `an end before the beginning is an empty period`() throws {
        let club = try FigureClub(seed: 5, days: 30)
        try club.club.check(
            """
            { chapter(id: "chp_1") { stats(period: {from: "2026-01-20T00:00:00Z",
              to: "2026-01-10T00:00:00Z"}) { newMembers orders activeMembers
              renewalRate { value numerator denominator } revenue { amountMinor } } } }
            """,
            gives: """
                {"data": {"chapter": {"stats": {"newMembers": 0, "orders": 0, "activeMembers": 0,
                  "renewalRate": {"value": null, "numerator": 0, "denominator": 0},
                  "revenue": []}}}}
                """)
    }

    private func instant(_ text: String) -> Int64 {
        let date = ISO8601DateFormatter().date(from: text)
        return Int64((date?.timeIntervalSince1970 ?? 0) * 1_000)
    }
}

/// Compares JSON as it was parsed with what a test worked out.
func expectSame(
    _ left: Any, _ right: Any, _ comment: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    func text(_ value: Any) throws -> String {
        let data = try JSONSerialization.data(
            withJSONObject: value, options: [.sortedKeys, .prettyPrinted])
        return String(decoding: data, as: UTF8.self)
    }
    let (one, two) = (try text(left), try text(right))
    #expect(one == two, "\(comment)", sourceLocation: sourceLocation)
}

/// The formulas of metrics, over lists, one after the other.
struct NaiveFigures {
    let club: FigureClub
    let book: [FigureClub.Book]
    let chapters: [Int]
    let from: Int64
    let to: Int64
    let calendar: LocalCalendar

    init(
        _ club: FigureClub, _ book: [FigureClub.Book], chapters: [Int], from: Int64, to: Int64,
        _ calendar: LocalCalendar
    ) {
        self.club = club
        self.book = book
        self.chapters = chapters
        self.from = from
        self.to = to
        self.calendar = calendar
    }

    private func isIn(_ at: Int64) -> Bool { at >= from && at < to }

    private var members: Set<Int> {
        Set(club.people.indices.filter { chapters.contains(club.people[$0].chapter) })
    }

    private func rate(_ numerator: Int, _ denominator: Int, scale: Double = 1) -> [String: Any] {
        [
            "numerator": numerator, "denominator": denominator,
            "value": denominator == 0
                ? NSNull() as Any : scale * (Double(numerator) / Double(denominator)),
        ]
    }

    var chapterStats: [String: Any] {
        let total = members.count { club.people[$0].joinedAt < to }
        let active = Set(
            club.deeds.filter { $0.isQualifying && isIn($0.at) && members.contains($0.who) }
                .map(\.who))
        let start = held(on: calendar.day(of: from))
        let end = held(on: calendar.day(of: to))
        let stayed = start.intersection(end).count
        var stats: [String: Any] = [
            "members": total,
            "newMembers": members.count { isIn(club.people[$0].joinedAt) },
            "activeMembers": active.count,
            "activeRate": rate(active.count, total),
            "lapsed": start.count - stayed,
            "retentionRate": rate(stayed, start.count),
            "churnRate": rate(start.count - stayed, start.count),
        ]
        addRenewals(to: &stats)
        addSales(to: &stats)
        addAnswers(to: &stats)
        return stats
    }

    private func held(on day: Int32) -> Set<Int> {
        Set(book.filter { $0.counts(on: day) && members.contains($0.who) }.map(\.who))
    }

    /// Each month is bought by itself here, unless two were bought on one day.
    private func addRenewals(to stats: inout [String: Any]) {
        var (due, renewed, firstDue, firstRenewed) = (0, 0, 0, 0)
        let days = calendar.day(of: from)...calendar.day(of: to - 1)
        for entry in book where members.contains(entry.who) {
            var place = 0
            while place < entry.terms.count {
                let isFirst = place == 0
                var last = place
                while last + 1 < entry.terms.count,
                    entry.terms[last + 1].countedOn == entry.terms[place].countedOn,
                    entry.terms[last + 1].start == entry.terms[last].end + 1
                {
                    last += 1
                }
                let end = entry.terms[last].end
                if days.contains(end) {
                    let next = last + 1 < entry.terms.count ? entry.terms[last + 1] : nil
                    let goesOn =
                        next.map {
                            $0.kind == "RENEWAL" && $0.start == end + 1
                                && $0.countedOn <= end + Int32(FigureClub.graceDays)
                        } ?? false
                    due += 1
                    renewed += goesOn ? 1 : 0
                    firstDue += isFirst ? 1 : 0
                    firstRenewed += isFirst && goesOn ? 1 : 0
                }
                place = last + 1
            }
        }
        stats["renewalRate"] = rate(renewed, due)
        stats["firstYearRenewalRate"] = rate(firstRenewed, firstDue)
    }

    private func addSales(to stats: inout [String: Any]) {
        let sales = club.sales.filter {
            !$0.isGone && isIn($0.at) && chapters.contains($0.chapter)
        }
        let buyers = Dictionary(grouping: sales.compactMap(\.buyer)) { $0 }
        let byCurrency = Dictionary(grouping: sales) { FigureClub.currencies[$0.chapter] }
            .sorted { $0.key < $1.key }
        stats["orders"] = sales.count
        stats["repeatPurchaseRate"] = rate(buyers.values.count { $0.count > 1 }, buyers.count)
        stats["revenue"] = byCurrency.map { currency, sales in
            ["currency": currency, "amountMinor": sales.reduce(0) { $0 + $1.net }] as [String: Any]
        }
        stats["aov"] = byCurrency.map { currency, sales in
            let mean = Double(sales.reduce(0) { $0 + $1.net }) / Double(sales.count)
            return ["currency": currency, "amountMinor": Int64(mean.rounded())] as [String: Any]
        }
    }

    private func addAnswers(to stats: inout [String: Any]) {
        func scores(_ kind: String) -> [Int] {
            club.answers.filter { $0.kind == kind && isIn($0.at) && members.contains($0.who) }
                .map(\.score)
        }
        let nps = scores("NPS")
        stats["nps"] = rate(
            nps.count { $0 >= 9 } - nps.count { $0 <= 6 }, nps.count, scale: 100)
        let csat = scores("CSAT")
        stats["csat"] = rate(csat.count { $0 >= 4 }, csat.count)
    }
}
