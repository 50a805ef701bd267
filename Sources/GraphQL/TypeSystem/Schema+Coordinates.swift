import GraphQLLanguage

/// What a schema coordinate names.
public enum SchemaElement: Sendable {
    case type(TypeID)
    /// A field of an object or interface; `index` counts in `NamedType.fields`.
    case field(TypeID, index: Int)
    /// `index` counts in `NamedType.inputFields`.
    case inputField(TypeID, index: Int)
    /// `index` counts in `NamedType.enumValues`.
    case enumValue(TypeID, index: Int)
    /// `argument` counts in `FieldType.arguments`.
    case argument(TypeID, field: Int, argument: Int)
    /// Counts in `Schema.directives`.
    case directive(index: Int)
    /// `argument` counts in `DirectiveType.arguments`.
    case directiveArgument(directive: Int, argument: Int)
}

/// Why a schema coordinate has no meaning: what would contain the element does not exist.
public enum SchemaCoordinateError: Error, Sendable, Equatable {
    case noType(String)
    /// A scalar or union.
    case hasNoMembers(type: String)
    /// Neither object nor interface.
    case hasNoArguments(type: String)
    case noField(String, type: String)
    case noDirective(String)

    public var message: String {
        switch self {
        case .noType(let type):
            "Expected \"\(type)\" to be defined as a type in the schema."
        case .hasNoMembers(let type):
            "Expected \"\(type)\" to be an Enum, Input Object, Object or Interface type."
        case .hasNoArguments(let type):
            "Expected \"\(type)\" to be an object type or interface type."
        case .noField(let field, let type):
            "Expected \"\(field)\" to exist as a field of type \"\(type)\" in the schema."
        case .noDirective(let directive):
            "Expected \"\(directive)\" to be defined as a directive in the schema."
        }
    }
}

extension Schema {
    /// The element that a coordinate names, or nil when what contains it has no such element.
    ///
    /// The types of introspection and the meta-fields have no coordinates.
    ///
    /// - Throws: when that which would contain the element does not exist.
    ///
    /// Source: GraphQL, September 2025, §3.14.
    public func resolve(
        _ coordinate: SchemaCoordinate
    ) throws(SchemaCoordinateError) -> SchemaElement? {
        switch coordinate {
        case .type(let name):
            return coordinateType(name).map(SchemaElement.type)
        case .member(let typeName, let member):
            return try resolveMember(member, of: typeName)
        case .argument(let typeName, let fieldName, let argument):
            return try resolveArgument(argument, ofField: fieldName, of: typeName)
        case .directive(let name):
            return directiveIndex[name].map { .directive(index: $0) }
        case .directiveArgument(let name, let argument):
            guard let index = directiveIndex[name] else { throw .noDirective(name) }
            return directives[index].arguments.firstIndex { $0.name == argument }
                .map { .directiveArgument(directive: index, argument: $0) }
        }
    }

    private func coordinateType(_ name: String) -> TypeID? {
        name.hasPrefix("__") ? nil : type(named: name)
    }

    private func resolveMember(
        _ member: String, of typeName: String
    ) throws(SchemaCoordinateError) -> SchemaElement? {
        guard let id = coordinateType(typeName) else { throw .noType(typeName) }
        let index = self[id].index(of: member)
        switch self[id].kind {
        case .object, .interface: return index.map { .field(id, index: $0) }
        case .inputObject: return index.map { .inputField(id, index: $0) }
        case .enum: return index.map { .enumValue(id, index: $0) }
        case .scalar, .union: throw .hasNoMembers(type: typeName)
        }
    }

    private func resolveArgument(
        _ argument: String, ofField fieldName: String, of typeName: String
    ) throws(SchemaCoordinateError) -> SchemaElement? {
        guard let id = coordinateType(typeName) else { throw .noType(typeName) }
        let type = self[id]
        guard type.kind == .object || type.kind == .interface else {
            throw .hasNoArguments(type: typeName)
        }
        guard let field = type.index(of: fieldName) else {
            throw .noField(fieldName, type: typeName)
        }
        return type.fields[field].argumentIndex(argument)
            .map { .argument(id, field: field, argument: $0) }
    }
}
