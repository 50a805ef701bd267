import Bytes
import Testing

@testable import Engine

/// The day number of `2026-06-30`.
func day(_ text: String) -> Int32 {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3,
        let date = CivilDate(year: parts[0], month: parts[1], day: parts[2])
    else {
        Issue.record("no such day: \(text)")
        return 0
    }
    return date.dayNumber
}

/// The instant of `2026-06-30T12:00:00Z`, with any offset.
func instant(_ text: String) -> Int64 {
    let bytes = Array(text.utf8)
    let parsed = unsafe bytes.withUnsafeBytes { unsafe Instant.milliseconds(parsing: $0) }
    guard let parsed else {
        Issue.record("no such instant: \(text)")
        return 0
    }
    return parsed
}

/// `2026-06-30T12:00:00.000Z`
func spelled(_ instant: Int64) -> String {
    let buffer = ByteBuffer()
    buffer.appendDateTime(instant)
    return unsafe buffer.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
}

func spelledDay(_ day: Int32) -> String {
    String(spelled(Int64(day) * 86_400_000).prefix(10))
}

func calendar(_ identifier: String) -> LocalCalendar {
    guard let calendar = LocalCalendar(identifier: identifier) else {
        Issue.record("no such zone: \(identifier)")
        return .utc
    }
    return calendar
}

