import JSON

/// The ids of what the club is made of, beside the organisation's own lists.
struct SampleFoundation {
    var chapters: [String] = []
    var program = ""
    var tiers: [String] = []
    var membershipTypes: [String] = []
    /// Goods and services, the cheapest first.
    var products: [String] = []
    var rewards: [String] = []
    var welcomeCoupon = ""
    /// One for each chapter where members call home, by place in `chapters`.
    var cashiers: [Int: String] = [:]
}

extension SampleOrganisation {
    /// Money of a chapter that is about as much as so many euro cents.
    func money(_ cents: Int64, at chapter: Int) -> (minor: Int64, currency: String) {
        let currency = chapters[chapter].currency
        let (numerator, denominator): (Int64, Int64) =
            switch currency {
            case "CNY": (8, 1)
            case "JPY": (16, 10)
            case "BRL": (6, 1)
            default: (1, 1)
            }
        return (cents * numerator / denominator, currency)
    }

    /// Chapters, the loyalty program, what is sold and what is given.
    func found(on stage: SampleStage) throws(SampleClubError) -> SampleFoundation {
        var made = SampleFoundation()
        try foundChapters(stage, &made)
        try foundProgram(stage, &made)
        try foundOffers(stage, &made)
        try foundWelcome(stage)
        return made
    }

    private func foundChapters(_ stage: SampleStage, _ made: inout SampleFoundation)
        throws(SampleClubError)
    {
        for (place, chapter) in chapters.enumerated() {
            let parent = chapter.parent.map { JSONValue.string(made.chapters[$0]) } ?? .null
            let id = try stage.id(
                "createChapter",
                [
                    "code": .string(chapter.code), "name": .string(chapter.name),
                    "level": .string(chapter.level), "timezone": .string(chapter.timezone),
                    "currency": .string(chapter.currency), "parentId": parent,
                ], of: "chapter")
            made.chapters.append(id)
            guard chapter.isLocal else { continue }
            made.cashiers[place] = try stage.id(
                "createStaff",
                [
                    "name": .string("Till \(chapter.code)"), "role": "CASHIER",
                    "chapterId": .string(id),
                ], of: "staff")
        }
        for (place, type) in membershipTypes.enumerated() {
            var input: [JSONValue.Member] = [
                .init("code", .string(type.code)), .init("name", .string(type.name)),
                .init("chapterId", .string(made.chapters[0])),
                .init("fee", sampleMoney(type.feeMinor, "EUR")),
                .init("graceDays", .integer(type.graceDays)),
                .init("newDays", .integer(type.newDays)),
                .init("durationUnit", type.years == nil ? "LIFETIME" : "YEAR"),
                .init("maxInherited", type.maxInherited.map { .integer(Int64($0)) } ?? .null),
            ]
            // Students' years are those of the university.
            if type.code == "STUDENT" {
                input += [
                    .init("periodType", "FIXED"), .init("fixedStartMonthDay", "10-01"),
                    .init("rolloverMonthDay", "08-01"),
                ]
            }
            made.membershipTypes.append(
                try stage.id("createMembershipType", .object(input), of: "membershipType"))
            assert(made.membershipTypes.count == place + 1)
        }
    }

