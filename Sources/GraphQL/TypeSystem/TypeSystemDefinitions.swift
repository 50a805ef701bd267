import GraphQLLanguage

/// The type-system definitions of all documents, in order, with the built-in ones beside them.
struct TypeSystemDefinitions {
    /// Definitions and extensions of the schema.
    private(set) var schemas: [Located<SchemaDefinition>] = []
    /// Definitions and extensions of types.
    private(set) var types: [Located<TypeDefinition>] = []
    private(set) var directives: [Located<DirectiveDefinition>] = []
    /// Operations and fragments: they have no business here.
    private(set) var executables: [(name: String, place: Place)] = []

    private(set) var builtInTypes: [Located<TypeDefinition>] = []
    private(set) var builtInDirectives: [Located<DirectiveDefinition>] = []

    /// The first definition of each type name that the documents define.
    private(set) var typeDefinitions: [String: Located<TypeDefinition>] = [:]
    /// The definition that counts for each directive name: the documents' first one, else the
    /// built-in one.
    private(set) var directiveDefinitions: [String: Located<DirectiveDefinition>] = [:]

    init(_ documents: [Document]) {
        for definition in BuiltInDefinitions.document.definitions {
            switch definition {
            case .type(let type):
                builtInTypes.append(Located(node: type, document: nil))
            case .directive(let directive):
                builtInDirectives.append(Located(node: directive, document: nil))
            case .schema, .operation, .fragment:
                break
            }
        }
        for (index, document) in documents.enumerated() {
            for definition in document.definitions { add(definition, document: index) }
        }
        for located in types where !located.node.isExtension {
            let name = located.node.name.value
            if typeDefinitions[name] == nil { typeDefinitions[name] = located }
        }
        for located in directives + builtInDirectives {
            let name = located.node.name.value
            if directiveDefinitions[name] == nil { directiveDefinitions[name] = located }
        }
    }

    private mutating func add(_ definition: Definition, document: Int) {
        switch definition {
        case .schema(let schema):
            schemas.append(Located(node: schema, document: document))
        case .type(let type):
            types.append(Located(node: type, document: document))
        case .directive(let directive):
            directives.append(Located(node: directive, document: document))
        case .operation(let operation):
            let name = operation.name.map { "\(operation.type.rawValue) \($0.value)" }
            executables.append(
                (
                    name ?? "anonymous \(operation.type.rawValue)",
                    Place(document: document, offset: operation.offset)
                ))
        case .fragment(let fragment):
            executables.append(
                (
                    "fragment \(fragment.name.value)",
                    Place(document: document, offset: fragment.offset)
                ))
        }
    }

    /// Names that a reference may use without a definition in the documents.
    var builtInTypeNames: [String] { builtInTypes.map(\.node.name.value) }
}

/// A directive list and what it is applied to.
struct DirectiveSite {
    let directives: [Directive]
    let location: DirectiveLocation
    let document: Int?
    /// Where the node begins that they are applied to.
    let offset: Int
    /// What the uniqueness of directives is counted over: a definition and its extensions share a
    /// key, everything else has none.
    let owner: String?
}

extension TypeSystemDefinitions {
    /// Every place of the documents where directives may be applied, empty lists left out.
    func directiveSites() -> [DirectiveSite] {
        var sites: [DirectiveSite] = []
        func add(
            _ directives: [Directive], _ location: DirectiveLocation, of node: Place,
            owner: String? = nil
        ) {
            guard !directives.isEmpty else { return }
            sites.append(
                DirectiveSite(
                    directives: directives, location: location, document: node.document,
                    offset: node.offset, owner: owner))
        }
        for schema in schemas {
            add(
                schema.node.directives, .schema, of: schema.place(schema.node.offset),
                owner: "schema")
        }
        for located in types {
            let type = located.node
            add(
                type.directives, type.kind.directiveLocation, of: located.place(type.offset),
                owner: "type \(type.name.value)")
            for field in type.fields {
                add(field.directives, .fieldDefinition, of: located.place(field.offset))
                for argument in field.arguments {
                    let node = located.place(argument.offset)
                    add(argument.directives, .argumentDefinition, of: node)
                }
            }
            for field in type.inputFields {
                add(field.directives, .inputFieldDefinition, of: located.place(field.offset))
            }
            for value in type.enumValues {
                add(value.directives, .enumValue, of: located.place(value.offset))
            }
        }
        for located in directives {
            for argument in located.node.arguments {
                add(argument.directives, .argumentDefinition, of: located.place(argument.offset))
            }
        }
        return sites
    }

    /// Every name of a type that the documents refer to.
    func typeNameUses() -> [Located<Name>] {
        var uses: [Located<Name>] = []
        for schema in schemas {
            uses += schema.node.operationTypes.map { schema.with($0.type) }
        }
        for reference in typeReferences() { uses.append(reference.with(reference.node.name)) }
        for type in types {
            uses += type.node.interfaces.map { type.with($0) }
            uses += type.node.memberTypes.map { type.with($0) }
        }
        return uses
    }

    /// Every type reference of a field, argument or input field of the documents.
    func typeReferences() -> [Located<TypeNode>] {
        var references: [Located<TypeNode>] = []
        for type in types {
            for field in type.node.fields {
                references += field.arguments.map { type.with($0.type) }
                references.append(type.with(field.type))
            }
            references += type.node.inputFields.map { type.with($0.type) }
        }
        for directive in directives {
            references += directive.node.arguments.map { directive.with($0.type) }
        }
        return references
    }

    /// Every default value and every value of a directive's argument in the documents.
    func values() -> [Located<Value>] {
        var values: [Located<Value>] = []
        func add(_ inputs: [InputValueDefinition], _ document: Int?) {
            for input in inputs {
                if let value = input.defaultValue {
                    values.append(Located(node: value, document: document))
                }
            }
        }
        for type in types {
            for field in type.node.fields { add(field.arguments, type.document) }
            add(type.node.inputFields, type.document)
        }
        for directive in directives { add(directive.node.arguments, directive.document) }
        for site in directiveSites() {
            for argument in site.directives.flatMap(\.arguments) {
                values.append(Located(node: argument.value, document: site.document))
            }
        }
        return values
    }
}

extension TypeDefinition.Kind {
    var directiveLocation: DirectiveLocation {
        switch self {
        case .scalar: .scalar
        case .object: .object
        case .interface: .interface
        case .union: .union
        case .enum: .enum
        case .inputObject: .inputObject
        }
    }

    /// As a sentence names it.
    var noun: String {
        switch self {
        case .scalar: "scalar"
        case .object: "object"
        case .interface: "interface"
        case .union: "union"
        case .enum: "enum"
        case .inputObject: "input object"
        }
    }

    var namedTypeKind: NamedType.Kind {
        switch self {
        case .scalar: .scalar
        case .object: .object
        case .interface: .interface
        case .union: .union
        case .enum: .enum
        case .inputObject: .inputObject
        }
    }
}
