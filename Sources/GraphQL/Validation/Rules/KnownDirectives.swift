import GraphQLLanguage

/// Directives are defined, and stand where their definition allows.
///
/// Source: GraphQL, September 2025, §5.7.1 and §5.7.2
/// <https://spec.graphql.org/September2025/#sec-Directives-Are-Defined>
enum KnownDirectives: DirectiveRule {
    static let name = "KnownDirectives"

    static func enterDirective(_ directive: Directive, _ context: ValidationContext) {
        let name = directive.name.value
        guard let definition = context.schema.directive(named: directive.name) else {
            context.report("Unknown directive \"@\(name)\".", at: directive.offset)
            return
        }
        let location = context.directiveLocation
        if !definition.locations.contains(location) {
            context.report(
                "Directive \"@\(name)\" may not be used on \(location.rawValue).",
                at: directive.offset)
        }
    }
}
