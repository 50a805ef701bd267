import Engine
import Store

/// Asks for a membership. What costs nothing and needs no approval counts at once.
struct ApplyMembership: MutationRule {
    static let name = "memberships.apply"

    private let member: InputField<String>
    private let typeCode: InputField<String>
    private let startDate: InputField<Int32?>
    private let terms: InputField<Int>
    private let holdings: HoldingDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        member = binder.input("memberId")
        typeCode = binder.input("typeCode")
        startDate = binder.input("startDate")
        terms = binder.input("terms")
        holdings = binder.shared()
        payload = binder.output("membership", "term")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try holdings.desk.live(call[member], at: "memberId", call)
        let type = try holdings.type(code: call[typeCode], at: "typeCode", call)
        let data = call.data
        let calendar = holdings.calendar(of: type, data)
        let today = calendar.day(of: call.now)
        let held = data.rows(holdings.memberships.ofMember, .row(member)).map { ref in
            let row = data.row(holdings.memberships.table, ref)
            return HeldMembership(
                key: Int64(ref.rawValue),
                chapter: holdings.types.type(row[holdings.memberships.type], data).chapter,
                status: row[holdings.memberships.status],
                isInherited: row[holdings.memberships.inheritedFrom] != nil)
        }
        let holding = try holdings.decide(at: "typeCode", call) { () throws(TermRefusal) in
            try Holding.applied(
                for: holdings.types.type(type, data), on: today, start: call[startDate],
                count: call[terms], held: held)
        }
        let new = try holdings.insert(holding, of: member, calendar, call)
        call.answer(payload, .row(new.membership), .row(new.term))
    }
}

extension HoldingDesk {
    /// The type with a code that can be sold as it is.
    func type(
        code: String, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        guard let type = call.data.find(types.byCode, .text(code)) else {
            throw call.refuse(
                RuleCode.notFound.code, "No type of membership has this code.", at: field)
        }
        if !types.type(type, call.data).faults.isEmpty {
            throw call.refuse(
                RuleCode.invalid.code, "This type of membership contradicts itself.", at: field)
        }
        return type
    }

    /// The membership that an id means, of a member who is not merged or erased.
    func find(
        _ id: String, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> LoadedHolding {
        let ref = try call.row(id, in: memberships.table, at: field)
        let member = call.data.row(memberships.table, ref)[memberships.member]
        try desk.check(member, at: field, call, allowsSuspended: true)
        return load(ref, call.data)
    }
}
