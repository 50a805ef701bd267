/// A day of a year, whatever the year: 29 February is one.
public struct MonthDay: Equatable, Hashable, Comparable, Sendable {
    /// The month in the bits above the lowest five, the day in these: the order of numbers is that
    /// of days.
    public let rawValue: UInt16

    /// 1 January.
    public static let first = MonthDay(rawValue: 1 << 5 | 1)
    /// 31 December.
    public static let last = MonthDay(rawValue: 12 << 5 | 31)

    @inlinable
    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The month and the day of a day number; see ``CivilDate/init(dayNumber:)``.
    @inlinable
    public init(ofDayNumber dayNumber: Int32) {
        let date = CivilDate(dayNumber: dayNumber)
        rawValue = UInt16(truncatingIfNeeded: date.month &<< 5 | date.day)
    }

    /// Reads exactly `03-31`; nil if the text has another form or no year has such a day.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x2D else { return nil }
        func digit(_ place: Int) -> Int? {
            0x30...0x39 ~= bytes[place] ? Int(bytes[place]) - 0x30 : nil
        }
        guard let a = digit(0), let b = digit(1), let c = digit(3), let d = digit(4) else {
            return nil
        }
        let (month, day) = (10 * a + b, 10 * c + d)
        // A leap year has every day that any year has.
        guard 1...12 ~= month, 1...CivilDate.dayCount(ofMonth: month, year: 2000) ~= day else {
            return nil
        }
        rawValue = UInt16(month << 5 | day)
    }

    @inlinable
    public static func < (left: MonthDay, right: MonthDay) -> Bool {
        left.rawValue < right.rawValue
    }
}
