import JSON

@testable import Engine

/// A selection that can be written as GraphQL and answered by the reference evaluator.
indirect enum ReferenceSelection {
    case typename(key: String)
    case field(key: String, name: String)
    case toOne(key: String, name: String, [ReferenceSelection])
    /// A stored object, or a list of them.
    case value(key: String, name: String, [ReferenceSelection])
    case list(key: String, name: String, ReferenceArguments, [ListPart])

    enum ListPart {
        case typename(key: String)
        case totalCount(key: String)
        case nodes(key: String, [ReferenceSelection])
        case edges(key: String, [ReferenceSelection])
        case pageInfo(key: String)
        case aggregate(key: String, [AggregatePart])
    }

    enum AggregatePart {
        case count(key: String)
        /// `countDistinct`, `min`, `max`, `sum` or `avg` with response keys and columns.
        case columns(key: String, function: String, [(key: String, name: String)])
    }
}

// MARK: The answer

extension ReferenceDatabase {
    func answer(
        _ selections: [ReferenceSelection], _ table: ReferenceTable, _ row: Row
    ) -> JSONValue {
        .object(
            selections.map { selection in
                switch selection {
                case .typename(let key): JSONValue.Member(key, .string(table.name))
                case .field(let key, let name):
                    JSONValue.Member(key, leaf(name, table, row))
                case .toOne(let key, let name, let inner):
                    JSONValue.Member(key, toOne(name, inner, table, row))
                case .value(let key, let name, let inner):
                    JSONValue.Member(
                        key, Self.value(row.value(name), table.field(name)?.kind, inner))
                case .list(let key, let name, let arguments, let parts):
                    JSONValue.Member(key, list(name, arguments, parts, table, row))
                }
            })
    }

    private func leaf(_ name: String, _ table: ReferenceTable, _ row: Row) -> JSONValue {
        if name == "id" { return .string(row.id) }
        return row.value(table.relation(ofID: name)?.name ?? name)
    }

    private func toOne(
        _ name: String, _ inner: [ReferenceSelection], _ table: ReferenceTable, _ row: Row
    ) -> JSONValue {
        guard let target = table.field(name)?.target, let next = self.row(row.value(name).string)
        else { return .null }
        return answer(inner, self.table(target), next)
    }

    private func list(
        _ name: String, _ arguments: ReferenceArguments, _ parts: [ReferenceSelection.ListPart],
        _ table: ReferenceTable, _ row: Row
    ) -> JSONValue {
        guard let field = table.field(name), let target = field.listed else { return .null }
        return answer(parts, arguments, self.table(target), list(field, of: row))
    }

    private static func value(
        _ value: JSONValue, _ kind: ReferenceKind?, _ selections: [ReferenceSelection]
    ) -> JSONValue {
        if value.isNull { return .null }
        if case .list(let item, _)? = kind {
            return .array((value.elements ?? []).map { self.value($0, item, selections) })
        }
        guard case .value(let typeName, let fields)? = kind else { return value }
        return .object(
            selections.map { selection in
                switch selection {
                case .typename(let key): return JSONValue.Member(key, .string(typeName))
                case .field(let key, let name):
                    return JSONValue.Member(key, value[name] ?? .null)
                case .value(let key, let name, let inner):
                    let field = fields.first { $0.name == name }
                    return JSONValue.Member(
                        key, self.value(value[name] ?? .null, field?.kind, inner))
                case .toOne(let key, _, _), .list(let key, _, _, _):
                    return JSONValue.Member(key, .null)
                }
            })
    }

    /// A connection over `rows`.
    func answer(
        _ parts: [ReferenceSelection.ListPart], _ arguments: ReferenceArguments,
        _ table: ReferenceTable, _ rows: [Row]
    ) -> JSONValue {
        let page = page(rows, of: table, arguments)
        return .object(
            parts.map { part in
                switch part {
                case .typename(let key):
                    return JSONValue.Member(key, .string(table.name + "Connection"))
                case .totalCount(let key):
                    return JSONValue.Member(key, .integer(Int64(page.list.count)))
                case .nodes(let key, let inner):
                    return JSONValue.Member(
                        key, .array(page.page.map { answer(inner, table, $0) }))
                case .edges(let key, let inner):
                    return JSONValue.Member(
                        key, .array(page.page.map { ["node": answer(inner, table, $0)] }))
                case .pageInfo(let key):
                    return JSONValue.Member(
                        key,
                        [
                            "hasNextPage": .bool(page.hasNext),
                            "hasPreviousPage": .bool(page.hasPrevious),
                        ])
                case .aggregate(let key, let parts):
                    return JSONValue.Member(
                        key, .object(parts.map { aggregate($0, table, page.list) }))
                }
            })
    }

    func aggregate(
        _ part: ReferenceSelection.AggregatePart, _ table: ReferenceTable, _ rows: [Row]
    ) -> JSONValue.Member {
        switch part {
        case .count(let key): return JSONValue.Member(key, .integer(Int64(rows.count)))
        case .columns(let key, let function, let columns):
            return JSONValue.Member(
                key,
                .object(
                    columns.map { column in
                        JSONValue.Member(
                            column.key, aggregate(function, column.name, table, rows))
                    }))
        }
    }

