import Engine
import Store

/// The member whom an identity leads to, however it is written; null for nobody.
struct MemberByIdentity: FieldRule {
    static let name = "members.byIdentity"

    private let identity: InputField<InputObject>
    private let fields: IdentityFields
    private let chapter: InputField<String?>
    private let profiles: ProfileDesk

    init(_ binder: RuleBinder) {
        identity = binder.input("identity")
        fields = IdentityFields(binder.object("identity"))
        chapter = binder.input("chapterId")
        profiles = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let home = read[chapter].flatMap { read.data.ref(id: $0, in: profiles.chapters.table) }
        let region = profiles.region(of: home, read.data)
        guard case .success(let identity) = fields.read(read[identity], at: [], region) else {
            return .null
        }
        return .row(
            profiles.identities.owner(identity.kind, identity.normalized, read.data))
    }
}
