import Testing

@testable import Bytes

struct InstantTests {
    private func parsed(_ text: String) -> Int64? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe Instant.milliseconds(parsing: $0) }
    }

    private func written(_ milliseconds: Int64) -> String {
        let buffer = ByteBuffer()
        buffer.appendDateTime(milliseconds)
        return buffer.makeString()
    }

    private func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Walks years and months from 1970; no formula in common with the product's.
    private func naive(_ milliseconds: Int64) -> String {
        var days = milliseconds / 86_400_000
        var ofDay = milliseconds % 86_400_000
        if ofDay < 0 {
            ofDay += 86_400_000
            days -= 1
        }
        func length(_ year: Int64) -> Int64 {
            year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
        }
        var year: Int64 = 1970
        while days < 0 {
            year -= 1
            days += length(year)
        }
        while days >= length(year) {
            days -= length(year)
            year += 1
        }
        let february: Int64 = length(year) == 366 ? 29 : 28
        var month: Int64 = 1
        for count in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if days < count { break }
            days -= count
            month += 1
        }
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(days + 1, 2) + "T"
            + padded(ofDay / 3_600_000, 2) + ":" + padded(ofDay / 60_000 % 60, 2) + ":"
            + padded(ofDay / 1_000 % 60, 2) + "." + padded(ofDay % 1_000, 3) + "Z"
    }

    @Test func `random instants agree with a naive calendar and read back`() {
        var random = SeededRandom()
        let all = Instant.millisecondsMin...Instant.millisecondsMax
        for _ in 0..<3_000 {
            let instant = Int64.random(in: all, using: &random)
            let text = written(instant)
            guard text == naive(instant), parsed(text) == instant else {
                Issue.record("\(instant) became \(text) with \(random)")
                return
            }
        }
    }

    @Test func `every minute offset shifts the instant by itself`() {
        let base: Int64 = 1_782_820_800_123
        #expect(parsed("2026-06-30T12:00:00.123Z") == base)
        for ahead in -1439...1439 where ahead != 0 {
            let sign = ahead < 0 ? "-" : "+"
            let hours = padded(Int64(abs(ahead) / 60), 2)
            let minutes = padded(Int64(abs(ahead) % 60), 2)
            let text = "2026-06-30T12:00:00.123\(sign)\(hours):\(minutes)"
            #expect(parsed(text) == base - Int64(ahead) * 60_000)
        }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_782_820_800_000, "2026-06-30T12:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (Instant.millisecondsMin, "0000-01-01T00:00:00.000Z"),
            (Instant.millisecondsMax, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]) func `known instants are read and written`(
            instant: Int64, text: String
        )
    {
        #expect(written(instant) == text)
        #expect(parsed(text) == instant)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:01Z", 1_000), ("1970-01-01T00:00:01+00:00", 1_000),
            ("1970-01-01T00:00:00.1Z", 100), ("1970-01-01T00:00:00.12Z", 120),
            ("1970-01-01T00:00:00.123Z", 123), ("1970-01-01T00:00:00.1239Z", 123),
            ("1970-01-01T00:00:00.123456789Z", 123), ("1970-01-01T00:00:00.000999999Z", 0),
            ("1970-01-01T01:00:00.123456789+01:00", 123), ("1970-01-01T00:00:00-00:01", 60_000),
            ("1969-12-31T23:00:00-01:00", 0), ("1970-01-01T23:59:59.5+23:59", 59_500),
            ("9999-12-31T23:59:59.999+00:01", Instant.millisecondsMax - 60_000),
        ] as [(String, Int64)]) func `fractions and offsets are understood`(
            text: String, instant: Int64
        )
    {
        #expect(parsed(text) == instant)
    }

    @Test(arguments: [
        "", "Z", "2026-06-30", "2026-06-30T12:00:00", "2026-06-30T12:00:00.000",
        "2026-06-30t12:00:00Z", "2026-06-30T12:00:00z", "2026-06-30 12:00:00Z",
        "2026-06-30T12:00Z", "2026-06-30T12:00:00.Z", "2026-06-30T12:00:00.1234567890Z",
        "2026-06-30T12:00:00,5Z", "2026-06-30T24:00:00Z", "2026-06-30T23:60:00Z",
        "2026-06-30T23:59:60Z", "2016-12-31T23:59:60Z", "2026-06-31T12:00:00Z",
        "2026-02-29T12:00:00Z", "2026-06-30T12:00:00-00:00", "2026-06-30T12:00:00+24:00",
        "2026-06-30T12:00:00+00:60", "2026-06-30T12:00:00+0000", "2026-06-30T12:00:00+00",
        "2026-06-30T12:00:00+00:0", "2026-06-30T12:00:00+00:000", "2026-06-30T12:00:00ZZ",
        "2026-06-30T12:00:00Z ", " 2026-06-30T12:00:00Z", "2026-06-30T12:00:00 Z",
        "2026-06-30T12:00:00*01:00", "2026-06-30T12:00:00.5", "2026-06-30T1:00:00.00Z",
        "2026-06-30T12-00-00.000Z", "12026-06-30T12:00:00Z", "2026-W27-2T12:00:00Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999-00:01",
        "2026-06-30T12:00:00.123456789+01:000", "2026-06-30T12:00:00.+01:00",
    ]) func `other notations are no instants`(text: String) {
        #expect(parsed(text) == nil)
    }

    @Test func `instants beyond the calendar are written as its ends`() {
        #expect(written(.min) == "0000-01-01T00:00:00.000Z")
        #expect(written(.max) == "9999-12-31T23:59:59.999Z")
    }

    @Test func `a cut or changed text is refused or names another instant`() {
        let good = Array("2024-02-29T23:59:59.987+05:30".utf8)
        for count in good.indices {
            #expect(parsed(String(decoding: good[..<count], as: UTF8.self)) == nil)
        }
        for place in good.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = good
                bytes[place] = byte
                let result = unsafe bytes.withUnsafeBytes {
                    unsafe Instant.milliseconds(parsing: $0)
                }
                if result != nil, byte != good[place] {
                    #expect((0x30...0x39).contains(byte) || place == 23 && byte == 0x2D)
                }
            }
        }
    }
}
