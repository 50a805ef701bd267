import Bytes
import JSON
import Store

extension Executor {
    /// A value object or a list, as it lies in its row.
    func storedValue(_ run: borrowing Run, _ place: Int, _ step: Instruction, _ row: RowView)
        -> Status
    {
        let view = unsafe ValueView(column: row.bytes(step.column))
        let mark = run.output.count
        enter(place)
        let status = write(run, run.plan.values[Int(step.operand)], view)
        leave()
        return settle(run, step, status, mark)
    }

    private func write(_ run: borrowing Run, _ plan: ValuePlan, _ value: ValueView) -> Status {
        let output = run.output
        switch plan {
        case .scalar(let kind): writeScalar(kind, value, output)
        case .enumeration(let first):
            unsafe output.append(
                run.plan.enumName(first: Int32(first), value: value.enumPlace))
        case .list(let item, let width):
            let start = output.count
            var items = value.items
            enter(index: 0)
            for index in 0..<value.count {
                move(to: index)
                output.append(byte: UInt8(ascii: ","))
                guard let item = items.next(width: width).map({ (item, $0) }) else {
                    output.append("null")
                    continue
                }
                let status = write(run, item.0, item.1)
                if status != .done {
                    leave()
                    return status
                }
            }
            leave()
            closeList(output, start)
        case .object(let members, let layout):
            let start = output.count
            for member in members {
                unsafe output.append(run.plan.constant(member.key))
                guard let place = member.place else { continue }
                guard let field = value.field(place, in: layout) else {
                    output.append("null")
                    continue
                }
                let status = write(run, member.plan, field)
                if status != .done { return status }
            }
            closeObject(output, start)
        case .row(let table, let block):
            guard meter.visit(1) else { return .aborted }
            guard let row = run.view.table(table).liveRow(value.reference),
                mayShow(run, table, value.reference)
            else {
                output.append("null")
                return .done
            }
            let start = output.count
            let status = fields(
                run, block.lowerBound, block.upperBound, row, value.reference)
            if status != .done { return status }
            closeObject(output, start)
        }
        return .done
    }

    private func writeScalar(_ kind: ScalarKind, _ value: ValueView, _ output: ByteBuffer) {
        switch kind {
        case .id, .string, .emailAddress:
            if value.needsEscape {
                unsafe output.appendJSONString(value.bytes)
            } else {
                unsafe output.appendJSONStringUnescaped(value.bytes)
            }
        case .json: unsafe output.append(value.bytes)
        case .int: output.appendInteger(Int64(value.int32))
        case .long: output.appendInteger(value.int64)
        case .float: output.appendDouble(value.double)
        case .boolean: output.appendJSONBool(value.bool)
        case .dateTime:
            output.append(byte: UInt8(ascii: "\""))
            output.appendDateTime(value.int64)
            output.append(byte: UInt8(ascii: "\""))
        case .date:
            output.append(byte: UInt8(ascii: "\""))
            output.appendDate(value.int32)
            output.append(byte: UInt8(ascii: "\""))
        }
    }
}
