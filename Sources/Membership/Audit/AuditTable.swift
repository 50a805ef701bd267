import Engine
import Store

/// The log of who changed what.
///
/// Its lines are never changed, but for one reason: when a member is erased, what they say of the
/// member goes, and that there was a change remains.
struct AuditTable: BoundTables {
    let table: RuleTable
    let seq: RowField<Int64>
    let at: RowField<Int64>
    let actor: RowField<String>
    let action: RowField<String>
    let subjectID: RowField<String>
    let before: RowField<JSONDocument?>
    let after: RowField<JSONDocument?>
    let requestID: RowField<String?>
    let bySeq: RuleIndex
    let ofSubject: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("AuditEntry")
        table = row.table
        seq = row("seq")
        at = row("at")
        actor = row("actor")
        action = row("action")
        subjectID = row("subjectId")
        before = row("before")
        after = row("after")
        requestID = row("requestId")
        bySeq = row.index([], ordered: "seq")
        ofSubject = row.index(["subjectId"], ordered: "seq")
    }

    /// The number of the last line; 0 when there is none. O(log n).
    func lastSeq(_ data: DataView) -> Int64 {
        data.rows(bySeq, reversed: true, limit: 1).first.map { data.row(table, $0)[seq] } ?? 0
    }

    /// Blanks what is known of some rows, such as a member's who is erased, and leaves the rest.
    ///
    /// - Parameter subjects: public ids.
    func forget(_ subjects: [String], _ call: RuleCall) throws(MutationStop) {
        for subject in subjects {
            for entry in call.data.rows(ofSubject, .text(subject)) {
                let row = call.data.row(table, entry)
                guard row[before] != nil || row[after] != nil else { continue }
                try call.update(table, entry) { row in
                    row[before] = nil
                    row[after] = nil
                }
            }
        }
    }
}
