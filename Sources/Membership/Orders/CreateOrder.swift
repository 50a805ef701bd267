import Engine
import Store

/// Writes an order down, at the prices of this moment.
struct CreateOrder: MutationRule {
    static let name = "orders.create"

    /// How far ahead of the server's clock a till's may be: five minutes.
    private static let aheadMillisecondsMax: Int64 = 300_000
    /// What a receipt holds at most.
    private static let lineCountMax = 1_000

    private let desk: OrderDesk
    private let chapters: RuleTable
    private let staff: RuleTable
    private let orderNo: InputField<String>
    private let member: InputField<String?>
    private let chapter: InputField<String>
    private let channel: InputField<Channel>
    private let lines: InputField<[InputObject]>
    private let product: InputField<String>
    private let quantity: InputField<Int>
    private let unitPrice: InputField<Amount?>
    private let placedAt: InputField<Int64?>
    private let cashier: InputField<String?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        chapters = binder.table("Chapter").table
        staff = binder.table("Staff").table
        orderNo = binder.input("orderNo")
        member = binder.input("memberId")
        chapter = binder.input("chapterId")
        channel = binder.input("channel")
        lines = binder.input("lines")
        let line = binder.object("lines")
        product = line.input("productId")
        quantity = line.input("quantity")
        unitPrice = line.input("unitPrice")
        placedAt = binder.input("placedAt")
        cashier = binder.input("cashierId")
        answer = binder.output("order")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var member: RowRef?
        if let id = call[self.member] { member = try desk.members.live(id, at: "memberId", call) }
        let chapter = try call.row(call[chapter], in: chapters, at: "chapterId")
        var cashier: RowRef?
        if let id = call[self.cashier] { cashier = try call.row(id, in: staff, at: "cashierId") }
        let number = call[orderNo]
        if number.allSatisfy(\.isWhitespace) {
            call.note(.required, "An order has a number.", at: "orderNo")
        } else if call.data.find(desk.orders.byNumber, .text(number)) != nil {
            call.note(.uniqueViolation, "There is an order \(number) already.", at: "orderNo")
        }
        let placedAt = call[placedAt] ?? call.now
        if placedAt - call.now > Self.aheadMillisecondsMax {
            call.note(.invalid, "The order was placed in the future.", at: "placedAt")
        }
        try call.throwIfRefused()
        let (bought, currency) = try self.bought(call)
        let sheet = try call.attempt(at: "lines") { () throws(OrderRefusal) in
            try OrderSheet(bought, currency: currency)
        }
        let channel = call[channel]
        let order = try call.insert(desk.orders.table) { row in
            desk.orders.set(sheet, row)
            row[desk.orders.orderNo] = number
            row[desk.orders.member] = member
            row[desk.orders.chapter] = chapter
            row[desk.orders.channel] = channel
            row[desk.orders.placedAt] = placedAt
            row[desk.orders.cashier] = cashier
        }
        call.auditNew(desk.orders.table, order)
        call.answer(answer, .row(order))
    }

    /// The lines at their prices, all of one currency.
    private func bought(_ call: RuleCall) throws(MutationStop) -> ([OrderLine], String) {
        let given = call[lines]
        if given.count > Self.lineCountMax {
            throw call.refuse(
                .tooLong, "An order has no more than \(Self.lineCountMax) lines.", at: "lines")
        }
        var bought: [OrderLine] = []
        var currency = ""
        for line in given {
            let product = try call.row(line[product], in: desk.products.table, at: "lines")
            let row = call.data.row(desk.products.table, product)
            if !row[desk.products.active] {
                throw call.refuse(
                    .invalid, "The product \(line[self.product]) is not sold any more.",
                    at: "lines")
            }
            guard let price = line[unitPrice] ?? row[desk.products.price] else { continue }
            if bought.isEmpty { currency = price.currency }
            if price.currency != currency {
                throw call.refuse(
                    OrderRefusal.currency(price.currency, is: currency), at: "lines")
            }
            bought.append(
                OrderLine(
                    product: Int64(product.rawValue), quantity: line[quantity],
                    unitPriceMinor: price.minor))
        }
        return (bought, currency)
    }
}
