import Testing

@testable import Membership

/// Events and registrations by GraphQL.
struct EventRulesTests {
    private func seats(
        _ event: String, taken: Int, left: Int?, _ shop: Shop,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try shop.shows(
            #"event(id: "\#(event)") { seatsTaken seatsLeft }"#,
            #""event": {"seatsTaken": \#(taken), "seatsLeft": \#(left.map(String.init) ?? "null")}"#,
            sourceLocation: sourceLocation)
    }

    private func refusesToRegister(
        _ shop: Shop, _ event: String, _ member: Int, with fields: String = "", _ code: String,
        _ message: String, at field: String = "eventId",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try shop.refuses(
            "registerForEvent",
            #"eventId: "\#(event)", memberId: "\#(shop.members[member])" \#(fields)"#, code,
            message,
            at: field, sourceLocation: sourceLocation)
    }

    // MARK: Planning

    @Test func `an event is a draft until it is published, and ends after it begins`() throws {
        let shop = try Shop()
        let event = try shop.event(isPublished: false)
        try refusesToRegister(shop, event, 0, "EVENT_CLOSED", "The event is DRAFT.")
        try shop.check(
            "publishEvent", #"id: "\#(event)""#, "event { status }",
            gives: #""event": {"status": "PUBLISHED"}"#)
        try shop.refuses(
            "publishEvent", #"id: "\#(event)""#, "INVALID_TRANSITION", "The event is PUBLISHED.",
            at: "id")
        let times = #"startsAt: "2026-07-07T10:00:00Z", endsAt: "2026-07-07T10:00:00Z""#
        try shop.refuses(
            "createEvent", #"title: "T", chapterId: "\#(shop.chapter)", \#(times)"#, "INVALID",
            "An event ends after it begins.", at: "endsAt")
        try shop.refuses(
            "updateEvent", #"id: "\#(event)", endsAt: "2026-07-07T09:00:00Z""#, "INVALID",
            "An event ends after it begins.", at: "endsAt")
        try shop.fixture.checkStore()
    }

    @Test func `everything that is wrong with a draft is said at once`() throws {
        let shop = try Shop()
        try shop.fixture.check(
            """
            mutation { createEvent(input: {title: " ", chapterId: "\(shop.chapter)",
                startsAt: "2026-07-07T10:00:00Z", endsAt: "2026-07-06T10:00:00Z", capacity: -1,
                fee: {amountMinor: -1, currency: "CNY"},
                memberFee: {amountMinor: 1, currency: "EUR"}, offerHours: -1, paymentHours: 0}) {
                event { id } userErrors { code path } } }
            """,
            gives: """
                {"data": {"createEvent": {"event": null, "userErrors": [
                  {"code": "INVALID", "path": ["input", "fee"]},
                  {"code": "CURRENCY_MISMATCH", "path": ["input", "memberFee"]},
                  {"code": "INVALID", "path": ["input", "capacity"]},
                  {"code": "INVALID", "path": ["input", "offerHours"]},
                  {"code": "INVALID", "path": ["input", "paymentHours"]},
                  {"code": "REQUIRED", "path": ["input", "title"]},
                  {"code": "INVALID", "path": ["input", "endsAt"]}]}}}
                """)
    }

    @Test func `an event is for the tiers at or above its lowest, and for all when it has none`()
        throws
    {
        let shop = try Shop()
        let program = try shop.program()
        var tiers: [String] = []
        for rank in 0...2 {
            tiers.append(
                try shop.text(
                    "createTier",
                    """
                    programId: "\(program)", code: "T\(rank)", name: "T\(rank)", rank: \(rank),
                    threshold: \(rank * 100), benefits: []
                    """, at: "tier.id"))
        }
        let event = try shop.event(#", minTierId: "\#(tiers[1])""#)
        let shown = #"event(id: "\#(event)") { tiers(orderBy: [{rank: ASC}]) { nodes { code } } }"#
        try shop.shows(
            shown, #""event": {"tiers": {"nodes": [{"code": "T1"}, {"code": "T2"}]}}"#)
        try shop.give(150, to: 1, in: program)
        try refusesToRegister(
            shop, event, 0, "NOT_ELIGIBLE", "The event is for other members.")
        #expect(try shop.register(event, 1).status == "REGISTERED")
        try shop.check(
            "updateEvent", #"id: "\#(event)", minTierId: null"#, "event { minTier { code } }",
            gives: #""event": {"minTier": null}"#)
        try shop.shows(
            shown,
            #""event": {"tiers": {"nodes": [{"code": "T0"}, {"code": "T1"}, {"code": "T2"}]}}"#)
        #expect(try shop.register(event, 0).status == "REGISTERED")
        try shop.fixture.checkStore()
    }

    @Test func `an audience is asked at this moment, whether it is listed or found`() throws {
        let shop = try Shop()
        let listed = try shop.text(
            "saveSegment", #"name: "L", kind: STATIC, memberIds: ["\#(shop.members[0])"]"#,
            at: "segment.id")
        let found = try shop.text(
            "saveSegment",
            #"name: "F", kind: DYNAMIC, rule: {name: {eq: "Renamed"}}"#, at: "segment.id")
        let one = try shop.event(#", audienceSegmentId: "\#(listed)""#)
        let other = try shop.event(#", audienceSegmentId: "\#(found)""#)
        #expect(try shop.register(one, 0).status == "REGISTERED")
        for (event, member) in [(one, 1), (other, 1)] {
            try refusesToRegister(
                shop, event, member, "NOT_ELIGIBLE", "The event is for other members.")
        }
        _ = try shop.mutate(
            "updateMember",
            #"id: "\#(shop.members[1])", expectedVersion: 1, set: {name: "Renamed"}"#)
        #expect(try shop.register(other, 1).status == "REGISTERED")
    }

    @Test func `fewer seats than are taken are refused unless forced, and nobody loses one`() throws
    {
        let shop = try Shop()
        let event = try shop.event(", capacity: 2, waitlistEnabled: true, offerHours: 0")
        let places = try (0...2).map { try shop.register(event, $0) }
        #expect(places.map(\.status) == ["REGISTERED", "REGISTERED", "WAITLISTED"])
        try shop.refuses(
            "updateEvent", #"id: "\#(event)", capacity: 1"#, "CAPACITY_BELOW_TAKEN",
            "2 seats are taken.", at: "capacity")
        try shop.check(
            "updateEvent", #"id: "\#(event)", capacity: 1, force: true"#,
            "event { capacity seatsTaken seatsLeft } promoted { id }",
            gives: #""event": {"capacity": 1, "seatsTaken": 2, "seatsLeft": 0}, "promoted": []"#)
        try shop.check(
            "updateEvent", #"id: "\#(event)", capacity: 3"#,
            "event { seatsTaken } promoted { id status }",
            gives: """
                "event": {"seatsTaken": 3},
                "promoted": [{"id": "\(places[2].id)", "status": "REGISTERED"}]
                """)
        try shop.check(
            "updateEvent", #"id: "\#(event)", capacity: null"#, "event { capacity seatsLeft }",
            gives: #""event": {"capacity": null, "seatsLeft": null}"#)
    }

    @Test func `registration is closed and opened again, what needs more has its own mutation`()
        throws
    {
        let shop = try Shop()
        let event = try shop.event()
        func become(_ status: String) -> String { #"id: "\#(event)", status: \#(status)"# }
        try shop.check(
            "updateEvent", become("REGISTRATION_CLOSED"), "event { status }",
            gives: #""event": {"status": "REGISTRATION_CLOSED"}"#)
        try refusesToRegister(
            shop, event, 0, "EVENT_CLOSED", "The event is REGISTRATION_CLOSED.")
        try shop.check(
            "updateEvent", become("PUBLISHED"), "event { status }",
            gives: #""event": {"status": "PUBLISHED"}"#)
        for status in ["FINISHED", "CANCELLED", "DRAFT"] {
            try shop.refuses(
                "updateEvent", become(status), "INVALID_TRANSITION",
                "The event is PUBLISHED, and is not made \(status) like this.", at: "status")
        }
    }

    // MARK: Registering

    @Test func `what cannot be registered says why`() throws {
        let shop = try Shop()
        let event = try shop.event(", capacity: 1, waitlistEnabled: true")
        try refusesToRegister(
            shop, event, 0, with: ", seats: 0", "INVALID", "There is no such number of seats as 0.",
            at: "seats")
        try refusesToRegister(
            shop, event, 0, with: ", seats: 2147483647", "INVALID",
            "There is no such number of seats as 2147483647.", at: "seats")
        try refusesToRegister(
            shop, event, 0, with: ", seats: 2", "EVENT_FULL", "The event has 1 free seats left.")
        _ = try shop.register(event, 0, #", ticketCode: "T-1""#)
        try refusesToRegister(
            shop, event, 0, "ALREADY_REGISTERED",
            "The member is registered for the event already.")
        try refusesToRegister(
            shop, event, 1, with: ", joinWaitlist: false", "EVENT_FULL",
            "The event has no free seats.")
        try refusesToRegister(
            shop, event, 1, with: #", ticketCode: "T-1""#, "UNIQUE_VIOLATION",
            "There is such a ticket already.", at: "ticketCode")
        try shop.check(
            "suspendMember", #"id: "\#(shop.members[1])", reason: "x""#, "member { status }",
            gives: #""member": {"status": "SUSPENDED"}"#)
        try refusesToRegister(
            shop, event, 1, "MEMBER_SUSPENDED", "The member \(shop.members[1]) is suspended.",
            at: "memberId")
        try shop.fixture.set(now: "2026-07-07T12:00:00Z")
        try refusesToRegister(shop, event, 2, "EVENT_CLOSED", "The event is PUBLISHED.")
        try shop.check(
            "cancelEvent", #"id: "\#(event)", reason: "rain""#, "event { status }",
            gives: #""event": {"status": "CANCELLED"}"#)
        try refusesToRegister(shop, event, 2, "EVENT_CANCELLED", "The event was called off.")
    }

    @Test func `I38 a member has one live registration, and a new one after giving it up`() throws {
        let shop = try Shop()
        let event = try shop.event()
        let first = try shop.register(event, 0)
        try shop.check(
            "cancelRegistration", #"id: "\#(first.id)", reason: "ill""#,
            "registration { status reason }",
            gives: #""registration": {"status": "CANCELLED", "reason": "ill"}"#)
        #expect(try shop.register(event, 0).status == "REGISTERED")
        try seats(event, taken: 1, left: nil, shop)
        try shop.shows(
            """
            eventRegistrations(filter: {event: {id: {eq: "\(event)"}}}, orderBy: [{seq: ASC}]) {
                nodes { seq status } }
            """,
            """
            "eventRegistrations": {"nodes": [{"seq": 1, "status": "CANCELLED"},
              {"seq": 2, "status": "REGISTERED"}]}
            """)
    }

    @Test func `I37 of a hundred who ask for the last seat exactly one gets it`() throws {
        let shop = try Shop(memberCount: 100)
        let event = try shop.event(", capacity: 1")
        var won = 0
        for member in shop.members {
            let answer = try shop.mutate(
                "registerForEvent", #"eventId: "\#(event)", memberId: "\#(member)""#)
            if answer.contains(#""userErrors":[]"#) { won += 1 }
        }
        #expect(won == 1)
        try seats(event, taken: 1, left: 0, shop)
    }

    // MARK: The waitlist

    @Test func `I39 a seat that falls free is offered in the same step to who waits first`() throws
    {
        let shop = try Shop(memberCount: 4)
        let event = try shop.event(", capacity: 1, waitlistEnabled: true, offerHours: 24")
        let places = try (0...2).map { try shop.register(event, $0) }
        try shop.shows(
            """
            eventRegistrations(filter: {event: {id: {eq: "\(event)"}}}, orderBy: [{seq: ASC}]) {
                nodes { status waitlistPosition } }
            """,
            """
            "eventRegistrations": {"nodes": [
              {"status": "REGISTERED", "waitlistPosition": null},
              {"status": "WAITLISTED", "waitlistPosition": 1},
              {"status": "WAITLISTED", "waitlistPosition": 2}]}
            """)
        try shop.check(
            "cancelRegistration", #"id: "\#(places[0].id)""#,
            "promoted { id status offeredUntil }",
            gives: """
                "promoted": [{"id": "\(places[1].id)", "status": "OFFERED",
                  "offeredUntil": "2026-07-01T12:00:00.000Z"}]
                """)
        try seats(event, taken: 1, left: 0, shop)
        // Nobody who comes later goes before those who wait.
        #expect(try shop.register(event, 3).status == "WAITLISTED")
        try shop.check(
            "confirmRegistrationOffer", #"id: "\#(places[1].id)""#,
            "registration { status offeredUntil }",
            gives: #""registration": {"status": "REGISTERED", "offeredUntil": null}"#)
        try shop.fixture.checkStore()
    }

    @Test func `an offer ends by the clock, is told as that, and goes to the next`() throws {
        let shop = try Shop()
        let event = try shop.event(", capacity: 1, waitlistEnabled: true, offerHours: 24")
        let places = try (0...2).map { try shop.register(event, $0).id }
        _ = try shop.mutate("cancelRegistration", #"id: "\#(places[0])""#)
        try shop.fixture.set(now: "2026-07-01T11:59:59.999Z")
        #expect(try shop.status(places[1]) == "OFFERED")
        try shop.fixture.set(now: "2026-07-01T12:00:00Z")
        try shop.refuses(
            "confirmRegistrationOffer", #"id: "\#(places[1])""#, "OFFER_EXPIRED",
            "The seat was offered until 2026-07-01T12:00:00.000Z.", at: "id")
        #expect(try places.map { try shop.status($0) } == ["CANCELLED", "EXPIRED", "OFFERED"])
        try seats(event, taken: 1, left: 0, shop)
        try shop.check(
            "cancelRegistration", #"id: "\#(places[2])""#, "promoted { id }",
            gives: #""promoted": []"#)
        try seats(event, taken: 0, left: 1, shop)
        try shop.refuses(
            "confirmRegistrationOffer", #"id: "\#(places[2])""#, "INVALID_TRANSITION",
            "The registration is CANCELLED.", at: "id")
        try shop.check(
            "runJob", #"job: WAITLIST_OFFERS, asOf: "2026-07-01T12:00:00Z""#, "processed",
            gives: #""processed": 0"#)
    }

    @Test func `a party waits for all its seats, and who fits goes first`() throws {
        let shop = try Shop(memberCount: 4)
        let event = try shop.event(
            ", capacity: 2, waitlistEnabled: true, offerHours: 0")
        let first = try shop.register(event, 0)
        _ = try shop.register(event, 1)
        let party = try shop.register(event, 2, ", seats: 2")
        let single = try shop.register(event, 3)
        try shop.check(
            "cancelRegistration", #"id: "\#(first.id)""#, "promoted { id status }",
            gives: #""promoted": [{"id": "\#(single.id)", "status": "REGISTERED"}]"#)
        #expect(try shop.status(party.id) == "WAITLISTED")
    }

    // MARK: Approval and fees

    @Test func `staff approve or reject, and a rejected seat is offered on`() throws {
        let shop = try Shop()
        let event = try shop.event(
            ", capacity: 2, waitlistEnabled: true, requiresApproval: true, offerHours: 1")
        let places = try (0...2).map { try shop.register(event, $0) }
        #expect(places.map(\.status) == ["AWAITING_APPROVAL", "AWAITING_APPROVAL", "WAITLISTED"])
        try shop.check(
            "approveRegistration", #"id: "\#(places[0].id)""#, "registration { status }",
            gives: #""registration": {"status": "REGISTERED"}"#)
        try shop.refuses(
            "approveRegistration", #"id: "\#(places[0].id)""#, "INVALID_TRANSITION",
            "The registration is REGISTERED.", at: "id")
        try shop.check(
            "rejectRegistration", #"id: "\#(places[1].id)", reason: "full table""#,
            "registration { status reason } promoted { id status }",
            gives: """
                "registration": {"status": "REJECTED", "reason": "full table"},
                "promoted": [{"id": "\(places[2].id)", "status": "OFFERED"}]
                """)
        try shop.refuses(
            "rejectRegistration", #"id: "\#(places[1].id)", reason: "x""#, "INVALID_TRANSITION",
            "The registration is REJECTED.", at: "id")
        try seats(event, taken: 2, left: 0, shop)
    }

    @Test func `a seat that costs is kept until it is paid, and lapses when it is not`() throws {
        let shop = try Shop()
        let event = try shop.event(
            ", capacity: 2, fee: \(shop.money(300)), paymentHours: 2")
        let (paid, unpaid) = (try shop.register(event, 0), try shop.register(event, 1))
        #expect([paid.status, unpaid.status] == ["PENDING_PAYMENT", "PENDING_PAYMENT"])
        func record(_ minor: Int64, _ subject: String, _ currency: String = "CNY") -> String {
            """
            purpose: EVENT_FEE, method: CARD, subjectId: "\(subject)",
            amount: {amountMinor: \(minor), currency: "\(currency)"}
            """
        }
        try shop.refuses(
            "recordPayment", record(299, paid.id), "NOT_PAID", "The fee was not paid.",
            at: "subjectId")
        try shop.refuses(
            "recordPayment", record(300, paid.id, "EUR"), "CURRENCY_MISMATCH",
            "The order is in CNY, not in EUR.", at: "subjectId")
        try shop.check(
            "recordPayment", record(300, paid.id),
            "registration { status keptUntil fee { amountMinor } payment { amount { amountMinor } } }",
            gives: """
                "registration": {"status": "REGISTERED", "keptUntil": null,
                  "fee": {"amountMinor": 300}, "payment": {"amount": {"amountMinor": 300}}}
                """)
        shop.fixture.advance(seconds: 7_200)
        #expect(try shop.status(unpaid.id) == "EXPIRED")
        try seats(event, taken: 1, left: 1, shop)
        try shop.refuses(
            "recordPayment", record(300, unpaid.id), "INVALID_TRANSITION",
            "The registration is EXPIRED.", at: "subjectId")
        try shop.shows(
            """
            event(id: "\(event)") { evaluation { registered revenue { amountMinor currency } } }
            """,
            """
            "event": {"evaluation": {"registered": 1,
              "revenue": {"amountMinor": 300, "currency": "CNY"}}}
            """)
    }

    @Test func `an offered seat is confirmed by its payment, which pays for nothing else`() throws {
        let shop = try Shop()
        let event = try shop.event(
            ", capacity: 1, waitlistEnabled: true, fee: \(shop.money(300))")
        let (first, second) = (try shop.register(event, 0), try shop.register(event, 1))
        _ = try shop.mutate("cancelRegistration", #"id: "\#(first.id)""#)
        let pay = #"method: CASH, amount: \#(shop.money(300))"#
        let fee = try shop.text("recordPayment", "purpose: EVENT_FEE, \(pay)", at: "payment.id")
        let dues = try shop.text(
            "recordPayment", "purpose: MEMBERSHIP_DUES, \(pay)", at: "payment.id")
        try shop.refuses(
            "confirmRegistrationOffer", #"id: "\#(second.id)", paymentId: "\#(dues)""#, "INVALID",
            "The payment is for something else.", at: "paymentId")
        try shop.check(
            "confirmRegistrationOffer", #"id: "\#(second.id)", paymentId: "\#(fee)""#,
            "registration { status }", gives: #""registration": {"status": "REGISTERED"}"#)
        let other = try shop.register(try shop.event(", fee: \(shop.money(300))"), 0)
        try shop.refuses(
            "confirmRegistrationOffer", #"id: "\#(other.id)", paymentId: "\#(fee)""#, "INVALID",
            "The payment is for something else.", at: "paymentId")
    }

    @Test func `the members' fee is for those whose membership is current`() throws {
        let shop = try Shop()
        let event = try shop.event(
            ", fee: \(shop.money(300)), memberFee: \(shop.money(200))")
        _ = try shop.text(
            "createMembershipType",
            """
            code: "Y", name: "Year", chapterId: "\(shop.chapter)", fee: \(shop.money(0))
            """, at: "membershipType.id")
        _ = try shop.text(
            "applyMembership", #"memberId: "\#(shop.members[0])", typeCode: "Y""#,
            at: "membership.id")
        _ = try (0...1).map { try shop.register(event, $0, ", seats: 2") }
        try shop.shows(
            "eventRegistrations(orderBy: [{seq: ASC}]) { nodes { fee { amountMinor } } }",
            """
            "eventRegistrations": {"nodes": [{"fee": {"amountMinor": 400}},
              {"fee": {"amountMinor": 600}}]}
            """)
    }

    // MARK: Giving up and passing on

    @Test func `members cancel until the deadline, staff also after it`() throws {
        let shop = try Shop()
        let event = try shop.event(#", cancelUntil: "2026-07-01T00:00:00Z""#)
        let place = try shop.register(event, 0)
        try shop.fixture.set(now: "2026-07-01T00:00:00Z")
        try shop.refuses(
            "cancelRegistration", #"id: "\#(place.id)""#, "CANCEL_DEADLINE_PASSED",
            "This could be done until 2026-07-01T00:00:00.000Z.", at: "id")
        try shop.refuses(
            "transferRegistration",
            #"id: "\#(place.id)", toMemberId: "\#(shop.members[1])""#, "CANCEL_DEADLINE_PASSED",
            "This could be done until 2026-07-01T00:00:00.000Z.", at: "id")
        try shop.check(
            "cancelRegistration", #"id: "\#(place.id)", byOrganizer: true"#,
            "registration { status }", gives: #""registration": {"status": "CANCELLED"}"#)
        try shop.refuses(
            "cancelRegistration", #"id: "\#(place.id)", byOrganizer: true"#, "INVALID_TRANSITION",
            "The registration is CANCELLED.", at: "id")
    }

    @Test func `a seat that is passed on has a new ticket, and the old one lets nobody in`() throws
    {
        let shop = try Shop()
        let event = try shop.event()
        let place = try shop.register(event, 0, #", ticketCode: "OLD""#)
        _ = try shop.register(event, 1)
        try shop.refuses(
            "transferRegistration", #"id: "\#(place.id)", toMemberId: "\#(shop.members[1])""#,
            "ALREADY_REGISTERED", "The member is registered for the event already.",
            at: "toMemberId")
        try shop.check(
            "transferRegistration", #"id: "\#(place.id)", toMemberId: "\#(shop.members[2])""#,
            "registration { status member { name } }",
            gives: #""registration": {"status": "REGISTERED", "member": {"name": "Member 2"}}"#)
        try shop.refuses(
            "checkIn", #"eventId: "\#(event)", ticketCode: "OLD", nonce: "n""#, "NOT_FOUND",
            "The event has no such ticket.", at: "ticketCode")
    }

    @Test func `calling an event off ends every registration and owes what was paid`() throws {
        let shop = try Shop()
        let event = try shop.event(
            ", capacity: 1, waitlistEnabled: true, fee: \(shop.money(300))")
        let (paid, waiting) = (try shop.register(event, 0), try shop.register(event, 1))
        let payment = try shop.text(
            "recordPayment",
            #"purpose: EVENT_FEE, method: CARD, subjectId: "\#(paid.id)", amount: \#(shop.money(300))"#,
            at: "payment.id")
        try shop.refuses(
            "cancelEvent", #"id: "\#(event)", reason: """#, "REQUIRED", "A reason must be given.",
            at: "reason")
        try shop.check(
            "cancelEvent", #"id: "\#(event)", reason: "rain""#,
            "event { status seatsTaken } cancelled { id status reason }",
            gives: """
                "event": {"status": "CANCELLED", "seatsTaken": 0}, "cancelled": [
                  {"id": "\(paid.id)", "status": "CANCELLED", "reason": "rain"},
                  {"id": "\(waiting.id)", "status": "CANCELLED", "reason": "rain"}]
                """)
        try shop.refuses(
            "cancelEvent", #"id: "\#(event)", reason: "rain""#, "INVALID_TRANSITION",
            "The event is CANCELLED.", at: "id")
        try shop.refuses(
            "updateEvent", #"id: "\#(event)", title: "Again""#, "EVENT_CANCELLED",
            "The event was called off.", at: "id")
        try shop.shows(
            #"payment(id: "\#(payment)") { status refundDue { amountMinor } }"#,
            #""payment": {"status": "SUCCEEDED", "refundDue": {"amountMinor": 300}}"#)
        try shop.check(
            "refundPayment", #"paymentId: "\#(payment)", reason: "rain""#,
            "payment { status refundDue { amountMinor } }",
            gives: #""payment": {"status": "REFUNDED", "refundDue": null}"#)
    }

    @Test func `who has a place hears of a promotion, of another time, and that it is off`() throws
    {
        let shop = try Shop()
        let event = try shop.event(", capacity: 1, waitlistEnabled: true, offerHours: 0")
        let (first, second) = (try shop.register(event, 0).id, try shop.register(event, 1).id)
        _ = try shop.mutate("cancelRegistration", #"id: "\#(first)""#)
        _ = try shop.mutate("updateEvent", #"id: "\#(event)", theme: "Tea""#)
        _ = try shop.mutate("updateEvent", #"id: "\#(event)", venue: "Hall 2""#)
        _ = try shop.mutate("cancelEvent", #"id: "\#(event)", reason: "rain""#)
        try shop.shows(
            """
            messages(orderBy: [{queuedAt: ASC}]) {
                nodes { member { name } registration { id } channel purpose status dedupeKey } }
            """,
            """
            "messages": {"nodes": [
              \(["PROMOTED", "MOVED 2026-07-07T10:00:00.000Z 1782820800000", "CANCELLED"].map {
                #"""
                {"member": {"name": "Member 1"}, "registration": {"id": "\#(second)"},
                 "channel": "PUSH", "purpose": "SERVICE", "status": "QUEUED",
                 "dedupeKey": "\#(second)|\#($0)"}
                """#
              }.joined(separator: ", "))]}
            """)
    }

    // MARK: At the door

    @Test func `the first entry makes a member one who came, and earns`() throws {
        let shop = try Shop()
        let program = try shop.program()
        let event = try shop.event()
        let place = try shop.register(event, 0, #", ticketCode: "T-1""#)
        try shop.fixture.set(now: "2026-07-07T10:05:00Z")
        let scan = #"eventId: "\#(event)", ticketCode: "T-1", device: "door 2""#
        let shown = """
            registration { id status } wasKnown points { type delta event { title } }
            checkIn { at direction device forced }
            """
        func gives(_ wasKnown: Bool, _ points: String) -> String {
            """
            "registration": {"id": "\(place.id)", "status": "ATTENDED"}, "wasKnown": \(wasKnown),
            "points": [\(points)], "checkIn": {"at": "2026-07-07T10:05:00.000Z",
              "direction": "ENTRY", "device": "door 2", "forced": false}
            """
        }
        try shop.check(
            "checkIn", #"\#(scan), nonce: "n1""#, shown,
            gives: gives(
                false, #"{"type": "EARN", "delta": 50, "event": {"title": "Tasting"}}"#))
        shop.fixture.advance(seconds: 60)
        // The device did not hear the answer.
        try shop.check("checkIn", #"\#(scan), nonce: "n1""#, shown, gives: gives(true, ""))
        #expect(try shop.spendable(in: program) == 50)
        try shop.shows(
            #"member(id: "\#(shop.members[0])") { activities(orderBy: [{at: DESC}], first: 1, filter: {type: {eq: EVENT_CHECKED_IN}}) { nodes { at } } }"#,
            #""member": {"activities": {"nodes": [{"at": "2026-07-07T10:05:00.000Z"}]}}"#)
        try shop.fixture.checkStore()
    }

    @Test func `I40 a ticket enters once, and as often as it likes where that is allowed`() throws {
        let shop = try Shop()
        for isAllowed in [false, true] {
            let event = try shop.event(", allowReentry: \(isAllowed)")
            _ = try shop.register(event, 0, #", ticketCode: "T-\#(isAllowed)""#)
            let scan = #"eventId: "\#(event)", ticketCode: "T-\#(isAllowed)""#
            try shop.refuses(
                "checkIn", #"\#(scan), nonce: "0", direction: EXIT"#, "INVALID_TRANSITION",
                "Whoever holds the ticket is not inside.", at: "ticketCode")
            for (nonce, direction) in [("1", "ENTRY"), ("2", "EXIT")] {
                try shop.check(
                    "checkIn", #"\#(scan), nonce: "\#(nonce)", direction: \#(direction)"#,
                    "checkIn { direction }",
                    gives: #""checkIn": {"direction": "\#(direction)"}"#)
            }
            if isAllowed {
                try shop.check(
                    "checkIn", #"\#(scan), nonce: "3""#, "wasKnown", gives: #""wasKnown": false"#)
            } else {
                try shop.refuses(
                    "checkIn", #"\#(scan), nonce: "3""#, "ALREADY_CHECKED_IN",
                    "The ticket was let in at 2026-06-30T12:00:00.000Z.", at: "ticketCode")
                try shop.check(
                    "checkIn", #"\#(scan), nonce: "3", force: true"#, "checkIn { forced }",
                    gives: #""checkIn": {"forced": true}"#)
            }
        }
    }

    @Test func `whoever has no seat is not let in, and hears why`() throws {
        let shop = try Shop(memberCount: 4)
        let program = try shop.program()
        let paid = try shop.event(", fee: \(shop.money(300))")
        let approved = try shop.event(", requiresApproval: true")
        let full = try shop.event(", capacity: 0, waitlistEnabled: true")
        _ = try shop.register(paid, 0, #", ticketCode: "P""#)
        _ = try shop.register(approved, 0, #", ticketCode: "A""#)
        func scan(_ event: String, _ code: String, _ nonce: String = "n") -> String {
            #"eventId: "\#(event)", ticketCode: "\#(code)", nonce: "\#(nonce)""#
        }
        try shop.refuses(
            "checkIn", scan(paid, "P"), "NOT_PAID", "The fee was not paid.", at: "ticketCode")
        try shop.refuses(
            "checkIn", scan(approved, "A"), "NOT_APPROVED", "The registration was not approved.",
            at: "ticketCode")
        try shop.refuses(
            "checkIn", scan(full, "P"), "NOT_FOUND", "The event has no such ticket.",
            at: "ticketCode")
        try shop.refuses(
            "checkIn", scan(paid, "P", ""), "REQUIRED",
            "A scan has a nonce, by which it is known again.", at: "nonce")
        try shop.refuses(
            "checkIn", #"\#(scan(paid, "P")), at: "2026-06-30T12:05:00.001Z""#, "INVALID",
            "The scan was made in the future.", at: "at")
        // A device without a line let the person in: it is written down, and earns nothing.
        try shop.check(
            "checkIn", #"\#(scan(paid, "P")), force: true"#,
            "registration { status } points { delta }",
            gives: #""registration": {"status": "PENDING_PAYMENT"}, "points": []"#)
        try shop.check(
            "cancelEvent", #"id: "\#(approved)", reason: "x""#, "event { status }",
            gives: #""event": {"status": "CANCELLED"}"#)
        try shop.refuses(
            "checkIn", scan(approved, "A"), "EVENT_CANCELLED", "The event was called off.",
            at: "ticketCode")
        #expect(
            try shop.fixture.number(
                "{ pointsEntries { totalCount } }", at: "pointsEntries.totalCount") == 0)
        _ = program
    }

    @Test func `closing settles everybody, and a scan that came late counts`() throws {
        let shop = try Shop(memberCount: 4)
        let event = try shop.event(", capacity: 2, waitlistEnabled: true, offerHours: 1000")
        for member in 0...2 { _ = try shop.register(event, member, ", ticketCode: \"T\(member)\"") }
        try shop.fixture.set(now: "2026-07-07T11:00:00Z")
        let scan = #"eventId: "\#(event)", nonce: "n""#
        try shop.check(
            "checkIn", #"\#(scan), ticketCode: "T0""#, "registration { status }",
            gives: #""registration": {"status": "ATTENDED"}"#)
        try shop.check(
            "closeEvent", #"id: "\#(event)""#,
            "event { status } changed { ticketCode status }",
            gives: """
                "event": {"status": "FINISHED"}, "changed": [
                  {"ticketCode": "T1", "status": "NO_SHOW"},
                  {"ticketCode": "T2", "status": "CANCELLED"}]
                """)
        try shop.refuses(
            "closeEvent", #"id: "\#(event)""#, "INVALID_TRANSITION", "The event is FINISHED.",
            at: "id")
        let evaluation = """
            event(id: "\(event)") { evaluation { registered attended noShow cancelled fillRate
                attendanceRate } }
            """
        func shows(attended: Int, noShow: Int, rate: String) throws {
            try shop.shows(
                evaluation,
                """
                "event": {"evaluation": {"registered": 2, "attended": \(attended),
                  "noShow": \(noShow), "cancelled": 1, "fillRate": 1, "attendanceRate": \(rate)}}
                """)
        }
        try shows(attended: 1, noShow: 1, rate: "0.5")
        try shop.fixture.set(now: "2026-07-07T12:30:00Z")
        try shop.check(
            "checkIn", #"\#(scan), ticketCode: "T1", at: "2026-07-07T11:30:00Z""#,
            "registration { status }", gives: #""registration": {"status": "ATTENDED"}"#)
        try shows(attended: 2, noShow: 0, rate: "1")
        try shop.fixture.set(now: "2026-07-09T12:00:00Z")
        try shop.refuses(
            "checkIn", #"eventId: "\#(event)", ticketCode: "T1", nonce: "late""#, "EVENT_CLOSED",
            "The event is FINISHED.", at: "ticketCode")
    }

    @Test func `an event is judged by those who answer`() throws {
        let shop = try Shop()
        let event = try shop.event()
        for (member, kind, score) in [
            (0, "EVENT_RATING", 5), (1, "EVENT_RATING", 2), (2, "NPS", 10),
        ] {
            try shop.check(
                "submitFeedback",
                """
                memberId: "\(shop.members[member])", kind: \(kind), score: \(score),
                subjectId: "\(event)"
                """, "feedback { score }", gives: #""feedback": {"score": \#(score)}"#)
        }
        try shop.shows(
            #"event(id: "\#(event)") { evaluation { invited csat nps fillRate attendanceRate } }"#,
            """
            "event": {"evaluation": {"invited": 0, "csat": 0.5, "nps": 1, "fillRate": null,
              "attendanceRate": null}}
            """)
    }
}
