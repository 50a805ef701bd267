import Glibc

/// The pages of one table in a draft, for the group that writes it.
///
/// A page or branch that an older version leads to is copied before it is changed, once a group.
/// Counters of the table's record (rows, slots, creation numbers) and the indexes are the
/// caller's.
// Safe: used by the thread that holds the writer's lock, while the draft exists.
@unsafe
struct PageDraft {
    let root: VersionRoot
    let table: TableID
    let writer: NodeWriter
    let fixedByteCount: Int
    let hasBytes: Bool
    let columns: [Column]
    let byteCountMax: Int

    /// - Parameter byteCountMax: bytes beyond which a page is refused to grow.
    init(
        root: VersionRoot, table: TableID, layout: TableLayout, writer: NodeWriter,
        byteCountMax: Int = PageLayout.byteCountMax
    ) {
        unsafe self.byteCountMax = byteCountMax
        unsafe self.root = unsafe root
        unsafe self.table = table
        unsafe self.writer = writer
        unsafe fixedByteCount = layout.fixedByteCount
        unsafe hasBytes = layout.hasBytes
        unsafe columns = layout.columns
    }

    // MARK: Rows

    /// Writes a whole row to a slot that is not live. Untouched columns become null.
    /// - Returns: false when the page would grow beyond `byteCountMax`; then nothing happened.
    func insert(_ ref: RowRef, creation: UInt32, _ row: RowBuilder) -> Bool {
        guard let page = unsafe writablePage(of: ref, room: row.byteCount) else { return false }
        unsafe PageDraft.write(row, creation: creation, lane: lane(of: ref), page: page)
        return true
    }

    /// Changes the touched columns of a live row.
    /// - Returns: false when the page would grow beyond `byteCountMax`; then nothing happened.
    func update(_ ref: RowRef, _ changes: RowBuilder) -> Bool {
        guard let page = unsafe writablePage(of: ref, room: changes.byteCount) else {
            return false
        }
        let lane = unsafe lane(of: ref)
        for position in 0..<changes.columnCount {
            let cell = unsafe changes.cells[position]
            guard cell.state != .untouched else { continue }
            if cell.column.code == .bytes {
                let old = unsafe RowView(page: page, lane: lane).slot(cell.column)
                unsafe replaceBytes(
                    cell, changes.bytes, old: old, lane: lane, page: page)
            } else {
                unsafe PageDraft.store(cell, lane: lane, page: page)
            }
        }
        return true
    }

    /// Takes a live row away. A page without rows goes with its last one.
    func remove(_ ref: RowRef) {
        guard let page = unsafe writablePage(of: ref, room: 0) else { return }
        let lane = unsafe lane(of: ref)
        let live =
            unsafe page.load(fromByteOffset: PageLayout.live, as: UInt64.self)
            & ~(1 &<< UInt64(truncatingIfNeeded: lane))
        unsafe page.storeBytes(of: live, toByteOffset: PageLayout.live, as: UInt64.self)
        if live == 0 {
            unsafe unlink(ref)
            return unsafe writer.retire(page)
        }
        if unsafe hasBytes {
            let row = unsafe RowView(page: page, lane: lane)
            var garbage = 0
            for column in unsafe columns where column.code == .bytes {
                garbage &+= row.byteCount(column)
            }
            unsafe PageDraft.addGarbage(garbage, page: page)
        }
    }

    private func lane(of ref: RowRef) -> Int {
        unsafe ref.slot(shardBits: root.shardBits) & (PageLayout.lanes &- 1)
    }

    // MARK: The way to a page

