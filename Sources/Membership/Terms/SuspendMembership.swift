import Engine
import Store

/// Pauses a membership from today on.
struct SuspendMembership: MutationRule {
    static let name = "memberships.suspend"

    private let id: InputField<String>
    private let until: InputField<Int32?>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        until = binder.input("until")
        holdings = binder.shared()
        payload = binder.output("membership")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        call.audit(holdings.memberships.table, loaded.ref)
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.suspended(on: loaded.today, until: call[until])
        }
        try holdings.save(loaded, call)
        call.answer(payload, .row(loaded.ref))
    }
}

/// Ends the pause of a membership, and may give its days back.
struct ResumeMembership: MutationRule {
    static let name = "memberships.resume"

    private let id: InputField<String>
    private let isExtended: InputField<Bool>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        isExtended = binder.input("extendByPausedDays")
        holdings = binder.shared()
        payload = binder.output("membership", "term")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        call.audit(holdings.memberships.table, loaded.ref)
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.resumed(on: loaded.today, isExtended: call[isExtended])
        }
        let term = try holdings.save(loaded, call)
        call.answer(payload, .row(loaded.ref), .row(term))
    }
}
