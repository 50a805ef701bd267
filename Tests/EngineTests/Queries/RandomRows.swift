import JSON

@testable import Engine

/// Random values out of small domains, so that ties and nulls are frequent, and random rows made of
/// them, loaded and then changed in both the engine's store and the reference.
struct RandomRows {
    private let chance: Chance
    private let times: [String]

    static let loadTime = "2026-01-01T00:00:00.000Z"
    private static let changeTime = "2026-02-03T04:05:06.789Z"
    private static let changeMilliseconds: Int64 = 1_770_091_506_789

    /// - Parameter times: of which the values of `DateTime` are taken.
    init(_ chance: Chance, times: [String] = RandomRows.times) {
        self.chance = chance
        self.times = times
    }

    private static let texts = [
        "", "a", "abcdefgh", "abcdefghi", "abcdefghij", "abcdefghiJ", "abcdefghijkl", "ABCDEFGHI",
        "Zoë", "zoë", "ZOË", "日本語のテキスト", "日本語のテ", "say \"hi\"\n", "😀 smile",
    ]
    private static let addresses = [
        "a@example.org", "abcdefghi@example.org", "abcdefghij@example.org", "A@example.org",
    ]
    static let times = [
        "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z",
        "2026-06-30T12:00:00.000Z", "2026-06-30T12:00:00.001Z",
    ]
    private static let days = [
        "1969-12-31", "1970-01-01", "2024-02-29", "2026-06-30", "0000-02-29", "9999-12-31",
        "2023-02-28", "1999-03-01",
    ]

    // MARK: Values

    func value(_ kind: ReferenceKind) -> JSONValue {
        switch kind {
        case .scalar(let scalar): value(scalar)
        case .enumeration(_, let values): .string(chance.pick(values))
        case .value(_, let fields):
            .object(
                fields.map { field in
                    JSONValue.Member(
                        field.name,
                        field.isNullable && chance.percent(35) ? .null : value(field.kind))
                })
        case .list(let item, let itemIsNullable):
            .array(
                (0..<chance.below(4)).map { _ in
                    itemIsNullable && chance.percent(25) ? .null : value(item)
                })
        case .toOne, .toMany, .through: .null
        }
    }

    func value(_ scalar: ScalarKind) -> JSONValue {
        switch scalar {
        case .int:
            chance.percent(5)
                ? .integer(chance.pick([Int64(Int32.min), Int64(Int32.max)]))
                : .integer(Int64(chance.between(-3, 3)))
        case .long:
            .integer(chance.pick([-1 << 40, -2, -1, 0, 1, 2, 1 << 40]))
        case .float: .double(chance.pick([-1.5, -0.5, -0.0, 0, 0.25, 1, 2.5]))
        case .boolean: .bool(chance.percent(50))
        case .string: .string(chance.pick(Self.texts))
        case .emailAddress: .string(chance.pick(Self.addresses))
        case .dateTime: .string(chance.pick(times))
        case .date: .string(chance.pick(Self.days))
        case .id: .string(chance.pick(["x1", "x2", "17"]))
        case .json: chance.pick([["a": [1, 2.5, nil]], [true, "b c"], "text", 7])
        }
    }

    /// A month and a day that may occur.
    func monthDay() -> JSONValue {
        .string(chance.pick(Self.days.map { String($0.suffix(5)) } + ["07-04"]))
    }

    /// A part of a text that may occur.
    func part() -> JSONValue {
        .string(
            chance.pick(["", "a", "abcdefgh", "abcdefghi", "i", "hij", "O", "ë", "日本", "\"", "org"])
        )
    }

    // MARK: Rows

    /// The rows of all tables at first, by the name of the table.
    func rows(_ database: ReferenceDatabase) -> JSONValue {
        let required = Set(
            database.tables.flatMap(\.fields).filter { !$0.isNullable }.compactMap(\.target))
        var ids: [String: [String]] = [:]
        for table in database.tables {
            let least = required.contains(table.name) ? 1 : 0
            // Some hundred rows make trees of several levels.
            let most = chance.percent(5) ? 250 : 45
            let count = chance.percent(8) ? least : chance.between(max(least, 3), most)
            ids[table.name] = (0..<count).map { "\(table.prefix)\($0)" }
        }
        return .object(
            database.tables.map { table in
                let rows = (ids[table.name] ?? []).enumerated().map { number, id in
                    row(id, number, table) { ids[$0] ?? [] }
                }
                for row in rows { database.insert(table.name, row, now: Self.loadTime) }
                return JSONValue.Member(table.name, .array(rows))
            })
    }

    private func row(
        _ id: String, _ number: Int, _ table: ReferenceTable, _ ids: (String) -> [String]
    ) -> JSONValue {
        var members = [JSONValue.Member("id", .string(id))]
        for field in table.fields.dropFirst(4) where field.listed == nil {
            members.append(
                JSONValue.Member(field.name, value(of: field, number, ids)))
        }
        return .object(members)
    }

    private func value(
        of field: ReferenceField, _ number: Int, _ ids: (String) -> [String]
    ) -> JSONValue {
        switch field.name {
        case "code": return .string("code-of-row-\(number)")
        case "grp": return .integer(Int64(number % 3))
        case "num": return .integer(Int64(number / 3))
        default: break
        }
        if field.isNullable && chance.percent(30) { return .null }
        guard let target = field.target else { return value(field.kind) }
        let targets = ids(target)
        // Few owners get most of the rows.
        return targets.isEmpty
            ? .null
            : .string(
                targets[
                    chance.percent(60)
                        ? chance.below(min(4, targets.count)) : chance.below(targets.count)])
    }

    // MARK: Changes

    /// Inserts, changes and deletes rows through transactions, in both.
    func change(_ fixture: EngineFixture, _ database: ReferenceDatabase, count: Int) throws {
        for _ in 0..<count {
            let table = chance.pick(database.tables)
            let rows = database.rows(of: table.name)
            func ids(_ table: String) -> [String] { database.rows(of: table).map(\.id) }
            switch chance.below(10) {
            case 0...2:
                let number = 100 + database.creationCount(of: table.name)
                let values = row("\(table.prefix)\(number)n", number, table, ids)
                let lacksTarget = table.fields.contains { field in
                    field.target != nil && !field.isNullable && values[field.name] == .null
                }
                if lacksTarget { continue }
                try fixture.insert(table.name, values, now: Self.changeMilliseconds)
                database.insert(table.name, values, now: Self.changeTime)
            case 3...7:
                guard !rows.isEmpty else { continue }
                let row = chance.pick(rows)
                let fields = table.fields.dropFirst(4).filter {
                    $0.listed == nil && !["code", "grp", "num"].contains($0.name)
                }
                let changed = chance.some(chance.between(1, 3), of: Array(fields))
                let values = JSONValue.object(
                    changed.map { JSONValue.Member($0.name, value(of: $0, 0, ids)) })
                try fixture.update(table.name, row.id, values, now: Self.changeMilliseconds)
                database.update(row.id, values, now: Self.changeTime)
            default:
                guard !rows.isEmpty else { continue }
                let row = chance.pick(rows)
                if database.delete(row.id, now: Self.changeTime) {
                    try fixture.delete(table.name, row.id, now: Self.changeMilliseconds)
                }
            }
        }
    }
}
