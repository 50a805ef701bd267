import JSON
import Testing

@testable import Engine

/// What groups show, which of them, and in which order.
@Suite struct GroupByTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    // MARK: Keys

    @Test func `rows are put together by an enum, in the order of its values`() throws {
        try club.check(
            """
            { members { groupBy(by: [{field: STATUS}]) {
              keys { status }
              aggregate { count sum { pointsBalance } avg { pointsBalance } min { joinedAt }
                max { name } countDistinct { tier city } }
              nodes { name } } } }
            """,
            gives: """
                {"data":{"members":{"groupBy":[
                  {"keys":{"status":"active"},
                   "aggregate":{"count":2,"sum":{"pointsBalance":240},"avg":{"pointsBalance":120},
                     "min":{"joinedAt":"2025-01-01T00:00:00.000Z"},"max":{"name":"Cy"},
                     "countDistinct":{"tier":1,"city":1}},
                   "nodes":[{"name":"Ada"},{"name":"Cy"}]},
                  {"keys":{"status":"paused"},
                   "aggregate":{"count":1,"sum":{"pointsBalance":40},"avg":{"pointsBalance":40},
                     "min":{"joinedAt":"2025-02-01T00:00:00.000Z"},"max":{"name":"Bo"},
                     "countDistinct":{"tier":1,"city":1}},
                   "nodes":[{"name":"Bo"}]},
                  {"keys":{"status":"cancelled"},
                   "aggregate":{"count":1,"sum":{"pointsBalance":700},"avg":{"pointsBalance":700},
                     "min":{"joinedAt":"2025-04-01T00:00:00.000Z"},"max":{"name":"Dee"},
                     "countDistinct":{"tier":1,"city":1}},
                   "nodes":[{"name":"Dee"}]}]}}}
                """)
    }

    @Test func `a relation is a key as the row, with all that belongs to it`() throws {
        try club.check(
            """
            { members { groupBy(by: [{field: TIER}]) {
              keys { tier { name members(first: 1) { totalCount nodes { name } } } }
              aggregate { count } } } }
            """,
            gives: """
                {"data":{"members":{"groupBy":[
                  {"keys":{"tier":{"name":"Bronze","members":{"totalCount":1,"nodes":[{"name":"Bo"}]}}},
                   "aggregate":{"count":1}},
                  {"keys":{"tier":{"name":"Silver","members":{"totalCount":2,"nodes":[{"name":"Ada"}]}}},
                   "aggregate":{"count":2}},
                  {"keys":{"tier":{"name":"Gold","members":{"totalCount":1,"nodes":[{"name":"Dee"}]}}},
                   "aggregate":{"count":1}}]}}}
                """)
    }

    @Test func `the relations, enums and times of the row a relation leads to are keys`() throws {
        try club.check(
            """
            { pointsEntries {
              tier: groupBy(by: [{field: MEMBER_TIER}]) {
                keys { memberTier { name } } aggregate { sum { delta } } }
              status: groupBy(by: [{field: MEMBER_STATUS}]) {
                keys { memberStatus } aggregate { sum { delta } } }
              cohort: groupBy(by: [{field: MEMBER_JOINED_AT, bucket: QUARTER}]) {
                keys { memberJoinedAt } aggregate { sum { delta } } } } }
            """,
            gives: """
                {"data":{"pointsEntries":{
                  "tier":[
                    {"keys":{"memberTier":{"name":"Bronze"}},"aggregate":{"sum":{"delta":40}}},
                    {"keys":{"memberTier":{"name":"Silver"}},"aggregate":{"sum":{"delta":240}}},
                    {"keys":{"memberTier":{"name":"Gold"}},"aggregate":{"sum":{"delta":700}}}],
                  "status":[
                    {"keys":{"memberStatus":"active"},"aggregate":{"sum":{"delta":240}}},
                    {"keys":{"memberStatus":"paused"},"aggregate":{"sum":{"delta":40}}},
                    {"keys":{"memberStatus":"cancelled"},"aggregate":{"sum":{"delta":700}}}],
                  "cohort":[
                    {"keys":{"memberJoinedAt":"2025-01-01T00:00:00.000Z"},"aggregate":{"sum":{"delta":280}}},
                    {"keys":{"memberJoinedAt":"2025-04-01T00:00:00.000Z"},"aggregate":{"sum":{"delta":700}}}]}}}
                """)
    }

    @Test func `several keys make a group of each combination, and others are null`() throws {
        try club.check(
            """
            { members { groupBy(by: [{field: CITY}, {field: TIER}]) {
              __typename keys { __typename city tier { level } status joinedAt }
              aggregate { __typename n: count } } } }
            """,
            gives: """
                {"data":{"members":{"groupBy":[
                  {"__typename":"MemberGroup","keys":{"__typename":"MemberGroupKeys","city":"Bergen","tier":{"level":1},"status":null,"joinedAt":null},"aggregate":{"__typename":"MemberAggregate","n":1}},
                  {"__typename":"MemberGroup","keys":{"__typename":"MemberGroupKeys","city":"Oslo","tier":{"level":2},"status":null,"joinedAt":null},"aggregate":{"__typename":"MemberAggregate","n":2}},
                  {"__typename":"MemberGroup","keys":{"__typename":"MemberGroupKeys","city":"Oslo","tier":{"level":3},"status":null,"joinedAt":null},"aggregate":{"__typename":"MemberAggregate","n":1}}]}}}
                """)
    }

    @Test func `null is a key, the last one`() throws {
        try club.check(
            "{ members { groupBy(by: [{field: PHONE}]) { keys { phone } aggregate { count } } } }",
            gives: """
                {"data":{"members":{"groupBy":[
                  {"keys":{"phone":"+47 1"},"aggregate":{"count":1}},
                  {"keys":{"phone":"+47 2"},"aggregate":{"count":1}},
                  {"keys":{"phone":null},"aggregate":{"count":2}}]}}}
                """)
    }

    @Test func `the filter counts, the page does not`() throws {
        try club.check(
            """
            { members(filter: {city: {eq: "Oslo"}}, first: 1) { nodes { name } totalCount
              groupBy(by: [{field: STATUS}]) { keys { status } aggregate { count } } } }
            """,
            gives: """
                {"data":{"members":{"nodes":[{"name":"Ada"}],"totalCount":3,"groupBy":[
                  {"keys":{"status":"active"},"aggregate":{"count":2}},
                  {"keys":{"status":"cancelled"},"aggregate":{"count":1}}]}}}
                """)
        try club.check(
            """
            { none: members(filter: {city: {eq: "Rome"}}) {
                groupBy(by: [{field: STATUS}]) { keys { status } nodes { id } } }
              never: members(filter: {or: []}) { groupBy(by: [{field: TIER}]) { keys { city } } } }
            """,
            gives: #"{"data":{"none":{"groupBy":[]},"never":{"groupBy":[]}}}"#)
    }

    @Test func `lists of rows are put together for each row`() throws {
        try club.check(
            """
            { members { nodes { name registrations {
              groupBy(by: [{field: EVENT}]) { keys { event { title } } nodes { status } } } } } }
            """,
            gives: """
                {"data":{"members":{"nodes":[
                  {"name":"Ada","registrations":{"groupBy":[
                    {"keys":{"event":{"title":"Tasting"}},"nodes":[{"status":"confirmed"}]},
                    {"keys":{"event":{"title":"Talk"}},"nodes":[{"status":"waitlisted"}]}]}},
                  {"name":"Bo","registrations":{"groupBy":[
                    {"keys":{"event":{"title":"Tasting"}},"nodes":[{"status":"attended"}]}]}},
                  {"name":"Cy","registrations":{"groupBy":[]}},
                  {"name":"Dee","registrations":{"groupBy":[]}}]}}}
                """)
    }

    @Test func `lists that are found by words are put together too`() throws {
        try club.check(
            """
            { members(filter: {name: {search: "ada"}}) {
              groupBy(by: [{field: CITY}]) { keys { city } aggregate { count } nodes { name } } } }
            """,
            gives: """
                {"data":{"members":{"groupBy":[
                  {"keys":{"city":"Oslo"},"aggregate":{"count":1},"nodes":[{"name":"Ada"}]}]}}}
                """)
    }

    // MARK: Which groups

    @Test(arguments: [
        ("count: {gte: 2}", ["active"]), ("count: {lt: 2}", ["paused", "cancelled"]),
        ("count: {in: [1, 7]}", ["paused", "cancelled"]),
        ("sum: {pointsBalance: {gt: 240}}", ["cancelled"]),
        ("sum: {pointsBalance: {ne: 240}}", ["paused", "cancelled"]),
        ("avg: {pointsBalance: {gte: 40.5, lt: 120.5}}", ["active"]),
        ("count: {eq: 1}, avg: {pointsBalance: {gt: 40}}", ["cancelled"]),
        ("count: {gt: 2}", []), ("count: {isNull: false}", ["active", "paused", "cancelled"]),
        ("", ["active", "paused", "cancelled"]),
    ])
    func `having lets groups through`(having: String, expected: [String]) throws {
        let groups = expected.map { JSONValue.object([.init("keys", ["status": .string($0)])]) }
        try club.check(
            "{ members { groupBy(by: [{field: STATUS}], having: {\(having)}) { keys { status } } } }",
            gives: JSONValue.object([
                .init("data", ["members": ["groupBy": .array(groups)]])
            ]).description)
    }

    @Test func `a null is what no comparison finds`() throws {
        let notes = try EngineFixture(
            "type Note @table { kind: String! weight: Int share: Float }",
            rows: [
                "Note": [
                    ["id": "note_1", "kind": "a"], ["id": "note_2", "kind": "b", "weight": 3],
                    ["id": "note_3", "kind": "b"], ["id": "note_4", "kind": "c", "weight": -3],
                ]
            ])
        func check(_ having: String, _ kinds: [String]) throws {
            let groups = kinds.map { JSONValue.object([.init("keys", ["kind": .string($0)])]) }
            try notes.check(
                "{ notes { groupBy(by: [{field: KIND}], having: {\(having)}) { keys { kind } } } }",
                gives: JSONValue.object([
                    .init("data", ["notes": ["groupBy": .array(groups)]])
                ]).description)
        }
        try check("avg: {weight: {lte: 3}}", ["b", "c"])
        try check("avg: {weight: {isNull: true}}", ["a"])
        try check("avg: {weight: {ne: 3}}", ["a", "c"])
        try check("sum: {weight: {eq: 0}}", ["a"])
        try check("sum: {share: {eq: 0}}", ["a", "b", "c"])
    }

    @Test(arguments: [
        ("[{key: CITY, direction: DESC}]", ["Oslo active", "Oslo cancelled", "Bergen paused"]),
        (
            "[{key: CITY}, {key: STATUS, direction: DESC}]",
            ["Bergen paused", "Oslo cancelled", "Oslo active"]
        ),
        ("[{count: DESC}]", ["Oslo active", "Bergen paused", "Oslo cancelled"]),
        ("[{count: ASC}]", ["Bergen paused", "Oslo cancelled", "Oslo active"]),
        ("[{sum: {pointsBalance: DESC}}]", ["Oslo cancelled", "Oslo active", "Bergen paused"]),
        ("[{avg: {pointsBalance: ASC}}]", ["Bergen paused", "Oslo active", "Oslo cancelled"]),
        ("[]", ["Bergen paused", "Oslo active", "Oslo cancelled"]),
    ])
    func `groups are ordered by keys and by what came of them`(order: String, expected: [String])
        throws
    {
        let answer = try club.ask(
            """
            query($order: [MemberGroupOrderBy!]) { members {
              a: groupBy(by: [{field: CITY}, {field: STATUS}], orderBy: \(order)) { ...G }
              b: groupBy(by: [{field: CITY}, {field: STATUS}], orderBy: \(order), first: 2) { ...G }
              c: groupBy(by: [{field: CITY}, {field: STATUS}], orderBy: $order, first: 0) { ...G } } }
            fragment G on MemberGroup { keys { city status } }
            """)
        func names(_ alias: String) -> [String]? {
            answer.json?["data"]?["members"]?[alias]?.elements?.map {
                "\($0["keys"]?["city"]?.string ?? "") \($0["keys"]?["status"]?.string ?? "")"
            }
        }
        #expect(names("a") == expected, "\(answer.text)")
        #expect(names("b") == Array(expected.prefix(2)))
        #expect(names("c") == [])
    }

    @Test func `nulls come last in both directions unless they are to come first`() throws {
        func check(_ direction: String, _ phones: [JSONValue]) throws {
            let answer = try club.ask(
                """
                { members { groupBy(by: [{field: PHONE}],
                  orderBy: [{key: PHONE, direction: \(direction)}]) { keys { phone } } } }
                """)
            let found = answer.json?["data"]?["members"]?["groupBy"]?.elements?.map {
                $0["keys"]?["phone"] ?? .null
            }
            #expect(found == phones, "\(answer.text)")
        }
        try check("ASC", ["+47 1", "+47 2", nil])
        try check("DESC", ["+47 2", "+47 1", nil])
        try check("ASC_NULLS_FIRST", [nil, "+47 1", "+47 2"])
        try check("DESC_NULLS_FIRST", [nil, "+47 2", "+47 1"])
    }

    // MARK: Rows

    @Test func `the rows of a group are the first in the order of the list`() throws {
        try club.check(
            """
            { members(orderBy: [{name: DESC}], first: 1) { groupBy(by: [{field: CITY}]) {
              keys { city } one: nodes(first: 1) { name } two: nodes(first: 2) { name tier { name } }
              none: nodes(first: 0) { name } all: nodes { name } } } }
            """,
            gives: """
                {"data":{"members":{"groupBy":[
                  {"keys":{"city":"Bergen"},"one":[{"name":"Bo"}],
                   "two":[{"name":"Bo","tier":{"name":"Bronze"}}],"none":[],"all":[{"name":"Bo"}]},
                  {"keys":{"city":"Oslo"},"one":[{"name":"Dee"}],
                   "two":[{"name":"Dee","tier":{"name":"Gold"}},{"name":"Cy","tier":{"name":"Silver"}}],
                   "none":[],"all":[{"name":"Dee"},{"name":"Cy"},{"name":"Ada"}]}]}}}
                """)
    }

    // MARK: The language

    @Test func `variables, fragments and conditions work everywhere`() throws {
        let document = """
            query($by: [MemberGroupBy!]!, $field: MemberGroupField!, $bucket: DateBucket,
              $zone: String, $having: MemberHaving, $least: Int, $first: Int, $rows: Int,
              $direction: OrderDirection, $yes: Boolean!) {
              members {
                a: groupBy(by: $by, timeZone: $zone, having: $having, first: $first) {
                  ...Part nodes(first: $rows) @include(if: $yes) { name } aggregate @skip(if: $yes) { count } }
                b: groupBy(by: [{field: $field, bucket: $bucket}], having: {count: {gte: $least}},
                  orderBy: [{count: $direction}, {key: $field}]) { ...Part ... on MemberGroup { aggregate { count } } }
              }
            }
            fragment Part on MemberGroup { keys { ...Keys } }
            fragment Keys on MemberGroupKeys { when: joinedAt status }
            """
        try club.check(
            document,
            [
                "by": [["field": "STATUS"]], "field": "JOINED_AT", "bucket": "QUARTER",
                "zone": "America/New_York", "having": ["sum": ["pointsBalance": ["lt": 700]]],
                "least": 1, "first": 1, "rows": 1, "direction": "DESC", "yes": true,
            ],
            gives: """
                {"data":{"members":{
                  "a":[{"keys":{"when":null,"status":"active"},"nodes":[{"name":"Ada"}]}],
                  "b":[{"keys":{"when":"2025-01-01T00:00:00.000Z","status":null},"aggregate":{"count":3}},
                       {"keys":{"when":"2025-04-01T00:00:00.000Z","status":null},"aggregate":{"count":1}}]}}}
                """)
        // Absent ones leave the defaults.
        try club.check(
            document,
            [
                "by": ["field": "STATUS"], "field": "JOINED_AT", "yes": false, "least": 1,
                "direction": "ASC",
            ],
            gives: """
                {"data":{"members":{
                  "a":[{"keys":{"when":null,"status":"active"},"aggregate":{"count":2}},
                       {"keys":{"when":null,"status":"paused"},"aggregate":{"count":1}},
                       {"keys":{"when":null,"status":"cancelled"},"aggregate":{"count":1}}],
                  "b":[{"keys":{"when":"2025-01-01T00:00:00.000Z","status":null},"aggregate":{"count":1}},
                       {"keys":{"when":"2025-02-01T00:00:00.000Z","status":null},"aggregate":{"count":1}},
                       {"keys":{"when":"2025-03-01T00:00:00.000Z","status":null},"aggregate":{"count":1}},
                       {"keys":{"when":"2025-04-01T00:00:00.000Z","status":null},"aggregate":{"count":1}}]}}}
                """)
    }

    @Test func `null where there is a default is the default`() throws {
        try club.check(
            """
            { tiers { groupBy(by: [{field: LEVEL, bucket: null}], timeZone: null, having: null,
              orderBy: null, first: null) { keys { level } nodes(first: null) { name } } } }
            """,
            gives: """
                {"data":{"tiers":{"groupBy":[
                  {"keys":{"level":1},"nodes":[{"name":"Bronze"}]},
                  {"keys":{"level":2},"nodes":[{"name":"Silver"}]},
                  {"keys":{"level":3},"nodes":[{"name":"Gold"}]}]}}}
                """)
    }

    @Test func `an explanation tells of each grouping`() throws {
        var traces: [ListTrace] = []
        _ = try club.ask(
            """
            { members { m: groupBy(by: [{field: STATUS}], first: 2) { keys { status } } } }
            """, trace: { traces.append($0) })
        #expect(traces.map(\.path) == ["members.m", "members"])
        #expect(traces[0].rowsReturned == 2)
        #expect(traces[0].rowsVisited >= 4)
        #expect(traces[0].source == traces[1].source)
    }
}
