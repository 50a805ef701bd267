/// What an event says about who may come and how.
///
/// Instants are milliseconds since 1970-01-01T00:00:00Z; an end is excluded.
struct EventRules: Equatable, Sendable {
    var status: EventStatus = .published
    var startsAt: Int64
    var endsAt: Int64
    /// Without limit when `nil`.
    var capacity: Int?
    var hasWaitlist = false
    /// Hours for which a freed seat is offered; 0 gives it at once.
    var offerHours: Int = 24
    var requiresApproval = false
    /// Until when members may cancel; until the event begins when `nil`.
    var cancelUntil: Int64?
    var allowsReentry = false
    /// For how long a seat is kept for somebody who has to pay; without end when `nil`.
    var paymentMilliseconds: Int64?
}

/// A member's place at an event.
struct Registration: Equatable, Sendable {
    var key: Int64
    var member: Int64
    var status: RegistrationStatus
    var seats: Int = 1
    /// I39: the waitlist goes by this, and then by `seq`.
    var registeredAt: Int64
    /// In the order in which they were written down.
    var seq: Int64
    /// Until when an offered seat, or one that is to be paid, is kept; excluded.
    var keptUntil: Int64?
    /// What it costs altogether, in minor units.
    var feeMinor: Int64 = 0
    var isPaid = false

    /// The status at `now`: an offer whose time is over has expired, whether a job said so or not.
    func status(at now: Int64) -> RegistrationStatus {
        guard status == .offered || status == .pendingPayment, let keptUntil else { return status }
        return keptUntil <= now ? .expired : status
    }
}

/// What somebody asks for who registers.
struct RegistrationRequest: Equatable, Sendable {
    var key: Int64
    var member: Int64
    var seats: Int = 1
    var seq: Int64
    var feeMinor: Int64 = 0
    /// Whether segment and tier let the member in at this moment.
    var isEligible = true
    var joinsWaitlist = true
}

/// The registrations of one event and what may happen to them.
///
/// **Invariants.** I37: seats taken ≤ capacity, unless staff forced the capacity below them.
/// I38: one live registration of a member. I39: the waitlist is served in the order of
/// `registeredAt` and `seq`. Seats that fall free are offered in the same step that frees them.
///
/// Each function takes the time it happens at, and first lets go of offers that are over by then.
/// A function that throws has changed nothing.
struct EventDesk: Equatable, Sendable {
    private(set) var rules: EventRules
    /// In any order.
    private(set) var registrations: [Registration]
    private let otherSeats: Int

    /// - Parameters:
    ///   - registrations: all of them; or, to change one of a large event, that one, those of the
    ///     same member, and whatever waits, is offered or is to be paid.
    ///   - otherSeats: the seats held by those left out.
    init(_ rules: EventRules, _ registrations: [Registration] = [], otherSeats: Int = 0) {
        self.rules = rules
        self.registrations = registrations
        self.otherSeats = max(otherSeats, 0)
    }

    /// O(registrations), as everything here.
    func seatsTaken(at now: Int64) -> Int {
        registrations.reduce(otherSeats) { taken, registration in
            guard registration.status(at: now).holdsSeats else { return taken }
            let (sum, isOver) = taken.addingReportingOverflow(registration.seats)
            return isOver ? .max : sum
        }
    }

    /// Never negative; `nil` without a limit.
    func seatsLeft(at now: Int64) -> Int? {
        rules.capacity.map { max($0 - min(seatsTaken(at: now), $0), 0) }
    }

    /// From 1; `nil` for a registration that does not wait.
    func waitlistPosition(of key: Int64) -> Int? {
        waitlist().firstIndex { registrations[$0].key == key }.map { $0 + 1 }
    }

    /// Places of those who wait, the first in line first.
    private func waitlist() -> [Int] {
        registrations.indices.filter { registrations[$0].status == .waitlisted }.sorted {
            let (left, right) = (registrations[$0], registrations[$1])
            return (left.registeredAt, left.seq) < (right.registeredAt, right.seq)
        }
    }

    // MARK: Registering

    /// A seat, a place in the queue for approval or payment, or one on the waitlist: all seats or
    /// none. Whoever comes while others wait goes behind them, even if there is a seat.
    ///
    /// - Throws: `seatCount`, `cancelled`, `closed`, `notEligible`, `alreadyRegistered`, `full`.
    mutating func register(
        _ request: RegistrationRequest, at now: Int64
    ) throws(EventRefusal) -> [Registration] {
        guard request.seats > 0 else { throw .seatCount(request.seats) }
        try checkOpen(at: now)
        guard request.isEligible else { throw .notEligible }
        let other = registrations.first {
            $0.member == request.member && $0.status(at: now).isLive
        }
        if let other { throw .alreadyRegistered(registration: other.key) }
        var desk = self
        let promoted = desk.settle(at: now)
        var registration = Registration(
            key: request.key, member: request.member, status: .waitlisted, seats: request.seats,
            registeredAt: now, seq: request.seq, feeMinor: request.feeMinor)
        let left = desk.seatsLeft(at: now)
        let fits = left.map { request.seats <= $0 } ?? true
        if fits && desk.waitlist().isEmpty {
            if rules.requiresApproval {
                registration.status = .awaitingApproval
            } else {
                desk.seat(&registration, at: now)
            }
        } else {
            // What is larger than the event would wait for ever.
            guard rules.hasWaitlist, request.joinsWaitlist,
                request.seats <= rules.capacity ?? .max
            else { throw .full(seatsLeft: left ?? 0) }
        }
        desk.registrations.append(registration)
        self = desk
        return promoted
    }

