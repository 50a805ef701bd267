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
            add(
                holding.terms, graceDays: holding.type.graceDays, status: holding.status(on: today),
                in: period)
        }
    }

    init() {}

    /// Counts what one membership had come to its end.
    ///
    /// Terms bought together, and days given back after pauses within them, are due once, at the
    /// end of the last.
    ///
    /// - Parameters:
    ///   - terms: by `seq`.
    ///   - status: where the membership stands.
    mutating func add(
        _ terms: some Sequence<Term>, graceDays: Int, status: MembershipStatus,
        in period: Range<Int32>
    ) {
        var open: Purchase?
        for term in terms {
            if let last = open {
                if last.goesOn(with: term) {
                    open?.end = term.dates.end
                    continue
                }
                close(last, before: term, graceDays, status, in: period)
            }
            open = Purchase(
                start: term.dates.start, end: term.dates.end, countedOn: term.countedOn,
                payment: term.payment, isFirst: term.seq == 1)
        }
        if let open { close(open, before: nil, graceDays, status, in: period) }
    }

    private mutating func close(
        _ purchase: Purchase, before next: Term?, _ graceDays: Int, _ status: MembershipStatus,
        in period: Range<Int32>
    ) {
        guard let end = purchase.end, period.contains(end) else { return }
        let isRenewed = next.map {
            ($0.kind == .renewal || $0.kind == .upgrade)
                && Int64($0.dates.start) == Int64(end) + 1
                && Int64($0.countedOn) <= Int64(end) + Int64(graceDays)
        }
        all.count(isRenewed ?? false)
        byStatus[status, default: Ratio(0, 0)].count(isRenewed ?? false)
        if purchase.isFirst { firstYear.count(isRenewed ?? false) }
    }

    /// What was bought at a time.
    private struct Purchase {
        let start: Int32
        var end: Int32?
        let countedOn: Int32
        let payment: Int64?
        let isFirst: Bool

        func goesOn(with term: Term) -> Bool {
            guard let end, Int64(end) + 1 == Int64(term.dates.start) else { return false }
            return term.kind == .adjustment
                || (payment == term.payment && countedOn == term.countedOn)
        }
    }
}

extension Ratio {
    /// One more, of which the rate is made or not.
    fileprivate mutating func count(_ isIn: Bool) {
        numerator += isIn ? 1 : 0
        denominator += 1
    }
}
