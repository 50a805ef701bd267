import GraphQLLanguage

/// No two variables of an operation share a name.
///
/// Source: GraphQL, September 2025, §5.8.1
/// <https://spec.graphql.org/September2025/#sec-Variable-Uniqueness>
enum UniqueVariableNames: OperationRule {
    static let name = "UniqueVariableNames"

    static func enterOperation(_ operation: OperationDefinition, _ context: ValidationContext) {
        for names in repeatedNames(operation.variables, \.name) {
            context.report(
                "There can be only one variable named \"$\(names[0].value)\".",
                at: names.map { $0.offset + 1 }, moment: context.moment)
        }
    }

    /// The names that stand more than once in a list, each with all its places; by first
    /// appearance.
    static func repeatedNames<Node>(_ nodes: [Node], _ name: (Node) -> Name) -> [[Name]] {
        guard nodes.count > 1, mayRepeat(nodes, name) else { return [] }
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

    /// False when the names of a short list are different; the usual case, and without a table.
    private static func mayRepeat<Node>(_ nodes: [Node], _ name: (Node) -> Name) -> Bool {
        if nodes.count > 8 { return true }
        for index in nodes.indices {
            let value = name(nodes[index]).value
            for earlier in 0..<index where name(nodes[earlier]).value == value { return true }
        }
        return false
    }
}
