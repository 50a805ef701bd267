import Bytes
import GraphQL
import Store

/// A table that a rule is bound to.
public struct RuleTable: Sendable {
    public let id: TableID
    let writable: WritableTable
    /// Columns that a new row gets a value for when the rule gives none.
    let defaults: [WritableTable.Default]
}

/// An enum of the domain that is one of the schema.
public protocol SchemaEnum: RawRepresentable<String>, CaseIterable, Hashable, RuleInput {}

/// What a column means to a rule.
public protocol ColumnValue: Sendable {
    /// The scalars that it can stand for; none for a relation to one row.
    static var scalars: [ScalarKind] { get }
    static var isNullable: Bool { get }
    static func read(_ row: RowView, _ column: Column) -> Self
    func write(to row: RowBuilder, _ column: ColumnID)
}

extension ColumnValue {
    public static var isNullable: Bool { false }
}

extension Bool: ColumnValue {
    public static var scalars: [ScalarKind] { [.boolean] }
    public static func read(_ row: RowView, _ column: Column) -> Bool { row.bool(column) }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, int: self ? 1 : 0) }
}

/// An `Int`.
extension Int: ColumnValue {
    public static var scalars: [ScalarKind] { [.int] }
    public static func read(_ row: RowView, _ column: Column) -> Int { Int(row.int32(column)) }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, int: Int64(self)) }
}

/// A `Long`, or a `DateTime` in milliseconds since 1970-01-01T00:00:00Z.
extension Int64: ColumnValue {
    public static var scalars: [ScalarKind] { [.long, .dateTime] }
    public static func read(_ row: RowView, _ column: Column) -> Int64 { row.int64(column) }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, int: self) }
}

/// A `Date` in days since 1970-01-01.
extension Int32: ColumnValue {
    public static var scalars: [ScalarKind] { [.date] }
    public static func read(_ row: RowView, _ column: Column) -> Int32 { row.int32(column) }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, int: Int64(self)) }
}

extension Double: ColumnValue {
    public static var scalars: [ScalarKind] { [.float] }
    public static func read(_ row: RowView, _ column: Column) -> Double { row.double(column) }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, double: self) }
}

extension String: ColumnValue {
    public static var scalars: [ScalarKind] { [.string, .id, .emailAddress] }
    public static func read(_ row: RowView, _ column: Column) -> String {
        unsafe String(decoding: row.bytes(column), as: UTF8.self)
    }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, text: self) }
}

/// A JSON document.
public struct JSONDocument: Sendable, Hashable, ColumnValue {
    public var text: String

    public init(_ text: String) { self.text = text }

    public static var scalars: [ScalarKind] { [.json] }
    public static func read(_ row: RowView, _ column: Column) -> JSONDocument {
        JSONDocument(String.read(row, column))
    }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, text: text) }
}

/// A relation to one row.
extension RowRef: ColumnValue {
    public static var scalars: [ScalarKind] { [] }
    public static func read(_ row: RowView, _ column: Column) -> RowRef { row.reference(column) }
    public func write(to row: RowBuilder, _ column: ColumnID) { row.set(column, reference: self) }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    public static var scalars: [ScalarKind] { Wrapped.scalars }
    public static var isNullable: Bool { true }
    public static func read(_ row: RowView, _ column: Column) -> Wrapped? {
        row.isNull(column) ? nil : Wrapped.read(row, column)
    }
    public func write(to row: RowBuilder, _ column: ColumnID) {
        if let self { self.write(to: row, column) } else { row.setNull(column) }
    }
}

/// A column of a scalar, or a relation to one row.
public struct RowField<Value: ColumnValue>: Sendable {
    let column: Column
    let id: ColumnID
}

/// A column of an enum.
public struct EnumField<Case: SchemaEnum>: Sendable {
    let column: Column
    let id: ColumnID
    /// By the place of the value in the schema's enum.
    let cases: [Case]

    /// For an index or a key.
    public func part(_ value: Case) -> KeyPart { .int(Int64(place(of: value))) }

    func place(of value: Case) -> Int { cases.firstIndex(of: value) ?? 0 }
}

/// A column of an enum that may be null.
public struct OptionalEnumField<Case: SchemaEnum>: Sendable {
    let base: EnumField<Case>

    /// As for ``EnumField``.
    public func part(_ value: Case?) -> KeyPart { value.map { base.part($0) } ?? .null }
}

/// A type without `@table` that lies inside rows, such as Money, and its input.
public protocol StoredObject: RuleInput {
    /// The fields of the schema's type, in the order of ``values``.
    static var fieldNames: [String] { get }
    init(_ values: [CoercedValue])
    var values: [CoercedValue] { get }
}

