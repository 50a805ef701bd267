import Engine
import Store

/// `report.cohortRetention`: of those who joined in each interval, how many were active afterwards.
struct ReportCohorts: FieldRule {
    static let name = "report.cohortRetention"

    private let scopes: ScopeDesk
    private let activities: ActivityTable
    private let period: PeriodInput
    private let interval: InputField<ReportInterval>
    private let types: InputField<[ActivityType]?>
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        activities = binder.shared()
        period = PeriodInput(binder)
        interval = binder.input("interval")
        types = binder.input("activity")
        shape = binder.output("cohort", "size", "retained")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let scope = try scopes.scope(read)
        let calendar = scope.calendar
        let (from, to) = period.bounds(read)
        let interval = read[interval]
        guard Timeline(from: from, to: to, by: interval, calendar) != nil else {
            throw .refused("there would be more than \(Timeline.pointsMax) cohorts")
        }
        var cohorts = Cohorts(by: interval)
        var joined = RowSets(of: scopes.members.table, read.data)
        try read.walk(scopes.members.table) { ref, row in
            let at = row[scopes.members.joinedAt]
            guard scope.members.contains(ref), at >= from, at < to else { return }
            joined.insert(ref)
            cohorts.add(member: Int64(ref.rawValue), joined: calendar.day(of: at))
        }
        let wanted = read[types].map { Set($0) }
        try read.walk(activities.table) { _, row in
            let member = row[activities.member]
            let type = row[activities.type]
            guard joined.contains(member), wanted?.contains(type) ?? type.isQualifying else {
                return
            }
            cohorts.addActivity(
                of: Int64(member.rawValue), on: calendar.day(of: row[activities.at]))
        }
        return .list(
            cohorts.rows(on: calendar.day(of: read.now)).map { row in
                shape.object(
                    .int(Int64(row.start)), .int(row.size),
                    .list(row.retained.map { .double($0.value ?? 0) }))
            })
    }
}
