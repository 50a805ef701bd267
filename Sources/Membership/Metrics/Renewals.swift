/// How many memberships that came to their end went on.
struct Renewals: Equatable, Sendable {
    /// All: renewed of due.
    var all = Ratio(0, 0)
    /// Those that came to the end of what was bought first.
    var firstYear = Ratio(0, 0)
    /// By what the membership is now.
    var byStatus: [MembershipStatus: Ratio] = [:]

    /// - Parameters:
    ///   - holdings: with all their terms. Shared ones have none and are not counted.
    ///   - period: the days of which a last day makes a membership due, the end excluded.
    ///   - today: the day by which ``byStatus`` goes.
    init(_ holdings: some Sequence<Holding>, in period: Range<Int32>, on today: Int32) {
        for holding in holdings where !holding.isDeceased {
            let purchases = Renewals.purchases(holding.terms)
            for (place, purchase) in purchases.enumerated() {
                guard let end = purchase.end, period.contains(end) else { continue }
                let next = place + 1 < purchases.count ? purchases[place + 1] : nil
                let isRenewed = next.map {
                    ($0.kind == .renewal || $0.kind == .upgrade)
                        && Int64($0.start) == Int64(end) + 1
                        && Int64($0.countedOn) <= Int64(end) + Int64(holding.type.graceDays)
                }
                let status = holding.status(on: today)
                all.count(isRenewed ?? false)
                byStatus[status, default: Ratio(0, 0)].count(isRenewed ?? false)
                if purchase.isFirst { firstYear.count(isRenewed ?? false) }
            }
        }
    }

    /// Terms bought together, and the days given back after pauses within them.
    private struct Purchase {
        let kind: TermKind
        let start: Int32
        var end: Int32?
        let countedOn: Int32
        let payment: Int64?
        let isFirst: Bool
    }

    /// Several terms paid at once are due once, at the end of the last.
    private static func purchases(_ terms: [Term]) -> [Purchase] {
        var purchases: [Purchase] = []
        for term in terms {
            if let last = purchases.last, let end = last.end,
                Int64(end) + 1 == Int64(term.dates.start),
                term.kind == .adjustment
                    || (last.payment == term.payment && last.countedOn == term.countedOn)
            {
                purchases[purchases.count - 1].end = term.dates.end
                continue
            }
            purchases.append(
                Purchase(
                    kind: term.kind, start: term.dates.start, end: term.dates.end,
                    countedOn: term.countedOn, payment: term.payment, isFirst: term.seq == 1))
        }
        return purchases
    }
}

extension Ratio {
    /// One more, of which the rate is made or not.
    fileprivate mutating func count(_ isIn: Bool) {
        numerator += isIn ? 1 : 0
        denominator += 1
    }
}
