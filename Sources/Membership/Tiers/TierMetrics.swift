import Engine
import Store

/// What a member has achieved, by each of the metrics.
struct TierMetrics: BoundTables {
    private let accounts: AccountTable
    private let entries: EntryTable
    private let activities: ActivityTable
    private let members: MemberTable
    private let orderNet: RowField<Int64>
    private let orders: RuleTable
    private let ordersPaid: RuleIndex
    private let merges: RuleTable
    private let mergesInto: RuleIndex
    private let absorbed: RowField<RowRef>
    private let mergeStatus: EnumField<MergeStatus>

    init(_ binder: RuleBinder) {
        accounts = binder.shared()
        entries = binder.shared()
        activities = binder.shared()
        members = binder.shared()
        let order = binder.table("Order")
        orders = order.table
        orderNet = order("netMinor")
        ordersPaid = order.index(["member"], ordered: "paidAt")
        let merge = binder.table("MemberMerge")
        merges = merge.table
        mergesInto = merge.index(["survivor"], ordered: "at")
        absorbed = merge("absorbed")
        mergeStatus = merge("status")
    }

    /// The metric within a window.
    ///
    /// - Complexity: O(log n) for points from the moment on for which the account keeps their sum,
    ///   and for the active balance; otherwise O(n) for what happened since the window began.
    func achieved(
        _ member: RowRef, _ program: RowRef, _ rules: TierRules, _ window: QualificationWindow,
        _ data: DataView
    ) -> Int64 {
        switch rules.metric {
        case .qualifyingPoints: qualifying(member, program, window, data)
        case .activeBalance:
            account(member, program, data).map {
                data.row(accounts.table, $0)[accounts.active]
            } ?? 0
        case .spend: spend(member, window, data)
        case .visits: visits(member, rules.calendar, window, data)
        }
    }

    /// Has the account keep the sum of the window that today's judgements ask for.
    func refresh(
        _ member: RowRef, _ program: RowRef, _ rules: TierRules, now: Int64, _ call: RuleCall
    ) throws(MutationStop) {
        guard rules.metric == .qualifyingPoints else { return }
        let data = call.data
        guard let account = account(member, program, data) else { return }
        let joined = data.row(members.table, member)[members.joinedAt]
        let window = rules.window(
            on: rules.calendar.day(of: now), joinedOn: rules.calendar.day(of: joined))
        let start = window.instants.lowerBound
        guard data.row(accounts.table, account)[accounts.qualifyingSince] != start else { return }
        let sum = entries.qualifying(of: account, in: start..<Int64.max, data)
        try call.update(accounts.table, account) { row in
            row[accounts.qualifying] = sum
            row[accounts.qualifyingSince] = start
        }
    }

    private func account(_ member: RowRef, _ program: RowRef, _ data: DataView) -> RowRef? {
        data.find(accounts.byOwner, .row(member), .row(program))
    }

    private func qualifying(
        _ member: RowRef, _ program: RowRef, _ window: QualificationWindow, _ data: DataView
    ) -> Int64 {
        var sum: Int64 = 0
        if let account = account(member, program, data) {
            let row = data.row(accounts.table, account)
            // Nothing is dated later than now.
            if row[accounts.qualifyingSince] == window.instants.lowerBound,
                window.instants.upperBound > data.now
            {
                sum = row[accounts.qualifying]
            } else {
                sum = entries.qualifying(of: account, in: window.instants, data)
            }
        }
        // Of members who became one with this one, each entry counts on its own day.
        data.forEach(mergesInto, .row(member)) { _, row in
            if row[mergeStatus] == .merged {
                sum &+= qualifying(row[absorbed], program, window, data)
            }
            return true
        }
        return sum
    }

    /// What paid orders came to, less what was given back.
    private func spend(_ member: RowRef, _ window: QualificationWindow, _ data: DataView) -> Int64 {
        guard !window.instants.isEmpty else { return 0 }
        var sum: Int64 = 0
        data.forEach(
            ordersPaid, .row(member), from: window.instants.lowerBound,
            to: window.instants.upperBound - 1
        ) { _, row in
            sum &+= row[orderNet]
            return true
        }
        return sum
    }

    /// The days with a purchase or an event come to.
    private func visits(
        _ member: RowRef, _ calendar: LocalCalendar, _ window: QualificationWindow,
        _ data: DataView
    ) -> Int64 {
        guard !window.instants.isEmpty else { return 0 }
        var days: Set<Int32> = []
        for type in [ActivityType.purchase, .eventCheckedIn] {
            data.forEach(
                activities.ofMemberAndType, .row(member), activities.type.part(type),
                from: window.instants.lowerBound, to: window.instants.upperBound - 1
            ) { _, row in
                days.insert(calendar.day(of: row[activities.at]))
                return true
            }
        }
        return Int64(days.count)
    }
}
