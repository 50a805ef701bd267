/// A row of any table.
struct RowKey: Hashable {
    let table: TableID
    let ref: RowRef
}

/// Everything that the deletion of one row leads to, found before anything is changed.
///
/// Rows are followed one after the other and each only once, so that circles end. The number of
/// rows is not limited here.
struct DeletionPlan {
    /// A row that stays, and its references that become null.
    struct Clearing {
        let row: RowKey
        var columns: [ColumnID]
    }

    private let group: WriteGroup

    /// The rows to delete, in the order they were found.
    private(set) var rows: [RowKey] = []
    private(set) var clearings: [Clearing] = []

    private var doomed: Set<RowKey> = []
    /// Rows that restrict, unless they turn out to be deleted themselves.
    private var restrictions: [(row: RowKey, column: ColumnID)] = []
    private var cleared: [(row: RowKey, column: ColumnID)] = []

    init(_ group: WriteGroup) {
        self.group = group
    }

    mutating func follow(from start: RowKey) throws(StoreError) {
        guard !group.store.tables[start.table.index].definition.isAppendOnly else {
            throw .appendOnly(table: start.table)
        }
        guard group.view.table(start.table).liveRow(start.ref) != nil else {
            throw .notFound(table: start.table, ref: start.ref)
        }
        rows = [start]
        doomed = [start]
        var next = 0
        while next < rows.count {
            let target = rows[next]
            next += 1
            for incoming in group.store.tables[target.table.index].incoming {
                try visit(incoming, target)
            }
        }
        for restriction in restrictions where !doomed.contains(restriction.row) {
            throw .referenced(
                by: restriction.row.table, column: restriction.column, ref: restriction.row.ref)
        }
        collectClearings()
    }

    private mutating func visit(
        _ incoming: IncomingReference, _ target: RowKey
    ) throws(StoreError) {
        let mayBeDoomed = group.store.tables[incoming.table.index].isCascaded
        try forEachReferring(incoming, target.ref) { row throws(StoreError) in
            switch incoming.action {
            case .cascade:
                if doomed.insert(row).inserted { rows.append(row) }
            case .setNull:
                cleared.append((row, incoming.column))
            case .restrict:
                guard mayBeDoomed || doomed.contains(row) else {
                    throw .referenced(by: row.table, column: incoming.column, ref: row.ref)
                }
                restrictions.append((row, incoming.column))
            }
        }
    }

    /// The rows whose reference leads to `target`, by an index, or by looking at all of them.
    private func forEachReferring(
        _ incoming: IncomingReference, _ target: RowRef,
        _ body: (RowKey) throws(StoreError) -> Void
    ) throws(StoreError) {
        let table = incoming.table
        if let index = incoming.index {
            let word = KeyEncoding.ordered(reference: target)
            var cursor = group.view.tree(index).cursor(at: .before(first: word))
            while let locator = cursor.next(ifFirst: word) {
                try body(RowKey(table: table, ref: locator.ref))
            }
            return
        }
        let column = group.store.column(table, incoming.column)
        let rows = group.view.table(table)
        for shard in 0..<rows.shardCount {
            for number in 0..<rows.pageCount(shard: shard) {
                guard let page = rows.page(shard: shard, number: number) else { continue }
                var rest = page.maskEqual(column, target)
                while rest != 0 {
                    try body(
                        RowKey(table: table, ref: page.ref(lane: rest.trailingZeroBitCount)))
                    rest &= rest &- 1
                }
            }
        }
    }

    /// One change for each row that stays, however many of its references go.
    private mutating func collectClearings() {
        var positions: [RowKey: Int] = [:]
        for (row, column) in cleared where !doomed.contains(row) {
            if let position = positions[row] {
                clearings[position].columns.append(column)
            } else {
                positions[row] = clearings.count
                clearings.append(Clearing(row: row, columns: [column]))
            }
        }
    }
}
