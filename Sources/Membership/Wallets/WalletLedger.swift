/// Why a wallet does not do as asked.
enum WalletRefusal: ExplainedRefusal {
    case nonPositive(Int64)
    case currency(String, is: String)
    case insufficient(available: Int64, asked: Int64)
    /// More than is left of the payment that is given back.
    case exceedsPayment(left: Int64, asked: Int64)
    /// Only payments can be given back.
    case notAPayment(WalletEntryType)
    case entryUnknown
    /// The payment came before, over another amount.
    case paymentRefTaken(String)
    /// The balance would pass 2^53 − 1.
    case tooLarge

    var code: RuleCode {
        switch self {
        case .nonPositive: .nonPositiveAmount
        case .currency: .currencyMismatch
        case .insufficient: .insufficientFunds
        case .exceedsPayment: .amountExceedsPayment
        case .notAPayment: .invalidTransition
        case .entryUnknown: .notFound
        case .paymentRefTaken: .uniqueViolation
        case .tooLarge: .invalid
        }
    }

    var message: String {
        switch self {
        case .nonPositive(let minor): "The amount must be above zero, not \(minor)."
        case .currency(let given, let currency): "The wallet is in \(currency), not in \(given)."
        case .insufficient(let available, let asked):
            "The wallet has \(available) for this, and \(asked) was asked for."
        case .exceedsPayment(let left, let asked):
            "\(left) is left of the payment, and \(asked) was asked for."
        case .notAPayment(let type): "A line of type \(type.rawValue) is not given back."
        case .entryUnknown: "The wallet has no such line."
        case .paymentRefTaken(let reference):
            "The payment \(reference) came before, over another amount or for another wallet."
        case .tooLarge: "The amount is beyond 2^53 − 1."
        }
    }
}

/// What a line of a wallet is.
enum WalletEntryType: String, CaseIterable, Sendable {
    case topUp = "TOP_UP"
    case bonus = "BONUS"
    case payment = "PAYMENT"
    case refund = "REFUND"
    case withdrawal = "WITHDRAWAL"
    case expire = "EXPIRE"
    case adjust = "ADJUST"
    case transfer = "TRANSFER"
}

/// Which part of a wallet pays first.
enum WalletOrder: String, CaseIterable, Sendable {
    /// The member's own money, then the bonus.
    case principalFirst = "PRINCIPAL_FIRST"
    /// Both, as they are to each other.
    case proRata = "PRO_RATA"
}

/// A bonus and what is left of it.
struct BonusLot: Equatable, Sendable {
    var key: Int64
    var remaining: Int64
    /// Excluded; never when `nil`.
    var expiresAt: Int64?
}

/// What a payment took of a bonus, or a refund gave back to it.
struct BonusPart: Equatable, Sendable {
    var lot: Int64
    var amount: Int64
}

/// One line of a wallet, never changed once it is there.
struct WalletEntry: Equatable, Sendable {
    /// From 1, without a gap.
    var seq: Int
    var type: WalletEntryType
    var principalDelta: Int64
    var bonusDelta: Int64
    /// Principal and bonus together.
    var balanceAfter: Int64
    var at: Int64
    /// Of which bonuses the bonus part is, in the order in which they were used.
    var bonusParts: [BonusPart] = []
    /// The payment that a refund gives back, by `seq`.
    var reverses: Int?
    /// By what payment a wallet was topped up.
    var paymentRef: String?
}

/// A wallet: the member's own money, and what was given on top of it.
///
/// **Invariants.** I31: balance = principal + bonus, neither below 0, and both are the sums of the
/// entries. I32: one currency. I33: a refund goes back to the split that paid. I34: only principal
/// is paid out. A bonus past its end counts nothing, whether an entry says so or not; each change
/// first writes down those that are over.
struct WalletLedger: Equatable, Sendable {
    let currency: String
    private(set) var principal: Int64 = 0
    /// In no order; those used up stay, so that refunds find them.
    private(set) var lots: [BonusLot] = []
    /// All of them, or those that matter for what is to be done: a payment and its refunds, a
    /// top-up and its bonus.
    private(set) var entries: [WalletEntry] = []
    /// The number of the last line, among them or not.
    private(set) var lastSeq = 0
    /// Principal and bonus after that line.
    private var lastBalance: Int64 = 0

