/// One table in a pinned version, or in a draft. Three words, copied freely.
// Safe: whoever made the view holds a pin, or the writer's lock, over the whole of its use.
@safe
public struct TableView: @unchecked Sendable {
    @usableFromInline let record: UnsafeRawPointer
    @usableFromInline let shardBits: Int

    /// - Parameter record: the table's part of a version's root, laid out as ``VersionLayout`` says.
    @inline(__always) @inlinable
    init(record: UnsafeRawPointer, shardBits: Int) {
        unsafe self.record = record
        self.shardBits = shardBits
    }

    /// Live rows.
    @inlinable public var count: Int {
        unsafe record.load(fromByteOffset: TableRecord.liveCount, as: Int.self)
    }

    /// The creation number that the next row gets. Every row of this version has a smaller one.
    @inlinable public var nextCreation: UInt64 {
        unsafe record.load(fromByteOffset: TableRecord.nextCreation, as: UInt64.self)
    }

    @inlinable public var shardCount: Int { 1 &<< shardBits }

    /// The row at `ref`, which must be live: it comes from an index of this version or from a
    /// reference of one of its rows. One load a level of the directory.
    @inline(__always) @inlinable
    public func row(_ ref: RowRef) -> RowView {
        let slot = ref.slot(shardBits: shardBits)
        let shard = ref.shard(shardBits: shardBits)
        let page = unsafe PageDirectory.livePage(
            root: root(shard), depth: depth(shard), number: slot &>> PageLayout.laneBits)
        return unsafe RowView(page: page, lane: slot & (PageLayout.lanes &- 1))
    }

    /// The row at `ref`, or nil when there is none in this version; any `ref` may be asked for.
    @inlinable
    public func liveRow(_ ref: RowRef) -> RowView? {
        let slot = ref.slot(shardBits: shardBits)
        let lane = slot & (PageLayout.lanes &- 1)
        guard
            let page = page(
                shard: ref.shard(shardBits: shardBits), number: slot &>> PageLayout.laneBits),
            page.live &>> UInt64(truncatingIfNeeded: lane) & 1 != 0
        else { return nil }
        return page.row(lane: lane)
    }

    /// Pages of a shard, those without live rows included.
    @inlinable
    public func pageCount(shard: Int) -> Int {
        (slotEnd(shard) &+ PageLayout.lanes &- 1) &>> PageLayout.laneBits
    }

    /// A page, or nil when all of its rows are gone or `number` is beyond the last.
    @inlinable
    public func page(shard: Int, number: Int) -> PageView? {
        guard number < pageCount(shard: shard),
            let page = unsafe PageDirectory.page(
                root: root(shard), depth: depth(shard), number: number)
        else { return nil }
        let first = RowRef(
            slot: number &<< PageLayout.laneBits, shard: shard, shardBits: shardBits)
        return unsafe PageView(page: page, firstRef: first, shardBits: shardBits)
    }

    /// One more than the greatest number of a reference to a row of this table.
    public var refEnd: UInt32 {
        let slots = (0..<shardCount).map { slotEnd($0) }.max() ?? 0
        return RowRef(slot: slots, shard: 0, shardBits: shardBits).rawValue
    }

    /// Every live row, shard by shard, in the order of slots.
    @inlinable
    public func forEachRow<Failure: Error>(
        _ body: (RowView, RowRef) throws(Failure) -> Void
    ) throws(Failure) {
        for shard in 0..<shardCount {
            for number in 0..<pageCount(shard: shard) {
                guard let page = page(shard: shard, number: number) else { continue }
                var rest = page.live
                while rest != 0 {
                    let lane = rest.trailingZeroBitCount
                    rest &= rest &- 1
                    try body(page.row(lane: lane), page.ref(lane: lane))
                }
            }
        }
    }

    /// One more than the greatest slot ever given out on the shard.
    @inlinable
    func slotEnd(_ shard: Int) -> Int {
        Int(
            truncatingIfNeeded: unsafe record.load(
                fromByteOffset: TableRecord.slotEnd(shard), as: UInt32.self))
    }

    @inline(__always) @inlinable
    func root(_ shard: Int) -> UnsafeRawPointer? {
        unsafe record.load(fromByteOffset: TableRecord.root(shard), as: UnsafeRawPointer?.self)
    }

    @inline(__always) @inlinable
    func depth(_ shard: Int) -> Int {
        Int(
            truncatingIfNeeded: unsafe record.load(
                fromByteOffset: TableRecord.depth(shard), as: UInt32.self))
    }
}

extension VersionView {
    /// The rows of a table.
    @inline(__always) @inlinable
    public func table(_ table: TableID) -> TableView {
        unsafe TableView(record: tableRecord(table), shardBits: shardBits)
    }
}

/// Offsets within a table's record of a version's root; see ``VersionLayout``.
@usableFromInline
enum TableRecord {
    @inlinable static var liveCount: Int { 0 }
    @inlinable static var nextCreation: Int { 8 }

    @inline(__always) @inlinable
    static func root(_ shard: Int) -> Int {
        VersionLayout.shardsOffset &+ VersionLayout.shardByteCount &* shard
    }

    @inline(__always) @inlinable
    static func slotEnd(_ shard: Int) -> Int { root(shard) &+ 8 }

    @inline(__always) @inlinable
    static func depth(_ shard: Int) -> Int { root(shard) &+ 12 }
}
