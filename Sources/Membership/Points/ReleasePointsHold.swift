import Engine
import Store

/// Frees points that were set aside. Doing so twice changes nothing.
struct ReleasePointsHold: MutationRule {
    static let name = "points.release"

    private let desk: PointsDesk
    private let holdID: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        holdID = binder.input("holdId")
        payload = binder.output("hold", "account")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let hold = try call.row(call[holdID], in: books.holds.table, at: "holdId")
        let row = call.data.row(books.holds.table, hold)
        let account = row[books.holds.account]
        let status = row[books.holds.status]
        try books.desk.check(
            row[books.holds.member], at: "holdId", call, allowsSuspended: true)
        switch status {
        case .open:
            try desk.change(account, EntryCause(), call) {
                (open: inout OpenAccount) throws(PointsFailure) in
                try open.ledger.release(hold: LedgerRef(hold))
            }
        case .released, .expired: break
        case .captured: throw books.refusal(.holdNotOpen(LedgerRef(hold)), call)
        }
        call.answer(payload, .row(hold), .row(account))
    }
}
