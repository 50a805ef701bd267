import JSON
import Testing

@testable import Engine

/// Which columns and lines a query makes.
struct TableShapeTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    @Test func `leaves are columns in their order, to-one objects are flattened`() throws {
        try club.checkTable(
            "{ members { nodes { id name tier { level title: name } points: pointsBalance } } }",
            gives: [
                "id,name,tier.level,tier.title,points",
                "mem_1,Ada,2,Silver,120",
                "mem_2,Bo,1,Bronze,40",
                "mem_3,Cy,2,Silver,120",
                "mem_4,Dee,3,Gold,700",
            ])
    }

    @Test func `NDJSON has an object a line, rows an array of them`() throws {
        let query = "{ members(first: 2) { nodes { name phone tier { level } } } }"
        let lines = [
            #"{"name":"Ada","phone":null,"tier.level":2}"#,
            #"{"name":"Bo","phone":"+47 1","tier.level":1}"#,
        ]
        try club.checkTable(query, nil, .ndjson, gives: lines)
        try club.checkTable(query, nil, .rows, gives: ["[", lines[0] + ",", lines[1], "]"])
    }

    @Test func `a table without rows has its header`() throws {
        let query = "{ members(first: 0) { nodes { name tier { name } } } }"
        try club.checkTable(query, gives: ["name,tier.name"])
        try club.checkTable(query, nil, .ndjson, gives: [])
        #expect(try club.table(query, nil, .rows).text == "[]\n")
    }

    @Test func `edges have cursors, and their nodes no name of their own`() throws {
        let cursors = try club.ask("{ members(first: 2) { edges { cursor } } }").json
        let edges = cursors?["data"]?["members"]?["edges"]?.elements ?? []
        let texts = edges.compactMap { $0["cursor"]?.string }
        try #require(texts.count == 2)
        try club.checkTable(
            "{ members(first: 2) { edges { node { name } cursor } } }",
            gives: ["name,cursor", "Ada,\(texts[0])", "Bo,\(texts[1])"])
        try club.checkTable(
            "query($after: String) { members(first: 1, after: $after) { edges { c: cursor node { name } } } }",
            .object([.init("after", .string(texts[0]))]), gives: ["c,name", "\(texts[1]),Bo"])
    }

    @Test func `filter, order, offset and the end of the list are those of GraphQL`() throws {
        try club.checkTable(
            """
            query($city: String!, $n: Int) {
              members(filter: { city: { eq: $city } }, orderBy: [{ pointsBalance: DESC }, { name: DESC }],
                first: $n, offset: 1) { nodes { name } } }
            """, ["city": "Oslo", "n": 2], gives: ["name", "Cy", "Ada"])
        try club.checkTable(
            "{ members(last: 2, orderBy: { name: ASC }) { nodes { name } } }",
            gives: ["name", "Cy", "Dee"])
        try club.checkTable(
            "{ members(orderBy: { joinedAt: DESC }, offset: 3) { nodes { name } } }",
            gives: ["name", "Ada"])
    }

    @Test func `fragments, directives and the name of the type`() throws {
        try club.checkTable(
            """
            query($with: Boolean!) { members(first: 1) { ...rows } }
            fragment rows on MemberConnection { nodes { ... on Member { __typename name }
              city @include(if: $with) tier { t: __typename name @skip(if: $with) } } }
            """, ["with": true],
            gives: ["__typename,name,city,tier.t", "Member,Ada,Oslo,Tier"])
    }

    @Test func `what is computed of a list inside a row is a column`() throws {
        let query = """
            { members { nodes { name points: pointsHistory(filter: { delta: { gt: 20 } }) {
              totalCount aggregate { max { delta } s: sum { delta } } } city } } }
            """
        try club.checkTable(
            query,
            gives: [
                "name,points.totalCount,points.aggregate.max.delta,points.aggregate.s.delta,city",
                "Ada,1,100,100,Oslo", "Bo,1,40,40,Bergen", "Cy,1,120,120,Oslo",
                "Dee,1,700,700,Oslo",
            ])
    }

    @Test func `a page is as long as is asked for`() throws {
        var limits = EngineLimits()
        limits.pageRowsMax = 2
        limits.pageRowsDefault = 1
        let club = try EngineFixture.club(limits)
        try club.checkTable(
            "{ members { nodes { name } } }", gives: ["name", "Ada", "Bo", "Cy", "Dee"])
        try club.checkTable(
            "{ members(first: 3) { nodes { name } } }", gives: ["name", "Ada", "Bo", "Cy"])
    }

    // MARK: Exploded lists

    @Test func `the rows of an exploded list are lines, and a row without any is one`() throws {
        let query = """
            { members { nodes { name registrations { nodes { at event { title } } } city } } }
            """
        let lines = [
            "name,registrations.at,registrations.event.title,city",
            "Ada,2026-02-01T00:00:00.000Z,Tasting,Oslo",
            "Ada,2026-02-02T00:00:00.000Z,Talk,Oslo",
            "Bo,2026-02-03T00:00:00.000Z,Tasting,Bergen",
            "Cy,,,Oslo",
            "Dee,,,Oslo",
        ]
        try club.checkTable(query, explode: "registrations", gives: lines)
        try club.checkTable(
            "{ members(first: 1) { nodes { registrations { edges { node { id } } } name } } }", nil,
            .ndjson, explode: "registrations",
            gives: [
                #"{"registrations.id":"reg_1","name":"Ada"}"#,
                #"{"registrations.id":"reg_2","name":"Ada"}"#,
            ])
    }

    @Test func `an exploded list keeps its own filter, order and length`() throws {
        try club.checkTable(
            """
            { members(first: 3) { nodes { name
              pointsHistory(orderBy: { at: DESC }, first: 1, filter: { delta: { lt: 110 } }) {
                nodes { delta } } } } }
            """, explode: "pointsHistory",
            gives: ["name,pointsHistory.delta", "Ada,20", "Bo,40", "Cy,"])
    }

    @Test func `a list behind a to-one object can be exploded`() throws {
        try club.checkTable(
            """
            { registrations(first: 2) { nodes { id member { name pointsHistory { nodes { delta } } } at } } }
            """, explode: "member.pointsHistory",
            gives: [
                "id,member.name,member.pointsHistory.delta,at",
                "reg_1,Ada,100,2026-02-01T00:00:00.000Z",
                "reg_1,Ada,20,2026-02-01T00:00:00.000Z",
                "reg_2,Ada,100,2026-02-02T00:00:00.000Z",
                "reg_2,Ada,20,2026-02-02T00:00:00.000Z",
            ])
    }
}
