import Store

/// A relation by which rows of some table lead to rows of another: for rules that hold for whatever
/// leads there, tables included that they do not know.
public struct RowReference: Sendable {
    public let table: RuleTable
    /// The table's name in the schema.
    public let tableName: String
    /// The relation's name in the schema.
    public let fieldName: String
    public let field: RowField<RowRef?>
    /// Whether rows of the table are never changed.
    public let isAppendOnly: Bool
    /// Whether the relation is part of a key, so that not every row may lead elsewhere.
    public let isKeyed: Bool
    /// Nil when the table has to be read.
    let index: RuleIndex?

    /// The rows that lead to a row, in the order of an index, or of their numbers.
    public func rows(leadingTo target: RowRef, _ data: DataView) -> [RowRef] {
        if let index { return data.rows(index, .row(target)) }
        var found: [RowRef] = []
        data.forEach(table) { ref, row in
            if row[field] == target { found.append(ref) }
        }
        return found.sorted { $0.rawValue < $1.rawValue }
    }
}

extension RuleBinder {
    /// Every relation that leads to one row of a table, in the order of the schema.
    public func references(to name: String) -> [RowReference] {
        guard let target = model.table(named: name) else {
            note("the table \"\(name)\" is missing")
            return []
        }
        return model.tables.flatMap { table in
            table.fields.compactMap { field in
                guard case .toOne(let column, target: target.id) = field.kind else { return nil }
                return reference(column, field, of: table)
            }
        }
    }

    private func reference(_ column: ColumnID, _ field: FieldModel, of table: TableModel)
        -> RowReference
    {
        let bound = self.table(table.name).table
        let index = table.indexes.first {
            $0.equality == [column] && !$0.isUnique && $0.conditions.isEmpty
        }
        return RowReference(
            table: bound, tableName: table.name, fieldName: field.name,
            field: RowField(column: layouts.column(table.id, column), id: column),
            isAppendOnly: table.isAppendOnly,
            isKeyed: table.keys.contains { $0.columns.contains(column) },
            index: index.map { index in
                RuleIndex(
                    table: bound, id: index.id, equality: [layouts.column(table.id, column)],
                    hasOrder: index.ordered != nil, isExact: index.isExact)
            })
    }
}
