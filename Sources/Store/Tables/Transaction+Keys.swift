import Bytes
import Glibc

/// What the writer knows about a table before it sees a row.
final class TablePlan: Sendable {
    let id: TableID
    let definition: TableDefinition
    let layout: TableLayout

    /// The indexes over the table, its own two at the end.
    let indexes: [IndexPlan]

    /// The columns that must have a value.
    let required: [ColumnID]

    /// The reference columns and the tables they lead to.
    let references: [(column: ColumnID, target: TableID)]

    /// The reference columns of all tables that lead here.
    let incoming: [IncomingReference]

    /// Whether the deletion of another row may delete rows here.
    let isCascaded: Bool

    /// By column, whether files hold its bytes in another form (``FileCodec``).
    let isValue: [Bool]

    private init(
        id: TableID, definition: StoreDefinition, indexes: [IndexPlan],
        incoming: [IncomingReference]
    ) {
        let table = definition.tables[id.index]
        self.id = id
        self.definition = table
        layout = TableLayout(table)
        self.indexes = indexes
        self.incoming = incoming
        required = table.columns.indices.filter { !table.columns[$0].isNullable }
        isValue = table.columns.map { $0.kind == .bytes(.value) }
        var references: [(column: ColumnID, target: TableID)] = []
        for (position, column) in table.columns.enumerated() {
            if case .reference(let target) = column.kind { references.append((position, target)) }
        }
        self.references = references
        isCascaded = references.contains { table.columns[$0.column].onDelete == .cascade }
    }

    /// The plans of all tables, and of all indexes by ``IndexID``.
    static func all(
        _ definition: StoreDefinition, seed: UInt64
    ) -> (tables: [TablePlan], indexes: [IndexPlan]) {
        var all = definition.indexes
        for (position, table) in definition.tables.enumerated() {
            let id = TableID(position)
            all.append(IndexDefinition(name: "\(table.name).creation", table: id, equality: []))
            all.append(
                IndexDefinition(
                    name: "\(table.name).id", table: id, equality: [TableDefinition.idColumn],
                    isUnique: true))
        }
        let indexes = all.enumerated().map { position, index in
            IndexPlan(
                id: IndexID(position), definition: index,
                table: definition.tables[index.table.index], seed: seed)
        }
        let tables = definition.tables.indices.map { position in
            TablePlan(
                id: TableID(position), definition: definition,
                indexes: indexes.filter { $0.definition.table.index == position },
                incoming: IncomingReference.all(to: TableID(position), definition, indexes))
        }
        return (tables, indexes)
    }
}

/// A reference column of some table, seen from the table that it leads to.
struct IncomingReference: Sendable {
    let table: TableID
    let column: ColumnID
    let action: ReferenceAction

    /// The index that finds the rows by this column; without one, every page is looked at.
    let index: IndexID?

    static func all(
        to target: TableID, _ definition: StoreDefinition, _ indexes: [IndexPlan]
    ) -> [IncomingReference] {
        var all: [IncomingReference] = []
        for (position, table) in definition.tables.enumerated() {
            for (column, description) in table.columns.enumerated()
            where description.kind == .reference(target) {
                let index = indexes.first {
                    $0.definition.table.index == position && $0.definition.equality == [column]
                        && $0.hasEveryRow(ifSet: column, table)
                }
                all.append(
                    IncomingReference(
                        table: TableID(position), column: column, action: description.onDelete,
                        index: index?.id))
            }
        }
        return all
    }
}

/// How the entry of a row in one index is made.
final class IndexPlan: Sendable {
    let id: IndexID
    let definition: IndexDefinition
    let shape: IndexShape
    let seed: UInt64
    let equality: [Column]
    let ordered: Column?
    private let isByMonthDay: Bool

    /// All columns of the key.
    let columns: [Column]
    /// All columns on which the entry of a row depends: those of the key and of the conditions.
    let watched: [ColumnID]
    let conditions: [IndexConditionPlan]

    init(id: IndexID, definition: IndexDefinition, table: TableDefinition, seed: UInt64) {
        let layout = TableLayout(table)
        self.id = id
        self.definition = definition
        self.seed = seed
        shape = IndexShape(definition, of: table)
        equality = definition.equality.map { layout.columns[$0] }
        ordered = definition.ordered.map { layout.columns[$0] }
        isByMonthDay = definition.order == .monthDay
        let key = definition.equality + (definition.ordered.map { [$0] } ?? [])
        columns = key.map { layout.columns[$0] }
        watched = Set(key + definition.conditions.map(\.column)).sorted()
        conditions = definition.conditions.map { IndexConditionPlan($0, layout) }
    }

    /// Whether every row with a value in `column` has an entry.
    func hasEveryRow(ifSet column: ColumnID, _ table: TableDefinition) -> Bool {
        guard definition.conditions.isEmpty else { return false }
        guard definition.isUnique, let ordered = definition.ordered else { return true }
        return ordered == column || !table.columns[ordered].isNullable
    }

    /// Whether a row's entry depends on a column that a builder sets.
    func watchesTouched(_ changes: RowBuilder) -> Bool {
        for column in watched where changes.state(column) != .untouched { return true }
        return false
    }

