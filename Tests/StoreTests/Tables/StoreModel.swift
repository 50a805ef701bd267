import Bytes

@testable import Store

/// What a store has to be: dictionaries of rows, and rules looked up by going through all of them.
struct StoreModel {
    struct Row: Equatable {
        var creation: UInt32
        var values: [CellValue]
    }

    let definition: StoreDefinition
    private(set) var tables: [[RowRef: Row]]
    private(set) var nextCreations: [UInt32]

    init(_ definition: StoreDefinition) {
        self.definition = definition
        tables = definition.tables.map { _ in [:] }
        nextCreations = definition.tables.map { _ in 1 }
    }

    struct UniqueKey {
        let index: IndexID
        let columns: [ColumnID]
        var conditions: [IndexCondition] = []
    }

    /// All unique keys of a table, in the order in which the store looks at them.
    func uniqueKeys(of table: Int) -> [UniqueKey] {
        var keys: [UniqueKey] = []
        for (position, index) in definition.indexes.enumerated()
        where index.table.index == table && index.isUnique {
            keys.append(
                UniqueKey(
                    index: IndexID(position),
                    columns: index.equality + (index.ordered.map { [$0] } ?? []),
                    conditions: index.conditions))
        }
        keys.append(
            UniqueKey(index: IndexID(definition.indexes.count + 2 * table + 1), columns: [0]))
        return keys
    }

    /// Whether a row with these values satisfies all conditions of an index.
    static func holds(_ conditions: [IndexCondition], _ values: [CellValue]) -> Bool {
        conditions.allSatisfy { condition in
            let value = values[condition.column]
            func isOne(of numbers: [Int]) -> Bool {
                numbers.contains { value == .int(Int64($0)) }
            }
            return switch condition.test {
            case .isNull: value == .null
            case .isSet: value != .null
            case .among(let numbers): isOne(of: numbers)
            case .notAmong(let numbers): !isOne(of: numbers)
            }
        }
    }

    private func duplicate(_ values: [CellValue], of table: Int, except ref: RowRef?) -> StoreError?
    {
        for key in uniqueKeys(of: table) {
            let wanted = key.columns.map { values[$0] }
            if wanted.contains(.null) || !Self.holds(key.conditions, values) { continue }
            for (other, row) in tables[table]
            where other != ref && key.columns.map({ row.values[$0] }) == wanted
                && Self.holds(key.conditions, row.values)
            {
                return .duplicate(table: TableID(table), index: key.index, existing: other)
            }
        }
        return nil
    }

    private func refusal(of changes: [ColumnID: CellValue], _ table: Int) -> StoreError? {
        let columns = definition.tables[table].columns
        for (position, column) in columns.enumerated()
        where !column.isNullable && changes[position] == .null {
            return .nullInRequired(table: TableID(table), column: position)
        }
        for (position, column) in columns.enumerated() {
            guard case .reference(let target) = column.kind else { continue }
            if case .row(let ref) = changes[position], tables[target.index][ref] == nil {
                return .missingReference(table: TableID(table), column: position)
            }
        }
        return nil
    }

