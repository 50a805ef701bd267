import Engine

/// One rule by which members earn points.
public struct EarningRule: Equatable, Sendable {
    /// The stored rule.
    public var ref: UInt64
    public var trigger: EarningTrigger
    /// Given once each time.
    public var pointsFixed: Int64?
    /// Given for each full unit of the eligible amount.
    public var pointsPerUnit: Int64?
    /// The size of a unit, in the currency's minor units.
    public var unitMinor: Int64?
    /// The most points that it gives one member in a local day of the program.
    public var maxPerDay: Int64?
    /// The most points that it ever gives one member.
    public var maxPerMember: Int64?
    /// 1 comes before 2.
    public var priority: Int
    /// Whether rules behind it may give points too.
    public var isStackable: Bool
    public var activeFrom: Int64?
    /// Excluded.
    public var activeTo: Int64?
    public var isActive: Bool

    public init(
        ref: UInt64, trigger: EarningTrigger, pointsFixed: Int64? = nil,
        pointsPerUnit: Int64? = nil, unitMinor: Int64? = nil, maxPerDay: Int64? = nil,
        maxPerMember: Int64? = nil, priority: Int = 0, isStackable: Bool = true,
        activeFrom: Int64? = nil, activeTo: Int64? = nil, isActive: Bool = true
    ) {
        self.ref = ref
        self.trigger = trigger
        self.pointsFixed = pointsFixed
        self.pointsPerUnit = pointsPerUnit
        self.unitMinor = unitMinor
        self.maxPerDay = maxPerDay
        self.maxPerMember = maxPerMember
        self.priority = priority
        self.isStackable = isStackable
        self.activeFrom = activeFrom
        self.activeTo = activeTo
        self.isActive = isActive
    }

    /// Whether it is in force at an instant.
    public func applies(to trigger: EarningTrigger, at instant: Int64) -> Bool {
        isActive && trigger == self.trigger && activeFrom.map { $0 <= instant } ?? true
            && activeTo.map { instant < $0 } ?? true
    }

    /// What it gives for an amount, before the tier and its limits: whole units only.
    func points(forMinor amount: Int64) throws(PointsFailure) -> Int64 {
        let fixed = max(0, pointsFixed ?? 0)
        guard let pointsPerUnit, pointsPerUnit > 0, let unitMinor, unitMinor > 0, amount > 0 else {
            return try PointsAmount.sum(fixed, 0)
        }
        return try PointsAmount.sum(
            fixed, PointsAmount.product(amount / unitMinor, pointsPerUnit))
    }
}

public enum EarningTrigger: String, Sendable, CaseIterable {
    case orderPaid = "ORDER_PAID"
    case registered = "REGISTERED"
    case profileCompleted = "PROFILE_COMPLETED"
    case birthday = "BIRTHDAY"
    case eventCheckedIn = "EVENT_CHECKED_IN"
    case scanned = "SCANNED"
    case feedbackGiven = "FEEDBACK_GIVEN"
    case referral = "REFERRAL"
    case dailySignIn = "DAILY_SIGN_IN"
    case custom = "CUSTOM"
}

/// What happened, for rules to judge.
public struct EarningOccasion: Equatable, Sendable {
    public var trigger: EarningTrigger
    public var at: Int64
    /// What counts of an order, in minor units: net of discounts, and without what was paid with
    /// points or coupons. One floor per order, never one per line.
    public var eligibleMinor: Int64
    /// The multiplier of the tier held at that time, in 1/10000.
    public var multiplierBps: Int64

    public init(
        trigger: EarningTrigger, at: Int64, eligibleMinor: Int64 = 0, multiplierBps: Int64 = 10_000
    ) {
        self.trigger = trigger
        self.at = at
        self.eligibleMinor = eligibleMinor
        self.multiplierBps = multiplierBps
    }

    /// The local day of the program in which it counts against `maxPerDay`: first instant and end,
    /// the latter excluded.
    public func day(in calendar: LocalCalendar) -> Range<Int64> {
        let day = calendar.day(of: at)
        let start = calendar.start(ofDay: day)
        return start..<max(start, calendar.end(ofDay: day))
    }
}

