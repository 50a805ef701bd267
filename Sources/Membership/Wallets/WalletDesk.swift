import Engine
import Store

/// Where other subjects ask for wallets: paying, giving back, moving.
struct WalletDesk: BoundTables {
    let wallets: WalletTable
    let bonuses: WalletBonusTable
    let entries: WalletEntryTable
    let members: MemberDesk
    private let programs: ProgramTable
    private let walletOrder: EnumField<WalletOrder>

    init(_ binder: RuleBinder) {
        wallets = binder.shared()
        bonuses = binder.shared()
        entries = binder.shared()
        members = binder.shared()
        programs = binder.shared()
        walletOrder = binder.table("LoyaltyProgram")("walletOrder")
    }

    /// What lines have in common that one mutation writes.
    struct Cause: Sendable {
        var order: RowRef?
        var payment: RowRef?
        var reason: String?
    }

    // MARK: Finding

    func wallet(of member: RowRef, _ currency: String, _ data: DataView) -> RowRef? {
        data.find(wallets.byMember, .row(member), .text(currency))
    }

    /// Opens the wallet when there is none.
    func open(
        _ member: RowRef, _ currency: String, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        if let wallet = wallet(of: member, currency, call.data) { return wallet }
        let isCode = currency.utf8.count == 3 && currency.utf8.allSatisfy { 65...90 ~= $0 }
        guard isCode else {
            throw call.refuse(
                .invalid, "A currency has three capitals, after ISO 4217.", at: "amount")
        }
        let zero = Amount(minor: 0, currency: currency)
        let wallet = try call.insert(wallets.table) { row in
            row[wallets.member] = member
            row[wallets.currency] = currency
            row[wallets.balance] = zero
            row[wallets.principal] = zero
            row[wallets.bonus] = zero
        }
        call.auditNew(wallets.table, wallet)
        return wallet
    }

    // MARK: Reading and writing

    /// - Parameter lines: those that matter for what is to be done.
    func ledger(of wallet: RowRef, lines: [RowRef] = [], _ data: DataView) -> WalletLedger {
        let row = data.row(wallets.table, wallet)
        // Bonuses used up matter only to refunds, which name them.
        var lots: [RowRef] = data.rows(bonuses.ofWallet, .row(wallet))
        let loaded = lines.map { entries.entry($0, data) }
        let named = Set(loaded.flatMap(\.bonusParts).map(\.lot))
        lots = lots.filter {
            named.contains(Int64($0.rawValue))
                || data.row(bonuses.table, $0)[bonuses.remaining] > 0
        }
        return WalletLedger(
            currency: row[wallets.currency], principal: row[wallets.principal]?.minor ?? 0,
            lots: lots.map { lot in
                let row = data.row(bonuses.table, lot)
                return BonusLot(
                    key: Int64(lot.rawValue), remaining: row[bonuses.remaining],
                    expiresAt: row[bonuses.expiresAt])
            },
            entries: loaded, lastSeq: Int(row[wallets.lastSeq]),
            lastBalance: row[wallets.balance]?.minor ?? 0)
    }

    /// Writes down what became of a wallet.
    ///
    /// - Parameter cause: of every new line; bonuses that ended have none.
    /// - Returns: the new lines.
    @discardableResult
    func save(
        _ after: WalletLedger, over before: WalletLedger, as wallet: RowRef, _ cause: Cause,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        guard after != before else { return [] }
        var rows: [Int64: RowRef] = [:]
        for lot in after.lots {
            let old = before.lots.first { $0.key == lot.key }
            if lot == old { continue }
            if old != nil, let raw = UInt32(exactly: lot.key) {
                try call.update(bonuses.table, RowRef(rawValue: raw)) { row in
                    row[bonuses.remaining] = lot.remaining
                }
                continue
            }
            let given = after.entries.last { entry in
                entry.bonusDelta > 0 && entry.bonusParts.contains { $0.lot == lot.key }
            }
            let part = given?.bonusParts.first { $0.lot == lot.key }
            rows[lot.key] = try call.insert(bonuses.table) { row in
                row[bonuses.wallet] = wallet
                row[bonuses.original] = part?.amount ?? lot.remaining
                row[bonuses.remaining] = lot.remaining
                row[bonuses.expiresAt] = lot.expiresAt
            }
        }
        let written = try append(
            Array(after.entries.dropFirst(before.entries.count)), to: wallet, after.currency, rows,
            cause, call)
        let bonus = after.bonus(at: call.now)
        func amount(_ minor: Int64) -> Amount { Amount(minor: minor, currency: after.currency) }
        try call.update(wallets.table, wallet) { row in
            row[wallets.principal] = amount(after.principal)
            row[wallets.bonus] = amount(bonus)
            row[wallets.balance] = amount(after.principal + bonus)
            row[wallets.lastSeq] = Int64(after.lastSeq)
            row[wallets.changesAt] = after.nextChange(after: call.now)
        }
        return written
    }

