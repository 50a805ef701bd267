import Engine
import Store

/// The rules of wallets.
enum WalletRules {
    static let mutations: [any MutationRule.Type] = [
        TopUpWallet.self, PayFromWallet.self, RefundToWallet.self, WithdrawFromWallet.self,
    ]
    static let due: [any DueRule.Type] = [WalletDue.self]
}

/// Ends bonuses by the clock.
struct WalletDue: DueRule {
    static let table = "Wallet"
    static let field = "changesAt"

    private let desk: WalletDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
    }

    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop) {
        try desk.settle(row, call)
    }
}
