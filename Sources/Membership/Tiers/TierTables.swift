import Engine
import Store

extension QualificationMetric: SchemaEnum {}
extension QualificationPeriod: SchemaEnum {}
extension DowngradePolicy: SchemaEnum {}
extension TierChangeReason: SchemaEnum {}
extension ReturnPolicy: SchemaEnum {}
extension ExpiryRule.Rounding: SchemaEnum {}

/// When points lapse, as a program's row says it.
enum ExpiryPolicy: String, CaseIterable, SchemaEnum {
    case never = "NEVER"
    case rolling = "ROLLING"
    case calendar = "CALENDAR"
    case inactivity = "INACTIVITY"
}

/// The rows of programs and their levels, as the rules that they stand for.
struct ProgramTable: BoundTables {
    let table: RuleTable
    let name: RowField<String>
    let isDefault: RowField<Bool>
    let active: RowField<Bool>
    private let timezone: RowField<String>
    private let pendingDays: RowField<Int>
    private let expiryPolicy: EnumField<ExpiryPolicy>
    private let expiryMonths: RowField<Int?>
    private let rounding: EnumField<ExpiryRule.Rounding>
    private let restoreGraceDays: RowField<Int>
    private let returnPolicy: EnumField<ReturnPolicy>
    let expectedRedemptionRate: RowField<Double?>
    private let metric: EnumField<QualificationMetric>
    private let period: EnumField<QualificationPeriod>
    private let tierValidityMonths: RowField<Int>
    private let graceDays: RowField<Int>
    private let downgradePolicy: EnumField<DowngradePolicy>
    private let tiers: TierTable
    private let calendars: ChapterCalendars

    init(_ binder: RuleBinder) {
        let row = binder.table("LoyaltyProgram")
        table = row.table
        name = row("name")
        isDefault = row("isDefault")
        active = row("active")
        timezone = row("timezone")
        pendingDays = row("pendingDays")
        expiryPolicy = row("expiryPolicy")
        expiryMonths = row("expiryMonths")
        rounding = row("rounding")
        restoreGraceDays = row("restoreGraceDays")
        returnPolicy = row("returnPolicy")
        expectedRedemptionRate = row("expectedRedemptionRate")
        metric = row("metric")
        period = row("period")
        tierValidityMonths = row("tierValidityMonths")
        graceDays = row("graceDays")
        downgradePolicy = row("downgradePolicy")
        tiers = binder.shared()
        calendars = binder.shared()
    }

    /// The name of a program's time zone.
    func zone(of program: RowRef, _ data: DataView) -> String {
        data.row(table, program)[timezone]
    }

    /// Whether a program's points lapse after months of which it does not say how many.
    func lacksMonths(_ program: RowRef, _ data: DataView) -> Bool {
        let row = data.row(table, program)
        return ExpiryRule(
            policy: row[expiryPolicy].rawValue, months: row[expiryMonths], rounding: row[rounding])
            == nil
    }

    /// What counts towards a level.
    func metric(of program: RowRef, _ data: DataView) -> QualificationMetric {
        data.row(table, program)[metric]
    }

    /// The open programs whose levels follow one of these metrics, in the order of their creation.
    func judged(by metrics: [QualificationMetric], _ data: DataView) -> [RowRef] {
        var found: [(creation: UInt32, ref: RowRef)] = []
        data.forEach(table) { ref, row in
            if row[active], metrics.contains(row[metric]) { found.append((row.creation, ref)) }
        }
        return found.sorted { $0.creation < $1.creation }.map(\.ref)
    }

    func calendar(of program: RowRef, _ data: DataView) -> LocalCalendar {
        calendars.calendar(zone: data.row(table, program)[timezone])
    }

    /// What a program says about points. A policy that lacks its months lets nothing lapse.
    func points(_ program: RowRef, _ data: DataView) -> PointsProgram {
        let row = data.row(table, program)
        return PointsProgram(
            isOpen: row[active], calendar: calendars.calendar(zone: row[timezone]),
            pendingDays: row[pendingDays],
            expiry: ExpiryRule(
                policy: row[expiryPolicy].rawValue, months: row[expiryMonths],
                rounding: row[rounding]) ?? .never,
            returnPolicy: row[returnPolicy], restoreGraceDays: row[restoreGraceDays])
    }

