import Engine
import Store

/// Takes an earning or a spending back, wholly or in part.
struct ReversePoints: MutationRule {
    static let name = "points.reverse"

    private let desk: PointsDesk
    private let entryID: InputField<String>
    private let points: InputField<Int64?>
    private let reason: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        entryID = binder.input("entryId")
        points = binder.input("points")
        reason = binder.input("reason")
        payload = binder.output("account", "entries", "tier", "shortfall")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let entry = try call.row(call[entryID], in: books.entries.table, at: "entryId")
        let reason = try call.reason(reason)
        let row = call.data.row(books.entries.table, entry)
        let account = row[books.entries.account]
        let member = row[books.entries.member]
        try books.desk.check(member, at: "entryId", call, allowsSuspended: true)
        let done = try desk.reverse(entry: entry, points: call[points], reason: reason, call)
        let program = call.data.row(books.accounts.table, account)[books.accounts.program]
        call.answer(
            payload, .row(account), .rows(done.entries),
            .row(desk.tiers.assignments.last(member, program, call.data).ref),
            .int(done.shortfall))
    }
}
