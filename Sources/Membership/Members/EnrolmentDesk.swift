import Engine
import Store

/// Where members are made, be it one by one or by an import.
struct EnrolmentDesk: BoundTables {
    let profiles: ProfileDesk
    private let points: PointsDesk
    private let campaigns: CampaignDesk
    private var tiers: TierDesk { points.tiers }

    init(_ binder: RuleBinder) {
        profiles = binder.shared()
        points = binder.shared()
        campaigns = binder.shared()
    }

    /// What a new member cannot be without.
    func missing(_ profile: Profile) -> [InputProblem] {
        if profile.name.value != nil { return [] }
        return [
            InputProblem(
                code: .required, message: "A name must be given.", path: profile.path + ["name"])
        ]
    }

    /// A new member. The caller has seen to it that nothing stands in the way.
    func enrol(
        _ profile: Profile, home: RowRef, source: Channel, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let member = try profiles.create(profile, home: home, source: source, call)
        try call.requireOpen(profiles.members.table, member)
        var programs: [RowRef] = []
        call.data.forEach(tiers.programs.table) { ref, row in
            if row[tiers.programs.isDefault] && row[tiers.programs.active] {
                programs.append(ref)
            }
        }
        for program in programs { try tiers.openLowest(member, program, call) }
        try points.occasion(.registered, member: member, at: call.now, call)
        if isComplete(member, call.data) {
            try points.occasion(.profileCompleted, member: member, at: call.now, call)
        }
        try campaigns.welcome(member, call)
        return member
    }

    /// Whether everything is known that a profile asks for: gender, birthday, and a way to reach
    /// the member.
    func isComplete(_ member: RowRef, _ data: DataView) -> Bool {
        let row = data.row(profiles.members.table, member)
        guard row[profiles.members.gender] != .unknown, row[profiles.members.birthday] != nil
        else { return false }
        return profiles.ofMember(member, data).contains { $0.kind == .phone || $0.kind == .email }
    }

    /// Runs what a profile earns that was not complete before a change and is now.
    func noteCompletion(
        of member: RowRef, wasComplete: Bool, _ call: RuleCall
    ) throws(MutationStop) {
        guard !wasComplete, isComplete(member, call.data),
            call.data.row(profiles.members.table, member)[profiles.members.status] == .active
        else { return }
        try points.occasion(.profileCompleted, member: member, at: call.now, call)
    }
}
