import Engine
import Store

/// Gives a payment from a wallet back, or a part of it, in the split that paid. Of an order that is
/// paid this is a refund of the order, told to go to the wallet.
struct RefundToWallet: MutationRule {
    static let name = "wallets.refund"

    private let orders: OrderDesk
    private let entry: InputField<String>
    private let amount: InputField<Amount?>
    private let reason: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        orders = binder.shared()
        entry = binder.input("entryId")
        amount = binder.input("amount")
        reason = binder.input("reason")
        answer = binder.output("wallet", "entries", "order")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let desk = orders.wallets
        let entry = try call.row(call[entry], in: desk.entries.table, at: "entryId")
        let row = call.data.row(desk.entries.table, entry)
        let (wallet, order, payment) = (
            row[desk.entries.wallet], row[desk.entries.order], row[desk.entries.payment]
        )
        let type = row[desk.entries.type]
        guard type == .payment else {
            throw call.refuse(WalletRefusal.notAPayment(type), at: "entryId")
        }
        let (amount, reason) = (call[amount], call[reason])
        guard let order, let payment else {
            let refund = try desk.refund(
                entry, amount: amount, WalletDesk.Cause(reason: reason), at: "amount", call)
            call.answer(answer, .row(refund.wallet), .rows(refund.lines), .null)
            return
        }
        let lines: [RowRef]
        if call.data.row(orders.orders.table, order)[orders.orders.status] == .open {
            lines = try orders.refund(
                payment, amount, order: order, reason: reason, at: "amount", call)
        } else {
            let left = orders.payments.left(of: payment, call.data)
            let asked = amount ?? left
            if asked.currency != left.currency {
                throw call.refuse(
                    WalletRefusal.currency(asked.currency, is: left.currency), at: "amount")
            }
            if left.minor == 0 {
                throw call.refuse(
                    WalletRefusal.exceedsPayment(left: 0, asked: asked.minor), at: "amount")
            }
            let told = try orders.refund(
                order, .amount(asked.minor), told: [payment: asked.minor], reason: reason,
                at: "amount", call)
            lines = told.walletLines
        }
        call.answer(answer, .row(wallet), .rows(lines), .row(order))
    }
}
