import Bytes

extension SeededRandom {
    /// Milliseconds `from...to`.
    mutating func time(from: Int64, to: Int64) -> Int64 {
        from + Int64(below(Int(max(to - from, 0)) + 1))
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
