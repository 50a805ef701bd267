import Bytes
import Engine

/// The span of time in which a metric counts.
public enum QualificationPeriod: String, Sendable, CaseIterable {
    /// January to December.
    case calendarYear = "CALENDAR_YEAR"
    /// From the day of joining, or its anniversary, to the day before the next.
    case anniversaryYear = "ANNIVERSARY_YEAR"
    /// The months until a day, that day included.
    case rolling = "ROLLING"
    /// From the day of joining.
    case lifetime = "LIFETIME"
}

/// Days in which a metric counts.
public struct QualificationWindow: Equatable, Sendable {
    public var firstDay: Int32
    /// Included.
    public var lastDay: Int32
    /// The same span: the first instant, and the end, excluded.
    public var instants: Range<Int64>

    init(_ firstDay: Int32, _ lastDay: Int32, _ calendar: LocalCalendar) {
        self.firstDay = firstDay
        self.lastDay = lastDay
        let start = calendar.start(ofDay: firstDay)
        instants = start..<max(start, calendar.end(ofDay: lastDay))
    }
}

extension TierRules {
    /// The window in which a metric counts on a day.
    ///
    /// - Parameter joinedOn: the day on which the member joined.
    public func window(on day: Int32, joinedOn: Int32) -> QualificationWindow {
        let (first, last) = span(on: day, joinedOn: joinedOn)
        return QualificationWindow(first, last, calendar)
    }

    private func span(on day: Int32, joinedOn: Int32) -> (first: Int32, last: Int32) {
        switch period {
        case .calendarYear:
            (LocalCalendar.startOfYear(of: day), LocalCalendar.endOfYear(of: day))
        case .anniversaryYear:
            anniversaryYear(of: day, joinedOn)
        case .rolling:
            (LocalCalendar.adding(months: -validityMonths, to: day) + 1, day)
        case .lifetime:
            (min(joinedOn, day), day)
        }
    }

    private func anniversaryYear(of day: Int32, _ joinedOn: Int32) -> (first: Int32, last: Int32) {
        let first = LocalCalendar.latestAnniversary(of: joinedOn, onOrBefore: day)
        // Counted from the day of joining, so that 29 February comes back in leap years.
        let years = CivilDate(dayNumber: first).year - CivilDate(dayNumber: joinedOn).year
        return (first, LocalCalendar.adding(years: years + 1, to: joinedOn) - 1)
    }

    /// The last day of a level that is reached on `day`.
    func term(reachedOn day: Int32, joinedOn: Int32) -> Int32 {
        let target = LocalCalendar.adding(months: validityMonths, to: day)
        switch period {
        case .calendarYear, .anniversaryYear: return span(on: target, joinedOn: joinedOn).last
        case .rolling, .lifetime: return max(day, target - 1)
        }
    }

    /// The last day of the term that follows one which ended on `day`; after `reached` in any case.
    func term(after day: Int32, passing reached: Int32, joinedOn: Int32) -> Int32 {
        var last = day
        repeat {
            let next = LocalCalendar.adding(months: validityMonths, to: last)
            // Only at the end of the year 9999.
            guard next > last else { return last }
            switch period {
            case .calendarYear, .anniversaryYear:
                last = max(next, span(on: next, joinedOn: joinedOn).last)
            case .rolling, .lifetime: last = next
            }
        } while last <= reached
        return last
    }
}