    private func checkOpen(at now: Int64) throws(EventRefusal) {
        switch rules.status {
        case .cancelled: throw .cancelled
        case .published where now < rules.endsAt: return
        default: throw .closed(rules.status)
        }
    }

    /// Registered, or with a fee that is not paid yet, waiting for it.
    private func seat(_ registration: inout Registration, at now: Int64) {
        if registration.feeMinor > 0 && !registration.isPaid {
            registration.status = .pendingPayment
            registration.keptUntil = rules.paymentMilliseconds.map { later(now, by: $0) }
        } else {
            registration.status = .registered
            registration.keptUntil = nil
        }
    }

    private func later(_ now: Int64, by milliseconds: Int64) -> Int64 {
        let (sum, isOver) = now.addingReportingOverflow(max(milliseconds, 0))
        return isOver ? .max : sum
    }

    // MARK: Promoting

    /// Lets go of what is over at `now`; where that frees seats, offers them to those who wait.
    ///
    /// - Returns: those promoted, in their order.
    mutating func settle(at now: Int64) -> [Registration] {
        var isFreed = false
        for place in registrations.indices {
            let status = registrations[place].status(at: now)
            guard status != registrations[place].status else { continue }
            registrations[place].status = status
            isFreed = true
        }
        return isFreed ? promote(at: now) : []
    }

    /// Gives free seats to those who wait: the first in line whose seats fit, then the next.
    ///
    /// A seat is offered for ``EventRules/offerHours``; with 0 hours it is given at once, to be
    /// paid where there is a fee. After the event, and when it is off, nobody is promoted.
    ///
    /// - Returns: those promoted, in their order.
    mutating func promote(at now: Int64) -> [Registration] {
        switch rules.status {
        case .published, .registrationClosed: break
        default: return []
        }
        guard now < rules.endsAt else { return [] }
        var promoted: [Registration] = []
        var left = seatsLeft(at: now) ?? .max
        for place in waitlist() {
            guard registrations[place].seats <= left else { continue }
            left -= registrations[place].seats
            if rules.offerHours > 0 {
                let hours = Int64(min(rules.offerHours, 1_000_000))
                registrations[place].status = .offered
                registrations[place].keptUntil = later(now, by: hours * 3_600_000)
            } else {
                seat(&registrations[place], at: now)
            }
            promoted.append(registrations[place])
        }
        return promoted
    }

    /// Another number of seats; more of them are offered at once.
    ///
    /// - Parameter isForced: whether it may be below the seats taken. Nobody loses a seat by it.
    /// - Throws: `capacityBelowTaken`, `seatCount` for a negative one.
    mutating func setCapacity(
        _ capacity: Int?, isForced: Bool = false, at now: Int64
    ) throws(EventRefusal) -> [Registration] {
        if let capacity {
            guard capacity >= 0 else { throw .seatCount(capacity) }
            let taken = seatsTaken(at: now)
            if capacity < taken && !isForced { throw .capacityBelowTaken(taken: taken) }
        }
        rules.capacity = capacity
        return settle(at: now) + promote(at: now)
    }

    // MARK: Changing one registration

    /// - Returns: its place and its status at `now`, which is the one it has from then on.
    private func find(
        _ key: Int64, at now: Int64
    ) throws(EventRefusal) -> (place: Int, status: RegistrationStatus) {
        guard let place = registrations.firstIndex(where: { $0.key == key }) else {
            throw .ticketUnknown
        }
        return (place, registrations[place].status(at: now))
    }

    /// Frees its seats and offers them on.
    ///
    /// - Parameter isByOrganizer: staff are not bound by the deadline. Neither is who only waits or
    ///   declines an offer.
    /// - Throws: `ticketUnknown`, `registration`, `deadlinePassed`.
    mutating func cancel(
        _ key: Int64, isByOrganizer: Bool = false, at now: Int64
    ) throws(EventRefusal) -> [Registration] {
        let (place, status) = try find(key, at: now)
        guard status.mayBecome(.cancelled) else { throw .registration(from: status) }
        let deadline = rules.cancelUntil ?? rules.startsAt
        if !isByOrganizer, status != .waitlisted, status != .offered, now >= deadline {
            throw .deadlinePassed(deadline)
        }
        registrations[place].status = .cancelled
        registrations[place].keptUntil = nil
        let promoted = settle(at: now)
        return status.holdsSeats ? promoted + promote(at: now) : promoted
    }

