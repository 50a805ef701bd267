import JSON

@testable import Engine

/// Random filters, orders and selections over a random schema.
struct RandomQuery {
    private let database: ReferenceDatabase
    private let chance: Chance
    private let rows: RandomRows
    /// Gives the cursor of some row of a table under an order, if there is one.
    private let cursor: (ReferenceTable, [JSONValue]) -> ReferenceCursor?

    init(
        _ database: ReferenceDatabase, _ chance: Chance,
        cursor: @escaping (ReferenceTable, [JSONValue]) -> ReferenceCursor?
    ) {
        self.database = database
        self.chance = chance
        self.cursor = cursor
        rows = RandomRows(chance)
    }

    // MARK: Filters

    func filter(_ table: ReferenceTable, depth: Int = 0) -> JSONValue {
        if depth == 0, chance.percent(30), let index = indexFilter(table) { return index }
        var members: [JSONValue.Member] = []
        for _ in 0..<chance.pick([0, 1, 1, 1, 2, 2, 3]) {
            let member: JSONValue.Member
            switch chance.below(10) {
            case 0 where depth < 2:
                let parts = (0..<chance.below(3)).map { _ in filter(table, depth: depth + 1) }
                member = JSONValue.Member(chance.pick(["and", "or", "or"]), .array(parts))
            case 1 where depth < 2:
                member = JSONValue.Member("not", filter(table, depth: depth + 1))
            case 2 where table.tree != nil:
                member = JSONValue.Member("within", id(of: table))
            default:
                guard let made = test(chance.pick(table.fields), depth) else { continue }
                member = made
            }
            if !members.contains(where: { $0.key == member.key }) { members.append(member) }
        }
        return .object(members)
    }

    /// Conditions over the columns of an index, the last one perhaps a range.
    private func indexFilter(_ table: ReferenceTable) -> JSONValue? {
        let indexes = table.indexes + table.keys + table.monthDayIndexes
        guard let index = indexes.isEmpty ? nil : chance.pick(indexes) else { return nil }
        var members: [JSONValue.Member] = []
        for (place, name) in index.enumerated() {
            guard let field = table.field(name) else { return nil }
            let isLast = place == index.count - 1
            if isLast && chance.percent(30) { break }
            if isLast && chance.percent(40) {
                guard let made = test(field, 2) else { return nil }
                members.append(made)
            } else if chance.percent(40), let several = severalValues(field, of: table) {
                if members.contains(where: { $0.key == several.key }) { continue }
                members.append(several)
            } else if let target = field.target {
                guard let row = chance.below(8) == 0 ? nil : database.rows(of: target).first else {
                    members.append(JSONValue.Member(name + "Id", ["isNull": true]))
                    continue
                }
                let some = chance.pick(database.rows(of: target).prefix(3) + [row])
                members.append(
                    JSONValue.Member(name + "Id", .object([.init("eq", .string(some.id))])))
            } else if let row = database.rows(of: table.name).isEmpty
                ? nil : chance.pick(database.rows(of: table.name))
            {
                let value = row.value(name)
                members.append(
                    JSONValue.Member(
                        name,
                        value.isNull ? ["isNull": true] : .object([.init("eq", value)])))
            }
        }
        if chance.percent(30), let extra = test(chance.pick(table.fields), 1),
            !members.contains(where: { $0.key == extra.key })
        {
            members.append(extra)
        }
        return .object(members)
    }

    /// A field that some of its values satisfy, or for a relation those of a filter.
    private func severalValues(
        _ field: ReferenceField, of table: ReferenceTable
    ) -> JSONValue.Member? {
        let rows = database.rows(of: table.name)
        if rows.isEmpty { return nil }
        let values = (0..<chance.between(1, 5)).map { _ in chance.pick(rows).value(field.name) }
            .filter { !$0.isNull }
        if field.target != nil {
            if chance.percent(50) { return test(field, 2) }
            return JSONValue.Member(field.name + "Id", .object([.init("in", .array(values))]))
        }
        if chance.percent(30) {
            var parts = values.map {
                JSONValue.object([.init(field.name, .object([.init("eq", $0)]))])
            }
            parts.append(.object([.init(field.name, ["isNull": true])]))
            return JSONValue.Member("or", .array(parts))
        }
        return JSONValue.Member(field.name, .object([.init("in", .array(values))]))
    }

