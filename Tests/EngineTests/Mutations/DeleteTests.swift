import JSON
import Testing

@testable import Engine

@Suite struct DeleteTests {
    @Test func `a deletion follows, clears and refuses`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              a: deleteTier(input: { id: "tier_gold" }) { deletedId userErrors { code message path } }
              b: deleteMember(input: { id: "mem_ada", expectedVersion: 2 }) { deletedId userErrors { code } }
              c: deleteMember(input: { id: "mem_ada", expectedVersion: 1, clientMutationId: "x" }) {
                clientMutationId deletedId replayed userErrors { code }
                query { visits { totalCount } member(id: "mem_bob") { version sponsorId } }
              }
              d: deleteMember(input: { id: "mem_ada" }) { deletedId userErrors { code message path } }
            }
            """,
            gives: """
                {"data":{
                  "a":{"deletedId":null,"userErrors":[{"code":"REFERENCED",
                    "message":"Rows of members refer to it by tier: mem_ada.",
                    "path":["input","id"]}]},
                  "b":{"deletedId":null,"userErrors":[{"code":"CONFLICT"}]},
                  "c":{"clientMutationId":"x","deletedId":"mem_ada","replayed":false,"userErrors":[],
                    "query":{"visits":{"totalCount":0},"member":{"version":2,"sponsorId":null}}},
                  "d":{"deletedId":null,"userErrors":[{"code":"NOT_FOUND",
                    "message":"No row of members has the id \\"mem_ada\\".","path":["input","id"]}]}}}
                """)
    }

    @Test func `ids of rows that a cascade took are not given out again`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              deleteMember(input: { id: "mem_ada" }) { deletedId }
              createVisit(input: { id: "vis_1", memberId: "mem_bob" }) { userErrors { code path } }
            }
            """,
            gives: """
                {"data":{"deleteMember":{"deletedId":"mem_ada"},"createVisit":{"userErrors":[
                {"code":"DUPLICATE","path":["input","id"]}]}}}
                """)
    }

    @Test func `all rows of a filter are changed alike`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              updateMembers(input: { filter: { rank: { gte: 1 } }, set: { status: LAPSED, points: 7 } }) {
                count members(first: 1) {
                  totalCount nodes { id status version } pageInfo { hasNextPage } aggregate { sum { points } }
                  groupBy(by: [{ field: TIER }], first: 1) { keys { tier { code } } nodes { id } }
                }
                userErrors { code }
              }
            }
            """,
            gives: """
                {"data":{"updateMembers":{"count":2,"members":{"totalCount":2,
                "nodes":[{"id":"mem_ada","status":"LAPSED","version":2}],
                "pageInfo":{"hasNextPage":true},"aggregate":{"sum":{"points":14}},"groupBy":[{"keys":{"tier":{"code":"gold"}},"nodes":[{"id":"mem_ada"},{"id":"mem_bob"}]}]},"userErrors":[]}}}
                """)
    }

    @Test func `a filter that is always true needs allowAll`() throws {
        let club = try MutationFixture()
        let update = """
            mutation ($filter: MemberFilter!, $all: Boolean = false) {
              updateMembers(input: { filter: $filter, set: { points: 1 }, allowAll: $all }) {
                count members { totalCount } userErrors { code message path }
              }
            }
            """
        func refused(_ what: String) -> String {
            """
            {"data":{"updateMembers":{"count":0,"members":null,"userErrors":[{"code":"INVALID",
            "message":"The filter \(what); that needs allowAll: true.","path":["input","filter"]}]}}}
            """
        }
        for filter: JSONValue in [[:], ["and": []], ["not": ["or": []]], ["id": ["ne": "mem_x"]]] {
            try club.check(
                update, ["filter": filter], gives: refused("is true of every row"))
        }
        for filter: JSONValue in [["or": []], ["number": ["in": []]]] {
            try club.check(
                update, ["filter": filter], gives: refused("can be true of no row"))
            try club.check(
                update, ["filter": filter, "all": true],
                gives: """
                    {"data":{"updateMembers":{"count":0,"members":{"totalCount":0},"userErrors":[]}}}
                    """)
        }
        try club.check(
            update, ["filter": [:], "all": true],
            gives: """
                {"data":{"updateMembers":{"count":2,"members":{"totalCount":2},"userErrors":[]}}}
                """)
    }

    @Test func `the number of rows may be expected, and bounded`() throws {
        var limits = EngineLimits()
        limits.bulkRowsMax = 1
        let club = try MutationFixture(limits: limits)
        let update = """
            mutation ($number: [String!], $count: Int) {
              updateMembers(input: {
                filter: { number: { in: $number } }, set: { points: 1 }, expectedCount: $count
              }) { count userErrors { code message path } }
            }
            """
        try club.check(
            update, ["number": ["M-1"], "count": 1],
            gives: #"{"data":{"updateMembers":{"count":1,"userErrors":[]}}}"#)
        try club.check(
            update, ["number": ["M-1"], "count": 2],
            gives: """
                {"data":{"updateMembers":{"count":0,"userErrors":[{"code":"CONFLICT",
                "message":"The filter finds 1 rows, not 2.","path":["input","expectedCount"]}]}}}
                """)
        try club.check(
            update, ["number": ["M-1", "M-2"]],
            gives: """
                {"data":{"updateMembers":{"count":0,"userErrors":[{"code":"INVALID",
                "message":"The filter finds 2 rows; at most 1 are changed at once.",
                "path":["input","filter"]}]}}}
                """)
    }

    @Test func `a bulk change is whole or nothing`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              updateMembers(input: { filter: { rank: { gte: 1 } }, set: { number: "M-7" } }) {
                count members { totalCount } userErrors { code message path }
                query { members { nodes { number } } }
              }
            }
            """,
            gives: """
                {"data":{"updateMembers":{"count":0,"members":null,"userErrors":[{"code":"DUPLICATE",
                "message":"Another row of members has the same number.",
                "path":["input","set","number"]}],
                "query":{"members":{"nodes":[{"number":"M-1"},{"number":"M-2"}]}}}}}
                """)
    }

    @Test func `a dry run shows what would be and changes nothing`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              a: updateMembers(input: { filter: { rank: { gte: 1 } }, set: { points: 3 }, dryRun: true }) {
                count members { nodes { points version } } userErrors { code }
              }
              b: deleteMembers(input: { filter: { number: { eq: "M-1" } }, dryRun: true }) {
                count members { nodes { name points } } userErrors { code }
              }
              c: deleteTiers(input: { filter: { code: { eq: "gold" } }, dryRun: true }) {
                count tiers { totalCount } userErrors { code path }
              }
            }
            """,
            gives: """
                {"data":{
                  "a":{"count":2,"members":{"nodes":[{"points":3,"version":2},
                    {"points":3,"version":2}]},"userErrors":[]},
                  "b":{"count":1,"members":{"nodes":[{"name":"Ada","points":10}]},"userErrors":[]},
                  "c":{"count":0,"tiers":null,
                    "userErrors":[{"code":"REFERENCED","path":["input","filter"]}]}}}
                """)
        try club.checkQuery(
            "{ members { nodes { points version } } }",
            gives: """
                {"data":{"members":{"nodes":[{"points":10,"version":1},
                {"points":null,"version":1}]}}}
                """)
    }

    @Test func `rows that refer to each other go together`() throws {
        let chain = try MutationFixture(
            """
            type Part @table(idPrefix: "prt", write: [CREATE, UPDATE, DELETE]) {
              name: String!
              owner: Part @relation(onDelete: RESTRICT)
            }
            """,
            rows: [
                "Part": [
                    ["id": "prt_a", "name": "a", "owner": "prt_b"],
                    ["id": "prt_b", "name": "b", "owner": "prt_c"], ["id": "prt_c", "name": "c"],
                    ["id": "prt_d", "name": "d", "owner": "prt_c"],
                ]
            ])
        let delete = """
            mutation ($names: [String!]) {
              deleteParts(input: { filter: { name: { in: $names } } }) {
                count parts { totalCount } userErrors { code message path }
                query { parts { nodes { id } } }
              }
            }
            """
        try chain.check(
            delete, ["names": ["a", "b", "c"]],
            gives: """
                {"data":{"deleteParts":{"count":0,"parts":null,"userErrors":[{"code":"REFERENCED",
                "message":"Rows of parts refer to it by owner: prt_d.","path":["input","filter"]}],
                "query":{"parts":{"nodes":[{"id":"prt_a"},{"id":"prt_b"},{"id":"prt_c"},
                {"id":"prt_d"}]}}}}}
                """)
        try chain.check(
            delete, ["names": ["a", "b", "c", "d"]],
            gives: """
                {"data":{"deleteParts":{"count":4,"parts":null,"userErrors":[],
                "query":{"parts":{"nodes":[]}}}}}
                """)
    }
}
