import Store

extension Executor {
    /// What is asked of each row that a source finds.
    struct RowTest {
        private let evaluator: PredicateEvaluator?
        private let ownerColumn: Column?
        private let owner: RowRef

        init(_ run: borrowing Run, _ frame: ListFrame) {
            let view = run.view
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

    /// Calls `body` with every row of the list, in no particular order. False when the operation
    /// must be given up.
    func forEachRow(
        _ run: borrowing Run, _ frame: ListFrame, _ body: (RowView, Locator) -> Void
    ) -> Bool {
        let source = frame.list.source
        let table = frame.table
        switch source.kind {
        case .empty: return true
        case .pages:
            return forEachPage(run, frame) { page, mask in
                var rest = mask
                while rest != 0 {
                    let lane = rest.trailingZeroBitCount
                    rest &= rest &- 1
                    body(page.row(lane: lane), page.locator(lane: lane))
                }
            }
        case .rows:
            let test = RowTest(run, frame)
            for raw in source.rows {
                guard meter.visit(1) else { return false }
                let ref = RowRef(rawValue: raw)
                guard let row = table.liveRow(ref), test.passes(row, ref) else { continue }
                body(row, Locator(creation: row.creation, ref: ref))
            }
            return true
        case .links:
            guard let relation = source.relation else { return true }
            let test = RowTest(run, frame)
            var walk = RelationWalk(relation, frame.owner, run.view)
            while let (row, ref) = walk.next() {
                guard meter.visit(1) else { return false }
                guard test.passes(row, ref) else { continue }
                body(row, Locator(creation: row.creation, ref: ref))
            }
            return true
        case .index:
            if source.coversTable {
                return forEachPage(run, frame) { page, mask in
                    var rest = mask
                    while rest != 0 {
                        let lane = rest.trailingZeroBitCount
                        rest &= rest &- 1
                        body(page.row(lane: lane), page.locator(lane: lane))
                    }
                }
            }
            let tree = run.view.tree(source.index)
            let test = RowTest(run, frame)
            for segment in source.segments {
                let bounds = source.bounds(segment, frame.word)
                var cursor = tree.cursor(at: bounds.lower)
                while let key = cursor.nextKey(), key.isBefore(bounds.upper, tree.stride) {
                    guard meter.visit(1) else { return false }
                    let locator = Locator(rawValue: key.locator)
                    let row = table.row(locator.ref)
                    if test.passes(row, locator.ref) { body(row, locator) }
                }
            }
            return true
        }
    }

    /// Calls `body` with every page of the table and the lanes that pass the filter.
    func forEachPage(
        _ run: borrowing Run, _ frame: ListFrame, _ body: (PageView, UInt64) -> Void
    ) -> Bool {
        let table = frame.table
        let view = run.view
        let evaluator = frame.list.source.residual.map {
            PredicateEvaluator($0, view: view, table: frame.list.table)
        }
        for shard in 0..<table.shardCount {
            for number in 0..<table.pageCount(shard: shard) {
                guard let page = table.page(shard: shard, number: number) else { continue }
                // A page costs about as much as a few single rows.
                guard meter.visit(4) else { return false }
                let mask = evaluator?.mask(page) ?? page.live
                if mask != 0 { body(page, mask) }
            }
        }
        return true
    }

    /// The number of rows of a list, paging aside. Nil when the operation must be given up.
    func count(_ run: borrowing Run, _ frame: ListFrame) -> Int? {
        let source = frame.list.source
        switch source.kind {
        case .empty: return 0
        case .index where !source.isFiltered:
            return source.count(run.view.tree(source.index), frame.word)
        case .pages where source.residual == nil: return frame.table.count
        case .pages: return countPages(run, frame)
        case .index where source.coversTable: return countPages(run, frame)
        default:
            var count = 0
            return forEachRow(run, frame) { _, _ in count += 1 } ? count : nil
        }
    }

    private func countPages(_ run: borrowing Run, _ frame: ListFrame) -> Int? {
        var count = 0
        return forEachPage(run, frame) { _, mask in count += mask.nonzeroBitCount } ? count : nil
    }
}
