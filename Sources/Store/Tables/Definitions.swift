/// What a column holds and how wide it is in a page.
public enum ColumnKind: Sendable, Equatable {
    case bool
    /// An enumeration of at most 250 values: the position of the value.
    case int8
    /// A larger enumeration.
    case int16
    /// An integer of 32 bits, or a date as days since 1970-01-01.
    case int32
    /// An integer within ±(2^53−1), or a time as milliseconds since 1970-01-01T00:00:00Z.
    case int64
    case double
    /// A row of that table.
    case reference(TableID)
    case bytes(ByteKind)

    /// Whether the column is kept in the byte heap of a page.
    public var isBytes: Bool {
        if case .bytes = self { return true }
        return false
    }
}

/// What the bytes of a column mean.
public enum ByteKind: Sendable, Equatable {
    /// Valid UTF-8.
    case text
    /// A JSON document, checked and without needless white space.
    case json
    /// A value object or a list in the encoding of the room above. The store does not read it.
    case value
}

/// What becomes of a row when the row that it refers to is deleted.
public enum ReferenceAction: Sendable, Equatable {
    /// The deletion is refused.
    case restrict
    /// The row is deleted too.
    case cascade
    /// The reference becomes null.
    case setNull
}

public struct ColumnDefinition: Sendable, Equatable {
    public var name: String
    public var kind: ColumnKind
    public var isNullable: Bool
    /// Only of meaning in a reference column.
    public var onDelete: ReferenceAction
    /// The names of an enumeration's values (``ColumnKind/int8``, ``ColumnKind/int16``) by their
    /// positions; files know the values by name. Empty for other columns.
    public var enumNames: [String]

    public init(
        name: String, kind: ColumnKind, isNullable: Bool = false,
        onDelete: ReferenceAction = .restrict, enumNames: [String] = []
    ) {
        self.name = name
        self.kind = kind
        self.isNullable = isNullable
        self.onDelete = onDelete
        self.enumNames = enumNames
    }
}

public struct TableDefinition: Sendable, Equatable {
    public var name: String
    /// All columns, beginning with ``systemColumns``.
    public var columns: [ColumnDefinition]
    /// A reference column: a row lies on the shard of the row it leads to. Without it, or when it
    /// is null, the shard follows from the row's own id.
    public var shardBy: ColumnID?
    /// Rows are neither changed nor deleted.
    public var isAppendOnly: Bool

    public init(
        name: String, columns: [ColumnDefinition], shardBy: ColumnID? = nil,
        isAppendOnly: Bool = false
    ) {
        self.name = name
        self.columns = columns
        self.shardBy = shardBy
        self.isAppendOnly = isAppendOnly
    }

    /// The columns every table begins with.
    public static let systemColumns: [ColumnDefinition] = [
        ColumnDefinition(name: "id", kind: .bytes(.text)),
        ColumnDefinition(name: "version", kind: .int32),
        ColumnDefinition(name: "createdAt", kind: .int64),
        ColumnDefinition(name: "updatedAt", kind: .int64),
    ]

    /// The id without the prefix of its table.
    public static let idColumn: ColumnID = 0
    /// How often the row was changed by a client.
    public static let versionColumn: ColumnID = 1
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public static let createdAtColumn: ColumnID = 2
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public static let updatedAtColumn: ColumnID = 3
}

/// What the order of a column is in an index.
public enum IndexOrder: Sendable, Hashable {
    case value
    /// The column is a date in 32 bits: by month and day, whatever the year.
    case monthDay
    /// The column is a text, and the only one of the index: an entry for each of its words, in their
    /// order (``TextSearch``). A row has as many entries as words; none is left out, however many
    /// there are, because what an index does not find is not there.
    case words
}

/// An index over one table: the rows that agree in the `equality` columns lie together, in the
/// order of the `ordered` column and then of their creation.
public struct IndexDefinition: Sendable, Equatable {
    public var name: String
    public var table: TableID
    public var equality: [ColumnID]
    public var ordered: ColumnID?
    public var order: IndexOrder
    /// No two rows agree in all columns of the index. A row with a null among them is not checked.
    public var isUnique: Bool
    /// Only rows that satisfy all of these have an entry, and are checked. Empty: all rows do.
    public var conditions: [IndexCondition]

    public init(
        name: String, table: TableID, equality: [ColumnID], ordered: ColumnID? = nil,
        order: IndexOrder = .value, isUnique: Bool = false, conditions: [IndexCondition] = []
    ) {
        self.name = name
        self.table = table
        self.equality = equality
        self.ordered = ordered
        self.order = order
        self.isUnique = isUnique
        self.conditions = conditions
    }
}

public struct StoreDefinition: Sendable, Equatable {
    public var tables: [TableDefinition]
    public var indexes: [IndexDefinition]

    public init(tables: [TableDefinition], indexes: [IndexDefinition]) {
        self.tables = tables
        self.indexes = indexes
    }
}
