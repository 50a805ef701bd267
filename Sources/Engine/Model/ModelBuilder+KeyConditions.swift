import GraphQLLanguage
import Store

/// Step 6, the `where` of a key: among which rows it holds.
extension ModelBuilder {
    /// A condition on one column, and how a sentence says it: `status is OPEN or CLOSED`.
    struct KeyCondition {
        let condition: IndexCondition
        let text: String
    }

    private enum Operator: String, CaseIterable {
        case isNull, eq, ne
        case `in`, notIn
    }

    /// The conditions of a key; none when it has no `where`.
    ///
    /// - Returns: nil when something is wrong with it, which is reported.
    mutating func keyConditions(
        _ directive: Directive, of table: TableDraft
    ) -> [KeyCondition]? {
        guard let literal = directive.given("where") else { return [] }
        let place = table.declaration.place(literal.offset)
        guard case .object(let fields) = literal.kind else {
            problems.report(
                "the \"where\" of a key cannot be \(literalText(literal))", at: place,
                hint: "write: where: {status: {in: [OPEN, WAITING]}}")
            return nil
        }
        if fields.isEmpty {
            problems.report(
                "this \"where\" says nothing", at: place,
                hint: "name a field and what it must be, or remove \"where\"")
            return nil
        }
        let countBefore = problems.count
        var conditions: [KeyCondition] = []
        var seen: Set<String> = []
        for field in fields {
            guard seen.insert(field.name.value).inserted else {
                problems.report(
                    "the field \"\(field.name.value)\" stands twice in this \"where\"",
                    at: table.declaration.place(field.name.offset),
                    hint: "write its operators together; all of them must hold")
                continue
            }
            guard let column = conditionColumn(field.name, of: table) else { continue }
            conditions += self.conditions(field, column, of: table)
        }
        return problems.count == countBefore && !conditions.isEmpty ? conditions : nil
    }

    /// A column that a `where` asks about.
    private struct ConditionColumn {
        let id: ColumnID
        let isNullable: Bool
        /// Nil for what is kept in a wider column than an enum or a boolean.
        let values: Values?

        enum Values {
            case boolean
            case `enum`([String])
        }
    }

    private mutating func conditionColumn(
        _ name: Name, of table: TableDraft
    ) -> ConditionColumn? {
        let place = table.declaration.place(name.offset)
        if ["and", "or", "not"].contains(name.value) {
            problems.report(
                "\"\(name.value)\" cannot stand in the \"where\" of a key", at: place,
                hint: "name fields: all that is said about them must hold")
            return nil
        }
        if TableDefinition.systemColumns.contains(where: { $0.name == name.value }) {
            problems.report(
                "\"\(name.value)\" cannot decide whether a key holds", at: place,
                hint: "choose a field of an enum or a boolean, or one that may be null")
            return nil
        }
        guard let field = table.field(name.value) else {
            problems.report(
                "\"\(table.name)\" has no field \"\(name.value)\"", at: place,
                hint: spellingHint(for: name.value, among: table.fields.map(\.name)))
            return nil
        }
        switch field.shape {
        case .toOne(let column, _):
            return ConditionColumn(id: column, isNullable: field.isNullable, values: nil)
        case .column(let column, let type):
            let values: ConditionColumn.Values? =
                switch type {
                case .scalar(.boolean): .boolean
                case .enum(let id): .enum(enums[id.index].values)
                default: nil
                }
            return ConditionColumn(id: column, isNullable: field.isNullable, values: values)
        case .toMany:
            problems.report(
                "the list \"\(field.name)\" cannot decide whether a key holds", at: place,
                hint: "choose a field that is stored in the row")
            return nil
        case .computed:
            problems.report(
                "the computed field \"\(field.name)\" cannot decide whether a key holds", at: place,
                hint: "choose a field that is stored in the row")
            return nil
        case .none: return nil
        }
    }

