/// What a column of a row must hold so that the row has an entry in an index.
public struct IndexCondition: Sendable, Hashable {
    public enum Test: Sendable, Hashable {
        case isNull
        case isSet
        /// The column holds one of these positions of an enumeration's values, 0 and 1 of a
        /// boolean; a null does not. Ascending, each once.
        case among([Int])
        /// The column holds none of these, and a null is none of them.
        case notAmong([Int])
    }

    public let column: ColumnID
    public let test: Test

    public init(_ column: ColumnID, _ test: Test) {
        self.column = column
        self.test =
            switch test {
            case .isNull, .isSet: test
            case .among(let values): .among(Set(values).sorted())
            case .notAmong(let values): .notAmong(Set(values).sorted())
            }
    }

    /// Traps when the column cannot be asked like this.
    func verify(_ table: TableDefinition) {
        precondition(table.columns.indices.contains(column), "a condition on no column")
        switch test {
        case .isNull, .isSet: return
        case .among(let values), .notAmong(let values):
            let valuesMax: Int
            switch table.columns[column].kind {
            case .bool: valuesMax = 1
            case .int8: valuesMax = Int(UInt8.max)
            case .int16: valuesMax = Int(UInt16.max)
            default: preconditionFailure("a condition on the values of a wide column")
            }
            precondition(values.allSatisfy((0...valuesMax).contains), "a value of no such column")
        }
    }

    /// The condition in words, for signatures: the same for two stores exactly when the same rows
    /// pass.
    func signature(_ table: TableDefinition) -> String {
        let column = table.columns[column]
        func names(_ values: [Int]) -> String {
            let names = values.map { value in
                column.enumNames.indices.contains(value) ? column.enumNames[value] : "\(value)"
            }
            return "[\(names.sorted().joined(separator: ", "))]"
        }
        return switch test {
        case .isNull: "\(column.name) is null"
        case .isSet: "\(column.name) is not null"
        case .among(let values): "\(column.name) in \(names(values))"
        case .notAmong(let values): "\(column.name) not in \(names(values))"
        }
    }
}

/// A condition ready to be asked of rows.
struct IndexConditionPlan: Sendable {
    private let column: Column
    private let acceptsNull: Bool
    /// One bit for each value; those beyond the last word are as `acceptsRest` says.
    private let words: [UInt64]
    private let acceptsRest: Bool

    init(_ condition: IndexCondition, _ layout: TableLayout) {
        column = layout.columns[condition.column]
        var values: [Int] = []
        switch condition.test {
        case .isNull: (acceptsNull, acceptsRest) = (true, false)
        case .isSet: (acceptsNull, acceptsRest) = (false, true)
        case .among(let wanted):
            (acceptsNull, acceptsRest) = (false, false)
            values = wanted
        case .notAmong(let unwanted):
            (acceptsNull, acceptsRest) = (true, true)
            values = unwanted
        }
        var words = [UInt64](
            repeating: acceptsRest ? .max : 0, count: ((values.max() ?? -1) >> 6) + 1)
        for value in values { words[value >> 6] ^= 1 << UInt64(value & 63) }
        self.words = words
    }

    func holds(_ row: RowView) -> Bool {
        if row.isNull(column) { return acceptsNull }
        if words.isEmpty { return acceptsRest }
        let value = Int(row.integer(column))
        guard value >> 6 < words.count else { return acceptsRest }
        return words[value >> 6] >> UInt64(value & 63) & 1 != 0
    }
}
