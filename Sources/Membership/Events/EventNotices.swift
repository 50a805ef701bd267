import Engine
import Store

/// What members are told of the places they have: queued for the system that sends messages.
struct EventNotices: BoundTables {
    private let messages: MessageTable
    private let registration: RowField<RowRef?>
    private let registrations: RegistrationTable
    private let events: EventTable
    private let members: MemberTable
    private let consents: ConsentTable
    private let identities: IdentityTable

    /// What has happened to a place.
    enum Occasion: Sendable {
        /// A seat was offered, or given, to somebody who waited.
        case promoted
        case cancelled
        /// The event is at another time or place.
        case moved
    }

    init(_ binder: RuleBinder) {
        messages = binder.shared()
        let row = binder.table("Message")
        registration = row("registration")
        registrations = binder.shared()
        events = binder.shared()
        members = binder.shared()
        consents = binder.shared()
        identities = binder.shared()
    }

    /// Queues a notice, or holds it back when the member wants none; there is one of each occasion.
    func queue(_ occasion: Occasion, _ place: RowRef, _ call: RuleCall) throws(MutationStop) {
        let data = call.data
        let row = data.row(registrations.table, place)
        let member = row[registrations.member]
        guard data.row(members.table, member)[members.status] == .active else { return }
        let occurrence: String
        switch occasion {
        case .promoted: occurrence = "PROMOTED"
        case .cancelled: occurrence = "CANCELLED"
        case .moved:
            let event = data.row(events.table, row[registrations.event])
            occurrence = "MOVED \(momentText(event[events.startsAt])) \(call.now)"
        }
        let key = "\(data.id(place, of: registrations.table))|\(occurrence)"
        guard data.find(messages.byDedupeKey, .text(key)) == nil else { return }
        let channel = channel(of: member, data)
        let isGranted = consents.isGranted(channel, .service, by: member, data)
        try call.insert(messages.table) { row in
            row[messages.member] = member
            row[registration] = place
            row[messages.channel] = channel
            row[messages.purpose] = .service
            row[messages.status] = isGranted ? .queued : .suppressed
            row[messages.suppressedReason] = isGranted ? nil : .consentMissing
            row[messages.dedupeKey] = key
            row[messages.queuedAt] = call.now
        }
    }

    /// By mail where there is an address, else to the phone, else in the app.
    private func channel(of member: RowRef, _ data: DataView) -> Channel {
        var kinds: Set<IdentityKind> = []
        for identity in data.rows(identities.ofMember, .row(member)) {
            kinds.insert(data.row(identities.table, identity)[identities.kind])
        }
        if kinds.contains(.email) { return .email }
        return kinds.contains(.phone) ? .sms : .push
    }
}
