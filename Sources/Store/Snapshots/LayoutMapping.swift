/// Where the tables, columns and values of files lie in a store of another layout.
struct LayoutMapping: Sendable {
    struct Table: Sendable {
        /// nil for a table that the store does not have.
        var target: TableID?
        /// By column of the file.
        var columns: [Column]
        /// Columns of the store that the file does not have.
        var added: [ColumnID]
    }

    struct Column: Sendable {
        /// nil for a column that the store does not have.
        var column: ColumnID?
        /// By number of a value in the file, its number in the store, or −1; nil when all are the
        /// same.
        var values: [Int]?
    }

    /// By table of the file.
    var tables: [Table]

    /// The mapping of files that are laid out as the store is.
    init(identity layout: FileLayout) {
        tables = layout.tables.enumerated().map { position, table in
            Table(
                target: TableID(position),
                columns: table.columns.enumerated().map { position, column in
                    // An enumeration's numbers are checked against its values in any case.
                    Column(
                        column: position,
                        values: column.values.isEmpty ? nil : Array(column.values.indices))
                },
                added: [])
        }
    }

    init(tables: [Table]) {
        self.tables = tables
    }
}