    /// Takes an offered seat; with a fee that is not paid, the payment is waited for.
    ///
    /// - Throws: `ticketUnknown`, `offerExpired`, `registration`.
    mutating func confirm(
        _ key: Int64, isPaid: Bool = false, at now: Int64
    ) throws(EventRefusal) -> [Registration] {
        let (place, status) = try find(key, at: now)
        guard registrations[place].status == .offered else { throw .registration(from: status) }
        guard status == .offered else {
            throw .offerExpired(until: registrations[place].keptUntil ?? now)
        }
        registrations[place].isPaid = registrations[place].isPaid || isPaid
        seat(&registrations[place], at: now)
        return settle(at: now)
    }

    /// The fee has been paid.
    ///
    /// - Throws: `ticketUnknown`, `registration` unless it waits for the fee.
    mutating func pay(_ key: Int64, at now: Int64) throws(EventRefusal) -> [Registration] {
        let (place, status) = try find(key, at: now)
        guard status == .pendingPayment else { throw .registration(from: status) }
        registrations[place].isPaid = true
        seat(&registrations[place], at: now)
        return settle(at: now)
    }

    /// Staff let it in. Where the seats have been taken away meanwhile, it goes on the waitlist.
    ///
    /// - Throws: `ticketUnknown`, `registration` unless it waits for approval.
    mutating func approve(_ key: Int64, at now: Int64) throws(EventRefusal) -> [Registration] {
        let (place, status) = try find(key, at: now)
        guard status == .awaitingApproval else { throw .registration(from: status) }
        let promoted = settle(at: now)
        if seatsTaken(at: now) > rules.capacity ?? .max {
            registrations[place].status = .waitlisted
        } else {
            seat(&registrations[place], at: now)
        }
        return promoted
    }

    /// Staff turn it away, and its seats are offered on.
    ///
    /// - Throws: `ticketUnknown`, `registration` unless it waits for approval.
    mutating func reject(_ key: Int64, at now: Int64) throws(EventRefusal) -> [Registration] {
        let (place, status) = try find(key, at: now)
        guard status == .awaitingApproval else { throw .registration(from: status) }
        registrations[place].status = .rejected
        return settle(at: now) + promote(at: now)
    }

    /// The seat goes to another member; who waits is not concerned.
    ///
    /// - Throws: `ticketUnknown`, `registration` unless it has its seat, `deadlinePassed`,
    ///   `notEligible`, `alreadyRegistered`.
    mutating func transfer(
        _ key: Int64, to member: Int64, isEligible: Bool, at now: Int64
    ) throws(EventRefusal) {
        let (place, status) = try find(key, at: now)
        guard status == .registered else { throw .registration(from: status) }
        let deadline = rules.cancelUntil ?? rules.startsAt
        if now >= deadline { throw .deadlinePassed(deadline) }
        guard isEligible else { throw .notEligible }
        let other = registrations.first { $0.member == member && $0.status(at: now).isLive }
        if let other { throw .alreadyRegistered(registration: other.key) }
        registrations[place].member = member
    }

    /// What a scan made of it; see ``CheckIn/decide(_:_:log:rules:at:)``.
    mutating func set(_ status: RegistrationStatus, of key: Int64) throws(EventRefusal) {
        let (place, current) = try find(key, at: .min)
        guard current.mayBecome(status) else { throw .registration(from: current) }
        registrations[place].status = status
    }

    // MARK: Changing the event

    /// - Throws: `event` unless it is a draft, `endsBeforeItStarts`.
    mutating func publish() throws(EventRefusal) {
        guard rules.status == .draft else { throw .event(from: rules.status) }
        guard rules.startsAt < rules.endsAt else { throw .endsBeforeItStarts }
        rules.status = .published
    }

    /// Everybody's registration ends, except where somebody has been there. Needs all of them.
    ///
    /// - Returns: those cancelled; fees of the paid ones are to be given back.
    mutating func cancelEvent(at now: Int64) throws(EventRefusal) -> [Registration] {
        guard rules.status.mayBecome(.cancelled) else { throw .event(from: rules.status) }
        _ = settle(at: now)
        rules.status = .cancelled
        var ended: [Registration] = []
        for place in registrations.indices
        where registrations[place].status.mayBecome(.cancelled) {
            registrations[place].status = .cancelled
            registrations[place].keptUntil = nil
            ended.append(registrations[place])
        }
        return ended
    }

    /// The event is over: who has a seat and was not scanned did not come; who waits for something
    /// waits no longer. Needs all of them.
    ///
    /// - Returns: those whose status changed.
    mutating func close(at now: Int64) throws(EventRefusal) -> [Registration] {
        guard rules.status.mayBecome(.finished) else { throw .event(from: rules.status) }
        rules.status = .finished
        _ = settle(at: now)
        var changed: [Registration] = []
        for place in registrations.indices {
            switch registrations[place].status {
            case .registered: registrations[place].status = .noShow
            case .offered, .pendingPayment: registrations[place].status = .expired
            case .waitlisted, .awaitingApproval: registrations[place].status = .cancelled
            default: continue
            }
            registrations[place].keptUntil = nil
            changed.append(registrations[place])
        }
        return changed
    }
}
