import GraphQL
import Store

/// `groupBy`: its arguments become a plan of their own, its groups a block of instructions.
extension PlanCompiler {
    mutating func groupBy(_ group: FieldGroup, _ table: TableID) throws(Failure) {
        guard let definition = definition(group) else { return }
        let arguments = GroupArguments(try self.arguments(group, definition))
        let aggregate = draft.aggregates.count
        draft.aggregates.append([])
        var nodeSizes: [ArgumentPlan] = []
        let place = try open(.groupBy, group, isNonNull: true)
        let type = definition.type.named
        let parts = collection.collect(group, on: type)
        for part in parts {
            let part = collection.groups[part]
            switch name(part) {
            case "__typename": try typename(part, schema[type])
            case "keys": try groupKeys(part, table)
            case "aggregate": try self.aggregate(part, table, into: aggregate)
            default: try groupNodes(part, table, &nodeSizes)
            }
        }
        collection.drop(parts)
        close(place)
        draft.groupings.append(
            GroupPlan(
                table: table, arguments: arguments, columns: draft.aggregates[aggregate],
                nodeSizes: nodeSizes))
        draft.instructions[place].operand = Int32(draft.groupings.count - 1)
    }

    private mutating func groupKeys(_ group: FieldGroup, _ table: TableID) throws(Failure) {
        guard let type = definition(group)?.type.named else { return }
        let fields = context.groupFields(of: table)
        let block = try open(.groupKeys, group, isNonNull: true)
        let parts = collection.collect(group, on: type)
        for part in parts {
            let part = collection.groups[part]
            guard case .member(_, let index) = field(part).definition else {
                try typename(part, schema[type])
                continue
            }
            let place = draft.instructions.count
            switch fields[index].kind {
            case .scalar(let scalar): try leaf(scalar.operation, part, isNonNull: false)
            case .enum(let id):
                try leaf(
                    .enumeration, part, operand: draft.names(of: id, context), isNonNull: false)
            case .row(let target):
                try require(.read, of: target, part)
                _ = try open(.toOne, part, operand: target.index, isNonNull: false)
                try row(part, target)
                close(place)
            }
            draft.instructions[place].table = Int32(index)
        }
        collection.drop(parts)
        close(block)
    }

    private mutating func groupNodes(
        _ group: FieldGroup, _ table: TableID, _ sizes: inout [ArgumentPlan]
    ) throws(Failure) {
        guard let definition = definition(group) else { return }
        try require(.read, of: table, group)
        sizes.append(try arguments(group, definition)[0])
        let block = try open(.groupNodes, group, operand: sizes.count - 1, isNonNull: true)
        try row(group, table)
        close(block)
    }
}
