import Engine

/// The rules of events, coupons, wallets and orders.
enum CommerceRules {
    static let mutations: [any MutationRule.Type] =
        EventRuleList.mutations + CouponRules.mutations + WalletRules.mutations
        + OrderRules.mutations
    static let fields: [any FieldRule.Type] = EventRuleList.fields + CouponRules.fields
    static let due: [any DueRule.Type] =
        EventRuleList.due + CouponRules.due + WalletRules.due
    /// Whose business stored fields are.
    static let keepers: Set<String> = CouponRules.keepers
}
