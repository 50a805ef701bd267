import GraphQLLanguage

/// Makes a checked schema of one or several documents.
///
/// Definitions may refer to each other across documents, in any order, and extensions are merged
/// into what they extend. The built-in scalars that are referred to, the built-in directives and
/// the types of introspection are added; a document may define a built-in directive again, its
/// definition then counts. Without a `schema` definition the types `Query`, `Mutation` and
/// `Subscription` are the root types.
///
/// - Parameter codecs: of custom scalars, to check default values and directive arguments with; a
///   scalar without one takes any value.
/// - Throws: all problems of the first stage that has any: the rules of the definition language,
///   then the validation of the type system.
/// - Complexity: O(definitions), times the number of implementations for interfaces.
///
/// Source: GraphQL, September 2025, §3.
public func buildSchema(
    _ documents: [Document], codecs: ScalarCodecs = [:]
) throws(SchemaErrors) -> Schema {
    let sources = documents.map(\.source)
    let definitions = TypeSystemDefinitions(documents)

    var rules = SDLRules(definitions, sources: sources)
    rules.check()
    try rules.problems.throwIfAny()

    let assembly = SchemaAssembly(definitions)
    var validation = SchemaValidation(assembly, codecs: codecs, sources: sources)
    validation.check()
    try validation.problems.throwIfAny()
    return assembly.schema
}

/// A type with all that its extensions add, still as syntax: errors need the places.
struct MergedType {
    /// The definition, then its extensions.
    let parts: [Located<TypeDefinition>]
    /// Each in the order of the schema's lists.
    let fields: [Located<FieldDefinition>]
    let inputFields: [Located<InputValueDefinition>]
    let enumValues: [Located<EnumValueDefinition>]
    let interfaces: [Located<Name>]
    let memberTypes: [Located<Name>]

    init(parts: [Located<TypeDefinition>]) {
        self.parts = parts
        func merged<Node>(_ list: KeyPath<TypeDefinition, [Node]>) -> [Located<Node>] {
            parts.flatMap { part in part.node[keyPath: list].map { part.with($0) } }
        }
        fields = merged(\.fields)
        inputFields = merged(\.inputFields)
        enumValues = merged(\.enumValues)
        interfaces = merged(\.interfaces)
        memberTypes = merged(\.memberTypes)
    }

    /// Of the definition and each extension.
    var places: [Place] { parts.map { $0.place($0.node.offset) } }

    var isBuiltIn: Bool { parts.first?.document == nil }
}

/// A schema made from definitions that keep the SDL rules, beside the syntax it was made from. Not
/// yet validated: it leaves this room only if `SchemaValidation` finds nothing.
struct SchemaAssembly {
    let definitions: TypeSystemDefinitions
    let schema: Schema
    /// In the order of `schema.types`.
    let types: [MergedType]
    /// In the order of `schema.directives`.
    let directives: [Located<DirectiveDefinition>]
    /// The root types with their places, in the order of the operation types.
    let roots: [(operation: OperationType, type: TypeID, place: Place)]

    init(_ definitions: TypeSystemDefinitions) {
        self.definitions = definitions
        let types = Self.mergedTypes(definitions)
        self.types = types
        var ids: [String: TypeID] = [:]
        for (index, type) in types.enumerated() {
            if let name = type.parts.first?.node.name.value { ids[name] = TypeID(index) }
        }
        let maker = TypeMaker(ids: ids)
        let directives = Self.effectiveDirectives(definitions)
        self.directives = directives
        let roots = Self.rootTypes(definitions, types, ids)
        self.roots = roots

        let rootIDs = Dictionary(uniqueKeysWithValues: roots.map { ($0.operation, $0.type) })
        let schemaDefinition = definitions.schemas.first { !$0.node.isExtension }
        schema = Schema(
            description: schemaDefinition?.node.description?.value,
            types: types.map(maker.namedType),
            directives: directives.map { maker.directive($0.node) },
            // A schema without a query type does not pass validation.
            queryType: rootIDs[.query] ?? TypeID(0),
            mutationType: rootIDs[.mutation],
            subscriptionType: rootIDs[.subscription],
            appliedDirectives: definitions.schemas.flatMap(\.node.directives))
    }

    /// The documents' types in their order, then the built-in scalars that are referred to, then
    /// the types of introspection.
    private static func mergedTypes(_ definitions: TypeSystemDefinitions) -> [MergedType] {
        var extensions: [String: [Located<TypeDefinition>]] = [:]
        for type in definitions.types where type.node.isExtension {
            extensions[type.node.name.value, default: []].append(type)
        }
        let builtInNames = Set(definitions.builtInTypeNames)
        var types: [MergedType] = []
        for type in definitions.types where !type.node.isExtension {
            let name = type.node.name.value
            guard !builtInNames.contains(name) else { continue }
            types.append(MergedType(parts: [type] + (extensions[name] ?? [])))
        }
        // The types of introspection and the built-in directives refer to these two.
        var referred: Set<String> = ["String", "Boolean"]
        for use in definitions.typeNameUses() { referred.insert(use.node.value) }
        for type in definitions.builtInTypes {
            guard type.node.kind != .scalar || referred.contains(type.node.name.value) else {
                continue
            }
            types.append(MergedType(parts: [type]))
        }
        return types
    }

