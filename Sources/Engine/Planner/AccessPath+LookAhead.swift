import Store

/// Which parts of a filter can be answered by looking ahead (``LookAhead``).
extension AccessPath {
    /// Rows of another table that are looked at, at the most, to find those that they lead to.
    private static let leadingMax = 1 << 16

    /// As `leadingMax`, of a table that is scanned for them.
    private static let scannedMax = 1000

    /// Alternatives at the most. Reason: each is planned by itself.
    private static let alternativesMax = 16

    /// A further word is looked up when it has at most so many times the entries of the rarest; else
    /// the rows of that are asked. Reason: an entry costs a few nanoseconds and a row a few hundred,
    /// but a set of rows must be made first, which does not pay off for less than `manyRows`.
    private static let manyRows = 64
    private static let furtherEntriesOfFew = 4
    private static let furtherEntriesOfMany = 64

    /// The source that finds the rows of a part of the filter by looking ahead, and whether it says
    /// all of the part. Nil where no index helps.
    func lookAhead(_ conjunct: Condition) -> (source: ListSource, isExact: Bool)? {
        switch conjunct {
        case .search(let column, let search): return words(column, search)
        case .relation(.some, let relation, let inner):
            return owners(relation, inner).map { ($0, true) }
        case .or(let parts):
            guard parts.count <= Self.alternativesMax, parts.contains(where: \.looksAhead)
            else { return nil }
            return union(parts).map { ($0, true) }
        default: return nil
        }
    }

    private func words(_ column: ColumnID, _ search: TextSearch) -> (ListSource, Bool)? {
        let index = context.model[table].indexes.first {
            $0.order == .words && $0.ordered == column && $0.conditions.isEmpty
        }
        guard let index else { return nil }
        let tree = view.tree(index.id)
        let counted = search.ranges.map { range in
            (
                range: range,
                count: tree.rank(of: .after(first: range.high))
                    - tree.rank(of: .before(first: range.low))
            )
        }.sorted { $0.count < $1.count }
        let fewest = counted[0].count
        let factor =
            fewest < Self.manyRows ? Self.furtherEntriesOfFew : Self.furtherEntriesOfMany
        let entriesMax = fewest * factor
        let walked = counted.prefix { $0.count <= entriesMax }
        var source = ListSource(kind: .found)
        source.name = index.name
        source.estimate = fewest
        source.aheadCost = 4 + 0.05 * Double(walked.reduce(0) { $0 + $1.count })
        source.lookAhead = .words(index.id, walked.map(\.range))
        return (source, search.isExact && walked.count == counted.count)
    }

    /// The rows that own a row of a relation that satisfies `inner`.
    private func owners(_ relation: Predicate.Relation, _ inner: Condition) -> ListSource? {
        let links = context.model[relation.linkTable]
        guard
            let ownerColumn = links.indexes.first(where: { $0.id == relation.index })?.equality
                .first
        else { return nil }
        var path: (table: TableID, index: IndexID)?
        // Links that lead to one row, on the average.
        var width = 1
        if let targetColumn = relation.targetColumn {
            let found = links.indexes.first { index in
                index.equality.count == 1 && index.conditions.isEmpty
                    && context.layouts.column(links.id, index.equality[0]) == targetColumn
            }
            guard let found else { return nil }
            path = (links.id, found.id)
            width += view.table(links.id).count / max(1, view.table(relation.target).count)
        }
        let source = planner(of: relation.target).plan(inner)
        let estimateMax = source.isNarrow ? Self.leadingMax : Self.scannedMax
        guard source.estimate <= estimateMax else { return nil }
        var ahead = ListSource(kind: .found)
        ahead.name = "\(context.model[table].name) by \(source.name)"
        ahead.estimate = min(source.estimate * width, view.table(table).count)
        ahead.aheadCost = 4 + source.aheadCost + 2.6 * Double(source.estimate * width)
        ahead.lookAhead = .owners(
            of: source, in: relation.target,
            LookAhead.Owners(
                column: context.layouts.column(links.id, ownerColumn), links: path))
        return ahead
    }

    private func union(_ parts: [Condition]) -> ListSource? {
        var sources: [ListSource] = []
        for part in parts {
            let source = planner(of: table).plan(part)
            if source.kind == .empty { continue }
            guard source.isNarrow else { return nil }
            sources.append(source)
        }
        var union = ListSource(kind: .found)
        union.name = sources.map(\.name).joined(separator: " or ")
        union.estimate = min(
            sources.reduce(0) { $0 + $1.estimate }, view.table(table).count)
        union.aheadCost = sources.reduce(4) { $0 + $1.aheadCost + 1.3 * Double($1.estimate) }
        union.lookAhead = .union(sources)
        return union
    }

    /// Plans lists of whole tables, all of whose rows are wanted.
    func planner(of table: TableID) -> AccessPath {
        AccessPath(
            context: context, view: view, table: table, ownerColumn: nil,
            order: context.creationOrder(of: table), needs: ListNeeds(aggregate: true),
            pageRows: 0, skippedRows: 0)
    }
}

extension Condition {
    /// Whether an index may only help by looking ahead.
    fileprivate var looksAhead: Bool {
        switch self {
        case .search, .relation(.some, _, _): true
        case .and(let parts), .or(let parts): parts.contains(where: \.looksAhead)
        case .toOne(_, _, let inner): inner.looksAhead
        default: false
        }
    }
}
