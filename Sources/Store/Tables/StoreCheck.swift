/// What is wrong with a version of a store.
public enum StoreFault: Equatable, Sendable {
    /// A table's record counts other rows than its pages hold.
    case count(table: TableID, recorded: Int, found: Int)
    /// A page that is kept without a row, or has rows in slots that were not given out.
    case liveRows(table: TableID, shard: Int, page: Int)
    /// The heap of a page does not add up, or leaves its block.
    case heap(table: TableID, shard: Int, page: Int)
    /// The bytes of a row lie outside of its page's heap.
    case bytes(table: TableID, column: ColumnID, ref: RowRef)
    /// A creation number that is not above those before it on the shard, or not given out yet.
    case creation(table: TableID, ref: RowRef)
    /// A null where there must be a value.
    case null(table: TableID, column: ColumnID, ref: RowRef)
    /// A reference that leads to no row.
    case reference(table: TableID, column: ColumnID, ref: RowRef)
    /// A tree that does not hold together.
    case tree(index: IndexID, TreeFault)
    /// An index with more or fewer entries than rows belong to it.
    case entryCount(index: IndexID, expected: Int, found: Int)
    /// An entry that leads to no row, or to a row with other values.
    case entry(index: IndexID, ref: RowRef)
    /// Two rows with the same key in a unique index.
    case duplicate(index: IndexID, first: RowRef, second: RowRef)
}

extension Store {
    /// Everything that is wrong with a version; nothing, if the store is as it should be.
    ///
    /// Reads every page and every index: O(n log n), for tests and for the operator.
    public func check(_ view: VersionView) -> [StoreFault] {
        var check = StoreCheck(store: self, view: view)
        for table in tables { check.checkPages(of: table) }
        // What follows reads rows through references and entries.
        guard check.faults.isEmpty else { return check.faults }
        for index in indexes { check.checkEntries(of: index) }
        return check.faults
    }
}

private struct StoreCheck {
    let store: Store
    let view: VersionView
    var faults: [StoreFault] = []

    // MARK: Pages

    mutating func checkPages(of plan: TablePlan) {
        let rows = view.table(plan.id)
        var found = 0
        for shard in 0..<rows.shardCount {
            var lastCreation: UInt32 = 0
            for number in 0..<rows.pageCount(shard: shard) {
                guard let page = rows.page(shard: shard, number: number) else { continue }
                found += page.live.nonzeroBitCount
                let slotsLeft = rows.slotEnd(shard) - number * PageLayout.lanes
                let given = slotsLeft >= PageLayout.lanes ? UInt64.max : 1 << slotsLeft - 1
                if page.live == 0 || page.live & ~given != 0 {
                    faults.append(.liveRows(table: plan.id, shard: shard, page: number))
                }
                checkHeap(of: page, plan, shard, number)
                for lane in 0..<PageLayout.lanes where page.live >> UInt64(lane) & 1 != 0 {
                    let creation = page.creation(lane: lane)
                    if creation <= lastCreation || UInt64(creation) >= rows.nextCreation {
                        faults.append(.creation(table: plan.id, ref: page.ref(lane: lane)))
                    }
                    lastCreation = creation
                    checkValues(of: page.row(lane: lane), page.ref(lane: lane), plan)
                }
            }
        }
        if found != rows.count {
            faults.append(.count(table: plan.id, recorded: rows.count, found: found))
        }
    }

    private mutating func checkHeap(
        of page: PageView, _ plan: TablePlan, _ shard: Int, _ number: Int
    ) {
        let end = unsafe PageDraft.heapEnd(page.page)
        var used = unsafe PageDraft.garbage(page.page)
        for lane in 0..<PageLayout.lanes where page.live >> UInt64(lane) & 1 != 0 {
            let row = page.row(lane: lane)
            for (position, column) in plan.layout.columns.enumerated()
            where column.code == .bytes {
                let slot = row.slot(column)
                used += slot.count
                let isInside =
                    slot.offset >= plan.layout.fixedByteCount && slot.offset + slot.count <= end
                if slot.count > 0 && !isInside {
                    faults.append(
                        .bytes(table: plan.id, column: position, ref: page.ref(lane: lane)))
                }
            }
        }
        let isSound =
            unsafe used == end - plan.layout.fixedByteCount
            && end <= NodePool.byteCount(of: page.page)
        if !isSound { faults.append(.heap(table: plan.id, shard: shard, page: number)) }
    }

