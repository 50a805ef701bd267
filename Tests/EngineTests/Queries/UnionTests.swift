import JSON
import Testing

@testable import Engine

/// Columns that a filter gives several values: unions of ranges.
@Suite struct UnionTests {
    private static let schema = """
        type Tier @table(idPrefix: "tier") { level: Int! @index name: String! }
        type Chapter @table(idPrefix: "chp") @tree(parent: "parent") {
          name: String!
          parent: Chapter @relation
          members: [Member!]! @relation(inverse: "home")
        }
        type Member @table(idPrefix: "mem") @key(fields: "number")
          @index(fields: ["home", "points"]) @index(fields: ["home", "status", "name"]) {
          number: String!
          name: String!
          status: Status! @index
          points: Int
          home: Chapter! @relation
          tier: Tier @relation
          visits: [Visit!]! @relation(inverse: "member")
        }
        type Visit @table(idPrefix: "vis") @index(fields: ["member", "kind", "at"]) {
          member: Member! @relation
          kind: Kind!
          at: Int!
        }
        enum Status { ACTIVE PAUSED LAPSED BANNED }
        enum Kind { TALK WALK SWIM }
        """

    /// 400 members in turn at ten chapters below two regions, and 60 visits of the first.
    private static let rows: JSONValue = .object([
        .init("Tier", .array((0..<4).map(tier))), .init("Chapter", .array((0..<12).map(chapter))),
        .init("Member", .array((0..<400).map(member))),
        .init("Visit", .array((0..<60).map(visit))),
    ])

    private static func tier(_ number: Int) -> JSONValue {
        .object([
            .init("id", .string("tier_\(number)")), .init("level", .integer(Int64(number))),
            .init("name", .string("T\(number)")),
        ])
    }

    private static func chapter(_ number: Int) -> JSONValue {
        .object([
            .init("id", .string("chp_\(number)")), .init("name", .string("C\(number)")),
            .init("parent", number < 2 ? .null : .string("chp_\(number % 2)")),
        ])
    }

    private static func member(_ number: Int) -> JSONValue {
        let statuses = ["ACTIVE", "ACTIVE", "ACTIVE", "PAUSED", "LAPSED", "BANNED", "ACTIVE"]
        let points = JSONValue.integer(Int64(number * 37 % 101))
        return .object([
            .init("id", .string("mem_\(number)")), .init("number", .string("N-\(number)")),
            .init("name", .string("a long beginning, then \(number % 7)")),
            .init("status", .string(statuses[number % 7])),
            .init("points", number % 9 == 0 ? .null : points),
            .init("home", .string("chp_\(2 + number % 10)")),
            .init("tier", number % 5 == 0 ? .null : .string("tier_\(number % 4)")),
        ])
    }

    private static func visit(_ number: Int) -> JSONValue {
        .object([
            .init("id", .string("vis_\(number)")), .init("member", .string("mem_0")),
            .init("kind", .string(["TALK", "WALK", "SWIM"][number % 3])),
            .init("at", .integer(Int64(number * 7 % 60))),
        ])
    }

    private let fixture: EngineFixture

    init() throws {
        var limits = EngineLimits()
        limits.listItemsMax = 5_000
        fixture = try EngineFixture(Self.schema, rows: Self.rows, limits: limits)
    }

    /// How the list of a query was found, and its answer.
    private func trace(_ query: String, _ variables: JSONValue? = nil) throws -> (
        source: String, visited: Int, answer: JSONValue
    ) {
        var traces: [ListTrace] = []
        let answer = try fixture.ask(query, variables) { traces.append($0) }
        let trace = try #require(traces.last, "\(answer.text)")
        return (
            trace.source + (trace.isOrdered ? ", in order" : ", sorted")
                + (trace.isFiltered ? ", filtered" : ""), trace.rowsVisited,
            try #require(answer.json)
        )
    }

