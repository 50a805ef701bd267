import GraphQLLanguage

/// An operation without a name stands alone.
///
/// Source: GraphQL, September 2025, §5.2.3.1
/// <https://spec.graphql.org/September2025/#sec-Lone-Anonymous-Operation>
enum LoneAnonymousOperation: OperationRule {
    static let name = "LoneAnonymousOperation"

    static func enterOperation(_ operation: OperationDefinition, _ context: ValidationContext) {
        guard operation.name == nil, context.operationCount > 1 else { return }
        context.report(
            "This anonymous operation must be the only defined operation.",
            at: operation.offset)
    }
}
