import Testing

@testable import Bytes

struct CivilDateTests {
    private func parsed(_ text: String) -> Int32? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe CivilDate.dayNumber(parsing: $0) }
    }

    private func written(_ dayNumber: Int32) -> String {
        let buffer = ByteBuffer()
        buffer.appendDate(dayNumber)
        return buffer.makeString()
    }

    @Test func `every day from year 0 to 9999 agrees with counting one by one`() {
        var dayNumber = CivilDate.dayNumberMin
        let buffer = ByteBuffer()
        for year in 0...9999 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let months = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for month in 1...12 {
                for day in 1...months[month - 1] {
                    let date = CivilDate(dayNumber: dayNumber)
                    buffer.removeAll()
                    buffer.appendDate(dayNumber)
                    let back = unsafe buffer.withUnsafeBytes {
                        unsafe CivilDate.dayNumber(parsing: $0)
                    }
                    guard date.year == year, date.month == month, date.day == day,
                        date.dayNumber == dayNumber, back == dayNumber,
                        date == CivilDate(year: year, month: month, day: day)
                    else {
                        Issue.record("\(year)-\(month)-\(day) is not day \(dayNumber)")
                        return
                    }
                    dayNumber += 1
                }
                let tooLate = CivilDate(year: year, month: month, day: months[month - 1] + 1)
                #expect(tooLate == nil)
            }
        }
        #expect(dayNumber == CivilDate.dayNumberMax + 1)
    }

    @Test(
        arguments: [
            (0, "1970-01-01"), (-1, "1969-12-31"), (20_634, "2026-06-30"), (11_016, "2000-02-29"),
            (CivilDate.dayNumberMin, "0000-01-01"), (CivilDate.dayNumberMax, "9999-12-31"),
        ] as [(Int32, String)]) func `known days are read and written`(
            dayNumber: Int32, text: String
        )
    {
        #expect(written(dayNumber) == text)
        #expect(parsed(text) == dayNumber)
    }

    @Test func `days beyond the calendar are written as its ends`() {
        #expect(written(.min) == "0000-01-01")
        #expect(written(CivilDate.dayNumberMin - 1) == "0000-01-01")
        #expect(written(.max) == "9999-12-31")
        #expect(written(CivilDate.dayNumberMax + 1) == "9999-12-31")
    }

    @Test(arguments: [
        "", "2026", "2026-06-3", "2026-06-300", "2026-6-30", "26-06-30", "2026/06/30",
        "2026-06/30", "2026-00-10", "2026-13-10", "2026-06-00", "2026-06-31", "2026-02-29",
        "1900-02-29", "2100-02-29", "2026-02-30", "+026-06-30", "-026-06-30", "2026-06-3O",
        "2026-06-3 ", " 026-06-30", "2O26-06-30", "２026-06-30", "2026-06-30Z", "20260630..",
    ]) func `other notations are no dates`(text: String) {
        #expect(parsed(text) == nil)
    }

    @Test func `every other byte in every place of a date is refused or changes the date`() {
        let good = Array("2024-02-29".utf8)
        for place in good.indices {
            for byte in UInt8.min...UInt8.max where byte != good[place] {
                var bytes = good
                bytes[place] = byte
                let result = unsafe bytes.withUnsafeBytes {
                    unsafe CivilDate.dayNumber(parsing: $0)
                }
                if let result {
                    #expect((0x30...0x39).contains(byte))
                    #expect(written(result) == String(decoding: bytes, as: UTF8.self))
                }
            }
        }
    }
}
