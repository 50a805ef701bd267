import Bytes
import GraphQL
import JSON
import Store

/// Writes objects and lists in the encoding of value columns.
///
/// Made once for a model; a call allocates only what the value itself asks for.
public struct ValueWriter: Sendable {
    /// The row that an id means, or nil. The id is as a client writes it, prefix included.
    public typealias Rows = (TableID, String) -> RowRef?

    let values: [ValueModel]
    let enums: [EnumModel]

    public init(_ model: Model) {
        values = model.values
        enums = model.enums
    }

    /// Appends what a value column of `type` holds.
    ///
    /// - Parameter value: coerced already; the fields of objects are counted as in `ValueModel`.
    /// - Throws: when it does not fit the type; the buffer is then as before.
    public func append(
        _ value: CoercedValue, as type: StoredType, to buffer: ByteBuffer, rows: Rows
    ) throws(ValueError) {
        let start = buffer.count
        var run = ValueRun(values: values, enums: enums, buffer: buffer)
        do {
            try run.content(value, type, rows)
            try run.checkLength(from: start)
        } catch {
            buffer.truncate(to: start)
            throw error
        }
    }

    /// Sets a column of any type but a reference to a coerced value.
    ///
    /// - Parameters:
    ///   - value: coerced for `type`, or null.
    ///   - scratch: is emptied.
    /// - Throws: when an object or a list does not fit; the column is then as before.
    func set(
        _ column: ColumnID, of row: RowBuilder, to value: CoercedValue, _ type: StoredType,
        scratch: ByteBuffer, rows: Rows
    ) throws(ValueError) {
        switch value {
        case .null: row.setNull(column)
        case .int(let number) where type == .scalar(.float):
            row.set(column, double: Double(number))
        case .int(let number): row.set(column, int: number)
        case .float(let number): row.set(column, double: number)
        case .boolean(let flag): row.set(column, int: flag ? 1 : 0)
        case .enumValue(let place): row.set(column, int: Int64(place))
        case .string(let text): row.set(column, text: text)
        case .list, .object, .variable:
            scratch.removeAll()
            try append(value, as: type, to: scratch, rows: rows)
            unsafe scratch.withUnsafeBytes { unsafe row.set(column, bytes: $0) }
        }
    }

    /// Appends what a value column of `type` holds, from the reader's next value.
    ///
    /// Texts of times and dates are read, ids are resolved.
    /// - Parameter checksConstraints: false for what was accepted once, whatever is now.
    /// - Throws: when it does not fit the type; the buffer is then as before, the reader is not.
    public func append(
        _ reader: inout JSONReader, as type: StoredType, to buffer: ByteBuffer,
        checksConstraints: Bool = true, rows: Rows
    ) throws(ValueError) {
        let start = buffer.count
        var run = ValueRun(values: values, enums: enums, buffer: buffer)
        run.checksConstraints = checksConstraints
        do {
            try run.content(&reader, type, rows)
            try run.checkLength(from: start)
        } catch {
            buffer.truncate(to: start)
            throw error
        }
    }
}

/// One call of the writer: the target, and where in the value it is.
struct ValueRun {
    let values: [ValueModel]
    let enums: [EnumModel]
    let buffer: ByteBuffer
    var checksConstraints = true
    private(set) var path: [ValueError.Step] = []

    init(values: [ValueModel], enums: [EnumModel], buffer: ByteBuffer) {
        self.values = values
        self.enums = enums
        self.buffer = buffer
    }

    func fault(_ fault: ValueError.Fault) -> ValueError {
        ValueError(path: path, fault: fault)
    }

    func checkLength(from start: Int) throws(ValueError) {
        if buffer.count - start > ValueEncoding.byteCountMax { throw fault(.tooLong) }
    }

    /// Goes one step into the value for as long as `body` runs.
    mutating func at(
        _ step: ValueError.Step, _ body: (inout ValueRun) throws(ValueError) -> Void
    ) throws(ValueError) {
        path.append(step)
        try body(&self)
        path.removeLast()
    }

    // MARK: From coerced values

