import Bytes

/// Who gets which version of a campaign, and who none.
///
/// I43: a hash of the campaign's and the member's ids, so that a member always gets the same,
/// whenever and however often it is asked. The three questions have hashes of their own: whoever
/// is tested on is no other mix of people than the rest.
struct CampaignSplit {
    let campaign: String
    let member: String

    private enum Question: UInt64 {
        case control = 1
        case test = 2
        case variant = 3
    }

    /// Whether the member is among those who get nothing, to compare with. I42
    func isControl(percent: Int) -> Bool { place(.control) < percent * 100 }

    /// Whether the versions are tried on the member.
    func isTested(percent: Int) -> Bool { place(.test) < percent * 100 }

    /// The place of the member's version.
    ///
    /// - Parameter weights: their sum need not be 100.
    /// - Returns: nil when there is none with a weight.
    func variant(weights: [Int]) -> Int? {
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return nil }
        var rest = place(.variant) * sum
        for (place, weight) in weights.enumerated() {
            rest -= weight * 10_000
            if rest < 0 { return place }
        }
        return nil
    }

    /// 0 to 9999.
    private func place(_ question: Question) -> Int {
        var text = campaign + "|" + member
        let hash = text.withUTF8 {
            unsafe StableHash.hash(UnsafeRawBufferPointer($0), seed: question.rawValue)
        }
        return Int(hash % 10_000)
    }
}
