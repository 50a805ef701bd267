import Engine
import Store

/// Who or what put a tag on a member.
enum TagSource: String, CaseIterable, Sendable {
    case manual = "MANUAL"
    case rule = "RULE"
    case `import` = "IMPORT"
    case model = "MODEL"
}

extension TagSource: SchemaEnum {}

/// The words that mark members.
struct TagTable: BoundTables {
    let table: RuleTable
    let key: RowField<String>
    let name: RowField<String>
    let byKey: RuleKey

    init(_ binder: RuleBinder) {
        let row = binder.table("Tag")
        table = row.table
        key = row("key")
        name = row("name")
        byKey = row.key("key")
    }
}

/// The tags that members wear.
struct MemberTagTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let tag: RowField<RowRef>
    let source: EnumField<TagSource>
    let assignedAt: RowField<Int64>
    /// Excluded.
    let expiresAt: RowField<Int64?>
    let byPair: RuleKey
    let ofTag: RuleIndex
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("MemberTag")
        table = row.table
        member = row("member")
        tag = row("tag")
        source = row("source")
        assignedAt = row("assignedAt")
        expiresAt = row("expiresAt")
        byPair = row.key("member", "tag")
        ofTag = row.index(["tag"])
        ofMember = row.index(["member"])
    }
}

/// Takes tags off when they have run out.
struct TagClock: DueRule {
    static let table = "MemberTag"
    static let field = "expiresAt"

    private let worn: MemberTagTable

    init(_ binder: RuleBinder) {
        worn = binder.shared()
    }

    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop) {
        try call.delete(worn.table, row)
    }
}

/// `Tag.memberCount`.
struct TagMemberCount: FieldRule {
    static let name = "tags.memberCount"

    private let worn: MemberTagTable

    init(_ binder: RuleBinder) {
        worn = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        .int(read.data.count(worn.ofTag, .row(read.owner)))
    }
}
