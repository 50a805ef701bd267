import Engine
import Store

/// The merges so far.
struct MergeTable: BoundTables {
    let table: RuleTable
    let survivor: RowField<RowRef>
    let absorbed: RowField<RowRef>
    let status: EnumField<MergeStatus>
    let at: RowField<Int64>
    let by: RowField<String>
    let fieldChoices: RowField<JSONDocument>
    let movedCounts: RowField<JSONDocument>
    let moved: RowField<JSONDocument>
    let undoneAt: RowField<Int64?>
    let ofSurvivor: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("MemberMerge")
        table = row.table
        survivor = row("survivor")
        absorbed = row("absorbed")
        status = row("status")
        at = row("at")
        by = row("by")
        fieldChoices = row("fieldChoices")
        movedCounts = row("movedCounts")
        moved = row("moved")
        undoneAt = row("undoneAt")
        ofSurvivor = row.index(["survivor"], ordered: "at")
    }
}

/// The relations that a merge lets lead to the survivor: whatever leads to a member, but for
///
/// - ledgers and accounts, which are not rewritten: points and money move by entries of their own;
/// - logs of what one of the two did alone: consents, merges, members who were absorbed before;
/// - what a key ties to the member, which needs a look at each row.
struct MovableRows: BoundTables {
    let references: [RowReference]

    private static let staying: Set<String> = [
        "Member", "MemberMerge", "DuplicateExclusion", "Consent", "PointsAccount", "PointsLot",
        "PointsHold", "TierAssignment", "Wallet", "Membership",
    ]

    init(_ binder: RuleBinder) {
        references = binder.references(to: "Member").filter {
            !$0.isAppendOnly && !$0.isKeyed && !Self.staying.contains($0.tableName)
        }
    }

    func reference(_ table: String, _ field: String) -> RowReference? {
        references.first { $0.tableName == table && $0.fieldName == field }
    }
}