    /// What a program says about levels.
    ///
    /// - Throws: `noLevels`, `levelsOutOfOrder`.
    func tierRules(_ program: RowRef, _ data: DataView) throws(TierFailure) -> TierRules {
        var levels: [TierLevel] = []
        data.forEach(tiers.byRank, .row(program)) { ref, row in
            levels.append(tiers.level(ref, row))
            return true
        }
        let row = data.row(table, program)
        return try TierRules(
            levels: levels, metric: row[metric], period: row[period],
            validityMonths: row[tierValidityMonths], graceDays: row[graceDays],
            downgrade: row[downgradePolicy], calendar: calendars.calendar(zone: row[timezone]))
    }
}

/// The rows of levels.
struct TierTable: BoundTables {
    let table: RuleTable
    let program: RowField<RowRef>
    let name: RowField<String>
    let rank: RowField<Int>
    let threshold: RowField<Int64>
    let retainThreshold: RowField<Int64?>
    let multiplierBps: RowField<Int>
    let downgradable: RowField<Bool>
    let byRank: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Tier")
        table = row.table
        program = row("program")
        name = row("name")
        rank = row("rank")
        threshold = row("threshold")
        retainThreshold = row("retainThreshold")
        multiplierBps = row("multiplierBps")
        downgradable = row("downgradable")
        byRank = row.index(["program"], ordered: "rank")
    }

    func level(_ ref: RowRef, _ row: RowView) -> TierLevel {
        TierLevel(
            ref: UInt64(ref.rawValue), rank: row[rank], threshold: row[threshold],
            retainThreshold: row[retainThreshold], multiplierBps: Int64(row[multiplierBps]),
            isDowngradable: row[downgradable])
    }
}

/// Who held which level from when to when.
struct AssignmentTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let program: RowField<RowRef>
    let tier: RowField<RowRef>
    let previousTier: RowField<RowRef?>
    let reason: EnumField<TierChangeReason>
    let effectiveFrom: RowField<Int64>
    let effectiveTo: RowField<Int64?>
    let validUntil: RowField<Int32?>
    let graceUntil: RowField<Int32?>
    let locked: RowField<Bool>
    let changesAt: RowField<Int64?>
    let note: RowField<String?>
    let history: RuleIndex
    let byChange: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("TierAssignment")
        table = row.table
        member = row("member")
        program = row("program")
        tier = row("tier")
        previousTier = row("previousTier")
        reason = row("reason")
        effectiveFrom = row("effectiveFrom")
        effectiveTo = row("effectiveTo")
        validUntil = row("validUntil")
        graceUntil = row("graceUntil")
        locked = row("locked")
        changesAt = row("changesAt")
        note = row("note")
        history = row.index(["member", "program"], ordered: "effectiveFrom")
        byChange = row.index([], ordered: "changesAt")
    }

    func assignment(_ row: RowView) -> TierAssignment {
        TierAssignment(
            tier: UInt64(row[tier].rawValue),
            previousTier: row[previousTier].map { UInt64($0.rawValue) }, reason: row[reason],
            effectiveFrom: row[effectiveFrom], effectiveTo: row[effectiveTo],
            validUntil: row[validUntil], graceUntil: row[graceUntil], isLocked: row[locked])
    }

    /// The last row of a member's history and the one before it.
    func last(_ member: RowRef, _ program: RowRef, _ data: DataView) -> (
        ref: RowRef?, open: TierAssignment?, previous: TierAssignment?
    ) {
        var refs: [RowRef] = []
        var rows: [TierAssignment] = []
        data.forEach(history, .row(member), .row(program), reversed: true) { ref, row in
            refs.append(ref)
            rows.append(assignment(row))
            return rows.count < 2
        }
        guard let open = rows.first, open.effectiveTo == nil else {
            return (nil, nil, rows.first)
        }
        return (refs[0], open, rows.count > 1 ? rows[1] : nil)
    }

    /// The level held at an instant.
    func tier(of member: RowRef, _ program: RowRef, at instant: Int64, _ data: DataView) -> RowRef?
    {
        var tier: RowRef?
        data.forEach(history, .row(member), .row(program), to: instant, reversed: true) { _, row in
            if row[effectiveTo].map({ instant < $0 }) ?? true { tier = row[self.tier] }
            return false
        }
        return tier
    }
}
