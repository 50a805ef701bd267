import Engine
import Store

extension FeedbackKind: SchemaEnum {}

/// What members told the club.
struct FeedbackTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let kind: EnumField<FeedbackKind>
    let score: RowField<Int?>
    let comment: RowField<String?>
    let subjectID: RowField<String?>
    let event: RowField<RowRef?>
    let wave: RowField<String?>
    let at: RowField<Int64>
    let resolvedAt: RowField<Int64?>
    let ofMember: RuleIndex
    let ofMemberAndKind: RuleIndex
    let ofKind: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Feedback")
        table = row.table
        member = row("member")
        kind = row("kind")
        score = row("score")
        comment = row("comment")
        subjectID = row("subjectId")
        event = row("event")
        wave = row("wave")
        at = row("at")
        resolvedAt = row("resolvedAt")
        ofMember = row.index(["member"], ordered: "at")
        ofMemberAndKind = row.index(["member", "kind"], ordered: "at")
        ofKind = row.index(["kind"], ordered: "at")
    }
}
