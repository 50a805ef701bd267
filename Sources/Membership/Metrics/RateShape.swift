import Engine

/// A rate with what it is made of, as the schema's type Rate.
struct RateShape: BoundTables {
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        shape = binder.result("Rate", "value", "numerator", "denominator")
    }

    /// - Parameter scale: what 1 is told as.
    func value(_ ratio: Ratio, scale: Double = 1) -> RuleValue {
        shape.object(
            .double(ratio.value.map { $0 * scale }), .int(ratio.numerator),
            .int(ratio.denominator))
    }
}