@Suite struct LocalCalendarTests {
    @Test(arguments: [
        ("Asia/Shanghai", "2026-06-30", "2026-06-29T16:00:00.000Z"),
        ("Asia/Shanghai", "2027-01-01", "2026-12-31T16:00:00.000Z"),
        // Summer time from 1986 to 1991.
        ("Asia/Shanghai", "1988-07-01", "1988-06-30T15:00:00.000Z"),
        ("Europe/Oslo", "2026-03-29", "2026-03-28T23:00:00.000Z"),
        ("Europe/Oslo", "2026-03-30", "2026-03-29T22:00:00.000Z"),
        ("Europe/Oslo", "2026-10-25", "2026-10-24T22:00:00.000Z"),
        ("Europe/Oslo", "2026-10-26", "2026-10-25T23:00:00.000Z"),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z"),
        ("America/New_York", "2026-03-09", "2026-03-09T04:00:00.000Z"),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z"),
        ("America/New_York", "2026-11-02", "2026-11-02T05:00:00.000Z"),
        // The day that Samoa skipped has no length.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00.000Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z"),
        ("Pacific/Apia", "2012-01-01", "2011-12-31T10:00:00.000Z"),
        // The clock is put forward at midnight: the day begins at 01:00.
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00.000Z"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00.000Z"),
        // And back at midnight: the hour from 23:00 is there twice.
        ("America/Santiago", "2026-04-05", "2026-04-05T04:00:00.000Z"),
        // Back at one minute past midnight: the second midnight counts.
        ("America/St_Johns", "2006-10-29", "2006-10-29T03:30:00.000Z"),
        ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00.000Z"),
        ("UTC", "2024-02-29", "2024-02-29T00:00:00.000Z"),
    ])
    func `a day starts where the zone's clock first stays on its date`(
        zone: String, date: String, start: String
    ) {
        #expect(spelled(calendar(zone).start(ofDay: day(date))) == start)
    }

    @Test(arguments: [
        "Asia/Shanghai", "Europe/Oslo", "America/New_York", "Pacific/Apia", "America/Santiago",
        "America/St_Johns", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe",
        "America/Havana", "Asia/Beirut", "Pacific/Kiritimati", "Antarctica/Troll", "UTC",
    ])
    func `every instant lies in its day, and days follow one another`(zone: String) {
        // Both moved across the date line; the others never left out a date.
        let skipped = ["Pacific/Apia": "2011-12-30", "Pacific/Kiritimati": "1994-12-31"]
        let local = calendar(zone)
        for number in day("1985-01-01")...day("2040-01-01") {
            let start = local.start(ofDay: number)
            let end = local.end(ofDay: number)
            #expect(start <= end)
            guard start < end else {
                #expect(skipped[zone] == spelledDay(number))
                continue
            }
            #expect(local.day(of: start) == number)
            #expect(local.day(of: end - 1) == number)
        }
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"), ("2024-02-29", 48, "2028-02-29"),
        ("2026-03-31", -1, "2026-02-28"), ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-31", 2, "2027-02-28"), ("2026-05-15", -17, "2024-12-15"),
        ("1900-01-30", 1, "1900-02-28"), ("2000-01-30", 1, "2000-02-29"),
        ("2026-06-30", 0, "2026-06-30"),
        ("9999-11-30", 2, "9999-12-31"), ("0000-01-15", -1, "0000-01-01"),
        ("2026-06-30", Int.max, "9999-12-31"), ("2026-06-30", Int.min, "0000-01-01"),
    ])
    func `adding months stays within the month`(from: String, months: Int, to: String) {
        #expect(spelledDay(LocalCalendar.adding(months: months, to: day(from))) == to)
    }

    @Test(arguments: [
        ("2026-01-31", "2026-01-31", "2026-03-31", "2026-12-31"),
        ("2024-02-01", "2024-02-29", "2024-03-31", "2024-12-31"),
        ("2026-06-30", "2026-06-30", "2026-06-30", "2026-12-31"),
        ("2026-07-01", "2026-07-31", "2026-09-30", "2026-12-31"),
        ("2026-11-15", "2026-11-30", "2026-12-31", "2026-12-31"),
    ])
    func `months, quarters and years end on their last day`(
        date: String, month: String, quarter: String, year: String
    ) {
        #expect(spelledDay(LocalCalendar.endOfMonth(of: day(date))) == month)
        #expect(spelledDay(LocalCalendar.endOfQuarter(of: day(date))) == quarter)
        #expect(spelledDay(LocalCalendar.endOfYear(of: day(date))) == year)
    }

    @Test(arguments: [
        ("2020-02-29", "2026-06-30", "2026-02-28"), ("2020-02-29", "2024-02-28", "2023-02-28"),
        ("2020-02-29", "2024-02-29", "2024-02-29"), ("2020-05-10", "2026-05-09", "2025-05-10"),
        ("2020-05-10", "2026-05-10", "2026-05-10"), ("2020-05-10", "2019-01-01", "2020-05-10"),
    ])
    func `an anniversary is the latest that has come`(origin: String, date: String, last: String) {
        let found = LocalCalendar.latestAnniversary(of: day(origin), onOrBefore: day(date))
        #expect(spelledDay(found) == last)
    }

    @Test(arguments: [
        ("Europe/Oslo", "2026-01-15T12:30:00+01:00", 6, "2026-07-15T10:30:00.000Z"),
        ("Europe/Oslo", "2026-01-31T23:59:59.999+01:00", 1, "2026-02-28T22:59:59.999Z"),
        // 02:30 does not exist on 29 March 2026: the moment of the jump is as near as it gets.
        ("Europe/Oslo", "2026-02-28T02:30:00+01:00", 1, "2026-03-28T01:30:00.000Z"),
        ("Europe/Oslo", "2025-03-29T02:30:00+01:00", 12, "2026-03-29T01:30:00.000Z"),
        // 02:30 is there twice on 25 October 2026.
        ("Europe/Oslo", "2026-09-25T02:30:00+02:00", 1, "2026-10-25T00:30:00.000Z"),
        ("America/New_York", "2026-10-15T08:00:00-04:00", 1, "2026-11-15T13:00:00.000Z"),
        ("Asia/Shanghai", "2024-02-29T00:00:00+08:00", 12, "2025-02-27T16:00:00.000Z"),
        ("Pacific/Apia", "2011-11-30T09:00:00-10:00", 1, "2011-12-30T10:00:00.000Z"),
    ])
    func `months later it is the same time of day`(
        zone: String, from: String, months: Int, to: String
    ) {
        let found = calendar(zone).adding(months: months, toInstant: instant(from))
        #expect(spelled(found) == to)
    }

    @Test func `only names of the time zone database are zones`() {
        for name in ["", "CST", "EST", "GMT+8", "+08:00", "asia/shanghai", "Nowhere/City"] {
            #expect(LocalCalendar(identifier: name) == nil, "\(name)")
        }
        #expect(LocalCalendar(identifier: "Asia/Shanghai")?.identifier == "Asia/Shanghai")
        #expect(LocalCalendar(identifier: "UTC") == .utc)
    }

    @Test func `no instant and no day can leave the years 0000 to 9999`() {
        for zone in ["UTC", "Asia/Shanghai", "America/New_York"] {
            let local = calendar(zone)
            for instant in [Int64.min, Int64.max, Instant.millisecondsMin, Instant.millisecondsMax]
            {
                let day = local.day(of: instant)
                #expect((CivilDate.dayNumberMin...CivilDate.dayNumberMax).contains(day))
                let next = local.end(ofDay: day)
                #expect((Instant.millisecondsMin...Instant.millisecondsMax).contains(next))
                let later = local.adding(months: Int.max, toInstant: instant)
                #expect((Instant.millisecondsMin...Instant.millisecondsMax).contains(later))
            }
        }
    }
}
