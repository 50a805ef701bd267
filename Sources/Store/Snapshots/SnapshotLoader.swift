import Bytes
import Dispatch
import Glibc

/// Fills an empty store with the rows of files, each at its own place and with its own creation
/// number, on all processors.
///
/// Everything is checked: the checksums and counts of the files, the order of slots and creation
/// numbers, the range of each value, that references lead to rows and that unique keys are unique.
/// Either all rows become visible, as the version whose sequence number the files have, or none.
// Safe: parts are loaded by one thread each; what they share is behind a lock.
@safe
final class SnapshotLoader: @unchecked Sendable {
    private let source: any RowSource
    private let mapping: LayoutMapping
    private let store: Store
    private let codec: any FileCodec
    private let now: Int64
    private let outcome: Guarded<Outcome>

    private struct Outcome {
        var lost: [LostValue: Int] = [:]
        /// The fault of the part that comes first among the failed ones.
        var failure: (position: Int, error: DirectoryError)?
    }

    private struct LostValue: Hashable {
        let table: Int
        let value: RowDecoder.LostValue
    }

    /// Rows with equal keys that an error names.
    private static let duplicatesNamedMax = 10

    /// - Parameters:
    ///   - mapping: where the tables and columns of the files lie in the store.
    ///   - now: for the defaults of new columns, in milliseconds since 1970-01-01T00:00:00Z.
    private init(
        _ source: any RowSource, mapping: LayoutMapping, into store: Store,
        codec: any FileCodec, now: Int64
    ) {
        self.source = source
        self.mapping = mapping
        self.store = store
        self.codec = codec
        self.now = now
        outcome = Guarded(Outcome())
    }

    /// Loads all rows and publishes them as version `sequence`.
    static func load(
        _ source: any RowSource, mapping: LayoutMapping, into store: Store,
        codec: any FileCodec, sequence: UInt64, now: Int64
    ) throws(DirectoryError) {
        // The first version has no rows.
        guard sequence > 1 else { return }
        let loader = SnapshotLoader(source, mapping: mapping, into: store, codec: codec, now: now)
        try store.load(now: now, sequence: sequence) { (bulk) throws(DirectoryError) in
            try loader.load(into: bulk)
        }
    }

    private func load(into bulk: BulkLoader) throws(DirectoryError) {
        for (position, table) in mapping.tables.enumerated() {
            guard let target = table.target else { continue }
            let state = source.tables[position]
            bulk.beginRestore(
                target, nextCreation: state.nextCreation, slotEnds: state.slotEnds)
        }
        let parts = source.parts
            .filter { mapping.tables[$0.table].target != nil }
            .sorted { $0.weight > $1.weight }
        let shards = parts.compactMap { part in
            mapping.tables[part.table].target.map { bulk.shardRestore($0, shard: part.shard) }
        }
        DispatchQueue.concurrentPerform(iterations: parts.count) { [self] position in
            let part = parts[position]
            guard outcome.withLock({ $0.failure == nil }) else { return }
            do throws(DirectoryError) {
                // Even if it fails, what was built belongs to the loader.
                defer { shards[position].finish() }
                try load(part, into: shards[position])
            } catch {
                outcome.withLock { outcome in
                    if part.position < outcome.failure?.position ?? .max {
                        outcome.failure = (part.position, error)
                    }
                }
            }
        }
        let (lost, failure) = outcome.withLock { ($0.lost, $0.failure) }
        bulk.add(shards)
        if let failure { throw failure.error }
        if !lost.isEmpty { throw .schema(conflicts(lost)) }
        let violations = bulk.finishRestore()
        if !violations.isEmpty { throw error(violations, bulk.view) }
    }

    private func load(_ part: RowPart, into shard: ShardRestore) throws(DirectoryError) {
        let decoder = RowDecoder(
            source.layout.tables[part.table], mapping.tables[part.table], shard.plan,
            codec: codec, now: now)
        try unsafe source.forEachBlock(of: part) { (block, offset) throws(DirectoryError) in
            guard let base = block.baseAddress else { return }
            var start = 0
            while start < block.count {
                let rest = block.count - start
                let end = unsafe memchr(base + start, 0x0A, rest).map {
                    unsafe UnsafeRawPointer($0) - base
                }
                let line = unsafe UnsafeRawBufferPointer(
                    rebasing: block[start..<(end ?? block.count)])
                do throws(LineFault) {
                    try unsafe decoder.decode(line, into: shard)
                } catch {
                    throw .damaged(
                        FileDamage(
                            file: part.name, offset: offset + start + error.offset,
                            line: shard.rowCount + 1, fault: error.fault))
                }
                start += line.count + 1
            }
        }
        if let expected = part.rowCount, shard.rowCount != expected {
            throw .damaged(
                FileDamage(
                    file: part.name, offset: 0,
                    fault: .rowCount(expected: expected, found: shard.rowCount)))
        }
        guard !decoder.lost.isEmpty else { return }
        outcome.withLock { outcome in
            for (value, count) in decoder.lost {
                outcome.lost[LostValue(table: part.table, value: value), default: 0] += count
            }
        }
    }

    // MARK: Faults

    private func conflicts(_ lost: [LostValue: Int]) -> [SchemaConflict] {
        let order = lost.sorted {
            ($0.key.table, $0.key.value.column, $0.key.value.value)
                < ($1.key.table, $1.key.value.column, $1.key.value.value)
        }
        return order.map { lost, count in
            let table = source.layout.tables[lost.table]
            let column = table.columns[lost.value.column]
            return .valueInUse(
                table: table.name, column: column.name, value: column.values[lost.value.value],
                rows: count)
        }
    }

    private func error(_ violations: [LoadViolation], _ view: VersionView) -> DirectoryError {
        switch violations[0] {
        case .missingReference(let table, let column, let ref):
            return damage(table, ref, .reference(column: name(of: column, table)), view)
        case .nullInRequired(let table, let column, let ref):
            return damage(table, ref, .null(column: name(of: column, table)), view)
        case .duplicate(let index, _, _):
            let definition = store.definition(of: index)
            let table = definition.table
            var rows: [DuplicateRows] = []
            var total = 0
            for case .duplicate(index, let first, let second) in violations {
                total += 1
                guard rows.count < SnapshotLoader.duplicatesNamedMax else { continue }
                rows.append(
                    DuplicateRows(first: id(first, table, view), second: id(second, table, view)))
            }
            return .duplicates(index: signature(of: index), rows: rows, total: total)
        }
    }

    /// A fault of a row that is known by its place in the store.
    private func damage(
        _ table: TableID, _ ref: RowRef, _ fault: FileFault, _ view: VersionView
    ) -> DirectoryError {
        let shard = ref.shard(shardBits: store.shardBits)
        let slot = ref.slot(shardBits: store.shardBits)
        var line = 1
        view.table(table).forEachRow(shard: shard) { _, other in
            if other < slot { line += 1 }
        }
        let part = source.parts.first {
            mapping.tables[$0.table].target == table && $0.shard == shard
        }
        return .damaged(FileDamage(file: part?.name ?? "", offset: 0, line: line, fault: fault))
    }

    private func name(of column: ColumnID, _ table: TableID) -> String {
        store.definition.tables[table.index].columns[column].name
    }

    private func id(_ ref: RowRef, _ table: TableID, _ view: VersionView) -> String {
        let column = store.column(table, TableDefinition.idColumn)
        let bytes = unsafe view.table(table).row(ref).bytes(column)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    private func signature(of index: IndexID) -> String {
        StoreDefinition(
            tables: store.definition.tables, indexes: [store.definition(of: index)]
        ).indexSignatures[0]
    }
}
