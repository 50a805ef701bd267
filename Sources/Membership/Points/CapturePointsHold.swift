import Engine
import Store

/// Spends points that were set aside; what is left of them is free again.
struct CapturePointsHold: MutationRule {
    static let name = "points.capture"

    private let desk: PointsDesk
    private let holdID: InputField<String>
    private let points: InputField<Int64?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        holdID = binder.input("holdId")
        points = binder.input("points")
        payload = binder.output("hold", "account", "entry")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let hold = try call.row(call[holdID], in: books.holds.table, at: "holdId")
        let row = call.data.row(books.holds.table, hold)
        let account = row[books.holds.account]
        try books.desk.check(row[books.holds.member], at: "holdId", call)
        let entry = try desk.capture(hold: hold, points: call[points], call)
        call.answer(payload, .row(hold), .row(account), .row(entry))
    }
}
