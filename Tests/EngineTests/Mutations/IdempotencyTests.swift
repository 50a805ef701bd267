import JSON
import Store
import Testing

@testable import Engine

@Suite struct IdempotencyTests {
    private let create = """
        mutation ($key: String, $number: String!, $client: String) {
          createMember(input: {
            number: $number, name: "Eve", idempotencyKey: $key, clientMutationId: $client
          }) {
            clientMutationId replayed created member { id number points }
            memberEdge { node { id } } userErrors { code message path }
          }
        }
        """

    private func made(_ number: String, replayed: Bool, client: String = "null") -> String {
        """
        {"data":{"createMember":{"clientMutationId":\(client),"replayed":\(replayed),
        "created":true,"member":{"id":"mem_3","number":"\(number)","points":null},
        "memberEdge":{"node":{"id":"mem_3"}},"userErrors":[]}}}
        """
    }

    private let reused = """
        {"data":{"createMember":{"clientMutationId":null,"replayed":false,"created":false,
        "member":null,"memberEdge":null,"userErrors":[{"code":"IDEMPOTENCY_KEY_REUSED",
        "message":"The idempotency key was sent before, with other arguments.",
        "path":["input","idempotencyKey"]}]}}}
        """

    @Test func `the same request twice is done once`() throws {
        let club = try MutationFixture()
        try club.check(
            create, ["key": "k1", "number": "M-3"], gives: made("M-3", replayed: false))
        try club.check(
            create, ["key": "k1", "number": "M-3", "client": "again"],
            gives: made("M-3", replayed: true, client: "\"again\""))
        try club.check(create, ["key": "k1", "number": "M-4"], gives: reused)
        try club.checkQuery(
            "{ members { totalCount } }", gives: #"{"data":{"members":{"totalCount":3}}}"#)
    }

    @Test func `a replay shows the rows as they are by then`() throws {
        let club = try MutationFixture()
        try club.check(
            create, ["key": "k1", "number": "M-3"], gives: made("M-3", replayed: false))
        _ = try club.mutate(
            "mutation { updateMember(input: { id: \"mem_3\", set: { points: 9 } }) { replayed } }")
        let replay = try club.mutate(create, ["key": "k1", "number": "M-3"]).text
        #expect(replay.contains(#""points":9"#))
        _ = try club.mutate("mutation { deleteMember(input: { id: \"mem_3\" }) { deletedId } }")
        try club.check(
            create, ["key": "k1", "number": "M-3"],
            gives: """
                {"data":{"createMember":{"clientMutationId":null,"replayed":true,"created":true,
                "member":null,"memberEdge":null,"userErrors":[]}}}
                """)
    }

    @Test func `a failure is answered the same way again`() throws {
        let club = try MutationFixture()
        let failed = { (replayed: Bool) in
            """
            {"data":{"createMember":{"clientMutationId":null,"replayed":\(replayed),
            "created":false,"member":null,"memberEdge":null,"userErrors":[{"code":"DUPLICATE",
            "message":"Another row of members has the same number.","path":["input","number"]}]}}}
            """
        }
        try club.check(create, ["key": "k1", "number": "M-1"], gives: failed(false))
        try club.check(create, ["key": "k1", "number": "M-1"], gives: failed(true))
    }

    @Test func `the header's key counts for each root field by its place`() throws {
        let club = try MutationFixture()
        let both = """
            mutation {
              a: createEntry(input: { memberId: "mem_ada", delta: 1 }) { replayed entry { id } }
              b: createEntry(input: { memberId: "mem_ada", delta: 1 }) { replayed entry { id } }
            }
            """
        for replayed in [false, true] {
            try club.check(
                both, key: "k",
                gives: """
                    {"data":{"a":{"replayed":\(replayed),"entry":{"id":"ent_1"}},
                    "b":{"replayed":\(replayed),"entry":{"id":"ent_2"}}}}
                    """)
        }
        try club.check(
            both, key: "k", viewer: Viewer(role: "admin", name: "another"),
            gives: """
                {"data":{"a":{"replayed":false,"entry":{"id":"ent_3"}},
                "b":{"replayed":false,"entry":{"id":"ent_4"}}}}
                """)
    }

    @Test func `a bulk mutation and a deletion are replayed`() throws {
        let club = try MutationFixture()
        let bulk = """
            mutation {
              updateMembers(input: {
                filter: { rank: { gte: 1 } }, set: { points: 3 }, idempotencyKey: "b"
              }) { replayed count members { nodes { id } } }
            }
            """
        for replayed in [false, true] {
            try club.check(
                bulk,
                gives: """
                    {"data":{"updateMembers":{"replayed":\(replayed),"count":2,
                    "members":{"nodes":[{"id":"mem_ada"},{"id":"mem_bob"}]}}}}
                    """)
        }
        let delete = """
            mutation {
              deleteMember(input: { id: "mem_ada", idempotencyKey: "b" }) { replayed deletedId }
            }
            """
        for replayed in [false, true] {
            try club.check(
                delete,
                gives: """
                    {"data":{"deleteMember":{"replayed":\(replayed),"deletedId":"mem_ada"}}}
                    """)
        }
    }

    @Test func `a record keeps the ids of a thousand rows at the most`() throws {
        let members: [JSONValue] = (0..<1001).map {
            [
                "id": .string("mem_x\($0)"), "number": .string("\($0)"), "name": "N",
                "joinedAt": "2020-01-01T00:00:00Z", "rank": .integer(Int64($0)),
                "status": "ACTIVE",
            ]
        }
        let club = try MutationFixture(rows: ["Member": .array(members)])
        func update(_ last: Int) throws -> [String] {
            try (0..<2).map { _ in
                try club.mutate(
                    """
                    mutation {
                      updateMembers(input: {
                        filter: { rank: { lte: \(last) } }, set: { points: 1 }, idempotencyKey: "\(last)"
                      }) { replayed count members(first: 0) { totalCount } }
                    }
                    """
                ).text
            }
        }
        func answer(_ replayed: Bool, _ count: Int, _ members: String) -> String {
            #"{"data":{"updateMembers":{"replayed":\#(replayed),"count":\#(count),"members":\#(members)}}}"#
        }
        #expect(
            try update(999) == [
                answer(false, 1000, #"{"totalCount":1000}"#),
                answer(true, 1000, #"{"totalCount":1000}"#),
            ])
        #expect(
            try update(1000) == [
                answer(false, 1001, #"{"totalCount":1001}"#), answer(true, 1001, "null"),
            ])
    }

    @Test func `a transaction that was undone keeps no key`() throws {
        let club = try MutationFixture()
        let document = """
            mutation ($points: Int) @transaction {
              createEntry(input: { memberId: "mem_ada", delta: 1 }) { replayed userErrors { code } }
              updateMember(input: { id: "mem_ada", set: { points: $points } }) {
                replayed userErrors { code }
              }
            }
            """
        try club.check(
            document, ["points": 1001], key: "k",
            gives: """
                {"data":{"createEntry":{"replayed":false,"userErrors":[{"code":"UNDONE"}]},
                "updateMember":{"replayed":false,"userErrors":[{"code":"INVALID"}]}}}
                """)
        for replayed in [false, true] {
            try club.check(
                document, ["points": 1], key: "k",
                gives: """
                    {"data":{"createEntry":{"replayed":\(replayed),"userErrors":[]},
                    "updateMember":{"replayed":\(replayed),"userErrors":[]}}}
                    """)
        }
        try club.checkQuery(
            "{ entries { totalCount } }", gives: #"{"data":{"entries":{"totalCount":1}}}"#)
    }

    @Test func `a dry run leaves no trace of its key`() throws {
        let club = try MutationFixture()
        let run = """
            mutation {
              deleteMembers(input: { filter: { rank: { eq: 1 } }, dryRun: true }) { replayed count }
            }
            """
        for _ in 0..<2 {
            try club.check(
                run, key: "k", gives: #"{"data":{"deleteMembers":{"replayed":false,"count":1}}}"#)
        }
    }

    @Test func `a key has 1 to 128 characters`() throws {
        let club = try MutationFixture()
        func errors(_ count: Int) throws -> String {
            try club.mutate(
                """
                mutation ($key: String) {
                  updateMember(input: { id: "mem_ada", set: {}, idempotencyKey: $key }) {
                    userErrors { code }
                  }
                }
                """, ["key": .string(String(repeating: "é", count: count))]
            ).text
        }
        func answer(_ errors: String) -> String {
            #"{"data":{"updateMember":{"userErrors":[\#(errors)]}}}"#
        }
        #expect(try errors(0) == answer(#"{"code":"REQUIRED"}"#))
        #expect(try errors(1) == answer(""))
        #expect(try errors(128) == answer(""))
        #expect(try errors(129) == answer(#"{"code":"TOO_LONG"}"#))
        let header = try club.mutate(
            "mutation { deleteMember(input: { id: \"mem_ada\" }) { deletedId } }",
            key: String(repeating: "k", count: 129))
        #expect(header.outcome == .requestError(.variables))
        #expect(
            header.text == """
                {"errors":[{"message":"The idempotency key has 129 characters.",\
                "extensions":{"code":"BAD_USER_INPUT","hint":"A key has 1 to 128 characters."}}]}
                """)
    }

    @Test func `keys are kept for their time and up to their number`() throws {
        var limits = EngineLimits()
        limits.idempotencyKeysMax = 2
        limits.idempotencyKeptFor = .seconds(60)
        let club = try MutationFixture(limits: limits)
        func add(_ key: String, after seconds: Int64) throws -> String {
            try club.mutate(
                "mutation { createEntry(input: { memberId: \"mem_ada\", delta: 1 }) { replayed } }",
                key: key, now: MutationFixture.writeTime + seconds * 1000
            ).text
        }
        func answer(_ replayed: Bool) -> String {
            #"{"data":{"createEntry":{"replayed":\#(replayed)}}}"#
        }
        #expect(try add("a", after: 0) == answer(false))
        #expect(try add("b", after: 30) == answer(false))
        #expect(
            try add("c", after: 60) == """
                {"errors":[{"message":"No more idempotency keys can be kept; the oldest are \
                dropped after 60.0 seconds.","locations":[{"line":1,"column":12}],\
                "path":["createEntry"],"extensions":{"code":"STORAGE_FULL",\
                "hint":"Send the mutation later, or without a key."}}],"data":{"createEntry":null}}
                """)
        #expect(try add("a", after: 60) == answer(true))
        #expect(try add("c", after: 61) == answer(false))
        #expect(try add("b", after: 61) == answer(true))
        try club.checkQuery(
            "{ entries { totalCount } }", gives: #"{"data":{"entries":{"totalCount":3}}}"#)
    }
}
