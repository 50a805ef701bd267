/// Why a text is not JSON, or not the JSON that was asked for, and where.
public struct JSONError: Error, Equatable, Sendable {
    /// The byte at which it went wrong, counted from the start of the text.
    public let offset: Int
    public let reason: Reason

    public enum Reason: Equatable, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// The text begins with a byte order mark.
        case byteOrderMark
        /// Something other than white space follows the value.
        case trailingData
        /// No value begins here. `NaN`, `+1`, `.5` and `'a'` end here too.
        case expectedValue
        /// A value begins here, but of another kind.
        case expected(JSONKind)
        /// An object goes on with something other than a quoted key.
        case expectedKey
        case expectedColon
        case expectedCommaOrBrace
        case expectedCommaOrBracket
        /// A byte below 0x20 stands unescaped in a string.
        case controlCharacter
        /// A string is not UTF-8.
        case invalidUTF8
        /// A backslash is followed by something without a meaning.
        case invalidEscape
        /// An escaped surrogate has no partner.
        case loneSurrogate
        /// A digit is missing where the grammar of numbers demands one.
        case invalidNumber
        case leadingZero
        /// The number is well-formed but not an integer.
        case notAnInteger
        /// The number is well-formed but too large for the type that was asked for.
        case numberOutOfRange
        /// Arrays and objects are nested deeper than this.
        case tooDeep(max: Int)
        case duplicateKey
    }

    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }
}

extension JSONError: CustomStringConvertible {
    /// One line for people, without any of the document's own text.
    public var description: String { "\(reason.text) at byte \(offset)" }
}

extension JSONError.Reason {
    /// The reason in words, without a position.
    public var text: String {
        switch self {
        case .unexpectedEnd: "the text ends inside a value"
        case .byteOrderMark: "the text begins with a byte order mark"
        case .trailingData: "there is more text after the value"
        case .expectedValue: "expected a value"
        case .expected(let kind): "expected \(kind.text)"
        case .expectedKey: "expected a key in double quotes"
        case .expectedColon: "expected a colon after the key"
        case .expectedCommaOrBrace: "expected a comma or a closing brace"
        case .expectedCommaOrBracket: "expected a comma or a closing bracket"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .invalidEscape: "unknown escape sequence"
        case .loneSurrogate: "an escaped surrogate has no partner"
        case .invalidNumber: "a number lacks a digit"
        case .leadingZero: "a number begins with a superfluous zero"
        case .notAnInteger: "expected an integer"
        case .numberOutOfRange: "a number is out of range"
        case .tooDeep(let max): "values are nested deeper than \(max)"
        case .duplicateKey: "an object has the same key twice"
        }
    }
}

/// What a value is, told by its first byte.
public enum JSONKind: Equatable, Sendable {
    case object, array, string, number, boolean, null

    var text: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "null"
        }
    }
}
