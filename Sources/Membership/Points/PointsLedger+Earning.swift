/// Points that come.
extension PointsLedger {
    /// How far a client's clock may be ahead.
    static let clockSkewMilliseconds: Int64 = 300_000

    /// Gives points: active at once, or pending until the program's days are over.
    ///
    /// An earning that lies so far back that its points have lapsed is written, and lapses at once.
    ///
    /// - Parameters:
    ///   - points: more than 0; of an award by rules, what their limits leave of it.
    ///   - occurredAt: when they were earned; may lie back.
    ///   - lastActivityAt: when the member was last active; where points lapse by inactivity, it
    ///     keeps those that come late.
    /// - Returns: the name of the lot.
    /// - Throws: `programClosed`, `nonPositiveAmount`, `amountOutOfRange`, `occursInFuture`.
    @discardableResult
    public mutating func earn(
        points: Int64, occurredAt: Int64? = nil, lastActivityAt: Int64? = nil
    ) throws(PointsFailure) -> LedgerRef {
        let occurredAt = try earningMoment(occurredAt)
        let points = try PointsAmount.positive(points)
        noteActivity(at: occurredAt)
        let activatesAt = program.activation(ofEarningAt: occurredAt)
        var lastsFrom = activatesAt
        if case .inactivity = program.expiry, let lastActivityAt {
            lastsFrom = max(lastsFrom, min(lastActivityAt, now))
        }
        let expiresAt = program.expiry.moment(from: lastsFrom, in: program.calendar)
        try createLot(
            points, earnedAt: occurredAt, activatesAt: activatesAt, expiresAt: expiresAt)
        totals.lifetimeEarned = try PointsAmount.sum(totals.lifetimeEarned, points)
        let ref = lots[lots.count - 1].lot.ref
        let isPending = activatesAt > now
        try append(
            .earn, delta: isPending ? 0 : points, pendingDelta: isPending ? points : 0,
            at: occurredAt, qualifying: points)
        try settleDebt(at: occurredAt)
        try settle()
        return ref
    }

    /// Writes down that something earned nothing because a rule's limit was reached: an entry over
    /// 0 points, without a lot.
    ///
    /// - Throws: `programClosed`, `occursInFuture`.
    public mutating func recordLimitedEarning(occurredAt: Int64? = nil) throws(PointsFailure) {
        let occurredAt = try earningMoment(occurredAt)
        noteActivity(at: occurredAt)
        try append(.earn, delta: 0, at: occurredAt)
    }

    private func earningMoment(_ occurredAt: Int64?) throws(PointsFailure) -> Int64 {
        guard program.isOpen else { throw .programClosed }
        guard let occurredAt else { return now }
        guard occurredAt <= now &+ PointsLedger.clockSkewMilliseconds else {
            throw .occursInFuture(at: occurredAt, now: now)
        }
        return min(occurredAt, now)
    }

    /// Makes pending lots active before their time. They lapse as counted from now.
    ///
    /// - Throws: `lotNotFound`, `lotNotPending`.
    public mutating func activate(lots refs: [LedgerRef]) throws(PointsFailure) {
        for ref in refs {
            guard let place = place(of: ref) else { throw .lotNotFound(ref) }
            guard lots[place].lot.status == .pending else {
                throw .lotNotPending(ref, lots[place].lot.status)
            }
            let expiresAt = program.expiry.moment(from: now, in: program.calendar)
            let now = now
            change(place) {
                $0.activatesAt = now
                $0.expiresAt = expiresAt
            }
            try activate(at: place, at: now)
        }
    }

    /// Corrects the balance. More points make a lot; fewer are taken in the order of spending, and
    /// count neither as earned nor as spent.
    ///
    /// - Parameters:
    ///   - allowNegative: whether what is missing becomes owed; only where the program lets points
    ///     be owed. Holds end then, the youngest first, as far as their points are needed.
    ///   - expiresAt: when new points lapse; by the program's rule if not given.
    /// - Throws: `nonPositiveAmount` for 0, `lotExpired`, `insufficientPoints`, `amountOutOfRange`.
    public mutating func adjust(
        by delta: Int64, allowNegative: Bool = false, expiresAt: Int64? = nil
    ) throws(PointsFailure) {
        guard delta != 0 else { throw .nonPositiveAmount(0) }
        if delta > 0 {
            let points = try PointsAmount.positive(delta)
            if let expiresAt, expiresAt <= now { throw .lotExpired(at: expiresAt) }
            let expiry =
                expiresAt ?? program.expiry.moment(from: now, in: program.calendar)
            try createLot(points, earnedAt: now, activatesAt: now, expiresAt: expiry)
            try append(.adjust, delta: points, at: now)
            try settleDebt(at: now)
        } else {
            let points = try PointsAmount.positive(PointsAmount.difference(0, delta))
            let mayOwe = allowNegative && program.returnPolicy == .allowNegative
            guard mayOwe || totals.spendable >= points else {
                throw .insufficientPoints(
                    spendable: totals.spendable, shortfall: points &- totals.spendable)
            }
            let taken = try takeOrOwe(points, mayOwe: mayOwe)
            try append(.adjust, delta: -points, at: now, allocations: taken.allocations)
        }
    }

    /// Takes what is free, first of the lot at `preferred`; owes the rest if it may.
    mutating func takeOrOwe(
        _ points: Int64, preferred: Int? = nil, mayOwe: Bool
    ) throws(PointsFailure) -> (allocations: [LotAllocation], missing: Int64) {
        if mayOwe {
            // Nothing may be owed while points are active, so holds have to give way.
            while totals.spendable < points,
                let place = holds.lastIndex(where: { $0.status == .open })
            {
                endHold(at: place, as: .released, at: now)
                try settle()
            }
        }
        let free = min(points, totals.spendable)
        let allocations = take(free, preferred: preferred)
        let missing = points &- free
        if mayOwe { totals.owed = try PointsAmount.sum(totals.owed, missing) }
        return (allocations, mayOwe ? 0 : missing)
    }
}
