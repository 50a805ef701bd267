import Foundation
import JSON
import Testing

@testable import Engine

/// Random schemas, rows and queries: the whole answer is that of the reference evaluator, which
/// looks at every row and knows no index.
///
/// A failure names its seed: `TESSERA_QUERY_SEEDS=17 swift test --filter QueryPropertyTests` runs it
/// again, and `TESSERA_QUERY_SEEDS=1000-1999` looks at others.
@Suite struct QueryPropertyTests {
    private static let queriesOfTrial = 200

    static var trials: ClosedRange<UInt64> {
        let wanted = ProcessInfo.processInfo.environment["TESSERA_QUERY_SEEDS"] ?? "0-49"
        let bounds = wanted.split(separator: "-").compactMap { UInt64($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else { return 0...49 }
        return first...last
    }

    @Test(arguments: trials)
    func `answers are those of the reference evaluator`(seed: UInt64) throws {
        try trial(seed: seed)
    }

    private func trial(seed: UInt64) throws {
        let run = try QueryTrial(seed: seed)
        for number in 0..<Self.queriesOfTrial where try !run.ask(number) { return }
    }
}

/// One random schema with rows in the engine's store and in the reference.
final class QueryTrial {
    let fixture: EngineFixture
    let database: ReferenceDatabase
    let chance: Chance
    private let hasty: Session
    private let seed: UInt64
    private let schema: RandomSchema
    /// Cursors of rows, by table and order.
    private var cursors: [String: [ReferenceCursor]] = [:]

    init(seed: UInt64) throws {
        self.seed = seed
        chance = Chance(seed: seed)
        schema = RandomSchema(chance)
        database = ReferenceDatabase(schema.tables)
        let rows = RandomRows(chance)
        let first = rows.rows(database)
        fixture = try EngineFixture(schema.text, rows: first)
        try rows.change(fixture, database, count: 40)
        var limits = EngineLimits()
        limits.loopBudget = 60
        hasty = try fixture.session(limits)
    }

    /// Asks a random query; false when the answer is not the expected one.
    func ask(_ number: Int) throws -> Bool {
        let query = RandomQuery(database, chance) { [unowned self] table, orderBy in
            self.cursor(table, orderBy)
        }
        let table = chance.pick(database.tables)
        var variables: [JSONValue.Member] = []
        var definitions: [String] = []
        func argument(_ value: JSONValue, _ type: String) -> String {
            guard chance.percent(50) else { return value.literal(RandomSchema.enumValues) }
            let name = "v\(variables.count)"
            variables.append(JSONValue.Member(name, value))
            definitions.append("$\(name): \(type)")
            return "$\(name)"
        }
        let field: String
        let expected: JSONValue
        let rows = database.rows(of: table.name)
        if chance.percent(12) {
            let row = rows.isEmpty ? nil : chance.pick(rows)
            let selections = query.selections(table, depth: 1)
            let fields = selections.map { $0.written(table, database, argument) }
                .joined(separator: " ")
            field = "\(lookUp(row, table, argument)) { \(fields) }"
            expected = row.map { database.answer(selections, table, $0) } ?? .null
        } else {
            let arguments = query.arguments(table)
            let parts = query.listParts(table, depth: 0)
            field = ReferenceSelection.list(
                "answer", table.plural, arguments, parts, table, database, argument)
            expected = database.answer(parts, arguments, table, rows)
        }
        let head = definitions.isEmpty ? "" : "query(\(definitions.joined(separator: ", "))) "
        return try compare(
            number, "\(head){ \(field) }", .object(variables), ["data": ["answer": expected]])
    }

    private func lookUp(
        _ row: ReferenceDatabase.Row?, _ table: ReferenceTable,
        _ argument: (JSONValue, String) -> String
    ) -> String {
        let id = JSONValue.string(row?.id ?? table.prefix + "none")
        if chance.percent(30) {
            return "answer: node(id: \(argument(id, "ID!"))) { ... on \(table.name)"
        }
        if let row, !table.keys.isEmpty, chance.percent(50) {
            let key = chance.pick(table.keys)
            let name = key.map { $0.prefix(1).uppercased() + $0.dropFirst() }
                .joined(separator: "And")
            let arguments = key.map { field in
                "\(field): \(argument(row.value(field), field == "code" ? "String!" : "Int!"))"
            }
            return "answer: \(table.singular)By\(name)(\(arguments.joined(separator: ", ")))"
        }
        return "answer: \(table.singular)(id: \(argument(id, "ID!")))"
    }

    private func compare(
        _ number: Int, _ query: String, _ variables: JSONValue, _ expected: JSONValue
    ) throws -> Bool {
        let query = query.contains("{ ... on") ? query + " }" : query
        let answer = try fixture.ask(query, variables)
        if answer.json != expected {
            Issue.record(
                """
                seed \(seed), query \(number), \(answer.json?.firstDifference(from: expected) ?? "")
                \(query)
                variables \(variables)
                expected \(expected)
                answer   \(answer.text)
                \(schema.text)
                """)
            return false
        }
        return try isRepeatable(query, variables, answer.text, "seed \(seed), query \(number)")
    }

    /// A session with little budget gives the same answer or none, and the same when it may go on.
    private func isRepeatable(
        _ query: String, _ variables: JSONValue, _ expected: String, _ name: String
    ) throws -> Bool {
        let bounded = try fixture.ask(query, variables, effort: .bounded, session: hasty)
        guard bounded.text == (bounded.outcome == .overBudget ? "" : expected) else {
            Issue.record("\(name), within the budget: \(bounded.text)")
            return false
        }
        let full = try fixture.ask(query, variables, session: hasty)
        guard full.text == expected else {
            Issue.record("\(name), after the budget: \(full.text)")
            return false
        }
        return true
    }

    // MARK: Cursors

    func cursor(_ table: ReferenceTable, _ orderBy: [JSONValue]) -> ReferenceCursor? {
        let key = "\(table.name) \(JSONValue.array(orderBy))"
        if cursors[key] == nil { cursors[key] = allCursors(table, orderBy) }
        guard let known = cursors[key], !known.isEmpty else { return nil }
        return chance.pick(known)
    }

    private func allCursors(_ table: ReferenceTable, _ orderBy: [JSONValue]) -> [ReferenceCursor] {
        let order = JSONValue.array(orderBy).literal(RandomSchema.enumValues)
        let answer = try? fixture.ask(
            "{ q: \(table.plural)(orderBy: \(order), first: 1000) { edges { cursor node { id } } } }"
        )
        let edges = answer?.json?["data"]?["q"]?["edges"]?.elements ?? []
        return edges.compactMap { edge in
            guard let row = database.row(edge["node"]?["id"]?.string),
                let text = edge["cursor"]?.string
            else { return nil }
            return database.cursor(row, table, orderBy, text)
        }
    }
}
