import GraphQL
import GraphQLLanguage

/// Turns an operation into a cost program, and refuses what is too deep or too long for a plan.
///
/// It collects fields as the plan compiler does, but each merged selection set only once for each
/// object type: whatever fragments a document spreads, and however often, the work is that of the
/// document as it is written.
struct CostCompiler {
    private let facts: DocumentFacts
    private let schema: Schema
    private let prices: FieldPrices
    private let limits: EngineLimits
    private let variableNames: [String]
    private var collection: FieldCollection
    private var nodes: [CostProgram.Node] = []
    private var known: [Key: Known] = [:]

    /// Fields inside one another. Reason: whoever walks a plan recurses, and 15 relations take 45.
    static let nestingMax = 96

    /// The selection sets of fields that merge, on one object type.
    private struct Key: Hashable {
        let sets: [DocumentFacts.SetID]
        let type: TypeID
        let parts: [String]
    }

    /// A node, and what of it must fit into limits.
    private struct Known {
        let node: Int
        /// Relations below it.
        let depth: Int
        /// Fields inside one another below it.
        let nesting: Int
        /// Selections of it and of all below it, each as often as the answer has it.
        let selections: Int
    }

    /// Where the walk is.
    private struct Place {
        var depth = 0
        var nesting = 0
    }

    init(
        context: EngineContext, facts: DocumentFacts, variableNames: [String],
        conditions: [String: Bool]
    ) {
        self.facts = facts
        self.variableNames = variableNames
        schema = context.model.schema
        prices = context.prices
        limits = context.limits
        collection = FieldCollection(facts: facts, schema: schema, conditions: conditions)
    }

    /// Selections that were looked at so far: the work that pricing has taken.
    var work: Int { collection.visits }

    mutating func compile(_ operation: DocumentFacts.Operation) throws(CostRefusal) -> CostProgram {
        let root = schema.rootType(operation.type) ?? schema.queryType
        let visits = collection.visits
        let groups = collection.collect(operation.selectionSet, on: root)
        let known = try node(
            groups, [], visits: collection.visits - visits, isRoot: true, Place())
        return CostProgram(
            nodes, root: known.node, inputs: prices.inputs, variableNames: variableNames)
    }

    // MARK: Selection sets

    /// The merged selection sets of a field, on one type.
    private mutating func node(
        _ group: FieldGroup, on type: TypeID, parts: [String], _ place: Place
    ) throws(CostRefusal) -> Known {
        let sets = collection.fields(of: group).compactMap { facts.fields[$0].selectionSet }
        let key = Key(sets: sets, type: type, parts: parts)
        let offset = facts.fields[group.first].offset
        if let found = known[key] {
            try check(found, place, offset)
            return found
        }
        let visits = collection.visits
        let groups = collection.collect(group, on: type)
        let made = try node(
            groups, parts, visits: collection.visits - visits, isRoot: type == schema.queryType,
            place)
        known[key] = made
        return made
    }

    /// - Parameters:
    ///   - parts: names of the fields that the parent sizes.
    ///   - visits: selections that were looked at to collect the groups, which are let go of here.
    private mutating func node(
        _ groups: Range<Int>, _ parts: [String], visits: Int, isRoot: Bool, _ place: Place
    ) throws(CostRefusal) -> Known {
        if isRoot, groups.count > limits.rootFieldsMax {
            let field = collection.groups[groups.lowerBound + limits.rootFieldsMax].first
            throw .rootFields(
                count: groups.count, limit: limits.rootFieldsMax,
                sourceOffset: facts.fields[field].offset)
        }
        var node = CostProgram.Node()
        var (depth, nesting, selections) = (0, 0, visits)
        for index in groups {
            let group = collection.groups[index]
            var term = CostProgram.Term(field: group.first)
            guard let priced = try price(group, &term, place) else { continue }
            depth = max(depth, priced.depth)
            nesting = max(nesting, priced.nesting)
            selections = selections.addingSaturated(priced.selections)
            if parts.contains(facts.names[facts.fields[group.first].name]) {
                node.sized.append(term)
            } else {
                node.terms.append(term)
            }
        }
        if selections > limits.selectionsMax { throw .selections(limit: limits.selectionsMax) }
        collection.drop(groups)
        nodes.append(node)
        return Known(
            node: nodes.count - 1, depth: depth, nesting: nesting, selections: selections)
    }

    private func check(_ known: Known, _ place: Place, _ offset: Int) throws(CostRefusal) {
        if place.depth + known.depth > limits.depthMax {
            throw .depth(limit: limits.depthMax, sourceOffset: offset)
        }
        if place.nesting + known.nesting > Self.nestingMax {
            throw .nesting(limit: Self.nestingMax, sourceOffset: offset)
        }
    }

    // MARK: Fields

