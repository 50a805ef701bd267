import Engine
import Store

/// What is common to the mutations of registrations: an event with those of its registrations that
/// matter, before and after a decision.
struct RegistrationDesk: BoundTables {
    let events: EventTable
    let registrations: RegistrationTable
    let payments: PaymentTable
    let members: MemberDesk
    let notices: EventNotices
    private let segments: SegmentDesk
    private let tiers: TierTable
    private let assignments: AssignmentTable
    private let memberships: RuleTable
    private let membershipStatus: EnumField<MembershipStatus>
    private let membershipsOfMember: RuleIndex

    init(_ binder: RuleBinder) {
        events = binder.shared()
        registrations = binder.shared()
        payments = binder.shared()
        members = binder.shared()
        notices = binder.shared()
        segments = binder.shared()
        tiers = binder.shared()
        assignments = binder.shared()
        let membership = binder.table("Membership")
        memberships = membership.table
        membershipStatus = membership("status")
        membershipsOfMember = membership.index(["member"], ordered: "startDate")
    }

    // MARK: Loading

    /// An event at work: what it was, and what a decision makes of it.
    struct OpenEvent {
        let event: RowRef
        let before: EventDesk
        var desk: EventDesk
    }

    /// An event with whatever waits, is offered or is to be paid, and what the parameters name; the
    /// rest only counts.
    ///
    /// - Parameters:
    ///   - registration: one that a decision is about.
    ///   - member: somebody whose registrations matter.
    func open(
        _ event: RowRef, registration: RowRef? = nil, member: RowRef? = nil, _ data: DataView
    ) -> OpenEvent {
        var refs: [RowRef] = []
        for status in [RegistrationStatus.waitlisted, .offered, .pendingPayment] {
            refs += data.rows(
                registrations.ofEventByStatus, .row(event), registrations.status.part(status))
        }
        if let member {
            refs += data.rows(registrations.ofEventAndMember, .row(event), .row(member))
        }
        if let registration { refs.append(registration) }
        var known: Set<RowRef> = []
        var loaded: [Registration] = []
        var taken = 0
        for ref in refs where known.insert(ref).inserted {
            let row = data.row(registrations.table, ref)
            loaded.append(registrations.registration(ref, row))
            if row[registrations.status].holdsSeats { taken += row[registrations.seats] }
        }
        let all = data.row(events.table, event)[events.seatsTaken]
        let desk = EventDesk(
            events.rules(event, data), loaded, otherSeats: all - taken)
        return OpenEvent(event: event, before: desk, desk: desk)
    }

