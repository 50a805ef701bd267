/// Why a term was added.
enum TermKind: String, CaseIterable, Sendable {
    case new = "NEW"
    case renewal = "RENEWAL"
    /// After a gap.
    case rejoin = "REJOIN"
    /// Renewal into another type.
    case upgrade = "UPGRADE"
    /// Days given back after a pause.
    case adjustment = "ADJUSTMENT"
}

/// One term of a membership, never changed once it is there.
struct Term: Equatable, Sendable {
    /// From 1, without a gap.
    var seq: Int
    var kind: TermKind
    /// Which type it was sold as.
    var type: Int64
    var dates: TermDates
    /// Which payment it was bought with; none when it was free.
    var payment: Int64?
    /// The day from which it counted: when it was paid, or asked for when free.
    var countedOn: Int32
}

/// Terms asked for but not counted yet: they wait for a payment or for staff.
struct PendingTerms: Equatable, Sendable {
    var count: Int
    var type: MembershipType
    /// The first day asked for; the day of activation when `nil`.
    var start: Int32?
}

/// What a member holds of one kind of membership: the row and its terms, as the rules see them.
///
/// **Invariants.** I9: the last day is included, a lifetime has none. I10: joined ≤ first day ≤
/// last day + 1. I11: terms never overlap, and `dates` spans the last unbroken run of them; terms that
/// are measured in visits have no last day and stand outside of this.
struct Holding: Equatable, Sendable {
    /// As many terms as can be bought at a time: enough for ten years of months.
    static let termsMax = 120

    /// Which row it is.
    var key: Int64 = 0
    var type: MembershipType
    /// The day of first joining; stays when a gap is followed by a return. Who joins within a fixed
    /// period counts from its first day; the day it was paid is ``Term/countedOn``.
    var joined: Int32
    /// The last unbroken run of terms; while nothing is paid, what is asked for.
    var dates: TermDates
    /// By `seq`, those that count.
    var terms: [Term] = []
    var pending: PendingTerms?
    var visitsLeft: Int?
    var autoRenew: Bool
    var cancelledFrom: Int32?
    var pause: Pause?
    var pinned: StatusOverride?
    var isDeceased = false
    /// The membership that this one shares and ends with.
    var inheritedFrom: Int64?

    /// What the status follows from. That of a shared membership follows from the shared one's.
    var facts: StatusFacts {
        StatusFacts(
            start: dates.start, end: dates.end, newDays: type.newDays, graceDays: type.graceDays,
            isFirstTermOpen: terms.isEmpty && inheritedFrom == nil, visitsLeft: visitsLeft,
            pinned: pinned, isDeceased: isDeceased, cancelledFrom: cancelledFrom, pause: pause)
    }

    func status(on day: Int32) -> MembershipStatus { facts.status(on: day) }

    /// Days from `day` to the last one; negative after it, `nil` without one.
    func daysToExpiry(on day: Int32) -> Int? {
        dates.end.map { Int($0) - Int(day) }
    }

    /// The last unbroken run of `terms`, which are by `seq`; `nil` when there are none.
    static func lastRun(of terms: [Term]) -> TermDates? {
        guard var run = terms.last?.dates else { return nil }
        for term in terms.dropLast().reversed() {
            guard let end = term.dates.end, Int64(end) + 1 == Int64(run.start) else { break }
            run.start = term.dates.start
        }
        return run
    }

    /// The terms of two memberships of one type as those of one, numbered anew by their first day.
    ///
    /// - Returns: `nil` when two of them overlap: both memberships are kept then.
    static func joinedTerms(_ first: [Term], _ second: [Term]) -> [Term]? {
        var terms = (first + second).sorted { $0.dates.start < $1.dates.start }
        for place in terms.indices {
            terms[place].seq = place + 1
            guard place > 0 else { continue }
            guard let end = terms[place - 1].dates.end, end < terms[place].dates.start else {
                return nil
            }
        }
        return terms
    }
}
