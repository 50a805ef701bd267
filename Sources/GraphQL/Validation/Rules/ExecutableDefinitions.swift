import GraphQLLanguage

/// A document that is executed holds operations and fragments only.
///
/// Source: GraphQL, September 2025, §5.1.1
/// <https://spec.graphql.org/September2025/#sec-Executable-Definitions>
enum ExecutableDefinitions: DocumentRule {
    static let name = "ExecutableDefinitions"

    static func enterDocument(_ document: Document, _ context: ValidationContext) {
        for definition in document.definitions {
            switch definition {
            case .operation, .fragment: break
            case .schema(let schema):
                context.report(
                    "The schema definition is not executable.", at: schema.offset)
            case .type(let type):
                context.report(
                    "The \"\(type.name.value)\" definition is not executable.",
                    at: type.offset)
            case .directive(let directive):
                context.report(
                    "The \"\(directive.name.value)\" definition is not executable.",
                    at: directive.offset)
            }
        }
    }
}
