import Engine
import Store

/// Buys a reward with points: stock, limit, tier and points in one step, or nothing.
struct RedeemReward: MutationRule {
    static let name = "reward.redeem"

    private let desk: PointsDesk
    private let coupons: CouponDesk
    private let rewards: RewardTable
    private let redemptions: RedemptionTable
    private let memberID: InputField<String>
    private let rewardID: InputField<String>
    private let quantity: InputField<Int>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        coupons = binder.shared()
        rewards = binder.shared()
        redemptions = binder.shared()
        memberID = binder.input("memberId")
        rewardID = binder.input("rewardId")
        quantity = binder.input("quantity")
        payload = binder.output("redemption", "account")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let member = try books.desk.live(call[memberID], at: "memberId", call)
        let reward = try call.row(call[rewardID], in: rewards.table, at: "rewardId")
        let quantity = call[quantity]
        let price = try price(of: reward, quantity, member, call)
        let row = call.data.row(rewards.table, reward)
        let (program, name, stock) = (row[rewards.program], row[rewards.name], row[rewards.stock])
        let template = row[rewards.couponTemplate]
        let entry = try desk.redeem(
            member: member, program: program, points: price, reason: name, call)
        call.audit(rewards.table, reward)
        if let stock {
            try call.update(rewards.table, reward) { $0[rewards.stock] = stock - quantity }
        }
        var coupon: RowRef?
        if let template {
            coupon = try coupons.issue(
                template: template, member: member, at: "rewardId", call)
        }
        let redemption = try call.insert(redemptions.table) { row in
            row[redemptions.member] = member
            row[redemptions.reward] = reward
            row[redemptions.quantity] = quantity
            row[redemptions.status] = .issued
            row[redemptions.points] = price
            row[redemptions.entry] = entry
            row[redemptions.coupon] = coupon
        }
        call.auditNew(redemptions.table, redemption)
        call.answer(
            payload, .row(redemption),
            .row(call.data.find(books.accounts.byOwner, .row(member), .row(program))))
    }

    private func price(
        of reward: RowRef, _ quantity: Int, _ member: RowRef, _ call: RuleCall
    ) throws(MutationStop) -> Int64 {
        let data = call.data
        let row = data.row(rewards.table, reward)
        // A redemption has one coupon.
        let isSingle = row[rewards.couponTemplate] != nil
        do throws(RewardRefusal) {
            if isSingle, quantity > 1 { throw .quantity(Int64(quantity)) }
            return try rewards.offer(reward, data).price(
                quantity: Int64(quantity), had: redemptions.count(of: reward, member, data),
                hasTier: hasTier(row[rewards.minTier], member, data), now: call.now)
        } catch {
            let path: String
            switch error {
            case .quantity, .limitReached, .outOfStock: path = "quantity"
            case .notOffered, .tierRequired, .transition, .couponUsed: path = "rewardId"
            }
            throw call.refuse(error.code.code, error.message, at: path)
        }
    }

    private func hasTier(_ least: RowRef?, _ member: RowRef, _ data: DataView) -> Bool {
        guard let least else { return true }
        let tiers = desk.tiers
        let row = data.row(tiers.tiers.table, least)
        let held = tiers.assignments.tier(
            of: member, row[tiers.tiers.program], at: data.now, data)
        guard let held else { return false }
        return data.row(tiers.tiers.table, held)[tiers.tiers.rank] >= row[tiers.tiers.rank]
    }
}
