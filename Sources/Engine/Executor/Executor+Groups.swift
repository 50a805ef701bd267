import Bytes
import JSON
import Store

/// `groupBy`: the rows of a list put together, the groups chosen and ordered, then written one after
/// another.
extension Executor {
    /// What the steps of one `groupBy` share.
    private struct Groups {
        let plan: GroupPlan
        let grouping: ResolvedGrouping
        let table: GroupTable
        let frame: ListFrame
        /// The groups of the answer, in order.
        let shown: [Int]
        /// The first rows of each group shown, when some `nodes` wants them; beside `shown`.
        var rows: [[RowRef]] = []
        /// How many of them each `nodes` shows.
        var nodeSizes: [Int] = []
    }

    func groupBy(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        let plan = run.plan.groupings[Int(step.operand)]
        let grouping: ResolvedGrouping
        do throws(ArgumentError) {
            grouping = try resolvedGrouping(run, Int(step.operand), plan)
        } catch {
            return fail(run, place, error)
        }
        let visitedBefore = meter.rowsVisited
        guard
            let table = frame.grouped(
                by: grouping.request, run.view, threads: run.view.meter.threads)
        else { return .aborted }
        var chooser = GroupChooser(grouping, table, of: frame.list, run.view)
        guard chooser.choose() else { return .aborted }
        if let column = chooser.outOfRange {
            return fail(
                run, place,
                ArgumentError(
                    "The groups cannot be compared by \(grouping.names[column]): of one it is "
                        + "beyond ±(2^53−1), which a JSON number holds exactly.",
                    hint: "Narrow the filter."))
        }
        var groups = Groups(
            plan: plan, grouping: grouping, table: table, frame: frame, shown: chooser.shown)
        if !plan.nodeSizes.isEmpty && !groups.shown.isEmpty {
            let status = findNodes(run, place, &groups)
            if status != .done { return status }
        }
        let status = write(run, place, step, groups)
        if status == .done, let trace {
            enter(place)
            note(
                trace, run, frame, visited: meter.rowsVisited - visitedBefore,
                returned: groups.shown.count)
            leave()
        }
        return status
    }

    private func resolvedGrouping(_ run: borrowing Run, _ place: Int, _ plan: GroupPlan)
        throws(ArgumentError) -> ResolvedGrouping
    {
        if let known = groupings[place] { return known }
        let resolver = GroupResolver(
            context: context, view: run.view, variables: coercedVariables())
        let grouping = try plan.resolved(by: resolver)
        groupings[place] = grouping
        return grouping
    }

    // MARK: Rows of groups

    /// The first rows of all groups shown, in one pass over the rows of the list.
    private func findNodes(_ run: borrowing Run, _ place: Int, _ groups: inout Groups) -> Status {
        let resolver = GroupResolver(
            context: context, view: run.view, variables: coercedVariables())
        do throws(ArgumentError) {
            for argument in groups.plan.nodeSizes {
                groups.nodeSizes.append(try resolver.nodeSize(argument))
            }
        } catch {
            return refuseNodes(run, place, groups.nodeSizes.count, error)
        }
        let most = groups.nodeSizes.max() ?? 0
        guard most > 0 else {
            groups.rows = groups.shown.map { _ in [] }
            return .done
        }
        var places = [Int32](repeating: -1, count: groups.table.count)
        for (place, group) in groups.shown.enumerated() { places[group] = Int32(place) }
        var firsts = FirstRows(
            groups.frame.list.order, groups.frame.table, run.view, groupCount: groups.shown.count,
            limit: most)
        let table = groups.table
        let finished = groups.frame.forEachRow(run.view) { row, locator in
            guard let group = table.group(of: row, locator.ref), places[group] >= 0 else { return }
            firsts.add(row, locator, to: Int(places[group]))
        }
        guard finished else { return .aborted }
        groups.rows = firsts.rows
        return .done
    }

