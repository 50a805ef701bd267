/// What a member tells the club.
enum FeedbackKind: String, CaseIterable, Sendable {
    case nps = "NPS"
    case csat = "CSAT"
    case suggestion = "SUGGESTION"
    case complaint = "COMPLAINT"
    case exitReason = "EXIT_REASON"
    case eventRating = "EVENT_RATING"

    /// The answers that may be given; `nil` where words are.
    var scores: ClosedRange<Int>? {
        switch self {
        case .nps: 0...10
        case .csat, .eventRating: 1...5
        case .suggestion, .complaint, .exitReason: nil
        }
    }

    /// - Throws: `scoreMissing`, `scoreOutOfRange`, `scoreWithoutScale`.
    func check(score: Int?) throws(FeedbackRefusal) {
        switch (scores, score) {
        case (.some, nil): throw .scoreMissing
        case (.some(let range), .some(let score)):
            guard range ~= score else { throw .scoreOutOfRange(score, range) }
        case (nil, .some): throw .scoreWithoutScale
        case (nil, nil): return
        }
    }
}

/// Why a feedback is not taken.
enum FeedbackRefusal: RuleRefusal {
    case scoreMissing
    case scoreOutOfRange(Int, ClosedRange<Int>)
    case scoreWithoutScale

    var code: RuleCode {
        switch self {
        case .scoreMissing: .required
        case .scoreOutOfRange, .scoreWithoutScale: .invalid
        }
    }
}

/// Answers counted by score.
struct Satisfaction: Equatable, Sendable {
    private var counts: [Int: Int64] = [:]

    /// - Parameter scores: those outside the scale asked for are left out by ``nps`` and ``csat``.
    init(_ scores: some Sequence<Int> = EmptyCollection()) {
        for score in scores { counts[score, default: 0] += 1 }
    }

    private func count(_ range: ClosedRange<Int>) -> Int64 {
        range.reduce(0) { $0 + (counts[$1] ?? 0) }
    }

    /// Promoters (9 and 10) less detractors (0 to 6), of all answers; those who said 7 or 8 are in
    /// the denominator alone. The customary figure is 100 times its value.
    var nps: Ratio { Ratio(count(9...10) - count(0...6), count(0...10)) }

    /// Answers of 4 or 5, of all on 1...5.
    var csat: Ratio { Ratio(count(4...5), count(1...5)) }
}
