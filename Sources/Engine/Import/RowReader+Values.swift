import Bytes
import JSON
import Store

/// The values of a row, from JSON and from cells.
extension RowReader {
    /// Reads the value of a field.
    @inline(__always)
    func read(_ reader: inout JSONReader, _ field: ImportField) throws {
        if reader.takeNull() {
            guard field.isNullable else { throw RowFault.null(field: fields.names[field.index]) }
            return builder.setNull(field.column)
        }
        switch field.kind {
        case .text, .email, .dateTime, .date, .enumeration:
            let text = try reader.readString()
            try unsafe set(text: text.hasEscapes ? unescaped(text) : text.raw, field)
        case .int, .long, .float:
            try set(number: try reader.readNumber(), field)
        case .id, .idText, .reference:
            try readID(&reader, field)
        case .boolean:
            builder.set(field.column, int: try reader.readBool() ? 1 : 0)
        case .json:
            try unsafe set(json: try reader.readRawValue(), field)
        case .value, .list:
            try readValue(&reader, field)
        }
    }

    /// Reads the value of a field from a cell.
    func read(cell: UnsafeRawBufferPointer, _ field: ImportField) throws {
        switch field.kind {
        case .text, .email, .dateTime, .date, .enumeration, .id, .idText, .reference:
            try unsafe set(text: cell, field)
        case .int, .long, .float, .boolean, .json, .value, .list:
            var reader = unsafe JSONReader(cell)
            do {
                try read(&reader, field)
                try reader.finish()
            } catch let error as JSONError {
                if field.kind == .json || field.kind == .value {
                    throw RowFault.value(
                        field: fields.names[field.index],
                        ValueError(path: [], fault: .json(error)))
                }
                throw expected(field)
            }
        }
    }

    /// Ids may be written as integers.
    private func readID(_ reader: inout JSONReader, _ field: ImportField) throws {
        switch try reader.peekKind() {
        case .string:
            let text = try reader.readString()
            try unsafe set(text: text.hasEscapes ? unescaped(text) : text.raw, field)
        case .number:
            let number = try reader.readNumber()
            guard number.isInteger else { throw expected(field) }
            try unsafe set(text: number.raw, field)
        case .object where field.kind == .reference:
            throw RowFault.nestedRow(field: fields.names[field.index])
        default: throw expected(field)
        }
    }

    private func readValue(_ reader: inout JSONReader, _ field: ImportField) throws(RowFault) {
        guard let type = fields.types[field.index] else { return }
        scratch.removeAll()
        do {
            try values.append(&reader, as: type, to: scratch) { row(id: $1, in: $0) }
        } catch {
            throw .value(field: fields.names[field.index], error)
        }
        unsafe scratch.withUnsafeBytes { unsafe builder.set(field.column, bytes: $0) }
    }

    /// A document is kept as it is written, without the white space between its parts.
    private func set(json: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        scratch.removeAll()
        scratch.reserve(json.count)
        var isInString = false
        var isEscaped = false
        for index in json.indices {
            let byte = unsafe json[index]
            if isInString {
                isInString = isEscaped || byte != 0x22
                isEscaped = !isEscaped && byte == 0x5C
            } else {
                isInString = byte == 0x22
                if byte <= 0x20 { continue }
            }
            scratch.append(byte: byte)
        }
        unsafe scratch.withUnsafeBytes { unsafe builder.set(field.column, bytes: $0) }
    }

    @inline(__always)
    private func set(number: JSONNumber, _ field: ImportField) throws(RowFault) {
        if field.kind == .float {
            guard let value = number.double else { throw expected(field) }
            builder.set(field.column, double: value)
            return try check(value, field)
        }
        guard let value = number.int64 ?? number.integralInt64 else { throw expected(field) }
        let isInRange =
            field.kind == .int
            ? Int64(Int32(truncatingIfNeeded: value)) == value
            : value.magnitude <= ScalarKind.longMax.magnitude
        guard isInRange else { throw expected(field) }
        if field.column == TableDefinition.versionColumn && value < 1 {
            throw .constraint(field: fields.names[field.index], "at least 1")
        }
        builder.set(field.column, int: value)
        try check(Double(value), field)
    }

    @inline(__always)
    private func check(_ number: Double, _ field: ImportField) throws(RowFault) {
        if field.hasConstraint, let what = fields.constraints[field.index]?.fault(inNumber: number)
        {
            throw .constraint(field: fields.names[field.index], what)
        }
    }

    @inline(__always)
    private func set(text: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        switch field.kind {
        case .text, .idText:
            if field.hasConstraint { try unsafe check(text, field) }
            unsafe builder.set(field.column, bytes: text)
        case .reference:
            try unsafe set(reference: text, field)
        case .dateTime:
            guard let time = unsafe Instant.milliseconds(parsing: text) else {
                throw expected(field)
            }
            builder.set(field.column, int: time)
        case .enumeration:
            guard let place = unsafe fields.enumNames[field.index]?.place(of: text) else {
                throw expected(field)
            }
            builder.set(field.column, int: Int64(place))
        case .date:
            guard let day = unsafe CivilDate.dayNumber(parsing: text) else {
                throw expected(field)
            }
            builder.set(field.column, int: Int64(day))
        case .id:
            let id = unsafe storedID(text, of: table.id)
            guard unsafe IDSyntax.accepts(id) else {
                throw .id(field: fields.names[field.index])
            }
            if loader == nil {
                givenID.removeAll(keepingCapacity: true)
                unsafe givenID.append(contentsOf: id)
            }
            unsafe builder.set(TableDefinition.idColumn, bytes: id)
        case .email:
            guard unsafe EmailSyntax.accepts(Array(text)) else { throw expected(field) }
            if field.hasConstraint { try unsafe check(text, field) }
            unsafe builder.set(field.column, bytes: text)
        case .int, .long, .float, .boolean, .json, .value, .list:
            throw expected(field)
        }
    }

    private func check(_ text: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        let text = unsafe String(decoding: text, as: UTF8.self)
        if let what = fields.constraints[field.index]?.fault(inText: text) {
            throw .constraint(field: fields.names[field.index], what)
        }
    }

    /// What the field holds instead.
    func expected(_ field: ImportField) -> RowFault {
        let name = fields.names[field.index]
        switch field.kind {
        case .id, .idText, .reference: return .expected(field: name, ScalarKind.id.expectation)
        case .enumeration:
            return .expected(field: name, phrase(fields.enumNames[field.index]?.names ?? [], "or"))
        default:
            guard case .scalar(let scalar)? = fields.types[field.index] else {
                return .expected(field: name, "a value")
            }
            return .expected(field: name, scalar.expectation)
        }
    }

    /// The text itself, in `scratch`.
    func unescaped(_ text: JSONText) -> UnsafeRawBufferPointer {
        scratch.removeAll()
        text.append(to: scratch)
        return unsafe UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
    }
}
