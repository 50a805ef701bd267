import Bytes
import GraphQL
import Store

/// What all requests share: the model, the store, and how one maps onto the other. Immutable.
public final class EngineContext: Sendable {
    public let model: Model
    public let store: Store
    public let limits: EngineLimits
    /// What clients may name instead of sending it.
    public let documents: DocumentRegistry
    /// Milliseconds since 1970-01-01T00:00:00Z.
    let clock: @Sendable () -> Int64
    let layouts: ColumnLayouts
    /// What all executors of this context have counted.
    public let counters: EngineCounters
    private let prefixes: [[UInt8]]
    /// The default order of each table.
    private let creationOrders: [SortOrder]
    let rules: BoundRules
    let prices: FieldPrices
    /// The fields of Mutation by their names.
    let mutations: [String: MutationField]
    /// Nil when no table is opened to writing.
    let hiddenTables: HiddenTables.Places?
    let valueWriter: ValueWriter
    /// By table: the object type of its rows, and by that type's fields what they mean.
    private let rowTypes: [TypeID]
    private let rowFields: [[FieldModel?]]
    private let enumNames: [QuotedNames]
    /// By table: what its rows can be grouped by.
    private let groupFields: [[GroupField]]
    /// The input type that filters by ids.
    let idFilter: TypeID?
    let idType: TypeID?

    /// - Parameters:
    ///   - documents: trusted ones, and room for those that clients leave.
    ///   - clock: what time it is for reading; writing has the writer's clock.
    public init(
        model: Model, store: Store, limits: EngineLimits = EngineLimits(),
        documents: DocumentRegistry = DocumentRegistry(),
        clock: @escaping @Sendable () -> Int64 = { Instant.now }
    ) {
        self.model = model
        self.store = store
        self.limits = limits
        self.documents = documents
        self.clock = clock
        layouts = ColumnLayouts(store.definition)
        counters = EngineCounters(store)
        rules = BoundRules(model, layouts)
        prices = FieldPrices(model, limits)
        prefixes = model.tables.map { Array($0.idPrefix.utf8) }
        creationOrders = model.tables.map { SortOrder(keys: [], over: $0, describedBy: []) }
        mutations = MutationField.all(of: model, rules)
        hiddenTables = HiddenTables.places(in: store.definition)
        valueWriter = ValueWriter(model)
        enumNames = model.enums.map { QuotedNames($0) }
        groupFields = model.tables.map { $0.groupFields(model.tables) }
        let schema = model.schema
        idFilter = schema.type(named: Naming.filter(ScalarKind.id.rawValue))
        idType = schema.type(named: ScalarKind.id.rawValue)
        rowTypes = model.tables.map { schema.type(named: $0.name) ?? schema.queryType }
        rowFields = zip(model.tables, rowTypes).map { table, type in
            schema[type].fields.map { table.field($0.name) }
        }
    }

    /// The names of an enum's values as answers have them.
    func quotedNames(of id: EnumID) -> QuotedNames { enumNames[id.index] }

    /// What the rows of a table can be grouped by, in the order of `XGroupField`.
    func groupFields(of table: TableID) -> [GroupField] { groupFields[table.index] }

    /// The object type of a table's rows.
    func rowType(of table: TableID) -> TypeID { rowTypes[table.index] }

    /// What a field of the object type of a table's rows means, by its place in the type.
    func rowField(_ index: Int, of table: TableID) -> FieldModel? {
        rowFields[table.index][index]
    }

    /// The row that a public id names in one table; nil when there is none, or the id is another
    /// table's. One descent.
    func row(id: String, in table: TableID, _ view: VersionView) -> RowRef? {
        var id = id
        return id.withUTF8 { unsafe row(id: UnsafeRawBufferPointer($0), in: table, view) }
    }

    /// As above, for the bytes of an id.
    func row(id: UnsafeRawBufferPointer, in table: TableID, _ view: VersionView) -> RowRef? {
        let prefix = prefixes[table.index]
        guard id.count > prefix.count else { return nil }
        for (place, byte) in prefix.enumerated() where unsafe id[place] != byte { return nil }
        return unsafe store.row(
            withID: UnsafeRawBufferPointer(rebasing: id[prefix.count...]), of: table, in: view)
    }

    /// The id of a row as clients see it.
    func publicID(_ ref: RowRef, _ table: TableID, _ view: VersionView) -> String {
        let row = view.table(table).row(ref)
        return unsafe model[table].idPrefix
            + String(decoding: row.bytes(layouts.column(table, 0)), as: UTF8.self)
    }

    /// The order of creation.
    func creationOrder(of table: TableID) -> SortOrder { creationOrders[table.index] }

