import Bytes

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

    /// - Parameter sequence: the number of the version to be; by default the next one.
    init(_ store: Store, now: Int64, sequence: UInt64? = nil) {
        self.store = store
        self.now = now
        let current = unsafe store.slots.currentRoot
        let stamp = unsafe sequence ?? current.sequence + 1
        unsafe precondition(stamp > current.sequence, "a version is later than the one before")
        writer = NodeWriter(pool: store.pool, stamp: stamp)
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

    /// The row of a table with that id, without the table's prefix: of this load, or, where it has
    /// not touched the table, of the version before.
    public func lookUp(_ table: TableID, _ id: UnsafeRawBufferPointer) -> RowRef? {
        guard let load = tables[table.index] else {
            return unsafe store.row(withID: id, of: table, in: view)
        }
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
        if violations.isEmpty { publish() }
        return violations
    }

    /// As ``finish()``, for rows that were put back to their places.
    func finishRestore() -> [LoadViolation] {
        precondition(!isPublished, "a load is finished once")
        var violations = danglingReferences()
        guard violations.isEmpty else { return violations }
        violations = buildIndexes(stopping: false)
        if violations.isEmpty { publish() }
        return violations
    }

    private func publish() {
        isPublished = true
        unsafe store.slots.publish(root, retiring: writer.takeRetired())
        tables = []
        _ = systemTrim(0)
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
