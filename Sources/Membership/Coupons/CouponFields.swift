import Engine
import Store

/// Coupons used of coupons issued; null when none was.
struct CouponRedemptionRate: FieldRule {
    static let name = "coupons.redemptionRate"

    private let templates: CouponTemplateTable

    init(_ binder: RuleBinder) {
        templates = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let row = read.data.row(templates.table, read.owner)
        return .double(Ratio(row[templates.redeemedCount], row[templates.issuedCount]).value)
    }
}
