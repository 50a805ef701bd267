import Engine
import Store

/// The member whom an identity leads to, however it is written; null for nobody.
struct MemberByIdentity: FieldRule {
    static let name = "members.byIdentity"

    private let identity: InputField<InputObject>
    private let fields: IdentityFields
    private let identities: IdentityTable

    init(_ binder: RuleBinder) {
        identity = binder.input("identity")
        fields = IdentityFields(binder.object("identity"))
        identities = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        guard case .success(let identity) = fields.read(read[identity], at: [], nil) else {
            return .null
        }
        return .row(identities.owner(identity.kind, identity.normalized, read.data))
    }
}
