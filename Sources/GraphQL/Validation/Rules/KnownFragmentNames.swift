import GraphQLLanguage

/// Spreads name fragments of the document.
///
/// Source: GraphQL, September 2025, §5.5.2.1
/// <https://spec.graphql.org/September2025/#sec-Fragment-Spread-Target-Defined>
enum KnownFragmentNames: FragmentSpreadRule {
    static let name = "KnownFragmentNames"

    static func enterFragmentSpread(
        _ spread: FragmentSpread, isDefined: Bool, type: TypeID?, _ context: ValidationContext
    ) {
        guard !isDefined else { return }
        context.report("Unknown fragment \"\(spread.name.value)\".", at: spread.name.offset)
    }
}
