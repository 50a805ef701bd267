import Bytes
import JSON
import Store

extension Executor {
    /// `aggregate`: every column that is asked for, in one pass over the rows of the list.
    func aggregate(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let columns = run.plan.aggregates[Int(step.operand)]
        let request = GroupRequest(
            keys: [], calendar: .utc, aggregates: columns, limits: GroupLimits(context.limits))
        var table: GroupTable?
        if !columns.isEmpty {
            table = frame.grouped(
                by: request, run.view, threads: run.view.meter.threads)
            if table == nil { return .aborted }
        }
        let start = run.output.count
        enter(place)
        let status = aggregateParts(run, place + 1, Int(step.end), frame, table, group: 0)
        leave()
        if status == .done { closeObject(run.output, start) }
        return status
    }

    /// The parts of an aggregate of a list, or of one of its groups.
    ///
    /// - Parameter table: nil when only the number of rows is asked for.
    func aggregateParts(
        _ run: borrowing Run, _ start: Int, _ end: Int, _ frame: ListFrame,
        _ table: GroupTable?, group: Int
    ) -> Status {
        var place = start
        while place < end {
            let step = run.plan[place]
            switch step.operation {
            case .totalCount:
                writeKey(run, step)
                guard let count = table?.rowCount(group) ?? frame.count(run.view) else {
                    return .aborted
                }
                run.output.appendInteger(Int64(count))
            case .object:
                writeKey(run, step)
                let inner = run.output.count
                enter(place)
                let status = aggregateParts(
                    run, place + 1, Int(step.end), frame, table, group: group)
                leave()
                if status != .done { return status }
                closeObject(run.output, inner)
            case .aggregateValue:
                guard let result = table?.result(group, Int(step.operand)) else {
                    return .aborted
                }
                if result.isOutOfRange {
                    // A wrong number would be worse than none; the field may be null.
                    let status = fail(
                        run, place,
                        "The sum is beyond ±(2^53−1), which a JSON number holds exactly.",
                        code: "BAD_USER_INPUT", hint: "Narrow the filter.")
                    writeKey(run, step)
                    let settled = settle(run, step, status, run.output.count)
                    if settled != .done { return settled }
                } else {
                    writeKey(run, step)
                    result.write(to: run.output)
                }
            default: writeKey(run, step)
            }
            place = Int(step.end)
        }
        return .done
    }
}
