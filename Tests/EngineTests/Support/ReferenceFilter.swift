import JSON

@testable import Engine

/// Filters, told by the rulings alone: every row is looked at, every value is a JSON value.
///
/// Logic is two-valued: a comparison with null is false, `ne` and `notIn` negate `eq` and `in`,
/// a filter over a row or value that is not there is false, `every` of nothing is true.
extension ReferenceDatabase {
    func matches(_ filter: JSONValue, _ table: ReferenceTable, _ row: Row) -> Bool {
        (filter.members ?? []).allSatisfy { member in
            switch member.key {
            case "and": member.value.allElements { matches($0, table, row) }
            case "or": member.value.anyElement { matches($0, table, row) }
            case "not": !matches(member.value, table, row)
            case "isNull": true
            case "within" where table.tree != nil: isWithin(member.value, table, row)
            default: holds(member.value, of: member.key, table, row)
            }
        }
    }

    /// Whether the row, or one above it, has an id; rows may stand above each other in a circle.
    private func isWithin(_ id: JSONValue, _ table: ReferenceTable, _ row: Row) -> Bool {
        var next: Row? = row
        for _ in rows(of: table.name) {
            guard let row = next else { return false }
            if .string(row.id) == id { return true }
            next = self.row(row.value(table.tree ?? "").string)
        }
        return false
    }

    private func holds(
        _ test: JSONValue, of name: String, _ table: ReferenceTable, _ row: Row
    ) -> Bool {
        if let relation = table.relation(ofID: name) {
            return Self.holds(test, row.value(relation.name), .scalar(.id))
        }
        guard let field = table.field(name) else { return false }
        switch field.kind {
        case .toOne(let target):
            if let isNull = test["isNull"]?.bool, row.value(name).isNull != isNull { return false }
            let others = (test.members ?? []).filter { $0.key != "isNull" }
            if others.isEmpty && test["isNull"] != nil { return true }
            guard let next = self.row(row.value(name).string) else { return false }
            return matches(.object(others), self.table(target), next)
        case .toMany, .through:
            return holds(test, list(field, of: row), self.table(field.listed ?? ""))
        case .scalar where name == "id":
            return Self.holds(test, .string(row.id), .scalar(.id))
        default:
            return Self.holds(test, row.value(name), field.kind)
        }
    }

    /// A test of a list of rows.
    private func holds(_ test: JSONValue, _ rows: [Row], _ table: ReferenceTable) -> Bool {
        let narrowed = rows.filter { matches(test["where"] ?? [:], table, $0) }
        return (test.members ?? []).allSatisfy { member in
            switch member.key {
            case "some": rows.contains { matches(member.value, table, $0) }
            case "every": rows.allSatisfy { matches(member.value, table, $0) }
            case "none": !rows.contains { matches(member.value, table, $0) }
            case "count": Self.holds(member.value, .integer(Int64(narrowed.count)), .scalar(.int))
            case "sum":
                (member.value.members ?? []).allSatisfy { part in
                    guard let field = table.field(part.key) else { return false }
                    return Self.holds(
                        part.value, Self.sum(narrowed.map { $0.value(part.key) }, field.kind),
                        field.kind)
                }
            default: true
            }
        }
    }

    static func sum(_ values: [JSONValue], _ kind: ReferenceKind) -> JSONValue {
        if case .scalar(.float) = kind {
            return .double(values.reduce(0) { $0 + ($1.double ?? 0) })
        }
        return .integer(values.reduce(0) { $0 + ($1.int64 ?? 0) })
    }

    // MARK: Values

    static func holds(_ test: JSONValue, _ value: JSONValue, _ kind: ReferenceKind) -> Bool {
        let tests = test.members ?? []
        switch kind {
        case .value(_, let fields):
            let others = tests.filter { $0.key != "isNull" }
            if let isNull = test["isNull"]?.bool {
                if value.isNull != isNull { return false }
                if others.isEmpty { return true }
            }
            return !value.isNull && holds(others, value, fields)
        case .list(let item, _):
            return tests.allSatisfy { test in
                if test.key == "isNull" { return .bool(value.isNull) == test.value }
                guard let items = value.elements else { return false }
                return holds(test, items, item)
            }
        default:
            let ignoresCase = test["ignoreCase"]?.bool == true
            return tests.allSatisfy { holds($0, value, kind, ignoresCase: ignoresCase) }
        }
    }

