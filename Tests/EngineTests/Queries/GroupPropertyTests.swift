import Foundation
import JSON
import Testing

@testable import Engine

/// Random schemas, rows and groupings: the whole answer is that of the reference evaluator, which
/// looks at every row, at the root and below other rows.
///
/// A failure names its seed: `TESSERA_GROUP_SEEDS=17 swift test --filter GroupPropertyTests` runs it
/// again, and `TESSERA_GROUP_SEEDS=1000-1999` looks at others.
@Suite struct GroupPropertyTests {
    private static let queriesOfTrial = 100

    private static var trials: ClosedRange<UInt64> {
        let wanted = ProcessInfo.processInfo.environment["TESSERA_GROUP_SEEDS"] ?? "0-39"
        let bounds = wanted.split(separator: "-").compactMap { UInt64($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else { return 0...39 }
        return first...last
    }

    @Test(arguments: trials)
    func `groups are those of the reference evaluator`(seed: UInt64) throws {
        let trial = try GroupTrial(seed: seed)
        for number in 0..<Self.queriesOfTrial where try !trial.ask(number) { return }
    }
}

/// One random schema with rows in the engine's store and in the reference.
private final class GroupTrial {
    private let fixture: EngineFixture
    private let database: ReferenceDatabase
    private let chance: Chance
    private let hasty: Session
    private let schema: RandomSchema
    private let seed: UInt64
    private var variables: [JSONValue.Member] = []
    private var definitions: [String] = []

    init(seed: UInt64) throws {
        self.seed = seed
        chance = Chance(seed: seed)
        schema = RandomSchema(chance)
        database = ReferenceDatabase(schema.tables)
        let rows = RandomRows(chance, times: RandomGrouping.times)
        let first = rows.rows(database)
        var free = EngineLimits()
        // Groups of groups are dear, and here they are few.
        free.costMax = .max
        fixture = try EngineFixture(schema.text, rows: first, limits: free)
        try rows.change(fixture, database, count: 40)
        var limits = free
        limits.loopBudget = 60
        hasty = try fixture.session(limits)
    }

    /// Asks a random query; false when the answer is not the expected one.
    func ask(_ number: Int) throws -> Bool {
        variables = []
        definitions = []
        let table = chance.pick(database.tables)
        let lists = table.fields.filter { $0.listed != nil }
        let field: String
        let expected: JSONValue
        if chance.percent(30), !lists.isEmpty {
            (field, expected) = nested(table, chance.pick(lists))
        } else {
            let (text, groups) = grouped(table) { [database] in database.rows(of: table.name) }
            field = "answer: \(table.plural)\(text)"
            expected = groups(nil)
        }
        let head = definitions.isEmpty ? "" : "query(\(definitions.joined(separator: ", "))) "
        let query = "\(head){ \(field) }"
        let values = JSONValue.object(variables)
        let answer = try fixture.ask(query, values)
        if answer.json != ["data": ["answer": expected]] {
            let found = answer.json?["data"]?["answer"]?.firstDifference(from: expected)
            Issue.record(
                """
                seed \(seed), query \(number), \(found ?? "")
                \(query)
                variables \(values)
                expected \(expected)
                answer   \(answer.text)
                \(schema.text)
                """)
            return false
        }
        let bounded = try fixture.ask(query, values, effort: .bounded, session: hasty)
        guard bounded.text == (bounded.outcome == .overBudget ? "" : answer.text) else {
            Issue.record("seed \(seed), query \(number), within the budget: \(bounded.text)")
            return false
        }
        return true
    }

    /// Groups of a list of each of some rows.
    private func nested(_ table: ReferenceTable, _ list: ReferenceField) -> (String, JSONValue) {
        let target = database.table(list.listed ?? "")
        let (text, groups) = grouped(target) { [] }
        let owners = database.rows(of: table.name).prefix(20)
        let nodes = owners.map { owner in
            JSONValue.object([
                .init("id", .string(owner.id)),
                .init("list", groups(database.list(list, of: owner))),
            ])
        }
        return (
            "answer: \(table.plural)(first: 20) { nodes { id list: \(list.name)\(text) } }",
            ["nodes": .array(nodes)]
        )
    }

    /// Two groupings of a list as a query has them, and what they answer over given rows.
    private func grouped(
        _ table: ReferenceTable, _ rows: @escaping () -> [ReferenceDatabase.Row]
    ) -> (String, ([ReferenceDatabase.Row]?) -> JSONValue) {
        let query = RandomQuery(database, chance) { _, _ in nil }
        var arguments = query.arguments(table)
        arguments.after = nil
        arguments.before = nil
        let random = RandomGrouping(database, chance, query)
        let groupings = (0..<chance.pick([1, 1, 2])).map { _ in random.grouping(table) }
        let parts = groupings.enumerated().map { number, grouping in
            grouping.written("g\(number)", table) { self.argument($0, $1, grouping.enumValues) }
        }
        let list = ReferenceSelection.list(
            "list", "list", arguments, [.totalCount(key: "n")], table, database
        ) { self.argument($0, $1, RandomSchema.enumValues) }
        let text = list.dropFirst("list".count).dropLast() + parts.joined(separator: " ") + " }"
        return (
            String(text),
            { [database] given in
                let page = database.page(given ?? rows(), of: table, arguments)
                return .object(
                    [.init("n", .integer(Int64(page.list.count)))]
                        + groupings.enumerated().map { number, grouping in
                            .init("g\(number)", database.answer(grouping, table, page.list))
                        })
            }
        )
    }

    private func argument(_ value: JSONValue, _ type: String, _ enumValues: Set<String>) -> String {
        guard chance.percent(50) else { return value.literal(enumValues) }
        let name = "v\(variables.count)"
        variables.append(JSONValue.Member(name, value))
        definitions.append("$\(name): \(type)")
        return "$\(name)"
    }
}
