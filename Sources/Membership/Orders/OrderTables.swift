import Engine
import GraphQL
import Store

/// What a product is.
enum ProductKind: String, CaseIterable, Sendable {
    case goods = "GOODS"
    case service = "SERVICE"
    case pass = "PASS"
}

/// How far a payment has come.
enum PaymentStatus: String, CaseIterable, Sendable {
    case pending = "PENDING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case refunded = "REFUNDED"
    case partiallyRefunded = "PARTIALLY_REFUNDED"
}

/// What a payment is for.
enum PaymentPurpose: String, CaseIterable, Sendable {
    case order = "ORDER"
    case membershipDues = "MEMBERSHIP_DUES"
    case eventFee = "EVENT_FEE"
    case topUp = "TOP_UP"
    case passPurchase = "PASS_PURCHASE"
}

extension ProductKind: SchemaEnum {}
extension PaymentStatus: SchemaEnum {}
extension PaymentPurpose: SchemaEnum {}
extension PaymentMethod: SchemaEnum {}
extension OrderStatus: SchemaEnum {}

/// What is sold.
struct ProductTable: BoundTables {
    let table: RuleTable
    let name: RowField<String>
    let kind: EnumField<ProductKind>
    let price: ValueField<Amount>
    let active: RowField<Bool>

    init(_ binder: RuleBinder) {
        let row = binder.table("Product")
        table = row.table
        name = row("name")
        kind = row("kind")
        price = row("price")
        active = row("active")
    }
}

/// The orders.
struct OrderTable: BoundTables {
    let table: RuleTable
    let orderNo: RowField<String>
    let member: RowField<RowRef?>
    let chapter: RowField<RowRef>
    let channel: EnumField<Channel>
    let status: EnumField<OrderStatus>
    let lines: ValueListField<StoredOrderLine>
    let subtotal: ValueField<Amount>
    let discount: ValueField<Amount>
    let total: ValueField<Amount>
    let refunded: ValueField<Amount>
    let net: ValueField<Amount>
    let netMinor: RowField<Int64>
    let pointsEarned: RowField<Int64>
    let pointsSpent: RowField<Int64>
    let placedAt: RowField<Int64>
    let paidAt: RowField<Int64?>
    let cashier: RowField<RowRef?>
    let reason: RowField<String?>
    let byNumber: RuleKey
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Order")
        table = row.table
        orderNo = row("orderNo")
        member = row("member")
        chapter = row("chapter")
        channel = row("channel")
        status = row("status")
        lines = row("lines")
        subtotal = row("subtotal")
        discount = row("discount")
        total = row("total")
        refunded = row("refunded")
        net = row("net")
        netMinor = row("netMinor")
        pointsEarned = row("pointsEarned")
        pointsSpent = row("pointsSpent")
        placedAt = row("placedAt")
        paidAt = row("paidAt")
        cashier = row("cashier")
        reason = row("reason")
        byNumber = row.key("orderNo")
        ofMember = row.index(["member"], ordered: "placedAt")
    }

    /// An order with its tenders.
    func sheet(_ order: RowRef, tenders: [Tender], _ data: DataView) -> OrderSheet {
        let row = data.row(table, order)
        let subtotal = row[subtotal] ?? Amount(minor: 0, currency: "")
        return OrderSheet(
            row[lines].map(\.line), currency: subtotal.currency, status: row[status],
            subtotalMinor: subtotal.minor, discountMinor: row[discount]?.minor ?? 0,
            tenders: tenders, refundedMinor: row[refunded]?.minor ?? 0,
            pointsEarned: row[pointsEarned], pointsSpent: row[pointsSpent])
    }

    /// Sets what an order's sheet says of it.
    func set(_ sheet: OrderSheet, _ row: RowBuilder) {
        func amount(_ minor: Int64) -> Amount { Amount(minor: minor, currency: sheet.currency) }
        row[status] = sheet.status
        row[lines] = sheet.lines.map { StoredOrderLine(line: $0) }
        row[subtotal] = amount(sheet.subtotalMinor)
        row[discount] = amount(sheet.discountMinor)
        row[total] = amount(sheet.totalMinor)
        row[refunded] = amount(sheet.refundedMinor)
        row[net] = amount(sheet.netMinor)
        row[netMinor] = sheet.netMinor
    }
}

/// A line as a row keeps it.
struct StoredOrderLine: StoredObject {
    static let fieldNames = [
        "product", "quantity", "unitPriceMinor", "discountMinor", "totalMinor", "refundedQuantity",
    ]

    let line: OrderLine

    init(line: OrderLine) {
        self.line = line
    }

