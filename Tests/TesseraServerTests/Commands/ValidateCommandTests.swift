import Foundation
import GraphQLLanguage
import Testing

@testable import TesseraServer

/// `tessera validate`, with whole outputs.
struct ValidateCommandTests {
    private static let schema = """
        type Query { team(code: String!): Team }
        type Team { code: String! people(first: Int): [Person!]! }
        type Person { name: String! team: Team }

        """

    /// Runs the command on files of one folder, and takes the folder's name out of what it says.
    private func validate(
        _ files: [String: String], schema: String = "api.graphql", _ arguments: [String],
        input: String? = nil, bytes: [String: [UInt8]] = [:]
    ) throws -> CommandResult {
        var files = files
        if files["api.graphql"] == nil { files["api.graphql"] = ValidateCommandTests.schema }
        let folder = try CommandFolder(files)
        for (name, bytes) in bytes {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        let words = arguments.map { $0.hasSuffix(".gql") ? folder.path + "/" + $0 : $0 }
        let path = schema.isEmpty ? folder.path : folder.path + "/" + schema
        let result = tessera(["validate", "--schema", path] + words, input: input)
        func shortened(_ text: String) -> String {
            text.replacing(folder.path + "/", with: "").replacing(folder.path, with: "FOLDER")
        }
        return CommandResult(
            exitCode: result.exitCode, output: shortened(result.output),
            errors: shortened(result.errors))
    }

    @Test func `valid documents are counted`() throws {
        #expect(
            try validate(
                ["a.gql": "{ team(code: \"x\") { code } }", "b.gql": "{ __typename }"],
                ["a.gql", "b.gql"])
                == CommandResult(exitCode: .success, output: "2 files, no problems\n", errors: ""))
    }

