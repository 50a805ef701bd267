import Bytes
import Engine

/// The first and the last day of a term.
///
/// Days are day numbers of ``CivilDate``; the last day is **included** and `nil` where a term has
/// no end in time: a lifetime, or a number of visits.
struct TermDates: Equatable, Sendable {
    var start: Int32
    var end: Int32?

    init(start: Int32, end: Int32?) {
        self.start = start
        self.end = end
    }

    /// The first term of somebody who joins on `day`, or comes back on it after a gap.
    ///
    /// - Rolling terms begin on the day itself.
    /// - Fixed terms of years begin on the latest fixed day; who joins on or after the rollover day
    ///   of that year gets the next period too, in the same term.
    /// - Fixed terms of months begin on the first; the rollover's day of the month, where reached,
    ///   pushes the end by one month.
    ///
    /// - Returns: `nil` when the last day lies beyond the year 9999.
    init?(joining day: Int32, _ type: MembershipType) {
        guard let fixed = FixedPeriod(of: day, type) else {
            self.init(start: day, following: type)
            return
        }
        guard let end = fixed.end else { return nil }
        self.init(start: fixed.start, end: end)
    }

    /// A term that begins on `day` because the one before ended the day before.
    ///
    /// - Parameter previous: the type of the term before. A change to a type with fixed terms
    ///   aligns the end to its fixed day.
    /// - Returns: `nil` when the last day lies beyond the year 9999.
    init?(renewingFrom day: Int32, _ type: MembershipType, previous: MembershipType) {
        guard type.key != previous.key, let fixed = FixedPeriod(of: day, type) else {
            self.init(start: day, following: type)
            return
        }
        guard let end = fixed.end else { return nil }
        self.init(start: day, end: end)
    }

    /// A term after a gap: it begins on `day` itself and ends as that of somebody who joins then.
    ///
    /// - Returns: `nil` when the last day lies beyond the year 9999.
    init?(rejoining day: Int32, _ type: MembershipType) {
        guard let joining = TermDates(joining: day, type) else { return nil }
        self.init(start: day, end: joining.end)
    }

    /// One duration of `type` from `start` on.
    private init?(start: Int32, following type: MembershipType) {
        self.init(start: start, end: nil)
        switch type.unit {
        case .lifetime, .visit: return
        case .day:
            let end = Int64(start) + Int64(min(max(type.interval, 1), 4_000_000)) - 1
            guard end <= Int64(CivilDate.dayNumberMax) else { return nil }
            self.end = Int32(end)
        case .month, .year:
            guard let end = TermDates.lastDay(of: TermDates.months(type), from: start) else {
                return nil
            }
            self.end = end
        }
    }

    /// Months of one term, at most all there are.
    private static func months(_ type: MembershipType) -> Int {
        let interval = min(max(type.interval, 1), 120_000)
        return type.unit == .year ? interval * 12 : interval
    }

    /// The last day of `months` months that begin on `start`: the day before the same day of the
    /// later month, or that month's last day when it has no such day.
    ///
    /// A month from 31 January ends on 28 or 29 February, a year from 29 February on 28 February;
    /// the next term then begins on 1 March, and no day is lost. Source: the reckoning of periods
    /// in §188 (2) and (3) BGB.
    ///
    /// - Returns: `nil` when it lies beyond the year 9999.
    static func lastDay(of months: Int, from start: Int32) -> Int32? {
        let date = CivilDate(dayNumber: start)
        let total = date.year * 12 + date.month - 1 + months
        // The day before 1 January 10000 is still there.
        guard total < 120_000 || (total == 120_000 && date.day == 1) else { return nil }
        if total == 120_000 { return CivilDate.dayNumberMax }
        let year = total / 12
        let month = total % 12 + 1
        let length = CivilDate.dayCount(ofMonth: month, year: year)
        guard let day = CivilDate(year: year, month: month, day: min(date.day, length)) else {
            return nil
        }
        return date.day > length ? day.dayNumber : day.dayNumber - 1
    }
}

/// The fixed period in which a day lies.
private struct FixedPeriod {
    let start: Int32
    /// The last day for somebody who joins on the day; `nil` beyond the year 9999.
    let end: Int32?

    /// `nil` when the terms of `type` are not fixed.
    init?(of day: Int32, _ type: MembershipType) {
        guard type.period == .fixed else { return nil }
        let interval = min(max(type.interval, 1), 10_000)
        switch (type.unit, type.fixedStart) {
        case (.year, .some(let fixed)):
            start = fixed.latest(onOrBefore: day)
            let first = start
            let rolls = type.rollover.map { day >= $0.earliest(onOrAfter: first) } ?? false
            let year = CivilDate(dayNumber: start).year + interval * (rolls ? 2 : 1)
            end = year <= 9999 ? fixed.dayNumber(inYear: year) - 1 : nil
        case (.month, _):
            start = LocalCalendar.startOfMonth(of: day)
            let date = CivilDate(dayNumber: day)
            let length = CivilDate.dayCount(ofMonth: date.month, year: date.year)
            let rolls = type.rollover.map { date.day >= min($0.day, length) } ?? false
            end = TermDates.lastDay(of: interval + (rolls ? 1 : 0), from: start)
        default:
            return nil
        }
    }
}
