import Store

/// What an operation wants of a list.
struct ListNeeds: Sendable {
    /// `nodes`, `edges` or `pageInfo` are selected, so that a page must be gathered.
    var rows = false
    /// Someone asks if rows come before the page.
    var previous = false
    /// The number of rows of the whole list.
    var count = false
    /// Columns of all rows of the list.
    var aggregate = false
    /// Rows are handed on one by one, so that an order which an index has saves holding them.
    var stream = false
}

/// Chooses the source of a list: every index whose equality columns the filter (or the list's owner)
/// fixes is a candidate; the numbers of entries that they hold decide.
///
/// A column that the filter gives several values makes a union of ranges. A filter through a relation
/// that few rows satisfy is answered first, and becomes a set of references.
struct AccessPath {
    let context: EngineContext
    let view: MeteredView
    let table: TableID
    /// The column that leads to the list's owner; nil at the root.
    let ownerColumn: ColumnID?
    let order: SortOrder
    let needs: ListNeeds
    /// Rows of the page and one more; and the rows skipped before it, which an index in the right
    /// order steps over at once, unless a filter must be asked about each.
    let pageRows: Int
    let skippedRows: Int

    /// Ranges of a union at the most. Reason: each costs some descents before a row is seen.
    static let rangesMax = 1000

    /// - Parameter condition: normalised.
    func choose(_ condition: Condition) -> ListSource {
        LookAheadWalk(context: context, view: view).resolved(plan(condition), in: table)
    }

    /// As ``choose(_:)``, before anything is looked ahead for.
    func plan(_ condition: Condition) -> ListSource {
        if case .never = condition { return ListSource(kind: .empty, isOrdered: true) }
        var conjuncts = condition.conjuncts
        var notes: [Int: String] = [:]
        for place in conjuncts.indices {
            guard let found = referenceSet(conjuncts[place]) else { continue }
            if case .never = found.condition { return ListSource(kind: .empty, isOrdered: true) }
            conjuncts[place] = found.condition
            notes[place] = found.source
        }
        let none = [Bool](repeating: false, count: conjuncts.count)
        var bound = Double(view.table(table).count)
        var candidates: [Candidate] = []
        if ownerColumn == nil, let rows = rows(conjuncts) { candidates.append(rows) }
        for index in context.model[table].indexes where index.order != .words {
            if let candidate = candidate(index, conjuncts, notes) { candidates.append(candidate) }
        }
        for place in conjuncts.indices {
            guard let (found, isExact) = lookAhead(conjuncts[place]) else { continue }
            var source = found
            source.verifiedOwner = ownerColumn.map { context.layouts.column(table, $0) }
            var served = none
            served[place] = isExact
            candidates.append(Candidate(source: source, served: served))
        }
        for candidate in candidates { bound = min(bound, Double(candidate.source.estimate)) }
        if ownerColumn == nil {
            if order.keys.isEmpty { candidates.append(Candidate(source: creation, served: none)) }
        }
        if ownerColumn == nil || !candidates.contains(where: { $0.source.kind == .index }) {
            candidates.append(Candidate(source: pages, served: none))
        }
        var best = candidates[0]
        let passing = conjuncts.allSatisfy(\.isMostlyTrue) ? 0.9 : 1.0 / 16
        var leastCost = cost(best, matching: bound, passing: passing)
        for candidate in candidates.dropFirst() {
            let cost = cost(candidate, matching: bound, passing: passing)
            if cost < leastCost {
                leastCost = cost
                best = candidate
            }
        }
        best.source.residual = residual(conjuncts, without: best.served)
        return best.source
    }

    /// A source, and for each conjunct whether it need not be asked of the rows found.
    private struct Candidate {
        var source: ListSource
        let served: [Bool]

        var isFiltered: Bool { source.verifiedOwner != nil || served.contains(false) }
    }

    // MARK: Costs

