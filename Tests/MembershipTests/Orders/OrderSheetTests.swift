import Bytes
import Testing

@testable import Membership

struct OrderSheetTests {
    private func eur(_ minor: Int64) -> Amount { Amount(minor: minor, currency: "EUR") }

    private func refusal(
        _ body: () throws(OrderRefusal) -> Void, _ location: SourceLocation = #_sourceLocation
    ) -> OrderRefusal? {
        do throws(OrderRefusal) {
            try body()
            Issue.record("accepted", sourceLocation: location)
            return nil
        } catch {
            return error
        }
    }

    /// 3 × 333 and 1 × 1, 100 off: 900 to pay.
    private func order() throws -> OrderSheet {
        var order = try OrderSheet(
            [
                OrderLine(product: 1, quantity: 3, unitPriceMinor: 333),
                OrderLine(product: 2, quantity: 1, unitPriceMinor: 1),
            ], currency: "EUR")
        try order.discount(100)
        return order
    }

    private func paid() throws -> OrderSheet {
        var order = try order()
        try order.pay(
            [Tender(.card, eur(600)), Tender(.points, eur(300))], points: 3_000)
        try order.earned(61)
        return order
    }

    @Test func `a discount is spread over the lines to the last unit`() throws {
        let order = try order()
        #expect(order.totalMinor == 900)
        #expect(order.lines.map(\.discountMinor) == [99, 1])
        #expect(order.lines.map(\.totalMinor) == [900, 0])
    }

