import GraphQLLanguage

/// An input value after coercion: what an argument or a variable means to the server.
///
/// Absent is not a case: an absent argument or input field is simply not in its list.
public enum CoercedValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// `Int`, and any custom scalar whose codec answers with an integer (`Long`, `DateTime` as
    /// milliseconds since the epoch, `Date` as days since the epoch).
    case int(Int64)
    case float(Double)
    /// `String`, `ID`, and custom scalars whose codec answers with a text.
    case string(String)
    /// The place of the value in its enum.
    case enumValue(Int)
    case list([CoercedValue])
    /// Present fields only, in the order of the input type's fields; defaults filled in.
    case object([CoercedField])
    /// A variable that stands for a whole value and is filled in at each request. Only in what
    /// `coerceLiteral` answers.
    case variable(String)
}

/// One present field of a coerced input object.
public struct CoercedField: Sendable, Equatable {
    /// Place in the input type's `inputFields`.
    public let index: Int
    public let value: CoercedValue

    public init(index: Int, value: CoercedValue) {
        self.index = index
        self.value = value
    }
}

/// How one custom scalar reads what a client sends. Built-in scalars need none; a custom scalar
/// without a codec takes any value: integers and numbers as such, everything else as text.
public struct ScalarCodec: Sendable {
    /// What stood in the document or in the variables, one step before it has a meaning.
    public enum Input: Sendable {
        /// An integer without fraction or exponent, as written.
        case int(String)
        /// A number with fraction or exponent, as written.
        case float(String)
        case string(String)
        case boolean(Bool)
        case enumName(String)
        /// A list or an object, as JSON text.
        case json(String)
    }

    /// Why a value is refused: what stands between the quotes in `Expected value of type "Long",
    /// but encountered error "…"; found: 1.5.`
    public struct Refusal: Error, Sendable {
        public let message: String

        public init(_ message: String) {
            self.message = message
        }
    }

    public let coerce: @Sendable (Input) throws(Refusal) -> CoercedValue

    public init(_ coerce: @escaping @Sendable (Input) throws(Refusal) -> CoercedValue) {
        self.coerce = coerce
    }
}

/// The codecs of a server's custom scalars, by the scalar's name.
public typealias ScalarCodecs = [String: ScalarCodec]
