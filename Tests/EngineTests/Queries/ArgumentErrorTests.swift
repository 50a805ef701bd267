import JSON
import Testing

@testable import Engine

/// What a client did wrong, told in `errors` before `data`, with path and place.
@Suite struct ArgumentErrorTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    /// The one error of a list `members(…)`, which makes the whole data null.
    private func checkMembers(
        _ arguments: String, _ message: String, hint: String? = nil,
        code: String = "BAD_USER_INPUT",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var extensions = [JSONValue.Member("code", .string(code))]
        if let hint { extensions.append(.init("hint", .string(hint))) }
        let error: JSONValue = [
            "message": .string(message), "locations": [["line": 1, "column": 3]],
            "path": ["members"], "extensions": .object(extensions),
        ]
        try club.check(
            "{ members(\(arguments)) { totalCount } }",
            gives: JSONValue.object([.init("errors", [error]), .init("data", nil)]).description,
            sourceLocation: sourceLocation)
    }

    @Test func `page sizes have bounds`() throws {
        try checkMembers("first: -1", "first is -1; it cannot be negative.")
        try checkMembers("last: -1", "last is -1; it cannot be negative.")
        try checkMembers("offset: -3", "offset is -3; it cannot be negative.")
        for name in ["first", "last"] {
            try checkMembers(
                "\(name): 1001", "\(name) is 1001; a page has at most 1000 rows.",
                hint: "Ask for less and page on with after: pageInfo.endCursor.")
            try club.check(
                "{ members(\(name): 1000) { nodes { id } } }",
                gives:
                    #"{"data":{"members":{"nodes":[{"id":"mem_1"},{"id":"mem_2"},{"id":"mem_3"},{"id":"mem_4"}]}}}"#
            )
            try club.check(
                "{ members(\(name): 0) { nodes { id } pageInfo { startCursor endCursor } totalCount } }",
                gives:
                    #"{"data":{"members":{"nodes":[],"pageInfo":{"startCursor":null,"endCursor":null},"totalCount":4}}}"#
            )
        }
        try club.check(
            "{ members(offset: 2147483647, first: 1000) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }",
            gives:
                #"{"data":{"members":{"nodes":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":true}}}}"#
        )
    }

    @Test func `paging goes one way`() throws {
        try checkMembers(
            "first: 1, last: 1", "first and last are both given.",
            hint: "Page forwards or backwards, not both.")
        try checkMembers(
            "last: 1, offset: 1", "offset and last are both given.", hint: "Use offset with first.")
    }

    @Test func `null is asked for by isNull alone`() throws {
        try checkMembers(
            "filter: { phone: { eq: null } }", "filter.phone.eq is null.",
            hint: "To find rows without a value use isNull: true.")
        try checkMembers(
            "filter: { phone: { isNull: null } }", "filter.phone.isNull is null.",
            hint: "To find rows without a value use isNull: true.")
        try checkMembers(
            "filter: { phone: null }", "filter.phone is null.",
            hint: "Leave it out; to find rows without a value use isNull: true.")
        try checkMembers(
            "filter: { or: [{ tier: { name: { ne: null } } }] }", "filter.or.tier.name.ne is null.",
            hint: "To find rows without a value use isNull: true.")
        try checkMembers(
            "filter: { not: null }", "filter.not is null.",
            hint: "Leave it out; to find rows without a value use isNull: true.")
    }

    @Test func `an operator object must have an operator`() throws {
        try checkMembers(
            "filter: { name: {} }", "filter.name has no operator.",
            hint: "Give one, or leave the field out; a variable that is absent leaves it empty.")
        try checkMembers(
            "filter: { name: { ignoreCase: true } }", "filter.name has no operator.",
            hint: "Give one, or leave the field out; a variable that is absent leaves it empty.")
        try checkMembers(
            "filter: { registrations: {} }", "filter.registrations has no condition.",
            hint: "Use some, every, none, or count and sum with where.")
        try checkMembers(
            "filter: { registrations: { some: {}, where: {} } }",
            "filter.registrations.where narrows count and sum only.",
            hint: "Use some, every, none, or count and sum with where.")
        try checkMembers(
            "filter: { pointsHistory: { sum: {} } }", "filter.pointsHistory.sum has no condition.")
        try club.check(
            "query($n: String) { members(filter: { name: { eq: $n } }) { totalCount } }",
            gives:
                #"{"errors":[{"message":"filter.name has no operator.","locations":[{"line":1,"column":21}],"path":["members"],"extensions":{"code":"BAD_USER_INPUT","hint":"Give one, or leave the field out; a variable that is absent leaves it empty."}}],"data":null}"#
        )
    }

    @Test func `an element of an order has one key`() throws {
        try checkMembers(
            "orderBy: [{ name: ASC, city: ASC }]", "orderBy[0] has 2 keys.",
            hint: "Give one key in each element: [{rank: DESC}, {name: ASC}].")
        try checkMembers(
            "orderBy: [{ city: ASC }, {}]", "orderBy[1] has no key.",
            hint: "Name one field, like {name: ASC}.")
        try checkMembers(
            "orderBy: [{ tier: { name: ASC, level: ASC } }]", "orderBy[0].tier has 2 keys.",
            hint: "Give one key in each element: [{rank: DESC}, {name: ASC}].")
        try checkMembers(
            "orderBy: [{ name: null }]", "orderBy[0] has a null direction.",
            hint: "Use ASC or DESC.")
        try club.check(
            "{ members(orderBy: { name: DESC }, first: 1) { nodes { name } } }",
            gives: #"{"data":{"members":{"nodes":[{"name":"Dee"}]}}}"#)
    }

    @Test func `a cursor belongs to its order`() throws {
        let hint = "Take cursors from pageInfo or edges of the same list with the same orderBy."
        for cursor in ["", "x", "====", "AAAA", "AAAAAAAAAAE="] {
            try checkMembers(
                "after: \"\(cursor)\"", "after is not a cursor of this list in this order.",
                hint: hint, code: "BAD_CURSOR")
        }
        let foreign = try club.ask("{ events(first: 1) { pageInfo { endCursor } } }")
        let foreignCursor = try #require(
            foreign.json?["data"]?["events"]?["pageInfo"]?["endCursor"]?.string)
        try checkMembers(
            "after: \"\(foreignCursor)\"", "after is not a cursor of this list in this order.",
            hint: hint, code: "BAD_CURSOR")
        let answer = try club.ask(
            "{ members(orderBy: [{ name: ASC }], first: 2) { pageInfo { endCursor } } }")
        let cursor = try #require(
            answer.json?["data"]?["members"]?["pageInfo"]?["endCursor"]?.string)
        for order in [
            "", "orderBy: [{ name: DESC }], ", "orderBy: [{ city: ASC }], ",
            "orderBy: [{ name: ASC }, { city: ASC }], ",
        ] {
            try checkMembers(
                "\(order)before: \"\(cursor)\"",
                "before is not a cursor of this list in this order.", hint: hint,
                code: "BAD_CURSOR")
        }
    }

    @Test func `an error makes its parents null up to the nearest that may be`() throws {
        try club.check(
            """
            { a: member(id: "mem_1") { name tier { events(first: -1) { totalCount } } }
              b: member(id: "mem_2") { name } }
            """,
            gives:
                #"{"errors":[{"message":"first is -1; it cannot be negative.","locations":[{"line":1,"column":40}],"path":["a","tier","events"],"extensions":{"code":"BAD_USER_INPUT"}}],"data":{"a":null,"b":{"name":"Bo"}}}"#
        )
    }

    @Test func `paths name aliases and places in lists`() throws {
        try club.check(
            """
            { nodes(ids: ["tier_1", "mem_1", "evt_1"]) { id ... on Member { list: registrations(first: 1) {
              edges { node { e: event { bad: registrations(last: 5000) { totalCount } } } } } } } }
            """,
            gives:
                #"{"errors":[{"message":"last is 5000; a page has at most 1000 rows.","locations":[{"line":2,"column":29}],"path":["nodes",1,"list","edges",0,"node","e","bad"],"extensions":{"code":"BAD_USER_INPUT","hint":"Ask for less and page on with after: pageInfo.endCursor."}}],"data":{"nodes":[{"id":"tier_1"},null,{"id":"evt_1"}]}}"#
        )
    }

    @Test func `several errors come in the order of the document`() throws {
        try club.check(
            #"{ a: tier(id: "tier_1") { events(first: -1) { totalCount } } ok: tier(id: "tier_1") { name } b: tier(id: "tier_2") { id members(offset: -2) { totalCount } } }"#,
            gives:
                #"{"errors":[{"message":"first is -1; it cannot be negative.","locations":[{"line":1,"column":27}],"path":["a","events"],"extensions":{"code":"BAD_USER_INPUT"}},{"message":"offset is -2; it cannot be negative.","locations":[{"line":1,"column":121}],"path":["b","members"],"extensions":{"code":"BAD_USER_INPUT"}}],"data":{"a":null,"ok":{"name":"Bronze"},"b":null}}"#
        )
    }

    @Test func `errors are written before data`() throws {
        let answer = try club.ask("{ members(first: -1) { totalCount } }")
        #expect(answer.text.hasPrefix(#"{"errors":["#))
        #expect(answer.text.hasSuffix(#","data":null}"#))
        #expect(answer.outcome == .data)
    }

    @Test func `too many ids are refused`() throws {
        let ids = JSONValue.array(Array(repeating: "mem_1", count: 1001))
        try club.check(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", .object([.init("ids", ids)]),
            gives:
                #"{"errors":[{"message":"Variable \"$ids\" has invalid value: Expected a list of at most 1000 items, but encountered one of 1001.","locations":[{"line":1,"column":7}],"extensions":{"code":"BAD_USER_INPUT","rule":"CoerceVariableValues"}}]}"#
        )
        var limits = EngineLimits()
        limits.listItemsMax = 2_000
        try EngineFixture.club(limits).check(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", .object([.init("ids", ids)]),
            gives:
                #"{"errors":[{"message":"ids has 1001 elements; at most 1000 are allowed.","locations":[{"line":1,"column":23}],"path":["nodes"],"extensions":{"code":"BAD_USER_INPUT","hint":"Ask in several requests."}}],"data":null}"#
        )
    }

    @Test func `a sum that a JSON number cannot hold is an error`() throws {
        let bank = try EngineFixture(
            "type Account @table(idPrefix: \"acc\") { amount: Long! open: Boolean! }",
            rows: [
                "Account": [
                    ["id": "acc_1", "amount": 9_007_199_254_740_991, "open": true],
                    ["id": "acc_2", "amount": 1, "open": false],
                ]
            ])
        try bank.check(
            "{ accounts { aggregate { sum { amount } avg { amount } } } }",
            gives:
                #"{"errors":[{"message":"The sum is beyond ±(2^53−1), which a JSON number holds exactly.","locations":[{"line":1,"column":32}],"path":["accounts","aggregate","sum","amount"],"extensions":{"code":"BAD_USER_INPUT","hint":"Narrow the filter."}}],"data":{"accounts":{"aggregate":{"sum":{"amount":null},"avg":{"amount":4503599627370496}}}}}"#
        )
        try bank.check(
            "{ accounts(filter: { open: { eq: true } }) { aggregate { sum { amount } } } }",
            gives: #"{"data":{"accounts":{"aggregate":{"sum":{"amount":9007199254740991}}}}}"#)
    }
}
