import Bytes

/// Applies the records of journals to a store, before it has readers.
///
/// Changes are made as they were noted: nothing is checked but that they fit the rows as they are.
/// Many records make one version, whose number is that of the last of them.
final class Replay {
    private let store: Store
    private let layout: FileLayout
    private let codec: any FileCodec
    private let tables: [ReplayTable]
    private let tools = WriteTools()
    private var group: WriteGroup?
    /// The last record applied.
    private(set) var sequence: UInt64
    /// Changes of rows applied.
    private(set) var changeCount = 0
    private var groupStart = 0

    /// Changes of one version. Reason: copies of old nodes are kept until it is published, and
    /// the more changes share one copy the better.
    private static let groupChangesMax = 1 << 17

    /// - Parameters:
    ///   - layout: that of the journal's header.
    ///   - mapping: where its tables, columns and values lie in the store.
    init(_ store: Store, layout: FileLayout, mapping: LayoutMapping, codec: any FileCodec) {
        self.store = store
        self.layout = layout
        self.codec = codec
        sequence = unsafe store.slots.currentRoot.sequence
        tables = zip(layout.tables, mapping.tables).map { file, mapping in
            ReplayTable(file, mapping, store)
        }
    }

    /// What was applied and not published is given up: the store stays as it was.
    deinit {
        guard let group else { return }
        unsafe group.seal().discard(
            store: store, after: store.slots.currentRoot.sequence, base: nil)
    }

    /// Applies a record. Those that the store contains already are passed over.
    /// - Throws: what is wrong with it; nothing may be applied or published any more.
    func apply(_ record: JournalRecord) throws(JournalDamage.Reason) {
        guard record.sequence > sequence else { return }
        guard record.sequence == sequence + 1 else {
            throw .sequence(expected: sequence + 1, found: record.sequence)
        }
        let group = openGroup(time: record.time)
        var reader = unsafe ChangeReader(record.body, layout: layout)
        while true {
            let change: Change?
            do throws(ChangeFault) { change = try reader.next() } catch { throw .changes }
            guard let change else { break }
            try apply(change, &reader, group)
            changeCount += 1
        }
        sequence = record.sequence
        if changeCount - groupStart >= Replay.groupChangesMax { finish() }
    }

    /// Publishes what was applied.
    func finish() {
        guard let group else { return }
        self.group = nil
        let draft = group.seal()
        unsafe draft.root.setSequence(sequence)
        draft.publish(to: store)
    }

    private func openGroup(time: Int64) -> WriteGroup {
        if let group {
            group.now = time
            return group
        }
        let new = unsafe WriteGroup(
            store, on: store.slots.currentRoot, now: time, log: nil, tools: tools)
        group = new
        groupStart = changeCount
        return new
    }

    @inline(__always)
    private func apply(
        _ change: Change, _ reader: inout ChangeReader, _ group: WriteGroup
    ) throws(JournalDamage.Reason) {
        let table = tables[change.table]
        guard let plan = table.plan else {
            try reader.forEachCell(of: change, failure: { _ in .changes }) {
                (_, _) throws(JournalDamage.Reason) in
            }
            return
        }
        let row = tools.builder(plan)
        try reader.forEachCell(of: change, failure: { _ in .changes }) {
            (position, value) throws(JournalDamage.Reason) in
            do throws(JournalDamage.RowReason) {
                try table.set(position, value, in: row, codec)
            } catch { throw .row(table: table.name, row: change.ref.rawValue, error) }
        }
        do throws(JournalDamage.RowReason) {
            switch change.kind {
            case .insert:
                for column in table.added {
                    _ = codec.setDefault(
                        table: plan.id, column: column, in: row, now: group.now)
                }
                try table.check(row, group, isNew: true)
                guard group.place(plan, change.ref, creation: change.creation, row) else {
                    throw .place
                }
            case .update:
                guard group.view.table(plan.id).liveRow(change.ref) != nil else {
                    throw .missing
                }
                try table.check(row, group, isNew: false)
                guard group.replace(plan, change.ref, row) else { throw .pageFull }
            case .delete:
                guard group.view.table(plan.id).liveRow(change.ref) != nil else {
                    throw .missing
                }
                group.erase(plan, change.ref)
            }
        } catch {
            throw .row(table: table.name, row: change.ref.rawValue, error)
        }
    }
}

/// Where the values of a table's rows go.
private struct ReplayTable {
    private struct Place {
        let name: String
        let column: ColumnID?
        let kind: FileLayout.Kind
        let values: [Int]?
        /// Whether the store keeps the bytes in the encoding of the room above.
        let isValue: Bool
    }

