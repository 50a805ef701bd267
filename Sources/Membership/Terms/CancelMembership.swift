import Engine
import Store

/// Ends a membership now, or lets it run to its last day. Nothing is deleted.
struct CancelMembership: MutationRule {
    static let name = "memberships.cancel"

    private let id: InputField<String>
    private let mode: InputField<CancelMode>
    private let reason: InputField<String>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        mode = binder.input("mode")
        reason = binder.input("reason")
        holdings = binder.shared()
        payload = binder.output("membership")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        let reason = Identity.trimmed(call[reason])
        if reason.isEmpty {
            throw call.refuse(RuleCode.required.code, "A reason must be given.", at: "reason")
        }
        call.audit(holdings.memberships.table, loaded.ref)
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.cancelled(call[mode], on: loaded.today)
        }
        try holdings.save(loaded, call) { row in
            row[holdings.memberships.cancelReason] = reason
        }
        call.answer(payload, .row(loaded.ref))
    }
}

/// Says whether a membership renews by itself; the charge is made outside.
struct SetMembershipAutoRenew: MutationRule {
    static let name = "memberships.setAutoRenew"

    private let id: InputField<String>
    private let on: InputField<Bool>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        on = binder.input("on")
        holdings = binder.shared()
        payload = binder.output("membership")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        call.audit(holdings.memberships.table, loaded.ref)
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.renewing(byItself: call[on], on: loaded.today)
        }
        try holdings.save(loaded, call)
        call.answer(payload, .row(loaded.ref))
    }
}
