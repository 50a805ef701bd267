import GraphQL
import Store

/// What a field of an input, or an argument, means to a rule.
public protocol RuleInput: Sendable {
    /// Whether a field of this type can be read as this; `type` is taken without its outermost `!`.
    static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool
    /// Whether the field may be absent or null.
    static var acceptsNull: Bool { get }
    /// - Parameter value: coerced for `type`; nil when it is absent.
    /// - Returns: nil only for what the schema does not let through.
    static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema) -> Self?
}

extension RuleInput {
    public static var acceptsNull: Bool { false }

    static func isScalar(_ type: TypeReference, _ schema: Schema, _ kinds: [ScalarKind]) -> Bool {
        !type.isList && kinds.contains { $0.rawValue == schema[type.named].name }
    }
}

extension RuleInput where Self: ColumnValue {
    public static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool {
        isScalar(type, schema, scalars)
    }
}

extension Bool: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Bool?
    {
        guard case .boolean(let flag)? = value else { return nil }
        return flag
    }
}

extension FixedWidthInteger where Self: ColumnValue {
    static func integer(_ value: CoercedValue?) -> Self? {
        guard case .int(let number)? = value else { return nil }
        return Self(exactly: number)
    }
}

extension Int: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Int?
    { integer(value) }
}

extension Int64: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Int64?
    { integer(value) }
}

extension Int32: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Int32?
    { integer(value) }
}

extension Double: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Double?
    {
        switch value {
        case .float(let number)?: number
        case .int(let number)?: Double(number)
        default: nil
        }
    }
}

extension String: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> String?
    {
        guard case .string(let text)? = value else { return nil }
        return text
    }
}

extension JSONDocument: RuleInput {
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> JSONDocument?
    { String.read(value, type, schema).map { JSONDocument($0) } }
}

extension SchemaEnum {
    public static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool {
        let names = schema[type.named].enumValues.map(\.name)
        return !type.isList && !names.isEmpty && names.allSatisfy { Self(rawValue: $0) != nil }
    }
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Self?
    {
        guard case .enumValue(let place)? = value else { return nil }
        return Self(rawValue: schema[type.named].enumValues[place].name)
    }
}

extension StoredObject {
    public static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool {
        let names = schema[type.named].inputFields.map(\.name)
        return !type.isList && names.sorted() == fieldNames.sorted()
    }
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Self?
    {
        guard case .object(let fields)? = value else { return nil }
        let definition = schema[type.named]
        return Self(
            fieldNames.map { name in
                definition.index(of: name).flatMap { fields.value(at: $0) } ?? .null
            })
    }
}

/// An input object inside an input; its fields are bound by ``InputBinder``.
public struct InputObject: RuleInput {
    let fields: [CoercedField]
    let schema: Schema

    public subscript<Value: RuleInput>(_ field: InputField<Value>) -> Value {
        field.read(fields, schema)
    }

    /// Whether the field is there at all, be it as null.
    public func isGiven<Value>(_ field: InputField<Value>) -> Bool {
        fields.value(at: field.place) != nil
    }

    public static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool {
        !type.isList && !schema[type.named].inputFields.isEmpty
    }
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> InputObject?
    {
        guard case .object(let fields)? = value else { return nil }
        return InputObject(fields: fields, schema: schema)
    }
}

extension Optional: RuleInput where Wrapped: RuleInput {
    public static var acceptsNull: Bool { true }
    public static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool {
        Wrapped.accepts(type, schema)
    }
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> Wrapped??
    { .some(Wrapped.read(value, type, schema)) }
}

extension Array: RuleInput where Element: RuleInput {
    public static func accepts(_ type: TypeReference, _ schema: Schema) -> Bool {
        type.isList && Element.accepts(type.item.nullable, schema)
            && (type.item.isNonNull || Element.acceptsNull)
    }
    public static func read(_ value: CoercedValue?, _ type: TypeReference, _ schema: Schema)
        -> [Element]?
    {
        guard case .list(let items)? = value else { return nil }
        return items.compactMap { Element.read($0, type.item.nullable, schema) }
    }
}

/// A field of an input object, or an argument.
public struct InputField<Value: RuleInput>: Sendable {
    public let name: String
    let place: Int
    let type: TypeReference

    func read(_ fields: [CoercedField], _ schema: Schema) -> Value {
        guard let value = Value.read(fields.value(at: place), type, schema) else {
            preconditionFailure("the schema lets no such value through to \(name)")
        }
        return value
    }
}
