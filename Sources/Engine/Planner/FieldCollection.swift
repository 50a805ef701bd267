import GraphQL
import GraphQLLanguage

/// The selections that share a response name.
struct FieldGroup {
    let first: DocumentFacts.FieldID
    /// Places in the collection's `others`, or -1: the second field, and the last one.
    fileprivate var second = -1
    fileprivate var last = -1

    fileprivate init(_ first: DocumentFacts.FieldID) {
        self.first = first
    }
}

/// CollectFields, with the values of the variables in `@skip` and `@include` known.
///
/// It runs over the facts of the document and keeps its tables from one collection to the next: a
/// plan makes some hundred of them.
/// Source: GraphQL, September 2025, §6.3.2.
struct FieldCollection {
    let facts: DocumentFacts
    let schema: Schema
    /// The values of variables by name.
    let conditions: [String: Bool]

    /// The groups of all collections that are in use, those of the last one last.
    private(set) var groups: [FieldGroup] = []
    /// The fields of groups but the first ones, each with the place of the next of its group.
    private var others: [(field: DocumentFacts.FieldID, next: Int)] = []
    /// Selections that were looked at.
    private(set) var visits = 0
    /// Counts the collections.
    private var round = 0
    /// By name and by fragment: the collection in which it was met last.
    private var roundOfName: [Int]
    private var roundOfFragment: [Int]
    /// By name: where in `groups` its group is.
    private var placeOfName: [Int]

    init(facts: DocumentFacts, schema: Schema, conditions: [String: Bool]) {
        self.facts = facts
        self.schema = schema
        self.conditions = conditions
        roundOfName = Array(repeating: 0, count: facts.names.count)
        placeOfName = Array(repeating: 0, count: facts.names.count)
        roundOfFragment = Array(repeating: 0, count: facts.fragments.count)
    }

    /// The groups of a selection set, in the order of their first appearance.
    /// - Returns: places in `groups`, good until they are handed to `drop`.
    mutating func collect(
        _ set: DocumentFacts.SetID, on object: TypeID
    ) -> Range<Int> {
        let start = begin()
        add(set, object)
        return start..<groups.count
    }

    /// The groups of the merged selection sets of a group's fields.
    mutating func collect(_ group: FieldGroup, on object: TypeID) -> Range<Int> {
        let start = begin()
        if let set = facts.fields[group.first].selectionSet { add(set, object) }
        var other = group.second
        while other >= 0 {
            if let set = facts.fields[others[other].field].selectionSet { add(set, object) }
            other = others[other].next
        }
        return start..<groups.count
    }

    /// The fields of a group, in the order of their appearance.
    func fields(of group: FieldGroup) -> [DocumentFacts.FieldID] {
        var fields = [group.first]
        var other = group.second
        while other >= 0 {
            fields.append(others[other].field)
            other = others[other].next
        }
        return fields
    }

    /// Lets go of the groups that were collected last.
    mutating func drop(_ range: Range<Int>) {
        groups.removeSubrange(range.lowerBound...)
    }

    private mutating func begin() -> Int {
        round += 1
        return groups.count
    }

    private mutating func add(_ set: DocumentFacts.SetID, _ object: TypeID) {
        visits &+= facts.selectionSets[set].members.count
        for place in facts.selectionSets[set].members {
            let member = facts.members[place]
            if let condition = member.condition, !isIncluded(facts.conditions[condition]) {
                continue
            }
            switch member.kind {
            case .field(let field): add(field)
            case .spread(let name, _):
                guard let fragment = facts.fragment(named: name),
                    roundOfFragment[fragment] != round
                else { continue }
                roundOfFragment[fragment] = round
                guard let condition = facts.fragments[fragment].typeCondition,
                    schema.isSubtype(object, of: condition)
                else { continue }
                add(facts.fragments[fragment].selectionSet, object)
            case .inlineFragment(let inner):
                if let condition = facts.selectionSets[inner].typeCondition,
                    !schema.isSubtype(object, of: condition)
                {
                    continue
                }
                add(inner, object)
            }
        }
    }

    private mutating func add(_ field: DocumentFacts.FieldID) {
        let name = facts.fields[field].responseName
        if roundOfName[name] == round {
            append(field, to: placeOfName[name])
        } else {
            roundOfName[name] = round
            placeOfName[name] = groups.count
            groups.append(FieldGroup(field))
        }
    }

    private mutating func append(_ field: DocumentFacts.FieldID, to group: Int) {
        let place = others.count
        others.append((field, -1))
        if groups[group].last >= 0 {
            others[groups[group].last].next = place
        } else {
            groups[group].second = place
        }
        groups[group].last = place
    }

    private func isIncluded(_ directives: [Directive]) -> Bool {
        for directive in directives {
            let wanted: Bool
            switch directive.name.value {
            case "skip": wanted = false
            case "include": wanted = true
            default: continue
            }
            guard let value = directive.arguments.first(where: { $0.name.value == "if" })?.value
            else { continue }
            switch value.kind {
            case .boolean(let flag) where flag != wanted: return false
            case .variable(let name) where conditions[name] != wanted: return false
            default: continue
            }
        }
        return true
    }

    /// The variables that `@skip` and `@include` of a document use, in order of appearance.
    static func conditionVariables(of facts: DocumentFacts) -> [String] {
        var names: [String] = []
        for directive in facts.conditions.joined()
        where directive.name.value == "skip" || directive.name.value == "include" {
            for argument in directive.arguments {
                if case .variable(let name) = argument.value.kind, !names.contains(name) {
                    names.append(name)
                }
            }
        }
        return names
    }
}
