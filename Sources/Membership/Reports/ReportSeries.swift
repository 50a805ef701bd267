import Engine
import Store

/// What a series tells.
enum MetricKey: String, CaseIterable, SchemaEnum {
    case activeRate = "ACTIVE_RATE"
    case retentionRate = "RETENTION_RATE"
    case churnRate = "CHURN_RATE"
    case renewalRate = "RENEWAL_RATE"
    case repeatPurchaseRate = "REPEAT_PURCHASE_RATE"
    case purchaseFrequency = "PURCHASE_FREQUENCY"
    case aov = "AOV"
    case nps = "NPS"
    case csat = "CSAT"
    case pointsIssued = "POINTS_ISSUED"
    case pointsRedeemed = "POINTS_REDEEMED"
    case pointsExpired = "POINTS_EXPIRED"
    case newMembers = "NEW_MEMBERS"
    case revenue = "REVENUE"
}

extension ReportInterval: SchemaEnum {}

/// `report.series`: one figure over time.
struct ReportSeries: FieldRule {
    static let name = "report.series"

    private let scopes: ScopeDesk
    private let members: MemberFigures
    private let renewals: RenewalFigures
    private let purchases: PurchaseFigures
    private let flow: FlowFigures
    private let tiers: RuleTable
    private let metric: InputField<MetricKey>
    private let period: PeriodInput
    private let interval: InputField<ReportInterval>
    private let chapter: InputField<String?>
    private let segment: InputField<String?>
    private let tier: InputField<String?>
    private let currency: InputField<String?>
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        members = binder.shared()
        renewals = binder.shared()
        purchases = binder.shared()
        flow = binder.shared()
        tiers = binder.table("Tier").table
        metric = binder.input("metric")
        period = PeriodInput(binder)
        interval = binder.input("interval")
        chapter = binder.input("chapterId")
        segment = binder.input("segmentId")
        tier = binder.input("tierId")
        currency = binder.input("currency")
        shape = binder.output("at", "value", "count")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let chapter = try read.row(read[chapter], in: scopes.chapters, at: "chapterId")
        let scope = try scopes.scope(
            chapter: chapter,
            segment: try read.row(read[segment], in: scopes.segments, at: "segmentId"),
            tier: try read.row(read[tier], in: tiers, at: "tierId"), read)
        let (from, to) = period.bounds(read)
        guard
            let time = Timeline(from: from, to: to, by: read[interval], scope.calendar)
        else {
            throw .refused("the series would have more than \(Timeline.pointsMax) points")
        }
        let home = chapter ?? scopes.umbrella(read.data)
        let currency =
            read[currency]
            ?? home.map { read.data.row(scopes.chapters, $0)[scopes.currency] } ?? ""
        let points = try points(read[metric], scope, time, currency, read)
        return .list(
            points.enumerated().map { place, point in
                shape.object(
                    .int(Int64(time.labels[place])), .double(point.value), .int(point.count))
            })
    }

    /// A figure, and what it is made of.
    private struct Point {
        var value: Double?
        var count: Int64

        /// Of how many.
        init(_ ratio: Ratio, scale: Double = 1) {
            value = ratio.value.map { $0 * scale }
            count = ratio.denominator
        }

        init(sum: Int64, count: Int) {
            value = Double(sum)
            self.count = Int64(count)
        }
    }

    private func points(
        _ metric: MetricKey, _ scope: FigureScope, _ time: Timeline, _ currency: String,
        _ read: FieldRead
    ) throws(FieldStop) -> [Point] {
        switch metric {
        case .activeRate:
            let total = try members.joined(scope, time, read).total
            let active = try members.active(scope, time, read)
            return (0..<time.count).map { Point(Ratio(active.count(of: $0), total[$0])) }
        case .retentionRate: return try members.retention(scope, time, read).map { Point($0) }
        case .churnRate: return try members.retention(scope, time, read).map { Point($0.rest) }
        case .renewalRate:
            let spans = (0..<time.count).map { time.days(of: $0) }
            return try renewals.renewals(in: spans, scope, read).map { Point($0.all) }
        case .repeatPurchaseRate:
            return try purchases.bought(scope, time, read).map { Point($0.repeatRate) }
        case .purchaseFrequency:
            return try purchases.bought(scope, time, read).map { Point($0.frequency) }
        case .aov:
            return try purchases.bought(scope, time, read).map { Point($0.net.ratio(currency)) }
        case .revenue:
            return try purchases.bought(scope, time, read).map {
                let ratio = $0.net.ratio(currency)
                return Point(sum: ratio.numerator, count: Int(ratio.denominator))
            }
        case .nps:
            return try flow.answers(to: .nps, scope, time, read).map { Point($0.nps, scale: 100) }
        case .csat: return try flow.answers(to: .csat, scope, time, read).map { Point($0.csat) }
        case .pointsIssued:
            return try flow.points(scope, time, read).map {
                Point(sum: $0.issued, count: $0.issuedCount)
            }
        case .pointsRedeemed:
            return try flow.points(scope, time, read).map {
                Point(sum: $0.redeemed, count: $0.redeemedCount)
            }
        case .pointsExpired:
            return try flow.points(scope, time, read).map {
                Point(sum: $0.expired, count: $0.expiredCount)
            }
        case .newMembers:
            return try members.joined(scope, time, read).new.map {
                Point(sum: Int64($0), count: $0)
            }
        }
    }
}
