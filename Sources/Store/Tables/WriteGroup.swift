/// The changes of one new version: any number of transactions, one after the other, on one draft.
///
/// A group belongs to the thread that runs ``Store/write(now:_:)`` and ends with it, or to the
/// ``Writer``, which lends it to one job after the other.
// Safe: works under the writer's lock; `root` belongs to the draft until it ends.
@safe
public final class WriteGroup {
    /// Milliseconds since 1970-01-01T00:00:00Z; from one job to the next it never goes back.
    public internal(set) var now: Int64

    let store: Store
    let writer: NodeWriter
    let root: VersionRoot
    /// Where changes are noted for the journal; nil where there is none.
    let log: ChangeLog?
    /// Changes of rows that were made and not taken back.
    var changeCount = 0
    var undo: UndoLog { tools.undo }
    private let tools: WriteTools
    private var isInTransaction = false
    private var isEnded = false
    private var isUndoing = false

    /// Whether any block was made, even by a transaction that has failed.
    var isTouched = false

    /// A group on top of the current version.
    convenience init(_ store: Store, now: Int64) {
        unsafe self.init(
            store, on: store.slots.currentRoot, now: now, log: nil, tools: WriteTools())
    }

    /// - Parameters:
    ///   - base: the current version, or the sealed draft of the next one.
    ///   - tools: what no other open group uses.
    init(
        _ store: Store, on base: VersionRoot, now: Int64, log: ChangeLog?, tools: WriteTools
    ) {
        self.store = store
        self.now = now
        self.log = log
        self.tools = tools
        unsafe writer = NodeWriter(pool: store.pool, stamp: base.sequence + 1)
        unsafe root = VersionRoot(copying: base, writer: writer)
    }

    /// How far the change log goes; 0 without one.
    var logByteCount: Int { log?.byteCount ?? 0 }

    /// What the version will be if nothing else is changed; good until the next change.
    public var view: VersionView { unsafe root.view }

    /// Runs `body` as one transaction: if it throws, nothing of it remains, and the error goes on.
    ///
    /// Transactions do not nest.
    @discardableResult
    public func transaction<Result, Failure: Error>(
        _ body: (Transaction) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(!isEnded, "a group ends with its write")
        precondition(undo.isEmpty && !isInTransaction, "transactions do not nest")
        isInTransaction = true
        let transaction = Transaction(self)
        defer {
            transaction.end()
            isInTransaction = false
        }
        do {
            let result = try body(transaction)
            undo.removeAll()
            return result
        } catch {
            rollBack(to: 0)
            throw error
        }
    }

    /// Publishes the draft, or frees it when nothing was touched.
    func end() {
        isEnded = true
        if isTouched {
            unsafe store.slots.publish(root, retiring: writer.takeRetired())
        } else {
            unsafe writer.retire(root.block)
        }
    }

    /// Ends the group without publishing it: its draft goes to the caller.
    func seal() -> SealedDraft {
        isEnded = true
        return unsafe SealedDraft(root: root, retired: writer.takeRetired())
    }

    // MARK: For the transactions

    func pages(of plan: TablePlan) -> PageDraft {
        unsafe PageDraft(
            root: root, table: plan.id, layout: plan.layout, writer: writer,
            byteCountMax: isUndoing ? PageLayout.byteCountMaxUndoing : PageLayout.byteCountMax)
    }

    /// A builder for the group's own use, reset.
    func scratchBuilder(_ plan: TablePlan) -> RowBuilder {
        tools.builder(plan)
    }

    func addToLiveCount(_ table: TableID, _ difference: Int) {
        unsafe root.setLiveCount(of: table, to: root.liveCount(of: table) + difference)
    }

    // MARK: Entries

