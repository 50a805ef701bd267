import GraphQL
import Store

/// What a folder of schema files means: tables, columns, relations and keys for the store, and the
/// generated GraphQL schema for the clients. Built once at start, immutable, shared by all threads.
///
/// The planner finds its way from a GraphQL type to the store through `bindings`, and from a field's
/// name through `TableModel.field(_:)`; nothing else about the schema files is known below this.
public final class Model: Sendable {
    public let tables: [TableModel]
    /// Object types without `@table` that a stored field uses.
    public let values: [ValueModel]
    public let enums: [EnumModel]
    /// The public API: queries, types, filters, orders.
    public let schema: Schema
    /// `schema` in the schema definition language, as the generator wrote it.
    public let schemaText: String
    public let codecs: ScalarCodecs
    public let storeDefinition: StoreDefinition
    /// What each type of `schema` stands for, by `TypeID.index`.
    public let bindings: [TypeBinding]
    /// The mutations that `@table(write:)` generates, in the order of `Mutation`'s fields.
    public let mutations: [MutationModel]
    /// The fields that rules answer.
    public let ruleUses: [RuleUse]
    /// What those rules are.
    let rules: RuleLibrary
    /// What the fields of inputs that schema files declare accept, by the names of type and field.
    let inputConstraints: [String: [String: ConstraintModel]]
    /// Who may do what.
    public let access: AccessModel

    init(
        tables: [TableModel], values: [ValueModel], enums: [EnumModel], schema: Schema,
        schemaText: String, codecs: ScalarCodecs, storeDefinition: StoreDefinition,
        bindings: [TypeBinding], mutations: [MutationModel], ruleUses: [RuleUse],
        rules: RuleLibrary, inputConstraints: [String: [String: ConstraintModel]],
        access: AccessModel
    ) {
        self.tables = tables
        self.values = values
        self.enums = enums
        self.schema = schema
        self.schemaText = schemaText
        self.codecs = codecs
        self.storeDefinition = storeDefinition
        self.bindings = bindings
        self.mutations = mutations
        self.ruleUses = ruleUses
        self.rules = rules
        self.inputConstraints = inputConstraints
        self.access = access
        var byName: [String: TableID] = [:]
        for table in tables { byName[table.name] = table.id }
        tableIDs = byName
    }

    private let tableIDs: [String: TableID]

    public subscript(id: TableID) -> TableModel { tables[id.index] }
    public subscript(id: ValueID) -> ValueModel { values[id.index] }
    public subscript(id: EnumID) -> EnumModel { enums[id.index] }

    public func table(named name: String) -> TableModel? { tableIDs[name].map { tables[$0.index] } }
}

/// What a type of the generated schema stands for.
public enum TypeBinding: Sendable, Equatable {
    /// Scalars, enums, input objects and the introspection types: the planner needs no more.
    case none
    case query
    case mutation
    /// What a mutation answers.
    case payload
    case userError
    case node
    case table(TableID)
    case connection(TableID)
    case edge(TableID)
    case pageInfo
    /// `XAggregate`.
    case aggregate(TableID)
    /// `XDistinct`, `XMinMax`, `XNumbers`, `XAverages`: one field per column, named as the column.
    case aggregateColumns(TableID)
    /// `XGroup`.
    case group(TableID)
    /// `XGroupKeys`: one field per key, in the order of `XGroupField`.
    case groupKeys(TableID)
    case value(ValueID)
}

public struct ValueID: Hashable, Sendable {
    public let index: Int

    public init(_ index: Int) { self.index = index }
}

public struct EnumID: Hashable, Sendable {
    public let index: Int

    public init(_ index: Int) { self.index = index }
}

