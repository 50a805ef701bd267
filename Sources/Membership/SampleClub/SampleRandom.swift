/// A sequence of numbers that look random and are the same everywhere.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SampleRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// `0..<bound`; `bound` must be positive.
    mutating func number(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + number(below: range.count)
    }

    /// Milliseconds `from...to`.
    mutating func time(from: Int64, to: Int64) -> Int64 {
        from + Int64(number(below: Int(max(to - from, 0)) + 1))
    }

    /// True in so many of a hundred cases.
    mutating func chance(percent: Int) -> Bool { number(below: 100) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(below: elements.count)]
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word &>> 31)
    }
}

/// Milliseconds in one day.
let dayMilliseconds: Int64 = 86_400_000

/// A day by its number in the calendar.
struct SampleDay: Equatable {
    let year: Int
    let month: Int
    /// 2 to 28, so that the day before it is in the same month, in every year.
    let day: Int

    /// Days since 1970-01-01.
    var number: Int64 {
        // Years begin in March, so that the leap day comes last.
        let marchYear = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Int64(
            365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear
                - 719_468)
    }

    func adding(years: Int) -> SampleDay {
        SampleDay(year: year + years, month: month, day: day)
    }
}
