import Bytes
import JSON
import Store

/// Writes the lines of a table: a walk over the plan's instructions, as the executor's is over an
/// answer, with cells in place of members.
final class LineWriter {
    /// What the executor writes goes to `scratch`.
    let run: Executor.Run
    private let table: TabularPlan
    private let plan: Plan
    private let cells: CellWriter
    private let output: ByteBuffer
    private let executor: Executor
    private let view: MeteredView
    private let scratch: ByteBuffer
    private let cursorScratch = ByteBuffer(capacity: 256)
    /// For cursors.
    private let order: SortOrder?
    private let children: ResolvedList?
    private var isInChild = false
    private let items: Range<Int>
    /// Where the exploded list of the line at hand stands in it.
    private var explosion: Explosion?
    private let prefix = ByteBuffer()
    private let suffix = ByteBuffer()
    /// Nobody wants more.
    private(set) var isCancelled = false

    private struct Explosion {
        let frame: ListFrame
        let stackTop: Int
        /// The cells of the first child.
        var cells: Range<Int>
        var columns: Range<Int>
    }

    init(
        _ table: TabularPlan, _ cells: CellWriter, _ executor: Executor, _ view: MeteredView,
        _ scratch: ByteBuffer, _ order: SortOrder?, _ children: ResolvedList?
    ) {
        self.table = table
        plan = table.plan
        self.cells = cells
        output = cells.output
        self.executor = executor
        self.view = view
        self.scratch = scratch
        self.order = order
        self.children = children
        run = Executor.Run(plan: table.plan, output: scratch, view: view)
        if case .rows(let body) = table.source {
            items = body.items + 1..<Int(table.plan[body.items].end)
        } else {
            items = 0..<0
        }
    }

    /// Writes the line of a row, or those of its children. False when the table breaks off.
    @inline(__always)
    func write(_ row: RowView, _ ref: RowRef, _ write: (ByteBuffer) -> Bool) -> Bool {
        let start = cells.beginLine()
        let status = fields(items.lowerBound, items.upperBound, row, ref)
        guard status == .done, executor.errors.isEmpty else {
            cells.dropLine(start)
            return false
        }
        if explosion != nil { return writeChildren(start, write) }
        cells.endLine(start)
        return output.count < CellWriter.blockByteCount || flush(write)
    }

    private func flush(_ write: (ByteBuffer) -> Bool) -> Bool {
        isCancelled = !write(output)
        output.removeAll(keepingAtMost: 4 * CellWriter.blockByteCount)
        return !isCancelled
    }

    // MARK: Cells

    private func fields(
        _ start: Int, _ end: Int, _ row: RowView, _ ref: RowRef
    ) -> Executor.Status {
        var place = start
        while place < end {
            let step = plan[place]
            switch step.operation {
            case .constant: constant(step)
            case .identifier:
                cells.openQuoted()
                identifier(step, row, step.column)
                cells.closeQuoted()
            case .cursor: cursor(row, ref)
            case .edgeNode:
                let status = fields(place + 1, Int(step.end), row, ref)
                if status != .done { return status }
            case .list, .computed:
                let status = rendered(place, step, row, ref)
                if status != .done { return status }
            default:
                if row.isNull(step.column) {
                    if step.isNonNull { return missing(place) }
                    cells.nulls(table.widths[place])
                } else {
                    let status = value(place, step, row, ref)
                    if status != .done { return status }
                }
            }
            place = Int(step.end)
        }
        return .done
    }

