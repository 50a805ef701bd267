/// Names a row of the ledger while a decision is made.
public enum LedgerRef: Hashable, Sendable {
    /// A stored row, by any number that is its alone.
    case row(UInt64)
    /// A row that the same changes create, by its place among those of its kind.
    case new(Int)
}

/// What a points account holds, as one decision needs it.
///
/// Loaded are the pending and the active lots, in any order, and the open holds in the order of
/// their creation; lots that are depleted, expired or cancelled only where an entry that is to be
/// taken back names them.
public struct PointsAccountState: Equatable, Sendable {
    public var totals: PointsTotals
    /// The number of the last entry; 0 when there is none.
    public var lastSeq: Int64
    public var lots: [PointsLot]
    public var holds: [PointsHold]

    public init(
        totals: PointsTotals = PointsTotals(), lastSeq: Int64 = 0, lots: [PointsLot] = [],
        holds: [PointsHold] = []
    ) {
        self.totals = totals
        self.lastSeq = lastSeq
        self.lots = lots
        self.holds = holds
    }
}

/// The sums of an account, in points.
public struct PointsTotals: Equatable, Sendable {
    /// What the active lots hold.
    public var active: Int64
    /// What the pending lots hold.
    public var pending: Int64
    /// What the open holds set aside; never more than `active`.
    public var held: Int64
    /// What is owed after a return; `active` is 0 while any is.
    public var owed: Int64
    /// All points ever earned, pending ones included; returns do not lower it.
    public var lifetimeEarned: Int64
    /// Points spent, less those that came back.
    public var lifetimeSpent: Int64
    public var lifetimeExpired: Int64

    public init(
        active: Int64 = 0, pending: Int64 = 0, held: Int64 = 0, owed: Int64 = 0,
        lifetimeEarned: Int64 = 0, lifetimeSpent: Int64 = 0, lifetimeExpired: Int64 = 0
    ) {
        self.active = active
        self.pending = pending
        self.held = held
        self.owed = owed
        self.lifetimeEarned = lifetimeEarned
        self.lifetimeSpent = lifetimeSpent
        self.lifetimeExpired = lifetimeExpired
    }

    public var spendable: Int64 { max(0, active &- held) }
    /// Active less owed: the sum of all entries' `delta`.
    public var balance: Int64 { active &- owed }
}

/// Points of one origin, which lapse together.
public struct PointsLot: Equatable, Sendable {
    public var ref: LedgerRef
    public var status: LotStatus
    public var original: Int64
    public var remaining: Int64
    public var earnedAt: Int64
    /// When it becomes, or became, active.
    public var activatesAt: Int64
    /// The moment it lapses, itself excluded; `nil` for never.
    public var expiresAt: Int64?
    /// Its place in the order in which lots were created; the last word in the order of spending.
    public var creation: UInt64
    /// When it was written: what the member did before does not put off its end. `nil` for always.
    public var recordedAt: Int64?

    public init(
        ref: LedgerRef, status: LotStatus, original: Int64, remaining: Int64, earnedAt: Int64,
        activatesAt: Int64, expiresAt: Int64?, creation: UInt64, recordedAt: Int64? = nil
    ) {
        self.ref = ref
        self.status = status
        self.original = original
        self.remaining = remaining
        self.earnedAt = earnedAt
        self.activatesAt = activatesAt
        self.expiresAt = expiresAt
        self.creation = creation
        self.recordedAt = recordedAt
    }

    /// Whether it is spent before `other`: what lapses first, then what was earned first.
    func isSpent(before other: PointsLot) -> Bool {
        let expiry = expiresAt ?? Int64.max
        let otherExpiry = other.expiresAt ?? Int64.max
        if expiry != otherExpiry { return expiry < otherExpiry }
        if earnedAt != other.earnedAt { return earnedAt < other.earnedAt }
        return creation < other.creation
    }

    func hasLapsed(at instant: Int64) -> Bool {
        expiresAt.map { $0 <= instant } ?? false
    }
}

public enum LotStatus: String, Sendable, CaseIterable {
    case pending = "PENDING"
    case active = "ACTIVE"
    case depleted = "DEPLETED"
    case expired = "EXPIRED"
    case cancelled = "CANCELLED"
}

/// Points set aside for a purchase that is under way, in certain lots.
///
/// A lot that a hold pins does not lapse before the hold has ended.
public struct PointsHold: Equatable, Sendable {
    public var ref: LedgerRef
    public var status: HoldStatus
    public var points: Int64
    /// From this moment it counts no longer, whether or not anybody has noticed.
    public var expiresAt: Int64
    /// Which points are set aside; in the order of spending when it was made.
    public var pins: [LotAllocation]

    public init(
        ref: LedgerRef, status: HoldStatus, points: Int64, expiresAt: Int64, pins: [LotAllocation]
    ) {
        self.ref = ref
        self.status = status
        self.points = points
        self.expiresAt = expiresAt
        self.pins = pins
    }
}

public enum HoldStatus: String, Sendable, CaseIterable {
    case open = "OPEN"
    case captured = "CAPTURED"
    case released = "RELEASED"
    case expired = "EXPIRED"
}

/// A number of points of one lot.
public struct LotAllocation: Equatable, Sendable {
    public var lot: LedgerRef
    /// Positive.
    public var points: Int64

    public init(lot: LedgerRef, points: Int64) {
        self.lot = lot
        self.points = points
    }
}
