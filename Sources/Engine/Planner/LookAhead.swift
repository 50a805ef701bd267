import Store

/// A way to the rows of a table that goes through entries which do not name each row once, so that
/// the rows are found before the list is walked: the words of a text, rows of another table that
/// lead here, or several ways side by side.
indirect enum LookAhead: Sendable {
    /// Rows with an entry in each of the ranges, the one with the fewest first.
    case words(IndexID, [TextSearch.Range])
    /// The owners of the rows that a source finds in `table`, which a relation's links are or lead
    /// to.
    case owners(of: ListSource, in: TableID, Owners)
    /// The rows that any of the sources finds.
    case union([ListSource])

    /// How a row leads to the owners of a relation.
    struct Owners: Sendable {
        let column: Column
        /// Where the row is not the link itself: the table of links and the index that finds them.
        let links: (table: TableID, index: IndexID)?
    }
}

/// Rows of one table, each once.
struct RowSet {
    /// One bit for each place of a row; empty while there are few rows.
    private var bits: [UInt64] = []
    private var few: [UInt32] = []
    private let bitCount: Int

    /// Up to so many rows are compared one by one.
    private static let fewMax = 32

    init(_ rows: TableView, _ version: VersionView) {
        let pages = (0..<rows.shardCount).map { rows.pageCount(shard: $0) }.max() ?? 0
        bitCount = (pages * 64) << version.shardBits
    }

    /// - Returns: false when the row was there already.
    @inline(__always)
    mutating func insert(_ ref: RowRef) -> Bool {
        if _slowPath(bits.isEmpty) { return insertFew(ref.rawValue) }
        return set(ref.rawValue)
    }

    @inline(__always)
    func contains(_ ref: RowRef) -> Bool {
        if bits.isEmpty { return few.contains(ref.rawValue) }
        let word = Int(ref.rawValue >> 6)
        return word < bits.count && bits[word] >> UInt64(ref.rawValue & 63) & 1 != 0
    }

    @inline(__always)
    private mutating func set(_ raw: UInt32) -> Bool {
        let word = Int(raw >> 6)
        guard word < bits.count else { return false }
        let bit: UInt64 = 1 << UInt64(raw & 63)
        if bits[word] & bit != 0 { return false }
        bits[word] |= bit
        return true
    }

    private mutating func insertFew(_ raw: UInt32) -> Bool {
        if few.contains(raw) { return false }
        few.append(raw)
        if few.count > Self.fewMax {
            bits = [UInt64](repeating: 0, count: bitCount / 64 + 1)
            for raw in few { _ = set(raw) }
        }
        return true
    }
}

/// Follows ways that were chosen.
struct LookAheadWalk {
    let context: EngineContext
    let view: MeteredView

    /// The source with what was looked ahead for in it. When the operation must be given up, rows
    /// are missing; whoever asks the meter then learns of it.
    func resolved(_ source: ListSource, in table: TableID) -> ListSource {
        guard source.kind == .found, let way = source.lookAhead else { return source }
        var source = source
        source.found = rows(way, in: table)
        return source
    }

    /// The locators of the rows, each once, in no particular order.
    private func rows(_ way: LookAhead, in table: TableID) -> [UInt64] {
        switch way {
        case .words(let index, let ranges): return rows(index, ranges, table)
        case .owners(let source, let child, let owners):
            return rows(source, child, owners, table)
        case .union(let sources):
            var seen = RowSet(view.table(table), view.version)
            var found: [UInt64] = []
            for source in sources {
                forEachRow(of: source, in: table) { _, locator in
                    if seen.insert(locator.ref) { found.append(locator.rawValue) }
                }
            }
            return found
        }
    }

    private func forEachRow(
        of source: ListSource, in table: TableID, _ body: (RowView, Locator) -> Void
    ) {
        let list = ResolvedList(
            table: table, source: resolved(source, in: table),
            order: context.creationOrder(of: table), size: .max, isFromEnd: false, offset: 0,
            after: nil, before: nil)
        _ = ListFrame(list, of: .none, view).forEachRow(view, body)
    }

    // MARK: Words

    private func rows(
        _ index: IndexID, _ ranges: [TextSearch.Range], _ table: TableID
    ) -> [UInt64] {
        let tree = view.tree(index)
        var found: [UInt64] = []
        for (place, range) in ranges.enumerated() {
            if place == 0 {
                // Entries with one word are of different rows.
                if range.low == range.high {
                    forEachEntry(tree, range) { found.append($0.rawValue) }
                } else {
                    var seen = RowSet(view.table(table), view.version)
                    forEachEntry(tree, range) { locator in
                        if seen.insert(locator.ref) { found.append(locator.rawValue) }
                    }
                }
            } else {
                if found.isEmpty { break }
                var present = RowSet(view.table(table), view.version)
                forEachEntry(tree, range) { _ = present.insert($0.ref) }
                found.removeAll { !present.contains(Locator(rawValue: $0).ref) }
            }
        }
        return found
    }

    @inline(__always)
    private func forEachEntry(
        _ tree: TreeView, _ range: TextSearch.Range, _ body: (Locator) -> Void
    ) {
        var cursor = tree.cursor(at: .before(first: range.low))
        while true {
            let run = cursor.nextRun()
            // A run is a leaf of some 64 entries, and costs about as much as a few rows.
            guard run.count > 0, view.meter.visit(4) else { return }
            let isWhole = run.first(run.count - 1) <= range.high
            for place in 0..<run.count {
                if !isWhole && run.first(place) > range.high { return }
                body(run[place])
            }
        }
    }

    // MARK: Owners

    private func rows(
        _ source: ListSource, _ child: TableID, _ owners: LookAhead.Owners, _ table: TableID
    ) -> [UInt64] {
        let rows = view.table(table)
        var seen = RowSet(rows, view.version)
        var found: [UInt64] = []
        func add(_ link: RowView) {
            let owner = link.reference(owners.column)
            if owner != .none && seen.insert(owner) {
                let creation = rows.row(owner).creation
                found.append(Locator(creation: creation, ref: owner).rawValue)
            }
        }
        forEachRow(of: source, in: child) { row, locator in
            guard let links = owners.links else { return add(row) }
            let word = KeyEncoding.ordered(reference: locator.ref)
            let table = view.table(links.table)
            var cursor = view.tree(links.index).cursor(at: .before(first: word))
            while let link = cursor.next(ifFirst: word)?.ref {
                guard view.meter.visit(1) else { return }
                add(table.row(link))
            }
        }
        return found
    }
}
