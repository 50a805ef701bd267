import Engine
import Store

/// Makes a member with identities, first points and the lowest tier of the default program.
struct EnrollMember: MutationRule {
    static let name = "members.enroll"

    private let member: InputField<InputObject>
    private let fields: ProfileFields
    private let chapter: InputField<String>
    private let source: InputField<Channel>
    private let desk: EnrolmentDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        member = binder.input("member")
        fields = ProfileFields(binder.object("member"), hasIdentities: true)
        chapter = binder.input("chapterId")
        source = binder.input("source")
        desk = binder.shared()
        payload = binder.output("member")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let home = try call.row(call[chapter], in: desk.profiles.chapters.table, at: "chapterId")
        let profile = desk.profiles.read(
            fields, call[member], at: ["member"], chapter: home, call.data)
        call.note(profile.problems)
        call.note(desk.missing(profile))
        try call.throwIfRefused()
        call.note(desk.profiles.conflicts(profile, for: nil, call.data))
        try call.throwIfRefused()
        let new = try desk.enrol(profile, home: home, source: call[source], call)
        call.answer(payload, .row(new))
    }
}
