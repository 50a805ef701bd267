/// Introspection does not follow types to fields to types without end: a small document would
/// ask for a very large answer. Not in the specification.
enum MaxIntrospectionDepth: WholeRule {
    static let name = "MaxIntrospectionDepth"

    static func finish(_ context: ValidationContext) {
        let facts = context.facts
        guard !facts.introspectionRoots.isEmpty else { return }
        var search = IntrospectionDepthSearch(facts: facts)
        for root in facts.introspectionRoots where !context.isFull {
            guard search.isTooDeep(root.field) else { continue }
            context.report(
                "Maximum introspection depth exceeded",
                at: [facts.fields[root.field].offset], moment: root.moment)
        }
    }
}

/// Follows selections and fragments, counting the lists on the way. A fragment is followed again
/// only from a greater depth than before, also by a later search, so the work is O(document) for
/// each search that finds too much and for all others together.
private struct IntrospectionDepthSearch {
    /// So many lists inside each other are too many.
    private static let listsMax = 3

    let facts: DocumentFacts
    private let listNames: Set<DocumentFacts.NameID>
    /// By fragment: the greatest depth from which it was entered.
    private var deepestEntry: [Int]

    init(facts: DocumentFacts) {
        self.facts = facts
        listNames = Set(
            ["fields", "interfaces", "possibleTypes", "inputFields"].compactMap {
                facts.names.existingID(of: $0)
            })
        deepestEntry = [Int](repeating: -1, count: facts.fragments.count)
    }

    mutating func isTooDeep(_ root: DocumentFacts.FieldID) -> Bool {
        var open = [(member: DocumentFacts.Member.Kind.field(root), depth: 0)]
        while let (member, depth) = open.popLast() {
            switch member {
            case .field(let field):
                let isList = listNames.contains(facts.fields[field].name)
                if isList, depth + 1 >= Self.listsMax {
                    for fragment in deepestEntry.indices { deepestEntry[fragment] = -1 }
                    return true
                }
                if let set = facts.fields[field].selectionSet {
                    follow(set, depth: isList ? depth + 1 : depth, &open)
                }
            case .inlineFragment(let set):
                follow(set, depth: depth, &open)
            case .spread(let name, _):
                guard let fragment = facts.fragment(named: name), deepestEntry[fragment] < depth
                else { continue }
                deepestEntry[fragment] = depth
                follow(facts.fragments[fragment].selectionSet, depth: depth, &open)
            }
        }
        return false
    }

    private func follow(
        _ set: DocumentFacts.SetID, depth: Int,
        _ open: inout [(member: DocumentFacts.Member.Kind, depth: Int)]
    ) {
        for place in facts.selectionSets[set].members {
            open.append((facts.members[place].kind, depth))
        }
    }
}
