import GraphQLLanguage

/// The rules that a type-system document keeps before there are types: names are unique, known,
/// and directives are used as they are defined.
///
/// Fifteen rules, one method each, named as the error's `rule`. Source: GraphQL, September 2025, §3
/// and §5.7.
struct SDLRules {
    let definitions: TypeSystemDefinitions
    var problems: SchemaProblems

    init(_ definitions: TypeSystemDefinitions, sources: [Source]) {
        self.definitions = definitions
        problems = SchemaProblems(sources: sources)
    }

    /// In the order in which the reference implementation applies them to one definition.
    mutating func check() {
        typeSystemDefinitionsOnly()
        loneSchemaDefinition()
        uniqueOperationTypes()
        uniqueTypeNames()
        uniqueEnumValueNames()
        uniqueFieldDefinitionNames()
        uniqueArgumentDefinitionNames()
        uniqueDirectiveNames()
        knownTypeNames()
        let sites = definitions.directiveSites()
        for site in sites { knownDirectives(site) }
        uniqueDirectivesPerLocation(sites)
        possibleTypeExtensions()
        for site in sites {
            knownArgumentNamesOnDirectives(site)
            uniqueArgumentNames(site)
            providedRequiredArgumentsOnDirectives(site)
        }
        for value in definitions.values() { uniqueInputFieldNames(value) }
    }

    /// Operations and fragments do not belong to a schema.
    private mutating func typeSystemDefinitionsOnly() {
        for (name, place) in definitions.executables {
            problems.report("The \(name) is not a type system definition.", at: [place])
        }
    }

    private mutating func loneSchemaDefinition() {
        for schema in definitions.schemas.filter({ !$0.node.isExtension }).dropFirst() {
            problems.report(
                "Must provide only one schema definition.", at: [schema.place(schema.node.offset)],
                rule: "LoneSchemaDefinition")
        }
    }

    private mutating func uniqueOperationTypes() {
        var seen: [OperationType: Place] = [:]
        for schema in definitions.schemas {
            for operationType in schema.node.operationTypes {
                let place = schema.place(operationType.offset)
                guard let first = seen[operationType.operation] else {
                    seen[operationType.operation] = place
                    continue
                }
                problems.report(
                    "There can be only one \(operationType.operation.rawValue) type in schema.",
                    at: [first, place], moment: schema.place(schema.node.offset),
                    rule: "UniqueOperationTypes")
            }
        }
    }

    /// A built-in scalar may be defined again, as what it is: the definition changes nothing.
    private mutating func uniqueTypeNames() {
        var seen: [String: Place] = [:]
        for type in definitions.types where !type.node.isExtension {
            let name = type.node.name
            let place = type.place(name.offset)
            let isBuiltIn = BuiltInDefinitions.scalarNames.contains(name.value)
            if let first = seen[name.value] {
                problems.report(
                    "There can be only one type named \"\(name.value)\".", at: [first, place],
                    moment: type.place(type.node.offset), rule: "UniqueTypeNames")
            } else if isBuiltIn, type.node.kind != .scalar {
                problems.report(
                    "There can be only one type named \"\(name.value)\".", at: [place],
                    moment: type.place(type.node.offset), rule: "UniqueTypeNames")
            }
            seen[name.value] = seen[name.value] ?? place
        }
    }

    private mutating func uniqueEnumValueNames() {
        reportRepeatedMembers(rule: "UniqueEnumValueNames", noun: "Enum value") {
            $0.enumValues.map(\.name)
        }
    }

    private mutating func uniqueFieldDefinitionNames() {
        reportRepeatedMembers(rule: "UniqueFieldDefinitionNames", noun: "Field") {
            $0.fields.map(\.name) + $0.inputFields.map(\.name)
        }
    }

