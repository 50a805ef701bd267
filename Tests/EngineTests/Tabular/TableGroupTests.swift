import JSON
import Testing

@testable import Engine

/// Groups as lines of a table.
struct TableGroupTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    @Test func `each group is a line`() throws {
        let query = """
            query($by: [MemberGroupBy!]!) { members(filter: { pointsBalance: { gt: 0 } }) {
              groupBy(by: $by) {
                keys { __typename city tier { name level } joinedAt }
                aggregate { count sum { pointsBalance } min { n: name } } } } }
            """
        let variables: JSONValue = ["by": [["field": "CITY"], ["field": "TIER"]]]
        try club.checkTable(
            query, variables,
            gives: [
                "keys.__typename,keys.city,keys.tier.name,keys.tier.level,keys.joinedAt,"
                    + "aggregate.count,aggregate.sum.pointsBalance,aggregate.min.n",
                "MemberGroupKeys,Bergen,Bronze,1,,1,40,Bo",
                "MemberGroupKeys,Oslo,Silver,2,,2,240,Ada",
                "MemberGroupKeys,Oslo,Gold,3,,1,700,Dee",
            ])
        try club.checkTable(
            "{ m: members { g: groupBy(by: [{field: JOINED_AT, bucket: QUARTER}]) { k: keys { joinedAt } aggregate { count } } } }",
            nil, .ndjson,
            gives: [
                #"{"k.joinedAt":"2025-01-01T00:00:00.000Z","aggregate.count":3}"#,
                #"{"k.joinedAt":"2025-04-01T00:00:00.000Z","aggregate.count":1}"#,
            ])
    }

    @Test func `null is a key, and no groups are no lines`() throws {
        try club.checkTable(
            "{ members { groupBy(by: [{field: PHONE}]) { keys { phone } aggregate { count } } } }",
            gives: ["keys.phone,aggregate.count", "+47 1,1", "+47 2,1", ",2"])
        try club.checkTable(
            """
            { members(filter: { city: { eq: "Nowhere" } }) {
              groupBy(by: [{field: PHONE}]) { keys { phone } } } }
            """, gives: ["keys.phone"])
    }

    @Test func `order, having and length are those of GraphQL, but all groups come without`() throws
    {
        var limits = EngineLimits()
        limits.groupsShownMax = 2
        let club = try EngineFixture.club(limits)
        let shown = "keys { name } aggregate { count }"
        try club.checkTable(
            "{ members { groupBy(by: [{field: NAME}]) { \(shown) } } }",
            gives: ["keys.name,aggregate.count", "Ada,1", "Bo,1", "Cy,1", "Dee,1"])
        try club.checkTable(
            "{ members { groupBy(by: [{field: NAME}], first: 3) { \(shown) } } }",
            gives: ["keys.name,aggregate.count", "Ada,1", "Bo,1", "Cy,1"])
        try club.checkTable(
            """
            { pointsEntries { groupBy(by: [{field: MEMBER}], having: { count: { gte: 1 } },
              orderBy: [{ sum: { delta: DESC } }]) { aggregate { sum { delta } } } } }
            """, gives: ["aggregate.sum.delta", "700", "120", "120", "40"])
    }

    @Test func `lists within groups are refused`() throws {
        try club.checkRefusal(
            "{ members { groupBy(by: [{field: CITY}]) { keys { city } nodes { name } } } }",
            message: #""nodes" is a list inside one line."#,
            hint: "Leave nodes out, or ask for it in a request of its own.")
        try club.checkRefusal(
            "{ members { groupBy(by: [{field: CITY}]) { keys { city } } } }", explode: "nodes",
            message: #"explode names "nodes", which is no list inside the rows."#,
            hint: "There is none; leave explode out.")
        try club.checkRefusal(
            "{ members { totalCount groupBy(by: [{field: CITY}]) { keys { city } } } }",
            message:
                #""members.totalCount" is said of the whole list and has no place in a table of its rows."#,
            hint: "Leave totalCount out, or ask for it in a request of its own.")
        try club.checkRefusal(
            "{ members { nodes { id } groupBy(by: [{field: CITY}]) { keys { city } } } }",
            message: #""members" has two lists of rows here, "nodes" and "groupBy"."#,
            hint: "Select one of them.")
        try club.checkRefusal(
            "{ tiers { nodes { members { groupBy(by: [{field: CITY}]) { keys { city } } } } } }",
            message: #""members.groupBy" is a list inside one line."#,
            hint: "Leave groupBy out, or ask for it in a request of its own.")
        try club.checkRefusal(
            "{ members { groupBy(by: [{field: CITY}], first: -1) { keys { city } } } }",
            message: "first is -1; it cannot be negative.", hint: nil)
    }

    @Test func `a group is handed on before the next one is made`() throws {
        let count = 10_000
        let things = try EngineFixture(
            """
            type Thing @table(idPrefix: "thg") { name: String! weight: Long! }
            """,
            rows: [
                "Thing": .array(
                    (0..<count).map {
                        [
                            "id": .string("thg_\($0)"), "name": .string("thing \(10_000 + $0)"),
                            "weight": .integer(Int64($0)),
                        ]
                    })
            ])
        let answer = try things.table(
            "{ things { groupBy(by: [{field: NAME}]) { keys { name } aggregate { sum { weight } } } } }"
        )
        #expect(answer.end == .finished(rows: count))
        #expect(answer.greatestBlock < 65_536 + 100 && answer.blockByteCounts.count > 2)
        #expect(
            answer.text == "keys.name,aggregate.sum.weight\r\n"
                + (0..<count).map { "thing \(10_000 + $0),\($0)\r\n" }.joined())
    }
}
