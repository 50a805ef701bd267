import GraphQLLanguage

/// Variables have types that input can have.
///
/// Source: GraphQL, September 2025, §5.8.2
/// <https://spec.graphql.org/September2025/#sec-Variables-Are-Input-Types>
enum VariablesAreInputTypes: VariableRule {
    static let name = "VariablesAreInputTypes"

    static func enterVariable(_ variable: VariableDefinition, _ context: ValidationContext) {
        guard let type = context.schema.type(named: variable.type.name),
            !context.schema[type].isInput
        else { return }
        context.report(
            "Variable \"$\(variable.name.value)\" cannot be non-input type "
                + "\"\(ValueText.of(variable.type))\".",
            at: variable.type.offset)
    }
}
