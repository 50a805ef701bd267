import GraphQLLanguage

extension ValidationRule {
    /// Spreads name fragments of the document.
    ///
    /// Source: GraphQL, September 2025, §5.5.2.1
    /// <https://spec.graphql.org/September2025/#sec-Fragment-Spread-Target-Defined>
    static let knownFragmentNames = ValidationRule("KnownFragmentNames") {
        $0.enterFragmentSpread = { context, spread in
            guard context.fragmentTypes[spread.name.value] == nil else { return }
            context.report("Unknown fragment \"\(spread.name.value)\".", at: spread.name.offset)
        }
    }
}
