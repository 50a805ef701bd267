import Engine
import Store

/// Calls an order off that is not paid: what was used, kept or paid for it is free again.
struct CancelOrder: MutationRule {
    static let name = "orders.cancel"

    private let desk: OrderDesk
    private let order: InputField<String>
    private let reason: InputField<String>
    private let reservationKey: InputField<String?>
    private let holds: InputField<[String]?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        order = binder.input("orderId")
        reason = binder.input("reason")
        reservationKey = binder.input("reservationKey")
        holds = binder.input("holdIds")
        answer = binder.output("order", "coupons", "walletEntries")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let orders = desk.orders
        let order = try call.row(call[order], in: orders.table, at: "orderId")
        let reason = call[reason]
        let member = call.data.row(orders.table, order)[orders.member]
        try desk.checkOpen(order, at: "orderId", call)
        call.audit(orders.table, order)
        let used = desk.coupons.used(for: order, call.data)
        for coupon in used {
            try desk.coupons.rollBack(coupon, reason: reason, at: "orderId", call)
        }
        try desk.applyCoupons(to: order, call)
        if let member, let key = call[reservationKey] {
            try desk.coupons.release(member: member, key: key, call)
        }
        for id in call[holds] ?? [] {
            let table = desk.points.books.holds
            let hold = try call.row(id, in: table.table, at: "holdIds")
            if call.data.row(table.table, hold)[table.member] != member {
                throw call.refuse(.notFound, "The buyer has no hold \(id).", at: "holdIds")
            }
            try desk.points.checkOpen(hold, call)
            let account = call.data.row(table.table, hold)[table.account]
            try desk.points.change(account, EntryCause(reason: reason), call) {
                (open: inout OpenAccount) throws(PointsFailure) in
                try open.ledger.release(hold: LedgerRef(hold))
            }
        }
        var lines: [RowRef] = []
        for payment in desk.payments(of: order, call.data)
        where desk.payments.left(of: payment, call.data).minor > 0 {
            lines += try desk.refund(
                payment, nil, order: order, reason: reason, at: "orderId", call)
        }
        var sheet = orders.sheet(order, tenders: [], call.data)
        try call.attempt(at: "orderId") { () throws(OrderRefusal) in try sheet.cancel() }
        try call.update(orders.table, order) { row in
            orders.set(sheet, row)
            row[orders.reason] = reason
        }
        call.answer(answer, .row(order), .rows(used), .rows(lines))
    }
}