/// One table: a type with `@table`.
public final class TableModel: Sendable {
    public let id: TableID
    /// The GraphQL type: `Member`.
    public let name: String
    /// The look-up by id: `member`.
    public let singular: String
    /// The list field and the name of import files: `members`.
    public let plural: String
    /// What every id begins with, underscore included: `mem_`. The store keeps ids without it.
    public let idPrefix: String
    public let description: String?
    /// In the order of the schema file, after `id`; `version`, `createdAt`, `updatedAt` and the
    /// `tierId` beside each `tier` included.
    public let fields: [FieldModel]
    public let keys: [KeyModel]
    /// Indexes that can serve lists: declared ones and those the builder adds for relations;
    /// the creation and id indexes of the store are not among them.
    public let indexes: [IndexModel]
    public let write: Set<WriteKind>
    public let isAppendOnly: Bool
    /// Set when the rows form a tree.
    public let tree: TreeModel?

    private let fieldIndex: [String: Int]

    init(
        id: TableID, name: String, singular: String, plural: String, idPrefix: String,
        description: String?, fields: [FieldModel], keys: [KeyModel], indexes: [IndexModel],
        write: Set<WriteKind>, isAppendOnly: Bool, tree: TreeModel? = nil
    ) {
        self.id = id
        self.name = name
        self.singular = singular
        self.plural = plural
        self.idPrefix = idPrefix
        self.description = description
        self.fields = fields
        self.keys = keys
        self.indexes = indexes
        self.write = write
        self.isAppendOnly = isAppendOnly
        self.tree = tree
        var index: [String: Int] = [:]
        for (place, field) in fields.enumerated() { index[field.name] = place }
        fieldIndex = index
    }

    public func field(_ name: String) -> FieldModel? { fieldIndex[name].map { fields[$0] } }
}

public enum WriteKind: String, Sendable, CaseIterable {
    case create = "CREATE"
    case update = "UPDATE"
    case delete = "DELETE"
}

/// One field of a table.
public final class FieldModel: Sendable {
    public enum Kind: Sendable {
        /// The id: the table's prefix and the text of column 0.
        case id
        /// A stored scalar, enum, value or list.
        case column(ColumnID, StoredType)
        /// `tier: Tier`: a reference column.
        case toOne(ColumnID, target: TableID)
        /// `tierId: ID`: the id of the row that a reference column leads to.
        case referenceID(ColumnID, target: TableID)
        case toMany(ToManyModel)
        /// Worked out by a rule at each reading; as the schema file has it, arguments included.
        case computed(definition: String)
    }

    public let name: String
    public let description: String?
    public let kind: Kind
    public let isNullable: Bool
    public let isSensitive: Bool
    /// Whether rules keep it: clients do not give it.
    public let isKept: Bool
    public let constraint: ConstraintModel?
    /// `@default`: a coerced constant, or the time of the write.
    public let defaultValue: DefaultModel?
    /// `@deprecated`.
    public let deprecationReason: String?

    init(
        name: String, description: String?, kind: Kind, isNullable: Bool,
        isSensitive: Bool = false, isKept: Bool = false, constraint: ConstraintModel? = nil,
        defaultValue: DefaultModel? = nil, deprecationReason: String? = nil
    ) {
        self.name = name
        self.description = description
        self.kind = kind
        self.isNullable = isNullable
        self.isSensitive = isSensitive
        self.isKept = isKept
        self.constraint = constraint
        self.defaultValue = defaultValue
        self.deprecationReason = deprecationReason
    }
}

/// What a stored field holds.
public enum StoredType: Sendable, Equatable {
    case scalar(ScalarKind)
    case `enum`(EnumID)
    case value(ValueID)
    /// A list; the flag says whether items may be null. Kept in a value column.
    indirect case list(StoredType, itemIsNullable: Bool)
    /// Inside a value only: the id of a row, checked when it is written, kept as a row reference.
    case reference(TableID)
}

/// The scalars that a stored field can have.
public enum ScalarKind: String, Sendable, CaseIterable {
    case id = "ID"
    case string = "String"
    case int = "Int"
    case long = "Long"
    case float = "Float"
    case boolean = "Boolean"
    case dateTime = "DateTime"
    case date = "Date"
    case emailAddress = "EmailAddress"
    case json = "JSON"

    /// Kept as bytes in the page's heap.
    public var isText: Bool {
        switch self {
        case .id, .string, .emailAddress: true
        default: false
        }
    }
}

