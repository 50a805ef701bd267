import GraphQLLanguage

/// A fragment is spread only where an object of its type can be.
///
/// Source: GraphQL, September 2025, §5.5.2.3
/// <https://spec.graphql.org/September2025/#sec-Fragment-Spread-Is-Possible>
enum PossibleFragmentSpreads: InlineFragmentRule, FragmentSpreadRule {
    static let name = "PossibleFragmentSpreads"

    static func enterInlineFragment(_ fragment: InlineFragment, _ context: ValidationContext) {
        guard let type = context.type?.named, let parent = context.parentType,
            isImpossible(type, on: parent, context.schema)
        else { return }
        context.report(
            "Fragment cannot be spread here as objects of type "
                + "\"\(context.name(of: parent))\" can never be of type "
                + "\"\(context.name(of: type))\".",
            at: fragment.offset)
    }

    static func enterFragmentSpread(
        _ spread: FragmentSpread, isDefined: Bool, type: TypeID?, _ context: ValidationContext
    ) {
        guard let type, let parent = context.parentType,
            isImpossible(type, on: parent, context.schema)
        else { return }
        context.report(
            "Fragment \"\(spread.name.value)\" cannot be spread here as objects of type "
                + "\"\(context.name(of: parent))\" can never be of type "
                + "\"\(context.name(of: type))\".",
            at: spread.offset)
    }

    private static func isImpossible(_ type: TypeID, on parent: TypeID, _ schema: Schema) -> Bool {
        guard type != parent, schema.kind(type).isComposite else { return false }
        switch (schema.kind(type).isAbstract, schema.kind(parent).isAbstract) {
        case (false, false): return true
        case (false, true): return !schema.isSubtype(type, of: parent)
        case (true, false): return !schema.isSubtype(parent, of: type)
        case (true, true):
            return !schema.possibleTypes(type).contains { schema.isSubtype($0, of: parent) }
        }
    }
}
