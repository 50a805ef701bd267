import JSON
import Testing

@testable import Engine

@Suite struct TransactionDirectiveTests {
    @Test func `root fields run in series and see what came before`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              __typename
              first: updateMember(input: { id: "mem_ada", set: { points: 1 } }) {
                member { points } query { member(id: "mem_ada") { points } }
              }
              wrong: updateMember(input: { id: "mem_ada", set: { points: 1001 } }) {
                member { points } userErrors { code } query { member(id: "mem_ada") { points } }
              }
              second: updateMember(input: { id: "mem_ada", set: { points: 2 } }) {
                member { points version }
              }
            }
            """,
            gives: """
                {"data":{"__typename":"Mutation",
                  "first":{"member":{"points":1},"query":{"member":{"points":1}}},
                  "wrong":{"member":null,"userErrors":[{"code":"INVALID"}],
                    "query":{"member":{"points":1}}},
                  "second":{"member":{"points":2,"version":3}}}}
                """)
    }

    @Test func `a transaction is whole`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation @transaction {
              createEntry(input: { memberId: "mem_ada", delta: 5 }) { entry { delta } }
              updateMember(input: { id: "mem_ada", set: { points: 15 } }) {
                member { points } query { entries { totalCount } }
              }
            }
            """,
            gives: """
                {"data":{"createEntry":{"entry":{"delta":5}},
                "updateMember":{"member":{"points":15},"query":{"entries":{"totalCount":1}}}}}
                """)
    }

    @Test func `a payload reads so many rows and no more, and what it belongs to is undone`() throws
    {
        var limits = EngineLimits()
        limits.payloadVisitsMax = 20
        let club = try MutationFixture(limits: limits)
        let change = #"input: { id: "mem_ada", set: { points: 7 } }"#
        let aliases = (0..<25).map { "a\($0): members { nodes { id } }" }.joined(separator: " ")
        try club.check(
            "mutation { updateMember(\(change)) { member { points } query { \(aliases) } } }",
            gives: """
                {"errors":[{"message":"The answer to the mutation reads more than 20 rows.",
                  "locations":[{"line":1,"column":12}],"path":["updateMember"],
                  "extensions":{"code":"ANSWER_TOO_LARGE",
                    "hint":"Change first, and ask for so much in a query."}}],
                "data":{"updateMember":null}}
                """)
        try club.check(
            "mutation { updateMember(\(change)) { member { points version } } }",
            gives: #"{"data":{"updateMember":{"member":{"points":7,"version":2}}}}"#)
    }

    @Test func `a user error undoes the whole transaction`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation @transaction {
              a: createEntry(input: { memberId: "mem_ada", delta: 5, clientMutationId: "1" }) {
                clientMutationId entry { delta } userErrors { code message path }
              }
              b: updateMember(input: { id: "mem_ada", set: { points: 1001 }, clientMutationId: "2" }) {
                clientMutationId member { points } userErrors { code message path }
              }
              c: createEntry(input: { memberId: "mem_ada", delta: 6, clientMutationId: "3" }) {
                clientMutationId entry { delta } userErrors { code message path }
                query { entries { totalCount } }
              }
            }
            """,
            gives: """
                {"data":{
                "a":{"clientMutationId":"1","entry":null,"userErrors":[{"code":"UNDONE","message":
                  "Nothing was done, because another field of the transaction failed.","path":[]}]},
                "b":{"clientMutationId":"2","member":null,"userErrors":[{"code":"INVALID",
                  "message":"points accepts at most 1000.","path":["input","set","points"]}]},
                "c":{"clientMutationId":"3","entry":null,"userErrors":[{"code":"UNDONE","message":
                  "Nothing was done, because another field of the transaction failed.","path":[]}],
                  "query":{"entries":{"totalCount":0}}}}}
                """)
    }

    @Test func `an error undoes the whole transaction`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation @transaction {
              a: createEntry(input: { memberId: "mem_ada", delta: 5 }) {
                entry { delta } userErrors { code }
              }
              b: updateMember(input: { id: "mem_ada", set: { points: 1 } }) {
                query { members(first: -1) { totalCount } }
              }
            }
            """,
            gives: """
                {"errors":[{"message":"first is -1; it cannot be negative.",
                  "locations":[{"line":6,"column":13}],"path":["b","query","members"],
                  "extensions":{"code":"BAD_USER_INPUT"}}],
                "data":{"a":{"entry":null,"userErrors":[{"code":"UNDONE"}]},"b":null}}
                """)
        try club.checkQuery(
            "{ entries { totalCount } member(id: \"mem_ada\") { points } }",
            gives: #"{"data":{"entries":{"totalCount":0},"member":{"points":10}}}"#)
    }

    @Test func `a field that is null has done nothing, and the others go on`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation ($points: Int) {
              a: updateMember(input: { id: "mem_ada", set: { points: $points } }) {
                query { members(first: -1) { totalCount } }
              }
              b: updateMembers(input: { filter: { tier: null }, set: {} }) { count }
              c: updateMember(input: { id: "mem_ada", set: { name: "Eva" } }) {
                member { name points version }
              }
            }
            """, ["points": 3],
            gives: """
                {"errors":[
                  {"message":"first is -1; it cannot be negative.",
                    "locations":[{"line":3,"column":13}],"path":["a","query","members"],
                    "extensions":{"code":"BAD_USER_INPUT"}},
                  {"message":"filter.tier is null.","locations":[{"line":5,"column":3}],"path":["b"],
                    "extensions":{"code":"BAD_USER_INPUT",
                      "hint":"Leave it out; to find rows without a value use isNull: true."}}],
                "data":{"a":null,"b":null,
                  "c":{"member":{"name":"Eva","points":10,"version":2}}}}
                """)
    }

    @Test func `a dry run is no part of a transaction`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation @transaction {
              deleteMembers(input: { filter: { rank: { eq: 1 } }, dryRun: true }) {
                count userErrors { code path }
              }
            }
            """,
            gives: """
                {"data":{"deleteMembers":{"count":0,
                "userErrors":[{"code":"INVALID","path":["input","dryRun"]}]}}}
                """)
    }

    @Test func `transaction is for mutations only`() throws {
        let club = try MutationFixture()
        let answer = try club.mutate("query @transaction { members { totalCount } }")
        #expect(answer.outcome == .requestError(.validation))
    }
}
