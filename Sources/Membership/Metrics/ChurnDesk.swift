import Engine
import Store
import Synchronization

/// Gathers what is known about a member for the churn warning.
struct ChurnDesk: BoundTables {
    private let members: MemberTable
    private let activities: ActivityTable
    private let purchases: PurchaseFigures
    private let feedback: FeedbackTable
    private let memberships: MembershipTable
    private let calendars: ChapterCalendars
    private let usual = Remembered<Double?>()

    /// So many orders back, the usual interval is looked for.
    private static let ordersMax = 10

    init(_ binder: RuleBinder) {
        members = binder.shared()
        activities = binder.shared()
        purchases = binder.shared()
        feedback = binder.shared()
        memberships = binder.shared()
        calendars = binder.shared()
    }

    /// The churn warning of a member as of now.
    func signal(of member: RowRef, _ read: FieldRead) throws(FieldStop) -> ChurnSignal {
        let data = read.data
        let row = data.row(members.table, member)
        let calendar = calendars.calendar(of: row[members.homeChapter], data)
        var facts = ChurnFacts(
            lastActive: calendar.day(of: row[members.lastActiveAt] ?? row[members.joinedAt]))
        facts.orderDays = orderDays(of: member, calendar, data)
        facts.lastLogin = data.rows(
            activities.ofMemberAndType, .row(member), activities.type.part(.login), to: read.now,
            reversed: true, limit: 1
        ).first.map { calendar.day(of: data.row(activities.table, $0)[activities.at]) }
        addFeedback(of: member, calendar, data, to: &facts)
        addMembership(of: member, data, to: &facts)
        try read.visit(facts.orderDays.count + 4)
        if facts.orderDays.count < 3 { facts.usualInterval = try usualInterval(read) }
        return ChurnSignal(facts, on: calendar.day(of: read.now))
    }

    private func orderDays(
        of member: RowRef, _ calendar: LocalCalendar, _ data: DataView
    ) -> [Int32] {
        var days: [Int32] = []
        data.forEach(purchases.orders.ofMember, .row(member), reversed: true) { _, row in
            if purchases.isBought(row) {
                days.append(calendar.day(of: row[purchases.orders.placedAt]))
            }
            return days.count < ChurnDesk.ordersMax
        }
        return days
    }

    private func addFeedback(
        of member: RowRef, _ calendar: LocalCalendar, _ data: DataView, to facts: inout ChurnFacts
    ) {
        data.forEach(
            feedback.ofMemberAndKind, .row(member), feedback.kind.part(.complaint), reversed: true
        ) { _, row in
            facts.hasOpenComplaint = row[feedback.resolvedAt] == nil
            return !facts.hasOpenComplaint
        }
        data.forEach(
            feedback.ofMemberAndKind, .row(member), feedback.kind.part(.nps), reversed: true
        ) { _, row in
            facts.lastScore = row[feedback.score].map {
                GivenScore(score: $0, day: calendar.day(of: row[feedback.at]))
            }
            return false
        }
    }

    /// The membership that ends first, of those that are held.
    private func addMembership(of member: RowRef, _ data: DataView, to facts: inout ChurnFacts) {
        data.forEach(memberships.ofMember, .row(member)) { _, row in
            if row[memberships.status].isCurrent, let end = row[memberships.endDate],
                end < facts.membershipEnd ?? .max
            {
                facts.membershipEnd = end
                facts.autoRenews = row[memberships.autoRenew]
            }
            return true
        }
    }

    /// What is usual in the club, for who has bought too seldom to tell: the median of all members'
    /// own intervals. Worked out once for each version.
    private func usualInterval(_ read: FieldRead) throws(FieldStop) -> Double? {
        try usual.value(for: mark(read)) { () throws(FieldStop) in
            let orders = purchases.orders
            var days: [RowRef: [Int32]] = [:]
            try read.walk(orders.table) { _, row in
                guard let member = row[orders.member], purchases.isBought(row) else { return }
                let chapter = read.data.row(members.table, member)[members.homeChapter]
                days[member, default: []].append(
                    calendars.calendar(of: chapter, read.data).day(of: row[orders.placedAt]))
            }
            // In thousandths of a day: medians of whole days lie at halves.
            let gaps = days.values.filter { $0.count >= 3 }.compactMap {
                ChurnSignal.expectedInterval(ChurnFacts(orderDays: $0, lastActive: 0))
            }.map { Int64($0 * 1_000) }
            return Median.of(gaps).map { $0 / 1_000 }
        }
    }

    /// Of one version; within a transaction also of how far it has come, for nothing is bought or
    /// given back without a line of the timeline.
    func mark(_ read: FieldRead) -> VersionMark {
        VersionMark(
            sequence: read.data.version.sequence,
            activities: read.data.version.table(activities.table.id).nextCreation,
            orders: read.data.version.table(purchases.orders.table.id).nextCreation)
    }
}

/// Which state of the data something was worked out from.
struct VersionMark: Hashable, Sendable {
    var sequence: UInt64
    var activities: UInt64
    var orders: UInt64
    /// What else it goes by.
    var day: Int32 = 0
}

/// Something that is the same for every row of one version.
final class Remembered<Value: Sendable>: Sendable {
    private let last = Mutex<(mark: VersionMark, value: Value)?>(nil)

    func value(
        for mark: VersionMark, _ make: () throws(FieldStop) -> Value
    ) throws(FieldStop) -> Value {
        if let known = last.withLock({ $0?.mark == mark ? $0?.value : nil }) { return known }
        let value = try make()
        last.withLock { $0 = (mark, value) }
        return value
    }
}

/// `Member.churn`: how likely the member is to leave, and why.
struct MemberChurn: FieldRule {
    static let name = "member.churn"

    private let desk: ChurnDesk
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        shape = binder.output("risk", "score", "reasons", "daysInactive", "expectedIntervalDays")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let signal = try desk.signal(of: read.owner, read)
        return shape.object(
            .enum(signal.risk), .double(signal.score),
            .list(signal.reasons.map { .string($0.text) }), .int(signal.daysInactive),
            .double(signal.expectedIntervalDays))
    }
}

extension ChurnReason {
    /// For people.
    var text: String {
        switch self {
        case .quietForLong(let days, let expected):
            "nothing for \(days) days, where \(ChurnReason.rounded(expected)) are usual"
        case .noLogin(nil): "no login yet"
        case .noLogin(let days?): "no login for \(days) days"
        case .openComplaint: "an open complaint"
        case .lowScore(let score): "would recommend the club with \(score) of 10"
        case .membershipEnds(0): "the membership ends today and does not renew by itself"
        case .membershipEnds(let days):
            "the membership ends in \(days) days and does not renew by itself"
        }
    }

    /// With one decimal, and none when that is 0.
    private static func rounded(_ number: Double) -> String {
        let tenths = Int64(clamping: Int((number * 10).rounded()))
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
