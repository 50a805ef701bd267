import Bytes
import JSON
import Store

/// Writes values and lists, as they lie inside a row, as JSON with all their fields.
struct StoredValueWriter {
    /// For whom they are written.
    enum Reader {
        /// The store's own files: fields that are null are left out, and rows are the numbers of
        /// their ``RowRef``s.
        case store
        /// An import: no field is left out, and rows are ids, null where one was deleted since.
        case importer(VersionView, idColumns: [Column])
    }

    private let model: Model

    init(_ model: Model) {
        self.model = model
    }

    /// Values do not contain themselves, so the depth is that of the schema.
    func append(
        _ value: ValueView, as type: StoredType, for reader: Reader, to output: ByteBuffer
    ) {
        switch type {
        case .scalar(let kind): output.append(value, as: kind)
        case .enum(let id):
            output.append(byte: UInt8(ascii: "\""))
            output.append(model[id].values[value.enumPlace])
            output.append(byte: UInt8(ascii: "\""))
        case .reference(let table): append(value.reference, in: table, for: reader, to: output)
        case .list(let item, _):
            output.append(byte: UInt8(ascii: "["))
            var items = value.items
            for index in 0..<value.count {
                if index > 0 { output.append(byte: UInt8(ascii: ",")) }
                if let part = items.next(width: item.payloadWidth) {
                    append(part, as: item, for: reader, to: output)
                } else {
                    output.append("null")
                }
            }
            output.append(byte: UInt8(ascii: "]"))
        case .value(let id): appendObject(value, model[id], for: reader, to: output)
        }
    }

    private func appendObject(
        _ value: ValueView, _ object: ValueModel, for reader: Reader, to output: ByteBuffer
    ) {
        output.append(byte: UInt8(ascii: "{"))
        var isFirst = true
        for (place, field) in object.fields.enumerated() {
            let part = value.field(place, in: object.layout)
            if part == nil, case .store = reader { continue }
            output.append(isFirst ? "\"" : ",\"")
            isFirst = false
            output.append(field.name)
            output.append("\":")
            if let part {
                append(part, as: field.type, for: reader, to: output)
            } else {
                output.append("null")
            }
        }
        output.append(byte: UInt8(ascii: "}"))
    }

    private func append(
        _ ref: RowRef, in table: TableID, for reader: Reader, to output: ByteBuffer
    ) {
        switch reader {
        case .store: output.appendUnsigned(UInt64(ref.rawValue))
        case .importer(let view, let idColumns):
            guard let row = view.table(table).liveRow(ref) else { return output.append("null") }
            output.append(byte: UInt8(ascii: "\""))
            output.append(model[table].idPrefix)
            unsafe output.append(row.bytes(idColumns[table.index]))
            output.append(byte: UInt8(ascii: "\""))
        }
    }
}

extension ByteBuffer {
    /// A scalar that lies inside a row, as JSON.
    func append(_ value: ValueView, as kind: ScalarKind) {
        switch kind {
        case .id, .string, .emailAddress:
            if value.needsEscape {
                unsafe appendJSONString(value.bytes)
            } else {
                unsafe appendJSONStringUnescaped(value.bytes)
            }
        case .json: unsafe append(value.bytes)
        case .int: appendInteger(Int64(value.int32))
        case .long: appendInteger(value.int64)
        case .float: appendDouble(value.double)
        case .boolean: appendJSONBool(value.bool)
        case .dateTime: appendJSONDateTime(value.int64)
        case .date: appendJSONDate(value.int32)
        }
    }
}
