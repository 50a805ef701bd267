/// A fragment does not spread itself, directly or through others.
///
/// Source: GraphQL, September 2025, §5.5.2.2
/// <https://spec.graphql.org/September2025/#sec-Fragment-Spreads-Must-Not-Form-Cycles>
enum NoFragmentCycles: WholeRule {
    static let name = "NoFragmentCycles"

    static func finish(_ context: ValidationContext) {
        guard context.facts.fragments.contains(where: \.hasSpreads) else { return }
        var search = FragmentCycleSearch(facts: context.facts)
        for fragment in context.facts.fragments.indices where !context.isFull {
            search.explore(from: fragment, context)
        }
    }
}

/// A depth-first search that reports each spread which closes a cycle. O(size of the document +
/// length of the cycles).
private struct FragmentCycleSearch {
    typealias Spread = (name: DocumentFacts.NameID, offset: Int)

    let facts: DocumentFacts
    private var visited: Set<DocumentFacts.NameID> = []

    init(facts: DocumentFacts) {
        self.facts = facts
    }

    mutating func explore(from start: DocumentFacts.FragmentID, _ context: ValidationContext) {
        let startName = facts.fragments[start].name
        guard visited.insert(startName).inserted else { return }
        // The fragments that are open, each with the spreads it still has to follow; the spread
        // that led from one to the next; and where in the path each open fragment begins.
        var open: [(name: DocumentFacts.NameID, spreads: ArraySlice<Spread>)] = []
        var path: [Spread] = []
        var depthByName: [DocumentFacts.NameID: Int] = [:]
        func enter(_ fragment: DocumentFacts.FragmentID) {
            let name = facts.fragments[fragment].name
            depthByName[name] = path.count
            open.append((name, facts.spreads(in: facts.fragments[fragment].selectionSet)[...]))
        }

        enter(start)
        while let last = open.indices.last {
            guard let spread = open[last].spreads.popFirst() else {
                depthByName[open.removeLast().name] = nil
                if !path.isEmpty { path.removeLast() }
                continue
            }
            if let depth = depthByName[spread.name] {
                report(path[depth...] + [spread], at: facts.fragments[start].enterMoment, context)
                if context.isFull { return }
            } else if let fragment = facts.fragment(named: spread.name),
                visited.insert(spread.name).inserted
            {
                path.append(spread)
                enter(fragment)
            }
        }
    }

    private func report(
        _ cycle: ArraySlice<Spread>, at moment: Int, _ context: ValidationContext
    ) {
        guard let last = cycle.last else { return }
        let via = cycle.dropLast().map { "\"\(facts.names[$0.name])\"" }.joined(separator: ", ")
        context.report(
            "Cannot spread fragment \"\(facts.names[last.name])\" within itself"
                + (via.isEmpty ? "." : " via \(via)."),
            at: cycle.map(\.offset), moment: moment)
    }
}
