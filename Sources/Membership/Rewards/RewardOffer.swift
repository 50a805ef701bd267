/// What a reward asks of those who buy it.
struct RewardOffer: Equatable, Sendable {
    /// Points for one.
    var cost: Int64
    /// How many are left; `nil` without limit.
    var stock: Int64?
    /// How many one member may have.
    var perMemberLimit: Int64?
    var activeFrom: Int64?
    /// Excluded.
    var activeTo: Int64?

    /// Judges a purchase, except for what the member's points allow.
    ///
    /// - Parameters:
    ///   - had: how many the member has already, called-off ones left out.
    ///   - hasTier: whether the member's tier is high enough.
    /// - Returns: what it costs.
    func price(quantity: Int64, had: Int64, hasTier: Bool, now: Int64) throws(RewardRefusal)
        -> Int64
    {
        guard quantity > 0 else { throw .quantity(quantity) }
        guard activeFrom.map({ $0 <= now }) ?? true, activeTo.map({ now < $0 }) ?? true else {
            throw .notOffered
        }
        guard hasTier else { throw .tierRequired }
        if let perMemberLimit, had &+ quantity > perMemberLimit {
            throw .limitReached(left: max(0, perMemberLimit &- had))
        }
        if let stock, quantity > stock { throw .outOfStock(left: stock) }
        guard let price = Exact.product(cost, quantity) else { throw .quantity(quantity) }
        return price
    }
}

/// Why a reward cannot be bought, handed over or called off.
enum RewardRefusal: RuleRefusal {
    case quantity(Int64)
    case notOffered
    case tierRequired
    case limitReached(left: Int64)
    case outOfStock(left: Int64)
    case transition(from: RedemptionStatus)
    /// The coupon that it gave was used.
    case couponUsed

    var code: RuleCode {
        switch self {
        case .quantity: .nonPositiveAmount
        case .notOffered: .invalid
        case .tierRequired: .tierRequired
        case .limitReached: .rewardLimitReached
        case .outOfStock: .rewardOutOfStock
        case .transition: .invalidTransition
        case .couponUsed: .notReversible
        }
    }

    /// For the person who asked.
    var message: String {
        switch self {
        case .quantity: "The number must be 1 or more, and within reason."
        case .notOffered: "The reward is not offered now."
        case .tierRequired: "The reward is for members of a higher tier."
        case .limitReached(let left): "The member may have \(left) more of this reward."
        case .outOfStock(let left): "\(left) of this reward are left."
        case .transition(let status): "The redemption is \(status.rawValue)."
        case .couponUsed: "The coupon that the reward gave was used."
        }
    }
}
