import GraphQLLanguage

/// Arguments are defined by the field or directive that they are given to.
///
/// Source: GraphQL, September 2025, §5.4.1
/// <https://spec.graphql.org/September2025/#sec-Argument-Names>
enum KnownArgumentNames: ArgumentRule, DirectiveRule {
    static let name = "KnownArgumentNames"

    static func enterArgument(
        _ argument: Argument, of field: Field, isDefined: Bool, _ context: ValidationContext
    ) {
        guard !isDefined, let definition = context.field,
            let parent = context.parentType, !context.isFull
        else { return }
        let name = argument.name.value
        let suggestion = context.didYouMean(
            name, among: context.schema.arguments(of: definition).map(\.name))
        context.report(
            "Unknown argument \"\(name)\" on field "
                + "\"\(context.name(of: parent)).\(field.name.value)\".\(suggestion)",
            at: argument.offset)
    }

    static func enterDirective(_ directive: Directive, _ context: ValidationContext) {
        guard !directive.arguments.isEmpty,
            let definition = context.schema.directive(named: directive.name)
        else { return }
        for argument in directive.arguments where !context.isFull {
            let name = argument.name.value
            guard definition.argument(name) == nil else { continue }
            let suggestion = context.didYouMean(
                name, among: definition.arguments.map(\.name))
            context.report(
                "Unknown argument \"\(name)\" on directive "
                    + "\"@\(directive.name.value)\".\(suggestion)",
                at: argument.offset)
        }
    }
}
