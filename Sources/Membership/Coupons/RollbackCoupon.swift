import Engine
import Store

/// Gives a used coupon back when its order is off: cancelled, given back as a whole, or not paid.
struct RollbackCoupon: MutationRule {
    static let name = "coupons.rollback"

    private let orders: OrderDesk
    private let code: InputField<String>
    private let reason: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        orders = binder.shared()
        code = binder.input("code")
        reason = binder.input("reason")
        answer = binder.output("coupon", "order")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let desk = orders.coupons
        let coupon = try desk.find(call[code], at: "code", call)
        let order = call.data.row(desk.coupons.table, coupon)[desk.coupons.order]
        if let order {
            if !call.isOpen(orders.orders.table, order) {
                throw call.forbid("The coupon's order is not open to this role.")
            }
            let status = call.data.row(orders.orders.table, order)[orders.orders.status]
            if status == .paid || status == .partiallyRefunded {
                throw call.refuse(
                    .invalidTransition,
                    "The order is \(status.rawValue): its refund as a whole "
                        + "gives the coupon back.", at: "code")
            }
            if status == .open { call.audit(orders.orders.table, order) }
        }
        try desk.rollBack(coupon, reason: call[reason], at: "code", call)
        if let order { try orders.applyCoupons(to: order, call) }
        call.answer(answer, .row(coupon), .row(order))
    }
}
