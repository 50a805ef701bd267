import Bytes

/// Chapters, tiers, kinds of membership and events of the sample club.
struct SampleOrganisation {
    struct Chapter {
        let code: String
        let name: String
        let level: String
        let timezone: String
        let currency: String
        /// Place in `chapters`, before this one.
        let parent: Int?
        /// Whether members call it home and events take place there.
        var isLocal: Bool { level == "CHAPTER" || level == "STORE" }
    }

    struct Tier {
        let code: String
        let name: String
        /// Points earned from which it is reached.
        let threshold: Int64
        let multiplierBps: Int
        let benefits: String
    }

    struct MembershipType {
        let code: String
        let name: String
        let feeMinor: Int64
        /// Nil for a lifetime.
        let years: Int?
        let graceDays: Int64
        let newDays: Int64
        let maxInherited: Int?
    }

    struct Event {
        let title: String
        let theme: String
        /// Place in `chapters`.
        let chapter: Int
        let fate: Fate
        let startsAt: Int64
        let endsAt: Int64
        let venue: String
        /// Place in `tiers`.
        let minTier: Int?
        let feeMinor: Int64?
        let capacity: Int?
        let waitlistEnabled: Bool
        let requiresApproval: Bool

        /// Registration opens so long before.
        var opensAt: Int64 { startsAt - 40 * dayMilliseconds }
    }

    /// What becomes of an event.
    enum Fate {
        case held, cancelled, neverPublished
    }

    let chapters: [Chapter]
    let tiers: [Tier]
    let membershipTypes: [MembershipType]
    /// By `startsAt`.
    let events: [Event]
    /// Places in `chapters` where members call home.
    let localChapters: [Int]

    init(eventCount: Int) {
        chapters = SampleOrganisation.chapterList
        tiers = SampleOrganisation.tierList
        membershipTypes = SampleOrganisation.membershipTypeList
        let local = chapters.indices.filter { SampleOrganisation.chapterList[$0].isLocal }
        localChapters = local
        var random = SeededRandom(seed: 0x7E55_E2A1)
        let first = SampleDay(year: 2023, month: 3, day: 8).number * dayMilliseconds
        let last = SampleDay(year: 2026, month: 12, day: 20).number * dayMilliseconds
        let starts = (0..<eventCount).map { _ in
            // On the hour, between 9 and 20 o'clock.
            random.time(from: first, to: last) / dayMilliseconds * dayMilliseconds
                + Int64(random.number(in: 9...20)) * 3_600_000
        }
        events = starts.sorted().map { start in
            SampleOrganisation.event(start, at: random.pick(local), &random)
        }
    }

    private static func event(
        _ start: Int64, at chapter: Int, _ random: inout SeededRandom
    ) -> Event {
        let kind = random.pick(kinds)
        let place = chapterList[chapter]
        let end = start + Int64(random.number(in: 2...6)) * 1_800_000
        let isFar = start - SampleClub.now > 90 * dayMilliseconds
        let draw = random.below(100)
        let fate: Fate = draw < 4 ? .cancelled : isFar && draw < 50 ? .neverPublished : .held
        let gate = random.below(100)
        let isChinese = place.currency == "CNY"
        return Event(
            title: isChinese ? "\(place.name)\(kind.chinese)" : "\(kind.english) in \(place.name)",
            theme: kind.theme, chapter: chapter, fate: fate, startsAt: start, endsAt: end,
            venue: random.pick(venues),
            minTier: gate < 55 ? nil : gate < 75 ? 1 : gate < 88 ? 2 : gate < 96 ? 3 : 4,
            feeMinor: random.chance(percent: 35)
                ? Int64(random.number(in: 1...12)) * 500 : nil,
            capacity: capacity(&random),
            waitlistEnabled: random.chance(percent: 60),
            requiresApproval: random.chance(percent: 10))
    }

    /// Most events have plenty of room, some very little.
    private static func capacity(_ random: inout SeededRandom) -> Int? {
        switch random.below(10) {
        case 0: nil
        case 1, 2: random.number(in: 6...12)
        default: random.number(in: 4...24) * 5
        }
    }

    private static let kinds = [
        (english: "Tea tasting", chinese: "品茶会", theme: "food"),
        (english: "Wine evening", chinese: "葡萄酒之夜", theme: "food"),
        (english: "Cooking class", chinese: "烹饪课", theme: "food"),
        (english: "Jazz concert", chinese: "爵士音乐会", theme: "music"),
        (english: "Open rehearsal", chinese: "公开排练", theme: "music"),
        (english: "Book club", chinese: "读书会", theme: "culture"),
        (english: "Gallery walk", chinese: "画廊漫步", theme: "culture"),
        (english: "Film night", chinese: "电影之夜", theme: "culture"),
        (english: "City run", chinese: "城市跑", theme: "sport"),
        (english: "Hike", chinese: "徒步", theme: "sport"),
        (english: "Chess tournament", chinese: "国际象棋赛", theme: "games"),
        (english: "New members' evening", chinese: "新会员之夜", theme: "club"),
    ]
    private static let venues = [
        "Club house", "Old mill", "Riverside hall", "Botanical garden", "Roof terrace", "Library",
    ]

