import Engine
import Store

/// Gives points to another member.
struct TransferPoints: MutationRule {
    static let name = "points.transfer"

    private let desk: PointsDesk
    private let fromID: InputField<String>
    private let toID: InputField<String>
    private let programID: InputField<String>
    private let points: InputField<Int64>
    private let reason: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        fromID = binder.input("fromMemberId")
        toID = binder.input("toMemberId")
        programID = binder.input("programId")
        points = binder.input("points")
        reason = binder.input("reason")
        payload = binder.output("from", "to", "entries")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let giver = try books.desk.live(call[fromID], at: "fromMemberId", call)
        let receiver = try books.desk.live(call[toID], at: "toMemberId", call)
        let program = try call.row(call[programID], in: books.programs.table, at: "programId")
        let reason = try call.reason(reason)
        if giver == receiver { throw books.refusal(.transferToSelf, call) }
        let from = try desk.account(of: giver, program, call)
        let to = try desk.account(of: receiver, program, call)
        let points = call[points]
        let done = try desk.transfer(from: from, to: to, reason, call) {
            (from: inout PointsLedger, to: inout PointsLedger) throws(PointsFailure) in
            try from.transfer(points: points, to: &to)
        }
        call.answer(
            payload, .row(from), .row(to), .rows(done.sent.entries + done.received.entries))
    }
}
