import Store

/// Where a list finds its rows: a range of an index, a few named rows, the links of a relation, or
/// all pages of the table; and what is still to be asked of each row found.
struct ListSource: Sendable {
    enum Kind: Sendable {
        /// No row can match.
        case empty
        /// Entries of `index` between the bounds.
        case index
        /// `rows`, already known.
        case rows
        /// All pages of the table.
        case pages
        /// The targets of a relation that goes through another table.
        case links
    }

    /// A run of entries that is walked in one direction. The list is its segments one after another.
    struct Segment: Sendable {
        /// Bounds of the ordered word, both inclusive; everything for an index without one.
        var low: UInt64
        var high: UInt64
        var isBackward: Bool

        static let whole = Segment(low: 0, high: .max, isBackward: false)
    }

    var kind: Kind
    var index = IndexID(0)
    var hasEquality = false
    var hasOrder = false
    /// The equality word; with `ownerPlace` it is computed for each owner.
    var equalityWord: UInt64 = 0
    /// The codes of the equality columns, and which of them is the owner's ref.
    var equalityCodes: [UInt64] = []
    var ownerPlace: Int?
    var segments: [Segment] = []
    var rows: [UInt32] = []
    /// The relation of `links`.
    var relation: Predicate.Relation?
    /// Rows come in the order of the list, so that the first page needs no others.
    var isOrdered = false
    /// What remains to be asked of each row.
    var residual: Predicate?
    /// Set where owners share equality words with others: the column that must lead to the owner.
    var verifiedOwner: Column?
    /// For explanations: the index's name and the rows expected.
    var name = ""
    var estimate = 0

    /// Whether rows that the source finds can still be turned down.
    var isFiltered: Bool { residual != nil || verifiedOwner != nil }

    /// Whether the index holds all rows of the table and every one of them is looked at.
    var coversTable: Bool {
        kind == .index && !hasEquality && segments.allSatisfy { $0.low == 0 && $0.high == .max }
    }

    /// The equality word for an owner.
    @inline(__always)
    func word(owner: RowRef) -> UInt64 {
        guard let ownerPlace else { return equalityWord }
        if equalityCodes.count == 1 { return KeyEncoding.ordered(reference: owner) }
        var word: UInt64 = 0
        for (place, code) in equalityCodes.enumerated() {
            let part = place == ownerPlace ? KeyEncoding.ordered(reference: owner) : code
            word = place == 0 ? part : KeyEncoding.combined(word, part)
        }
        return word
    }

    /// The first key of a segment, and the first key behind it.
    @inline(__always)
    func bounds(_ segment: Segment, _ word: UInt64) -> (lower: TreeKey, upper: TreeKey) {
        switch (hasEquality, hasOrder) {
        case (true, true):
            (
                TreeKey(first: word, second: segment.low, locator: 0),
                TreeKey(first: word, second: segment.high, locator: .max)
            )
        case (true, false):
            (
                TreeKey(first: word, second: 0, locator: 0),
                TreeKey(first: word, second: 0, locator: .max)
            )
        case (false, true):
            (
                TreeKey(first: segment.low, second: 0, locator: 0),
                TreeKey(first: segment.high, second: 0, locator: .max)
            )
        case (false, false):
            (
                TreeKey(first: 0, second: 0, locator: 0),
                TreeKey(first: 0, second: 0, locator: .max)
            )
        }
    }

    /// The key of a place within a segment's order.
    func key(_ word: UInt64, ordered: UInt64, locator: UInt64) -> TreeKey {
        switch (hasEquality, hasOrder) {
        case (true, true): TreeKey(first: word, second: ordered, locator: locator)
        case (true, false): TreeKey(first: word, second: 0, locator: locator)
        case (false, true): TreeKey(first: ordered, second: 0, locator: locator)
        case (false, false): TreeKey(first: 0, second: 0, locator: locator)
        }
    }

    /// Entries in all segments, by two descents each.
    func count(_ tree: TreeView, _ word: UInt64) -> Int {
        var count = 0
        for segment in segments {
            let bounds = bounds(segment, word)
            count += tree.rank(of: bounds.upper) - tree.rank(of: bounds.lower)
        }
        return count
    }
}

/// Chooses the source of a list: every index whose equality columns the filter (or the list's owner)
/// fixes is a candidate; the numbers of entries that they hold decide.
struct AccessPath {
    let context: EngineContext
    let view: VersionView
    let table: TableID
    /// The column that leads to the list's owner; nil at the root.
    let ownerColumn: ColumnID?
    let order: SortOrder
    /// Rows of the page and one more; and the rows skipped before it, which an index in the right
    /// order steps over at once, unless a filter must be asked about each.
    let pageRows: Int
    let skippedRows: Int