    @Test func `an explanation names the ranges and what they come from`() throws {
        func source(_ arguments: String, _ parts: String = "nodes { id }") throws -> String {
            try trace("{ members(\(arguments)) { \(parts) } }").source
        }
        #expect(
            try source("filter: {homeId: {in: [\"chp_2\", \"chp_3\"]}}, orderBy: [{points: ASC}]")
                == "Member(home, points), 2 ranges, in order")
        #expect(
            try source("filter: {home: {within: \"chp_1\"}}, orderBy: [{points: DESC}], first: 2")
                == "Member(home, points), 6 ranges, in order")
        #expect(
            try source("filter: {status: {in: [PAUSED, BANNED]}}, first: 5")
                == "Member(status), 2 ranges, in order")
        #expect(
            try source("filter: {status: {in: [PAUSED, BANNED]}}, orderBy: [{status: DESC}]")
                == "Member(status), 2 ranges, in order")
        #expect(
            try source("filter: {number: {in: [\"N-1\", \"N-7\", \"N-1\"]}}")
                == "Member(number) unique, 2 ranges, in order, filtered")
        #expect(
            try source(
                "filter: {homeId: {in: [\"chp_2\", \"chp_3\"]}, status: {in: [PAUSED, LAPSED]}}, "
                    + "orderBy: [{name: ASC}]")
                == "Member(home, status, name), 4 ranges, in order, filtered")
        let named = try source(
            "filter: {home: {name: {eq: \"C4\"}}}, orderBy: [{points: ASC}], first: 1")
        #expect(named == "Member(home, points) by Chapter(creation), in order")
        #expect(
            try source(
                "filter: {or: [{status: {eq: LAPSED}}, {status: {in: [BANNED, LAPSED]}}]}",
                "totalCount") == "Member(status), 2 ranges, in order")
    }

    @Test func `counts of a union visit no row`() throws {
        let found = try trace(
            "{ members(filter: {home: {within: \"chp_0\"}}) { totalCount aggregate { count } } }")
        #expect(
            found.answer == ["data": ["members": ["totalCount": 200, "aggregate": ["count": 200]]]])
        #expect(found.source == "Member(home), 6 ranges, in order")
        // The six rows of the subtree.
        #expect(found.visited <= 6)
    }

    @Test func `an aggregate of a union visits its rows alone`() throws {
        let found = try trace(
            """
            { members(filter: {number: {in: ["N-3", "N-5", "N-8"]}}) {
                aggregate { sum { points } } } }
            """)
        #expect(found.source == "Member(number) unique, 3 ranges, in order, filtered")
        #expect(found.visited == 3)
        #expect(
            found.answer == ["data": ["members": ["aggregate": ["sum": ["points": 188]]]]])
    }

    @Test(arguments: [
        "[{points: ASC}]", "[{points: DESC}]", "[{points: ASC_NULLS_FIRST}]",
        "[{points: DESC_NULLS_FIRST}]", "[]", "[{name: DESC}]", "[{status: DESC}]",
    ])
    func `pages of a union follow each other in both directions`(order: String) throws {
        let filter = "{home: {within: \"chp_1\"}, status: {in: [ACTIVE, BANNED, PAUSED]}}"
        let whole = try ids("filter: \(filter), orderBy: \(order), first: 1000")
        // The same rows, sorted without an index: a negation is no set of values.
        let scanned = try ids(
            "filter: {not: {or: [{status: {eq: LAPSED}}, {not: {home: {within: \"chp_1\"}}}]}}, "
                + "orderBy: \(order), first: 1000")
        #expect(whole == scanned)
        #expect(whole.count == 172)
        for offset in [0, 1, 60, 171, 172, 500] {
            let page = try ids("filter: \(filter), orderBy: \(order), offset: \(offset), first: 7")
            #expect(page == Array(whole.dropFirst(offset).prefix(7)))
        }
        var forwards: [String] = []
        var backwards: [String] = []
        var after = "null"
        var before = "null"
        repeat {
            let page = try edges(
                "filter: \(filter), orderBy: \(order), first: 25, after: \(after)")
            forwards += page.map(\.id)
            after = page.last.map { "\"\($0.cursor)\"" } ?? "null"
            if page.count < 25 { after = "null" }
        } while after != "null"
        repeat {
            let page = try edges(
                "filter: \(filter), orderBy: \(order), last: 25, before: \(before)")
            backwards = page.map(\.id) + backwards
            before = page.first.map { "\"\($0.cursor)\"" } ?? "null"
            if page.count < 25 { before = "null" }
        } while before != "null"
        #expect(forwards == whole)
        #expect(backwards == whole)
    }

    private func edges(_ arguments: String) throws -> [(id: String, cursor: String)] {
        let answer = try fixture.ask("{ members(\(arguments)) { edges { cursor node { id } } } }")
        let edges = try #require(
            answer.json?["data"]?["members"]?["edges"]?.elements, "\(answer.text)")
        return edges.map { ($0["node"]?["id"]?.string ?? "", $0["cursor"]?.string ?? "") }
    }

    private func ids(_ arguments: String) throws -> [String] {
        try edges(arguments).map(\.id)
    }

    @Test func `what is left to test of a union is tested`() throws {
        let found = try trace(
            """
            { members(filter: {homeId: {in: ["chp_2", "chp_3"]}, number: {endsWith: "1"}},
                orderBy: [{points: ASC}], first: 3) {
                totalCount pageInfo { hasNextPage hasPreviousPage } nodes { points } } }
            """)
        #expect(found.source == "Member(home, points), 2 ranges, in order, filtered")
        #expect(
            found.answer == [
                "data": [
                    "members": [
                        "totalCount": 40,
                        "pageInfo": ["hasNextPage": true, "hasPreviousPage": false],
                        "nodes": [["points": 0], ["points": 1], ["points": 2]],
                    ]
                ]
            ])
    }

    @Test func `the list of an owner is a union too`() throws {
        let found = try trace(
            """
            { member(id: "mem_0") { visits(filter: {kind: {in: [SWIM, TALK]}},
                orderBy: [{at: DESC}], first: 3) { totalCount nodes { at kind } } } }
            """)
        #expect(found.source == "Visit(member, kind, at), 2 ranges, in order, filtered")
        #expect(
            found.answer["data"]?["member"]?["visits"] == [
                "totalCount": 40,
                "nodes": [
                    ["at": 59, "kind": "SWIM"], ["at": 57, "kind": "TALK"],
                    ["at": 56, "kind": "SWIM"],
                ],
            ])
    }

    @Test func `too many values are asked of each row`() throws {
        let numbers = JSONValue.array((0..<1001).map { .string("N-\($0 * 2)") })
        let query = "query($n: [String!]) { members(filter: {number: {in: $n}}) { totalCount } }"
        let many = try trace(query, .object([.init("n", numbers)]))
        #expect(many.source == "Member(creation), in order, filtered")
        #expect(many.answer == ["data": ["members": ["totalCount": 200]]])
        let few = try trace(
            query, .object([.init("n", .array(Array((numbers.elements ?? []).prefix(20))))]))
        #expect(few.source == "Member(number) unique, 20 ranges, in order, filtered")
        #expect(few.answer == ["data": ["members": ["totalCount": 20]]])
    }

    @Test func `null is one of several values`() throws {
        let found = try trace(
            """
            { members(filter: {or: [{tierId: {isNull: true}}, {tier: {level: {gte: 3}}}]}) {
                totalCount } }
            """)
        #expect(found.answer == ["data": ["members": ["totalCount": 160]]])
        let points = try trace(
            """
            { members(filter: {homeId: {in: ["chp_2", "chp_7"]},
                or: [{points: {isNull: true}}, {points: {in: [3, 7]}}]},
                orderBy: [{points: DESC_NULLS_FIRST}], first: 3) { totalCount nodes { id } } }
            """)
        #expect(points.source == "Member(home, points), 6 ranges, in order")
        #expect(
            points.answer == [
                "data": [
                    "members": [
                        "totalCount": 10,
                        "nodes": [["id": "mem_360"], ["id": "mem_315"], ["id": "mem_270"]],
                    ]
                ]
            ])
    }
}
