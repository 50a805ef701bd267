import Bytes
import Glibc

/// Fills empty tables with many rows, for start-up, restore and the first import.
///
/// Pages are built one after the other at the end of their shard, at exactly the size they need,
/// and no index is kept up to date: ``finish()`` sorts the entries of each index once. Beside the
/// rows only a map from ids to rows is kept, so that references can be found while loading.
///
/// A loader begins with the current version and is the only writer until it ends. References may
/// be left out and set later; what is required is checked at the end.
// Safe: works under the writer's lock on blocks that no version leads to yet; a tail's page is
// owned by the draft from `openTail` to `closeTail`.
@safe
public final class BulkLoader {
    let store: Store
    let now: Int64
    let writer: NodeWriter
    let root: VersionRoot
    /// One for each table that got a row.
    var tables: [TableLoad?]
    private var isPublished = false

    init(_ store: Store, now: Int64) {
        self.store = store
        self.now = now
        let current = unsafe store.slots.currentRoot
        unsafe writer = NodeWriter(pool: store.pool, stamp: current.sequence + 1)
        unsafe root = VersionRoot(copying: current, writer: writer)
        tables = Array(repeating: nil, count: store.tables.count)
    }

    /// What the version will be, without the indexes of the loaded tables; good until the next
    /// change.
    public var view: VersionView { unsafe root.view }

    // MARK: Rows

    /// Adds a row. Its id must be set; missing system columns get the values of a new row.
    ///
    /// - Parameters:
    ///   - creation: the number the row had in an earlier store; by default the next one. On a
    ///     shard, numbers must ascend.
    ///   - shard: where the row lay in an earlier store with as many shards; by default where a
    ///     new row would lie.
    /// - Throws: ``StoreError/duplicate(table:index:existing:)`` when the id is taken,
    ///   ``StoreError/notEmpty(table:)``, and what a value by itself can be refused for. Then the
    ///   row is not there.
    @discardableResult
    public func append(
        _ table: TableID, _ row: RowBuilder, creation: UInt32? = nil, shard: Int? = nil
    ) throws(StoreError) -> RowRef {
        let load = try tableLoad(table)
        let plan = load.plan
        row.fillSystemColumns(now: now)
        defer { row.clearFilledColumns() }
        if let column = row.outOfRange { throw .outOfRange(table: table, column: column) }
        for column in load.requiredValues where row.state(column) != .value {
            throw .nullInRequired(table: table, column: column)
        }
        let id = unsafe row.bytes(TableDefinition.idColumn)
        let hash = unsafe KeyEncoding.equality(text: id, seed: store.seed)
        if let existing = unsafe lookUp(load, id, hash: hash) {
            throw .duplicate(
                table: table, index: store.idIndex(of: table), existing: existing)
        }
        let number = creation.map(UInt64.init) ?? load.nextCreation
        guard number <= UInt64(UInt32.max) else { throw .tooManyRows(table: table) }
        let place = shard ?? load.shard(of: row, idHash: hash, store)
        precondition(place >= 0 && place < 1 << store.shardBits, "no such shard")
        let slot = unsafe load.tails[place].slotEnd
        let ref = RowRef(slot: slot, shard: place, shardBits: store.shardBits)
        guard slot < store.slotMax else { throw .tooManyRows(table: table) }
        if unsafe number <= UInt64(load.tails[place].lastCreation) {
            throw .creationOutOfOrder(table: table, creation: UInt32(number))
        }
        for reference in plan.references {
            let target = row.reference(reference.column)
            if target != .none && !isPlace(target, of: reference.target) {
                throw .missingReference(table: table, column: reference.column)
            }
        }

        guard let page = unsafe openTail(load, place, ref, room: row.byteCount) else {
            throw .pageFull(table: table)
        }
        let lane = slot & (PageLayout.lanes - 1)
        unsafe PageDraft.write(row, creation: UInt32(number), lane: lane, page: page)
        unsafe load.tails[place].slotEnd = slot + 1
        unsafe load.tails[place].lastCreation = UInt32(number)
        load.nextCreation = max(load.nextCreation, number + 1)
        load.liveCount += 1
        load.record(slotEndOf: place)
        load.ids.insert(ref, hash: hash)
        if lane == PageLayout.lanes - 1 { closeTail(load, place) }
        return ref
    }