    private func test(_ field: ReferenceField, _ depth: Int) -> JSONValue.Member? {
        switch field.kind {
        case .scalar where field.name == "id":
            return JSONValue.Member(
                "id", identifiers(chance.pick(database.tables), isNullable: true))
        case .toOne(let target):
            if chance.percent(30) {
                return JSONValue.Member(
                    field.name + "Id", identifiers(database.table(target), isNullable: true))
            }
            if field.isNullable && chance.percent(25) {
                return JSONValue.Member(
                    field.name, .object([.init("isNull", .bool(chance.percent(50)))]))
            }
            guard depth < 3 else { return nil }
            return JSONValue.Member(
                field.name, filter(database.table(target), depth: depth + 1))
        case .toMany, .through:
            guard depth < 2 else { return nil }
            return JSONValue.Member(
                field.name, listTest(database.table(field.listed ?? ""), depth))
        default:
            return JSONValue.Member(
                field.name, self.test(field.kind, isNullable: field.isNullable, depth: depth))
        }
    }

    private func id(of table: ReferenceTable) -> JSONValue {
        let rows = database.rows(of: table.name)
        return .string(
            rows.isEmpty || chance.percent(15) ? "\(table.prefix)none" : chance.pick(rows).id)
    }

    private func identifiers(_ table: ReferenceTable, isNullable: Bool) -> JSONValue {
        func id() -> JSONValue { self.id(of: table) }
        return switch chance.below(5) {
        case 0: .object([.init("eq", id())])
        case 1: .object([.init("ne", id())])
        case 2: .object([.init("in", .array((0..<chance.below(5)).map { _ in id() }))])
        case 3: .object([.init("notIn", .array((0..<chance.below(5)).map { _ in id() }))])
        default: .object([.init("isNull", .bool(chance.percent(50)))])
        }
    }

    private func listTest(_ table: ReferenceTable, _ depth: Int) -> JSONValue {
        var members: [JSONValue.Member] = []
        if chance.percent(60) {
            members.append(
                .init(chance.pick(["some", "every", "none"]), filter(table, depth: depth + 1)))
        }
        if members.isEmpty || chance.percent(30) {
            let numbers = table.fields.filter { $0.kind.isNumber && $0.name != "version" }
            if !numbers.isEmpty && chance.percent(50) {
                let number = chance.pick(numbers)
                members.append(
                    .init("sum", .object([.init(number.name, comparison(number.kind))])))
            } else {
                members.append(
                    .init(
                        "count",
                        .object([
                            .init(
                                chance.pick(["eq", "ne", "lt", "lte", "gt", "gte"]),
                                .integer(Int64(chance.below(4))))
                        ])))
            }
            if chance.percent(50) {
                members.append(.init("where", filter(table, depth: depth + 1)))
            }
        }
        return .object(members)
    }

    /// One comparison of a number.
    private func comparison(_ kind: ReferenceKind) -> JSONValue {
        chance.percent(20)
            ? .object([.init("in", .array((0..<3).map { _ in rows.value(kind) }))])
            : .object([
                .init(chance.pick(["eq", "ne", "lt", "lte", "gt", "gte"]), rows.value(kind))
            ])
    }

    private func test(_ kind: ReferenceKind, isNullable: Bool, depth: Int) -> JSONValue {
        switch kind {
        case .value(_, let fields):
            if isNullable && chance.percent(25) {
                return .object([.init("isNull", .bool(chance.percent(50)))])
            }
            return valueTest(fields, depth)
        case .list(.value(_, let fields), _):
            return .object([
                .init(chance.pick(["some", "every", "none"]), valueTest(fields, depth))
            ])
        case .list(let item, _): return scalarListTest(item)
        case .scalar(.json): return .object([.init("isNull", .bool(chance.percent(50)))])
        default: return scalarTest(kind)
        }
    }

    private func monthDayTest() -> JSONValue {
        .object(
            chance.some(chance.between(1, 2), of: ["eq", "in", "gte", "lte"]).map {
                let some = JSONValue.array((0..<chance.below(4)).map { _ in rows.monthDay() })
                return .init($0, $0 == "in" ? some : rows.monthDay())
            })
    }

