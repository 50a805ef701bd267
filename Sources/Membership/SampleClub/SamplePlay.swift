import JSON

/// The life of the club, from its first member to ``SampleClub/now``.
struct SamplePlay {
    /// Something that somebody does. Numbers are places in the play's lists.
    private enum Scene {
        case enroll(Int)
        /// What becomes of the welcome.
        case read(Int)
        /// Applies for a membership and pays the fee.
        case apply(Int)
        case renew(Int)
        case buy(Int)
        case redeem(Int)
        case topUp(Int)
        case answer(Int)
        case suspend(Int)
        case plan(Int)
        case register(Int, event: Int)
        case withdraw(Int, event: Int)
        case comeTo(Int, event: Int)
        case callOff(Int)
        case close(Int)
    }

    private struct Person {
        let name: SampleName
        let isOrganisation: Bool
        let joinedAt: Int64
        let home: Int
        /// Purchases in a year.
        let appetite: Int
        /// After this the person does nothing any more.
        let lastSeen: Int64
        var id = ""
        var membership: String?
        var type = 0
        var coupon: String?
        var welcome: String?
        var hasWallet = false
        /// Tickets by event.
        var tickets: [Int: (registration: String, ticket: String)] = [:]
    }

    private let organisation: SampleOrganisation
    private let made: SampleFoundation
    private let stage: SampleStage
    private var random = SampleRandom(seed: 0xC1_0B)
    private var people: [Person] = []
    private var events: [String] = []
    private var scenes: [(time: Int64, order: Int, scene: Scene)] = []
    private var orderCount = 0

    init(
        _ organisation: SampleOrganisation, _ made: SampleFoundation, memberCount: Int,
        on stage: SampleStage
    ) {
        self.organisation = organisation
        self.made = made
        self.stage = stage
        events = Array(repeating: "", count: organisation.events.count)
        for _ in 0..<memberCount { people.append(person()) }
        people.sort { $0.joinedAt < $1.joinedAt }
        for place in organisation.events.indices { plan(event: place) }
        for place in people.indices { plan(person: place) }
        // What happens at the same moment happens in the order in which it was thought of.
        scenes.sort { ($0.time, $0.order) < ($1.time, $1.order) }
    }

    mutating func run() throws(SampleClubError) {
        for (time, _, scene) in scenes where time < SampleClub.now {
            stage.advance(to: time)
            try play(scene)
        }
        stage.advance(to: SampleClub.now)
        try finish()
    }

    // MARK: Planning

    private mutating func person() -> Person {
        let isOrganisation = random.chance(percent: 3)
        let name =
            isOrganisation ? SampleNames.organisation(&random) : SampleNames.person(&random)
        let from = SampleDay(year: 2023, month: 1, day: 3).number * dayMilliseconds
        let joinedAt = random.time(from: from, to: SampleClub.now - 30 * dayMilliseconds)
        let idleDays =
            random.chance(percent: 70) ? 0 : random.number(in: 60...400)
        return Person(
            name: name, isOrganisation: isOrganisation, joinedAt: joinedAt,
            home: home(name.language), appetite: random.pick([2, 4, 4, 6, 9]),
            lastSeen: max(
                joinedAt + 20 * dayMilliseconds,
                SampleClub.now - Int64(idleDays) * dayMilliseconds))
    }

    /// Most people live where their language is spoken.
    private mutating func home(_ language: String) -> Int {
        let currency = ["zh": "CNY", "ja": "JPY", "de": "EUR", "el": "EUR", "pt": "BRL"][language]
        let near = organisation.localChapters.filter {
            organisation.chapters[$0].currency == currency
        }
        return random.pick(
            near.isEmpty || random.chance(percent: 20) ? organisation.localChapters : near)
    }

    private mutating func add(_ scene: Scene, at time: Int64) {
        scenes.append((time, scenes.count, scene))
    }

    private mutating func plan(event place: Int) {
        let event = organisation.events[place]
        add(.plan(place), at: event.opensAt)
        switch event.fate {
        case .neverPublished: return
        case .cancelled: add(.callOff(place), at: event.startsAt - 5 * dayMilliseconds)
        case .held: add(.close(place), at: event.endsAt + 3_600_000)
        }
    }

