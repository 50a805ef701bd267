import GraphQLLanguage

/// A directive that is not repeatable stands once at a place.
///
/// Source: GraphQL, September 2025, §5.7.3
/// <https://spec.graphql.org/September2025/#sec-Directives-Are-Unique-per-Location>
enum UniqueDirectivesPerLocation: DirectivesRule {
    static let name = "UniqueDirectivesPerLocation"

    static func enterDirectives(_ directives: [Directive], _ context: ValidationContext) {
        guard directives.count > 1 else { return }
        var first: [String: Int] = [:]
        for directive in directives {
            let name = directive.name.value
            guard let earlier = first[name] else {
                first[name] = directive.offset
                continue
            }
            guard let definition = context.schema.directive(named: name),
                !definition.isRepeatable
            else { continue }
            context.report(
                "The directive \"@\(name)\" can only be used once at this location.",
                at: earlier, directive.offset)
        }
    }
}
