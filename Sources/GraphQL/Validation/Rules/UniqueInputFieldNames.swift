import GraphQLLanguage

/// No two fields of an input object literal share a name.
///
/// Source: GraphQL, September 2025, §5.6.3
/// <https://spec.graphql.org/September2025/#sec-Input-Object-Field-Uniqueness>
enum UniqueInputFieldNames: ValueRule {
    static let name = "UniqueInputFieldNames"

    static func enterValue(_ typed: TypedValue, _ context: ValidationContext) {
        check(typed.value, context)
    }

    private static func check(_ value: Value, _ context: ValidationContext) {
        switch value.kind {
        case .list(let items):
            for place in items.indices { check(items[place], context) }
        case .object(let fields):
            let repeated = repeatedNames(fields, \.name)
            for place in fields.indices {
                if !repeated.isEmpty { report(fields[place].name, among: repeated, context) }
                check(fields[place].value, context)
            }
        case .variable, .int, .float, .string, .boolean, .null, .enum: break
        }
    }

    /// Reports a name that stands further ahead, too.
    private static func report(
        _ name: Name, among repeated: [[Name]], _ context: ValidationContext
    ) {
        guard let group = repeated.first(where: { $0[0].value == name.value }),
            group[0].offset != name.offset
        else { return }
        context.report(
            "There can be only one input field named \"\(name.value)\".",
            at: group[0].offset, name.offset)
    }
}
