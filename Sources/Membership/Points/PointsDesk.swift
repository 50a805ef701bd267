import Engine
import Store

/// Where other subjects earn, spend and give back points for a member.
struct PointsDesk: BoundTables {
    let books: PointsBooks
    let rules: EarningRuleTable
    let tiers: TierDesk
    private let orders: OrderFigures
    private var accounts: AccountTable { books.accounts }
    private var entries: EntryTable { books.entries }

    init(_ binder: RuleBinder) {
        books = binder.shared()
        rules = binder.shared()
        tiers = binder.shared()
        orders = binder.shared()
    }

    // MARK: Accounts

    /// The member's account in a program; a new one if there is none.
    func account(of member: RowRef, _ program: RowRef, _ call: RuleCall) throws(MutationStop)
        -> RowRef
    {
        if let known = call.data.find(accounts.byOwner, .row(member), .row(program)) {
            return known
        }
        return try call.insert(accounts.table) { row in
            row[accounts.member] = member
            row[accounts.program] = program
        }
    }

    // MARK: Earning

    /// What every open program's rules give a member for something that happened, written and the
    /// tiers judged. Rules whose limits leave nothing are recorded with 0 points.
    ///
    /// - Parameters:
    ///   - at: when it happened; may lie back.
    ///   - amount: what counts of an order: net of discounts, and without what was paid with points
    ///     or coupons.
    @discardableResult
    func occasion(
        _ trigger: EarningTrigger, member: RowRef, at: Int64,
        amount: (minor: Int64, currency: String)? = nil, order: RowRef? = nil,
        event: RowRef? = nil, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        var written: [RowRef] = []
        for program in rules.programs(with: trigger, call.data)
        where call.data.row(books.programs.table, program)[books.programs.active] {
            let award = try rules.award(
                trigger, member, program, at: at, amount: amount, tiers, call.data, call)
            guard !award.lines.isEmpty else { continue }
            let cause = EntryCause(order: order, event: event)
            written += try earn(award, member, program, at: at, cause, call)
        }
        // Money spent and visits count towards a tier without any points.
        for program in tiers.programs.judged(by: [.spend, .visits], call.data) {
            try tiers.evaluate(member, program, call)
        }
        return written
    }

    /// Writes an award, a line for each of its rules, and judges the tier.
    func earn(
        _ award: EarningAward, _ member: RowRef, _ program: RowRef, at: Int64, _ cause: EntryCause,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let account = try account(of: member, program, call)
        var open = try books.openForEarning(account, call)
        call.audit(accounts.table, account)
        do throws(PointsFailure) {
            for line in award.lines {
                var cause = cause
                cause.rule = RowRef(rawValue: UInt32(truncatingIfNeeded: line.rule))
                open.note(cause)
                if line.points > 0 {
                    try open.ledger.earn(
                        points: line.points, occurredAt: at,
                        lastActivityAt: books.lastActivity(
                            of: member, open.ledger.program, call.data))
                } else {
                    try open.ledger.recordLimitedEarning(occurredAt: at)
                }
            }
        } catch {
            throw books.refusal(error, call)
        }
        let written = try books.write(open, call)
        try tiers.evaluate(member, program, call)
        return written.entries
    }

    /// Gives points that were counted elsewhere, and judges the tier.
    ///
    /// - Throws: `PROGRAM_CLOSED`, `NON_POSITIVE_AMOUNT`, `INVALID`.
    func earn(
        points: Int64, _ member: RowRef, _ program: RowRef, at: Int64, _ cause: EntryCause,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let account = try account(of: member, program, call)
        var open = try books.openForEarning(account, call)
        call.audit(accounts.table, account)
        open.note(cause)
        do throws(PointsFailure) {
            try open.ledger.earn(
                points: points, occurredAt: at,
                lastActivityAt: books.lastActivity(of: member, open.ledger.program, call.data))
        } catch {
            throw books.refusal(error, call)
        }
        let written = try books.write(open, call)
        try tiers.evaluate(member, program, call)
        return written.entries
    }

