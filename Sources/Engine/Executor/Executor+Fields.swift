import Bytes
import JSON
import Store

extension Executor {
    /// Writes the fields of one row: the instructions from `start` up to `end`.
    func fields(
        _ run: borrowing Run, _ start: Int, _ end: Int, _ row: RowView, _ ref: RowRef
    ) -> Status {
        var place = start
        while place < end {
            let step = run.plan[place]
            switch step.operation {
            case .list:
                let status = list(run, place, step, owner: ref)
                if status != .done { return status }
            case .computed:
                let status = computed(run, place, step, owner: ref)
                if status != .done { return status }
            case .constant: writeKey(run, step)
            case .identifier:
                writeIdentifier(run, step, row)
            default:
                writeKey(run, step)
                if row.isNull(step.column) {
                    if step.isNonNull { return missing(run, place, step) }
                    run.output.append("null")
                } else {
                    let status = value(run, place, step, row)
                    if status != .done { return status }
                }
            }
            place = Int(step.end)
        }
        return .done
    }

    /// The value of a column that has one, behind its key.
    @inline(__always)
    private func value(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ row: RowView
    ) -> Status {
        switch step.operation {
        case .text:
            let bytes = unsafe row.bytes(step.column)
            if row.byteFlags(step.column).contains(.needsEscape) {
                unsafe run.output.appendJSONString(bytes)
            } else {
                unsafe run.output.appendJSONStringUnescaped(bytes)
            }
        case .int32: run.output.appendInteger(Int64(row.int32(step.column)))
        case .int64: run.output.appendInteger(row.int64(step.column))
        case .enumeration:
            unsafe run.output.append(
                run.plan.enumName(
                    first: step.operand,
                    value: step.column.code == .int8
                        ? row.int8(step.column) : row.int16(step.column)))
        case .dateTime: run.output.appendJSONDateTime(row.int64(step.column))
        case .date: run.output.appendJSONDate(row.int32(step.column))
        case .boolean: run.output.appendJSONBool(row.bool(step.column))
        case .double: run.output.appendDouble(row.double(step.column))
        case .json: unsafe run.output.append(row.bytes(step.column))
        case .referenceID: writeReference(run, step, row.reference(step.column))
        case .toOne:
            return toOne(run, place, step, row.reference(step.column))
        case .guardedToOne, .guardedReferenceID:
            return guarded(run, place, step, row)
        case .value:
            return storedValue(run, place, step, row)
        default: preconditionFailure("a field of a row")
        }
        return .done
    }

    private func writeReference(_ run: borrowing Run, _ step: Instruction, _ target: RowRef) {
        let table = TableID(Int(step.table))
        unsafe run.output.append(
            run.plan.key(step) + Int(step.keyLength), count: Int(step.operand))
        writeIdentifierTail(
            run, run.view.table(table).row(target), context.layouts.column(table, 0))
    }

    /// What leads to another row, unless that row is not the viewer's to see.
    private func guarded(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ row: RowView
    ) -> Status {
        let target = row.reference(step.column)
        let isReference = step.operation == .guardedReferenceID
        let table = TableID(Int(isReference ? step.table : step.operand))
        if mayShow(run, table, target) {
            if !isReference { return toOne(run, place, step, target) }
            writeReference(run, step, target)
            return .done
        }
        guard step.isNonNull else {
            run.output.append("null")
            return .done
        }
        run.output.truncate(to: run.output.count - Int(step.keyLength))
        return failHidden(run, place)
    }

    /// Notes that a field leads to a row that the viewer may not see, where there must be one.
    func failHidden(_ run: borrowing Run, _ place: Int) -> Status {
        fail(
            run, place, "The row that this leads to is not open to this role.", code: "FORBIDDEN")
    }

    /// Whether a row that was found by other ways than a list is the viewer's to see.
    @inline(__always)
    func mayShow(_ run: borrowing Run, _ table: TableID, _ ref: RowRef) -> Bool {
        guard let guards = run.view.guards else { return true }
        return guards.allows(table, ref, for: .read, run.view)
    }

    private func toOne(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ target: RowRef
    ) -> Status {
        guard meter.visit(1) else { return .aborted }
        let start = run.output.count
        enter(place)
        let table = run.view.table(TableID(Int(step.operand)))
        let status = fields(run, place + 1, Int(step.end), table.row(target), target)
        leave()
        if status == .done {
            closeObject(run.output, start)
            return .done
        }
        return settle(run, step, status, start)
    }

    /// The id: the key and the table's prefix lie together in the constants.
    @inline(__always)
    private func writeIdentifier(_ run: borrowing Run, _ step: Instruction, _ row: RowView) {
        unsafe run.output.append(
            run.plan.key(step), count: Int(step.keyLength) + Int(step.operand))
        writeIdentifierTail(run, row, step.column)
    }

    @inline(__always)
    private func writeIdentifierTail(_ run: borrowing Run, _ row: RowView, _ column: Column) {
        unsafe run.output.append(row.bytes(column))
        run.output.append(byte: UInt8(ascii: "\""))
    }

    /// A stored null where the schema has none: the schema was tightened over existing rows.
    @inline(never)
    private func missing(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        run.output.truncate(to: run.output.count - Int(step.keyLength))
        return fail(
            run, place, "Cannot return null for a non-nullable field.",
            code: "INTERNAL_SERVER_ERROR")
    }
}
