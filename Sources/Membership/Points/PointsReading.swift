import Engine

/// What a points account says at an instant, whether or not anybody has written down yet what the
/// clock has decided.
///
/// Complexity of each: that of making a ``PointsLedger``.
public struct PointsReading: Sendable {
    private let ledger: PointsLedger

    /// - Parameter lastActivityAt: as for ``PointsLedger``.
    /// - Parameter instant: now; an instant to come tells what will be if nothing else happens.
    /// - Throws: `ledgerBroken`, `amountOutOfRange`.
    public init(
        _ state: PointsAccountState, _ program: PointsProgram, lastActivityAt: Int64? = nil,
        at instant: Int64
    ) throws(PointsFailure) {
        ledger = try PointsLedger(state, program, lastActivityAt: lastActivityAt, now: instant)
    }

    public var totals: PointsTotals { ledger.totals }

    /// The lots that were loaded, as they are at the instant.
    public var lots: [PointsLot] { ledger.lots.map(\.lot) }

    /// The holds that are open at the instant.
    public var holds: [PointsHold] { ledger.holds.filter { $0.status == .open } }

    /// The active points that lapse until the end of the local day `withinDays` after today, by the
    /// last day on which they can be spent, the first first. Points that lapse later are not told,
    /// nor are points that are pending.
    public func expiring(withinDays: Int) -> [ExpiryBucket] {
        guard withinDays >= 0 else { return [] }
        let calendar = ledger.program.calendar
        let today = calendar.day(of: ledger.now)
        let last = LocalCalendar.adding(days: withinDays, to: today)
        var buckets: [Int32: Int64] = [:]
        for lot in lots where lot.status == .active && lot.remaining > 0 {
            guard let expiresAt = lot.expiresAt else { continue }
            let day = calendar.day(of: expiresAt &- 1)
            if day <= last { buckets[day, default: 0] &+= lot.remaining }
        }
        return buckets.map { ExpiryBucket(expiresOn: $0, points: $1) }
            .sorted { $0.expiresOn < $1.expiresOn }
    }

    /// The balance, active less owed points, at the reading's instant.
    ///
    /// - Parameter recorded: the sum of `delta` over the entries whose `at` is that instant or
    ///   earlier. What was due by then and has no entry yet is added.
    public func balance(recorded: Int64) throws(PointsFailure) -> Int64 {
        var balance = recorded
        for entry in ledger.entries where entry.at <= ledger.now {
            balance = try PointsAmount.sum(balance, entry.delta)
        }
        return balance
    }
}

/// Points that lapse when a day is over.
public struct ExpiryBucket: Equatable, Sendable {
    /// The last day on which they can be spent.
    public var expiresOn: Int32
    public var points: Int64

    public init(expiresOn: Int32, points: Int64) {
        self.expiresOn = expiresOn
        self.points = points
    }
}
