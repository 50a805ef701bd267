import Engine
import Store

/// Gives a tier by hand, with a last day and a lock or without.
struct SetTier: MutationRule {
    static let name = "tier.set"

    private let tiers: TierDesk
    private let memberID: InputField<String>
    private let tierID: InputField<String>
    private let validUntil: InputField<Int32?>
    private let lock: InputField<Bool>
    private let reason: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        tiers = binder.shared()
        memberID = binder.input("memberId")
        tierID = binder.input("tierId")
        validUntil = binder.input("validUntil")
        lock = binder.input("lock")
        reason = binder.input("reason")
        payload = binder.output("assignment")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try tiers.desk.live(
            call[memberID], at: "memberId", call, allowsSuspended: true)
        let tier = try call.row(call[tierID], in: tiers.tiers.table, at: "tierId")
        let reason = try call.reason(reason)
        let assignment = try tiers.give(
            tier, to: member, validUntil: call[validUntil], isLocked: call[lock],
            reason: .manual, note: reason, call)
        call.answer(payload, .row(assignment))
    }
}

extension TierDesk {
    /// Gives a tier whatever the metric says.
    ///
    /// - Throws: `INVALID` for a last day that is over.
    @discardableResult
    func give(
        _ tier: RowRef, to member: RowRef, validUntil: Int32? = nil, isLocked: Bool = false,
        reason: TierChangeReason, note: String?, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        let data = call.data
        let program = data.row(tiers.table, tier)[tiers.program]
        let (ref, open, _) = assignments.last(member, program, data)
        let rules: TierRules
        let changes: TierChanges
        do throws(TierFailure) {
            rules = try programs.tierRules(program, data)
            changes = try rules.assign(
                UInt64(tier.rawValue), validUntil: validUntil, isLocked: isLocked, reason: reason,
                after: open, now: call.now)
        } catch {
            var path = "tierId"
            if case .validityOver = error { path = "validUntil" }
            throw refusal(error, at: path, call)
        }
        return try write(changes, after: ref, member, program, rules, note, call)
    }

    /// After two members became one: the higher of their tiers, then judged by what both achieved.
    func merge(_ absorbed: RowRef, into survivor: RowRef, _ call: RuleCall) throws(MutationStop) {
        var programs: [RowRef] = []
        call.data.forEach(self.programs.table) { ref, _ in programs.append(ref) }
        for program in programs.sorted(by: { $0.rawValue < $1.rawValue }) {
            let data = call.data
            let theirs = assignments.last(absorbed, program, data)
            let own = assignments.last(survivor, program, data)
            if let their = theirs.open {
                let tier = RowRef(rawValue: UInt32(truncatingIfNeeded: their.tier))
                let rank = data.row(tiers.table, tier)[tiers.rank]
                let ownRank = own.open.map {
                    data.row(tiers.table, RowRef(rawValue: UInt32(truncatingIfNeeded: $0.tier)))[
                        tiers.rank]
                }
                if ownRank.map({ rank > $0 }) ?? true {
                    let calendar = self.programs.calendar(of: program, data)
                    let today = calendar.day(of: call.now)
                    try give(
                        tier, to: survivor, validUntil: their.validUntil.map { max($0, today) },
                        isLocked: their.isLocked, reason: .merged, note: nil, call)
                }
            }
            if theirs.open != nil || own.open != nil {
                try evaluate(survivor, program, call)
            }
        }
    }
}
