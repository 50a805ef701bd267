import Bytes
import Testing

@testable import Membership

private let hour: Int64 = 3_600_000

struct EventDeskTests {
    private func desk(
        _ capacity: Int?, waitlist: Bool = true, offerHours: Int = 24, approval: Bool = false,
        reentry: Bool = false
    ) -> EventDesk {
        EventDesk(
            EventRules(
                startsAt: 1_000 * hour, endsAt: 1_010 * hour, capacity: capacity,
                hasWaitlist: waitlist, offerHours: offerHours, requiresApproval: approval,
                cancelUntil: 900 * hour, allowsReentry: reentry, paymentMilliseconds: 2 * hour))
    }

    private func request(_ key: Int64, seats: Int = 1, fee: Int64 = 0) -> RegistrationRequest {
        RegistrationRequest(key: key, member: 100 + key, seats: seats, seq: key, feeMinor: fee)
    }

    private func statuses(_ desk: EventDesk, at now: Int64) -> [RegistrationStatus] {
        desk.registrations.map { $0.status(at: now) }
    }

    private func refusal(
        _ body: () throws(EventRefusal) -> Void, _ location: SourceLocation = #_sourceLocation
    ) -> EventRefusal? {
        do throws(EventRefusal) {
            try body()
            Issue.record("accepted", sourceLocation: location)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the transitions are those of the table and no others`() {
        let table: [RegistrationStatus: [RegistrationStatus]] = [
            .awaitingApproval: [.pendingPayment, .registered, .waitlisted, .cancelled, .rejected],
            .pendingPayment: [.registered, .cancelled, .expired],
            .waitlisted: [.offered, .cancelled],
            .offered: [.pendingPayment, .registered, .cancelled, .expired],
            .registered: [.attended, .noShow, .cancelled],
            .noShow: [.attended],
        ]
        for from in RegistrationStatus.allCases {
            let allowed = RegistrationStatus.allCases.filter { from.mayBecome($0) }
            #expect(allowed == table[from] ?? [], "\(from)")
        }
        let events: [EventStatus: [EventStatus]] = [
            .draft: [.published, .cancelled],
            .published: [.registrationClosed, .running, .finished, .cancelled],
            .registrationClosed: [.published, .running, .finished, .cancelled],
            .running: [.finished, .cancelled],
            .finished: [.running],
        ]
        for from in EventStatus.allCases {
            #expect(EventStatus.allCases.filter { from.mayBecome($0) } == events[from] ?? [])
        }
    }

    @Test func `I37 seats are held by those who have or were offered one`() {
        #expect(
            RegistrationStatus.allCases.filter(\.holdsSeats) == [
                .awaitingApproval, .pendingPayment, .registered, .offered, .attended, .noShow,
            ])
        #expect(
            RegistrationStatus.allCases.filter(\.isLive) == [
                .awaitingApproval, .pendingPayment, .registered, .waitlisted, .offered, .attended,
                .noShow,
            ])
    }

    @Test func `registering gives a seat, or asks for approval or the fee`() throws {
        var free = desk(nil)
        _ = try free.register(request(1, seats: 500), at: 0)
        #expect(statuses(free, at: 0) == [.registered])
        #expect(free.seatsLeft(at: 0) == nil)
        var asking = desk(5, approval: true)
        _ = try asking.register(request(1, fee: 300), at: 0)
        #expect(statuses(asking, at: 0) == [.awaitingApproval])
        _ = try asking.approve(1, at: 0)
        #expect(statuses(asking, at: 0) == [.pendingPayment])
        _ = try asking.pay(1, at: hour)
        #expect(statuses(asking, at: 90 * hour) == [.registered])
        var late = desk(1)
        _ = try late.register(request(1, fee: 300), at: 0)
        #expect(statuses(late, at: 2 * hour - 1) == [.pendingPayment])
        #expect(statuses(late, at: 2 * hour) == [.expired])
        #expect(
            refusal { () throws(EventRefusal) in _ = try late.pay(1, at: 2 * hour) }
                == .registration(from: .expired))
        _ = try late.register(request(2), at: 2 * hour)
        #expect(statuses(late, at: 2 * hour) == [.expired, .registered])
    }

    @Test func `what cannot be registered says why`() throws {
        func error(
            _ desk: EventDesk, _ request: RegistrationRequest, at now: Int64 = 0
        ) -> EventRefusal? {
            var desk = desk
            let before = desk
            let refusal = refusal { () throws(EventRefusal) in
                _ = try desk.register(request, at: now)
            }
            #expect(desk == before)
            return refusal
        }
        let open = desk(2, waitlist: false)
        #expect(error(open, request(1, seats: 0)) == .seatCount(0))
        #expect(error(open, request(1, seats: 3)) == .full(seatsLeft: 2))
        #expect(error(desk(2), request(1, seats: 3)) == .full(seatsLeft: 2))
        #expect(error(open, request(1), at: 1_010 * hour) == .closed(.published))
        var stranger = request(1)
        stranger.isEligible = false
        #expect(error(open, stranger) == .notEligible)
        for status in EventStatus.allCases where status != .published {
            var rules = open.rules
            rules.status = status
            #expect(
                error(EventDesk(rules), request(1))
                    == (status == .cancelled ? .cancelled : .closed(status)))
        }
        var taken = open
        _ = try taken.register(request(1), at: 0)
        var again = request(2)
        again.member = 101
        #expect(error(taken, again) == .alreadyRegistered(registration: 1))
        _ = try taken.register(request(3), at: 0)
        #expect(error(taken, request(4)) == .full(seatsLeft: 0))
        var full = desk(0)
        var direct = request(1)
        direct.joinsWaitlist = false
        #expect(error(full, direct) == .full(seatsLeft: 0))
        full = desk(1)
        _ = try full.register(request(2), at: 0)
        #expect(error(full, direct) == .full(seatsLeft: 0))
    }

    @Test func `a freed seat is offered to the first in line and nobody jumps in`() throws {
        var desk = desk(1)
        for key in Int64(1)...3 { _ = try desk.register(request(key), at: key) }
        #expect(statuses(desk, at: 9) == [.registered, .waitlisted, .waitlisted])
        #expect(desk.waitlistPosition(of: 3) == 2)
        let promoted = try desk.cancel(1, at: 10)
        #expect(promoted.map(\.key) == [2])
        #expect(statuses(desk, at: 10) == [.cancelled, .offered, .waitlisted])
        _ = try desk.register(request(4), at: 11)
        #expect(desk.registrations[3].status == .waitlisted)
        _ = try desk.confirm(2, at: 12)
        #expect(statuses(desk, at: 12) == [.cancelled, .registered, .waitlisted, .waitlisted])
    }

    @Test func `an offer ends by the clock and goes to the next`() throws {
        var desk = desk(1)
        for key in Int64(1)...3 { _ = try desk.register(request(key), at: 0) }
        _ = try desk.cancel(1, at: 0)
        #expect(desk.registrations[1].keptUntil == 24 * hour)
        #expect(desk.seatsTaken(at: 24 * hour - 1) == 1)
        #expect(desk.seatsTaken(at: 24 * hour) == 0)
        let before = desk
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.confirm(2, at: 24 * hour) }
                == .offerExpired(until: 24 * hour))
        #expect(desk == before)
        // Somebody new comes first, but not before those who wait.
        let promoted = try desk.register(request(4), at: 30 * hour)
        #expect(promoted.map(\.key) == [3])
        #expect(
            statuses(desk, at: 30 * hour) == [.cancelled, .expired, .offered, .waitlisted])
        #expect(desk.registrations[2].keptUntil == 54 * hour)
        _ = try desk.cancel(3, at: 31 * hour)
        #expect(desk.registrations[3].status == .offered)
    }

    @Test func `without hours to decide a seat is given at once, to be paid where it costs`() throws
    {
        var desk = desk(1, offerHours: 0)
        _ = try desk.register(request(1), at: 0)
        _ = try desk.register(request(2), at: 0)
        _ = try desk.register(request(3, fee: 50), at: 0)
        #expect(try desk.cancel(1, at: 5).map(\.status) == [.registered])
        let next = try desk.cancel(2, at: 6)
        #expect(next.map(\.status) == [.pendingPayment])
        #expect(next.map(\.keptUntil) == [6 + 2 * hour])
    }

    @Test func `a party waits for all its seats, and who fits goes first`() throws {
        var desk = desk(3)
        _ = try desk.register(request(1, seats: 2), at: 0)
        _ = try desk.register(request(2), at: 0)
        _ = try desk.register(request(3, seats: 3), at: 0)
        _ = try desk.register(request(4), at: 0)
        #expect(try desk.cancel(2, at: 1).map(\.key) == [4])
        #expect(try desk.cancel(4, at: 2) == [])
        // One seat is free, but three wait before.
        _ = try desk.register(request(5), at: 3)
        #expect(desk.registrations[4].status == .waitlisted)
        #expect(try desk.cancel(1, at: 4).map(\.key) == [3])
    }

    @Test func `raising the capacity promotes, lowering it evicts nobody`() throws {
        var desk = desk(1, offerHours: 0)
        for key in Int64(1)...4 { _ = try desk.register(request(key), at: 0) }
        #expect(try desk.setCapacity(3, at: 1).map(\.key) == [2, 3])
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.setCapacity(2, at: 2) }
                == .capacityBelowTaken(taken: 3))
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.setCapacity(-1, at: 2) }
                == .seatCount(-1))
        #expect(try desk.setCapacity(2, isForced: true, at: 2) == [])
        #expect(desk.seatsTaken(at: 2) == 3)
        #expect(desk.seatsLeft(at: 2) == 0)
        // One leaves, but two remain on two seats: the last in line still waits.
        #expect(try desk.cancel(1, at: 3) == [])
        #expect(try desk.cancel(2, at: 3).map(\.key) == [4])
        #expect(try desk.setCapacity(nil, at: 4) == [])
    }

    @Test func `an approval that finds no seat waits for one`() throws {
        var desk = desk(2, approval: true)
        _ = try desk.register(request(1), at: 0)
        _ = try desk.register(request(2), at: 0)
        _ = try desk.setCapacity(1, isForced: true, at: 1)
        _ = try desk.approve(1, at: 2)
        #expect(statuses(desk, at: 2) == [.waitlisted, .awaitingApproval])
        #expect(try desk.reject(2, at: 3).map(\.key) == [1])
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.approve(2, at: 4) }
                == .registration(from: .rejected))
    }

    @Test func `members cancel until the deadline, staff and those who wait also after it`() throws
    {
        var desk = desk(1)
        _ = try desk.register(request(1), at: 0)
        _ = try desk.register(request(2), at: 0)
        let late = 900 * hour
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.cancel(1, at: late) }
                == .deadlinePassed(late))
        _ = try desk.cancel(2, at: late)
        _ = try desk.cancel(1, isByOrganizer: true, at: late)
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.cancel(1, at: late) }
                == .registration(from: .cancelled))
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.cancel(77, at: 0) }
                == .ticketUnknown)
    }

    @Test func `a seat may be passed on, the waitlist is not concerned`() throws {
        var desk = desk(1)
        _ = try desk.register(request(1), at: 0)
        _ = try desk.register(request(2), at: 0)
        try desk.transfer(1, to: 555, isEligible: true, at: 1)
        #expect(desk.registrations[0].member == 555)
        #expect(statuses(desk, at: 1) == [.registered, .waitlisted])
        #expect(
            refusal { () throws(EventRefusal) in
                try desk.transfer(1, to: 102, isEligible: true, at: 1)
            } == .alreadyRegistered(registration: 2))
        #expect(
            refusal { () throws(EventRefusal) in
                try desk.transfer(1, to: 556, isEligible: false, at: 1)
            } == .notEligible)
        #expect(
            refusal { () throws(EventRefusal) in
                try desk.transfer(2, to: 556, isEligible: true, at: 1)
            } == .registration(from: .waitlisted))
        #expect(
            refusal { () throws(EventRefusal) in
                try desk.transfer(1, to: 556, isEligible: true, at: 900 * hour)
            } == .deadlinePassed(900 * hour))
    }

    @Test func `closing settles everybody, calling off ends everything`() throws {
        var desk = desk(3, offerHours: 5)
        for key in Int64(1)...4 { _ = try desk.register(request(key), at: 0) }
        try desk.set(.attended, of: 1)
        _ = try desk.cancel(2, at: 800 * hour)
        _ = try desk.register(request(5), at: 800 * hour)
        var off = desk
        #expect(
            statuses(desk, at: 800 * hour)
                == [.attended, .cancelled, .registered, .offered, .waitlisted])
        #expect(try desk.close(at: 801 * hour).map(\.key) == [3, 4, 5])
        #expect(
            statuses(desk, at: 801 * hour)
                == [.attended, .cancelled, .noShow, .expired, .cancelled])
        #expect(
            refusal { () throws(EventRefusal) in _ = try desk.close(at: 0) }
                == .event(from: .finished))
        #expect(try off.cancelEvent(at: 801 * hour).map(\.key) == [3, 4, 5])
        #expect(
            statuses(off, at: 801 * hour)
                == [.attended, .cancelled, .cancelled, .cancelled, .cancelled])
        let evaluation = EventEvaluation(desk, invited: 9, at: 801 * hour)
        #expect(
            [evaluation.invited, evaluation.registered, evaluation.attended, evaluation.noShow]
                == [9, 2, 1, 1])
        #expect(evaluation.fill == Ratio(2, 3))
        #expect(evaluation.attendance.value == 0.5)
        #expect(evaluation.attendance.rest.value == 0.5)
        #expect(EventEvaluation(self.desk(nil), at: 0).fill.value == nil)
        #expect(EventEvaluation(self.desk(0), at: 0).attendance.value == nil)
    }

    @Test func `when two members become one, the registration that came further is kept`() {
        func one(_ status: RegistrationStatus, _ seq: Int64) -> Registration {
            Registration(key: seq, member: seq, status: status, registeredAt: 0, seq: seq)
        }
        #expect(Registration.kept(one(.waitlisted, 1), one(.registered, 2)).key == 2)
        #expect(Registration.kept(one(.attended, 2), one(.registered, 1)).key == 2)
        #expect(Registration.kept(one(.registered, 2), one(.registered, 1)).key == 1)
        #expect(Registration.kept(one(.cancelled, 1), one(.waitlisted, 2)).key == 2)
    }

    @Test func `a draft is published when it ends after it begins`() throws {
        var rules = EventRules(status: .draft, startsAt: 10, endsAt: 10)
        var desk = EventDesk(rules)
        #expect(refusal { () throws(EventRefusal) in try desk.publish() } == .endsBeforeItStarts)
        rules.endsAt = 11
        desk = EventDesk(rules)
        try desk.publish()
        #expect(desk.rules.status == .published)
        #expect(
            refusal { () throws(EventRefusal) in try desk.publish() }
                == .event(from: .published))
    }

    /// The rules of a free event without offers, written down as simply as they can be.
    private struct Naive {
        struct Person { var key: Int64; var seats: Int; var isIn: Bool }
        var capacity: Int
        var people: [Person] = []

        var free: Int { capacity - people.filter(\.isIn).map(\.seats).reduce(0, +) }

        mutating func register(_ key: Int64, _ seats: Int) -> Bool {
            let isIn = seats <= free && !people.contains { !$0.isIn }
            guard isIn || seats <= capacity else { return false }
            people.append(Person(key: key, seats: seats, isIn: isIn))
            return true
        }

        mutating func promote() {
            for place in people.indices where !people[place].isIn && people[place].seats <= free {
                people[place].isIn = true
            }
        }

        mutating func cancel(_ key: Int64) {
            guard let place = people.firstIndex(where: { $0.key == key }) else { return }
            let wasIn = people.remove(at: place).isIn
            if wasIn { promote() }
        }
    }

    @Test func `I37 to I39 a desk does what a naive list of people does`() {
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed: seed)
            var naive = Naive(capacity: random.number(in: 0...8))
            var desk = desk(naive.capacity, offerHours: 0)
            for step in Int64(1)...80 {
                switch random.number(in: 0...9) {
                case 0...4:
                    let seats = random.number(in: 1...3)
                    let isTaken = naive.register(step, seats)
                    let request = request(step, seats: seats)
                    let did = (try? desk.register(request, at: step)) != nil
                    #expect(did == isTaken, "seed \(seed), step \(step)")
                case 5...7:
                    guard let person = naive.people.randomElement(using: &random) else { continue }
                    naive.cancel(person.key)
                    #expect((try? desk.cancel(person.key, at: step)) != nil, "seed \(seed)")
                default:
                    let capacity = random.number(in: 0...10)
                    guard (try? desk.setCapacity(capacity, at: step)) != nil else {
                        #expect(capacity < naive.capacity - naive.free, "seed \(seed)")
                        continue
                    }
                    naive.capacity = capacity
                    naive.promote()
                }
                let live = desk.registrations.filter { $0.status.isLive }
                #expect(
                    live.map { "\($0.key) \($0.status == .registered)" }
                        == naive.people.map { "\($0.key) \($0.isIn)" }, "seed \(seed), step \(step)"
                )
                #expect(desk.seatsTaken(at: step) <= naive.capacity, "seed \(seed), step \(step)")
            }
        }
    }

    private enum Step {
        case register(RegistrationRequest)
        case cancel(Int64)
        case confirm(Int64)
        case pay(Int64)
        case capacity(Int)
    }

    private func take(
        _ step: Step, _ desk: inout EventDesk, at now: Int64
    ) throws(EventRefusal) -> [Registration] {
        switch step {
        case .register(let request): try desk.register(request, at: now)
        case .cancel(let key): try desk.cancel(key, at: now)
        case .confirm(let key): try desk.confirm(key, at: now)
        case .pay(let key): try desk.pay(key, at: now)
        case .capacity(let capacity): try desk.setCapacity(capacity, at: now)
        }
    }

    @Test func `who has a seat for good may be left out and counted instead`() {
        for seed in UInt64(1)...100 {
            var random = SeededRandom(seed: seed)
            var desk = desk(random.number(in: 1...8), offerHours: random.number(in: 0...2))
            var now: Int64 = 0
            for number in Int64(1)...60 {
                now += Int64(random.number(in: 0...2)) * hour / 2
                let key = Int64(random.number(in: 1...Int(number)))
                var request = request(number, seats: random.number(in: 1...2))
                request.feeMinor = random.chance(percent: 40) ? 500 : 0
                request.member = Int64(random.number(in: 1...20))
                let step: Step =
                    switch random.number(in: 0...6) {
                    case 0...2: .register(request)
                    case 3: .cancel(key)
                    case 4: .confirm(key)
                    case 5: .pay(key)
                    default: .capacity(random.number(in: 0...8))
                    }
                let isLeftOut = { (one: Registration) in
                    (one.status == .registered || !one.status.isLive)
                        && one.key != key && one.member != request.member
                }
                let others = desk.registrations.filter(isLeftOut)
                var part = EventDesk(
                    desk.rules, desk.registrations.filter { !isLeftOut($0) },
                    otherSeats: others.filter(\.status.holdsSeats).map(\.seats).reduce(0, +))
                let whole = Result { () throws(EventRefusal) in try take(step, &desk, at: now) }
                let alone = Result { () throws(EventRefusal) in try take(step, &part, at: now) }
                let changed = desk.registrations.filter { one in !others.contains { $0 == one } }
                let isSame =
                    whole == alone && changed == part.registrations
                    && desk.seatsTaken(at: now) == part.seatsTaken(at: now)
                #expect(isSame, "seed \(seed), step \(number)")
            }
        }
    }

    @Test func `I37 and I38 hold with offers, fees and approval, whatever happens when`() {
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed: seed)
            var desk = desk(
                random.number(in: 0...6), offerHours: random.number(in: 0...3),
                approval: random.chance(percent: 30))
            var now: Int64 = 0
            for step in Int64(1)...120 {
                now += Int64(random.number(in: 0...2)) * hour / 2
                let before = desk
                let key = Int64(random.number(in: 1...Int(step)))
                do throws(EventRefusal) {
                    var promoted: [Registration] = []
                    switch random.number(in: 0...9) {
                    case 0...3:
                        var request = request(step, seats: random.number(in: 1...2))
                        request.member = Int64(random.number(in: 1...20))
                        request.feeMinor = random.chance(percent: 40) ? 500 : 0
                        promoted = try desk.register(request, at: now)
                    case 4: promoted = try desk.cancel(key, isByOrganizer: true, at: now)
                    case 5: promoted = try desk.confirm(key, at: now)
                    case 6: promoted = try desk.pay(key, at: now)
                    case 7: promoted = try desk.approve(key, at: now)
                    case 8:
                        promoted = try desk.setCapacity(random.number(in: 0...8), at: now)
                    default: promoted = desk.settle(at: now)
                    }
                    // Who is promoted has waited, and for longer than whoever waits on.
                    for one in promoted {
                        #expect(
                            before.registrations.contains {
                                $0.key == one.key && $0.status == .waitlisted
                            }, "seed \(seed), step \(step)")
                    }
                } catch {
                    #expect(desk == before, "seed \(seed), step \(step)")
                }
                #expect(
                    desk.seatsTaken(at: now) <= desk.rules.capacity ?? .max,
                    "seed \(seed), step \(step)")
                let members = desk.registrations.filter { $0.status(at: now).isLive }.map(\.member)
                #expect(Set(members).count == members.count, "seed \(seed), step \(step)")
                for (old, new) in zip(before.registrations, desk.registrations)
                where old.status != new.status {
                    // One step, or through an offer that is taken at once.
                    let isAllowed =
                        old.status.mayBecome(new.status)
                        || old.status == .waitlisted
                            && RegistrationStatus.offered.mayBecome(new.status)
                    #expect(isAllowed, "seed \(seed), step \(step): \(old) \(new)")
                }
            }
        }
    }
}