    /// Adds the entries of a row to an index, as the row is now.
    func link(_ index: IndexPlan, _ ref: RowRef) {
        let rows = view.table(index.definition.table)
        let row = rows.row(ref)
        if index.shape.hasWords { return linkWords(index, row, ref) }
        guard let key = index.key(of: row, Locator(creation: row.creation, ref: ref)) else {
            return
        }
        var tree = unsafe root.tree(of: index.id)
        let isNew =
            index.shape.hasTextTies
            ? tree.insert(key, writer: writer) { index.compareTexts(row, rows.row($0.ref)) }
            : tree.insert(key, writer: writer)
        assert(isNew, "an entry is added once")
        unsafe root.setTree(of: index.id, to: tree)
    }

    /// Takes the entries of a row from an index; the row is still as it was when they were added.
    func unlink(_ index: IndexPlan, _ ref: RowRef) {
        let rows = view.table(index.definition.table)
        let row = rows.row(ref)
        if index.shape.hasWords { return unlinkWords(index, row, ref) }
        guard let key = index.key(of: row, Locator(creation: row.creation, ref: ref)) else {
            return
        }
        var tree = unsafe root.tree(of: index.id)
        let wasThere =
            index.shape.hasTextTies
            ? tree.remove(key, writer: writer) { index.compareTexts(row, rows.row($0.ref)) }
            : tree.remove(key, writer: writer)
        assert(wasThere, "an entry is taken away once")
        unsafe root.setTree(of: index.id, to: tree)
    }

    /// Takes the entries of a row from the indexes that a change touches, before it is made. Those
    /// of words are left until ``relinkTouched(_:_:by:)``.
    func unlinkTouched(_ plan: TablePlan, _ ref: RowRef, by changes: RowBuilder) {
        tools.oldWords.removeAll(keepingCapacity: true)
        for index in plan.indexes where index.watchesTouched(changes) {
            if index.shape.hasWords {
                let start = tools.oldWords.count
                tools.oldWords.append(0)
                index.appendWords(of: view.table(plan.id).row(ref), to: &tools.oldWords)
                tools.oldWords[start] = UInt64(tools.oldWords.count - start - 1)
            } else {
                unlink(index, ref)
            }
        }
    }

    /// Adds the entries of a row to the indexes that a change has touched. Of the words only those
    /// that came and went are written.
    func relinkTouched(_ plan: TablePlan, _ ref: RowRef, by changes: RowBuilder) {
        var start = 0
        for index in plan.indexes where index.watchesTouched(changes) {
            if index.shape.hasWords {
                let count = Int(tools.oldWords[start])
                let old = tools.oldWords[(start + 1)..<(start + 1 + count)]
                start += 1 + count
                replaceWords(index, old, ref)
            } else {
                link(index, ref)
            }
        }
    }

    private func linkWords(_ index: IndexPlan, _ row: RowView, _ ref: RowRef) {
        let locator = Locator(creation: row.creation, ref: ref)
        var tree = unsafe root.tree(of: index.id)
        for word in words(index, row) {
            let isNew = tree.insert(TreeKey(first: word, locator: locator), writer: writer)
            assert(isNew, "an entry is added once")
        }
        unsafe root.setTree(of: index.id, to: tree)
    }

    private func unlinkWords(_ index: IndexPlan, _ row: RowView, _ ref: RowRef) {
        let locator = Locator(creation: row.creation, ref: ref)
        var tree = unsafe root.tree(of: index.id)
        for word in words(index, row) {
            let wasThere = tree.remove(TreeKey(first: word, locator: locator), writer: writer)
            assert(wasThere, "an entry is taken away once")
        }
        unsafe root.setTree(of: index.id, to: tree)
    }

    /// - Parameter old: the words before the change, ascending.
    private func replaceWords(_ index: IndexPlan, _ old: ArraySlice<UInt64>, _ ref: RowRef) {
        let row = view.table(index.definition.table).row(ref)
        let locator = Locator(creation: row.creation, ref: ref)
        let new = words(index, row)
        var tree = unsafe root.tree(of: index.id)
        var place = 0
        func add(_ word: UInt64) {
            let isNew = tree.insert(TreeKey(first: word, locator: locator), writer: writer)
            assert(isNew, "an entry is added once")
        }
        for word in old {
            while place < new.count, new[place] < word {
                add(new[place])
                place += 1
            }
            if place < new.count, new[place] == word {
                place += 1
                continue
            }
            let wasThere = tree.remove(TreeKey(first: word, locator: locator), writer: writer)
            assert(wasThere, "an entry is taken away once")
        }
        while place < new.count {
            add(new[place])
            place += 1
        }
        unsafe root.setTree(of: index.id, to: tree)
    }

