import Glibc

/// An instant is an `Int64`: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// This is the notation of such instants, the `DateTime` scalar:
/// `2026-06-30T12:00:00.000Z` on the way out; on the way in any offset but `-00:00`, and no
/// fraction or one of one to nine digits, of which those beyond the third are dropped.
///
/// Refused are a missing offset, lower-case `t` and `z`, a blank for the `T`, second 60, hour 24,
/// days that do not exist, and instants that in UTC fall outside the years 0000 to 9999.
///
/// Source: RFC 3339 §5.6; https://scalars.graphql.org/andimarek/date-time.html, whose three
/// digits of fraction we write but do not insist on.
public enum Instant {
    /// 0000-01-01T00:00:00.000Z
    public static let millisecondsMin: Int64 = -62_167_219_200_000
    /// 9999-12-31T23:59:59.999Z
    public static let millisecondsMax: Int64 = 253_402_300_799_999

    /// The system's time.
    public static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    @inlinable static var millisecondsPerDay: Int64 { 86_400_000 }

    /// Milliseconds since the epoch, or `nil` if `text` is not as described above.
    @inlinable
    public static func milliseconds(parsing text: UnsafeRawBufferPointer) -> Int64? {
        // The shortest is `2026-06-30T12:00:00Z`; the longest has a fraction and `+hh:mm`.
        guard text.count >= 20, text.count <= 35, let pointer = text.baseAddress,
            let dayNumber = unsafe CivilDate.dayNumber(reading: pointer)
        else { return nil }
        var digits = unsafe DigitReader(pointer)
        unsafe digits.expect(0x54, at: 10)
        unsafe digits.expect(0x3A, at: 13)
        unsafe digits.expect(0x3A, at: 16)
        let hour = unsafe digits.two(at: 11)
        let minute = unsafe digits.two(at: 14)
        let second = unsafe digits.two(at: 17)
        guard unsafe digits.isGood, hour < 24, minute < 60, second < 60 else { return nil }

        var offset = 19
        var fraction = 0
        if unsafe text[19] == 0x2E {
            offset = 20
            var scale = 100
            while offset < text.count {
                let digit = unsafe text[offset] &- 0x30
                guard digit <= 9 else { break }
                fraction &+= Int(digit) &* scale
                scale /= 10
                offset &+= 1
            }
            guard offset > 20, offset <= 29 else { return nil }
        }
        guard
            let zone = unsafe zoneMinutes(
                parsing: UnsafeRawBufferPointer(rebasing: text[offset...]))
        else { return nil }
        let minutes = Int64(hour &* 60 &+ minute &- zone)
        let result =
            Int64(dayNumber) &* millisecondsPerDay &+ minutes &* 60_000
            &+ Int64(second &* 1_000 &+ fraction)
        // An offset may push the instant out of the years that can be written.
        guard result >= millisecondsMin, result <= millisecondsMax else { return nil }
        return result
    }

    /// `Z`, `+hh:mm` or `-hh:mm` but not `-00:00`: minutes ahead of UTC.
    @inline(__always) @inlinable
    static func zoneMinutes(parsing text: UnsafeRawBufferPointer) -> Int? {
        if text.count == 1 { return unsafe text[0] == 0x5A ? 0 : nil }
        guard text.count == 6, let pointer = text.baseAddress else { return nil }
        var digits = unsafe DigitReader(pointer)
        let hours = unsafe digits.two(at: 1)
        let minutes = unsafe digits.two(at: 4)
        unsafe digits.expect(0x3A, at: 3)
        guard unsafe digits.isGood, hours < 24, minutes < 60 else { return nil }
        let ahead = hours &* 60 &+ minutes
        switch unsafe text[0] {
        case 0x2B: return ahead
        case 0x2D where ahead > 0: return 0 &- ahead
        default: return nil
        }
    }
}

extension ByteBuffer {
    /// `2026-06-30T12:00:00.000Z`, 24 bytes.
    ///
    /// An instant outside the years 0000 to 9999 is written as the nearest one inside.
    @inlinable
    public func appendDateTime(_ milliseconds: Int64) {
        reserve(24)
        let clamped = min(
            max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        // Not negative, so that the divisions round down.
        let sinceYearZero = UInt64(truncatingIfNeeded: clamped &+ 62_167_219_200_000)
        let days = sinceYearZero / 86_400_000
        let ofDay = UInt32(truncatingIfNeeded: sinceYearZero &- days &* 86_400_000)
        let seconds = ofDay / 1_000
        let thousandths = UInt64(ofDay &- seconds &* 1_000)
        let minutes = seconds / 60
        let hours = minutes / 60
        let hundredths = thousandths / 10
        let time = asciiDigits(
            ofPairs: UInt64(hours) | UInt64(minutes &- hours &* 60) &<< 16
                | UInt64(seconds &- minutes &* 60) &<< 32 | hundredths &<< 48)
        let date = dateDigits(Int32(truncatingIfNeeded: Int64(days) &- 719_528))
        // `yyyy-mm-`, `ddThh:mm`, `:ss.fffZ`
        let first =
            date & 0xFFFF_FFFF | 0x2D &<< 32 | (date &>> 32 & 0xFFFF) &<< 40 | 0x2D &<< 56
        let second =
            date &>> 48 | 0x54 &<< 16 | (time & 0xFFFF) &<< 24 | 0x3A &<< 40
            | (time &>> 16 & 0xFFFF) &<< 48
        let third =
            0x3A | (time &>> 32 & 0xFFFF) &<< 8 | 0x2E &<< 24 | (time &>> 48) &<< 32
            | (thousandths &- hundredths &* 10 &+ 0x30) &<< 48 | 0x5A &<< 56
        unsafe unsafeAppendWord(first)
        unsafe unsafeAppendWord(second)
        unsafe unsafeAppendWord(third)
    }

    /// `2026-06-30`, 10 bytes, from days since 1970-01-01.
    ///
    /// A day outside the years 0000 to 9999 is written as the nearest one inside.
    @inlinable
    public func appendDate(_ dayNumber: Int32) {
        reserve(16)
        let date = dateDigits(dayNumber)
        let first =
            date & 0xFFFF_FFFF | 0x2D &<< 32 | (date &>> 32 & 0xFFFF) &<< 40 | 0x2D &<< 56
        unsafe unsafeAppendWord(first)
        unsafe unsafeAppendWord(date &>> 48)
        filled &-= 6
    }
}

/// `yyyymmdd`, the first digit in the lowest byte.
@inline(__always) @inlinable
func dateDigits(_ dayNumber: Int32) -> UInt64 {
    let date = CivilDate(dayNumber: dayNumber)
    let century = date.year / 100
    return asciiDigits(
        ofPairs: UInt64(truncatingIfNeeded: century)
            | UInt64(truncatingIfNeeded: date.year &- century &* 100) &<< 16
            | UInt64(truncatingIfNeeded: date.month) &<< 32
            | UInt64(truncatingIfNeeded: date.day) &<< 48)
}