    // MARK: Spending

    /// Spends points, those first that lapse first.
    ///
    /// - Throws: `INSUFFICIENT_POINTS`, `NON_POSITIVE_AMOUNT`, `PROGRAM_CLOSED`.
    @discardableResult
    func redeem(
        member: RowRef, program: RowRef, points: Int64, order: RowRef? = nil,
        reason: String? = nil, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let account = try account(of: member, program, call)
        return try change(account, EntryCause(reason: reason, order: order), .redeem, call) {
            (open: inout OpenAccount) throws(PointsFailure) in
            try open.ledger.redeem(points: points)
        }
    }

    /// Spends what a hold set aside, or the first part of it; the rest is free again.
    ///
    /// - Throws: `HOLD_NOT_OPEN`, `HOLD_EXPIRED`, `INSUFFICIENT_POINTS`, `PROGRAM_CLOSED`.
    @discardableResult
    func capture(
        hold: RowRef, points: Int64? = nil, order: RowRef? = nil, reason: String? = nil,
        _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        try checkOpen(hold, call)
        let row = call.data.row(books.holds.table, hold)
        let cause = EntryCause(reason: reason ?? row[books.holds.reason], order: order)
        return try change(row[books.holds.account], cause, .redeem, call) {
            (open: inout OpenAccount) throws(PointsFailure) in
            try open.ledger.capture(hold: LedgerRef(hold), points: points)
        }
    }

    /// - Throws: `HOLD_NOT_OPEN`, `HOLD_EXPIRED`.
    func checkOpen(_ hold: RowRef, _ call: RuleCall) throws(MutationStop) {
        let row = call.data.row(books.holds.table, hold)
        switch row[books.holds.status] {
        case .open: return
        case .expired:
            throw books.refusal(
                .holdExpired(LedgerRef(hold), at: row[books.holds.expiresAt]), call)
        case .captured, .released: throw books.refusal(.holdNotOpen(LedgerRef(hold)), call)
        }
    }

    /// Changes an account and judges the tier where the balance counts.
    ///
    /// - Parameter type: of the entry that is returned.
    func change(
        _ account: RowRef, _ cause: EntryCause, _ type: PointsEntryType, _ call: RuleCall,
        _ body: (inout OpenAccount) throws(PointsFailure) -> Void
    ) throws(MutationStop) -> RowRef {
        let written = try change(account, cause, call, body)
        let entry = written.entries.last {
            call.data.row(entries.table, $0)[entries.type] == type
        }
        return entry ?? .none
    }

    @discardableResult
    func change(
        _ account: RowRef, _ cause: EntryCause, naming lots: [RowRef] = [],
        holdReason: String? = nil, _ call: RuleCall,
        _ body: (inout OpenAccount) throws(PointsFailure) -> Void
    ) throws(MutationStop) -> WrittenEntries {
        var open = try books.open(account, naming: lots, call)
        call.audit(accounts.table, account)
        open.note(cause)
        do throws(PointsFailure) {
            try body(&open)
        } catch {
            throw books.refusal(error, call)
        }
        let written = try books.write(open, holdReason: holdReason, call)
        try judgeBalance(open.member, open.program, call)
        return written
    }

    /// Levels by the balance follow it wherever it changes.
    func judgeBalance(_ member: RowRef, _ program: RowRef, _ call: RuleCall) throws(MutationStop) {
        if tiers.programs.metric(of: program, call.data) == .activeBalance {
            try tiers.evaluate(member, program, call)
        }
    }
}

