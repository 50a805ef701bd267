import Engine
import Store

/// Bars a member from taking part: earning, redeeming, registering, being written to.
struct SuspendMember: MutationRule {
    static let name = "members.suspend"

    private let id: InputField<String>
    private let reason: InputField<String>
    private let desk: MemberDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        reason = binder.input("reason")
        desk = binder.shared()
        payload = binder.output("member")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try call.row(call[id], in: desk.members.table, at: "id")
        let reason = call[reason]
        let next = try desk.next(member, call) { standing throws(MemberRefusal) in
            try standing.suspended(reason: reason)
        }
        try desk.write(next, of: member, reason: Identity.trimmed(reason), call)
        call.answer(payload, .row(member))
    }
}

/// Lets a suspended member take part again.
struct ReinstateMember: MutationRule {
    static let name = "members.reinstate"

    private let id: InputField<String>
    private let desk: MemberDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        desk = binder.shared()
        payload = binder.output("member")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try call.row(call[id], in: desk.members.table, at: "id")
        let next = try desk.next(member, call) { standing throws(MemberRefusal) in
            try standing.reinstated()
        }
        try desk.write(next, of: member, reason: nil, call)
        call.answer(payload, .row(member))
    }
}

extension MemberDesk {
    /// What a member's standing becomes by a change.
    func next(
        _ member: RowRef, _ call: RuleCall,
        _ change: (MemberStanding) throws(MemberRefusal) -> MemberStanding
    ) throws(MutationStop) -> MemberStanding {
        do throws(MemberRefusal) {
            return try change(standing(member, call.data))
        } catch {
            let field = error == .reasonMissing ? "reason" : "id"
            throw call.refuse(error.code.code, message(error, member, call.data), at: field)
        }
    }

    func write(
        _ standing: MemberStanding, of member: RowRef, reason: String?, _ call: RuleCall
    ) throws(MutationStop) {
        call.audit(members.table, member)
        try call.update(members.table, member, isPatch: true) { row in
            row[members.status] = standing.status
            row[members.statusReason] = reason
        }
    }
}
