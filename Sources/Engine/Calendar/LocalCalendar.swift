import Bytes
import Foundation

/// The days of one place: which day it is there at an instant, and when that day begins.
///
/// Instants are milliseconds since 1970-01-01T00:00:00Z, days are day numbers of ``CivilDate``. A
/// day is the half-open span from its own start to the start of the next, whatever its length: 23
/// and 25 hours where the clock is put forward or back, none at all where a place skipped a date.
/// So `day(of:)` and `start(ofDay:)` never disagree, and both only ever grow.
///
/// "Until the end of a day" is always the **start of the next local day**, excluded.
///
/// Every function is of constant cost, about 0.1 to 0.3 µs.
public struct LocalCalendar: Sendable, Equatable {
    /// The zone's name in the IANA Time Zone Database.
    public var identifier: String { zone.identifier }

    private let zone: TimeZone

    /// `nil` if the IANA Time Zone Database has no such zone.
    ///
    /// Its names without an area are refused, `UTC` and `GMT` excepted: they are abbreviations
    /// which more than one place uses, or fixed offsets which take no heed of summer time.
    public init?(identifier: String) {
        guard identifier.contains("/") || identifier == "UTC" || identifier == "GMT",
            let zone = TimeZone(identifier: identifier)
        else { return nil }
        self.zone = zone
    }

    /// The days of Greenwich, without summer time.
    public static let utc = LocalCalendar(zone: .gmt)

    private init(zone: TimeZone) {
        self.zone = zone
    }

    /// The day it is at `instant`; the first or the last of the years 0000 to 9999 outside them.
    public func day(of instant: Int64) -> Int32 {
        let instant = LocalCalendar.clamped(instant)
        let wall = instant &+ offset(at: instant)
        let day = LocalCalendar.dayNumber(clamping: LocalCalendar.quotient(wall, perDay))
        // Where the clock went back over midnight, it shows the later date twice.
        return start(ofDay: day) > instant ? max(day &- 1, CivilDate.dayNumberMin) : day
    }

