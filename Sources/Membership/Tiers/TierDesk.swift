import Engine
import Store

/// Where other subjects have a member's level judged.
struct TierDesk: BoundTables {
    let programs: ProgramTable
    let tiers: TierTable
    let assignments: AssignmentTable
    let metrics: TierMetrics
    let desk: MemberDesk
    private var members: MemberTable { desk.members }

    init(_ binder: RuleBinder) {
        programs = binder.shared()
        tiers = binder.shared()
        assignments = binder.shared()
        metrics = binder.shared()
        desk = binder.shared()
    }

    /// Gives a member the level that the metric gives; of a new member, the lowest.
    ///
    /// - Returns: nil for a program without levels.
    @discardableResult
    func openLowest(_ member: RowRef, _ program: RowRef, _ call: RuleCall) throws(MutationStop)
        -> RowRef?
    {
        try evaluate(member, program, call)
    }

    /// Judges a member's level, and writes what follows.
    ///
    /// - Parameters:
    ///   - afterReturn: whether something that counted was taken back.
    ///   - now: the moment to judge at, instead of the call's.
    /// - Returns: the open row; nil for a program whose levels are none, or out of order: then
    ///   nobody is judged.
    @discardableResult
    func evaluate(
        _ member: RowRef, _ program: RowRef, afterReturn: Bool = false, now: Int64? = nil,
        _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        guard let rules = try? programs.tierRules(program, call.data) else { return nil }
        return try evaluate(
            member, program, rules, afterReturn: afterReturn, now: now ?? call.now, call)
    }

    func evaluate(
        _ member: RowRef, _ program: RowRef, _ rules: TierRules, afterReturn: Bool = false,
        now: Int64, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        try metrics.refresh(member, program, rules, now: now, call)
        let data = call.data
        let (ref, open, previous) = assignments.last(member, program, data)
        let standing = standing(member, program, rules, open, previous, data)
        let changes: TierChanges
        do throws(TierFailure) {
            changes = try rules.evaluate(standing, now: now, afterReturn: afterReturn)
        } catch {
            // A level that the program has no more stays until somebody gives another.
            return ref
        }
        if changes.opened.isEmpty {
            try forgetMoment(of: ref, now: now, call)
            return ref
        }
        return try write(changes, after: ref, member, program, rules, nil, call)
    }

    /// What is known of a member when levels are judged; good until the data changes.
    func standing(_ member: RowRef, _ program: RowRef, _ rules: TierRules, _ data: DataView)
        -> TierStanding
    {
        let (_, open, previous) = assignments.last(member, program, data)
        return standing(member, program, rules, open, previous, data)
    }

    private func standing(
        _ member: RowRef, _ program: RowRef, _ rules: TierRules, _ open: TierAssignment?,
        _ previous: TierAssignment?, _ data: DataView
    ) -> TierStanding {
        TierStanding(
            open: open, previous: previous,
            joinedOn: rules.calendar.day(of: data.row(members.table, member)[members.joinedAt]),
            achieved: { metrics.achieved(member, program, rules, $0, data) })
    }

    /// The multiplier of the level held at an instant, in 1/10000.
    func multiplier(_ member: RowRef, _ program: RowRef, at instant: Int64, _ data: DataView)
        -> Int64
    {
        guard let tier = assignments.tier(of: member, program, at: instant, data) else {
            return 10_000
        }
        return Int64(data.row(tiers.table, tier)[tiers.multiplierBps])
    }

    /// Ends the open row and adds those that follow.
    ///
    /// - Returns: the row that is open now.
    @discardableResult
    func write(
        _ changes: TierChanges, after open: RowRef?, _ member: RowRef, _ program: RowRef,
        _ rules: TierRules, _ note: String?, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        var before = open.map { call.data.row(assignments.table, $0)[assignments.tier] }
        if let open, let end = changes.closes {
            call.audit(assignments.table, open)
            try call.update(assignments.table, open) { row in
                row[assignments.effectiveTo] = end
                row[assignments.changesAt] = nil
            }
        }
        var last = open
        for opened in changes.opened {
            let tier = RowRef(rawValue: UInt32(truncatingIfNeeded: opened.tier))
            let made = try insert(opened, tier, member, program, rules, note, call)
            call.auditNew(assignments.table, made)
            last = made
            if tier != before {
                try desk.note(
                    .tierChanged, of: member, at: opened.effectiveFrom,
                    subjectID: call.data.id(made, of: assignments.table), call)
            }
            before = tier
        }
        if let before, call.data.row(programs.table, program)[programs.isDefault],
            call.data.row(members.table, member)[members.tier] != before
        {
            try call.update(members.table, member) { $0[members.tier] = before }
        }
        return last
    }

    private func insert(
        _ opened: TierAssignment, _ tier: RowRef, _ member: RowRef, _ program: RowRef,
        _ rules: TierRules, _ note: String?, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        try call.insert(assignments.table) { row in
            row[assignments.member] = member
            row[assignments.program] = program
            row[assignments.tier] = tier
            row[assignments.previousTier] = opened.previousTier.map {
                RowRef(rawValue: UInt32(truncatingIfNeeded: $0))
            }
            row[assignments.reason] = opened.reason
            row[assignments.effectiveFrom] = opened.effectiveFrom
            row[assignments.effectiveTo] = opened.effectiveTo
            row[assignments.validUntil] = opened.validUntil
            row[assignments.graceUntil] = opened.graceUntil
            row[assignments.locked] = opened.isLocked
            row[assignments.changesAt] = moment(of: opened, rules)
            row[assignments.note] = note
        }
    }

    /// When the clock has an open row judged.
    private func moment(of opened: TierAssignment, _ rules: TierRules) -> Int64? {
        guard opened.effectiveTo == nil, let validUntil = opened.validUntil else { return nil }
        return rules.calendar.end(ofDay: max(validUntil, opened.graceUntil ?? validUntil))
    }

    /// A row that was judged and stays as it is, is not judged by the clock again.
    private func forgetMoment(of open: RowRef?, now: Int64, _ call: RuleCall) throws(MutationStop) {
        guard let open,
            let changesAt = call.data.row(assignments.table, open)[assignments.changesAt],
            changesAt <= call.now, changesAt <= now
        else { return }
        try call.update(assignments.table, open) { $0[assignments.changesAt] = nil }
    }
}
