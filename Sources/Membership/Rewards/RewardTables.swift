import Engine
import Store

/// What a reward is.
enum RewardKind: String, CaseIterable, SchemaEnum {
    case product = "PRODUCT"
    case coupon = "COUPON"
    case cashVoucher = "CASH_VOUCHER"
    case eventEntry = "EVENT_ENTRY"
    case service = "SERVICE"
}

/// How far a redemption has come.
enum RedemptionStatus: String, CaseIterable, SchemaEnum {
    case issued = "ISSUED"
    case fulfilled = "FULFILLED"
    case cancelled = "CANCELLED"

    /// Whether it counts against a member's limit.
    var counts: Bool { self != .cancelled }
}

/// The rows of rewards.
struct RewardTable: BoundTables {
    let table: RuleTable
    let program: RowField<RowRef>
    let name: RowField<String>
    let kind: EnumField<RewardKind>
    let cost: RowField<Int64>
    let stock: RowField<Int?>
    let perMemberLimit: RowField<Int?>
    let minTier: RowField<RowRef?>
    let couponTemplate: RowField<RowRef?>
    let activeFrom: RowField<Int64?>
    let activeTo: RowField<Int64?>

    init(_ binder: RuleBinder) {
        let row = binder.table("Reward")
        table = row.table
        program = row("program")
        name = row("name")
        kind = row("kind")
        cost = row("cost")
        stock = row("stock")
        perMemberLimit = row("perMemberLimit")
        minTier = row("minTier")
        couponTemplate = row("couponTemplate")
        activeFrom = row("activeFrom")
        activeTo = row("activeTo")
    }

    func offer(_ ref: RowRef, _ data: DataView) -> RewardOffer {
        let row = data.row(table, ref)
        return RewardOffer(
            cost: row[cost], stock: row[stock].map { Int64($0) },
            perMemberLimit: row[perMemberLimit].map { Int64($0) }, activeFrom: row[activeFrom],
            activeTo: row[activeTo])
    }
}

/// The rows of rewards that were bought.
struct RedemptionTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let reward: RowField<RowRef>
    let quantity: RowField<Int>
    let status: EnumField<RedemptionStatus>
    let points: RowField<Int64>
    let entry: RowField<RowRef>
    let coupon: RowField<RowRef?>
    let fulfilledAt: RowField<Int64?>
    let cancelledAt: RowField<Int64?>
    let reason: RowField<String?>
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("RewardRedemption")
        table = row.table
        member = row("member")
        reward = row("reward")
        quantity = row("quantity")
        status = row("status")
        points = row("points")
        entry = row("entry")
        coupon = row("coupon")
        fulfilledAt = row("fulfilledAt")
        cancelledAt = row("cancelledAt")
        reason = row("reason")
        ofMember = row.index(["member", "reward"], ordered: "status")
    }

    /// How many of a reward a member has.
    func count(of reward: RowRef, _ member: RowRef, _ data: DataView) -> Int64 {
        var count: Int64 = 0
        data.forEach(ofMember, .row(member), .row(reward)) { _, row in
            if row[status].counts { count &+= Int64(row[quantity]) }
            return true
        }
        return count
    }
}