    /// The page of a slot, owned by this group and with room for that many more bytes of heap; it
    /// is made when there is none.
    private func writablePage(of ref: RowRef, room: Int) -> UnsafeMutableRawPointer? {
        let link = unsafe writableLink(of: ref)
        let old = unsafe link.load(as: UnsafeMutableRawPointer?.self)
        guard let page = unsafe old else {
            let heap = unsafe hasBytes ? room &* 4 &+ PageDraft.firstHeapSlack : 0
            guard room <= PageLayout.byteCountMax / 8 else { return nil }
            let page = unsafe PageDraft.makePage(
                fixedByteCount: fixedByteCount, byteCount: fixedByteCount &+ heap, writer: writer)
            unsafe link.storeBytes(of: page, as: UnsafeMutableRawPointer?.self)
            return unsafe page
        }
        let heapEnd = unsafe PageDraft.heapEnd(page)
        let isOwned = unsafe writer.isOwned(page)
        let byteCountNow = unsafe NodePool.byteCount(of: page)
        if isOwned && heapEnd &+ room <= byteCountNow { return unsafe page }

        let used = unsafe heapEnd &- PageDraft.garbage(page)
        let heap = unsafe used &- fixedByteCount &+ room
        // A page that grows within a group is likely to grow again; a copied one is not.
        let slack = isOwned ? heap / 2 &+ 64 : room == 0 ? 0 : heap / 8 &+ 32
        let byteCount = unsafe fixedByteCount &+ heap &+ slack
        guard unsafe byteCount <= byteCountMax else { return nil }
        let copy = unsafe copy(page, byteCount: byteCount)
        unsafe link.storeBytes(of: copy, as: UnsafeMutableRawPointer?.self)
        unsafe writer.retire(page)
        return unsafe copy
    }

    /// Bytes for the texts of rows to come in a new page, above a guess from the first row.
    private static let firstHeapSlack = 128

    /// Where the pointer to the page of a slot is kept, in a branch that this group owns.
    func writableLink(of ref: RowRef) -> UnsafeMutableRawPointer {
        let shard = unsafe ref.shard(shardBits: root.shardBits)
        let number = unsafe ref.slot(shardBits: root.shardBits) &>> PageLayout.laneBits
        var shardRoot = unsafe root.shard(shard, of: table)
        if unsafe number &>> (PageDirectory.fanOutBits &* shardRoot.depth) != 0 {
            repeat {
                if let top = unsafe shardRoot.directory {
                    let branch = unsafe makeBranch()
                    unsafe branch.storeBytes(
                        of: top, toByteOffset: PageDirectory.firstChild,
                        as: UnsafeMutableRawPointer?.self)
                    unsafe shardRoot.directory = unsafe branch
                }
                unsafe shardRoot.depth += 1
            } while unsafe number &>> (PageDirectory.fanOutBits &* shardRoot.depth) != 0
            unsafe root.setShard(shard, of: table, to: shardRoot)
        }
        var link = unsafe root.tableRecord(table) + TableRecord.root(shard)
        var level = unsafe shardRoot.depth
        while level > 0 {
            level &-= 1
            let branch: UnsafeMutableRawPointer
            if let old = unsafe link.load(as: UnsafeMutableRawPointer?.self) {
                if unsafe writer.isOwned(old) {
                    unsafe branch = unsafe old
                } else {
                    unsafe branch = makeBranch(copying: old)
                    unsafe writer.retire(old)
                }
            } else {
                unsafe branch = makeBranch()
            }
            unsafe link.storeBytes(of: branch, as: UnsafeMutableRawPointer?.self)
            unsafe link = branch + PageDirectory.child(number, level)
        }
        return unsafe link
    }

    private func unlink(_ ref: RowRef) {
        unsafe writableLink(of: ref).storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
    }

    private func makeBranch(copying old: UnsafeRawPointer? = nil) -> UnsafeMutableRawPointer {
        let branch = unsafe writer.allocate(byteCount: PageDirectory.byteCount)
        let start = PageDirectory.firstChild
        let byteCount = PageDirectory.byteCount - start
        if let old = unsafe old {
            unsafe memcpy(branch + start, old + start, byteCount)
        } else {
            unsafe memset(branch + start, 0, byteCount)
        }
        return unsafe branch
    }

    // MARK: Within a page

    /// A page without rows. `byteCount` includes the heap.
    static func makePage(
        fixedByteCount: Int, byteCount: Int, writer: NodeWriter
    ) -> UnsafeMutableRawPointer {
        let page = unsafe writer.allocate(byteCount: byteCount)
        unsafe clear(page, fixedByteCount: fixedByteCount)
        return unsafe page
    }