    /// The arguments of a `nodes` are wrong: they are the same for all groups, and are found to be
    /// wrong in the first.
    private func refuseNodes(
        _ run: borrowing Run, _ place: Int, _ number: Int, _ error: ArgumentError
    ) -> Status {
        enter(place)
        enter(index: 0)
        var part = place + 1
        let end = Int(run.plan[place].end)
        while part < end {
            let inner = run.plan[part]
            if inner.operation == .groupNodes && Int(inner.operand) == number {
                _ = fail(run, part, error)
            }
            part = Int(inner.end)
        }
        leave()
        leave()
        return .nullified
    }

    // MARK: Writing

    private func write(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ groups: Groups
    ) -> Status {
        writeKey(run, step)
        let output = run.output
        let start = output.count
        enter(place)
        enter(index: 0)
        for index in groups.shown.indices {
            guard meter.visit(1) else { return .aborted }
            move(to: index)
            output.append(byte: UInt8(ascii: ","))
            let itemStart = output.count
            var part = place + 1
            while part < Int(step.end) {
                let inner = run.plan[part]
                let status = groupPart(run, part, inner, groups, index)
                if status != .done {
                    leave()
                    leave()
                    return status
                }
                part = Int(inner.end)
            }
            closeObject(output, itemStart)
            if let takesGroup, !takesGroup(itemStart) { return .aborted }
        }
        leave()
        leave()
        closeList(output, start)
        return .done
    }

    private func groupPart(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ groups: Groups, _ index: Int
    ) -> Status {
        writeKey(run, step)
        if step.operation == .constant { return .done }
        let start = run.output.count
        enter(place)
        let status: Status
        switch step.operation {
        case .groupKeys: status = groupKeys(run, place, step, groups, groups.shown[index])
        case .groupNodes:
            status = groupNodes(run, place, step, groups, groups.rows[index])
        default:
            status = aggregateParts(
                run, place + 1, Int(step.end), groups.frame, groups.table,
                group: groups.shown[index])
        }
        leave()
        if status != .done { return status }
        step.operation == .groupNodes
            ? closeList(run.output, start) : closeObject(run.output, start)
        return .done
    }

    private func groupKeys(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ groups: Groups, _ group: Int
    ) -> Status {
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            writeKey(run, inner)
            if inner.operation != .constant {
                let value = groups.grouping.places[Int(inner.table)].map {
                    groups.table.key(group, $0)
                }
                let status = groupKey(run, part, inner, value ?? .null)
                if status != .done { return status }
            }
            part = Int(inner.end)
        }
        return .done
    }

    private func groupKey(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ value: GroupKeyValue
    ) -> Status {
        let output = run.output
        switch (step.operation, value) {
        case (.toOne, .row(let ref)):
            return object(run, place, step, run.view.table(TableID(Int(step.operand))), ref)
        case (.enumeration, .integer(let number)):
            unsafe output.append(
                run.plan.enumName(first: step.operand, value: Int(truncatingIfNeeded: number)))
        case (.boolean, .integer(let number)): output.appendJSONBool(number != 0)
        case (.dateTime, .integer(let number)): output.appendJSONDateTime(number)
        case (.date, .integer(let number)): output.appendJSONDate(Int32(truncatingIfNeeded: number))
        case (_, .integer(let number)): output.appendInteger(number)
        case (_, .double(let number)): output.appendDouble(number)
        case (_, .text(let bytes)):
            unsafe bytes.withUnsafeBytes { unsafe output.appendJSONString($0) }
        case (_, .null), (_, .row): output.append("null")
        }
        return .done
    }

    private func groupNodes(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ groups: Groups, _ rows: [RowRef]
    ) -> Status {
        enter(index: 0)
        for (index, ref) in rows.prefix(groups.nodeSizes[Int(step.operand)]).enumerated() {
            guard meter.visit(1) else { return .aborted }
            move(to: index)
            run.output.append(byte: UInt8(ascii: ","))
            let itemStart = run.output.count
            let status = fields(
                run, place + 1, Int(step.end), groups.frame.table.row(ref), ref)
            if status != .done {
                leave()
                return status
            }
            closeObject(run.output, itemStart)
        }
        leave()
        return .done
    }
}
