import Engine
import Store

/// Pins a status, or removes the pin.
struct OverrideMembershipStatus: MutationRule {
    static let name = "memberships.overrideStatus"

    private let id: InputField<String>
    private let status: InputField<MembershipStatus?>
    private let until: InputField<Int32?>
    private let reason: InputField<String>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        status = binder.input("status")
        until = binder.input("until")
        reason = binder.input("reason")
        holdings = binder.shared()
        payload = binder.output("membership")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        let reason = Identity.trimmed(call[reason])
        call.audit(holdings.memberships.table, loaded.ref)
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.pinned(
                call[status], until: call[until], reason: reason, on: loaded.today)
        }
        try holdings.save(loaded, call) { row in
            row[holdings.memberships.overrideReason] =
                loaded.holding.pinned == nil ? nil : reason
        }
        call.answer(payload, .row(loaded.ref))
    }
}
