import Engine
import Store

/// Changes the member whom identities lead to, or makes one.
struct UpsertMember: MutationRule {
    static let name = "members.upsert"

    private let identity: InputField<InputObject>
    private let identityFields: IdentityFields
    private let member: InputField<InputObject>
    private let fields: ProfileFields
    private let source: InputField<Channel>
    private let force: InputField<Bool>
    private let desk: EnrolmentDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        identity = binder.input("identity")
        identityFields = IdentityFields(binder.object("identity"))
        member = binder.input("member")
        fields = ProfileFields(binder.object("member"), hasIdentities: true)
        source = binder.input("source")
        force = binder.input("force")
        desk = binder.shared()
        payload = binder.output("member", "created")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let data = call.data
        var profile = desk.profiles.read(
            fields, call[member], at: ["member"], chapter: nil, data)
        let region = desk.profiles.region(of: profile.homeChapter.value, data)
        switch identityFields.read(call[identity], at: ["identity"], region) {
        case .failure(let problem): profile.problems.append(problem)
        case .success(let first):
            profile.identities.removeAll {
                $0.kind == first.kind && $0.normalized == first.normalized
            }
            profile.identities.insert(first, at: 0)
        }
        call.note(profile.problems)
        try call.throwIfRefused()
        let known: RowRef?
        switch desk.owner(of: profile, data) {
        case .success(let owner): known = owner
        case .failure(let problem):
            call.note([problem])
            throw .refused
        }
        if let known {
            if !data.isOpen(desk.profiles.members.table, known) {
                throw call.refuse(
                    RuleCode.identityTaken.code, InputProblem.identityTaken, at: "identity",
                    "value")
            }
            try desk.profiles.desk.check(known, at: "identity", call, allowsSuspended: true)
            call.note(desk.profiles.conflicts(profile, for: known, data))
            try call.throwIfRefused()
            _ = try desk.apply(profile, to: known, source: call[source], force: call[force], call)
            call.answer(payload, .row(known), .bool(false))
            return
        }
        call.note(desk.missing(profile))
        guard let home = profile.homeChapter.value else {
            throw call.refuse(
                RuleCode.required.code, "A new member needs a home.", at: "member",
                "homeChapterId")
        }
        call.note(desk.profiles.conflicts(profile, for: nil, data))
        try call.throwIfRefused()
        let new = try desk.enrol(profile, home: home, source: call[source], call)
        call.answer(payload, .row(new), .bool(true))
    }
}

extension EnrolmentDesk {
    /// The member to whom a profile's identities lead: one or none, never a silent pick.
    func owner(of profile: Profile, _ data: DataView) -> Result<RowRef?, InputProblem> {
        let owners = profile.identities.map {
            profiles.identities.owner($0.kind, $0.normalized, data)
        }
        do throws(MergeRefusal) {
            let key = try MergeDecision.owner(of: owners.map { $0.map { Int64($0.rawValue) } })
            return .success(owners.compactMap { $0 }.first { Int64($0.rawValue) == key })
        } catch {
            var ids: [String] = []
            for owner in owners.compactMap({ $0 })
            where data.isOpen(profiles.members.table, owner) {
                let id = data.id(owner, of: profiles.members.table)
                if !ids.contains(id) { ids.append(id) }
            }
            return .failure(
                InputProblem(
                    code: error.code,
                    message: "The identities lead to several members"
                        + (ids.isEmpty ? "." : ": " + ids.joined(separator: ", ") + "."),
                    path: profile.path))
        }
    }

    /// Writes a profile over what is known of a member. What a machine brings does not replace
    /// what people wrote, unless it is forced to.
    ///
    /// - Returns: whether anything is different now.
    func apply(
        _ profile: Profile, to member: RowRef, source: Channel, force: Bool, _ call: RuleCall
    ) throws(MutationStop) -> Bool {
        let wasComplete = isComplete(member, call.data)
        let row = call.data.row(profiles.members.table, member)
        let mode: ProfileDesk.Mode =
            source.isMachine && row[profiles.members.profileByHand] && !force ? .fill : .overwrite
        var isChanged = try profiles.change(
            member, profile, mode, byHand: !source.isMachine, call)
        try call.requireOpen(profiles.members.table, member)
        for identity in profile.identities
        where profiles.identities.owner(identity.kind, identity.normalized, call.data) == nil {
            try profiles.add(identity, to: member, source: source, call)
            isChanged = true
        }
        try noteCompletion(of: member, wasComplete: wasComplete, call)
        return isChanged
    }
}
