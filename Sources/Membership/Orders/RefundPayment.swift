import Engine
import Store

/// Gives a payment that was not for an order back, or a part of it.
struct RefundPayment: MutationRule {
    static let name = "payments.refund"

    private let payments: PaymentTable
    private let payment: InputField<String>
    private let amount: InputField<Amount?>
    private let reason: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        payments = binder.shared()
        payment = binder.input("paymentId")
        amount = binder.input("amount")
        reason = binder.input("reason")
        answer = binder.output("payment")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let payment = try call.row(call[payment], in: payments.table, at: "paymentId")
        if call[reason].allSatisfy(\.isWhitespace) {
            throw call.refuse(.required, "A reason must be given.", at: "reason")
        }
        let purpose = call.data.row(payments.table, payment)[payments.purpose]
        if purpose == .order || purpose == .topUp {
            throw call.refuse(
                .invalidTransition,
                "Orders are given back by refundOrder, wallets paid out by "
                    + "withdrawFromWallet.", at: "paymentId")
        }
        let left = payments.left(of: payment, call.data)
        let asked = call[amount] ?? left
        if asked.currency != left.currency {
            throw call.refuse(
                OrderRefusal.currency(asked.currency, is: left.currency), at: "amount")
        }
        if asked.minor <= 0 && call[amount] != nil {
            throw call.refuse(OrderRefusal.nonPositive(asked.minor), at: "amount")
        }
        if asked.minor > left.minor || left.minor == 0 {
            throw call.refuse(
                OrderRefusal.exceedsTender(0, left: left.minor, asked: asked.minor), at: "amount")
        }
        try payments.refund(payment, minor: asked.minor, call)
        call.answer(answer, .row(payment))
    }
}
