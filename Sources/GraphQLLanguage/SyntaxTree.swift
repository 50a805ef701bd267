/// The syntax tree of an executable document. Source: GraphQL, September 2025, §2.
///
/// Plain values, one struct a production, named by the specification; only selections are objects,
/// because whoever walks the tree hands them on all the time. Every node keeps the byte
/// offset where it starts (`offset`), which is what an error needs. The tree never refers to a
/// schema. The type-system half is in `TypeSystemSyntax.swift`. Nodes are equal when they say the
/// same, whatever their offsets.
public struct Document: Sendable {
    public var definitions: [Definition]
    /// The text the offsets point into.
    public var source: Source

    public init(definitions: [Definition], source: Source) {
        self.definitions = definitions
        self.source = source
    }
}

public enum Definition: Equatable, Sendable {
    case operation(OperationDefinition)
    case fragment(FragmentDefinition)
    case schema(SchemaDefinition)
    case type(TypeDefinition)
    case directive(DirectiveDefinition)
}

/// A name and where it stands.
public struct Name: Sendable {
    public let value: String
    /// Of the name's bytes, for ``NameIndex``: computed once, where the name is read.
    public let hash: UInt32
    private let start: UInt32

    public var offset: Int { Int(start) }

    public init(_ value: String, offset: Int = 0) {
        self.init(value, hash: NameIndex.hash(value), offset: offset)
    }

    @inline(__always)
    init(_ value: String, hash: UInt32, offset: Int) {
        self.value = value
        self.hash = hash
        start = UInt32(truncatingIfNeeded: offset)
    }
}

public enum OperationType: String, Sendable, CaseIterable {
    case query, mutation, subscription
}

public struct OperationDefinition: Sendable {
    public var description: StringValue?
    public var type: OperationType
    public var name: Name?
    public var variables: [VariableDefinition]
    public var directives: [Directive]
    public var selectionSet: SelectionSet
    /// True for the form `{ … }` without a keyword.
    public var isShorthand: Bool
    public var offset: Int

    public init(
        description: StringValue? = nil, type: OperationType, name: Name?,
        variables: [VariableDefinition], directives: [Directive], selectionSet: SelectionSet,
        isShorthand: Bool = false, offset: Int = 0
    ) {
        self.description = description
        self.type = type
        self.name = name
        self.variables = variables
        self.directives = directives
        self.selectionSet = selectionSet
        self.isShorthand = isShorthand
        self.offset = offset
    }
}

public struct FragmentDefinition: Sendable {
    public var description: StringValue?
    public var name: Name
    public var typeCondition: Name
    public var directives: [Directive]
    public var selectionSet: SelectionSet
    public var offset: Int

    public init(
        description: StringValue? = nil, name: Name, typeCondition: Name,
        directives: [Directive], selectionSet: SelectionSet, offset: Int = 0
    ) {
        self.description = description
        self.name = name
        self.typeCondition = typeCondition
        self.directives = directives
        self.selectionSet = selectionSet
        self.offset = offset
    }
}

public struct VariableDefinition: Sendable {
    public var description: StringValue?
    /// Without the `$`; its offset is that of the `$`.
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

public struct SelectionSet: Sendable {
    public var selections: [Selection]
    public var offset: Int

    public init(selections: [Selection], offset: Int = 0) {
        self.selections = selections
        self.offset = offset
    }
}

public enum Selection: Equatable, Sendable {
    case field(Field)
    case fragmentSpread(FragmentSpread)
    case inlineFragment(InlineFragment)
}

public final class Field: Sendable {
    public let alias: Name?
    public let name: Name
    public let arguments: [Argument]
    public let directives: [Directive]
    public let selectionSet: SelectionSet?
    public let offset: Int

    public init(
        alias: Name? = nil, name: Name, arguments: [Argument] = [], directives: [Directive] = [],
        selectionSet: SelectionSet? = nil, offset: Int = 0
    ) {
        self.alias = alias
        self.name = name
        self.arguments = arguments
        self.directives = directives
        self.selectionSet = selectionSet
        self.offset = offset
    }

    /// The key under which the answer stands: the alias, or the name.
    public var responseName: String { alias?.value ?? name.value }
}

public final class FragmentSpread: Sendable {
    public let name: Name
    public let directives: [Directive]
    public let offset: Int

    public init(name: Name, directives: [Directive] = [], offset: Int = 0) {
        self.name = name
        self.directives = directives
        self.offset = offset
    }
}

public final class InlineFragment: Sendable {
    public let typeCondition: Name?
    public let directives: [Directive]
    public let selectionSet: SelectionSet
    public let offset: Int

    public init(
        typeCondition: Name? = nil, directives: [Directive] = [], selectionSet: SelectionSet,
        offset: Int = 0
    ) {
        self.typeCondition = typeCondition
        self.directives = directives
        self.selectionSet = selectionSet
        self.offset = offset
    }
}

public struct Argument: Equatable, Sendable {
    public var name: Name
    public var value: Value
    public var offset: Int { name.offset }

    public init(name: Name, value: Value) {
        self.name = name
        self.value = value
    }
}

public struct Directive: Sendable {
    /// Without the `@`; `offset` of the directive is that of the `@`.
    public var name: Name
    public var arguments: [Argument]
    public var offset: Int

    public init(name: Name, arguments: [Argument] = [], offset: Int = 0) {
        self.name = name
        self.arguments = arguments
        self.offset = offset
    }
}

/// A value literal, or a variable.
public struct Value: Sendable {
    public enum Kind: Equatable, Sendable {
        /// Without the `$`.
        case variable(String)
        /// The digits as written.
        case int(String)
        /// The number as written.
        case float(String)
        case string(StringValue)
        case boolean(Bool)
        case null
        case `enum`(String)
        case list([Value])
        case object([ObjectField])
    }

    public var kind: Kind
    public var offset: Int

    public init(_ kind: Kind, offset: Int = 0) {
        self.kind = kind
        self.offset = offset
    }
}

/// A string literal or a description, with its escapes and block indentation resolved.
public struct StringValue: Sendable {
    public var value: String
    public var isBlock: Bool
    public var offset: Int

    public init(_ value: String, isBlock: Bool = false, offset: Int = 0) {
        self.value = value
        self.isBlock = isBlock
        self.offset = offset
    }
}

public struct ObjectField: Equatable, Sendable {
    public var name: Name
    public var value: Value
    public var offset: Int { name.offset }

    public init(name: Name, value: Value) {
        self.name = name
        self.value = value
    }
}

/// A type reference as written: `[Member!]!`.
public indirect enum TypeNode: Sendable {
    case named(Name)
    case list(TypeNode, offset: Int)
    case nonNull(TypeNode)

    public var offset: Int {
        switch self {
        case .named(let name): name.offset
        case .list(_, let offset): offset
        case .nonNull(let inner): inner.offset
        }
    }

    /// The name inside all wrappers.
    public var name: Name {
        switch self {
        case .named(let name): name
        case .list(let inner, _), .nonNull(let inner): inner.name
        }
    }
}
