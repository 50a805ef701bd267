import JSON
import Testing

@testable import Engine

/// Whole lists walked page by page with the cursors that the pages give, over the random schemas of
/// ``QueryPropertyTests``.
@Suite struct PagingTests {
    private static let walks = 12

    @Test(arguments: UInt64(1000)..<1020)
    func `pages forwards and backwards make the whole list`(seed: UInt64) throws {
        let trial = try QueryTrial(seed: seed)
        for number in 0..<Self.walks {
            let walk = PageWalk(trial, "seed \(seed), walk \(number)")
            guard try walk.run(isForward: number % 2 == 0, isChanging: false) else { return }
        }
    }

    @Test(arguments: UInt64(2000)..<2020)
    func `cursors keep their place while rows come, change and go`(seed: UInt64) throws {
        let trial = try QueryTrial(seed: seed)
        for number in 0..<Self.walks {
            let walk = PageWalk(trial, "seed \(seed), walk \(number)")
            guard try walk.run(isForward: number % 2 == 0, isChanging: true) else { return }
        }
    }
}

/// One list, walked from one end to the other.
private struct PageWalk {
    private static let pagesMax = 30

    private let trial: QueryTrial
    private let name: String
    private let table: ReferenceTable
    /// The list's owner and field; nil for a list of Query.
    private let owner: (table: ReferenceTable, row: ReferenceDatabase.Row, field: ReferenceField)?
    private let filter: JSONValue?
    private let orderBy: [JSONValue]

    init(_ trial: QueryTrial, _ name: String) {
        self.trial = trial
        self.name = name
        let chance = trial.chance
        let query = RandomQuery(trial.database, chance) { _, _ in nil }
        let from = chance.pick(trial.database.tables)
        let lists = from.fields.filter { $0.listed != nil }
        let rows = trial.database.rows(of: from.name)
        if chance.percent(40), !lists.isEmpty, !rows.isEmpty {
            let field = chance.pick(lists)
            owner = (from, chance.pick(rows), field)
            table = trial.database.table(field.listed ?? "")
        } else {
            owner = nil
            table = from
        }
        filter = chance.percent(50) ? query.filter(table) : nil
        orderBy = query.order(table)
    }

    /// False when something was not as expected.
    func run(isForward: Bool, isChanging: Bool) throws -> Bool {
        var collected: [String] = []
        var cursor: ReferenceCursor?
        for _ in 0..<Self.pagesMax {
            if let owner, trial.database.row(owner.row.id) == nil { return true }
            var arguments = ReferenceArguments(filter: filter, orderBy: orderBy)
            let size = trial.chance.between(1, 9)
            if isForward {
                arguments.first = size
                arguments.after = cursor
            } else {
                arguments.last = size
                arguments.before = cursor
            }
            let expected = trial.database.page(rows, of: table, arguments)
            let page = try ask(arguments)
            let ids = expected.page.map(\.id)
            let got = page["edges"]?.elements?.compactMap { $0["node"]?["id"]?.string }
            let cursors = page["edges"]?.elements?.compactMap { $0["cursor"]?.string } ?? []
            let info: JSONValue = [
                "hasNextPage": .bool(expected.hasNext),
                "hasPreviousPage": .bool(expected.hasPrevious),
                "startCursor": cursors.first.map { .string($0) } ?? .null,
                "endCursor": cursors.last.map { .string($0) } ?? .null,
            ]
            #expect(got == ids, "\(name): \(arguments)")
            #expect(page["pageInfo"] == info, "\(name): \(arguments)")
            guard got == ids, page["pageInfo"] == info else { return false }
            collected = isForward ? collected + ids : ids + collected
            let hasMore = isForward ? expected.hasNext : expected.hasPrevious
            guard let end = isForward ? expected.page.last : expected.page.first,
                let text = isForward ? cursors.last : cursors.first
            else { break }
            cursor = trial.database.cursor(end, table, orderBy, text)
            if isChanging {
                try RandomRows(trial.chance).change(trial.fixture, trial.database, count: 4)
            } else if !hasMore {
                let whole = trial.database.page(
                    rows, of: table, ReferenceArguments(filter: filter, orderBy: orderBy))
                #expect(collected == whole.list.map(\.id), "\(name)")
                break
            }
        }
        return true
    }

    private var rows: [ReferenceDatabase.Row] {
        owner.map { trial.database.list($0.field, of: $0.row) }
            ?? trial.database.rows(of: table.name)
    }

    private func ask(_ arguments: ReferenceArguments) throws -> JSONValue {
        var text = ReferenceSelection.list(
            "list", owner?.field.name ?? table.plural, arguments, [.pageInfo(key: "pageInfo")],
            table, trial.database
        ) { value, _ in value.literal(RandomSchema.enumValues) }
        text = text.replacing(
            "{ hasNextPage hasPreviousPage }",
            with: "{ hasNextPage hasPreviousPage startCursor endCursor } "
                + "edges { cursor node { id } }")
        if let owner {
            text = "owner: \(owner.table.singular)(id: \"\(owner.row.id)\") { \(text) }"
        }
        let answer = try trial.fixture.ask("{ \(text) }")
        let data = answer.json?["data"]
        let list = owner == nil ? data?["list"] : data?["owner"]?["list"]
        return try #require(list, "\(name): { \(text) } gives \(answer.text)")
    }
}
