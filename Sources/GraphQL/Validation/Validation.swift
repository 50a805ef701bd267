import GraphQLLanguage

/// How strict `validate` is, and how talkative.
public struct ValidationOptions: Sendable {
    /// Whether error messages may name similar types, fields, arguments and enum values. They tell
    /// a stranger parts of the schema.
    public var suggestions: Bool
    /// After so many errors validation says that there are more, and stops.
    public var errorsMax: Int
    /// Whether introspection may nest lists of types and fields without end
    /// (`MaxIntrospectionDepth`, which the specification does not have).
    public var limitsIntrospectionDepth: Bool

    public init(
        suggestions: Bool = true, errorsMax: Int = 100, limitsIntrospectionDepth: Bool = true
    ) {
        self.suggestions = suggestions
        self.errorsMax = errorsMax
        self.limitsIntrospectionDepth = limitsIntrospectionDepth
    }
}

/// Checks an executable document against a schema, by all rules of the specification.
///
/// - Returns: the broken rules in the order in which a walk through the document meets them, and
///   at one place in the order of `ValidationRule.all`; empty when the document may be executed.
/// - Complexity: O(size of the document) for documents as people write them. Fragments that many
///   operations share cost once an operation; the work of field merging is bounded.
///
/// Source: GraphQL, September 2025, §5.
public func validate(
    _ document: Document, schema: Schema, codecs: ScalarCodecs = [:],
    options: ValidationOptions = ValidationOptions()
) -> [GraphQLError] {
    do throws(ValidationErrors) {
        _ = try validFacts(of: document, schema: schema, codecs: codecs, options: options)
        return []
    } catch {
        return error.errors
    }
}

/// The rules that a document breaks, as `validate` orders them; at least one.
public struct ValidationErrors: Error {
    public let errors: [GraphQLError]
}

/// What is known of a document after `validate` has found nothing against it.
public func validFacts(
    of document: Document, schema: Schema, codecs: ScalarCodecs = [:],
    options: ValidationOptions = ValidationOptions()
) throws(ValidationErrors) -> DocumentFacts {
    let context = ValidationContext(
        document: document, schema: schema, codecs: codecs, options: options)
    context.walk()
    let errors = context.finish()
    if !errors.isEmpty { throw ValidationErrors(errors: errors) }
    return context.facts
}
