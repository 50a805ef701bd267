import GraphQLLanguage

/// A subscription selects exactly one field, not of introspection, without a condition.
///
/// Source: GraphQL, September 2025, §5.2.4.1
/// <https://spec.graphql.org/September2025/#sec-Single-Root-Field>
enum SingleFieldSubscriptions: WholeRule {
    static let name = "SingleFieldSubscriptions"

    static func finish(_ context: ValidationContext) {
        for operation in context.facts.operations where operation.type == .subscription {
            guard let root = context.schema.subscriptionType else { return }
            check(operation, root: root, context)
        }
    }

    private static func check(
        _ operation: DocumentFacts.Operation, root: TypeID, _ context: ValidationContext
    ) {
        let subject =
            operation.name.map { "Subscription \"\($0.value)\"" }
            ?? "Anonymous Subscription"
        var collection = RootFieldCollection(
            facts: context.facts, schema: context.schema, root: root)
        collection.collect(operation.selectionSet)
        func report(_ complaint: String, at offsets: [Int]) {
            context.report("\(subject) \(complaint)", at: offsets, moment: operation.enterMoment)
        }
        func offsets(_ fields: some Sequence<DocumentFacts.FieldID>) -> [Int] {
            fields.map { context.facts.fields[$0].offset }
        }

        if !collection.conditions.isEmpty {
            report(
                "must not use `@skip` or `@include` directives in the top level selection.",
                at: collection.conditions)
            return
        }
        if collection.groups.isEmpty {
            report(
                "must select one top level field.",
                at: [context.facts.selectionSets[operation.selectionSet].offset])
        } else if collection.groups.count > 1 {
            report(
                "must select only one top level field.",
                at: offsets(collection.groups.dropFirst().joined()))
        }
        for group in collection.groups {
            let name = context.facts.names[context.facts.fields[group[0]].name]
            if name.hasPrefix("__") {
                report("must not select an introspection top level field.", at: offsets(group))
            }
        }
    }
}

/// The fields at the root of an operation, as execution would collect them, but with none left out
/// by a condition. Source: GraphQL, September 2025, §6.3.2 `CollectFields()`.
private struct RootFieldCollection {
    let facts: DocumentFacts
    let schema: Schema
    let root: TypeID

    /// Fields by response name, in order of first appearance; none is empty.
    private(set) var groups: [[DocumentFacts.FieldID]] = []
    /// Offsets of `@skip` and `@include`.
    private(set) var conditions: [Int] = []
    private var groupByName: [DocumentFacts.NameID: Int] = [:]
    private var visited: Set<DocumentFacts.FragmentID> = []

    init(facts: DocumentFacts, schema: Schema, root: TypeID) {
        self.facts = facts
        self.schema = schema
        self.root = root
    }

    mutating func collect(_ set: DocumentFacts.SetID) {
        var open = [facts.selectionSets[set].members]
        while let range = open.popLast() {
            guard let place = range.first else { continue }
            open.append(range.dropFirst())
            if let condition = facts.members[place].condition {
                let directives = facts.conditions[condition]
                let directive =
                    directives.first { $0.name.value == "skip" }
                    ?? directives.first { $0.name.value == "include" }
                if let directive { conditions.append(directive.offset) }
                continue
            }
            switch facts.members[place].kind {
            case .field(let field):
                let name = facts.fields[field].responseName
                if let group = groupByName[name] {
                    groups[group].append(field)
                } else {
                    groupByName[name] = groups.count
                    groups.append([field])
                }
            case .inlineFragment(let inner):
                if applies(facts.selectionSets[inner].typeCondition ?? root) {
                    open.append(facts.selectionSets[inner].members)
                }
            case .spread(let name, _):
                guard let fragment = facts.fragment(named: name),
                    let condition = facts.fragments[fragment].typeCondition, applies(condition),
                    visited.insert(fragment).inserted
                else { continue }
                open.append(facts.selectionSets[facts.fragments[fragment].selectionSet].members)
            }
        }
    }

    private func applies(_ condition: TypeID) -> Bool { schema.isSubtype(root, of: condition) }
}