    private mutating func plan(person place: Int) {
        let person = people[place]
        add(.enroll(place), at: person.joinedAt)
        add(.read(place), at: person.joinedAt + Int64(place % 40 + 2) * 3_600_000)
        if random.chance(percent: 85) {
            add(.apply(place), at: person.joinedAt + 3_600_000)
            for year in 1...4 where random.chance(percent: 78) {
                // Some days before the year is over, or some days after.
                let day = Int64(365 * year - random.number(in: -20...25))
                let time = person.joinedAt + day * dayMilliseconds
                if time < person.lastSeen { add(.renew(place), at: time) }
            }
        }
        let days = Int((person.lastSeen - person.joinedAt) / dayMilliseconds)
        for _ in 0..<max(1, person.appetite * days / 365) {
            let time = random.time(from: person.joinedAt + 7_200_000, to: person.lastSeen)
            let kind = random.number(below: 100)
            switch kind {
            case ..<78: add(.buy(place), at: time)
            case ..<88: add(.redeem(place), at: time)
            case ..<92: add(.topUp(place), at: time)
            default: add(.answer(place), at: time)
            }
        }
        for _ in 0..<random.number(below: 5) { planEvent(of: place) }
        if random.chance(percent: 3) {
            add(.suspend(place), at: person.lastSeen + dayMilliseconds)
        }
    }

    /// A visit to some event that opens while the person is there.
    private mutating func planEvent(of place: Int) {
        let person = people[place]
        let open = organisation.events.indices.filter {
            let event = organisation.events[$0]
            return event.fate != .neverPublished && event.startsAt > person.joinedAt
                && event.opensAt < person.lastSeen
        }
        guard !open.isEmpty else { return }
        let event = random.pick(open)
        let details = organisation.events[event]
        let time = random.time(
            from: max(details.opensAt, person.joinedAt) + 3_600_000,
            to: details.startsAt - 3_600_000)
        add(.register(place, event: event), at: time)
        switch random.number(below: 10) {
        case 0: add(.withdraw(place, event: event), at: (time + details.startsAt) / 2)
        case 1: break
        default:
            add(.comeTo(place, event: event), at: details.startsAt - 600_000 + Int64(place))
        }
    }

    // MARK: Playing

    private mutating func play(_ scene: Scene) throws(SampleClubError) {
        switch scene {
        case .enroll(let place): try enroll(place)
        case .read(let place): try read(place)
        case .apply(let place): try apply(place)
        case .renew(let place): try renew(place)
        case .buy(let place): try buy(place)
        case .redeem(let place): try redeem(place)
        case .topUp(let place): try topUp(place)
        case .answer(let place): try answer(place)
        case .suspend(let place):
            try stage.run(
                "suspendMember",
                ["id": .string(people[place].id), "reason": "a bill that was not paid"], "")
        case .plan(let place): try planned(place)
        case .register(let place, let event): try register(place, event)
        case .withdraw(let place, let event): try withdraw(place, event)
        case .comeTo(let place, let event): try come(place, event)
        case .callOff(let place):
            try stage.run(
                "cancelEvent",
                ["id": .string(events[place]), "reason": "The room is under water."], "")
        case .close(let place):
            try stage.run("closeEvent", ["id": .string(events[place])], "")
        }
    }

    private mutating func enroll(_ place: Int) throws(SampleClubError) {
        let person = people[place]
        var member: [JSONValue.Member] = [
            .init("memberNo", .string("M\(100_000 + place)")),
            .init("name", .string(person.name.text)),
            .init("kind", person.isOrganisation ? "ORGANIZATION" : "INDIVIDUAL"),
        ]
        if !person.isOrganisation {
            if random.chance(percent: 70) {
                member.append(
                    .init(
                        "gender",
                        .string(random.pick(["FEMALE", "MALE", "FEMALE", "MALE", "OTHER"]))))
            }
            if random.chance(percent: 75) {
                let birthday = SampleDay(
                    year: random.number(in: 1945...2006), month: random.number(in: 1...12),
                    day: random.number(in: 2...28))
                member.append(.init("birthday", sampleDate(birthday.number)))
            }
        }
        var identities: [JSONValue] = [
            ["kind": "EMAIL", "value": .string("\(person.name.latin).\(place)@example.org")]
        ]
        if random.chance(percent: 60) {
            // Numbers of Shanghai, whose last digits are the member's own.
            let digits = String(100_000_000 + place).dropFirst()
            identities.append(["kind": "PHONE", "value": .string("+86138\(digits)")])
        }
        member.append(.init("identities", .array(identities)))
        let payload = try stage.require(
            "enrollMember",
            [
                "member": .object(member), "chapterId": .string(made.chapters[person.home]),
                "source": .string(random.pick(["WEB", "APP", "STORE", "MINI_PROGRAM"])),
            ], "member{id messages(first:1){nodes{id status}}}")
        if case .string(let id)? = payload["member"]?["id"] { people[place].id = id }
        let message = payload["member"]?["messages"]?["nodes"]?[0]
        if message?["status"] == "QUEUED", case .string(let id)? = message?["id"] {
            people[place].welcome = id
        }
        let mayMail = random.chance(percent: 70)
        try stage.run(
            "setConsent",
            [
                "memberId": .string(people[place].id), "channel": "EMAIL",
                "purpose": "MARKETING", "granted": .bool(mayMail), "source": "WEB",
                "evidence": "the box on the form",
            ], "")
        if organisation.chapters[person.home].currency == "EUR", random.chance(percent: 50) {
            let payload = try stage.run(
                "issueCoupons",
                [
                    "templateId": .string(made.welcomeCoupon),
                    "memberIds": [.string(people[place].id)],
                    // Real codes cannot be guessed; these are the same each time.
                    "codes": [.string("WELCOME\(10_000 + place)")],
                ], "coupons{code}")
            if case .string(let code)? = payload?["coupons"]?[0]?["code"] {
                people[place].coupon = code
            }
        }
    }

