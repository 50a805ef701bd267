import Bytes

/// What a writer and its journal have counted since the start.
public struct CommitFigures: Sendable, Equatable {
    /// Groups that became a version, and those that could not be written.
    public let commits: UInt64
    public let failures: UInt64
    /// Nanoseconds from the end of a group's jobs until its version is visible.
    public let durations: HistogramFigures
    public let journalRecords: UInt64
    public let journalBytes: UInt64
    /// Nanoseconds of each sync of the journal.
    public let syncs: HistogramFigures
}

/// The counters of one writer, and those of its journal.
///
/// Only the holder of the commit role counts, one thread at a time.
final class CommitCounters: Sendable {
    /// Upper bounds in nanoseconds: from a commit in memory, by that of a good disk, to one that
    /// somebody has to look at.
    static let shape = HistogramShape(
        bounds: [
            100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
            50_000_000, 100_000_000, 250_000_000, 1_000_000_000,
        ])

    private enum Cell {
        static let commits = 0
        static let failures = 1
        static let records = 2
        static let bytes = 3
        static let durations = 4
        static var syncs: Int { durations + CommitCounters.shape.cellCount }
        static var count: Int { syncs + CommitCounters.shape.cellCount }
    }

    private let block = CounterBlock(count: Cell.count)

    func countCommit(since start: UInt64) {
        block.raise(Cell.commits)
        block.observe(monotonicNanoseconds() &- start, CommitCounters.shape, at: Cell.durations)
    }

    func countFailure() { block.raise(Cell.failures) }

    func countRecord(byteCount: Int) {
        block.raise(Cell.records)
        block.raise(Cell.bytes, by: UInt64(clamping: byteCount))
    }

    func countSync(since start: UInt64) {
        block.observe(monotonicNanoseconds() &- start, CommitCounters.shape, at: Cell.syncs)
    }

    /// These counters together with those of the journal.
    func figures(with journal: CommitCounters?) -> CommitFigures {
        var cells = [UInt64](repeating: 0, count: Cell.count)
        block.add(to: &cells)
        journal?.block.add(to: &cells)
        return CommitFigures(
            commits: cells[Cell.commits], failures: cells[Cell.failures],
            durations: HistogramFigures(CommitCounters.shape, cells, at: Cell.durations),
            journalRecords: cells[Cell.records], journalBytes: cells[Cell.bytes],
            syncs: HistogramFigures(CommitCounters.shape, cells, at: Cell.syncs))
    }
}
