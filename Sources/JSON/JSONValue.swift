import Bytes

/// A JSON value as a tree: for tests, introspection, configuration and tools, not for hot roads.
///
/// Numbers keep their exact value: `integer` where they are written as integers and fit, `double`
/// where the shortest form of the nearest `Double` is the same number, `number` with the text
/// itself for all others.
public indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Must be finite.
    case double(Double)
    /// A number in JSON's notation that neither of the other two can hold.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in the order of the text; no key twice.
    case object([Member])

    public struct Member: Equatable, Sendable {
        public let key: String
        public let value: JSONValue

        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }

        public static func == (a: Member, b: Member) -> Bool {
            a.key.utf8.elementsEqual(b.key.utf8) && a.value == b.value
        }
    }
}

// MARK: Looking into a value

extension JSONValue {
    /// The member with this key, compared byte by byte; `nil` if there is none or this is no
    /// object. O(members).
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The element at `index`; `nil` if there is none or this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else {
            return nil
        }
        return elements[index]
    }

    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var elements: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var members: [Member]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The value of a number that is mathematically an integer and fits.
    public var int64: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The nearest `Double` of a number, unless that is an infinity.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .number(let text): JSONValue.withNumber(text) { $0.double } ?? nil
        default: nil
        }
    }

    static func withNumber<Result>(_ text: String, _ body: (JSONNumber) -> Result) -> Result? {
        var text = text
        return text.withUTF8 { bytes in
            var reader = unsafe JSONReader(UnsafeRawBufferPointer(bytes))
            guard let number = try? reader.readNumber(), reader.isAtEnd() else { return nil }
            return body(number)
        }
    }
}

// MARK: Equality

extension JSONValue: Equatable {
    /// The same value: strings byte by byte, numbers by what they are worth, objects in the same
    /// order.
    public static func == (a: JSONValue, b: JSONValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.integer(let x), .integer(let y)): x == y
        case (.double(let x), .double(let y)): x == y
        case (.string(let x), .string(let y)): x.utf8.elementsEqual(y.utf8)
        case (.array(let x), .array(let y)): x == y
        case (.object(let x), .object(let y)): x == y
        default:
            if let x = a.decimal, let y = b.decimal { x == y } else { false }
        }
    }

    /// Equality that does not mind the order of members.
    public func isEquivalent(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let x), .array(let y)):
            x.count == y.count && zip(x, y).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let x), .object(let y)):
            x.count == y.count
                && x.allSatisfy { member in
                    other[member.key].map { member.value.isEquivalent(to: $0) } ?? false
                }
        default: self == other
        }
    }

    private var decimal: JSONDecimal? {
        switch self {
        case .integer, .double, .number: JSONValue.withNumber(description) { JSONDecimal($0) }
        default: nil
        }
    }
}

// MARK: Literals

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0.0, $0.1) })
    }
}
