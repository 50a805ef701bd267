import Bytes
import Testing

@testable import Membership

struct TermDatesTests {
    /// A type: rolling or fixed (with its start and its rollover), and its duration.
    private static func type(
        _ interval: Int, _ unit: DurationUnit, fixed: String? = nil, rollover: String? = nil
    ) -> MembershipType {
        MembershipType(
            key: 1, chapter: 1, period: fixed == nil ? .rolling : .fixed, unit: unit,
            interval: interval, fixedStart: fixed.flatMap { FixedDay(parsing: $0) },
            rollover: rollover.flatMap { FixedDay(parsing: $0) })
    }

    private static func check(
        _ type: MembershipType, joining day: String, _ expected: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let dates = TermDates(joining: onDay(day), type)
        let text = dates.map { "\(dayText($0.start)) \(dayText($0.end))" } ?? "beyond"
        #expect(text == expected, sourceLocation: location)
    }

    @Test func `I9 a rolling term ends the day before, or with a month that is too short`() {
        let month = TermDatesTests.type(1, .month)
        TermDatesTests.check(month, joining: "2026-03-01", "2026-03-01 2026-03-31")
        TermDatesTests.check(month, joining: "2026-02-01", "2026-02-01 2026-02-28")
        TermDatesTests.check(month, joining: "2026-01-15", "2026-01-15 2026-02-14")
        TermDatesTests.check(month, joining: "2026-01-28", "2026-01-28 2026-02-27")
        TermDatesTests.check(month, joining: "2026-01-29", "2026-01-29 2026-02-28")
        TermDatesTests.check(month, joining: "2026-01-31", "2026-01-31 2026-02-28")
        TermDatesTests.check(month, joining: "2024-01-29", "2024-01-29 2024-02-28")
        TermDatesTests.check(month, joining: "2024-01-31", "2024-01-31 2024-02-29")
        TermDatesTests.check(month, joining: "2026-12-31", "2026-12-31 2027-01-30")
        TermDatesTests.check(month, joining: "2026-05-31", "2026-05-31 2026-06-30")
        let months = TermDatesTests.type(3, .month)
        TermDatesTests.check(months, joining: "2025-11-30", "2025-11-30 2026-02-28")
        let year = TermDatesTests.type(1, .year)
        TermDatesTests.check(year, joining: "2026-06-30", "2026-06-30 2027-06-29")
        TermDatesTests.check(year, joining: "2024-02-29", "2024-02-29 2025-02-28")
        TermDatesTests.check(year, joining: "2023-03-01", "2023-03-01 2024-02-29")
        TermDatesTests.check(
            TermDatesTests.type(4, .year), joining: "2024-02-29", "2024-02-29 2028-02-28")
        TermDatesTests.check(
            TermDatesTests.type(10, .day), joining: "2026-12-25", "2026-12-25 2027-01-03")
        TermDatesTests.check(
            TermDatesTests.type(1, .day), joining: "2026-12-25", "2026-12-25 2026-12-25")
    }

    @Test func `I9 a lifetime and visits have no last day`() {
        TermDatesTests.check(
            TermDatesTests.type(1, .lifetime), joining: "2026-06-30", "2026-06-30 never")
        TermDatesTests.check(
            TermDatesTests.type(1, .visit), joining: "2026-06-30", "2026-06-30 never")
    }

    @Test func `fixed years begin on the latest fixed day`() {
        let type = TermDatesTests.type(1, .year, fixed: "01-01")
        TermDatesTests.check(type, joining: "2026-01-01", "2026-01-01 2026-12-31")
        TermDatesTests.check(type, joining: "2026-12-31", "2026-01-01 2026-12-31")
        let july = TermDatesTests.type(1, .year, fixed: "07-01")
        TermDatesTests.check(july, joining: "2026-06-30", "2025-07-01 2026-06-30")
        TermDatesTests.check(july, joining: "2026-07-01", "2026-07-01 2027-06-30")
        let two = TermDatesTests.type(2, .year, fixed: "07-01")
        TermDatesTests.check(two, joining: "2026-06-30", "2025-07-01 2027-06-30")
        let leap = TermDatesTests.type(1, .year, fixed: "02-29")
        TermDatesTests.check(leap, joining: "2026-02-28", "2026-02-28 2027-02-27")
        TermDatesTests.check(leap, joining: "2024-02-28", "2023-02-28 2024-02-28")
        TermDatesTests.check(leap, joining: "2023-12-01", "2023-02-28 2024-02-28")
        TermDatesTests.check(leap, joining: "2024-02-29", "2024-02-29 2025-02-27")
    }

    @Test func `who joins from the rollover day on gets the next period too`() {
        let type = TermDatesTests.type(1, .year, fixed: "01-01", rollover: "10-01")
        TermDatesTests.check(type, joining: "2026-09-30", "2026-01-01 2026-12-31")
        TermDatesTests.check(type, joining: "2026-10-01", "2026-01-01 2027-12-31")
        TermDatesTests.check(type, joining: "2026-12-31", "2026-01-01 2027-12-31")
        let july = TermDatesTests.type(1, .year, fixed: "07-01", rollover: "04-01")
        TermDatesTests.check(july, joining: "2026-03-31", "2025-07-01 2026-06-30")
        TermDatesTests.check(july, joining: "2026-04-01", "2025-07-01 2027-06-30")
        TermDatesTests.check(july, joining: "2026-07-01", "2026-07-01 2027-06-30")
        TermDatesTests.check(july, joining: "2026-12-31", "2026-07-01 2027-06-30")
    }

