import Engine
import Store

/// `report.rfmDistribution`: how many members have which score.
struct ReportRfm: FieldRule {
    static let name = "report.rfmDistribution"

    private let desk: RfmDesk
    private let members: RuleTable
    private let money: MoneyShape
    private let asOf: InputField<Int32>
    private let windowDays: InputField<Int?>
    private let shape: ResultShape

    /// Ten years.
    private static let windowDaysMax = 3_660

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        members = binder.table("Member").table
        money = binder.shared()
        asOf = binder.input("asOf")
        windowDays = binder.input("windowDays")
        shape = binder.output("code", "label", "members", "revenue")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let days = read[windowDays] ?? RfmDesk.usualWindowDays
        guard 1...ReportRfm.windowDaysMax ~= days else {
            throw .refused("windowDays: 1 to \(ReportRfm.windowDaysMax)")
        }
        var buckets: [String: (label: RfmLabel, count: Int, net: CurrencySums)] = [:]
        for (member, scored) in try desk.scores(asOf: read[asOf], windowDays: days, read)
        where read.data.isOpen(members, member) {
            let code = scored.score.code
            var bucket = buckets[code] ?? (scored.score.label, 0, CurrencySums())
            bucket.count += 1
            bucket.net.add(scored.input.monetaryMinor, scored.input.currency)
            buckets[code] = bucket
        }
        return .list(
            buckets.sorted { $0.key > $1.key }.map { code, bucket in
                shape.object(
                    .string(code), .enum(bucket.label), .int(bucket.count),
                    .list(bucket.net.amounts.map(money.value)))
            })
    }
}