    /// The value of a column that has one.
    @inline(__always)
    private func value(
        _ place: Int, _ step: Instruction, _ row: RowView, _ ref: RowRef
    ) -> Executor.Status {
        switch step.operation {
        case .text:
            unsafe cells.text(
                row.bytes(step.column),
                needsEscape: row.byteFlags(step.column).contains(.needsEscape))
        case .int32: cells.integer(Int64(row.int32(step.column)))
        case .int64: cells.integer(row.int64(step.column))
        case .enumeration:
            let name = unsafe plan.enumName(
                first: step.operand,
                value: step.column.code == .int8
                    ? row.int8(step.column) : row.int16(step.column))
            cells.openQuoted()
            unsafe output.append(UnsafeRawBufferPointer(rebasing: name.dropFirst().dropLast()))
            cells.closeQuoted()
        case .dateTime: cells.dateTime(row.int64(step.column))
        case .date: cells.date(row.int32(step.column))
        case .boolean: cells.boolean(row.bool(step.column))
        case .double: cells.double(row.double(step.column))
        case .json: unsafe cells.json(row.bytes(step.column))
        case .referenceID, .guardedReferenceID:
            let target = TableID(Int(step.table))
            if step.operation == .guardedReferenceID,
                !executor.mayShow(run, target, row.reference(step.column))
            {
                return hidden(place, step)
            }
            cells.openQuoted()
            identifier(
                step, view.table(target).row(row.reference(step.column)),
                executor.context.layouts.column(target, 0))
            cells.closeQuoted()
        case .toOne, .guardedToOne:
            guard executor.meter.visit(1) else { return .aborted }
            let target = row.reference(step.column)
            if step.operation == .guardedToOne,
                !executor.mayShow(run, TableID(Int(step.operand)), target)
            {
                return hidden(place, step)
            }
            let next = view.table(TableID(Int(step.operand))).row(target)
            executor.enter(place)
            let status = fields(place + 1, Int(step.end), next, target)
            if status == .done { executor.leave() }
            return status
        case .value: return rendered(place, step, row, ref)
        default: preconditionFailure("a field of a row")
        }
        return .done
    }

    /// What leads to a row that is not the viewer's to see.
    @inline(never)
    private func hidden(_ place: Int, _ step: Instruction) -> Executor.Status {
        if step.isNonNull { return executor.failHidden(run, place) }
        cells.nulls(table.widths[place])
        return .done
    }

    /// The key of the step is followed by a quotation mark and the table's prefix.
    @inline(__always)
    private func identifier(_ step: Instruction, _ row: RowView, _ column: Column) {
        unsafe output.append(
            plan.key(step) + Int(step.keyLength) + 1, count: Int(step.operand) - 1)
        unsafe output.append(row.bytes(column))
    }

    /// `,"name":"value"`, or `,"name":null`
    private func constant(_ step: Instruction) {
        let key = unsafe UnsafeRawBufferPointer(
            start: plan.key(step), count: Int(step.keyLength))
        let value = unsafe key.dropFirst(2).drop { $0 != UInt8(ascii: "\"") }.dropFirst(2)
        guard unsafe value.first == UInt8(ascii: "\"") else { return cells.null() }
        cells.openQuoted()
        unsafe output.append(UnsafeRawBufferPointer(rebasing: value.dropFirst().dropLast()))
        cells.closeQuoted()
    }

    private func cursor(_ row: RowView, _ ref: RowRef) {
        guard let order = isInChild ? children?.order : order else { return }
        scratch.removeAll()
        CursorCoding.write(order, row, ref, view, to: scratch, scratch: cursorScratch)
        unsafe scratch.withUnsafeBytes { unsafe cells.rendered($0, isJSON: false) }
    }

    /// What only the executor can write: its answer, taken into cells.
    @inline(never)
    private func rendered(
        _ place: Int, _ step: Instruction, _ row: RowView, _ ref: RowRef
    ) -> Executor.Status {
        guard let shape = table.shapes[place] else { return explode(ref) }
        scratch.removeAll(keepingAtMost: CellWriter.blockByteCount)
        let status = executor.fields(run, place, Int(step.end), row, ref)
        guard status == .done else { return status }
        unsafe scratch.withUnsafeBytes { bytes in
            var walk = unsafe AnswerWalk(bytes, from: Int(step.keyLength))
            walk.write(shape, to: cells)
        }
        return .done
    }

    /// A stored null where the schema has none: the schema was tightened over existing rows.
    @inline(never)
    private func missing(_ place: Int) -> Executor.Status {
        executor.fail(
            run, place, "Cannot return null for a non-nullable field.",
            code: "INTERNAL_SERVER_ERROR")
    }

    // MARK: The exploded list

    /// The cells of the first child of a row.
    private func explode(_ owner: RowRef) -> Executor.Status {
        guard let exploded = table.exploded, let children else { return .done }
        var frame = ListFrame(children, of: owner, view)
        let stackTop = executor.pageRows.count
        guard executor.gather(run, &frame) else { return .aborted }
        if frame.window.count == 0 {
            cells.nulls(exploded.columnCount)
            return .done
        }
        let start = output.count
        let column = cells.column
        explosion = Explosion(
            frame: frame, stackTop: stackTop, cells: start..<start, columns: column..<column)
        let status = child(exploded, frame, 0)
        explosion?.cells = start..<output.count
        explosion?.columns = column..<cells.column
        return status
    }

