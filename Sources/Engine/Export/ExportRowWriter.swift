import Bytes
import JSON
import Store

/// Writes the rows of one table, as lines of NDJSON or as records of CSV.
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
    private let scratch = ByteBuffer()

    /// Reads nothing before it has been moved to a view.
    /// - Parameter names: fields that are left out.
    init(_ table: TableModel, _ model: Model, _ store: Store, without names: Set<String> = []) {
        self.model = model
        idColumns = model.tables.map { store.column($0.id, TableDefinition.idColumn) }
        values = ExportValueWriter(model, idColumns)
        ownPrefix = table.idPrefix
        fields = table.fields.filter { !names.contains($0.name) }.compactMap { field in
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
    }

    /// Rows that are written from now on belong to this view.
    func move(to view: VersionView) { values.view = view }

    var fieldNames: [String] { fields.map(\.name) }

    /// The JSON of each field of a row.
    func texts(of row: RowView) -> [String] {
        fields.map { field in
            scratch.removeAll()
            appendJSON(field, row, to: scratch)
            return scratch.makeString()
        }
    }

    // MARK: NDJSON

    func appendLine(_ row: RowView, to output: ByteBuffer) {
        output.append(byte: UInt8(ascii: "{"))
        for (place, field) in fields.enumerated() {
            if place > 0 { output.append(byte: UInt8(ascii: ",")) }
            output.append(byte: UInt8(ascii: "\""))
            output.append(field.name)
            output.append("\":")
            appendJSON(field, row, to: output)
        }
        output.append("}\n")
    }

    private func appendJSON(_ field: Field, _ row: RowView, to output: ByteBuffer) {
        guard !row.isNull(field.column) else { return output.append("null") }
        switch field.content {
        case .id: appendID(ownPrefix, row, field.column, to: output)
        case .reference(let target):
            guard let table = values.view?.table(target) else { return output.append("null") }
            appendID(
                model[target].idPrefix, table.row(row.reference(field.column)),
                idColumns[target.index], to: output)
        case .column(let type): appendJSON(type, row, field.column, to: output)
        }
    }

    private func appendID(
        _ prefix: String, _ row: RowView, _ column: Column, to output: ByteBuffer
    ) {
        output.append(byte: UInt8(ascii: "\""))
        output.append(prefix)
        unsafe output.append(row.bytes(column))
        output.append(byte: UInt8(ascii: "\""))
    }

    private func appendJSON(
        _ type: StoredType, _ row: RowView, _ column: Column, to output: ByteBuffer
    ) {
        switch type {
        case .scalar(let kind):
            switch kind {
            case .id, .string, .emailAddress: unsafe output.appendJSONString(row.bytes(column))
            case .json: unsafe output.append(row.bytes(column))
            case .int: output.appendInteger(Int64(row.int32(column)))
            case .long: output.appendInteger(row.int64(column))
            case .float: output.appendDouble(row.double(column))
            case .boolean: output.appendJSONBool(row.bool(column))
            case .dateTime:
                output.append(byte: UInt8(ascii: "\""))
                output.appendDateTime(row.int64(column))
                output.append(byte: UInt8(ascii: "\""))
            case .date:
                output.append(byte: UInt8(ascii: "\""))
                output.appendDate(row.int32(column))
                output.append(byte: UInt8(ascii: "\""))
            }
        case .enum(let id):
            output.append(byte: UInt8(ascii: "\""))
            output.append(enumName(id, row, column))
            output.append(byte: UInt8(ascii: "\""))
        case .value, .list, .reference:
            values.append(
                unsafe ValueView(column: row.bytes(column)), as: type, to: output)
        }
    }

    private func enumName(_ id: EnumID, _ row: RowView, _ column: Column) -> String {
        model[id].values[Int(row.integer(column))]
    }

    // MARK: CSV

    func appendHeader(to output: ByteBuffer) {
        output.append(fields.map(\.name).joined(separator: ","))
        output.append("\r\n")
    }

    func appendRecord(_ row: RowView, to output: ByteBuffer) {
        for (place, field) in fields.enumerated() {
            if place > 0 { output.append(byte: UInt8(ascii: ",")) }
            if !row.isNull(field.column) { appendCell(field, row, to: output) }
        }
        output.append("\r\n")
    }

    private func appendCell(_ field: Field, _ row: RowView, to output: ByteBuffer) {
        switch field.content {
        case .column(.scalar(.id)), .column(.scalar(.string)), .column(.scalar(.emailAddress)),
            .column(.scalar(.json)):
            unsafe appendCell(row.bytes(field.column), to: output)
        case .column(.value), .column(.list), .column(.reference):
            scratch.removeAll()
            appendJSON(field, row, to: scratch)
            unsafe scratch.withUnsafeBytes { unsafe appendCell($0, to: output) }
        case .id, .reference, .column:
            // A number, a name, a time or an id: as in JSON, without the quotation marks.
            scratch.removeAll()
            appendJSON(field, row, to: scratch)
            unsafe scratch.withUnsafeBytes { bytes in
                let isQuoted = unsafe bytes.first == UInt8(ascii: "\"")
                unsafe output.append(
                    isQuoted
                        ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst().dropLast()) : bytes)
            }
        }
    }

    /// Source: RFC 4180 §2. An empty text is quoted, because an empty cell means null.
    private func appendCell(_ text: UnsafeRawBufferPointer, to output: ByteBuffer) {
        var isPlain = unsafe !text.isEmpty
        for index in text.indices {
            switch unsafe text[index] {
            case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                isPlain = false
            default: continue
            }
        }
        if isPlain { return unsafe output.append(text) }
        output.append(byte: UInt8(ascii: "\""))
        for index in text.indices {
            let byte = unsafe text[index]
            if byte == UInt8(ascii: "\"") { output.append(byte: byte) }
            output.append(byte: byte)
        }
        output.append(byte: UInt8(ascii: "\""))
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
