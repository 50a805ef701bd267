import Engine
import Store

/// Pays an order, or a part of it, from the buyer's wallet before the rest is paid at the till.
struct PayFromWallet: MutationRule {
    static let name = "wallets.pay"

    private let orders: OrderDesk
    private let member: InputField<String>
    private let amount: InputField<Amount>
    private let order: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        orders = binder.shared()
        member = binder.input("memberId")
        amount = binder.input("amount")
        order = binder.input("orderId")
        answer = binder.output("wallet", "entries", "payment", "order")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let desk = orders.wallets
        let member = try desk.members.live(call[member], at: "memberId", call)
        let order = try call.row(call[order], in: orders.orders.table, at: "orderId")
        let amount = call[amount]
        try orders.checkOpen(order, at: "orderId", call)
        let data = call.data
        guard let total = data.row(orders.orders.table, order)[orders.orders.total] else { return }
        if amount.currency != total.currency {
            throw call.refuse(
                OrderRefusal.currency(amount.currency, is: total.currency), at: "amount")
        }
        if amount.minor <= 0 {
            throw call.refuse(WalletRefusal.nonPositive(amount.minor), at: "amount")
        }
        let left = total.minor - orders.prepaid(order, data).reduce(0) { $0 + $1.leftMinor }
        if amount.minor > left {
            throw call.refuse(
                OrderRefusal.exceedsNet(left: left, asked: amount.minor), at: "amount")
        }
        let payment = try orders.payments.insert(
            NewPayment(
                member: member, purpose: .order, amount: amount, method: .wallet,
                subjectID: data.id(order, of: orders.orders.table), order: order),
            at: "amount", call)
        let paid = try desk.pay(
            amount, from: member, WalletDesk.Cause(order: order, payment: payment), at: "amount",
            call)
        call.answer(answer, .row(paid.wallet), .rows(paid.lines), .row(payment), .row(order))
    }
}
