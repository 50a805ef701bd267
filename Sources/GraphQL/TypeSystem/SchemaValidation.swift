import GraphQLLanguage

/// Checks that types fit together: root types, names, input and output types, and, in the files
/// beside this one, interfaces, default values and cycles.
///
/// Source: GraphQL, September 2025, §3.3–3.13 (each "Type Validation" and "Validation" section).
struct SchemaValidation {
    let assembly: SchemaAssembly
    let codecs: ScalarCodecs
    var problems: SchemaProblems

    var schema: Schema { assembly.schema }

    init(_ assembly: SchemaAssembly, codecs: ScalarCodecs, sources: [Source]) {
        self.assembly = assembly
        self.codecs = codecs
        problems = SchemaProblems(sources: sources)
    }

    mutating func check() {
        rootTypes()
        names()
        for (index, merged) in assembly.types.enumerated() where !merged.isBuiltIn {
            checkType(TypeID(index), merged)
        }
        for (index, directive) in assembly.directives.enumerated() where directive.document != nil {
            checkDirective(schema.directives[index], directive)
        }
        builtInScalarsAreSpecified()
        directivesDoNotReferenceThemselves()
        inputObjectsHaveFiniteValues()
        defaultValuesHaveNoCycles()
        valuesAreOfCorrectType()
    }

    // MARK: Root types

    private mutating func rootTypes() {
        let roots = assembly.roots
        if !roots.contains(where: { $0.operation == .query }) {
            let definition = assembly.definitions.schemas.first { !$0.node.isExtension }
            problems.report(
                "Query root type must be provided.",
                at: definition.map { [$0.place($0.node.offset)] } ?? [])
        }
        var usesByType: [TypeID: [(operation: OperationType, place: Place)]] = [:]
        for (operation, type, place) in roots {
            let named = schema[type]
            if named.kind == .object {
                usesByType[type, default: []].append((operation, place))
            } else {
                let provided = operation == .query ? "" : " if provided"
                problems.report(
                    "\(operation.defaultTypeName) root type must be Object type\(provided), "
                        + "it cannot be \(named.name).",
                    at: [place])
            }
        }
        for (type, uses) in usesByType where uses.count > 1 {
            let list = conjunction(uses.map(\.operation.rawValue))
            problems.report(
                "All root types must be different, \"\(schema[type].name)\" type is used as "
                    + "\(list) root types.",
                at: uses.map(\.place))
        }
    }

    // MARK: Names

    /// Two underscores in front belong to introspection, in every name that a schema defines.
    private mutating func names() {
        for type in assembly.definitions.types {
            if !type.node.isExtension { checkName(type.with(type.node.name)) }
            for field in type.node.fields {
                checkName(type.with(field.name))
                for argument in field.arguments { checkName(type.with(argument.name)) }
            }
            for field in type.node.inputFields { checkName(type.with(field.name)) }
            for value in type.node.enumValues { checkName(type.with(value.name)) }
        }
        for directive in assembly.definitions.directives {
            checkName(directive.with(directive.node.name))
            for argument in directive.node.arguments { checkName(directive.with(argument.name)) }
        }
    }

    private mutating func checkName(_ name: Located<Name>) {
        guard name.node.value.hasPrefix("__") else { return }
        problems.report(
            "Name \"\(name.node.value)\" must not begin with \"__\", "
                + "which is reserved by GraphQL introspection.",
            at: [name.place(name.node.offset)])
    }

    // MARK: Types by kind

    private mutating func checkType(_ id: TypeID, _ merged: MergedType) {
        let type = schema[id]
        switch type.kind {
        case .object, .interface:
            checkFields(type, merged)
            checkInterfaces(id, merged)
        case .union:
            checkMemberTypes(type, merged)
        case .enum:
            if type.enumValues.isEmpty {
                problems.report(
                    "Enum type \(type.name) must define one or more values.", at: merged.places)
            }
        case .inputObject:
            checkInputFields(type, merged)
        case .scalar:
            break
        }
    }

    private mutating func checkFields(_ type: NamedType, _ merged: MergedType) {
        if type.fields.isEmpty {
            problems.report(
                "Type \(type.name) must define one or more fields.", at: merged.places)
        }
        for (field, node) in zip(type.fields, merged.fields) {
            let coordinate = "\(type.name).\(field.name)"
            if !schema[field.type].isOutput {
                problems.report(
                    "The type of \(coordinate) must be Output Type but got: "
                        + "\(schema.describe(field.type)).",
                    at: [node.place(node.node.type.offset)])
            }
            for (argument, argumentNode) in zip(field.arguments, node.node.arguments) {
                checkArgument(
                    argument, node.with(argumentNode),
                    coordinate: "\(coordinate)(\(argument.name):)")
            }
        }
    }

