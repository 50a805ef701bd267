import Engine
import Store

/// Whether a segment's members are listed or found.
enum SegmentKind: String, CaseIterable, Sendable {
    case `static` = "STATIC"
    case dynamic = "DYNAMIC"
}

extension SegmentKind: SchemaEnum {}

/// The groups of members.
struct SegmentTable: BoundTables {
    let table: RuleTable
    let name: RowField<String>
    let kind: EnumField<SegmentKind>
    let rule: RowField<JSONDocument?>
    let memberCount: RowField<Int>
    let evaluatedAt: RowField<Int64?>
    let byName: RuleKey

    init(_ binder: RuleBinder) {
        let row = binder.table("Segment")
        table = row.table
        name = row("name")
        kind = row("kind")
        rule = row("rule")
        memberCount = row("memberCount")
        evaluatedAt = row("evaluatedAt")
        byName = row.key("name")
    }
}

/// Who is in which segment, of either kind.
struct SegmentMemberTable: BoundTables {
    let table: RuleTable
    let segment: RowField<RowRef>
    let member: RowField<RowRef>
    let byPair: RuleKey
    let ofSegment: RuleIndex
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("SegmentMember")
        table = row.table
        segment = row("segment")
        member = row("member")
        byPair = row.key("segment", "member")
        ofSegment = row.index(["segment"])
        ofMember = row.index(["member"])
    }
}
