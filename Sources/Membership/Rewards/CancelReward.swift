import Engine
import Store

/// Calls a reward off: the points return to their own lots, the stock rises, an unused coupon is
/// void.
struct CancelReward: MutationRule {
    static let name = "reward.cancel"

    private let desk: PointsDesk
    private let coupons: CouponDesk
    private let rewards: RewardTable
    private let redemptions: RedemptionTable
    private let redemptionID: InputField<String>
    private let reason: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        coupons = binder.shared()
        rewards = binder.shared()
        redemptions = binder.shared()
        redemptionID = binder.input("redemptionId")
        reason = binder.input("reason")
        payload = binder.output("redemption", "account")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let redemption = try call.row(
            call[redemptionID], in: redemptions.table, at: "redemptionId")
        let reason = try call.reason(reason)
        try redemptions.checkIssued(redemption, desk.books.desk, call)
        let row = call.data.row(redemptions.table, redemption)
        let (reward, entry, coupon) = (
            row[redemptions.reward], row[redemptions.entry], row[redemptions.coupon]
        )
        let quantity = row[redemptions.quantity]
        if let coupon { try void(coupon, reason, call) }
        try desk.reverse(entry: entry, reason: reason, call)
        if let stock = call.data.row(rewards.table, reward)[rewards.stock] {
            call.audit(rewards.table, reward)
            try call.update(rewards.table, reward) { $0[rewards.stock] = stock + quantity }
        }
        call.audit(redemptions.table, redemption)
        try call.update(redemptions.table, redemption) { row in
            row[redemptions.status] = .cancelled
            row[redemptions.cancelledAt] = call.now
            row[redemptions.reason] = reason
        }
        let entries = desk.books.entries
        call.answer(
            payload, .row(redemption),
            .row(call.data.row(entries.table, entry)[entries.account]))
    }

    private func void(_ coupon: RowRef, _ reason: String, _ call: RuleCall) throws(MutationStop) {
        if case .failure = try coupons.tryVoid(coupon, reason: reason, call) {
            let refusal = RewardRefusal.couponUsed
            throw call.refuse(refusal.code.code, refusal.message, at: "redemptionId")
        }
    }
}
