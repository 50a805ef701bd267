// The store: all rows in memory, many readers and one writer that never wait for each other.
//
// **In** come a definition of tables and indexes, rows in ``RowBuilder``s, and changes: as jobs of
// a ``Writer``, or inside ``Store/write(now:_:)`` where nothing has to last. **Out** go
// ``VersionView``s: everything a reader sees through one of them is of one moment, whatever the
// writer does meanwhile; and files, by way of a ``Disk``.
//
// A table is a number of shards; a shard is a radix tree of pages; a page holds 64 rows column by
// column. An index is one B+tree of fixed-size entries that lead to rows. All of these are
// persistent structures: the writer copies what it changes, once for a whole group of
// transactions, and publishes the group as the next version with one atomic store. Readers pin a
// version and follow raw pointers.
//
// What a group has changed is noted while it is done and becomes one record of the ``Journal``.
// First the record is on the disk, then the version is visible, then the clients are told. A replay
// of the records makes the same rows in the same places.
//
// **Invariants.**
// 1. A block of memory that a published version leads to is never changed, and is freed only when
//    no pinned version leads to it.
// 2. Every index entry leads to a live row whose columns have the entry's words, and every live
//    row has an entry in every index of its table; in a unique index only if no key column is null,
//    in an index with conditions only if they hold; in an index of words one for each word.
// 3. Every reference leads to a live row. A deletion refuses, follows or clears the references to
//    the row, as each column says.
// 4. No two live rows agree in the columns of a unique index, nulls aside, and those of which the
//    index's conditions do not hold.
// 5. Slots and creation numbers are never given out twice; on a shard both grow together.
// 6. A transaction that fails leaves no trace, neither in the rows nor in the journal.
// 7. With a journal, a version that readers see is on the disk as far as ``SyncMode`` promises.
// ``Store/check(_:)`` tests 2 to 5 on a whole version.
//
// **Absent on purpose.** Nothing here knows GraphQL, types of the API, access rights or time
// zones. There is no query language: the room above walks indexes and pages itself. There are no
// locks on rows and no isolation levels: one writer, one order. Rows do not move; a placement
// that a change has made a stranger to its owner stays.
import Bytes

/// All tables and indexes of one definition, in memory.
public final class Store: Sendable {
    public let definition: StoreDefinition

    /// The seed of all hashes in this store's indexes and of the placement of rows.
    public let seed: UInt64

    /// Logarithm of the number of shards.
    public let shardBits: Int

    let tables: [TablePlan]
    let indexes: [IndexPlan]
    let pool: NodePool
    let slots: ReaderSlots
    /// Held by who writes. The flag says whether a ``Writer`` is the only one who may.
    private let writing = Guarded(false)

    public static let shardCountDefault = 16

    /// A store without rows.
    ///
    /// - Parameters:
    ///   - definition: tables whose columns begin with the system columns, and indexes over them;
    ///     anything inconsistent in it is the caller's fault and traps.
    ///   - shardCount: a power of two, at most 64.
    ///   - seed: random where clients choose the keys.
    public init(
        _ definition: StoreDefinition, shardCount: Int = shardCountDefault, seed: UInt64
    ) {
        precondition(
            shardCount > 0 && shardCount <= 64 && shardCount & (shardCount - 1) == 0,
            "the number of shards is a power of two, at most 64")
        definition.verify()
        self.definition = definition
        self.seed = seed
        shardBits = shardCount.trailingZeroBitCount
        (tables, indexes) = TablePlan.all(definition, seed: seed)
        pool = NodePool()
        let layout = VersionLayout(
            tableCount: tables.count, indexCount: indexes.count, shardBits: shardBits)
        let writer = NodeWriter(pool: pool, stamp: 1)
        let first = unsafe VersionRoot(
            layout: layout, strides: indexes.map(\.shape.stride), writer: writer)
        unsafe slots = ReaderSlots(pool: pool, first: first)
    }

    deinit {
        let root = unsafe slots.currentRoot
        for table in tables {
            for shard in 0..<1 << shardBits {
                let shardRoot = unsafe root.shard(shard, of: table.id)
                unsafe PageDirectory.forEachBlock(
                    root: shardRoot.directory, depth: shardRoot.depth
                ) { block in
                    unsafe pool.release(block)
                }
            }
        }
        for index in indexes {
            unsafe root.tree(of: index.id).forEachNode { unsafe pool.release($0) }
        }
        unsafe pool.release(root.block)
    }

    // MARK: Places

    public func column(_ table: TableID, _ column: ColumnID) -> Column {
        tables[table.index].layout.columns[column]
    }

    /// All columns of a table, by ``ColumnID``.
    public func columns(of table: TableID) -> [Column] {
        tables[table.index].layout.columns
    }

