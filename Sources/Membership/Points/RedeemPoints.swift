import Engine
import Store

/// Spends points, those first that lapse first; all of them or none.
struct RedeemPoints: MutationRule {
    static let name = "points.redeem"

    private let desk: PointsDesk
    private let orders: OrderFigures
    private let memberID: InputField<String>
    private let programID: InputField<String>
    private let points: InputField<Int64>
    private let reason: InputField<String>
    private let orderID: InputField<String?>
    private let holdID: InputField<String?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        orders = binder.shared()
        memberID = binder.input("memberId")
        programID = binder.input("programId")
        points = binder.input("points")
        reason = binder.input("reason")
        orderID = binder.input("orderId")
        holdID = binder.input("holdId")
        payload = binder.output("account", "entry")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let member = try books.desk.live(call[memberID], at: "memberId", call)
        let program = try call.row(call[programID], in: books.programs.table, at: "programId")
        let reason = try call.reason(reason)
        var order: RowRef?
        if let id = call[orderID] { order = try call.row(id, in: orders.table, at: "orderId") }
        let account = try desk.account(of: member, program, call)
        let entry: RowRef
        if let id = call[holdID] {
            let hold = try call.row(id, in: books.holds.table, at: "holdId")
            guard call.data.row(books.holds.table, hold)[books.holds.account] == account else {
                throw call.refuse(
                    RuleCode.invalid.code, "The hold is another account's.", at: "holdId")
            }
            entry = try desk.capture(
                hold: hold, points: call[points], order: order, reason: reason, call)
        } else {
            entry = try desk.redeem(
                member: member, program: program, points: call[points], order: order,
                reason: reason, call)
        }
        call.answer(payload, .row(account), .row(entry))
    }
}
