import GraphQLLanguage

/// A problem that a client's document or a schema has: the message, the places, the rule it breaks.
///
/// Used for syntax, schema and validation errors; execution errors are written straight into the
/// answer by the engine.
public struct GraphQLError: Error, Sendable {
    public var message: String
    /// Byte offsets of the nodes that the message is about.
    public var offsets: [Int]
    /// What the offsets point into; nil when the problem has no place.
    public var source: Source?
    /// The name of the broken rule: `FieldsOnCorrectType`, `Syntax`, …
    public var rule: String

    public init(_ message: String, at offsets: [Int] = [], in source: Source?, rule: String) {
        self.message = message
        self.offsets = offsets
        self.source = source
        self.rule = rule
    }

    /// The places as line and column. O(bytes before the last of them).
    public var locations: [SourceLocation] {
        source?.locations(at: offsets) ?? []
    }
}
