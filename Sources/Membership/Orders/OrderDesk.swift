import Engine
import Store

/// What is common to the mutations of orders: coupons, tenders, points and refunds of one order.
struct OrderDesk: BoundTables {
    let orders: OrderTable
    let products: ProductTable
    let payments: PaymentTable
    let coupons: CouponDesk
    let wallets: WalletDesk
    let points: PointsDesk
    let members: MemberDesk
    private let pointsEntries: EntryTable

    init(_ binder: RuleBinder) {
        orders = binder.shared()
        products = binder.shared()
        payments = binder.shared()
        coupons = binder.shared()
        wallets = binder.shared()
        points = binder.shared()
        members = binder.shared()
        pointsEntries = binder.shared()
    }

    // MARK: Reading

    /// The payments of an order, in the order in which they were made.
    func payments(of order: RowRef, _ data: DataView) -> [RowRef] {
        data.rows(payments.ofOrder, .row(order))
    }

    /// What was paid of an order so far, given back or not.
    func prepaid(_ order: RowRef, _ data: DataView) -> [Tender] {
        payments(of: order, data).compactMap { payment in
            let row = data.row(payments.table, payment)
            return row[payments.amount].map {
                Tender(
                    row[payments.method], $0, refundedMinor: row[payments.refunded]?.minor ?? 0)
            }
        }
    }

    /// - Throws: `INVALID_TRANSITION` unless it waits to be paid.
    func checkOpen(_ order: RowRef, at field: String, _ call: RuleCall) throws(MutationStop) {
        let status = call.data.row(orders.table, order)[orders.status]
        guard status == .open else { throw call.refuse(OrderRefusal.status(status), at: field) }
    }

    // MARK: Coupons

    /// Uses coupons up for an order; its discount follows.
    func redeem(
        _ given: [RowRef], for order: RowRef, member: RowRef?, key: String?, at field: String,
        _ call: RuleCall
    ) throws(MutationStop) {
        guard let subtotal = call.data.row(orders.table, order)[orders.subtotal] else { return }
        for coupon in given {
            try coupons.redeem(
                coupon, member: member, key: key, order: order, subtotal: subtotal,
                others: coupons.used(for: order, call.data), at: field, call)
        }
        try applyCoupons(to: order, call)
    }

    /// The discount of an order that is not paid yet, by the coupons used for it.
    func applyCoupons(to order: RowRef, _ call: RuleCall) throws(MutationStop) {
        let data = call.data
        var sheet = orders.sheet(order, tenders: [], data)
        guard sheet.status == .open else { return }
        let reduction = coupons.reduction(
            of: sheet.subtotalMinor, coupons.used(for: order, data), data)
        try call.attempt(at: "orderId") { () throws(OrderRefusal) in try sheet.discount(reduction) }
        try call.update(orders.table, order) { row in orders.set(sheet, row) }
    }

    // MARK: Refunds

    /// What a refund has written.
    struct Refund {
        var decision: RefundDecision
        var walletLines: [RowRef] = []
        var pointsEntries: [RowRef] = []
    }

