/// Each fragment is used by an operation, directly or through others.
///
/// Source: GraphQL, September 2025, §5.5.1.4
/// <https://spec.graphql.org/September2025/#sec-Fragments-Must-Be-Used>
enum NoUnusedFragments: WholeRule {
    static let name = "NoUnusedFragments"

    static func finish(_ context: ValidationContext) {
        let facts = context.facts
        guard !facts.fragments.isEmpty else { return }
        var isUsed = [Bool](repeating: false, count: facts.names.count)
        for used in context.fragmentGraph.used {
            for fragment in used { isUsed[facts.fragments[fragment].name] = true }
        }
        for fragment in facts.fragments where !isUsed[fragment.name] {
            context.report(
                "Fragment \"\(facts.names[fragment.name])\" is never used.",
                at: [fragment.offset], moment: context.moment)
        }
    }
}
