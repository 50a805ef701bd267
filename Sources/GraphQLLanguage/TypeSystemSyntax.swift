/// The syntax tree of the type system. Source: GraphQL, September 2025, §3.

/// `schema { … }` or `extend schema …`.
public struct SchemaDefinition: Sendable {
    public struct OperationTypeDefinition: Sendable {
        public var operation: OperationType
        public var type: Name
        public var offset: Int

        public init(operation: OperationType, type: Name, offset: Int = 0) {
            self.operation = operation
            self.type = type
            self.offset = offset
        }
    }

    public var isExtension: Bool
    public var description: StringValue?
    public var directives: [Directive]
    public var operationTypes: [OperationTypeDefinition]
    public var offset: Int

    public init(
        isExtension: Bool, description: StringValue?, directives: [Directive],
        operationTypes: [OperationTypeDefinition], offset: Int = 0
    ) {
        self.isExtension = isExtension
        self.description = description
        self.directives = directives
        self.operationTypes = operationTypes
        self.offset = offset
    }
}

/// A definition or an extension of a named type. One struct serves all six kinds; the lists that a
/// kind does not have are empty.
public struct TypeDefinition: Sendable {
    public enum Kind: Sendable, CaseIterable {
        case scalar, object, interface, union, `enum`, inputObject
    }

    public var kind: Kind
    public var isExtension: Bool
    public var description: StringValue?
    public var name: Name
    /// Objects and interfaces.
    public var interfaces: [Name]
    public var directives: [Directive]
    /// Objects and interfaces.
    public var fields: [FieldDefinition]
    /// Input objects.
    public var inputFields: [InputValueDefinition]
    /// Unions.
    public var memberTypes: [Name]
    /// Enums.
    public var enumValues: [EnumValueDefinition]
    public var offset: Int

    public init(
        kind: Kind, isExtension: Bool = false, description: StringValue? = nil, name: Name,
        interfaces: [Name] = [], directives: [Directive] = [], fields: [FieldDefinition] = [],
        inputFields: [InputValueDefinition] = [], memberTypes: [Name] = [],
        enumValues: [EnumValueDefinition] = [], offset: Int = 0
    ) {
        self.kind = kind
        self.isExtension = isExtension
        self.description = description
        self.name = name
        self.interfaces = interfaces
        self.directives = directives
        self.fields = fields
        self.inputFields = inputFields
        self.memberTypes = memberTypes
        self.enumValues = enumValues
        self.offset = offset
    }
}

public struct FieldDefinition: Sendable {
    public var description: StringValue?
    public var name: Name
    public var arguments: [InputValueDefinition]
    public var type: TypeNode
    public var directives: [Directive]
    public var offset: Int

    public init(
        description: StringValue? = nil, name: Name, arguments: [InputValueDefinition] = [],
        type: TypeNode, directives: [Directive] = [], offset: Int = 0
    ) {
        self.description = description
        self.name = name
        self.arguments = arguments
        self.type = type
        self.directives = directives
        self.offset = offset
    }
}

/// An argument or an input field.
public struct InputValueDefinition: Sendable {
    public var description: StringValue?
    public var name: Name
    public var type: TypeNode
    public var defaultValue: Value?
    public var directives: [Directive]
    public var offset: Int

    public init(
        description: StringValue? = nil, name: Name, type: TypeNode, defaultValue: Value? = nil,
        directives: [Directive] = [], offset: Int = 0
    ) {
        self.description = description
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.directives = directives
        self.offset = offset
    }
}

public struct EnumValueDefinition: Sendable {
    public var description: StringValue?
    public var name: Name
    public var directives: [Directive]
    public var offset: Int

    public init(
        description: StringValue? = nil, name: Name, directives: [Directive] = [], offset: Int = 0
    ) {
        self.description = description
        self.name = name
        self.directives = directives
        self.offset = offset
    }
}

public struct DirectiveDefinition: Sendable {
    public var description: StringValue?
    public var name: Name
    public var arguments: [InputValueDefinition]
    public var isRepeatable: Bool
    /// Location names as written, each one of the nineteen.
    public var locations: [Name]
    public var offset: Int

    public init(
        description: StringValue? = nil, name: Name, arguments: [InputValueDefinition] = [],
        isRepeatable: Bool = false, locations: [Name], offset: Int = 0
    ) {
        self.description = description
        self.name = name
        self.arguments = arguments
        self.isRepeatable = isRepeatable
        self.locations = locations
        self.offset = offset
    }
}
