import GraphQLLanguage

/// No two variables of an operation share a name.
///
/// Source: GraphQL, September 2025, §5.8.1
/// <https://spec.graphql.org/September2025/#sec-Variable-Uniqueness>
enum UniqueVariableNames: OperationRule {
    static let name = "UniqueVariableNames"

    static func enterOperation(_ operation: OperationDefinition, _ context: ValidationContext) {
        for names in repeatedNames(operation.variables, \.name) {
            context.report(
                "There can be only one variable named \"$\(names[0].value)\".",
                at: names.map { $0.offset + 1 }, moment: context.moment)
        }
    }
}
