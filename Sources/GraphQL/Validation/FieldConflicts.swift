/// Explains the conflicts between the fields of a document that was found to have some: each pair of
/// fields, with the reasons that lie in their subfields.
///
/// Fields of one selection set are compared with each other, then with those of each fragment it
/// spreads, then the fragments with each other; and so on into the subfields of pairs. What two
/// sets or fragments have been compared for once is not compared again, so each conflict is told
/// once. The comparisons are counted, and there is an end, since pairs grow as the square of the
/// document.
///
/// Source: GraphQL, September 2025, §5.3.2.
struct FieldConflicts {
    typealias SetID = DocumentFacts.SetID
    typealias FieldID = DocumentFacts.FieldID
    typealias FragmentID = DocumentFacts.FragmentID

    static let differentArgumentsReason = "they have differing arguments"

    /// Pairs compared; an explanation need not be complete.
    private static let stepsMax = 500_000
    /// Conflicts told of one pair of selection sets. An answer shows no more errors than that, and
    /// the text of one error would not hold them.
    private static let conflictsMax = 101
    /// Levels of subfields and of fragments in fragments that are followed.
    private static let depthMax = 100
    /// Places that one error names on either side.
    private static let offsetsMax = 20

    /// A selection set with its inline fragments resolved.
    private struct Collected {
        let set: SetID
        /// In order of first appearance.
        var names: [DocumentFacts.NameID] = []
        var groups: [DocumentFacts.NameID: [FieldID]] = [:]
        /// Each fragment once.
        var fragments: [FragmentID] = []
    }

    private struct Pair: Hashable {
        let a: Int
        let b: Int
    }

    private let facts: DocumentFacts
    private let schema: Schema
    private var arguments: ArgumentKeys
    private var stepsLeft = Self.stepsMax
    private var depth = 0
    private var collected: [SetID: Collected] = [:]
    /// Pairs that were compared; the value tells whether only as parts of fields that exclude each
    /// other, which is the weaker comparison.
    private var setAndFragment: [Pair: Bool] = [:]
    private var fragmentPairs: [Pair: Bool] = [:]

    var isExhausted: Bool { stepsLeft < 0 }

    init(_ facts: DocumentFacts, schema: Schema) {
        self.facts = facts
        self.schema = schema
        arguments = ArgumentKeys(facts)
    }

    /// The conflicts inside one selection set that are not yet told.
    mutating func within(_ set: SetID) -> [FieldConflict] {
        var conflicts: [FieldConflict] = []
        let collected = collect(set)
        for name in collected.names {
            guard let group = collected.groups[name], group.count > 1 else { continue }
            for (place, field) in group.enumerated() where !isDone(conflicts) {
                for other in group[(place + 1)...] {
                    compareFields(field, other, areExclusive: false, into: &conflicts)
                }
            }
        }
        for (place, fragment) in collected.fragments.enumerated() where !isDone(conflicts) {
            compare(collected, fragment: fragment, areExclusive: false, into: &conflicts)
            for other in collected.fragments[(place + 1)...] {
                compareFragments(fragment, other, areExclusive: false, into: &conflicts)
            }
        }
        return conflicts
    }

    // MARK: Comparing sets and fragments

    private mutating func compareSubselections(
        _ set1: SetID, _ set2: SetID, areExclusive: Bool
    ) -> [FieldConflict] {
        var conflicts: [FieldConflict] = []
        let (first, second) = (collect(set1), collect(set2))
        compare(first, second, areExclusive: areExclusive, into: &conflicts)
        for fragment in second.fragments {
            compare(first, fragment: fragment, areExclusive: areExclusive, into: &conflicts)
        }
        for fragment in first.fragments {
            compare(second, fragment: fragment, areExclusive: areExclusive, into: &conflicts)
        }
        for fragment1 in first.fragments where !isDone(conflicts) {
            for fragment2 in second.fragments {
                compareFragments(fragment1, fragment2, areExclusive: areExclusive, into: &conflicts)
            }
        }
        return conflicts
    }

    private mutating func compare(
        _ first: Collected, _ second: Collected, areExclusive: Bool,
        into conflicts: inout [FieldConflict]
    ) {
        for name in first.names {
            stepsLeft -= 1
            guard let group1 = first.groups[name], let group2 = second.groups[name] else {
                continue
            }
            for field1 in group1 where !isDone(conflicts) {
                for field2 in group2 {
                    compareFields(field1, field2, areExclusive: areExclusive, into: &conflicts)
                }
            }
        }
    }

    /// A set with a fragment and all fragments that this one spreads.
    private mutating func compare(
        _ set: Collected, fragment: FragmentID, areExclusive: Bool,
        into conflicts: inout [FieldConflict]
    ) {
        let pair = Pair(a: set.set, b: fragment)
        guard spend(), Self.isNew(pair, areExclusive, in: &setAndFragment) else { return }
        let other = collect(facts.fragments[fragment].selectionSet)
        guard other.set != set.set else { return }
        compare(set, other, areExclusive: areExclusive, into: &conflicts)
        depth += 1
        for inner in other.fragments {
            compare(set, fragment: inner, areExclusive: areExclusive, into: &conflicts)
        }
        depth -= 1
    }

