/// A day of the proleptic Gregorian calendar, in the years 0000 to 9999.
///
/// A date is stored as its **day number**: days since 1970-01-01, negative before it. This type is
/// the same day taken apart.
public struct CivilDate: Equatable, Sendable {
    /// 0 to 9999.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int

    /// The day number of 0000-01-01.
    public static let dayNumberMin: Int32 = -719_528
    /// The day number of 9999-12-31.
    public static let dayNumberMax: Int32 = 2_932_896

    /// `nil` if there is no such day.
    @inlinable
    public init?(year: Int, month: Int, day: Int) {
        guard 0...9999 ~= year, 1...12 ~= month,
            day >= 1, day <= CivilDate.dayCount(ofMonth: month, year: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day with this number; a number outside the years 0000 to 9999 takes the nearest day.
    ///
    /// Source: Neri and Schneider, "Euclidean affine functions and their application to calendar
    /// algorithms", 2022: quotient and remainder of each step come from one multiplication.
    @inlinable
    public init(dayNumber: Int32) {
        let clamped = min(max(dayNumber, -719_528), 2_932_896)
        // Days since 1 March of the year -400, so that nothing below is negative.
        let days = UInt32(truncatingIfNeeded: clamped &+ 719_468 &+ 146_097)
        let quarters = 4 &* days &+ 3
        let century = quarters / 146_097
        let dayOfCentury = (quarters % 146_097) / 4
        let product = 2_939_745 &* UInt64(4 &* dayOfCentury &+ 3)
        let yearOfCentury = UInt32(truncatingIfNeeded: product &>> 32)
        let dayOfYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
        let monthAndDay = 2_141 &* dayOfYear &+ 197_913
        let isAfterNewYear = dayOfYear >= 306
        year =
            Int(100 &* century &+ yearOfCentury) &- 400 &+ (isAfterNewYear ? 1 : 0)
        month = Int(monthAndDay &>> 16) &- (isAfterNewYear ? 12 : 0)
        day = Int((monthAndDay & 0xFFFF) / 2_141) &+ 1
    }

    /// Days since 1970-01-01.
    @inlinable public var dayNumber: Int32 {
        CivilDate.dayNumber(year: year, month: month, day: day)
    }

    /// Days since 1970-01-01 of a day that exists.
    @inline(__always) @inlinable
    static func dayNumber(year: Int, month: Int, day: Int) -> Int32 {
        // Years begin in March, so that the leap day comes last; 400 years keep them positive.
        let marchYear = year &+ 400 &- (month <= 2 ? 1 : 0)
        let marchMonth = month > 2 ? month &- 3 : month &+ 9
        let centuries = marchYear / 100
        let daysBeforeYear = 365 &* marchYear &+ marchYear / 4 &- centuries &+ centuries / 4
        let dayOfYear = (153 &* marchMonth &+ 2) / 5 &+ day &- 1
        return Int32(truncatingIfNeeded: daysBeforeYear &+ dayOfYear &- 719_468 &- 146_097)
    }

    /// `month` must be in 1...12.
    @inline(__always) @inlinable
    public static func dayCount(ofMonth month: Int, year: Int) -> Int {
        if month == 2 { return isLeapYear(year) ? 29 : 28 }
        // Odd months up to July and even months from August have 31 days.
        return 30 &+ ((month ^ (month &>> 3)) & 1)
    }

    @inline(__always) @inlinable
    public static func isLeapYear(_ year: Int) -> Bool {
        // A year divisible by 25 is divisible by 100 when it is by 4, and by 400 when by 16.
        year & (year % 25 == 0 ? 15 : 3) == 0
    }

    /// Reads exactly `2026-06-30`.
    ///
    /// - Returns: the day number, or `nil` if the text has another form or there is no such day.
    @inlinable
    public static func dayNumber(parsing text: UnsafeRawBufferPointer) -> Int32? {
        guard text.count == 10, let pointer = text.baseAddress else { return nil }
        return unsafe dayNumber(reading: pointer)
    }

    /// Ten bytes must be readable.
    @inline(__always) @inlinable
    static func dayNumber(reading pointer: UnsafeRawPointer) -> Int32? {
        var digits = unsafe DigitReader(pointer)
        let year = unsafe digits.two(at: 0) &* 100 &+ digits.two(at: 2)
        let month = unsafe digits.two(at: 5)
        let day = unsafe digits.two(at: 8)
        unsafe digits.expect(0x2D, at: 4)
        unsafe digits.expect(0x2D, at: 7)
        guard unsafe digits.isGood, month >= 1, month <= 12, day >= 1,
            day <= 28 || day <= dayCount(ofMonth: month, year: year)
        else { return nil }
        return dayNumber(year: year, month: month, day: day)
    }
}

/// Reads fixed places of a text and remembers whether all were as expected: one branch at the end.
// The pointer is the caller's, who vouches for every place it names.
@unsafe @usableFromInline
struct DigitReader {
    @usableFromInline let pointer: UnsafeRawPointer
    @usableFromInline var faults: UInt8 = 0

    @inline(__always) @inlinable
    init(_ pointer: UnsafeRawPointer) {
        unsafe self.pointer = unsafe pointer
    }

    @inline(__always) @inlinable
    var isGood: Bool { unsafe faults == 0 }

    @inline(__always) @inlinable
    mutating func two(at offset: Int) -> Int {
        let tens = unsafe pointer.load(fromByteOffset: offset, as: UInt8.self) &- 0x30
        let ones = unsafe pointer.load(fromByteOffset: offset &+ 1, as: UInt8.self) &- 0x30
        if tens > 9 || ones > 9 { unsafe faults = 1 }
        return Int(tens) &* 10 &+ Int(ones)
    }

    @inline(__always) @inlinable
    mutating func expect(_ byte: UInt8, at offset: Int) {
        unsafe faults |= byte ^ pointer.load(fromByteOffset: offset, as: UInt8.self)
    }
}
