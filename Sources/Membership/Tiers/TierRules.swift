import Engine

/// The levels of a program, and how they are reached and lost.
public struct TierRules: Equatable, Sendable {
    /// The lowest first; at least one. Thresholds rise with ranks.
    public let levels: [TierLevel]
    public let metric: QualificationMetric
    public let period: QualificationPeriod
    /// For how long a reached level is held at least; the end of the period that contains the day
    /// so many months later is its last day. Also the length of a rolling period. At least 1.
    public let validityMonths: Int
    /// Days that a level is kept after it was not retained.
    public let graceDays: Int
    public let downgrade: DowngradePolicy
    public let calendar: LocalCalendar

    /// - Parameter levels: in any order.
    /// - Throws: `noLevels`, `levelsOutOfOrder`.
    public init(
        levels: [TierLevel], metric: QualificationMetric, period: QualificationPeriod,
        validityMonths: Int = 12, graceDays: Int = 0, downgrade: DowngradePolicy = .none,
        calendar: LocalCalendar = .utc
    ) throws(TierFailure) {
        let levels = levels.sorted { $0.rank < $1.rank }
        guard !levels.isEmpty else { throw .noLevels }
        for (lower, higher) in zip(levels, levels.dropFirst())
        where lower.rank == higher.rank || lower.threshold >= higher.threshold {
            throw .levelsOutOfOrder(lower: lower.ref, higher: higher.ref)
        }
        self.levels = levels
        self.metric = metric
        self.period = period
        self.validityMonths = max(1, validityMonths)
        self.graceDays = max(0, graceDays)
        self.downgrade = downgrade
        self.calendar = calendar
    }

    /// The place of the highest level that a value of the metric reaches: its threshold counts as
    /// reached. The lowest level asks for nothing.
    ///
    /// - Complexity: O(n) for n levels.
    public func place(reachedWith achieved: Int64) -> Int {
        levels.lastIndex { $0.threshold <= achieved } ?? 0
    }

    /// - Throws: `unknownLevel`.
    func place(of tier: UInt64) throws(TierFailure) -> Int {
        guard let place = levels.firstIndex(where: { $0.ref == tier }) else {
            throw .unknownLevel(tier)
        }
        return place
    }

    /// Whether a member who holds the level at `place` can fall from it.
    func canFall(from place: Int) -> Bool {
        place > 0 && downgrade != .none && levels[place].isDowngradable
    }
}

/// One level of a program.
public struct TierLevel: Equatable, Sendable {
    /// The stored tier.
    public var ref: UInt64
    public var rank: Int
    /// The metric from which it is reached.
    public var threshold: Int64
    /// The metric that keeps it; the threshold if not given.
    public var retainThreshold: Int64?
    /// In 1/10000.
    public var multiplierBps: Int64
    public var isDowngradable: Bool

    public init(
        ref: UInt64, rank: Int, threshold: Int64, retainThreshold: Int64? = nil,
        multiplierBps: Int64 = 10_000, isDowngradable: Bool = true
    ) {
        self.ref = ref
        self.rank = rank
        self.threshold = threshold
        self.retainThreshold = retainThreshold
        self.multiplierBps = multiplierBps
        self.isDowngradable = isDowngradable
    }

    /// What keeps it.
    public var keeping: Int64 { retainThreshold ?? threshold }
}

/// What counts towards a level. Spending points lowers the last one only.
public enum QualificationMetric: String, Sendable, CaseIterable {
    case qualifyingPoints = "QUALIFYING_POINTS"
    case spend = "SPEND"
    case visits = "VISITS"
    case activeBalance = "ACTIVE_BALANCE"
}

/// What follows when a level was not retained.
public enum DowngradePolicy: String, Sendable, CaseIterable {
    case none = "NONE"
    case oneDown = "ONE_DOWN"
    case requalify = "REQUALIFY"
}

/// Why levels could not be judged.
public enum TierFailure: Error, Equatable, Sendable {
    case noLevels
    /// Of two levels next to each other, the higher rank has no higher threshold.
    case levelsOutOfOrder(lower: UInt64, higher: UInt64)
    case unknownLevel(UInt64)
    /// A lock keeps the assignment as it is, until the end of a day or until it is unlocked.
    case locked(until: Int32?)
    /// A tier cannot be given until a day that is over.
    case validityOver(until: Int32)

    /// The name in the API's enum `ErrorCode`.
    public var code: String {
        switch self {
        case .noLevels, .unknownLevel: "NOT_FOUND"
        case .levelsOutOfOrder, .validityOver: "INVALID"
        case .locked: "TIER_LOCKED"
        }
    }
}