    /// Makes a page one without rows.
    static func clear(_ page: UnsafeMutableRawPointer, fixedByteCount: Int) {
        let start = NodePool.headerByteCount
        unsafe memset(page + start, 0, fixedByteCount - start)
        unsafe setHeapEnd(fixedByteCount, page: page)
    }

    /// A copy with nothing but the bytes of live rows in its heap.
    func copy(_ page: UnsafeRawPointer, byteCount: Int) -> UnsafeMutableRawPointer {
        let copy = unsafe writer.allocate(byteCount: byteCount)
        let start = NodePool.headerByteCount
        if unsafe PageDraft.garbage(page) == 0 {
            unsafe memcpy(copy + start, page + start, PageDraft.heapEnd(page) - start)
            return unsafe copy
        }
        unsafe memcpy(copy + start, page + start, fixedByteCount - start)
        var heapEnd = unsafe fixedByteCount
        let live = unsafe page.load(fromByteOffset: PageLayout.live, as: UInt64.self)
        for column in unsafe columns where column.code == .bytes {
            var rest = live
            while rest != 0 {
                let lane = rest.trailingZeroBitCount
                rest &= rest &- 1
                let slot = unsafe RowView(page: page, lane: lane).slot(column)
                guard slot.count > 0 else { continue }
                unsafe memcpy(copy + heapEnd, page + slot.offset, slot.count)
                unsafe PageDraft.setSlot(
                    ByteSlot(offset: heapEnd, count: slot.count, flags: slot.flags), column,
                    lane: lane, page: copy)
                heapEnd &+= slot.count
            }
        }
        unsafe PageDraft.setHeapEnd(heapEnd, page: copy)
        unsafe copy.storeBytes(of: 0, toByteOffset: PageLayout.heapGarbage, as: UInt32.self)
        return unsafe copy
    }

    /// Writes all columns of a row, its creation number and its live bit to a page that has room.
    @inline(__always)
    static func write(
        _ row: RowBuilder, creation: UInt32, lane: Int, page: UnsafeMutableRawPointer
    ) {
        let heapEnd = unsafe heapEnd(page)
        if row.byteCount > 0 {
            unsafe memcpy(page + heapEnd, row.bytes, row.byteCount)
            unsafe setHeapEnd(heapEnd &+ row.byteCount, page: page)
            if row.staleByteCount > 0 { unsafe addGarbage(row.staleByteCount, page: page) }
        }
        var position = 0
        while position < row.columnCount {
            let cell = unsafe row.cells[position]
            if cell.column.code == .bytes {
                let old = ByteSlot(rawValue: cell.word)
                let slot =
                    cell.state == .value
                    ? ByteSlot(offset: heapEnd &+ old.offset, count: old.count, flags: old.flags)
                    : ByteSlot(rawValue: 0)
                unsafe setValidity(cell.column, cell.state == .value, lane: lane, page: page)
                unsafe setSlot(slot, cell.column, lane: lane, page: page)
            } else {
                unsafe store(cell, lane: lane, page: page)
            }
            position &+= 1
        }
        unsafe page.storeBytes(
            of: creation, toByteOffset: PageLayout.creations &+ 4 &* lane, as: UInt32.self)
        let live = unsafe page.load(fromByteOffset: PageLayout.live, as: UInt64.self)
        unsafe page.storeBytes(
            of: live | 1 &<< UInt64(truncatingIfNeeded: lane), toByteOffset: PageLayout.live,
            as: UInt64.self)
    }

