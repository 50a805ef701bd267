/// Arithmetic of points: whole numbers within ±(2^53 − 1), the range in which a JSON number is
/// exact for every client. A sum that would leave it fails, and never traps or wraps.
public enum PointsAmount {
    /// 2^53 − 1
    public static let max: Int64 = 9_007_199_254_740_991

    /// - Throws: `amountOutOfRange`.
    static func sum(_ left: Int64, _ right: Int64) throws(PointsFailure) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return try checked(sum, overflow)
    }

    /// - Throws: `amountOutOfRange`.
    static func difference(_ left: Int64, _ right: Int64) throws(PointsFailure) -> Int64 {
        let (difference, overflow) = left.subtractingReportingOverflow(right)
        return try checked(difference, overflow)
    }

    /// - Throws: `amountOutOfRange`.
    static func product(_ left: Int64, _ right: Int64) throws(PointsFailure) -> Int64 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return try checked(product, overflow)
    }

    /// An amount that somebody asked for.
    ///
    /// - Throws: `nonPositiveAmount`, `amountOutOfRange`.
    static func positive(_ points: Int64) throws(PointsFailure) -> Int64 {
        guard points > 0 else { throw .nonPositiveAmount(points) }
        return try checked(points, false)
    }

    private static func checked(_ value: Int64, _ overflow: Bool) throws(PointsFailure) -> Int64 {
        guard !overflow, value <= max, value >= -max else { throw .amountOutOfRange }
        return value
    }

    /// The share of `whole` that belongs to `part` of `total`, rounded down: `whole · part / total`.
    ///
    /// For a refund in parts, ask with the **sum** refunded so far and take the difference to the
    /// last answer: the parts then add up to the whole, whatever their sizes.
    ///
    /// - Parameters:
    ///   - whole: not negative.
    ///   - part: below 0 counts as 0, above `total` as `total`.
    ///   - total: of a total of 0 or less, everything is the share.
    public static func share(of whole: Int64, part: Int64, total: Int64) -> Int64 {
        guard whole > 0 else { return 0 }
        guard total > 0, part < total else { return whole }
        guard part > 0 else { return 0 }
        // The product may need 126 bits; the quotient is at most `whole`, because part < total.
        return total.dividingFullWidth(whole.multipliedFullWidth(by: part)).quotient
    }
}
