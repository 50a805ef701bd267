/// The rules of a points account: its state comes in, a decision is made, its changes go out.
///
/// ```swift
/// var ledger = try PointsLedger(state, program, now: now)   // what is due is written first
/// try ledger.redeem(points: 300)
/// write(ledger.changes)                                      // in the same transaction
/// ```
///
/// Making the ledger writes what the clock has decided since the last change: pending points whose
/// time has come become active, holds whose time is over end, lots whose time is over lapse, in the
/// order of their moments and dated with them. Several operations may follow one another; once one
/// has thrown, the ledger is thrown away.
///
/// **Invariants**, after every entry: its `balanceAfter` is the one before plus its `delta`, and
/// active points less owed ones, so that the deltas add up to the balance; of every lot
/// `original = remaining + taken − restored + lapsed`. After every operation: active, pending and
/// held points are the sums of the active lots, the pending lots and the open holds; held points
/// are never more than active ones; while points are owed, none are active.
///
/// **Cost.** n = lots and holds loaded, that is the open ones and those an entry names: making a
/// ledger O(n), or O(n log n) when something is due; each operation O(n log n), O(n) when the lots
/// come in the order of spending. The ledger's length never matters.
///
/// **Absent on purpose**: clock, identifiers, storage; who may do what; whether a member is
/// suspended; idempotency, which belongs to every mutation alike.
public struct PointsLedger: Sendable {
    public let program: PointsProgram
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let now: Int64

    public internal(set) var totals: PointsTotals
    var lots: [DraftLot]
    var holds: [PointsHold]
    private var storedHoldCount: Int
    var entries: [PointsEntryDraft] = []
    private var lastSeq: Int64
    /// Stands for active less owed points.
    private var balance: Int64
    private var createdLotCount = 0
    private var createdHoldCount = 0
    private var nextCreation: UInt64

    /// A lot while it is being worked on.
    struct DraftLot: Sendable {
        var lot: PointsLot
        /// What open holds set aside of it.
        var pinned: Int64 = 0
        /// It lapses no earlier than at this moment: a hold's end, or when it came back.
        var lapsesFrom = Int64.min
        /// The entry that brought it; `nil` for a stored one.
        var sourceEntry: Int?
        var isChanged = false

        /// What may be taken of it.
        var free: Int64 { lot.status == .active ? lot.remaining &- pinned : 0 }
    }

    /// - Parameter lastActivityAt: when the member was last active; where points lapse by inactivity,
    ///   it puts off those that had not lapsed by then.
    /// - Throws: `ledgerBroken` when the rows contradict each other; `amountOutOfRange`.
    public init(
        _ state: PointsAccountState, _ program: PointsProgram, lastActivityAt: Int64? = nil,
        now: Int64
    ) throws(PointsFailure) {
        self.program = program
        self.now = now
        totals = state.totals
        lots = state.lots.map { DraftLot(lot: $0) }
        holds = state.holds
        storedHoldCount = state.holds.count
        lastSeq = state.lastSeq
        balance = try PointsAmount.difference(state.totals.active, state.totals.owed)
        nextCreation = (state.lots.map(\.creation).max() ?? 0) &+ 1
        try pinHeldLots()
        try check()
        if let lastActivityAt { noteActivity(at: min(lastActivityAt, now), since: lastActivityAt) }
        try settle()
    }

    /// A ledger for earning alone, of an account of which nothing is due: its lots and holds, which
    /// an earning neither reads nor changes, are not loaded. Not for programs whose points lapse by
    /// inactivity.
    ///
    /// - Complexity: O(1), and so is an earning.
    public init(
        earningTo totals: PointsTotals, lastSeq: Int64, _ program: PointsProgram, now: Int64
    ) throws(PointsFailure) {
        self.program = program
        self.now = now
        self.totals = totals
        self.lastSeq = lastSeq
        lots = []
        holds = []
        storedHoldCount = 0
        balance = try PointsAmount.difference(totals.active, totals.owed)
        nextCreation = 1
    }