    private func valueTest(_ fields: [ReferenceField], _ depth: Int) -> JSONValue {
        var members: [JSONValue.Member] = []
        for field in chance.some(chance.between(0, 2), of: fields) {
            members.append(
                .init(
                    field.name, test(field.kind, isNullable: field.isNullable, depth: depth + 1)))
        }
        if depth < 2 && chance.percent(25) {
            let inner = valueTest(fields, depth + 2)
            members.append(
                chance.percent(50)
                    ? .init("not", inner)
                    : .init(chance.pick(["and", "or"]), [inner, valueTest(fields, depth + 2)]))
        }
        return .object(members)
    }

    private func scalarListTest(_ item: ReferenceKind) -> JSONValue {
        func some() -> JSONValue { .array((0..<chance.below(3)).map { _ in rows.value(item) }) }
        return switch chance.below(5) {
        case 0: .object([.init("has", rows.value(item))])
        case 1: .object([.init("hasAny", some())])
        case 2: .object([.init("hasAll", some())])
        case 3: .object([.init("isEmpty", .bool(chance.percent(50)))])
        default: .object([.init("isNull", .bool(chance.percent(50)))])
        }
    }

    private func scalarTest(_ kind: ReferenceKind) -> JSONValue {
        if case .scalar(.date) = kind, chance.percent(50) {
            return .object([.init("monthDay", monthDayTest())])
        }
        var operators = ["eq", "ne", "in", "notIn", "isNull"]
        var isText = false
        switch kind {
        case .scalar(.string), .scalar(.emailAddress):
            isText = true
            operators += ["lt", "lte", "gt", "gte", "startsWith", "endsWith", "contains"]
        case .scalar(.int), .scalar(.long), .scalar(.float), .scalar(.dateTime), .scalar(.date):
            operators += ["lt", "lte", "gt", "gte"]
        default: break
        }
        var members: [JSONValue.Member] = []
        for name in chance.some(chance.pick([1, 1, 1, 2]), of: operators) {
            let operand: JSONValue =
                switch name {
                case "in", "notIn": .array((0..<chance.below(4)).map { _ in rows.value(kind) })
                case "isNull": .bool(chance.percent(40))
                case "startsWith", "endsWith", "contains": rows.part()
                default: rows.value(kind)
                }
            members.append(.init(name, operand))
        }
        if isText && chance.percent(30) { members.append(.init("ignoreCase", true)) }
        return .object(members)
    }

    // MARK: Orders

    func order(_ table: ReferenceTable) -> [JSONValue] {
        if chance.percent(40) { return [] }
        if chance.percent(40), let index = table.indexes.filter({ $0.count > 0 }).last,
            let field = table.field(chance.percent(70) ? index[index.count - 1] : index[0]),
            field.kind.isOrderable
        {
            return [.object([.init(field.name, direction())])]
        }
        return (0..<chance.pick([1, 1, 2, 3])).compactMap { _ in orderElement(table, depth: 0) }
    }

    private func direction() -> JSONValue {
        .string(chance.pick(["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_FIRST"]))
    }

    private func orderElement(_ table: ReferenceTable, depth: Int) -> JSONValue? {
        let field = chance.pick(table.fields)
        switch field.kind {
        case .scalar where field.name == "id": return .object([.init("id", direction())])
        case .toOne(let target):
            guard depth < 2, let inner = orderElement(database.table(target), depth: depth + 1)
            else { return nil }
            return .object([.init(field.name, inner)])
        case .toMany, .through:
            let listed = database.table(field.listed ?? "")
            let numbers = listed.fields.filter { $0.kind.isNumber && $0.name != "version" }
            if numbers.isEmpty || chance.percent(50) {
                return .object([.init(field.name, .object([.init("count", direction())]))])
            }
            let sum = JSONValue.object([.init(chance.pick(numbers).name, direction())])
            return .object([.init(field.name, .object([.init("sum", sum)]))])
        default:
            return field.kind.isOrderable ? .object([.init(field.name, direction())]) : nil
        }
    }

    // MARK: Lists

    func arguments(_ table: ReferenceTable) -> ReferenceArguments {
        var arguments = ReferenceArguments()
        if chance.percent(60) { arguments.filter = filter(table) }
        arguments.orderBy = order(table)
        switch chance.below(10) {
        case 0...4:
            arguments.first = chance.below(12)
            if chance.percent(30) { arguments.offset = chance.below(20) }
        case 5, 6: arguments.last = chance.below(12)
        case 7: arguments.offset = chance.below(20)
        default: break
        }
        if chance.percent(15) { arguments.after = cursor(table, arguments.orderBy) }
        if chance.percent(15) { arguments.before = cursor(table, arguments.orderBy) }
        return arguments
    }

