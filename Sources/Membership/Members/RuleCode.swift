import Engine

/// What a rule says when it refuses: the codes of user errors, as the API spells them.
enum RuleCode: String, CaseIterable, Sendable {
    case notFound = "NOT_FOUND"
    case invalid = "INVALID"
    case required = "REQUIRED"
    case tooLong = "TOO_LONG"
    case uniqueViolation = "UNIQUE_VIOLATION"
    case versionConflict = "VERSION_CONFLICT"
    case forbidden = "FORBIDDEN"
    case idempotencyKeyRequired = "IDEMPOTENCY_KEY_REQUIRED"
    case idempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
    case idempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS"
    case invalidTransition = "INVALID_TRANSITION"

    case memberMerged = "MEMBER_MERGED"
    case memberSuspended = "MEMBER_SUSPENDED"
    case memberErased = "MEMBER_ERASED"
    case identityTaken = "IDENTITY_TAKEN"
    case mergeSelf = "MERGE_SELF"
    case mergeConflict = "MERGE_CONFLICT"
    case mergeNotUndoable = "MERGE_NOT_UNDOABLE"

    case insufficientPoints = "INSUFFICIENT_POINTS"
    case nonPositiveAmount = "NON_POSITIVE_AMOUNT"
    case lotExpired = "LOT_EXPIRED"
    case earnLimitReached = "EARN_LIMIT_REACHED"
    case alreadyReversed = "ALREADY_REVERSED"
    case notReversible = "NOT_REVERSIBLE"
    case holdNotOpen = "HOLD_NOT_OPEN"
    case holdExpired = "HOLD_EXPIRED"
    case programClosed = "PROGRAM_CLOSED"

    case rewardOutOfStock = "REWARD_OUT_OF_STOCK"
    case rewardLimitReached = "REWARD_LIMIT_REACHED"
    case tierRequired = "TIER_REQUIRED"
    case tierLocked = "TIER_LOCKED"

    case couponNotFound = "COUPON_NOT_FOUND"
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
    case passExhausted = "PASS_EXHAUSTED"
    case passExpired = "PASS_EXPIRED"

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

    case consentMissing = "CONSENT_MISSING"
    case frequencyCapped = "FREQUENCY_CAPPED"
    case campaignNotEditable = "CAMPAIGN_NOT_EDITABLE"
    case segmentRuleInvalid = "SEGMENT_RULE_INVALID"

    case codeUnknown = "CODE_UNKNOWN"
    case codeAlreadyClaimed = "CODE_ALREADY_CLAIMED"
    case codeBlocked = "CODE_BLOCKED"
    case outOfStock = "OUT_OF_STOCK"
    case slotTaken = "SLOT_TAKEN"
    case ticketClosed = "TICKET_CLOSED"

    /// As the engine knows it.
    var code: ErrorCode {
        switch self {
        case .notFound: .notFound
        case .invalid: .invalid
        case .required: .required
        case .tooLong: .tooLong
        case .idempotencyKeyReused: .idempotencyKeyReused
        default: ErrorCode(rawValue, meaning)
        }
    }

    /// For the printed schema; empty for the codes that every schema has.
    private var meaning: String {
        switch self {
        case .notFound, .invalid, .required, .tooLong, .idempotencyKeyReused: ""
        case .uniqueViolation: "Something else has this value already."
        case .versionConflict: "The row was changed since it was read."
        case .forbidden: "The caller may not do this."
        case .idempotencyKeyRequired: "This is done only with an idempotency key."
        case .idempotencyInProgress: "A request with this key is still at work."
        case .invalidTransition: "This does not follow from the present status."
        case .memberMerged: "Another member took this one's place."
        case .memberSuspended: "The member is suspended and takes no part."
        case .memberErased: "The member was erased."
        case .identityTaken: "Another member has this identity."
        case .mergeSelf: "A member does not become one with itself."
        case .mergeConflict: "These members do not become one as they are."
        case .mergeNotUndoable: "What was merged is no longer all there."
        case .insufficientPoints: "There are fewer points to spend than asked for."
        case .nonPositiveAmount: "The amount must be above zero."
        case .lotExpired: "The points have lapsed."
        case .earnLimitReached: "No more is earned by this rule for now."
        case .alreadyReversed: "It was taken back already."
        case .notReversible: "It cannot be taken back."
        case .holdNotOpen: "The hold was captured or released."
        case .holdExpired: "The hold has run out."
        case .programClosed: "The program is closed."
        case .rewardOutOfStock: "There are no more of this reward."
        case .rewardLimitReached: "The member has had this reward as often as one may."
        case .tierRequired: "It is for members of a higher tier."
        case .tierLocked: "The tier was locked by staff."
        case .couponNotFound: "There is no such coupon."
        case .couponNotYetValid: "The coupon is not valid yet."
        case .couponExpired: "The coupon has run out."
        case .couponAlreadyRedeemed: "The coupon was used."
        case .couponReserved: "The coupon is set aside for another purchase."
        case .couponVoided: "The coupon was made void."
        case .couponNotOwned: "The coupon is another member's."
        case .couponMinSpend: "The purchase is too small for the coupon."
        case .couponLimitReached: "The coupon was given or used as often as it may."
        case .couponNotStackable: "The coupon is not used together with others."
        case .insufficientFunds: "The wallet holds less than asked for."
        case .currencyMismatch: "The currencies differ."
        case .amountExceedsPayment: "More would go back than was paid."
        case .passExhausted: "The pass has no visits left."
        case .passExpired: "The pass has run out."
        case .membershipNotRenewable: "The membership cannot be renewed like this."
        case .membershipAlreadyCurrent: "The member holds a membership of this chapter."
        case .membershipLifetime: "The membership is for a lifetime."
        case .inheritedMembership: "The membership is shared and has no terms of its own."
        case .inheritLimitReached: "As many members share the membership as may."
        case .paymentRequired: "The fee must be paid first."
        case .eventFull: "The event has no free seats."
        case .eventClosed: "The event takes no registrations now."
        case .eventCancelled: "The event was called off."
        case .alreadyRegistered: "The member is registered for the event."
        case .notEligible: "The member does not meet the conditions."
        case .offerExpired: "The offer has run out."
        case .cancelDeadlinePassed: "It is too late to cancel."
        case .alreadyCheckedIn: "The ticket was used."
        case .notPaid: "The fee is not paid."
        case .notApproved: "The registration is not approved."
        case .capacityBelowTaken: "More seats are taken than there would be."
        case .consentMissing: "The member did not agree to be written to."
        case .frequencyCapped: "The member was written to often enough."
        case .campaignNotEditable: "The campaign cannot be changed in its status."
        case .segmentRuleInvalid: "The filter is no filter of members."
        case .codeUnknown: "There is no such code."
        case .codeAlreadyClaimed: "Another member has claimed the code."
        case .codeBlocked: "The code is blocked."
        case .outOfStock: "There is not enough in stock."
        case .slotTaken: "The time is taken."
        case .ticketClosed: "The ticket is closed."
        }
    }

    /// What the rules add to the codes that every schema has.
    static let errorCodes = allCases.filter { !$0.meaning.isEmpty }.map(\.code)
}

/// Why a rule says no: a closed enum for each subject, whose cases carry the facts.
protocol RuleRefusal: Error, Equatable, Sendable {
    /// The code that a client branches on.
    var code: RuleCode { get }
}
