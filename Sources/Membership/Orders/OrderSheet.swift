/// How far an order has come.
enum OrderStatus: String, CaseIterable, Sendable {
    case open = "OPEN"
    case paid = "PAID"
    case partiallyRefunded = "PARTIALLY_REFUNDED"
    case refunded = "REFUNDED"
    case cancelled = "CANCELLED"
}

/// How something is paid.
enum PaymentMethod: String, CaseIterable, Sendable {
    case cash = "CASH"
    case card = "CARD"
    case wechatPay = "WECHAT_PAY"
    case alipay = "ALIPAY"
    case wallet = "WALLET"
    case points = "POINTS"
    case pass = "PASS"
    case bankTransfer = "BANK_TRANSFER"
    case other = "OTHER"
}

/// Why an order does not do as asked.
enum OrderRefusal: ExplainedRefusal {
    case empty
    case quantity(product: Int64, Int)
    case price(product: Int64, Int64)
    /// A sum beyond 2^53 − 1.
    case tooLarge
    case currency(String, is: String)
    case nonPositive(Int64)
    /// The tenders are not what is to be paid.
    case tenderSum(total: Int64, tendered: Int64)
    case status(OrderStatus)
    /// More than is left of the order.
    case exceedsNet(left: Int64, asked: Int64)
    /// More than is left of one tender.
    case exceedsTender(Int, left: Int64, asked: Int64)
    case productUnknown(Int64)
    /// More pieces than are left of a product.
    case exceedsQuantity(product: Int64, left: Int, asked: Int)

    var code: RuleCode {
        switch self {
        case .empty: .required
        case .quantity, .price, .tooLarge, .tenderSum: .invalid
        case .currency: .currencyMismatch
        case .nonPositive: .nonPositiveAmount
        case .status: .invalidTransition
        case .exceedsNet, .exceedsTender, .exceedsQuantity: .amountExceedsPayment
        case .productUnknown: .notFound
        }
    }

    var message: String {
        switch self {
        case .empty: "There is nothing in it."
        case .quantity(_, let quantity): "There is at least one piece, not \(quantity)."
        case .price(_, let minor): "A price is not below zero, as \(minor) is."
        case .tooLarge: "The sum is beyond 2^53 − 1."
        case .currency(let given, let currency): "The order is in \(currency), not in \(given)."
        case .nonPositive(let minor): "The amount must be above zero, not \(minor)."
        case .tenderSum(let total, let tendered):
            "\(total) is to be paid, and the tenders come to \(tendered)."
        case .status(let status): "The order is \(status.rawValue)."
        case .exceedsNet(let left, let asked):
            "\(left) is left of the order, and \(asked) was asked for."
        case .exceedsTender(_, let left, let asked):
            "\(left) is left of the payment, and \(asked) was asked for."
        case .productUnknown: "The order has no such product."
        case .exceedsQuantity(_, let left, let asked):
            "\(left) pieces are left of the product, and \(asked) were asked for."
        }
    }
}

/// One product of an order, at the price of when the order was made.
struct OrderLine: Equatable, Sendable {
    var product: Int64
    var quantity: Int
    var unitPriceMinor: Int64
    /// Its part of the order's discount.
    fileprivate(set) var discountMinor: Int64 = 0
    fileprivate(set) var refundedQuantity = 0

    init(product: Int64, quantity: Int, unitPriceMinor: Int64) {
        self.product = product
        self.quantity = quantity
        self.unitPriceMinor = unitPriceMinor
    }

    /// A line as it was written down.
    init(
        product: Int64, quantity: Int, unitPriceMinor: Int64, discountMinor: Int64,
        refundedQuantity: Int
    ) {
        self.init(product: product, quantity: quantity, unitPriceMinor: unitPriceMinor)
        self.discountMinor = discountMinor
        self.refundedQuantity = refundedQuantity
    }

    /// Before the discount. Within 2^53 − 1 once the order is made.
    var subtotalMinor: Int64 { unitPriceMinor &* Int64(quantity) }
    var totalMinor: Int64 { subtotalMinor &- discountMinor }

    /// What so many more pieces are worth: all pieces together exactly the line's total.
    fileprivate func value(of pieces: Int) -> Int64 {
        func upTo(_ count: Int) -> Int64 {
            Exact.share(of: totalMinor, Int64(count), of: Int64(quantity))
        }
        return upTo(refundedQuantity + pieces) - upTo(refundedQuantity)
    }
}

/// One way in which an order was paid.
struct Tender: Equatable, Sendable {
    var method: PaymentMethod
    var amount: Amount
    fileprivate(set) var refundedMinor: Int64 = 0

    init(_ method: PaymentMethod, _ amount: Amount, refundedMinor: Int64 = 0) {
        self.method = method
        self.amount = amount
        self.refundedMinor = refundedMinor
    }