    /// - Parameter condition: normalised.
    func choose(_ condition: Condition) -> ListSource {
        if case .never = condition { return ListSource(kind: .empty, isOrdered: true) }
        let conjuncts = condition.conjuncts
        let none = [Bool](repeating: false, count: conjuncts.count)
        for (place, conjunct) in conjuncts.enumerated() {
            if case .rows(let refs) = conjunct, ownerColumn == nil {
                var source = ListSource(kind: .rows)
                source.rows = Array(Set(refs))
                var served = none
                served[place] = true
                source.residual = residual(conjuncts, without: served)
                source.name = "\(context.model[table].name)(id)"
                source.estimate = refs.count
                return source
            }
        }
        var bound = Double(view.table(table).count)
        var candidates: [Candidate] = []
        for index in context.model[table].indexes {
            if let candidate = candidate(index, conjuncts) {
                bound = min(bound, Double(candidate.source.estimate))
                candidates.append(candidate)
            }
        }
        if ownerColumn == nil {
            if order.keys.isEmpty { candidates.append(Candidate(source: creation, served: none)) }
        }
        if ownerColumn == nil || candidates.isEmpty {
            candidates.append(Candidate(source: pages, served: none))
        }
        var best = candidates[0]
        var leastCost = cost(best, matching: bound)
        for candidate in candidates.dropFirst() {
            let cost = cost(candidate, matching: bound)
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

    /// Row visits, roughly: an ordered source stops when the page is full; where a residual filter
    /// thins it out, `matching` rows are assumed to lie evenly within it. Others are read whole.
    /// A page scan costs a small part of a row-by-row visit.
    private func cost(_ candidate: Candidate, matching: Double) -> Double {
        let source = candidate.source
        let estimate = Double(source.estimate)
        if source.kind == .pages { return 64 + estimate * 0.12 }
        if !source.isOrdered { return 4 + estimate * 1.3 }
        guard candidate.isFiltered else { return min(estimate, Double(pageRows)) }
        let wanted = Double(pageRows + skippedRows)
        // The bound counts what the best index finds; without a better one most rows are taken to
        // fail a filter that no index serves.
        let matches = max(1, matching < estimate ? matching : estimate / 16)
        return min(estimate, wanted * estimate / matches)
    }

    /// Rows of the table that the owner column leads to.
    private var ownerCount: Int {
        guard let ownerColumn,
            case .reference(let owners) = context.store.definition.tables[table.index]
                .columns[ownerColumn].kind
        else { return 1 }
        return view.table(owners).count
    }

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

    private func residual(_ conjuncts: [Condition], without served: [Bool]) -> Predicate? {
        let left = conjuncts.indices.filter { !served[$0] }.map { conjuncts[$0] }
        return Condition.and(left).normalized.predicate(context.layouts, table)
    }

    /// The index as a source, if the filter and the owner fix its equality columns and it is of any
    /// use: it narrows the list or gives its order.
    private func candidate(_ index: IndexModel, _ conjuncts: [Condition]) -> Candidate? {
        var source = ListSource(kind: .index)
        var served = [Bool](repeating: false, count: conjuncts.count)
        var servesOwner = ownerColumn == nil
        for (place, column) in index.equality.enumerated() {
            if column == ownerColumn {
                source.ownerPlace = place
                source.equalityCodes.append(0)
                servesOwner = true
                continue
            }
            guard let (code, conjunct) = equality(column, conjuncts),
                code != KeyEncoding.null || !index.isUnique
            else { return nil }
            source.equalityCodes.append(code)
            if index.isExact { served[conjunct] = true }
        }
        guard servesOwner else { return nil }
        for condition in index.conditions {
            guard let place = conjuncts.firstIndex(where: { $0.implies(condition) }) else {
                return nil
            }
            if conjuncts[place].isSame(as: condition) { served[place] = true }
        }
        source.index = index.id
        source.hasEquality = !index.equality.isEmpty
        source.hasOrder = index.ordered != nil
        if source.ownerPlace == nil, source.hasEquality {
            source.equalityWord = source.equalityCodes.dropFirst().reduce(source.equalityCodes[0]) {
                KeyEncoding.combined($0, $1)
            }
        }
        var segment = ListSource.Segment.whole
        var narrows = source.hasEquality
        if let ordered = index.ordered {
            for (place, conjunct) in conjuncts.enumerated() {
                guard let range = range(conjunct, ordered) else { continue }
                segment.low = max(segment.low, range.low)
                segment.high = min(segment.high, range.high)
                narrows = true
                if range.isExact { served[place] = true }
            }
            if segment.low > segment.high {
                return Candidate(
                    source: ListSource(kind: .empty, isOrdered: true),
                    served: served.map { _ in true })
            }
        }
        let isOrdered = arrange(&source, segment, index)
        guard narrows || isOrdered || ownerColumn != nil else { return nil }
        source.isOrdered = isOrdered
        if let ownerColumn, source.ownerPlace != nil, index.equality.count > 1 {
            source.verifiedOwner = context.layouts.column(table, ownerColumn)
        }
        source.name = index.name
        if source.ownerPlace == nil {
            source.estimate = source.count(view.tree(index.id), source.equalityWord)
        } else {
            // The source serves many owners: what an average one of them has.
            source.estimate = max(1, view.tree(index.id).count / max(1, ownerCount))
        }
        return Candidate(source: source, served: served)
    }

    /// Splits the range into segments that give the wanted order, if the index can give it.
    private func arrange(
        _ source: inout ListSource, _ range: ListSource.Segment, _ index: IndexModel
    ) -> Bool {
        guard let ordered = index.ordered else {
            source.segments = [range]
            return order.keys.isEmpty
        }
        guard order.keys.count == 1, order.keys[0].path.isEmpty,
            case .column(let column) = order.keys[0].source,
            column == context.layouts.column(table, ordered)
        else {
            source.segments = [range]
            return false
        }
        let key = order.keys[0]
        let nulls = ListSource.Segment(
            low: KeyEncoding.null, high: KeyEncoding.null, isBackward: key.isDescending)
        var values = range
        values.isBackward = key.isDescending
        guard column.isNullable, range.high == KeyEncoding.null else {
            source.segments = [values]
            return true
        }
        values.high = KeyEncoding.null - 1
        let hasValues = values.low <= values.high
        source.segments = key.nullsFirst ? [nulls] : []
        if hasValues { source.segments.append(values) }
        if !key.nullsFirst { source.segments.append(nulls) }
        return true
    }

    /// The code of the one value that a conjunct fixes a column to.
    private func equality(_ column: ColumnID, _ conjuncts: [Condition]) -> (UInt64, Int)? {
        for (place, conjunct) in conjuncts.enumerated() {
            switch conjunct {
            case .integers(column, let low, let high) where low == high:
                return (KeyEncoding.ordered(int64: low), place)
            case .references(column, let refs) where refs.count == 1:
                return (UInt64(refs[0]), place)
            case .text(column, .textEqual, let bytes, ignoresCase: false):
                let word = unsafe bytes.withUnsafeBytes {
                    unsafe KeyEncoding.equality(text: $0, seed: context.store.seed)
                }
                return (word, place)
            case .isNull(column): return (KeyEncoding.null, place)
            default: continue
            }
        }
        return nil
    }

    /// The words between which the values lie that a conjunct leaves, and whether those words say
    /// all that the conjunct says.
    private func range(_ conjunct: Condition, _ column: ColumnID) -> (
        low: UInt64, high: UInt64, isExact: Bool
    )? {
        switch conjunct {
        case .integers(column, let low, let high):
            return (
                KeyEncoding.ordered(int64: low),
                min(KeyEncoding.ordered(int64: high), KeyEncoding.null - 1), true
            )
        case .doubles(column, let low, let high):
            return (KeyEncoding.ordered(double: low), KeyEncoding.ordered(double: high), true)
        case .isNull(column): return (KeyEncoding.null, KeyEncoding.null, true)
        case .not(.isNull(column)): return (0, KeyEncoding.null - 1, true)
        case .text(column, let operation, let bytes, ignoresCase: false):
            let word = unsafe bytes.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
            switch operation {
            case .textEqual: return (word, word, false)
            case .textLess, .textLessOrEqual: return (0, word, false)
            case .textGreater, .textGreaterOrEqual: return (word, KeyEncoding.null - 1, false)
            case .textStarts:
                let shared = min(bytes.count, 8)
                let rest =
                    shared == 0 ? UInt64.max : shared == 8 ? 0 : UInt64.max >> UInt64(8 * shared)
                return (word, min(word | rest, KeyEncoding.null - 1), false)
            default: return nil
            }
        default: return nil
        }
    }
}
