import Dispatch

/// Building indexes: one task for each, the largest first, on all processors.
extension BulkLoader {
    /// Builds the indexes of all loaded tables and puts them into the version's root; with
    /// violations, or when told to stop before, nothing of them is left.
    func buildIndexes(stopping: Bool) -> [LoadViolation] {
        var tasks: [IndexBuild] = []
        for case let load? in tables {
            let rows = view.table(load.plan.id)
            let order = CreationOrder(rows, nextCreation: load.nextCreation)
            for plan in load.plan.indexes {
                tasks.append(
                    IndexBuild(
                        plan, rows, order, NodeWriter(pool: store.pool, stamp: writer.stamp)))
            }
        }
        tasks.sort { $0.weight > $1.weight }
        let all = tasks
        DispatchQueue.concurrentPerform(iterations: all.count) { all[$0].run(stopping: stopping) }

        let violations = tasks.flatMap(\.violations)
        for task in tasks {
            if violations.isEmpty && !stopping {
                unsafe root.setTree(of: task.plan.id, to: task.tree)
            } else {
                task.tree.removeAll(writer: task.writer)
            }
            writer.absorb(task.writer)
        }
        return violations
    }
}

/// The locators of a table's rows in ascending order.
// Safe: `locators` is written by `init` alone and freed with this object.
@safe
final class CreationOrder: @unchecked Sendable {
    let locators: UnsafeMutablePointer<UInt64>
    let count: Int

    /// O(n) when at least half of the numbers given out belong to rows, else O(n log n).
    init(_ rows: TableView, nextCreation: UInt64) {
        count = rows.count
        unsafe locators = .allocate(capacity: max(count, 1))
        if nextCreation <= 2 * UInt64(count) + 64 {
            let numbers = Int(nextCreation)
            let places = UnsafeMutablePointer<UInt64>.allocate(capacity: numbers)
            defer { unsafe places.deallocate() }
            unsafe places.initialize(repeating: 0, count: numbers)
            rows.forEachRow { row, ref in
                unsafe places[Int(row.creation)] =
                    Locator(creation: row.creation, ref: ref).rawValue
            }
            var next = 0
            for number in 0..<numbers where unsafe places[number] != 0 {
                unsafe locators[next] = unsafe places[number]
                next += 1
            }
        } else {
            var next = 0
            rows.forEachRow { row, ref in
                unsafe locators[next] = Locator(creation: row.creation, ref: ref).rawValue
                next += 1
            }
            var run = unsafe UnsafeMutableBufferPointer(start: locators, count: count)
            unsafe run.sort()
        }
    }

    deinit {
        unsafe locators.deallocate()
    }
}

/// The building of one index.
// Safe: one thread runs it; the pages it reads do not change meanwhile.
@safe
final class IndexBuild: @unchecked Sendable {
    let plan: IndexPlan
    let writer: NodeWriter
    private let rows: TableView
    private let order: CreationOrder
    var tree: Tree
    private(set) var violations: [LoadViolation] = []

    init(_ plan: IndexPlan, _ rows: TableView, _ order: CreationOrder, _ writer: NodeWriter) {
        self.plan = plan
        self.rows = rows
        self.order = order
        self.writer = writer
        tree = Tree(stride: plan.shape.stride)
    }

    /// About the time that the building takes.
    var weight: Int {
        let words = plan.shape.hasWords ? 8 : 1
        return order.count * (plan.shape.stride * plan.shape.stride) * words
    }

    func run(stopping: Bool) {
        if stopping { return }
        if plan.shape.hasWords { return buildWords() }
        switch plan.shape.stride {
        case 1: buildLocators()
        case 2: build(PairEntry.self)
        default: build(TripleEntry.self)
        }
    }

    private func buildLocators() {
        let all = unsafe UnsafeBufferPointer(start: order.locators, count: order.count)
        guard !plan.conditions.isEmpty else {
            tree = unsafe Tree.build(stride: 1, entries: all, writer: writer)
            return
        }
        let some = unsafe all.filter { word in
            let locator = Locator(rawValue: word)
            return plan.key(of: rows.row(locator.ref), locator) != nil
        }
        unsafe some.withUnsafeBufferPointer { entries in
            tree = unsafe Tree.build(stride: 1, entries: entries, writer: writer)
        }
    }

