import GraphQL
import GraphQLLanguage

/// The selections that share a response name, in the order of their first appearance.
struct FieldGroup {
    let responseName: String
    var fields: [Field]

    var first: Field { fields[0] }
    var selectionSets: [SelectionSet] { fields.compactMap(\.selectionSet) }
}

/// CollectFields, with the values of the variables in `@skip` and `@include` known.
/// Source: GraphQL, September 2025, §6.3.2.
struct FieldCollection {
    let schema: Schema
    let fragments: [String: FragmentDefinition]
    let conditions: [String: Bool]

    func collect(_ sets: [SelectionSet], on object: TypeID) -> [FieldGroup] {
        var groups: [FieldGroup] = []
        var places: [String: Int] = [:]
        var visited: Set<String> = []
        if sets.count == 1 { groups.reserveCapacity(sets[0].selections.count) }
        for set in sets { add(set, object, &groups, &places, &visited) }
        return groups
    }

    private func add(
        _ set: SelectionSet, _ object: TypeID, _ groups: inout [FieldGroup],
        _ places: inout [String: Int], _ visited: inout Set<String>
    ) {
        for selection in set.selections {
            switch selection {
            case .field(let field):
                guard isIncluded(field.directives) else { continue }
                let name = field.responseName
                if let place = place(of: name, groups, &places) {
                    groups[place].fields.append(field)
                } else {
                    groups.append(FieldGroup(responseName: name, fields: [field]))
                }
            case .fragmentSpread(let spread):
                guard isIncluded(spread.directives),
                    visited.insert(spread.name.value).inserted,
                    let fragment = fragments[spread.name.value],
                    applies(fragment.typeCondition, to: object)
                else { continue }
                add(fragment.selectionSet, object, &groups, &places, &visited)
            case .inlineFragment(let fragment):
                guard isIncluded(fragment.directives) else { continue }
                if let condition = fragment.typeCondition, !applies(condition, to: object) {
                    continue
                }
                add(fragment.selectionSet, object, &groups, &places, &visited)
            }
        }
    }

    /// Above so many groups a table of names is kept; below, comparing with each is faster.
    private static let groupsComparedMax = 16

    private func place(
        of name: String, _ groups: [FieldGroup], _ places: inout [String: Int]
    ) -> Int? {
        if groups.count <= Self.groupsComparedMax {
            return groups.firstIndex { $0.responseName == name }
        }
        for place in places.count..<groups.count { places[groups[place].responseName] = place }
        return places[name]
    }

    private func applies(_ condition: Name, to object: TypeID) -> Bool {
        schema.type(named: condition.value).map { schema.isSubtype(object, of: $0) } ?? false
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
    static func conditionVariables(of document: Document) -> [String] {
        var names: [String] = []
        func note(_ directives: [Directive]) {
            for directive in directives
            where directive.name.value == "skip" || directive.name.value == "include" {
                for argument in directive.arguments {
                    if case .variable(let name) = argument.value.kind, !names.contains(name) {
                        names.append(name)
                    }
                }
            }
        }
        func walk(_ set: SelectionSet) {
            for selection in set.selections {
                switch selection {
                case .field(let field):
                    note(field.directives)
                    if let inner = field.selectionSet { walk(inner) }
                case .fragmentSpread(let spread): note(spread.directives)
                case .inlineFragment(let fragment):
                    note(fragment.directives)
                    walk(fragment.selectionSet)
                }
            }
        }
        for definition in document.definitions {
            switch definition {
            case .operation(let operation): walk(operation.selectionSet)
            case .fragment(let fragment): walk(fragment.selectionSet)
            default: continue
            }
        }
        return names
    }
}