    /// Some messages never arrive, some are opened by machines alone, some lead somewhere.
    private mutating func read(_ place: Int) throws(SampleClubError) {
        guard let message = people[place].welcome else { return }
        func tell(_ kind: String, secondsAgo: Int64) throws(SampleClubError) {
            try stage.run(
                "recordMessageEvent",
                [
                    "messageId": .string(message), "kind": .string(kind),
                    "at": sampleTime(stage.now - secondsAgo * 1_000),
                ], "", by: "mail")
        }
        try tell("SENT", secondsAgo: 3_600)
        if place % 11 == 4 { return try tell("BOUNCED", secondsAgo: 3_590) }
        try tell("DELIVERED", secondsAgo: 3_595)
        if place % 3 == 0 { try tell("MACHINE_OPENED", secondsAgo: 3_594) }
        if place % 5 < 3 { try tell("OPENED", secondsAgo: 60) }
        if place % 5 == 1 { try tell("CLICKED", secondsAgo: 0) }
        if place % 29 == 7 { try tell("UNSUBSCRIBED", secondsAgo: 0) }
    }

    private mutating func apply(_ place: Int) throws(SampleClubError) {
        let person = people[place]
        let type = person.isOrganisation ? 3 : random.pick([0, 0, 0, 0, 1, 2, 2, 4])
        let payload = try stage.run(
            "applyMembership",
            [
                "memberId": .string(person.id),
                "typeCode": .string(organisation.membershipTypes[type].code),
            ], "membership{id}")
        guard case .string(let id)? = payload?["membership"]?["id"] else { return }
        people[place].membership = id
        people[place].type = type
        // A few never pay.
        if random.chance(percent: 95) {
            let payment = try pay(dues: place)
            try stage.run(
                "activateMembership", ["id": .string(id), "paymentId": payment], "")
        }
    }

    private mutating func renew(_ place: Int) throws(SampleClubError) {
        guard let membership = people[place].membership,
            organisation.membershipTypes[people[place].type].years != nil
        else { return }
        let payment = try pay(dues: place)
        try stage.run(
            "renewMembership", ["id": .string(membership), "paymentId": payment], "")
    }

    private mutating func pay(dues place: Int) throws(SampleClubError) -> JSONValue {
        let person = people[place]
        let payload = try stage.run(
            "recordPayment",
            [
                "memberId": .string(person.id), "purpose": "MEMBERSHIP_DUES",
                "amount": sampleMoney(
                    organisation.membershipTypes[person.type].feeMinor, "EUR"),
                "method": .string(random.pick(["CARD", "BANK_TRANSFER"])),
                "subjectId": .string(person.membership ?? ""),
            ], "payment{id}")
        return payload?["payment"]?["id"] ?? .null
    }