    private mutating func conditions(
        _ field: ObjectField, _ column: ConditionColumn, of table: TableDraft
    ) -> [KeyCondition] {
        let declaration = table.declaration
        let name = field.name.value
        guard case .object(let operators) = field.value.kind, !operators.isEmpty else {
            problems.report(
                "\"\(name)\" cannot be compared with \(literalText(field.value)) like this",
                at: declaration.place(field.value.offset),
                hint: "write: \(name): \(example(column))")
            return []
        }
        var conditions: [KeyCondition] = []
        var seen: Set<String> = []
        for entry in operators {
            let place = declaration.place(entry.name.offset)
            guard let operation = Operator(rawValue: entry.name.value) else {
                problems.report(
                    "the \"where\" of a key has no operator \"\(entry.name.value)\"", at: place,
                    hint: spellingHint(
                        for: entry.name.value, among: Operator.allCases.map(\.rawValue)))
                continue
            }
            guard seen.insert(entry.name.value).inserted else {
                problems.report(
                    "\"\(entry.name.value)\" stands twice here", at: place,
                    hint: "remove one of them")
                continue
            }
            if let condition = condition(operation, entry, name, column, of: table) {
                conditions.append(condition)
            }
        }
        return conditions
    }

    private func example(_ column: ConditionColumn) -> String {
        switch column.values {
        case .boolean: "{eq: true}"
        case .enum(let names): "{in: [\(names.prefix(2).joined(separator: ", "))]}"
        case nil: "{isNull: true}"
        }
    }

    private mutating func condition(
        _ operation: Operator, _ entry: ObjectField, _ name: String, _ column: ConditionColumn,
        of table: TableDraft
    ) -> KeyCondition? {
        let place = table.declaration.place(entry.value.offset)
        if operation == .isNull {
            guard case .boolean(let wanted) = entry.value.kind else {
                problems.report(
                    "\"isNull\" cannot be \(literalText(entry.value))", at: place,
                    hint: "it is true or false")
                return nil
            }
            guard column.isNullable else {
                problems.report(
                    "\"\(table.name).\(name)\" is never null", at: place,
                    hint: "remove \"isNull\", or the \"!\" of the field's type")
                return nil
            }
            return KeyCondition(
                condition: IndexCondition(column.id, wanted ? .isNull : .isSet),
                text: wanted ? "\(name) is null" : "\(name) is not null")
        }
        guard let values = column.values else {
            problems.report(
                "the values of \"\(table.name).\(name)\" cannot decide whether a key holds",
                at: table.declaration.place(entry.name.offset),
                hint: column.isNullable
                    ? "of this field only isNull can be asked; values are those of enums and "
                        + "booleans"
                    : "choose a field of an enum or a boolean, or one that may be null")
            return nil
        }
        let isList = operation == .in || operation == .notIn
        if !isList, case .list = entry.value.kind {
            problems.report(
                "\"\(operation.rawValue)\" takes one value", at: place,
                hint: "write: \(name): {\(operation == .eq ? "in" : "notIn"): "
                    + "\(literalText(entry.value))}")
            return nil
        }
        let items = entry.value.items
        if items.isEmpty {
            problems.report(
                "\"\(operation.rawValue)\" names no value", at: place,
                hint: "write: \(name): \(example(column))")
            return nil
        }
        var numbers: [Int] = []
        for item in items {
            guard let number = number(of: item, among: values, of: table) else { return nil }
            numbers.append(number)
        }
        let isNegated = operation == .ne || operation == .notIn
        return KeyCondition(
            condition: IndexCondition(column.id, isNegated ? .notAmong(numbers) : .among(numbers)),
            text: "\(name) is \(isNegated ? "not " : "")\(phrase(items.map(literalText), "or"))")
    }

    /// The number that an enum's value or a boolean is kept as.
    private mutating func number(
        of literal: Value, among values: ConditionColumn.Values, of table: TableDraft
    ) -> Int? {
        let written = literalText(literal)
        let hint: String?
        switch (values, literal.kind) {
        case (.boolean, .boolean(let flag)): return flag ? 1 : 0
        case (.boolean, _): hint = "expected is true or false"
        case (.enum(let names), .enum(let name)):
            if let number = names.firstIndex(of: name) { return number }
            hint = spellingHint(for: name, among: names, quote: "")
        case (.enum(let names), _):
            let bare = written.filter { $0 != "\"" }
            hint =
                names.contains(bare)
                ? "an enum value has no quotes: \(bare)" : "there are \(phrase(names, "and"))"
        }
        problems.report(
            "\(written) is no value of this field", at: table.declaration.place(literal.offset),
            hint: hint)
        return nil
    }
}
