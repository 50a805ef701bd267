import Engine
import Store

/// What a program's rows must agree in, whoever writes them: clients change programs, tiers and
/// earning rules by generated mutations, which know nothing of each other's rows.
struct ProgramChecks: BoundTables {
    private let programs: ProgramTable
    private let tiers: TierTable
    private let rules: EarningRuleTable
    private let members: MemberTable

    init(_ binder: RuleBinder) {
        programs = binder.shared()
        tiers = binder.shared()
        rules = binder.shared()
        members = binder.shared()
    }

    /// Judges a row that was written.
    ///
    /// - Throws: `INVALID`.
    func check(_ id: String, _ call: RuleCall) throws(MutationStop) {
        let data = call.data
        if let tier = data.ref(id: id, in: tiers.table) {
            try checkTier(tier, call)
        } else if let rule = data.ref(id: id, in: rules.table) {
            try checkRule(rule, call)
        } else if let program = data.ref(id: id, in: programs.table) {
            try checkProgram(program, call)
        }
    }

    /// I16: ranks rise with thresholds.
    private func checkTier(_ tier: RowRef, _ call: RuleCall) throws(MutationStop) {
        let program = call.data.row(tiers.table, tier)[tiers.program]
        do throws(TierFailure) {
            _ = try programs.tierRules(program, call.data)
        } catch {
            throw call.refuse(RuleCode.invalid.code, error.message, at: "threshold")
        }
    }

    private func checkRule(_ rule: RowRef, _ call: RuleCall) throws(MutationStop) {
        let row = call.data.row(rules.table, rule)
        if (row[rules.pointsPerUnit] ?? 0) > 0, row[rules.unitMinor] == nil {
            throw call.refuse(
                RuleCode.invalid.code, "Points for each unit need the size of a unit.",
                at: "unitMinor")
        }
        guard let condition = row[rules.condition] else { return }
        do throws(FilterFault) {
            _ = try call.data.filter(condition.text, of: members.table)
        } catch {
            throw call.refuse(RuleCode.invalid.code, error.message, at: "condition")
        }
    }

    private func checkProgram(_ program: RowRef, _ call: RuleCall) throws(MutationStop) {
        let zone = programs.zone(of: program, call.data)
        if LocalCalendar(identifier: zone) == nil {
            call.note(
                RuleCode.invalid.code, "\"\(zone)\" is no time zone of the IANA database.",
                at: "timezone")
        }
        if programs.lacksMonths(program, call.data) {
            call.note(
                RuleCode.invalid.code, "Points that lapse so need a number of months.",
                at: "expiryMonths")
        }
        try call.throwIfRefused()
    }
}
