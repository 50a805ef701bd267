import Engine
import Store

/// Keeps the status of memberships up to the day.
struct MembershipClock: DueRule {
    static let table = "Membership"
    static let field = "changesAt"

    private let holdings: HoldingDesk

    init(_ binder: RuleBinder) {
        holdings = binder.shared()
    }

    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop) {
        _ = try holdings.refresh(row, at: call.now, call)
    }
}

/// `Membership.isCurrent`. I13: new, current and in grace count as held.
struct MembershipIsCurrent: FieldRule {
    static let name = "memberships.isCurrent"

    private let memberships: MembershipTable

    init(_ binder: RuleBinder) {
        memberships = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        .bool(read.data.row(memberships.table, read.owner)[memberships.status].isCurrent)
    }
}

/// `Membership.daysToExpiry`.
struct MembershipDaysToExpiry: FieldRule {
    static let name = "memberships.daysToExpiry"

    private let holdings: HoldingDesk

    init(_ binder: RuleBinder) {
        holdings = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let memberships = holdings.memberships
        let row = read.data.row(memberships.table, read.owner)
        guard let end = row[memberships.endDate] else { return .null }
        let calendar = holdings.calendar(of: row[memberships.type], read.data)
        return .int(Int64(end) - Int64(calendar.day(of: read.now)))
    }
}
