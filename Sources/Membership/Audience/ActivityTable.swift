import Engine
import Store

/// The timeline of what members did and what happened to them.
struct ActivityTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let type: EnumField<ActivityType>
    let at: RowField<Int64>
    let channel: OptionalEnumField<Channel>
    /// The public id of an order, an event, a coupon.
    let subjectID: RowField<String?>
    let payload: RowField<JSONDocument?>
    let ofMember: RuleIndex
    let ofMemberAndType: RuleIndex
    let ofType: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Activity")
        table = row.table
        member = row("member")
        type = row("type")
        at = row("at")
        channel = row("channel")
        subjectID = row("subjectId")
        payload = row("payload")
        ofMember = row.index(["member"], ordered: "at")
        ofMemberAndType = row.index(["member", "type"], ordered: "at")
        ofType = row.index(["type"], ordered: "at")
    }
}