    /// What is to be written.
    public var changes: LedgerChanges {
        var changes = LedgerChanges(
            entries: entries, createdLots: [], changedLots: [], createdHolds: [], endedHolds: [],
            totals: totals, lastSeq: lastSeq)
        for draft in lots {
            if let source = draft.sourceEntry {
                changes.createdLots.append(CreatedLot(lot: draft.lot, sourceEntry: source))
            } else if draft.isChanged {
                changes.changedLots.append(draft.lot)
            }
        }
        for (place, hold) in holds.enumerated() {
            if place >= storedHoldCount {
                changes.createdHolds.append(hold)
            } else if hold.status != .open {
                changes.endedHolds.append(hold)
            }
        }
        return changes
    }

    /// When the clock changes the loaded lots and holds next: points become active or lapse, or a
    /// hold ends; `nil` if it never does.
    public var changesAt: Int64? {
        var next: Int64?
        for draft in lots where draft.lot.remaining > 0 {
            let moment: Int64?
            switch draft.lot.status {
            case .pending: moment = draft.lot.activatesAt
            case .active: moment = draft.pinned == 0 ? draft.lot.expiresAt : nil
            case .depleted, .expired, .cancelled: moment = nil
            }
            if let moment { next = min(next ?? moment, moment) }
        }
        for hold in holds where hold.status == .open {
            next = min(next ?? hold.expiresAt, hold.expiresAt)
        }
        return next
    }

    /// The account as it is once the changes are written; new rows still have their new names.
    public var state: PointsAccountState {
        PointsAccountState(
            totals: totals, lastSeq: lastSeq, lots: lots.map(\.lot),
            holds: holds.filter { $0.status == .open })
    }
}

/// Loading.
extension PointsLedger {
    private mutating func pinHeldLots() throws(PointsFailure) {
        for hold in holds where hold.status == .open {
            for pin in hold.pins {
                guard let place = place(of: pin.lot), pin.points > 0 else {
                    throw .ledgerBroken(.pins(lot: pin.lot))
                }
                lots[place].pinned = try PointsAmount.sum(lots[place].pinned, pin.points)
            }
        }
    }

    /// Refuses rows that contradict each other, instead of computing on.
    private func check() throws(PointsFailure) {
        var active: Int64 = 0
        var pending: Int64 = 0
        for draft in lots {
            let lot = draft.lot
            guard lot.remaining >= 0 else { throw .ledgerBroken(.negative) }
            switch lot.status {
            case .active: active = try PointsAmount.sum(active, lot.remaining)
            case .pending: pending = try PointsAmount.sum(pending, lot.remaining)
            case .depleted, .expired, .cancelled: break
            }
            guard draft.pinned == 0 || (lot.status == .active && draft.pinned <= lot.remaining)
            else { throw .ledgerBroken(.pins(lot: lot.ref)) }
        }
        var held: Int64 = 0
        for hold in holds where hold.status == .open {
            var pinned: Int64 = 0
            for pin in hold.pins { pinned = try PointsAmount.sum(pinned, pin.points) }
            guard pinned == hold.points else {
                throw .ledgerBroken(.held(total: hold.points, holds: pinned))
            }
            held = try PointsAmount.sum(held, hold.points)
        }
        guard totals.owed >= 0 else { throw .ledgerBroken(.negative) }
        guard active == totals.active else {
            throw .ledgerBroken(.active(total: totals.active, lots: active))
        }
        guard pending == totals.pending else {
            throw .ledgerBroken(.pending(total: totals.pending, lots: pending))
        }
        guard held == totals.held else {
            throw .ledgerBroken(.held(total: totals.held, holds: held))
        }
    }
}

/// What the clock decides.
extension PointsLedger {
    private enum Due: Int {
        case activation
        case expiry
    }

