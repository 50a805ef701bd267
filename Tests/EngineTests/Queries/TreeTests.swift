import JSON
import Store
import Testing

@testable import Engine

/// `within`: a row of a tree and all rows below it.
@Suite struct TreeTests {
    private let fixture: EngineFixture

    private static let schema = """
        type Chapter @table(idPrefix: "chp") @tree(parent: "parent") {
          name: String! @index
          parent: Chapter @relation
          members: [Member!]! @relation(inverse: "home")
        }
        type Member @table(idPrefix: "mem") {
          name: String!
          home: Chapter @relation
        }
        """

    /// World over North and South, Oslo below North; Loop and Pool above each other.
    private static let rows: JSONValue = [
        "Chapter": [
            ["id": "chp_w", "name": "World"],
            ["id": "chp_n", "name": "North", "parent": "chp_w"],
            ["id": "chp_s", "name": "South", "parent": "chp_w"],
            ["id": "chp_o", "name": "Oslo", "parent": "chp_n"],
            ["id": "chp_l", "name": "Loop", "parent": "chp_p"],
            ["id": "chp_p", "name": "Pool", "parent": "chp_l"],
        ],
        "Member": [
            ["id": "mem_1", "name": "Ada", "home": "chp_o"],
            ["id": "mem_2", "name": "Bo", "home": "chp_n"],
            ["id": "mem_3", "name": "Cy", "home": "chp_s"],
            ["id": "mem_4", "name": "Di"],
            ["id": "mem_5", "name": "Ed", "home": "chp_l"],
        ],
    ]

    init() throws { fixture = try EngineFixture(Self.schema, rows: Self.rows) }

    @Test func `a tree has an index over its parent and a word in its filter`() throws {
        let table = try #require(fixture.model.table(named: "Chapter"))
        let tree = try #require(table.tree)
        #expect(tree.parent == 5)
        #expect(fixture.store.definition(of: tree.index).equality == [5])
        #expect(
            fixture.model.printed("input ChapterFilter").contains(
                """
                  "The row with this id and all rows below it."
                  within: ID

                """))
        #expect(!fixture.model.printed("input MemberFilter").contains("within"))
    }

    @Test func `within finds the row itself and what is below it`() throws {
        try fixture.check(
            """
            query($id: ID) {
              world: chapters(filter: {within: "chp_w"}, orderBy: [{name: DESC}]) { nodes { name } }
              north: chapters(filter: {within: $id}) { totalCount nodes { name } }
              leaf: chapters(filter: {within: "chp_o"}) { nodes { name } }
              circle: chapters(filter: {within: "chp_p"}) { nodes { name } }
              none: chapters(filter: {within: "chp_x"}) { nodes { name } }
              foreign: chapters(filter: {within: "mem_1"}) { totalCount }
              rest: chapters(filter: {not: {within: "chp_w"}}) { nodes { name } }
              both: chapters(filter: {or: [{within: "chp_s"}, {within: "chp_o"}]}) { nodes { name } }
            }
            """, ["id": "chp_n"],
            gives: """
                {"data": {
                  "world": {"nodes": [{"name": "World"}, {"name": "South"}, {"name": "Oslo"}, {"name": "North"}]},
                  "north": {"totalCount": 2, "nodes": [{"name": "North"}, {"name": "Oslo"}]},
                  "leaf": {"nodes": [{"name": "Oslo"}]},
                  "circle": {"nodes": [{"name": "Loop"}, {"name": "Pool"}]},
                  "none": {"nodes": []},
                  "foreign": {"totalCount": 0},
                  "rest": {"nodes": [{"name": "Loop"}, {"name": "Pool"}]},
                  "both": {"nodes": [{"name": "South"}, {"name": "Oslo"}]}
                }}
                """)
    }

    @Test func `within works through relations, and says what the rows are now`() throws {
        let query = """
            {
              north: members(filter: {home: {within: "chp_n"}}) { totalCount nodes { name } }
              others: members(filter: {not: {home: {within: "chp_w"}}}) { nodes { name } }
              tops: chapters(filter: {members: {some: {home: {within: "chp_s"}}}}) { nodes { name } }
            }
            """
        try fixture.check(
            query,
            gives: """
                {"data": {
                  "north": {"totalCount": 2, "nodes": [{"name": "Ada"}, {"name": "Bo"}]},
                  "others": {"nodes": [{"name": "Di"}, {"name": "Ed"}]},
                  "tops": {"nodes": [{"name": "South"}]}
                }}
                """)
        try fixture.update("Chapter", "chp_s", ["parent": "chp_o"])
        try fixture.check(
            query,
            gives: """
                {"data": {
                  "north": {"totalCount": 3, "nodes": [{"name": "Ada"}, {"name": "Bo"}, {"name": "Cy"}]},
                  "others": {"nodes": [{"name": "Di"}, {"name": "Ed"}]},
                  "tops": {"nodes": [{"name": "South"}]}
                }}
                """)
    }

    @Test func `null is no row`() throws {
        let answer = try fixture.ask("{ chapters(filter: {within: null}) { totalCount } }")
        #expect(answer.json?["errors"]?.elements?.first?["message"] == "filter.within is null.")
    }

    @Test func `walking a tree takes from the budget`() throws {
        let chapters = (0..<500).map { number in
            JSONValue.object([
                .init("id", .string("chp_\(number)")), .init("name", .string("\(number)")),
                .init("parent", number == 0 ? .null : .string("chp_\((number - 1) / 2)")),
            ])
        }
        var limits = EngineLimits()
        limits.loopBudget = 100
        let deep = try EngineFixture(
            Self.schema, rows: ["Chapter": .array(chapters)], limits: limits)
        let query = "{ members(filter: {home: {within: \"chp_0\"}}, first: 1) { nodes { name } } }"
        #expect(try deep.ask(query, effort: .bounded).outcome == .overBudget)
        #expect(try deep.ask(query).text == #"{"data":{"members":{"nodes":[]}}}"#)
        let all = "{ chapters(filter: {within: \"chp_2\"}) { totalCount } }"
        #expect(try deep.ask(all).text == #"{"data":{"chapters":{"totalCount":244}}}"#)
    }
}
