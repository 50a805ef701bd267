import Engine
import Store

/// What a merge moved from one wallet to another: what undoing needs.
struct WalletMove: Sendable, Equatable {
    struct Part: Sendable, Equatable {
        /// The bonus that it was taken from, and the one that it became.
        var from: RowRef
        var to: RowRef
        var amount: Int64
    }

    /// The wallets it went from and to.
    var from: RowRef
    var to: RowRef
    /// In the currency's smallest unit.
    var principal: Int64
    var bonuses: [Part]
}

extension WalletDesk {
    /// Moves all money of one member to the wallets of another, bonuses with their ends.
    func transferAll(
        from absorbed: RowRef, to survivor: RowRef, reason: String, at field: String,
        _ call: RuleCall
    ) throws(MutationStop) -> [WalletMove] {
        var moves: [WalletMove] = []
        for source in call.data.rows(wallets.ofMember, .row(absorbed)) {
            let currency = call.data.row(wallets.table, source)[wallets.currency]
            let target = try open(survivor, currency, call)
            let (before, other) = (ledger(of: source, call.data), ledger(of: target, call.data))
            var (from, to) = (before, other)
            // New bonuses have numbers that no row has.
            try call.attempt(at: field) { () throws(WalletRefusal) in
                try from.transfer(to: &to, newLot: { -1 - $0 }, at: call.now)
            }
            guard from != before else { continue }
            let cause = Cause(reason: reason)
            try save(from, over: before, as: source, cause, call)
            let lines = try save(to, over: other, as: target, cause, call)
            let sent = from.entries.last?.bonusParts ?? []
            let arrived = lines.last.map { entries.entry($0, call.data).bonusParts } ?? []
            moves.append(
                WalletMove(
                    from: source, to: target, principal: before.principal,
                    bonuses: zip(sent, arrived).compactMap { sent, arrived in
                        guard let from = UInt32(exactly: sent.lot),
                            let to = UInt32(exactly: arrived.lot)
                        else { return nil }
                        return WalletMove.Part(
                            from: RowRef(rawValue: from), to: RowRef(rawValue: to),
                            amount: sent.amount)
                    }))
        }
        return moves
    }

    /// Moves back what a merge moved.
    ///
    /// - Parameter acceptsShortage: whether less may go back when some was spent meanwhile.
    /// - Throws: `MERGE_NOT_UNDOABLE` when there is less than was moved.
    func transferBack(
        _ moves: [WalletMove], reason: String, acceptsShortage: Bool, at field: String,
        _ call: RuleCall
    ) throws(MutationStop) {
        for move in moves {
            let named = call.data.rows(bonuses.ofWallet, .row(move.from))
            let before = ledger(of: move.to, call.data)
            let other = ledger(of: move.from, keeping: named, call.data)
            var (from, to) = (before, other)
            from.settle(at: call.now)
            let principal = min(move.principal, from.principal)
            var parts: [BonusPart] = []
            var ended = true
            for part in move.bonuses {
                let lot = from.lots.first { $0.key == Int64(part.to.rawValue) }
                let amount = min(part.amount, lot?.remaining ?? 0)
                // A bonus that has ended meanwhile is nobody's shortage.
                let end = call.data.row(bonuses.table, part.to)[bonuses.expiresAt]
                if amount < part.amount && end.map({ $0 > call.now }) ?? true { ended = false }
                if amount > 0 {
                    parts.append(BonusPart(lot: Int64(part.to.rawValue), amount: amount))
                }
            }
            if (principal < move.principal || !ended) && !acceptsShortage {
                throw call.refuse(
                    .mergeNotUndoable, "Money of the wallet was spent since the merge.", at: field)
            }
            let back = Dictionary(
                move.bonuses.map { (Int64($0.to.rawValue), Int64($0.from.rawValue)) },
                uniquingKeysWith: { first, _ in first })
            try call.attempt(at: field) { () throws(WalletRefusal) in
                try from.transfer(
                    to: &to, principal: principal, bonuses: parts, newLot: { back[$0] ?? -1 - $0 },
                    at: call.now)
            }
            let cause = Cause(reason: reason)
            try save(from, over: before, as: move.to, cause, call)
            try save(to, over: other, as: move.from, cause, call)
        }
    }

    /// As ``ledger(of:lines:_:)``, with these bonuses even if nothing is left of them.
    private func ledger(
        of wallet: RowRef, keeping lots: [RowRef], _ data: DataView
    ) -> WalletLedger {
        let row = data.row(wallets.table, wallet)
        return WalletLedger(
            currency: row[wallets.currency], principal: row[wallets.principal]?.minor ?? 0,
            lots: lots.map { lot in
                let row = data.row(bonuses.table, lot)
                return BonusLot(
                    key: Int64(lot.rawValue), remaining: row[bonuses.remaining],
                    expiresAt: row[bonuses.expiresAt])
            },
            entries: [], lastSeq: Int(row[wallets.lastSeq]),
            lastBalance: row[wallets.balance]?.minor ?? 0)
    }
}
