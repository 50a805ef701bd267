/// What a rule says when it refuses: the `rule` of a user error, spelled as the API spells it.
///
/// Only the codes that the subjects of this room give by themselves; what is found or not found,
/// and who may do it, is decided where rows are read.
enum RuleCode: String, CaseIterable, Sendable {
    case notFound = "NOT_FOUND"
    case invalid = "INVALID"
    case required = "REQUIRED"
    case tooLong = "TOO_LONG"
    case uniqueViolation = "UNIQUE_VIOLATION"
    case invalidTransition = "INVALID_TRANSITION"

    case memberMerged = "MEMBER_MERGED"
    case memberSuspended = "MEMBER_SUSPENDED"
    case memberErased = "MEMBER_ERASED"
    case mergeSelf = "MERGE_SELF"
    case mergeConflict = "MERGE_CONFLICT"
    case mergeNotUndoable = "MERGE_NOT_UNDOABLE"

    case membershipNotRenewable = "MEMBERSHIP_NOT_RENEWABLE"
    case membershipAlreadyCurrent = "MEMBERSHIP_ALREADY_CURRENT"
    case membershipLifetime = "MEMBERSHIP_LIFETIME"
    case inheritedMembership = "INHERITED_MEMBERSHIP"
    case inheritLimitReached = "INHERIT_LIMIT_REACHED"
    case paymentRequired = "PAYMENT_REQUIRED"

    case eventFull = "EVENT_FULL"
    case eventClosed = "EVENT_CLOSED"
    case eventCancelled = "EVENT_CANCELLED"
    case alreadyRegistered = "ALREADY_REGISTERED"
    case notEligible = "NOT_ELIGIBLE"
    case offerExpired = "OFFER_EXPIRED"
    case cancelDeadlinePassed = "CANCEL_DEADLINE_PASSED"
    case alreadyCheckedIn = "ALREADY_CHECKED_IN"
    case notPaid = "NOT_PAID"
    case notApproved = "NOT_APPROVED"
    case capacityBelowTaken = "CAPACITY_BELOW_TAKEN"

    case couponNotYetValid = "COUPON_NOT_YET_VALID"
    case couponExpired = "COUPON_EXPIRED"
    case couponAlreadyRedeemed = "COUPON_ALREADY_REDEEMED"
    case couponReserved = "COUPON_RESERVED"
    case couponVoided = "COUPON_VOIDED"
    case couponNotOwned = "COUPON_NOT_OWNED"
    case couponMinSpend = "COUPON_MIN_SPEND"
    case couponLimitReached = "COUPON_LIMIT_REACHED"
    case couponNotStackable = "COUPON_NOT_STACKABLE"

    case insufficientFunds = "INSUFFICIENT_FUNDS"
    case currencyMismatch = "CURRENCY_MISMATCH"
    case amountExceedsPayment = "AMOUNT_EXCEEDS_PAYMENT"
    case nonPositiveAmount = "NON_POSITIVE_AMOUNT"
}

/// Why a rule says no: a closed enum for each subject, whose cases carry the facts.
protocol RuleRefusal: Error, Equatable, Sendable {
    /// The code that a client branches on.
    var code: RuleCode { get }
}
