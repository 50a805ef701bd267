import GraphQLLanguage

extension ValidationRule {
    /// No two arguments of a field or directive share a name.
    ///
    /// Source: GraphQL, September 2025, §5.4.2
    /// <https://spec.graphql.org/September2025/#sec-Argument-Uniqueness>
    static let uniqueArgumentNames = ValidationRule("UniqueArgumentNames") {
        $0.enterField = { context, field in check(field.arguments, context) }
        $0.enterDirective = { context, directive in check(directive.arguments, context) }
    }

    private static func check(_ arguments: [Argument], _ context: ValidationContext) {
        for names in repeatedNames(arguments, \.name) {
            context.report(
                "There can be only one argument named \"\(names[0].value)\".",
                at: names.map(\.offset), moment: context.moment)
        }
    }
}