/// Giving back.
extension PointsDesk {
    /// Takes an earning or a spending back, wholly or in part.
    ///
    /// - Parameter points: all that is left of it if not given.
    /// - Returns: what was written, and the points that nobody could take.
    /// - Throws: `NOT_REVERSIBLE`, `ALREADY_REVERSED`, `NON_POSITIVE_AMOUNT`.
    @discardableResult
    func reverse(
        entry: RowRef, points: Int64? = nil, reason: String? = nil, order: RowRef? = nil,
        _ call: RuleCall
    ) throws(MutationStop) -> (entries: [RowRef], shortfall: Int64) {
        let reversible = reversible(entry, call.data)
        let row = call.data.row(entries.table, entry)
        let isEarning = row[entries.type] == .earn
        let cause = EntryCause(reason: reason, order: order ?? row[books.order])
        let account = row[entries.account]
        let member = row[entries.member]
        var shortfall: Int64 = 0
        let named = isEarning ? [] : reversible.allocations.compactMap { $0.lot.row }
        let written = try change(account, cause, naming: named, call) {
            (open: inout OpenAccount) throws(PointsFailure) in
            shortfall = try open.ledger.reverse(reversible, points: points)
        }
        if isEarning {
            let program = call.data.row(accounts.table, account)[accounts.program]
            try tiers.evaluate(member, program, afterReturn: true, call)
        }
        return (written.entries, shortfall)
    }

    /// Takes back the share of what an order earned that belongs to what was refunded of it so far:
    /// the parts of a refund in several steps add up to the whole.
    ///
    /// - Parameters:
    ///   - refundedMinor: all refunds so far together, in minor units.
    ///   - totalMinor: what the order came to.
    @discardableResult
    func reverseEarning(
        ofOrder order: RowRef, refundedMinor: Int64, ofMinor totalMinor: Int64,
        reason: String? = nil, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let written = try reverse(.earn, of: order, refundedMinor, totalMinor, reason, call)
        if let member = call.data.row(orders.table, order)[orders.member] {
            for program in tiers.programs.judged(by: [.spend], call.data) {
                try tiers.evaluate(member, program, afterReturn: true, call)
            }
        }
        return written
    }

    /// Gives back the share of the points that an order was paid with.
    @discardableResult
    func reverseSpending(
        ofOrder order: RowRef, refundedMinor: Int64, ofMinor totalMinor: Int64,
        reason: String? = nil, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        try reverse(.redeem, of: order, refundedMinor, totalMinor, reason, call)
    }

    private func reverse(
        _ type: PointsEntryType, of order: RowRef, _ part: Int64, _ total: Int64,
        _ reason: String?, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        var written: [RowRef] = []
        for entry in call.data.rows(books.ofOrder, .row(order))
        where call.data.row(entries.table, entry)[entries.type] == type {
            let due = reversible(entry, call.data).due(afterRefunding: part, of: total)
            guard due > 0 else { continue }
            written += try reverse(entry: entry, points: due, reason: reason, call).entries
        }
        return written
    }

    /// An entry, and how much of it has been taken back.
    func reversible(_ entry: RowRef, _ data: DataView) -> ReversibleEntry {
        let row = data.row(entries.table, entry)
        let type = row[entries.type]
        var reversed: Int64 = 0
        data.forEach(entries.reversalsOf, .row(entry)) { _, reversal in
            reversed &+=
                type == .redeem ? reversal[entries.delta] : 0 &- entries.qualifying(reversal)
            return true
        }
        var allocations = books.lots.allocations(of: entry, data)
        if type == .earn {
            allocations = data.rows(books.lots.ofSource, .row(entry), limit: 1).map {
                LotAllocation(
                    lot: LedgerRef($0),
                    points: data.row(books.lots.table, $0)[books.lots.original])
            }
        }
        return ReversibleEntry(
            ref: LedgerRef(entry), type: type,
            points: Int64((row[entries.delta] &+ row[entries.pendingDelta]).magnitude),
            reversed: reversed, allocations: allocations)
    }
}