    /// Ends holds, activates and lets lapse whatever is due at `now`.
    mutating func settle() throws(PointsFailure) {
        for place in holds.indices
        where holds[place].status == .open && holds[place].expiresAt <= now {
            endHold(at: place, as: .expired, at: holds[place].expiresAt)
        }
        var due: [(at: Int64, kind: Due, place: Int)] = []
        for (place, draft) in lots.enumerated() {
            let lot = draft.lot
            guard lot.status == .pending || lot.status == .active, lot.remaining > 0 else {
                continue
            }
            if lot.status == .pending {
                guard lot.activatesAt <= now else { continue }
                due.append((lot.activatesAt, .activation, place))
            }
            if let expiresAt = lot.expiresAt, expiresAt <= now, draft.pinned == 0 {
                due.append((max(expiresAt, lot.activatesAt, draft.lapsesFrom), .expiry, place))
            }
        }
        guard !due.isEmpty else { return }
        due.sort {
            if $0.at != $1.at { return $0.at < $1.at }
            if $0.kind != $1.kind { return $0.kind.rawValue < $1.kind.rawValue }
            return lots[$0.place].lot.creation < lots[$1.place].lot.creation
        }
        for (at, kind, place) in due {
            switch kind {
            case .activation: try activate(at: place, at: at)
            case .expiry: try expire(at: place, at: at)
            }
        }
    }

    /// The lot at `place` is pending.
    mutating func activate(at place: Int, at: Int64) throws(PointsFailure) {
        let points = lots[place].lot.remaining
        change(place) { $0.status = .active }
        totals.pending &-= points
        totals.active = try PointsAmount.sum(totals.active, points)
        try append(
            .activate, delta: points, pendingDelta: -points, at: at,
            allocations: [LotAllocation(lot: lots[place].lot.ref, points: points)])
        try settleDebt(at: at)
    }

    private mutating func expire(at place: Int, at: Int64) throws(PointsFailure) {
        let points = lots[place].lot.remaining
        // What it held may have paid a debt when it became active.
        guard points > 0 else { return }
        change(place) {
            $0.remaining = 0
            $0.status = .expired
        }
        totals.active &-= points
        totals.lifetimeExpired = try PointsAmount.sum(totals.lifetimeExpired, points)
        try append(
            .expire, delta: -points, at: at,
            allocations: [LotAllocation(lot: lots[place].lot.ref, points: points)])
    }

    /// Lets active points pay what is owed.
    mutating func settleDebt(at: Int64) throws(PointsFailure) {
        let points = min(totals.owed, totals.spendable)
        guard points > 0 else { return }
        let allocations = take(points)
        totals.owed &-= points
        try append(.debtSettle, delta: 0, at: at, allocations: allocations)
    }

    /// Frees what a hold set aside, and leaves it to ``settle()`` to let lapse what is due.
    mutating func endHold(at place: Int, as status: HoldStatus, at: Int64) {
        holds[place].status = status
        totals.held &-= holds[place].points
        for pin in holds[place].pins {
            guard let lot = self.place(of: pin.lot) else { continue }
            lots[lot].pinned &-= pin.points
            lots[lot].lapsesFrom = max(lots[lot].lapsesFrom, at)
        }
    }
}

/// Writing.
extension PointsLedger {
    mutating func append(
        _ type: PointsEntryType, delta: Int64, pendingDelta: Int64 = 0, at: Int64,
        allocations: [LotAllocation] = [], reverses: LedgerRef? = nil, qualifying: Int64 = 0
    ) throws(PointsFailure) {
        balance = try PointsAmount.sum(balance, delta)
        assert(balance == totals.balance, "the deltas are the balance")
        lastSeq = try PointsAmount.sum(lastSeq, 1)
        entries.append(
            PointsEntryDraft(
                seq: lastSeq, type: type, delta: delta, pendingDelta: pendingDelta,
                balanceAfter: balance, at: at, allocations: allocations, reverses: reverses,
                qualifying: qualifying))
    }

