import Engine
import Store

/// Payments of fees, as memberships name them.
struct DuesDesk: BoundTables {
    private let payments: PaymentTable
    private let holdings: HoldingDesk

    init(_ binder: RuleBinder) {
        payments = binder.shared()
        holdings = binder.shared()
    }

    /// The payment that an id means, if it pays for these terms of a membership.
    ///
    /// - Parameters:
    ///   - type: whose fee is asked for.
    ///   - count: for so many terms.
    /// - Throws: `NOT_FOUND`; `INVALID` for a payment of something else; `CURRENCY_MISMATCH`;
    ///   `PAYMENT_REQUIRED` for one that failed, or is too small.
    func payment(
        _ id: String?, for membership: RowRef, _ type: MembershipType, terms count: Int,
        at field: String, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        guard let id else { return nil }
        let payment = try call.row(id, in: payments.table, at: field)
        let data = call.data
        let row = data.row(payments.table, payment)
        let subject = row[payments.subjectID]
        let own = data.id(membership, of: holdings.memberships.table)
        if row[payments.purpose] != .membershipDues || subject.map({ $0 != own }) ?? false {
            throw call.refuse(
                RuleCode.invalid.code, "The payment is for something else.", at: field)
        }
        let fee = holdings.types.fee(of: RowRef(key: type.key), data)
        let left = payments.left(of: payment, data)
        if fee.minor > 0 && left.currency != fee.currency {
            throw call.refuse(
                RuleCode.currencyMismatch.code,
                "The fee is in \(fee.currency), the payment in \(left.currency).", at: field)
        }
        let (due, isOver) = fee.minor.multipliedReportingOverflow(by: Int64(max(count, 1)))
        if row[payments.status] != .succeeded || isOver || left.minor < due {
            throw call.refuse(
                RuleCode.paymentRequired.code,
                "The payment is \(row[payments.status].rawValue) with \(left.text) of \(due).",
                at: field)
        }
        return payment
    }
}
