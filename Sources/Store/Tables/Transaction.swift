/// Changes of rows that happen together or not at all.
///
/// Each change checks what it needs before anything is seen of it, and one that throws has changed
/// nothing: the transaction may go on after it. What the whole transaction did is undone when its
/// body throws; see ``WriteGroup/transaction(_:)``.
public final class Transaction {
    private let group: WriteGroup
    private var isEnded = false

    init(_ group: WriteGroup) {
        self.group = group
    }

    func end() { isEnded = true }

    /// What the version will be if nothing else is changed; good until the next change.
    public var view: VersionView { group.view }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var now: Int64 { group.now }

    // MARK: Inserting

    /// Adds a row. Its id must be set; missing system columns get the values of a new row.
    ///
    /// O(log n) an index.
    /// - Throws: ``StoreError/outOfRange(table:column:)``,
    ///   ``StoreError/nullInRequired(table:column:)``,
    ///   ``StoreError/missingReference(table:column:)``,
    ///   ``StoreError/duplicate(table:index:existing:)``, ``StoreError/tooManyRows(table:)``,
    ///   ``StoreError/pageFull(table:)``.
    @discardableResult
    public func insert(_ table: TableID, _ row: RowBuilder) throws(StoreError) -> RowRef {
        let plan = begin(table)
        row.fillSystemColumns(now: group.now)
        defer { row.clearFilledColumns() }
        if let column = row.outOfRange { throw .outOfRange(table: table, column: column) }
        for column in plan.required where row.state(column) != .value {
            throw .nullInRequired(table: table, column: column)
        }
        try checkReferences(plan, row)
        let creation = unsafe group.root.nextCreation(of: table)
        let shard = shard(of: row, plan)
        var shardRoot = unsafe group.root.shard(shard, of: table)
        let slot = unsafe shardRoot.slotEnd
        guard creation <= UInt64(UInt32.max), slot < group.store.slotMax else {
            throw .tooManyRows(table: table)
        }
        let ref = RowRef(slot: slot, shard: shard, shardBits: group.store.shardBits)
        let number = UInt32(creation)

        group.isTouched = true
        guard unsafe group.pages(of: plan).insert(ref, creation: number, row) else {
            throw .pageFull(table: table)
        }
        unsafe shardRoot = unsafe group.root.shard(shard, of: table)
        unsafe shardRoot.slotEnd = slot + 1
        unsafe group.root.setShard(shard, of: table, to: shardRoot)
        unsafe group.root.setNextCreation(of: table, to: creation + 1)
        group.addToLiveCount(table, 1)
        for index in plan.indexes where index.definition.isUnique {
            if let existing = group.rowWithKey(of: ref, in: index) {
                group.forgetRow(plan, ref, creation: number)
                throw .duplicate(table: table, index: index.id, existing: existing)
            }
        }
        for index in plan.indexes { group.link(index, ref) }
        group.undo.appendInsert(table, ref, creation: number, logStart: group.logByteCount)
        group.log?.appendInsert(plan, ref, creation: number, row)
        group.changeCount += 1
        return ref
    }

    private func shard(of row: RowBuilder, _ plan: TablePlan) -> Int {
        if let column = plan.definition.shardBy {
            let owner = row.reference(column)
            if owner != .none { return owner.shard(shardBits: group.store.shardBits) }
        }
        let id = unsafe row.bytes(TableDefinition.idColumn)
        return group.store.shard(
            ofIDHash: unsafe KeyEncoding.equality(text: id, seed: group.store.seed))
    }

    // MARK: Updating

    /// Changes the touched columns of a row to what `changes` says.
    ///
    /// If they have these values already, nothing happens at all.
    /// - Parameter raisesVersion: whether the change counts as one by a client: `version` goes up
    ///   by one and `updatedAt` becomes ``now``, unless `changes` sets them.
    /// - Returns: whether anything was changed.
    /// - Throws: as ``insert(_:_:)``, and ``StoreError/notFound(table:ref:)``,
    ///   ``StoreError/appendOnly(table:)``.
    @discardableResult
    public func update(
        _ table: TableID, _ ref: RowRef, changes: RowBuilder, raisesVersion: Bool
    ) throws(StoreError) -> Bool {
        let plan = begin(table)
        guard !plan.definition.isAppendOnly else { throw .appendOnly(table: table) }
        guard let row = view.table(table).liveRow(ref) else {
            throw .notFound(table: table, ref: ref)
        }
        if let column = changes.outOfRange { throw .outOfRange(table: table, column: column) }
        for column in plan.required where changes.state(column) == .null {
            throw .nullInRequired(table: table, column: column)
        }
        try checkReferences(plan, changes)
        guard changes.differs(from: row) else { return false }
        if raisesVersion {
            let version = row.int32(plan.layout.columns[TableDefinition.versionColumn])
            changes.fill(TableDefinition.versionColumn, min(Int64(version) + 1, Int64(Int32.max)))
            changes.fill(TableDefinition.updatedAtColumn, group.now)
        }
        defer { changes.clearFilledColumns() }
        try apply(changes, to: ref, plan)
        return true
    }

