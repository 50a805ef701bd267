/// How far a member is: towards the next level, and towards keeping the one held.
public struct TierProgress: Equatable, Sendable {
    public var metric: QualificationMetric
    /// The first day in which the metric counts today.
    public var periodStart: Int32
    /// The last one.
    public var periodEnd: Int32
    /// What the metric has reached in it.
    public var achieved: Int64
    /// What is missing, in the window that will be judged, to keep the level held; 0 for a level
    /// that is not judged.
    public var toRetain: Int64
    /// The level above the one held; `nil` at the top.
    public var nextTier: UInt64?
    /// What is missing today to reach it.
    public var toNext: Int64?
    /// The level after the term, grace left aside, if nothing more were achieved until then.
    public var projectedTier: UInt64
}

extension TierRules {
    /// - Returns: `nil` for a member without a level.
    /// - Throws: `unknownLevel`.
    /// - Complexity: two questions for the metric.
    public func progress(
        _ standing: TierStanding, now: Int64
    ) throws(TierFailure) -> TierProgress? {
        guard let open = standing.open else { return nil }
        let place = try place(of: open.tier)
        let window = window(on: calendar.day(of: now), joinedOn: standing.joinedOn)
        let achieved = standing.achieved(window)
        let next = place + 1 < levels.count ? levels[place + 1] : nil
        var progress = TierProgress(
            metric: metric, periodStart: window.firstDay, periodEnd: window.lastDay,
            achieved: achieved, toRetain: 0, nextTier: next?.ref,
            toNext: next.map { TierRules.missing($0.threshold, achieved) },
            projectedTier: open.tier)
        guard let validUntil = open.validUntil, canFall(from: place) else { return progress }
        var judged = self.window(on: validUntil, joinedOn: standing.joinedOn)
        if let graceUntil = open.graceUntil, graceUntil > validUntil {
            judged = QualificationWindow(judged.firstDay, graceUntil, calendar)
        }
        let then = standing.achieved(judged)
        progress.toRetain = TierRules.missing(levels[place].keeping, then)
        if progress.toRetain > 0 {
            let target =
                downgrade == .oneDown ? place - 1 : min(place, self.place(reachedWith: then))
            progress.projectedTier = levels[target].ref
        }
        return progress
    }

    /// The level that a member would hold with so much more of the metric, as a quote tells it.
    ///
    /// - Throws: `unknownLevel`.
    public func tier(
        after standing: TierStanding, gaining points: Int64, now: Int64
    ) throws(TierFailure) -> UInt64 {
        let today = calendar.day(of: now)
        let window = window(on: today, joinedOn: standing.joinedOn)
        let (sum, overflow) = standing.achieved(window).addingReportingOverflow(points)
        let reached = self.place(reachedWith: overflow ? Int64.max : sum)
        guard let open = standing.open else { return levels[reached].ref }
        let place = try place(of: open.tier)
        return open.isLocked(on: today) ? open.tier : levels[max(place, reached)].ref
    }

    private static func missing(_ threshold: Int64, _ achieved: Int64) -> Int64 {
        let (difference, overflow) = threshold.subtractingReportingOverflow(achieved)
        return overflow ? PointsAmount.max : max(0, difference)
    }
}
