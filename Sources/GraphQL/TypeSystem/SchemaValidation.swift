import GraphQLLanguage

/// Checks that types fit together: root types, names, input and output types, and, in the files
/// beside this one, interfaces, default values and cycles.
///
/// Source: GraphQL, September 2025, §3.3–3.13 (each "Type Validation" and "Validation" section).
struct SchemaValidation {
    let assembly: SchemaAssembly
    let codecs: ScalarCodecs
    private(set) var problems: SchemaProblems
    /// The definition that is looked at: what is found belongs there.
    private var definition: Place?

    var schema: Schema { assembly.schema }

    init(_ assembly: SchemaAssembly, codecs: ScalarCodecs, sources: [Source]) {
        self.assembly = assembly
        self.codecs = codecs
        problems = SchemaProblems(sources: sources)
    }

    mutating func check() {
        problems.part = .rootTypes
        look(at: Place(document: nil, offset: 0))
        rootTypes()

        problems.part = .directives
        for (index, directive) in assembly.directives.enumerated() where directive.document != nil {
            look(at: directive.place(directive.node.offset))
            checkDirective(schema.directives[index], directive)
        }
        for directive in assembly.definitions.directives {
            look(at: directive.place(directive.node.offset))
            checkNames(of: directive)
        }
        directivesDoNotReferenceThemselves()

        problems.part = .types
        for type in assembly.definitions.types {
            let definition = assembly.definitions.typeDefinitions[type.node.name.value] ?? type
            look(at: definition.place(definition.node.offset))
            checkNames(of: type)
        }
        for (index, merged) in assembly.types.enumerated() where !merged.isBuiltIn {
            look(at: merged.places.first)
            checkType(TypeID(index), merged)
        }
        builtInScalarsAreSpecified()
        inputObjectsHaveFiniteValues()
        defaultValuesHaveNoCycles()
        appliedDirectivesHaveCorrectValues()
    }

    mutating func look(at place: Place?) { definition = place }

    /// Reports a problem of the definition that is looked at.
    mutating func report(
        _ message: String, at places: [Place], rule: String = SchemaProblems.validationRule
    ) {
        problems.report(message, at: places, moment: definition, rule: rule)
    }

    // MARK: Root types

    private mutating func rootTypes() {
        let roots = assembly.roots
        if !roots.contains(where: { $0.operation == .query }) {
            let definition = assembly.definitions.schemas.first { !$0.node.isExtension }
            report(
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
                report(
                    "\(operation.defaultTypeName) root type must be Object type\(provided), "
                        + "it cannot be \(named.name).",
                    at: [place])
            }
        }
        for (type, uses) in usesByType where uses.count > 1 {
            let list = conjunction(uses.map(\.operation.rawValue))
            report(
                "All root types must be different, \"\(schema[type].name)\" type is used as "
                    + "\(list) root types.",
                at: uses.map(\.place))
        }
    }

    // MARK: Names

    /// Two underscores in front belong to introspection, in every name that a schema defines.
    private mutating func checkNames(of type: Located<TypeDefinition>) {
        let node = type.node
        if !node.isExtension { checkName(node.name, type.place(node.offset)) }
        for field in node.fields {
            checkName(field.name, type.place(field.offset))
            for argument in field.arguments {
                checkName(argument.name, type.place(argument.offset))
            }
        }
        for field in node.inputFields { checkName(field.name, type.place(field.offset)) }
        for value in node.enumValues { checkName(value.name, type.place(value.offset)) }
    }

    private mutating func checkNames(of directive: Located<DirectiveDefinition>) {
        checkName(directive.node.name, directive.place(directive.node.offset))
        for argument in directive.node.arguments {
            checkName(argument.name, directive.place(argument.offset))
        }
    }