    private static let chapterList = [
        Chapter(
            code: "HQ", name: "Tessera Club", level: "UMBRELLA", timezone: "Etc/UTC",
            currency: "EUR", parent: nil),
        Chapter(
            code: "EU", name: "Europe", level: "REGION", timezone: "Europe/Berlin",
            currency: "EUR", parent: 0),
        Chapter(
            code: "AS", name: "亚洲", level: "REGION", timezone: "Asia/Shanghai", currency: "CNY",
            parent: 0),
        Chapter(
            code: "AM", name: "The Americas", level: "REGION", timezone: "America/New_York",
            currency: "USD", parent: 0),
        Chapter(
            code: "BER", name: "Berlin", level: "CHAPTER", timezone: "Europe/Berlin",
            currency: "EUR", parent: 1),
        Chapter(
            code: "LON", name: "London", level: "CHAPTER", timezone: "Europe/London",
            currency: "GBP", parent: 1),
        Chapter(
            code: "ATH", name: "Αθήνα", level: "CHAPTER", timezone: "Europe/Athens",
            currency: "EUR", parent: 1),
        Chapter(
            code: "SHA", name: "上海", level: "CHAPTER", timezone: "Asia/Shanghai", currency: "CNY",
            parent: 2),
        Chapter(
            code: "HGH", name: "杭州", level: "CHAPTER", timezone: "Asia/Shanghai", currency: "CNY",
            parent: 2),
        Chapter(
            code: "TYO", name: "東京", level: "CHAPTER", timezone: "Asia/Tokyo", currency: "JPY",
            parent: 2),
        Chapter(
            code: "NYC", name: "New York", level: "CHAPTER", timezone: "America/New_York",
            currency: "USD", parent: 3),
        Chapter(
            code: "SAO", name: "São Paulo", level: "CHAPTER", timezone: "America/Sao_Paulo",
            currency: "BRL", parent: 3),
        Chapter(
            code: "SHA-1", name: "南京西路", level: "STORE", timezone: "Asia/Shanghai",
            currency: "CNY", parent: 7),
        Chapter(
            code: "BER-1", name: "Kreuzberg", level: "STORE", timezone: "Europe/Berlin",
            currency: "EUR", parent: 4),
    ]

    private static let tierList = [
        Tier(
            code: "BRONZE", name: "Bronze", threshold: 0, multiplierBps: 10_000,
            benefits: #"[{"kind":"BIRTHDAY_OFFER","name":"A cake on the house"}]"#),
        Tier(
            code: "SILVER", name: "Silver", threshold: 1_500, multiplierBps: 11_000,
            benefits: #"""
                [{"kind":"POINTS_MULTIPLIER","name":"A tenth more points"},\#
                {"kind":"DISCOUNT","name":"5 % off","value":{"percent":5}}]
                """#),
        Tier(
            code: "GOLD", name: "Gold", threshold: 3_000, multiplierBps: 12_500,
            benefits: #"""
                [{"kind":"POINTS_MULTIPLIER","name":"A quarter more points"},\#
                {"kind":"DISCOUNT","name":"8 % off","value":{"percent":8}},\#
                {"kind":"PRIORITY_PURCHASE","name":"Tickets a day earlier","value":{"hours":24}}]
                """#),
        Tier(
            code: "PLATINUM", name: "Platinum", threshold: 4_500, multiplierBps: 15_000,
            benefits: #"""
                [{"kind":"POINTS_MULTIPLIER","name":"Half as many points again"},\#
                {"kind":"DISCOUNT","name":"12 % off","value":{"percent":12}},\#
                {"kind":"FREE_RETURNS","name":"Free returns"},\#
                {"kind":"EVENT_ACCESS","name":"The winter gala"}]
                """#),
        Tier(
            code: "DIAMOND", name: "Diamond", threshold: 6_000, multiplierBps: 20_000,
            benefits: #"""
                [{"kind":"POINTS_MULTIPLIER","name":"Twice the points"},\#
                {"kind":"DISCOUNT","name":"15 % off","value":{"percent":15}},\#
                {"kind":"DEDICATED_SERVICE","name":"A person to call"},\#
                {"kind":"GIFT","name":"A present every year","value":{"month":12}}]
                """#),
    ]

    private static let membershipTypeList = [
        MembershipType(
            code: "ANNUAL", name: "Annual", feeMinor: 6_000, years: 1, graceDays: 30, newDays: 90,
            maxInherited: 0),
        MembershipType(
            code: "STUDENT", name: "Student", feeMinor: 2_000, years: 1, graceDays: 14,
            newDays: 90, maxInherited: 0),
        MembershipType(
            code: "FAMILY", name: "Family", feeMinor: 9_900, years: 1, graceDays: 30, newDays: 90,
            maxInherited: 4),
        MembershipType(
            code: "CORPORATE", name: "Corporate", feeMinor: 50_000, years: 1, graceDays: 60,
            newDays: 30, maxInherited: 20),
        MembershipType(
            code: "LIFE", name: "For life", feeMinor: 90_000, years: nil, graceDays: 0,
            newDays: 90, maxInherited: 0),
    ]
}
