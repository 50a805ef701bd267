import Engine
import Store

/// Says that a reward was handed over; that is final.
struct FulfilReward: MutationRule {
    static let name = "reward.fulfil"

    private let redemptions: RedemptionTable
    private let desk: MemberDesk
    private let redemptionID: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        redemptions = binder.shared()
        desk = binder.shared()
        redemptionID = binder.input("redemptionId")
        payload = binder.output("redemption")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let redemption = try call.row(
            call[redemptionID], in: redemptions.table, at: "redemptionId")
        try redemptions.checkIssued(redemption, desk, call)
        call.audit(redemptions.table, redemption)
        try call.update(redemptions.table, redemption) { row in
            row[redemptions.status] = .fulfilled
            row[redemptions.fulfilledAt] = call.now
        }
        call.answer(payload, .row(redemption))
    }
}

extension RedemptionTable {
    /// - Throws: `INVALID_TRANSITION`, and what the member's status forbids.
    func checkIssued(_ redemption: RowRef, _ desk: MemberDesk, _ call: RuleCall)
        throws(MutationStop)
    {
        let row = call.data.row(table, redemption)
        let status = row[status]
        try desk.check(row[member], at: "redemptionId", call, allowsSuspended: true)
        guard status == .issued else {
            let refusal = RewardRefusal.transition(from: status)
            throw call.refuse(refusal.code.code, refusal.message, at: "redemptionId")
        }
    }
}