    private mutating func buy(_ place: Int) throws(SampleClubError) {
        let person = people[place]
        orderCount += 1
        let product = random.number(below: made.products.count)
        let quantity = Int64(random.number(in: 1...3))
        let cents = Int64([350, 1_450, 2_200, 4_800, 12_000, 18_500][product])
        let price = organisation.money(cents, at: person.home)
        let order = try stage.run(
            "createOrder",
            [
                "orderNo": .string("O\(1_000_000 + orderCount)"), "memberId": .string(person.id),
                "chapterId": .string(made.chapters[person.home]),
                "channel": .string(random.pick(["STORE", "WEB", "APP"])),
                "lines": [
                    [
                        "productId": .string(made.products[product]),
                        "quantity": .integer(quantity),
                        "unitPrice": sampleMoney(price.minor, price.currency),
                    ]
                ],
                "cashierId": made.cashiers[person.home].map { .string($0) } ?? .null,
            ], "order{id}")
        guard case .string(let id)? = order?["order"]?["id"] else { return }
        var total = price.minor * quantity
        var input: [JSONValue.Member] = [.init("orderId", .string(id))]
        if let coupon = person.coupon, total >= 2_000 {
            people[place].coupon = nil
            total -= 500
            input.append(.init("couponCodes", [.string(coupon)]))
        }
        let usesWallet = person.hasWallet && random.chance(percent: 30)
        input.append(
            .init(
                "tenders",
                [
                    [
                        "method": usesWallet
                            ? "WALLET" : .string(random.pick(["CARD", "CASH", "WECHAT_PAY"])),
                        "amount": sampleMoney(total, price.currency),
                    ]
                ]))
        guard try stage.run("payOrder", .object(input), "order{id}", by: "till") != nil else {
            try stage.run(
                "cancelOrder", ["orderId": .string(id), "reason": "could not be paid"], "")
            return
        }
        if random.chance(percent: 4) {
            try stage.run(
                "refundOrder",
                [
                    "orderId": .string(id), "reason": "brought back",
                    "lines": [["productId": .string(made.products[product]), "quantity": 1]],
                ], "")
        }
    }

    private mutating func redeem(_ place: Int) throws(SampleClubError) {
        let member = JSONValue.string(people[place].id)
        if random.chance(percent: 40) {
            let payload = try stage.run(
                "redeemReward",
                ["memberId": member, "rewardId": .string(random.pick(made.rewards))],
                "redemption{id}")
            if let id = payload?["redemption"]?["id"], random.chance(percent: 80) {
                try stage.run("fulfilReward", ["redemptionId": id], "")
            }
            return
        }
        let payload = try stage.run(
            "redeemPoints",
            [
                "memberId": member, "programId": .string(made.program),
                "points": .integer(Int64(random.number(in: 1...3)) * 50), "reason": "voucher",
            ], "entry{id}")
        if let entry = payload?["entry"]?["id"], random.chance(percent: 10) {
            try stage.run("reversePoints", ["entryId": entry, "reason": "returned"], "")
        }
    }

    private mutating func topUp(_ place: Int) throws(SampleClubError) {
        let person = people[place]
        let amount = organisation.money(5_000, at: person.home)
        let payload = try stage.run(
            "topUpWallet",
            [
                "memberId": .string(person.id),
                "amount": sampleMoney(amount.minor, amount.currency),
                "bonus": sampleMoney(amount.minor / 10, amount.currency),
                "paymentRef": .string("T\(place)-\(stage.now)"),
            ], "")
        if payload != nil { people[place].hasWallet = true }
    }

    private mutating func answer(_ place: Int) throws(SampleClubError) {
        let isNPS = random.chance(percent: 50)
        try stage.run(
            "submitFeedback",
            [
                "memberId": .string(people[place].id), "kind": isNPS ? "NPS" : "CSAT",
                "score": .integer(
                    Int64(isNPS ? random.number(in: 3...10) : random.number(in: 2...5))),
            ], "")
    }

    private mutating func planned(_ place: Int) throws(SampleClubError) {
        let event = organisation.events[place]
        let currency = organisation.chapters[event.chapter].currency
        events[place] = try stage.id(
            "createEvent",
            [
                "title": .string(event.title), "theme": .string(event.theme),
                "chapterId": .string(made.chapters[event.chapter]),
                "startsAt": sampleTime(event.startsAt), "endsAt": sampleTime(event.endsAt),
                "venue": .string(event.venue),
                "minTierId": event.minTier.map { .string(made.tiers[$0]) } ?? .null,
                "fee": event.feeMinor.map { sampleMoney($0, currency) } ?? .null,
                "capacity": event.capacity.map { .integer(Int64($0)) } ?? .null,
                "waitlistEnabled": .bool(event.waitlistEnabled),
                "requiresApproval": .bool(event.requiresApproval),
            ], of: "event")
        if event.fate != .neverPublished {
            try stage.run("publishEvent", ["id": .string(events[place])], "")
        }
    }

