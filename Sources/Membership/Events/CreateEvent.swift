import Engine
import Store

/// Plans an event, as a draft.
struct CreateEvent: MutationRule {
    static let name = "events.create"

    private let events: EventTable
    private let links: TierEventTable
    private let chapters: RuleTable
    private let fields: EventInput
    private let title: InputField<String>
    private let chapter: InputField<String>
    private let startsAt: InputField<Int64>
    private let endsAt: InputField<Int64>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        events = binder.shared()
        links = binder.shared()
        chapters = binder.table("Chapter").table
        fields = EventInput(binder)
        title = binder.input("title")
        chapter = binder.input("chapterId")
        startsAt = binder.input("startsAt")
        endsAt = binder.input("endsAt")
        answer = binder.output("event")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let chapter = try call.row(call[chapter], in: chapters, at: "chapterId")
        let rows = try fields.check(call)
        let (title, starts, ends) = (call[title], call[startsAt], call[endsAt])
        if title.allSatisfy(\.isWhitespace) {
            call.note(.required, "An event has a title.", at: "title")
        }
        if ends <= starts { call.note(EventRefusal.endsBeforeItStarts, at: "endsAt") }
        try call.throwIfRefused()
        let capacity = call[fields.capacity]
        let event = try call.insert(events.table) { row in
            row[events.title] = title
            row[events.chapter] = chapter
            row[events.startsAt] = starts
            row[events.endsAt] = ends
            row[events.capacity] = capacity
            fields.set(row, rows, call)
        }
        try links.save(event, lowest: rows.minTier, call)
        call.auditNew(events.table, event)
        call.answer(answer, .row(event))
    }
}
