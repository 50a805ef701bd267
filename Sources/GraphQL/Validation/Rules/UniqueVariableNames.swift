import GraphQLLanguage

extension ValidationRule {
    /// No two variables of an operation share a name.
    ///
    /// Source: GraphQL, September 2025, §5.8.1
    /// <https://spec.graphql.org/September2025/#sec-Variable-Uniqueness>
    static let uniqueVariableNames = ValidationRule("UniqueVariableNames") {
        $0.enterOperation = { context, operation in
            for names in repeatedNames(operation.variables, \.name) {
                context.report(
                    "There can be only one variable named \"$\(names[0].value)\".",
                    at: names.map { $0.offset + 1 }, moment: context.moment)
            }
        }
    }

    /// The names that stand more than once in a list, each with all its places; by first
    /// appearance.
    static func repeatedNames<Node>(_ nodes: [Node], _ name: (Node) -> Name) -> [[Name]] {
        guard nodes.count > 1 else { return [] }
        var groups: [String: [Name]] = [:]
        var order: [String] = []
        for node in nodes {
            let name = name(node)
            groups[name.value, default: []].append(name)
            if groups[name.value]?.count == 2 { order.append(name.value) }
        }
        return order.isEmpty
            ? []
            : nodes.map(name).compactMap { groups.removeValue(forKey: $0.value) }
                .filter { $0.count > 1 }
    }
}
