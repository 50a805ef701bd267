import Engine

/// When points lapse, by the days of a program's time zone.
///
/// The answer is the first instant at which they are gone. Except for an unrounded number of months,
/// that is always the start of a local day: points that "lapse on 31 December" are there until that
/// day is over.
public enum ExpiryRule: Equatable, Sendable {
    case never
    /// A number of months after they became active.
    case rolling(months: Int, Rounding)
    /// At the end of a month, quarter or year: the one which contains the day a number of months,
    /// possibly 0, after they became active. Without rounding, the year.
    case calendar(months: Int, Rounding)
    /// A number of months after the member's last activity, or after they became active.
    case inactivity(months: Int, Rounding)

    /// To which end the moment is put off.
    public enum Rounding: String, Sendable, CaseIterable {
        case none = "NONE"
        case endOfDay = "END_OF_DAY"
        case endOfMonth = "END_OF_MONTH"
        case endOfQuarter = "END_OF_QUARTER"
        case endOfYear = "END_OF_YEAR"
    }

    /// The rule of a program's columns; `nil` if the policy is unknown or needs months and has none.
    public init?(policy: String, months: Int?, rounding: Rounding) {
        switch policy {
        case "NEVER": self = .never
        case "CALENDAR" where (months ?? 0) >= 0:
            self = .calendar(months: months ?? 0, rounding)
        case "ROLLING":
            guard let months, months > 0 else { return nil }
            self = .rolling(months: months, rounding)
        case "INACTIVITY":
            guard let months, months > 0 else { return nil }
            self = .inactivity(months: months, rounding)
        default: return nil
        }
    }

    /// When points lapse that are active from `start` on, or whose member was last active then.
    ///
    /// A rounded moment depends on the local day of `start` alone.
    public func moment(from start: Int64, in calendar: LocalCalendar) -> Int64? {
        switch self {
        case .never: nil
        case .rolling(let months, let rounding), .inactivity(let months, let rounding):
            if rounding == .none {
                calendar.adding(months: months, toInstant: start)
            } else {
                ExpiryRule.end(months, after: start, rounding, calendar)
            }
        case .calendar(let months, let rounding):
            ExpiryRule.end(
                months, after: start, rounding == .none ? .endOfYear : rounding, calendar)
        }
    }

    private static func end(
        _ months: Int, after start: Int64, _ rounding: Rounding, _ calendar: LocalCalendar
    ) -> Int64 {
        let day = LocalCalendar.adding(months: months, to: calendar.day(of: start))
        let last =
            switch rounding {
            case .none, .endOfDay: day
            case .endOfMonth: LocalCalendar.endOfMonth(of: day)
            case .endOfQuarter: LocalCalendar.endOfQuarter(of: day)
            case .endOfYear: LocalCalendar.endOfYear(of: day)
            }
        return calendar.end(ofDay: last)
    }
}
