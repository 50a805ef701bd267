import Engine
import Foundation
import Testing

@testable import Membership

/// Reports over a club that lived at random, against naive counts.
struct ReportTests {
    private static func instant(_ text: String) -> Int64 {
        let date = ISO8601DateFormatter().date(from: text)
        return Int64((date?.timeIntervalSince1970 ?? 0) * 1_000)
    }

    // MARK: Series

    private static let months = [
        "2026-01-10T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z",
        "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z",
        "2026-06-20T00:00:00Z",
    ]

    @Test(arguments: [11, 12] as [UInt64])
    func `each point of a series is the figure of its interval`(seed: UInt64) throws {
        let club = try FigureClub(seed: seed)
        let book = try club.book()
        let rates = [
            "ACTIVE_RATE": "activeRate", "RETENTION_RATE": "retentionRate",
            "CHURN_RATE": "churnRate", "RENEWAL_RATE": "renewalRate",
            "REPEAT_PURCHASE_RATE": "repeatPurchaseRate", "NPS": "nps", "CSAT": "csat",
        ]
        let naive = zip(Self.months, Self.months.dropFirst()).map {
            NaiveFigures(
                club, book, chapters: [0, 1, 2, 3], from: Self.instant($0),
                to: Self.instant($1), .utc
            ).chapterStats
        }
        for (metric, name) in rates {
            let expected = naive.enumerated().map { place, stats in
                let rate = stats[name] as? [String: Any] ?? [:]
                return [
                    "at": "2026-0\(place + 1)-01", "value": rate["value"] ?? NSNull(),
                    "count": rate["denominator"] ?? 0,
                ] as [String: Any]
            }
            try expectSame(try series(metric, club), expected, "seed \(seed) \(metric)")
        }
        let joined = naive.enumerated().map { place, stats in
            [
                "at": "2026-0\(place + 1)-01", "value": stats["newMembers"] ?? 0,
                "count": stats["newMembers"] ?? 0,
            ] as [String: Any]
        }
        try expectSame(try series("NEW_MEMBERS", club), joined, "seed \(seed)")
    }

