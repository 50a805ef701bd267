import Engine

/// A level held from one moment to another.
public struct TierAssignment: Equatable, Sendable {
    public var tier: UInt64
    public var previousTier: UInt64?
    public var reason: TierChangeReason
    public var effectiveFrom: Int64
    /// Excluded; `nil` while it is open.
    public var effectiveTo: Int64?
    /// The last day before it is judged; `nil` for one that has no end, as the lowest has none.
    public var validUntil: Int32?
    /// The last day of grace after that.
    public var graceUntil: Int32?
    public var isLocked: Bool

    public init(
        tier: UInt64, previousTier: UInt64? = nil, reason: TierChangeReason, effectiveFrom: Int64,
        effectiveTo: Int64? = nil, validUntil: Int32? = nil, graceUntil: Int32? = nil,
        isLocked: Bool = false
    ) {
        self.tier = tier
        self.previousTier = previousTier
        self.reason = reason
        self.effectiveFrom = effectiveFrom
        self.effectiveTo = effectiveTo
        self.validUntil = validUntil
        self.graceUntil = graceUntil
        self.isLocked = isLocked
    }

    /// Whether evaluation leaves it alone on a day.
    public func isLocked(on day: Int32) -> Bool {
        isLocked && validUntil.map { day <= $0 } ?? true
    }
}

public enum TierChangeReason: String, Sendable, CaseIterable {
    case enrolled = "ENROLLED"
    case upgraded = "UPGRADED"
    case downgraded = "DOWNGRADED"
    case retained = "RETAINED"
    case manual = "MANUAL"
    case graceStarted = "GRACE_STARTED"
    case reversed = "REVERSED"
    case merged = "MERGED"
}

/// What a decision changes in a member's tier history: the open row ends where the first new one
/// begins, and each new one where the next begins, so that the history has neither gap nor overlap.
public struct TierChanges: Equatable, Sendable {
    /// When the row that was open ends; `nil` if nothing changes, or nothing was open.
    public var closes: Int64?
    /// In order; the last is open.
    public var opened: [TierAssignment] = []

    public init() {}

    /// Adds a row, and ends the one before.
    mutating func open(_ assignment: TierAssignment, after current: TierAssignment?) {
        if opened.isEmpty {
            closes = current == nil ? nil : assignment.effectiveFrom
        } else {
            opened[opened.count - 1].effectiveTo = assignment.effectiveFrom
        }
        opened.append(assignment)
    }
}

/// What is known of a member when levels are judged.
public struct TierStanding {
    /// The open row; `nil` before the first.
    public var open: TierAssignment?
    /// The row before it.
    public var previous: TierAssignment?
    /// The local day of joining.
    public var joinedOn: Int32
    /// The metric within a window, or the active balance whatever the window.
    public var achieved: (QualificationWindow) -> Int64

    public init(
        open: TierAssignment?, previous: TierAssignment? = nil, joinedOn: Int32,
        achieved: @escaping (QualificationWindow) -> Int64
    ) {
        self.open = open
        self.previous = previous
        self.joinedOn = joinedOn
        self.achieved = achieved
    }
}

/// Judging levels.
extension TierRules {
    /// A member who has been away for long gets at most so many rows at once; evaluating again
    /// goes on from there.
    static let rowsMax = 120

    /// Judges a member's level.
    ///
    /// **Up** at once, to the highest level that the window of today reaches, in one row. **Down**
    /// only when the term is over: retained if the window that ended with it kept the level, or if
    /// nobody falls from it; else days of grace, if the program has any, in which it can still be
    /// kept; then one level down, or to the level that the metric gives. What happened at the end of
    /// a term is dated with it and judged by what was known then, term by term: evaluating late
    /// gives the history that evaluating every day would have given.
    ///
    /// A locked level stays until its last day. One set by hand can rise, and falls only after its
    /// last day. Thresholds that have changed since are applied at the end of the term, never
    /// before.
    ///
    /// - Parameter afterReturn: whether something was taken back. A level that was reached within
    ///   the window of today, and that the metric does not reach any more, is then lost at once, but
    ///   never more than was won by reaching it.
    /// - Returns: nothing when nothing changes; evaluating twice changes nothing.
    /// - Throws: `unknownLevel` when the open row's level is none of the program's.
    /// - Complexity: one question for the metric, and two for each term that is over.
    public func evaluate(
        _ standing: TierStanding, now: Int64, afterReturn: Bool = false
    ) throws(TierFailure) -> TierChanges {
        var changes = TierChanges()
        let today = calendar.day(of: now)
        let joinedOn = standing.joinedOn
        let window = window(on: today, joinedOn: joinedOn)
        guard var current = standing.open else {
            changes.open(
                reached(
                    place(reachedWith: standing.achieved(window)), from: nil, .enrolled, at: now,
                    joinedOn),
                after: nil)
            return changes
        }
        guard now >= current.effectiveFrom, !current.isLocked(on: today) else { return changes }
        let reachedPlace = place(reachedWith: standing.achieved(window))
        func passTerms() throws(TierFailure) {
            while changes.opened.count < TierRules.rowsMax,
                let row = try afterTerm(of: current, standing, reachedPlace, today, now)
            {
                changes.open(row, after: current)
                current = row
            }
        }
        try passTerms()
        if afterReturn, changes.opened.isEmpty,
            let row = try undoing(current, standing.previous, reachedPlace, window, now)
        {
            changes.open(row, after: current)
            current = row
            try passTerms()
        }
        if reachedPlace > (try place(of: current.tier)), changes.opened.count < TierRules.rowsMax {
            let row = reached(reachedPlace, from: current.tier, .upgraded, at: now, joinedOn)
            changes.open(row, after: current)
        }
        return changes
    }

