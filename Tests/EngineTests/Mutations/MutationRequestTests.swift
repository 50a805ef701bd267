import Bytes
import JSON
import Testing

@testable import Engine

@Suite struct MutationRequestTests {
    private func request(
        _ club: MutationFixture, _ document: String, readOnly: Bool, variables: String = "null"
    ) throws -> EngineFixture.Answer {
        let output = ByteBuffer()
        var document = document
        var variables = variables
        let outcome = try document.withUTF8 { text in
            try variables.withUTF8 { json in
                club.fixture.session.execute(
                    try unsafe GraphQLRequest(
                        document: UnsafeRawBufferPointer(text),
                        variables: UnsafeRawBufferPointer(json)), readOnly: readOnly, into: output)
            }
        }
        return EngineFixture.Answer(outcome: outcome, text: output.makeString())
    }

    private let delete = "mutation { deleteMember(input: { id: \"mem_ada\" }) { deletedId } }"

    @Test func `a mutation is for the writer, unless only reading is allowed`() throws {
        let club = try MutationFixture()
        let answer = try request(club, delete, readOnly: false)
        #expect(answer.outcome == .write)
        #expect(answer.text == "")
        // Known by now, and still refused.
        for _ in 0..<2 {
            #expect(try request(club, delete, readOnly: true).outcome == .requestError(.notAllowed))
        }
        let fresh = try MutationFixture()
        #expect(try request(fresh, delete, readOnly: true).outcome == .requestError(.notAllowed))
    }

    @Test func `variables that do not fit never reach the writer`() throws {
        let club = try MutationFixture()
        let answer = try request(
            club, "mutation ($id: ID!) { deleteMember(input: { id: $id }) { deletedId } }",
            readOnly: false, variables: "{}")
        #expect(answer.outcome == .requestError(.variables))
    }

    @Test func `an input that does not fit its type is an error of the request`() throws {
        let club = try MutationFixture()
        for input in [
            "{ number: 1, name: \"Eve\" }", "{ name: \"Eve\" }", "{ number: null, name: \"Eve\" }",
            "{ number: \"1\", name: \"Eve\", joinedAt: \"soon\" }",
            "{ number: \"1\", name: \"Eve\", version: 2 }",
        ] {
            let answer = try club.mutate(
                "mutation { createMember(input: \(input)) { member { id } } }")
            #expect(answer.outcome == .requestError(.validation), "\(input)")
        }
        let answer = try club.mutate(
            "mutation ($input: CreateMemberInput!) { createMember(input: $input) { created } }",
            ["input": ["number": 1, "name": "Eve"]])
        #expect(answer.outcome == .requestError(.variables))
    }

    @Test func `null by a variable that has a default is an error of the field`() throws {
        let club = try MutationFixture()
        try club.check(
            """
            mutation ($id: ID = "mem_ada") {
              a: deleteMember(input: { id: $id }) { deletedId }
              b: createTier(input: { code: "zinc", name: "Zinc" }) { tier { code } }
            }
            """, ["id": nil],
            gives: """
                {"errors":[{"message":"Argument \\"input\\" has invalid value at .id: Expected \
                variable \\"$id\\" provided to non-null type \\"ID!\\" not to be null.",
                "locations":[{"line":2,"column":3}],"path":["a"],
                "extensions":{"code":"BAD_USER_INPUT"}}],
                "data":{"a":null,"b":{"tier":{"code":"zinc"}}}}
                """)
    }

    @Test func `operations are chosen by their names, and fields by conditions`() throws {
        let club = try MutationFixture()
        let document = """
            query Read { members { totalCount } }
            mutation Write($skips: Boolean!) {
              a: updateMember(input: { id: "mem_ada", set: { points: 1 } }) @skip(if: $skips) {
                member { points }
              }
              ...B
            }
            fragment B on Mutation {
              b: updateMember(input: { id: "mem_ada", set: { name: "B" } }) { member { points } }
            }
            """
        try club.check(
            document, ["skips": true], operation: "Write",
            gives: #"{"data":{"b":{"member":{"points":10}}}}"#)
        try club.check(
            document, ["skips": false], operation: "Write",
            gives: #"{"data":{"a":{"member":{"points":1}},"b":{"member":{"points":1}}}}"#)
        try club.check(
            document, operation: "Read", gives: #"{"data":{"members":{"totalCount":2}}}"#)
    }

    @Test func `subscriptions are not supported`() throws {
        let club = try MutationFixture()
        #expect(
            try club.mutate("subscription { members { totalCount } }").outcome
                == .requestError(.validation))
    }

    @Test func `a schema without an opened table has no Mutation`() throws {
        let closed = try MutationFixture(
            "type Log @table { text: String! }", rows: [:])
        #expect(closed.model.schema.mutationType == nil)
        #expect(closed.model.schema.type(named: "UserError") == nil)
        #expect(closed.model.schema.directive(named: "transaction") == nil)
        #expect(closed.model.storeDefinition.tables.map(\.name) == ["Log"])
        #expect(try closed.mutate("mutation { x }").outcome == .requestError(.validation))
    }
}
