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
    /// which have the field: those that cover most first, interfaces before objects, then by name.
    private static func typesWithField(
        _ name: String, possibleFor parent: TypeID, _ schema: Schema
    ) -> [String] {
        guard schema[parent].isAbstract else { return [] }
        var uses: [TypeID: Int] = [:]
        for object in schema.possibleTypes(parent) where schema[object].field(name) != nil {
            uses[object, default: 0] += 1
            for interface in schema[object].interfaces where schema[interface].field(name) != nil {
                uses[interface, default: 0] += 1
            }
        }
        let ordered = uses.sorted { a, b in
            if a.value != b.value { return a.value > b.value }
            let (left, right) = (schema[a.key], schema[b.key])
            if left.isAbstract != right.isAbstract { return left.isAbstract }
            return naturallyPrecedes(left.name, right.name)
        }
        return ordered.map { schema[$0.key].name }
    }
}
