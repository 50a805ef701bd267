import Engine
import Store

/// Lets the terms that wait count, because they were paid or approved. Once: a second call, or a
/// payment that already bought a term, changes nothing.
struct ActivateMembership: MutationRule {
    static let name = "memberships.activate"

    private let id: InputField<String>
    private let payment: InputField<String?>
    private let waived: InputField<Bool>
    private let holdings: HoldingDesk
    private let dues: DuesDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        payment = binder.input("paymentId")
        waived = binder.input("waived")
        holdings = binder.shared()
        dues = binder.shared()
        payload = binder.output("membership", "term")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        let pending = loaded.holding.pending
        let payment = try dues.payment(
            call[payment], for: loaded.ref, pending?.type ?? loaded.holding.type,
            terms: pending?.count ?? 1, at: "paymentId", call)
        call.audit(holdings.memberships.table, loaded.ref)
        let isRenewal = !loaded.holding.terms.isEmpty
        let count = loaded.holding.terms.count
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.activated(
                on: loaded.today, payment: payment.map { Int64($0.rawValue) },
                isWaived: call[waived])
        }
        let term = try holdings.save(loaded, call)
        if isRenewal && loaded.holding.terms.count > count {
            try holdings.noteRenewal(loaded, call)
        }
        call.answer(payload, .row(loaded.ref), .row(term))
    }
}

/// Adds terms after the last one, of the same or another type. What must be paid and is not yet
/// waits, and moves no date.
struct RenewMembership: MutationRule {
    static let name = "memberships.renew"

    private let id: InputField<String>
    private let terms: InputField<Int>
    private let toType: InputField<String?>
    private let payment: InputField<String?>
    private let waived: InputField<Bool>
    private let asOf: InputField<Int32?>
    private let holdings: HoldingDesk
    private let dues: DuesDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        terms = binder.input("terms")
        toType = binder.input("toTypeCode")
        payment = binder.input("paymentId")
        waived = binder.input("waived")
        asOf = binder.input("asOf")
        holdings = binder.shared()
        dues = binder.shared()
        payload = binder.output("membership", "term")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var loaded = try holdings.find(call[id], at: "id", call)
        var other: MembershipType?
        if let code = call[toType] {
            let type = try holdings.type(code: code, at: "toTypeCode", call)
            other = holdings.types.type(type, call.data)
        }
        let payment = try dues.payment(
            call[payment], for: loaded.ref, other ?? loaded.holding.type, terms: call[terms],
            at: "paymentId", call)
        if call.viewer.isMember && (call[waived] || call[asOf] != nil) {
            throw call.forbid("A member neither waives a fee nor says on which day it counts.")
        }
        let day = call[asOf] ?? loaded.today
        if day > loaded.today {
            throw call.refuse(
                RuleCode.invalid.code, "The day of a renewal is not after today.", at: "asOf")
        }
        call.audit(holdings.memberships.table, loaded.ref)
        let count = loaded.holding.terms.count
        loaded.holding = try holdings.decide(at: "id", call) { () throws(TermRefusal) in
            try loaded.holding.renewed(
                call[terms], into: other, on: day, payment: payment.map { Int64($0.rawValue) },
                isWaived: call[waived])
        }
        let term = try holdings.save(loaded, call)
        if loaded.holding.terms.count > count { try holdings.noteRenewal(loaded, call) }
        call.answer(payload, .row(loaded.ref), .row(term))
    }
}

extension HoldingDesk {
    func noteRenewal(_ loaded: LoadedHolding, _ call: RuleCall) throws(MutationStop) {
        try desk.note(
            .renewed, of: loaded.member, at: call.now,
            subjectID: call.data.id(loaded.ref, of: memberships.table), call)
    }
}