    var leftMinor: Int64 { amount.minor - refundedMinor }
}

/// What is to be given back.
enum RefundAsk: Equatable, Sendable {
    /// All that is left.
    case all
    /// So much, in minor units, whatever for.
    case amount(Int64)
    /// So many pieces of these products.
    case pieces([RefundPieces])
}

struct RefundPieces: Equatable, Sendable {
    var product: Int64
    var quantity: Int
}

/// What a refund comes to, everything included.
struct RefundDecision: Equatable, Sendable {
    var amountMinor: Int64
    /// For each tender.
    var tenderMinor: [Int64]
    /// For each line, the pieces that come back.
    var pieces: [Int]
    /// Points that the order had earned and that are taken back, as far as the program's policy
    /// lets them.
    var pointsToReverse: Int64
    /// Points that had been paid with and are given back.
    var pointsToReturn: Int64
    /// Whether the order is given back as a whole by now, and its coupons with it.
    var returnsCoupons: Bool
}

/// An order from its making to its last refund.
///
/// **Invariants.** I35: tenders − refunds = net, for each tender refunded ≤ paid. I36: once paid,
/// lines and prices stand. The parts of partial refunds sum to the whole: in money, for each
/// tender and in points.
struct OrderSheet: Equatable, Sendable {
    let currency: String
    private(set) var status = OrderStatus.open
    private(set) var lines: [OrderLine]
    private(set) var discountMinor: Int64 = 0
    private(set) var tenders: [Tender] = []
    private(set) var refundedMinor: Int64 = 0
    /// Points that the order earned, less those taken back.
    private(set) var pointsEarned: Int64 = 0
    /// Points that it was paid with, less those given back.
    private(set) var pointsSpent: Int64 = 0
    let subtotalMinor: Int64

    /// - Throws: `empty`, `quantity`, `price`, `tooLarge`.
    init(_ lines: [OrderLine], currency: String) throws(OrderRefusal) {
        guard !lines.isEmpty else { throw .empty }
        var totals: [Int64] = []
        for line in lines {
            guard line.quantity > 0 else { throw .quantity(product: line.product, line.quantity) }
            guard line.unitPriceMinor >= 0 else {
                throw .price(product: line.product, line.unitPriceMinor)
            }
            guard let total = Exact.product(line.unitPriceMinor, Int64(line.quantity)) else {
                throw .tooLarge
            }
            totals.append(total)
        }
        guard let sum = Exact.sum(of: totals) else { throw .tooLarge }
        self.lines = lines
        self.currency = currency
        subtotalMinor = sum
    }

    /// An order as it was written down; what was accepted then is not judged again.
    init(
        _ lines: [OrderLine], currency: String, status: OrderStatus, subtotalMinor: Int64,
        discountMinor: Int64, tenders: [Tender], refundedMinor: Int64, pointsEarned: Int64,
        pointsSpent: Int64
    ) {
        self.lines = lines
        self.currency = currency
        self.status = status
        self.subtotalMinor = subtotalMinor
        self.discountMinor = discountMinor
        self.tenders = tenders
        self.refundedMinor = refundedMinor
        self.pointsEarned = pointsEarned
        self.pointsSpent = pointsSpent
    }

    var totalMinor: Int64 { subtotalMinor - discountMinor }
    var netMinor: Int64 { totalMinor - refundedMinor }

    /// What earns points: the total without what was paid in points.
    var earningMinor: Int64 {
        tenders.reduce(totalMinor) { $0 - ($1.method == .points ? $1.amount.minor : 0) }
    }

    /// Takes a discount off, each line in proportion to its price. Replaces an earlier one.
    ///
    /// - Parameter minor: at most the subtotal counts.
    /// - Throws: `status` once it is paid, `nonPositive` for a negative one.
    mutating func discount(_ minor: Int64) throws(OrderRefusal) {
        guard status == .open else { throw .status(status) }
        guard minor >= 0 else { throw .nonPositive(minor) }
        discountMinor = min(minor, subtotalMinor)
        let parts = Exact.split(discountMinor, by: lines.map(\.subtotalMinor))
        for place in lines.indices { lines[place].discountMinor = parts[place] }
    }

    /// Pays it: the tenders are exactly what is to be paid, or nothing happens.
    ///
    /// - Parameter points: how many points the tenders in points are.
    /// - Throws: `status`, `nonPositive`, `currency`, `tenderSum`, `tooLarge`.
    mutating func pay(_ tenders: [Tender], points: Int64 = 0) throws(OrderRefusal) {
        guard status == .open else { throw .status(status) }
        guard points >= 0 else { throw .nonPositive(points) }
        for tender in tenders {
            guard tender.amount.minor > 0 else { throw .nonPositive(tender.amount.minor) }
            guard tender.amount.currency == currency else {
                throw .currency(tender.amount.currency, is: currency)
            }
        }
        guard let sum = Exact.sum(of: tenders.map(\.amount.minor)) else { throw .tooLarge }
        guard sum == totalMinor else { throw .tenderSum(total: totalMinor, tendered: sum) }
        self.tenders = tenders
        pointsSpent = points
        status = .paid
    }

