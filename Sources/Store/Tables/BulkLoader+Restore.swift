import Dispatch

/// Putting rows back to the places they had: many threads fill shards side by side, then all
/// references and indexes are checked at once.
extension BulkLoader {
    /// Makes an empty table ready for rows at given places.
    ///
    /// - Parameters:
    ///   - nextCreation: the number that the next new row gets.
    ///   - slotEnds: by shard, the slot that the next new row gets.
    func beginRestore(_ table: TableID, nextCreation: UInt64, slotEnds: [Int]) {
        precondition(slotEnds.count == 1 << store.shardBits, "one end for each shard")
        let load = unsafe TableLoad(store.tables[table.index], root: root, writer: writer)
        tables[table.index] = load
        load.nextCreation = nextCreation
        for (shard, slotEnd) in slotEnds.enumerated() {
            unsafe load.tails[shard].slotEnd = slotEnd
            load.record(slotEndOf: shard)
        }
    }

    /// One shard of a table that is ready, for one thread at a time; different shards and tables
    /// may be filled side by side.
    func shardRestore(_ table: TableID, shard: Int) -> ShardRestore {
        guard let load = tables[table.index] else {
            preconditionFailure("the table was not made ready")
        }
        let ends = unsafe (load.tails[shard].slotEnd, load.nextCreation)
        return unsafe ShardRestore(
            load.plan, shard: shard, root: root,
            writer: NodeWriter(pool: store.pool, stamp: writer.stamp), slotEnd: ends.0,
            nextCreation: ends.1)
    }

    /// Counts the rows of shards that have been filled.
    func add(_ shards: [ShardRestore]) {
        for shard in shards {
            guard let load = tables[shard.plan.id.index] else { continue }
            load.liveCount += shard.rowCount
            load.record(slotEndOf: shard.shard)
            writer.absorb(shard.writer)
        }
    }

    /// The first row of each shard of which a reference leads nowhere, or is null and must not be.
    func danglingReferences() -> [LoadViolation] {
        var checks: [ReferenceCheck] = []
        for case let load? in tables where !load.plan.references.isEmpty {
            for shard in 0..<1 << store.shardBits
            where view.table(load.plan.id).pageCount(shard: shard) > 0 {
                checks.append(ReferenceCheck(load.plan, view, shard: shard))
            }
        }
        let all = checks
        DispatchQueue.concurrentPerform(iterations: all.count) { all[$0].run() }
        return checks.compactMap(\.violation)
    }
}

/// The rows of one table on one shard, put back page by page.
// Safe: one thread fills it; the pages and the shard's part of the version's root belong to it
// alone until it is added to the loader.
@safe
final class ShardRestore: @unchecked Sendable {
    let plan: TablePlan
    let shard: Int
    let writer: NodeWriter
    private(set) var rowCount = 0
    private let pages: PageDraft
    private let shardBits: Int
    private let slotEnd: Int
    private let nextCreation: UInt64
    private var lastSlot = -1
    private var lastCreation = 0
    /// A page with room in its heap, which is copied to its place when it is full.
    private var page: UnsafeMutableRawPointer
    private var pageByteCount: Int
    private var openNumber: Int?

    init(
        _ plan: TablePlan, shard: Int, root: VersionRoot, writer: NodeWriter, slotEnd: Int,
        nextCreation: UInt64
    ) {
        self.plan = plan
        self.shard = shard
        self.writer = writer
        self.slotEnd = slotEnd
        self.nextCreation = nextCreation
        unsafe shardBits = root.shardBits
        unsafe pages = PageDraft(root: root, table: plan.id, layout: plan.layout, writer: writer)
        let fixed = plan.layout.fixedByteCount
        pageByteCount = plan.layout.hasBytes ? fixed + ShardRestore.heapSlack : fixed
        unsafe page = PageDraft.makePage(
            fixedByteCount: fixed, byteCount: pageByteCount, writer: writer)
    }

    deinit {
        unsafe writer.retire(page)
    }

    /// Room for the texts of 64 rows, to begin with.
    private static let heapSlack = 8192

    /// Adds a row behind those before it. The builder has all required values but references.
    func append(slot: Int, creation: Int, _ row: RowBuilder) throws(FileFault) {
        guard slot > lastSlot, slot < slotEnd else { throw .slot(slot) }
        guard creation > lastCreation, UInt64(creation) < nextCreation else {
            throw .creation(creation)
        }
        let number = slot >> PageLayout.laneBits
        if number != openNumber {
            close()
            unsafe PageDraft.clear(page, fixedByteCount: plan.layout.fixedByteCount)
            openNumber = number
        }
        let need = unsafe PageDraft.heapEnd(page) + row.byteCount
        if need > pageByteCount { try grow(to: need) }
        let lane = slot & (PageLayout.lanes - 1)
        unsafe PageDraft.write(
            row, creation: UInt32(truncatingIfNeeded: creation), lane: lane, page: page)
        lastSlot = slot
        lastCreation = creation
        rowCount += 1
    }

    /// Puts the last page to its place. The directory reaches to the last slot given out, even if
    /// the rows there are gone.
    func finish() {
        close()
        guard rowCount > 0 else { return }
        let last = RowRef(slot: slotEnd - 1, shard: shard, shardBits: shardBits)
        _ = unsafe pages.writableLink(of: last)
    }

    /// Puts the page at hand to its place, at exactly the size it needs.
    private func close() {
        guard let number = openNumber else { return }
        let ref = RowRef(slot: number << PageLayout.laneBits, shard: shard, shardBits: shardBits)
        let byteCount = unsafe PageDraft.heapEnd(page) - PageDraft.garbage(page)
        let exact = unsafe pages.copy(page, byteCount: byteCount)
        unsafe pages.writableLink(of: ref).storeBytes(
            of: exact, as: UnsafeMutableRawPointer?.self)
        openNumber = nil
    }

    private func grow(to need: Int) throws(FileFault) {
        guard need <= PageLayout.byteCountMax else { throw .pageFull }
        let byteCount = min(max(2 * pageByteCount, need), PageLayout.byteCountMax)
        let larger = unsafe pages.copy(page, byteCount: byteCount)
        unsafe writer.retire(page)
        unsafe page = larger
        pageByteCount = byteCount
    }
}

/// The references of one table on one shard.
// Safe: one thread runs it; the pages it reads do not change meanwhile.
@safe
final class ReferenceCheck: @unchecked Sendable {
    private let plan: TablePlan
    private let view: VersionView
    private let shard: Int
    private(set) var violation: LoadViolation?

    init(_ plan: TablePlan, _ view: VersionView, shard: Int) {
        self.plan = plan
        self.view = view
        self.shard = shard
    }

    func run() {
        let rows = view.table(plan.id)
        let references = plan.references.map { reference in
            (
                id: reference.column, column: plan.layout.columns[reference.column],
                target: view.table(reference.target)
            )
        }
        for number in 0..<rows.pageCount(shard: shard) {
            guard let page = rows.page(shard: shard, number: number) else { continue }
            for reference in references {
                var rest = page.live
                while rest != 0 {
                    let lane = rest.trailingZeroBitCount
                    rest &= rest &- 1
                    let target = page.row(lane: lane).reference(reference.column)
                    if target == .none {
                        if reference.column.isNullable { continue }
                        violation = .nullInRequired(
                            table: plan.id, column: reference.id, ref: page.ref(lane: lane))
                        return
                    }
                    if reference.target.liveRow(target) == nil {
                        violation = .missingReference(
                            table: plan.id, column: reference.id, ref: page.ref(lane: lane))
                        return
                    }
                }
            }
        }
    }
}
