import GraphQLLanguage

/// Arguments that are non-null and have no default are given.
///
/// Source: GraphQL, September 2025, §5.4.3
/// <https://spec.graphql.org/September2025/#sec-Required-Arguments>
enum ProvidedRequiredArguments: FieldLeaveRule, DirectiveLeaveRule {
    static let name = "ProvidedRequiredArguments"

    static func leaveField(_ field: Field, _ context: ValidationContext) {
        guard context.hasRequiredArguments, let definition = context.field else { return }
        for input in context.schema.arguments(of: definition)
        where isMissing(input, in: field.arguments) {
            let owner =
                switch definition {
                case .member(let type, _): context.name(of: type)
                case .typename, .schema, .type: "<meta>"
                }
            report(input, "\(owner).\(field.name.value)", at: field.offset, context)
        }
    }

    static func leaveDirective(_ directive: Directive, _ context: ValidationContext) {
        guard let definition = context.schema.directive(named: directive.name) else {
            return
        }
        for input in definition.arguments where isMissing(input, in: directive.arguments) {
            report(input, "@\(definition.name)", at: directive.offset, context)
        }
    }

    private static func isMissing(_ input: InputValue, in arguments: [Argument]) -> Bool {
        input.isRequired && !arguments.contains { $0.name.value == input.name }
    }

    private static func report(
        _ input: InputValue, _ owner: String, at offset: Int, _ context: ValidationContext
    ) {
        context.report(
            "Argument \"\(owner)(\(input.name):)\" of type "
                + "\"\(context.schema.describe(input.type))\" is required, "
                + "but it was not provided.",
            at: offset)
    }
}
