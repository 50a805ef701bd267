/// Arithmetic of points and money, which neither rounds in silence nor traps.
///
/// Amounts are whole numbers within ±(2^53 − 1): what every client can read exactly.
enum Exact {
    /// 2^53 − 1.
    static let max: Int64 = 9_007_199_254_740_991

    /// `nil` outside ±``max``.
    static func checked(_ value: Int64) -> Int64? {
        -max <= value && value <= max ? value : nil
    }

    /// `nil` when the sum, or a sum on the way to it, is outside ±``max``.
    static func sum(_ values: Int64...) -> Int64? {
        sum(of: values)
    }

    static func sum(of values: some Sequence<Int64>) -> Int64? {
        var total: Int64 = 0
        for value in values {
            let (next, isOver) = total.addingReportingOverflow(value)
            guard !isOver, let next = checked(next) else { return nil }
            total = next
        }
        return total
    }

    /// `nil` outside ±``max``.
    static func product(_ value: Int64, _ factor: Int64) -> Int64? {
        let (product, isOver) = value.multipliedReportingOverflow(by: factor)
        return isOver ? nil : checked(product)
    }

    /// `value × part / whole`, rounded down, without overflow on the way.
    ///
    /// - Parameters:
    ///   - value: not negative.
    ///   - part: in 0...`whole`.
    ///   - whole: of 0, nothing is a share.
    static func share(of value: Int64, _ part: Int64, of whole: Int64) -> Int64 {
        guard value > 0, part > 0, whole > 0 else { return 0 }
        guard part < whole else { return value }
        // The quotient is below `value`, so that it fits.
        let product = UInt64(value).multipliedFullWidth(by: UInt64(part))
        return Int64(UInt64(whole).dividingFullWidth(product).quotient)
    }

    /// `amount` in parts that are to each other as `weights` and whose sum is `amount` exactly.
    ///
    /// No part is larger than its weight as long as `amount` is no larger than their sum: so what
    /// is given back never exceeds what is left, whatever was given back before.
    ///
    /// - Parameters:
    ///   - amount: not negative.
    ///   - weights: not negative, their sum within ``max``.
    /// - Returns: only zeros when there is nothing to divide by.
    static func split(_ amount: Int64, by weights: [Int64]) -> [Int64] {
        guard let whole = sum(of: weights), whole > 0, amount > 0 else {
            return [Int64](repeating: 0, count: weights.count)
        }
        // Each part ends where its share of all weights up to it ends.
        var parts: [Int64] = []
        var reached: Int64 = 0
        var given: Int64 = 0
        for weight in weights {
            reached += weight
            let upTo = share(of: amount, reached, of: whole)
            parts.append(upTo - given)
            given = upTo
        }
        return parts
    }
}

/// An amount in the smallest unit of a currency.
struct Amount: Equatable, Sendable {
    var minor: Int64
    /// After ISO 4217.
    var currency: String
}
