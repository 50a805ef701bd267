import JSON
import Testing

@testable import Engine

/// Buckets of times and dates, in time zones.
@Suite struct GroupTimeTests {
    /// Visits at these instants.
    private static func visits(_ times: [String]) throws -> EngineFixture {
        try EngineFixture(
            "type Visit @table { at: DateTime day: Date }",
            rows: [
                "Visit": .array(
                    times.enumerated().map { number, time in
                        time.count > 10
                            ? ["id": .string("visit_\(number)"), "at": .string(time)]
                            : ["id": .string("visit_\(number)"), "day": .string(time)]
                    })
            ])
    }

    /// The groups as `key: count`.
    private func groups(_ visits: EngineFixture, _ by: String, _ zone: String) throws -> [String] {
        let answer = try visits.ask(
            """
            { visits { groupBy(by: [{\(by)}], timeZone: "\(zone)") {
              keys { at day } aggregate { count } } } }
            """)
        let groups = try #require(
            answer.json?["data"]?["visits"]?["groupBy"]?.elements, "\(answer.text)")
        return groups.map { group in
            let key = group["keys"]?["at"]?.string ?? group["keys"]?["day"]?.string ?? "null"
            return "\(key): \(group["aggregate"]?["count"]?.int64 ?? -1)"
        }
    }

    @Test func `without a bucket each instant is a key`() throws {
        let visits = try Self.visits([
            "2026-01-01T00:00:00.001Z", "2026-01-01T01:00:00.001+01:00", "2026-01-01T00:00:00Z",
        ])
        #expect(
            try groups(visits, "field: AT", "Europe/Oslo")
                == ["2026-01-01T00:00:00.000Z: 1", "2026-01-01T00:00:00.001Z: 2"])
    }

    @Test func `a day of Oslo has 23 hours in spring and 25 in autumn`() throws {
        let visits = try Self.visits([
            "2026-03-28T22:59:59.999Z", "2026-03-28T23:00:00Z", "2026-03-29T00:59:59Z",
            "2026-03-29T01:00:00Z", "2026-03-29T21:59:59.999Z", "2026-03-29T22:00:00Z",
            "2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00:00Z",
        ])
        #expect(
            try groups(visits, "field: AT, bucket: DAY", "Europe/Oslo") == [
                "2026-03-27T23:00:00.000Z: 1", "2026-03-28T23:00:00.000Z: 4",
                "2026-03-29T22:00:00.000Z: 1", "2026-10-23T22:00:00.000Z: 1",
                "2026-10-24T22:00:00.000Z: 4", "2026-10-25T23:00:00.000Z: 1",
            ])
        // The hour from two to three is missing in spring; in autumn there are two of them.
        #expect(
            try groups(visits, "field: AT, bucket: HOUR", "Europe/Oslo") == [
                "2026-03-28T22:00:00.000Z: 1", "2026-03-28T23:00:00.000Z: 1",
                "2026-03-29T00:00:00.000Z: 1", "2026-03-29T01:00:00.000Z: 1",
                "2026-03-29T21:00:00.000Z: 1", "2026-03-29T22:00:00.000Z: 1",
                "2026-10-24T21:00:00.000Z: 1", "2026-10-24T22:00:00.000Z: 1",
                "2026-10-25T00:00:00.000Z: 1", "2026-10-25T01:00:00.000Z: 1",
                "2026-10-25T22:00:00.000Z: 1", "2026-10-25T23:00:00.000Z: 1",
            ])
        #expect(
            try groups(visits, "field: AT, bucket: MONTH", "Europe/Oslo")
                == ["2026-02-28T23:00:00.000Z: 6", "2026-09-30T22:00:00.000Z: 6"])
    }

    @Test func `a day of New York has 23 hours in spring and 25 in autumn`() throws {
        let visits = try Self.visits([
            "2026-03-08T04:59:59.999Z", "2026-03-08T05:00:00Z", "2026-03-09T03:59:59.999Z",
            "2026-03-09T04:00:00Z", "2026-11-01T03:59:59.999Z", "2026-11-01T04:00:00Z",
            "2026-11-02T04:59:59.999Z", "2026-11-02T05:00:00Z",
        ])
        #expect(
            try groups(visits, "field: AT, bucket: DAY", "America/New_York") == [
                "2026-03-07T05:00:00.000Z: 1", "2026-03-08T05:00:00.000Z: 2",
                "2026-03-09T04:00:00.000Z: 1", "2026-10-31T04:00:00.000Z: 1",
                "2026-11-01T04:00:00.000Z: 2", "2026-11-02T05:00:00.000Z: 1",
            ])
        #expect(
            try groups(visits, "field: AT, bucket: YEAR", "America/New_York")
                == ["2026-01-01T05:00:00.000Z: 8"])
    }

    @Test func `weeks begin on Monday, over the new year too`() throws {
        let times = [
            "2024-12-29T23:59:59Z", "2024-12-30T00:00:00Z", "2025-01-01T12:00:00Z",
            "2025-01-05T23:59:59.999Z", "2025-01-06T00:00:00Z", "2026-12-28T00:00:00Z",
            "2027-01-03T23:59:59Z", "1969-12-31T23:59:59Z",
        ]
        #expect(
            try groups(Self.visits(times), "field: AT, bucket: WEEK", "UTC") == [
                "1969-12-29T00:00:00.000Z: 1", "2024-12-23T00:00:00.000Z: 1",
                "2024-12-30T00:00:00.000Z: 3", "2025-01-06T00:00:00.000Z: 1",
                "2026-12-28T00:00:00.000Z: 2",
            ])
        #expect(
            try groups(Self.visits(times), "field: AT, bucket: WEEK", "Asia/Tokyo") == [
                "1969-12-28T15:00:00.000Z: 1", "2024-12-29T15:00:00.000Z: 3",
                "2025-01-05T15:00:00.000Z: 2", "2026-12-27T15:00:00.000Z: 1",
                "2027-01-03T15:00:00.000Z: 1",
            ])
        let days = times.map { String($0.prefix(10)) }
        #expect(
            try groups(Self.visits(days), "field: DAY, bucket: WEEK", "Asia/Tokyo") == [
                "1969-12-29: 1", "2024-12-23: 1", "2024-12-30: 3", "2025-01-06: 1",
                "2026-12-28: 2",
            ])
    }

    @Test func `dates are put together by the days they name, in whatever zone`() throws {
        let visits = try Self.visits([
            "2024-02-29", "2024-03-31", "2024-04-01", "2024-12-31", "2025-01-01", "2025-01-01",
        ])
        for zone in ["UTC", "Pacific/Auckland", "America/New_York"] {
            #expect(
                try groups(visits, "field: DAY, bucket: DAY", zone) == [
                    "2024-02-29: 1", "2024-03-31: 1", "2024-04-01: 1", "2024-12-31: 1",
                    "2025-01-01: 2",
                ])
            #expect(
                try groups(visits, "field: DAY, bucket: MONTH", zone) == [
                    "2024-02-01: 1", "2024-03-01: 1", "2024-04-01: 1", "2024-12-01: 1",
                    "2025-01-01: 2",
                ])
            #expect(
                try groups(visits, "field: DAY, bucket: QUARTER", zone) == [
                    "2024-01-01: 2", "2024-04-01: 1", "2024-10-01: 1", "2025-01-01: 2",
                ])
            #expect(
                try groups(visits, "field: DAY, bucket: YEAR", zone)
                    == ["2024-01-01: 4", "2025-01-01: 2"])
        }
        #expect(
            try groups(visits, "field: DAY", "UTC")
                == groups(visits, "field: DAY, bucket: DAY", "UTC")
        )
    }

    @Test func `no time is a group of its own`() throws {
        let visits = try Self.visits(["2026-01-01T00:00:00Z", "2026-05-01", "2026-05-02"])
        #expect(
            try groups(visits, "field: AT, bucket: YEAR", "UTC")
                == ["2026-01-01T00:00:00.000Z: 1", "null: 2"])
    }
}
