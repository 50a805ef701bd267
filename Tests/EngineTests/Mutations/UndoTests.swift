import JSON
import Testing

@testable import Engine

@Suite struct UndoTests {
    /// Everything that the store holds, hidden tables too.
    private func everything(_ club: MutationFixture) throws -> [String] {
        let rows = try club.fixture.ask(
            """
            {
              tiers { nodes { id version updatedAt code name fee { amountMinor } members { nodes { id } } } }
              members(orderBy: [{ number: ASC }]) {
                nodes { id version updatedAt number name email points rank tierId sponsorId }
              }
              visits { nodes { id version memberId tags } }
              entries { nodes { id memberId delta } }
            }
            """
        ).text
        let reader = try #require(club.store.makeReader())
        let view = reader.pin()
        defer { reader.unpin() }
        let numbers = club.store.definition.tables.indices.map { table in
            let table = view.table(.init(table))
            return "\(table.count) \(table.nextCreation)"
        }
        return [rows] + numbers
    }

    @Test func `whichever step of a transaction fails, everything is as before`() throws {
        let steps = [
            "createMember(input: { number: \"M-3\", name: \"Eve\", tierId: \"tier_gold\" }) { userErrors { code } }",
            "updateMember(input: { id: \"mem_ada\", set: { number: \"M-9\", points: 5, tierId: null } }) { userErrors { code } }",
            "createVisit(input: { memberId: \"mem_bob\" }) { userErrors { code } }",
            "upsertTierByCode(input: { code: \"zinc\", set: { name: \"Z\" } }) { userErrors { code } }",
            "updateMembers(input: { filter: { rank: { gte: 0 } }, set: { status: LAPSED } }) { userErrors { code } }",
            "deleteMember(input: { id: \"mem_ada\" }) { userErrors { code } }",
            "deleteTiers(input: { filter: { code: { eq: \"iron\" } } }) { userErrors { code } }",
            "createEntry(input: { memberId: \"mem_bob\", delta: 1 }) { userErrors { code } }",
        ]
        let failures = [
            "createEntry(input: { memberId: \"mem_none\", delta: 1 }) { userErrors { code } }",
            "deleteTier(input: { id: \"tier_gold\" }) { userErrors { code } }",
            "updateMember(input: { id: \"mem_bob\", set: {} }) { query { tiers(first: -1) { totalCount } } }",
        ]
        for failure in failures {
            for place in 0...steps.count {
                let club = try MutationFixture()
                let before = try everything(club)
                var fields = Array(steps[..<place]) + [failure]
                fields += steps[place...]
                let text = fields.enumerated().map { "f\($0): \($1)" }.joined(separator: " ")
                let answer = try club.mutate("mutation @transaction { \(text) }", key: "k")
                #expect(answer.outcome == .data)
                #expect(try everything(club) == before, "\(place): \(failure)")
                #expect(answer.text.contains("UNDONE"))
            }
        }
        // Without the failure all of it goes well.
        let club = try MutationFixture()
        let text = steps.enumerated().map { "f\($0): \($1)" }.joined(separator: " ")
        let answer = try club.mutate("mutation @transaction { \(text) }", key: "k")
        #expect(!answer.text.contains("\"code\""), "\(answer.text)")
    }

    @Test func `a payload that is too large undoes its field alone`() throws {
        var limits = EngineLimits()
        limits.answerBytesMax = 200_000
        let club = try MutationFixture(limits: limits)
        for number in 0..<40 {
            _ = try club.mutate(
                """
                mutation {
                  createMember(input: {
                    number: "X\(number)", name: "\(String(repeating: "n", count: 500))"
                    sponsorId: "mem_ada"
                  }) { created }
                }
                """)
        }
        let before = try everything(club)
        // The size is looked at every few hundred rows.
        let names = (0..<20).map { "n\($0): name s\($0): sponsor { id }" }.joined(separator: " ")
        let answer = try club.mutate(
            """
            mutation {
              a: updateMember(input: { id: "mem_ada", set: { points: 1 } }) {
                query { members(first: 1000) { nodes { \(names) } } }
              }
            }
            """)
        #expect(
            answer.text == """
                {"errors":[{"message":"The answer is larger than 200000 bytes.",\
                "locations":[{"line":2,"column":3}],"path":["a"],\
                "extensions":{"code":"ANSWER_TOO_LARGE",\
                "hint":"Ask for smaller pages or fewer fields."}}],"data":{"a":null}}
                """)
        #expect(try everything(club) == before)
    }
}
