import Engine
import Store

extension EventStatus: SchemaEnum {}
extension RegistrationStatus: SchemaEnum {}
extension CheckInDirection: SchemaEnum {}

/// The events.
struct EventTable: BoundTables {
    let table: RuleTable
    let title: RowField<String>
    let theme: RowField<String?>
    let chapter: RowField<RowRef>
    let status: EnumField<EventStatus>
    let startsAt: RowField<Int64>
    let endsAt: RowField<Int64>
    let venue: RowField<String?>
    let audience: RowField<RowRef?>
    let minTier: RowField<RowRef?>
    let fee: ValueField<Amount>
    let memberFee: ValueField<Amount>
    let capacity: RowField<Int?>
    let seatsTaken: RowField<Int>
    let waitlistEnabled: RowField<Bool>
    let offerHours: RowField<Int>
    let paymentHours: RowField<Int?>
    let requiresApproval: RowField<Bool>
    let cancelUntil: RowField<Int64?>
    let allowReentry: RowField<Bool>
    let byStatus: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Event")
        table = row.table
        title = row("title")
        theme = row("theme")
        chapter = row("chapter")
        status = row("status")
        startsAt = row("startsAt")
        endsAt = row("endsAt")
        venue = row("venue")
        audience = row("audience")
        minTier = row("minTier")
        fee = row("fee")
        memberFee = row("memberFee")
        capacity = row("capacity")
        seatsTaken = row("seatsTaken")
        waitlistEnabled = row("waitlistEnabled")
        offerHours = row("offerHours")
        paymentHours = row("paymentHours")
        requiresApproval = row("requiresApproval")
        cancelUntil = row("cancelUntil")
        allowReentry = row("allowReentry")
        byStatus = row.index(["status"], ordered: "startsAt")
    }

    func rules(_ event: RowRef, _ data: DataView) -> EventRules {
        let row = data.row(table, event)
        return EventRules(
            status: row[status], startsAt: row[startsAt], endsAt: row[endsAt],
            capacity: row[capacity], hasWaitlist: row[waitlistEnabled],
            offerHours: row[offerHours], requiresApproval: row[requiresApproval],
            cancelUntil: row[cancelUntil], allowsReentry: row[allowReentry],
            paymentMilliseconds: row[paymentHours].map { Int64($0) * 3_600_000 })
    }
}

/// The registrations.
struct RegistrationTable: BoundTables {
    let table: RuleTable
    let event: RowField<RowRef>
    let member: RowField<RowRef>
    let status: EnumField<RegistrationStatus>
    let seats: RowField<Int>
    let ticketCode: RowField<String>
    let registeredAt: RowField<Int64>
    let seq: RowField<Int64>
    let offeredUntil: RowField<Int64?>
    let keptUntil: RowField<Int64?>
    let fee: ValueField<Amount>
    let payment: RowField<RowRef?>
    let source: RowField<RowRef?>
    let reason: RowField<String?>
    let byTicket: RuleKey
    let ofEvent: RuleIndex
    let ofEventBySeq: RuleIndex
    let ofEventByStatus: RuleIndex
    let ofEventAndMember: RuleIndex
    let ofMember: RuleIndex
    let ofPayment: RuleIndex
    let byEnd: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("EventRegistration")
        table = row.table
        event = row("event")
        member = row("member")
        status = row("status")
        seats = row("seats")
        ticketCode = row("ticketCode")
        registeredAt = row("registeredAt")
        seq = row("seq")
        offeredUntil = row("offeredUntil")
        keptUntil = row("keptUntil")
        fee = row("fee")
        payment = row("payment")
        source = row("source")
        reason = row("reason")
        byTicket = row.key("ticketCode")
        ofEvent = row.index(["event"], ordered: "registeredAt")
        ofEventBySeq = row.index(["event"], ordered: "seq")
        ofEventByStatus = row.index(["event", "status"], ordered: "registeredAt")
        ofEventAndMember = row.index(["event", "member"], ordered: "registeredAt")
        ofMember = row.index(["member"], ordered: "registeredAt")
        ofPayment = row.index(["payment"], ordered: "registeredAt")
        byEnd = row.index([], ordered: "keptUntil")
    }

    func registration(_ ref: RowRef, _ row: RowView) -> Registration {
        Registration(
            key: Int64(ref.rawValue), member: Int64(row[member].rawValue), status: row[status],
            seats: row[seats], registeredAt: row[registeredAt], seq: row[seq],
            keptUntil: row[keptUntil] ?? (row[status] == .offered ? row[offeredUntil] : nil),
            feeMinor: row[fee]?.minor ?? 0,
            isPaid: row[payment] != nil)
    }

    /// The number of the next registration for an event.
    func nextSeq(of event: RowRef, _ data: DataView) -> Int64 {
        var last: Int64 = 0
        data.forEach(ofEventBySeq, .row(event), reversed: true) { _, row in
            last = row[seq]
            return false
        }
        return last + 1
    }
}

/// The scans at the doors.
struct CheckInTable: BoundTables {
    let table: RuleTable
    let registration: RowField<RowRef>
    let event: RowField<RowRef>
    let at: RowField<Int64>
    let direction: EnumField<CheckInDirection>
    let nonce: RowField<String>
    let device: RowField<String?>
    let staff: RowField<RowRef?>
    let forced: RowField<Bool>
    let ofRegistration: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("CheckIn")
        table = row.table
        registration = row("registration")
        event = row("event")
        at = row("at")
        direction = row("direction")
        nonce = row("nonce")
        device = row("device")
        staff = row("staff")
        forced = row("forced")
        ofRegistration = row.index(["registration"], ordered: "at")
    }

    func log(of registration: RowRef, _ data: DataView) -> [(ref: RowRef, scan: CheckIn)] {
        data.rows(ofRegistration, .row(registration)).map { ref in
            let row = data.row(table, ref)
            return (ref, CheckIn(at: row[at], direction: row[direction], nonce: row[nonce]))
        }
    }
}

/// Which tiers' members may come to which events.
struct TierEventTable: BoundTables {
    private let table: RuleTable
    private let tier: RowField<RowRef>
    private let event: RowField<RowRef>
    private let ofEvent: RuleIndex
    private let tiers: TierTable

    init(_ binder: RuleBinder) {
        let row = binder.table("TierEvent")
        table = row.table
        tier = row("tier")
        event = row("event")
        ofEvent = row.index(["event"])
        tiers = binder.shared()
    }

    /// The tiers at or above an event's lowest; all tiers when it has none.
    func save(_ event: RowRef, lowest: RowRef?, _ call: RuleCall) throws(MutationStop) {
        let data = call.data
        var wanted: Set<RowRef> = []
        if let lowest {
            let row = data.row(tiers.table, lowest)
            let (program, rank) = (row[tiers.program], row[tiers.rank])
            wanted = Set(data.rows(tiers.byRank, .row(program), from: Int64(rank)))
        } else {
            data.forEach(tiers.table) { ref, _ in wanted.insert(ref) }
        }
        for link in data.rows(ofEvent, .row(event)) {
            let tier = call.data.row(table, link)[tier]
            if wanted.remove(tier) == nil { try call.delete(table, link) }
        }
        for tier in wanted.sorted(by: { $0.rawValue < $1.rawValue }) {
            try call.insert(table) { row in
                row[self.tier] = tier
                row[self.event] = event
            }
        }
    }
}
