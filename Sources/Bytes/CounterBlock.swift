import Glibc
import Synchronization

/// Counters that one thread raises and others read.
///
/// Counting is a plain load and store, without a lock and without a locked instruction, so only one
/// thread at a time may count in a block: every thread has blocks of its own, and who wants the whole
/// adds them up cell by cell. A reader sees each cell as it was at some moment; the cells of a block
/// need not be of the same moment.
// Safe: `cells` has room for `count` counters, which live as long as the block.
@safe
public final class CounterBlock: @unchecked Sendable {
    public let count: Int
    @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt64>>

    public init(count: Int) {
        self.count = count
        unsafe cells = .allocate(capacity: max(1, count))
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe cells.deinitialize(count: count)
        unsafe cells.deallocate()
    }

    /// Raises a counter. Only for the thread whose block this is.
    @inlinable
    public func raise(_ index: Int, by amount: UInt64 = 1) {
        precondition(index >= 0 && index < count, "no such counter")
        let value = unsafe cells[index].load(ordering: .relaxed)
        unsafe cells[index].store(value &+ amount, ordering: .relaxed)
    }

    /// Counts an observation of a histogram whose cells begin at `first`. Only for the thread whose
    /// block this is. O(bounds), but most observations fall below the first few.
    @inlinable
    public func observe(_ value: UInt64, _ shape: HistogramShape, at first: Int) {
        var bucket = 0
        while bucket < shape.bounds.count && value > shape.bounds[bucket] { bucket &+= 1 }
        raise(first &+ bucket)
        raise(first &+ shape.bounds.count &+ 1, by: value)
    }

    /// A counter as it is now; from any thread.
    public subscript(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count, "no such counter")
        return unsafe cells[index].load(ordering: .relaxed)
    }

    /// Adds these counters to a sum of as many.
    public func add(to sum: inout [UInt64]) {
        for index in 0..<min(count, sum.count) { sum[index] &+= self[index] }
    }
}

/// Where the buckets of a histogram end. Its cells are one for each bound, one for what is above all
/// of them, and the sum of everything observed.
public struct HistogramShape: Sendable, Equatable {
    /// Inclusive upper bounds, ascending.
    public let bounds: [UInt64]

    public init(bounds: [UInt64]) {
        self.bounds = bounds
    }

    /// Counters that a histogram takes.
    public var cellCount: Int { bounds.count + 2 }
}

/// A histogram as it was read: how often values fell between two bounds, not summed up.
public struct HistogramFigures: Sendable, Equatable {
    public let shape: HistogramShape
    /// One for each bound, and one for what is above all of them.
    public let counts: [UInt64]
    public let sum: UInt64

    /// - Parameters:
    ///   - cells: of a whole block, or of several added up.
    ///   - first: where the histogram's begin.
    public init(_ shape: HistogramShape, _ cells: [UInt64], at first: Int) {
        self.shape = shape
        counts = Array(cells[first..<first + shape.bounds.count + 1])
        sum = cells[first + shape.bounds.count + 1]
    }

    public var count: UInt64 { counts.reduce(0, &+) }
}

/// Nanoseconds of a clock that never goes back, counted from some fixed moment. Some 20 ns.
@inlinable
public func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
        &+ UInt64(bitPattern: Int64(time.tv_nsec))
}
