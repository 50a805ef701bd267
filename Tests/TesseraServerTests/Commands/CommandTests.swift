import Testing

@testable import TesseraServer

/// What the commands print and how they end.
struct CommandTests {
    private static let schema = """
        type Team @table { code: String! people: [Person!]! @relation(inverse: "team") }
        type Person @table(plural: "people") { name: String! team: Team @relation }
        """
    private static let data = [
        "teams.ndjson": "{\"code\":\"ops\"}\n",
        "people.csv": "name,team\nAda,1\n王芳,1\nBo,\n",
    ]

    @Test func `check counts what a good schema makes`() throws {
        let folder = try CommandFolder(["a.graphql": CommandTests.schema])
        let result = tessera(["check", "--schema", folder.path])
        #expect(result.exitCode == .success)
        #expect(
            result.output.split(separator: "\n").prefix(6) == [
                "\(folder.path): no problems", "  tables         2", "  fields         13",
                "  values         0", "  enums          0",
                "  indexes        1, and two for each table",
            ])
    }

    @Test func `check names every problem with its place and ends with 3`() throws {
        let folder = try CommandFolder([
            "a.graphql": "type A @table { b: Bx! @relation }\ntype B @tabel { c: String }\n"
        ])
        let result = tessera(["check", "--schema", folder.path])
        #expect(result.exitCode == .problems)
        #expect(result.output == "")
        #expect(result.errors.contains("a.graphql:1:"))
        #expect(result.errors.contains("a.graphql:2:8: error: unknown directive \"@tabel\""))
        #expect(result.errors.hasSuffix(" problems\n"))
    }

    @Test func `schema prints the API and the directives`() throws {
        let folder = try CommandFolder(["a.graphql": CommandTests.schema])
        let printed = tessera(["schema", "print", "--schema", folder.path])
        #expect(printed.exitCode == .success)
        #expect(printed.output.contains("\ntype Person implements Node"))
        #expect(tessera(["schema", "directives"]).output.contains("directive @table("))
        #expect(
            tessera(["schema"]).errors
                == "tessera: schema needs WHAT\n  help: as in \"tessera schema print > api.graphql\"\n"
        )
        #expect(
            tessera(["schema", "x"]).errors
                == "tessera: schema does not take \"x\"\n  help: it takes print or directives\n")
    }

    @Test func `a schema that cannot be read ends with 2`() {
        let result = tessera(["schema", "print", "--schema", "/nowhere"])
        #expect(result.exitCode == .usage)
        #expect(
            result.errors == """
                tessera: /nowhere: error: the folder of the schema files cannot be read
                  help: does it exist, and is it a folder?
                  help: "tessera check" looks at the schema files alone

                """)
    }

    @Test func `import checks files and keeps nothing`() throws {
        let folder = try CommandFolder(
            CommandTests.data.merging(["a.graphql": CommandTests.schema]) { $1 })
        let result = tessera(["import", "--dry-run", folder.path, "--schema", folder.path])
        #expect(result.exitCode == .success)
        #expect(result.output == "  teams   1 rows\n  people  3 rows\n")
        #expect(result.errors.hasPrefix("4 rows checked, "))
    }

    @Test func `import tells where refused lines are and ends with 1`() throws {
        let folder = try CommandFolder([
            "a.graphql": CommandTests.schema, "people.csv": "name,team\nAda,1\nBo,\n",
        ])
        let result = tessera(["import", "--dry-run", folder.path, "--schema", folder.path])
        #expect(result.exitCode == .failure)
        #expect(result.output == "  people  1 rows, 1 refused\n")
        let path = folder.path + "/people.csv"
        #expect(
            result.errors.hasPrefix(
                """
                \(path): 1 line was refused, see \(path).errors.ndjson
                  the first, line 2: team: there is no row "team_1" in teams

                """))
    }

    @Test func `import needs a place to import into`() {
        #expect(
            tessera(["import", "x"])
                == CommandResult(
                    exitCode: .usage, output: "",
                    errors: """
                        tessera: import needs --data DIR
                          help: or check files with --dry-run, or load them with \
                        "tessera serve --import"

                        """))
    }

    @Test func `files that cannot be taken end a command with 2`() throws {
        let folder = try CommandFolder(["a.graphql": CommandTests.schema, "team.csv": "code\n"])
        for words in [
            ["import", "--dry-run", folder.path], ["query", "{a}", "--import", folder.path],
        ] {
            let result = tessera(words + ["--schema", folder.path])
            #expect(
                result
                    == CommandResult(
                        exitCode: .usage, output: "",
                        errors: """
                            tessera: \(folder.path)/team.csv: there is no table "team"
                              help: did you mean "teams"?

                            """))
        }
    }

    @Test func `a server does not listen to others unasked`() {
        for command in ["serve", "demo"] {
            #expect(
                tessera([command, "--listen", "0.0.0.0:0"])
                    == CommandResult(
                        exitCode: .usage, output: "",
                        errors: """
                            tessera: other machines could reach 0.0.0.0, and all of them could \
                            read and change everything
                              help: ask for credentials with --auth keys, listen on 127.0.0.1, or say \
                            --insecure if that is meant

                            """))
        }
    }

    @Test func `the banner says where the server is and what to try`() throws {
        let invocation = try Invocation(serveCommand, ["--listen", "[::1]:0"], environment: [:])
        let options = try ServeOptions(
            invocation, headlines: ["Tessera"], sampleQuery: "{members{totalCount}}", fixedNow: nil)
        #expect(
            options.banner(port: 9) == [
                "Tessera", "  GraphQL   http://[::1]:9/graphql",
                "  try       curl -s http://[::1]:9/graphql -H 'content-type: application/json' "
                    + #"-d '{"query":"{members{totalCount}}"}'"#,
                "Ctrl-C stops.",
            ])
    }

    @Test func `numbers are grouped by threes`() {
        #expect(
            [0, 7, 999, 1_000, 60_000, 1_234_567, -1_000].map(grouped) == [
                "0", "7", "999", "1 000", "60 000", "1 234 567", "-1 000",
            ])
    }
}
