import CAllocations
import Glibc

/// Something to be timed.
struct Benchmark {
    let name: String
    /// What one operation goes through, for the rate in the last column; nil when it is one thing.
    let items: (count: Int, name: String)?
    /// Does operation number `n`, counted from 0 through all rounds.
    /// - Returns: the bytes it wrote, or 0.
    let operation: (Int) -> Int

    init(
        _ name: String, items: (count: Int, name: String)? = nil,
        _ operation: @escaping (Int) -> Int
    ) {
        self.name = name
        self.items = items
        self.operation = operation
    }

    private static let roundCount = 5
    /// Long enough for caches and the allocator to reach their steady state, and for the clock's
    /// grain not to matter.
    private static let roundNanoseconds: UInt64 = 200_000_000

    func measure() -> Measurement {
        var next = 0
        func round(_ count: Int) -> Round {
            let allocations = tessera_allocation_count()
            let processor = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
            let start = nanoseconds(CLOCK_MONOTONIC)
            var byteCount = 0
            for number in next..<next + count { byteCount += operation(number) }
            next += count
            return Round(
                count: count,
                nanoseconds: nanoseconds(CLOCK_MONOTONIC) - start,
                processorNanoseconds: nanoseconds(CLOCK_THREAD_CPUTIME_ID) - processor,
                byteCount: byteCount, allocationCount: tessera_allocation_count() - allocations)
        }
        var count = 1
        while true {
            let trial = round(count)
            if trial.nanoseconds >= Benchmark.roundNanoseconds { break }
            let factor = Double(Benchmark.roundNanoseconds) / Double(max(trial.nanoseconds, 1))
            count = Int(Double(count) * min(max(factor * 1.1, 1.2), 10)) + 1
        }
        return Measurement(
            name: name, items: items, rounds: (0..<Benchmark.roundCount).map { _ in round(count) })
    }
}

/// One of the rounds in which an operation was repeated.
struct Round {
    let count: Int
    let nanoseconds: UInt64
    let processorNanoseconds: UInt64
    let byteCount: Int
    let allocationCount: UInt64
}

/// What came of a benchmark.
struct Measurement {
    let name: String
    let items: (count: Int, name: String)?
    let rounds: [Round]

    static let heading = row(
        "", "best ns", "median ns", "cpu ns", "bytes", "MB/s", "allocations", "rate")

    /// One line under ``heading``. Rates are those of one core: by the processor's time.
    var line: String {
        let processor = sorted { $0.processorNanoseconds }[0]
        let bytes = perOperation { UInt64($0.byteCount) }[0]
        return Measurement.row(
            name, text(sorted { $0.nanoseconds }[0]),
            text(sorted { $0.nanoseconds }[rounds.count / 2]), text(processor),
            bytes > 0 ? text(bytes) : "", bytes > 0 ? text(bytes / processor * 1000) : "",
            text(sorted { $0.allocationCount }[0]),
            items.map { "\(text(Double($0.count) / processor * 1000)) million \($0.name)/s" } ?? "")
    }

    private func perOperation(_ what: (Round) -> UInt64) -> [Double] {
        rounds.map { Double(what($0)) / Double($0.count) }
    }

    private func sorted(_ what: (Round) -> UInt64) -> [Double] {
        perOperation(what).sorted()
    }

    private static func row(_ cells: String...) -> String {
        let widths = [24, 12, 12, 12, 9, 7, 12]
        var line = ""
        for (place, cell) in cells.enumerated() {
            let padding = place < widths.count ? max(0, widths[place] - cell.count) : 2
            let blanks = String(repeating: " ", count: padding)
            line += place == 0 ? cell + blanks : blanks + cell
        }
        return line
    }

    /// Three digits that count, at most one after the point.
    private func text(_ number: Double) -> String {
        if number >= 100 || number == number.rounded() { return String(Int(number.rounded())) }
        let hundredths = Int((number * 100).rounded())
        if number >= 10 { return "\(hundredths / 100).\(hundredths / 10 % 10)" }
        let cents = String(hundredths % 100)
        return "\(hundredths / 100)." + (cents.count < 2 ? "0" + cents : cents)
    }
}

/// The time of a clock.
func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