    @Test func `problems come with place, rule, line and caret`() throws {
        let document = """
            query Q {
            \tteam(code: "漢é👍", cod: 1) { cde
              people { name: team { code } name } }
            }
            """
        let expected = """
            a.gql:2:20: Unknown argument "cod" on field "Query.team". Did you mean "code"? \
            (KnownArgumentNames)
              2 | \tteam(code: "漢é👍", cod: 1) { cde
                | \t                    ^
            a.gql:2:30: Cannot query field "cde" on type "Team". Did you mean "code"? \
            (FieldsOnCorrectType)
              2 | \tteam(code: "漢é👍", cod: 1) { cde
                | \t                              ^
            a.gql:3:12: Fields "name" conflict because "team" and "name" are different fields. \
            Use different aliases on the fields to fetch both if this was intentional. \
            (OverlappingFieldsCanBeMerged)
              3 |   people { name: team { code } name } }
                |            ^
              3 |   people { name: team { code } name } }
                |                                ^
            1 file, 3 problems

            """
        #expect(
            try validate(["a.gql": document], ["a.gql"])
                == CommandResult(exitCode: .problems, output: expected, errors: ""))
    }

    @Test func `json has a line for each file`() throws {
        let files = [
            "a.gql": "{ team(code: \"x\") { code } }",
            "b.gql": "{ team { cde } }",
            "c.gql": "{ team() }",
        ]
        let expected = """
            {"file":"a.gql","errors":[]}
            {"file":"b.gql","errors":[{"message":"Cannot query field \\"cde\\" on type \\"Team\\". \
            Did you mean \\"code\\"?","locations":[{"line":1,"column":10}],"extensions":{"rule":\
            "FieldsOnCorrectType"}},{"message":"Argument \\"Query.team(code:)\\" of type \
            \\"String!\\" is required, but it was not provided.","locations":[{"line":1,\
            "column":3}],"extensions":{"rule":"ProvidedRequiredArguments"}}]}
            {"file":"c.gql","errors":[{"message":"Syntax Error: Expected Name, found \\")\\".",\
            "locations":[{"line":1,"column":8}],"extensions":{"rule":"Syntax"}}]}

            """
        #expect(
            try validate(files, ["--format", "json", "a.gql", "b.gql", "c.gql"])
                == CommandResult(exitCode: .problems, output: expected, errors: ""))
    }

    @Test func `lines end as they like, and columns count scalars`() throws {
        let files = [
            "bom.gql": "\u{FEFF}{ __typename }",
            "crlf.gql": "{\r\n  __typename\r  cde\n}",
            "wide.gql": "{ team(code: \"👍e\u{301}\") { cde } }",
        ]
        #expect(
            try validate(files, ["--format", "json", "bom.gql", "crlf.gql", "wide.gql"])
                == CommandResult(
                    exitCode: .problems,
                    output: """
                        {"file":"bom.gql","errors":[]}
                        {"file":"crlf.gql","errors":[{"message":"Cannot query field \\"cde\\" on \
                        type \\"Query\\".","locations":[{"line":3,"column":3}],"extensions":{"rule":\
                        "FieldsOnCorrectType"}}]}
                        {"file":"wide.gql","errors":[{"message":"Cannot query field \\"cde\\" on \
                        type \\"Team\\". Did you mean \\"code\\"?","locations":[{"line":1,"column":\
                        23}],"extensions":{"rule":"FieldsOnCorrectType"}}]}

                        """, errors: ""))
    }

    @Test func `what is no document is a syntax error`() throws {
        let bytes: [String: [UInt8]] = [
            "empty.gql": [], "comment.gql": Array("# nothing".utf8),
            "latin.gql": Array("{ team(code: \"".utf8) + [0xE9] + Array("\") { code } }".utf8),
        ]
        #expect(
            try validate(
                [:], ["--format", "json", "empty.gql", "comment.gql", "latin.gql"], bytes: bytes)
                == CommandResult(
                    exitCode: .problems,
                    output: """
                        {"file":"empty.gql","errors":[{"message":"Syntax Error: Unexpected <EOF>.",\
                        "locations":[{"line":1,"column":1}],"extensions":{"rule":"Syntax"}}]}
                        {"file":"comment.gql","errors":[{"message":"Syntax Error: Unexpected <EOF>.",\
                        "locations":[{"line":1,"column":10}],"extensions":{"rule":"Syntax"}}]}
                        {"file":"latin.gql","errors":[{"message":"Syntax Error: Document is not valid \
                        UTF-8.","locations":[{"line":1,"column":15}],"extensions":{"rule":"Syntax"}}]}

                        """, errors: ""))
        #expect(
            try validate(["api.graphql": "# no type"], ["--format", "json"]).output
                == """
                {"file":"api.graphql","errors":[{"message":"Syntax Error: Unexpected <EOF>.",\
                "locations":[{"line":1,"column":10}],"extensions":{"rule":"Syntax"}}]}

                """)
    }

    @Test func `definitions of the type system are no documents, and documents no schema`() throws {
        #expect(
            try validate(["a.gql": "extend type Query { a: Int }"], ["a.gql"]).output
                == """
                a.gql:1:1: The "Query" definition is not executable. (ExecutableDefinitions)
                  1 | extend type Query { a: Int }
                    | ^
                1 file, 1 problem

                """)
        #expect(
            try validate(["api.graphql": "type Query { a: Int } query Q { a }"], []).output
                == """
                api.graphql:1:23: The query Q is not a type system definition. (SchemaValidation)
                  1 | type Query { a: Int } query Q { a }
                    |                       ^
                api.graphql: 1 problem

                """)
    }

    @Test func `suggestions can be switched off`() throws {
        let files = ["a.gql": "{ tem }"]
        #expect(
            try validate(files, ["--format=json", "--no-suggestions", "a.gql"]).output
                == """
                {"file":"a.gql","errors":[{"message":"Cannot query field \\"tem\\" on type \
                \\"Query\\".","locations":[{"line":1,"column":3}],"extensions":{"rule":\
                "FieldsOnCorrectType"}}]}

                """)
    }

    @Test func `without documents the schema is judged`() throws {
        #expect(
            try validate([:], [])
                == CommandResult(
                    exitCode: .success, output: "api.graphql: no problems\n", errors: ""))
        #expect(
            try validate([:], ["--format", "json"]).output
                == "{\"file\":\"api.graphql\",\"errors\":[]}\n")
        let broken = ["api.graphql": "type Query { a: Nothing @odd }"]
        let text = """
            api.graphql:1:17: Unknown type "Nothing". Did you mean "String"? (KnownTypeNames)
              1 | type Query { a: Nothing @odd }
                |                 ^
            api.graphql:1:25: Unknown directive "@odd". (KnownDirectives)
              1 | type Query { a: Nothing @odd }
                |                         ^
            api.graphql: 2 problems

            """
        #expect(
            try validate(broken, [])
                == CommandResult(exitCode: .problems, output: text, errors: ""))
    }

    @Test func `a problem without a place is told too`() throws {
        let files = ["api.graphql": "type A { b: Int }"]
        #expect(
            try validate(files, []).output
                == """
                api.graphql: Query root type must be provided. (SchemaValidation)
                api.graphql: 1 problem

                """)
        #expect(
            try validate(files, ["--format", "json"]).output
                == """
                {"file":"api.graphql","errors":[{"message":"Query root type must be provided.",\
                "locations":[],"extensions":{"rule":"SchemaValidation"}}]}

                """)
    }

    @Test func `a broken schema is told before any document is read`() throws {
        let result = try validate(
            ["api.graphql": "type Query {", "a.gql": "{ a }"], ["--format", "json", "a.gql"])
        #expect(
            result
                == CommandResult(
                    exitCode: .problems,
                    output: """
                        {"file":"api.graphql","errors":[{"message":"Syntax Error: Expected Name, \
                        found <EOF>.","locations":[{"line":1,"column":13}],"extensions":{"rule":\
                        "Syntax"}}]}

                        """,
                    errors: "The schema has problems, so no document was checked.\n"))
    }

    @Test func `a folder is one schema of all its files in order`() throws {
        let files = [
            "b.graphql": "extend type Query { b: B }", "c.graphqls": "type B { c: C! }",
            "d.gql": "scalar C", "e.txt": "not a schema",
        ]
        #expect(
            try validate(files, schema: "", [])
                == CommandResult(exitCode: .success, output: "FOLDER: no problems\n", errors: ""))
        let broken = files.merging(["a.gql": "type {", "d.gql": "\n\nscalar !"]) { $1 }
        #expect(
            try validate(broken, schema: "", ["--format", "json"]).output
                == """
                {"file":"FOLDER","errors":[{"message":"Syntax Error: Expected Name, found \\"{\\".",\
                "locations":[{"line":1,"column":6}],"extensions":{"rule":"Syntax",\
                "file":"a.gql"}},{"message":"Syntax Error: Expected Name, found \\"!\\".",\
                "locations":[{"line":3,"column":8}],"extensions":{"rule":"Syntax",\
                "file":"d.gql"}}]}

                """)
    }

    @Test func `what cannot be read is refused and nothing is checked`() throws {
        let files = ["a.gql": "{ nothing }"]
        #expect(
            try validate(files, ["a.gql", "missing.gql"])
                == CommandResult(
                    exitCode: .usage, output: "",
                    errors: """
                        tessera: missing.gql cannot be read
                          help: does it exist, and may this user read it?

                        """))
        #expect(try validate(files, schema: "missing.graphql", []).exitCode == .usage)
        #expect(
            tessera(["validate", "a.gql"], environment: [:])
                == CommandResult(
                    exitCode: .usage, output: "",
                    errors: """
                        tessera: validate needs --schema
                          help: as in "tessera validate --schema api.graphql"

                        """))
        #expect(try validate(files, ["--format", "xml", "a.gql"]).exitCode == .usage)
    }

    @Test func `a dash is standard input`() throws {
        #expect(
            try validate([:], ["--format", "json", "-"], input: "{ __typename }").output
                == "{\"file\":\"-\",\"errors\":[]}\n")
    }

    @Test func `the limits of the server do not count here`() throws {
        let fields = (0..<20_000).map { "f\($0): __typename" }.joined(separator: " ")
        let introspection = """
            { __schema { types { fields { type { fields { type { fields { name } } } } } } } }
            """
        #expect(
            try validate(
                ["a.gql": "{ \(fields) }", "b.gql": introspection], ["a.gql", "b.gql"]
            ).exitCode == .success)
    }

    @Test func `a long line is cut around the caret`() {
        let text = String(repeating: "x", count: 200) + "|" + String(repeating: "y", count: 200)
        let excerpt = SourceExcerpt(Source("first\n\(text)\nlast"), at: 206)
        #expect(
            excerpt.line
                == "…" + String(repeating: "x", count: 60) + "|"
                + String(repeating: "y", count: 79) + "…")
        #expect(excerpt.caret == String(repeating: " ", count: 61) + "^")
    }

    @Test func `an excerpt cannot command the terminal`() {
        let excerpt = SourceExcerpt(Source("# \u{1B}[2J\u{202E}e\u{301} $"), at: 13)
        #expect(excerpt.line == "# \u{241B}[2J\u{FFFD}e\u{301} $")
        #expect(excerpt.caret == "         ^")
    }

    @Test func `the end of a text and an empty line have excerpts`() {
        #expect(SourceExcerpt(Source("{\r\n"), at: 3).line == "")
        #expect(SourceExcerpt(Source("{ a"), at: 3).caret == "   ^")
        #expect(SourceExcerpt(Source(""), at: 0).caret == "^")
    }
}
