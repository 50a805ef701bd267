/// No two fragments share a name.
///
/// Source: GraphQL, September 2025, §5.5.1.1
/// <https://spec.graphql.org/September2025/#sec-Fragment-Name-Uniqueness>
enum UniqueFragmentNames: WholeRule {
    static let name = "UniqueFragmentNames"

    static func finish(_ context: ValidationContext) {
        guard context.facts.fragments.count > 1 else { return }
        var first: [DocumentFacts.NameID: Int] = [:]
        for fragment in context.facts.fragments {
            guard let earlier = first[fragment.name] else {
                first[fragment.name] = fragment.nameOffset
                continue
            }
            context.report(
                "There can be only one fragment named "
                    + "\"\(context.facts.names[fragment.name])\".",
                at: [earlier, fragment.nameOffset], moment: fragment.enterMoment)
        }
    }
}
