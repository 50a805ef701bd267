import GraphQLLanguage

/// Fields with subfields have a selection of them, leaf fields have none.
///
/// Source: GraphQL, September 2025, §5.3.3
/// <https://spec.graphql.org/September2025/#sec-Leaf-Field-Selections>
enum ScalarLeafs: FieldRule {
    static let name = "ScalarLeafs"

    static func enterField(_ field: Field, _ context: ValidationContext) {
        guard let type = context.type else { return }
        let isLeaf = context.schema.kind(type.named).isLeaf
        guard isLeaf == (field.selectionSet != nil) else { return }
        let name = field.name.value
        let described = context.schema.describe(type)
        if let set = field.selectionSet {
            context.report(
                "Field \"\(name)\" must not have a selection "
                    + "since type \"\(described)\" has no subfields.",
                at: set.offset)
        } else {
            context.report(
                "Field \"\(name)\" of type \"\(described)\" must have a selection of "
                    + "subfields. Did you mean \"\(name) { ... }\"?",
                at: field.offset)
        }
    }
}
