import Bytes
import Engine
import Testing

/// The day number of `2026-06-30`.
func onDay(_ text: String) -> Int32 {
    var text = text
    let day = text.withUTF8 { unsafe CivilDate.dayNumber(parsing: UnsafeRawBufferPointer($0)) }
    guard let day else {
        Issue.record("no such day: \(text)")
        return 0
    }
    return day
}

/// `2026-06-30`, or `never`.
func dayText(_ day: Int32?) -> String {
    guard let day else { return "never" }
    let date = CivilDate(dayNumber: day)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.year)-\(two(date.month))-\(two(date.day))"
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

func calendar(_ identifier: String) -> LocalCalendar {
    guard let calendar = LocalCalendar(identifier: identifier) else {
        Issue.record("no such zone: \(identifier)")
        return .utc
    }
    return calendar
}
