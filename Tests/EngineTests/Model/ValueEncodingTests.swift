import Bytes
import GraphQL
import JSON
import Store
import Testing

@testable import Engine

@Suite struct ValueEncodingTests {
    private static let schemaFile = """
        type Row @table { name: String }
        type Holder @table { value: Outer list: [Outer] }
        type Outer {
          id: ID string: String int: Int long: Long float: Float flag: Boolean at: DateTime
          day: Date mail: EmailAddress json: JSON kind: Kind row: Row inner: Inner
          inners: [Inner!] numbers: [Int] kinds: [Kind!]!
        }
        type Inner { name: String! amount: Long! @constraint(min: 0) }
        enum Kind { RED GREEN BLUE }
        """

    private let engine: Model
    private let writer: ValueWriter
    private let outer: StoredType = .value(ValueID(0))

    init() throws {
        engine = try model(Self.schemaFile)
        writer = ValueWriter(engine)
    }

    /// Rows have the ids `row_0`, `row_1`, …
    private func row(_ table: TableID, _ id: String) -> RowRef? {
        guard table == TableID(0), id.hasPrefix("row_") else { return nil }
        return UInt32(id.dropFirst(4)).map { RowRef(rawValue: $0) }
    }

    // MARK: Round trips

    @Test func `what was written is read`() throws {
        for seed in UInt64(1)...400 {
            var random = SeededRandom(seed: seed)
            let value = random.value(outer, engine)
            let buffer = ByteBuffer()
            // Something else lies before it.
            buffer.append("..." as StaticString)
            try writer.append(value, as: outer, to: buffer, rows: row)
            let bytes = Array(buffer.bytes.dropFirst(3))
            #expect(read(bytes, outer) == value, "seed \(seed)")
        }
    }

    @Test func `a list is a column too`() throws {
        let type = StoredType.list(outer, itemIsNullable: true)
        for seed in UInt64(1)...100 {
            var random = SeededRandom(seed: seed)
            let value = random.value(type, engine)
            let buffer = ByteBuffer()
            try writer.append(value, as: type, to: buffer, rows: row)
            #expect(read(buffer.bytes, type) == value, "seed \(seed)")
        }
    }

    @Test func `JSON says the same as coerced values`() throws {
        for seed in UInt64(1)...400 {
            var random = SeededRandom(seed: seed)
            let value = random.value(outer, engine)
            let coerced = ByteBuffer()
            try writer.append(value, as: outer, to: coerced, rows: row)
            let text = json(value, outer)
            let read = ByteBuffer()
            try append(text, to: read)
            #expect(read.bytes == coerced.bytes, "seed \(seed): \(text)")
        }
    }

    @Test func `the bytes of a small value`() throws {
        let buffer = ByteBuffer()
        try append(
            #"{"amount": 258, "name": "a\"b"}"#, as: .value(ValueID(1)), to: buffer)
        #expect(
            buffer.bytes == [1, 3, 0, 0, 0x80] + Array("a\"b".utf8) + [1, 2, 1, 0, 0, 0, 0, 0, 0])
    }

    @Test func `texts know whether JSON must escape them`() throws {
        let layout = engine.values[0].layout
        for (text, needsEscape) in [("plain", false), ("a\"b", true), ("会员", false), ("\n", true)] {
            let buffer = ByteBuffer()
            let value = CoercedValue.object([
                CoercedField(index: 1, value: .string(text)),
                CoercedField(index: 9, value: .string("{\"a\":\"\\n\"}")),
                CoercedField(index: 15, value: .list([])),
            ])
            try writer.append(value, as: outer, to: buffer, rows: row)
            let bytes = buffer.bytes
            unsafe bytes.withUnsafeBytes { bytes in
                let view = unsafe ValueView(column: bytes)
                #expect(view.field(1, in: layout)?.needsEscape == needsEscape)
                #expect(view.field(9, in: layout)?.needsEscape == false)
                #expect(view.field(0, in: layout) == nil)
            }
        }
    }

