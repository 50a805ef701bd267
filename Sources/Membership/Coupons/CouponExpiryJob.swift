import Engine
import Store

/// Makes visible which coupons have expired, and which reservations are over: I30.
///
/// The clock does so by itself before each answer; the job finds rows that were imported without
/// the moment of their change.
struct CouponExpiryJob: Job {
    static let name = JobName.couponExpiry

    private let desk: CouponDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        var over: [RowRef] = []
        let data = call.data
        for status in [CouponStatus.issued, .reserved] {
            over += data.rows(
                desk.coupons.byValidity, desk.coupons.status.part(status),
                to: min(asOf, call.now))
        }
        for coupon in over {
            try call.visit(1)
            try desk.settle(coupon, call)
        }
        return over.count
    }
}
