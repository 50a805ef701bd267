import Engine
import Store

/// Where entries of the ledger come from, beside what they do to points.
struct EntryCause: Sendable {
    var reason: String?
    var rule: RowRef?
    var order: RowRef?
    var event: RowRef?

    init(
        reason: String? = nil, rule: RowRef? = nil, order: RowRef? = nil, event: RowRef? = nil
    ) {
        self.reason = reason
        self.rule = rule
        self.order = order
        self.event = event
    }
}

/// An account while a mutation is at work on it.
struct OpenAccount {
    let ref: RowRef
    let member: RowRef
    let program: RowRef
    var ledger: PointsLedger
    /// Whether only totals were loaded, for earning.
    let isForEarning: Bool
    /// When the stored lots and holds change next, for an account that was not loaded whole.
    let changesAt: Int64?
    /// Stored lots whose end was put off when they were loaded.
    fileprivate var causes: [(first: Int, cause: EntryCause)] = []

    init(
        ref: RowRef, member: RowRef, program: RowRef, ledger: PointsLedger, isForEarning: Bool,
        changesAt: Int64?
    ) {
        self.ref = ref
        self.member = member
        self.program = program
        self.ledger = ledger
        self.isForEarning = isForEarning
        self.changesAt = changesAt
    }

    /// Says where the entries that follow come from.
    mutating func note(_ cause: EntryCause) {
        causes.append((ledger.entries.count, cause))
    }

    /// Nil for what the clock decided.
    fileprivate func cause(of place: Int, _ type: PointsEntryType) -> EntryCause? {
        switch type {
        case .activate, .expire, .debtSettle: nil
        default: causes.last { $0.first <= place }?.cause
        }
    }
}

/// What was written for an account.
struct WrittenEntries {
    /// In the order of their numbers.
    var entries: [RowRef] = []
    var lots: [RowRef] = []
    var holds: [RowRef] = []
}

/// Loads accounts for a decision, and writes what was decided.
struct PointsBooks: BoundTables {
    let accounts: AccountTable
    let entries: EntryTable
    let lots: LotTable
    let holds: HoldTable
    let programs: ProgramTable
    let desk: MemberDesk
    let order: RowField<RowRef?>
    let ofOrder: RuleIndex
    var members: MemberTable { desk.members }

    init(_ binder: RuleBinder) {
        accounts = binder.shared()
        entries = binder.shared()
        lots = binder.shared()
        holds = binder.shared()
        programs = binder.shared()
        desk = binder.shared()
        let entry = binder.table("PointsEntry")
        order = entry("order")
        ofOrder = entry.index(["order"], ordered: "seq")
    }

    // MARK: Loading

    /// The account with its open lots and holds, and what was due written on top.
    ///
    /// - Parameters:
    ///   - named: lots to load whatever their status.
    ///   - now: the moment to settle at, instead of the call's.
    func open(
        _ account: RowRef, naming named: [RowRef] = [], now: Int64? = nil, _ call: RuleCall
    ) throws(MutationStop) -> OpenAccount {
        try keepImportedBalance(of: account, call)
        let data = call.data
        let row = data.row(accounts.table, account)
        let program = row[accounts.program]
        let member = row[accounts.member]
        let rules = programs.points(program, data)
        do throws(PointsFailure) {
            let ledger = try PointsLedger(
                state(of: account, naming: named, data), rules,
                lastActivityAt: lastActivity(of: member, rules, data), now: now ?? call.now)
            return OpenAccount(
                ref: account, member: member, program: program, ledger: ledger,
                isForEarning: false, changesAt: nil)
        } catch {
            throw refusal(error, call)
        }
    }

    /// The account, to add to it: of lots and holds nothing is read where that can be.
    func openForEarning(_ account: RowRef, _ call: RuleCall) throws(MutationStop) -> OpenAccount {
        let data = call.data
        let row = data.row(accounts.table, account)
        let program = row[accounts.program]
        let changesAt = row[accounts.changesAt]
        let rules = programs.points(program, data)
        if case .inactivity = rules.expiry { return try open(account, call) }
        if let changesAt, changesAt <= call.now { return try open(account, call) }
        do throws(PointsFailure) {
            let ledger = try PointsLedger(
                earningTo: accounts.totals(row), lastSeq: entries.lastSeq(of: account, data),
                rules, now: call.now)
            return OpenAccount(
                ref: account, member: row[accounts.member], program: program, ledger: ledger,
                isForEarning: true, changesAt: changesAt)
        } catch {
            throw refusal(error, call)
        }
    }

    /// What a decision needs of an account.
    func state(of account: RowRef, naming named: [RowRef] = [], _ data: DataView)
        -> PointsAccountState
    {
        let row = data.row(accounts.table, account)
        var open: [PointsLot] = []
        for status in [LotStatus.active, .pending] {
            for ref in data.rows(lots.byStatus, .row(account), lots.status.part(status)) {
                open.append(lots.lot(ref, data))
            }
        }
        for ref in named {
            let lot = lots.lot(ref, data)
            if lot.status != .active, lot.status != .pending, !open.contains(lot) {
                open.append(lot)
            }
        }
        return PointsAccountState(
            totals: accounts.totals(row), lastSeq: entries.lastSeq(of: account, data), lots: open,
            holds: row[accounts.held] == 0 ? [] : holds.open(of: account, data))
    }

