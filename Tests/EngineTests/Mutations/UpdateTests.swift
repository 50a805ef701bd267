import JSON
import Testing

@testable import Engine

@Suite struct UpdateTests {
    @Test func `what is absent stays and null clears`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation ($name: String) {
              updateMember(input: {
                id: "mem_ada", expectedVersion: 1
                set: { name: $name, email: null, points: 11, sponsorId: "mem_bob" }
              }) {
                member { version updatedAt createdAt name email points rank sponsor { name } }
                userErrors { code }
              }
            }
            """,
            gives: """
                {"data":{"updateMember":{"member":{"version":2,
                  "updatedAt":"2026-01-02T00:00:00.000Z","createdAt":"2026-01-01T00:00:00.000Z",
                  "name":"Ada","email":null,"points":11,"rank":1,"sponsor":{"name":"Bob"}},
                  "userErrors":[]}}}
                """)
    }

    @Test func `a change of nothing raises no version`() throws {
        let club = try MutationFixture()
        for set in ["{}", "{ name: \"Ada\", points: 10, tierId: \"tier_gold\" }"] {
            try club.check(
                "mutation { updateMember(input: { id: \"mem_ada\", set: \(set) }) { member { version updatedAt } } }",
                gives: """
                    {"data":{"updateMember":{"member":{"version":1,
                    "updatedAt":"2026-01-01T00:00:00.000Z"}}}}
                    """)
        }
    }

    @Test func `what stands against an update is told at once`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              updateMember(input: {
                id: "mem_bob", expectedVersion: 2
                set: { number: "M-1", rank: 1, name: null, points: 1001 }
              }) { member { id } userErrors { code message path } }
            }
            """,
            gives: """
                {"data":{"updateMember":{"member":null,"userErrors":[
                {"code":"CONFLICT","message":"The row has version 1, not 2.",
                  "path":["input","expectedVersion"]},
                {"code":"REQUIRED","message":"name cannot be null.","path":["input","set","name"]},
                {"code":"INVALID","message":"points accepts at most 1000.",
                  "path":["input","set","points"]},
                {"code":"DUPLICATE","message":"Another row of members has the same number.",
                  "path":["input","set","number"]},
                {"code":"DUPLICATE","message":"Another row of members has the same tierId and rank.",
                  "path":["input","set","rank"]}]}}}
                """)
    }

    @Test func `an unknown id is an error, that of another table too`() throws {
        let club = try MutationFixture()
        for id in ["mem_none", "tier_gold", "", "ada"] {
            try club.check(
                "mutation { updateMember(input: { id: \"\(id)\", set: { points: -1 } }) { userErrors { code message path } } }",
                gives: """
                    {"data":{"updateMember":{"userErrors":[
                    {"code":"NOT_FOUND","message":"No row of members has the id \\"\(id)\\".",
                      "path":["input","id"]},
                    {"code":"INVALID","message":"points accepts at least 0.",
                      "path":["input","set","points"]}]}}}
                    """)
        }
    }

    @Test func `an upsert makes a row and then changes it`() throws {
        let club = try MutationFixture()
        let upsert = """
            mutation ($set: MemberPatch!, $version: Int) {
              upsertMemberByNumber(input: { number: "M-9", set: $set, expectedVersion: $version }) {
                created member { id version number name status points } userErrors { code path }
              }
            }
            """
        try club.check(
            upsert, ["set": ["points": 1]],
            gives: """
                {"data":{"upsertMemberByNumber":{"created":false,"member":null,
                "userErrors":[{"code":"REQUIRED","path":["input","set","name"]}]}}}
                """)
        try club.check(
            upsert, ["set": ["name": "Zoe"], "version": 1],
            gives: """
                {"data":{"upsertMemberByNumber":{"created":false,"member":null,
                "userErrors":[{"code":"CONFLICT","path":["input","expectedVersion"]}]}}}
                """)
        try club.check(
            upsert, ["set": ["name": "Zoe"]],
            gives: """
                {"data":{"upsertMemberByNumber":{"created":true,"member":{"id":"mem_3","version":1,
                "number":"M-9","name":"Zoe","status":"ACTIVE","points":null},"userErrors":[]}}}
                """)
        try club.check(
            upsert, ["set": ["points": 2], "version": 1],
            gives: """
                {"data":{"upsertMemberByNumber":{"created":false,"member":{"id":"mem_3","version":2,
                "number":"M-9","name":"Zoe","status":"ACTIVE","points":2},"userErrors":[]}}}
                """)
        try club.check(
            upsert, ["set": ["number": "M-1"], "version": 1],
            gives: """
                {"data":{"upsertMemberByNumber":{"created":false,"member":null,
                "userErrors":[{"code":"CONFLICT","path":["input","expectedVersion"]},
                {"code":"INVALID","path":["input","set","number"]},
                {"code":"DUPLICATE","path":["input","set","number"]}]}}}
                """)
    }

    @Test func `an upsert finds rows by keys of several fields`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              a: upsertMemberByTierAndRank(input: { tierId: "tier_gold", rank: 2, set: { name: "Rob" } })
                { created member { id name } }
              b: upsertMemberByTierAndRank(input: {
                tierId: "tier_iron", rank: 2, set: { name: "New", number: "M-1" }
              }) { created userErrors { code message path } }
              c: upsertMemberByTierAndRank(input: { tierId: "tier_none", rank: 2, set: {} })
                { created userErrors { code path } }
            }
            """,
            gives: """
                {"data":{
                  "a":{"created":false,"member":{"id":"mem_bob","name":"Rob"}},
                  "b":{"created":false,"userErrors":[{"code":"DUPLICATE",
                    "message":"Another row of members has the same number.",
                    "path":["input","set","number"]}]},
                  "c":{"created":false,"userErrors":[
                    {"code":"NOT_FOUND","path":["input","tierId"]},
                    {"code":"REQUIRED","path":["input","set","number"]},
                    {"code":"REQUIRED","path":["input","set","name"]}]}}}
                """)
    }
}
