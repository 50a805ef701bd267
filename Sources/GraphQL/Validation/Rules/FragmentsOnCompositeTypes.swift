import GraphQLLanguage

extension ValidationRule {
    /// Type conditions name objects, interfaces or unions.
    ///
    /// Source: GraphQL, September 2025, §5.5.1.3
    /// <https://spec.graphql.org/September2025/#sec-Fragments-on-Object-Interface-or-Union-Types>
    static let fragmentsOnCompositeTypes = ValidationRule("FragmentsOnCompositeTypes") {
        $0.enterInlineFragment = { context, fragment in
            guard let name = fragment.typeCondition, isNotComposite(name, context) else { return }
            context.report(
                "Fragment cannot condition on non composite type \"\(name.value)\".",
                at: name.offset)
        }
        $0.enterFragment = { context, fragment in
            let name = fragment.typeCondition
            guard isNotComposite(name, context) else { return }
            context.report(
                "Fragment \"\(fragment.name.value)\" cannot condition "
                    + "on non composite type \"\(name.value)\".",
                at: name.offset)
        }
    }

    /// False for unknown types, which are KnownTypeNames' affair.
    private static func isNotComposite(_ name: Name, _ context: ValidationContext) -> Bool {
        context.schema.type(named: name.value).map { !context.schema[$0].isComposite } ?? false
    }
}