    /// The row of a table with that id, without the table's prefix; only rows of this load.
    public func lookUp(_ table: TableID, _ id: UnsafeRawBufferPointer) -> RowRef? {
        guard let load = tables[table.index] else { return nil }
        let hash = unsafe KeyEncoding.equality(text: id, seed: store.seed)
        return unsafe lookUp(load, id, hash: hash)
    }

    /// Sets a reference of a row of this load. `target` is a row of this load too, or
    /// ``RowRef/none``.
    public func setReference(
        _ table: TableID, _ ref: RowRef, _ column: ColumnID, to target: RowRef
    ) throws(StoreError) {
        guard let load = tables[table.index], view.table(table).liveRow(ref) != nil else {
            throw .notFound(table: table, ref: ref)
        }
        let reference = load.plan.references.first { $0.column == column }
        guard let reference, target == .none || isPlace(target, of: reference.target) else {
            throw .missingReference(table: table, column: column)
        }
        load.scratch.reset()
        load.scratch.set(column, reference: target)
        // No bytes are touched, so the page does not grow.
        _ = unsafe load.pages.update(ref, load.scratch)
    }

    /// Takes a row of this load away again. References to it must be set anew or be removed too;
    /// ``finish()`` reports those that are left.
    public func remove(_ table: TableID, _ ref: RowRef) throws(StoreError) {
        guard let load = tables[table.index], let row = view.table(table).liveRow(ref) else {
            throw .notFound(table: table, ref: ref)
        }
        let id = unsafe row.bytes(load.idColumn)
        let hash = unsafe KeyEncoding.equality(text: id, seed: store.seed)
        load.ids.remove(ref, hash: hash)
        load.liveCount -= 1
        load.hasRemovals = true
        let shard = ref.shard(shardBits: store.shardBits)
        load.record(slotEndOf: shard)
        let page = ref.slot(shardBits: store.shardBits) >> PageLayout.laneBits
        if unsafe load.tails[shard].isOpen
            && page == load.tails[shard].slotEnd >> PageLayout.laneBits
        {
            closeTail(load, shard)
        }
        unsafe load.pages.remove(ref)
    }

    /// Sees to it that new rows of a table get creation numbers from `next` on.
    public func reserveCreations(_ table: TableID, next: UInt64) throws(StoreError) {
        let load = try tableLoad(table)
        load.nextCreation = max(load.nextCreation, next)
        load.record(slotEndOf: 0)
    }

    // MARK: The end

    /// Builds all indexes of the loaded tables and publishes the rows as one version, if nothing
    /// is wrong with them.
    ///
    /// With violations nothing is published: they can be mended by ``remove(_:_:)``,
    /// ``setReference(_:_:_:to:)`` or further rows, and the load finished again. After a finish
    /// without violations the loader is of no more use.
    ///
    /// O(n) a word of an index, on all processors.
    public func finish() -> [LoadViolation] {
        precondition(!isPublished, "a load is finished once")
        for case let load? in tables { closeTails(of: load) }
        var violations: [LoadViolation] = []
        for case let load? in tables { violations += referenceViolations(load) }
        violations += buildIndexes(stopping: !violations.isEmpty)
        guard violations.isEmpty else { return violations }
        isPublished = true
        unsafe store.slots.publish(root, retiring: writer.takeRetired())
        tables = []
        _ = systemTrim(0)
        return []
    }

    /// Frees everything when the load was not published.
    func end() {
        guard !isPublished else { return }
        for case let load? in tables {
            closeTails(of: load)
            for shard in 0..<1 << store.shardBits {
                let shardRoot = unsafe root.shard(shard, of: load.plan.id)
                unsafe PageDirectory.forEachBlock(
                    root: shardRoot.directory, depth: shardRoot.depth
                ) { unsafe writer.retire($0) }
            }
        }
        unsafe writer.retire(root.block)
        tables = []
    }

