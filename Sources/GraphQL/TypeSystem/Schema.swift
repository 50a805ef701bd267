import GraphQLLanguage

/// A GraphQL schema, checked and immutable. Source: GraphQL, September 2025, §3.
///
/// Types lie in one array, in source order, then the built-in scalars that are referred to, then the
/// types of introspection. They refer to each other by `TypeID`; so a schema is a value without
/// cycles that any thread may read.
public final class Schema: Sendable {
    public let description: String?
    public let types: [NamedType]
    /// Built-in directives first, then in source order.
    public let directives: [DirectiveType]
    public let queryType: TypeID
    public let mutationType: TypeID?
    public let subscriptionType: TypeID?
    /// Directives applied to the schema definition and its extensions, as written.
    public let appliedDirectives: [Directive]

    private let typeIndex: NameIndex
    private let members: MemberTable
    /// By type.
    private let kinds: [NamedType.Kind]
    let directiveIndex: NameIndex
    /// For an interface or union its possible object types, in source order; else empty.
    let possibleTypeIDs: [[TypeID]]

    init(
        description: String?, types: [NamedType], directives: [DirectiveType], queryType: TypeID,
        mutationType: TypeID?, subscriptionType: TypeID?, appliedDirectives: [Directive]
    ) {
        self.description = description
        self.types = types
        self.directives = directives
        self.queryType = queryType
        self.mutationType = mutationType
        self.subscriptionType = subscriptionType
        self.appliedDirectives = appliedDirectives
        typeIndex = NameIndex(types.map(\.name))
        members = MemberTable(types)
        kinds = types.map(\.kind)
        directiveIndex = NameIndex(directives.map(\.name))
        var possible = [[TypeID]](repeating: [], count: types.count)
        for (index, type) in types.enumerated() {
            switch type.kind {
            case .object:
                for interface in type.interfaces { possible[interface.index].append(TypeID(index)) }
            case .union: possible[index] = type.memberTypes
            default: break
            }
        }
        possibleTypeIDs = possible
    }

    public subscript(id: TypeID) -> NamedType { types[id.index] }

    /// The named type inside the wrappers.
    public subscript(reference: TypeReference) -> NamedType { types[reference.named.index] }

    public func type(named name: String) -> TypeID? { typeIndex[name].map { TypeID($0) } }
    public func type(named name: Name) -> TypeID? { typeIndex[name].map { TypeID($0) } }

    public func directive(named name: String) -> DirectiveType? {
        directiveIndex[name].map { directives[$0] }
    }
    public func directive(named name: Name) -> DirectiveType? {
        directiveIndex[name].map { directives[$0] }
    }

    /// The same as `self[type].kind`, without counting a reference.
    func kind(_ type: TypeID) -> NamedType.Kind { kinds[type.index] }

    /// A field of an object or interface, or an input field.
    func member(_ name: Name, of type: TypeID) -> MemberTable.Member? {
        members.member(name, of: type)
    }

    public func rootType(_ operation: OperationType) -> TypeID? {
        switch operation {
        case .query: queryType
        case .mutation: mutationType
        case .subscription: subscriptionType
        }
    }

    /// The object types that a value of an abstract type can have.
    public func possibleTypes(_ abstract: TypeID) -> [TypeID] { possibleTypeIDs[abstract.index] }

    /// True when a value of type `object` is also one of type `type` (the same, an interface it
    /// implements, a union it belongs to).
    public func isSubtype(_ object: TypeID, of type: TypeID) -> Bool {
        if object == type { return true }
        switch kinds[type.index] {
        case .interface: return types[object.index].interfaces.contains(type)
        case .union: return types[type.index].memberTypes.contains(object)
        default: return false
        }
    }
}

/// A named type of any of the six kinds; lists that a kind does not have are empty.
public final class NamedType: Sendable {
    public enum Kind: Sendable {
        case scalar, object, interface, union, `enum`, inputObject

        var isLeaf: Bool { self == .scalar || self == .enum }
        var isComposite: Bool { self == .object || self == .interface || self == .union }
        var isAbstract: Bool { self == .interface || self == .union }
        var isInput: Bool { isLeaf || self == .inputObject }
    }

    public let kind: Kind
    public let name: String
    public let description: String?
    /// `@specifiedBy(url:)` of a scalar.
    public let specifiedByURL: String?
    /// Objects and interfaces, in source order.
    public let fields: [FieldType]
    public let interfaces: [TypeID]
    /// Unions.
    public let memberTypes: [TypeID]
    /// Enums.
    public let enumValues: [EnumValue]
    /// Input objects.
    public let inputFields: [InputValue]
    /// `@oneOf` of an input object.
    public let isOneOf: Bool
    /// Directives applied to the definition and its extensions, as written.
    public let appliedDirectives: [Directive]

    /// Which of the built-in scalars it is.
    let builtInScalar: BuiltInScalar?
    /// Whether some input field is required or has a default.
    let hasFieldsToFill: Bool
    let memberIndex: NameIndex