    private func build<Entry: IndexEntry>(_: Entry.Type) {
        let capacity = max(order.count, 1)
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        let spare = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        defer {
            unsafe entries.deallocate()
            unsafe spare.deallocate()
        }
        var count = 0
        for position in 0..<order.count {
            let locator = unsafe Locator(rawValue: order.locators[position])
            guard let key = plan.key(of: rows.row(locator.ref), locator) else { continue }
            unsafe (entries + count).initialize(to: Entry(key))
            count += 1
        }
        unsafe EntrySort.sort(entries, spare: spare, count: count)
        if plan.shape.hasTextTies { unsafe sortTexts(entries, count: count) }
        if plan.definition.isUnique { unsafe findDuplicates(entries, count: count) }
        guard violations.isEmpty else { return }
        unsafe UnsafeRawPointer(entries).withMemoryRebound(
            to: UInt64.self, capacity: count * Entry.wordCount
        ) { words in
            tree = unsafe Tree.build(
                stride: Entry.wordCount,
                entries: UnsafeBufferPointer(start: words, count: count * Entry.wordCount),
                writer: writer)
        }
    }

    /// An entry for each word of each row.
    private func buildWords() {
        var entries: [PairEntry] = []
        var words: [UInt64] = []
        for position in 0..<order.count {
            let locator = unsafe Locator(rawValue: order.locators[position])
            words.removeAll(keepingCapacity: true)
            plan.appendWords(of: rows.row(locator.ref), to: &words)
            for word in words {
                entries.append(PairEntry(first: word, locatorWord: locator.rawValue))
            }
        }
        let count = entries.count
        guard count > 0 else { return }
        unsafe entries.withUnsafeMutableBufferPointer { entries in
            guard let first = entries.baseAddress else { return }
            let spare = UnsafeMutablePointer<PairEntry>.allocate(capacity: count)
            unsafe EntrySort.sort(first, spare: spare, count: count)
            unsafe spare.deallocate()
            unsafe UnsafeRawPointer(first).withMemoryRebound(
                to: UInt64.self, capacity: count * PairEntry.wordCount
            ) { words in
                tree = unsafe Tree.build(
                    stride: PairEntry.wordCount,
                    entries: UnsafeBufferPointer(start: words, count: count * PairEntry.wordCount),
                    writer: writer)
            }
        }
    }

    /// Puts entries with equal words into the order of their texts.
    private func sortTexts<Entry: IndexEntry>(
        _ entries: UnsafeMutablePointer<Entry>, count: Int
    ) {
        guard let column = plan.ordered else { return }
        var sort = TextSort(rows: rows, column: column)
        var start = 0
        while start < count {
            var end = start + 1
            while unsafe end < count && entries[end].hasSameWords(entries[start]) { end += 1 }
            if unsafe end - start > 1 && entries[start].lastWord != KeyEncoding.null {
                unsafe sort.sort(entries + start, count: end - start)
            }
            start = end
        }
    }

    /// Compares the rows behind equal words.
    private func findDuplicates<Entry: IndexEntry>(
        _ entries: UnsafeMutablePointer<Entry>, count: Int
    ) {
        var start = 0
        while start < count {
            var end = start + 1
            while unsafe end < count && entries[end].hasSameWords(entries[start]) { end += 1 }
            if end - start > 1 { unsafe findDuplicates(entries + start, in: end - start) }
            start = end
        }
    }

    private func findDuplicates<Entry: IndexEntry>(
        _ entries: UnsafeMutablePointer<Entry>, in count: Int
    ) {
        // One row for each value met. There is one value, or, where hashes collide, a few; an
        // index on texts has the equal ones side by side.
        var values = [unsafe entries[0].locator.ref]
        for position in 1..<count {
            let ref = unsafe entries[position].locator.ref
            let candidates = plan.shape.hasTextTies ? values.suffix(1) : values[...]
            let first = candidates.first {
                plan.isSameKey(rows.row($0), rows.row(ref))
            }
            if let first {
                violations.append(.duplicate(index: plan.id, first: first, second: ref))
            } else {
                values.append(ref)
            }
        }
    }
}
