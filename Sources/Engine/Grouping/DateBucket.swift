/// How times and dates are put together to groups: each begins where the one before it ends.
///
/// The raw value is the name in the API.
enum DateBucket: String, CaseIterable, Sendable {
    case hour = "HOUR"
    case day = "DAY"
    /// From Monday. Source: ISO 8601-1:2019, §3.1.1.23.
    case week = "WEEK"
    case month = "MONTH"
    /// From 1 January, April, July and October.
    case quarter = "QUARTER"
    case year = "YEAR"
}

/// Days of day numbers: no time zone is needed to put dates together.
extension DateBucket {
    /// The first day of the bucket that `day` lies in; a date is its own `hour` and `day`.
    func start(ofDay day: Int32) -> Int32 {
        switch self {
        case .hour, .day: return day
        case .week:
            // 1970-01-01 was a Thursday.
            let weekday = (Int64(day) &+ 3) % 7
            return LocalCalendar.dayNumber(
                clamping: Int64(day) &- (weekday < 0 ? weekday &+ 7 : weekday))
        case .month: return LocalCalendar.startOfMonth(of: day)
        case .quarter:
            return LocalCalendar.adding(months: -2, to: startOfLastMonth(ofQuarter: day))
        case .year: return LocalCalendar.startOfYear(of: day)
        }
    }

    /// The first day of the next bucket; one more than the last day there is for the last bucket.
    func end(ofDay day: Int32) -> Int32 {
        switch self {
        case .hour, .day: return day &+ 1
        case .week:
            let weekday = (Int64(day) &+ 3) % 7
            let next = Int64(day) &+ 7 &- (weekday < 0 ? weekday &+ 7 : weekday)
            return Int32(truncatingIfNeeded: next)
        case .month: return LocalCalendar.endOfMonth(of: day) &+ 1
        case .quarter: return LocalCalendar.endOfQuarter(of: day) &+ 1
        case .year: return LocalCalendar.endOfYear(of: day) &+ 1
        }
    }

    private func startOfLastMonth(ofQuarter day: Int32) -> Int32 {
        LocalCalendar.startOfMonth(of: LocalCalendar.endOfQuarter(of: day))
    }
}
