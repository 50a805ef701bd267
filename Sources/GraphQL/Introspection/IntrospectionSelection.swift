import GraphQLLanguage

/// The fields selected at one place of an introspection query, merged and in the order of their
/// first appearance. The types of introspection are all objects, so one collection serves every
/// value that comes to the place.
///
/// Source: GraphQL, September 2025, §6.3.2 `CollectFields()`.
final class IntrospectionSelection {
    struct Entry {
        /// `"name":`
        let key: [UInt8]
        /// Nil for a field that no type of introspection has.
        let field: IntrospectionField?
        let includesDeprecated: Bool
        /// Of all nodes with this key.
        var selectionSets: [SelectionSet]
        /// Collected when the first value comes to it; a deep selection may meet none.
        var selection: IntrospectionSelection?
    }

    var entries: [Entry] = []

    /// - Parameter steps: counts the selections looked at.
    /// - Returns: nil when there were more than `steps` allowed.
    init?(
        _ selectionSets: [SelectionSet], on type: String, _ inputs: IntrospectionInputs,
        steps: inout Int
    ) {
        var places: [String: Int] = [:]
        for selectionSet in selectionSets {
            var visited: Set<String> = []
            // A stack in place of recursion: fragments may be chained as long as a document is.
            var open: [ArraySlice<Selection>] = [selectionSet.selections[...]]
            while let selection = open.popNext() {
                steps -= 1
                if steps < 0 { return nil }
                switch selection {
                case .field(let field):
                    guard inputs.isIncluded(field.directives) else { continue }
                    add(field, inputs, &places)
                case .inlineFragment(let fragment):
                    guard inputs.isIncluded(fragment.directives),
                        fragment.typeCondition.map({ $0.value == type }) ?? true
                    else { continue }
                    open.append(fragment.selectionSet.selections[...])
                case .fragmentSpread(let spread):
                    guard inputs.isIncluded(spread.directives),
                        visited.insert(spread.name.value).inserted,
                        let fragment = inputs.fragments[spread.name.value],
                        fragment.typeCondition.value == type
                    else { continue }
                    open.append(fragment.selectionSet.selections[...])
                }
            }
        }
    }

    private func add(
        _ field: Field, _ inputs: IntrospectionInputs, _ places: inout [String: Int]
    ) {
        let name = field.responseName
        if let place = places[name] {
            if let selectionSet = field.selectionSet {
                entries[place].selectionSets.append(selectionSet)
            }
            return
        }
        places[name] = entries.count
        entries.append(
            Entry(
                key: Array("\"\(name)\":".utf8),
                field: IntrospectionField(rawValue: field.name.value),
                includesDeprecated: inputs.flag("includeDeprecated", of: field.arguments),
                selectionSets: field.selectionSet.map { [$0] } ?? []))
    }
}

extension [ArraySlice<Selection>] {
    /// The next selection of the innermost open list that has one.
    fileprivate mutating func popNext() -> Selection? {
        while !isEmpty {
            if let selection = self[count - 1].popFirst() { return selection }
            removeLast()
        }
        return nil
    }
}

/// The fields of all types of introspection; those of the same name in several types are one case.
enum IntrospectionField: String {
    case typename = "__typename"
    case name, description
    // __Schema
    case types, queryType, mutationType, subscriptionType, directives
    // __Type
    case kind, specifiedByURL, fields, interfaces, possibleTypes, enumValues, inputFields, ofType
    case isOneOf
    // __Field, __InputValue, __EnumValue, __Directive
    case args, type, isDeprecated, deprecationReason, defaultValue, isRepeatable, locations
}
