import Engine

/// A span of time, cut into intervals.
struct Timeline: Equatable, Sendable {
    let calendar: LocalCalendar
    /// The first moments of the intervals, and the end, itself excluded.
    let bounds: [Int64]
    /// The days on which the intervals begin, whole: the first may begin before the span.
    let labels: [Int32]

    /// More points than anybody can look at are not worked out.
    static let pointsMax = 400

    var count: Int { bounds.count - 1 }
    var start: Int64 { bounds[0] }
    var end: Int64 { bounds[count] }

    /// One interval. An end before the beginning makes it empty.
    init(from start: Int64, to end: Int64, _ calendar: LocalCalendar) {
        self.calendar = calendar
        bounds = [start, max(start, end)]
        labels = [calendar.day(of: start)]
    }

    /// Intervals of the calendar; the first and the last may be cut short.
    ///
    /// `nil` when there are more than ``pointsMax``.
    init?(
        from start: Int64, to end: Int64, by interval: ReportInterval, _ calendar: LocalCalendar
    ) {
        self.calendar = calendar
        var bounds = [start]
        var labels: [Int32] = []
        var index = interval.index(of: calendar.day(of: start))
        while let last = bounds.last, last < end {
            guard labels.count < Timeline.pointsMax else { return nil }
            labels.append(interval.start(of: index))
            index += 1
            let next = calendar.start(ofDay: interval.start(of: index))
            // At the end of the calendar's years there is no next interval.
            bounds.append(next > last ? min(next, end) : end)
        }
        self.bounds = bounds
        self.labels = labels
    }

    /// The interval that holds a moment; nil outside of the span. O(log n).
    func place(of instant: Int64) -> Int? {
        guard instant >= start, instant < end else { return nil }
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if bounds[middle] <= instant { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The days of an interval: those of which any moment lies in it.
    func days(of place: Int) -> Range<Int32> {
        let first = calendar.day(of: bounds[place])
        guard bounds[place] < bounds[place + 1] else { return first..<first }
        return first..<max(first, calendar.day(of: bounds[place + 1] - 1)) + 1
    }

    /// The day on which each interval begins, and the one on which the span ends.
    var boundaryDays: [Int32] { bounds.map { calendar.day(of: $0) } }
}