    init(
        kind: Kind, name: String, description: String? = nil, specifiedByURL: String? = nil,
        fields: [FieldType] = [], interfaces: [TypeID] = [], memberTypes: [TypeID] = [],
        enumValues: [EnumValue] = [], inputFields: [InputValue] = [], isOneOf: Bool = false,
        appliedDirectives: [Directive] = []
    ) {
        self.kind = kind
        self.name = name
        self.description = description
        self.specifiedByURL = specifiedByURL
        self.fields = fields
        self.interfaces = interfaces
        self.memberTypes = memberTypes
        self.enumValues = enumValues
        self.inputFields = inputFields
        self.isOneOf = isOneOf
        self.appliedDirectives = appliedDirectives
        builtInScalar = kind == .scalar ? BuiltInScalar(name) : nil
        hasFieldsToFill = inputFields.contains { $0.type.isNonNull || $0.defaultValue != nil }
        memberIndex = NameIndex(
            fields.map(\.name) + enumValues.map(\.name) + inputFields.map(\.name))
    }

    /// Place of a field, enum value or input field in its list.
    public func index(of member: String) -> Int? { memberIndex[member] }
    public func index(of member: Name) -> Int? { memberIndex[member] }
    public func field(_ name: String) -> FieldType? {
        kind == .object || kind == .interface ? memberIndex[name].map { fields[$0] } : nil
    }
    public func inputField(_ name: String) -> InputValue? {
        kind == .inputObject ? memberIndex[name].map { inputFields[$0] } : nil
    }
    public func enumValue(_ name: String) -> EnumValue? {
        kind == .enum ? memberIndex[name].map { enumValues[$0] } : nil
    }

    public var isLeaf: Bool { kind.isLeaf }
    public var isComposite: Bool { kind.isComposite }
    public var isAbstract: Bool { kind.isAbstract }
    public var isInput: Bool { kind.isInput }
    public var isOutput: Bool { kind != .inputObject }
}

/// A field of an object or interface.
public final class FieldType: Sendable {
    public let name: String
    public let description: String?
    public let arguments: [InputValue]
    public let type: TypeReference
    public let deprecationReason: String?
    public let appliedDirectives: [Directive]

    let hasRequiredArguments: Bool
    let argumentIndex: NameIndex

    init(
        name: String, description: String? = nil, arguments: [InputValue] = [],
        type: TypeReference, deprecationReason: String? = nil, appliedDirectives: [Directive] = []
    ) {
        self.name = name
        self.description = description
        self.arguments = arguments
        self.type = type
        self.deprecationReason = deprecationReason
        self.appliedDirectives = appliedDirectives
        hasRequiredArguments = arguments.contains { $0.isRequired }
        argumentIndex = NameIndex(arguments.map(\.name))
    }

    public func argument(_ name: String) -> InputValue? {
        argumentIndex[name].map { arguments[$0] }
    }
    public func argumentIndex(_ name: String) -> Int? { argumentIndex[name] }
}

/// An argument or an input field.
public final class InputValue: Sendable {
    public let name: String
    public let description: String?
    public let type: TypeReference
    /// As written; it has been checked to coerce.
    public let defaultValue: Value?
    public let deprecationReason: String?
    public let appliedDirectives: [Directive]

    init(
        name: String, description: String? = nil, type: TypeReference, defaultValue: Value? = nil,
        deprecationReason: String? = nil, appliedDirectives: [Directive] = []
    ) {
        self.name = name
        self.description = description
        self.type = type
        self.defaultValue = defaultValue
        self.deprecationReason = deprecationReason
        self.appliedDirectives = appliedDirectives
    }

    /// Non-null and without a default. Source: GraphQL, September 2025, §5.4.3.
    public var isRequired: Bool { type.isNonNull && defaultValue == nil }
}

public struct EnumValue: Sendable {
    public let name: String
    public let description: String?
    public let deprecationReason: String?
    public let appliedDirectives: [Directive]

    init(
        name: String, description: String? = nil, deprecationReason: String? = nil,
        appliedDirectives: [Directive] = []
    ) {
        self.name = name
        self.description = description
        self.deprecationReason = deprecationReason
        self.appliedDirectives = appliedDirectives
    }
}

/// The definition of a directive.
public final class DirectiveType: Sendable {
    public let name: String
    public let description: String?
    public let arguments: [InputValue]
    public let isRepeatable: Bool
    public let locations: [DirectiveLocation]

    init(
        name: String, description: String? = nil, arguments: [InputValue] = [],
        isRepeatable: Bool = false, locations: [DirectiveLocation]
    ) {
        self.name = name
        self.description = description
        self.arguments = arguments
        self.isRepeatable = isRepeatable
        self.locations = locations
    }

    public func argument(_ name: String) -> InputValue? { arguments.first { $0.name == name } }
}

/// Where a directive may stand, in the specification's order and spelling.
public enum DirectiveLocation: String, Sendable, CaseIterable {
    case query = "QUERY"
    case mutation = "MUTATION"
    case subscription = "SUBSCRIPTION"
    case field = "FIELD"
    case fragmentDefinition = "FRAGMENT_DEFINITION"
    case fragmentSpread = "FRAGMENT_SPREAD"
    case inlineFragment = "INLINE_FRAGMENT"
    case variableDefinition = "VARIABLE_DEFINITION"
    case schema = "SCHEMA"
    case scalar = "SCALAR"
    case object = "OBJECT"
    case fieldDefinition = "FIELD_DEFINITION"
    case argumentDefinition = "ARGUMENT_DEFINITION"
    case interface = "INTERFACE"
    case union = "UNION"
    case `enum` = "ENUM"
    case enumValue = "ENUM_VALUE"
    case inputObject = "INPUT_OBJECT"
    case inputFieldDefinition = "INPUT_FIELD_DEFINITION"
}