    /// The table whose prefix an id has.
    func table(ofID id: UnsafeRawBufferPointer) -> TableID? {
        for table in model.tables {
            let prefix = prefixes[table.id.index]
            guard id.count > prefix.count else { continue }
            if unsafe id.prefix(prefix.count).elementsEqual(prefix) { return table.id }
        }
        return nil
    }

    /// A relation as filters and orders walk it.
    func relation(_ relation: ToManyModel) -> Predicate.Relation {
        Predicate.Relation(
            index: relation.index, linkTable: relation.linkTable,
            targetColumn: relation.targetColumn.map { layouts.column(relation.linkTable, $0) },
            target: relation.target)
    }
}

/// What one request may use. Each limit is checked inside the loops it bounds.
public struct EngineLimits: Sendable {
    /// Rows of one page. More is an error, not a shorter page. Reason: a page is held in memory.
    public var pageRowsMax = 1000
    /// Rows of a page when the query does not say.
    public var pageRowsDefault = 50
    /// Bytes of one answer. Reason: an answer is held in memory until the client has read it.
    public var answerBytesMax = 32 << 20
    /// Time for one operation. Reason: a client that waits longer has gone.
    public var timeout = Duration.seconds(10)
    /// Time that a worker gives an operation before one of those for long operations starts it anew.
    /// Reason: others that are soon done wait behind it.
    public var briefTime = Duration.milliseconds(20)
    /// Row visits that an event loop gives one operation before a worker starts it anew. Reason: at
    /// some 100 ns a visit, other connections wait at most a millisecond or so.
    public var loopBudget = 10_000
    /// Parts of one filter: the fields of its objects, at all levels. Reason: each takes about a
    /// kilobyte until the rows are found, and a while to read.
    public var filterPartsMax = 10_000
    /// Keys of one order. Reason: rows that are equal in all are compared by all of them.
    public var orderKeysMax = 16
    /// Things that rows are grouped by at once. Reason: every row's group is found by all of them.
    public var groupKeysMax = 8
    /// Groups that one `groupBy` shows. More is an error. Reason: as for a page.
    public var groupsShownMax = 10_000
    /// Rows that each group shows. More is an error. Reason: they are found in one pass, and those
    /// of all groups are held in memory.
    public var groupNodesMax = 100
    /// Groups of one `groupBy`. More is an error. Reason: each takes some 50 to 100 bytes while the
    /// answer is made, and nobody reads a million lines.
    public var groupsMax = 1_000_000
    /// Different values that one aggregate or `groupBy` keeps in order to count or to group them.
    /// More is an error. Reason: each takes some 16 to 40 bytes.
    public var distinctValuesMax = 4_000_000
    /// Row visits that the payloads of one operation's mutations may take. Reason: they are written
    /// by the writer's thread, and everybody else's writing waits for it.
    public var payloadVisitsMax = 200_000
    /// Rows that one bulk mutation may change. Reason: everybody else's writing waits for it.
    public var bulkRowsMax = 100_000
    /// Idempotency keys that are kept at the most; then new ones are refused. Reason: at some 300
    /// bytes each they take memory like rows.
    public var idempotencyKeysMax = 1_000_000
    /// How long a key is kept at least.
    public var idempotencyKeptFor = Duration.seconds(24 * 60 * 60)
    /// Bytes of plans that each event loop keeps.
    public var planCacheBytesMax = 16 << 20
    /// Cost of one operation: objects that its page sizes allow. Reason: some seconds of work.
    public var costMax = 1_000_000
    /// Cost of one line of a table. Reason: a table has thousands of lines.
    public var lineCostMax: Int { max(1, costMax / 100) }
    /// Relations inside one another. Reason: each level multiplies the work.
    public var depthMax = 15
    /// Fields at the root of an operation. Reason: each is a request of its own.
    public var rootFieldsMax = 30
    /// Selections of an operation when its fragments are written out. Reason: a plan has an
    /// instruction for each, and a few fragments can mean millions.
    public var selectionsMax = 100_000
    /// Items of a list among the variables. Reason: each may be a look-up or a write.
    public var listItemsMax = 1_000
    /// Errors of one answer. Reason: nobody reads more, and each has a path.
    public var errorsMax = 100
    /// Whether operations may ask for the schema, whoever asks.
    public var introspection = true
    /// Whether those of the roles that have the right to it may. Meant for where viewers have
    /// credentials.
    public var introspectionByRole = false
    /// Whether errors may name what the schema has and the client did not say: what was perhaps
    /// meant, and names of types around a mistake.
    public var suggestions = true

    public init() {}
}
