/// Where a coupon stands.
enum CouponStatus: String, CaseIterable, Sendable {
    case issued = "ISSUED"
    /// Kept for one checkout.
    case reserved = "RESERVED"
    case redeemed = "REDEEMED"
    case expired = "EXPIRED"
    case voided = "VOIDED"

    /// I28. Back from redeemed only by a rollback.
    func mayBecome(_ next: CouponStatus) -> Bool {
        switch (self, next) {
        case (.issued, .reserved), (.issued, .redeemed), (.issued, .expired), (.issued, .voided):
            true
        case (.reserved, .redeemed), (.reserved, .issued), (.reserved, .expired),
            (.reserved, .voided):
            true
        case (.redeemed, .issued): true
        default: false
        }
    }
}

/// Why a coupon does not do as asked.
enum CouponRefusal: ExplainedRefusal {
    case notYetValid(from: Int64)
    case expired(at: Int64)
    case alreadyRedeemed(at: Int64?)
    /// For another checkout, until then.
    case reserved(until: Int64)
    case voided
    case notOwned
    case minSpend(needed: Int64, spent: Int64)
    case totalLimit(Int)
    case memberLimit(Int)
    case notStackable
    case currency(Amount, is: String)
    case transition(from: CouponStatus)
    /// A reservation needs a key, and a time that is not over at once.
    case reservationInvalid
    /// A template without what its kind of discount needs.
    case templateIncomplete

    var code: RuleCode {
        switch self {
        case .notYetValid: .couponNotYetValid
        case .expired: .couponExpired
        case .alreadyRedeemed: .couponAlreadyRedeemed
        case .reserved: .couponReserved
        case .voided: .couponVoided
        case .notOwned: .couponNotOwned
        case .minSpend: .couponMinSpend
        case .totalLimit, .memberLimit: .couponLimitReached
        case .notStackable: .couponNotStackable
        case .currency: .currencyMismatch
        case .transition: .invalidTransition
        case .reservationInvalid, .templateIncomplete: .invalid
        }
    }

    var message: String {
        switch self {
        case .notYetValid(let from): "The coupon is valid from \(momentText(from))."
        case .expired(let end): "The coupon was valid until \(momentText(end))."
        case .alreadyRedeemed(let at):
            "The coupon was used\(at.map { " at " + momentText($0) } ?? "")."
        case .reserved(let until):
            "The coupon is kept for another checkout until \(momentText(until))."
        case .voided: "The coupon was voided."
        case .notOwned: "The coupon belongs to another member."
        case .minSpend(let needed, let spent):
            "The basket comes to \(spent), and \(needed) is needed."
        case .totalLimit(let limit): "There are no more than \(limit) of these coupons."
        case .memberLimit(let limit): "A member has no more than \(limit) of these coupons."
        case .notStackable: "The coupon does not go together with others."
        case .currency(let amount, let currency):
            "The coupon is in \(currency), the basket in \(amount.currency)."
        case .transition(let status): "The coupon is \(status.rawValue)."
        case .reservationInvalid:
            "A reservation needs a key, and a time between a second and a year."
        case .templateIncomplete: "The template lacks the amount or the percentage of its discount."
        }
    }
}

/// One coupon: one use.
///
/// Instants are milliseconds since 1970-01-01T00:00:00Z; ends are excluded. I30: whether it has
/// expired, or its reservation has, is judged by the clock; a job only makes it visible.
struct Coupon: Equatable, Sendable {
    /// As stored.
    private(set) var stored: CouponStatus = .issued
    /// Whose it is; anybody's when `nil`.
    var member: Int64?
    var validFrom: Int64
    /// Without end when `nil`.
    var validTo: Int64?
    private(set) var reservedUntil: Int64?
    private(set) var reservationKey: String?
    private(set) var redeemedAt: Int64?
    private(set) var order: Int64?

    init(member: Int64? = nil, validFrom: Int64, validTo: Int64? = nil) {
        self.member = member
        self.validFrom = validFrom
        self.validTo = validTo
    }

    /// A coupon as it was written down.
    init(
        stored: CouponStatus, member: Int64?, validFrom: Int64, validTo: Int64?,
        reservedUntil: Int64?, reservationKey: String?, redeemedAt: Int64?, order: Int64?
    ) {
        self.init(member: member, validFrom: validFrom, validTo: validTo)
        self.stored = stored
        self.reservedUntil = reservedUntil
        self.reservationKey = reservationKey
        self.redeemedAt = redeemedAt
        self.order = order
    }

