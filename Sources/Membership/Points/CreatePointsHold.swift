import Engine
import Store

/// Sets points aside for a purchase that is under way.
struct CreatePointsHold: MutationRule {
    static let name = "points.hold"

    private let desk: PointsDesk
    private let memberID: InputField<String>
    private let programID: InputField<String>
    private let points: InputField<Int64>
    private let ttlSeconds: InputField<Int>
    private let reason: InputField<String?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        memberID = binder.input("memberId")
        programID = binder.input("programId")
        points = binder.input("points")
        ttlSeconds = binder.input("ttlSeconds")
        reason = binder.input("reason")
        payload = binder.output("hold", "account")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let books = desk.books
        let member = try books.desk.live(call[memberID], at: "memberId", call)
        let program = try call.row(call[programID], in: books.programs.table, at: "programId")
        let account = try desk.account(of: member, program, call)
        let (points, milliseconds) = (call[points], Int64(call[ttlSeconds]) &* 1_000)
        let written = try desk.change(account, EntryCause(), holdReason: call[reason], call) {
            (open: inout OpenAccount) throws(PointsFailure) in
            try open.ledger.hold(points: points, forMilliseconds: milliseconds)
        }
        call.answer(payload, .row(written.holds.first), .row(account))
    }
}