    private func foundProgram(_ stage: SampleStage, _ made: inout SampleFoundation)
        throws(SampleClubError)
    {
        made.program = try stage.id(
            "createLoyaltyProgram",
            [
                "code": "CLUB", "name": "Club points", "isDefault": true,
                "timezone": "Europe/Berlin", "pendingDays": 3, "expiryPolicy": "ROLLING",
                "expiryMonths": 18, "rounding": "END_OF_MONTH", "returnPolicy": "WITHIN_BALANCE",
                "metric": "QUALIFYING_POINTS", "period": "ROLLING", "tierValidityMonths": 12,
                "graceDays": 30, "downgradePolicy": "ONE_DOWN",
                "unitCost": sampleMoney(1, "EUR"), "expectedRedemptionRate": 0.7,
            ], of: "loyaltyProgram")
        for (rank, tier) in tiers.enumerated() {
            var benefits = tier.benefits
            let list = benefits.withUTF8 {
                try? unsafe JSONValue(parsing: UnsafeRawBufferPointer($0))
            }
            made.tiers.append(
                try stage.id(
                    "createTier",
                    [
                        "programId": .string(made.program), "code": .string(tier.code),
                        "name": .string(tier.name), "rank": .integer(Int64(rank)),
                        "threshold": .integer(tier.threshold),
                        "multiplierBps": .integer(Int64(tier.multiplierBps)),
                        "benefits": list ?? [], "downgradable": .bool(rank > 0),
                    ], of: "tier"))
        }
        for (currency, unit) in [
            ("EUR", 100), ("GBP", 100), ("USD", 100), ("CNY", 800), ("JPY", 160), ("BRL", 600),
        ] as [(String, Int64)] {
            try rule(
                "A point for each euro (\(currency))", "ORDER_PAID",
                [
                    .init("pointsPerUnit", 1), .init("unitMinor", .integer(unit)),
                    .init("currency", .string(currency)),
                ], stage, made)
        }
        try rule("Welcome", "REGISTERED", [.init("pointsFixed", 100)], stage, made)
        try rule(
            "Thank you for coming", "EVENT_CHECKED_IN",
            [.init("pointsFixed", 50), .init("maxPerDay", 100)], stage, made)
        try rule(
            "Thank you for telling us", "FEEDBACK_GIVEN",
            [.init("pointsFixed", 20), .init("maxPerMember", 100)], stage, made)
    }

    private func rule(
        _ name: String, _ trigger: String, _ more: [JSONValue.Member], _ stage: SampleStage,
        _ made: SampleFoundation
    ) throws(SampleClubError) {
        _ = try stage.id(
            "createEarningRule",
            .object(
                [
                    .init("programId", .string(made.program)), .init("name", .string(name)),
                    .init("trigger", .string(trigger)), .init("priority", 1),
                ] + more), of: "earningRule")
    }

    private func foundOffers(_ stage: SampleStage, _ made: inout SampleFoundation)
        throws(SampleClubError)
    {
        let goods: [(String, String, Int64)] = [
            ("COFFEE", "Coffee", 350), ("LUNCH", "Lunch", 1_450), ("BOOK", "Book", 2_200),
            ("TICKET", "Concert ticket", 4_800), ("COURSE", "Evening course", 12_000),
            ("HAMPER", "Hamper", 18_500),
        ]
        for (sku, name, cents) in goods {
            made.products.append(
                try stage.id(
                    "createProduct",
                    [
                        "sku": .string(sku), "name": .string(name),
                        "kind": sku == "COURSE" ? "SERVICE" : "GOODS",
                        "price": sampleMoney(cents, "EUR"),
                    ], of: "product"))
        }
        made.welcomeCoupon = try stage.id(
            "createCouponTemplate",
            [
                "name": "Welcome: 5 EUR off", "discount": "AMOUNT_OFF",
                "amountOff": sampleMoney(500, "EUR"), "minSpend": sampleMoney(2_000, "EUR"),
                "validDays": 120, "perMemberLimit": 1,
            ], of: "couponTemplate")
        for (name, kind, cost, stock) in [
            ("Coffee mug", "PRODUCT", 200, 400), ("Guided tour", "SERVICE", 500, nil),
            ("Dinner for two", "EVENT_ENTRY", 2_000, 25),
        ] as [(String, String, Int64, Int64?)] {
            made.rewards.append(
                try stage.id(
                    "createReward",
                    [
                        "programId": .string(made.program), "name": .string(name),
                        "kind": .string(kind), "cost": .integer(cost),
                        "stock": stock.map { .integer($0) } ?? .null,
                    ], of: "reward"))
        }
    }

    /// A welcome in two versions, and a tenth of the members who get none.
    private func foundWelcome(_ stage: SampleStage) throws(SampleClubError) {
        let campaign = try stage.id(
            "saveCampaign",
            [
                "name": "Welcome", "kind": "WELCOME", "goal": "PURCHASE",
                "attributionHours": 336, "controlPct": 10,
                "variants": [
                    [
                        "key": "A", "weight": 50, "channel": "EMAIL",
                        "subject": "Welcome to the club",
                        "body": "Dear {name}, your number is {memberNo}.",
                    ],
                    [
                        "key": "B", "weight": 50, "channel": "EMAIL",
                        "subject": "{name}, come and see us", "body": "The first coffee is on us.",
                    ],
                ],
            ], of: "campaign")
        try stage.run("startCampaign", ["campaignId": .string(campaign)], "")
    }
}