    /// The status at `now`.
    func status(at now: Int64) -> CouponStatus {
        switch stored {
        case .redeemed, .voided, .expired: return stored
        case .issued, .reserved:
            if let validTo, validTo <= now { return .expired }
            guard stored == .reserved, let reservedUntil else { return stored }
            return reservedUntil <= now ? .issued : .reserved
        }
    }

    /// The next instant after `now` at which the status changes by itself; `nil` if it never does.
    func nextChange(after now: Int64) -> Int64? {
        switch status(at: now) {
        case .issued: validTo
        case .reserved: [reservedUntil, validTo].compactMap { $0 }.min()
        case .redeemed, .voided, .expired: nil
        }
    }

    /// Whether it can be used by this member in this checkout, whatever the basket.
    ///
    /// - Parameter key: that of the reservation, where there is one.
    /// - Throws: `alreadyRedeemed`, `voided`, `expired`, `notYetValid`, `reserved`, `notOwned`.
    func check(member user: Int64?, key: String?, at now: Int64) throws(CouponRefusal) {
        switch status(at: now) {
        case .redeemed: throw .alreadyRedeemed(at: redeemedAt)
        case .voided: throw .voided
        case .expired: throw .expired(at: validTo ?? now)
        case .reserved where key != reservationKey: throw .reserved(until: reservedUntil ?? now)
        case .issued, .reserved: break
        }
        if now < validFrom { throw .notYetValid(from: validFrom) }
        if let member, member != user { throw .notOwned }
    }

    /// A year in milliseconds: nobody's checkout takes longer.
    static let reservationMax: Int64 = 366 * 86_400_000

    /// Kept for one checkout. The same key again renews the time; a reservation that is over stands
    /// in nobody's way.
    ///
    /// - Throws: as ``check(member:key:at:)``; `reservationInvalid`.
    mutating func reserve(
        member user: Int64?, key: String, milliseconds: Int64, at now: Int64
    ) throws(CouponRefusal) {
        let (until, isOver) = now.addingReportingOverflow(milliseconds)
        guard !key.isEmpty, milliseconds > 0, milliseconds <= Coupon.reservationMax, !isOver else {
            throw .reservationInvalid
        }
        try check(member: user, key: key, at: now)
        stored = .reserved
        reservedUntil = until
        reservationKey = key
    }

    /// - Throws: `transition` unless it is reserved; `reserved` when by another key.
    mutating func release(key: String, at now: Int64) throws(CouponRefusal) {
        let status = status(at: now)
        guard status == .reserved else { throw .transition(from: status) }
        guard key == reservationKey else { throw .reserved(until: reservedUntil ?? now) }
        free()
    }

    /// Lets go of it, whoever it is kept for: its checkout is off.
    mutating func release(at now: Int64) {
        if status(at: now) == .reserved { free() }
        settle(at: now)
    }

    /// Used up for an order.
    ///
    /// - Throws: as ``check(member:key:at:)``.
    mutating func redeem(
        member user: Int64?, key: String?, order: Int64, at now: Int64
    ) throws(CouponRefusal) {
        try check(member: user, key: key, at: now)
        free()
        stored = .redeemed
        redeemedAt = now
        self.order = order
    }

    /// Given back, because the order is off as a whole. Its validity is what it was: it may have
    /// expired by now.
    ///
    /// - Throws: `transition` unless it is redeemed.
    mutating func rollBack() throws(CouponRefusal) {
        guard stored == .redeemed else { throw .transition(from: stored) }
        free()
        redeemedAt = nil
        order = nil
    }

    /// Worth nothing from now on.
    ///
    /// - Throws: `transition` unless it is issued or reserved.
    mutating func void(at now: Int64) throws(CouponRefusal) {
        let status = status(at: now)
        guard status == .issued || status == .reserved else { throw .transition(from: status) }
        free()
        stored = .voided
    }

    /// Writes down what the clock already says.
    mutating func settle(at now: Int64) {
        let status = status(at: now)
        guard status != stored else { return }
        free()
        stored = status
    }

    private mutating func free() {
        stored = .issued
        reservedUntil = nil
        reservationKey = nil
    }
}