    /// Members are counted over a type's definition and its extensions.
    private mutating func reportRepeatedMembers(
        rule: String, noun: String, members: (TypeDefinition) -> [Name]
    ) {
        var seen: [String: [String: Place]] = [:]
        for type in definitions.types {
            let typeName = type.node.name.value
            for member in members(type.node) {
                let place = type.place(member.offset)
                guard let first = seen[typeName, default: [:]][member.value] else {
                    seen[typeName, default: [:]][member.value] = place
                    continue
                }
                problems.report(
                    "\(noun) \"\(typeName).\(member.value)\" can only be defined once.",
                    at: [first, place], moment: type.place(type.node.offset), rule: rule)
            }
        }
    }

    private mutating func uniqueArgumentDefinitionNames() {
        for type in definitions.types {
            for field in type.node.fields {
                let owner = "\(type.node.name.value).\(field.name.value)"
                reportRepeatedArguments(
                    of: owner, type.with(field.arguments.map(\.name)),
                    moment: type.place(type.node.offset))
            }
        }
        for directive in definitions.directives {
            reportRepeatedArguments(
                of: "@\(directive.node.name.value)",
                directive.with(directive.node.arguments.map(\.name)),
                moment: directive.place(directive.node.offset))
        }
    }

    private mutating func reportRepeatedArguments(
        of owner: String, _ names: Located<[Name]>, moment: Place
    ) {
        for (name, places) in repeated(names) {
            problems.report(
                "Argument \"\(owner)(\(name):)\" can only be defined once.", at: places,
                moment: moment, rule: "UniqueArgumentDefinitionNames")
        }
    }

    /// The names that occur more than once, each with all its places, in order of appearance.
    func repeated(_ names: Located<[Name]>) -> [(name: String, places: [Place])] {
        guard names.node.count > 1 else { return [] }
        var places: [String: [Place]] = [:]
        var order: [String] = []
        for name in names.node {
            if places[name.value] == nil { order.append(name.value) }
            places[name.value, default: []].append(names.place(name.offset))
        }
        return order.compactMap { name in
            places[name].flatMap { $0.count > 1 ? (name, $0) : nil }
        }
    }

    private mutating func uniqueDirectiveNames() {
        var seen: [String: Place] = [:]
        for directive in definitions.directives {
            let name = directive.node.name
            let place = directive.place(name.offset)
            guard let first = seen[name.value] else {
                seen[name.value] = place
                continue
            }
            problems.report(
                "There can be only one directive named \"@\(name.value)\".", at: [first, place],
                moment: directive.place(directive.node.offset), rule: "UniqueDirectiveNames")
        }
    }

    private mutating func knownTypeNames() {
        let builtIn = definitions.builtInTypeNames
        let known = Set(definitions.typeDefinitions.keys).union(builtIn)
        for use in definitions.typeNameUses() where !known.contains(use.node.value) {
            problems.report(
                "Unknown type \"\(use.node.value)\"." + didYouMean(use.node.value, among: known),
                at: [use.place(use.node.offset)], rule: "KnownTypeNames")
        }
        for reference in definitions.typeReferences() where reference.node.isNestedTooDeep {
            problems.report(
                "A type may be nested in at most \(TypeReference.listDepthMax) lists.",
                at: [reference.place(reference.node.offset)])
        }
    }

    private mutating func possibleTypeExtensions() {
        let known = definitions.typeDefinitions
        for type in definitions.types where type.node.isExtension {
            let name = type.node.name
            guard let definition = known[name.value] else {
                problems.report(
                    "Cannot extend type \"\(name.value)\" because it is not defined."
                        + didYouMean(name.value, among: known.keys),
                    at: [type.place(name.offset)], moment: type.place(type.node.offset),
                    rule: "PossibleTypeExtensions")
                continue
            }
            if definition.node.kind != type.node.kind {
                problems.report(
                    "Cannot extend non-\(type.node.kind.noun) type \"\(name.value)\".",
                    at: [definition.place(definition.node.offset), type.place(type.node.offset)],
                    rule: "PossibleTypeExtensions")
            }
        }
    }
}

extension TypeNode {
    var isNestedTooDeep: Bool { TypeReference(self, named: TypeID(0)) == nil }
}