/// A rule whose condition holds, and what it has given the member already.
public struct EarningCandidate: Equatable, Sendable {
    public var rule: EarningRule
    /// In ``EarningOccasion/day(in:)``; returns not subtracted.
    public var givenThatDay: Int64
    public var givenEver: Int64

    public init(_ rule: EarningRule, givenThatDay: Int64 = 0, givenEver: Int64 = 0) {
        self.rule = rule
        self.givenThatDay = givenThatDay
        self.givenEver = givenEver
    }

    /// What its limits leave; `nil` without limits.
    var allowance: Int64? {
        let day = rule.maxPerDay.map { max(0, $0) &- max(0, givenThatDay) }
        let ever = rule.maxPerMember.map { max(0, $0) &- max(0, givenEver) }
        guard let least = [day, ever].compactMap({ $0 }).min() else { return nil }
        return max(0, least)
    }
}

/// What rules give for an occasion. A quote is the same, without being written.
public struct EarningAward: Equatable, Sendable {
    /// One rule's part.
    public struct Line: Equatable, Sendable {
        public var rule: UInt64
        /// What the rule gives.
        public var points: Int64
        /// What it would give without its limits; more than `points` when one was reached.
        public var asked: Int64

        public init(rule: UInt64, points: Int64, asked: Int64) {
            self.rule = rule
            self.points = points
            self.asked = asked
        }
    }

    /// In the order in which the rules were judged; only rules that have something to give.
    public var lines: [Line] = []
    public var points: Int64 = 0
    public var asked: Int64 = 0

    /// Set when limits leave nothing of what rules would give: the attempt is recorded, and
    /// answered with this.
    public var failure: PointsFailure? {
        points == 0 && asked > 0 ? .earnLimitReached(asked: asked, allowed: 0) : nil
    }

    public init() {}

    /// Judges rules by priority, those of equal priority in the order given, until one that is not
    /// stackable has something to give.
    ///
    /// The tier's multiplier is applied once, to the sum: that is rounded down, and the parts of the
    /// rules differ by at most one point from their own product, so that they add up to it. Limits
    /// count what is really given, multiplier included.
    ///
    /// - Complexity: O(n log n) for n candidates.
    /// - Throws: `amountOutOfRange`.
    public init(
        _ occasion: EarningOccasion, candidates: [EarningCandidate]
    ) throws(PointsFailure) {
        let multiplier = max(0, occasion.multiplierBps)
        var base: Int64 = 0
        var multiplied: Int64 = 0
        // Swift's sort keeps the order of equals only by accident.
        let ordered = candidates.enumerated().sorted {
            ($0.element.rule.priority, $0.offset) < ($1.element.rule.priority, $1.offset)
        }
        for (_, candidate) in ordered {
            let rule = candidate.rule
            guard rule.applies(to: occasion.trigger, at: occasion.at) else { continue }
            let points = try rule.points(forMinor: occasion.eligibleMinor)
            guard points > 0 else { continue }
            base = try PointsAmount.sum(base, points)
            let sum = try EarningAward.scaled(base, multiplier)
            let asked = sum &- multiplied
            multiplied = sum
            let given = min(asked, candidate.allowance ?? asked)
            lines.append(Line(rule: rule.ref, points: given, asked: asked))
            self.points = try PointsAmount.sum(self.points, given)
            self.asked = try PointsAmount.sum(self.asked, asked)
            if !rule.isStackable { break }
        }
    }

    /// `points · bps / 10000`, rounded down; neither is negative.
    private static func scaled(_ points: Int64, _ bps: Int64) throws(PointsFailure) -> Int64 {
        let product = points.multipliedFullWidth(by: bps)
        // Below half the divisor, so that the quotient fits into 63 bits.
        guard product.high < 5_000 else { throw .amountOutOfRange }
        let quotient = Int64(10_000).dividingFullWidth(product).quotient
        return try PointsAmount.sum(quotient, 0)
    }
}
