import JSON

@testable import Engine

/// Random groupings of a table's rows.
struct RandomGrouping {
    private let database: ReferenceDatabase
    private let chance: Chance
    private let query: RandomQuery
    private let rows: RandomRows

    static let zones = [
        "UTC", "Europe/Oslo", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu",
        "Australia/Adelaide", "Pacific/Auckland", "America/St_Johns",
    ]

    /// Around the hours in which clocks are changed, and around new years.
    static let times = [
        "2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00.000Z", "2026-03-29T12:00:00.000Z",
        "2025-10-26T00:30:00.000Z", "2025-10-26T01:00:00.000Z", "2025-10-26T01:59:59.000Z",
        "2026-03-08T06:59:59.999Z", "2026-03-08T07:00:00.000Z", "2026-11-01T05:30:00.000Z",
        "2026-11-01T06:30:00.000Z", "2026-04-04T16:00:00.000Z", "2026-09-26T14:00:00.000Z",
        "2024-12-29T23:30:00.000Z", "2024-12-30T00:00:00.000Z", "2025-12-31T23:59:59.999Z",
        "2026-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z",
        "2026-06-30T18:15:00.000Z", "2026-06-30T18:29:59.999Z",
    ]

    init(_ database: ReferenceDatabase, _ chance: Chance, _ query: RandomQuery) {
        self.database = database
        self.chance = chance
        self.query = query
        rows = RandomRows(chance, times: Self.times)
    }

    func grouping(_ table: ReferenceTable) -> ReferenceGrouping {
        var grouping = ReferenceGrouping()
        let fields = table.groupFields(database)
        let times = fields.filter(\.isTime)
        let chosen =
            chance.percent(30)
            ? chance.some(1, of: times) : chance.some(chance.pick([1, 1, 2, 2, 3, 8]), of: fields)
        grouping.by = chosen.map { ($0, bucket($0)) }
        if chance.percent(70) { grouping.timeZone = chance.pick(Self.zones) }
        if chance.percent(40) { grouping.having = having(table) }
        if chance.percent(60) {
            grouping.orderBy = (0..<chance.pick([1, 1, 2, 3])).map { _ in order(table, chosen) }
        }
        if chance.percent(40) { grouping.first = chance.below(7) }
        if chance.percent(85) {
            grouping.keys = (chosen + chance.some(chance.below(2), of: fields)).enumerated().map {
                ("k\($0)", $1)
            }
        }
        if chance.percent(70), case .aggregate(_, let parts) = query.aggregate(table) {
            grouping.aggregate = parts
        }
        if chance.percent(40) || grouping.keys.isEmpty && grouping.aggregate.isEmpty {
            grouping.nodes = chance.pick([0, 1, 2, 3, 100])
        }
        return grouping
    }

    private func bucket(_ field: ReferenceGroupField) -> String? {
        guard field.isTime, chance.percent(80) else { return nil }
        let buckets = ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
        if case .scalar(.date) = field.kind { return chance.pick(buckets) }
        return chance.pick(buckets + ["HOUR"])
    }

    private func having(_ table: ReferenceTable) -> JSONValue {
        var members: [JSONValue.Member] = []
        if chance.percent(50) {
            members.append(
                .init("count", comparison { .integer(Int64(self.chance.between(0, 4))) }))
        }
        for function in ["sum", "avg"] where chance.percent(25) {
            guard let column = column(table) else { continue }
            members.append(
                .init(
                    function,
                    .object([.init(column.name, comparison { value(function, column.kind) })])))
        }
        return .object(members)
    }

    private func comparison(_ value: () -> JSONValue) -> JSONValue {
        switch chance.below(8) {
        case 0: .object([.init("in", [value(), value()])])
        case 1: .object([.init("notIn", [value()])])
        case 2: .object([.init("gte", value()), .init("lt", value())])
        case 3: .object([.init("isNull", .bool(chance.percent(30)))])
        default:
            .object([.init(chance.pick(["eq", "ne", "lt", "lte", "gt", "gte"]), value())])
        }
    }

    private func value(_ function: String, _ kind: ReferenceKind) -> JSONValue {
        function == "avg" ? rows.value(.float) : rows.value(kind)
    }

    /// A column that groups can be compared by.
    private func column(_ table: ReferenceTable) -> ReferenceField? {
        let columns = table.fields.filter { $0.kind.isNumber && $0.name != "version" }
        return columns.isEmpty ? nil : chance.pick(columns)
    }

    private func order(_ table: ReferenceTable, _ by: [ReferenceGroupField]) -> JSONValue {
        let direction = JSONValue.string(
            chance.pick(["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_FIRST"]))
        let function = chance.pick(["sum", "avg"])
        if chance.percent(30) { return .object([.init("count", direction)]) }
        if chance.percent(50), let column = column(table) {
            return .object([.init(function, .object([.init(column.name, direction)]))])
        }
        let key = JSONValue.Member("key", .string(chance.pick(by).value))
        return chance.percent(30)
            ? .object([key]) : .object([key, .init("direction", direction)])
    }
}

extension ReferenceGrouping {
    /// The grouping as a query has it; `argument` writes one argument's value, as a literal or as
    /// a variable of the given type.
    func written(
        _ key: String, _ table: ReferenceTable, _ argument: (JSONValue, String) -> String
    ) -> String {
        var given: [String] = []
        func add(_ name: String, _ value: JSONValue?, _ type: String) {
            if let value { given.append("\(name): \(argument(value, type))") }
        }
        let keys = by.map { field, bucket in
            JSONValue.object(
                [.init("field", .string(field.value))]
                    + (bucket.map { [.init("bucket", .string($0))] } ?? []))
        }
        add("by", .array(keys), "[\(table.name)GroupBy!]!")
        add("timeZone", timeZone.map { .string($0) }, "String")
        add("having", having, table.name + "Having")
        if !orderBy.isEmpty { add("orderBy", .array(orderBy), "[\(table.name)GroupOrderBy!]") }
        add("first", first.map { .integer(Int64($0)) }, "Int")
        var parts: [String] = []
        if !self.keys.isEmpty {
            let fields = self.keys.map { key, field in
                if case .toOne = field.kind {
                    "\(key): \(field.name) { id }"
                } else {
                    "\(key): \(field.name)"
                }
            }
            parts.append("keys { \(fields.joined(separator: " ")) }")
        }
        if !aggregate.isEmpty {
            let fields = aggregate.map { ReferenceSelection.written($0) }
            parts.append("aggregate { \(fields.joined(separator: " ")) }")
        }
        if let nodes {
            parts.append("nodes(first: \(argument(.integer(Int64(nodes)), "Int"))) { id }")
        }
        return
            "\(key): groupBy(\(given.joined(separator: ", "))) { \(parts.joined(separator: " ")) }"
    }

    /// What strings in the arguments are values of enums.
    var enumValues: Set<String> {
        RandomSchema.enumValues.union(by.map(\.field.value))
            .union(["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
    }
}
