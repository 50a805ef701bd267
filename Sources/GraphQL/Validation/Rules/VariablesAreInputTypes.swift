import GraphQLLanguage

extension ValidationRule {
    /// Variables have types that input can have.
    ///
    /// Source: GraphQL, September 2025, §5.8.2
    /// <https://spec.graphql.org/September2025/#sec-Variables-Are-Input-Types>
    static let variablesAreInputTypes = ValidationRule("VariablesAreInputTypes") {
        $0.enterVariable = { context, variable in
            guard let type = context.schema.type(named: variable.type.name.value),
                !context.schema[type].isInput
            else { return }
            context.report(
                "Variable \"$\(variable.name.value)\" cannot be non-input type "
                    + "\"\(ValueText.of(variable.type))\".",
                at: variable.type.offset)
        }
    }
}
