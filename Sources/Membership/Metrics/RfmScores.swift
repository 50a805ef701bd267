/// What a member bought in the window: how lately, how often, for how much.
struct RfmInput: Equatable, Sendable {
    var member: Int64
    /// Days since the last paid order.
    var recencyDays: Int
    /// Paid orders; members without one have no score.
    var frequency: Int
    /// Net, in minor units.
    var monetaryMinor: Int64
    /// Amounts are compared among those in the same currency alone.
    var currency = ""
}

/// What a score says about a member.
enum RfmLabel: String, CaseIterable, Sendable {
    case champion = "CHAMPION"
    /// Worth much once, and quiet now.
    case atRisk = "AT_RISK"
    case hibernating = "HIBERNATING"
    case new = "NEW"
    case regular = "REGULAR"
}

/// A score of 1 to 5 in each respect; 5 is best.
struct RfmScore: Equatable, Sendable {
    var r: Int
    var f: Int
    var m: Int

    /// `555` is the best.
    var code: String { "\(r)\(f)\(m)" }

    var label: RfmLabel {
        switch (r, f, m) {
        case (5, 5, 5), (5, 5, 4), (5, 4, 5): .champion
        case (...2, 4..., 4...): .atRisk
        case (1, 1, ...2): .hibernating
        case (4..., 1, _): .new
        default: .regular
        }
    }

    /// The scores of all who bought, in the order of `inputs`.
    ///
    /// Each respect goes by the percentile rank among all: of those below and half of the equal
    /// ones, the fifth in which it lies. Equal values get equal scores. O(n log n).
    static func scores(_ inputs: [RfmInput]) -> [RfmScore] {
        let r = fifths(inputs.map { -Int64(clamping: $0.recencyDays) })
        let f = fifths(inputs.map { Int64(clamping: $0.frequency) })
        var m = inputs.map { _ in 0 }
        for places in Dictionary(grouping: inputs.indices, by: { inputs[$0].currency }).values {
            let scores = fifths(places.map { inputs[$0].monetaryMinor })
            for (place, score) in zip(places, scores) { m[place] = score }
        }
        return inputs.indices.map { RfmScore(r: r[$0], f: f[$0], m: m[$0]) }
    }

    /// For each value, 1 to 5.
    static func fifths(_ values: [Int64]) -> [Int] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var scores = values.map { _ in 0 }
        var below = 0
        while below < order.count {
            var end = below + 1
            while end < order.count && values[order[end]] == values[order[below]] { end += 1 }
            // Twice the rank of twice the count, so that halves stay whole; rounded up.
            let rank = below + end
            let score = (5 * rank + 2 * order.count - 1) / (2 * order.count)
            for place in below..<end { scores[order[place]] = min(max(score, 1), 5) }
            below = end
        }
        return scores
    }
}
