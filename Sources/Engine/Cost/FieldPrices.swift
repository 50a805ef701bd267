import GraphQL
import GraphQLLanguage

/// What each field of the schema costs, read from its directives once.
///
/// Source: IBM GraphQL Cost Directives specification, https://ibm.github.io/graphql-specs/cost-spec.html
struct FieldPrices: Sendable {
    /// By type and by field.
    private let prices: [[FieldPrice]]
    let inputs: InputPrices

    /// Objects of a list that nothing is known of.
    static let assumedListSize = 10
    /// What writing adds to the objects of a mutation's payload.
    static let mutationWeight = 10
    static let bulkMutationWeight = 50

    init(_ model: Model, _ limits: EngineLimits) {
        let bulk = Set(
            model.mutations.filter { $0.kind == .updateMany || $0.kind == .deleteMany }
                .map(\.name))
        let schema = model.schema
        prices = schema.types.enumerated().map { index, type in
            guard type.kind == .object || type.kind == .interface else { return [] }
            let isMutation = TypeID(index) == schema.mutationType
            return type.fields.map { field in
                var price = FieldPrice(
                    field, of: model.bindings[index], model, limits,
                    groupCounts: Self.groupCounts(field, model), isMutation: isMutation)
                if isMutation, field.appliedDirectives.weight == nil {
                    price.weight =
                        bulk.contains(field.name) ? Self.bulkMutationWeight : Self.mutationWeight
                }
                return price
            }
        }
        inputs = InputPrices(schema)
    }

    /// The keys of a `groupBy` that have few values: enums and booleans, and null.
    private static func groupCounts(_ field: FieldType, _ model: Model) -> [String: Int] {
        guard case .group(let table) = model.bindings[field.type.named.index] else { return [:] }
        var counts: [String: Int] = [:]
        for key in model[table].groupFields(model.tables) {
            switch key.kind {
            case .enum(let id): counts[key.value] = model.enums[id.index].values.count + 1
            case .scalar(.boolean): counts[key.value] = 3
            case .scalar, .row: continue
            }
        }
        return counts
    }

    subscript(type: TypeID, field: Int) -> FieldPrice { prices[type.index][field] }
}

/// What one field costs.
struct FieldPrice: Sendable {
    /// How many of it there are.
    enum Size: Sendable, Equatable {
        case one
        /// The field is a list.
        case list(Slicing)
        /// The named fields of what it answers are lists of the same rows.
        case parts(Slicing, [String])
        /// A mutation: each item of the lists in its input costs its weight.
        case inputItems
    }

    /// Which arguments say how long a list is.
    struct Slicing: Sendable, Equatable {
        /// Names of integer arguments; of several, the largest counts.
        var arguments: [String] = []
        /// The name of an argument that has an item for each of the list.
        var listArgument: String?
        /// The length when they say nothing.
        var standard: Int
        /// The length that no argument can exceed.
        var max = Int.max
        /// Of a `groupBy`: how many groups a key makes at the most, by its name, where that is known
        /// without looking at rows.
        var groupCounts: [String: Int] = [:]
    }

    /// Of one object, or of the field itself.
    var weight: Int
    let size: Size
    /// Of one row, for `Size.parts`.
    let partWeight: Int
    /// Whether it leads from one row to others.
    let isRelation: Bool

    init(
        _ field: FieldType, of parent: TypeBinding, _ model: Model, _ limits: EngineLimits,
        groupCounts: [String: Int], isMutation: Bool
    ) {
        let schema = model.schema
        let type = schema[field.type]
        let binding = model.bindings[field.type.named.index]
        let isComposite = type.kind == .object || type.kind == .interface || type.kind == .union
        weight =
            field.appliedDirectives.weight ?? type.appliedDirectives.weight
            ?? (isComposite && Self.isCounted(binding, in: parent) ? 1 : 0)
        var partWeight = 0
        if case .connection(let table) = binding {
            partWeight =
                schema.type(named: model[table].name).flatMap {
                    schema[$0].appliedDirectives.weight
                } ?? 1
        }
        self.partWeight = partWeight
        isRelation = isComposite && Self.isRelation(binding, from: parent)
        size =
            isMutation
            ? .inputItems
            : Self.size(
                of: field, isComposite: isComposite, binding, in: parent, limits, groupCounts)
    }

    /// Whether an object of a type is counted for itself. Rows of a page are counted by their
    /// connection, and what only arranges values is a part of what it stands in.
    private static func isCounted(_ binding: TypeBinding, in parent: TypeBinding) -> Bool {
        switch parent {
        case .connection, .edge:
            if case .table = binding { return false }
        default: break
        }
        switch binding {
        case .none, .node, .table, .connection, .group: return true
        default: return false
        }
    }

