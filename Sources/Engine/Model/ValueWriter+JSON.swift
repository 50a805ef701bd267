import Bytes
import GraphQL
import JSON
import Store

/// From JSON text, as imports and snapshots have it.
extension ValueRun {
    /// An object or a list as a column holds it.
    mutating func content(
        _ reader: inout JSONReader, _ type: StoredType, _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        switch (type, try kind(&reader)) {
        case (.value(let id), .object): try object(&reader, values[id.index], rows)
        case (.list(let item, let itemIsNullable), .array):
            try list(&reader, item, itemIsNullable, rows)
        case (.value, _): throw fault(.expected("an object"))
        default: throw fault(.expected("a list"))
        }
    }

    /// The fields may come in any order; they are found first, and then written in theirs.
    private mutating func object(
        _ reader: inout JSONReader, _ model: ValueModel, _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        var found = unsafe [UnsafeRawBufferPointer?](repeating: nil, count: model.fields.count)
        do {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let name = key.makeString()
                guard let index = model.fields.firstIndex(where: { $0.name == name }) else {
                    throw fault(.unknownField(name))
                }
                guard unsafe found[index] == nil else { throw fault(.duplicateField(name)) }
                unsafe found[index] = unsafe try reader.readRawValue()
            }
        } catch {
            throw translated(error)
        }
        for (index, field) in model.fields.enumerated() {
            try at(.field(field.name)) { run throws(ValueError) in
                guard let raw = unsafe found[index] else {
                    guard field.isNullable else { throw run.fault(.missing) }
                    run.buffer.append(byte: 0)
                    return
                }
                // Safe: the bytes belong to the outer reader, whose caller keeps them.
                var inner = unsafe JSONReader(raw)
                try run.place(
                    &inner, field.type, isNullable: field.isNullable, field.constraint, rows)
            }
        }
    }

    private mutating func list(
        _ reader: inout JSONReader, _ item: StoredType, _ itemIsNullable: Bool,
        _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        let head = buffer.count
        append(UInt32(0))
        var count: UInt32 = 0
        do {
            try reader.beginArray()
            while try reader.nextElement() {
                try at(.index(Int(count))) { run throws(ValueError) in
                    try run.place(&reader, item, isNullable: itemIsNullable, nil, rows)
                }
                count &+= 1
            }
        } catch {
            throw translated(error)
        }
        // Safe: four bytes were appended at `head` above.
        unsafe buffer.base.storeBytes(
            of: count.littleEndian, toByteOffset: head, as: UInt32.self)
    }

    private mutating func place(
        _ reader: inout JSONReader, _ type: StoredType, isNullable: Bool,
        _ constraint: ConstraintModel?, _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        let kind = try kind(&reader)
        if kind == .null {
            guard isNullable else { throw fault(.missing) }
            do { try reader.readNull() } catch { throw translated(error) }
            buffer.append(byte: 0)
            return
        }
        buffer.append(byte: 1)
        switch type {
        case .value, .list:
            try counted { run throws(ValueError) in try run.content(&reader, type, rows) }
        case .scalar(.json):
            do {
                try unsafe compact(try reader.readRawValue())
            } catch {
                throw translated(error)
            }
        default:
            let input = try input(&reader, kind)
            let value = try coerced(input, type)
            if checksConstraints, let accepted = constraint?.fault(in: value) {
                throw fault(.constraint(accepted))
            }
            try payload(value, type, rows)
        }
    }

    /// A JSON document without the white space between its parts.
    private func compact(_ raw: UnsafeRawBufferPointer) throws(ValueError) {
        var isInString = false
        var isEscaped = false
        let bytes = unsafe raw.filter { byte in
            guard isInString else {
                isInString = byte == 0x22
                return byte > 0x20
            }
            isInString = isEscaped || byte != 0x22
            isEscaped = !isEscaped && byte == 0x5C
            return true
        }
        try text(String(decoding: bytes, as: UTF8.self), isJSON: true)
    }

    private func coerced(
        _ input: ScalarCodec.Input, _ type: StoredType
    ) throws(ValueError) -> CoercedValue {
        switch type {
        case .scalar(let scalar):
            guard let value = scalar.coerce(input) else {
                throw fault(.expected(scalar.expectation))
            }
            return value
        case .enum(let id):
            let names = enums[id.index].values
            guard case .string(let name) = input, let place = names.firstIndex(of: name) else {
                throw fault(.expected(phrase(names, "or")))
            }
            return .enumValue(place)
        case .reference, .value, .list:
            switch input {
            case .string(let id), .int(let id): return .string(id)
            default: throw fault(.expected("an id"))
            }
        }
    }

    private func input(
        _ reader: inout JSONReader, _ kind: JSONKind
    ) throws(ValueError) -> ScalarCodec.Input {
        do {
            switch kind {
            case .string: return .string(try reader.readString().makeString())
            case .boolean: return .boolean(try reader.readBool())
            case .number:
                let number = try reader.readNumber()
                if let integer = number.integralInt64 { return .int(String(integer)) }
                return .float(number.text)
            case .object, .array, .null:
                try reader.skipValue()
                return .json("")
            }
        } catch {
            throw translated(error)
        }
    }

    private func kind(_ reader: inout JSONReader) throws(ValueError) -> JSONKind {
        do { return try reader.peekKind() } catch { throw translated(error) }
    }

    private func translated(_ error: any Error) -> ValueError {
        switch error {
        case let error as ValueError: error
        case let error as JSONError: fault(.json(error))
        default: fault(.expected("a value"))
        }
    }
}
