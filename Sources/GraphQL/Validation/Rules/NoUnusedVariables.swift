/// Each variable is used, by its operation or a fragment of it.
///
/// Source: GraphQL, September 2025, §5.8.4
/// <https://spec.graphql.org/September2025/#sec-All-Variables-Used>
enum NoUnusedVariables: WholeRule {
    static let name = "NoUnusedVariables"

    static func finish(_ context: ValidationContext) {
        let facts = context.facts
        var usedIn = [Int](repeating: -1, count: facts.names.count)
        for (index, operation) in facts.operations.enumerated()
        where !operation.variables.isEmpty && !context.isFull {
            context.forEachUse(in: index) { usedIn[$0.name] = index }
            for variable in operation.variables {
                if usedIn[variable.name] == index { continue }
                let name = facts.names[variable.name]
                let place = operation.name.map { " in operation \"\($0.value)\"." } ?? "."
                context.report(
                    "Variable \"$\(name)\" is never used\(place)", at: [variable.offset],
                    moment: operation.enterMoment)
            }
        }
    }
}
