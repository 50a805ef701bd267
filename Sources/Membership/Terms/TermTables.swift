import Engine
import Store

extension PeriodType: SchemaEnum {}
extension DurationUnit: SchemaEnum {}
extension TermKind: SchemaEnum {}
extension CancelMode: SchemaEnum {}
extension MembershipStatus: SchemaEnum {}

/// The kinds of membership.
struct MembershipTypeTable: BoundTables {
    let table: RuleTable
    let chapter: RowField<RowRef>
    let byCode: RuleKey
    private let fee: ValueField<Amount>
    private let periodType: EnumField<PeriodType>
    private let durationUnit: EnumField<DurationUnit>
    private let durationInterval: RowField<Int>
    private let visits: RowField<Int?>
    private let fixedStart: RowField<String?>
    private let rollover: RowField<String?>
    private let newDays: RowField<Int>
    private let graceDays: RowField<Int>
    private let autoRenew: RowField<Bool>
    private let requiresApproval: RowField<Bool>
    private let inheritedMax: RowField<Int?>
    private let allowsSeveral: RowField<Bool>
    private let active: RowField<Bool>

    init(_ binder: RuleBinder) {
        let row = binder.table("MembershipType")
        table = row.table
        chapter = row("chapter")
        byCode = row.key("code")
        fee = row("fee")
        periodType = row("periodType")
        durationUnit = row("durationUnit")
        durationInterval = row("durationInterval")
        visits = row("visits")
        fixedStart = row("fixedStartMonthDay")
        rollover = row("rolloverMonthDay")
        newDays = row("newDays")
        graceDays = row("graceDays")
        autoRenew = row("autoRenew")
        requiresApproval = row("requiresApproval")
        inheritedMax = row("maxInherited")
        allowsSeveral = row("allowsSeveral")
        active = row("active")
    }

    /// A row as the rules of terms see it; its key is the row's number.
    func type(_ ref: RowRef, _ data: DataView) -> MembershipType {
        let row = data.row(table, ref)
        return MembershipType(
            key: Int64(ref.rawValue), chapter: Int64(row[chapter].rawValue),
            feeMinor: row[fee]?.minor ?? 0, period: row[periodType], unit: row[durationUnit],
            interval: row[durationInterval], visits: row[visits],
            fixedStart: row[fixedStart].flatMap { FixedDay(parsing: $0) },
            rollover: row[rollover].flatMap { FixedDay(parsing: $0) }, newDays: row[newDays],
            graceDays: row[graceDays], autoRenew: row[autoRenew],
            requiresApproval: row[requiresApproval], inheritedMax: row[inheritedMax],
            isActive: row[active], allowsSeveral: row[allowsSeveral])
    }

    func fee(of ref: RowRef, _ data: DataView) -> Amount {
        data.row(table, ref)[fee] ?? Amount(minor: 0, currency: "")
    }
}

/// What members hold.
struct MembershipTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let type: RowField<RowRef>
    let status: EnumField<MembershipStatus>
    let statusOverride: OptionalEnumField<MembershipStatus>
    let overrideUntil: RowField<Int32?>
    let overrideReason: RowField<String?>
    let joinDate: RowField<Int32>
    let startDate: RowField<Int32>
    let endDate: RowField<Int32?>
    let autoRenew: RowField<Bool>
    let cancelledFrom: RowField<Int32?>
    let cancelReason: RowField<String?>
    let pausedFrom: RowField<Int32?>
    let pausedUntil: RowField<Int32?>
    let visitsLeft: RowField<Int?>
    let pendingTerms: RowField<Int?>
    let pendingType: RowField<RowRef?>
    let pendingStart: RowField<Int32?>
    let needsReview: RowField<Bool>
    let changesAt: RowField<Int64?>
    let inheritedFrom: RowField<RowRef?>
    let ofMember: RuleIndex
    let heirs: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Membership")
        table = row.table
        member = row("member")
        type = row("type")
        status = row("status")
        statusOverride = row("statusOverride")
        overrideUntil = row("overrideUntil")
        overrideReason = row("overrideReason")
        joinDate = row("joinDate")
        startDate = row("startDate")
        endDate = row("endDate")
        autoRenew = row("autoRenew")
        cancelledFrom = row("cancelledFrom")
        cancelReason = row("cancelReason")
        pausedFrom = row("pausedFrom")
        pausedUntil = row("pausedUntil")
        visitsLeft = row("visitsLeft")
        pendingTerms = row("pendingTerms")
        pendingType = row("pendingType")
        pendingStart = row("pendingStart")
        needsReview = row("needsReview")
        changesAt = row("changesAt")
        inheritedFrom = row("inheritedFrom")
        ofMember = row.index(["member"], ordered: "startDate")
        heirs = row.index(["inheritedFrom"])
    }

    /// Whether a member has a membership that ran out, and holds none.
    func isLapsed(_ member: RowRef, _ data: DataView) -> Bool {
        var isLapsed = false
        for ref in data.rows(ofMember, .row(member)) {
            let status = data.row(table, ref)[status]
            if status.isCurrent { return false }
            isLapsed = isLapsed || status == .expired
        }
        return isLapsed
    }
}

/// The terms of memberships.
struct TermTable: BoundTables {
    let table: RuleTable
    let membership: RowField<RowRef>
    let seq: RowField<Int>
    let kind: EnumField<TermKind>
    let type: RowField<RowRef>
    let startDate: RowField<Int32>
    let endDate: RowField<Int32?>
    let payment: RowField<RowRef?>
    let countedOn: RowField<Int32>
    let ofMembership: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("MembershipTerm")
        table = row.table
        membership = row("membership")
        seq = row("seq")
        kind = row("kind")
        type = row("type")
        startDate = row("startDate")
        endDate = row("endDate")
        payment = row("payment")
        countedOn = row("countedOn")
        ofMembership = row.index(["membership"], ordered: "seq")
    }

    func term(_ ref: RowRef, _ data: DataView) -> Term {
        let row = data.row(table, ref)
        return Term(
            seq: row[seq], kind: row[kind], type: Int64(row[type].rawValue),
            dates: TermDates(start: row[startDate], end: row[endDate]),
            payment: row[payment].map { Int64($0.rawValue) }, countedOn: row[countedOn])
    }

    func insert(
        _ term: Term, of membership: RowRef, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        try call.insert(table) { row in
            row[self.membership] = membership
            row[seq] = term.seq
            row[kind] = term.kind
            row[type] = RowRef(key: term.type)
            row[startDate] = term.dates.start
            row[endDate] = term.dates.end
            row[payment] = term.payment.map { RowRef(key: $0) }
            row[countedOn] = term.countedOn
        }
    }
}

extension RowRef {
    /// The row of a key that was made from its number.
    init(key: Int64) {
        self.init(rawValue: UInt32(truncatingIfNeeded: key))
    }
}
