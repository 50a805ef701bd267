/// Why a membership does not change as asked.
enum TermRefusal: RuleRefusal {
    /// The type is no longer sold.
    case notSold(type: Int64)
    /// The number of terms is not in 1...``Holding/termsMax``.
    case termCount(Int)
    /// A last day would lie beyond the year 9999.
    case beyondCalendar
    /// The member holds one of the same chapter already.
    case alreadyHeld(membership: Int64)
    /// It waits for its fee, and no payment was named.
    case unpaid(feeMinor: Int64)
    /// It cannot be renewed from this status.
    case notRenewable(MembershipStatus)
    /// The other type is of another chapter.
    case otherChapter(Int64)
    /// It has no end that could be moved.
    case lifetime
    /// It has no dates of its own.
    case inherited(from: Int64)
    /// As many members share it as may.
    case inheritLimit(Int)
    /// It is not held on this day, so it cannot be shared.
    case primaryNotCurrent(MembershipStatus)
    /// What is asked for does not follow from this status.
    case transition(from: MembershipStatus)
    /// A pause reaches beyond the last day.
    case pausePastEnd(end: Int32)
    /// A day that lies before the day it should follow.
    case dayBefore(Int32)
    /// A pinned status needs a reason.
    case reasonMissing

    var code: RuleCode {
        switch self {
        case .notSold, .termCount, .beyondCalendar, .pausePastEnd, .dayBefore: .invalid
        case .alreadyHeld: .membershipAlreadyCurrent
        case .unpaid: .paymentRequired
        case .notRenewable, .otherChapter: .membershipNotRenewable
        case .lifetime: .membershipLifetime
        case .inherited: .inheritedMembership
        case .inheritLimit: .inheritLimitReached
        case .primaryNotCurrent: .notEligible
        case .transition: .invalidTransition
        case .reasonMissing: .required
        }
    }
}
