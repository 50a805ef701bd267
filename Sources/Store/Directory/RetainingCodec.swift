import Bytes

/// Values of columns that the schema no longer has stay the JSON that they were in the files; all
/// others go through the codec of the room above.
struct RetainingCodec: FileCodec {
    private let codec: any FileCodec
    /// By table of the schema, how many columns it has; none for a store whose values are all
    /// JSON.
    private let columnCounts: [Int]

    init(_ codec: any FileCodec, wanted: StoreDefinition?) {
        self.codec = codec
        columnCounts = wanted?.tables.map(\.columns.count) ?? []
    }

    private func isRetained(_ table: TableID, _ column: ColumnID) -> Bool {
        table.index >= columnCounts.count || column >= columnCounts[table.index]
    }

    func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer
    ) {
        if isRetained(table, column) {
            unsafe output.append(value)
        } else {
            unsafe codec.appendJSON(value, table: table, column: column, to: output)
        }
    }

    func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError) {
        if isRetained(table, column) {
            unsafe row.set(column, bytes: json)
        } else {
            try unsafe codec.read(json, table: table, column: column, into: row)
        }
    }

    func setDefault(table: TableID, column: ColumnID, in row: RowBuilder, now: Int64) -> Bool {
        !isRetained(table, column)
            && codec.setDefault(table: table, column: column, in: row, now: now)
    }
}
