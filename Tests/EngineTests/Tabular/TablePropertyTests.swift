import JSON
import Testing

@testable import Engine

/// Random queries over random rows: the cells of every line are those of the reference evaluator's
/// answer, laid flat.
///
/// A failure names its seed: `TESSERA_QUERY_SEEDS=17 swift test --filter TablePropertyTests`.
@Suite struct TablePropertyTests {
    @Test(arguments: QueryPropertyTests.trials.prefix(20))
    func `tables say what answers say`(seed: UInt64) throws {
        let trial = try QueryTrial(seed: seed)
        let session = try #require(TabularSession(context: trial.fixture.context))
        for number in 0..<50 where try !check(trial, session, "seed \(seed), query \(number)") {
            return
        }
    }

    private func check(_ trial: QueryTrial, _ session: TabularSession, _ name: String) throws
        -> Bool
    {
        let chance = trial.chance
        let table = chance.pick(trial.database.tables)
        let random = RandomQuery(trial.database, chance) { trial.cursor($0, $1) }
        var arguments = random.arguments(table)
        var selections = random.selections(table, depth: 1)
        let exploded = Self.thinned(&selections)
        var variables: [JSONValue.Member] = []
        var definitions: [String] = []
        let field = ReferenceSelection.list(
            table.plural, table.plural, arguments, [.nodes(key: "nodes", selections)], table,
            trial.database
        ) { value, type in
            guard chance.percent(50) else { return value.literal(RandomSchema.enumValues) }
            variables.append(.init("v\(variables.count)", value))
            definitions.append("$v\(definitions.count): \(type)")
            return "$v\(definitions.count - 1)"
        }
        let head = definitions.isEmpty ? "" : "query(\(definitions.joined(separator: ", "))) "
        let query = "\(head){ \(field) }"
        arguments.liftLimit()
        let answer = trial.database.answer(
            [.nodes(key: "nodes", Self.lifted(selections))], arguments, table,
            trial.database.rows(of: table.name))
        let flat = FlatTable(database: trial.database, exploded: exploded)
        let expected = (answer["nodes"]?.elements ?? []).flatMap {
            flat.lines(selections, table, $0)
        }
        for format in TabularOptions.Format.allCases {
            let found = try trial.fixture.table(
                query, .object(variables), format, explode: exploded, session: session)
            let isSame =
                found.end == .finished(rows: expected.count)
                && FlatTable.isSame(found, format, expected)
            if !isSame {
                Issue.record(
                    """
                    \(name), \(format), explode \(exploded ?? "nothing")
                    \(query)
                    variables \(JSONValue.object(variables))
                    expected \(expected)
                    answer   \(found.text)
                    """)
                return false
            }
        }
        return true
    }

    /// Leaves of each list what a table has room for: of the first one its rows, which are
    /// exploded; of the others numbers.
    private static func thinned(_ selections: inout [ReferenceSelection]) -> String? {
        var exploded: String?
        for place in selections.indices {
            guard case .list(let key, let name, let arguments, let parts) = selections[place] else {
                if case .toOne(let key, let name, var inner) = selections[place] {
                    withoutRows(&inner)
                    selections[place] = .toOne(key: key, name: name, inner)
                }
                continue
            }
            if exploded == nil, case .nodes(_, var inner)? = parts.first(where: \.isNodes) {
                exploded = key
                withoutRows(&inner)
                selections[place] = .list(
                    key: key, name: name, arguments, [.nodes(key: "nodes", inner)])
            } else {
                selections[place] = .list(
                    key: key, name: name, arguments, Self.numbers(parts))
            }
        }
        return exploded
    }

    private static func withoutRows(_ selections: inout [ReferenceSelection]) {
        for place in selections.indices {
            switch selections[place] {
            case .toOne(let key, let name, var inner):
                withoutRows(&inner)
                selections[place] = .toOne(key: key, name: name, inner)
            case .list(let key, let name, let arguments, let parts):
                selections[place] = .list(key: key, name: name, arguments, numbers(parts))
            default: continue
            }
        }
    }

