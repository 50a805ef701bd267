import Engine
import Store

/// Pays a member's own money out: I34.
struct WithdrawFromWallet: MutationRule {
    static let name = "wallets.withdraw"

    private let desk: WalletDesk
    private let member: InputField<String>
    private let amount: InputField<Amount>
    private let reason: InputField<String>
    private let forfeitsBonus: InputField<Bool>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        member = binder.input("memberId")
        amount = binder.input("amount")
        reason = binder.input("reason")
        forfeitsBonus = binder.input("forfeitBonus")
        answer = binder.output("wallet", "entries")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try desk.members.live(
            call[member], at: "memberId", call, allowsSuspended: true)
        let (amount, forfeits) = (call[amount], call[forfeitsBonus])
        guard let wallet = desk.wallet(of: member, amount.currency, call.data) else {
            throw call.refuse(
                WalletRefusal.insufficient(available: 0, asked: amount.minor), at: "amount")
        }
        let before = desk.ledger(of: wallet, call.data)
        var after = before
        try call.attempt(at: "amount") { () throws(WalletRefusal) in
            try after.withdraw(amount, forfeitsBonus: forfeits, at: call.now)
        }
        call.audit(desk.wallets.table, wallet)
        let lines = try desk.save(
            after, over: before, as: wallet, WalletDesk.Cause(reason: call[reason]), call)
        call.answer(answer, .row(wallet), .rows(lines))
    }
}