    /// The built-in directives, each as the documents define it if they do, then the others.
    private static func effectiveDirectives(
        _ definitions: TypeSystemDefinitions
    ) -> [Located<DirectiveDefinition>] {
        let builtIn = definitions.builtInDirectives.compactMap {
            definitions.directiveDefinitions[$0.node.name.value]
        }
        return builtIn
            + definitions.directives.filter {
                !BuiltInDefinitions.directiveNames.contains($0.node.name.value)
            }
    }

    private static func rootTypes(
        _ definitions: TypeSystemDefinitions, _ types: [MergedType], _ ids: [String: TypeID]
    ) -> [(operation: OperationType, type: TypeID, place: Place)] {
        var roots: [(operation: OperationType, type: TypeID, place: Place)] = []
        let hasDefinition = definitions.schemas.contains { !$0.node.isExtension }
        for operation in OperationType.allCases {
            let written = definitions.schemas.lazy.compactMap { schema in
                schema.node.operationTypes.first { $0.operation == operation }
                    .map { schema.with($0.type) }
            }.first
            if let written, let id = ids[written.node.value] {
                roots.append((operation, id, written.place(written.node.offset)))
            } else if !hasDefinition, let id = ids[operation.defaultTypeName],
                let place = types[id.index].places.first
            {
                roots.append((operation, id, place))
            }
        }
        return roots
    }
}

extension OperationType {
    /// The root type's name in a document without a `schema` definition.
    var defaultTypeName: String {
        switch self {
        case .query: "Query"
        case .mutation: "Mutation"
        case .subscription: "Subscription"
        }
    }
}

/// Syntax made into types, all names known.
private struct TypeMaker {
    let ids: [String: TypeID]

    func namedType(_ type: MergedType) -> NamedType {
        // Each merged type has its definition first.
        let definition = type.parts[0].node
        let directives = type.parts.flatMap(\.node.directives)
        return NamedType(
            kind: definition.kind.namedTypeKind,
            name: definition.name.value,
            description: definition.description?.value,
            specifiedByURL: directives.last { $0.name.value == "specifiedBy" }?.string("url"),
            fields: type.fields.map { field($0.node) },
            interfaces: type.interfaces.compactMap { ids[$0.node.value] },
            memberTypes: type.memberTypes.compactMap { ids[$0.node.value] },
            enumValues: type.enumValues.map { enumValue($0.node) },
            inputFields: type.inputFields.map { inputValue($0.node) },
            isOneOf: definition.directives.contains { $0.name.value == "oneOf" },
            appliedDirectives: directives)
    }

    private func field(_ definition: FieldDefinition) -> FieldType {
        FieldType(
            name: definition.name.value,
            description: definition.description?.value,
            arguments: definition.arguments.map(inputValue),
            type: reference(definition.type),
            deprecationReason: definition.directives.deprecationReason,
            appliedDirectives: definition.directives)
    }

    private func inputValue(_ definition: InputValueDefinition) -> InputValue {
        InputValue(
            name: definition.name.value,
            description: definition.description?.value,
            type: reference(definition.type),
            defaultValue: definition.defaultValue,
            deprecationReason: definition.directives.deprecationReason,
            appliedDirectives: definition.directives)
    }

    private func enumValue(_ definition: EnumValueDefinition) -> EnumValue {
        EnumValue(
            name: definition.name.value,
            description: definition.description?.value,
            deprecationReason: definition.directives.deprecationReason,
            appliedDirectives: definition.directives)
    }

    func directive(_ definition: DirectiveDefinition) -> DirectiveType {
        DirectiveType(
            name: definition.name.value,
            description: definition.description?.value,
            arguments: definition.arguments.map(inputValue),
            isRepeatable: definition.isRepeatable,
            locations: definition.locations.compactMap { DirectiveLocation(rawValue: $0.value) })
    }

    private func reference(_ node: TypeNode) -> TypeReference {
        guard let named = ids[node.name.value], let reference = TypeReference(node, named: named)
        else { preconditionFailure("the SDL rules let the type \(print(node)) pass") }
        return reference
    }
}

extension [Directive] {
    /// Nil when `@deprecated` is not among them.
    var deprecationReason: String? {
        first { $0.name.value == "deprecated" }.map {
            $0.string("reason") ?? BuiltInDefinitions.deprecationReasonDefault
        }
    }
}

extension Directive {
    /// The value of an argument that is written as a string.
    func string(_ argument: String) -> String? {
        guard let argument = arguments.first(where: { $0.name.value == argument }),
            case .string(let value) = argument.value.kind
        else { return nil }
        return value.value
    }
}