    /// Writes a value that has no bytes in the heap.
    @inline(__always)
    private static func store(_ cell: RowCell, lane: Int, page: UnsafeMutableRawPointer) {
        let column = cell.column
        let hasValue = cell.state == .value
        let word = hasValue ? cell.word : column.code == .reference ? RowRef.none.word : 0
        let start = unsafe page + Int(column.offset)
        unsafe setValidity(column, hasValue, lane: lane, page: page)
        switch column.code {
        case .bool:
            unsafe setBit(word != 0, lane: lane, at: start)
        case .int8:
            unsafe start.storeBytes(
                of: UInt8(truncatingIfNeeded: word), toByteOffset: lane, as: UInt8.self)
        case .int16:
            unsafe start.storeBytes(
                of: UInt16(truncatingIfNeeded: word), toByteOffset: 2 &* lane, as: UInt16.self)
        case .int32, .reference:
            unsafe start.storeBytes(
                of: UInt32(truncatingIfNeeded: word), toByteOffset: 4 &* lane, as: UInt32.self)
        case .int64, .double, .bytes:
            unsafe start.storeBytes(of: word, toByteOffset: 8 &* lane, as: UInt64.self)
        }
    }

    /// Writes bytes over the old ones where they fit, else to the end of the heap, where there is
    /// room.
    private func replaceBytes(
        _ cell: RowCell, _ source: UnsafeRawPointer, old: ByteSlot, lane: Int,
        page: UnsafeMutableRawPointer
    ) {
        let hasValue = cell.state == .value
        let new = hasValue ? ByteSlot(rawValue: cell.word) : ByteSlot(rawValue: 0)
        var offset = old.offset
        if new.count > old.count {
            unsafe offset = PageDraft.heapEnd(page)
            unsafe PageDraft.setHeapEnd(offset &+ new.count, page: page)
            unsafe PageDraft.addGarbage(old.count, page: page)
        } else {
            unsafe PageDraft.addGarbage(old.count &- new.count, page: page)
        }
        if new.count > 0 { unsafe memcpy(page + offset, source + new.offset, new.count) }
        let slot =
            hasValue
            ? ByteSlot(offset: offset, count: new.count, flags: new.flags) : ByteSlot(rawValue: 0)
        unsafe PageDraft.setValidity(cell.column, hasValue, lane: lane, page: page)
        unsafe PageDraft.setSlot(slot, cell.column, lane: lane, page: page)
    }

    @inline(__always)
    private static func setValidity(
        _ column: Column, _ hasValue: Bool, lane: Int, page: UnsafeMutableRawPointer
    ) {
        if column.validityOffset < 0 { return }
        unsafe setBit(hasValue, lane: lane, at: page + Int(column.validityOffset))
    }

    @inline(__always)
    private static func setBit(_ bit: Bool, lane: Int, at word: UnsafeMutableRawPointer) {
        let shift = UInt64(truncatingIfNeeded: lane)
        let cleared = unsafe word.load(as: UInt64.self) & ~(1 &<< shift)
        unsafe word.storeBytes(of: cleared | (bit ? 1 : 0) &<< shift, as: UInt64.self)
    }

    @inline(__always)
    private static func setSlot(
        _ slot: ByteSlot, _ column: Column, lane: Int, page: UnsafeMutableRawPointer
    ) {
        unsafe page.storeBytes(
            of: slot.rawValue, toByteOffset: Int(column.offset) &+ 8 &* lane, as: UInt64.self)
    }

    @inline(__always)
    static func heapEnd(_ page: UnsafeRawPointer) -> Int {
        unsafe Int(page.load(fromByteOffset: PageLayout.heapEnd, as: UInt32.self))
    }

    @inline(__always)
    private static func setHeapEnd(_ end: Int, page: UnsafeMutableRawPointer) {
        unsafe page.storeBytes(
            of: UInt32(truncatingIfNeeded: end), toByteOffset: PageLayout.heapEnd, as: UInt32.self)
    }

    @inline(__always)
    static func garbage(_ page: UnsafeRawPointer) -> Int {
        unsafe Int(page.load(fromByteOffset: PageLayout.heapGarbage, as: UInt32.self))
    }

    private static func addGarbage(_ byteCount: Int, page: UnsafeMutableRawPointer) {
        unsafe page.storeBytes(
            of: UInt32(truncatingIfNeeded: garbage(page) &+ byteCount),
            toByteOffset: PageLayout.heapGarbage, as: UInt32.self)
    }
}
