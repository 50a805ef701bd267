/// What points cost, and how many of them are used.
enum PointsFigures {
    /// Spent of issued, over lots whose end has passed: what is still open would make it look low.
    /// Its ``Ratio/rest`` is the breakage.
    static func redemption(spent: Int64, issued: Int64) -> Ratio {
        Ratio(spent, issued)
    }

    /// What outstanding points are expected to cost, in minor units: a figure for management, not
    /// the deferral that accounting standards ask for.
    ///
    /// - Parameters:
    ///   - outstanding: active and pending points.
    ///   - rate: the share expected to be redeemed, 0 to 1.
    ///   - unitCostMinor: what one point costs.
    /// - Returns: `nil` beyond 2^53 − 1, or for a rate that is no number.
    static func liability(outstanding: Int64, rate: Double, unitCostMinor: Int64) -> Int64? {
        let cost = Double(outstanding) * Double(unitCostMinor) * min(max(rate, 0), 1)
        guard !rate.isNaN, cost.magnitude <= Double(Exact.max) else { return nil }
        return Int64(cost.rounded())
    }
}