    /// Appends the first words of a row's entries in an index of words, ascending.
    func appendWords(of row: RowView, to words: inout [UInt64]) {
        guard let ordered, !row.isNull(ordered) else { return }
        for condition in conditions where !condition.holds(row) { return }
        unsafe TextKey.append(of: row.bytes(ordered), to: &words)
    }

    /// The entry of a row, or nil when it has none: a null in a unique key, or a condition that
    /// does not hold. Not of an index of words.
    @inline(__always)
    func key(of row: RowView, _ locator: Locator) -> TreeKey? {
        for condition in conditions where !condition.holds(row) { return nil }
        if definition.isUnique {
            for column in columns where row.isNull(column) { return nil }
        }
        switch shape.stride {
        case 1: return TreeKey(locator: locator)
        case 2: return TreeKey(first: firstWord(of: row), locator: locator)
        default:
            return TreeKey(
                first: equalityWord(of: row), second: orderedWord(of: row), locator: locator)
        }
    }

    /// The first word of an entry of stride 2 or 3.
    @inline(__always)
    func firstWord(of row: RowView) -> UInt64 {
        shape.hasEquality ? equalityWord(of: row) : orderedWord(of: row)
    }

    @inline(__always)
    func orderedWord(of row: RowView) -> UInt64 {
        guard let ordered else { return 0 }
        if isByMonthDay {
            if row.isNull(ordered) { return KeyEncoding.null }
            return KeyEncoding.ordered(monthDay: MonthDay(ofDayNumber: row.int32(ordered)))
        }
        return row.word(ordered)
    }

    @inline(__always)
    func equalityWord(of row: RowView) -> UInt64 {
        var word = word(equality[0], of: row)
        var position = 1
        while position < equality.count {
            word = KeyEncoding.combined(word, self.word(equality[position], of: row))
            position &+= 1
        }
        return word
    }

    @inline(__always)
    private func word(_ column: Column, of row: RowView) -> UInt64 {
        guard column.code == .bytes else { return row.word(column) }
        if row.isNull(column) { return KeyEncoding.null }
        return unsafe KeyEncoding.equality(text: row.bytes(column), seed: seed)
    }

    /// The order of two rows in an index on texts, when their words are equal.
    @inline(__always)
    func compareTexts(_ left: RowView, _ right: RowView) -> Int {
        guard let ordered, !left.isNull(ordered), !right.isNull(ordered) else { return 0 }
        return unsafe IndexPlan.compare(left.bytes(ordered), right.bytes(ordered))
    }

    /// Whether two rows have the same values in all columns of the key, no null among them.
    func isSameKey(_ left: RowView, _ right: RowView) -> Bool {
        for column in columns {
            if left.isNull(column) || right.isNull(column) { return false }
            let isSame =
                column.code == .bytes
                ? unsafe IndexPlan.compare(left.bytes(column), right.bytes(column)) == 0
                : left.word(column) == right.word(column)
            if !isSame { return false }
        }
        return true
    }

    /// The order of bytes: negative, zero, positive.
    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let count = min(left.count, right.count)
        if count > 0, let leftBase = left.baseAddress, let rightBase = right.baseAddress {
            let order = unsafe memcmp(leftBase, rightBase, count)
            if order != 0 { return Int(order) }
        }
        return left.count - right.count
    }
}

extension StoreDefinition {
    /// Traps when the definition contradicts itself: the room above has made it.
    func verify() {
        for table in tables {
            let system = TableDefinition.systemColumns
            precondition(
                Array(table.columns.prefix(system.count)) == system,
                "a table begins with the system columns")
            for column in table.columns {
                guard case .reference(let target) = column.kind else { continue }
                precondition(tables.indices.contains(target.index), "a reference to no table")
                precondition(
                    column.onDelete != .setNull || column.isNullable,
                    "a required reference cannot be cleared")
                precondition(
                    column.onDelete == .restrict || !table.isAppendOnly,
                    "an append-only table is neither cleared nor followed")
            }
            if let column = table.shardBy {
                precondition(table.columns.indices.contains(column), "shardBy without a column")
                guard case .reference = table.columns[column].kind else {
                    preconditionFailure("shardBy is a reference")
                }
            }
        }
        for index in indexes {
            precondition(tables.indices.contains(index.table.index), "an index over no table")
            let columns = tables[index.table.index].columns.indices
            precondition(
                (index.equality + (index.ordered.map { [$0] } ?? []))
                    .allSatisfy(columns.contains), "an index over no column")
            precondition(
                !index.isUnique || !index.equality.isEmpty || index.ordered != nil,
                "a unique index over nothing")
            if index.order == .monthDay {
                let kind = index.ordered.map { tables[index.table.index].columns[$0].kind }
                precondition(
                    kind == .int32 && !index.isUnique, "an index by month and day of no dates")
            }
            if index.order == .words {
                let kind = index.ordered.map { tables[index.table.index].columns[$0].kind }
                precondition(
                    kind == .bytes(.text) && index.equality.isEmpty && !index.isUnique,
                    "an index of words over other than one text")
            }
            for condition in index.conditions { condition.verify(tables[index.table.index]) }
        }
    }
}
