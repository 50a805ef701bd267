import Engine

/// The rules of coupons.
enum CouponRules {
    static let mutations: [any MutationRule.Type] = [
        IssueCoupons.self, ReserveCoupon.self, RedeemCoupon.self, RollbackCoupon.self,
        VoidCoupons.self,
    ]
    static let fields: [any FieldRule.Type] = [CouponRedemptionRate.self]
    static let due: [any DueRule.Type] = [CouponDue.self]
    /// Fields that these rules keep.
    static let keepers: Set<String> = ["coupons.counts"]
}