    @Test func `I35 the tenders are exactly what is to be paid, or nothing happens`() throws {
        var order = try order()
        let before = order
        func error(_ tenders: [Tender]) -> OrderRefusal? {
            refusal { () throws(OrderRefusal) in try order.pay(tenders) }
        }
        #expect(error([Tender(.cash, eur(899))]) == .tenderSum(total: 900, tendered: 899))
        #expect(error([]) == .tenderSum(total: 900, tendered: 0))
        #expect(error([Tender(.cash, eur(901)), Tender(.card, eur(-1))]) == .nonPositive(-1))
        #expect(
            error([Tender(.cash, Amount(minor: 900, currency: "JPY"))])
                == .currency("JPY", is: "EUR"))
        #expect(error([Tender(.cash, eur(.max)), Tender(.cash, eur(.max))]) == .tooLarge)
        #expect(order == before)
        try order.pay([Tender(.cash, eur(900))])
        #expect(order.status == .paid)
        #expect(order.earningMinor == 900)
        #expect(try paid().earningMinor == 600)
    }

    @Test func `I36 what is paid is not changed, only given back`() throws {
        var order = try paid()
        #expect(refusal { () throws(OrderRefusal) in try order.discount(1) } == .status(.paid))
        #expect(refusal { () throws(OrderRefusal) in try order.cancel() } == .status(.paid))
        #expect(
            refusal { () throws(OrderRefusal) in try order.pay([Tender(.cash, eur(900))]) }
                == .status(.paid))
        var open = try self.order()
        #expect(
            refusal { () throws(OrderRefusal) in _ = try open.refund(.all) } == .status(.open))
        try open.cancel()
        #expect(
            refusal { () throws(OrderRefusal) in try open.pay([Tender(.cash, eur(900))]) }
                == .status(.cancelled))
    }

    @Test func `a whole refund gives everything back, the coupons too`() throws {
        var order = try paid()
        #expect(
            try order.refund(.all)
                == RefundDecision(
                    amountMinor: 900, tenderMinor: [600, 300], pieces: [3, 1],
                    pointsToReverse: 61, pointsToReturn: 3_000, returnsCoupons: true))
        #expect(order.status == .refunded)
        #expect(
            refusal { () throws(OrderRefusal) in _ = try order.refund(.all) }
                == .status(.refunded))
    }

    @Test func `pieces come back one by one and sum to the line`() throws {
        var order = try paid()
        let one = RefundAsk.pieces([RefundPieces(product: 1, quantity: 1)])
        #expect(
            try order.refund(one)
                == RefundDecision(
                    amountMinor: 300, tenderMinor: [200, 100], pieces: [1, 0],
                    pointsToReverse: 20, pointsToReturn: 1_000, returnsCoupons: false))
        #expect(order.status == .partiallyRefunded)
        #expect(try order.refund(one).amountMinor == 300)
        #expect(
            refusal { () throws(OrderRefusal) in
                _ = try order.refund(.pieces([RefundPieces(product: 1, quantity: 2)]))
            } == .exceedsQuantity(product: 1, left: 1, asked: 2))
        let last = try order.refund(one)
        #expect(last.pointsToReverse == 21)
        #expect(last.returnsCoupons)
        #expect(order.status == .refunded)
    }

    @Test func `what cannot be given back says why and changes nothing`() throws {
        var order = try paid()
        let before = order
        func error(_ ask: RefundAsk, told: [Int64]? = nil) -> OrderRefusal? {
            refusal { () throws(OrderRefusal) in _ = try order.refund(ask, told: told) }
        }
        #expect(error(.amount(901)) == .exceedsNet(left: 900, asked: 901))
        #expect(error(.amount(0)) == .nonPositive(0))
        #expect(error(.pieces([])) == .empty)
        #expect(error(.pieces([RefundPieces(product: 9, quantity: 1)])) == .productUnknown(9))
        #expect(
            error(.pieces([RefundPieces(product: 1, quantity: 0)])) == .quantity(product: 1, 0))
        #expect(
            error(.pieces([RefundPieces(product: 1, quantity: .max)]))
                == .exceedsQuantity(product: 1, left: 3, asked: .max))
        #expect(error(.amount(100), told: [50, 49]) == .tenderSum(total: 100, tendered: 99))
        #expect(error(.amount(100), told: [100]) == .tenderSum(total: 100, tendered: 100))
        #expect(
            error(.amount(301), told: [0, 301]) == .exceedsTender(1, left: 300, asked: 301))
        #expect(error(.amount(100), told: [101, -1]) == .nonPositive(-1))
        #expect(order == before)
        #expect(try order.refund(.amount(100), told: [0, 100]).tenderMinor == [0, 100])
    }

    @Test func `an order that is none is refused`() throws {
        func error(_ lines: [OrderLine]) -> OrderRefusal? {
            refusal { () throws(OrderRefusal) in _ = try OrderSheet(lines, currency: "EUR") }
        }
        #expect(error([]) == .empty)
        #expect(
            error([OrderLine(product: 1, quantity: 0, unitPriceMinor: 1)])
                == .quantity(product: 1, 0))
        #expect(
            error([OrderLine(product: 1, quantity: 1, unitPriceMinor: -1)])
                == .price(product: 1, -1))
        #expect(
            error([OrderLine(product: 1, quantity: .max, unitPriceMinor: .max)]) == .tooLarge)
        let most = OrderLine(product: 1, quantity: 1, unitPriceMinor: Exact.max)
        #expect(error([most, most]) == .tooLarge)
    }

    @Test func `an order that costs nothing is paid with nothing and given back as a whole`() throws
    {
        var order = try OrderSheet(
            [OrderLine(product: 1, quantity: 2, unitPriceMinor: 500)], currency: "EUR")
        try order.discount(5_000)
        #expect(order.totalMinor == 0)
        try order.pay([], points: 40)
        try order.earned(7)
        let first = try order.refund(.pieces([RefundPieces(product: 1, quantity: 1)]))
        #expect(first.returnsCoupons == false)
        let second = try order.refund(.pieces([RefundPieces(product: 1, quantity: 1)]))
        #expect(second.returnsCoupons)
        #expect(second.pointsToReverse == 7)
        #expect(second.pointsToReturn == 40)
    }

    @Test func `I35 parts of refunds sum to the whole in money, tenders and points`() throws {
        for seed in UInt64(1)...1_000 {
            var random = SeededRandom(seed: seed)
            let lines = (0..<random.number(in: 1...4)).map {
                OrderLine(
                    product: Int64($0 / 2), quantity: random.number(in: 1...5),
                    unitPriceMinor: Int64(random.number(in: 1...9_999)))
            }
            var order = try OrderSheet(lines, currency: "EUR")
            try order.discount(Int64(random.number(in: 0...Int(order.subtotalMinor / 2))))
            #expect(
                order.lines.map(\.discountMinor).reduce(0, +) == order.discountMinor,
                "seed \(seed)")
            var rest = order.totalMinor
            var tenders: [Tender] = []
            while rest > 0 {
                let part =
                    random.chance(percent: 40) ? rest : Int64(random.number(in: 1...Int(rest)))
                tenders.append(Tender(.cash, eur(part)))
                rest -= part
            }
            let points = Int64(random.number(in: 0...5_000))
            try order.pay(tenders, points: points)
            let earned = Int64(random.number(in: 0...5_000))
            try order.earned(earned)
            var reversed: Int64 = 0
            var returned: Int64 = 0
            var given = tenders.map { _ in Int64(0) }
            while order.status != .refunded {
                let ask: RefundAsk =
                    switch random.number(in: 0...9) {
                    case 0: .all
                    case 1...4:
                        .pieces([
                            RefundPieces(
                                product: Int64(random.number(in: 0...1)),
                                quantity: random.number(in: 1...2))
                        ])
                    default: .amount(Int64(random.number(in: 1...Int(order.netMinor))))
                    }
                guard let refund = try? order.refund(ask) else { continue }
                #expect(refund.tenderMinor.reduce(0, +) == refund.amountMinor, "seed \(seed)")
                #expect(refund.tenderMinor.allSatisfy { $0 >= 0 }, "seed \(seed)")
                #expect(refund.pointsToReverse >= 0 && refund.pointsToReturn >= 0, "seed \(seed)")
                given = zip(given, refund.tenderMinor).map { $0 + $1 }
                reversed += refund.pointsToReverse
                returned += refund.pointsToReturn
                #expect(
                    order.tenders.map(\.leftMinor).reduce(0, +) == order.netMinor, "seed \(seed)")
                #expect(refund.returnsCoupons == (order.status == .refunded), "seed \(seed)")
            }
            #expect(given == tenders.map(\.amount.minor), "seed \(seed)")
            #expect(reversed == earned && returned == points, "seed \(seed)")
        }
    }
}
