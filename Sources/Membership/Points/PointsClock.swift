import Engine
import Store

/// What the clock does to points: pending ones become active, holds end, lots lapse. Each is written
/// at its own moment.
struct PointsClock: DueRule {
    static let table = "PointsAccount"
    static let field = "changesAt"

    private let desk: PointsDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
    }

    func settle(_ account: RowRef, _ call: RuleCall) throws(MutationStop) {
        try settle(account, now: call.now, call)
    }

    /// - Returns: the entries written, and how many holds ended.
    @discardableResult
    func settle(_ account: RowRef, now: Int64, _ call: RuleCall) throws(MutationStop) -> (
        entries: [RowRef], holds: Int
    ) {
        let open = try desk.books.open(account, now: now, call)
        let ended = open.ledger.changes.endedHolds.count
        let written = try desk.books.write(open, call)
        try desk.judgeBalance(open.member, open.program, call)
        return (written.entries, ended)
    }

    /// Settles all accounts that are due.
    ///
    /// - Returns: how many entries of these types were written, and how many holds ended.
    func settleAll(asOf: Int64, counting types: Set<PointsEntryType>, _ call: RuleCall)
        throws(MutationStop) -> (entries: Int, holds: Int)
    {
        var count = (entries: 0, holds: 0)
        let (accounts, entries) = (desk.books.accounts, desk.books.entries)
        for account in call.data.rows(accounts.byChange, to: asOf) {
            try call.visit(1)
            let written = try settle(account, now: asOf, call)
            count.holds += written.holds
            count.entries += written.entries.count {
                types.contains(call.data.row(entries.table, $0)[entries.type])
            }
        }
        return count
    }
}

/// What the clock does to tiers: terms end.
struct TierClock: DueRule {
    static let table = "TierAssignment"
    static let field = "changesAt"

    private let tiers: TierDesk

    init(_ binder: RuleBinder) {
        tiers = binder.shared()
    }

    func settle(_ assignment: RowRef, _ call: RuleCall) throws(MutationStop) {
        let assignments = tiers.assignments
        let row = call.data.row(assignments.table, assignment)
        let (member, program) = (row[assignments.member], row[assignments.program])
        try tiers.evaluate(member, program, call)
        // A program without levels, or a level that is none of them any more.
        let now = call.now
        if let changesAt = call.data.row(assignments.table, assignment)[assignments.changesAt],
            changesAt <= now
        {
            try call.update(assignments.table, assignment) { $0[assignments.changesAt] = nil }
        }
    }
}
