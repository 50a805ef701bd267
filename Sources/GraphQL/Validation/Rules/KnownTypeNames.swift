import GraphQLLanguage

extension ValidationRule {
    /// Type conditions and variables name types of the schema.
    ///
    /// Source: GraphQL, September 2025, §5.5.1.2
    /// <https://spec.graphql.org/September2025/#sec-Fragment-Spread-Type-Existence>
    static let knownTypeNames = ValidationRule("KnownTypeNames") {
        $0.enterNamedType = { context, name in
            guard context.schema.type(named: name.value) == nil, !context.isFull else { return }
            let suggestion = context.didYouMean(
                name.value, among: context.schema.types.map(\.name))
            context.report("Unknown type \"\(name.value)\".\(suggestion)", at: name.offset)
        }
    }
}
