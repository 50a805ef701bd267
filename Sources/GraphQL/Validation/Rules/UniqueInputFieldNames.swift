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
            for item in items { check(item, context) }
        case .object(let fields):
            var first: [String: Int] = [:]
            for field in fields {
                let name = field.name.value
                if let earlier = first[name] {
                    context.report(
                        "There can be only one input field named \"\(name)\".",
                        at: earlier, field.name.offset)
                } else {
                    first[name] = field.name.offset
                }
                check(field.value, context)
            }
        case .variable, .int, .float, .string, .boolean, .null, .enum: break
        }
    }
}