    private static func holds(
        _ tests: [JSONValue.Member], _ object: JSONValue, _ fields: [ReferenceField]
    ) -> Bool {
        tests.allSatisfy { test in
            switch test.key {
            case "and": return test.value.allElements { holds($0.members ?? [], object, fields) }
            case "or": return test.value.anyElement { holds($0.members ?? [], object, fields) }
            case "not": return !holds(test.value.members ?? [], object, fields)
            default:
                guard let field = fields.first(where: { $0.name == test.key }) else {
                    return false
                }
                return holds(test.value, object[test.key] ?? .null, field.kind)
            }
        }
    }

    private static func holds(
        _ test: JSONValue.Member, _ items: [JSONValue], _ kind: ReferenceKind
    ) -> Bool {
        func has(_ wanted: JSONValue) -> Bool { items.contains { $0 == wanted } }
        func matches(_ item: JSONValue) -> Bool { holds(test.value, item, kind) }
        return switch test.key {
        case "has": has(test.value)
        case "hasAny": test.value.anyElement(has)
        case "hasAll": test.value.allElements(has)
        case "isEmpty": .bool(items.isEmpty) == test.value
        case "some": items.contains(where: matches)
        case "every": items.allSatisfy(matches)
        case "none": !items.contains(where: matches)
        default: false
        }
    }

    private static func holds(
        _ test: JSONValue.Member, _ value: JSONValue, _ kind: ReferenceKind, ignoresCase: Bool
    ) -> Bool {
        let own = ignoresCase ? value.lowercased : value
        func wanted(_ operand: JSONValue) -> JSONValue {
            ignoresCase ? operand.lowercased : operand
        }
        func order() -> Int? {
            value.isNull ? nil : compare(own, wanted(test.value), kind)
        }
        func isEqual(_ operand: JSONValue) -> Bool {
            !value.isNull && compare(own, wanted(operand), kind) == 0
        }
        func texts(_ body: ([UInt8], [UInt8]) -> Bool) -> Bool {
            guard let text = own.string, let part = wanted(test.value).string else { return false }
            return body(Array(text.utf8), Array(part.utf8))
        }
        return switch test.key {
        case "eq": isEqual(test.value)
        case "ne": !isEqual(test.value)
        case "in": test.value.anyElement(isEqual)
        case "notIn": !test.value.anyElement(isEqual)
        case "lt": order().map { $0 < 0 } ?? false
        case "lte": order().map { $0 <= 0 } ?? false
        case "gt": order().map { $0 > 0 } ?? false
        case "gte": order().map { $0 >= 0 } ?? false
        case "startsWith": texts { $0.starts(with: $1) }
        case "endsWith": texts { $0.reversed().starts(with: $1.reversed()) }
        case "contains":
            texts { text, part in
                text.indices.contains { text[$0...].starts(with: part) } || part.isEmpty
            }
        case "isNull": .bool(value.isNull) == test.value
        case "monthDay": isMonthDay(test.value, value)
        default: true
        }
    }

    /// Whether the month and the day of a date, as they are written, pass a test.
    private static func isMonthDay(_ test: JSONValue, _ date: JSONValue) -> Bool {
        guard let date = date.string else { return false }
        let day = String(date.suffix(5))
        let (low, high) = (test["gte"]?.string, test["lte"]?.string)
        if let low, let high, low > high {
            if day < low && day > high { return false }
        } else if let low, day < low {
            return false
        } else if let high, day > high {
            return false
        }
        if let wanted = test["eq"]?.string, wanted != day { return false }
        if let items = test["in"]?.elements, !items.contains(.string(day)) { return false }
        return true
    }

    /// Below, at or above zero as one value of a kind is less than, equal to or above another.
    static func compare(_ left: JSONValue, _ right: JSONValue, _ kind: ReferenceKind) -> Int {
        if case .enumeration(_, let values) = kind {
            func place(_ value: JSONValue) -> Int {
                values.firstIndex { .string($0) == value } ?? -1
            }
            return place(left) - place(right)
        }
        switch (left, right) {
        case (.bool(let a), .bool(let b)): return (a ? 1 : 0) - (b ? 1 : 0)
        case (.string(let a), .string(let b)):
            if a.utf8.elementsEqual(b.utf8) { return 0 }
            return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a > b ? 1 : 0
        default:
            let (a, b) = (left.double ?? 0, right.double ?? 0)
            return a < b ? -1 : a > b ? 1 : 0
        }
    }
}

extension JSONValue {
    fileprivate func allElements(_ body: (JSONValue) -> Bool) -> Bool {
        (elements ?? []).allSatisfy(body)
    }

    fileprivate func anyElement(_ body: (JSONValue) -> Bool) -> Bool {
        (elements ?? []).contains(where: body)
    }

    fileprivate var lowercased: JSONValue {
        if case .string(let text) = self { .string(text.lowercased()) } else { self }
    }
}
