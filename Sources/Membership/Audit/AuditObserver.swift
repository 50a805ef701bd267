import Engine
import Store

/// Writes a line into the log for each row that a mutation was about, in its transaction. I45.
///
/// First it has rows judged that only together make sense, such as the tiers of a program.
struct AuditObserver: ChangeObserver {
    private let entries: AuditTable
    private let checks: ProgramChecks

    init(_ binder: RuleBinder) {
        entries = binder.shared()
        checks = binder.shared()
    }

    func changed(_ change: RowChange, _ call: RuleCall) throws(MutationStop) {
        if change.after != nil { try checks.check(change.subjectID, call) }
        let seq = entries.lastSeq(call.data) &+ 1
        try call.insert(entries.table) { row in
            row[entries.seq] = seq
            row[entries.at] = call.now
            row[entries.actor] = call.caller
            row[entries.action] = change.mutation
            row[entries.subjectID] = change.subjectID
            row[entries.before] = change.before.map { JSONDocument($0) }
            row[entries.after] = change.after.map { JSONDocument($0) }
            row[entries.requestID] = call.requestID
        }
    }
}
