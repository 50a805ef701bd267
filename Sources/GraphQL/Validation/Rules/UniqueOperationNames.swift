import GraphQLLanguage

/// No two operations share a name.
///
/// Source: GraphQL, September 2025, §5.2.2.1
/// <https://spec.graphql.org/September2025/#sec-Operation-Name-Uniqueness>
enum UniqueOperationNames: WholeRule {
    static let name = "UniqueOperationNames"

    static func finish(_ context: ValidationContext) {
        guard context.operationCount > 1 else { return }
        var first: [String: Name] = [:]
        for operation in context.facts.operations {
            guard let name = operation.name else { continue }
            if let earlier = first[name.value] {
                context.report(
                    "There can be only one operation named \"\(name.value)\".",
                    at: [earlier.offset, name.offset], moment: operation.enterMoment)
            } else {
                first[name.value] = name
            }
        }
    }
}
