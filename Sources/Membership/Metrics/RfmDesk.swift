import Engine
import Store

/// Scores all members by how lately, how often and for how much they bought.
struct RfmDesk: BoundTables {
    private let scopes: ScopeDesk
    private let purchases: PurchaseFigures
    private let churn: ChurnDesk
    private let remembered = Remembered<[RowRef: Scored]>()

    /// Days that are looked at unless told otherwise.
    static let usualWindowDays = 365

    /// A member who bought.
    struct Scored: Sendable {
        let input: RfmInput
        let score: RfmScore
    }

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        purchases = binder.shared()
        churn = binder.shared()
    }

    /// The score of one member as of now; nil for who has not bought anything within the window.
    func score(of member: RowRef, _ read: FieldRead) throws(FieldStop) -> Scored? {
        let today = scopes.calendar(read.data).day(of: read.now)
        var mark = churn.mark(read)
        mark.day = today
        return try remembered.value(for: mark) { () throws(FieldStop) in
            try scores(asOf: today, windowDays: RfmDesk.usualWindowDays, read)
        }[member]
    }

    /// The scores of all who bought, in the days of the umbrella.
    ///
    /// - Parameter day: the last one that counts.
    func scores(
        asOf day: Int32, windowDays: Int, _ read: FieldRead
    ) throws(FieldStop) -> [RowRef: Scored] {
        let calendar = scopes.calendar(read.data)
        let scope = try scopes.scope(isOfViewer: false, read)
        let end = calendar.end(ofDay: day)
        let start = calendar.start(ofDay: LocalCalendar.adding(days: 1 - windowDays, to: day))
        var sums: [RowRef: (last: Int64, count: Int, net: CurrencySums)] = [:]
        let orders = purchases.orders
        try read.walk(orders.table) { _, row in
            guard purchases.isBought(row), let at = row[orders.paidAt], at >= start, at < end,
                let member = row[orders.member], scope.members.contains(member)
            else { return }
            var sum = sums[member] ?? (at, 0, CurrencySums())
            sum.last = max(sum.last, at)
            sum.count += 1
            sum.net.add(row[orders.netMinor], purchases.currency(row))
            sums[member] = sum
        }
        // In one order, so that the same data give the same scores everywhere.
        let members = sums.keys.sorted { $0.rawValue < $1.rawValue }
        let inputs = members.compactMap { member in
            sums[member].map { sum in
                let main = sum.net.main
                return RfmInput(
                    member: Int64(member.rawValue),
                    recencyDays: Int(day) - Int(calendar.day(of: sum.last)),
                    frequency: sum.count, monetaryMinor: main.minor, currency: main.currency)
            }
        }
        let scores = RfmScore.scores(inputs)
        var scored: [RowRef: Scored] = [:]
        for (place, input) in inputs.enumerated() {
            scored[members[place]] = Scored(input: input, score: scores[place])
        }
        return scored
    }
}

extension CurrencySums {
    /// That of the currency used most often; of several, the first by name.
    var main: Amount {
        let used = sums.max { ($0.count, $1.currency) < ($1.count, $0.currency) }
        return Amount(minor: used?.minor ?? 0, currency: used?.currency ?? "")
    }
}

/// `Member.rfm`: the member's score among all who bought in the last year.
struct MemberRfm: FieldRule {
    static let name = "member.rfm"

    private let desk: RfmDesk
    private let money: MoneyShape
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        money = binder.shared()
        shape = binder.output(
            "r", "f", "m", "code", "recencyDays", "frequency", "monetary", "label", "computedAt")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        guard let scored = try desk.score(of: read.owner, read) else { return .null }
        let (score, input) = (scored.score, scored.input)
        return shape.object(
            .int(score.r), .int(score.f), .int(score.m), .string(score.code),
            .int(input.recencyDays), .int(input.frequency),
            money.value(Amount(minor: input.monetaryMinor, currency: input.currency)),
            .enum(score.label), .int(read.now))
    }
}