    /// Two fragments, each with all that the other spreads.
    private mutating func compareFragments(
        _ fragment1: FragmentID, _ fragment2: FragmentID, areExclusive: Bool,
        into conflicts: inout [FieldConflict]
    ) {
        let pair = Pair(a: min(fragment1, fragment2), b: max(fragment1, fragment2))
        guard fragment1 != fragment2, spend(),
            Self.isNew(pair, areExclusive, in: &fragmentPairs)
        else { return }
        let first = collect(facts.fragments[fragment1].selectionSet)
        let second = collect(facts.fragments[fragment2].selectionSet)
        compare(first, second, areExclusive: areExclusive, into: &conflicts)
        depth += 1
        for inner in second.fragments {
            compareFragments(fragment1, inner, areExclusive: areExclusive, into: &conflicts)
        }
        for inner in first.fragments {
            compareFragments(inner, fragment2, areExclusive: areExclusive, into: &conflicts)
        }
        depth -= 1
    }

    private func isDone(_ conflicts: [FieldConflict]) -> Bool {
        isExhausted || conflicts.count >= Self.conflictsMax
    }

    /// False when the comparison must end here.
    private mutating func spend() -> Bool {
        stepsLeft -= 1
        return stepsLeft >= 0 && depth < Self.depthMax
    }

    private static func isNew(
        _ pair: Pair, _ areExclusive: Bool, in compared: inout [Pair: Bool]
    ) -> Bool {
        if let weakly = compared[pair], areExclusive || !weakly { return false }
        compared[pair] = areExclusive
        return true
    }

    // MARK: Comparing fields

    private mutating func compareFields(
        _ id1: FieldID, _ id2: FieldID, areExclusive: Bool,
        into conflicts: inout [FieldConflict]
    ) {
        guard spend(), conflicts.count < Self.conflictsMax else { return }
        let (field1, field2) = (facts.fields[id1], facts.fields[id2])
        let areExclusive = areExclusive || areDifferentObjects(field1.parent, field2.parent)
        func report(_ reason: String) {
            conflicts.append(
                FieldConflict(
                    responseName: field1.responseName, reason: reason, offsets1: [field1.offset],
                    offsets2: [field2.offset]))
        }
        if !areExclusive {
            if field1.name != field2.name {
                report(facts.differentFieldsReason(id1, id2))
                return
            }
            if !arguments.areSame(field1.arguments, field2.arguments) {
                report(Self.differentArgumentsReason)
                return
            }
        }
        if let type1 = field1.type, let type2 = field2.type, !schema.haveSameShape(type1, type2) {
            report(schema.shapeConflictReason(type1, type2))
            return
        }
        guard let set1 = field1.selectionSet, let set2 = field2.selectionSet else { return }
        depth += 1
        let inner = compareSubselections(set1, set2, areExclusive: areExclusive)
        depth -= 1
        if !inner.isEmpty { conflicts.append(Self.enclosing(inner, in: field1, field2, facts)) }
    }

    private func areDifferentObjects(_ a: TypeID?, _ b: TypeID?) -> Bool {
        guard let a, let b, a != b else { return false }
        return schema.kind(a) == .object && schema.kind(b) == .object
    }

    /// The conflict of two fields whose subfields conflict.
    private static func enclosing(
        _ inner: [FieldConflict], in field1: DocumentFacts.Field, _ field2: DocumentFacts.Field,
        _ facts: DocumentFacts
    ) -> FieldConflict {
        let reasons = inner.map { conflict in
            let name = FieldConflict.abbreviated(facts.names[conflict.responseName])
            return "subfields \"\(name)\" conflict because \(conflict.reason)"
        }
        func offsets(_ outermost: Int, _ further: [[Int]]) -> [Int] {
            // The last of each are the innermost, which say most.
            further.reduce(into: [outermost]) { $0 += $1.suffix(offsetsMax - $0.count) }
        }
        return FieldConflict(
            responseName: field1.responseName,
            reason: FieldConflict.abbreviated(reasons.joined(separator: " and ")),
            offsets1: offsets(field1.offset, inner.map(\.offsets1)),
            offsets2: offsets(field2.offset, inner.map(\.offsets2)))
    }

    // MARK: Collecting

    private mutating func collect(_ set: SetID) -> Collected {
        if let known = collected[set] { return known }
        var result = Collected(set: set)
        var seen: Set<FragmentID> = []
        var open = [facts.selectionSets[set].members]
        while let range = open.popLast() {
            guard let place = range.first else { continue }
            open.append(range.dropFirst())
            switch facts.members[place].kind {
            case .field(let field):
                let name = facts.fields[field].responseName
                if result.groups[name] == nil { result.names.append(name) }
                result.groups[name, default: []].append(field)
            case .inlineFragment(let inner): open.append(facts.selectionSets[inner].members)
            case .spread(let name, _):
                if let fragment = facts.fragment(named: name), seen.insert(fragment).inserted {
                    result.fragments.append(fragment)
                }
            }
        }
        collected[set] = result
        return result
    }
}
