import Engine
import Store

extension LotStatus: SchemaEnum {}
extension HoldStatus: SchemaEnum {}
extension PointsEntryType: SchemaEnum {}
extension EarningTrigger: SchemaEnum {}

/// The rows of points accounts.
struct AccountTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let program: RowField<RowRef>
    let active: RowField<Int64>
    let pending: RowField<Int64>
    let held: RowField<Int64>
    let spendable: RowField<Int64>
    let owed: RowField<Int64>
    let lifetimeEarned: RowField<Int64>
    let lifetimeSpent: RowField<Int64>
    let lifetimeExpired: RowField<Int64>
    /// The sum of the entries' `qualifying` whose `at` is `qualifyingSince` or later.
    let qualifying: RowField<Int64>
    let qualifyingSince: RowField<Int64?>
    let changesAt: RowField<Int64?>
    let byOwner: RuleKey
    let byChange: RuleIndex
    let ofMember: RuleIndex
    let ofProgram: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("PointsAccount")
        table = row.table
        member = row("member")
        program = row("program")
        active = row("active")
        pending = row("pending")
        held = row("held")
        spendable = row("spendable")
        owed = row("owed")
        lifetimeEarned = row("lifetimeEarned")
        lifetimeSpent = row("lifetimeSpent")
        lifetimeExpired = row("lifetimeExpired")
        qualifying = row("qualifying")
        qualifyingSince = row("qualifyingSince")
        changesAt = row("changesAt")
        byOwner = row.key("member", "program")
        byChange = row.index([], ordered: "changesAt")
        ofMember = row.index(["member"])
        ofProgram = row.index(["program"], ordered: "spendable")
    }

    func totals(_ row: RowView) -> PointsTotals {
        PointsTotals(
            active: row[active], pending: row[pending], held: row[held], owed: row[owed],
            lifetimeEarned: row[lifetimeEarned], lifetimeSpent: row[lifetimeSpent],
            lifetimeExpired: row[lifetimeExpired])
    }

    func set(_ totals: PointsTotals, _ row: RowBuilder) {
        row[active] = totals.active
        row[pending] = totals.pending
        row[held] = totals.held
        row[spendable] = totals.spendable
        row[owed] = totals.owed
        row[lifetimeEarned] = totals.lifetimeEarned
        row[lifetimeSpent] = totals.lifetimeSpent
        row[lifetimeExpired] = totals.lifetimeExpired
    }
}

/// The lines of the points ledger.
struct EntryTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let account: RowField<RowRef>
    let event: RowField<RowRef?>
    let rule: RowField<RowRef?>
    let seq: RowField<Int64>
    let type: EnumField<PointsEntryType>
    let delta: RowField<Int64>
    let pendingDelta: RowField<Int64>
    let balanceAfter: RowField<Int64>
    let at: RowField<Int64>
    let recordedAt: RowField<Int64>
    let reverses: RowField<RowRef?>
    let reason: RowField<String?>
    let qualifying: RowField<Int64?>
    let originMemberID: RowField<String>
    let inOrder: RuleIndex
    let ofRule: RuleIndex
    let reversalsOf: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("PointsEntry")
        table = row.table
        member = row("member")
        account = row("account")
        event = row("event")
        rule = row("rule")
        seq = row("seq")
        type = row("type")
        delta = row("delta")
        pendingDelta = row("pendingDelta")
        balanceAfter = row("balanceAfter")
        at = row("at")
        recordedAt = row("recordedAt")
        reverses = row("reverses")
        reason = row("reason")
        qualifying = row("qualifying")
        originMemberID = row("originMemberId")
        inOrder = row.index(["account"], ordered: "seq")
        ofRule = row.index(["account", "rule"], ordered: "at")
        reversalsOf = row.index(["reverses"])
    }

    /// The number of an account's last entry; 0 when there is none.
    func lastSeq(of account: RowRef, _ data: DataView) -> Int64 {
        var last: Int64 = 0
        data.forEach(inOrder, .row(account), reversed: true) { _, row in
            last = row[seq]
            return false
        }
        return last
    }

    /// What an entry adds to what counts towards a tier.
    func qualifying(_ row: RowView) -> Int64 {
        if let qualifying = row[qualifying] { return qualifying }
        switch row[type] {
        case .earn, .earnReversal, .pendingCancel: return row[delta] &+ row[pendingDelta]
        default: return 0
        }
    }

    /// The sum of what counts towards a tier, of the entries whose time lies in a span.
    ///
    /// - Complexity: O(n) for the entries written since the span began: none is written before it
    ///   happened.
    func qualifying(of account: RowRef, in span: Range<Int64>, _ data: DataView) -> Int64 {
        var sum: Int64 = 0
        data.forEach(inOrder, .row(account), reversed: true) { _, row in
            guard row[recordedAt] >= span.lowerBound else { return false }
            if span.contains(row[at]) { sum &+= qualifying(row) }
            return true
        }
        return sum
    }

    /// Active less owed points at an instant, as far as it has been written down.
    ///
    /// - Complexity: O(n) for the entries written after it.
    func balance(of account: RowRef, at instant: Int64, now balance: Int64, _ data: DataView)
        -> Int64
    {
        var sum = balance
        data.forEach(inOrder, .row(account), reversed: true) { _, row in
            guard row[recordedAt] > instant else { return false }
            if row[at] > instant { sum &-= row[delta] }
            return true
        }
        return sum
    }
}

