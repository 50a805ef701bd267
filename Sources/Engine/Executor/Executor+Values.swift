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
        case .scalar(let kind): output.append(value, as: kind)
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
}
