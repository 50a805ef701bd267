import Bytes
import JSON
import Store

extension Executor {
    /// A connection: gathers its page if anything needs it, then writes its parts.
    func list(_ run: borrowing Run, _ place: Int, _ step: Instruction, owner: RowRef) -> Status {
        let plan = run.plan.lists[Int(step.operand)]
        let list: ResolvedList
        if let fixed = plan.fixed {
            list = fixed
        } else {
            do throws(ArgumentError) {
                list = try resolvedList(run, Int(step.operand), plan)
            } catch {
                return fail(run, place, error)
            }
        }
        var frame = ListFrame(
            list, of: owner, run.view, needsPrevious: plan.needs.previous)
        if !list.hiddenCounts.isEmpty {
            guard let count = frame.count(run.view) else { return .aborted }
            if list.hiddenCounts.contains(count) {
                return fail(
                    run, place,
                    "Fewer than \(RoleAccess.countedRowsMin) rows are not told of to this role.",
                    code: "FORBIDDEN", hint: "Widen the filter.")
            }
        }
        writeKey(run, step)
        let output = run.output
        let start = output.count
        let visitedBefore = meter.rowsVisited
        let stackTop = pageRows.count
        if plan.needs.rows {
            guard gather(run, &frame) else { return .aborted }
        }
        enter(place)
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            let status = connectionPart(run, part, inner, frame)
            if status != .done {
                leave()
                pageRows.removeSubrange(stackTop...)
                return status
            }
            part = Int(inner.end)
        }
        counters.count(list)
        tallies[Int(step.operand)].add(
            visited: meter.rowsVisited - visitedBefore, returned: frame.window.count)
        if let trace {
            note(
                trace, run, frame, visited: meter.rowsVisited - visitedBefore,
                returned: frame.window.count)
        }
        leave()
        pageRows.removeSubrange(stackTop...)
        closeObject(output, start)
        return .done
    }

    private func resolvedList(_ run: borrowing Run, _ place: Int, _ plan: ListPlan)
        throws(ArgumentError) -> ResolvedList
    {
        if let known = resolved[place] { return known }
        let resolver = ListResolver(
            context: context, view: run.view, variables: coercedVariables(),
            role: run.view.guards?.role)
        let list = try plan.resolved(by: resolver)
        resolved[place] = list
        return list
    }

    /// Explains a list, or a `groupBy` over it.
    func note(
        _ trace: (ListTrace) -> Void, _ run: borrowing Run, _ frame: ListFrame, visited: Int,
        returned: Int
    ) {
        let source = frame.list.source
        trace(
            ListTrace(
                path: pathText(run), source: source.kind == .empty ? "nothing" : source.name,
                isOrdered: source.isOrdered, isFiltered: source.isFiltered,
                rowsEstimated: source.estimate, rowsVisited: visited,
                rowsReturned: returned))
    }

    // MARK: Parts of a connection

    private func connectionPart(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        switch step.operation {
        case .nodes: return nodes(run, place, step, frame)
        case .edges: return edges(run, place, step, frame)
        case .pageInfo: return pageInfo(run, place, step, frame)
        case .totalCount:
            writeKey(run, step)
            guard let count = frame.count(run.view) else { return .aborted }
            run.output.appendInteger(Int64(count))
            return .done
        case .aggregate: return aggregate(run, place, step, frame)
        case .groupBy: return groupBy(run, place, step, frame)
        default:
            writeKey(run, step)
            return .done
        }
    }

    private func nodes(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let output = run.output
        let start = output.count
        let end = Int(step.end)
        enter(place)
        enter(index: 0)
        for index in 0..<frame.window.count {
            guard meter.visit(1) else { return .aborted }
            let ref = RowRef(rawValue: pageRows[frame.window.start + index])
            move(to: index)
            output.append(byte: UInt8(ascii: ","))
            let itemStart = output.count
            let status = fields(run, place + 1, end, frame.table.row(ref), ref)
            if status != .done {
                leave()
                leave()
                return status
            }
            closeObject(output, itemStart)
        }
        leave()
        leave()
        closeList(output, start)
        return .done
    }

    private func edges(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let output = run.output
        let start = output.count
        enter(place)
        enter(index: 0)
        for index in 0..<frame.window.count {
            guard meter.visit(1) else { return .aborted }
            let ref = RowRef(rawValue: pageRows[frame.window.start + index])
            move(to: index)
            output.append(byte: UInt8(ascii: ","))
            let status = edge(run, place, step, frame.list.order, frame.table.row(ref), ref)
            if status != .done {
                leave()
                leave()
                return status
            }
        }
        leave()
        leave()
        closeList(output, start)
        return .done
    }

    /// The members of an edge, which stand behind `place`.
    func edge(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ order: SortOrder,
        _ row: RowView, _ ref: RowRef
    ) -> Status {
        let output = run.output
        let start = output.count
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            writeKey(run, inner)
            switch inner.operation {
            case .cursor: writeCursor(run, order, row, ref)
            case .edgeNode:
                let nodeStart = output.count
                enter(part)
                let status = fields(run, part + 1, Int(inner.end), row, ref)
                leave()
                if status != .done { return status }
                closeObject(output, nodeStart)
            default: break
            }
            part = Int(inner.end)
        }
        closeObject(output, start)
        return .done
    }

    private func writeCursor(
        _ run: borrowing Run, _ order: SortOrder, _ row: RowView, _ ref: RowRef
    ) {
        CursorCoding.write(order, row, ref, run.view, to: run.output, scratch: scratch)
    }

    private func pageInfo(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let start = run.output.count
        let window = frame.window
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            writeKey(run, inner)
            switch inner.operation {
            case .hasNextPage: run.output.appendJSONBool(window.hasNext)
            case .hasPreviousPage: run.output.appendJSONBool(window.hasPrevious)
            case .startCursor, .endCursor:
                if window.count == 0 {
                    run.output.append("null")
                } else {
                    let index = inner.operation == .startCursor ? 0 : window.count - 1
                    let ref = RowRef(rawValue: pageRows[window.start + index])
                    writeCursor(run, frame.list.order, frame.table.row(ref), ref)
                }
            default: break
            }
            part = Int(inner.end)
        }
        closeObject(run.output, start)
        return .done
    }
}
