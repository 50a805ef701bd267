import JSON
import Testing

@testable import Engine

@Suite struct SelectionTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    @Test func `fields come in the order of the query, under their aliases`() throws {
        try club.check(
            #"{ second: member(id: "mem_2") { years: joinedAt id n: name name } first: member(id: "mem_1") { name } }"#,
            gives:
                #"{"data":{"second":{"years":"2025-02-01T00:00:00.000Z","id":"mem_2","n":"Bo","name":"Bo"},"first":{"name":"Ada"}}}"#
        )
    }

    @Test func `every kind of scalar is written`() throws {
        try club.check(
            #"{ member(id: "mem_1") { id version createdAt updatedAt phone status pointsBalance tierId } }"#,
            gives:
                #"{"data":{"member":{"id":"mem_1","version":1,"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","phone":null,"status":"active","pointsBalance":120,"tierId":"tier_2"}}}"#
        )
    }

    @Test func `selections under one name are merged where the first stands`() throws {
        try club.check(
            """
            { member(id: "mem_1") { tier { name } name tier { level } ...T }
              member(id: "mem_1") { tier { id } city } }
            fragment T on Member { tier { events { totalCount } } tier { events { nodes { title } } } }
            """,
            gives:
                #"{"data":{"member":{"tier":{"name":"Silver","level":2,"events":{"totalCount":2,"nodes":[{"title":"Talk"},{"title":"Gala"}]},"id":"tier_2"},"name":"Ada","city":"Oslo"}}}"#
        )
    }

    @Test func `named and inline fragments apply where their types fit`() throws {
        try club.check(
            """
            query { ...Root node(id: "evt_2") { __typename ... on Event { title } ... on Member { name }
              ... on Node { id } ... { again: id } ...E } }
            fragment Root on Query { tier(id: "tier_1") { name } }
            fragment E on Event { city }
            """,
            gives:
                #"{"data":{"tier":{"name":"Bronze"},"node":{"__typename":"Event","title":"Talk","id":"evt_2","again":"evt_2","city":"Bergen"}}}"#
        )
    }

    @Test func `type names are told everywhere`() throws {
        try club.check(
            """
            { __typename members(first: 1) { __typename nodes { __typename tier { __typename } }
              edges { __typename node { t: __typename } } pageInfo { __typename hasNextPage }
              aggregate { __typename count sum { __typename } max { __typename name } } } }
            """,
            gives:
                #"{"data":{"__typename":"Query","members":{"__typename":"MemberConnection","nodes":[{"__typename":"Member","tier":{"__typename":"Tier"}}],"edges":[{"__typename":"MemberEdge","node":{"t":"Member"}}],"pageInfo":{"__typename":"PageInfo","hasNextPage":true},"aggregate":{"__typename":"MemberAggregate","count":4,"sum":{"__typename":"MemberNumbers"},"max":{"__typename":"MemberMinMax","name":"Dee"}}}}}"#
        )
    }

    // MARK: Look-ups

    @Test func `a wrong, unknown or foreign id is null`() throws {
        try club.check(
            #"{ a: member(id: "mem_9") { id } b: member(id: "evt_1") { id } c: member(id: "") { id } d: member(id: 7) { id } e: node(id: "mem_") { id } f: node(id: "zzz_1") { id } g: member(id: "mem_10") { id } }"#,
            gives: #"{"data":{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null}}"#)
        try club.check(
            #"query($a: ID!, $b: ID!) { member(id: $a) { name } node(id: $b) { id } }"#,
            ["a": "mem_\u{e9}\"x", "b": "mem_1"],
            gives: #"{"data":{"member":null,"node":{"id":"mem_1"}}}"#)
    }

    @Test func `nodes keep the places of their ids`() throws {
        try club.check(
            #"{ nodes(ids: ["evt_3", "nope", "mem_1", "tier_2", "mem_1", "mem_77"]) { id ... on Member { name } ... on Tier { level } } }"#,
            gives:
                #"{"data":{"nodes":[{"id":"evt_3"},null,{"id":"mem_1","name":"Ada"},{"id":"tier_2","level":2},{"id":"mem_1","name":"Ada"},null]}}"#
        )
        try club.check(#"{ nodes(ids: []) { id } }"#, gives: #"{"data":{"nodes":[]}}"#)
        try club.check(
            #"query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"#, ["ids": "reg_1"],
            gives: #"{"data":{"nodes":[{"__typename":"Registration"}]}}"#)
    }

    @Test func `a key finds its row`() throws {
        try club.check(
            #"query($e: String!) { a: memberByEmail(email: "bo@example.org") { name } b: memberByEmail(email: $e) { name } c: memberByEmail(email: "BO@example.org") { name } }"#,
            ["e": "dee@example.org"],
            gives: #"{"data":{"a":{"name":"Bo"},"b":{"name":"Dee"},"c":null}}"#)
    }

    @Test func `a composite key finds its row, by ids, enums, dates and numbers`() throws {
        let shop = try EngineFixture(
            """
            type Owner @table(idPrefix: "own") { name: String! }
            enum Kind { CARD PHONE }
            type Card @table(idPrefix: "crd") @key(fields: "owner kind") @key(fields: "day amount")
              @key(fields: "share") @key(fields: "open code") {
              owner: Owner! @relation
              kind: Kind!
              day: Date!
              amount: Long!
              share: Float!
              open: Boolean!
              code: String
            }
            """,
            rows: [
                "Owner": [["id": "own_1", "name": "A"], ["id": "own_2", "name": "B"]],
                "Card": [
                    [
                        "id": "crd_1", "owner": "own_1", "kind": "PHONE", "day": "2026-01-01",
                        "amount": -5, "share": 0.0, "open": true, "code": "x",
                    ],
                    [
                        "id": "crd_2", "owner": "own_1", "kind": "CARD", "day": "2026-01-01",
                        "amount": 5, "share": -0.5, "open": false, "code": nil,
                    ],
                ],
            ])
        try shop.check(
            """
            { a: cardByOwnerAndKind(ownerId: "own_1", kind: PHONE) { id }
              b: cardByOwnerAndKind(ownerId: "own_1", kind: CARD) { id }
              c: cardByOwnerAndKind(ownerId: "own_2", kind: CARD) { id }
              d: cardByOwnerAndKind(ownerId: "own_9", kind: CARD) { id }
              e: cardByDayAndAmount(day: "2026-01-01", amount: 5) { id }
              f: cardByDayAndAmount(day: "2026-01-02", amount: 5) { id }
              g: cardByShare(share: -0.5) { id } h: cardByShare(share: -0.0) { id }
              i: cardByOpenAndCode(open: true, code: "x") { id }
              j: cardByOpenAndCode(open: false, code: "x") { id }
              k: cards(filter: { open: { eq: false }, code: { isNull: true } }) { nodes { id } } }
            """,
            gives:
                #"{"data":{"a":{"id":"crd_1"},"b":{"id":"crd_2"},"c":null,"d":null,"e":{"id":"crd_2"},"f":null,"g":{"id":"crd_2"},"h":{"id":"crd_1"},"i":{"id":"crd_1"},"j":null,"k":{"nodes":[{"id":"crd_2"}]}}}"#
        )
    }

    // MARK: Conditions

    @Test func `skip and include decide by literals`() throws {
        try club.check(
            #"{ member(id: "mem_1") { id @skip(if: true) name @include(if: true) city @include(if: false) status @skip(if: false) ... @skip(if: true) { email } phone @skip(if: false) @include(if: false) } }"#,
            gives: #"{"data":{"member":{"name":"Ada","status":"active"}}}"#)
        try club.check(
            #"{ member(id: "mem_1") @skip(if: true) { id } }"#, gives: #"{"data":{}}"#)
        try club.check(
            #"{ member(id: "mem_1") { ... @include(if: false) { id } } }"#,
            gives: #"{"data":{"member":{}}}"#)
    }

    @Test func `the order of fields follows what the conditions leave`() throws {
        let query = """
            query($a: Boolean!, $b: Boolean = false) { member(id: "mem_1") {
              ...F @include(if: $a) city ... @skip(if: $a) { name } id ...F @include(if: $b) } }
            fragment F on Member { id name @include(if: $b) }
            """
        try club.check(
            query, ["a": true], gives: #"{"data":{"member":{"id":"mem_1","city":"Oslo"}}}"#)
        try club.check(
            query, ["a": false],
            gives: #"{"data":{"member":{"city":"Oslo","name":"Ada","id":"mem_1"}}}"#)
        try club.check(
            query, ["a": true, "b": true],
            gives: #"{"data":{"member":{"id":"mem_1","name":"Ada","city":"Oslo"}}}"#)
        try club.check(
            query, ["a": false, "b": true],
            gives: #"{"data":{"member":{"city":"Oslo","name":"Ada","id":"mem_1"}}}"#)
    }

    @Test func `a condition that is null is an error`() throws {
        try club.check(
            "query($a: Boolean = true) { tier(id: \"tier_1\") { name @include(if: $a) } }",
            ["a": nil],
            gives:
                #"{"errors":[{"message":"Argument \"if\" has invalid value: Expected variable \"$a\" provided to non-null type \"Boolean!\" not to be null.","locations":[{"line":1,"column":7}],"extensions":{"code":"BAD_USER_INPUT"}}]}"#
        )
    }

    // MARK: Depth

    @Test func `a query ten relations deep is answered`() throws {
        try club.check(
            """
            { member(id: "mem_1") { tier { events(first: 1) { nodes { registrations(last: 1) { nodes {
              member { pointsHistory(first: 1, orderBy: [{ at: DESC }]) { nodes { member { tier { members(last: 1) { nodes {
              name tier { events(last: 1) { nodes { title tier { name } } } } } } } } } } } } } } } } } }
            """,
            gives:
                #"{"data":{"member":{"tier":{"events":{"nodes":[{"registrations":{"nodes":[{"member":{"pointsHistory":{"nodes":[{"member":{"tier":{"members":{"nodes":[{"name":"Cy","tier":{"events":{"nodes":[{"title":"Gala","tier":{"name":"Silver"}}]}}}]}}}}]}}}]}}]}}}}}"#
        )
    }

    @Test func `introspection stands beside data`() throws {
        try club.check(
            #"query($d: Boolean!) { __type(name: "MemberStatus") { name enumValues(includeDeprecated: $d) { name } } tier(id: "tier_1") { name } }"#,
            ["d": true],
            gives:
                #"{"data":{"__type":{"name":"MemberStatus","enumValues":[{"name":"active"},{"name":"paused"},{"name":"cancelled"}]},"tier":{"name":"Bronze"}}}"#
        )
        try club.check(
            #"{ t: __schema { queryType { name } } }"#,
            gives: #"{"data":{"t":{"queryType":{"name":"Query"}}}}"#)
    }
}