/// A column of a value.
public struct ValueField<Value: StoredObject>: Sendable {
    let coding: ValueCoding
}

/// A column of a list of values.
public struct ValueListField<Value: StoredObject>: Sendable {
    let coding: ValueCoding
}

/// Reads and writes a column of values.
struct ValueCoding: Sendable {
    let column: Column
    let id: ColumnID
    let type: StoredType
    /// The type of the object, or of the items.
    let model: ValueModel
    /// For each of the domain's names its place in the model's fields.
    let places: [Int]
    let writer: ValueWriter

    func decode(_ view: ValueView) -> [CoercedValue] {
        places.map { place in
            guard let field = view.field(place, in: model.layout) else { return .null }
            return decode(field, model.fields[place].type)
        }
    }

    /// References inside values are kept as the numbers of their rows.
    private func decode(_ view: ValueView, _ type: StoredType) -> CoercedValue {
        switch type {
        case .scalar(let kind):
            switch kind {
            case .id, .string, .emailAddress, .json:
                .string(unsafe String(decoding: view.bytes, as: UTF8.self))
            case .int, .date: .int(Int64(view.int32))
            case .long, .dateTime: .int(view.int64)
            case .float: .float(view.double)
            case .boolean: .boolean(view.bool)
            }
        case .enum: .enumValue(view.enumPlace)
        case .reference: .int(Int64(view.reference.rawValue))
        case .value, .list: .null
        }
    }

    func encode(_ values: [CoercedValue]) -> CoercedValue {
        var fields: [CoercedField] = []
        for (index, field) in model.fields.enumerated() {
            guard let own = places.firstIndex(of: index) else { continue }
            var value = values[own]
            if case (.reference, .int(let raw)) = (field.type, value) {
                value = .string(String(raw))
            }
            fields.append(CoercedField(index: index, value: value))
        }
        return .object(fields)
    }

    func write(_ value: CoercedValue, to row: RowBuilder) {
        do {
            try writer.set(id, of: row, to: value, type, scratch: ByteBuffer(capacity: 64)) {
                UInt32($1).map { RowRef(rawValue: $0) }
            }
        } catch {
            preconditionFailure("a rule's value does not fit its column: \(error)")
        }
    }
}

extension RowView {
    public subscript<Value: ColumnValue>(_ field: RowField<Value>) -> Value {
        Value.read(self, field.column)
    }

    public subscript<Case: SchemaEnum>(_ field: EnumField<Case>) -> Case {
        field.cases[Int(integer(field.column))]
    }

    public subscript<Case: SchemaEnum>(_ field: OptionalEnumField<Case>) -> Case? {
        isNull(field.base.column) ? nil : self[field.base]
    }

    public subscript<Value: StoredObject>(_ field: ValueField<Value>) -> Value? {
        guard !isNull(field.coding.column) else { return nil }
        let view = unsafe ValueView(column: bytes(field.coding.column))
        return Value(field.coding.decode(view))
    }

    public subscript<Value: StoredObject>(_ field: ValueListField<Value>) -> [Value] {
        guard !isNull(field.coding.column) else { return [] }
        let view = unsafe ValueView(column: bytes(field.coding.column))
        var items = view.items
        var values: [Value] = []
        for _ in 0..<view.count {
            if let item = items.next(width: 0) { values.append(Value(field.coding.decode(item))) }
        }
        return values
    }
}

extension RowBuilder {
    /// Sets a column; it cannot be read here.
    public subscript<Value: ColumnValue>(_ field: RowField<Value>) -> Value {
        @available(*, unavailable) get { preconditionFailure("a builder is written") }
        set { newValue.write(to: self, field.id) }
    }

    public subscript<Case: SchemaEnum>(_ field: EnumField<Case>) -> Case {
        @available(*, unavailable) get { preconditionFailure("a builder is written") }
        set { set(field.id, int: Int64(field.place(of: newValue))) }
    }

    public subscript<Case: SchemaEnum>(_ field: OptionalEnumField<Case>) -> Case? {
        @available(*, unavailable) get { preconditionFailure("a builder is written") }
        set {
            if let newValue { self[field.base] = newValue } else { setNull(field.base.id) }
        }
    }

    public subscript<Value: StoredObject>(_ field: ValueField<Value>) -> Value? {
        @available(*, unavailable) get { preconditionFailure("a builder is written") }
        set {
            let value = newValue.map { field.coding.encode($0.values) } ?? .null
            field.coding.write(value, to: self)
        }
    }

    public subscript<Value: StoredObject>(_ field: ValueListField<Value>) -> [Value] {
        @available(*, unavailable) get { preconditionFailure("a builder is written") }
        set { field.coding.write(.list(newValue.map { field.coding.encode($0.values) }), to: self) }
    }
}
