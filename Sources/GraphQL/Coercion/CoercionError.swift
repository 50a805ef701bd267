/// Why an input value does not fit its type: one fact, the place inside the value, the place in the
/// document.
public struct CoercionError: Error, Sendable, Equatable {
    /// One step from a value to a value inside it.
    public enum PathSegment: Sendable, Equatable {
        case field(String)
        case index(Int)
    }

    /// A sentence, or for built-in scalars a clause with the value at its end.
    public var message: String
    /// From the whole value to the one that is wrong; empty for the whole value.
    public var path: [PathSegment]
    /// Where the wrong literal begins; nil for values that came as variables.
    public var offset: Int?

    public init(_ message: String, path: [PathSegment] = [], offset: Int? = nil) {
        self.message = message
        self.path = path
        self.offset = offset
    }

    /// The whole sentence: `Argument "input" has invalid value at .lines[2].price: Expected …`.
    ///
    /// - Parameter subject: `Argument "input" has invalid value`, `Variable "$input" has …`.
    public func sentence(_ subject: String) -> String {
        path.isEmpty ? "\(subject): \(message)" : "\(subject) at \(pathText): \(message)"
    }

    /// `.lines[2].price`
    var pathText: String {
        var text = ""
        for segment in path {
            switch segment {
            case .field(let name): text += ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}

/// Everything that is wrong with one input value, in the order of its type's fields; never empty.
public struct CoercionErrors: Error, Sendable, Equatable {
    public let errors: [CoercionError]

    init(_ errors: [CoercionError]) {
        self.errors = errors
    }
}

/// The sentences that literals and variables share. Worded as graphql-js 17 words them.
enum CoercionMessage {
    static func nullForNonNull(_ type: String) -> String {
        "Expected value of non-null type \"\(type)\" not to be null."
    }

    static func notAnObject(_ type: String, found: String) -> String {
        "Expected value of type \"\(type)\" to be an object, found: \(found)."
    }

    static func missingField(_ field: String, of type: String, found: String) -> String {
        "Expected value of type \"\(type)\" to include required field \"\(field)\", found: \(found)."
    }

    static func unknownField(
        _ field: String, of type: String, suggestion: String, found: String
    ) -> String {
        "Expected value of type \"\(type)\" not to include unknown field \"\(field)\""
            + (suggestion.isEmpty ? ", found" : ".\(suggestion) Found") + ": \(found)."
    }

    static func notOneField(_ type: String) -> String {
        "Within OneOf Input Object type \"\(type)\", exactly one field must be specified, "
            + "and the value for that field must be non-null."
    }

    static func duplicateField(_ field: String) -> String {
        "There can be only one input field named \"\(field)\"."
    }

    static func unknownEnumValue(_ name: String, in type: NamedType, suggestions: Bool) -> String {
        "Value \"\(name)\" does not exist in \"\(type.name)\" enum."
            + enumSuggestion(name, in: type, suggestions: suggestions)
    }

    /// - Parameter expectation: `non-enum` for literals, `non-string` for variables.
    static func wrongKindForEnum(
        _ expectation: String, _ type: NamedType, found: String, suggestions: Bool
    ) -> String {
        "Enum \"\(type.name)\" cannot represent \(expectation) value: \(found)."
            + enumSuggestion(found, in: type, suggestions: suggestions)
    }

    static func refused(_ refusal: ScalarCodec.Refusal, type: String, found: String) -> String {
        "Expected value of type \"\(type)\", but encountered error \"\(refusal.message)\"; "
            + "found: \(found)."
    }

    private static func enumSuggestion(
        _ text: String, in type: NamedType, suggestions: Bool
    ) -> String {
        suggestions
            ? didYouMean(
                text, among: type.enumValues.lazy.map(\.name), subject: "the enum value")
            : ""
    }
}
