import Store

extension Executor {
    /// Finds the rows of the page. False when the operation must be given up.
    func gather(_ run: borrowing Run, _ frame: inout ListFrame) -> Bool {
        frame.window.start = pageRows.count
        let list = frame.list
        if list.source.kind == .empty { return true }
        if list.isPlainStart && !frame.needsPrevious {
            gatherStart(run, &frame)
            return true
        }
        if list.source.kind == .found && !list.source.isFiltered && list.order.keys.isEmpty
            && list.after == nil && list.before == nil
        {
            return gatherFound(&frame)
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
        let ranges = RankRanges(frame, tree)
        if !list.source.isFiltered {
            let count = ranges.count
            let begin = list.isFromEnd ? max(0, count - list.size) : min(list.offset, count)
            let end = list.isFromEnd ? count : min(begin + list.size, count)
            frame.window.hasPrevious = begin + ranges.cutAtStart > 0
            frame.window.hasNext = end < count || ranges.cutAtEnd > 0
            frame.window.count = end - begin
            if ranges.runLength > 1 {
                return takeMerged(tree, ranges, begin: begin, end: end, of: count, list)
            }
            take(tree, ranges.ranges, skipping: begin, count: end - begin)
            return meter.visit(end - begin)
        }
        return gatherFiltered(run, &frame, tree, ranges)
    }

    /// As `take`, from ranges side by side: entry by entry from the end that is nearer.
    private func takeMerged(
        _ tree: TreeView, _ ranges: RankRanges, begin: Int, end: Int, of count: Int,
        _ list: ResolvedList
    ) -> Bool {
        let start = pageRows.count
        let fromEnd = count - begin < end
        var skipping = fromEnd ? count - end : begin
        let walked = walk(tree, ranges, fromEnd: fromEnd) { locator in
            if skipping > 0 {
                skipping -= 1
                return true
            }
            if pageRows.count - start == end - begin { return false }
            pageRows.append(locator.ref.rawValue)
            return true
        }
        if fromEnd { pageRows[start...].reverse() }
        return walked
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
        let test = RowTest(frame, run.view)
        var skipped = 0
        var hasMore = false
        var found = 0
        let walked = walk(tree, ranges, fromEnd: list.isFromEnd) { locator in
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
        if ranges.cutAtStart > 0, !frame.window.hasPrevious, frame.needsPrevious {
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
        let all = RankRanges(frame, tree, isCut: false)
        var exists = false
        let walked = walk(tree, all, fromEnd: after) { locator in
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
    func walk(
        _ tree: TreeView, _ ranges: RankRanges, fromEnd: Bool, _ body: (Locator) -> Bool
    ) -> Bool {
        guard ranges.runLength == 1 else {
            return walkMerged(tree, ranges, fromEnd: fromEnd, body)
        }
        let ranges = ranges.ranges
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

    private func walkMerged(
        _ tree: TreeView, _ ranges: RankRanges, fromEnd: Bool, _ body: (Locator) -> Bool
    ) -> Bool {
        let runs = ranges.ranges.count / ranges.runLength
        for place in 0..<runs {
            let start = (fromEnd ? runs - 1 - place : place) * ranges.runLength
            let run = ranges.ranges[start..<start + ranges.runLength]
            guard meter.visit(run.count) else { return false }
            var merge = RangeMerge(
                tree, run, fromEnd: fromEnd, byCreation: ranges.isByCreation, ties: ranges.ties)
            while let locator = merge.next() {
                guard meter.visit(1) else { return false }
                if !body(locator) { return true }
            }
        }
        return true
    }

    /// A page out of rows that are known, in the order of their creation: their locators tell it.
    private func gatherFound(_ frame: inout ListFrame) -> Bool {
        let list = frame.list
        // Rows of which nothing is read cost a small part of a visit.
        guard meter.visit(1 + list.source.found.count / 16) else { return false }
        let limit =
            list.size > Int.max - list.offset - 1 ? Int.max : list.offset + list.size + 1
        let isDescending = list.order.tieIsDescending
        func precedes(_ left: RowSorter.Item, _ right: RowSorter.Item) -> Bool {
            left.locator != right.locator && (left.locator < right.locator) != isDescending
        }
        var sorter = RowSorter()
        swap(&sorter, &self.sorter)
        sorter.begin(limit: limit, isReversed: list.isFromEnd)
        for locator in list.source.found {
            sorter.add(RowSorter.Item(word: 0, locator: locator), precedes: precedes)
        }
        let sorted = sorter.finish(precedes: precedes)
        swap(&sorter, &self.sorter)
        guard meter.abortion == nil else { return false }
        takePage(sorted, &frame, isCutBefore: false, isCutBehind: false)
        return true
    }

    /// Puts the page out of the sorted rows of a list on the stack.
    private func takePage(
        _ sorted: [RowSorter.Item], _ frame: inout ListFrame, isCutBefore: Bool, isCutBehind: Bool
    ) {
        let list = frame.list
        let begin: Int
        let end: Int
        if list.isFromEnd {
            begin = max(0, sorted.count - list.size)
            end = sorted.count
        } else {
            begin = min(list.offset, sorted.count)
            end = min(begin + list.size, sorted.count)
        }
        frame.window.hasPrevious = begin > 0 || isCutBefore
        frame.window.hasNext = end < sorted.count || isCutBehind
        for item in sorted[begin..<end] {
            pageRows.append(UInt32(truncatingIfNeeded: item.locator))
        }
        frame.window.count = end - begin
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
        let finished = frame.forEachRow(run.view) { row, locator in
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
        guard meter.abortion == nil else { return false }
        takePage(sorted, &frame, isCutBefore: before > 0, isCutBehind: behind > 0)
        return true
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
