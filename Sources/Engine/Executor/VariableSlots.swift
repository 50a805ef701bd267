import Bytes
import GraphQL
import GraphQLLanguage
import JSON

/// The values of an operation's variables for one request.
///
/// Variables of the built-in scalars are read straight from the request's bytes and kept as slices
/// and numbers, so that the usual request allocates nothing; others are coerced as they are read.
/// Whatever is wrong goes the long way over the whole coercion, which also words the errors.
struct VariableSlots {
    /// How a variable can be read without a tree.
    enum Kind {
        case text, identifier, int, boolean
        /// Through `QuickCoercion`, or only by the whole coercion.
        case other
    }

    // Safe: the session keeps the request's bytes until the operation has been answered.
    @safe
    private enum Slot {
        case absent
        case null
        /// Bytes of the request, or of `unescaped` from `start` on.
        case text(start: UnsafeRawPointer, count: Int)
        case unescaped(start: Int, count: Int)
        case int(Int64)
        case boolean(Bool)
        /// The value was coerced the long way.
        case coerced(CoercedValue)
    }

    private var slots: [Slot] = []
    private var names: [String] = []
    private let unescaped = ByteBuffer(capacity: 256)

    /// Reads the variables of a request.
    ///
    /// - Parameter json: the `variables` member, an object or null; nil when there is none.
    /// - Throws: what the coercion has against them.
    mutating func read(_ json: UnsafeRawBufferPointer?, for operation: PreparedOperation)
        throws(VariableErrors)
    {
        let count = operation.variables.count
        unescaped.removeAll(keepingAtMost: 1 << 16)
        if slots.count != count || operation.hasOtherKinds { slots = [] }
        names = operation.variableNames
        while slots.count < count { slots.append(.absent) }
        for place in 0..<count { slots[place] = .absent }
        if unsafe readFast(json, operation) { return }
        try unsafe readSlowly(json, operation)
    }

    /// False when the values need the long way.
    private mutating func readFast(
        _ json: UnsafeRawBufferPointer?, _ operation: PreparedOperation
    ) -> Bool {
        if let json = unsafe json {
            var reader = unsafe JSONReader(json)
            do throws(JSONError) {
                if !reader.takeNull() {
                    try reader.beginObject()
                    while let key = try reader.nextKey() {
                        guard let place = operation.place(of: key) else {
                            try reader.skipValue()
                            continue
                        }
                        guard try readFast(&reader, place, operation) else { return false }
                    }
                }
            } catch {
                return false
            }
        }
        for place in 0..<operation.variables.count {
            let isAbsent = if case .absent = slots[place] { true } else { false }
            if isAbsent {
                if let value = operation.defaults[place] {
                    slots[place] = .coerced(value)
                } else if operation.types[place].isNonNull {
                    return false
                }
            }
        }
        return true
    }

    private mutating func readFast(
        _ reader: inout JSONReader, _ place: Int, _ operation: PreparedOperation
    ) throws(JSONError) -> Bool {
        if reader.takeNull() {
            slots[place] = .null
            return !operation.types[place].isNonNull
        }
        switch (operation.kinds[place], try reader.peekKind()) {
        case (.text, .string), (.identifier, .string):
            let text = try reader.readString()
            if text.hasEscapes {
                let start = unescaped.count
                text.append(to: unescaped)
                slots[place] = .unescaped(start: start, count: unescaped.count - start)
            } else if let base = unsafe text.raw.baseAddress {
                unsafe slots[place] = .text(start: base, count: text.raw.count)
            }
            return true
        case (.identifier, .number):
            let number = try reader.readNumber()
            guard number.isInteger, let base = unsafe number.raw.baseAddress else { return false }
            unsafe slots[place] = .text(start: base, count: number.raw.count)
            return true
        case (.int, .number):
            guard let value = try reader.readNumber().int64, Int32(exactly: value) != nil else {
                return false
            }
            slots[place] = .int(value)
            return true
        case (.boolean, .boolean):
            slots[place] = .boolean(try reader.readBool())
            return true
        case (.other, _):
            let quick = QuickCoercion(
                schema: operation.schema, codecs: operation.codecs,
                listItemsMax: operation.limits.listItemsMax)
            guard let value = try quick.value(&reader, operation.types[place]) else {
                return false
            }
            slots[place] = .coerced(value)
            return true
        default: return false
        }
    }

    private mutating func readSlowly(
        _ json: UnsafeRawBufferPointer?, _ operation: PreparedOperation
    ) throws(VariableErrors) {
        var members: [JSONValue.Member]?
        if let json = unsafe json, case .object(let given) = try? unsafe JSONValue(parsing: json) {
            members = given
        }
        let values = try coerceVariables(
            definitions: operation.variables, provided: members, schema: operation.schema,
            codecs: operation.codecs, source: operation.source,
            suggestions: operation.limits.suggestions,
            listItemsMax: operation.limits.listItemsMax)
        for (place, name) in names.enumerated() {
            slots[place] = values[name].map { .coerced($0) } ?? .absent
        }
    }

    /// Calls `body` with the text of a variable, nil when it is null or absent.
    func withText<Result>(_ place: Int, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        switch slots[place] {
        case .text(let start, let count):
            return unsafe body(UnsafeRawBufferPointer(start: start, count: count))
        case .unescaped(let start, let count):
            return unsafe body(UnsafeRawBufferPointer(start: unescaped.base + start, count: count))
        case .coerced(.string(var text)):
            return text.withUTF8 { unsafe body(UnsafeRawBufferPointer($0)) }
        default: return body(nil)
        }
    }

    /// The value of a Boolean variable; nil when it has none.
    func boolean(_ place: Int) -> Bool? {
        switch slots[place] {
        case .boolean(let value), .coerced(.boolean(let value)): value
        default: nil
        }
    }

    /// The value of an integer variable; nil when it has none.
    func integer(_ place: Int) -> Int64? {
        switch slots[place] {
        case .int(let value), .coerced(.int(let value)): value
        default: nil
        }
    }

    /// The value of a variable that is neither text nor a plain number; nil when it has none.
    func tree(_ place: Int) -> CoercedValue? {
        if case .coerced(let value) = slots[place] { value } else { nil }
    }

    /// Whether a variable is null or absent.
    func isNull(_ place: Int) -> Bool {
        switch slots[place] {
        case .absent, .null, .coerced(.null): true
        default: false
        }
    }

    /// All values that are not absent, by name.
    func values() -> [String: CoercedValue] {
        var values: [String: CoercedValue] = [:]
        for (place, name) in names.enumerated() {
            switch slots[place] {
            case .absent: continue
            case .null: values[name] = .null
            case .text, .unescaped:
                values[name] = unsafe withText(place) { bytes in
                    unsafe bytes.map { unsafe .string(String(decoding: $0, as: UTF8.self)) }
                }
            case .int(let number): values[name] = .int(number)
            case .boolean(let flag): values[name] = .boolean(flag)
            case .coerced(let value): values[name] = value
            }
        }
        return values
    }
}
