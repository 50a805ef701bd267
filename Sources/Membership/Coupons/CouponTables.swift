import Engine
import Store

/// What a coupon gives, as the schema names it.
enum DiscountKind: String, CaseIterable, Sendable {
    case amountOff = "AMOUNT_OFF"
    case percentOff = "PERCENT_OFF"
    case freeItem = "FREE_ITEM"
    case cashVoucher = "CASH_VOUCHER"
    case gift = "GIFT"
}

extension DiscountKind: SchemaEnum {}
extension CouponStatus: SchemaEnum {}

/// The kinds of coupons.
struct CouponTemplateTable: BoundTables {
    let table: RuleTable
    let name: RowField<String>
    let discount: EnumField<DiscountKind>
    let amountOff: ValueField<Amount>
    let percentOffBps: RowField<Int?>
    let minSpend: ValueField<Amount>
    let validDays: RowField<Int?>
    let validFrom: RowField<Int64?>
    let validTo: RowField<Int64?>
    let totalLimit: RowField<Int?>
    let perMemberLimit: RowField<Int?>
    let stackable: RowField<Bool>
    let issuedCount: RowField<Int>
    let redeemedCount: RowField<Int>

    init(_ binder: RuleBinder) {
        let row = binder.table("CouponTemplate")
        table = row.table
        name = row("name")
        discount = row("discount")
        amountOff = row("amountOff")
        percentOffBps = row("percentOffBps")
        minSpend = row("minSpend")
        validDays = row("validDays")
        validFrom = row("validFrom")
        validTo = row("validTo")
        totalLimit = row("totalLimit")
        perMemberLimit = row("perMemberLimit")
        stackable = row("stackable")
        issuedCount = row("issuedCount")
        redeemedCount = row("redeemedCount")
    }

    /// The rules of a kind; nil when the row lacks what its kind of discount needs.
    func rules(_ template: RowRef, _ data: DataView) -> CouponTemplate? {
        let row = data.row(table, template)
        let discount: CouponDiscount
        switch row[self.discount] {
        case .amountOff:
            guard let amount = row[amountOff] else { return nil }
            discount = .amountOff(amount)
        case .cashVoucher:
            guard let amount = row[amountOff] else { return nil }
            discount = .cashVoucher(amount)
        case .percentOff:
            guard let bps = row[percentOffBps] else { return nil }
            discount = .percentOff(bps: bps)
        case .freeItem, .gift: discount = .item
        }
        return CouponTemplate(
            discount: discount, minSpend: row[minSpend], validDays: row[validDays],
            validFrom: row[validFrom], validTo: row[validTo], totalLimit: row[totalLimit],
            memberLimit: row[perMemberLimit], isStackable: row[stackable],
            issuedCount: row[issuedCount], redeemedCount: row[redeemedCount])
    }
}

/// The coupons.
struct CouponTable: BoundTables {
    let table: RuleTable
    let code: RowField<String>
    let template: RowField<RowRef>
    let member: RowField<RowRef?>
    let status: EnumField<CouponStatus>
    let issuedAt: RowField<Int64>
    let validFrom: RowField<Int64>
    let validTo: RowField<Int64?>
    let reservedUntil: RowField<Int64?>
    let reservationKey: RowField<String?>
    let redeemedAt: RowField<Int64?>
    let order: RowField<RowRef?>
    let campaign: RowField<RowRef?>
    let reason: RowField<String?>
    let changesAt: RowField<Int64?>
    let byCode: RuleKey
    let ofMember: RuleIndex
    let ofMemberByStatus: RuleIndex
    let ofTemplateAndMember: RuleIndex
    let ofOrder: RuleIndex
    let byValidity: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Coupon")
        table = row.table
        code = row("code")
        template = row("template")
        member = row("member")
        status = row("status")
        issuedAt = row("issuedAt")
        validFrom = row("validFrom")
        validTo = row("validTo")
        reservedUntil = row("reservedUntil")
        reservationKey = row("reservationKey")
        redeemedAt = row("redeemedAt")
        order = row("order")
        campaign = row("campaign")
        reason = row("reason")
        changesAt = row("changesAt")
        byCode = row.key("code")
        ofMember = row.index(["member"], ordered: "issuedAt")
        ofMemberByStatus = row.index(["member", "status"], ordered: "validTo")
        ofTemplateAndMember = row.index(["template", "member"], ordered: "issuedAt")
        ofOrder = row.index(["order"], ordered: "redeemedAt")
        byValidity = row.index(["status"], ordered: "validTo")
    }

    func coupon(_ ref: RowRef, _ data: DataView) -> Coupon {
        let row = data.row(table, ref)
        return Coupon(
            stored: row[status], member: row[member].map { Int64($0.rawValue) },
            validFrom: row[validFrom], validTo: row[validTo], reservedUntil: row[reservedUntil],
            reservationKey: row[reservationKey], redeemedAt: row[redeemedAt],
            order: row[order].map { Int64($0.rawValue) })
    }

    /// Writes down what became of a coupon.
    func save(
        _ coupon: Coupon, as ref: RowRef, order: RowRef?, reason: String? = nil, _ call: RuleCall
    ) throws(MutationStop) {
        try call.update(table, ref) { row in
            row[status] = coupon.stored
            row[reservedUntil] = coupon.reservedUntil
            row[reservationKey] = coupon.reservationKey
            row[redeemedAt] = coupon.redeemedAt
            row[self.order] = coupon.order == nil ? nil : order
            row[changesAt] = coupon.nextChange(after: call.now)
            if let reason { row[self.reason] = reason }
        }
    }
}
