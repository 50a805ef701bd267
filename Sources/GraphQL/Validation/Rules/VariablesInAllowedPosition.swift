import GraphQLLanguage

/// The type of a variable fits each place where it is used.
///
/// Source: GraphQL, September 2025, §5.8.5
/// <https://spec.graphql.org/September2025/#sec-All-Variable-Usages-Are-Allowed>
enum VariablesInAllowedPosition: WholeRule {
    static let name = "VariablesInAllowedPosition"

    static func finish(_ context: ValidationContext) {
        let schema = context.schema
        context.forEachOperationWithUses { operation, definition, use in
            guard let definition, let place = use.type,
                let type = operation.variables[definition].type
            else { return }
            let variable = operation.variables[definition]
            let isAllowed = isAllowed(type, hasDefault: variable.hasDefault, at: place, use)
            if isAllowed, use.oneOf == nil { return }
            let name = "Variable \"$\(context.facts.names[variable.name])\""
            let offsets = [variable.offset, use.offset]
            if !isAllowed {
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

    /// A nullable variable may stand at a non-null place when either has a default. Input types
    /// have no subtypes but the non-null ones.
    private static func isAllowed(
        _ type: TypeReference, hasDefault: Bool, at place: TypeReference,
        _ use: DocumentFacts.VariableUse
    ) -> Bool {
        guard type.named == place.named else { return false }
        guard place.isNonNull, !type.isNonNull else { return type.hasWrappers(allowedFor: place) }
        return (hasDefault || use.hasDefault) && type.hasWrappers(allowedFor: place.nullable)
    }
}
