import Bytes
import Engine
import Testing

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