    /// Gives a level by hand.
    ///
    /// - Parameters:
    ///   - validUntil: the last day; without one, it has no end.
    ///   - isLocked: whether evaluation leaves it alone until then.
    /// - Throws: `unknownLevel`, `validityOver`.
    public func assign(
        _ tier: UInt64, validUntil: Int32? = nil, isLocked: Bool = false,
        reason: TierChangeReason = .manual, after open: TierAssignment?, now: Int64
    ) throws(TierFailure) -> TierChanges {
        _ = try place(of: tier)
        if let validUntil, validUntil < calendar.day(of: now) {
            throw .validityOver(until: validUntil)
        }
        var changes = TierChanges()
        changes.open(
            TierAssignment(
                tier: tier, previousTier: open?.tier, reason: reason,
                effectiveFrom: max(now, open?.effectiveFrom ?? now), validUntil: validUntil,
                isLocked: isLocked),
            after: open)
        return changes
    }

    private func reached(
        _ place: Int, from previous: UInt64?, _ reason: TierChangeReason, at: Int64,
        _ joinedOn: Int32
    ) -> TierAssignment {
        TierAssignment(
            tier: levels[place].ref, previousTier: previous, reason: reason, effectiveFrom: at,
            validUntil: place == 0
                ? nil : term(reachedOn: calendar.day(of: at), joinedOn: joinedOn))
    }

    /// The row after a return that took away what a level had been reached with.
    private func undoing(
        _ current: TierAssignment, _ previous: TierAssignment?, _ reachedPlace: Int,
        _ window: QualificationWindow, _ now: Int64
    ) throws(TierFailure) -> TierAssignment? {
        let place = try place(of: current.tier)
        guard current.reason == .upgraded, let previous,
            window.instants.contains(current.effectiveFrom)
        else { return nil }
        let previousPlace = try self.place(of: previous.tier)
        let target = max(reachedPlace, previousPlace)
        guard target < place else { return nil }
        return TierAssignment(
            tier: levels[target].ref, previousTier: current.tier, reason: .reversed,
            effectiveFrom: now,
            validUntil: target == previousPlace ? previous.validUntil : current.validUntil,
            graceUntil: target == previousPlace ? previous.graceUntil : nil)
    }

    /// The row that follows a term which is over; `nil` if it is not, or grace still runs.
    private func afterTerm(
        of current: TierAssignment, _ standing: TierStanding, _ reachedPlace: Int, _ today: Int32,
        _ now: Int64
    ) throws(TierFailure) -> TierAssignment? {
        guard let validUntil = current.validUntil, today > validUntil else { return nil }
        let place = try place(of: current.tier)
        var judged = window(on: validUntil, joinedOn: standing.joinedOn)
        let lastDay = current.graceUntil.map { max(validUntil, min(today, $0)) } ?? validUntil
        if lastDay > validUntil { judged = QualificationWindow(judged.firstDay, lastDay, calendar) }
        let achieved = standing.achieved(judged)
        let isKept = achieved >= levels[place].keeping
        var boundary = calendar.end(ofDay: lastDay)
        if let graceUntil = current.graceUntil, today <= graceUntil {
            // Whoever rises now need not be retained first.
            guard isKept, reachedPlace <= place else { return nil }
            boundary = now
        }
        boundary = max(boundary, current.effectiveFrom)
        var row = TierAssignment(
            tier: current.tier, previousTier: current.tier, reason: .retained,
            effectiveFrom: boundary)
        if !isKept, canFall(from: place) {
            if current.graceUntil == nil, graceDays > 0 {
                row.reason = .graceStarted
                row.validUntil = validUntil
                row.graceUntil = LocalCalendar.adding(days: graceDays, to: validUntil)
                return row
            }
            let target = fall(from: place, achieved, standing, lastDay)
            if target < place {
                row.tier = levels[target].ref
                row.reason = .downgraded
            }
        }
        if row.tier != levels[0].ref {
            let next = term(
                after: validUntil, passing: lastDay, joinedOn: standing.joinedOn)
            // At the end of the calendar there is no other term.
            guard next > validUntil else { return nil }
            row.validUntil = next
        }
        return row
    }

    /// The place of the level below, or of what the metric gave in the term that ended; never below
    /// what it gives in the window that begins then, which would be reached again at once.
    private func fall(
        from place: Int, _ achieved: Int64, _ standing: TierStanding, _ lastDay: Int32
    ) -> Int {
        let begun = window(
            on: LocalCalendar.adding(days: 1, to: lastDay), joinedOn: standing.joinedOn)
        let since = self.place(
            reachedWith: standing.achieved(
                QualificationWindow(begun.firstDay, lastDay, calendar)))
        let target = downgrade == .oneDown ? place - 1 : self.place(reachedWith: achieved)
        return min(place, max(target, since))
    }
}
