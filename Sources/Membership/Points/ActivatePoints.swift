import Engine
import Store

/// Makes pending points active before their time.
struct ActivatePoints: MutationRule {
    static let name = "points.activate"

    private let desk: PointsDesk
    private let orders: OrderFigures
    private let lotIDs: InputField<[String]?>
    private let orderID: InputField<String?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        orders = binder.shared()
        lotIDs = binder.input("lotIds")
        orderID = binder.input("orderId")
        payload = binder.output("account", "entries")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let lots = try lots(call)
        guard let first = lots.first else {
            throw call.refuse(
                RuleCode.required.code, "Lots, or an order with pending points, must be given.",
                at: call[orderID] == nil ? "lotIds" : "orderId")
        }
        var accounts: [RowRef] = []
        for lot in lots {
            let account = call.data.row(books.lots.table, lot)[books.lots.account]
            if !accounts.contains(account) { accounts.append(account) }
        }
        var written: [RowRef] = []
        for account in accounts {
            let member = call.data.row(books.accounts.table, account)[books.accounts.member]
            try books.desk.check(member, at: "lotIds", call)
            let own = lots.filter {
                call.data.row(books.lots.table, $0)[books.lots.account] == account
            }
            written += try desk.change(account, EntryCause(), naming: own, call) {
                (open: inout OpenAccount) throws(PointsFailure) in
                try open.ledger.activate(lots: own.map { LedgerRef($0) })
            }
            .entries
        }
        let account = call.data.row(books.lots.table, first)[books.lots.account]
        call.answer(payload, .row(account), .rows(written))
    }

    /// Without repetitions; of an order, those that are pending.
    private func lots(_ call: RuleCall) throws(MutationStop) -> [RowRef] {
        let books = desk.books
        var lots: [RowRef] = []
        for id in call[lotIDs] ?? [] {
            let lot = try call.row(id, in: books.lots.table, at: "lotIds")
            if !lots.contains(lot) { lots.append(lot) }
        }
        guard let id = call[orderID] else { return lots }
        let order = try call.row(id, in: orders.table, at: "orderId")
        for entry in call.data.rows(books.ofOrder, .row(order)) {
            for lot in call.data.rows(books.lots.ofSource, .row(entry))
            where call.data.row(books.lots.table, lot)[books.lots.status] == .pending
                && !lots.contains(lot)
            {
                lots.append(lot)
            }
        }
        return lots
    }
}