    /// Gives money, points, pieces and, when nothing is left, coupons of a paid order back.
    ///
    /// - Parameters:
    ///   - told: how much of which payment, where somebody decided so.
    ///   - field: of the input, for the error's path.
    /// - Throws: the codes of ``OrderRefusal``, and those of wallets and points.
    func refund(
        _ order: RowRef, _ ask: RefundAsk, told: [RowRef: Int64]? = nil, reason: String,
        at field: String, _ call: RuleCall
    ) throws(MutationStop) -> Refund {
        let paid = payments(of: order, call.data)
        var sheet = orders.sheet(order, tenders: prepaid(order, call.data), call.data)
        let before = sheet
        let decision = try call.attempt(at: field) { () throws(OrderRefusal) in
            try sheet.refund(ask, told: told.map { told in paid.map { told[$0] ?? 0 } })
        }
        call.audit(orders.table, order)
        var refund = Refund(decision: decision)
        for (payment, minor) in zip(paid, decision.tenderMinor) where minor > 0 {
            refund.walletLines += try self.refund(
                payment, minor, before.currency, order: order, reason: reason, at: field, call)
        }
        try call.update(orders.table, order) { row in
            orders.set(sheet, row)
            row[orders.reason] = reason
        }
        refund.pointsEntries = try givePointsBack(order, sheet, decision, reason: reason, call)
        if decision.returnsCoupons {
            for coupon in coupons.used(for: order, call.data) {
                try coupons.rollBack(coupon, reason: reason, at: field, call)
            }
        }
        if let member = call.data.row(orders.table, order)[orders.member] {
            try members.note(
                .refund, of: member, at: call.now,
                subjectID: call.data.id(order, of: orders.table),
                payload: #"{"amountMinor":\#(decision.amountMinor)}"#, call)
        }
        return refund
    }

    /// Gives a payment of an order that is not paid yet back, or a part of it.
    /// - Throws: `AMOUNT_EXCEEDS_PAYMENT`, `CURRENCY_MISMATCH`, `NON_POSITIVE_AMOUNT`.
    func refund(
        _ payment: RowRef, _ amount: Amount?, order: RowRef, reason: String, at field: String,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let left = payments.left(of: payment, call.data)
        let asked = amount ?? left
        if asked.currency != left.currency {
            throw call.refuse(WalletRefusal.currency(asked.currency, is: left.currency), at: field)
        }
        if asked.minor <= 0 && amount != nil {
            throw call.refuse(WalletRefusal.nonPositive(asked.minor), at: field)
        }
        if asked.minor > left.minor || left.minor == 0 {
            throw call.refuse(
                WalletRefusal.exceedsPayment(left: left.minor, asked: asked.minor), at: field)
        }
        return try refund(
            payment, asked.minor, asked.currency, order: order, reason: reason, at: field, call)
    }

    private func refund(
        _ payment: RowRef, _ minor: Int64, _ currency: String, order: RowRef, reason: String,
        at field: String, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        try payments.refund(payment, minor: minor, call)
        guard call.data.row(payments.table, payment)[payments.method] == .wallet else { return [] }
        let line = call.data.rows(wallets.entries.ofPayment, .row(payment)).first {
            call.data.row(wallets.entries.table, $0)[wallets.entries.type] == .payment
        }
        guard let line else { return [] }
        return try wallets.refund(
            line, amount: Amount(minor: minor, currency: currency),
            WalletDesk.Cause(order: order, payment: payment, reason: reason), at: field, call
        ).lines
    }

    /// Points earned go back in proportion to the money that earned them, points spent in
    /// proportion to what they paid.
    private func givePointsBack(
        _ order: RowRef, _ sheet: OrderSheet, _ decision: RefundDecision, reason: String,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let byPoints = sheet.tenders.filter { $0.method == .points }
        let spent = byPoints.reduce(0) { $0 + $1.amount.minor }
        let returned = byPoints.reduce(0) { $0 + $1.refundedMinor }
        var entries = try points.reverseSpending(
            ofOrder: order, refundedMinor: returned, ofMinor: spent, reason: reason, call)
        entries += try points.reverseEarning(
            ofOrder: order, refundedMinor: sheet.refundedMinor - returned,
            ofMinor: sheet.totalMinor - spent, reason: reason, call)
        guard !entries.isEmpty else { return [] }
        var (earned, used): (Int64, Int64) = (0, 0)
        for entry in entries {
            let row = call.data.row(pointsEntries.table, entry)
            let change = row[pointsEntries.delta] &+ row[pointsEntries.pendingDelta]
            switch row[pointsEntries.type] {
            case .redeemReversal: used &+= change
            case .earnReversal, .pendingCancel: earned &-= change
            default: continue
            }
        }
        let row = call.data.row(orders.table, order)
        let (earnedLeft, usedLeft) = (
            row[orders.pointsEarned] - earned, row[orders.pointsSpent] - used
        )
        try call.update(orders.table, order) { row in
            row[orders.pointsEarned] = max(earnedLeft, 0)
            row[orders.pointsSpent] = max(usedLeft, 0)
        }
        return entries
    }

    /// Points of entries of one type, as they were written.
    func points(of entries: [RowRef], _ type: PointsEntryType, _ data: DataView) -> Int64 {
        entries.reduce(0) { sum, entry in
            let row = data.row(pointsEntries.table, entry)
            guard row[pointsEntries.type] == type else { return sum }
            let change = row[pointsEntries.delta] &+ row[pointsEntries.pendingDelta]
            return sum &+ Int64(clamping: change.magnitude)
        }
    }
}
