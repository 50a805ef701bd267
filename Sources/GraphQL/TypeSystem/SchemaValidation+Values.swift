import GraphQLLanguage

/// Values in a schema: defaults and the arguments of applied directives.
extension SchemaValidation {
    /// Source: GraphQL, September 2025, §3.6.1 and §3.10 (defaults coerce), §5.6.1.
    mutating func valuesAreOfCorrectType() {
        for (type, merged) in zip(schema.types, assembly.types) where !merged.isBuiltIn {
            for (field, node) in zip(type.fields, merged.fields) {
                checkDefaults(
                    field.arguments, node.with(node.node.arguments),
                    owner: "\(type.name).\(field.name)")
            }
            for (field, node) in zip(type.inputFields, merged.inputFields) {
                checkDefault(field, node, coordinate: "\(type.name).\(field.name)")
            }
        }
        for (directive, node) in zip(schema.directives, assembly.directives)
        where node.document != nil {
            checkDefaults(
                directive.arguments, node.with(node.node.arguments), owner: "@\(directive.name)")
        }
        for site in assembly.definitions.directiveSites() {
            for directive in site.directives { checkArguments(of: directive, site.document) }
        }
    }

    private mutating func checkDefaults(
        _ arguments: [InputValue], _ nodes: Located<[InputValueDefinition]>, owner: String
    ) {
        for (argument, node) in zip(arguments, nodes.node) {
            checkDefault(argument, nodes.with(node), coordinate: "\(owner)(\(argument.name):)")
        }
    }

    private mutating func checkDefault(
        _ input: InputValue, _ node: Located<InputValueDefinition>, coordinate: String
    ) {
        guard let value = input.defaultValue, schema[input.type].isInput else { return }
        for error in errors(of: value, as: input.type) {
            problems.report(
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
                problems.report(
                    error.message,
                    at: [Place(document: document, offset: error.offset ?? argument.value.offset)],
                    rule: "ValuesOfCorrectType")
            }
        }
    }

    /// Errors of the literal itself: those of defaults that it takes over are told where the
    /// defaults are written.
    private func errors(of value: Value, as type: TypeReference) -> [CoercionError] {
        do throws(CoercionErrors) {
            _ = try coerceLiteral(value, to: type, schema: schema, codecs: codecs)
            return []
        } catch {
            let offsets = value.offsets
            return error.errors.filter { $0.offset.map(offsets.contains) ?? true }
        }
    }
}

extension Value {
    /// Where this value and each value and field inside it begins.
    fileprivate var offsets: Set<Int> {
        var offsets: Set<Int> = []
        func collect(_ value: Value) {
            offsets.insert(value.offset)
            switch value.kind {
            case .list(let items):
                for item in items { collect(item) }
            case .object(let fields):
                for field in fields {
                    offsets.insert(field.offset)
                    collect(field.value)
                }
            case .variable, .int, .float, .string, .boolean, .null, .enum:
                break
            }
        }
        collect(self)
        return offsets
    }
}
