import Engine
import Store

/// Changes an event. More seats are offered at once to those who wait; fewer than are taken only
/// when forced, and nobody loses a seat by it.
struct UpdateEvent: MutationRule {
    static let name = "events.update"

    private let desk: RegistrationDesk
    private let links: TierEventTable
    private let chapters: RuleTable
    private let fields: EventInput
    private let id: InputField<String>
    private let title: InputField<String?>
    private let chapter: InputField<String?>
    private let startsAt: InputField<Int64?>
    private let endsAt: InputField<Int64?>
    private let status: InputField<EventStatus?>
    private let force: InputField<Bool>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        links = binder.shared()
        chapters = binder.table("Chapter").table
        fields = EventInput(binder)
        id = binder.input("id")
        title = binder.input("title")
        chapter = binder.input("chapterId")
        startsAt = binder.input("startsAt")
        endsAt = binder.input("endsAt")
        status = binder.input("status")
        force = binder.input("force")
        answer = binder.output("event", "promoted")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let events = desk.events
        let event = try call.row(call[id], in: events.table, at: "id")
        var chapter: RowRef?
        if let id = call[self.chapter] {
            chapter = try call.row(id, in: chapters, at: "chapterId")
        }
        let rows = try fields.check(call)
        let old = call.data.row(events.table, event)
        let oldStatus = old[events.status]
        if let title = call[title], title.allSatisfy(\.isWhitespace) {
            call.note(.required, "An event has a title.", at: "title")
        }
        let starts = call[startsAt] ?? old[events.startsAt]
        let ends = call[endsAt] ?? old[events.endsAt]
        if ends <= starts { call.note(EventRefusal.endsBeforeItStarts, at: "endsAt") }
        try call.throwIfRefused()
        if oldStatus == .cancelled {
            throw call.refuse(EventRefusal.cancelled, at: "id")
        }
        let status = try newStatus(oldStatus, call)
        let isMoved =
            starts != old[events.startsAt] || ends != old[events.endsAt]
            || call.isGiven(fields.venue) && call[fields.venue] != old[events.venue]
        call.audit(events.table, event)
        try call.update(events.table, event, isPatch: true) { row in
            fields.set(row, rows, call)
            if let title = call[title] { row[events.title] = title }
            if let chapter { row[events.chapter] = chapter }
            row[events.startsAt] = starts
            row[events.endsAt] = ends
            row[events.status] = status
        }
        if call.isGiven(fields.minTier) { try links.save(event, lowest: rows.minTier, call) }
        var open = desk.open(event, call.data)
        var promoted: [Registration] = []
        if call.isGiven(fields.capacity) {
            let capacity = call[fields.capacity]
            promoted = try call.attempt(at: "capacity") { () throws(EventRefusal) in
                try open.desk.setCapacity(capacity, isForced: call[force], at: call.now)
            }
        } else {
            promoted = open.desk.settle(at: call.now)
        }
        try desk.save(open, call)
        if isMoved && status != .draft && status != .finished {
            try tellAll(of: event, call)
        }
        call.answer(answer, .row(event), .rows(RegistrationDesk.refs(promoted)))
    }

    /// Whoever has a place, or waits for one, hears of another time or place.
    private func tellAll(of event: RowRef, _ call: RuleCall) throws(MutationStop) {
        let table = desk.registrations
        for registration in call.data.rows(table.ofEvent, .row(event)) {
            try call.visit(1)
            guard call.data.row(table.table, registration)[table.status].isLive else { continue }
            try desk.notices.queue(.moved, registration, call)
        }
    }

    /// Registration is closed and opened again, an event begun, and one that is over taken up again
    /// for scans that came late. What goes with more than the status has a mutation of its own.
    private func newStatus(
        _ old: EventStatus, _ call: RuleCall
    ) throws(MutationStop) -> EventStatus {
        guard let status = call[status], status != old else { return old }
        let isOwn = old == .draft || status == .finished || status == .cancelled
        guard old.mayBecome(status), !isOwn else {
            throw call.refuse(
                .invalidTransition,
                "The event is \(old.rawValue), and is not made "
                    + "\(status.rawValue) like this.", at: "status")
        }
        return status
    }
}
