import Engine
import Store

/// `Chapter.stats`: figures of a chapter, and of those below it, in a period. Only what is asked for
/// is worked out.
struct ChapterStats: FieldRule {
    static let name = "chapter.stats"

    private let scopes: ScopeDesk
    private let members: MemberFigures
    private let renewals: RenewalFigures
    private let purchases: PurchaseFigures
    private let flow: FlowFigures
    private let rates: RateShape
    private let money: MoneyShape
    private let period: PeriodInput
    private let includeDescendants: InputField<Bool>
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        members = binder.shared()
        renewals = binder.shared()
        purchases = binder.shared()
        flow = binder.shared()
        rates = binder.shared()
        money = binder.shared()
        period = PeriodInput(binder)
        includeDescendants = binder.input("includeDescendants")
        shape = binder.output(
            "members", "newMembers", "activeMembers", "lapsed", "retentionRate", "churnRate",
            "renewalRate", "firstYearRenewalRate", "activeRate", "repeatPurchaseRate", "orders",
            "aov", "revenue", "pointsIssued", "pointsRedeemed", "couponsRedeemed", "events",
            "attendance", "nps", "csat")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let scope = try scopes.scope(
            chapter: read.owner, includeDescendants: read[includeDescendants], read)
        let time = period.timeline(read, scope.calendar)
        func asks(_ names: String...) -> Bool { names.contains { read.isSelected($0) } }

        var total: RuleValue = .null
        var new: RuleValue = .null
        var denominator = 0
        if asks("members", "newMembers", "activeRate") {
            let joined = try members.joined(scope, time, read)
            denominator = joined.total[0]
            (total, new) = (.int(joined.total[0]), .int(joined.new[0]))
        }
        var active = 0
        if asks("activeMembers", "activeRate") {
            active = try members.active(scope, time, read).count()
        }
        var retention = Ratio(0, 0)
        if asks("lapsed", "retentionRate", "churnRate") {
            retention = try members.retention(scope, time, read)[0]
        }
        var renewed = Renewals()
        if asks("renewalRate", "firstYearRenewalRate") {
            renewed = try renewals.renewals(in: [time.days(of: 0)], scope, read)[0]
        }
        var bought = PurchaseFigures.Bought()
        if asks("repeatPurchaseRate", "orders", "aov", "revenue") {
            bought = try purchases.bought(scope, time, read)[0]
        }
        var points = FlowFigures.Points()
        if asks("pointsIssued", "pointsRedeemed") { points = try flow.points(scope, time, read)[0] }
        let coupons =
            try asks("couponsRedeemed") ? flow.couponsRedeemed(scope, time, read) : 0
        var held = (events: 0, attendance: 0)
        if asks("events", "attendance") { held = try flow.events(scope, time, read) }
        let nps =
            try asks("nps") ? flow.answers(to: .nps, scope, time, read)[0].nps : Ratio(0, 0)
        let csat =
            try asks("csat") ? flow.answers(to: .csat, scope, time, read)[0].csat : Ratio(0, 0)
        return shape.object(
            total, new, .int(active), .int(retention.rest.numerator), rates.value(retention),
            rates.value(retention.rest), rates.value(renewed.all), rates.value(renewed.firstYear),
            rates.value(Ratio(active, denominator)), rates.value(bought.repeatRate),
            .int(bought.orderCount), .list(bought.net.averages.map(money.value)),
            .list(bought.net.amounts.map(money.value)), .int(points.issued),
            .int(points.redeemed), .int(coupons), .int(held.events), .int(held.attendance),
            rates.value(nps, scale: 100), rates.value(csat))
    }
}

/// A span of time as an argument.
struct PeriodInput {
    private let period: InputField<InputObject>
    private let from: InputField<Int64>
    private let to: InputField<Int64>

    init(_ binder: RuleBinder) {
        period = binder.input("period")
        let inner = binder.object("period")
        from = inner.input("from")
        to = inner.input("to")
    }

    func bounds(_ read: FieldRead) -> (from: Int64, to: Int64) {
        let given = read[period]
        return (given[from], given[to])
    }

    /// The whole span as one interval.
    func timeline(_ read: FieldRead, _ calendar: LocalCalendar) -> Timeline {
        let (from, to) = bounds(read)
        return Timeline(from: from, to: to, calendar)
    }
}
