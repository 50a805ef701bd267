/// What members bought in a window.
struct Purchases: Equatable, Sendable {
    private var orders: [Int64: Int64] = [:]
    private(set) var orderCount: Int64 = 0
    /// Net, in minor units; `nil` once it is beyond 2^53 − 1.
    private(set) var netMinor: Int64? = 0

    /// Counts one paid order.
    ///
    /// - Parameter member: `nil` for a buyer who is not known.
    mutating func add(member: Int64?, netMinor net: Int64) {
        orderCount += 1
        netMinor = netMinor.flatMap { Exact.sum($0, net) }
        if let member { orders[member, default: 0] += 1 }
    }

    /// Buyers with two orders or more, of all buyers.
    var repeatRate: Ratio {
        Ratio(orders.values.count { $0 >= 2 }, orders.count)
    }

    /// Orders of known buyers, by buyer.
    var frequency: Ratio { Ratio(orders.values.reduce(0, +), Int64(orders.count)) }

    /// Net by order: the average order value, 客单价. `nil` when the net is beyond what can be told.
    var averageOrderMinor: Ratio? { netMinor.map { Ratio($0, orderCount) } }

    /// Net by buyer, which some reports give the same name.
    var revenuePerBuyerMinor: Ratio? { netMinor.map { Ratio($0, Int64(orders.count)) } }
}