    @Test func `amounts of a series are in one currency`() throws {
        let club = try FigureClub(seed: 13)
        let naive = zip(Self.months, Self.months.dropFirst()).map { from, to in
            club.sales.filter {
                !$0.isGone && FigureClub.currencies[$0.chapter] == "CNY"
                    && $0.at >= Self.instant(from) && $0.at < Self.instant(to)
            }
        }
        func expected(_ value: ([FigureClub.Sale]) -> Any) -> [[String: Any]] {
            naive.enumerated().map {
                ["at": "2026-0\($0 + 1)-01", "value": value($1), "count": $1.count]
            }
        }
        func sum(_ sales: [FigureClub.Sale]) -> Int64 { sales.reduce(0) { $0 + $1.net } }
        try expectSame(
            try series("REVENUE", club, #", currency: "CNY""#), expected { Double(sum($0)) }, "")
        try expectSame(
            try series("AOV", club, #", currency: "CNY""#),
            expected { $0.isEmpty ? NSNull() as Any : Double(sum($0)) / Double($0.count) }, "")
        // Those of the umbrella's currency, of which nobody sold anything.
        let none = try #require(try series("REVENUE", club) as? [[String: Any]])
        #expect(none.allSatisfy { ($0["count"] as? Int) == 0 })
    }

    private func series(_ metric: String, _ club: FigureClub, _ more: String = "") throws -> Any {
        try club.club.value(
            """
            { report { series(metric: \(metric), interval: MONTH, \
            period: {from: "\(Self.months[0])", to: "\(Self.months[6])"} \(more)) \
            { at value count } } }
            """, at: "report.series")
    }

    @Test func `a series of too many points is refused`() throws {
        let club = try ClubFixture.withChapters()
        let answer = try club.run(
            """
            { report { series(metric: REVENUE, interval: DAY,
              period: {from: "2020-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z"}) { at } } }
            """)
        #expect(answer.contains("the series would have more than 400 points"), "\(answer)")
    }

    // MARK: Cohorts

    @Test(arguments: [21, 22] as [UInt64])
    func `a cohort is those who joined in an interval`(seed: UInt64) throws {
        let club = try FigureClub(seed: seed)
        let answer = try club.club.value(
            """
            { report { cohortRetention(interval: MONTH, period: {from: "2026-01-01T00:00:00Z",
              to: "2026-07-01T00:00:00Z"}) { cohort size retained } } }
            """, at: "report.cohortRetention")
        func month(_ at: Int64) -> Int {
            ReportInterval.month.index(of: LocalCalendar.utc.day(of: at))
        }
        let first = month(FigureClub.start)
        let now = month(club.club.now)
        var expected: [[String: Any]] = []
        for index in first...now {
            let joined = club.people.indices.filter { month(club.people[$0].joinedAt) == index }
            guard !joined.isEmpty else { continue }
            let retained = stride(from: index, to: now, by: 1).map { later in
                let active = joined.count { who in
                    club.deeds.contains {
                        $0.who == who && $0.isQualifying && month($0.at) == later
                    }
                }
                return Double(active) / Double(joined.count)
            }
            expected.append([
                "cohort": "2026-0\(index - first + 1)-01", "size": joined.count,
                "retained": retained,
            ])
        }
        try expectSame(answer, expected, "seed \(seed)")
    }

    // MARK: Renewals

    @Test(arguments: [31, 32] as [UInt64])
    func `renewals are told by where memberships stand now`(seed: UInt64) throws {
        let club = try FigureClub(seed: seed)
        let book = try club.book()
        let answer = try club.club.value(
            """
            { report { renewals(period: {from: "2026-01-01T00:00:00Z",
              to: "2026-06-01T00:00:00Z"}) { status due renewed rate } } }
            """, at: "report.renewals")
        var expected: [[String: Any]] = []
        for status in ["PENDING", "NEW", "CURRENT", "GRACE", "EXPIRED", "CANCELLED"] {
            let own = NaiveFigures(
                club, book.filter { $0.status == status }, chapters: [0, 1, 2, 3],
                from: Self.instant("2026-01-01T00:00:00Z"),
                to: Self.instant("2026-06-01T00:00:00Z"), .utc)
            let rate = own.chapterStats["renewalRate"] as? [String: Any] ?? [:]
            guard (rate["denominator"] as? Int) != 0 else { continue }
            expected.append([
                "status": status, "due": rate["denominator"] ?? 0,
                "renewed": rate["numerator"] ?? 0, "rate": rate["value"] ?? NSNull(),
            ])
        }
        try expectSame(answer, expected, "seed \(seed)")
    }

    // MARK: RFM

    /// By counting, for each value, how many are smaller and how many are equal.
    private func fifth(_ value: Int64, among values: [Int64]) -> Int {
        let below = values.count { $0 < value }
        let equal = values.count { $0 == value }
        let rank = Double(below) + Double(equal) / 2
        return min(max(Int((5 * rank / Double(values.count)).rounded(.up)), 1), 5)
    }

    @Test(arguments: [41, 42] as [UInt64])
    func `scores go by the fifth in which a member lies`(seed: UInt64) throws {
        let club = try FigureClub(seed: seed)
        struct Buyer {
            var days: Int
            var count: Int
            var minor: Int64
            var currency: String
        }
        let today = LocalCalendar.utc.day(of: club.club.now)
        var buyers: [Int: Buyer] = [:]
        for (who, sales) in Dictionary(
            grouping: club.sales.filter { !$0.isGone && $0.buyer != nil }, by: { $0.buyer ?? 0 })
        {
            let byCurrency = Dictionary(grouping: sales) { FigureClub.currencies[$0.chapter] }
            let main = byCurrency.sorted {
                ($1.value.count, $0.key) < ($0.value.count, $1.key)
            }[0]
            buyers[who] = Buyer(
                days: Int(today) - Int(LocalCalendar.utc.day(of: sales.map(\.at).max() ?? 0)),
                count: sales.count, minor: main.value.reduce(0) { $0 + $1.net },
                currency: main.key)
        }
        var codes: [String: Int] = [:]
        for (who, buyer) in buyers {
            let r = fifth(Int64(-buyer.days), among: buyers.values.map { Int64(-$0.days) })
            let f = fifth(Int64(buyer.count), among: buyers.values.map { Int64($0.count) })
            let like = buyers.values.filter { $0.currency == buyer.currency }.map(\.minor)
            let m = fifth(buyer.minor, among: like)
            codes["\(r)\(f)\(m)", default: 0] += 1
            try club.club.check(
                """
                { member(id: "\(club.people[who].id)") { rfm {
                  code recencyDays frequency monetary { amountMinor currency } } } }
                """,
                gives: """
                    {"data": {"member": {"rfm": {"code": "\(r)\(f)\(m)",
                      "recencyDays": \(buyer.days), "frequency": \(buyer.count),
                      "monetary": {"amountMinor": \(buyer.minor),
                        "currency": "\(buyer.currency)"}}}}}
                    """)
        }
        let answer = try club.club.value(
            "{ report { rfmDistribution(asOf: \"\(dayText(today))\") { code members } } }",
            at: "report.rfmDistribution")
        try expectSame(
            answer,
            codes.sorted { $0.key > $1.key }.map {
                ["code": $0.key, "members": $0.value] as [String: Any]
            }, "seed \(seed)")
    }

    @Test func `who bought nothing has no score`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Ada")
        try club.check(
            "{ member(id: \"mem_1\") { rfm { code } } }",
            gives: #"{"data": {"member": {"rfm": null}}}"#)
    }

    // MARK: Churn

    @Test(arguments: [51, 52] as [UInt64])
    func `a churn warning goes by the last orders, logins, answers and the end of the membership`(
        seed: UInt64
    ) throws {
        let club = try FigureClub(seed: seed)
        let zones = ["Etc/UTC", "Europe/Oslo", "Asia/Shanghai", "Asia/Shanghai"]
        let calendars = zones.compactMap { LocalCalendar(identifier: $0) }
        func orderDays(_ who: Int) -> [Int32] {
            club.sales.filter { $0.buyer == who && !$0.isGone }
                .map { calendars[club.people[who].chapter].day(of: $0.at) }
        }
        let usual = Median.of(
            club.people.indices.map(orderDays).filter { $0.count >= 3 }.compactMap { days in
                Median.of(
                    zip(days.suffix(10), days.suffix(10).dropFirst()).map { Int64($1 - $0) }
                ).map { Int64($0 * 1_000) }
            }
        ).map { $0 / 1_000 }
        for (who, person) in club.people.enumerated() {
            let row = try #require(
                try club.club.value(
                    """
                    { member(id: "\(person.id)") { lastActiveAt
                      churn { risk score daysInactive expectedIntervalDays }
                      activities(filter: {type: {eq: LOGIN}}, orderBy: [{at: DESC}], first: 1) {
                        nodes { at } }
                      feedback(filter: {kind: {eq: NPS}}, orderBy: [{at: DESC}], first: 1) {
                        nodes { score at } }
                      memberships { nodes { status endDate autoRenew } } } }
                    """, at: "member") as? [String: Any])
            let calendar = calendars[person.chapter]
            func day(_ text: Any?) -> Int32? {
                (text as? String).map { calendar.day(of: Self.milliseconds($0)) }
            }
            func nodes(_ name: String) -> [[String: Any]] {
                (row[name] as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
            }
            var facts = ChurnFacts(
                lastActive: day(row["lastActiveAt"]) ?? calendar.day(of: person.joinedAt))
            facts.orderDays = Array(orderDays(who).suffix(10))
            facts.usualInterval = usual
            facts.lastLogin = nodes("activities").first.flatMap { day($0["at"]) }
            if let answer = nodes("feedback").first, let score = answer["score"] as? Int,
                let day = day(answer["at"])
            {
                facts.lastScore = GivenScore(score: score, day: day)
            }
            let current = nodes("memberships").first {
                ["NEW", "CURRENT", "GRACE"].contains($0["status"] as? String ?? "")
            }
            facts.membershipEnd = current.map { onDay($0["endDate"] as? String ?? "") }
            let signal = ChurnSignal(facts, on: calendar.day(of: club.club.now))
            try expectSame(
                row["churn"] ?? NSNull(),
                [
                    "risk": signal.risk.rawValue, "score": signal.score,
                    "daysInactive": signal.daysInactive,
                    "expectedIntervalDays": signal.expectedIntervalDays ?? NSNull() as Any,
                ] as [String: Any], "seed \(seed) \(person.id)")
        }
    }

    private static func milliseconds(_ text: String) -> Int64 {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions.insert(.withFractionalSeconds)
        return Int64((formatter.date(from: text)?.timeIntervalSince1970 ?? 0) * 1_000)
    }

    // MARK: Segments

    @Test func `figures of a segment are those of its members`() throws {
        let club = try FigureClub(seed: 61)
        let chosen = club.people.indices.filter { $0.isMultiple(of: 2) }
        let ids = chosen.map { "\"\(club.people[$0].id)\"" }.joined(separator: ",")
        let segment = try club.club.text(
            """
            mutation { saveSegment(input: { name: "S", kind: STATIC, memberIds: [\(ids)] }) \
            { segment { id } userErrors { message } } }
            """, at: "saveSegment.segment.id")
        let answer = try club.club.value(
            """
            { segment(id: "\(segment)") { stats(period: {from: "2026-02-01T00:00:00Z",
              to: "2026-06-01T00:00:00Z"}) { members orders churnHigh
              activeRate { numerator denominator } repeatPurchaseRate { numerator denominator }
              revenue { amountMinor currency } } } }
            """, at: "segment.stats")
        let (from, to) = (
            Self.instant("2026-02-01T00:00:00Z"), Self.instant("2026-06-01T00:00:00Z")
        )
        let total = chosen.count { club.people[$0].joinedAt < to }
        let active = Set(
            club.deeds.filter {
                $0.isQualifying && $0.at >= from && $0.at < to && chosen.contains($0.who)
            }.map(\.who))
        let sales = club.sales.filter {
            !$0.isGone && $0.at >= from && $0.at < to && chosen.contains($0.buyer ?? -1)
        }
        let buyers = Dictionary(grouping: sales.compactMap(\.buyer)) { $0 }
        let high = try chosen.count {
            try club.club.text(
                "{ member(id: \"\(club.people[$0].id)\") { churn { risk } } }",
                at: "member.churn.risk") == "HIGH"
        }
        try expectSame(
            answer,
            [
                "members": total, "orders": sales.count, "churnHigh": high,
                "activeRate": ["numerator": active.count, "denominator": total],
                "repeatPurchaseRate": [
                    "numerator": buyers.values.count { $0.count > 1 },
                    "denominator": buyers.count,
                ],
                "revenue": Dictionary(grouping: sales) { FigureClub.currencies[$0.chapter] }
                    .sorted { $0.key < $1.key }.map {
                        [
                            "currency": $0.key, "amountMinor": $0.value.reduce(0) { $0 + $1.net },
                        ] as [String: Any]
                    },
            ] as [String: Any], "")
    }
}
