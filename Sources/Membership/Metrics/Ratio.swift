/// A rate with what it is made of: a bare percentage is rightly distrusted.
struct Ratio: Equatable, Sendable {
    var numerator: Int64
    var denominator: Int64

    init(_ numerator: Int64, _ denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    init(_ numerator: Int, _ denominator: Int) {
        self.init(Int64(numerator), Int64(denominator))
    }

    /// `nil` when there is nothing to divide by, which is not 0.
    var value: Double? {
        denominator == 0 ? nil : Double(numerator) / Double(denominator)
    }

    /// All that is not counted: churn of a retention, no-shows of an attendance.
    var rest: Ratio {
        Ratio(denominator &- numerator, denominator)
    }
}
