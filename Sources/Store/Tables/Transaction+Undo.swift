import Bytes

/// What it takes to undo a transaction: its steps in order, and the old values of what they
/// changed.
final class UndoLog {
    enum Kind {
        case insert
        case update
        case delete
    }

    struct Step {
        let kind: Kind
        let table: TableID
        let ref: RowRef
        /// Of a row that was inserted or deleted.
        let creation: UInt32
        /// The old values, in `cells`.
        let cells: Range<Int>
        /// How much of `bytes` there was before.
        let byteStart: Int
        /// How much of the group's change log there was before.
        let logStart: Int
    }

    private struct Cell {
        let column: ColumnID
        let isNull: Bool
        /// As in a ``RowCell``; of bytes, where they begin in `bytes`.
        let word: UInt64
        /// How many bytes; 0 for other values.
        let byteCount: Int
    }

    private var steps: [Step] = []
    private var cells: [Cell] = []
    private let bytes = ByteBuffer(capacity: 256)

    var isEmpty: Bool { steps.isEmpty }
    var count: Int { steps.count }

    func removeAll() {
        steps.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        bytes.truncate(to: 0)
    }

    // MARK: Taking note

    func appendInsert(
        _ table: TableID, _ ref: RowRef, creation: UInt32, logStart: Int
    ) {
        steps.append(
            Step(
                kind: .insert, table: table, ref: ref, creation: creation,
                cells: cells.count..<cells.count, byteStart: bytes.count, logStart: logStart))
    }

    /// Notes the present values of the columns that `changes` will change.
    func appendUpdate(
        _ plan: TablePlan, _ ref: RowRef, _ row: RowView, touchedBy changes: RowBuilder,
        logStart: Int
    ) {
        append(.update, plan, ref, row, logStart) { changes.state($0) != .untouched }
    }

    /// Notes a whole row that will be deleted.
    func appendDelete(_ plan: TablePlan, _ ref: RowRef, _ row: RowView, logStart: Int) {
        append(.delete, plan, ref, row, logStart) { _ in true }
    }

    private func append(
        _ kind: Kind, _ plan: TablePlan, _ ref: RowRef, _ row: RowView, _ logStart: Int,
        where isWanted: (ColumnID) -> Bool
    ) {
        let cellStart = cells.count
        let byteStart = bytes.count
        for (position, column) in plan.layout.columns.enumerated() where isWanted(position) {
            let isNull = row.isNull(column)
            var word: UInt64 = 0
            var byteCount = 0
            if !isNull && column.code == .bytes {
                let old = unsafe row.bytes(column)
                word = UInt64(bytes.count)
                byteCount = old.count
                unsafe bytes.append(old)
            } else if !isNull {
                word = row.bits(column)
            }
            cells.append(
                Cell(column: position, isNull: isNull, word: word, byteCount: byteCount))
        }
        steps.append(
            Step(
                kind: kind, table: plan.id, ref: ref, creation: row.creation,
                cells: cellStart..<cells.count, byteStart: byteStart, logStart: logStart))
    }

    // MARK: Taking back

    /// The last step, whose values stay readable until the next is noted.
    func removeLast() -> Step { steps.removeLast() }

    /// Sets the old values of a step, the last removed, in a builder without values.
    func restore(_ step: Step, into builder: RowBuilder) {
        for cell in cells[step.cells] {
            if cell.isNull {
                builder.setNull(cell.column)
            } else if builder.layout.columns[cell.column].code == .bytes {
                let start = unsafe bytes.base + Int(cell.word)
                unsafe builder.set(
                    cell.column,
                    bytes: UnsafeRawBufferPointer(start: start, count: cell.byteCount))
            } else {
                builder.set(cell.column, bits: cell.word)
            }
        }
        cells.removeSubrange(step.cells.lowerBound...)
        bytes.truncate(to: step.byteStart)
    }
}