    /// Fills in the term of a response key, and answers what is below it; nil when it is free and
    /// has nothing below.
    private mutating func price(
        _ group: FieldGroup, _ term: inout CostProgram.Term, _ place: Place
    ) throws(CostRefusal) -> (depth: Int, nesting: Int, selections: Int)? {
        let field = facts.fields[group.first]
        // Introspection has limits of its own.
        guard case .member(let parent, let index) = field.definition else { return nil }
        let price = prices[parent, index]
        let definition = schema[parent].fields[index]
        count(field, definition, price, &term)
        if !prices.inputs.isEmpty { addInputs(field, definition, &term) }
        guard field.selectionSet != nil else { return (0, 0, 0) }

        var inner = place
        inner.nesting += 1
        if price.isRelation { inner.depth += 1 }
        let nothing = Known(node: 0, depth: 0, nesting: 0, selections: 0)
        try check(nothing, inner, field.offset)
        var (depth, nesting, selections) = (0, 0, 0)
        var parts: [String] = []
        if case .parts(_, let names) = price.size { parts = names }
        let type = definition.type.named
        let types = schema[type].isAbstract ? schema.possibleTypes(type) : [type]
        for type in types {
            let child = try node(group, on: type, parts: parts, inner)
            term.children.append(child.node)
            if term.hasParts, !nodes[child.node].sized.isEmpty {
                term.partWeight = price.partWeight
            }
            depth = max(depth, child.depth)
            nesting = max(nesting, child.nesting)
            selections = selections.addingSaturated(child.selections)
        }
        return (depth + (price.isRelation ? 1 : 0), nesting + 1, selections)
    }

    private func count(
        _ field: DocumentFacts.Field, _ definition: FieldType, _ price: FieldPrice,
        _ term: inout CostProgram.Term
    ) {
        let arguments = field.arguments.map { facts.argumentLists[$0].arguments } ?? []
        switch price.size {
        case .one: term.once = price.weight
        case .list(let slicing):
            term.each = price.weight
            term.count = count(slicing, arguments)
        case .parts(let slicing, _):
            term.once = price.weight
            term.hasParts = true
            term.count = count(slicing, arguments)
        case .inputItems:
            term.each = price.weight
            var given = 0
            var variables: [Int] = []
            for argument in arguments { addItems(of: argument.value, &given, &variables) }
            term.count = .items(given: given, variables: variables)
        }
    }

    private func count(_ slicing: FieldPrice.Slicing, _ arguments: [Argument])
        -> CostProgram.Count
    {
        var given: Int?
        var variables: [Int] = []
        for argument in arguments {
            let name = argument.name.value
            if name == slicing.listArgument {
                switch argument.value.kind {
                case .list(let items): return .constant(items.count)
                case .variable(let name):
                    if let place = variableNames.firstIndex(of: name) {
                        return .length(variable: place)
                    }
                default: return .constant(1)
                }
            }
            guard slicing.arguments.contains(name) else { continue }
            switch argument.value.kind {
            case .int(let text):
                // One with too many digits is refused by validation.
                given = max(given ?? 0, Int(text) ?? .max)
            case .variable(let name):
                if let place = variableNames.firstIndex(of: name) { variables.append(place) }
            default: continue
            }
        }
        let most = min(slicing.max, groupCount(slicing, arguments))
        let standard = min(slicing.standard, most)
        if variables.isEmpty { return .constant(min(max(0, given ?? standard), most)) }
        return .slice(variables: variables, given: given, standard: standard, max: most)
    }

    /// The groups that there can be at the most, when all keys are known to have few values.
    private func groupCount(_ slicing: FieldPrice.Slicing, _ arguments: [Argument]) -> Int {
        guard !slicing.groupCounts.isEmpty,
            let by = arguments.first(where: { $0.name.value == "by" })
        else { return .max }
        // One key needs no list.
        var keys = [by.value]
        if case .list(let items) = by.value.kind { keys = items }
        var count = 1
        for key in keys {
            guard case .object(let fields) = key.kind, fields.count == 1,
                fields[0].name.value == "field", case .enum(let name) = fields[0].value.kind,
                let values = slicing.groupCounts[name]
            else { return .max }
            count = count.multipliedSaturated(by: values)
        }
        return count
    }

    private func addItems(of value: Value, _ given: inout Int, _ variables: inout [Int]) {
        switch value.kind {
        case .variable(let name):
            if let place = variableNames.firstIndex(of: name) { variables.append(place) }
        case .list(let items):
            given += items.count
            for item in items { addItems(of: item, &given, &variables) }
        case .object(let fields):
            for field in fields { addItems(of: field.value, &given, &variables) }
        default: return
        }
    }

    private func addInputs(
        _ field: DocumentFacts.Field, _ definition: FieldType, _ term: inout CostProgram.Term
    ) {
        guard let place = field.arguments else { return }
        for argument in facts.argumentLists[place].arguments {
            guard let index = definition.argumentIndex(argument.name.value) else { continue }
            term.inputs.append((definition.arguments[index], argument.value))
        }
    }
}
