import Engine
import Store

/// Keeps a coupon for one checkout, for a while.
struct ReserveCoupon: MutationRule {
    static let name = "coupons.reserve"

    private let desk: CouponDesk
    private let code: InputField<String>
    private let member: InputField<String>
    private let key: InputField<String>
    private let seconds: InputField<Int>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        code = binder.input("code")
        member = binder.input("memberId")
        key = binder.input("reservationKey")
        seconds = binder.input("ttlSeconds")
        answer = binder.output("coupon")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try desk.members.live(call[member], at: "memberId", call)
        let ref = try desk.find(call[code], at: "code", call)
        var coupon = desk.coupons.coupon(ref, call.data)
        let (key, seconds) = (call[key], Int64(call[seconds]))
        try call.attempt(at: "code") { () throws(CouponRefusal) in
            try coupon.reserve(
                member: Int64(member.rawValue), key: key, milliseconds: seconds * 1_000,
                at: call.now)
        }
        call.audit(desk.coupons.table, ref)
        try desk.coupons.save(coupon, as: ref, order: nil, call)
        call.answer(answer, .row(ref))
    }
}