    private func append(
        _ lines: [WalletEntry], to wallet: RowRef, _ currency: String, _ lots: [Int64: RowRef],
        _ cause: Cause, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let member = call.data.row(wallets.table, wallet)[wallets.member]
        var written: [RowRef] = []
        for line in lines {
            let reverses = line.reverses.flatMap {
                call.data.find(entries.bySeq, .row(wallet), .int(Int64($0)))
            }
            let isOwn = line.type != .expire
            written.append(
                try call.insert(entries.table) { row in
                    row[entries.wallet] = wallet
                    row[entries.member] = member
                    row[entries.seq] = Int64(line.seq)
                    row[entries.type] = line.type
                    row[entries.principalDelta] = line.principalDelta
                    row[entries.bonusDelta] = line.bonusDelta
                    row[entries.balanceAfter] = Amount(
                        minor: line.balanceAfter, currency: currency)
                    row[entries.at] = line.at
                    row[entries.bonusParts] = line.bonusParts.map { part in
                        StoredBonusPart(
                            lot: lots[part.lot].map { Int64($0.rawValue) } ?? part.lot,
                            amount: part.amount)
                    }
                    row[entries.reverses] = reverses
                    row[entries.paymentRef] = line.paymentRef
                    if isOwn {
                        row[entries.order] = cause.order
                        row[entries.payment] = cause.payment
                        row[entries.reason] = cause.reason
                    }
                })
        }
        return written
    }

    // MARK: Paying

    /// Pays from a member's wallet, in full or not at all.
    ///
    /// - Returns: the lines, the payment's own last.
    /// - Throws: `NON_POSITIVE_AMOUNT`, `INSUFFICIENT_FUNDS`, also when there is no such wallet.
    func pay(
        _ amount: Amount, from member: RowRef, _ cause: Cause, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> (wallet: RowRef, lines: [RowRef]) {
        guard let wallet = wallet(of: member, amount.currency, call.data) else {
            let others = call.data.rows(wallets.ofMember, .row(member), limit: 1)
            if let other = others.first {
                let currency = call.data.row(wallets.table, other)[wallets.currency]
                throw call.refuse(
                    WalletRefusal.currency(amount.currency, is: currency), at: field)
            }
            throw call.refuse(
                WalletRefusal.insufficient(available: 0, asked: amount.minor), at: field)
        }
        let before = ledger(of: wallet, call.data)
        var after = before
        let order = order(call.data)
        try call.attempt(at: field) { () throws(WalletRefusal) in
            _ = try after.pay(amount, order, at: call.now)
        }
        call.audit(wallets.table, wallet)
        return (wallet, try save(after, over: before, as: wallet, cause, call))
    }

    /// Which part pays first: the default program says it.
    private func order(_ data: DataView) -> WalletOrder {
        var order = WalletOrder.principalFirst
        data.forEach(programs.table) { _, row in
            if row[programs.isDefault] { order = row[walletOrder] }
        }
        return order
    }

    /// Gives a payment back, or a part of it, in the split in which it was paid: I33.
    ///
    /// - Parameter amount: all that is left of it when nil.
    /// - Throws: `AMOUNT_EXCEEDS_PAYMENT`, `INVALID_TRANSITION` for a line that is no payment,
    ///   `NON_POSITIVE_AMOUNT`, `CURRENCY_MISMATCH`.
    func refund(
        _ payment: RowRef, amount: Amount?, _ cause: Cause, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> (wallet: RowRef, lines: [RowRef]) {
        let data = call.data
        let wallet = data.row(entries.table, payment)[entries.wallet]
        let lines = [payment] + data.rows(entries.reversing, .row(payment))
        let before = ledger(of: wallet, lines: lines, data)
        var after = before
        let seq = Int(data.row(entries.table, payment)[entries.seq])
        try call.attempt(at: field) { () throws(WalletRefusal) in
            try after.refund(seq, amount: amount, at: call.now)
        }
        call.audit(wallets.table, wallet)
        return (wallet, try save(after, over: before, as: wallet, cause, call))
    }

    /// Writes down the bonuses that are over.
    func settle(_ wallet: RowRef, _ call: RuleCall) throws(MutationStop) {
        let before = ledger(of: wallet, call.data)
        var after = before
        after.settle(at: call.now)
        if after == before {
            try call.update(wallets.table, wallet) { row in
                row[wallets.changesAt] = after.nextChange(after: call.now)
            }
        }
        try save(after, over: before, as: wallet, Cause(), call)
    }
}
