import Store

/// A list of one owner: its rows as its source finds them, and what the parts of one connection
/// share.
struct ListFrame {
    let list: ResolvedList
    let table: TableView
    let owner: RowRef
    /// The equality word of the list's index for this owner.
    let word: UInt64
    /// The words of a union; else empty.
    let words: [UInt64]
    /// Whether someone asks if rows come before the page.
    let needsPrevious: Bool
    var window = ListWindow()

    init(_ list: ResolvedList, of owner: RowRef, _ view: MeteredView, needsPrevious: Bool = false) {
        self.list = list
        table = view.table(list.table)
        self.owner = owner
        word = list.source.word(owner: owner)
        words = list.source.words(owner: owner)
        self.needsPrevious = needsPrevious
    }

    /// Calls `body` with every row of the list, in no particular order. False when the operation
    /// must be given up.
    func forEachRow(_ view: MeteredView, _ body: (RowView, Locator) -> Void) -> Bool {
        let source = list.source
        switch source.kind {
        case .empty: return true
        case .pages:
            return forEachPage(view) { page, mask in
                var rest = mask
                while rest != 0 {
                    let lane = rest.trailingZeroBitCount
                    rest &= rest &- 1
                    body(page.row(lane: lane), page.locator(lane: lane))
                }
            }
        case .rows:
            let test = RowTest(self, view)
            for raw in source.rows {
                guard view.meter.visit(1) else { return false }
                let ref = RowRef(rawValue: raw)
                guard let row = table.liveRow(ref), test.passes(row, ref) else { continue }
                body(row, Locator(creation: row.creation, ref: ref))
            }
            return true
        case .found:
            let test = RowTest(self, view)
            for raw in source.found {
                guard view.meter.visit(1) else { return false }
                let locator = Locator(rawValue: raw)
                guard let row = table.liveRow(locator.ref), test.passes(row, locator.ref) else {
                    continue
                }
                body(row, locator)
            }
            return view.meter.visit(0)
        case .links:
            guard let relation = source.relation else { return true }
            let test = RowTest(self, view)
            var walk = RelationWalk(relation, owner, view)
            while let (row, ref) = walk.next() {
                guard view.meter.visit(1) else { return false }
                guard test.passes(row, ref) else { continue }
                body(row, Locator(creation: row.creation, ref: ref))
            }
            return true
        case .index:
            if source.coversTable {
                return forEachPage(view) { page, mask in
                    var rest = mask
                    while rest != 0 {
                        let lane = rest.trailingZeroBitCount
                        rest &= rest &- 1
                        body(page.row(lane: lane), page.locator(lane: lane))
                    }
                }
            }
            let test = RowTest(self, view)
            if words.isEmpty { return forEachEntry(word, view, test, body) }
            for word in words {
                guard forEachEntry(word, view, test, body) else { return false }
            }
            return true
        }
    }

    @inline(__always)
    private func forEachEntry(
        _ word: UInt64, _ view: MeteredView, _ test: RowTest, _ body: (RowView, Locator) -> Void
    ) -> Bool {
        let source = list.source
        let tree = view.tree(source.index)
        for segment in source.segments {
            let bounds = source.bounds(segment, word)
            var cursor = tree.cursor(at: bounds.lower)
            while let key = cursor.nextKey(), key.isBefore(bounds.upper, tree.stride) {
                guard view.meter.visit(1) else { return false }
                let locator = Locator(rawValue: key.locator)
                let row = table.row(locator.ref)
                if test.passes(row, locator.ref) { body(row, locator) }
            }
        }
        return true
    }

    /// Calls `body` with every page of the table and the lanes that pass the filter.
    func forEachPage(_ view: MeteredView, _ body: (PageView, UInt64) -> Void) -> Bool {
        let evaluator = list.source.residual.map {
            PredicateEvaluator($0, view: view, table: list.table)
        }
        for shard in 0..<table.shardCount {
            for number in 0..<table.pageCount(shard: shard) {
                guard let page = table.page(shard: shard, number: number) else { continue }
                // A page costs about as much as a few single rows.
                guard view.meter.visit(4) else { return false }
                let mask = evaluator?.mask(page) ?? page.live
                if mask != 0 { body(page, mask) }
            }
        }
        return true
    }

    /// The number of rows of the list, paging aside. Nil when the operation must be given up.
    func count(_ view: MeteredView) -> Int? {
        let source = list.source
        switch source.kind {
        case .empty: return 0
        case .index where !source.isFiltered:
            return source.count(view.tree(source.index), word, words)
        case .found where !source.isFiltered:
            return view.meter.visit(1) ? source.found.count : nil
        case .pages where source.residual == nil: return table.count
        case .pages: return countPages(view)
        case .index where source.coversTable: return countPages(view)
        default:
            var count = 0
            return forEachRow(view) { _, _ in count += 1 } ? count : nil
        }
    }

    private func countPages(_ view: MeteredView) -> Int? {
        var count = 0
        return forEachPage(view) { _, mask in count += mask.nonzeroBitCount } ? count : nil
    }
}

/// What is asked of each row that a source finds.
struct RowTest {
    private let evaluator: PredicateEvaluator?
    private let ownerColumn: Column?
    private let owner: RowRef

    init(_ frame: ListFrame, _ view: MeteredView) {
        evaluator = frame.list.source.residual.map {
            PredicateEvaluator($0, view: view, table: frame.list.table)
        }
        ownerColumn = frame.list.source.verifiedOwner
        owner = frame.owner
    }

    @inline(__always)
    func passes(_ row: RowView, _ ref: RowRef) -> Bool {
        if let ownerColumn, row.reference(ownerColumn) != owner { return false }
        return evaluator?.matches(row, ref) ?? true
    }
}