    /// The cells of a child. The way to its list is on the executor's path.
    private func child(
        _ exploded: TabularPlan.Exploded, _ frame: ListFrame, _ index: Int
    ) -> Executor.Status {
        guard executor.meter.visit(1) else { return .aborted }
        let items = exploded.body.items
        let ref = RowRef(rawValue: executor.pageRows[frame.window.start + index])
        executor.enter(exploded.body.list)
        executor.enter(items)
        executor.enter(index: index)
        isInChild = true
        let status = fields(items + 1, Int(plan[items].end), frame.table.row(ref), ref)
        isInChild = false
        guard status == .done else { return status }
        executor.leave()
        executor.leave()
        executor.leave()
        return .done
    }

    /// Ends the line of the first child and writes those of the others: the same cells before and
    /// behind.
    private func writeChildren(_ start: Int, _ write: (ByteBuffer) -> Bool) -> Bool {
        guard let exploded = table.exploded, let explosion else { return false }
        defer {
            executor.pageRows.removeSubrange(explosion.stackTop...)
            self.explosion = nil
        }
        let count = explosion.frame.window.count
        let columnsInAll = cells.column
        if count > 1 {
            prefix.removeAll()
            suffix.removeAll()
            let base = unsafe UnsafeRawPointer(output.base)
            unsafe prefix.append(base + start, count: explosion.cells.lowerBound - start)
            let end = explosion.cells.upperBound
            unsafe suffix.append(base + end, count: output.count - end)
        }
        cells.endLine(start)
        for place in exploded.path { executor.enter(place) }
        for index in 1..<max(1, count) {
            if output.count >= CellWriter.blockByteCount, !flush(write) { return false }
            let start = cells.beginLine()
            cells.copy(prefix, next: explosion.columns.lowerBound)
            guard child(exploded, explosion.frame, index) == .done, executor.errors.isEmpty else {
                cells.dropLine(start)
                return false
            }
            cells.copy(suffix, next: columnsInAll)
            cells.endLine(start)
        }
        for _ in exploded.path { executor.leave() }
        return output.count < CellWriter.blockByteCount || flush(write)
    }

    // MARK: Answers of the executor

    /// Has the executor group the rows of a connection and takes each group into a line.
    func writeGroups(
        _ body: TabularPlan.ListBody, _ shape: CellShape, _ write: (ByteBuffer) -> Bool
    ) -> Bool {
        scratch.removeAll()
        return withoutActuallyEscaping(write) { write in
            executor.takesGroup = { [unowned self] start in
                guard executor.errors.isEmpty else { return false }
                let line = cells.beginLine()
                unsafe scratch.withUnsafeBytes { bytes in
                    var walk = unsafe AnswerWalk(bytes, from: start)
                    walk.write(shape, to: cells)
                }
                // The comma before it stays, so that the list is one.
                scratch.truncate(to: start - 1)
                cells.endLine(line)
                return output.count < CellWriter.blockByteCount || flush(write)
            }
            defer { executor.takesGroup = nil }
            return executor.root(run, body.list, plan[body.list]) == .done
        }
    }

    /// Has the executor write the root field and takes its list into lines.
    func writeAnswer(
        _ answer: TabularPlan.AnswerList, _ write: (ByteBuffer) -> Bool
    ) -> Bool {
        scratch.removeAll()
        guard executor.root(run, answer.root, plan[answer.root]) == .done,
            executor.errors.isEmpty
        else { return false }
        return unsafe scratch.withUnsafeBytes { bytes in
            var walk = unsafe AnswerWalk(bytes, from: answer.headByteCount)
            guard walk.byte == UInt8(ascii: "["), !walk.isEmptyList else { return true }
            while walk.byte != UInt8(ascii: "]"), !walk.isAtEnd {
                guard executor.meter.visit(1) else { return false }
                // A bracket or a comma before each item.
                walk.skip(1)
                let start = cells.beginLine()
                walk.write(answer.item, to: cells)
                cells.endLine(start)
                if output.count >= CellWriter.blockByteCount, !flush(write) { return false }
            }
            return true
        }
    }
}
