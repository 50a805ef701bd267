import Engine
import Store

/// The rows of earning rules, and what they give.
struct EarningRuleTable: BoundTables {
    let table: RuleTable
    let program: RowField<RowRef>
    let name: RowField<String>
    let trigger: EnumField<EarningTrigger>
    let condition: RowField<JSONDocument?>
    let pointsFixed: RowField<Int64?>
    let pointsPerUnit: RowField<Int?>
    let unitMinor: RowField<Int64?>
    let currency: RowField<String?>
    let maxPerDay: RowField<Int64?>
    let maxPerMember: RowField<Int64?>
    let priority: RowField<Int>
    let stackable: RowField<Bool>
    let activeFrom: RowField<Int64?>
    let activeTo: RowField<Int64?>
    let active: RowField<Bool>
    let byTrigger: RuleIndex
    let ofTrigger: RuleIndex

    private let accounts: AccountTable
    private let entries: EntryTable
    private let members: MemberTable
    private let programTable: ProgramTable

    init(_ binder: RuleBinder) {
        let row = binder.table("EarningRule")
        table = row.table
        program = row("program")
        name = row("name")
        trigger = row("trigger")
        condition = row("condition")
        pointsFixed = row("pointsFixed")
        pointsPerUnit = row("pointsPerUnit")
        unitMinor = row("unitMinor")
        currency = row("currency")
        maxPerDay = row("maxPerDay")
        maxPerMember = row("maxPerMember")
        priority = row("priority")
        stackable = row("stackable")
        activeFrom = row("activeFrom")
        activeTo = row("activeTo")
        active = row("active")
        byTrigger = row.index(["program", "trigger"], ordered: "priority")
        ofTrigger = row.index(["trigger"], ordered: "priority")
        accounts = binder.shared()
        entries = binder.shared()
        members = binder.shared()
        programTable = binder.shared()
    }

    func rule(_ ref: RowRef, _ data: DataView) -> EarningRule {
        let row = data.row(table, ref)
        return EarningRule(
            ref: UInt64(ref.rawValue), trigger: row[trigger], pointsFixed: row[pointsFixed],
            pointsPerUnit: row[pointsPerUnit].map { Int64($0) }, unitMinor: row[unitMinor],
            maxPerDay: row[maxPerDay], maxPerMember: row[maxPerMember], priority: row[priority],
            isStackable: row[stackable], activeFrom: row[activeFrom], activeTo: row[activeTo],
            isActive: row[active])
    }

    /// The programs that have rules for something that happens, in the order of their creation.
    func programs(with trigger: EarningTrigger, _ data: DataView) -> [RowRef] {
        var found: [RowRef] = []
        data.forEach(ofTrigger, self.trigger.part(trigger)) { _, row in
            if row[active], !found.contains(row[program]) { found.append(row[program]) }
            return true
        }
        return found.sorted {
            data.row(programTable.table, $0).creation < data.row(programTable.table, $1).creation
        }
    }

    /// What a program's rules give a member for something that happened.
    ///
    /// - Throws: `INVALID` for amounts beyond what points can be.
    func award(
        _ trigger: EarningTrigger, _ member: RowRef, _ program: RowRef, at: Int64,
        amount: (minor: Int64, currency: String)?, _ tiers: TierDesk, _ data: DataView,
        _ call: RuleCall
    ) throws(MutationStop) -> EarningAward {
        do throws(PointsFailure) {
            return try award(
                data.rows(byTrigger, .row(program), self.trigger.part(trigger)), trigger, member,
                program, at: at, amount: amount, tiers, data)
        } catch {
            throw call.refuse(RuleCode.invalid.code, error.message, at: "points")
        }
    }

    /// What certain rules of a program give a member.
    func award(
        _ rules: [RowRef], _ trigger: EarningTrigger, _ member: RowRef, _ program: RowRef,
        at: Int64, amount: (minor: Int64, currency: String)?, _ tiers: TierDesk, _ data: DataView
    ) throws(PointsFailure) -> EarningAward {
        let calendar = programTable.calendar(of: program, data)
        let multiplier = tiers.multiplier(member, program, at: at, data)
        var candidates: [EarningCandidate] = []
        for ref in rules {
            let rule = rule(ref, data)
            guard rule.applies(to: trigger, at: at), holds(ref, for: member, amount, data) else {
                continue
            }
            candidates.append(candidate(rule, ref, member, program, at: at, calendar, data))
        }
        let occasion = EarningOccasion(
            trigger: trigger, at: at, eligibleMinor: amount?.minor ?? 0, multiplierBps: multiplier)
        return try EarningAward(occasion, candidates: candidates)
    }

    /// A rule with what it has given the member already.
    func candidate(
        _ rule: EarningRule, _ ref: RowRef, _ member: RowRef, _ program: RowRef, at: Int64,
        _ calendar: LocalCalendar, _ data: DataView
    ) -> EarningCandidate {
        guard rule.maxPerDay != nil || rule.maxPerMember != nil,
            let account = data.find(accounts.byOwner, .row(member), .row(program))
        else { return EarningCandidate(rule) }
        let day = EarningOccasion(trigger: rule.trigger, at: at).day(in: calendar)
        var thatDay: Int64 = 0
        var ever: Int64 = 0
        let from = rule.maxPerMember == nil ? day.lowerBound : nil
        data.forEach(entries.ofRule, .row(account), .row(ref), from: from) { _, row in
            guard row[entries.type] == .earn else { return true }
            let points = row[entries.delta] &+ row[entries.pendingDelta]
            ever &+= points
            if day.contains(row[entries.at]) { thatDay &+= points }
            return true
        }
        return EarningCandidate(rule, givenThatDay: thatDay, givenEver: ever)
    }

    /// Whether the member and the currency are among those that a rule is for. A condition that is
    /// no filter of members is for nobody.
    private func holds(
        _ ref: RowRef, for member: RowRef, _ amount: (minor: Int64, currency: String)?,
        _ data: DataView
    ) -> Bool {
        let row = data.row(table, ref)
        if let currency = row[currency], let amount, amount.currency != currency { return false }
        guard let condition = row[condition] else { return true }
        let id = data.id(member, of: members.table)
        let filter = #"{"and":[{"id":{"eq":"\#(id)"}},\#(condition.text)]}"#
        guard let saved = try? data.filter(filter, of: members.table) else { return false }
        return data.rows(saved) == [member]
    }
}
