import Bytes

/// How the values that the store does not understand (``ByteKind/value``) stand in files.
///
/// In memory they are in an encoding of the room above, which may change with the program; files
/// hold JSON. Tables and columns are those of the store's own definition.
public protocol FileCodec: Sendable {
    /// Appends a value as JSON: row references in it as ``RowRef/rawValue``, enumerations by name.
    func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer)

    /// Sets a column of `row` from such JSON. Fields that the type no longer has are refused,
    /// missing ones are null.
    func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError)

    /// Sets what a column gets in rows of files that do not know it yet.
    /// - Parameter now: milliseconds since 1970-01-01T00:00:00Z.
    /// - Returns: whether there is a default; without one the column stays null.
    func setDefault(table: TableID, column: ColumnID, in row: RowBuilder, now: Int64) -> Bool
}

/// Why a value of a file cannot be taken over.
public struct FileCodecError: Error, Equatable, Sendable {
    /// In words, for whoever has to mend the file or the schema.
    public let reason: String

    public init(reason: String) {
        self.reason = reason
    }
}
