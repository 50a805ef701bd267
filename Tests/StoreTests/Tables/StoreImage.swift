import Testing

@testable import Store

/// A value of a column, as a model or a reader sees it.
enum CellValue: Equatable, Hashable {
    case null
    case int(Int64)
    case double(Double)
    case row(RowRef)
    case bytes([UInt8])
}

struct RowImage: Equatable {
    let creation: UInt32
    let ref: RowRef
    let values: [CellValue]
}

/// Everything a version holds, in plain arrays.
struct StoreImage: Equatable {
    /// By table, the rows in the order of creation.
    var rows: [[RowImage]] = []
    var counts: [Int] = []
    var nextCreations: [UInt64] = []
    var slotEnds: [[Int]] = []
    /// By index, all entries in order.
    var entries: [[TreeKey]] = []

    init(_ store: Store, _ view: VersionView) {
        for table in store.tables {
            let rowsOfTable = view.table(table.id)
            var images: [RowImage] = []
            rowsOfTable.forEachRow { row, ref in
                images.append(
                    RowImage(
                        creation: row.creation, ref: ref,
                        values: table.layout.columns.map { value(row, $0) }))
            }
            images.sort { $0.creation < $1.creation }
            rows.append(images)
            counts.append(rowsOfTable.count)
            nextCreations.append(rowsOfTable.nextCreation)
            slotEnds.append((0..<rowsOfTable.shardCount).map(rowsOfTable.slotEnd))
        }
        for index in store.indexes {
            var keys: [TreeKey] = []
            var cursor = view.tree(index.id).cursor(atRank: 0)
            while let key = cursor.nextKey() { keys.append(key) }
            entries.append(keys)
        }
    }
}

func value(_ row: RowView, _ column: Column) -> CellValue {
    if row.isNull(column) { return .null }
    switch column.code {
    case .bool: return .int(row.bool(column) ? 1 : 0)
    case .int8: return .int(Int64(row.int8(column)))
    case .int16: return .int(Int64(row.int16(column)))
    case .int32: return .int(Int64(row.int32(column)))
    case .int64: return .int(row.int64(column))
    case .double: return .double(row.double(column))
    case .reference: return .row(row.reference(column))
    case .bytes: return .bytes(unsafe Array(row.bytes(column)))
    }
}

extension RowBuilder {
    func set(_ column: ColumnID, _ value: CellValue) {
        switch value {
        case .null: setNull(column)
        case .int(let value): set(column, int: value)
        case .double(let value): set(column, double: value)
        case .row(let ref): set(column, reference: ref)
        case .bytes(let bytes):
            unsafe bytes.withUnsafeBytes { unsafe set(column, bytes: $0) }
        }
    }
}

extension Store {
    /// The image of the current version.
    func image() throws -> StoreImage {
        let reader = try #require(makeReader())
        return reader.withVersion { StoreImage(self, $0) }
    }

    /// The faults of the current version.
    func faults() throws -> [StoreFault] {
        let reader = try #require(makeReader())
        return reader.withVersion { check($0) }
    }

    /// Inserts one row in a group of its own; the first values are those of `columns`.
    @discardableResult
    func insert(
        _ table: Int, id: String, _ values: [ColumnID: CellValue] = [:], now: Int64 = 0
    ) throws(StoreError) -> RowRef {
        let builder = makeRowBuilder(TableID(table))
        builder.set(TableDefinition.idColumn, text: id)
        for (column, value) in values { builder.set(column, value) }
        return try write(now: now) { (group) throws(StoreError) in
            try group.transaction { (transaction) throws(StoreError) in
                try transaction.insert(TableID(table), builder)
            }
        }
    }

    @discardableResult
    func update(
        _ table: Int, _ ref: RowRef, _ values: [ColumnID: CellValue], raisesVersion: Bool = true,
        now: Int64 = 0
    ) throws(StoreError) -> Bool {
        let builder = makeRowBuilder(TableID(table))
        for (column, value) in values { builder.set(column, value) }
        return try write(now: now) { (group) throws(StoreError) in
            try group.transaction { (transaction) throws(StoreError) in
                try transaction.update(
                    TableID(table), ref, changes: builder, raisesVersion: raisesVersion)
            }
        }
    }

    @discardableResult
    func delete(_ table: Int, _ ref: RowRef, now: Int64 = 0) throws(StoreError) -> Deletion {
        try write(now: now) { (group) throws(StoreError) in
            try group.transaction { (transaction) throws(StoreError) in
                try transaction.delete(TableID(table), ref)
            }
        }
    }

    /// The values of a row of the current version, or nil when there is none.
    func values(_ table: Int, _ ref: RowRef) throws -> [CellValue]? {
        let reader = try #require(makeReader())
        return reader.withVersion { view in
            view.table(TableID(table)).liveRow(ref).map { row in
                columns(of: TableID(table)).map { value(row, $0) }
            }
        }
    }
}

/// The definition of a table by its columns behind the system columns.
func table(
    _ name: String, _ columns: [ColumnDefinition], shardBy: ColumnID? = nil,
    isAppendOnly: Bool = false
) -> TableDefinition {
    TableDefinition(
        name: name, columns: TableDefinition.systemColumns + columns, shardBy: shardBy,
        isAppendOnly: isAppendOnly)
}
