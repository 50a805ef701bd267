/// How likely a member is to leave, by a rule that anybody can check: a heuristic, not a model.
enum ChurnRisk: String, Sendable {
    case low = "LOW"
    case medium = "MEDIUM"
    case high = "HIGH"
}

/// Why a member seems about to leave, with what was measured.
enum ChurnReason: Equatable, Sendable {
    /// Quiet for longer than usual between two orders.
    case quietForLong(days: Int, expectedDays: Double)
    /// No login within the window; `days` is `nil` when there never was one.
    case noLogin(days: Int?)
    case openComplaint
    /// A low answer to whether the member would recommend the club.
    case lowScore(Int)
    case membershipEnds(inDays: Int)
}

/// What each observation is worth, in ten-thousandths of the score.
struct ChurnWeights: Equatable, Sendable {
    var quiet = 6_000
    var noLogin = 2_000
    var complaint = 1_000
    var ending = 1_000
    /// From these scores on the risk is medium and high.
    var medium = 4_000
    var high = 7_000
    /// So many usual intervals of silence count in full.
    var fullIntervals = 3.0
    var loginDays = 30
    var endingDays = 30
    /// Answers up to this one to 0...10 are low.
    var lowScore = 6
    /// For so long a low answer counts.
    var scoreDays = 90
}

/// An answer to whether a member would recommend the club, 0 to 10, and its day.
struct GivenScore: Equatable, Sendable {
    var score: Int
    var day: Int32
}

/// What is known about a member, for the churn warning. Days are day numbers.
struct ChurnFacts: Equatable, Sendable {
    /// The days of the last orders, in any order; the last ten count.
    var orderDays: [Int32] = []
    /// What is usual among the member's like, where there are too few orders to tell.
    var usualInterval: Double?
    /// The day of the last activity, or of joining.
    var lastActive: Int32
    var lastLogin: Int32?
    var hasOpenComplaint = false
    var lastScore: GivenScore?
    /// The last day of the membership that ends first.
    var membershipEnd: Int32?
    var autoRenews = false
}

/// The churn warning of one member.
struct ChurnSignal: Equatable, Sendable {
    var risk: ChurnRisk
    /// 0 to 1, in ten-thousandths.
    var scoreBps: Int
    var reasons: [ChurnReason]
    var daysInactive: Int
    /// `nil` when nothing is known about what is usual.
    var expectedIntervalDays: Double?

    var score: Double { Double(scoreBps) / 10_000 }

    /// Source: the club's formula of churn warnings. The sum is taken in whole ten-thousandths, so
    /// that a score on the border of two risks falls on the same side everywhere.
    init(_ facts: ChurnFacts, on day: Int32, _ weights: ChurnWeights = ChurnWeights()) {
        daysInactive = max(Int(day) - Int(facts.lastActive), 0)
        expectedIntervalDays = ChurnSignal.expectedInterval(facts)
        reasons = []
        var sum = 0
        if let expected = expectedIntervalDays {
            // Orders of one day tell of no interval shorter than that day.
            let intervals = Double(daysInactive) / max(expected, 1)
            let part = min(intervals / max(weights.fullIntervals, 0.001), 1)
            sum += Int((Double(weights.quiet) * part).rounded())
            if intervals > 1 {
                reasons.append(.quietForLong(days: daysInactive, expectedDays: expected))
            }
        }
        let sinceLogin = facts.lastLogin.map { Int(day) - Int($0) }
        if sinceLogin ?? .max > weights.loginDays {
            sum += weights.noLogin
            reasons.append(.noLogin(days: sinceLogin))
        }
        let low = facts.lastScore.flatMap { last in
            last.score <= weights.lowScore && Int(day) - Int(last.day) <= weights.scoreDays
                ? last.score : nil
        }
        if facts.hasOpenComplaint || low != nil {
            sum += weights.complaint
            if facts.hasOpenComplaint { reasons.append(.openComplaint) }
            if let low { reasons.append(.lowScore(low)) }
        }
        if let end = facts.membershipEnd, !facts.autoRenews {
            let left = Int(end) - Int(day)
            if 0...max(weights.endingDays, 0) ~= left {
                sum += weights.ending
                reasons.append(.membershipEnds(inDays: left))
            }
        }
        scoreBps = min(max(sum, 0), 10_000)
        risk = scoreBps >= weights.high ? .high : scoreBps >= weights.medium ? .medium : .low
    }

    /// The median of the days between the last ten orders, from three orders on.
    static func expectedInterval(_ facts: ChurnFacts) -> Double? {
        guard facts.orderDays.count >= 3 else { return facts.usualInterval }
        let days = facts.orderDays.sorted().suffix(10)
        let gaps = zip(days, days.dropFirst()).map { Int64($1) - Int64($0) }
        return Median.of(gaps)
    }
}

/// The value in the middle.
enum Median {
    /// Of an even number, halfway between the two in the middle; `nil` of nothing. O(n log n).
    static func of(_ values: [Int64]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let upper = sorted[sorted.count / 2]
        guard sorted.count.isMultiple(of: 2) else { return Double(upper) }
        return (Double(sorted[sorted.count / 2 - 1]) + Double(upper)) / 2
    }
}
