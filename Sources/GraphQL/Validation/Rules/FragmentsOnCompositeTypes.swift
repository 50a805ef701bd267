import GraphQLLanguage

/// Type conditions name objects, interfaces or unions.
///
/// Source: GraphQL, September 2025, §5.5.1.3
/// <https://spec.graphql.org/September2025/#sec-Fragments-on-Object-Interface-or-Union-Types>
enum FragmentsOnCompositeTypes: InlineFragmentRule, FragmentRule {
    static let name = "FragmentsOnCompositeTypes"

    static func enterInlineFragment(_ fragment: InlineFragment, _ context: ValidationContext) {
        guard let name = fragment.typeCondition, isNotComposite(context) else { return }
        context.report(
            "Fragment cannot condition on non composite type \"\(name.value)\".",
            at: name.offset)
    }

    static func enterFragment(_ fragment: FragmentDefinition, _ context: ValidationContext) {
        guard isNotComposite(context) else { return }
        let name = fragment.typeCondition
        context.report(
            "Fragment \"\(fragment.name.value)\" cannot condition "
                + "on non composite type \"\(name.value)\".",
            at: name.offset)
    }

    /// False for unknown types, which are KnownTypeNames' affair.
    private static func isNotComposite(_ context: ValidationContext) -> Bool {
        guard let type = context.type?.named else { return false }
        return !context.schema.kind(type).isComposite
    }
}
