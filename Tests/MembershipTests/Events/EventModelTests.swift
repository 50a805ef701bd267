import Bytes
import Testing

@testable import Membership

/// A list of people as one would keep it on paper: the model of an event.
private struct PaperList {
    struct Person: Equatable {
        var member: Int
        var seats: Int
        var status: String
        /// The second in which an offer ends.
        var until: Int64?
    }

    var capacity: Int
    let offerSeconds: Int64
    var people: [Person] = []

    var taken: Int {
        people.reduce(0) { $0 + (["REGISTERED", "OFFERED"].contains($1.status) ? $1.seats : 0) }
    }

    mutating func promote(at now: Int64) {
        for place in people.indices where people[place].status == "WAITLISTED" {
            guard taken + people[place].seats <= capacity else { continue }
            if offerSeconds == 0 {
                people[place].status = "REGISTERED"
            } else {
                people[place].status = "OFFERED"
                people[place].until = now + offerSeconds
            }
        }
    }

    /// Offers end one by one, each at its moment; what that frees goes on when somebody looks.
    mutating func look(at now: Int64) {
        var isFreed = false
        for place in people.indices where people[place].status == "OFFERED" {
            guard let until = people[place].until, until <= now else { continue }
            people[place].status = "EXPIRED"
            isFreed = true
        }
        if isFreed { promote(at: now) }
    }

    /// - Returns: whether the person is on the list now.
    mutating func register(_ member: Int, seats: Int, waits: Bool) -> Bool {
        let isThere = people.contains {
            $0.member == member && ["REGISTERED", "OFFERED", "WAITLISTED"].contains($0.status)
        }
        if isThere { return false }
        let isFree =
            taken + seats <= capacity && !people.contains { $0.status == "WAITLISTED" }
        guard isFree || waits && seats <= capacity else { return false }
        people.append(
            Person(
                member: member, seats: seats, status: isFree ? "REGISTERED" : "WAITLISTED",
                until: nil))
        return true
    }
}

struct EventModelTests {
    @Test(arguments: [0, 5]) func `I37 to I39 an event does what a list on paper does`(
        offerHours: Int
    ) throws {
        let seed = UInt64.random(in: .min ... .max)
        print("event seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let shop = try Shop(memberCount: 12)
        let event = try shop.event(
            ", capacity: 4, waitlistEnabled: true, offerHours: \(offerHours)")
        var paper = PaperList(capacity: 4, offerSeconds: Int64(offerHours) * 3_600)
        var ids: [String] = []
        var now: Int64 = 0
        for step in 0..<250 {
            paper.look(at: now)
            switch dice.number(in: 0...9) {
            case 0...4:
                let (member, seats) = (dice.number(in: 0...11), dice.number(in: 1...3))
                let waits = dice.chance(percent: 80)
                let isIn = paper.register(member, seats: seats, waits: waits)
                let answer = try shop.mutate(
                    "registerForEvent",
                    """
                    eventId: "\(event)", memberId: "\(shop.members[member])", seats: \(seats),
                    joinWaitlist: \(waits), ticketCode: "T\(step)"
                    """, "registration { id }")
                #expect(answer.contains(#""userErrors":[]"#) == isIn, "\(step) \(answer)")
                if isIn {
                    ids.append(
                        try shop.fixture.text(
                            #"{ eventRegistrationByTicketCode(ticketCode: "T\#(step)") { id } }"#,
                            at: "eventRegistrationByTicketCode.id"))
                }
            case 5, 6:
                guard !ids.isEmpty else { continue }
                let place = dice.number(in: 0...ids.count - 1)
                let old = paper.people[place].status
                _ = try shop.mutate("cancelRegistration", #"id: "\#(ids[place])""#)
                guard ["REGISTERED", "OFFERED", "WAITLISTED"].contains(old) else { continue }
                paper.people[place].status = "CANCELLED"
                if old != "WAITLISTED" { paper.promote(at: now) }
            case 7:
                guard !ids.isEmpty else { continue }
                let place = dice.number(in: 0...ids.count - 1)
                _ = try shop.mutate("confirmRegistrationOffer", #"id: "\#(ids[place])""#)
                if paper.people[place].status == "OFFERED" {
                    paper.people[place].status = "REGISTERED"
                }
            case 8:
                let capacity = dice.number(in: 2...7)
                _ = try shop.mutate("updateEvent", #"id: "\#(event)", capacity: \#(capacity)"#)
                if capacity >= paper.taken {
                    paper.capacity = capacity
                    paper.promote(at: now)
                }
            default:
                let seconds = Int64(dice.number(in: 1...12_000))
                now += seconds
                shop.fixture.advance(seconds: seconds)
                paper.look(at: now)
            }
            let rows = try shop.fixture.value(
                """
                { event(id: "\(event)") { seatsTaken capacity
                    registrations(first: 1000, orderBy: [{seq: ASC}]) { nodes { status seats } } } }
                """, at: "event")
            let row = try #require(rows as? [String: Any])
            let nodes = (row["registrations"] as? [String: Any])?["nodes"] as? [[String: Any]]
            let statuses = (nodes ?? []).map { $0["status"] as? String ?? "" }
            #expect(statuses == paper.people.map(\.status), "step \(step), seed \(seed)")
            #expect(row["seatsTaken"] as? Int == paper.taken, "step \(step), seed \(seed)")
            #expect(paper.taken <= paper.capacity)
            if statuses != paper.people.map(\.status) { return }
        }
        try shop.fixture.checkStore()
    }
}
