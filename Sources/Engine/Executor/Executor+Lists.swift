import Bytes
import JSON
import Store

extension Executor {
    /// What the parts of one connection share.
    struct ListFrame {
        let plan: ListPlan
        let list: ResolvedList
        let table: TableView
        let owner: RowRef
        /// The equality word of the list's index for this owner.
        let word: UInt64
        var window = ListWindow()
    }

    /// A connection: gathers its page if anything needs it, then writes its parts.
    func list(_ run: borrowing Run, _ place: Int, _ step: Instruction, owner: RowRef) -> Status {
        let plan = run.plan.lists[Int(step.operand)]
        let list: ResolvedList
        if let fixed = plan.fixed {
            list = fixed
        } else {
            do throws(ArgumentError) {
                list = try resolvedList(run, Int(step.operand), plan)
            } catch {
                return fail(run, place, error)
            }
        }
        writeKey(run, step)
        let output = run.output
        let start = output.count
        var frame = ListFrame(
            plan: plan, list: list, table: run.view.table(list.table), owner: owner,
            word: list.source.word(owner: owner))
        let visitedBefore = meter.rowsVisited
        let stackTop = pageRows.count
        if plan.needsRows {
            guard gather(run, &frame) else { return .aborted }
        }
        enter(place)
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            let status = connectionPart(run, part, inner, frame)
            if status != .done {
                leave()
                pageRows.removeSubrange(stackTop...)
                return status
            }
            part = Int(inner.end)
        }
        if let trace { note(trace, run, frame, meter.rowsVisited - visitedBefore) }
        leave()
        pageRows.removeSubrange(stackTop...)
        closeObject(output, start)
        return .done
    }

    private func resolvedList(_ run: borrowing Run, _ place: Int, _ plan: ListPlan)
        throws(ArgumentError) -> ResolvedList
    {
        if let known = resolved[place] { return known }
        let resolver = ListResolver(
            context: context, view: run.view.version, variables: coercedVariables())
        let list = try resolver.resolve(
            plan.arguments, table: plan.table, relation: plan.relation)
        resolved[place] = list
        return list
    }

    private func note(
        _ trace: (ListTrace) -> Void, _ run: borrowing Run, _ frame: ListFrame, _ visited: Int
    ) {
        let source = frame.list.source
        trace(
            ListTrace(
                path: pathText(run), source: source.kind == .empty ? "nothing" : source.name,
                isOrdered: source.isOrdered, isFiltered: source.isFiltered,
                rowsEstimated: source.estimate, rowsVisited: visited,
                rowsReturned: frame.window.count))
    }

    // MARK: Parts of a connection

    private func connectionPart(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        switch step.operation {
        case .nodes: return nodes(run, place, step, frame)
        case .edges: return edges(run, place, step, frame)
        case .pageInfo: return pageInfo(run, place, step, frame)
        case .totalCount:
            writeKey(run, step)
            guard let count = count(run, frame) else { return .aborted }
            run.output.appendInteger(Int64(count))
            return .done
        case .aggregate: return aggregate(run, place, step, frame)
        default:
            writeKey(run, step)
            return .done
        }
    }

    private func nodes(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let output = run.output
        let start = output.count
        let end = Int(step.end)
        enter(place)
        enter(index: 0)
        for index in 0..<frame.window.count {
            guard meter.visit(1) else { return .aborted }
            let ref = RowRef(rawValue: pageRows[frame.window.start + index])
            move(to: index)
            output.append(byte: UInt8(ascii: ","))
            let itemStart = output.count
            let status = fields(run, place + 1, end, frame.table.row(ref), ref)
            if status != .done {
                leave()
                leave()
                return status
            }
            closeObject(output, itemStart)
        }
        leave()
        leave()
        closeList(output, start)
        return .done
    }

    private func edges(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let output = run.output
        let start = output.count
        enter(place)
        enter(index: 0)
        for index in 0..<frame.window.count {
            guard meter.visit(1) else { return .aborted }
            let ref = RowRef(rawValue: pageRows[frame.window.start + index])
            let row = frame.table.row(ref)
            move(to: index)
            output.append(byte: UInt8(ascii: ","))
            let itemStart = output.count
            var part = place + 1
            while part < Int(step.end) {
                let inner = run.plan[part]
                writeKey(run, inner)
                switch inner.operation {
                case .cursor: writeCursor(run, frame, ref)
                case .edgeNode:
                    let nodeStart = output.count
                    enter(part)
                    let status = fields(run, part + 1, Int(inner.end), row, ref)
                    leave()
                    if status != .done {
                        leave()
                        leave()
                        return status
                    }
                    closeObject(output, nodeStart)
                default: break
                }
                part = Int(inner.end)
            }
            closeObject(output, itemStart)
        }
        leave()
        leave()
        closeList(output, start)
        return .done
    }

    private func writeCursor(_ run: borrowing Run, _ frame: ListFrame, _ ref: RowRef) {
        CursorCoding.write(
            frame.list.order, frame.table.row(ref), ref, run.view, to: run.output, scratch: scratch)
    }

    private func pageInfo(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let start = run.output.count
        let window = frame.window
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            writeKey(run, inner)
            switch inner.operation {
            case .hasNextPage: run.output.appendJSONBool(window.hasNext)
            case .hasPreviousPage: run.output.appendJSONBool(window.hasPrevious)
            case .startCursor, .endCursor:
                if window.count == 0 {
                    run.output.append("null")
                } else {
                    let index = inner.operation == .startCursor ? 0 : window.count - 1
                    writeCursor(run, frame, RowRef(rawValue: pageRows[window.start + index]))
                }
            default: break
            }
            part = Int(inner.end)
        }
        closeObject(run.output, start)
        return .done
    }

    // MARK: Gathering a page

    /// Finds the rows of the page. False when the operation must be given up.
    private func gather(_ run: borrowing Run, _ frame: inout ListFrame) -> Bool {
        frame.window.start = pageRows.count
        let list = frame.list
        if list.source.kind == .empty { return true }
        if list.isPlainStart && !frame.plan.needsPrevious {
            gatherStart(run, &frame)
            return true
        }
        return list.source.kind == .index && list.source.isOrdered
            ? gatherOrdered(run, &frame) : gatherSorted(run, &frame)
    }

    /// The first entries of an index range.
    private func gatherStart(_ run: borrowing Run, _ frame: inout ListFrame) {
        let source = frame.list.source
        let tree = run.view.tree(source.index)
        let wanted = frame.list.size
        var found = 0
        for segment in source.segments {
            let bounds = source.bounds(segment, frame.word)
            if segment.isBackward {
                var cursor = tree.cursor(at: bounds.upper)
                while let key = cursor.previousKey(), !key.isBefore(bounds.lower, tree.stride) {
                    if found == wanted {
                        frame.window.hasNext = true
                        break
                    }
                    pageRows.append(UInt32(truncatingIfNeeded: key.locator))
                    found += 1
                }
            } else {
                var cursor = tree.cursor(at: bounds.lower)
                while let key = cursor.nextKey(), key.isBefore(bounds.upper, tree.stride) {
                    if found == wanted {
                        frame.window.hasNext = true
                        break
                    }
                    pageRows.append(UInt32(truncatingIfNeeded: key.locator))
                    found += 1
                }
            }
            if frame.window.hasNext { break }
        }
        frame.window.count = found
    }

    /// A page out of entries that come in order: by ranks when all of them belong to the list, else
    /// by testing one after another.
    private func gatherOrdered(_ run: borrowing Run, _ frame: inout ListFrame) -> Bool {
        let list = frame.list
        let tree = run.view.tree(list.source.index)
        let ranges = RankRanges(list, frame.word, tree, ties: textTies(list, frame.table))
        if !list.source.isFiltered {
            let count = ranges.count
            let begin = list.isFromEnd ? max(0, count - list.size) : min(list.offset, count)
            let end = list.isFromEnd ? count : min(begin + list.size, count)
            frame.window.hasPrevious = begin + ranges.cutAtStart > 0
            frame.window.hasNext = end < count || ranges.cutAtEnd > 0
            frame.window.count = end - begin
            take(tree, ranges.ranges, skipping: begin, count: end - begin)
            return meter.visit(end - begin)
        }
        return gatherFiltered(run, &frame, tree, ranges)
    }

    private func textTies(_ list: ResolvedList, _ table: TableView) -> TextTies? {
        guard list.source.hasOrder, let key = list.order.keys.first,
            case .column(let column) = key.source, column.code == .bytes
        else { return nil }
        return TextTies(table: table, column: column)
    }

    /// Puts `count` entries on the stack, after the first `skipping`.
    private func take(_ tree: TreeView, _ ranges: [RankRange], skipping: Int, count: Int) {
        var skipping = skipping
        var left = count
        for range in ranges where left > 0 {
            if skipping >= range.count {
                skipping -= range.count
                continue
            }
            var wanted = min(left, range.count - skipping)
            left -= wanted
            if range.isBackward {
                var cursor = tree.cursor(atRank: range.high - skipping)
                while wanted > 0, let locator = cursor.previous() {
                    pageRows.append(locator.ref.rawValue)
                    wanted -= 1
                }
            } else {
                var cursor = tree.cursor(atRank: range.low + skipping)
                while wanted > 0, let locator = cursor.next() {
                    pageRows.append(locator.ref.rawValue)
                    wanted -= 1
                }
            }
            skipping = 0
        }
    }

    private func gatherFiltered(
        _ run: borrowing Run, _ frame: inout ListFrame, _ tree: TreeView, _ ranges: RankRanges
    ) -> Bool {
        let list = frame.list
        let test = RowTest(run, frame)
        var skipped = 0
        var hasMore = false
        var found = 0
        let walked = walk(run, tree, ranges.ranges, fromEnd: list.isFromEnd) { locator in
            guard test.passes(frame.table.row(locator.ref), locator.ref) else { return true }
            if skipped < list.offset {
                skipped += 1
                return true
            }
            if found == list.size {
                hasMore = true
                return false
            }
            pageRows.append(locator.ref.rawValue)
            found += 1
            return true
        }
        guard walked else { return false }
        if list.isFromEnd {
            pageRows[frame.window.start...].reverse()
            frame.window.hasPrevious = hasMore
            frame.window.hasNext = false
        } else {
            frame.window.hasNext = hasMore
            frame.window.hasPrevious = skipped > 0
        }
        frame.window.count = found
        // What a cursor cut off counts when it holds a row of the list.
        if ranges.cutAtStart > 0, !frame.window.hasPrevious, frame.plan.needsPrevious {
            guard let exists = anyPasses(run, frame, tree, test, after: false) else { return false }
            frame.window.hasPrevious = exists
        }
        if ranges.cutAtEnd > 0, !frame.window.hasNext {
            guard let exists = anyPasses(run, frame, tree, test, after: true) else { return false }
            frame.window.hasNext = exists
        }
        return true
    }

    /// Whether a row of the list lies before its `after` cursor, or behind its `before` cursor. Nil
    /// when the operation must be given up.
    private func anyPasses(
        _ run: borrowing Run, _ frame: ListFrame, _ tree: TreeView, _ test: RowTest, after: Bool
    ) -> Bool? {
        let list = frame.list
        guard let position = after ? list.before : list.after else { return false }
        let all = RankRanges(
            ResolvedList(
                table: list.table, source: list.source, order: list.order, size: list.size,
                isFromEnd: false, offset: 0, after: nil, before: nil), frame.word, tree, ties: nil)
        var exists = false
        let walked = walk(run, tree, all.ranges, fromEnd: after) { locator in
            let row = frame.table.row(locator.ref)
            let side = list.order.compare(row, locator, position, run.view)
            if after ? side < 0 : side > 0 { return false }
            // Cursors in the wrong order leave nothing, and nothing behind it.
            if after, let start = list.after,
                list.order.compare(row, locator, start, run.view) <= 0
            {
                return false
            }
            if test.passes(row, locator.ref) {
                exists = true
                return false
            }
            return true
        }
        return walked ? exists : nil
    }

    /// Walks entries from the front or the back until `body` answers false. False when the
    /// operation must be given up.
    @inline(__always)
    private func walk(
        _ run: borrowing Run, _ tree: TreeView, _ ranges: [RankRange], fromEnd: Bool,
        _ body: (Locator) -> Bool
    ) -> Bool {
        for place in ranges.indices {
            let range = ranges[fromEnd ? ranges.count - 1 - place : place]
            var left = range.count
            let isBackward = range.isBackward != fromEnd
            var cursor = tree.cursor(atRank: isBackward ? range.high : range.low)
            while left > 0, let locator = isBackward ? cursor.previous() : cursor.next() {
                left -= 1
                guard meter.visit(1) else { return false }
                if !body(locator) { return true }
            }
        }
        return true
    }

    /// A page out of rows that come in no order: all are looked at, the first ones kept.
    private func gatherSorted(_ run: borrowing Run, _ frame: inout ListFrame) -> Bool {
        let list = frame.list
        let order = list.order
        let view = run.view
        let table = frame.table
        let limit =
            list.size > Int.max - list.offset - 1 ? Int.max : list.offset + list.size + 1
        var before = 0
        var behind = 0
        // The sorter is taken out while it works, so that it is not copied.
        var sorter = RowSorter()
        swap(&sorter, &self.sorter)
        sorter.begin(limit: limit, isReversed: list.isFromEnd)
        let tieIsDescending = order.tieIsDescending
        let wordDecides = order.wordDecides
        func precedes(_ left: RowSorter.Item, _ right: RowSorter.Item) -> Bool {
            if left.word != right.word { return left.word < right.word }
            if wordDecides {
                return left.locator != right.locator
                    && (left.locator < right.locator) != tieIsDescending
            }
            let a = Locator(rawValue: left.locator)
            let b = Locator(rawValue: right.locator)
            return order.compare((table.row(a.ref), a), (table.row(b.ref), b), view) < 0
        }
        let finished = forEachRow(run, frame) { row, locator in
            if let after = list.after, order.compare(row, locator, after, view) <= 0 {
                before += 1
                return
            }
            if let position = list.before, order.compare(row, locator, position, view) >= 0 {
                behind += 1
                return
            }
            sorter.add(
                RowSorter.Item(
                    word: order.word(row, locator.ref, view), locator: locator.rawValue),
                precedes: precedes)
        }
        guard finished else { return false }
        let sorted = sorter.finish(precedes: precedes)
        swap(&sorter, &self.sorter)
        let begin: Int
        let end: Int
        if list.isFromEnd {
            begin = max(0, sorted.count - list.size)
            end = sorted.count
            frame.window.hasPrevious = begin > 0 || before > 0
            frame.window.hasNext = behind > 0
        } else {
            begin = min(list.offset, sorted.count)
            end = min(begin + list.size, sorted.count)
            frame.window.hasPrevious = begin > 0 || before > 0
            frame.window.hasNext = end < sorted.count || behind > 0
        }
        for item in sorted[begin..<end] {
            pageRows.append(UInt32(truncatingIfNeeded: item.locator))
        }
        frame.window.count = end - begin
        return true
    }

    // MARK: All rows of a list

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

extension TreeKey {
    /// Whether this key is below another, in a tree of the given stride.
    @inline(__always)
    func isBefore(_ other: TreeKey, _ stride: Int) -> Bool {
        if stride > 1 {
            if first != other.first { return first < other.first }
            if stride > 2 && second != other.second { return second < other.second }
        }
        return locator < other.locator
    }
}
