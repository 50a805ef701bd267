import Bytes
import GraphQL
import JSON
import Store

/// Fields that rules answer.
extension Executor {
    /// A field that is computed at each reading. Its key is not written yet.
    func computed(_ run: borrowing Run, _ place: Int, _ step: Instruction, owner: RowRef) -> Status
    {
        let field = run.plan.results[Int(step.operand)]
        guard meter.visit(1) else { return .aborted }
        let value: RuleValue
        switch evaluate(run, field, owner, parent: .null) {
        case .success(let found): value = found
        case .failure(.argument(let error)): return refuse(run, place, step, error)
        case .failure(.aborted): return .aborted
        }
        writeKey(run, step)
        return result(run, place, step, field.plan, value, owner)
    }

    /// A part of a rule's payload.
    func payloadResult(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ outcome: MutationOutcome
    ) -> Status {
        let field = run.plan.results[Int(step.operand)]
        writeKey(run, step)
        if case .place(let index) = field.source, case .object(let values) = outcome.payload {
            return result(run, place, step, field.plan, values[index], .none)
        }
        // Nothing was done.
        switch field.plan {
        case .list where step.isNonNull: run.output.append("[]")
        case .scalar(.boolean) where step.isNonNull: run.output.append("false")
        case .scalar where step.isNonNull: run.output.append("0")
        default: run.output.append("null")
        }
        return .done
    }

    private func result(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ plan: ResultPlan,
        _ value: RuleValue, _ owner: RowRef
    ) -> Status {
        let start = run.output.count
        enter(place)
        let status = write(run, place, plan, value, isNonNull: step.isNonNull, owner)
        leave()
        return settle(run, step, status, start)
    }

    private enum Stop: Error {
        case argument(ArgumentError)
        case aborted
    }

    private func evaluate(
        _ run: borrowing Run, _ field: ResultFieldPlan, _ owner: RowRef, parent: RuleValue
    ) -> Result<RuleValue, Stop> {
        guard case .rule(let rule, let plans) = field.source else { return .success(.null) }
        var arguments: [CoercedField] = []
        do throws(ArgumentError) {
            for (index, plan) in plans.enumerated() {
                if let value = try value(of: plan) {
                    arguments.append(CoercedField(index: index, value: value))
                }
            }
        } catch {
            return .failure(.argument(error))
        }
        let read = FieldRead(
            data: DataView(
                version: run.view.version, now: now, context: context, guards: run.view.guards,
                meter: meter),
            owner: owner, parent: parent, arguments: arguments, selected: field.selected,
            meter: meter,
            context: context)
        do throws(FieldStop) {
            let value = try rule.value(read)
            // It may have seen only a part of its rows.
            return meter.abortion == nil ? .success(value) : .failure(.aborted)
        } catch .refused(let message) {
            if meter.abortion != nil { return .failure(.aborted) }
            return .failure(.argument(ArgumentError(message)))
        } catch {
            return .failure(.aborted)
        }
    }

    private func write(
        _ run: borrowing Run, _ place: Int, _ plan: ResultPlan, _ value: RuleValue,
        isNonNull: Bool, _ owner: RowRef
    ) -> Status {
        let output = run.output
        let start = output.count
        var status = Status.done
        switch (plan, value) {
        case (.scalar(let kind), .int(let number)): writeInteger(number, kind, output)
        case (.scalar(.float), .double(let number)): output.appendDouble(number)
        case (.scalar(.boolean), .bool(let flag)): output.appendJSONBool(flag)
        case (.scalar(.json), .string(let text)): output.append(text)
        case (.scalar, .string(let text)), (.enumeration, .string(let text)):
            output.appendJSONString(text)
        case (.list(let item, let itemIsNonNull), .list(let items)):
            for item_ in items where !isHidden(run, item, item_) {
                output.append(byte: UInt8(ascii: ","))
                status = write(run, place, item, item_, isNonNull: itemIsNonNull, owner)
                if status != .done { break }
            }
            if status == .done { closeList(output, start) }
        case (.row(let table, let block), .row(let ref)):
            guard meter.visit(1) else { return .aborted }
            guard let row = run.view.table(table).liveRow(ref) else {
                return missing(run, place, isNonNull)
            }
            guard mayShow(run, table, ref) else { return hidden(run, place, isNonNull) }
            status = fields(run, block.lowerBound, block.upperBound, row, ref)
            if status == .done { closeObject(output, start) }
        case (.object(let members), .object(let values)):
            for member in members {
                status = write(run, place, member, values, value, owner)
                if status != .done { break }
            }
            if status == .done { closeObject(output, start) }
        default: return missing(run, place, isNonNull)
        }
        guard status == .nullified, !isNonNull else { return status }
        output.truncate(to: start)
        output.append("null")
        return .done
    }

    private func write(
        _ run: borrowing Run, _ place: Int, _ member: ResultPlan.Member, _ values: [RuleValue],
        _ parent: RuleValue, _ owner: RowRef
    ) -> Status {
        unsafe run.output.append(run.plan.constant(member.key))
        guard let field = member.field else { return .done }
        switch field.source {
        case .place(let index):
            return write(
                run, place, field.plan, values[index], isNonNull: member.isNonNull, owner)
        case .rule:
            switch evaluate(run, field, owner, parent: parent) {
            case .success(let value):
                return write(run, place, field.plan, value, isNonNull: member.isNonNull, owner)
            case .failure(.aborted): return .aborted
            case .failure(.argument(let error)):
                leave()
                let status = fail(run, place, error)
                enter(place)
                if member.isNonNull { return status }
                run.output.append("null")
                return .done
            }
        }
    }

    private func writeInteger(_ number: Int64, _ kind: ScalarKind, _ output: ByteBuffer) {
        switch kind {
        case .dateTime: output.appendJSONDateTime(number)
        case .date: output.appendJSONDate(Int32(truncatingIfNeeded: number))
        case .float: output.appendDouble(Double(number))
        default: output.appendInteger(number)
        }
    }

    /// Whether an element of a list is a row that is not the viewer's to see: it is left out.
    private func isHidden(_ run: borrowing Run, _ plan: ResultPlan, _ value: RuleValue) -> Bool {
        guard run.view.guards != nil, case .row(let table, _) = plan, case .row(let ref) = value,
            run.view.table(table).liveRow(ref) != nil
        else { return false }
        return !mayShow(run, table, ref)
    }

    private func hidden(_ run: borrowing Run, _ place: Int, _ isNonNull: Bool) -> Status {
        guard isNonNull else {
            run.output.append("null")
            return .done
        }
        leave()
        defer { enter(place) }
        return failHidden(run, place)
    }

    private func missing(_ run: borrowing Run, _ place: Int, _ isNonNull: Bool) -> Status {
        guard isNonNull else {
            run.output.append("null")
            return .done
        }
        leave()
        defer { enter(place) }
        return fail(
            run, place, "Cannot return null for a non-nullable field.",
            code: "INTERNAL_SERVER_ERROR")
    }
}