    func listParts(_ table: ReferenceTable, depth: Int) -> [ReferenceSelection.ListPart] {
        var parts: [ReferenceSelection.ListPart] = []
        if chance.percent(40) { parts.append(.totalCount(key: "totalCount")) }
        if chance.percent(10) { parts.append(.typename(key: "type")) }
        if chance.percent(70) {
            parts.append(.nodes(key: "nodes", selections(table, depth: depth + 1)))
        }
        if chance.percent(15) {
            parts.append(.edges(key: "edges", selections(table, depth: depth + 2)))
        }
        if chance.percent(30) { parts.append(.pageInfo(key: "pageInfo")) }
        if chance.percent(20) { parts.append(aggregate(table)) }
        return parts.isEmpty ? [.totalCount(key: "n")] : parts
    }

    func aggregate(_ table: ReferenceTable) -> ReferenceSelection.ListPart {
        var parts: [ReferenceSelection.AggregatePart] = []
        if chance.percent(50) { parts.append(.count(key: "count")) }
        let own = table.fields.filter {
            $0.listed == nil && $0.name != "id" && $0.name != "version"
        }
        func add(_ function: String, _ fields: [ReferenceField]) {
            guard chance.percent(50), !fields.isEmpty else { return }
            let chosen = chance.some(3, of: fields)
            parts.append(
                .columns(
                    key: function, function: function,
                    chosen.map { ($0.name, $0.name) }))
        }
        add(
            "countDistinct",
            own.filter { field in
                switch field.kind {
                case .scalar(let scalar): scalar != .json && !field.name.hasSuffix("At")
                case .enumeration, .toOne: true
                default: false
                }
            })
        let ordered = own.filter { field in
            if case .scalar(let scalar) = field.kind { return scalar.hasMinMax }
            return false
        }
        add("min", ordered)
        add("max", ordered)
        add("sum", own.filter(\.kind.isNumber))
        add("avg", own.filter(\.kind.isNumber))
        return .aggregate(
            key: "aggregate", parts.isEmpty ? [.count(key: "count")] : parts)
    }

    // MARK: Rows

    func selections(_ table: ReferenceTable, depth: Int) -> [ReferenceSelection] {
        var selections: [ReferenceSelection] = []
        if chance.percent(60) { selections.append(.field(key: "id", name: "id")) }
        if chance.percent(10) { selections.append(.typename(key: "__typename")) }
        let count = depth > 2 ? 1 : chance.between(1, 4)
        for field in chance.some(count, of: table.fields) where field.name != "id" {
            let key = chance.percent(20) ? "as_\(field.name)" : field.name
            switch field.kind {
            case .toOne(let target):
                if depth < 4 && chance.percent(70) {
                    let inner = self.selections(database.table(target), depth: depth + 1)
                    selections.append(.toOne(key: key, name: field.name, inner))
                } else {
                    selections.append(.field(key: key, name: field.name + "Id"))
                }
            case .toMany, .through:
                guard depth < 3 else { continue }
                let target = database.table(field.listed ?? "")
                selections.append(
                    .list(
                        key: key, name: field.name, arguments(target),
                        listParts(target, depth: depth + 1)))
            default:
                if let inner = valueSelections(field.kind) {
                    selections.append(.value(key: key, name: field.name, inner))
                } else {
                    selections.append(.field(key: key, name: field.name))
                }
            }
        }
        return selections.isEmpty ? [.field(key: "id", name: "id")] : selections
    }

    private func valueSelections(_ kind: ReferenceKind) -> [ReferenceSelection]? {
        switch kind {
        case .list(let item, _): return valueSelections(item)
        case .value(_, let fields):
            return [.typename(key: "t")]
                + chance.some(chance.between(1, 5), of: fields).map { field in
                    if let inner = valueSelections(field.kind) {
                        return .value(key: field.name, name: field.name, inner)
                    }
                    return .field(key: "v_\(field.name)", name: field.name)
                }
        default: return nil
        }
    }
}
