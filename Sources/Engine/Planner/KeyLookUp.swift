import GraphQL
import Store

/// Finds the row that has given values in the columns of a `@key`.
struct KeyLookUp {
    let context: EngineContext
    let view: MeteredView

    /// - Parameter values: coerced, one for each column of the key, none of them null.
    /// - Returns: nil when there is no such row.
    func row(_ key: KeyModel, _ table: TableID, _ values: [CoercedValue]) -> RowRef? {
        var conditions: [Condition] = []
        for (column, value) in zip(key.columns, values) {
            guard let condition = condition(column, value, table) else { return nil }
            conditions.append(condition)
        }
        guard let index = context.model[table].indexes.first(where: { $0.id == key.index }) else {
            return nil
        }
        var word: UInt64 = 0
        for (place, condition) in conditions.enumerated() {
            let part = code(condition)
            word = place == 0 ? part : KeyEncoding.combined(word, part)
        }
        let rows = view.table(table)
        let predicate = Condition.and(conditions).normalized.predicate(context.layouts, table)
        let evaluator = predicate.map { PredicateEvaluator($0, view: view, table: table) }
        var cursor = view.tree(index.id).cursor(at: .before(first: word))
        while let ref = cursor.next(ifFirst: word)?.ref {
            if evaluator?.matches(rows.row(ref), ref) ?? true { return ref }
        }
        return nil
    }

    private func condition(_ column: ColumnID, _ value: CoercedValue, _ table: TableID)
        -> Condition?
    {
        if case .reference(let target) = context.store.definition.tables[table.index]
            .columns[column].kind
        {
            guard case .string(let id) = value,
                let ref = context.row(id: id, in: target, view.version)
            else { return nil }
            return .references(column, [ref.rawValue])
        }
        switch value {
        case .string(let text):
            return .text(column, .textEqual, Array(text.utf8), ignoresCase: false)
        case .int(let number): return .integers(column, low: number, high: number)
        case .enumValue(let place):
            return .integers(column, low: Int64(place), high: Int64(place))
        case .boolean(let flag):
            return .integers(column, low: flag ? 1 : 0, high: flag ? 1 : 0)
        case .float(let number): return .doubles(column, low: number, high: number)
        default: return nil
        }
    }

    private func code(_ condition: Condition) -> UInt64 {
        switch condition {
        case .integers(_, let low, _): KeyEncoding.ordered(int64: low)
        case .doubles(_, let low, _): KeyEncoding.ordered(double: low)
        case .references(_, let refs): UInt64(refs[0])
        case .text(_, _, let bytes, _):
            unsafe bytes.withUnsafeBytes {
                unsafe KeyEncoding.equality(text: $0, seed: context.store.seed)
            }
        default: KeyEncoding.null
        }
    }
}
