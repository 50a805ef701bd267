import Engine
import Store

/// Pays an order, with all that goes with it, or does nothing at all: coupons are used, wallets
/// charged, holds captured, points earned.
struct PayOrder: MutationRule {
    static let name = "orders.pay"

    /// Ways in which one order is paid at most.
    private static let tenderCountMax = 100

    private let desk: OrderDesk
    private let assignments: RuleTable
    private let effectiveTo: RowField<Int64?>
    private let assignmentsOfMember: RuleIndex
    private let order: InputField<String>
    private let tenders: InputField<[InputObject]>
    private let method: InputField<PaymentMethod>
    private let amount: InputField<Amount>
    private let externalRef: InputField<String?>
    private let couponCodes: InputField<[String]?>
    private let reservationKey: InputField<String?>
    private let holds: InputField<[String]?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        let assignment = binder.table("TierAssignment")
        assignments = assignment.table
        effectiveTo = assignment("effectiveTo")
        assignmentsOfMember = assignment.index(["member"], ordered: "effectiveFrom")
        order = binder.input("orderId")
        tenders = binder.input("tenders")
        let tender = binder.object("tenders")
        method = tender.input("method")
        amount = tender.input("amount")
        externalRef = tender.input("externalRef")
        couponCodes = binder.input("couponCodes")
        reservationKey = binder.input("reservationKey")
        holds = binder.input("holdIds")
        answer = binder.output("order", "payments", "points", "tier")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let orders = desk.orders
        let order = try call.row(call[order], in: orders.table, at: "orderId")
        let member = call.data.row(orders.table, order)[orders.member]
        if let member { try desk.members.check(member, at: "orderId", call) }
        try desk.checkOpen(order, at: "orderId", call)
        let holds = try ownHolds(of: member, call)
        let given = call[tenders]
        if given.count > Self.tenderCountMax {
            throw call.refuse(
                .tooLong, "An order is paid in no more than \(Self.tenderCountMax) ways.",
                at: "tenders")
        }
        call.audit(orders.table, order)
        var coupons: [RowRef] = []
        for code in call[couponCodes] ?? [] {
            coupons.append(try desk.coupons.find(code, at: "couponCodes", call))
        }
        try desk.redeem(
            coupons, for: order, member: member, key: call[reservationKey], at: "couponCodes", call)

        let earlier = desk.prepaid(order, call.data).filter { $0.leftMinor > 0 }.map {
            Tender($0.method, Amount(minor: $0.leftMinor, currency: $0.amount.currency))
        }
        let new = given.map { Tender($0[method], $0[amount]) }
        let usesPoints = new.contains { $0.method == .points }
        if usesPoints == holds.isEmpty {
            throw call.refuse(
                .invalid,
                usesPoints
                    ? "What is paid with points names the holds that set them aside."
                    : "Holds are captured for a tender in points.",
                at: usesPoints ? "holdIds" : "tenders")
        }
        var sheet = orders.sheet(order, tenders: [], call.data)
        try call.attempt(at: "tenders") { () throws(OrderRefusal) in try sheet.pay(earlier + new) }
        var made: [RowRef] = []
        for (tender, input) in zip(new, given) {
            made.append(try pay(tender, input[externalRef], order, member, call))
        }
        var spent: [RowRef] = []
        for hold in holds {
            spent.append(try desk.points.capture(hold: hold, order: order, call))
        }
        try call.update(orders.table, order) { row in
            orders.set(sheet, row)
            row[orders.paidAt] = call.now
        }
        let earned = try earn(order, member, sheet, call)
        let (used, gained) = (
            desk.points(of: spent, .redeem, call.data), desk.points(of: earned, .earn, call.data)
        )
        try call.update(orders.table, order) { row in
            row[orders.pointsSpent] = used
            row[orders.pointsEarned] = gained
        }
        call.answer(
            answer, .row(order), .rows(made), .rows(spent + earned),
            .row(member.flatMap { tier(of: $0, call.data) }))
    }

    /// The tier that was given last, of those held now.
    private func tier(of member: RowRef, _ data: DataView) -> RowRef? {
        var open: RowRef?
        data.forEach(assignmentsOfMember, .row(member), reversed: true) { ref, row in
            if row[effectiveTo] == nil { open = ref }
            return open == nil
        }
        return open
    }

    /// The holds that are captured: all of the buyer's own.
    private func ownHolds(of member: RowRef?, _ call: RuleCall) throws(MutationStop) -> [RowRef] {
        var holds: [RowRef] = []
        let table = desk.points.books.holds
        for id in call[self.holds] ?? [] {
            let hold = try call.row(id, in: table.table, at: "holdIds")
            if call.data.row(table.table, hold)[table.member] != member {
                throw call.refuse(.notFound, "The buyer has no hold \(id).", at: "holdIds")
            }
            guard !holds.contains(hold) else { continue }
            holds.append(hold)
        }
        return holds
    }

    private func pay(
        _ tender: Tender, _ reference: String?, _ order: RowRef, _ member: RowRef?,
        _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let payment = try desk.payments.insert(
            NewPayment(
                member: member, purpose: .order, amount: tender.amount, method: tender.method,
                externalRef: reference, subjectID: call.data.id(order, of: desk.orders.table),
                order: order),
            at: "tenders", call)
        guard tender.method == .wallet else { return payment }
        guard let member else {
            throw call.refuse(.invalid, "A guest has no wallet to pay from.", at: "tenders")
        }
        _ = try desk.wallets.pay(
            tender.amount, from: member, WalletDesk.Cause(order: order, payment: payment),
            at: "tenders", call)
        return payment
    }

    private func earn(
        _ order: RowRef, _ member: RowRef?, _ sheet: OrderSheet, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        guard let member else { return [] }
        let row = call.data.row(desk.orders.table, order)
        try desk.members.note(
            .purchase, of: member, at: call.now, channel: row[desk.orders.channel],
            subjectID: call.data.id(order, of: desk.orders.table),
            payload: #"{"totalMinor":\#(sheet.totalMinor),"currency":"\#(sheet.currency)"}"#, call)
        return try desk.points.occasion(
            .orderPaid, member: member, at: call.now,
            amount: (sheet.earningMinor, sheet.currency), order: order, call)
    }
}