    @Test func `JSON is stored without white space between its parts`() throws {
        let buffer = ByteBuffer()
        try append(#"{"kinds": [], "json": { "a b" : [ 1 , "\" \\" ] } }"#, to: buffer)
        guard case .object(let fields) = read(buffer.bytes, outer) else {
            Issue.record("no object")
            return
        }
        #expect(fields.first?.value == .string(#"{"a b":[1,"\" \\"]}"#))
    }

    // MARK: Faults

    @Test(arguments: [
        ("[]", "expected is an object"),
        ("{}", "kinds: a value is missing"),
        (#"{"kinds": null}"#, "kinds: a value is missing"),
        (#"{"kinds": ["RED", null]}"#, "kinds[1]: a value is missing"),
        (#"{"kinds": ["PINK"]}"#, "kinds[0]: expected is RED, GREEN or BLUE"),
        (#"{"kinds": {}}"#, "kinds: expected is a list"),
        (#"{"kinds": [], "colour": 1}"#, "there is no field \"colour\""),
        (#"{"kinds": [], "kinds": []}"#, "the field \"kinds\" stands twice"),
        (
            #"{"kinds": [], "int": 2147483648}"#,
            "int: expected is an integer from -2147483648 to 2147483647"
        ),
        (
            #"{"kinds": [], "int": 1.5}"#,
            "int: expected is an integer from -2147483648 to 2147483647"
        ),
        (
            #"{"kinds": [], "long": 9007199254740992}"#,
            "long: expected is an integer from -9007199254740991 to 9007199254740991"
        ),
        (#"{"kinds": [], "float": "1"}"#, "float: expected is a number"),
        (#"{"kinds": [], "flag": 0}"#, "flag: expected is true or false"),
        (#"{"kinds": [], "day": "2026-02-30"}"#, "day: expected is a date like \"2026-06-30\""),
        (#"{"kinds": [], "string": [1]}"#, "string: expected is a string"),
        (#"{"kinds": [], "row": "tier_1"}"#, "row: there is no row \"tier_1\""),
        (#"{"kinds": [], "row": 1}"#, "row: there is no row \"1\""),
        (#"{"kinds": [], "row": 1.5}"#, "row: expected is an id"),
        (#"{"kinds": [], "inner": {"name": "a"}}"#, "inner.amount: a value is missing"),
        (
            #"{"kinds": [], "inners": [{"name": "a", "amount": 1}, {"name": "b", "amount": -1}]}"#,
            "inners[1].amount: accepted is at least 0"
        ),
        (#"{"kinds": [1"#, "the text ends inside a value at byte 12"),
    ])
    func `what does not fit is named with its place`(text: String, fault: String) {
        let buffer = ByteBuffer()
        buffer.append("before" as StaticString)
        do {
            try append(text, to: buffer)
            Issue.record("it was taken")
        } catch {
            #expect(error.description == fault)
        }
        #expect(buffer.makeString() == "before")
    }

    @Test func `coerced values are checked as well`() {
        let cases: [(CoercedValue, StoredType, ValueError)] = [
            (.null, outer, ValueError(path: [], fault: .expected("an object"))),
            (
                .int(1), .list(outer, itemIsNullable: true),
                ValueError(path: [], fault: .expected("a list"))
            ),
            (.object([]), outer, ValueError(path: [.field("kinds")], fault: .missing)),
            (
                .object([
                    CoercedField(index: 0, value: .string("a")),
                    CoercedField(index: 1, value: .int(-1)),
                ]), .value(ValueID(1)),
                ValueError(path: [.field("amount")], fault: .constraint("at least 0"))
            ),
            (
                .list([.enumValue(3)]), .list(.enum(EnumID(0)), itemIsNullable: false),
                ValueError(path: [.index(0)], fault: .expected("an enum value"))
            ),
            (
                .list([.string("x")]), .list(.reference(TableID(0)), itemIsNullable: false),
                ValueError(path: [.index(0)], fault: .unknownRow(TableID(0), id: "x"))
            ),
        ]
        for (value, type, expected) in cases {
            let buffer = ByteBuffer()
            #expect(throws: expected) {
                try writer.append(value, as: type, to: buffer, rows: row)
            }
            #expect(buffer.isEmpty)
        }
    }

    // MARK: Reading and writing for the tests

    private func append(
        _ text: String, as type: StoredType? = nil, to buffer: ByteBuffer
    ) throws(ValueError) {
        let bytes = Array(text.utf8)
        try unsafe bytes.withUnsafeBufferPointer { bytes throws(ValueError) in
            var reader = unsafe JSONReader(UnsafeRawBufferPointer(bytes))
            try writer.append(&reader, as: type ?? outer, to: buffer, rows: row)
        }
    }

    private func read(_ bytes: [UInt8], _ type: StoredType) -> CoercedValue {
        unsafe bytes.withUnsafeBytes { read(unsafe ValueView(column: $0), type) }
    }

    private func read(_ view: ValueView, _ type: StoredType) -> CoercedValue {
        switch type {
        case .value(let id):
            let model = engine[id]
            return .object(
                model.fields.enumerated().compactMap { index, field in
                    view.field(index, in: model.layout).map {
                        CoercedField(index: index, value: read($0, field.type))
                    }
                })
        case .list(let item, _):
            var places = view.items
            return .list(
                (0..<view.count).map { _ in
                    places.next(width: item.payloadWidth).map { read($0, item) } ?? .null
                })
        case .enum: return .enumValue(view.enumPlace)
        case .reference: return .string("row_\(view.reference.rawValue)")
        case .scalar(.int), .scalar(.date): return .int(Int64(view.int32))
        case .scalar(.long), .scalar(.dateTime): return .int(view.int64)
        case .scalar(.float): return .float(view.double)
        case .scalar(.boolean): return .boolean(view.bool)
        case .scalar: return .string(unsafe String(decoding: view.bytes, as: UTF8.self))
        }
    }

    /// As an import file would have it; objects with their fields in the opposite order.
    private func json(_ value: CoercedValue, _ type: StoredType) -> String {
        switch (type, value) {
        case (_, .null): return "null"
        case (.value(let id), .object(let fields)):
            let parts = fields.reversed().map { part in
                let field = engine[id].fields[part.index]
                return "\"\(field.name)\" : \(json(part.value, field.type))"
            }
            return "{\(parts.joined(separator: ", "))}"
        case (.list(let item, _), .list(let items)):
            return "[ \(items.map { json($0, item) }.joined(separator: ",")) ]"
        case (.enum(let id), .enumValue(let place)): return "\"\(engine[id].values[place])\""
        case (.scalar(.json), .string(let text)): return text
        case (.scalar(.dateTime), .int(let number)): return "\"\(dateTime(number))\""
        case (.scalar(.date), .int(let number)):
            return "\"\(dateTime(number * 86_400_000).prefix(10))\""
        case (_, .int(let number)): return String(number)
        case (_, .float(let number)): return String(number)
        case (_, .boolean(let flag)): return String(flag)
        case (_, .string(let text)): return quoted(text)
        default: return "?"
        }
    }

    private func dateTime(_ milliseconds: Int64) -> String {
        let buffer = ByteBuffer()
        buffer.appendDateTime(milliseconds)
        return buffer.makeString()
    }
}

extension SeededRandom {
    /// A value that the type allows.
    fileprivate mutating func value(_ type: StoredType, _ model: Model) -> CoercedValue {
        switch type {
        case .value(let id):
            var fields: [CoercedField] = []
            for (index, field) in model[id].fields.enumerated()
            where !field.isNullable || Bool.random(using: &self) {
                fields.append(CoercedField(index: index, value: value(field.type, model)))
            }
            return .object(fields)
        case .list(let item, let itemIsNullable):
            return .list(
                (0..<Int.random(in: 0...4, using: &self)).map { _ in
                    itemIsNullable && Bool.random(using: &self) ? .null : value(item, model)
                })
        case .enum(let id):
            return .enumValue(Int.random(in: 0..<model[id].values.count, using: &self))
        case .reference: return .string("row_\(UInt32.random(in: 0...UInt32.max, using: &self))")
        case .scalar(let scalar): return self.scalar(scalar)
        }
    }

    private mutating func scalar(_ scalar: ScalarKind) -> CoercedValue {
        switch scalar {
        case .int: .int(Int64(Int32.random(in: .min ... .max, using: &self)))
        case .long: .int(Int64.random(in: 0...ScalarKind.longMax, using: &self))
        case .dateTime: .int(Int64.random(in: -9_000_000_000_000...9_000_000_000_000, using: &self))
        case .date: .int(Int64.random(in: -100_000...100_000, using: &self))
        case .float: .float(Double(Int.random(in: -1_000_000...1_000_000, using: &self)) / 64)
        case .boolean: .boolean(Bool.random(using: &self))
        case .emailAddress: .string("a\(UInt8.random(in: 0...255, using: &self))@example.org")
        case .json:
            .string(["{}", "[1,null]", "\"a b\"", "true"].randomElement(using: &self) ?? "")
        case .id, .string:
            .string(
                String(
                    (0..<Int.random(in: 0...9, using: &self)).map { _ in
                        "ab\"\\\n\u{1}会😀é".randomElement(using: &self) ?? "a"
                    }))
        }
    }
}
