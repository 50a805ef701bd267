import Bytes
import Testing

/// Numbers that follow from a seed; a test prints the seed of a failure.
struct RuleDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word &>> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word &>> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word &>> 31
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    mutating func chance(_ percent: Int) -> Bool {
        number(0...99) < percent
    }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[number(0...values.count - 1)]
    }
}

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
