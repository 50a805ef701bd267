import Bytes
import JSON
import Store

/// Writes the rows of one table with all their fields, as lines of NDJSON or of CSV.
final class ExportRowWriter {
    private struct Field {
        enum Content {
            case id
            case column(StoredType)
            case reference(TableID)
        }

        let name: String
        let content: Content
        let column: Column
    }

    private let model: Model
    private let values: StoredValueWriter
    private var view: VersionView?
    private let fields: [Field]
    /// The column of each table's ids.
    private let idColumns: [Column]
    private let ownPrefix: String
    private let cells: CellWriter
    private let scratch = ByteBuffer()

    /// Reads nothing before it has been moved to a view.
    /// - Parameters:
    ///   - names: fields that are left out.
    ///   - format: nil to be asked for ``texts(of:)`` alone.
    init(
        _ table: TableModel, _ model: Model, _ store: Store, without names: Set<String> = [],
        format: TabularOptions.Format? = nil
    ) {
        self.model = model
        let idColumns = model.tables.map { store.column($0.id, TableDefinition.idColumn) }
        self.idColumns = idColumns
        values = StoredValueWriter(model)
        ownPrefix = table.idPrefix
        let fields: [Field] = table.fields.filter { !names.contains($0.name) }.compactMap { field in
            switch field.kind {
            case .id:
                Field(
                    name: field.name, content: .id,
                    column: store.column(table.id, TableDefinition.idColumn))
            case .column(let column, let type):
                Field(
                    name: field.name, content: .column(type),
                    column: store.column(table.id, column))
            case .referenceID(let column, let target):
                Field(
                    name: field.name, content: .reference(target),
                    column: store.column(table.id, column))
            case .toOne, .toMany, .computed: nil
            }
        }
        self.fields = fields
        cells =
            if let format {
                CellWriter(fields.map(\.name), TabularOptions(format: format))
            } else {
                CellWriter(values: ())
            }
    }

    /// Rows that are written from now on belong to this view.
    func move(to view: VersionView) { self.view = view }

    var fieldNames: [String] { fields.map(\.name) }

    /// Where lines go; its user takes them out.
    var output: ByteBuffer { cells.output }

    /// The JSON of each field of a row.
    func texts(of row: RowView) -> [String] {
        fields.map { field in
            output.removeAll()
            write(field, row)
            return output.makeString()
        }
    }

    /// What stands before the first line.
    func begin() { cells.begin() }

    /// The line of a row.
    func write(_ row: RowView) {
        let start = cells.beginLine()
        for field in fields { write(field, row) }
        cells.endLine(start)
    }

    private func write(_ field: Field, _ row: RowView) {
        guard !row.isNull(field.column) else { return cells.null() }
        switch field.content {
        case .id: writeID(ownPrefix, row, field.column)
        case .reference(let target):
            guard let table = view?.table(target) else { return cells.null() }
            writeID(
                model[target].idPrefix, table.row(row.reference(field.column)),
                idColumns[target.index])
        case .column(let type): write(type, row, field.column)
        }
    }

    private func writeID(_ prefix: String, _ row: RowView, _ column: Column) {
        cells.openQuoted()
        output.append(prefix)
        unsafe output.append(row.bytes(column))
        cells.closeQuoted()
    }

    private func write(_ type: StoredType, _ row: RowView, _ column: Column) {
        switch type {
        case .scalar(let kind):
            switch kind {
            case .id, .string, .emailAddress:
                unsafe cells.text(
                    row.bytes(column),
                    needsEscape: row.byteFlags(column).contains(.needsEscape))
            case .json: unsafe cells.json(row.bytes(column))
            case .int: cells.integer(Int64(row.int32(column)))
            case .long: cells.integer(row.int64(column))
            case .float: cells.double(row.double(column))
            case .boolean: cells.boolean(row.bool(column))
            case .dateTime: cells.dateTime(row.int64(column))
            case .date: cells.date(row.int32(column))
            }
        case .enum(let id):
            cells.openQuoted()
            output.append(model[id].values[Int(row.integer(column))])
            cells.closeQuoted()
        case .value, .list, .reference:
            guard let view else { return cells.null() }
            scratch.removeAll()
            values.append(
                unsafe ValueView(column: row.bytes(column)), as: type,
                for: .importer(view, idColumns: idColumns), to: scratch)
            unsafe scratch.withUnsafeBytes { unsafe cells.json($0) }
        }
    }
}
