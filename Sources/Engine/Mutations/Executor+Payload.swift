import Bytes
import JSON
import Store

/// The payload of a mutation, written from the draft.
extension Executor {
    /// Writes a root field of a mutation, key and all. When the answer is not `done`, the output is
    /// as before.
    func payload(
        _ run: borrowing Run, _ place: Int, _ outcome: MutationOutcome
    ) -> Status {
        let step = run.plan[place]
        let mark = run.output.count
        writeKey(run, step)
        let start = run.output.count
        enter(place)
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            let status = payloadPart(run, part, inner, outcome)
            if status != .done {
                run.output.truncate(to: mark)
                return status
            }
            part = Int(inner.end)
        }
        leave()
        closeObject(run.output, start)
        return .done
    }

    /// A root field that has come to nothing.
    func nullPayload(_ run: borrowing Run, _ place: Int) {
        writeKey(run, run.plan[place])
        run.output.append("null")
    }

    /// The `__typename` of Mutation.
    func nameType(_ run: borrowing Run, _ step: Instruction) { writeKey(run, step) }

    private func payloadPart(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ outcome: MutationOutcome
    ) -> Status {
        switch step.operation {
        case .payloadRow: return payloadRow(run, place, step, outcome.rows[Int(step.operand)])
        case .payloadEdge: return payloadEdge(run, place, step, outcome.rows[Int(step.operand)])
        case .payloadList: return payloadList(run, place, step, outcome)
        case .payloadQuery: return payloadQuery(run, place, step)
        case .payloadResult: return payloadResult(run, place, step, outcome)
        default: break
        }
        writeKey(run, step)
        switch step.operation {
        case .clientMutationID: writeText(outcome.clientMutationID, run.output)
        case .deletedID: writeText(outcome.deletedID, run.output)
        case .count: run.output.appendInteger(outcome.count)
        case .isCreated: run.output.appendJSONBool(outcome.isCreated)
        case .isReplayed: run.output.appendJSONBool(outcome.isReplayed)
        case .userErrors: writeUserErrors(run, place, step, outcome.errors)
        default: break
        }
        return .done
    }

    private func writeText(_ text: String?, _ output: ByteBuffer) {
        guard let text else { return output.append("null") }
        output.appendJSONString(text)
    }

    private func payloadRow(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ ref: RowRef
    ) -> Status {
        writeKey(run, step)
        let table = TableID(Int(step.table))
        guard ref != .none, mayShow(run, table, ref) else {
            run.output.append("null")
            return .done
        }
        return object(run, place, step, run.view.table(table), ref)
    }

    private func payloadEdge(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ ref: RowRef
    ) -> Status {
        writeKey(run, step)
        let table = TableID(Int(step.table))
        guard ref != .none, mayShow(run, table, ref) else {
            run.output.append("null")
            return .done
        }
        guard meter.visit(1) else { return .aborted }
        let start = run.output.count
        enter(place)
        let status = edge(
            run, place, step, context.creationOrder(of: table), run.view.table(table).row(ref),
            ref)
        leave()
        return settle(run, step, status, start)
    }

    private func payloadList(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ outcome: MutationOutcome
    ) -> Status {
        guard let affected = outcome.affected else {
            nullPayload(run, place)
            return .done
        }
        let plan = run.plan.lists[Int(step.operand)]
        do throws(ArgumentError) {
            let resolver = ListResolver(
                context: context, view: run.view, variables: coercedVariables(),
                role: run.view.guards?.role)
            let (size, _) = try resolver.pageSize(plan.arguments)
            var source = ListSource(kind: .rows)
            source.rows = affected.filter { mayShow(run, plan.table, RowRef(rawValue: $0)) }
            resolved[Int(step.operand)] = ResolvedList(
                table: plan.table, source: source, order: context.creationOrder(of: plan.table),
                size: size, isFromEnd: false, offset: 0, after: nil, before: nil)
        } catch {
            return refuse(run, place, step, error)
        }
        let mark = run.output.count
        let status = list(run, place, step, owner: .none)
        guard status == .nullified else { return status }
        run.output.truncate(to: mark)
        nullPayload(run, place)
        return .done
    }

    private func payloadQuery(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        writeKey(run, step)
        let start = run.output.count
        enter(place)
        var part = place + 1
        while part < Int(step.end) {
            let inner = run.plan[part]
            let status = root(run, part, inner)
            if status != .done {
                leave()
                return status
            }
            part = Int(inner.end)
        }
        leave()
        closeObject(run.output, start)
        return .done
    }

    private func writeUserErrors(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ errors: [UserError]
    ) {
        let output = run.output
        let start = output.count
        for error in errors {
            output.append(byte: UInt8(ascii: ","))
            let itemStart = output.count
            var part = place + 1
            while part < Int(step.end) {
                let inner = run.plan[part]
                writeKey(run, inner)
                switch inner.operation {
                case .errorCode: output.appendJSONString(error.code.name)
                case .errorMessage: output.appendJSONString(error.message)
                case .errorRule: writeText(error.rule, output)
                case .errorPath:
                    let pathStart = output.count
                    for name in error.path {
                        output.append(byte: UInt8(ascii: ","))
                        output.appendJSONString(name)
                    }
                    closeList(output, pathStart)
                default: break
                }
                part = Int(inner.end)
            }
            closeObject(output, itemStart)
        }
        closeList(output, start)
    }

    /// The live rows of a table that a condition finds, in the order of their creation. Nil when
    /// the work became too much.
    func rows(
        _ run: borrowing Run, of table: TableID, where condition: Condition
    ) -> [RowRef]? {
        let source = AccessPath(
            context: context, view: run.view, table: table, ownerColumn: nil,
            order: context.creationOrder(of: table), needs: ListNeeds(aggregate: true),
            pageRows: 0, skippedRows: 0
        ).choose(condition)
        let list = ResolvedList(
            table: table, source: source, order: context.creationOrder(of: table), size: .max,
            isFromEnd: false, offset: 0, after: nil, before: nil)
        var found: [Locator] = []
        guard ListFrame(list, of: .none, run.view).forEachRow(run.view, { found.append($1) })
        else { return nil }
        return found.sorted().map(\.ref)
    }
}
