import Store

/// What one thread makes of the rows it is given: groups and what comes of each.
///
/// Rows come in batches of up to 64. First the keys of the whole batch become codes, then the codes
/// become groups, then each aggregate takes the batch: each step is one loop over one column.
// Safe: the cells are freed with the object, and handed only to parts of it.
@safe
final class GroupBuilder: @unchecked Sendable {
    let keys: [ColumnCoder]
    private let map: GroupMap?
    private let states: [AggregateState]
    private let limits: GroupLimits

    /// Rows of each group.
    private var rowCounts: Cells<Int>
    /// The codes of a batch, key by key.
    private let codes: [Cells<UInt32>]
    /// The groups of a batch.
    private let groups: Cells<UInt32>
    private let lanes: Cells<UInt8>
    /// Rows that came one by one and wait for the batch to be full.
    private var waiting: LooseBatch
    private(set) var isOverLimit = false
    /// What was read ahead; kept, so that the reading is not left out.
    private(set) var touched: UInt64 = 0

    /// - Parameters:
    ///   - keys: one for each key of the request; they belong to this builder.
    ///   - isLong: whether many rows will come.
    init(_ request: GroupRequest, keys: [ColumnCoder], isLong: Bool) {
        self.keys = keys
        limits = request.limits
        map = keys.isEmpty ? nil : GroupMap(keyCount: keys.count, isLong: isLong)
        states = request.aggregates.map { AggregateState($0, request.calendar) }
        rowCounts = Cells(count: 1, filling: 0)
        codes = keys.map { _ in Cells(count: 64, filling: 0) }
        groups = Cells(count: 64, filling: 0)
        lanes = Cells(count: 64)
        waiting = LooseBatch(rows: Cells(count: 0), count: 0)
    }

    deinit {
        rowCounts.free()
        for cells in codes { cells.free() }
        groups.free()
        lanes.free()
        waiting.rows.free()
    }

    /// Groups so far; without keys there is one from the beginning.
    var count: Int { map?.count ?? 1 }

    // MARK: Rows

    /// Adds the rows of a page whose bits are set.
    func add(_ page: PageView, _ mask: UInt64) {
        guard keys.isEmpty else {
            if mask == .max {
                add(FullPageBatch(page: page))
            } else {
                add(PageBatch(page, mask, lanes: lanes))
            }
            return
        }
        rowCounts[0] &+= mask.nonzeroBitCount
        for state in states where !state.addToOnlyGroup(page, mask) {
            state.add(PageBatch(page, mask, lanes: lanes), groups, groupCount: 1)
        }
        checkLimits()
    }

    /// Adds a row. The last ones wait until ``finish()``.
    @inline(__always)
    func add(_ row: RowView) {
        if waiting.rows.count == 0 { waiting.rows = Cells(count: 64) }
        waiting.rows[waiting.count] = row
        waiting.count &+= 1
        if waiting.count == 64 { finish() }
    }

    /// Adds the rows that wait.
    func finish() {
        guard waiting.count > 0 else { return }
        add(waiting)
        waiting.count = 0
    }

    @inline(__always)
    private func add<Batch: RowBatch>(_ batch: Batch) {
        for place in keys.indices { keys[place].encode(batch, into: codes[place]) }
        map?.place(codes, count: batch.count, into: groups)
        rowCounts.grow(to: count, filling: 0)
        let rowCounts = self.rowCounts
        let groups = self.groups
        for index in 0..<batch.count { rowCounts[groups[index]] &+= 1 }
        for state in states { state.add(batch, groups, groupCount: count) }
        checkLimits()
    }

    /// Reads what the next pages will be asked for.
    @inline(__always)
    func touch(_ page: PageView, _ columns: [Column]) {
        for column in columns { touched &+= page.touch(column) }
    }

    private func checkLimits() {
        if count > limits.groupsMax || valueCount > limits.distinctValuesMax {
            isOverLimit = true
        }
    }

    private var valueCount: Int {
        var count = 0
        for key in keys { count &+= key.valueCount }
        for state in states { count &+= state.valueCount }
        return count
    }

    // MARK: Merging

    /// Takes over what another thread found in other rows of the same list.
    func merge(_ other: GroupBuilder) {
        let groups = place(groupsOf: other)
        rowCounts.grow(to: count, filling: 0)
        for (index, group) in groups.enumerated() {
            rowCounts[group] &+= other.rowCounts[index]
        }
        for (state, others) in zip(states, other.states) {
            state.merge(others, groups, groupCount: count)
        }
        checkLimits()
    }

    /// For each group of `other`, the one here.
    private func place(groupsOf other: GroupBuilder) -> [UInt32] {
        guard let map, let others = other.map else { return [0] }
        let translations = zip(keys, other.keys).map { own, other in
            other.translation(into: own)
        }
        var places: [UInt32] = []
        places.reserveCapacity(others.count)
        var first = 0
        while first < others.count {
            let batchCount = min(64, others.count - first)
            for key in keys.indices {
                let translation = translations[key]
                for index in 0..<batchCount {
                    let code = others.code(first + index, key)
                    codes[key][index] = translation?[Int(code)] ?? code
                }
            }
            map.place(codes, count: batchCount, into: groups)
            for index in 0..<batchCount { places.append(groups[index]) }
            first += batchCount
        }
        return places
    }

    // MARK: Results

    func key(_ group: Int, _ place: Int) -> GroupKeyValue {
        guard let map else { return .null }
        return keys[place].value(map.code(group, place))
    }

    func rowCount(_ group: Int) -> Int { rowCounts[group] }

    func result(_ group: Int, _ aggregate: Int) -> ColumnResult {
        states[aggregate].result(group, rowCount: rowCounts[group])
    }

    /// The group of a row; nil when no row with its keys was added.
    func group(of row: RowView) -> Int? {
        guard let map else { return 0 }
        if waiting.rows.count == 0 { waiting.rows = Cells(count: 64) }
        waiting.rows[0] = row
        for place in keys.indices {
            keys[place].encodeLoose(LooseBatch(rows: waiting.rows, count: 1), into: codes[place])
        }
        return map.group(codes)
    }
}