    private mutating func checkArgument(
        _ argument: InputValue, _ node: Located<InputValueDefinition>, coordinate: String
    ) {
        checkIsInput(argument, node, coordinate: coordinate)
        if argument.isRequired, argument.deprecationReason != nil {
            problems.report(
                "Required argument \(coordinate) cannot be deprecated.",
                at: deprecationPlaces(node))
        }
    }

    private mutating func checkIsInput(
        _ value: InputValue, _ node: Located<InputValueDefinition>, coordinate: String
    ) {
        guard !schema[value.type].isInput else { return }
        problems.report(
            "The type of \(coordinate) must be Input Type but got: "
                + "\(schema.describe(value.type)).",
            at: [node.place(node.node.type.offset)])
    }

    private func deprecationPlaces(_ node: Located<InputValueDefinition>) -> [Place] {
        let directive = node.node.directives.first { $0.name.value == "deprecated" }
        return [directive?.offset, node.node.type.offset].compactMap { $0 }.map(node.place)
    }

    private mutating func checkMemberTypes(_ union: NamedType, _ merged: MergedType) {
        if union.memberTypes.isEmpty {
            problems.report(
                "Union type \(union.name) must define one or more member types.",
                at: merged.places)
        }
        var seen: Set<TypeID> = []
        for member in union.memberTypes {
            let type = schema[member]
            let places = merged.memberTypes.filter { $0.node.value == type.name }
                .map { $0.place($0.node.offset) }
            if type.kind != .object {
                problems.report(
                    "Union type \(union.name) can only include Object types, "
                        + "it cannot include \(type.name).",
                    at: places)
            } else if !seen.insert(member).inserted {
                problems.report(
                    "Union type \(union.name) can only include type \(type.name) once.",
                    at: places)
            }
        }
    }

    private mutating func checkInputFields(_ type: NamedType, _ merged: MergedType) {
        if type.inputFields.isEmpty {
            problems.report(
                "Input Object type \(type.name) must define one or more fields.",
                at: merged.places)
        }
        for part in merged.parts where part.node.isExtension {
            for directive in part.node.directives where directive.name.value == "oneOf" {
                problems.report(
                    "Input Object type \(type.name) cannot become OneOf by an extension.",
                    at: [part.place(directive.offset)])
            }
        }
        for (field, node) in zip(type.inputFields, merged.inputFields) {
            let coordinate = "\(type.name).\(field.name)"
            checkIsInput(field, node, coordinate: coordinate)
            if field.isRequired, field.deprecationReason != nil {
                problems.report(
                    "Required input field \(coordinate) cannot be deprecated.",
                    at: deprecationPlaces(node))
            }
            guard type.isOneOf else { continue }
            if field.type.isNonNull {
                problems.report(
                    "OneOf input field \(coordinate) must be nullable.",
                    at: [node.place(node.node.type.offset)])
            }
            if field.defaultValue != nil {
                problems.report(
                    "OneOf input field \(coordinate) cannot have a default value.",
                    at: [node.place(node.node.offset)])
            }
        }
    }

    // MARK: Directives

    private mutating func checkDirective(
        _ directive: DirectiveType, _ node: Located<DirectiveDefinition>
    ) {
        for (argument, argumentNode) in zip(directive.arguments, node.node.arguments) {
            checkArgument(
                argument, node.with(argumentNode),
                coordinate: "@\(directive.name)(\(argument.name):)")
        }
    }

    /// `@specifiedBy` is for custom scalars.
    private mutating func builtInScalarsAreSpecified() {
        for type in assembly.definitions.types
        where BuiltInDefinitions.scalarNames.contains(type.node.name.value) {
            for directive in type.node.directives where directive.name.value == "specifiedBy" {
                problems.report(
                    "Built-in scalar type \(type.node.name.value) cannot be specified by a URL.",
                    at: [type.place(directive.offset)])
            }
        }
    }
}

/// `a`, `a and b`, `a, b, and c`.
private func conjunction(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    if items.count == 2 { return "\(items[0]) and \(last)" }
    return items.dropLast().joined(separator: ", ") + ", and \(last)"
}
