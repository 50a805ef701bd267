import Engine
import Store

/// Ends reservations and validities by the clock: I30.
struct CouponDue: DueRule {
    static let table = "Coupon"
    static let field = "changesAt"

    private let desk: CouponDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
    }

    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop) {
        try desk.settle(row, call)
    }
}
