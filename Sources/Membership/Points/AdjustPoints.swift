import Engine
import Store

/// Corrects a balance: staff know more than the rules.
struct AdjustPoints: MutationRule {
    static let name = "points.adjust"

    private let desk: PointsDesk
    private let memberID: InputField<String>
    private let programID: InputField<String>
    private let delta: InputField<Int64>
    private let reason: InputField<String>
    private let allowNegative: InputField<Bool>
    private let expiresAt: InputField<Int64?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        memberID = binder.input("memberId")
        programID = binder.input("programId")
        delta = binder.input("delta")
        reason = binder.input("reason")
        allowNegative = binder.input("allowNegative")
        expiresAt = binder.input("expiresAt")
        payload = binder.output("account", "entries")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let member = try books.desk.live(
            call[memberID], at: "memberId", call, allowsSuspended: true)
        let program = try call.row(call[programID], in: books.programs.table, at: "programId")
        let reason = try call.reason(reason)
        let account = try desk.account(of: member, program, call)
        let (delta, expiresAt) = (call[delta], call[expiresAt])
        if delta == 0 { throw books.refusal(.nonPositiveAmount(0), at: "delta", call) }
        let allowNegative = call[allowNegative]
        let written = try desk.change(account, EntryCause(reason: reason), call) {
            (open: inout OpenAccount) throws(PointsFailure) in
            try open.ledger.adjust(
                by: delta, allowNegative: allowNegative, expiresAt: expiresAt)
        }
        call.answer(payload, .row(account), .rows(written.entries))
    }
}
