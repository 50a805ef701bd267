import Bytes
import JSON
import Store

/// How the values of a model's rows stand in the files of its store.
///
/// Objects have their fields by name, those that are null left out; enum values are names, times
/// and dates texts as the API writes them, rows the numbers of their ``RowRef``s.
///
/// A column that the model does not know, because its field was removed from the schema files, keeps
/// the JSON itself as its bytes: nothing but this codec ever reads it.
public struct ModelFileCodec: FileCodec {
    private let values: StoredValueWriter
    private let writer: ValueWriter
    /// The fields of each table by their column.
    private let fields: [[FieldModel?]]

    public init(_ model: Model) {
        values = StoredValueWriter(model)
        writer = ValueWriter(model)
        fields = model.tables.map { table in
            let count = model.storeDefinition.tables[table.id.index].columns.count
            var byColumn = [FieldModel?](repeating: nil, count: count)
            for field in table.fields {
                if case .column(let column, _) = field.kind { byColumn[column] = field }
            }
            return byColumn
        }
    }

    private func field(_ table: TableID, _ column: ColumnID) -> FieldModel? {
        guard fields.indices.contains(table.index), fields[table.index].indices.contains(column)
        else { return nil }
        return fields[table.index][column]
    }

    private func type(_ table: TableID, _ column: ColumnID) -> StoredType? {
        guard case .column(_, let type)? = field(table, column)?.kind else { return nil }
        return type
    }

    // MARK: To files

    public func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer
    ) {
        guard let type = type(table, column) else { return unsafe output.append(value) }
        values.append(unsafe ValueView(column: value), as: type, for: .store, to: output)
    }

    // MARK: From files

    public func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError) {
        guard let type = type(table, column) else {
            return unsafe row.set(column, bytes: json)
        }
        let buffer = ByteBuffer(capacity: 256)
        var reader = unsafe JSONReader(json)
        do {
            try writer.append(&reader, as: type, to: buffer, checksConstraints: false) { _, id in
                UInt32(id).map { RowRef(rawValue: $0) }
            }
            try reader.finish()
        } catch let error as ValueError {
            throw FileCodecError(reason: error.description)
        } catch {
            throw FileCodecError(reason: "the value is not JSON")
        }
        unsafe buffer.withUnsafeBytes { unsafe row.set(column, bytes: $0) }
    }

    public func setDefault(
        table: TableID, column: ColumnID, in row: RowBuilder, now: Int64
    ) -> Bool {
        guard let field = field(table, column), case .column(_, let type) = field.kind,
            let standard = field.defaultValue
        else { return false }
        switch standard {
        case .now: row.set(column, int: now)
        case .constant(let value):
            do {
                try writer.set(column, of: row, to: value, type, scratch: ByteBuffer()) { _, _ in
                    nil
                }
            } catch {
                return false
            }
        }
        return true
    }
}
