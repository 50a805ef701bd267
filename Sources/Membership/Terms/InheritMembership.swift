import Engine
import Store

/// Lets another member share a membership: its dates, its status, its end (I14).
struct InheritMembership: MutationRule {
    static let name = "memberships.inherit"

    private let primary: InputField<String>
    private let member: InputField<String>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        primary = binder.input("primaryId")
        member = binder.input("memberId")
        holdings = binder.shared()
        payload = binder.output("membership")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let loaded = try holdings.find(call[primary], at: "primaryId", call)
        let heir = try holdings.desk.live(call[member], at: "memberId", call)
        let memberships = holdings.memberships
        let data = call.data
        var count = 0
        for ref in data.rows(memberships.heirs, .row(loaded.ref)) {
            let row = data.row(memberships.table, ref)
            let status = row[memberships.status]
            if status == .cancelled || status == .deceased { continue }
            count += 1
            if row[memberships.member] == heir {
                throw call.refuse(
                    RuleCode.membershipAlreadyCurrent.code,
                    "The member shares this membership already.", at: "memberId")
            }
        }
        if loaded.member == heir {
            throw call.refuse(
                RuleCode.membershipAlreadyCurrent.code, "The member holds this membership.",
                at: "memberId")
        }
        let holding = try holdings.decide(at: "primaryId", call) { () throws(TermRefusal) in
            try loaded.holding.shared(by: count, on: loaded.today)
        }
        let new = try holdings.insert(holding, of: heir, loaded.calendar, call)
        call.answer(payload, .row(new.membership))
    }
}