    @Test func `fixed months begin on the first, and the rollover adds one month`() {
        let type = TermDatesTests.type(1, .month, fixed: "", rollover: "01-20")
        TermDatesTests.check(type, joining: "2026-02-19", "2026-02-01 2026-02-28")
        TermDatesTests.check(type, joining: "2026-02-20", "2026-02-01 2026-03-31")
        let three = TermDatesTests.type(3, .month, fixed: "", rollover: "01-31")
        TermDatesTests.check(three, joining: "2026-02-27", "2026-02-01 2026-04-30")
        TermDatesTests.check(three, joining: "2026-02-28", "2026-02-01 2026-05-31")
    }

    @Test func `a change to fixed terms aligns to the fixed day`() {
        let rolling = TermDatesTests.type(1, .year)
        var fixed = TermDatesTests.type(1, .year, fixed: "01-01", rollover: "10-01")
        fixed.key = 2
        let day = onDay("2027-03-15")
        #expect(
            TermDates(renewingFrom: day, fixed, previous: rolling)
                == TermDates(start: day, end: onDay("2027-12-31")))
        #expect(
            TermDates(renewingFrom: onDay("2027-11-01"), fixed, previous: rolling)?.end
                == onDay("2028-12-31"))
        // Days given back after a pause are not lost by a renewal of the same type.
        #expect(
            TermDates(renewingFrom: onDay("2027-01-11"), fixed, previous: fixed)?.end
                == onDay("2028-01-10"))
        #expect(
            TermDates(rejoining: day, fixed)
                == TermDates(start: day, end: onDay("2027-12-31")))
    }

    @Test func `a last day beyond the year 9999 is refused and never traps`() {
        let year = TermDatesTests.type(1, .year)
        TermDatesTests.check(year, joining: "9999-01-01", "9999-01-01 9999-12-31")
        TermDatesTests.check(year, joining: "9999-01-02", "beyond")
        TermDatesTests.check(
            TermDatesTests.type(.max, .year), joining: "2026-01-01", "beyond")
        TermDatesTests.check(
            TermDatesTests.type(.max, .month), joining: "2026-01-01", "beyond")
        TermDatesTests.check(TermDatesTests.type(.max, .day), joining: "2026-01-01", "beyond")
        TermDatesTests.check(
            TermDatesTests.type(.max, .year, fixed: "01-01"), joining: "2026-01-01", "beyond")
        TermDatesTests.check(
            TermDatesTests.type(.min, .day), joining: "2026-01-01", "2026-01-01 2026-01-01")
    }

    @Test func `the reckoning of months agrees with counting days one by one`() {
        // The last day is the one before the first that is at or past the same day of the month.
        for start in onDay("2023-12-01")...onDay("2025-03-31") {
            let date = CivilDate(dayNumber: start)
            for months in [1, 2, 11, 12, 13] {
                var day = start
                var passed = 0
                while passed < months || CivilDate(dayNumber: day).day < date.day {
                    day += 1
                    let now = CivilDate(dayNumber: day)
                    if now.day == 1 {
                        passed = (now.year - date.year) * 12 + now.month - date.month
                    }
                    // The month that should end it is over: it was too short.
                    if passed > months { break }
                }
                #expect(
                    TermDates.lastDay(of: months, from: start) == day - 1,
                    "\(months) months from \(dayText(start))")
            }
        }
    }

    @Test func `MM-DD is read exactly`() {
        #expect(FixedDay(parsing: "02-29") == FixedDay(month: 2, day: 29))
        for text in ["", "2-29", "02-30", "13-01", "00-10", "02/10", "0210", "02-1０", "0a-10"] {
            #expect(FixedDay(parsing: text) == nil, "\(text)")
        }
    }

    @Test func `a type that contradicts itself is told so`() {
        var type = MembershipType(key: 1, chapter: 1)
        #expect(type.faults == [])
        type = MembershipType(
            key: 1, chapter: 1, feeMinor: -1, period: .fixed, unit: .year, interval: 0, visits: 3,
            newDays: -1)
        #expect(
            type.faults == [
                .intervalNotPositive(0), .visitsWithoutUnit, .fixedStartMissing, .feeNegative(-1),
                .daysNegative,
            ])
        type = MembershipType(
            key: 1, chapter: 1, unit: .visit, fixedStart: FixedDay(month: 1, day: 1))
        #expect(type.faults == [.visitsMissing, .fixedDaysWithoutFixedPeriod])
        type = MembershipType(key: 1, chapter: 1, period: .fixed, unit: .day)
        #expect(type.faults == [.fixedNeedsMonthsOrYears(.day)])
    }
}
