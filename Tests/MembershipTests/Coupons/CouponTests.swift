import Bytes
import Engine
import Testing

@testable import Membership

struct CouponTests {
    private func refusal(
        _ body: () throws(CouponRefusal) -> Void, _ location: SourceLocation = #_sourceLocation
    ) -> CouponRefusal? {
        do throws(CouponRefusal) {
            try body()
            Issue.record("accepted", sourceLocation: location)
            return nil
        } catch {
            return error
        }
    }

    private func redeemed() throws -> Coupon {
        var coupon = Coupon(member: 1, validFrom: 0, validTo: 1_000)
        try coupon.redeem(member: 1, key: nil, order: 9, at: 500)
        return coupon
    }

    @Test func `I28 the transitions are those of the table and no others`() {
        let table: [CouponStatus: [CouponStatus]] = [
            .issued: [.reserved, .redeemed, .expired, .voided],
            .reserved: [.issued, .redeemed, .expired, .voided],
            .redeemed: [.issued],
        ]
        for from in CouponStatus.allCases {
            #expect(CouponStatus.allCases.filter { from.mayBecome($0) } == table[from] ?? [])
        }
    }

    @Test func `a coupon is used once`() throws {
        var coupon = try redeemed()
        #expect(coupon.status(at: 9_999) == .redeemed)
        #expect(coupon.order == 9)
        let before = coupon
        #expect(
            refusal { () throws(CouponRefusal) in
                try coupon.redeem(member: 1, key: nil, order: 10, at: 600)
            } == .alreadyRedeemed(at: 500))
        #expect(coupon == before)
    }

    @Test func `I30 a coupon is good from its first instant to before its end`() throws {
        var coupon = Coupon(validFrom: 100, validTo: 200)
        func error(at now: Int64) -> CouponRefusal? {
            refusal { () throws(CouponRefusal) in
                try coupon.redeem(member: 1, key: nil, order: 1, at: now)
            }
        }
        #expect(error(at: 99) == .notYetValid(from: 100))
        #expect(error(at: 200) == .expired(at: 200))
        #expect(coupon.status(at: 199) == .issued)
        #expect(coupon.status(at: 200) == .expired)
        #expect(coupon.nextChange(after: 150) == 200)
        try coupon.redeem(member: 1, key: nil, order: 1, at: 199)
        #expect(coupon.status(at: 300) == .redeemed)
        #expect(coupon.nextChange(after: 300) == nil)
    }

    @Test func `a reservation keeps others away until its time is over`() throws {
        var coupon = Coupon(member: 1, validFrom: 0)
        try coupon.reserve(member: 1, key: "a", milliseconds: 50, at: 10)
        #expect(coupon.status(at: 59) == .reserved)
        #expect(coupon.status(at: 60) == .issued)
        #expect(
            refusal { () throws(CouponRefusal) in
                try coupon.reserve(member: 1, key: "b", milliseconds: 5, at: 59)
            } == .reserved(until: 60))
        #expect(
            refusal { () throws(CouponRefusal) in
                try coupon.redeem(member: 1, key: nil, order: 1, at: 59)
            } == .reserved(until: 60))
        try coupon.reserve(member: 1, key: "a", milliseconds: 50, at: 30)
        #expect(coupon.reservedUntil == 80)
        var other = coupon
        try other.reserve(member: 1, key: "b", milliseconds: 5, at: 80)
        #expect(other.reservationKey == "b")
        try coupon.redeem(member: 1, key: "a", order: 1, at: 79)
        #expect(coupon.status(at: 79) == .redeemed)
        #expect(coupon.reservationKey == nil)
        #expect(
            refusal { () throws(CouponRefusal) in try other.release(key: "a", at: 81) }
                == .reserved(until: 85))
        try other.release(key: "b", at: 81)
        #expect(other.status(at: 81) == .issued)
        for (key, time) in [("", Int64(5)), ("a", 0), ("a", -1), ("a", .max)] {
            #expect(
                refusal { () throws(CouponRefusal) in
                    try other.reserve(member: 1, key: key, milliseconds: time, at: 90)
                } == .reservationInvalid)
        }
    }

    @Test func `a coupon of somebody else is refused, one of nobody is everybody's`() throws {
        var own = Coupon(member: 1, validFrom: 0)
        #expect(
            refusal { () throws(CouponRefusal) in
                try own.redeem(member: 2, key: nil, order: 1, at: 0)
            } == .notOwned)
        var open = Coupon(validFrom: 0)
        try open.redeem(member: 2, key: nil, order: 1, at: 0)
    }

    @Test func `a rollback keeps the validity, so that it may be over at once`() throws {
        var coupon = try redeemed()
        try coupon.rollBack()
        #expect(coupon.status(at: 999) == .issued)
        #expect(coupon.status(at: 1_000) == .expired)
        #expect(coupon.order == nil)
        #expect(
            refusal { () throws(CouponRefusal) in try coupon.rollBack() }
                == .transition(from: .issued))
    }

    @Test func `what is used or over is not voided`() throws {
        var coupon = try redeemed()
        #expect(
            refusal { () throws(CouponRefusal) in try coupon.void(at: 600) }
                == .transition(from: .redeemed))
        var over = Coupon(validFrom: 0, validTo: 5)
        #expect(
            refusal { () throws(CouponRefusal) in try over.void(at: 5) }
                == .transition(from: .expired))
        var reserved = Coupon(validFrom: 0)
        try reserved.reserve(member: 1, key: "a", milliseconds: 50, at: 0)
        try reserved.void(at: 1)
        #expect(reserved.status(at: 100) == .voided)
        #expect(
            refusal { () throws(CouponRefusal) in
                try reserved.redeem(member: 1, key: "a", order: 1, at: 2)
            } == .voided)
    }

    @Test func `I28 whatever happens, only allowed steps do`() {
        for seed in UInt64(1)...500 {
            var random = SeededRandom(seed: seed)
            var coupon = Coupon(
                member: 1, validFrom: 5, validTo: random.chance(percent: 70) ? 60 : nil)
            var now: Int64 = 0
            for _ in 0..<40 {
                now += Int64(random.number(in: 0...4))
                let before = coupon.status(at: now)
                let key = random.pick(["a", "b"])
                let time = now
                do throws(CouponRefusal) {
                    switch random.number(in: 0...5) {
                    case 0:
                        try coupon.reserve(
                            member: 1, key: key, milliseconds: Int64(random.number(in: 1...9)),
                            at: time)
                    case 1: try coupon.redeem(member: 1, key: key, order: 7, at: time)
                    case 2: try coupon.release(key: key, at: time)
                    case 3: try coupon.rollBack()
                    case 4: coupon.settle(at: time)
                    default: if random.chance(percent: 10) { try coupon.void(at: time) }
                    }
                } catch {
                    #expect(coupon.status(at: now) == before, "seed \(seed)")
                }
                let after = coupon.status(at: now)
                // A coupon given back past its end is over at once.
                let isAllowed =
                    before == after || before.mayBecome(after)
                    || before == .redeemed && after == .expired
                #expect(isAllowed, "seed \(seed): \(before) \(after)")
                if let change = coupon.nextChange(after: now) {
                    #expect(coupon.status(at: change - 1) == after, "seed \(seed)")
                    #expect(coupon.status(at: change) != after, "seed \(seed)")
                }
            }
        }
    }

    private func template(_ discount: CouponDiscount) -> CouponTemplate {
        CouponTemplate(discount: discount)
    }

    @Test func `a coupon ends with its last local day, or with its template`() throws {
        let oslo = try #require(LocalCalendar(identifier: "Europe/Oslo"))
        // 2026-03-28, 12:00 in Oslo; the clock is put forward the night after.
        let now = oslo.start(ofDay: onDay("2026-03-28")) + 12 * 3_600_000
        var template = template(.item)
        template.validDays = 2
        var coupon = try template.issue(to: 1, ownCount: 0, at: now, in: oslo)
        #expect(coupon.validFrom == now)
        #expect(coupon.validTo == oslo.start(ofDay: onDay("2026-03-30")))
        #expect(coupon.validTo == now + (12 + 23) * 3_600_000)
        template.validTo = now + 5
        coupon = try template.issue(to: 1, ownCount: 0, at: now, in: oslo)
        #expect(coupon.validTo == now + 5)
        #expect(
            refusal { () throws(CouponRefusal) in
                _ = try template.issue(to: 1, ownCount: 0, at: now + 5, in: oslo)
            } == .expired(at: now + 5))
        template.validTo = nil
        template.validDays = .max
        template.validFrom = now + 99
        coupon = try template.issue(to: 1, ownCount: 0, at: now, in: oslo)
        #expect(coupon.validFrom == now + 99)
    }

    @Test func `I29 limits hold when coupons are issued and when they are used`() throws {
        var template = template(.item)
        template.totalLimit = 3
        template.memberLimit = 2
        template.issuedCount = 2
        _ = try template.issue(to: 1, ownCount: 1, at: 0, in: .utc)
        _ = try template.issue(to: nil, ownCount: 9, at: 0, in: .utc)
        #expect(
            refusal { () throws(CouponRefusal) in
                _ = try template.issue(to: 1, ownCount: 2, at: 0, in: .utc)
            } == .memberLimit(2))
        template.issuedCount = 3
        #expect(
            refusal { () throws(CouponRefusal) in
                _ = try template.issue(to: 1, ownCount: 0, at: 0, in: .utc)
            } == .totalLimit(3))
        template.redeemedCount = 3
        #expect(
            refusal { () throws(CouponRefusal) in
                try template.check(Amount(minor: 5, currency: "EUR"))
            } == .totalLimit(3))
    }

    @Test func `the basket must be large enough, in the right money, and alone unless told`() throws
    {
        var template = template(.amountOff(Amount(minor: 500, currency: "EUR")))
        template.minSpend = Amount(minor: 2_000, currency: "EUR")
        func error(_ minor: Int64, _ currency: String, _ others: [Bool] = []) -> CouponRefusal? {
            refusal { () throws(CouponRefusal) in
                try template.check(
                    Amount(minor: minor, currency: currency), otherStackable: others)
            }
        }
        try template.check(Amount(minor: 2_000, currency: "EUR"))
        #expect(error(1_999, "EUR") == .minSpend(needed: 2_000, spent: 1_999))
        let yen = Amount(minor: 9_999, currency: "JPY")
        #expect(error(9_999, "JPY") == .currency(yen, is: "EUR"))
        #expect(error(9_999, "EUR", [true]) == .notStackable)
        template.isStackable = true
        try template.check(Amount(minor: 2_000, currency: "EUR"), otherStackable: [true, true])
        #expect(error(9_999, "EUR", [true, false]) == .notStackable)
    }

    @Test func `reductions are rounded down and never exceed the basket`() {
        let five = template(.amountOff(Amount(minor: 500, currency: "EUR")))
        let third = template(.percentOff(bps: 3_333))
        let voucher = template(.cashVoucher(Amount(minor: 9_000, currency: "EUR")))
        #expect(five.reduction(of: 400) == 400)
        #expect(third.reduction(of: 1_000) == 333)
        #expect(third.reduction(of: Exact.max) == 3_002_099_511_605_172)
        #expect(template(.percentOff(bps: 99_999)).reduction(of: 10) == 10)
        #expect(template(.percentOff(bps: -1)).reduction(of: 10) == 0)
        #expect(template(.item).reduction(of: 10) == 0)
        #expect(five.reduction(of: -3) == 0)
        #expect(CouponTemplate.reductions(of: 2_000, [third, five, voucher]) == [666, 500, 834])
    }

    @Test func `codes take every bit and no letter that is misread`() throws {
        #expect(CouponCode.letterCount * 5 >= 60)
        #expect(CouponCode.byteCount * 8 >= CouponCode.letterCount * 5)
        #expect(Set(CouponCode.alphabet).count == 32)
        #expect(Set("01IO".utf8).isDisjoint(with: CouponCode.alphabet))
        let zeros = [UInt8](repeating: 0, count: 9)
        #expect(CouponCode.code(from: zeros) == "2222222222222")
        #expect(CouponCode.code(from: zeros.map { _ in 255 }) == "ZZZZZZZZZZZZZ")
        #expect(CouponCode.code(from: Array(zeros.dropLast())) == nil)
        // Each of the 65 bits that are used changes the code.
        var codes: Set<String> = []
        for bit in 0..<72 {
            var bytes = zeros
            bytes[bit / 8] = 0x80 >> UInt8(bit % 8)
            codes.insert(try #require(CouponCode.code(from: bytes)))
        }
        #expect(codes.count == 66)
    }

    @Test func `a code is the same in any case and with blanks and hyphens`() {
        for text in ["abcd-efgh-2345z", " ABCD EFGH 2345Z ", "ａｂｃｄ－ＥＦＧＨ２３４５z", "AbCdEfGh2345Z"] {
            #expect(CouponCode.normalized(text) == "ABCDEFGH2345Z")
        }
    }
}
