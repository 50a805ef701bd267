/// Points that go, or are set aside to go.
extension PointsLedger {
    /// A hold lasts at most a year, so that a forgotten one frees its points.
    static let holdMillisecondsMax: Int64 = 366 * 86_400_000

    /// Spends points, those first that lapse first; all of them or none.
    ///
    /// - Throws: `programClosed`, `nonPositiveAmount`, `amountOutOfRange`, `insufficientPoints`.
    public mutating func redeem(points: Int64) throws(PointsFailure) {
        guard program.isOpen else { throw .programClosed }
        let points = try PointsAmount.positive(points)
        try demand(points)
        let allocations = take(points)
        try spend(points, allocations)
    }

    /// Sets points aside, those first that lapse first. They stay active, but can be spent only by
    /// capturing the hold.
    ///
    /// - Returns: the name of the hold.
    /// - Throws: `programClosed`, `nonPositiveAmount`, `amountOutOfRange`, `insufficientPoints`,
    ///   `holdTimeOutOfRange`.
    @discardableResult
    public mutating func hold(
        points: Int64, forMilliseconds duration: Int64
    ) throws(PointsFailure) -> LedgerRef {
        guard program.isOpen else { throw .programClosed }
        let points = try PointsAmount.positive(points)
        guard duration >= 1_000, duration <= PointsLedger.holdMillisecondsMax else {
            throw .holdTimeOutOfRange(milliseconds: duration)
        }
        try demand(points)
        let chosen = chosen(points)
        for (place, allocation) in chosen { lots[place].pinned &+= allocation.points }
        return createHold(
            points, expiresAt: now &+ duration, pins: chosen.map(\.allocation))
    }

    /// Spends what a hold set aside, or the first part of it; the rest is free again.
    ///
    /// - Parameter points: everything if not given.
    /// - Throws: `programClosed`, `holdNotOpen`, `holdExpired`, `nonPositiveAmount`,
    ///   `insufficientPoints` for more than the hold has.
    public mutating func capture(
        hold ref: LedgerRef, points: Int64? = nil
    ) throws(PointsFailure) {
        guard program.isOpen else { throw .programClosed }
        let place = try openHold(ref)
        let hold = holds[place]
        let points = try PointsAmount.positive(points ?? hold.points)
        guard points <= hold.points else {
            throw .insufficientPoints(spendable: hold.points, shortfall: points &- hold.points)
        }
        endHold(at: place, as: .captured, at: now)
        var allocations: [LotAllocation] = []
        var rest = points
        for pin in hold.pins where rest > 0 {
            guard let lot = self.place(of: pin.lot) else {
                throw .ledgerBroken(.pins(lot: pin.lot))
            }
            let part = min(rest, pin.points)
            rest &-= part
            takeAway(part, from: lot)
            allocations.append(LotAllocation(lot: pin.lot, points: part))
        }
        totals.active &-= points
        try spend(points, allocations)
        try settle()
    }

    /// Frees what a hold set aside. What should have lapsed meanwhile lapses now.
    ///
    /// - Throws: `holdNotOpen`, `holdExpired`.
    public mutating func release(hold ref: LedgerRef) throws(PointsFailure) {
        endHold(at: try openHold(ref), as: .released, at: now)
        try settle()
    }

    private func openHold(_ ref: LedgerRef) throws(PointsFailure) -> Int {
        guard let place = holds.firstIndex(where: { $0.ref == ref }) else {
            throw .holdNotOpen(ref)
        }
        switch holds[place].status {
        case .open: return place
        case .expired: throw .holdExpired(ref, at: holds[place].expiresAt)
        case .captured, .released: throw .holdNotOpen(ref)
        }
    }

    private func demand(_ points: Int64) throws(PointsFailure) {
        guard totals.spendable >= points else {
            throw .insufficientPoints(
                spendable: totals.spendable, shortfall: points &- totals.spendable)
        }
    }

    private mutating func spend(
        _ points: Int64, _ allocations: [LotAllocation]
    ) throws(PointsFailure) {
        totals.lifetimeSpent = try PointsAmount.sum(totals.lifetimeSpent, points)
        try append(.redeem, delta: -points, at: now, allocations: allocations)
        noteActivity(at: now)
    }
}
