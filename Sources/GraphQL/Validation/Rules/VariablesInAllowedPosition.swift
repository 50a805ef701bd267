import GraphQLLanguage

extension ValidationRule {
    /// The type of a variable fits each place where it is used.
    ///
    /// Source: GraphQL, September 2025, §5.8.5
    /// <https://spec.graphql.org/September2025/#sec-All-Variable-Usages-Are-Allowed>
    static let variablesInAllowedPosition = ValidationRule("VariablesInAllowedPosition") {
        $0.finish = { context in
            let schema = context.schema
            context.forEachOperationWithUses { operation, definitions, use in
                guard let definition = definitions[use.name], let place = use.type,
                    let type = schema.typeReference(from: definition.type)
                else { return }
                let name = "Variable \"$\(definition.name.value)\""
                let offsets = [definition.offset, use.offset]
                if !isAllowed(type, default: definition.defaultValue, at: place, use) {
                    context.report(
                        "\(name) of type \"\(schema.describe(type))\" used in position "
                            + "expecting type \"\(schema.describe(place))\".",
                        at: offsets, moment: operation.leaveMoment)
                }
                if let object = use.oneOf, !type.isNonNull {
                    context.report(
                        "\(name) is of type \"\(schema.describe(type))\" but must be "
                            + "non-nullable to be used for OneOf Input Object "
                            + "\"\(context.name(of: object))\".",
                        at: offsets, moment: operation.leaveMoment)
                }
            }
        }
    }

    /// A nullable variable may stand at a non-null place when either has a default. Input types
    /// have no subtypes but the non-null ones.
    private static func isAllowed(
        _ type: TypeReference, default literal: Value?, at place: TypeReference,
        _ use: DocumentFacts.VariableUse
    ) -> Bool {
        guard type.named == place.named else { return false }
        guard place.isNonNull, !type.isNonNull else { return type.hasWrappers(allowedFor: place) }
        let hasDefault = literal.map { if case .null = $0.kind { false } else { true } } ?? false
        return (hasDefault || use.hasDefault) && type.hasWrappers(allowedFor: place.nullable)
    }
}