/// The rows of lots, and what became of them.
struct LotTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let account: RowField<RowRef>
    let status: EnumField<LotStatus>
    let original: RowField<Int64>
    let remaining: RowField<Int64>
    let earnedAt: RowField<Int64>
    let activatesAt: RowField<Int64>
    let expiresAt: RowField<Int64?>
    let sourceEntry: RowField<RowRef?>
    let createdAt: RowField<Int64>
    let byStatus: RuleIndex
    let ofAccount: RuleIndex
    let ofSource: RuleIndex

    let allocations: RuleTable
    let allocationEntry: RowField<RowRef>
    let allocationLot: RowField<RowRef>
    let allocationPoints: RowField<Int64>
    let allocationsOfEntry: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("PointsLot")
        table = row.table
        member = row("member")
        account = row("account")
        status = row("status")
        original = row("original")
        remaining = row("remaining")
        earnedAt = row("earnedAt")
        activatesAt = row("activatesAt")
        expiresAt = row("expiresAt")
        sourceEntry = row("sourceEntry")
        createdAt = row("createdAt")
        byStatus = row.index(["account", "status"], ordered: "expiresAt")
        ofAccount = row.index(["account"])
        ofSource = row.index(["sourceEntry"])

        let allocation = binder.table("LotAllocation")
        allocations = allocation.table
        allocationEntry = allocation("entry")
        allocationLot = allocation("lot")
        allocationPoints = allocation("points")
        allocationsOfEntry = allocation.index(["entry"])
    }

    func lot(_ ref: RowRef, _ data: DataView) -> PointsLot {
        let row = data.row(table, ref)
        return PointsLot(
            ref: LedgerRef(ref), status: row[status], original: row[original],
            remaining: row[remaining], earnedAt: row[earnedAt], activatesAt: row[activatesAt],
            expiresAt: row[expiresAt], creation: UInt64(row.creation),
            recordedAt: row[createdAt])
    }

    /// What an entry took from lots or gave back to them, in its order.
    func allocations(of entry: RowRef, _ data: DataView) -> [LotAllocation] {
        data.rows(allocationsOfEntry, .row(entry)).map {
            let row = data.row(allocations, $0)
            return LotAllocation(lot: LedgerRef(row[allocationLot]), points: row[allocationPoints])
        }
    }
}

/// The rows of holds, and the lots that they pin.
struct HoldTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let account: RowField<RowRef>
    let points: RowField<Int64>
    let status: EnumField<HoldStatus>
    let expiresAt: RowField<Int64>
    let reason: RowField<String?>
    let byStatus: RuleIndex

    let pins: RuleTable
    let pinHold: RowField<RowRef>
    let pinLot: RowField<RowRef>
    let pinPoints: RowField<Int64>
    let pinsOfHold: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("PointsHold")
        table = row.table
        member = row("member")
        account = row("account")
        points = row("points")
        status = row("status")
        expiresAt = row("expiresAt")
        reason = row("reason")
        byStatus = row.index(["account", "status"], ordered: "expiresAt")

        let pin = binder.table("HoldPin")
        pins = pin.table
        pinHold = pin("hold")
        pinLot = pin("lot")
        pinPoints = pin("points")
        pinsOfHold = pin.index(["hold"])
    }

    func hold(_ ref: RowRef, _ data: DataView) -> PointsHold {
        let row = data.row(table, ref)
        return PointsHold(
            ref: LedgerRef(ref), status: row[status], points: row[points],
            expiresAt: row[expiresAt],
            pins: data.rows(pinsOfHold, .row(ref)).map {
                let pin = data.row(pins, $0)
                return LotAllocation(lot: LedgerRef(pin[pinLot]), points: pin[pinPoints])
            })
    }

    /// The open holds of an account, in the order of their creation.
    func open(of account: RowRef, _ data: DataView) -> [PointsHold] {
        data.rows(byStatus, .row(account), status.part(.open))
            .sorted { data.row(table, $0).creation < data.row(table, $1).creation }
            .map { hold($0, data) }
    }
}

extension LedgerRef {
    init(_ ref: RowRef) { self = .row(UInt64(ref.rawValue)) }

    /// The stored row; nil for one that is still to be written.
    var row: RowRef? {
        if case .row(let number) = self {
            UInt32(exactly: number).map { RowRef(rawValue: $0) }
        } else {
            nil
        }
    }
}