    private func closeTails(of load: TableLoad) {
        for shard in 0..<1 << store.shardBits { closeTail(load, shard) }
    }

    private func referenceViolations(_ load: TableLoad) -> [LoadViolation] {
        let table = load.plan.id
        let mayDangle = load.plan.references.filter {
            tables[$0.target.index]?.hasRemovals ?? false
        }
        let required = load.plan.references.filter {
            !load.plan.definition.columns[$0.column].isNullable
        }
        guard !mayDangle.isEmpty || load.hasOpenReferences else { return [] }
        var violations: [LoadViolation] = []
        view.table(table).forEachRow { row, ref in
            for reference in required
            where row.reference(load.plan.layout.columns[reference.column]) == .none {
                violations.append(
                    .nullInRequired(table: table, column: reference.column, ref: ref))
            }
            for reference in mayDangle {
                let target = row.reference(load.plan.layout.columns[reference.column])
                if target != .none && view.table(reference.target).liveRow(target) == nil {
                    violations.append(
                        .missingReference(table: table, column: reference.column, ref: ref))
                }
            }
        }
        return violations
    }

    // MARK: Tables and ids

    private func tableLoad(_ table: TableID) throws(StoreError) -> TableLoad {
        if let load = tables[table.index] { return load }
        let rows = view.table(table)
        guard rows.nextCreation == 1, rows.count == 0 else { throw .notEmpty(table: table) }
        let load = unsafe TableLoad(store.tables[table.index], root: root, writer: writer)
        tables[table.index] = load
        return load
    }

    private func lookUp(
        _ load: TableLoad, _ id: UnsafeRawBufferPointer, hash: UInt64
    ) -> RowRef? {
        let rows = view.table(load.plan.id)
        return load.ids.first(hash: hash) { ref in
            unsafe IndexPlan.compare(rows.row(ref).bytes(load.idColumn), id) == 0
        }
    }

    /// Whether the slot was given out, to a row of this load or of the version before.
    private func isPlace(_ ref: RowRef, of table: TableID) -> Bool {
        guard let load = tables[table.index] else {
            return view.table(table).liveRow(ref) != nil
        }
        let shard = ref.shard(shardBits: store.shardBits)
        return unsafe ref.slot(shardBits: store.shardBits) < load.tails[shard].slotEnd
    }

    // MARK: Tails

    /// The page that the next row of a shard goes to, with that many bytes of room in its heap, or
    /// nil when it would be too large.
    private func openTail(
        _ load: TableLoad, _ shard: Int, _ ref: RowRef, room: Int
    ) -> UnsafeMutableRawPointer? {
        let tail = unsafe load.tails + shard
        if unsafe tail.pointee.isOpen, let page = unsafe tail.pointee.page,
            unsafe PageDraft.heapEnd(page) + room <= tail.pointee.byteCount
        {
            return unsafe page
        }
        return unsafe openTailSlowly(load, tail, ref, room: room)
    }

