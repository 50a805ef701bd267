import Engine
import Store

/// Money into a member's wallet, and a bonus on top.
struct TopUpWallet: MutationRule {
    static let name = "wallets.topUp"

    private let desk: WalletDesk
    private let payments: PaymentTable
    private let member: InputField<String>
    private let amount: InputField<Amount>
    private let bonus: InputField<Amount?>
    private let bonusExpiresAt: InputField<Int64?>
    private let paymentRef: InputField<String>
    private let method: InputField<PaymentMethod>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        payments = binder.shared()
        member = binder.input("memberId")
        amount = binder.input("amount")
        bonus = binder.input("bonus")
        bonusExpiresAt = binder.input("bonusExpiresAt")
        paymentRef = binder.input("paymentRef")
        method = binder.input("method")
        answer = binder.output("wallet", "entries", "payment")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try desk.members.live(call[member], at: "memberId", call)
        let (amount, bonus, reference) = (call[amount], call[bonus], call[paymentRef])
        if reference.isEmpty {
            throw call.refuse(.required, "A payment has a number.", at: "paymentRef")
        }
        if let bonus, bonus.currency != amount.currency {
            throw call.refuse(
                WalletRefusal.currency(bonus.currency, is: amount.currency), at: "bonus")
        }
        if let bonus, bonus.minor <= 0 {
            throw call.refuse(WalletRefusal.nonPositive(bonus.minor), at: "bonus")
        }
        if let end = call[bonusExpiresAt], end <= call.now {
            throw call.refuse(.invalid, "The bonus would be over already.", at: "bonusExpiresAt")
        }
        if amount.minor <= 0 {
            throw call.refuse(WalletRefusal.nonPositive(amount.minor), at: "amount")
        }
        let wallet = try desk.open(member, amount.currency, call)
        let earlier = call.data.rows(
            desk.entries.byPaymentRef, .text(reference), limit: 1
        ).first
        var lines: [RowRef] = []
        if let earlier {
            guard call.data.row(desk.entries.table, earlier)[desk.entries.wallet] == wallet else {
                throw call.refuse(WalletRefusal.paymentRefTaken(reference), at: "paymentRef")
            }
            lines = [earlier] + call.data.rows(desk.entries.reversing, .row(earlier))
        }
        let before = desk.ledger(of: wallet, lines: lines, call.data)
        var after = before
        let isNew = try call.attempt(at: earlier == nil ? "amount" : "paymentRef") {
            () throws(WalletRefusal) in
            try after.topUp(
                amount, bonus: bonus?.minor ?? 0, bonusExpiresAt: call[bonusExpiresAt], lot: -1,
                paymentRef: reference, at: call.now)
        }
        guard isNew else {
            let payment = earlier.flatMap {
                call.data.row(desk.entries.table, $0)[desk.entries.payment]
            }
            call.answer(answer, .row(wallet), .rows(lines), .row(payment))
            return
        }
        call.audit(desk.wallets.table, wallet)
        let payment = try payments.insert(
            NewPayment(
                member: member, purpose: .topUp, amount: amount, method: call[method],
                externalRef: reference, subjectID: call.data.id(wallet, of: desk.wallets.table)),
            at: "paymentRef", call)
        let written = try desk.save(
            after, over: before, as: wallet, WalletDesk.Cause(payment: payment), call)
        call.answer(answer, .row(wallet), .rows(written), .row(payment))
    }
}
