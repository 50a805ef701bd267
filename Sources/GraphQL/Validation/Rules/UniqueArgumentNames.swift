import GraphQLLanguage

/// No two arguments of a field or directive share a name.
///
/// Source: GraphQL, September 2025, §5.4.2
/// <https://spec.graphql.org/September2025/#sec-Argument-Uniqueness>
enum UniqueArgumentNames: FieldRule, DirectiveRule {
    static let name = "UniqueArgumentNames"

    static func enterField(_ field: Field, _ context: ValidationContext) {
        check(field.arguments, context)
    }

    static func enterDirective(_ directive: Directive, _ context: ValidationContext) {
        check(directive.arguments, context)
    }

    private static func check(_ arguments: [Argument], _ context: ValidationContext) {
        for names in repeatedNames(arguments, \.name) {
            context.report(
                "There can be only one argument named \"\(names[0].value)\".",
                at: names.map(\.offset), moment: context.moment)
        }
    }
}
