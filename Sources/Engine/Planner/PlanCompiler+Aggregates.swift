import GraphQL
import Store

/// `aggregate` of a connection and of a group.
extension PlanCompiler {
    /// - Parameter aggregate: the list in the draft that takes the columns.
    mutating func aggregate(_ group: FieldGroup, _ table: TableID, into aggregate: Int)
        throws(Failure)
    {
        guard let type = definition(group)?.type.named else { return }
        let place = try open(.aggregate, group, operand: aggregate, isNonNull: true)
        let parts = collection.collect(group, on: type)
        for part in parts {
            let part = collection.groups[part]
            let function: AggregateColumn.Function
            switch name(part) {
            case "__typename":
                try typename(part, schema[type])
                continue
            case "count":
                try leaf(.totalCount, part, isNonNull: true)
                continue
            case "countDistinct": function = .countDistinct
            case "min": function = .min
            case "max": function = .max
            case "sum": function = .sum
            default: function = .average
            }
            guard let inner = definition(part) else { continue }
            let block = try open(.object, part, isNonNull: true)
            let leaves = collection.collect(part, on: inner.type.named)
            for leaf in leaves {
                let leaf = collection.groups[leaf]
                if isTypename(leaf) {
                    try typename(leaf, schema[inner.type])
                } else {
                    try aggregateLeaf(leaf, function, aggregate, table)
                }
            }
            collection.drop(leaves)
            close(block)
        }
        collection.drop(parts)
        close(place)
    }

    private mutating func aggregateLeaf(
        _ group: FieldGroup, _ function: AggregateColumn.Function, _ aggregate: Int,
        _ table: TableID
    ) throws(Failure) {
        guard let field = context.model[table].field(name(group)),
            let column = AggregateColumn(function, of: field, in: table, context.layouts)
        else { return }
        if let role {
            try require(!role.isClosed(function, over: field.name, of: table), group)
        }
        let known = draft.aggregates[aggregate].firstIndex(of: column)
        if known == nil { draft.aggregates[aggregate].append(column) }
        try leaf(
            .aggregateValue, group, column: column.column,
            operand: known ?? draft.aggregates[aggregate].count - 1,
            isNonNull: function == .countDistinct)
    }
}

extension AggregateColumn {
    /// Nil for fields that no column holds.
    init?(
        _ function: Function, of field: FieldModel, in table: TableID, _ layouts: ColumnLayouts
    ) {
        let column: ColumnID
        var kind = ScalarKind.int
        switch field.kind {
        case .id:
            column = 0
            kind = .id
        case .column(let id, .scalar(let scalar)):
            column = id
            kind = scalar
        case .column(let id, _), .toOne(let id, _), .referenceID(let id, _): column = id
        case .toMany, .computed: return nil
        }
        let rendering: Rendering =
            switch function {
            case .countDistinct: .integer
            case .sum: kind == .float ? .double : .integer
            case .average: .double
            case .min, .max:
                switch kind {
                case .float: .double
                case .dateTime: .dateTime
                case .date: .date
                case let other where other.isText: .text
                default: .integer
                }
            }
        self.init(
            function: function, column: layouts.column(table, column), rendering: rendering)
    }
}
