import Engine
import Store

/// Gives a paid order back, or a part of it: pieces, an amount, or all that is left.
struct RefundOrder: MutationRule {
    static let name = "orders.refund"

    private let desk: OrderDesk
    private let order: InputField<String>
    private let lines: InputField<[InputObject]?>
    private let product: InputField<String>
    private let quantity: InputField<Int>
    private let amount: InputField<Amount?>
    private let tenders: InputField<[InputObject]?>
    private let payment: InputField<String>
    private let part: InputField<Amount>
    private let reason: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        order = binder.input("orderId")
        lines = binder.input("lines")
        let line = binder.object("lines")
        product = line.input("productId")
        quantity = line.input("quantity")
        amount = binder.input("amount")
        tenders = binder.input("tenders")
        let tender = binder.object("tenders")
        payment = tender.input("paymentId")
        part = tender.input("amount")
        reason = binder.input("reason")
        answer = binder.output("order", "points", "walletEntries", "refunded")
        money = binder.shared()
    }

    private let money: MoneyShape

    func run(_ call: RuleCall) throws(MutationStop) {
        let order = try call.row(call[order], in: desk.orders.table, at: "orderId")
        let currency =
            call.data.row(desk.orders.table, order)[desk.orders.total]?.currency ?? ""
        let ask = try ask(currency, call)
        let refund = try desk.refund(
            order, ask.what, told: try told(currency, call), reason: call[reason], at: ask.field,
            call)
        call.answer(
            answer, .row(order), .rows(refund.pointsEntries), .rows(refund.walletLines),
            money.value(Amount(minor: refund.decision.amountMinor, currency: currency)))
    }

    private func ask(
        _ currency: String, _ call: RuleCall
    ) throws(MutationStop) -> (what: RefundAsk, field: String) {
        switch (call[lines], call[amount]) {
        case (nil, nil): return (.all, "orderId")
        case (.some, .some):
            throw call.refuse(
                .invalid, "A refund is of pieces or of an amount, not of both.", at: "amount")
        case (nil, let amount?):
            if amount.currency != currency {
                throw call.refuse(
                    OrderRefusal.currency(amount.currency, is: currency), at: "amount")
            }
            return (.amount(amount.minor), "amount")
        case (let lines?, nil):
            var pieces: [RefundPieces] = []
            for line in lines {
                let product = try call.row(
                    line[product], in: desk.products.table, at: "lines")
                pieces.append(
                    RefundPieces(product: Int64(product.rawValue), quantity: line[quantity]))
            }
            return (.pieces(pieces), "lines")
        }
    }

    private func told(
        _ currency: String, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef: Int64]? {
        guard let tenders = call[tenders] else { return nil }
        var told: [RowRef: Int64] = [:]
        for tender in tenders {
            let payment = try call.row(
                tender[payment], in: desk.payments.table, at: "tenders")
            let amount = tender[part]
            if amount.currency != currency {
                throw call.refuse(
                    OrderRefusal.currency(amount.currency, is: currency), at: "tenders")
            }
            if told[payment] != nil {
                throw call.refuse(.invalid, "A payment is named twice.", at: "tenders")
            }
            told[payment] = amount.minor
        }
        let known = Set(desk.payments(of: try orderRef(call), call.data))
        if told.keys.contains(where: { !known.contains($0) }) {
            throw call.refuse(.notFound, "The order has no such payment.", at: "tenders")
        }
        return told
    }

    private func orderRef(_ call: RuleCall) throws(MutationStop) -> RowRef {
        try call.row(call[order], in: desk.orders.table, at: "orderId")
    }
}
