import GraphQLLanguage

/// The schema has a root type for each operation.
///
/// Source: GraphQL, September 2025, §5.2.1
/// <https://spec.graphql.org/September2025/#sec-Operation-Type-Existence>
enum KnownOperationTypes: OperationRule {
    static let name = "KnownOperationTypes"

    static func enterOperation(_ operation: OperationDefinition, _ context: ValidationContext) {
        guard context.schema.rootType(operation.type) == nil else { return }
        context.report(
            "The \(operation.type.rawValue) operation is not supported by the schema.",
            at: operation.offset)
    }
}