    private func openTailSlowly(
        _ load: TableLoad, _ tail: UnsafeMutablePointer<LoadTail>, _ ref: RowRef, room: Int
    ) -> UnsafeMutableRawPointer? {
        let fixed = load.plan.layout.fixedByteCount
        let link = unsafe load.pages.writableLink(of: ref)
        let old = unsafe link.load(as: UnsafeMutableRawPointer?.self)
        let used = unsafe old.map { unsafe PageDraft.heapEnd($0) } ?? fixed
        guard used + room <= PageLayout.byteCountMax / 2 else { return nil }
        // A page that was begun before: after a finish with violations, or because it has grown.
        if let old = unsafe old {
            let byteCount = used + room + (used - fixed) + BulkLoader.heapSlack
            let page = unsafe load.pages.copy(old, byteCount: byteCount)
            if let spare = unsafe tail.pointee.page, unsafe spare != old {
                unsafe writer.retire(spare)
            }
            unsafe writer.retire(old)
            unsafe tail.pointee = unsafe LoadTail(
                page: page, byteCount: byteCount, isOpen: true, like: tail.pointee)
        } else if let page = unsafe tail.pointee.page,
            unsafe fixed + room <= tail.pointee.byteCount
        {
            unsafe PageDraft.clear(page, fixedByteCount: fixed)
            unsafe tail.pointee.isOpen = true
        } else {
            if let page = unsafe tail.pointee.page { unsafe writer.retire(page) }
            let byteCount = load.plan.layout.hasBytes ? fixed + room + BulkLoader.heapSlack : fixed
            let page = unsafe PageDraft.makePage(
                fixedByteCount: fixed, byteCount: byteCount, writer: writer)
            unsafe tail.pointee = unsafe LoadTail(
                page: page, byteCount: byteCount, isOpen: true, like: tail.pointee)
        }
        unsafe link.storeBytes(of: tail.pointee.page, as: UnsafeMutableRawPointer?.self)
        return unsafe tail.pointee.page
    }

    /// Room for the texts of rows to come: a handful of columns of 64 rows, to begin with.
    private static let heapSlack = 4096

    /// Replaces the page at the end of a shard by a copy of exactly its size. The block is kept
    /// for the next page.
    private func closeTail(_ load: TableLoad, _ shard: Int) {
        let tail = unsafe load.tails + shard
        guard unsafe tail.pointee.isOpen, let page = unsafe tail.pointee.page else { return }
        let last = unsafe RowRef(
            slot: tail.pointee.slotEnd - 1, shard: shard, shardBits: store.shardBits)
        let byteCount = unsafe PageDraft.heapEnd(page) - PageDraft.garbage(page)
        let exact = unsafe load.pages.copy(page, byteCount: byteCount)
        unsafe load.pages.writableLink(of: last).storeBytes(
            of: exact, as: UnsafeMutableRawPointer?.self)
        unsafe tail.pointee.isOpen = false
    }
}

/// What a load knows about one of its tables.
// Safe: `tails` has one element for each shard and belongs to this object.
@safe
final class TableLoad {
    let plan: TablePlan
    let pages: PageDraft
    let idColumn: Column
    /// The columns that must have a value from the beginning; references may come later.
    let requiredValues: [ColumnID]
    /// Whether there are required references at all.
    let hasOpenReferences: Bool
    let scratch: RowBuilder
    let tails: UnsafeMutablePointer<LoadTail>
    private let shardCount: Int
    private let shardByColumn: ColumnID?
    /// The table's record in the version's root.
    private let tableRecord: UnsafeMutableRawPointer
    private let writer: NodeWriter
    var ids = RowIDMap()
    var liveCount = 0
    var nextCreation: UInt64 = 1
    var hasRemovals = false

    init(_ plan: TablePlan, root: VersionRoot, writer: NodeWriter) {
        self.plan = plan
        self.writer = writer
        unsafe pages = PageDraft(
            root: root, table: plan.id, layout: plan.layout, writer: writer)
        idColumn = plan.layout.columns[TableDefinition.idColumn]
        let columns = plan.definition.columns
        requiredValues = plan.required.filter { column in
            if case .reference = columns[column].kind { return false }
            return true
        }
        hasOpenReferences = plan.references.contains { !columns[$0.column].isNullable }
        scratch = RowBuilder(plan.layout)
        shardByColumn = plan.definition.shardBy
        shardCount = unsafe root.shardCount
        unsafe tableRecord = root.tableRecord(plan.id)
        unsafe tails = .allocate(capacity: shardCount)
        unsafe tails.initialize(repeating: LoadTail(), count: shardCount)
    }

    deinit {
        for shard in 0..<shardCount {
            if let page = unsafe tails[shard].page { unsafe writer.retire(page) }
        }
        unsafe tails.deallocate()
    }

