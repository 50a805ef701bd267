import Glibc

/// What became of a campaign's messages. Each figure counts messages, conversions count members.
struct CampaignFigures: Equatable, Sendable {
    /// Everybody it was meant for: also those who got nothing.
    var targeted = 0
    /// Held back, the control group not counted.
    var suppressed = 0
    /// Got nothing, to compare with. I42
    var control = 0
    var sent = 0
    var delivered = 0
    var bounced = 0
    /// By people.
    var uniqueOpens = 0
    /// By machines alone.
    var machineOpens = 0
    var uniqueClicks = 0
    var unsubscribed = 0
    /// Members who reached the goal after delivery.
    var converted = 0
    /// Members of the control group who reached it without any message.
    var controlConverted = 0

    /// Source: the club's formulas of campaigns; what is opened and clicked is told of what arrived.
    var deliveryRate: Ratio { Ratio(delivered, sent) }
    var bounceRate: Ratio { Ratio(bounced, sent) }
    var openRate: Ratio { Ratio(uniqueOpens, delivered) }
    var clickRate: Ratio { Ratio(uniqueClicks, delivered) }
    var clickToOpenRate: Ratio { Ratio(uniqueClicks, uniqueOpens) }
    var conversionRate: Ratio { Ratio(converted, delivered) }

    /// How much more often the goal was reached with a message than without: 0.25 is a quarter
    /// more. `nil` when any of the four counts is below ``cellMin``.
    var lift: Double? {
        guard isTelling else { return nil }
        let treated = Double(converted) / Double(delivered)
        return treated / (Double(controlConverted) / Double(control)) - 1
    }

    /// How likely so great a difference is if the message makes none: two-sided, by the test of two
    /// proportions. `nil` as for ``lift``.
    var pValue: Double? {
        guard isTelling else { return nil }
        let (n1, n2) = (Double(delivered), Double(control))
        let pooled = Double(converted + controlConverted) / (n1 + n2)
        let error = (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).squareRoot()
        let z = (Double(converted) / n1 - Double(controlConverted) / n2) / error
        return erfc(z.magnitude / 2.0.squareRoot())
    }

    /// With fewer in any cell, the normal distribution is no good likeness.
    static let cellMin = 5

    private var isTelling: Bool {
        [converted, delivered - converted, controlConverted, control - controlConverted]
            .allSatisfy { $0 >= Self.cellMin }
    }
}
