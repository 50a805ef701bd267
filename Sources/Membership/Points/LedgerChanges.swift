/// Everything that a decision changes in an account. Written in one transaction, or not at all.
public struct LedgerChanges: Equatable, Sendable {
    /// In the order of their numbers; those that were due on top.
    public var entries: [PointsEntryDraft]
    /// `LedgerRef.new(n)` is the lot at place n.
    public var createdLots: [CreatedLot]
    /// Stored lots that are no longer as they were loaded.
    public var changedLots: [PointsLot]
    /// `LedgerRef.new(n)` is the hold at place n.
    public var createdHolds: [PointsHold]
    /// Stored holds that ended.
    public var endedHolds: [PointsHold]
    /// The account's totals from now on.
    public var totals: PointsTotals
    /// The number of the account's last entry from now on.
    public var lastSeq: Int64
}

/// A new lot, and the entry that brought it.
public struct CreatedLot: Equatable, Sendable {
    public var lot: PointsLot
    /// The place of that entry among the changes' entries.
    public var sourceEntry: Int
}

/// A new line of the ledger.
public struct PointsEntryDraft: Equatable, Sendable {
    /// 1, 2, 3 in the account, without a gap.
    public var seq: Int64
    public var type: PointsEntryType
    /// The change of active less owed points.
    public var delta: Int64
    /// The change of pending points.
    public var pendingDelta: Int64
    /// Active less owed points after it.
    public var balanceAfter: Int64
    /// Business time; may lie before it is recorded.
    public var at: Int64
    /// The lots it took from, gave back to, let lapse or activated. Lots that it created are not
    /// among them.
    public var allocations: [LotAllocation]
    /// The entry that it takes back.
    public var reverses: LedgerRef?
    /// The change of the points that count towards a tier: what was earned, less what was returned,
    /// also where a return found nothing left to take.
    public var qualifying: Int64
}

public enum PointsEntryType: String, Sendable, CaseIterable {
    case earn = "EARN"
    case activate = "ACTIVATE"
    case redeem = "REDEEM"
    case redeemReversal = "REDEEM_REVERSAL"
    case expire = "EXPIRE"
    case earnReversal = "EARN_REVERSAL"
    case adjust = "ADJUST"
    case transferOut = "TRANSFER_OUT"
    case transferIn = "TRANSFER_IN"
    case pendingCancel = "PENDING_CANCEL"
    case debtSettle = "DEBT_SETTLE"
}