    /// Row visits, roughly; a page scan costs a small part of a row-by-row visit.
    private func cost(_ candidate: Candidate, matching: Double, passing: Double) -> Double {
        let source = candidate.source
        let estimate = Double(source.estimate)
        var cost = source.aheadCost + 2 * Double(source.rangeCount - 1)
        if needs.rows || !needs.count && !needs.aggregate {
            cost += pageCost(candidate, matching: matching, passing: passing)
        }
        if needs.aggregate || needs.count && candidate.isFiltered {
            let byPage = source.kind == .pages || source.coversTable
            cost += byPage ? 64 + estimate * 0.12 : estimate * 1.3
        }
        return cost
    }

    /// An ordered source stops when the page is full; where a residual filter thins it out,
    /// `matching` rows are assumed to lie evenly within it. Others are read whole.
    ///
    /// - Parameter passing: the share of rows that pass a filter which no index serves.
    private func pageCost(_ candidate: Candidate, matching: Double, passing: Double) -> Double {
        let source = candidate.source
        let estimate = Double(source.estimate)
        // To sort the rows of a stream costs time and memory for each of them.
        let sorting = needs.stream && !source.isOrdered ? min(matching, estimate) * 4 : 0
        if source.kind == .pages { return 64 + estimate * 0.12 + sorting }
        // Locators alone are sorted, without a look at the rows.
        if source.kind == .found, order.keys.isEmpty, !candidate.isFiltered {
            return estimate * 0.05
        }
        if !source.isOrdered { return 4 + estimate * 1.3 + sorting }
        let step = source.isUnion ? 1.5 : 1
        guard candidate.isFiltered else {
            // A union is stepped over entry by entry.
            let skipped = source.isUnion ? skippedRows : 0
            return step * min(estimate, Double(pageRows) + Double(skipped))
        }
        let wanted = Double(pageRows) + Double(skippedRows)
        // The bound counts what the best index finds, if any does.
        let matches = max(1, matching < estimate ? matching : estimate * passing)
        return step * min(estimate, wanted * estimate / matches)
    }

    /// Rows of the table that the owner column leads to.
    private var ownerCount: Int {
        guard let ownerColumn,
            case .reference(let owners) = context.store.definition.tables[table.index]
                .columns[ownerColumn].kind
        else { return 1 }
        return view.table(owners).count
    }

    // MARK: Sources

    private var pages: ListSource {
        var source = ListSource(kind: .pages)
        source.estimate = view.table(table).count
        source.name = "\(context.model[table].name) scan"
        return source
    }

    private var creation: ListSource {
        var source = ListSource(kind: .index)
        source.index = context.store.creationIndex(of: table)
        source.segments = [.whole]
        source.isOrdered = true
        source.estimate = view.table(table).count
        source.name = "\(context.model[table].name)(creation)"
        return source
    }

    /// The rows that the filter names by their ids.
    private func rows(_ conjuncts: [Condition]) -> Candidate? {
        for (place, conjunct) in conjuncts.enumerated() {
            guard case .rows(let refs) = conjunct else { continue }
            var source = ListSource(kind: .rows)
            source.rows = Array(Set(refs))
            source.name = "\(context.model[table].name)(id)"
            source.estimate = source.rows.count
            var served = [Bool](repeating: false, count: conjuncts.count)
            served[place] = true
            return Candidate(source: source, served: served)
        }
        return nil
    }

    private func residual(_ conjuncts: [Condition], without served: [Bool]) -> Predicate? {
        let left = conjuncts.indices.filter { !served[$0] }.map { conjuncts[$0] }
        return Condition.and(left).normalized.predicate(context.layouts, table)
    }