    init(_ values: [CoercedValue]) {
        // A product that is gone has no number.
        var numbers: [Int64] = [-1, 0, 0, 0, 0, 0]
        for (place, value) in values.enumerated() {
            if case .int(let number) = value, place < numbers.count { numbers[place] = number }
        }
        line = OrderLine(
            product: numbers[0], quantity: Int(numbers[1]), unitPriceMinor: numbers[2],
            discountMinor: numbers[3], refundedQuantity: Int(numbers[5]))
    }

    var values: [CoercedValue] {
        [
            line.product < 0 ? .null : .int(line.product), .int(Int64(line.quantity)),
            .int(line.unitPriceMinor), .int(line.discountMinor), .int(line.totalMinor),
            .int(Int64(line.refundedQuantity)),
        ]
    }
}

/// A payment that is to be written down.
struct NewPayment: Sendable {
    var member: RowRef?
    var purpose: PaymentPurpose
    var amount: Amount
    var method: PaymentMethod
    var externalRef: String?
    /// The public id of what it pays for.
    var subjectID: String?
    var order: RowRef?
    /// Now when nil.
    var at: Int64?
}

/// The payments.
struct PaymentTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef?>
    let purpose: EnumField<PaymentPurpose>
    let amount: ValueField<Amount>
    let refunded: ValueField<Amount>
    let refundDue: ValueField<Amount>
    let method: EnumField<PaymentMethod>
    let status: EnumField<PaymentStatus>
    let externalRef: RowField<String?>
    let at: RowField<Int64>
    let subjectID: RowField<String?>
    let order: RowField<RowRef?>
    let byReference: RuleKey
    let ofOrder: RuleIndex
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Payment")
        table = row.table
        member = row("member")
        purpose = row("purpose")
        amount = row("amount")
        refunded = row("refunded")
        refundDue = row("refundDue")
        method = row("method")
        status = row("status")
        externalRef = row("externalRef")
        at = row("at")
        subjectID = row("subjectId")
        order = row("order")
        byReference = row.key("method", "externalRef")
        ofOrder = row.index(["order"], ordered: "at")
        ofMember = row.index(["member"], ordered: "at")
    }

    /// Writes a payment down.
    /// - Throws: `UNIQUE_VIOLATION` for a number that another payment by this method has.
    func insert(
        _ payment: NewPayment, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        if let reference = payment.externalRef,
            call.data.find(byReference, method.part(payment.method), .text(reference)) != nil
        {
            throw call.refuse(
                .uniqueViolation,
                "There is a payment \(reference) by \(payment.method.rawValue) already.", at: field)
        }
        let ref = try call.insert(table) { row in
            row[member] = payment.member
            row[purpose] = payment.purpose
            row[amount] = payment.amount
            row[refunded] = Amount(minor: 0, currency: payment.amount.currency)
            row[method] = payment.method
            row[status] = .succeeded
            row[externalRef] = payment.externalRef
            row[self.at] = payment.at ?? call.now
            row[subjectID] = payment.subjectID
            row[order] = payment.order
        }
        call.auditNew(table, ref)
        return ref
    }

    /// What has not been given back.
    func left(of payment: RowRef, _ data: DataView) -> Amount {
        let row = data.row(table, payment)
        let paid = row[amount] ?? Amount(minor: 0, currency: "")
        let status = row[status]
        guard status == .succeeded || status == .partiallyRefunded else {
            return Amount(minor: 0, currency: paid.currency)
        }
        return Amount(minor: paid.minor - (row[refunded]?.minor ?? 0), currency: paid.currency)
    }

    /// Notes that a part was given back, which is no more than is left.
    func refund(_ payment: RowRef, minor: Int64, _ call: RuleCall) throws(MutationStop) {
        let row = call.data.row(table, payment)
        guard let paid = row[amount], minor > 0 else { return }
        let sum = (row[refunded]?.minor ?? 0) + minor
        let due = row[refundDue].map { max($0.minor - minor, 0) }
        call.audit(table, payment)
        try call.update(table, payment) { row in
            row[refunded] = Amount(minor: sum, currency: paid.currency)
            row[status] = sum >= paid.minor ? .refunded : .partiallyRefunded
            if let due {
                row[refundDue] = due == 0 ? nil : Amount(minor: due, currency: paid.currency)
            }
        }
    }

    /// Notes that all that is left is to be given back: what it paid for is off.
    func markDue(_ payment: RowRef, _ call: RuleCall) throws(MutationStop) {
        let left = left(of: payment, call.data)
        guard left.minor > 0 else { return }
        call.audit(table, payment)
        try call.update(table, payment) { row in row[refundDue] = left }
    }
}
