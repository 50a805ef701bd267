import Engine

/// An entry that is to be taken back, wholly or in part.
public struct ReversibleEntry: Equatable, Sendable {
    public var ref: LedgerRef
    public var type: PointsEntryType
    /// What it spent or gave: the size of `delta` and `pendingDelta` together.
    public var points: Int64
    /// How much of it has been taken back: of a spending the sum of its reversals' `delta`, of an
    /// earning the size of the sum of their `qualifying`, which counts what could not be taken too.
    public var reversed: Int64
    /// Of a spending its allocations, in their order; all lots named must be loaded. Of an earning
    /// the lot that it created, which need not be loaded once nothing is left in it.
    public var allocations: [LotAllocation]

    public init(
        ref: LedgerRef, type: PointsEntryType, points: Int64, reversed: Int64,
        allocations: [LotAllocation]
    ) {
        self.ref = ref
        self.type = type
        self.points = points
        self.reversed = reversed
        self.allocations = allocations
    }

    /// What is left to be taken back when `part` of `total`, all refunds so far together, has been
    /// refunded: the parts of a refund in several steps add up to the whole.
    public func due(afterRefunding part: Int64, of total: Int64) -> Int64 {
        max(0, PointsAmount.share(of: points, part: part, total: total) &- reversed)
    }
}

/// Taking back.
extension PointsLedger {
    /// Takes an entry back.
    ///
    /// A **spending**: the points return to their own lots, the last taken first, so that the lots
    /// are as if only the rest had been spent. Where the lot's time is over they lapse at once, or
    /// are given anew for the program's days of grace.
    ///
    /// An **earning**: from the lot it made, then from others as the program says. Points in open
    /// holds are left alone unless points may be owed. What counts towards a tier falls by all that
    /// is returned.
    ///
    /// - Parameter points: all that is left of the entry, if not given.
    /// - Returns: the shortfall: what nobody could take.
    /// - Throws: `notReversible`, `alreadyReversed`, `nonPositiveAmount`, `amountOutOfRange`,
    ///   `lotNotFound`.
    @discardableResult
    public mutating func reverse(
        _ entry: ReversibleEntry, points: Int64? = nil
    ) throws(PointsFailure) -> Int64 {
        guard entry.type == .redeem || entry.type == .earn else {
            throw .notReversible(entry.type)
        }
        let left = try PointsAmount.difference(entry.points, entry.reversed)
        guard left > 0 else { throw .alreadyReversed(left: 0) }
        let points = try PointsAmount.positive(points ?? left)
        guard points <= left else { throw .alreadyReversed(left: left) }
        if entry.type == .redeem {
            try restore(points, of: entry)
            return 0
        }
        return try clawBack(points, of: entry)
    }

    private mutating func restore(
        _ points: Int64, of entry: ReversibleEntry
    ) throws(PointsFailure) {
        var restored: [LotAllocation] = []
        var anew: [(points: Int64, earnedAt: Int64)] = []
        var skipped = entry.reversed
        var rest = points
        for allocation in entry.allocations.reversed() where rest > 0 {
            let before = min(skipped, allocation.points)
            skipped &-= before
            let part = min(rest, allocation.points &- before)
            guard part > 0 else { continue }
            rest &-= part
            guard let place = place(of: allocation.lot) else {
                throw .lotNotFound(allocation.lot)
            }
            let lot = lots[place].lot
            if lot.hasLapsed(at: now), program.restoreGraceDays > 0 {
                anew.append((part, lot.earnedAt))
                continue
            }
            let remaining = try PointsAmount.sum(lot.remaining, part)
            change(place) {
                $0.remaining = remaining
                $0.status = .active
            }
            lots[place].lapsesFrom = now
            restored.append(LotAllocation(lot: lot.ref, points: part))
        }
        // An entry whose allocations are less than its points was not written by these rules.
        guard rest == 0 else { throw .ledgerBroken(.negative) }
        totals.active = try PointsAmount.sum(
            totals.active, restored.reduce(0) { $0 &+ $1.points })
        let until = program.calendar.end(
            ofDay: LocalCalendar.adding(
                days: program.restoreGraceDays, to: program.calendar.day(of: now)))
        for part in anew {
            try createLot(part.points, earnedAt: part.earnedAt, activatesAt: now, expiresAt: until)
        }
        totals.lifetimeSpent = try PointsAmount.difference(totals.lifetimeSpent, points)
        try append(
            .redeemReversal, delta: points, at: now, allocations: restored, reverses: entry.ref)
        try settleDebt(at: now)
        try settle()
    }

    private mutating func clawBack(
        _ points: Int64, of entry: ReversibleEntry
    ) throws(PointsFailure) -> Int64 {
        let place = entry.allocations.first.flatMap { self.place(of: $0.lot) }
        var rest = points
        if let place, lots[place].lot.status == .pending {
            let part = min(rest, lots[place].lot.remaining)
            rest &-= part
            takeAway(part, from: place)
            totals.pending &-= part
            try append(
                .pendingCancel, delta: 0, pendingDelta: -part, at: now,
                allocations: [LotAllocation(lot: lots[place].lot.ref, points: part)],
                reverses: entry.ref, qualifying: -part)
        }
        guard rest > 0 else { return 0 }
        var missing = rest
        var allocations: [LotAllocation] = []
        if program.returnPolicy != .onlyPending {
            (allocations, missing) = try takeOrOwe(
                rest, preferred: place, mayOwe: program.returnPolicy == .allowNegative)
        }
        try append(
            .earnReversal, delta: missing &- rest, at: now, allocations: allocations,
            reverses: entry.ref, qualifying: -rest)
        return missing
    }
}