    /// When the member was last active, for programs where that keeps points.
    func lastActivity(of member: RowRef, _ program: PointsProgram, _ data: DataView) -> Int64? {
        guard case .inactivity = program.expiry else { return nil }
        return data.row(members.table, member)[members.lastActiveAt]
    }

    /// A balance that was imported without lots becomes one that never lapses.
    private func keepImportedBalance(of account: RowRef, _ call: RuleCall) throws(MutationStop) {
        let data = call.data
        let row = data.row(accounts.table, account)
        guard row[accounts.active] > 0 else { return }
        var sum: Int64 = 0
        data.forEach(lots.byStatus, .row(account), lots.status.part(.active)) { _, lot in
            sum &+= lot[lots.remaining]
            return true
        }
        let missing = row[accounts.active] &- sum
        guard missing > 0 else { return }
        var isKept = false
        data.forEach(lots.ofAccount, .row(account)) { _, lot in
            isKept = lot[lots.sourceEntry] == nil
            return !isKept
        }
        guard !isKept else { return }
        let member = row[accounts.member]
        let at = data.row(members.table, member)[members.joinedAt]
        try call.insert(lots.table) { lot in
            lot[lots.member] = member
            lot[lots.account] = account
            lot[lots.status] = .active
            lot[lots.original] = missing
            lot[lots.remaining] = missing
            lot[lots.earnedAt] = at
            lot[lots.activatesAt] = at
        }
    }

    // MARK: Writing

    /// Writes what the ledger of an account has decided, with the member's timeline.
    @discardableResult
    func write(_ account: OpenAccount, holdReason: String? = nil, _ call: RuleCall)
        throws(MutationStop) -> WrittenEntries
    {
        let changes = account.ledger.changes
        var written = WrittenEntries()
        let origin = call.data.id(account.member, of: members.table)
        let since = call.data.row(accounts.table, account.ref)[accounts.qualifyingSince]
        var qualifying: Int64 = 0
        for (place, entry) in changes.entries.enumerated() {
            let cause = account.cause(of: place, entry.type)
            written.entries.append(try insert(entry, account, cause, origin, call))
            if let since, entry.at >= since { qualifying &+= entry.qualifying }
        }
        for created in changes.createdLots {
            written.lots.append(
                try insert(created.lot, from: written.entries[created.sourceEntry], account, call))
        }
        for lot in changes.changedLots { try update(lot, call) }
        for (place, entry) in changes.entries.enumerated() {
            for allocation in entry.allocations {
                let lot = row(allocation.lot, written.lots)
                try call.insert(lots.allocations) { row in
                    row[lots.allocationEntry] = written.entries[place]
                    row[lots.allocationLot] = lot
                    row[lots.allocationPoints] = allocation.points
                }
            }
        }
        for hold in changes.endedHolds {
            guard let ref = hold.ref.row else { continue }
            try call.update(holds.table, ref) { $0[holds.status] = hold.status }
        }
        for hold in changes.createdHolds {
            written.holds.append(try insert(hold, account, written.lots, holdReason, call))
        }
        try update(account, changes.totals, qualifying: qualifying, call)
        for (place, entry) in changes.entries.enumerated() {
            try tell(entry, written.entries[place], account.member, call)
        }
        return written
    }

    private func insert(
        _ entry: PointsEntryDraft, _ account: OpenAccount, _ cause: EntryCause?, _ origin: String,
        _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        try call.insert(entries.table) { row in
            row[entries.member] = account.member
            row[entries.account] = account.ref
            row[entries.seq] = entry.seq
            row[entries.type] = entry.type
            row[entries.delta] = entry.delta
            row[entries.pendingDelta] = entry.pendingDelta
            row[entries.balanceAfter] = entry.balanceAfter
            row[entries.at] = entry.at
            row[entries.recordedAt] = max(call.now, entry.at)
            row[entries.qualifying] = entry.qualifying
            row[entries.originMemberID] = origin
            if let reversed = entry.reverses?.row { row[entries.reverses] = reversed }
            guard let cause else { return }
            if let reason = cause.reason { row[entries.reason] = reason }
            if let rule = cause.rule { row[entries.rule] = rule }
            if let order = cause.order { row[self.order] = order }
            if let event = cause.event { row[entries.event] = event }
        }
    }

    private func insert(
        _ lot: PointsLot, from entry: RowRef, _ account: OpenAccount, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        try call.insert(lots.table) { row in
            row[lots.member] = account.member
            row[lots.account] = account.ref
            row[lots.status] = lot.status
            row[lots.original] = lot.original
            row[lots.remaining] = lot.remaining
            row[lots.earnedAt] = lot.earnedAt
            row[lots.activatesAt] = lot.activatesAt
            if let expiresAt = lot.expiresAt { row[lots.expiresAt] = expiresAt }
            row[lots.sourceEntry] = entry
        }
    }

