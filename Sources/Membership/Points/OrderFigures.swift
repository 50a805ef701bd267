import Engine
import Store

/// What rules of points ask of an order.
struct OrderFigures: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef?>
    private let paidAt: RowField<Int64?>
    private let netMinor: RowField<Int64>
    private let total: ValueField<Amount>

    init(_ binder: RuleBinder) {
        let row = binder.table("Order")
        table = row.table
        member = row("member")
        paidAt = row("paidAt")
        netMinor = row("netMinor")
        total = row("total")
    }

    /// What counts of an order; nil for one that is not paid.
    func eligible(_ order: RowRef, _ data: DataView) -> (minor: Int64, currency: String)? {
        let row = data.row(table, order)
        guard row[paidAt] != nil, let total = row[total] else { return nil }
        return (row[netMinor], total.currency)
    }
}

extension RuleCall {
    /// A reason that says something.
    ///
    /// - Throws: `REQUIRED`.
    func reason(_ field: InputField<String>) throws(MutationStop) -> String {
        let reason = self[field]
        if reason.allSatisfy(\.isWhitespace) {
            throw refuse(RuleCode.required.code, "A reason must be given.", at: field.name)
        }
        return reason
    }
}
