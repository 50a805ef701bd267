import Engine
import Store

/// Gives a member another identity; one that the member has already changes nothing.
struct AddMemberIdentity: MutationRule {
    static let name = "members.addIdentity"

    private let member: InputField<String>
    private let identity: InputField<InputObject>
    private let fields: IdentityFields
    private let source: InputField<Channel>
    private let profiles: ProfileDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        member = binder.input("memberId")
        identity = binder.input("identity")
        fields = IdentityFields(binder.object("identity"))
        source = binder.input("source")
        profiles = binder.shared()
        payload = binder.output("member", "identity")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let owner = try profiles.desk.live(
            call[member], at: "memberId", call, allowsSuspended: true)
        let data = call.data
        let region = profiles.region(of: profiles.home(of: owner, data), data)
        let new: NewIdentity
        switch fields.read(call[identity], at: ["identity"], region) {
        case .success(let identity): new = identity
        case .failure(let problem):
            call.note([problem])
            throw .refused
        }
        let table = profiles.identities
        if let known = data.find(
            table.byNormalized, table.kind.part(new.kind), .text(new.normalized)),
            data.row(table.table, known)[table.member] == owner
        {
            call.answer(payload, .row(owner), .row(known))
            return
        }
        if let problem = profiles.conflict(new, for: owner, data) {
            call.note([problem])
            throw .refused
        }
        let added = try profiles.add(new, to: owner, source: call[source], call)
        call.auditNew(table.table, added)
        call.answer(payload, .row(owner), .row(added))
    }
}