    /// The words of a row in an index of them; good until they are asked for again.
    private func words(_ index: IndexPlan, _ row: RowView) -> [UInt64] {
        tools.words.removeAll(keepingCapacity: true)
        index.appendWords(of: row, to: &tools.words)
        return tools.words
    }

    /// Another row with the same values in the columns of a unique index.
    func rowWithKey(of ref: RowRef, in index: IndexPlan) -> RowRef? {
        let rows = view.table(index.definition.table)
        let row = rows.row(ref)
        guard let key = index.key(of: row, Locator(rawValue: 0)) else { return nil }
        let tree = view.tree(index.id)
        var cursor =
            index.shape.hasTextTies
            ? tree.cursor(at: key) { index.compareTexts(row, rows.row($0.ref)) }
            : tree.cursor(at: key)
        while let entry = cursor.nextKey(), entry.first == key.first, entry.second == key.second {
            let other = Locator(rawValue: entry.locator).ref
            if other != ref && index.isSameKey(row, rows.row(other)) { return other }
            // Of equal words, those with equal texts come first from here on.
            if index.shape.hasTextTies && index.compareTexts(row, rows.row(other)) != 0 {
                return nil
            }
        }
        return nil
    }

    // MARK: Taking back

    /// Undoes the steps of the present transaction behind the first `count`, the last first.
    func rollBack(to count: Int) {
        isUndoing = true
        while undo.count > count { takeBack(undo.removeLast()) }
        isUndoing = false
    }

    private func takeBack(_ step: UndoLog.Step) {
        let plan = store.tables[step.table.index]
        changeCount -= 1
        log?.truncate(to: step.logStart)
        switch step.kind {
        case .insert:
            for index in plan.indexes { unlink(index, step.ref) }
            forgetRow(plan, step.ref, creation: step.creation)
        case .update:
            let old = scratchBuilder(plan)
            undo.restore(step, into: old)
            unlinkTouched(plan, step.ref, by: old)
            // While undoing, every page has room.
            _ = unsafe pages(of: plan).update(step.ref, old)
            relinkTouched(plan, step.ref, by: old)
        case .delete:
            let old = scratchBuilder(plan)
            undo.restore(step, into: old)
            _ = unsafe pages(of: plan).insert(step.ref, creation: step.creation, old)
            addToLiveCount(plan.id, 1)
            for index in plan.indexes { link(index, step.ref) }
        }
    }

    /// Takes back the newest row of a table, which is in no index, with the numbers it got.
    func forgetRow(_ plan: TablePlan, _ ref: RowRef, creation: UInt32) {
        unsafe pages(of: plan).remove(ref)
        addToLiveCount(plan.id, -1)
        let shard = ref.shard(shardBits: store.shardBits)
        var shardRoot = unsafe root.shard(shard, of: plan.id)
        unsafe shardRoot.slotEnd = ref.slot(shardBits: store.shardBits)
        unsafe root.setShard(shard, of: plan.id, to: shardRoot)
        unsafe root.setNextCreation(of: plan.id, to: UInt64(creation))
    }
}

/// What groups use to work with, kept from one to the next so that little is allocated.
final class WriteTools {
    let undo = UndoLog()
    /// The words of a row in one index.
    var words: [UInt64] = []
    /// The words of a row in each index of words that a change touches, before it: their number, and
    /// then they themselves.
    var oldWords: [UInt64] = []
    private var builders: [TableID: RowBuilder] = [:]

    /// A builder for rows of a table, without values.
    func builder(_ plan: TablePlan) -> RowBuilder {
        if let builder = builders[plan.id] {
            builder.reset()
            return builder
        }
        let builder = RowBuilder(plan.layout)
        builders[plan.id] = builder
        return builder
    }
}