    private func apply(
        _ changes: RowBuilder, to ref: RowRef, _ plan: TablePlan
    ) throws(StoreError) {
        let mark = group.undo.count
        group.isTouched = true
        group.undo.appendUpdate(
            plan, ref, view.table(plan.id).row(ref), touchedBy: changes,
            logStart: group.logByteCount)
        group.changeCount += 1
        group.unlinkTouched(plan, ref, by: changes)
        let hasRoom = unsafe group.pages(of: plan).update(ref, changes)
        var refusal: StoreError? = hasRoom ? nil : .pageFull(table: plan.id)
        if hasRoom {
            for index in plan.indexes
            where index.definition.isUnique && index.watchesTouched(changes) {
                if let existing = group.rowWithKey(of: ref, in: index) {
                    refusal = .duplicate(table: plan.id, index: index.id, existing: existing)
                    break
                }
            }
        }
        group.relinkTouched(plan, ref, by: changes)
        if let refusal {
            group.rollBack(to: mark)
            throw refusal
        }
        group.log?.appendUpdate(plan, ref, changes)
    }

    private func checkReferences(_ plan: TablePlan, _ row: RowBuilder) throws(StoreError) {
        for reference in plan.references {
            let target = row.reference(reference.column)
            if target != .none && view.table(reference.target).liveRow(target) == nil {
                throw .missingReference(table: plan.id, column: reference.column)
            }
        }
    }

    // MARK: Deleting

    /// Deletes a row, and with it what its references decide: rows that refer to it by a
    /// cascading reference are deleted too, and so on; clearing references become null, which
    /// raises those rows' versions; a restricting reference refuses the whole deletion, unless its
    /// own row goes as well.
    ///
    /// - Parameter whenCertain: called with each row that will be gone, while all are still there
    ///   and nothing can go wrong any more; must not change anything.
    /// - Throws: ``StoreError/notFound(table:ref:)``, ``StoreError/appendOnly(table:)``,
    ///   ``StoreError/referenced(by:column:ref:)``, and as ``update(_:_:changes:raisesVersion:)``
    ///   for a row that is cleared.
    @discardableResult
    public func delete(
        _ table: TableID, _ ref: RowRef, whenCertain: ((TableID, RowView) -> Void)? = nil
    ) throws(StoreError) -> Deletion {
        _ = begin(table)
        let mark = group.undo.count
        var deletion = DeletionPlan(group)
        try deletion.follow(from: RowKey(table: table, ref: ref))
        do throws(StoreError) {
            for clearing in deletion.clearings { try clear(clearing) }
        } catch {
            group.rollBack(to: mark)
            throw error
        }
        if let whenCertain {
            for row in deletion.rows {
                whenCertain(row.table, view.table(row.table).row(row.ref))
            }
        }
        for row in deletion.rows { remove(row) }
        return Deletion(deleted: deletion.rows.count, cleared: deletion.clearings.count)
    }

    private func clear(_ clearing: DeletionPlan.Clearing) throws(StoreError) {
        let plan = group.store.tables[clearing.row.table.index]
        let row = view.table(plan.id).row(clearing.row.ref)
        let changes = group.scratchBuilder(plan)
        for column in clearing.columns { changes.setNull(column) }
        let version = row.int32(plan.layout.columns[TableDefinition.versionColumn])
        changes.fill(TableDefinition.versionColumn, min(Int64(version) + 1, Int64(Int32.max)))
        changes.fill(TableDefinition.updatedAtColumn, group.now)
        defer { changes.clearFilledColumns() }
        try apply(changes, to: clearing.row.ref, plan)
    }

    private func remove(_ key: RowKey) {
        let plan = group.store.tables[key.table.index]
        let row = view.table(key.table).row(key.ref)
        group.isTouched = true
        group.undo.appendDelete(plan, key.ref, row, logStart: group.logByteCount)
        group.log?.appendDelete(key.table, key.ref)
        group.changeCount += 1
        for index in plan.indexes { group.unlink(index, key.ref) }
        unsafe group.pages(of: plan).remove(key.ref)
        group.addToLiveCount(key.table, -1)
    }

    private func begin(_ table: TableID) -> TablePlan {
        precondition(!isEnded, "a transaction ends with its body")
        return group.store.tables[table.index]
    }
}

/// What a deletion did.
public struct Deletion: Equatable, Sendable {
    /// Rows that are gone, the one asked for included.
    public let deleted: Int
    /// Rows of which references became null.
    public let cleared: Int
}