    /// An object or a list as a column holds it.
    mutating func content(
        _ value: CoercedValue, _ type: StoredType, _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        switch (type, value) {
        case (.value(let id), .object(let given)):
            let model = values[id.index]
            for (index, field) in model.fields.enumerated() {
                let part = given.first { $0.index == index }?.value ?? .null
                try at(.field(field.name)) { run throws(ValueError) in
                    if let accepted = field.constraint?.fault(in: part) {
                        throw run.fault(.constraint(accepted))
                    }
                    try run.place(part, field.type, isNullable: field.isNullable, rows)
                }
            }
        case (.list(let item, let itemIsNullable), .list(let items)):
            append(UInt32(truncatingIfNeeded: items.count))
            for (index, part) in items.enumerated() {
                try at(.index(index)) { run throws(ValueError) in
                    try run.place(part, item, isNullable: itemIsNullable, rows)
                }
            }
        case (.value, _): throw fault(.expected("an object"))
        default: throw fault(.expected("a list"))
        }
    }

    private mutating func place(
        _ value: CoercedValue, _ type: StoredType, isNullable: Bool, _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        if value == .null {
            guard isNullable else { throw fault(.missing) }
            buffer.append(byte: 0)
            return
        }
        buffer.append(byte: 1)
        try payload(value, type, rows)
    }

    /// What follows the presence byte of a value that is not null.
    mutating func payload(
        _ value: CoercedValue, _ type: StoredType, _ rows: ValueWriter.Rows
    ) throws(ValueError) {
        switch (type, value) {
        case (.value, _), (.list, _):
            try counted { run throws(ValueError) in try run.content(value, type, rows) }
        case (.enum(let id), .enumValue(let place)) where place < enums[id.index].values.count:
            append(UInt16(truncatingIfNeeded: place))
        case (.enum, _): throw fault(.expected("an enum value"))
        case (.reference(let table), .string(let id)):
            append(try row(id, in: table, rows))
        case (.reference, _): throw fault(.expected("an id"))
        case (.scalar(.boolean), .boolean(let flag)): buffer.append(byte: flag ? 1 : 0)
        case (.scalar(.int), .int(let number)), (.scalar(.date), .int(let number)):
            guard let narrow = Int32(exactly: number) else {
                throw fault(.expected(ScalarKind.int.expectation))
            }
            append(narrow)
        case (.scalar(.long), .int(let number)), (.scalar(.dateTime), .int(let number)):
            append(number)
        case (.scalar(.float), .float(let number)): append(number.bitPattern)
        case (.scalar(.float), .int(let number)): append(Double(number).bitPattern)
        case (.scalar(let scalar), .string(let string)) where type.payloadWidth == 0:
            try text(string, isJSON: scalar == .json)
        case (.scalar(let scalar), _): throw fault(.expected(scalar.expectation))
        }
    }

    // MARK: Bytes

    func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe buffer.append($0) }
    }

    func row(_ id: String, in table: TableID, _ rows: ValueWriter.Rows) throws(ValueError) -> UInt32
    {
        guard let row = rows(table, id) else { throw fault(.unknownRow(table, id: id)) }
        return row.rawValue
    }

    /// The byte count with its flag, and the bytes.
    func text(_ string: String, isJSON: Bool) throws(ValueError) {
        guard string.utf8.count <= ValueEncoding.byteCountMax else { throw fault(.tooLong) }
        var string = string
        string.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            let needsEscape = unsafe !isJSON && JSONWriter.needsEscaping(bytes)
            append(UInt32(bytes.count) | (needsEscape ? ValueEncoding.escapeFlag : 0))
            unsafe buffer.append(bytes)
        }
    }

    /// What `body` writes, behind its byte count.
    mutating func counted(
        _ body: (inout ValueRun) throws(ValueError) -> Void
    ) throws(ValueError) {
        let head = buffer.count
        append(UInt32(0))
        try body(&self)
        let byteCount = buffer.count - head - 4
        guard byteCount <= ValueEncoding.byteCountMax else { throw fault(.tooLong) }
        // Safe: four bytes were appended at `head` above.
        unsafe buffer.base.storeBytes(
            of: UInt32(byteCount).littleEndian, toByteOffset: head, as: UInt32.self)
    }
}