    /// - Parameter place: of the definition.
    private mutating func checkName(_ name: Name, _ place: Place) {
        guard name.value.hasPrefix("__") else { return }
        report(
            "Name \"\(name.value)\" must not begin with \"__\", "
                + "which is reserved by GraphQL introspection.",
            at: [place])
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
                report(
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
            report(
                "Type \(type.name) must define one or more fields.", at: merged.places)
        }
        for (field, node) in zip(type.fields, merged.fields) {
            let coordinate = "\(type.name).\(field.name)"
            if !schema[field.type].isOutput {
                report(
                    "The type of \(coordinate) must be Output Type but got: "
                        + "\(schema.describe(field.type)).",
                    at: [node.place(node.node.type.offset)])
            }
            for (argument, argumentNode) in zip(field.arguments, node.node.arguments) {
                checkArgument(
                    argument, node.with(argumentNode),
                    coordinate: "\(coordinate)(\(argument.name):)",
                    typePlace: node.place(argumentNode.type.offset))
            }
        }
    }

    /// - Parameter typePlace: where a type that is no input type is shown.
    private mutating func checkArgument(
        _ argument: InputValue, _ node: Located<InputValueDefinition>, coordinate: String,
        typePlace: Place
    ) {
        checkIsInput(argument, coordinate: coordinate, typePlace: typePlace)
        if argument.isRequired, argument.deprecationReason != nil {
            report(
                "Required argument \(coordinate) cannot be deprecated.",
                at: deprecationPlaces(node))
        }
        checkDefault(argument, node, coordinate: coordinate)
    }

    private mutating func checkIsInput(
        _ value: InputValue, coordinate: String, typePlace: Place
    ) {
        guard !schema[value.type].isInput else { return }
        report(
            "The type of \(coordinate) must be Input Type but got: "
                + "\(schema.describe(value.type)).",
            at: [typePlace])
    }

    private func deprecationPlaces(_ node: Located<InputValueDefinition>) -> [Place] {
        let directive = node.node.directives.first { $0.name.value == "deprecated" }
        return [directive?.offset, node.node.type.offset].compactMap { $0 }.map(node.place)
    }

    private mutating func checkMemberTypes(_ union: NamedType, _ merged: MergedType) {
        if union.memberTypes.isEmpty {
            report(
                "Union type \(union.name) must define one or more member types.",
                at: merged.places)
        }
        var seen: Set<TypeID> = []
        for member in union.memberTypes {
            let type = schema[member]
            let places = merged.memberTypes.filter { $0.node.value == type.name }
                .map { $0.place($0.node.offset) }
            if type.kind != .object {
                report(
                    "Union type \(union.name) can only include Object types, "
                        + "it cannot include \(type.name).",
                    at: places)
            } else if !seen.insert(member).inserted {
                report(
                    "Union type \(union.name) can only include type \(type.name) once.",
                    at: places)
            }
        }
    }

    private mutating func checkInputFields(_ type: NamedType, _ merged: MergedType) {
        if type.inputFields.isEmpty {
            report(
                "Input Object type \(type.name) must define one or more fields.",
                at: merged.places)
        }
        for part in merged.parts where part.node.isExtension {
            for directive in part.node.directives where directive.name.value == "oneOf" {
                report(
                    "Input Object type \(type.name) cannot become OneOf by an extension.",
                    at: [part.place(directive.offset)])
            }
        }
        for (field, node) in zip(type.inputFields, merged.inputFields) {
            let coordinate = "\(type.name).\(field.name)"
            checkIsInput(
                field, coordinate: coordinate, typePlace: node.place(node.node.type.offset))
            if field.isRequired, field.deprecationReason != nil {
                report(
                    "Required input field \(coordinate) cannot be deprecated.",
                    at: deprecationPlaces(node))
            }
            checkDefault(field, node, coordinate: coordinate)
            guard type.isOneOf else { continue }
            if field.type.isNonNull {
                report(
                    "OneOf input field \(coordinate) must be nullable.",
                    at: [node.place(node.node.type.offset)])
            }
            if field.defaultValue != nil {
                report(
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
                coordinate: "@\(directive.name)(\(argument.name):)",
                typePlace: node.place(argumentNode.offset))
        }
    }

    /// `@specifiedBy` is for custom scalars.
    private mutating func builtInScalarsAreSpecified() {
        for type in assembly.definitions.types
        where BuiltInDefinitions.scalarNames.contains(type.node.name.value) {
            look(at: type.place(type.node.offset))
            for directive in type.node.directives where directive.name.value == "specifiedBy" {
                report(
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
