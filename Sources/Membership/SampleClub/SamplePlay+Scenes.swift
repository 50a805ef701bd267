import JSON

/// What members and staff do, one request or a few each.
extension SamplePlay {
    mutating func enroll(_ place: Int) throws(SampleClubError) {
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
    mutating func read(_ place: Int) throws(SampleClubError) {
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

    mutating func apply(_ place: Int) throws(SampleClubError) {
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

    mutating func renew(_ place: Int) throws(SampleClubError) {
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

    mutating func buy(_ place: Int) throws(SampleClubError) {
        let person = people[place]
        orderCount += 1
        let product = random.below(made.products.count)
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

    mutating func redeem(_ place: Int) throws(SampleClubError) {
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

    mutating func topUp(_ place: Int) throws(SampleClubError) {
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

    mutating func answer(_ place: Int) throws(SampleClubError) {
        let isNPS = random.chance(percent: 50)
        try stage.run(
            "submitFeedback",
            [
                "memberId": .string(people[place].id), "kind": isNPS ? "NPS" : "CSAT",
                "score": .integer(
                    Int64(isNPS ? random.number(in: 3...10) : random.number(in: 2...5))),
            ], "")
    }

    mutating func planned(_ place: Int) throws(SampleClubError) {
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

    mutating func register(_ place: Int, _ event: Int) throws(SampleClubError) {
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

    mutating func withdraw(_ place: Int, _ event: Int) throws(SampleClubError) {
        guard let (registration, _) = people[place].tickets[event] else { return }
        try stage.run(
            "cancelRegistration",
            ["id": .string(registration), "reason": "something came between"], "")
    }

    mutating func come(_ place: Int, _ event: Int) throws(SampleClubError) {
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
}
