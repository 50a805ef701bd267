import Bytes
import Foundation
import Testing

@testable import Engine

@Suite struct BucketTests {
    /// Whole hours, half hours, three quarters; changes by half an hour, at midnight, over the date
    /// line; summer time that stops for a month.
    private static let zones = [
        "UTC", "Europe/Oslo", "America/New_York", "America/St_Johns", "Asia/Kathmandu",
        "Asia/Shanghai", "Asia/Kolkata", "Australia/Adelaide", "Australia/Lord_Howe",
        "Pacific/Chatham", "Pacific/Apia", "America/Sao_Paulo", "America/Santiago",
        "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "America/Havana", "Asia/Tehran",
    ]

    /// St John's put its clock back at one minute past midnight until 2011. Its days begin at the
    /// second midnight, see ``LocalCalendar``; the system takes the first.
    @Test(arguments: zones.filter { $0 != "America/St_Johns" })
    func `days and longer begin when the system's calendar says`(zone: String) {
        let local = calendar(zone)
        let system = Calendar.local(zone)
        let chance = Chance(seed: 0xB0C4)
        for _ in 0..<300 {
            // 1970 to 2100.
            let instant = Int64(chance.below(4_102_444_800)) * 1_000 + Int64(chance.below(1_000))
            for bucket in DateBucket.allCases where bucket != .hour {
                let start = local.start(of: bucket, at: instant)
                #expect(
                    start == system.start(of: bucket, at: instant),
                    "\(bucket) of \(spelled(instant)) begins at \(spelled(start))")
            }
        }
    }

    @Test(arguments: zones)
    func `each bucket ends where the next begins`(zone: String) {
        let local = calendar(zone)
        let chance = Chance(seed: 0xB0C5)
        for bucket in DateBucket.allCases {
            for _ in 0..<20 {
                var instant = Int64(chance.below(4_102_444_800)) * 1_000
                for _ in 0..<20 {
                    let start = local.start(of: bucket, at: instant)
                    let end = local.end(of: bucket, at: instant)
                    #expect(start <= instant && instant < end, "\(bucket) \(spelled(instant))")
                    #expect(local.start(of: bucket, at: end - 1) == start, "\(spelled(end))")
                    #expect(local.start(of: bucket, at: end) == end, "\(spelled(end))")
                    instant = end
                }
            }
        }
    }

    @Test(arguments: zones)
    func `an hour shows one hour on the clock`(zone: String) {
        let local = calendar(zone)
        let system = Calendar.local(zone)
        let chance = Chance(seed: 0xB0C6)
        for _ in 0..<1_000 {
            let instant = Int64(chance.below(4_102_444_800)) * 1_000
            let start = local.start(of: .hour, at: instant)
            let end = local.end(of: .hour, at: instant)
            func hour(_ instant: Int64) -> Int {
                system.component(
                    .hour, from: Date(timeIntervalSince1970: Double(instant) / 1_000))
            }
            #expect(end - start <= 3_600_000)
            #expect(hour(start) == hour(instant) && hour(end - 1) == hour(instant))
        }
    }

    @Test(arguments: [
        // The clock is put back by an hour: 02:30 is there twice.
        (
            "Europe/Oslo", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00.000Z",
            "2026-10-25T01:00:00.000Z"
        ),
        (
            "Europe/Oslo", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00.000Z",
            "2026-10-25T02:00:00.000Z"
        ),
        // Back by half an hour, from 02:00 to 01:30.
        (
            "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-04T14:00:00.000Z",
            "2026-04-04T15:00:00.000Z"
        ),
        (
            "Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T15:00:00.000Z",
            "2026-04-04T15:30:00.000Z"
        ),
        // Forward by half an hour, from 02:00 to 02:30.
        (
            "Australia/Lord_Howe", "2026-10-03T15:45:00Z", "2026-10-03T15:30:00.000Z",
            "2026-10-03T16:00:00.000Z"
        ),
        (
            "Asia/Kathmandu", "2026-01-01T00:10:00Z", "2025-12-31T23:15:00.000Z",
            "2026-01-01T00:15:00.000Z"
        ),
    ])
    func `an hour ends where the clock is changed`(
        zone: String, at: String, start: String, end: String
    ) {
        let local = calendar(zone)
        #expect(spelled(local.start(of: .hour, at: instant(at))) == start)
        #expect(spelled(local.end(of: .hour, at: instant(at))) == end)
    }

    @Test(arguments: [
        (DateBucket.day, "2026-11-22", "2026-11-22", "2026-11-23"),
        (.hour, "2026-11-22", "2026-11-22", "2026-11-23"),
        // A Sunday, a Monday, and the first week of 2026.
        (.week, "2026-11-22", "2026-11-16", "2026-11-23"),
        (.week, "2026-11-23", "2026-11-23", "2026-11-30"),
        (.week, "2026-01-01", "2025-12-29", "2026-01-05"),
        (.week, "1969-12-28", "1969-12-22", "1969-12-29"),
        (.month, "2024-02-29", "2024-02-01", "2024-03-01"),
        (.quarter, "2026-05-31", "2026-04-01", "2026-07-01"),
        (.quarter, "2026-12-31", "2026-10-01", "2027-01-01"),
        (.year, "2026-05-31", "2026-01-01", "2027-01-01"),
    ])
    func `a date lies in its bucket`(bucket: DateBucket, date: String, start: String, end: String) {
        #expect(spelledDay(bucket.start(ofDay: day(date))) == start)
        #expect(spelledDay(bucket.end(ofDay: day(date))) == end)
    }

    @Test
    func `the first and the last days there are lie in buckets`() {
        for bucket in DateBucket.allCases {
            for day in [CivilDate.dayNumberMin, CivilDate.dayNumberMax] {
                #expect(bucket.start(ofDay: day) <= day)
                #expect(bucket.end(ofDay: day) > day)
            }
            for instant in [Instant.millisecondsMin, Instant.millisecondsMax] {
                #expect(calendar("Europe/Oslo").start(of: bucket, at: instant) <= instant)
                #expect(calendar("Europe/Oslo").end(of: bucket, at: instant) >= instant)
            }
        }
    }

    @Test(arguments: zones)
    func `codes of buckets are those of their beginnings`(zone: String) {
        let local = calendar(zone)
        let chance = Chance(seed: 0xB0C7)
        for bucket in DateBucket.allCases {
            let codes = BucketCodes(bucket, local)
            // Few years, so that edges are met, and all that there are.
            for spread in [40_000_000, 4_102_444_800, 200_000_000_000] {
                for _ in 0..<400 {
                    let instant = Int64(chance.below(spread)) * 1_000 - 40_000_000_000
                    let code = codes.code(of: instant)
                    #expect(
                        Int64(bitPattern: codes.dictionary.word(code))
                            == local.start(of: bucket, at: instant),
                        "\(bucket) of \(spelled(instant))")
                }
            }
        }
    }
}