    private func update(_ lot: PointsLot, _ call: RuleCall) throws(MutationStop) {
        guard let ref = lot.ref.row else { return }
        try call.update(lots.table, ref) { row in
            row[lots.status] = lot.status
            row[lots.remaining] = lot.remaining
            row[lots.activatesAt] = lot.activatesAt
            row[lots.expiresAt] = lot.expiresAt
        }
    }

    private func insert(
        _ hold: PointsHold, _ account: OpenAccount, _ newLots: [RowRef], _ reason: String?,
        _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let ref = try call.insert(holds.table) { row in
            row[holds.member] = account.member
            row[holds.account] = account.ref
            row[holds.points] = hold.points
            row[holds.status] = hold.status
            row[holds.expiresAt] = hold.expiresAt
            if let reason { row[holds.reason] = reason }
        }
        for pin in hold.pins {
            let lot = row(pin.lot, newLots)
            try call.insert(holds.pins) { row in
                row[holds.pinHold] = ref
                row[holds.pinLot] = lot
                row[holds.pinPoints] = pin.points
            }
        }
        return ref
    }

    private func update(
        _ account: OpenAccount, _ totals: PointsTotals, qualifying: Int64, _ call: RuleCall
    ) throws(MutationStop) {
        var changesAt = account.ledger.changesAt
        if account.isForEarning, let stored = account.changesAt {
            changesAt = min(changesAt ?? stored, stored)
        }
        let sum = call.data.row(accounts.table, account.ref)[accounts.qualifying] &+ qualifying
        try call.update(accounts.table, account.ref) { row in
            accounts.set(totals, row)
            row[accounts.changesAt] = changesAt
            if qualifying != 0 { row[accounts.qualifying] = sum }
        }
    }

    private func row(_ ref: LedgerRef, _ newLots: [RowRef]) -> RowRef {
        switch ref {
        case .row(let number): RowRef(rawValue: UInt32(truncatingIfNeeded: number))
        case .new(let place): newLots[place]
        }
    }

    /// A line of the member's timeline, for what members notice.
    private func tell(
        _ entry: PointsEntryDraft, _ ref: RowRef, _ member: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        let type: ActivityType
        switch entry.type {
        case .earn where entry.delta &+ entry.pendingDelta > 0: type = .pointsEarned
        case .redeem: type = .pointsRedeemed
        case .expire: type = .pointsExpired
        default: return
        }
        try desk.note(
            type, of: member, at: entry.at, subjectID: call.data.id(ref, of: entries.table), call)
    }

    // MARK: Refusals

    func refusal(_ failure: PointsFailure, at path: String = "points", _ call: RuleCall)
        -> MutationStop
    {
        let code = failure.code.flatMap { RuleCode(rawValue: $0) } ?? .invalid
        return call.refuse(code.code, failure.message, at: failure.path ?? path)
    }
}

extension PointsFailure {
    /// For the person who asked.
    var message: String {
        switch self {
        case .insufficientPoints(let spendable, let shortfall):
            "\(spendable) points can be spent: \(shortfall) are missing."
        case .nonPositiveAmount: "The points must be more than 0."
        case .amountOutOfRange: "The points leave the range of ±(2^53 − 1)."
        case .programClosed: "The program accepts no earning and no redeeming."
        case .earnLimitReached(let asked, _):
            "The rule would give \(asked) points, but its limit is reached."
        case .occursInFuture: "Points are not earned in the future."
        case .alreadyReversed(let left):
            left == 0
                ? "The line was taken back in full."
                : "Only \(left) points of the line are left to be taken back."
        case .notReversible(let type): "A line of type \(type.rawValue) is not taken back."
        case .lotExpired: "The points would have lapsed already."
        case .lotNotFound: "There is no such lot."
        case .lotNotPending(_, let status): "The lot is \(status.rawValue), not PENDING."
        case .holdNotOpen: "The hold is not open."
        case .holdExpired: "The hold's time is over."
        case .holdTimeOutOfRange: "A hold lasts at least a second and at most 366 days."
        case .transferToSelf: "Points are transferred to another member."
        case .holdsOpen(let count): "\(count) holds of the account are still open."
        case .ledgerBroken: "The rows of the account contradict each other."
        }
    }

    /// The field of the input that is wrong, where it is always the same.
    var path: String? {
        switch self {
        case .occursInFuture: "occurredAt"
        case .programClosed: "programId"
        case .lotExpired: "expiresAt"
        case .holdTimeOutOfRange: "ttlSeconds"
        case .transferToSelf: "toMemberId"
        case .holdNotOpen, .holdExpired: "holdId"
        case .alreadyReversed, .notReversible: "entryId"
        case .lotNotFound, .lotNotPending: "lotIds"
        default: nil
        }
    }
}
