/// The five built-in scalars. Source: GraphQL, September 2025, §3.5 (input coercion).
///
/// Numbers arrive as text, so that `1` and `1.0` stay apart: an `ID` takes the first and refuses
/// the second, which a reader that makes a binary number of both cannot do.
enum BuiltInScalar {
    case int, float, string, boolean, id

    init?(_ name: String) {
        switch name {
        case "Int": self = .int
        case "Float": self = .float
        case "String": self = .string
        case "Boolean": self = .boolean
        case "ID": self = .id
        default: return nil
        }
    }

    /// The value, or the clause that says why not; `found` shows the value and is asked only then.
    ///
    /// - Parameter isLiteral: a literal `1.0` is no `Int`; a JSON number `1.0` is, since JSON does
    ///   not tell integers from other numbers.
    func coerce(
        _ input: ScalarCodec.Input, isLiteral: Bool, found: () -> String
    ) -> Result<CoercedValue, CoercionError> {
        switch (self, input) {
        case (.int, .int(let text)):
            return int(text.utf8.count <= Self.int32DigitsMax ? Int32(text) : nil, found)
        case (.int, .float(let text)) where !isLiteral:
            guard let number = Double(text), number.isFinite,
                number.rounded(.towardZero) == number
            else { break }
            return int(Int32(exactly: number), found)
        case (.float, .int(let text)), (.float, .float(let text)):
            guard let number = Double(text), number.isFinite else { break }
            return .success(.float(number))
        case (.string, .string(let text)), (.id, .string(let text)), (.id, .int(let text)):
            return .success(.string(text))
        case (.boolean, .boolean(let flag)):
            return .success(.boolean(flag))
        default:
            break
        }
        return .failure(CoercionError(refusal(isLiteral: isLiteral) + found()))
    }

    /// `-2147483648`
    private static let int32DigitsMax = 11

    private func int(_ number: Int32?, _ found: () -> String)
        -> Result<CoercedValue, CoercionError>
    {
        guard let number else {
            return .failure(
                CoercionError("Int cannot represent non 32-bit signed integer value: " + found()))
        }
        return .success(.int(Int64(number)))
    }

    private func refusal(isLiteral: Bool) -> String {
        switch self {
        case .int: "Int cannot represent non-integer value: "
        case .float: "Float cannot represent non numeric value: "
        case .string: "String cannot represent a non string value: "
        case .boolean: "Boolean cannot represent a non boolean value: "
        case .id:
            isLiteral
                ? "ID cannot represent a non-string and non-integer value: "
                : "ID cannot represent value: "
        }
    }
}

extension ScalarCodec.Input {
    /// What a custom scalar without a codec means by a value: integers and numbers as such while
    /// they fit, everything else as text.
    var asIs: CoercedValue {
        switch self {
        case .int(let text):
            Int64(text).map(CoercedValue.int) ?? Self.number(text)
        case .float(let text): Self.number(text)
        case .boolean(let flag): .boolean(flag)
        case .string(let text), .enumName(let text), .json(let text): .string(text)
        }
    }

    private static func number(_ text: String) -> CoercedValue {
        if let number = Double(text), number.isFinite { return .float(number) }
        return .string(text)
    }
}
