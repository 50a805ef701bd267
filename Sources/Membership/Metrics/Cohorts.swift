import Bytes

/// The spans of time by which figures are told, numbered without a gap.
enum ReportInterval: String, CaseIterable, Sendable {
    case day = "DAY"
    /// From Monday.
    case week = "WEEK"
    case month = "MONTH"
    case quarter = "QUARTER"
    case year = "YEAR"

    /// The number of the interval that holds `day`.
    func index(of day: Int32) -> Int {
        let date = CivilDate(dayNumber: day)
        switch self {
        case .day: return Int(day)
        case .week:
            // 1970-01-01 was a Thursday; rounded down before it too.
            let sinceMonday = Int(day) + 3
            return sinceMonday >= 0 ? sinceMonday / 7 : (sinceMonday + 1) / 7 - 1
        case .month: return date.year * 12 + date.month - 1
        case .quarter: return date.year * 4 + (date.month - 1) / 3
        case .year: return date.year
        }
    }

    /// The first day of an interval; that of the year 0000 or 9999 outside of them.
    func start(of index: Int) -> Int32 {
        let index = min(max(index, -10_000_000), 10_000_000)
        switch self {
        case .day: return ReportInterval.clamped(index)
        case .week: return ReportInterval.clamped(index * 7 - 3)
        case .month: return ReportInterval.first(year: index / 12, month: index % 12 + 1)
        case .quarter: return ReportInterval.first(year: index / 4, month: index % 4 * 3 + 1)
        case .year: return ReportInterval.first(year: index, month: 1)
        }
    }

    private static func clamped(_ day: Int) -> Int32 {
        Int32(min(max(day, Int(CivilDate.dayNumberMin)), Int(CivilDate.dayNumberMax)))
    }

    private static func first(year: Int, month: Int) -> Int32 {
        if let date = CivilDate(year: year, month: month, day: 1) { return date.dayNumber }
        return year > 9999 ? CivilDate.dayNumberMax : CivilDate.dayNumberMin
    }
}

/// Of those who joined in one interval, how many were active in each that followed.
struct CohortRow: Equatable, Sendable {
    /// The first day of the interval.
    var start: Int32
    var size: Int
    /// For the interval of joining and each after it. What is not over yet is not told, rather than
    /// told too low.
    var retained: [Ratio]
}

/// Who joined when and was active when.
struct Cohorts: Sendable {
    let interval: ReportInterval
    private var joined: [Int: Set<Int64>] = [:]
    private var active: [Int: Set<Int64>] = [:]
    private var cohortOf: [Int64: Int] = [:]

    init(by interval: ReportInterval) {
        self.interval = interval
    }

    /// A member counts once, with the day given first.
    mutating func add(member: Int64, joined day: Int32) {
        guard cohortOf[member] == nil else { return }
        let index = interval.index(of: day)
        cohortOf[member] = index
        joined[index, default: []].insert(member)
    }

    mutating func addActivity(of member: Int64, on day: Int32) {
        active[interval.index(of: day), default: []].insert(member)
    }

    /// The cohorts, the oldest first. O(cohorts × intervals × members of a cohort).
    ///
    /// - Parameter today: intervals that hold it or lie after it are left out.
    func rows(on today: Int32) -> [CohortRow] {
        let open = interval.index(of: today)
        return joined.sorted { $0.key < $1.key }.map { index, members in
            let retained = stride(from: index, to: open, by: 1).map { later in
                Ratio(members.count { active[later]?.contains($0) ?? false }, members.count)
            }
            return CohortRow(
                start: interval.start(of: index), size: members.count, retained: retained)
        }
    }
}
