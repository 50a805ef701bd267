import Engine
import Store

/// Points given, spent and lapsed; what members answered; events and coupons.
struct FlowFigures: BoundTables {
    private let entries: EntryTable
    private let feedback: FeedbackTable
    private let events: EventTable
    private let registrations: RegistrationTable
    private let coupons: CouponTable

    init(_ binder: RuleBinder) {
        entries = binder.shared()
        feedback = binder.shared()
        events = binder.shared()
        registrations = binder.shared()
        coupons = binder.shared()
    }

    /// Points in an interval, and how many entries they are made of.
    struct Points {
        var issued: Int64 = 0
        var issuedCount = 0
        /// Less what was given back.
        var redeemed: Int64 = 0
        var redeemedCount = 0
        var expired: Int64 = 0
        var expiredCount = 0
    }

    /// For each interval, by when it happened.
    func points(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> [Points] {
        var points = Array(repeating: Points(), count: time.count)
        try read.walk(entries.table) { _, row in
            guard let place = time.place(of: row[entries.at]) else { return }
            switch row[entries.type] {
            case .earn:
                guard scope.members.contains(row[entries.member]) else { return }
                // Pending ones are given too; they become active by an entry of their own.
                points[place].issued &+= row[entries.delta] &+ row[entries.pendingDelta]
                points[place].issuedCount += 1
            case .redeem, .redeemReversal:
                guard scope.members.contains(row[entries.member]) else { return }
                points[place].redeemed &-= row[entries.delta]
                points[place].redeemedCount += 1
            case .expire:
                guard scope.members.contains(row[entries.member]) else { return }
                points[place].expired &-= row[entries.delta]
                points[place].expiredCount += 1
            default: return
            }
        }
        return points
    }

    /// For each interval, the answers to a question on a scale.
    func answers(
        to kind: FeedbackKind, _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> [Satisfaction] {
        var scores: [[Int]] = Array(repeating: [], count: time.count)
        var visited = 0
        read.data.forEach(
            feedback.ofKind, feedback.kind.part(kind), from: time.start, to: time.end - 1
        ) { _, row in
            visited += 1
            if scope.members.contains(row[feedback.member]), let score = row[feedback.score],
                let place = time.place(of: row[feedback.at])
            {
                scores[place].append(score)
            }
            return true
        }
        try read.visit(visited)
        return scores.map { Satisfaction($0) }
    }

    /// Events that began in the span and took place, and registrations of those who came.
    func events(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> (events: Int, attendance: Int) {
        var found = RowSets(of: events.table, read.data)
        var count = 0
        try read.walk(events.table) { ref, row in
            guard time.place(of: row[events.startsAt]) != nil,
                scope.chapters?.contains(row[events.chapter]) ?? true
            else { return }
            switch row[events.status] {
            case .draft, .cancelled: return
            case .published, .registrationClosed, .running, .finished:
                count += 1
                found.insert(ref)
            }
        }
        var attendance = 0
        try read.walk(registrations.table) { _, row in
            if row[registrations.status] == .attended, found.contains(row[registrations.event]) {
                attendance += 1
            }
        }
        return (count, attendance)
    }

    /// Coupons that members used in the span.
    func couponsRedeemed(
        _ scope: FigureScope, _ time: Timeline, _ read: FieldRead
    ) throws(FieldStop) -> Int {
        var count = 0
        try read.walk(coupons.table) { _, row in
            guard let at = row[coupons.redeemedAt], time.place(of: at) != nil,
                let member = row[coupons.member], scope.members.contains(member)
            else { return }
            count += 1
        }
        return count
    }
}
