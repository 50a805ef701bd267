/// An operation defines the variables that it uses, in itself and through fragments.
///
/// Source: GraphQL, September 2025, §5.8.3
/// <https://spec.graphql.org/September2025/#sec-All-Variable-Uses-Defined>
enum NoUndefinedVariables: WholeRule {
    static let name = "NoUndefinedVariables"

    static func finish(_ context: ValidationContext) {
        context.forEachOperationWithUses { operation, definition, use in
            guard definition == nil else { return }
            let name = "Variable \"$\(context.facts.names[use.name])\" is not defined"
            let by = operation.name.map { " by operation \"\($0.value)\"." } ?? "."
            context.report(
                name + by, at: [use.offset, operation.offset], moment: operation.enterMoment)
        }
    }
}
