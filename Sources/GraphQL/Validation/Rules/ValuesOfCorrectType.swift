import GraphQLLanguage

/// Literals can be coerced to the type of their place; the fields of input objects exist, and
/// the required ones are given.
///
/// Source: GraphQL, September 2025, §5.6.1, §5.6.2 and §5.6.4
/// <https://spec.graphql.org/September2025/#sec-Values-of-Correct-Type>
enum ValuesOfCorrectType: ValueRule {
    static let name = "ValuesOfCorrectType"

    static func enterValue(_ typed: TypedValue, _ context: ValidationContext) {
        guard let type = typed.type, !context.isFull else { return }
        var coercion = LiteralCoercion(
            schema: context.schema, codecs: context.codecs,
            suggestions: context.options.suggestions)
        coercion.isValidating = true
        let value = coercion.coerce(typed.value, to: type)
        if coercion.errors.isEmpty, !coercion.isMeaningless { context.value = value }
        context.valueMayHaveVariables = coercion.mayHaveVariables || !coercion.errors.isEmpty
        for error in coercion.errors {
            context.report(
                error.message, at: [error.offset ?? typed.value.offset],
                moment: context.moment)
        }
    }
}
