import Engine
import Store

/// Payments of fees, as memberships name them.
struct DuesDesk: BoundTables {
    private let payments: RuleTable

    init(_ binder: RuleBinder) {
        payments = binder.table("Payment").table
    }

    /// The payment that an id means.
    func payment(
        _ id: String?, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        guard let id else { return nil }
        return try call.row(id, in: payments, at: field)
    }
}
