import Store

/// What a filter says about the conditions of an index that holds only some of the rows.
extension Condition {
    /// Whether every row that satisfies this satisfies a condition of an index. May be false for
    /// one that does.
    func implies(_ condition: IndexCondition) -> Bool {
        if isSame(as: condition) { return true }
        let column = condition.column
        switch condition.test {
        case .isNull: return false
        case .isSet: return needsValue(in: column)
        case .among(let numbers):
            guard let own = values(of: column) else { return false }
            return own.isSubset(of: numbers.map { Int64($0) })
        case .notAmong(let numbers):
            if case .isNull(column) = self { return true }
            if let own = values(of: column) {
                return own.isDisjoint(with: numbers.map { Int64($0) })
            }
            guard case .not(let inner) = self, let excluded = inner.values(of: column) else {
                return false
            }
            return excluded.isSuperset(of: numbers.map { Int64($0) })
        }
    }

    /// Whether this says no more and no less than a condition of an index.
    func isSame(as condition: IndexCondition) -> Bool {
        let column = condition.column
        switch condition.test {
        case .isNull:
            if case .isNull(column) = self { return true }
        case .isSet:
            if case .not(.isNull(column)) = self { return true }
        case .among(let numbers):
            return values(of: column) == Set(numbers.map { Int64($0) })
        case .notAmong(let numbers):
            if case .not(let inner) = self {
                return inner.values(of: column) == Set(numbers.map { Int64($0) })
            }
        }
        return false
    }

    /// The few values of a whole-number column that satisfy this; nil for other conditions.
    private func values(of column: ColumnID) -> Set<Int64>? {
        switch self {
        case .integers(column, let low, let high):
            let (count, overflows) = high.subtractingReportingOverflow(low)
            guard !overflows, 0...Self.valuesMax ~= count else { return nil }
            return Set(low...high)
        case .integerSet(column, let values): return Set(values)
        default: return nil
        }
    }

    /// Conditions of indexes name the values of enums; most have fewer.
    private static var valuesMax: Int64 { 64 }

    /// Whether a null in the column does not satisfy this.
    private func needsValue(in column: ColumnID) -> Bool {
        switch self {
        case .not(.isNull(column)), .integers(column, _, _), .integerSet(column, _),
            .monthDays(column, _, _), .doubles(column, _, _), .doubleSet(column, _),
            .text(column, _, _, _),
            .textSet(column, _, _), .search(column, _), .references(column, _),
            .toOne(column, _, _):
            true
        default: false
        }
    }
}
