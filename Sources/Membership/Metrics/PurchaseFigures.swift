import Engine
import GraphQL
import Store

/// The currency alone of a column of money, to be read without the rest.
struct CurrencyOnly: StoredObject {
    let code: String

    static let fieldNames = ["currency"]

    init(_ values: [CoercedValue]) {
        code = if case .string(let text) = values[0] { text } else { "" }
    }

    var values: [CoercedValue] { [.string(code)] }
}

/// Sums of money, one for each currency: amounts of two currencies are never added up.
struct CurrencySums: Equatable, Sendable {
    private(set) var sums: [(currency: String, minor: Int64, count: Int64)] = []

    mutating func add(_ minor: Int64, _ currency: String) {
        for place in sums.indices where sums[place].currency == currency {
            sums[place].minor = CurrencySums.sum(sums[place].minor, minor)
            sums[place].count += 1
            return
        }
        sums.append((currency, minor, 1))
    }

    /// By the name of the currency.
    var amounts: [Amount] {
        sums.sorted { $0.currency < $1.currency }
            .map { Amount(minor: $0.minor, currency: $0.currency) }
    }

    /// What one came to on average, rounded to the nearest minor unit, halves away from zero.
    var averages: [Amount] {
        sums.sorted { $0.currency < $1.currency }.map {
            let half = $0.minor < 0 ? -($0.count / 2) : $0.count / 2
            return Amount(
                minor: CurrencySums.sum($0.minor, half) / $0.count, currency: $0.currency)
        }
    }

    /// Sum and number of one currency.
    func ratio(_ currency: String) -> Ratio {
        let own = sums.first { $0.currency == currency }
        return Ratio(own?.minor ?? 0, own?.count ?? 0)
    }

    /// At the end of what can be told, sums stay there.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? (left < 0 ? -Exact.max : Exact.max) : min(max(sum, -Exact.max), Exact.max)
    }

    static func == (left: CurrencySums, right: CurrencySums) -> Bool {
        left.amounts == right.amounts && left.sums.count == right.sums.count
    }
}

/// What was bought.
struct PurchaseFigures: BoundTables {
    let orders: OrderTable
    private let members: MemberTable
    private let currency: ValueField<CurrencyOnly>

    init(_ binder: RuleBinder) {
        orders = binder.shared()
        members = binder.shared()
        currency = binder.table("Order")("net")
    }

    /// What was bought in an interval.
    struct Bought {
        var orderCount = 0
        var ordersOfMembers = 0
        var buyers = 0
        /// With two orders or more.
        var repeatBuyers = 0
        var net = CurrencySums()

        var repeatRate: Ratio { Ratio(repeatBuyers, buyers) }
        var frequency: Ratio { Ratio(ordersOfMembers, buyers) }
    }

    /// For each interval, by when the orders were paid. What was wholly given back was not bought.
    func bought(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> [Bought] {
        var bought = Array(repeating: Bought(), count: time.count)
        var once = RowSets(time.count, of: members.table, read.data)
        var twice = RowSets(time.count, of: members.table, read.data)
        try read.walk(orders.table) { _, row in
            guard let place = paidPlace(row, time) else { return }
            let member = row[orders.member]
            guard scope.counts(orderAt: row[orders.chapter], by: member) else { return }
            bought[place].orderCount += 1
            bought[place].net.add(row[orders.netMinor], row[currency]?.code ?? "")
            guard let member else { return }
            bought[place].ordersOfMembers += 1
            if !once.insert(member, into: place) { twice.insert(member, into: place) }
        }
        for place in 0..<time.count {
            bought[place].buyers = once.count(of: place)
            bought[place].repeatBuyers = twice.count(of: place)
        }
        return bought
    }

    private func paidPlace(_ row: RowView, _ time: Timeline) -> Int? {
        guard isBought(row), let at = row[orders.paidAt] else { return nil }
        return time.place(of: at)
    }

    /// Whether an order was paid, and not wholly given back.
    func isBought(_ row: RowView) -> Bool {
        switch row[orders.status] {
        case .paid, .partiallyRefunded: true
        case .open, .refunded, .cancelled: false
        }
    }

    func currency(_ row: RowView) -> String { row[currency]?.code ?? "" }
}