    private mutating func checkValues(of row: RowView, _ ref: RowRef, _ plan: TablePlan) {
        for column in plan.references {
            let target = row.reference(plan.layout.columns[column.column])
            let isNull = row.isNull(plan.layout.columns[column.column])
            if !isNull && target == .none {
                faults.append(.null(table: plan.id, column: column.column, ref: ref))
            } else if isNull != (target == .none)
                || !isNull && view.table(column.target).liveRow(target) == nil
            {
                faults.append(.reference(table: plan.id, column: column.column, ref: ref))
            }
        }
    }

    // MARK: Indexes

    mutating func checkEntries(of plan: IndexPlan) {
        if plan.shape.hasWords { return checkWords(of: plan) }
        let rows = view.table(plan.definition.table)
        let tree = view.tree(plan.id)
        // First that entries lead to rows, then their order: texts are compared in the rows.
        var cursor = tree.cursor(atRank: 0)
        while let entry = cursor.nextKey() {
            let locator = Locator(rawValue: entry.locator)
            guard let row = rows.liveRow(locator.ref), row.creation == locator.creation,
                plan.key(of: row, locator) == entry
            else {
                faults.append(.entry(index: plan.id, ref: locator.ref))
                return
            }
        }
        var expected = 0
        rows.forEachRow { row, ref in
            if plan.key(of: row, Locator(rawValue: 0)) != nil { expected += 1 }
        }
        if expected != tree.count {
            faults.append(.entryCount(index: plan.id, expected: expected, found: tree.count))
        }
        let fault = tree.firstFault { left, right in
            plan.shape.hasTextTies
                ? plan.compareTexts(rows.row(left.ref), rows.row(right.ref)) : 0
        }
        if let fault { faults.append(.tree(index: plan.id, fault)) }
        if plan.definition.isUnique { checkKeys(of: plan, rows, tree) }
    }

    /// Every entry leads to a row, every word of every row has one, and there are no others.
    private mutating func checkWords(of plan: IndexPlan) {
        let rows = view.table(plan.definition.table)
        let tree = view.tree(plan.id)
        var cursor = tree.cursor(atRank: 0)
        while let entry = cursor.nextKey() {
            let locator = Locator(rawValue: entry.locator)
            guard let row = rows.liveRow(locator.ref), row.creation == locator.creation else {
                faults.append(.entry(index: plan.id, ref: locator.ref))
                return
            }
        }
        if let fault = tree.firstFault() {
            faults.append(.tree(index: plan.id, fault))
            return
        }
        var expected = 0
        var missing: RowRef?
        var words: [UInt64] = []
        rows.forEachRow { row, ref in
            words.removeAll(keepingCapacity: true)
            plan.appendWords(of: row, to: &words)
            expected += words.count
            let locator = Locator(creation: row.creation, ref: ref)
            for word in words where missing == nil {
                let key = TreeKey(first: word, locator: locator)
                var cursor = tree.cursor(at: key)
                if cursor.nextKey() != key { missing = ref }
            }
        }
        if expected != tree.count {
            faults.append(.entryCount(index: plan.id, expected: expected, found: tree.count))
        } else if let missing {
            faults.append(.entry(index: plan.id, ref: missing))
        }
    }

    /// Compares each row with those before it that have the same words; of an index on texts,
    /// with the one before it.
    private mutating func checkKeys(of plan: IndexPlan, _ rows: TableView, _ tree: TreeView) {
        var cursor = tree.cursor(atRank: 0)
        var run: [RowRef] = []
        var last: TreeKey?
        while let entry = cursor.nextKey() {
            let ref = Locator(rawValue: entry.locator).ref
            if entry.first != last?.first || entry.second != last?.second { run = [] }
            let candidates = plan.shape.hasTextTies ? run.suffix(1) : run[...]
            if let first = candidates.first(where: {
                plan.isSameKey(rows.row($0), rows.row(ref))
            }) {
                faults.append(.duplicate(index: plan.id, first: first, second: ref))
            }
            run.append(ref)
            last = entry
        }
    }
}
