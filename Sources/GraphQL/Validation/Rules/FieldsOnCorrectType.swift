import GraphQLLanguage

/// Selected fields exist on the type they are selected from.
///
/// Source: GraphQL, September 2025, §5.3.1
/// <https://spec.graphql.org/September2025/#sec-Field-Selections>
enum FieldsOnCorrectType: FieldRule {
    static let name = "FieldsOnCorrectType"

    static func enterField(_ field: Field, _ context: ValidationContext) {
        guard context.field == nil, let parent = context.parentType, !context.isFull else {
            return
        }
        let name = field.name.value
        context.report(
            "Cannot query field \"\(name)\" on type \"\(context.name(of: parent))\"."
                + suggestion(for: name, on: parent, context),
            at: field.offset)
    }

    /// Types to condition on that have the field; else fields that are spelled alike.
    private static func suggestion(
        for name: String, on parent: TypeID, _ context: ValidationContext
    ) -> String {
        guard context.options.suggestions else { return "" }
        let types = typesWithField(name, possibleFor: parent, context.schema)
        if !types.isEmpty {
            return didYouMean(types, subject: "to use an inline fragment on")
        }
        return didYouMean(name, among: context.schema[parent].fields.lazy.map(\.name))
    }

    /// The object types that a value of the abstract type can have, and the interfaces of these,
    /// which have the field: those that cover most first, an interface before what implements it,
    /// else by name.
    private static func typesWithField(
        _ name: String, possibleFor parent: TypeID, _ schema: Schema
    ) -> [String] {
        guard schema[parent].isAbstract else { return [] }
        var types: [TypeID] = []
        var uses: [TypeID: Int] = [:]
        func add(_ type: TypeID) {
            if uses[type] == nil { types.append(type) }
            uses[type, default: 0] += 1
        }
        for object in schema.possibleTypes(parent) where schema[object].field(name) != nil {
            add(object)
            for interface in schema[object].interfaces where schema[interface].field(name) != nil {
                add(interface)
            }
        }

        func precedes(_ a: TypeID, _ b: TypeID) -> Bool {
            let (left, right) = (uses[a, default: 0], uses[b, default: 0])
            if left != right { return left > right }
            if schema[b].interfaces.contains(a) { return true }
            if schema[a].interfaces.contains(b) { return false }
            return naturallyPrecedes(schema[a].name, schema[b].name)
        }
        return insertionSorted(types, by: precedes).map { schema[$0].name }
    }

    /// Sorts by binary insertion. Names and interfaces together are no total order, so the way of
    /// sorting shows; this one is the reference implementation's for up to 32 types.
    private static func insertionSorted(
        _ types: [TypeID], by precedes: (TypeID, TypeID) -> Bool
    ) -> [TypeID] {
        var sorted: [TypeID] = []
        sorted.reserveCapacity(types.count)
        for type in types {
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = low + (high - low) / 2
                if precedes(type, sorted[middle]) { high = middle } else { low = middle + 1 }
            }
            sorted.insert(type, at: low)
        }
        return sorted
    }
}
