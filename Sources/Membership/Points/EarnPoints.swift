import Engine
import Store

/// Gives points: so many as are given, or what the rules give for an order or of one rule.
struct EarnPoints: MutationRule {
    static let name = "points.earn"

    private let desk: PointsDesk
    private let orders: OrderFigures
    private let memberID: InputField<String>
    private let programID: InputField<String>
    private let points: InputField<Int64?>
    private let orderID: InputField<String?>
    private let ruleID: InputField<String?>
    private let occurredAt: InputField<Int64?>
    private let reason: InputField<String?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        orders = binder.shared()
        memberID = binder.input("memberId")
        programID = binder.input("programId")
        points = binder.input("points")
        orderID = binder.input("orderId")
        ruleID = binder.input("ruleId")
        occurredAt = binder.input("occurredAt")
        reason = binder.input("reason")
        payload = binder.output("account", "entries", "tier")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let member = try books.desk.live(call[memberID], at: "memberId", call)
        let program = try call.row(call[programID], in: books.programs.table, at: "programId")
        var cause = EntryCause(reason: call[reason])
        if let id = call[orderID] { cause.order = try order(id, member, call) }
        let at = call[occurredAt] ?? call.now
        let written: [RowRef]
        if let given = call[points] {
            written = try earn(given, member, program, at: at, cause, call)
        } else if let award = try award(member, program, at: at, cause, call) {
            written = try desk.earn(award, member, program, at: at, cause, call)
        } else {
            written = try earlier(of: cause.order, member, program, call)
        }
        let data = call.data
        call.answer(
            payload, .row(data.find(books.accounts.byOwner, .row(member), .row(program))),
            .rows(written), .row(desk.tiers.assignments.last(member, program, data).ref))
    }

    private func order(_ id: String, _ member: RowRef, _ call: RuleCall) throws(MutationStop)
        -> RowRef
    {
        let order = try call.row(id, in: orders.table, at: "orderId")
        guard call.data.row(orders.table, order)[orders.member] == member else {
            throw call.refuse(
                RuleCode.invalid.code, "The order is another member's.", at: "orderId")
        }
        return order
    }

    /// Points as the client counts them; of a rule, only what its limits leave.
    private func earn(
        _ given: Int64, _ member: RowRef, _ program: RowRef, at: Int64, _ cause: EntryCause,
        _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        var cause = cause
        var points = given
        if let id = call[ruleID] {
            let rule = try rule(id, program, call)
            let candidate = desk.rules.candidate(
                desk.rules.rule(rule, call.data), rule, member, program, at: at,
                desk.books.programs.calendar(of: program, call.data), call.data)
            points = min(given, candidate.allowance ?? given)
            guard points > 0 || given <= 0 else {
                throw desk.books.refusal(.earnLimitReached(asked: given, allowed: 0), call)
            }
            cause.rule = rule
        }
        return try desk.earn(points: points, member, program, at: at, cause, call)
    }

    /// What the rules give; nil for an order that has been rewarded already.
    private func award(
        _ member: RowRef, _ program: RowRef, at: Int64, _ cause: EntryCause, _ call: RuleCall
    ) throws(MutationStop) -> EarningAward? {
        var amount: (minor: Int64, currency: String)?
        if let order = cause.order {
            guard try earlier(of: order, member, program, call).isEmpty else { return nil }
            amount = orders.eligible(order, call.data)
            guard amount != nil else {
                throw call.refuse(
                    RuleCode.invalidTransition.code, "The order is not paid.", at: "orderId")
            }
        }
        guard let id = call[ruleID] else {
            guard cause.order != nil else {
                throw call.refuse(
                    RuleCode.required.code, "Points, an order or a rule must be given.",
                    at: "points")
            }
            return try desk.rules.award(
                .orderPaid, member, program, at: at, amount: amount, desk.tiers, call.data, call)
        }
        let rule = try rule(id, program, call)
        let trigger = call.data.row(desk.rules.table, rule)[desk.rules.trigger]
        let award: EarningAward
        do throws(PointsFailure) {
            award = try desk.rules.award(
                [rule], trigger, member, program, at: at, amount: amount, desk.tiers, call.data)
            if let failure = award.failure { throw failure }
        } catch {
            throw desk.books.refusal(error, at: "ruleId", call)
        }
        guard award.points > 0 else {
            throw call.refuse(
                RuleCode.notEligible.code, "The rule gives this member nothing now.",
                at: "ruleId")
        }
        return award
    }

    private func rule(_ id: String, _ program: RowRef, _ call: RuleCall) throws(MutationStop)
        -> RowRef
    {
        let rule = try call.row(id, in: desk.rules.table, at: "ruleId")
        guard call.data.row(desk.rules.table, rule)[desk.rules.program] == program else {
            throw call.refuse(
                RuleCode.invalid.code, "The rule belongs to another program.", at: "ruleId")
        }
        return rule
    }

    /// What an order has earned in the program.
    private func earlier(
        of order: RowRef?, _ member: RowRef, _ program: RowRef, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        let books = desk.books
        guard let order,
            let account = call.data.find(books.accounts.byOwner, .row(member), .row(program))
        else { return [] }
        return call.data.rows(books.ofOrder, .row(order)).filter {
            let row = call.data.row(books.entries.table, $0)
            return row[books.entries.account] == account && row[books.entries.type] == .earn
        }
    }
}
