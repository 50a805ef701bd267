import Engine
import Store

/// Changes the profile of a member; identities are changed by rules of their own.
struct UpdateMember: MutationRule {
    static let name = "members.update"

    private let id: InputField<String>
    private let expectedVersion: InputField<Int>
    private let set: InputField<InputObject>
    private let fields: ProfileFields
    private let desk: EnrolmentDesk
    private var profiles: ProfileDesk { desk.profiles }
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        expectedVersion = binder.input("expectedVersion")
        set = binder.input("set")
        fields = ProfileFields(binder.object("set"), hasIdentities: false)
        desk = binder.shared()
        payload = binder.output("member")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try profiles.desk.live(call[id], at: "id", call, allowsSuspended: true)
        let data = call.data
        let profile = profiles.read(
            fields, call[set], at: ["set"], chapter: profiles.home(of: member, data), data)
        call.note(profile.problems)
        call.note(refused(profile))
        try call.throwIfRefused()
        let version = profiles.version(of: member, data)
        if version != call[expectedVersion] {
            throw call.refuse(
                RuleCode.versionConflict.code,
                "The member has version \(version), not \(call[expectedVersion]).",
                at: "expectedVersion")
        }
        if call.viewer.isMember
            && !(profile.memberNo.isAbsent && profile.kind.isAbsent
                && profile.homeChapter.isAbsent)
        {
            throw call.forbid("A member's number, kind and home chapter are changed by the staff.")
        }
        if !profile.attributes.isAbsent {
            try call.requireSettable("attributes", of: profiles.members.table)
        }
        call.note(profiles.conflicts(profile, for: member, data))
        try call.throwIfRefused()
        let wasComplete = desk.isComplete(member, data)
        _ = try profiles.change(member, profile, .patch, byHand: true, call)
        try call.requireOpen(profiles.members.table, member)
        try desk.noteCompletion(of: member, wasComplete: wasComplete, call)
        call.answer(payload, .row(member))
    }

    /// What may not be empty.
    private func refused(_ profile: Profile) -> [InputProblem] {
        let nulls = [
            ("memberNo", profile.memberNo.isNull), ("kind", profile.kind.isNull),
            ("name", profile.name.isNull), ("homeChapterId", profile.homeChapter.isNull),
        ]
        return nulls.filter(\.1).map { field, _ in
            InputProblem(
                code: .required, message: "A member is never without it.", path: ["set", field])
        }
    }
}
