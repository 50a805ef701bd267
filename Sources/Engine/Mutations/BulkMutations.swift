import GraphQL
import Store

/// `updateXs`: the same change of all rows that a filter finds.
struct UpdateManyBody: MutationBody {
    let table: WritableTable
    let input: InputPlaces

    private static let path = ["input", "set"]

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        let patch = given.object(at: input.set)
        let rows = try call.rows(table, for: .update, input, given, transaction)
        let builder = call.builder(table.id)
        try call.fill(builder, table, patch, input.fields, transaction.view, at: Self.path)
        try call.throwIfRefused()
        for ref in rows {
            guard call.meter.visit(1) else { throw .aborted }
            call.trail.note(table.id, ref, transaction.view, isNew: false)
            do throws(StoreError) {
                try transaction.update(table.id, ref, changes: builder, raisesVersion: true)
            } catch {
                try call.note(error, table, transaction.view, at: Self.path)
                throw .refused
            }
        }
        try call.requireOpen(table.id, rows, for: .update, transaction.view)
        call.outcome.count = rows.count
        call.outcome.affected = rows.map(\.rawValue)
    }
}

/// `deleteXs`: all rows that a filter finds.
struct DeleteManyBody: MutationBody {
    let table: WritableTable
    let input: InputPlaces

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        let rows = try call.rows(table, for: .delete, input, given, transaction)
        try call.throwIfRefused()
        // Rows may refer to each other. Those that lead to others mostly came later, so the newest
        // go first; who is still referred to waits for another round, in the other direction: so a
        // chain takes two rounds at the most, whichever way it leads.
        var left = Array(rows.reversed())
        while !left.isEmpty {
            var waiting: [RowRef] = []
            var refusal: StoreError?
            for ref in left {
                guard call.meter.visit(1) else { throw .aborted }
                // A cascade may have been here before.
                guard transaction.view.table(table.id).liveRow(ref) != nil else { continue }
                call.trail.note(table.id, ref, transaction.view, isNew: false)
                do throws(StoreError) {
                    try call.delete(table.id, ref, transaction)
                } catch {
                    waiting.append(ref)
                    refusal = refusal ?? error
                }
            }
            if let refusal, waiting.count == left.count {
                try call.note(refusal, table, transaction.view, at: ["input", "filter"])
                throw .refused
            }
            left = waiting.reversed()
        }
        call.outcome.count = rows.count
        if call.outcome.isDryRun {
            call.outcome.affected = rows.map(\.rawValue)
            call.outcome.showsRowsUndone = true
        }
    }
}

extension MutationCall {
    /// The rows that a bulk mutation is for; notes what is wrong with the filter and their number.
    fileprivate func rows(
        _ table: WritableTable, for operation: AccessOperation, _ input: InputPlaces,
        _ given: [CoercedField], _ transaction: Transaction
    ) throws(MutationStop) -> [RowRef] {
        var condition: Condition
        do throws(ArgumentError) {
            condition = try FilterReader(
                context: context, view: metered(transaction.view)
            ).condition(
                given.value(at: input.filter) ?? .null, type: input.filterType, table: table.id)
        } catch {
            throw .failed(error)
        }
        guard meter.abortion == nil else { throw .aborted }
        if !given.flag(at: input.allowAll) {
            switch condition {
            case .always:
                note(
                    .invalid, "The filter is true of every row; that needs allowAll: true.",
                    at: ["input", "filter"])
            case .never:
                note(
                    .invalid, "The filter can be true of no row; that needs allowAll: true.",
                    at: ["input", "filter"])
            default: break
            }
            try throwIfRefused()
        }
        if let guards = executor.guards {
            // Whoever chooses rows learns of them, so they must be open to that too.
            let view = metered(transaction.view)
            condition =
                Condition.and([
                    guards.condition(table.id, for: operation, view),
                    guards.condition(table.id, for: .read, view), condition,
                ]).normalized
        }
        let found = try rows(of: table.id, where: condition, transaction.view)
        if found.count > context.limits.bulkRowsMax {
            note(
                .invalid,
                "The filter finds \(found.count) rows; at most \(context.limits.bulkRowsMax) are "
                    + "changed at once.", at: ["input", "filter"])
        }
        if let expected = given.int(at: input.expectedCount), expected != Int64(found.count) {
            note(
                .conflict, "The filter finds \(found.count) rows, not \(expected).",
                at: ["input", "expectedCount"])
        }
        return found
    }
}