    let name: String
    /// nil when the store does not have the table.
    let plan: TablePlan?
    let added: [ColumnID]
    private let places: [Place]

    init(_ file: FileLayout.Table, _ mapping: LayoutMapping.Table, _ store: Store) {
        name = file.name
        let plan = mapping.target.map { store.tables[$0.index] }
        self.plan = plan
        added = mapping.added
        places = zip(file.columns, mapping.columns).map { column, target in
            Place(
                name: column.name, column: target.column, kind: column.kind,
                values: target.values,
                isValue: target.column.map { plan?.isValue[$0] ?? false } ?? false)
        }
    }

    @inline(__always)
    func set(
        _ position: Int, _ value: ChangeValue?, in row: RowBuilder, _ codec: any FileCodec
    ) throws(JournalDamage.RowReason) {
        guard let plan, let column = places[position].column else { return }
        guard let value else { return row.setNull(column) }
        switch places[position].kind {
        case .bool, .int32, .int64, .double: row.set(column, bits: value.word)
        case .reference:
            row.set(column, reference: RowRef(rawValue: UInt32(truncatingIfNeeded: value.word)))
        case .int8, .int16:
            guard let values = places[position].values else {
                return row.set(column, int: Int64(value.word))
            }
            guard value.word < UInt64(values.count), values[Int(value.word)] >= 0 else {
                throw .value(
                    column: places[position].name, reason: "no value has number \(value.word)")
            }
            row.set(column, int: Int64(values[Int(value.word)]))
        case .text, .json, .value:
            guard places[position].isValue else {
                return unsafe row.set(column, bytes: value.bytes)
            }
            do throws(FileCodecError) {
                try unsafe codec.read(value.bytes, table: plan.id, column: column, into: row)
            } catch { throw .value(column: places[position].name, reason: error.reason) }
        }
    }

    /// What a row must be so that nothing else in the store breaks.
    @inline(__always)
    func check(
        _ row: RowBuilder, _ group: WriteGroup, isNew: Bool
    ) throws(JournalDamage.RowReason) {
        guard let plan else { return }
        if let column = row.outOfRange {
            throw .value(column: plan.definition.columns[column].name, reason: "out of range")
        }
        for column in plan.required
        where row.state(column) == .null || isNew && row.state(column) == .untouched {
            throw .null(column: plan.definition.columns[column].name)
        }
        for reference in plan.references {
            let target = row.reference(reference.column)
            if target != .none && group.view.table(reference.target).liveRow(target) == nil {
                throw .reference(column: plan.definition.columns[reference.column].name)
            }
        }
    }
}

extension WriteGroup {
    /// Adds a row with a place and number of its own, unchecked but for these.
    /// - Returns: false when they were given out before, or the row does not fit.
    fileprivate func place(
        _ plan: TablePlan, _ ref: RowRef, creation: UInt32, _ row: RowBuilder
    ) -> Bool {
        let shard = ref.shard(shardBits: store.shardBits)
        let slot = ref.slot(shardBits: store.shardBits)
        var shardRoot = unsafe root.shard(shard, of: plan.id)
        guard unsafe slot >= shardRoot.slotEnd, slot < store.slotMax,
            unsafe UInt64(creation) >= root.nextCreation(of: plan.id),
            unsafe pages(of: plan).insert(ref, creation: creation, row)
        else { return false }
        unsafe shardRoot = unsafe root.shard(shard, of: plan.id)
        unsafe shardRoot.slotEnd = slot + 1
        unsafe root.setShard(shard, of: plan.id, to: shardRoot)
        unsafe root.setNextCreation(of: plan.id, to: UInt64(creation) + 1)
        addToLiveCount(plan.id, 1)
        for index in plan.indexes { link(index, ref) }
        isTouched = true
        return true
    }

    /// Changes a live row.
    /// - Returns: false when the row does not fit.
    fileprivate func replace(_ plan: TablePlan, _ ref: RowRef, _ changes: RowBuilder) -> Bool {
        isTouched = true
        unlinkTouched(plan, ref, by: changes)
        let hasRoom = unsafe pages(of: plan).update(ref, changes)
        relinkTouched(plan, ref, by: changes)
        return hasRoom
    }

    /// Takes a live row away.
    fileprivate func erase(_ plan: TablePlan, _ ref: RowRef) {
        isTouched = true
        for index in plan.indexes { unlink(index, ref) }
        unsafe pages(of: plan).remove(ref)
        addToLiveCount(plan.id, -1)
    }
}