    init(currency: String) {
        self.currency = currency
    }

    /// A wallet as it was written down, with all its lines.
    init(currency: String, principal: Int64, lots: [BonusLot], entries: [WalletEntry]) {
        self.init(
            currency: currency, principal: principal, lots: lots, entries: entries,
            lastSeq: entries.last?.seq ?? 0, lastBalance: entries.last?.balanceAfter ?? 0)
    }

    /// A wallet as it was written down, with those of its lines that matter.
    init(
        currency: String, principal: Int64, lots: [BonusLot], entries: [WalletEntry], lastSeq: Int,
        lastBalance: Int64
    ) {
        self.currency = currency
        self.principal = principal
        self.lots = lots
        self.entries = entries
        self.lastSeq = lastSeq
        self.lastBalance = lastBalance
    }

    func bonus(at now: Int64) -> Int64 {
        lots.reduce(0) { $0 + (WalletLedger.isOpen($1, at: now) ? $1.remaining : 0) }
    }

    func balance(at now: Int64) -> Int64 { principal + bonus(at: now) }

    private static func isOpen(_ lot: BonusLot, at now: Int64) -> Bool {
        lot.expiresAt.map { now < $0 } ?? true
    }

    /// Writes down the bonuses that are over, each at the moment it ended.
    mutating func settle(at now: Int64) {
        let over = lots.indices.filter {
            lots[$0].remaining > 0 && !WalletLedger.isOpen(lots[$0], at: now)
        }
        for place in over.sorted(by: { WalletLedger.isSooner(lots[$0], lots[$1]) }) {
            let lot = lots[place]
            lots[place].remaining = 0
            append(
                .expire, bonus: -lot.remaining, at: lot.expiresAt ?? now,
                parts: [BonusPart(lot: lot.key, amount: lot.remaining)])
        }
    }

    /// Money in, and a bonus on top.
    ///
    /// - Parameters:
    ///   - bonus: 0 for none.
    ///   - lot: which row the bonus becomes.
    ///   - paymentRef: by what payment; the same again changes nothing.
    /// - Returns: whether something changed.
    /// - Throws: `nonPositive`, `currency`, `paymentRefTaken`, `tooLarge`.
    mutating func topUp(
        _ amount: Amount, bonus: Int64 = 0, bonusExpiresAt: Int64? = nil, lot: Int64,
        paymentRef: String, at now: Int64
    ) throws(WalletRefusal) -> Bool {
        try check(amount)
        guard bonus >= 0 else { throw .nonPositive(bonus) }
        if let earlier = entries.first(where: { $0.paymentRef == paymentRef }) {
            let givenBonus = entries.first { $0.reverses == earlier.seq && $0.type == .bonus }
            guard earlier.principalDelta == amount.minor,
                (givenBonus?.bonusDelta ?? 0) == bonus
            else { throw .paymentRefTaken(paymentRef) }
            return false
        }
        guard Exact.sum(balance(at: now), amount.minor, bonus) != nil else { throw .tooLarge }
        settle(at: now)
        principal += amount.minor
        append(.topUp, principal: amount.minor, at: now, paymentRef: paymentRef)
        if bonus > 0 {
            lots.append(BonusLot(key: lot, remaining: bonus, expiresAt: bonusExpiresAt))
            append(
                .bonus, bonus: bonus, at: now, parts: [BonusPart(lot: lot, amount: bonus)],
                reverses: lastSeq)
            settle(at: now)
        }
        return true
    }