    /// The first instant from which on the local date is `day` or later.
    ///
    /// That is midnight; where the clock jumps over midnight, the moment of the jump; where it goes
    /// back over midnight, the second one.
    public func start(ofDay day: Int32) -> Int64 {
        let midnight = Int64(day) &* perDay
        // No place is further than 26 hours from Greenwich, and none changes its clock twice
        // within the 52 hours looked at.
        var low = midnight &- 26 &* perHour
        var high = midnight &+ 26 &* perHour
        let before = offset(at: low)
        let after = offset(at: high)
        if before == after { return LocalCalendar.clamped(midnight &- before) }
        // The change lies in (low, high]; all changes are at whole seconds.
        while high &- low > 1_000 {
            let middle = low &+ (high &- low) / 2_000 &* 1_000
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        let midnightAfter = midnight &- after
        let start = midnightAfter > high ? midnightAfter : min(midnight &- before, high)
        return LocalCalendar.clamped(start)
    }

    /// The instant at which `day` is over: the start of the next day.
    public func end(ofDay day: Int32) -> Int64 {
        day >= CivilDate.dayNumberMax ? Instant.millisecondsMax : start(ofDay: day &+ 1)
    }

    /// The same time of day, a number of months away; see ``adding(months:to:)``.
    ///
    /// A time of day that the clock jumps over is put off by the length of the jump; of one that it
    /// shows twice, the first is taken. The result always lies on the day it should.
    public func adding(months: Int, toInstant instant: Int64) -> Int64 {
        let day = day(of: instant)
        let target = LocalCalendar.adding(months: months, to: day)
        let wall = instant &+ offset(at: instant) &- Int64(day) &* perDay
        let sought = Int64(target) &* perDay &+ wall
        let earliest = start(ofDay: target)
        let latest = max(earliest, end(ofDay: target) &- 1)
        let first = offset(at: earliest)
        let last = offset(at: latest)
        // With the offset of the day's beginning, unless the day's clock has changed by then.
        var result = sought &- first
        if offset(at: LocalCalendar.clamped(result)) != first {
            let jumped = sought &- last
            result = offset(at: LocalCalendar.clamped(jumped)) == last ? jumped : result
        }
        return min(max(result, earliest), latest)
    }

    /// The same day of the month, `months` later or, if negative, earlier; the month's last day
    /// where it has no such day: one month after 31 January is 28 or 29 February.
    ///
    /// Never leaves the years 0000 to 9999: their first or last day is taken then.
    public static func adding(months: Int, to day: Int32) -> Int32 {
        let date = CivilDate(dayNumber: day)
        // 120,000 months are all that there are.
        let months = min(max(months, -120_000), 120_000)
        let total = date.year * 12 + date.month - 1 + months
        guard total >= 0 else { return CivilDate.dayNumberMin }
        let year = total / 12
        let month = total % 12 + 1
        guard year <= 9999 else { return CivilDate.dayNumberMax }
        let dayOfMonth = min(date.day, CivilDate.dayCount(ofMonth: month, year: year))
        return dayNumber(year, month, dayOfMonth)
    }

    /// As ``adding(months:to:)``: one year after 29 February is 28 February.
    public static func adding(years: Int, to day: Int32) -> Int32 {
        adding(months: min(max(years, -10_000), 10_000) * 12, to: day)
    }

    /// `days` later or, if negative, earlier, within the years 0000 to 9999.
    public static func adding(days: Int, to day: Int32) -> Int32 {
        dayNumber(clamping: Int64(day) + Int64(min(max(days, -4_000_000), 4_000_000)))
    }

    /// The first day of the month of `day`.
    public static func startOfMonth(of day: Int32) -> Int32 {
        let date = CivilDate(dayNumber: day)
        return dayNumber(date.year, date.month, 1)
    }

    /// The last day of the month of `day`.
    public static func endOfMonth(of day: Int32) -> Int32 {
        let date = CivilDate(dayNumber: day)
        return lastDay(ofMonth: date.month, year: date.year)
    }

    /// The last day of the quarter of `day`: of March, June, September or December.
    public static func endOfQuarter(of day: Int32) -> Int32 {
        let date = CivilDate(dayNumber: day)
        return lastDay(ofMonth: (date.month + 2) / 3 * 3, year: date.year)
    }

    /// 1 January of the year of `day`.
    public static func startOfYear(of day: Int32) -> Int32 {
        dayNumber(CivilDate(dayNumber: day).year, 1, 1)
    }

    /// 31 December of the year of `day`.
    public static func endOfYear(of day: Int32) -> Int32 {
        lastDay(ofMonth: 12, year: CivilDate(dayNumber: day).year)
    }

    /// The latest anniversary of `origin` on or before `day`; `origin` itself when `day` is earlier.
    ///
    /// The anniversary of 29 February is 28 February in common years.
    public static func latestAnniversary(of origin: Int32, onOrBefore day: Int32) -> Int32 {
        guard day > origin else { return origin }
        let years = CivilDate(dayNumber: day).year - CivilDate(dayNumber: origin).year
        let anniversary = adding(years: years, to: origin)
        return anniversary <= day ? anniversary : adding(years: years - 1, to: origin)
    }

    var perDay: Int64 { 86_400_000 }
    var perHour: Int64 { 3_600_000 }

    /// Milliseconds that the zone's clock is ahead of Greenwich.
    func offset(at instant: Int64) -> Int64 {
        let seconds = LocalCalendar.quotient(instant, 1_000)
        let date = Date(timeIntervalSince1970: Double(seconds))
        return Int64(zone.secondsFromGMT(for: date)) &* 1_000
    }

    static func clamped(_ instant: Int64) -> Int64 {
        min(max(instant, Instant.millisecondsMin), Instant.millisecondsMax)
    }

    /// Rounds down; `divisor` is positive.
    static func quotient(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value &+ 1) / divisor &- 1
    }

    static func dayNumber(clamping day: Int64) -> Int32 {
        Int32(min(max(day, Int64(CivilDate.dayNumberMin)), Int64(CivilDate.dayNumberMax)))
    }

    private static func lastDay(ofMonth month: Int, year: Int) -> Int32 {
        dayNumber(year, month, CivilDate.dayCount(ofMonth: month, year: year))
    }

    /// The day exists: its parts come from a date, its day is within the month.
    static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
        CivilDate(year: year, month: month, day: day)?.dayNumber ?? CivilDate.dayNumberMin
    }
}