    private mutating func register(_ place: Int, _ event: Int) throws(SampleClubError) {
        let person = people[place]
        let payload = try stage.run(
            "registerForEvent",
            [
                "eventId": .string(events[event]), "memberId": .string(person.id),
                "seats": random.chance(percent: 6) ? 2 : 1,
                "joinWaitlist": .bool(organisation.events[event].waitlistEnabled),
                // Real tickets cannot be guessed; these are the same each time.
                "ticketCode": .string("TICKET-\(event)-\(place)"),
            ], "registration{id status ticketCode fee{amountMinor currency}}")
        guard let registration = payload?["registration"],
            case .string(let id)? = registration["id"],
            case .string(let ticket)? = registration["ticketCode"]
        else { return }
        people[place].tickets[event] = (id, ticket)
        if registration["status"] == "AWAITING_APPROVAL", random.chance(percent: 80) {
            try stage.run("approveRegistration", ["id": .string(id)], "")
        }
        if let fee = registration["fee"], fee != .null, random.chance(percent: 90) {
            try stage.run(
                "recordPayment",
                [
                    "memberId": .string(person.id), "purpose": "EVENT_FEE", "amount": fee,
                    "method": "CARD", "subjectId": .string(id),
                ], "")
        }
    }

    private mutating func withdraw(_ place: Int, _ event: Int) throws(SampleClubError) {
        guard let (registration, _) = people[place].tickets[event] else { return }
        try stage.run(
            "cancelRegistration",
            ["id": .string(registration), "reason": "something came between"], "")
    }

    private mutating func come(_ place: Int, _ event: Int) throws(SampleClubError) {
        guard let (_, ticket) = people[place].tickets[event],
            organisation.events[event].fate == .held
        else { return }
        try stage.run(
            "checkIn",
            [
                "ticketCode": .string(ticket), "eventId": .string(events[event]),
                "nonce": .string("\(event)/\(place)"),
            ], "")
    }

    /// Tags, segments, a campaign, and what the night does.
    private mutating func finish() throws(SampleClubError) {
        let readers = people.indices.filter { $0 % 7 == 0 }.map { JSONValue.string(people[$0].id) }
        try stage.run(
            "assignTags",
            ["memberIds": .array(readers), "tagKeys": ["reader"], "create": true], "")
        try stage.run(
            "saveSegment",
            [
                "name": "Silver and above", "kind": "DYNAMIC",
                "rule": ["tier": ["rank": ["gte": 1]]],
            ], "")
        try stage.run(
            "createPointsHold",
            [
                "memberId": .string(people[1].id), "programId": .string(made.program),
                "points": 10, "ttlSeconds": 86_400, "reason": "a basket",
            ], "")
        try stage.run(
            "excludeDuplicate",
            [
                "firstId": .string(people[0].id), "secondId": .string(people[1].id),
                "reason": "brothers",
            ], "")
        let campaign = try stage.run(
            "saveCampaign",
            [
                "name": "Your year is almost over", "kind": "RENEWAL_REMINDER",
                "triggers": [["offsetDays": -30], ["offsetDays": -7]],
                "variants": [
                    [
                        "key": "A", "weight": 100, "channel": "EMAIL",
                        "subject": "Your membership ends on {endDate}",
                        "body": "Dear {name}, stay with us.",
                    ]
                ],
            ], "campaign{id}")
        if let id = campaign?["campaign"]?["id"] {
            try stage.run("startCampaign", ["campaignId": id], "")
        }
        try invite()
        try stage.run("runJob", ["asOf": sampleTime(SampleClub.now)], "processed", by: "schedule")
    }
    /// The summer party: an invitation, and more members who want to come than there are seats.
    private mutating func invite() throws(SampleClubError) {
        let start = SampleClub.now + 21 * dayMilliseconds
        let event = try stage.id(
            "createEvent",
            [
                "title": "Summer party", "theme": "club",
                "chapterId": .string(made.chapters[0]), "startsAt": sampleTime(start),
                "endsAt": sampleTime(start + 4 * 3_600_000), "venue": "Roof terrace",
                "capacity": 4, "waitlistEnabled": true,
            ], of: "event")
        try stage.run("publishEvent", ["id": .string(event)], "")
        let campaign = try stage.id(
            "saveCampaign",
            [
                "name": "Come and see", "kind": "EVENT_INVITE", "eventId": .string(event),
                "goal": "EVENT_REGISTERED", "weeklyMax": 3,
                "variants": [
                    [
                        "key": "A", "weight": 100, "channel": "EMAIL", "subject": "Summer party",
                        "body": "Dear {name}, we look forward to seeing you.",
                    ]
                ],
            ], of: "campaign")
        try stage.run("startCampaign", ["campaignId": .string(campaign)], "")
        for place in people.indices.prefix(14).filter({ $0.isMultiple(of: 2) }) {
            try stage.run(
                "registerForEvent",
                [
                    "eventId": .string(event), "memberId": .string(people[place].id),
                    "sourceCampaignId": .string(campaign),
                    "ticketCode": .string("PARTY-\(place)"),
                ], "")
        }
    }
}