    /// The index as a source, if the filter and the owner fix its equality columns and it is of any
    /// use: it narrows the list or gives its order.
    ///
    /// - Parameter notes: where sets of references came from, by the place of their conjunct.
    private func candidate(
        _ index: IndexModel, _ conjuncts: [Condition], _ notes: [Int: String]
    ) -> Candidate? {
        var source = ListSource(kind: .index)
        var served = [Bool](repeating: false, count: conjuncts.count)
        // One code for each equality column; or all combinations, once a column has several.
        var codes: [UInt64] = []
        var combinations: [[UInt64]] = []
        var note: String?
        for (place, column) in index.equality.enumerated() {
            if column == ownerColumn {
                source.ownerPlace = place
                codes.append(0)
                for combination in combinations.indices { combinations[combination].append(0) }
                continue
            }
            guard let (found, conjunct) = self.codes(column, conjuncts),
                !index.isUnique || !found.contains(KeyEncoding.null),
                max(1, combinations.count) * found.count <= Self.rangesMax
            else { return nil }
            note = note ?? notes[conjunct]
            if found.count > 1 {
                if combinations.isEmpty { combinations = [codes] }
                combinations = combinations.flatMap { combination in
                    found.all.map { combination + [$0] }
                }
            } else {
                codes.append(found.first)
                for combination in combinations.indices {
                    combinations[combination].append(found.first)
                }
            }
            if index.isExact { served[conjunct] = true }
        }
        guard ownerColumn == nil || source.ownerPlace != nil else { return nil }
        for condition in index.conditions {
            guard let place = conjuncts.firstIndex(where: { $0.implies(condition) }) else {
                return nil
            }
            if conjuncts[place].isSame(as: condition) { served[place] = true }
        }
        source.index = index.id
        source.hasOrder = index.ordered != nil
        source.setEquality(combinations.isEmpty ? codes : combinations[0], combinations)
        source.segments = [.whole]
        var narrows = source.hasEquality
        if let ordered = index.ordered {
            let found = segments(
                ordered, index.order, conjuncts,
                max: Self.rangesMax / max(1, combinations.count))
            source.segments = found.segments
            for place in found.served { served[place] = true }
            if found.isNarrow { narrows = true }
            if source.segments.isEmpty {
                return Candidate(
                    source: ListSource(kind: .empty, isOrdered: true),
                    served: served.map { _ in true })
            }
        }
        let rangeCount = source.rangeCount
        let isOrdered = arrange(&source, index)
        guard narrows || isOrdered || ownerColumn != nil else { return nil }
        source.isOrdered = isOrdered
        if let ownerColumn, source.ownerPlace != nil, index.equality.count > 1 {
            source.verifiedOwner = context.layouts.column(table, ownerColumn)
        }
        source.name = index.name
        if rangeCount > 1 { source.name += ", \(rangeCount) ranges" }
        if let note { source.name += " by \(note)" }
        if source.ownerPlace == nil {
            source.estimate = source.estimatedCount(view.tree(index.id))
        } else {
            // The source serves many owners: what an average one of them has.
            source.estimate = max(1, view.tree(index.id).count / max(1, ownerCount))
        }
        return Candidate(source: source, served: served)
    }

    /// Puts the segments, which ascend, into the wanted order, if the index can give it.
    private func arrange(_ source: inout ListSource, _ index: IndexModel) -> Bool {
        guard let ordered = index.ordered else { return order.keys.isEmpty }
        let column = context.layouts.column(table, ordered)
        if order.keys.isEmpty {
            // Entries of one value lie in the order of creation; those of one text only as far as
            // its first bytes tell it from others.
            guard source.segments.allSatisfy({ $0.low == $0.high }), column.code != .bytes else {
                return false
            }
            source.mergesSegments = source.segments.count > 1
            return true
        }
        guard index.order == .value, order.keys.count == 1, order.keys[0].path.isEmpty,
            case .column(column) = order.keys[0].source
        else { return false }
        let key = order.keys[0]
        let last = source.segments.count - 1
        let hasNulls = column.isNullable && source.segments[last].high == KeyEncoding.null
        if hasNulls {
            source.segments[last].high = KeyEncoding.null - 1
            if source.segments[last].low > source.segments[last].high {
                source.segments.removeLast()
            }
        }
        if key.isDescending {
            source.segments.reverse()
            for place in source.segments.indices { source.segments[place].isBackward = true }
        }
        if hasNulls {
            let nulls = ListSource.Segment(
                low: KeyEncoding.null, high: KeyEncoding.null, isBackward: key.isDescending)
            source.segments.insert(nulls, at: key.nullsFirst ? 0 : source.segments.count)
        }
        return true
    }
}
