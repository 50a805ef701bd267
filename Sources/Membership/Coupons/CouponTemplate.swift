import Engine

/// What a coupon gives.
enum CouponDiscount: Equatable, Sendable {
    /// So much less.
    case amountOff(Amount)
    /// So many ten-thousandths less: 1500 is 15 %.
    case percentOff(bps: Int)
    /// As money, up to what is to be paid.
    case cashVoucher(Amount)
    /// A thing, which changes no price by itself.
    case item
}

/// How coupons of one kind are made, and what a basket must be to use one.
struct CouponTemplate: Equatable, Sendable {
    var discount: CouponDiscount
    /// What the basket must come to before coupons.
    var minSpend: Amount?
    /// Days for which a coupon is good, the day of issue included.
    var validDays: Int?
    /// The first instant at which any is good.
    var validFrom: Int64?
    /// The instant at which all end, excluded.
    var validTo: Int64?
    var totalLimit: Int?
    var memberLimit: Int?
    /// Whether it goes together with other coupons.
    var isStackable = false
    /// Coupons issued and not voided.
    var issuedCount = 0
    var redeemedCount = 0

    /// A coupon for a member, good from now or from the template's first instant.
    ///
    /// - Parameters:
    ///   - member: whose it is; anybody's when `nil`.
    ///   - ownCount: how many the member has had, voided ones not counted.
    ///   - calendar: that of the chapter, in which days end.
    /// - Throws: `totalLimit`, `memberLimit`; `expired` when it would be over before it is good.
    func issue(
        to member: Int64?, ownCount: Int, at now: Int64, in calendar: LocalCalendar
    ) throws(CouponRefusal) -> Coupon {
        if let totalLimit, issuedCount >= totalLimit { throw .totalLimit(totalLimit) }
        if member != nil, let memberLimit, ownCount >= memberLimit {
            throw .memberLimit(memberLimit)
        }
        let from = max(now, validFrom ?? now)
        var ends = validTo.map { [$0] } ?? []
        if let validDays {
            let last = LocalCalendar.adding(days: max(validDays, 1) - 1, to: calendar.day(of: from))
            ends.append(calendar.end(ofDay: last))
        }
        let end = ends.min()
        if let end, end <= from { throw .expired(at: end) }
        return Coupon(member: member, validFrom: from, validTo: end)
    }

    /// Whether a basket may use a coupon of this kind.
    ///
    /// - Parameters:
    ///   - subtotal: what it comes to before coupons.
    ///   - otherStackable: for each other coupon of the order, whether it goes together with others.
    /// - Throws: `totalLimit` (I29), `currency`, `minSpend`, `notStackable`.
    func check(_ subtotal: Amount, otherStackable: [Bool] = []) throws(CouponRefusal) {
        if let totalLimit, redeemedCount >= totalLimit { throw .totalLimit(totalLimit) }
        if let currency, currency != subtotal.currency { throw .currency(subtotal, is: currency) }
        if let minSpend {
            guard minSpend.currency == subtotal.currency else {
                throw .currency(subtotal, is: minSpend.currency)
            }
            if subtotal.minor < minSpend.minor {
                throw .minSpend(needed: minSpend.minor, spent: subtotal.minor)
            }
        }
        if !otherStackable.isEmpty && !(isStackable && otherStackable.allSatisfy { $0 }) {
            throw .notStackable
        }
    }

    /// By how much `minor` falls: never by more than itself, and rounded down.
    func reduction(of minor: Int64) -> Int64 {
        guard minor > 0 else { return 0 }
        switch discount {
        case .amountOff(let amount), .cashVoucher(let amount):
            return min(max(amount.minor, 0), minor)
        case .percentOff(let bps):
            return Exact.share(of: minor, Int64(min(max(bps, 0), 10_000)), of: 10_000)
        case .item: return 0
        }
    }

    /// Each coupon's reduction of a basket, in turn: a later one reduces what the earlier ones left.
    static func reductions(of minor: Int64, _ templates: [CouponTemplate]) -> [Int64] {
        var left = max(minor, 0)
        return templates.map { template in
            let reduction = template.reduction(of: left)
            left -= reduction
            return reduction
        }
    }

    private var currency: String? {
        switch discount {
        case .amountOff(let amount), .cashVoucher(let amount): amount.currency
        case .percentOff, .item: nil
        }
    }
}
