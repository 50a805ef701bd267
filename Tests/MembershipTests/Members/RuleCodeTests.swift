import Testing

@testable import Membership

struct RuleCodeTests {
    /// One refusal for each code, from whatever subject gives it.
    private let refusals: [(RuleCode, any RuleRefusal)] = [
        (.notFound, WalletRefusal.entryUnknown),
        (.invalid, TermRefusal.beyondCalendar),
        (.required, ConsentRefusal.evidenceMissing),
        (.tooLong, IdentityRefusal.tooLong(.email, byteCount: 300)),
        (.uniqueViolation, WalletRefusal.paymentRefTaken("a")),
        (.invalidTransition, OrderRefusal.status(.cancelled)),
        (.memberMerged, MemberRefusal.merged(into: 1)),
        (.memberSuspended, MemberRefusal.suspended),
        (.memberErased, MemberRefusal.erased),
        (.mergeSelf, MergeRefusal.itself),
        (.mergeConflict, MergeRefusal.severalMembers([1, 2])),
        (.membershipNotRenewable, TermRefusal.notRenewable(.cancelled)),
        (.membershipAlreadyCurrent, TermRefusal.alreadyHeld(membership: 1)),
        (.membershipLifetime, TermRefusal.lifetime),
        (.inheritedMembership, TermRefusal.inherited(from: 1)),
        (.inheritLimitReached, TermRefusal.inheritLimit(1)),
        (.paymentRequired, TermRefusal.unpaid(feeMinor: 1)),
        (.eventFull, EventRefusal.full(seatsLeft: 0)),
        (.eventClosed, EventRefusal.closed(.finished)),
        (.eventCancelled, EventRefusal.cancelled),
        (.alreadyRegistered, EventRefusal.alreadyRegistered(registration: 1)),
        (.notEligible, EventRefusal.notEligible),
        (.offerExpired, EventRefusal.offerExpired(until: 1)),
        (.cancelDeadlinePassed, EventRefusal.deadlinePassed(1)),
        (.alreadyCheckedIn, EventRefusal.alreadyCheckedIn(at: 1)),
        (.notPaid, EventRefusal.notPaid),
        (.notApproved, EventRefusal.notApproved),
        (.capacityBelowTaken, EventRefusal.capacityBelowTaken(taken: 1)),
        (.couponNotYetValid, CouponRefusal.notYetValid(from: 1)),
        (.couponExpired, CouponRefusal.expired(at: 1)),
        (.couponAlreadyRedeemed, CouponRefusal.alreadyRedeemed(at: 1)),
        (.couponReserved, CouponRefusal.reserved(until: 1)),
        (.couponVoided, CouponRefusal.voided),
        (.couponNotOwned, CouponRefusal.notOwned),
        (.couponMinSpend, CouponRefusal.minSpend(needed: 2, spent: 1)),
        (.couponLimitReached, CouponRefusal.totalLimit(1)),
        (.couponNotStackable, CouponRefusal.notStackable),
        (.insufficientFunds, WalletRefusal.insufficient(available: 0, asked: 1)),
        (.currencyMismatch, OrderRefusal.currency("JPY", is: "EUR")),
        (.amountExceedsPayment, OrderRefusal.exceedsNet(left: 0, asked: 1)),
        (.nonPositiveAmount, WalletRefusal.nonPositive(0)),
    ]

    @Test func `each refusal gives its code`() {
        for (code, refusal) in refusals { #expect(refusal.code == code) }
    }

    @Test func `every code has a name of its own and says what it means`() {
        let codes = RuleCode.allCases.map(\.code)
        #expect(Set(codes.map(\.name)).count == RuleCode.allCases.count)
        for (code, rule) in zip(codes, RuleCode.allCases) {
            #expect(code.name == rule.rawValue)
            #expect(!code.description.isEmpty, "\(rule)")
        }
    }

    @Test func `codes are spelled as the API spells enums`() {
        for code in RuleCode.allCases {
            let isSpelled = code.rawValue.utf8.allSatisfy { 0x41...0x5A ~= $0 || $0 == 0x5F }
            #expect(isSpelled, "\(code)")
        }
    }
}