    func aggregate(
        _ function: String, _ column: String, _ table: ReferenceTable, _ rows: [Row]
    ) -> JSONValue {
        guard let field = table.field(column) else { return .null }
        let values = rows.map { $0.value(column) }.filter { !$0.isNull }
        func before(_ left: JSONValue, _ right: JSONValue) -> Bool {
            Self.compare(left, right, field.kind) < 0
        }
        switch function {
        case "countDistinct":
            var distinct: [JSONValue] = []
            for value in values where !distinct.contains(value) { distinct.append(value) }
            return .integer(Int64(distinct.count))
        case "min": return values.min(by: before) ?? .null
        case "max": return values.max(by: before) ?? .null
        case "sum": return Self.sum(values, field.kind)
        default:
            guard !values.isEmpty, let sum = Self.sum(values, field.kind).double else {
                return .null
            }
            return .double(sum / Double(values.count))
        }
    }
}

// MARK: The query

extension ReferenceSelection {
    /// The selection as a query has it; `argument` writes one argument's value, as a literal or as
    /// a variable of the given type.
    func written(
        _ table: ReferenceTable, _ database: ReferenceDatabase,
        _ argument: (JSONValue, String) -> String
    ) -> String {
        switch self {
        case .typename(let key): return Self.key(key, "__typename")
        case .field(let key, let name): return Self.key(key, name)
        case .toOne(let key, let name, let inner):
            let target = database.table(table.field(name)?.target ?? "")
            let fields = inner.map { $0.written(target, database, argument) }
            return "\(Self.key(key, name)) { \(fields.joined(separator: " ")) }"
        case .value(let key, let name, let inner):
            if inner.isEmpty { return Self.key(key, name) }
            let fields = inner.map { $0.written(table, database, argument) }
            return "\(Self.key(key, name)) { \(fields.joined(separator: " ")) }"
        case .list(let key, let name, let arguments, let parts):
            let target = database.table(table.field(name)?.listed ?? "")
            return Self.list(key, name, arguments, parts, target, database, argument)
        }
    }

    /// A connection field as a query has it.
    static func list(
        _ key: String, _ name: String, _ arguments: ReferenceArguments, _ parts: [ListPart],
        _ table: ReferenceTable, _ database: ReferenceDatabase,
        _ argument: (JSONValue, String) -> String
    ) -> String {
        var given: [String] = []
        func add(_ name: String, _ value: JSONValue?, _ type: String) {
            if let value { given.append("\(name): \(argument(value, type))") }
        }
        add("filter", arguments.filter, table.name + "Filter")
        if !arguments.orderBy.isEmpty {
            add("orderBy", .array(arguments.orderBy), "[\(table.name)OrderBy!]")
        }
        add("first", arguments.first.map { .integer(Int64($0)) }, "Int")
        add("last", arguments.last.map { .integer(Int64($0)) }, "Int")
        add("offset", arguments.offset.map { .integer(Int64($0)) }, "Int")
        add("after", arguments.after.map { .string($0.text) }, "String")
        add("before", arguments.before.map { .string($0.text) }, "String")
        let fields = parts.map { part -> String in
            func rows(_ selections: [ReferenceSelection]) -> String {
                selections.map { $0.written(table, database, argument) }.joined(separator: " ")
            }
            return switch part {
            case .typename(let key): Self.key(key, "__typename")
            case .totalCount(let key): Self.key(key, "totalCount")
            case .nodes(let key, let inner): "\(Self.key(key, "nodes")) { \(rows(inner)) }"
            case .edges(let key, let inner):
                "\(Self.key(key, "edges")) { node { \(rows(inner)) } }"
            case .pageInfo(let key):
                "\(Self.key(key, "pageInfo")) { hasNextPage hasPreviousPage }"
            case .aggregate(let key, let parts):
                "\(Self.key(key, "aggregate")) { \(parts.map(written).joined(separator: " ")) }"
            }
        }
        return "\(Self.key(key, name))\(given.isEmpty ? "" : "(\(given.joined(separator: ", ")))") "
            + "{ \(fields.joined(separator: " ")) }"
    }

    static func written(_ part: AggregatePart) -> String {
        switch part {
        case .count(let key): return Self.key(key, "count")
        case .columns(let key, let function, let columns):
            let fields = columns.map { Self.key($0.key, $0.name) }
            return "\(Self.key(key, function)) { \(fields.joined(separator: " ")) }"
        }
    }

    private static func key(_ key: String, _ name: String) -> String {
        key == name ? name : "\(key): \(name)"
    }
}

extension JSONValue {
    /// The value as a GraphQL literal; strings in `enumValues` become enum values.
    func literal(_ enumValues: Set<String>) -> String {
        switch self {
        case .string(let text) where enumValues.contains(text): text
        case .array(let elements):
            "[" + elements.map { $0.literal(enumValues) }.joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.map { "\($0.key): \($0.value.literal(enumValues))" }
                .joined(separator: ", ") + "}"
        default: description
        }
    }
}

extension JSONValue {
    /// Where another value begins to differ, and how: what a reader of a long failure wants first.
    func firstDifference(from other: JSONValue, at path: String = "") -> String? {
        if self == other { return nil }
        switch (self, other) {
        case (.array(let a), .array(let b)) where a.count == b.count:
            for (place, pair) in zip(a, b).enumerated() {
                if let found = pair.0.firstDifference(from: pair.1, at: "\(path)[\(place)]") {
                    return found
                }
            }
        case (.object(let a), .object(let b)) where a.map(\.key) == b.map(\.key):
            for (own, wanted) in zip(a, b) {
                let inside = "\(path).\(own.key)"
                if let found = own.value.firstDifference(from: wanted.value, at: inside) {
                    return found
                }
            }
        default: break
        }
        return "\(path): \(self) instead of \(other)"
    }
}
