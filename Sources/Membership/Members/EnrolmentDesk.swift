import Engine
import Store

/// Where members are made, be it one by one or by an import.
struct EnrolmentDesk: BoundTables {
    let profiles: ProfileDesk

    init(_ binder: RuleBinder) {
        profiles = binder.shared()
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
        try profiles.create(profile, home: home, source: source, call)
    }
}