    private static func numbers(_ parts: [ReferenceSelection.ListPart])
        -> [ReferenceSelection.ListPart]
    {
        let left = parts.filter { part in
            switch part {
            case .nodes, .edges: false
            default: true
            }
        }
        return left.isEmpty ? [.totalCount(key: "n")] : left
    }

    /// With the limits of pages gone from exploded lists, as tables have it.
    private static func lifted(_ selections: [ReferenceSelection]) -> [ReferenceSelection] {
        selections.map { selection in
            guard case .list(let key, let name, var arguments, let parts) = selection,
                parts.contains(where: \.isNodes)
            else { return selection }
            arguments.liftLimit()
            return .list(key: key, name: name, arguments, parts)
        }
    }
}

extension ReferenceSelection.ListPart {
    fileprivate var isNodes: Bool { if case .nodes = self { true } else { false } }
}

extension ReferenceArguments {
    fileprivate mutating func liftLimit() {
        if first == nil && last == nil { first = 1_000_000 }
    }
}

/// Answers laid flat by their selections.
private struct FlatTable {
    struct Cell: CustomStringConvertible {
        let name: String
        let value: JSONValue
        /// JSON in its cell whatever the value.
        let isJSON: Bool

        var description: String { "\(name): \(value)" }
    }

    let database: ReferenceDatabase
    let exploded: String?

    /// The lines of one row; a selection that was exploded has a line for each child.
    func lines(
        _ selections: [ReferenceSelection], _ table: ReferenceTable, _ row: JSONValue
    ) -> [[Cell]] {
        var children: [JSONValue] = [.null]
        for case .list(let key, _, _, let parts) in selections
        where key == exploded && parts.contains(where: \.isNodes) {
            let found = row[key]?["nodes"]?.elements ?? []
            if !found.isEmpty { children = found }
        }
        return children.map { cells(selections, table, row, "", child: $0) }
    }

    private func cells(
        _ selections: [ReferenceSelection], _ table: ReferenceTable, _ row: JSONValue,
        _ prefix: String, child: JSONValue = .null
    ) -> [Cell] {
        selections.flatMap { selection -> [Cell] in
            switch selection {
            case .typename(let key):
                return [Cell(name: prefix + key, value: row[key] ?? .null, isJSON: false)]
            case .field(let key, let name):
                return [
                    Cell(
                        name: prefix + key, value: row[key] ?? .null,
                        isJSON: Self.isJSON(table.field(name)?.kind))
                ]
            case .toOne(let key, let name, let inner):
                let target = database.table(table.field(name)?.target ?? "")
                return cells(inner, target, row[key] ?? .null, prefix + key + ".")
            case .value(let key, let name, let inner):
                return value(
                    inner, table.field(name)?.kind, row[key] ?? .null, prefix + key)
            case .list(let key, let name, _, let parts):
                let target = database.table(table.field(name)?.listed ?? "")
                return parts.flatMap { part -> [Cell] in
                    let path = prefix + key + "."
                    switch part {
                    case .nodes(_, let inner): return cells(inner, target, child, path)
                    case .edges: return []
                    case .typename(let name), .totalCount(let name):
                        return [
                            Cell(
                                name: path + name, value: row[key]?[name] ?? .null, isJSON: false)
                        ]
                    case .pageInfo(let name):
                        return ["hasNextPage", "hasPreviousPage"].map {
                            Cell(
                                name: "\(path)\(name).\($0)",
                                value: row[key]?[name]?[$0] ?? .null, isJSON: false)
                        }
                    case .aggregate(let name, let parts):
                        return Self.aggregate(parts, row[key]?[name] ?? .null, path + name)
                    }
                }
            }
        }
    }