    private static func isRelation(_ binding: TypeBinding, from parent: TypeBinding) -> Bool {
        switch parent {
        case .table, .value, .none: break
        default: return false
        }
        switch binding {
        case .table, .connection, .node: return true
        default: return false
        }
    }

    private static func size(
        of field: FieldType, isComposite: Bool, _ binding: TypeBinding, in parent: TypeBinding,
        _ limits: EngineLimits, _ groupCounts: [String: Int]
    ) -> Size {
        switch (parent, binding) {
        // The connection says how many there are.
        case (.connection, .table), (.connection, .edge): return .one
        default: break
        }
        let directive = field.appliedDirectives.first(named: "listSize")
        let assumed = directive?.count("assumedSize").map { max(0, $0) }
        var parts = directive?.texts("sizedFields").map(\.value) ?? []
        if parts.isEmpty, case .connection = binding { parts = ["edges", "nodes"] }
        guard !parts.isEmpty || field.type.isList else { return .one }
        guard isComposite || field.appliedDirectives.weight != nil else { return .one }
        var names = directive?.texts("slicingArguments").map(\.value) ?? []
        if names.isEmpty, assumed == nil {
            names = ["first", "last"].filter { name in
                field.arguments.contains { $0.name == name }
            }
        }
        var slicing = Slicing(
            arguments: names,
            standard: assumed
                ?? (names.isEmpty ? FieldPrices.assumedListSize : limits.pageRowsDefault))
        for argument in field.arguments where names.contains(argument.name) {
            if case .int(let text) = argument.defaultValue?.kind {
                slicing.standard = Int(text) ?? .max
            }
        }
        if names.isEmpty, directive == nil {
            slicing.listArgument = field.arguments.first { $0.type.isList }?.name
        }
        if case .connection = binding {
            slicing.standard = min(slicing.standard, limits.pageRowsDefault)
            // More is an error, which the execution words.
            slicing.max = limits.pageRowsMax
        }
        slicing.groupCounts = groupCounts
        return parts.isEmpty ? .list(slicing) : .parts(slicing, parts)
    }
}

/// What arguments and the fields of input objects cost, where the schema says so.
struct InputPrices: Sendable {
    /// Whether anything costs anything.
    let isEmpty: Bool
    private let schema: Schema

    init(_ schema: Schema) {
        self.schema = schema
        isEmpty = !schema.types.contains { type in
            let inputs = type.inputFields + type.fields.flatMap(\.arguments)
            return inputs.contains { $0.appliedDirectives.weight != nil }
        }
    }

    /// The price of a value for an argument or a field, nothing when it is absent or null.
    ///
    /// - Parameter variable: what a variable of this name costs here.
    func price(
        of value: Value, for input: InputValue, _ variable: (String, InputValue) -> Int
    ) -> Int {
        switch value.kind {
        case .null: return 0
        case .variable(let name): return variable(name, input)
        default: return weight(of: input).addingSaturated(inner(value, input.type, variable))
        }
    }

    private func inner(
        _ value: Value, _ type: TypeReference, _ variable: (String, InputValue) -> Int
    ) -> Int {
        switch value.kind {
        case .list(let items):
            return items.reduce(0) { $0.addingSaturated(inner($1, type, variable)) }
        case .object(let fields):
            let object = schema[type]
            return fields.reduce(0) { sum, field in
                guard let index = object.index(of: field.name.value) else { return sum }
                return sum.addingSaturated(
                    price(of: field.value, for: object.inputFields[index], variable))
            }
        default: return 0
        }
    }

    /// The same for the value of a variable.
    func price(of value: CoercedValue, for input: InputValue) -> Int {
        if case .null = value { return 0 }
        return weight(of: input).addingSaturated(inner(value, input.type))
    }

    private func inner(_ value: CoercedValue, _ type: TypeReference) -> Int {
        switch value {
        case .list(let items): return items.reduce(0) { $0.addingSaturated(inner($1, type)) }
        case .object(let fields):
            let definitions = schema[type].inputFields
            return fields.reduce(0) { sum, field in
                guard definitions.indices.contains(field.index) else { return sum }
                return sum.addingSaturated(price(of: field.value, for: definitions[field.index]))
            }
        default: return 0
        }
    }

    private func weight(of input: InputValue) -> Int {
        input.appliedDirectives.weight ?? schema[input.type].appliedDirectives.weight ?? 0
    }
}

extension [Directive] {
    /// What `@cost` says, rounded up; nil without one.
    fileprivate var weight: Int? {
        guard let text = first(named: "cost")?.text("weight"), let number = Double(text.value)
        else { return nil }
        let whole = number.rounded(.up)
        return whole > 0 ? Int(exactly: whole) ?? .max : 0
    }
}
