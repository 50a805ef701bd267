extension ValidationRule {
    /// Each fragment is used by an operation, directly or through others.
    ///
    /// Source: GraphQL, September 2025, §5.5.1.4
    /// <https://spec.graphql.org/September2025/#sec-Fragments-Must-Be-Used>
    static let noUnusedFragments = ValidationRule("NoUnusedFragments") {
        $0.finish = { context in
            let facts = context.facts
            guard !facts.fragments.isEmpty else { return }
            var usedNames: Set<DocumentFacts.NameID> = []
            for used in context.fragmentGraph.used {
                for fragment in used { usedNames.insert(facts.fragments[fragment].name) }
            }
            for fragment in facts.fragments where !usedNames.contains(fragment.name) {
                context.report(
                    "Fragment \"\(facts.names[fragment.name])\" is never used.",
                    at: [fragment.offset], moment: context.moment)
            }
        }
    }
}
