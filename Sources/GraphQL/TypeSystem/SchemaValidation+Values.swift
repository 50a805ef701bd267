import GraphQLLanguage

/// Values in a schema: defaults and the arguments of applied directives.
extension SchemaValidation {
    /// The arguments of directives that are applied to definitions.
    ///
    /// Source: GraphQL, September 2025, §5.6.1.
    mutating func appliedDirectivesHaveCorrectValues() {
        for site in assembly.definitions.directiveSites() {
            look(at: Place(document: site.document, offset: site.offset))
            for directive in site.directives { checkArguments(of: directive, site.document) }
        }
    }

    /// A default can be coerced to its type. Source: GraphQL, September 2025, §3.6.1 and §3.10.
    mutating func checkDefault(
        _ input: InputValue, _ node: Located<InputValueDefinition>, coordinate: String
    ) {
        guard let value = input.defaultValue, schema[input.type].isInput else { return }
        for error in errors(of: value, as: input.type) {
            report(
                error.sentence("\(coordinate) has invalid default value"),
                at: [node.place(error.offset ?? value.offset)])
        }
    }

    private mutating func checkArguments(of directive: Directive, _ document: Int?) {
        guard let definition = schema.directive(named: directive.name.value) else { return }
        for argument in directive.arguments {
            guard let input = definition.argument(argument.name.value),
                schema[input.type].isInput
            else { continue }
            for error in errors(of: argument.value, as: input.type) {
                report(
                    error.message,
                    at: [Place(document: document, offset: error.offset ?? argument.value.offset)],
                    rule: "ValuesOfCorrectType")
            }
        }
    }

    /// The errors of the literal itself: each default that it takes over is checked where it is
    /// written, and a cycle of defaults does no harm.
    private func errors(of value: Value, as type: TypeReference) -> [CoercionError] {
        var coercion = LiteralCoercion(schema: schema, codecs: codecs, suggestions: true)
        coercion.fillsDefaults = false
        _ = coercion.coerce(value, to: type)
        return coercion.errors
    }
}
