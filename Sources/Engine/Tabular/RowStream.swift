import Store

extension Executor {
    /// Calls `body` with one row of a list after another, in its order, until it answers false.
    ///
    /// Where an index has the order, nothing is held; else some 20 bytes for each row of the list,
    /// or for each wanted, if they are few. False when the operation must be given up.
    func stream(
        _ run: borrowing Run, _ list: ResolvedList, _ body: (RowView, RowRef) -> Bool
    ) -> Bool {
        var frame = ListFrame(list, of: .none, run.view)
        guard list.isStreamed else {
            let stackTop = pageRows.count
            guard gather(run, &frame) else { return false }
            for index in 0..<frame.window.count {
                guard meter.visit(1) else { return false }
                let ref = RowRef(rawValue: pageRows[frame.window.start + index])
                if !body(frame.table.row(ref), ref) { break }
            }
            pageRows.removeSubrange(stackTop...)
            return true
        }
        if list.size == 0 { return true }
        let tree = run.view.tree(list.source.index)
        let table = frame.table
        let isFiltered = list.source.isFiltered
        let test = RowTest(frame, run.view)
        var skipped = 0
        var found = 0
        return walk(tree, RankRanges(frame, tree), fromEnd: false) { locator in
            let row = table.row(locator.ref)
            if isFiltered, !test.passes(row, locator.ref) { return true }
            if skipped < list.offset {
                skipped += 1
                return true
            }
            found += 1
            return body(row, locator.ref) && found < list.size
        }
    }
}

extension ResolvedList {
    /// Whether its rows can be had one after another, without holding them.
    var isStreamed: Bool { source.kind == .index && source.isOrdered && !isFromEnd }
}
