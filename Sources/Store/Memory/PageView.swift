/// 64 rows of a pinned version that lie in one block, or fewer where rows were deleted or not
/// created yet. Whole columns of it are tested and added up at once; see the kernels.
// Safe: as for `RowView`.
@safe
public struct PageView: @unchecked Sendable {
    @usableFromInline let page: UnsafeRawPointer
    @usableFromInline let firstRef: UInt32
    @usableFromInline let shardBits: UInt32

    @inline(__always) @inlinable
    init(page: UnsafeRawPointer, firstRef: RowRef, shardBits: Int) {
        unsafe self.page = page
        self.firstRef = firstRef.rawValue
        self.shardBits = UInt32(truncatingIfNeeded: shardBits)
    }

    /// Bit `lane` is set when there is a row.
    @inline(__always) @inlinable
    public var live: UInt64 {
        unsafe page.load(fromByteOffset: PageLayout.live, as: UInt64.self)
    }

    @inline(__always) @inlinable
    public func ref(lane: Int) -> RowRef {
        RowRef(rawValue: firstRef &+ UInt32(truncatingIfNeeded: lane) &<< shardBits)
    }

    /// The row of a lane whose bit in ``live`` is set.
    @inline(__always) @inlinable
    public func row(lane: Int) -> RowView {
        unsafe RowView(page: page, lane: lane)
    }

    @inline(__always) @inlinable
    public func creation(lane: Int) -> UInt32 {
        row(lane: lane).creation
    }

    @inline(__always) @inlinable
    public func locator(lane: Int) -> Locator {
        Locator(creation: creation(lane: lane), ref: ref(lane: lane))
    }

    /// Bit `lane` is set when the column has a value there. Bits of lanes without a row mean
    /// nothing.
    @inline(__always) @inlinable
    public func validity(_ column: Column) -> UInt64 {
        if column.validityOffset < 0 { return .max }
        return unsafe page.load(fromByteOffset: Int(column.validityOffset), as: UInt64.self)
    }

    /// Reads a word of each line of the processor's cache that the column lies in, so that it is
    /// there when it is needed.
    ///
    /// - Returns: something that depends on all of them. The caller keeps it until the end of its
    ///   loop: what nobody uses is not read.
    @inline(__always) @inlinable
    public func touch(_ column: Column) -> UInt64 {
        var sum = live
        var offset = Int(column.offset)
        let end = offset &+ column.code.width &* PageLayout.lanes
        while offset < end {
            sum &+= unsafe page.load(fromByteOffset: offset, as: UInt64.self)
            offset &+= 64
        }
        return sum
    }
}
