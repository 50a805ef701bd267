import Store

/// Tables of the store that the API does not show: they lie behind the model's own.
///
/// Their names begin with two underscores, as no table of a schema file may be called.
enum HiddenTables {
    /// What became of mutations with an idempotency key. The row's id is the key with its scope,
    /// its `createdAt` the time of the mutation.
    static let idempotency = "__Idempotency"
    /// Ids that were given to rows by clients, and that went with those rows: the row's id is the
    /// public id.
    static let takenIDs = "__TakenId"

    /// Two hashes of the arguments, in hexadecimal digits.
    static let fingerprint = TableDefinition.systemColumns.count
    /// What the mutation answered, as JSON.
    static let result = TableDefinition.systemColumns.count + 1

    static func added(to definition: StoreDefinition) -> StoreDefinition {
        let first = definition.tables.count
        let system = TableDefinition.systemColumns
        return StoreDefinition(
            tables: definition.tables + [
                TableDefinition(
                    name: idempotency,
                    columns: system + [
                        ColumnDefinition(name: "fingerprint", kind: .bytes(.text)),
                        ColumnDefinition(name: "result", kind: .bytes(.json)),
                    ]),
                TableDefinition(name: takenIDs, columns: system),
            ],
            indexes: definition.indexes + [
                IndexDefinition(
                    name: "\(idempotency)(createdAt)", table: TableID(first), equality: [],
                    ordered: TableDefinition.createdAtColumn)
            ])
    }

    /// Where they lie in a store of the model.
    struct Places: Sendable {
        let idempotency: TableID
        let takenIDs: TableID
        /// The records by their time.
        let idempotencyByTime: IndexID
    }

    /// Nil when no table is opened to writing.
    static func places(in definition: StoreDefinition) -> Places? {
        guard let records = definition.tables.firstIndex(where: { $0.name == idempotency }),
            let ids = definition.tables.firstIndex(where: { $0.name == takenIDs }),
            let index = definition.indexes.firstIndex(where: { $0.table.index == records })
        else { return nil }
        return Places(
            idempotency: TableID(records), takenIDs: TableID(ids),
            idempotencyByTime: IndexID(index))
    }
}
