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
    private var values: ExportValueWriter
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
        values = ExportValueWriter(model, idColumns)
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
    func move(to view: VersionView) { values.view = view }

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
            guard let table = values.view?.table(target) else { return cells.null() }
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
            scratch.removeAll()
            values.append(
                unsafe ValueView(column: row.bytes(column)), as: type, to: scratch)
            unsafe scratch.withUnsafeBytes { unsafe cells.json($0) }
        }
    }
}

/// Writes values and lists, as they lie inside a row, as JSON that an import takes.
struct ExportValueWriter {
    private let model: Model
    var view: VersionView?
    private let idColumns: [Column]

    init(_ model: Model, _ idColumns: [Column]) {
        self.model = model
        self.idColumns = idColumns
    }

    /// Values do not contain themselves, so the depth is that of the schema.
    func append(_ value: ValueView, as type: StoredType, to output: ByteBuffer) {
        switch type {
        case .scalar(let kind): append(value, as: kind, to: output)
        case .enum(let id):
            output.append(byte: UInt8(ascii: "\""))
            output.append(model[id].values[value.enumPlace])
            output.append(byte: UInt8(ascii: "\""))
        case .list(let item, _):
            output.append(byte: UInt8(ascii: "["))
            var items = value.items
            for index in 0..<value.count {
                if index > 0 { output.append(byte: UInt8(ascii: ",")) }
                append(items.next(width: item.payloadWidth), as: item, to: output)
            }
            output.append(byte: UInt8(ascii: "]"))
        case .value(let id):
            let object = model[id]
            output.append(byte: UInt8(ascii: "{"))
            for (place, field) in object.fields.enumerated() {
                if place > 0 { output.append(byte: UInt8(ascii: ",")) }
                output.append(byte: UInt8(ascii: "\""))
                output.append(field.name)
                output.append("\":")
                append(value.field(place, in: object.layout), as: field.type, to: output)
            }
            output.append(byte: UInt8(ascii: "}"))
        case .reference(let target):
            guard let row = view?.table(target).liveRow(value.reference) else {
                return output.append("null")
            }
            output.append(byte: UInt8(ascii: "\""))
            output.append(model[target].idPrefix)
            unsafe output.append(row.bytes(idColumns[target.index]))
            output.append(byte: UInt8(ascii: "\""))
        }
    }

    private func append(_ value: ValueView?, as type: StoredType, to output: ByteBuffer) {
        guard let value else { return output.append("null") }
        append(value, as: type, to: output)
    }

    private func append(_ value: ValueView, as kind: ScalarKind, to output: ByteBuffer) {
        switch kind {
        case .id, .string, .emailAddress: unsafe output.appendJSONString(value.bytes)
        case .json: unsafe output.append(value.bytes)
        case .int: output.appendInteger(Int64(value.int32))
        case .long: output.appendInteger(value.int64)
        case .float: output.appendDouble(value.double)
        case .boolean: output.appendJSONBool(value.bool)
        case .dateTime:
            output.append(byte: UInt8(ascii: "\""))
            output.appendDateTime(value.int64)
            output.append(byte: UInt8(ascii: "\""))
        case .date:
            output.append(byte: UInt8(ascii: "\""))
            output.appendDate(value.int32)
            output.append(byte: UInt8(ascii: "\""))
        }
    }
}
