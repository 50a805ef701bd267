import GraphQLLanguage

/// Type conditions and variables name types of the schema.
///
/// Source: GraphQL, September 2025, §5.5.1.2
/// <https://spec.graphql.org/September2025/#sec-Fragment-Spread-Type-Existence>
enum KnownTypeNames: NamedTypeRule {
    static let name = "KnownTypeNames"

    static func enterNamedType(_ name: Name, _ type: TypeID?, _ context: ValidationContext) {
        guard type == nil, !context.isFull else { return }
        let suggestion = context.didYouMean(
            name.value, among: context.schema.types.map(\.name))
        context.report("Unknown type \"\(name.value)\".\(suggestion)", at: name.offset)
    }
}