    /// Pays, the soonest ending bonus first, in full or not at all.
    ///
    /// - Returns: the `seq` of the payment.
    /// - Throws: `nonPositive`, `currency`, `insufficient`.
    mutating func pay(
        _ amount: Amount, _ order: WalletOrder = .principalFirst, at now: Int64
    ) throws(WalletRefusal) -> Int {
        try check(amount)
        let available = balance(at: now)
        guard amount.minor <= available else {
            throw .insufficient(available: available, asked: amount.minor)
        }
        settle(at: now)
        let own =
            switch order {
            case .principalFirst: min(principal, amount.minor)
            case .proRata:
                amount.minor
                    - Exact.share(of: bonus(at: now), amount.minor, of: available)
            }
        let parts = take(amount.minor - own, at: now)
        principal -= own
        append(.payment, principal: -own, bonus: own - amount.minor, at: now, parts: parts)
        return lastSeq
    }

    /// Gives a payment back, or a part of it, in the split in which it was paid; the bonuses that
    /// were used last come back first. A bonus that has ended meanwhile ends again at once.
    ///
    /// - Parameters:
    ///   - payment: its `seq`.
    ///   - amount: all that is left of it when `nil`.
    /// - Throws: `entryUnknown`, `notAPayment`, `nonPositive`, `currency`, `exceedsPayment`,
    ///   `tooLarge`.
    mutating func refund(
        _ payment: Int, amount: Amount? = nil, at now: Int64
    ) throws(WalletRefusal) {
        guard let paid = entries.first(where: { $0.seq == payment }) else { throw .entryUnknown }
        guard paid.type == .payment else { throw .notAPayment(paid.type) }
        var ownLeft = -paid.principalDelta
        var parts = paid.bonusParts
        for refund in entries where refund.type == .refund && refund.reverses == payment {
            ownLeft -= refund.principalDelta
            for part in refund.bonusParts {
                if let place = parts.firstIndex(where: { $0.lot == part.lot }) {
                    parts[place].amount -= part.amount
                }
            }
        }
        let bonusLeft = parts.reduce(0) { $0 + $1.amount }
        let left = ownLeft + bonusLeft
        if let amount { try check(amount) }
        let asked = amount?.minor ?? left
        guard asked <= left, asked > 0 else { throw .exceedsPayment(left: left, asked: asked) }
        guard Exact.sum(balance(at: now), asked) != nil else { throw .tooLarge }
        settle(at: now)
        let split = Exact.split(asked, by: [ownLeft, bonusLeft])
        var rest = split[1]
        var given: [BonusPart] = []
        for part in parts.reversed() where part.amount > 0 && rest > 0 {
            let back = min(part.amount, rest)
            rest -= back
            given.append(BonusPart(lot: part.lot, amount: back))
            if let place = lots.firstIndex(where: { $0.key == part.lot }) {
                lots[place].remaining += back
            }
        }
        principal += split[0]
        append(
            .refund, principal: split[0], bonus: split[1], at: now, parts: given,
            reverses: payment)
        settle(at: now)
    }

    /// Pays out the member's own money.
    ///
    /// - Parameter forfeitsBonus: whether the bonus goes with it, in proportion, rounded down.
    /// - Throws: `nonPositive`, `currency`, `insufficient`.
    mutating func withdraw(
        _ amount: Amount, forfeitsBonus: Bool = false, at now: Int64
    ) throws(WalletRefusal) {
        try check(amount)
        guard amount.minor <= principal else {
            throw .insufficient(available: principal, asked: amount.minor)
        }
        settle(at: now)
        let lost =
            forfeitsBonus ? Exact.share(of: bonus(at: now), amount.minor, of: principal) : 0
        principal -= amount.minor
        append(.withdrawal, principal: -amount.minor, at: now)
        if lost > 0 {
            let parts = take(lost, at: now)
            append(.adjust, bonus: -lost, at: now, parts: parts)
        }
    }

    /// The next moment after `now` at which a bonus ends; `nil` if none does.
    func nextChange(after now: Int64) -> Int64? {
        lots.compactMap { $0.remaining > 0 ? $0.expiresAt : nil }.filter { $0 > now }.min()
    }

