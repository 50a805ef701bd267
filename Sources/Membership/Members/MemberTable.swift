import Engine
import Store

/// The rows of members.
struct MemberTable: BoundTables {
    let table: RuleTable
    let memberNo: RowField<String>
    let kind: EnumField<MemberKind>
    let name: RowField<String>
    let gender: EnumField<Gender>
    /// A day number.
    let birthday: RowField<Int32?>
    let status: EnumField<MemberStatus>
    let statusReason: RowField<String?>
    let joinedAt: RowField<Int64>
    let homeChapter: RowField<RowRef>
    let preferences: RowField<JSONDocument?>
    let attributes: RowField<JSONDocument?>
    let mergedInto: RowField<RowRef?>
    let profileByHand: RowField<Bool>
    let lifecycleStage: EnumField<LifecycleStage>
    let lastActiveAt: RowField<Int64?>
    let returnedAt: RowField<Int64?>
    /// The tier in the default program.
    let tier: RowField<RowRef?>
    /// Counted by those changes that a client may make.
    let byNumber: RuleKey

    init(_ binder: RuleBinder) {
        let row = binder.table("Member")
        table = row.table
        memberNo = row("memberNo")
        kind = row("kind")
        name = row("name")
        gender = row("gender")
        birthday = row("birthday")
        status = row("status")
        statusReason = row("statusReason")
        joinedAt = row("joinedAt")
        homeChapter = row("homeChapter")
        preferences = row("preferences")
        attributes = row("attributes")
        mergedInto = row("mergedInto")
        profileByHand = row("profileByHand")
        lifecycleStage = row("lifecycleStage")
        lastActiveAt = row("lastActiveAt")
        returnedAt = row("returnedAt")
        tier = row("tier")
        byNumber = row.key("memberNo")
    }
}

/// The ways by which members are recognised.
struct IdentityTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let kind: EnumField<IdentityKind>
    let value: RowField<String>
    /// None once its member was erased.
    let normalized: RowField<String?>
    let source: EnumField<Channel>
    let verifiedAt: RowField<Int64?>
    let primary: RowField<Bool>
    /// I1: at most one row for a kind and a normalised form.
    let byNormalized: RuleKey
    let ofMember: RuleIndex
    let ofMemberAndKind: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("MemberIdentity")
        table = row.table
        member = row("member")
        kind = row("kind")
        value = row("value")
        normalized = row("normalized")
        source = row("source")
        verifiedAt = row("verifiedAt")
        primary = row("primary")
        byNormalized = row.key("kind", "normalized")
        ofMember = row.index(["member"])
        ofMemberAndKind = row.index(["member"], ordered: "kind")
    }

    /// Whose identity it is; nil for nobody's.
    func owner(_ kind: IdentityKind, _ normalized: String, _ data: DataView) -> RowRef? {
        data.find(byNormalized, self.kind.part(kind), .text(normalized)).map {
            data.row(table, $0)[member]
        }
    }
}
