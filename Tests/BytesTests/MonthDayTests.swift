import Bytes
import Testing

@Suite struct MonthDayTests {
    @Test func `every day of a leap year is read and comes in its order`() throws {
        var before: MonthDay?
        let start = try #require(CivilDate(year: 2024, month: 1, day: 1)).dayNumber
        for offset in 0..<Int32(366) {
            let date = CivilDate(dayNumber: start + offset)
            let month = date.month < 10 ? "0\(date.month)" : "\(date.month)"
            let day = date.day < 10 ? "0\(date.day)" : "\(date.day)"
            let parsed = try #require(MonthDay(parsing: "\(month)-\(day)"))
            #expect(parsed == MonthDay(ofDayNumber: start + offset))
            if let before { #expect(before < parsed) }
            before = parsed
        }
        #expect(before == .last)
        #expect(MonthDay(ofDayNumber: start) == .first)
    }

    @Test(arguments: [
        "", "3-31", "03-1", "03/31", "0331", "03-311", "00-10", "13-01", "02-30", "04-31", "01-00",
        "-3-31", "03-3x", "+1-01", "٠١-٠١",
    ])
    func `a text that is no day of a year is not read`(text: String) {
        #expect(MonthDay(parsing: text) == nil)
    }

    @Test func `29 February is a day of its own`() throws {
        let leap = try #require(CivilDate(year: 2024, month: 2, day: 29)).dayNumber
        #expect(MonthDay(parsing: "02-29") == MonthDay(ofDayNumber: leap))
        #expect(MonthDay(ofDayNumber: leap - 1) < MonthDay(ofDayNumber: leap))
        #expect(MonthDay(ofDayNumber: leap) < MonthDay(ofDayNumber: leap + 1))
    }
}