    /// Why a new row with these values would be refused.
    func refusalOfInsert(_ table: Int, _ values: [CellValue]) -> StoreError? {
        let all = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0, $1) })
        return refusal(of: all, table) ?? duplicate(values, of: table, except: nil)
    }

    mutating func insert(_ table: Int, _ ref: RowRef, _ values: [CellValue]) {
        precondition(tables[table][ref] == nil, "a slot was given out twice")
        tables[table][ref] = Row(creation: nextCreations[table], values: values)
        nextCreations[table] += 1
    }

    func refusalOfUpdate(
        _ table: Int, _ ref: RowRef, _ changes: [ColumnID: CellValue], raisesVersion: Bool,
        now: Int64
    ) -> StoreError? {
        if definition.tables[table].isAppendOnly { return .appendOnly(table: TableID(table)) }
        guard let row = tables[table][ref] else {
            return .notFound(table: TableID(table), ref: ref)
        }
        if let refusal = refusal(of: changes, table) { return refusal }
        let values = changed(row.values, changes, raisesVersion: raisesVersion, now: now)
        return values == row.values ? nil : duplicate(values, of: table, except: ref)
    }

    mutating func update(
        _ table: Int, _ ref: RowRef, _ changes: [ColumnID: CellValue], raisesVersion: Bool,
        now: Int64
    ) {
        guard let row = tables[table][ref] else { return }
        let values = changed(row.values, changes, raisesVersion: raisesVersion, now: now)
        tables[table][ref]?.values = values
    }

    private func changed(
        _ old: [CellValue], _ changes: [ColumnID: CellValue], raisesVersion: Bool, now: Int64
    ) -> [CellValue] {
        var values = old
        for (column, value) in changes { values[column] = value }
        if raisesVersion && values != old {
            if case .int(let version) = old[1] { values[1] = .int(version + 1) }
            values[3] = .int(now)
        }
        return values
    }

    /// The rows a deletion takes along, and those whose references it clears; or why not.
    func deletion(
        _ table: Int, _ ref: RowRef
    ) -> Result<(rows: Set<RowKey>, cleared: [RowKey: Set<ColumnID>]), StoreError> {
        if definition.tables[table].isAppendOnly {
            return .failure(.appendOnly(table: TableID(table)))
        }
        guard tables[table][ref] != nil else {
            return .failure(.notFound(table: TableID(table), ref: ref))
        }
        var doomed: Set<RowKey> = [RowKey(table: TableID(table), ref: ref)]
        var hasGrown = true
        while hasGrown {
            hasGrown = false
            for edge in edges() where edge.action == .cascade && doomed.contains(edge.target) {
                if doomed.insert(edge.row).inserted { hasGrown = true }
            }
        }
        var cleared: [RowKey: Set<ColumnID>] = [:]
        for edge in edges() where doomed.contains(edge.target) && !doomed.contains(edge.row) {
            if edge.action == .restrict {
                return .failure(
                    .referenced(by: edge.row.table, column: edge.column, ref: edge.row.ref))
            }
            cleared[edge.row, default: []].insert(edge.column)
        }
        return .success((doomed, cleared))
    }

    mutating func delete(
        _ rows: Set<RowKey>, clearing cleared: [RowKey: Set<ColumnID>], now: Int64
    ) {
        for (row, columns) in cleared {
            let changes = Dictionary(uniqueKeysWithValues: columns.map { ($0, CellValue.null) })
            update(row.table.index, row.ref, changes, raisesVersion: true, now: now)
        }
        for row in rows { tables[row.table.index][row.ref] = nil }
    }

    private struct Edge {
        let row: RowKey
        let column: ColumnID
        let target: RowKey
        let action: ReferenceAction
    }

    private func edges() -> [Edge] {
        var edges: [Edge] = []
        for (table, rows) in tables.enumerated() {
            for (column, description) in definition.tables[table].columns.enumerated() {
                guard case .reference(let target) = description.kind else { continue }
                for (ref, row) in rows {
                    guard case .row(let to) = row.values[column] else { continue }
                    edges.append(
                        Edge(
                            row: RowKey(table: TableID(table), ref: ref), column: column,
                            target: RowKey(table: target, ref: to), action: description.onDelete))
                }
            }
        }
        return edges
    }

    /// The rows as ``StoreImage`` shows them.
    var rows: [[RowImage]] {
        tables.map { rows in
            rows.map { RowImage(creation: $1.creation, ref: $0, values: $1.values) }
                .sorted { $0.creation < $1.creation }
        }
    }

    /// The rows of an index in its order. Without equality columns: by the ordered column, nulls
    /// last, then by creation.
    func order(of index: IndexDefinition) -> [RowRef] {
        let rows = tables[index.table.index].filter { _, row in
            Self.holds(index.conditions, row.values)
                && (!index.isUnique || index.ordered.map { row.values[$0] != .null } ?? true)
        }
        return rows.sorted { left, right in
            if let column = index.ordered {
                let a = Self.ordered(left.value.values[column], index.order)
                let b = Self.ordered(right.value.values[column], index.order)
                if a != b { return StoreModel.isBefore(a, b) }
            }
            return left.value.creation < right.value.creation
        }.map(\.key)
    }

    /// The entries of an index of words in its order.
    func words(of index: IndexDefinition) -> [TreeKey] {
        var entries: [TreeKey] = []
        for (ref, row) in tables[index.table.index] where Self.holds(index.conditions, row.values) {
            guard let column = index.ordered, case .bytes(let text) = row.values[column] else {
                continue
            }
            var words: [UInt64] = []
            unsafe text.withUnsafeBytes { unsafe TextKey.append(of: $0, to: &words) }
            let locator = Locator(creation: UInt32(row.creation), ref: ref)
            entries += words.map { TreeKey(first: $0, locator: locator) }
        }
        return entries.sorted { ($0.first, $0.locator) < ($1.first, $1.locator) }
    }

    /// What an index compares of a value.
    private static func ordered(_ value: CellValue, _ order: IndexOrder) -> CellValue {
        guard order == .monthDay, case .int(let day) = value else { return value }
        let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
        return .int(Int64(100 * date.month + date.day))
    }

    private static func isBefore(_ left: CellValue, _ right: CellValue) -> Bool {
        switch (left, right) {
        case (.null, _): false
        case (_, .null): true
        case (.int(let a), .int(let b)): a < b
        case (.double(let a), .double(let b)): a < b
        case (.row(let a), .row(let b)): a.rawValue < b.rawValue
        case (.bytes(let a), .bytes(let b)): a.lexicographicallyPrecedes(b)
        default: false
        }
    }
}