    /// Adds a lot and counts it as active or pending; its entry must be the next to be appended.
    mutating func createLot(
        _ points: Int64, earnedAt: Int64, activatesAt: Int64, expiresAt: Int64?
    ) throws(PointsFailure) {
        let isPending = activatesAt > now
        let lot = PointsLot(
            ref: .new(createdLotCount), status: isPending ? .pending : .active, original: points,
            remaining: points, earnedAt: earnedAt, activatesAt: activatesAt, expiresAt: expiresAt,
            creation: nextCreation)
        createdLotCount += 1
        nextCreation &+= 1
        lots.append(DraftLot(lot: lot, sourceEntry: entries.count))
        if isPending {
            totals.pending = try PointsAmount.sum(totals.pending, points)
        } else {
            totals.active = try PointsAmount.sum(totals.active, points)
        }
    }

    /// Adds an open hold.
    mutating func createHold(_ points: Int64, expiresAt: Int64, pins: [LotAllocation]) -> LedgerRef
    {
        let ref = LedgerRef.new(createdHoldCount)
        createdHoldCount += 1
        holds.append(
            PointsHold(ref: ref, status: .open, points: points, expiresAt: expiresAt, pins: pins))
        totals.held &+= points
        return ref
    }

    /// Takes free points in the order of spending, first those of the lot at `preferred`. They must
    /// be there: at most `totals.spendable`.
    mutating func take(
        _ points: Int64, preferred: Int? = nil
    ) -> [LotAllocation] {
        take(chosen(points, preferred: preferred))
    }

    mutating func take(
        _ chosen: [(place: Int, allocation: LotAllocation)]
    ) -> [LotAllocation] {
        for (place, allocation) in chosen {
            takeAway(allocation.points, from: place)
            totals.active &-= allocation.points
        }
        return chosen.map(\.allocation)
    }

    /// Takes points of one lot, whatever its status, without counting them.
    mutating func takeAway(_ points: Int64, from place: Int) {
        change(place) {
            $0.remaining &-= points
            if $0.remaining == 0 { $0.status = $0.status == .pending ? .cancelled : .depleted }
        }
    }

    /// Which free points are next in the order of spending; fewer than asked for if there are fewer.
    ///
    /// - Parameter lapsed: whether to choose points too that only a hold keeps from lapsing.
    func chosen(
        _ points: Int64, preferred: Int? = nil, lapsed: Bool = true
    ) -> [(place: Int, allocation: LotAllocation)] {
        var order = lots.indices.filter {
            lots[$0].free > 0 && (lapsed || !lots[$0].lot.hasLapsed(at: now))
        }
        order.sort { lots[$0].lot.isSpent(before: lots[$1].lot) }
        if let preferred, let position = order.firstIndex(of: preferred) {
            order.remove(at: position)
            order.insert(preferred, at: 0)
        }
        var chosen: [(place: Int, allocation: LotAllocation)] = []
        var rest = points
        for place in order where rest > 0 {
            let part = min(rest, lots[place].free)
            rest &-= part
            chosen.append((place, LotAllocation(lot: lots[place].lot.ref, points: part)))
        }
        return chosen
    }

    mutating func change(_ place: Int, _ body: (inout PointsLot) -> Void) {
        body(&lots[place].lot)
        lots[place].isChanged = true
    }

    func place(of ref: LedgerRef) -> Int? {
        lots.firstIndex { $0.lot.ref == ref }
    }

    /// A member who does something keeps points that lapse by inactivity.
    ///
    /// - Parameter since: points that lapsed then or before are not kept.
    mutating func noteActivity(at: Int64, since: Int64? = nil) {
        let since = since ?? now
        guard case .inactivity = program.expiry,
            let moment = program.expiry.moment(from: at, in: program.calendar)
        else { return }
        for (place, draft) in lots.enumerated() {
            let lot = draft.lot
            guard lot.status == .active || lot.status == .pending, lot.remaining > 0,
                lot.recordedAt.map({ $0 < at }) ?? true,
                let expiresAt = lot.expiresAt, expiresAt > since, moment > expiresAt
            else { continue }
            change(place) { $0.expiresAt = moment }
        }
    }
}