    private static func aggregate(
        _ parts: [ReferenceSelection.AggregatePart], _ answer: JSONValue, _ path: String
    ) -> [Cell] {
        parts.flatMap { part -> [Cell] in
            switch part {
            case .count(let key):
                [Cell(name: "\(path).\(key)", value: answer[key] ?? .null, isJSON: false)]
            case .columns(let key, _, let columns):
                columns.map {
                    Cell(
                        name: "\(path).\(key).\($0.key)", value: answer[key]?[$0.key] ?? .null,
                        isJSON: false)
                }
            }
        }
    }

    private func value(
        _ selections: [ReferenceSelection], _ kind: ReferenceKind?, _ answer: JSONValue,
        _ path: String
    ) -> [Cell] {
        guard case .value(_, let fields)? = kind else {
            return [Cell(name: path, value: answer, isJSON: true)]
        }
        return selections.flatMap { selection -> [Cell] in
            switch selection {
            case .typename(let key):
                [Cell(name: "\(path).\(key)", value: answer[key] ?? .null, isJSON: false)]
            case .field(let key, let name):
                [
                    Cell(
                        name: "\(path).\(key)", value: answer[key] ?? .null,
                        isJSON: Self.isJSON(fields.first { $0.name == name }?.kind))
                ]
            case .value(let key, let name, let inner):
                value(
                    inner, fields.first { $0.name == name }?.kind, answer[key] ?? .null,
                    "\(path).\(key)")
            case .toOne, .list: []
            }
        }
    }

    private static func isJSON(_ kind: ReferenceKind?) -> Bool {
        switch kind {
        case .scalar(.json), .list: true
        default: false
        }
    }

    // MARK: Comparing

    static func isSame(
        _ answer: TableAnswer, _ format: TabularOptions.Format, _ expected: [[Cell]]
    ) -> Bool {
        let objects = expected.map { line in
            JSONValue.object(line.map { JSONValue.Member($0.name, $0.value) })
        }
        switch format {
        case .ndjson:
            return answer.text.split(separator: "\n").map { try? JSONValue(parsing: String($0)) }
                == objects
        case .rows: return (try? JSONValue(parsing: answer.text)) == .array(objects)
        case .csv:
            var lines = parsed(answer.text)
            guard lines.removeFirst().map(\.text) == answer.columns else { return false }
            guard expected.isEmpty || expected[0].map(\.name) == answer.columns,
                lines.count == expected.count
            else { return false }
            return zip(lines, expected).allSatisfy { line, cells in
                line.count == cells.count && zip(line, cells).allSatisfy(isSame)
            }
        }
    }

    private static func isSame(_ cell: (text: String, isQuoted: Bool), _ expected: Cell) -> Bool {
        switch expected.value {
        case .null: cell.text.isEmpty
        case .string(let text) where !expected.isJSON:
            cell.text == text && (!text.isEmpty || cell.isQuoted)
        default: (try? JSONValue(parsing: cell.text)) == expected.value
        }
    }

    /// RFC 4180, read byte by byte.
    private static func parsed(_ text: String) -> [[(text: String, isQuoted: Bool)]] {
        var lines: [[(text: String, isQuoted: Bool)]] = []
        var line: [(text: String, isQuoted: Bool)] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var isInside = false
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if isInside {
                if byte != UInt8(ascii: "\"") {
                    cell.append(byte)
                } else if bytes.first == byte {
                    cell.append(byte)
                    bytes = bytes.dropFirst()
                } else {
                    isInside = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInside = true
                isQuoted = true
            case UInt8(ascii: ","), UInt8(ascii: "\r"):
                line.append((String(decoding: cell, as: UTF8.self), isQuoted))
                cell = []
                isQuoted = false
                if byte == UInt8(ascii: "\r") {
                    lines.append(line)
                    line = []
                    bytes = bytes.dropFirst()
                }
            default: cell.append(byte)
            }
        }
        return lines
    }
}