    /// Brings the table's record up to date, so that the draft can be read.
    @inline(__always)
    func record(slotEndOf shard: Int) {
        unsafe tableRecord.storeBytes(
            of: UInt32(truncatingIfNeeded: tails[shard].slotEnd),
            toByteOffset: TableRecord.slotEnd(shard), as: UInt32.self)
        unsafe tableRecord.storeBytes(
            of: liveCount, toByteOffset: TableRecord.liveCount, as: Int.self)
        unsafe tableRecord.storeBytes(
            of: nextCreation, toByteOffset: TableRecord.nextCreation, as: UInt64.self)
    }

    @inline(__always)
    func shard(of row: RowBuilder, idHash: UInt64, _ store: Store) -> Int {
        if let shardByColumn {
            let owner = row.reference(shardByColumn)
            if owner != .none { return owner.shard(shardBits: store.shardBits) }
        }
        return store.shard(ofIDHash: idHash)
    }
}

/// The end of a shard during a load.
@unsafe
struct LoadTail {
    /// A block with room; in use while `isOpen`, else waiting for the next page.
    var page: UnsafeMutableRawPointer?
    var byteCount = 0
    var isOpen = false
    var slotEnd = 0
    var lastCreation: UInt32 = 0

    init() {}

    init(page: UnsafeMutableRawPointer, byteCount: Int, isOpen: Bool, like other: LoadTail) {
        unsafe self = unsafe other
        unsafe self.page = unsafe page
        unsafe self.byteCount = byteCount
        unsafe self.isOpen = isOpen
    }
}

/// From the hash of an id to the row, by open addressing: 8 bytes a place, at most half of them
/// taken. A place holds the upper half of the hash, which also says where to look, over the row.
struct RowIDMap {
    private var places: [UInt64]
    private var bits = 10
    /// Places that are taken or were.
    private var count = 0

    private static let free = UInt64.max
    /// A place that was given back: a search goes on behind it. No row has this place.
    private static let left: UInt64 = 0xFFFF_FFFE_FFFF_FFFF

    init() {
        places = Array(repeating: RowIDMap.free, count: 1 << bits)
    }

    /// The row among those with that hash for which `isMatch` is true.
    @inline(__always)
    func first(hash: UInt64, where isMatch: (RowRef) -> Bool) -> RowRef? {
        var index = start(hash)
        while places[index] != RowIDMap.free {
            let place = places[index]
            if place &>> 32 == hash &>> 32 && place != RowIDMap.left {
                let ref = RowRef(rawValue: UInt32(truncatingIfNeeded: place))
                if isMatch(ref) { return ref }
            }
            index = next(index)
        }
        return nil
    }

    /// Adds a row that is not there yet.
    mutating func insert(_ ref: RowRef, hash: UInt64) {
        if 2 * (count + 1) > places.count { grow() }
        count += 1
        put(hash & RowIDMap.upperHalf | ref.word)
    }

    mutating func remove(_ ref: RowRef, hash: UInt64) {
        let place = hash & RowIDMap.upperHalf | ref.word
        var index = start(hash)
        while places[index] != RowIDMap.free {
            if places[index] == place {
                places[index] = RowIDMap.left
                return
            }
            index = next(index)
        }
    }

    private static let upperHalf: UInt64 = 0xFFFF_FFFF_0000_0000

    @inline(__always)
    private func start(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: 64 &- bits))
    }

    @inline(__always)
    private func next(_ index: Int) -> Int {
        (index &+ 1) & (places.count &- 1)
    }

    @inline(__always)
    private mutating func put(_ place: UInt64) {
        var index = start(place)
        while places[index] != RowIDMap.free { index = next(index) }
        places[index] = place
    }

    private mutating func grow() {
        let old = places
        bits += 1
        precondition(bits <= 32, "more ids than a table's rows can be")
        places = Array(repeating: RowIDMap.free, count: 1 << bits)
        for place in old where place != RowIDMap.free && place != RowIDMap.left { put(place) }
    }
}
