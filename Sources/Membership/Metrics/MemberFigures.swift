import Engine
import Store

/// How many members there are, who joined, who was active, and who stayed.
struct MemberFigures: BoundTables {
    let members: MemberTable
    private let activities: ActivityTable
    private let memberships: MembershipTable
    private let types: MembershipTypeTable
    private let graceDays: RowField<Int>
    private let terms: TermTable

    init(_ binder: RuleBinder) {
        members = binder.shared()
        activities = binder.shared()
        memberships = binder.shared()
        types = binder.shared()
        terms = binder.shared()
        graceDays = binder.table("MembershipType")("graceDays")
    }

    /// For each interval, the members who had joined by its end, and those who joined in it.
    func joined(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> (total: [Int], new: [Int]) {
        var before = 0
        var new = Array(repeating: 0, count: time.count)
        try read.walk(members.table) { ref, row in
            guard scope.members.contains(ref) else { return }
            let at = row[members.joinedAt]
            if at < time.start {
                before += 1
            } else if let place = time.place(of: at) {
                new[place] += 1
            }
        }
        var total: [Int] = []
        for count in new {
            before += count
            total.append(before)
        }
        return (total, new)
    }

    /// For each interval, the members with an activity of their own in it.
    func active(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> RowSets {
        var active = RowSets(time.count, of: members.table, read.data)
        try read.walk(activities.table) { _, row in
            guard let place = time.place(of: row[activities.at]),
                row[activities.type].isQualifying
            else { return }
            let member = row[activities.member]
            if scope.members.contains(member) { active.insert(member, into: place) }
        }
        return active
    }

    /// What counts of a membership for who was a member when.
    private struct Held {
        var member = RowRef.none
        var graceDays: Int32 = 0
        var cancelledFrom = Int32.max
        var pausedFrom = Int32.max
        var pausedUntil = Int32.max

        /// Whether terms that reach `day` make a member of its holder.
        func counts(on day: Int32) -> Bool {
            day < cancelledFrom && !(day >= pausedFrom && day <= pausedUntil)
        }
    }

    /// For each day, the members who held a membership on it, by the log of its terms: within a
    /// term, or in the grace after one. Who shares another's holds it as long as that one does.
    ///
    /// No allocation for a row: two walks over memberships, one over terms.
    func current(
        on days: [Int32], _ scope: FigureScope, _ read: FieldRead
    ) throws(FieldStop) -> RowSets {
        let data = read.data
        var current = RowSets(days.count, of: members.table, data)
        var held = RowSets(days.count, of: memberships.table, data)
        var hasTerms = RowSets(of: memberships.table, data)
        var rows: [Held] = []
        try read.walk(memberships.table) { ref, row in
            let number = Int(ref.rawValue)
            while rows.count <= number { rows.append(Held()) }
            guard row[memberships.status] != .deceased else { return }
            rows[number] = Held(
                member: row[memberships.member],
                graceDays: Int32(clamping: data.row(types.table, row[memberships.type])[graceDays]),
                cancelledFrom: row[memberships.cancelledFrom] ?? .max,
                pausedFrom: row[memberships.pausedFrom] ?? .max,
                pausedUntil: row[memberships.pausedUntil] ?? .max)
        }
        func mark(_ membership: RowRef, _ start: Int32, _ end: Int32?) {
            let row = rows[Int(membership.rawValue)]
            guard row.member != .none else { return }
            let last = end.map { Int64($0) + Int64(row.graceDays) } ?? .max
            for (place, day) in days.enumerated()
            where day >= start && Int64(day) <= last && row.counts(on: day) {
                held.insert(membership, into: place)
                if scope.members.contains(row.member) { current.insert(row.member, into: place) }
            }
        }
        try read.walk(terms.table) { _, row in
            let membership = row[terms.membership]
            hasTerms.insert(membership)
            mark(membership, row[terms.startDate], row[terms.endDate])
        }
        try read.walk(memberships.table) { ref, row in
            if let primary = row[memberships.inheritedFrom] {
                let own = rows[Int(ref.rawValue)]
                guard scope.members.contains(own.member) else { return }
                for (place, day) in days.enumerated()
                where held.contains(primary, in: place) && own.counts(on: day)
                    && day >= row[memberships.startDate]
                {
                    current.insert(own.member, into: place)
                }
            } else if !hasTerms.contains(ref), row[memberships.status] != .pending {
                // It came from a file: its dates are its first term.
                mark(ref, row[memberships.startDate], row[memberships.endDate])
            }
        }
        return current
    }

    /// For each interval, of the members at its beginning those at its end.
    func retention(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> [Ratio] {
        let current = try current(on: time.boundaryDays, scope, read)
        return (0..<time.count).map {
            Ratio(current.count(ofBoth: $0, and: $0 + 1), current.count(of: $0))
        }
    }
}

extension ActivityType {
    /// Whether it counts as activity unless told otherwise. What is done to a member, such as a
    /// message or an expiry, does not.
    var isQualifying: Bool {
        switch self {
        case .login, .purchase, .eventCheckedIn, .pointsRedeemed, .posted, .scanned: true
        default: false
        }
    }
}