    /// A registration by its id, and its event as far as it matters to that one.
    func open(
        _ id: String, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> (registration: RowRef, event: OpenEvent) {
        let registration = try call.row(id, in: registrations.table, at: field)
        let event = call.data.row(registrations.table, registration)[registrations.event]
        return (registration, open(event, registration: registration, call.data))
    }

    /// An event with all its registrations.
    func openWhole(_ event: RowRef, _ data: DataView) -> OpenEvent {
        var loaded: [Registration] = []
        data.forEach(registrations.ofEvent, .row(event)) { ref, row in
            loaded.append(registrations.registration(ref, row))
            return true
        }
        let desk = EventDesk(events.rules(event, data), loaded)
        return OpenEvent(event: event, before: desk, desk: desk)
    }

    // MARK: Writing

    /// Writes down what became of an event and its registrations; new ones are inserted before.
    ///
    /// - Parameter reason: of what the mutation is about.
    func save(
        _ open: OpenEvent, about subject: RowRef? = nil, reason: String? = nil, _ call: RuleCall
    ) throws(MutationStop) {
        let old = Dictionary(
            open.before.registrations.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for registration in open.desk.registrations {
            guard let before = old[registration.key], before != registration,
                let ref = Self.ref(registration.key)
            else { continue }
            call.audit(registrations.table, ref)
            try call.update(registrations.table, ref) { row in
                set(registration, row)
                if ref == subject, let reason { row[registrations.reason] = reason }
            }
            let isPromoted = before.status == .waitlisted && registration.status.holdsSeats
            if isPromoted { try notices.queue(.promoted, ref, call) }
        }
        let rules = open.desk.rules
        // What an `Int` of the schema can say.
        let taken = min(open.desk.seatsTaken(at: call.now), Int(Int32.max))
        let row = call.data.row(events.table, open.event)
        guard row[events.seatsTaken] != taken || open.before.rules != rules else { return }
        try call.update(events.table, open.event) { row in
            row[events.seatsTaken] = taken
            row[events.status] = rules.status
            row[events.capacity] = rules.capacity
        }
    }

    /// Sets what a decision may have changed.
    private func set(_ registration: Registration, _ row: RowBuilder) {
        let isKept = registration.status == .offered || registration.status == .pendingPayment
        row[registrations.status] = registration.status
        row[registrations.keptUntil] = isKept ? registration.keptUntil : nil
        // Of an offer that is over it stays known when it ended.
        if registration.status != .expired {
            row[registrations.offeredUntil] =
                registration.status == .offered ? registration.keptUntil : nil
        }
        if let member = Self.ref(registration.member) { row[registrations.member] = member }
    }

    /// Inserts the registration that a decision added, and writes down what else it changed.
    func insert(
        _ made: Registration, into open: OpenEvent, fee: Amount?, ticketCode: String,
        source: RowRef?, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let ref = try call.insert(registrations.table) { row in
            set(made, row)
            row[registrations.event] = open.event
            row[registrations.seats] = made.seats
            row[registrations.ticketCode] = ticketCode
            row[registrations.registeredAt] = made.registeredAt
            row[registrations.seq] = made.seq
            row[registrations.fee] = fee
            row[registrations.source] = source
        }
        call.auditNew(registrations.table, ref)
        try save(open, call)
        return ref
    }

    static func ref(_ key: Int64) -> RowRef? {
        UInt32(exactly: key).map { RowRef(rawValue: $0) }
    }

    static func refs(_ made: [Registration]) -> [RowRef] { made.compactMap { ref($0.key) } }

    /// Lets go of what is over, and offers what that frees.
    ///
    /// - Parameter isPromoting: whether free seats are offered even when nothing was over.
    /// - Returns: how many registrations changed.
    @discardableResult
    func settle(
        _ event: RowRef, promoting isPromoting: Bool = false, _ call: RuleCall
    ) throws(MutationStop) -> Int {
        var open = open(event, call.data)
        _ = open.desk.settle(at: call.now)
        if isPromoting { _ = open.desk.promote(at: call.now) }
        try save(open, call)
        var count = 0
        for (before, after) in zip(open.before.registrations, open.desk.registrations)
        where before != after {
            count += 1
        }
        return count
    }

    // MARK: Who may come, and for how much

    /// Whether segment and tier let a member in at this moment.
    func isEligible(_ member: RowRef, for event: RowRef, _ data: DataView) -> Bool {
        let row = data.row(events.table, event)
        if let audience = row[events.audience], !isMeant(member, by: audience, data) {
            return false
        }
        guard let lowest = row[events.minTier] else { return true }
        let tier = data.row(tiers.table, lowest)
        let held = assignments.last(member, tier[tiers.program], data).open
        guard let held, let ref = UInt32(exactly: held.tier) else { return false }
        return data.row(tiers.table, RowRef(rawValue: ref))[tiers.rank] >= tier[tiers.rank]
    }

    /// Whether a segment has a member now: one that is found by a rule is asked by the rule, as it
    /// may have been filled a day ago.
    private func isMeant(_ member: RowRef, by segment: RowRef, _ data: DataView) -> Bool {
        let row = data.row(segments.segments.table, segment)
        guard row[segments.segments.kind] == .dynamic, let rule = row[segments.segments.rule] else {
            return segments.contains(member, in: segment, data)
        }
        let id = data.id(member, of: members.members.table)
        do throws(FilterFault) {
            // Who may come is the club's to say, whatever the caller may see.
            let filter = try data.unguarded.filter(
                #"{"and": [\#(rule.text), {"id": {"eq": "\#(id)"}}]}"#, of: members.members.table)
            return !data.rows(filter).isEmpty
        } catch {
            // The schema has changed under the rule: the segment is as it was filled last.
            return segments.contains(member, in: segment, data)
        }
    }

    /// What so many seats cost a member: the members' fee is for those whose membership is current.
    /// - Returns: nil when nothing; a fee beyond 2^53 − 1 is refused by nobody and told as that.
    func fee(of member: RowRef, for event: RowRef, seats: Int, _ data: DataView) -> Amount? {
        let row = data.row(events.table, event)
        var fee = row[events.fee]
        if let memberFee = row[events.memberFee], isCurrent(member, data) { fee = memberFee }
        guard let fee, fee.minor > 0 else { return nil }
        let all = Exact.product(fee.minor, Int64(max(seats, 0))) ?? Exact.max
        return Amount(minor: all, currency: fee.currency)
    }

    private func isCurrent(_ member: RowRef, _ data: DataView) -> Bool {
        var isCurrent = false
        data.forEach(membershipsOfMember, .row(member), reversed: true) { _, row in
            isCurrent = row[membershipStatus].isCurrent
            return !isCurrent
        }
        return isCurrent
    }

    // MARK: Paying

    /// A payment makes an offered or unpaid seat the member's own.
    ///
    /// - Throws: `INVALID_TRANSITION`, `OFFER_EXPIRED`, and what ``check(_:for:at:_:)`` throws.
    @discardableResult
    func pay(
        _ registration: RowRef, with payment: RowRef, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        try check(payment, for: registration, at: field, call)
        let row = call.data.row(registrations.table, registration)
        var open = open(row[registrations.event], registration: registration, call.data)
        let isOffer = row[registrations.status] == .offered
        let key = Int64(registration.rawValue)
        let promoted = try call.attempt(at: field) { () throws(EventRefusal) in
            isOffer
                ? try open.desk.confirm(key, isPaid: true, at: call.now)
                : try open.desk.pay(key, at: call.now)
        }
        try save(open, call)
        try call.update(registrations.table, registration) { row in
            row[registrations.payment] = payment
        }
        return Self.refs(promoted)
    }

    /// - Throws: `INVALID` for a payment of something else, `CURRENCY_MISMATCH`, `NOT_PAID` for one
    ///   that is too small or did not succeed.
    func check(
        _ payment: RowRef, for registration: RowRef, at field: String, _ call: RuleCall
    ) throws(MutationStop) {
        let data = call.data
        let paid = data.row(payments.table, payment)
        let subject = data.id(registration, of: registrations.table)
        let isOther =
            paid[payments.purpose] != .eventFee
            || paid[payments.subjectID].map { $0 != subject } ?? false
            || data.rows(registrations.ofPayment, .row(payment)).contains { $0 != registration }
        if isOther {
            throw call.refuse(.invalid, "The payment is for something else.", at: field)
        }
        guard let fee = data.row(registrations.table, registration)[registrations.fee] else {
            return
        }
        let left = payments.left(of: payment, data)
        if left.currency != fee.currency {
            throw call.refuse(OrderRefusal.currency(left.currency, is: fee.currency), at: field)
        }
        if left.minor < fee.minor { throw call.refuse(EventRefusal.notPaid, at: field) }
    }

    /// Notes that the fee of a registration that is off is to be given back.
    func markRefundDue(_ registration: RowRef, _ call: RuleCall) throws(MutationStop) {
        let payment = call.data.row(registrations.table, registration)[registrations.payment]
        if let payment { try payments.markDue(payment, call) }
    }

    // MARK: Members who leave or become one

    /// Cancels the places that a member still has at events to come: somebody who leaves for good.
    func cancelAll(of member: RowRef, reason: String, _ call: RuleCall) throws(MutationStop) {
        for registration in call.data.rows(registrations.ofMember, .row(member)) {
            let row = call.data.row(registrations.table, registration)
            let event = row[registrations.event]
            let endsAt = call.data.row(events.table, event)[events.endsAt]
            guard endsAt > call.now, row[registrations.status].mayBecome(.cancelled) else {
                continue
            }
            var open = open(event, registration: registration, call.data)
            let key = Int64(registration.rawValue)
            _ = try call.attempt(at: "id") { () throws(EventRefusal) in
                try open.desk.cancel(key, isByOrganizer: true, at: call.now)
            }
            try save(open, about: registration, reason: reason, call)
            try markRefundDue(registration, call)
        }
    }

    /// After a merge: of two live places at one event the better one stays, the other is cancelled.
    ///
    /// - Parameter absorbed: the rows that came with the other member, not re-pointed yet.
    /// - Returns: the rows to re-point and, of those cancelled, what they were.
    func reconcile(
        from absorbed: RowRef, to survivor: RowRef, reason: String, _ call: RuleCall
    ) throws(MutationStop) -> (moved: [RowRef], cancelled: [(RowRef, RegistrationStatus)]) {
        let moved = call.data.rows(registrations.ofMember, .row(absorbed))
        var cancelled: [(RowRef, RegistrationStatus)] = []
        for theirs in moved {
            let data = call.data
            let row = data.row(registrations.table, theirs)
            let event = row[registrations.event]
            guard row[registrations.status].isLive else { continue }
            let own = data.rows(registrations.ofEventAndMember, .row(event), .row(survivor)).first {
                data.row(registrations.table, $0)[registrations.status].isLive
            }
            guard let own else { continue }
            let kept = Registration.kept(
                registrations.registration(own, data.row(registrations.table, own)),
                registrations.registration(theirs, row))
            let loser = Int64(own.rawValue) == kept.key ? theirs : own
            let status = data.row(registrations.table, loser)[registrations.status]
            guard status.mayBecome(.cancelled) else { continue }
            var open = open(event, registration: loser, data)
            let key = Int64(loser.rawValue)
            _ = try call.attempt(at: "absorbedId") { () throws(EventRefusal) in
                try open.desk.cancel(key, isByOrganizer: true, at: call.now)
            }
            try save(open, about: loser, reason: reason, call)
            cancelled.append((loser, status))
        }
        return (moved, cancelled)
    }
}