    /// Notes the points that the order earned, once they are known.
    mutating func earned(_ points: Int64) throws(OrderRefusal) {
        guard status == .paid else { throw .status(status) }
        guard points >= 0 else { throw .nonPositive(points) }
        pointsEarned = points
    }

    /// - Throws: `status` unless it is open: what is paid is given back instead.
    mutating func cancel() throws(OrderRefusal) {
        guard status == .open else { throw .status(status) }
        status = .cancelled
    }

    /// Gives back money, points and pieces.
    ///
    /// - Parameters:
    ///   - ask: how much, or what.
    ///   - told: the part of each tender, where somebody decided so; else in proportion to what is
    ///     left of each.
    /// - Throws: `status`, `nonPositive`, `exceedsNet`, `productUnknown`, `quantity`,
    ///   `exceedsQuantity`, `exceedsTender`, `tenderSum` when the parts told are not the amount.
    mutating func refund(
        _ ask: RefundAsk, told: [Int64]? = nil
    ) throws(OrderRefusal) -> RefundDecision {
        guard status == .paid || status == .partiallyRefunded else { throw .status(status) }
        var order = self
        var pieces = lines.map { _ in 0 }
        let amount: Int64
        switch ask {
        case .all:
            amount = netMinor
            pieces = lines.map { $0.quantity - $0.refundedQuantity }
        case .amount(let asked):
            guard asked > 0 else { throw .nonPositive(asked) }
            amount = asked
        case .pieces(let asked):
            amount = try order.take(asked, &pieces)
        }
        let net = netMinor
        guard amount <= net else { throw .exceedsNet(left: net, asked: amount) }
        let parts =
            try told.map { parts throws(OrderRefusal) in try check(parts, amount) }
            ?? Exact.split(amount, by: tenders.map(\.leftMinor))
        for place in tenders.indices { order.tenders[place].refundedMinor += parts[place] }
        for place in lines.indices {
            order.lines[place].refundedQuantity = lines[place].refundedQuantity + pieces[place]
        }
        order.refundedMinor += amount
        // What cost nothing is given back as a whole or not at all.
        let isWhole = amount == net && (net > 0 || order.hasNoPieces || ask == .all)
        order.status = isWhole ? .refunded : .partiallyRefunded
        let reversed = isWhole ? pointsEarned : Exact.share(of: pointsEarned, amount, of: net)
        let returned = isWhole ? pointsSpent : Exact.share(of: pointsSpent, amount, of: net)
        order.pointsEarned -= reversed
        order.pointsSpent -= returned
        self = order
        return RefundDecision(
            amountMinor: amount, tenderMinor: parts, pieces: pieces, pointsToReverse: reversed,
            pointsToReturn: returned, returnsCoupons: isWhole)
    }

    private var hasNoPieces: Bool { lines.allSatisfy { $0.refundedQuantity == $0.quantity } }

    /// The worth of pieces that come back; several lines of a product give theirs in turn.
    private mutating func take(
        _ asked: [RefundPieces], _ pieces: inout [Int]
    ) throws(OrderRefusal) -> Int64 {
        guard !asked.isEmpty else { throw .empty }
        var amount: Int64 = 0
        for one in asked {
            guard one.quantity > 0 else { throw .quantity(product: one.product, one.quantity) }
            let places = lines.indices.filter { lines[$0].product == one.product }
            guard !places.isEmpty else { throw .productUnknown(one.product) }
            var rest = one.quantity
            for place in places {
                let taken = min(rest, lines[place].quantity - lines[place].refundedQuantity)
                amount += lines[place].value(of: taken)
                lines[place].refundedQuantity += taken
                pieces[place] += taken
                rest -= taken
            }
            guard rest == 0 else {
                throw .exceedsQuantity(
                    product: one.product, left: one.quantity - rest, asked: one.quantity)
            }
        }
        return amount
    }

    private func check(_ parts: [Int64], _ amount: Int64) throws(OrderRefusal) -> [Int64] {
        let sum = Exact.sum(of: parts)
        guard parts.count == tenders.count, sum == amount else {
            throw .tenderSum(total: amount, tendered: sum ?? Exact.max)
        }
        for (place, part) in parts.enumerated() {
            guard part >= 0 else { throw .nonPositive(part) }
            guard part <= tenders[place].leftMinor else {
                throw .exceedsTender(place, left: tenders[place].leftMinor, asked: part)
            }
        }
        return parts
    }
}