    /// A builder for rows of a table; it may be kept and used for any number of them.
    public func makeRowBuilder(_ table: TableID) -> RowBuilder {
        RowBuilder(tables[table.index].layout)
    }

    /// All rows of a table in the order of their creation.
    public func creationIndex(of table: TableID) -> IndexID {
        IndexID(definition.indexes.count + 2 * table.index)
    }

    /// The rows of a table by the hash of their id.
    public func idIndex(of table: TableID) -> IndexID {
        IndexID(definition.indexes.count + 2 * table.index + 1)
    }

    /// What the entries of an index hold.
    public func shape(of index: IndexID) -> IndexShape {
        indexes[index.index].shape
    }

    /// The definition of an index, of the store's own ones too.
    public func definition(of index: IndexID) -> IndexDefinition {
        indexes[index.index].definition
    }

    /// Bytes of all pages, directories, trees and version roots, the old ones that a pin still
    /// sees included.
    public var bytesInUse: Int { pool.bytesInUse }

    // MARK: Reading

    /// A reader for one thread, or nil when there are too many.
    public func makeReader() -> Reader? {
        Reader(slots, keeping: self)
    }

    /// The row with that id, without the table's prefix; nil when there is none. O(log n).
    public func row(
        withID id: UnsafeRawBufferPointer, of table: TableID, in view: VersionView
    ) -> RowRef? {
        let rows = view.table(table)
        let column = column(table, TableDefinition.idColumn)
        let word = unsafe KeyEncoding.equality(text: id, seed: seed)
        var cursor = view.tree(idIndex(of: table)).cursor(at: .before(first: word))
        while let locator = cursor.next(ifFirst: word) {
            if unsafe IndexPlan.compare(id, rows.row(locator.ref).bytes(column)) == 0 {
                return locator.ref
            }
        }
        return nil
    }

    /// The row with that id, without the table's prefix; nil when there is none. O(log n).
    public func row(withID id: String, of table: TableID, in view: VersionView) -> RowRef? {
        var id = id
        return id.withUTF8 {
            unsafe row(withID: UnsafeRawBufferPointer($0), of: table, in: view)
        }
    }

    // MARK: Writing

    /// Leaves all changes to a ``Writer``.
    func takeOver() {
        writing.withLock { isTaken in
            precondition(!isTaken, "a store has one writer")
            isTaken = true
        }
    }

    func giveBack() {
        writing.withLock { $0 = false }
    }

    /// Makes the next version: runs `body`, then publishes what the transactions of its group have
    /// changed. If nothing was touched, there is no new version.
    ///
    /// Writers wait for each other: `body` must not write to this store by any other way. A transaction that has ended stays part of the group, even if
    /// `body` throws afterwards.
    /// - Parameter now: milliseconds since 1970-01-01T00:00:00Z, for `createdAt` and `updatedAt`.
    @discardableResult
    public func write<Result, Failure: Error>(
        now: Int64, _ body: (WriteGroup) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try writing.withLock { isTaken throws(Failure) -> Result in
            precondition(!isTaken, "the store is changed by its writer alone")
            let group = WriteGroup(self, now: now)
            defer { group.end() }
            return try body(group)
        }
    }

    /// Fills empty tables quickly: runs `body`, whose rows become visible when it calls
    /// ``BulkLoader/finish()``, all at once. Without a finish that finds nothing wrong, they are
    /// gone.
    ///
    /// - Parameter now: milliseconds since 1970-01-01T00:00:00Z, for rows that do not bring their
    ///   own `createdAt` and `updatedAt`.
    @discardableResult
    public func load<Result, Failure: Error>(
        now: Int64, _ body: (BulkLoader) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try load(now: now, sequence: nil, body)
    }

    /// As ``load(now:_:)``, making a version of a number that may lie further ahead. Only before
    /// there are readers.
    func load<Result, Failure: Error>(
        now: Int64, sequence: UInt64?, _ body: (BulkLoader) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try writing.withLock { isTaken throws(Failure) -> Result in
            precondition(!isTaken, "the store is changed by its writer alone")
            let loader = BulkLoader(self, now: now, sequence: sequence)
            defer { loader.end() }
            return try body(loader)
        }
    }
}

extension Store {
    /// Slots of a shard: all but the last that 32 bits can name, which means no row.
    var slotMax: Int { 1 << (32 - shardBits) - 1 }

    /// Where a row without a `shardBy` owner lies.
    func shard(ofIDHash hash: UInt64) -> Int {
        shardBits == 0 ? 0 : Int(truncatingIfNeeded: hash &>> UInt64(64 - shardBits))
    }
}
