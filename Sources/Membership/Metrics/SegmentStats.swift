import Engine
import Store

/// `Segment.stats`: figures of a segment's members in a period.
struct SegmentStats: FieldRule {
    static let name = "segment.stats"

    private let scopes: ScopeDesk
    private let members: MemberFigures
    private let purchases: PurchaseFigures
    private let churn: ChurnDesk
    private let rates: RateShape
    private let money: MoneyShape
    private let period: PeriodInput
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        members = binder.shared()
        purchases = binder.shared()
        churn = binder.shared()
        rates = binder.shared()
        money = binder.shared()
        period = PeriodInput(binder)
        shape = binder.output(
            "members", "activeRate", "repeatPurchaseRate", "orders", "aov", "revenue", "churnHigh")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let scope = try scopes.scope(segment: read.owner, read)
        let time = period.timeline(read, scope.calendar)
        func asks(_ names: String...) -> Bool { names.contains { read.isSelected($0) } }

        var total = 0
        if asks("members", "activeRate") { total = try members.joined(scope, time, read).total[0] }
        let active = try asks("activeRate") ? members.active(scope, time, read).count() : 0
        var bought = PurchaseFigures.Bought()
        if asks("repeatPurchaseRate", "orders", "aov", "revenue") {
            bought = try purchases.bought(scope, time, read)[0]
        }
        var high = 0
        if asks("churnHigh") {
            var listed: [RowRef] = []
            try read.walk(scopes.members.table) { ref, _ in
                if scope.members.contains(ref) { listed.append(ref) }
            }
            for member in listed where try churn.signal(of: member, read).risk == .high {
                high += 1
            }
        }
        return shape.object(
            .int(total), rates.value(Ratio(active, total)), rates.value(bought.repeatRate),
            .int(bought.orderCount), .list(bought.net.averages.map(money.value)),
            .list(bought.net.amounts.map(money.value)), .int(high))
    }
}
