/// Points between accounts of one program.
extension PointsLedger {
    /// Gives active points to another account, those first that lapse first. They keep the time at
    /// which they lapse, and pay what the other owes.
    ///
    /// Whether the accounts differ is for the caller to see: throw `transferToSelf` if not.
    ///
    /// - Throws: `programClosed`, `nonPositiveAmount`, `amountOutOfRange`, `insufficientPoints`.
    public mutating func transfer(
        points: Int64, to receiver: inout PointsLedger
    ) throws(PointsFailure) {
        guard program.isOpen else { throw .programClosed }
        let points = try PointsAmount.positive(points)
        let chosen = chosen(points, lapsed: false)
        let movable = chosen.reduce(0) { $0 &+ $1.allocation.points }
        guard movable == points else {
            throw .insufficientPoints(spendable: movable, shortfall: points &- movable)
        }
        let moving = chosen.map { (lots[$0.place].lot, $0.allocation.points) }
        let allocations = take(chosen)
        try append(.transferOut, delta: -points, at: now, allocations: allocations)
        try receiver.receive(moving)
    }

    /// Gives everything to another account, as when two members become one: active points, pending
    /// points and what is owed, each with its own entry on both sides.
    ///
    /// - Throws: `holdsOpen` while any points of this account are held; `amountOutOfRange`.
    public mutating func transferAll(to receiver: inout PointsLedger) throws(PointsFailure) {
        let open = holds.count { $0.status == .open }
        guard open == 0 else { throw .holdsOpen(count: open) }
        if totals.active > 0 {
            let points = totals.active
            let chosen = chosen(points)
            let moving = chosen.map { (lots[$0.place].lot, $0.allocation.points) }
            let allocations = take(chosen)
            try append(.transferOut, delta: -points, at: now, allocations: allocations)
            try receiver.receive(moving)
        }
        if totals.pending > 0 {
            let points = totals.pending
            let places = lots.indices.filter {
                lots[$0].lot.status == .pending && lots[$0].lot.remaining > 0
            }
            let moving = places.map { (lots[$0].lot, lots[$0].lot.remaining) }
            for place in places { takeAway(lots[place].lot.remaining, from: place) }
            totals.pending = 0
            try append(
                .transferOut, delta: 0, pendingDelta: -points, at: now,
                allocations: moving.map { LotAllocation(lot: $0.0.ref, points: $0.1) })
            try receiver.receive(moving)
        }
        if totals.owed > 0 {
            let points = totals.owed
            totals.owed = 0
            try append(.transferOut, delta: points, at: now)
            let taken = try receiver.takeOrOwe(points, mayOwe: true)
            try receiver.append(
                .transferIn, delta: -points, at: now, allocations: taken.allocations)
        }
    }

    /// Gives what is left of certain lots to another account, as when a merge is undone.
    ///
    /// - Returns: how many points that was.
    /// - Throws: `holdsOpen` while any points of this account are held; `amountOutOfRange`.
    @discardableResult
    public mutating func transfer(
        lots refs: [LedgerRef], to receiver: inout PointsLedger
    ) throws(PointsFailure) -> Int64 {
        let open = holds.count { $0.status == .open }
        guard open == 0 else { throw .holdsOpen(count: open) }
        var sum: Int64 = 0
        for status in [LotStatus.active, .pending] {
            let places = refs.compactMap { place(of: $0) }.filter {
                lots[$0].lot.status == status && lots[$0].lot.remaining > 0
            }
            let moving = places.map { (lots[$0].lot, lots[$0].lot.remaining) }
            let points = moving.reduce(0) { $0 &+ $1.1 }
            guard points > 0 else { continue }
            for place in places { takeAway(lots[place].lot.remaining, from: place) }
            if status == .active {
                totals.active &-= points
            } else {
                totals.pending &-= points
            }
            try append(
                .transferOut, delta: status == .active ? -points : 0,
                pendingDelta: status == .active ? 0 : -points, at: now,
                allocations: moving.map { LotAllocation(lot: $0.0.ref, points: $0.1) })
            try receiver.receive(moving)
            sum &+= points
        }
        return sum
    }

    /// All of the lots are active, or all are pending.
    private mutating func receive(
        _ moving: [(lot: PointsLot, points: Int64)]
    ) throws(PointsFailure) {
        var active: Int64 = 0
        var pending: Int64 = 0
        for (lot, points) in moving {
            try createLot(
                points, earnedAt: lot.earnedAt, activatesAt: lot.activatesAt,
                expiresAt: lot.expiresAt)
            if lot.activatesAt > now { pending &+= points } else { active &+= points }
        }
        try append(.transferIn, delta: active, pendingDelta: pending, at: now)
        try settleDebt(at: now)
        try settle()
    }
}
