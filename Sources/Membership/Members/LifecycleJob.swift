import Bytes
import Engine
import Store

/// Says where each member stands between joining and leaving, gives birthdays what they earn, and
/// fills the dynamic segments anew, whose filters may ask for any of it.
struct LifecycleJob: Job {
    static let name = JobName.lifecycle

    private let desk: MemberDesk
    private let memberships: MembershipTable
    private let chapters: ChapterCalendars
    private let segments: SegmentDesk
    private let points: PointsDesk
    private let runs: JobRunTable

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        memberships = binder.shared()
        chapters = binder.shared()
        segments = binder.shared()
        points = binder.shared()
        runs = binder.shared()
    }

    private struct Change {
        let member: RowRef
        let from: LifecycleStage
        let to: LifecycleStage
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        let changes = changes(asOf: asOf, call.data)
        for change in changes {
            try call.update(desk.members.table, change.member) { row in
                row[desk.members.lifecycleStage] = change.to
            }
            try desk.noteStage(
                from: change.from, to: change.to, of: change.member, at: asOf, call)
            try call.visit(1)
        }
        let birthdays = birthdays(asOf: asOf, call.data)
        for birthday in birthdays {
            try points.occasion(.birthday, member: birthday.member, at: birthday.at, call)
            try call.visit(1)
        }
        _ = try segments.refresh(call)
        return changes.count + birthdays.count
    }

    /// The birthdays since the day of the run before; without one, those of the day itself.
    private func birthdays(asOf: Int64, _ data: DataView) -> [(member: RowRef, at: Int64)] {
        if points.rules.programs(with: .birthday, data).isEmpty { return [] }
        let members = desk.members
        let last = runs.last(of: Self.name, data)?.asOf
        var birthdays: [(member: RowRef, at: Int64)] = []
        var calendars = HomeCalendars(chapters)
        data.forEach(members.table) { ref, row in
            guard row[members.status] == .active, let birthday = row[members.birthday] else {
                return
            }
            let date = CivilDate(dayNumber: birthday)
            let calendar = calendars.calendar(of: row[members.homeChapter], data)
            let today = calendar.day(of: asOf)
            let first = last.map { calendar.day(of: $0) &+ 1 } ?? today
            guard let day = FixedDay(month: date.month, day: date.day)?.earliest(onOrAfter: first),
                day <= today, day > birthday
            else { return }
            birthdays.append((ref, max(calendar.start(ofDay: day), row[members.joinedAt])))
        }
        return birthdays.sorted { $0.member.rawValue < $1.member.rawValue }
    }

    private func changes(asOf: Int64, _ data: DataView) -> [Change] {
        let members = desk.members
        let lapsed = lapsed(data)
        var changes: [Change] = []
        var calendars = HomeCalendars(chapters)
        data.forEach(members.table) { ref, row in
            let status = row[members.status]
            if status == .merged || status == .erased { return }
            let calendar = calendars.calendar(of: row[members.homeChapter], data)
            let facts = LifecycleFacts(
                joined: calendar.day(of: row[members.joinedAt]),
                lastActive: row[members.lastActiveAt].map { calendar.day(of: $0) },
                returned: row[members.returnedAt].map { calendar.day(of: $0) },
                isLapsed: lapsed.contains(ref))
            let from = row[members.lifecycleStage]
            let to = facts.stage(on: calendar.day(of: asOf))
            if from != to { changes.append(Change(member: ref, from: from, to: to)) }
        }
        return changes.sorted { $0.member.rawValue < $1.member.rawValue }
    }

    /// The members who have a membership that ran out, and hold none.
    private func lapsed(_ data: DataView) -> Set<RowRef> {
        var lapsed: Set<RowRef> = []
        var held: Set<RowRef> = []
        data.forEach(memberships.table) { _, row in
            let status = row[memberships.status]
            if status.isCurrent { held.insert(row[memberships.member]) }
            if status == .expired { lapsed.insert(row[memberships.member]) }
        }
        return lapsed.subtracting(held)
    }
}

/// The calendars of chapters that were asked for in one pass over many members.
private struct HomeCalendars {
    private let chapters: ChapterCalendars
    private var known: [RowRef: LocalCalendar] = [:]

    init(_ chapters: ChapterCalendars) {
        self.chapters = chapters
    }

    mutating func calendar(of chapter: RowRef, _ data: DataView) -> LocalCalendar {
        if let calendar = known[chapter] { return calendar }
        let calendar = chapters.calendar(of: chapter, data)
        known[chapter] = calendar
        return calendar
    }
}