    /// Gives money and bonuses to another wallet, the bonuses with their ends.
    ///
    /// - Parameters:
    ///   - other: of the same currency.
    ///   - principal: how much of the own money; all when `nil`.
    ///   - bonuses: how much of which bonus; all that is open when `nil`.
    ///   - newLot: the row that a bonus becomes over there, by the row that it is here.
    /// - Throws: `currency`, `insufficient` when there is less here, `tooLarge`.
    mutating func transfer(
        to other: inout WalletLedger, principal asked: Int64? = nil, bonuses: [BonusPart]? = nil,
        newLot: (Int64) -> Int64, at now: Int64
    ) throws(WalletRefusal) {
        guard other.currency == currency else {
            throw .currency(other.currency, is: currency)
        }
        var (from, to) = (self, other)
        from.settle(at: now)
        to.settle(at: now)
        let own = asked ?? from.principal
        let open = from.lots.filter { $0.remaining > 0 }
        let parts = bonuses ?? open.map { BonusPart(lot: $0.key, amount: $0.remaining) }
        guard own >= 0, own <= from.principal else {
            throw .insufficient(available: from.principal, asked: own)
        }
        var arrived: [BonusPart] = []
        for part in parts {
            guard let place = from.lots.firstIndex(where: { $0.key == part.lot }),
                from.lots[place].remaining >= part.amount
            else { throw .insufficient(available: from.balance(at: now), asked: part.amount) }
            from.lots[place].remaining -= part.amount
            let lot = BonusLot(
                key: newLot(part.lot), remaining: part.amount,
                expiresAt: from.lots[place].expiresAt)
            if let known = to.lots.firstIndex(where: { $0.key == lot.key }) {
                to.lots[known].remaining += part.amount
            } else {
                to.lots.append(lot)
            }
            arrived.append(BonusPart(lot: lot.key, amount: part.amount))
        }
        let bonus = parts.reduce(0) { $0 + $1.amount }
        guard own > 0 || bonus > 0 else { return }
        guard Exact.sum(to.lastBalance, own, bonus) != nil else { throw .tooLarge }
        from.principal -= own
        to.principal += own
        from.append(.transfer, principal: -own, bonus: -bonus, at: now, parts: parts)
        to.append(.transfer, principal: own, bonus: bonus, at: now, parts: arrived)
        (self, other) = (from, to)
    }

    private func check(_ amount: Amount) throws(WalletRefusal) {
        guard amount.currency == currency else {
            throw .currency(amount.currency, is: currency)
        }
        guard amount.minor > 0 else { throw .nonPositive(amount.minor) }
        guard Exact.checked(amount.minor) != nil else { throw .tooLarge }
    }

    /// Takes from the bonuses, which hold that much, the soonest ending first.
    private mutating func take(_ amount: Int64, at now: Int64) -> [BonusPart] {
        var rest = amount
        var parts: [BonusPart] = []
        let places = lots.indices.sorted { WalletLedger.isSooner(lots[$0], lots[$1]) }
        for place in places where rest > 0 && WalletLedger.isOpen(lots[place], at: now) {
            let taken = min(lots[place].remaining, rest)
            guard taken > 0 else { continue }
            lots[place].remaining -= taken
            rest -= taken
            parts.append(BonusPart(lot: lots[place].key, amount: taken))
        }
        return parts
    }

    private static func isSooner(_ left: BonusLot, _ right: BonusLot) -> Bool {
        (left.expiresAt ?? .max, left.key) < (right.expiresAt ?? .max, right.key)
    }

    private mutating func append(
        _ type: WalletEntryType, principal: Int64 = 0, bonus: Int64 = 0, at: Int64,
        parts: [BonusPart] = [], reverses: Int? = nil, paymentRef: String? = nil
    ) {
        lastSeq += 1
        lastBalance += principal + bonus
        entries.append(
            WalletEntry(
                seq: lastSeq, type: type, principalDelta: principal, bonusDelta: bonus,
                balanceAfter: lastBalance, at: at, bonusParts: parts, reverses: reverses,
                paymentRef: paymentRef))
    }
}
