import Engine
import Store

/// Uses a coupon for an order that is not paid yet, whose discount follows.
struct RedeemCoupon: MutationRule {
    static let name = "coupons.redeem"

    private let orders: OrderDesk
    private let code: InputField<String>
    private let member: InputField<String>
    private let order: InputField<String>
    private let key: InputField<String?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        orders = binder.shared()
        code = binder.input("code")
        member = binder.input("memberId")
        order = binder.input("orderId")
        key = binder.input("reservationKey")
        answer = binder.output("coupon", "order")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let desk = orders.coupons
        let member = try desk.members.live(call[member], at: "memberId", call)
        let order = try call.row(call[order], in: orders.orders.table, at: "orderId")
        let coupon = try desk.find(call[code], at: "code", call)
        try orders.checkOpen(order, at: "orderId", call)
        call.audit(orders.orders.table, order)
        try orders.redeem([coupon], for: order, member: member, key: call[key], at: "code", call)
        call.answer(answer, .row(coupon), .row(order))
    }
}