/// A list of rows that belong to a row.
public struct ToManyModel: Sendable {
    /// The rows that the list holds.
    public let target: TableID
    /// The table that leads to the owner: `target` for `inverse:`, the table between for `through:`.
    public let linkTable: TableID
    /// The column of the link table that leads back to the owner.
    public let ownerColumn: ColumnID
    /// For `through:` the column of the link table that leads to the target.
    public let targetColumn: ColumnID?
    /// The index over `ownerColumn` alone, in creation order.
    public let index: IndexID

    init(
        target: TableID, linkTable: TableID, ownerColumn: ColumnID, targetColumn: ColumnID?,
        index: IndexID
    ) {
        self.target = target
        self.linkTable = linkTable
        self.ownerColumn = ownerColumn
        self.targetColumn = targetColumn
        self.index = index
    }
}

/// `@tree(parent:)`: each row but the topmost stands below another of the same table.
public struct TreeModel: Sendable {
    /// The relation to the row above.
    public let parent: ColumnID
    /// The index over `parent` alone.
    public let index: IndexID
}

/// `@key(fields:, where:)`: unique, and a look-up on `Query`.
public struct KeyModel: Sendable {
    /// `memberByNumber`.
    public let queryField: String
    public let columns: [ColumnID]
    /// Arguments in the same order: `number`, or `memberId` for a relation.
    public let arguments: [String]
    /// Which rows the key is about; empty for all of them.
    public let conditions: [IndexCondition]
    /// The conditions as a sentence says them: `status is OPEN or WAITING`. Nil without any.
    public let conditionText: String?
    public let index: IndexID
}

/// An index that can serve a list.
public struct IndexModel: Sendable {
    public let id: IndexID
    /// As `tessera query --explain` shows it: `Member(city, pointsBalance)`.
    public let name: String
    public let equality: [ColumnID]
    public let ordered: ColumnID?
    /// What the order of `ordered` is.
    public let order: IndexOrder
    /// A unique index leaves out the rows that have a null in one of its columns.
    public let isUnique: Bool
    /// True when the equality word alone decides, so that rows need not be verified.
    public let isExact: Bool
    /// The index has only the rows that satisfy all of these.
    public let conditions: [IndexCondition]

    /// Whether it holds all rows, nulls of a unique one aside, in the order of values.
    public var isPlain: Bool { conditions.isEmpty && order == .value }
}

/// `@constraint`.
public struct ConstraintModel: Sendable, Equatable {
    public enum Format: String, Sendable, CaseIterable {
        case email = "EMAIL"
        case phone = "PHONE"
        case url = "URL"
        case slug = "SLUG"
    }

    public let min: Double?
    public let max: Double?
    public let minLength: Int?
    public let maxLength: Int?
    public let format: Format?
}

/// `@default`.
public enum DefaultModel: Sendable, Equatable {
    case now
    case constant(CoercedValue)
}

/// An object type without `@table`: stored inside its row.
public struct ValueModel: Sendable {
    public struct Field: Sendable {
        public let name: String
        public let description: String?
        public let deprecationReason: String?
        public let type: StoredType
        public let isNullable: Bool
        public let constraint: ConstraintModel?
    }

    public let id: ValueID
    public let name: String
    public let description: String?
    public let fields: [Field]
    /// Where the fields lie in the bytes of a value.
    public let layout: ValueLayout

    init(id: ValueID, name: String, description: String?, fields: [Field]) {
        self.id = id
        self.name = name
        self.description = description
        self.fields = fields
        layout = ValueLayout(fields.map(\.type))
    }
}

/// An enum of the schema files. A stored value is its place in `values`.
public struct EnumModel: Sendable {
    public struct Detail: Sendable, Equatable {
        public let description: String?
        public let deprecationReason: String?
    }

    /// A place is kept in 16 bits.
    public static let valuesMax = 30_000

    public let id: EnumID
    public let name: String
    public let description: String?
    public let values: [String]
    /// Beside `values`.
    public let details: [Detail]
}