/// Two members who become one, and apart again.
extension PointsDesk {
    /// Gives all that a member has, in every program, to another: lots keep the time at which they
    /// lapse.
    ///
    /// - Returns: the receiver's new entries: what ``transferBack(_:to:acceptsShortage:reason:_:)`` needs.
    /// - Throws: `MERGE_CONFLICT` while any points are held.
    func transferAll(from member: RowRef, to receiver: RowRef, reason: String, _ call: RuleCall)
        throws(MutationStop) -> [RowRef]
    {
        var written: [RowRef] = []
        for account in call.data.rows(accounts.ofMember, .row(member)) {
            let program = call.data.row(accounts.table, account)[accounts.program]
            let totals = accounts.totals(call.data.row(accounts.table, account))
            guard totals.active > 0 || totals.pending > 0 || totals.owed > 0 else { continue }
            let target = try self.account(of: receiver, program, call)
            written += try transfer(from: account, to: target, reason, call) {
                (from: inout PointsLedger, to: inout PointsLedger) throws(PointsFailure) in
                try from.transferAll(to: &to)
            }
            .received.entries
        }
        return written
    }

    /// Gives back what is left of what a merge brought.
    ///
    /// - Parameters:
    ///   - entries: as ``transferAll(from:to:reason:_:)`` returned them.
    ///   - acceptsShortage: whether points that were spent meanwhile may be missing.
    /// - Returns: the entries written on both sides.
    /// - Throws: `MERGE_NOT_UNDOABLE`.
    @discardableResult
    func transferBack(
        _ received: [RowRef], to member: RowRef, acceptsShortage: Bool = false, reason: String,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        var lotsByAccount: [RowRef: [RowRef]] = [:]
        var missing: Int64 = 0
        for entry in received {
            let row = call.data.row(entries.table, entry)
            // A debt that came along may have been paid by then: it is not asked for again.
            missing &+= max(0, 0 &- row[entries.delta])
            let account = row[entries.account]
            for lot in call.data.rows(books.lots.ofSource, .row(entry)) {
                lotsByAccount[account, default: []].append(lot)
                let row = call.data.row(books.lots.table, lot)
                if row[books.lots.status] != .expired {
                    missing &+= row[books.lots.original] &- row[books.lots.remaining]
                }
            }
        }
        guard missing == 0 || acceptsShortage else {
            throw call.refuse(
                RuleCode.mergeNotUndoable.code,
                "\(missing) of the points that came with the merge are no longer there.",
                at: "mergeId")
        }
        var written: [RowRef] = []
        for (account, lots) in lotsByAccount.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let program = call.data.row(accounts.table, account)[accounts.program]
            let target = try self.account(of: member, program, call)
            let moved = try transfer(from: account, to: target, reason, call) {
                (from: inout PointsLedger, to: inout PointsLedger) throws(PointsFailure) in
                try from.transfer(lots: lots.map { LedgerRef($0) }, to: &to)
            }
            written += moved.sent.entries + moved.received.entries
        }
        return written
    }

    /// Moves points between two accounts of a program.
    func transfer(
        from account: RowRef, to target: RowRef, _ reason: String, _ call: RuleCall,
        _ body: (inout PointsLedger, inout PointsLedger) throws(PointsFailure) -> Void
    ) throws(MutationStop) -> (sent: WrittenEntries, received: WrittenEntries) {
        var from = try books.open(account, call)
        var to = try books.open(target, call)
        call.audit(accounts.table, account)
        call.audit(accounts.table, target)
        from.note(EntryCause(reason: reason))
        to.note(EntryCause(reason: reason))
        do throws(PointsFailure) {
            try body(&from.ledger, &to.ledger)
        } catch {
            throw books.refusal(error, call)
        }
        let sent = try books.write(from, call)
        let received = try books.write(to, call)
        try judgeBalance(from.member, from.program, call)
        try judgeBalance(to.member, to.program, call)
        return (sent, received)
    }
}
