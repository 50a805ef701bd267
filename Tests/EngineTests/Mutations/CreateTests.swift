import JSON
import Testing

@testable import Engine

@Suite struct CreateTests {
    @Test func `a row is made with its defaults and answered from the draft`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation Join($input: CreateMemberInput!) {
              createMember(input: $input) {
                __typename clientMutationId replayed
                member {
                  id version createdAt updatedAt number name email status joinedAt tierId
                  tier { name members { totalCount } }
                }
                memberEdge { __typename cursor node { number } }
                userErrors { code }
                query { members { totalCount } member(id: "mem_3") { name } }
              }
            }
            """,
            [
                "input": [
                    "clientMutationId": "c1", "number": "M-3", "name": "Eve", "tierId": "tier_gold",
                ]
            ],
            gives: """
                {"data":{"createMember":{
                  "__typename":"CreateMemberPayload","clientMutationId":"c1","replayed":false,
                  "member":{"id":"mem_3","version":1,"createdAt":"2026-01-02T00:00:00.000Z",
                    "updatedAt":"2026-01-02T00:00:00.000Z","number":"M-3","name":"Eve",
                    "email":null,"status":"ACTIVE","joinedAt":"2026-01-02T00:00:00.000Z",
                    "tierId":"tier_gold","tier":{"name":"Gold","members":{"totalCount":3}}},
                  "memberEdge":{"__typename":"MemberEdge","cursor":"Dm7tOAAAAAM",
                    "node":{"number":"M-3"}},
                  "userErrors":[],
                  "query":{"members":{"totalCount":3},"member":{"name":"Eve"}}}}}
                """)
        try club.checkQuery(
            "{ memberByNumber(number: \"M-3\") { id } }",
            gives: #"{"data":{"memberByNumber":{"id":"mem_3"}}}"#)
    }

    @Test func `every kind of value comes in as a literal and as a variable`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation ($price: MoneyInput, $at: DateTime) {
              a: createVisit(input: {
                memberId: "mem_ada", price: $price, at: $at, tags: "one", extra: { b: [1, null] }
                day: null
              }) { visit { at day tags price { amountMinor currency } extra } }
              b: createVisit(input: { memberId: "mem_bob" }) {
                visit { at day tags price { amountMinor currency } extra }
              }
              c: createMember(input: {
                number: "M-3", name: "Eve \\"E\\"", birthday: "2000-02-29", points: 1000, score: 1.5
                rank: 9007199254740991, notes: "n", status: LAPSED, sponsorId: "mem_ada", email: null
              }) { member { name birthday points score rank notes status sponsor { name } email } }
              d: createTier(input: {
                code: "zinc", name: "Zinc", fee: { amountMinor: 1, currency: "NOK" }
                perks: [{ name: "Seat", kind: SEAT, guest: "mem_bob" }, { name: "None", worth: null }]
              }) {
                tier {
                  fee { amountMinor }
                  perks { name kind worth { currency } guest { name } }
                }
              }
            }
            """, ["price": ["amountMinor": 250, "currency": "EUR"]],
            gives: """
                {"data":{
                  "a":{"visit":{"at":"2026-01-01T10:00:00.000Z","day":null,"tags":["one"],
                    "price":{"amountMinor":250,"currency":"EUR"},"extra":{"b":[1,null]}}},
                  "b":{"visit":{"at":"2026-01-01T10:00:00.000Z","day":"2026-01-01",
                    "tags":["first"],"price":{"amountMinor":0,"currency":"EUR"},"extra":"none"}},
                  "c":{"member":{"name":"Eve \\"E\\"","birthday":"2000-02-29","points":1000,
                    "score":1.5,"rank":9007199254740991,"notes":"n","status":"LAPSED",
                    "sponsor":{"name":"Ada"},"email":null}},
                  "d":{"tier":{"fee":{"amountMinor":1},"perks":[
                    {"name":"Seat","kind":"SEAT","worth":null,"guest":{"name":"Bob"}},
                    {"name":"None","kind":null,"worth":null,"guest":null}]}}}}
                """)
    }

    @Test func `everything wrong with an input is told at once`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              createMember(input: {
                clientMutationId: "x", id: "nope", number: "M-1", name: "Eve", points: -1
                email: "ada@example.org", status: null, tierId: "tier_none", sponsorId: "tier_gold"
              }) { clientMutationId member { id } memberEdge { cursor } userErrors { code message path rule } }
            }
            """,
            gives: """
                {"data":{"createMember":{"clientMutationId":"x","member":null,"memberEdge":null,
                "userErrors":[
                {"code":"REQUIRED","message":"status cannot be null.",
                  "path":["input","status"],"rule":null},
                {"code":"INVALID","message":"points accepts at least 0.",
                  "path":["input","points"],"rule":null},
                {"code":"NOT_FOUND","message":"No row of tiers has the id \\"tier_none\\".",
                  "path":["input","tierId"],"rule":null},
                {"code":"NOT_FOUND","message":"No row of members has the id \\"tier_gold\\".",
                  "path":["input","sponsorId"],"rule":null},
                {"code":"INVALID",
                  "message":"An id of members is \\"mem_\\" and 1 to 64 letters, digits, hyphens and underscores.",
                  "path":["input","id"],"rule":null},
                {"code":"DUPLICATE","message":"Another row of members has the same number.",
                  "path":["input","number"],"rule":null},
                {"code":"DUPLICATE","message":"Another row of members has the same email.",
                  "path":["input","email"],"rule":null}]}}}
                """)
        try club.checkQuery(
            "{ members { totalCount } }", gives: #"{"data":{"members":{"totalCount":2}}}"#)
    }

    @Test func `a key of several fields is taken as a whole`() throws {
        let club = try MutationFixture()
        let create = """
            mutation ($rank: Long, $tier: ID) {
              createMember(input: { number: "M-3", name: "Eve", tierId: $tier, rank: $rank }) {
                member { id } userErrors { code message path }
              }
            }
            """
        try club.check(
            create, ["rank": 1, "tier": "tier_gold"],
            gives: """
                {"data":{"createMember":{"member":null,"userErrors":[{"code":"DUPLICATE",
                "message":"Another row of members has the same tierId and rank.",
                "path":["input","tierId"]}]}}}
                """)
        try club.check(
            create, ["rank": 1, "tier": "tier_iron"],
            gives: #"{"data":{"createMember":{"member":{"id":"mem_3"},"userErrors":[]}}}"#)
    }

    @Test func `numbers and lengths are taken up to their limits`() throws {
        let club = try MutationFixture()
        func points(_ number: Int) throws -> String {
            try club.mutate(
                """
                mutation { createMember(input: { number: "P\(number)", name: "", points: \(number) })
                  { userErrors { code message } } }
                """
            ).text
        }
        let accepted = #"{"data":{"createMember":{"userErrors":[]}}}"#
        #expect(try points(0) == accepted)
        #expect(try points(1000) == accepted)
        #expect(
            try points(1001)
                == #"{"data":{"createMember":{"userErrors":[{"code":"INVALID","message":"points accepts at most 1000."}]}}}"#
        )
        func code(_ text: String) throws -> String {
            try club.mutate(
                """
                mutation { createTier(input: { code: "\(text)", name: "" })
                  { userErrors { code message } } }
                """
            ).text
        }
        func refused(_ code: String) -> String {
            #"{"data":{"createTier":{"userErrors":[{"code":"\#(code)","message":"code accepts 2 to 8 characters."}]}}}"#
        }
        #expect(try code("ab") == #"{"data":{"createTier":{"userErrors":[]}}}"#)
        #expect(try code("12345678") == #"{"data":{"createTier":{"userErrors":[]}}}"#)
        #expect(try code("a") == refused("INVALID"))
        #expect(try code("123456789") == refused("TOO_LONG"))
    }

    @Test func `a value inside a value is refused with its place`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              createTier(input: {
                code: "zinc", name: "Zinc", fee: { amountMinor: 1, currency: "EURO" }
                perks: [{ name: "A" }, { name: "B", guest: "mem_none" }]
              }) { userErrors { code message path } }
            }
            """,
            gives: """
                {"data":{"createTier":{"userErrors":[
                {"code":"INVALID",
                  "message":"fee is not accepted: currency: accepted is exactly 3 characters.",
                  "path":["input","fee","currency"]},
                {"code":"NOT_FOUND",
                  "message":"perks is not accepted: [1].guest: there is no row \\"mem_none\\".",
                  "path":["input","perks","1","guest"]}]}}}
                """)
    }

    @Test func `clients may choose ids that were never taken`() throws {
        let club = try MutationFixture()
        func create(_ id: String) throws -> String {
            try club.mutate(
                """
                mutation { createTier(input: { id: "\(id)", code: "\(id.suffix(8))", name: "" })
                  { tier { id } userErrors { code message } } }
                """
            ).text
        }
        func made(_ id: String) -> String {
            #"{"data":{"createTier":{"tier":{"id":"\#(id)"},"userErrors":[]}}}"#
        }
        func refused(_ message: String, _ code: String = "DUPLICATE") throws -> String {
            let errors = #"[{"code":"\#(code)","message":\#(quoted(message))}]"#
            return #"{"data":{"createTier":{"tier":null,"userErrors":\#(errors)}}}"#
        }
        func delete(_ id: String) throws {
            let text = try club.mutate(
                "mutation { deleteTier(input: { id: \"\(id)\" }) { deletedId } }"
            ).text
            #expect(text == #"{"data":{"deleteTier":{"deletedId":"\#(id)"}}}"#)
        }
        let longest = "tier_" + String(repeating: "a", count: 64)
        #expect(try create(longest) == made(longest))
        let invalid =
            "An id of tiers is \"tier_\" and 1 to 64 letters, digits, hyphens and underscores."
        #expect(try create(longest + "b") == refused(invalid, "INVALID"))
        #expect(try create("tier_") == refused(invalid, "INVALID"))
        #expect(try create("tier_é") == refused(invalid, "INVALID"))
        #expect(try create("tier_gold") == refused("The id \"tier_gold\" is taken."))
        try delete(longest)
        let gone = "was a deleted row's; ids are not given out again."
        #expect(try create(longest) == refused("The id \"\(longest)\" \(gone)"))
        // A number that the server made, one it could make later, and one that it never made: the
        // first two rows have ids of their own.
        let next = try club.mutate(
            "mutation { createTier(input: { code: \"next\", name: \"\" }) { tier { id } } }")
        #expect(next.text == #"{"data":{"createTier":{"tier":{"id":"tier_4"}}}}"#)
        try delete("tier_4")
        #expect(try create("tier_4") == refused("The id \"tier_4\" \(gone)"))
        #expect(try create("tier_2") == made("tier_2"))
        #expect(try create("tier_7") == made("tier_7"))
        try delete("tier_7")
        let again = try club.mutate(
            "mutation { createTier(input: { code: \"again\", name: \"\" }) { tier { id } } }")
        #expect(again.text == #"{"data":{"createTier":{"tier":{"id":"tier_7-2"}}}}"#)
    }

    @Test func `a ledger takes new lines only`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation {
              createEntry(input: { memberId: "mem_ada", delta: 5 }) { entry { id delta } }
            }
            """, gives: #"{"data":{"createEntry":{"entry":{"id":"ent_1","delta":5}}}}"#)
        #expect(club.model.schema.type(named: "UpdateEntryInput") == nil)
        #expect(club.model.schema.type(named: "CreateLogInput") == nil)
    }
}
