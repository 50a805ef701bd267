import JSON
import Testing

@testable import TesseraServer

/// `query --format csv` and `ndjson`, wherever the data is.
struct QueryTableTests {
    private func club() throws -> CommandFolder {
        try CommandFolder([
            "a.graphql": """
            type Team @table { code: String! people: [Person!]! @relation(inverse: "team") }
            type Person @table(plural: "people") { name: String! team: Team @relation size: Int }
            """,
            "teams.ndjson": "{\"code\":\"ops\"}\n{\"code\":\"=x\"}\n",
            "people.csv": "name,team,size\n\"A \"\"a\"\", x\",1,5\n王芳,1,\nBo,,123\n",
        ])
    }

    private func query(_ folder: CommandFolder, _ words: String...) -> CommandResult {
        tessera(["query"] + words + ["--schema", folder.path, "--import", folder.path])
    }

    private let people = "{ people { nodes { name size team { code } } } }"

    @Test func `data files are queried as CSV and as NDJSON`() throws {
        let folder = try club()
        #expect(
            query(folder, people, "--format", "csv")
                == CommandResult(
                    exitCode: .success,
                    output: "name,size,team.code\r\n\"A \"\"a\"\", x\",5,ops\r\n王芳,,ops\r\n"
                        + "Bo,123,\r\n", errors: ""))
        #expect(
            query(folder, people, "--format", "ndjson")
                == CommandResult(
                    exitCode: .success,
                    output: #"""
                        {"name":"A \"a\", x","size":5,"team.code":"ops"}
                        {"name":"王芳","size":null,"team.code":"ops"}
                        {"name":"Bo","size":123,"team.code":null}

                        """#, errors: ""))
    }

    @Test func `children become lines, and spreadsheets get what is safe for them`() throws {
        let folder = try club()
        #expect(
            query(
                folder, "{ teams { nodes { code people { nodes { name } } } } }", "--format",
                "csv", "--explode", "people", "--excel"
            ).output
                == "\u{FEFF}code,people.name\r\nops,\"A \"\"a\"\", x\"\r\nops,王芳\r\n\"'=x\",\r\n")
    }

    @Test func `what makes no table is refused in words`() throws {
        let folder = try club()
        let result = query(
            folder, "{ teams { totalCount } people { totalCount } }", "--format", "csv")
        #expect(result.exitCode == .answeredWithErrors)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("error: "))
        #expect(
            query(folder, "{ peple { nodes { name } } }", "--format", "csv").errors.hasPrefix(
                "error: Cannot query field \"peple\""))
    }

    @Test func `flags that do not go together are refused`() throws {
        let folder = try club()
        let cases: [([String], String)] = [
            (["--excel"], "--excel needs --format csv"),
            (["--explode", "a"], "--explode needs --format csv"),
            (["--format", "ndjson", "--excel"], "--excel needs --format csv"),
            (
                ["--format", "csv", "--explain"],
                "--explain works with --format json and table"
            ),
        ]
        for (words, message) in cases {
            let result = tessera(
                ["query", people] + words + ["--schema", folder.path, "--import", folder.path])
            #expect(
                result
                    == CommandResult(
                        exitCode: .usage, output: "", errors: "tessera: \(message)\n"))
        }
    }

    @Test func `a table is the same whether or not somebody is shown progress`() throws {
        let folder = try club()
        let words = [
            "query", people, "--format", "csv", "--schema", folder.path, "--import", folder.path,
        ]
        let plain = tessera(words)
        #expect(plain.exitCode == .success && !plain.output.isEmpty && plain.errors.isEmpty)
        let shown = tessera(words, isErrorTerminal: true, usesColour: true)
        #expect(shown.exitCode == .success)
        #expect(shown.output == plain.output)
    }

    @Test func `a data directory is asked alike, with a server and without`() throws {
        let folder = try DataFolder()
        try folder.write("purses.csv", "id,balance\nprs_1,5\nprs_2,7\n")
        #expect(
            folder.tessera("import", "purses", folder.path + "/purses.csv").exitCode == .success)
        let document = "{ purses { nodes { id balance } } }"
        let table = CommandResult(
            exitCode: .success, output: "id,balance\r\nprs_1,5\r\nprs_2,7\r\n", errors: "")
        let refusal = folder.tessera("query", "{ a }", "--format", "csv")
        #expect(
            refusal
                == CommandResult(
                    exitCode: .answeredWithErrors, output: "",
                    errors: "error: Cannot query field \"a\" on type \"Query\".\n"))
        #expect(folder.tessera("query", document, "--format", "csv") == table)
        let server = try ServerProcess(folder)
        #expect(folder.tessera("query", document, "--format", "csv") == table)
        // A server does not give away the names of its types.
        let served = folder.tessera("query", "{ a }", "--format", "csv")
        #expect(served.exitCode == .answeredWithErrors)
        #expect(served.errors.hasPrefix("error: Cannot query field \"a\" on type "))
        #expect(
            folder.tessera("query", document, "--format", "ndjson", "--quiet").output
                == "{\"id\":\"prs_1\",\"balance\":5}\n{\"id\":\"prs_2\",\"balance\":7}\n")
        #expect(server.terminate() == 0)
    }

    @Test func `a server is asked by its URL`() throws {
        let club = try ClubServer.audits.get()
        func ask(_ document: String, _ words: String...) -> CommandResult {
            tessera(
                ["query", document, "--url", "http://127.0.0.1:\(club.port)/graphql", "--format"]
                    + words)
        }
        let tiers = "{ tiers { nodes { name members { nodes { name } } } } }"
        #expect(
            ask(tiers, "csv", "--explode", "members")
                == CommandResult(
                    exitCode: .success,
                    output: "name,members.name\r\nBronze,Åse 🏊\r\nBronze,Cy\r\nGold,Bo\r\n",
                    errors: ""))
        #expect(
            ask("{ tiers { nodes { name } } }", "ndjson").output
                == "{\"name\":\"Bronze\"}\n{\"name\":\"Gold\"}\n")
        #expect(
            ask("{ tiers { nodes { name } } }", "csv", "--excel").output
                == "\u{FEFF}name\r\nBronze\r\nGold\r\n")
        let refusal = ask("{ tirs { nodes { name } } }", "csv")
        #expect(refusal.exitCode == .answeredWithErrors)
        #expect(refusal.output == "")
        #expect(refusal.errors.hasPrefix("error: Cannot query field \"tirs\" on type \"Query\"."))
        #expect(
            tessera(["query", tiers, "--url", "http://127.0.0.1:1/", "--format", "csv"]).exitCode
                == .unreachable)
    }

    @Test func `a table is exported as one array of JSON`() throws {
        let folder = try DataFolder()
        try folder.write("purses.csv", "id,balance\nprs_1,5\nprs_2,7\n")
        _ = folder.tessera("import", "purses", folder.path + "/purses.csv")
        let result = folder.tessera("export", "purses", "--format", "json")
        #expect(result.exitCode == .success)
        let lines = folder.tessera("export", "purses").output.split(separator: "\n")
        #expect(result.output == "[\n" + lines.joined(separator: ",\n") + "\n]\n")
        #expect((try? JSONValue(parsing: Array(result.output.utf8)))?.elements?.count == 2)
        #expect(folder.tessera("export", "entries", "--format", "json").output == "[]\n")
    }

    @Test func `help says what query takes`() {
        #expect(tessera(["query", "--help"]).output == QueryTableTests.help)
    }
}

struct AnswerStreamTests {
    private func read(_ text: String, pieces: Int) throws -> (body: String, isEnded: Bool) {
        var stream = AnswerStream()
        var body: [UInt8] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + pieces)
            try stream.add(bytes[start..<end]) { body += $0 }
            start = end
        }
        if !stream.isEnded { try? stream.end() }
        return (String(decoding: body, as: UTF8.self), stream.isEnded)
    }

    private let head = "HTTP/1.1 200 OK\r\nContent-Type: text/csv; charset=utf-8\r\n"

    @Test func `a body comes in pieces of any size, whatever its framing`() throws {
        let bodies = [
            "Content-Length: 11\r\n\r\na,b\r\n1,22\r\n", "\r\na,b\r\n1,22\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\na,b\r\n\r\n6\r\n1,22\r\n\r\n0\r\nTessera-Status: ok\r\n\r\n",
        ]
        for body in bodies {
            for pieces in 1...40 {
                let found = try read(head + body, pieces: pieces)
                #expect(found.body == "a,b\r\n1,22\r\n")
                #expect(found.isEnded)
            }
        }
    }

    @Test func `a body that is cut off is known to be`() throws {
        for body in [
            "Content-Length: 12\r\n\r\na,b\r\n1,22\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\na,b\r\n\r\n", "Content-Length: 5\r\n",
        ] {
            #expect(try !read(head + body, pieces: 7).isEnded)
        }
    }

    @Test func `what is no HTTP is refused`() {
        for text in [
            "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            String(repeating: "x", count: 70_000),
        ] {
            #expect(throws: CommandError.self) { try read(text, pieces: 1 << 20) }
        }
    }
}

extension QueryTableTests {
    fileprivate static let help = """
        tessera query: run a query on a data directory, data files, the sample club or a server

        Usage: tessera query [DOCUMENT] [flags]

        Arguments:
          DOCUMENT                   the query; by default it is read from --file or standard input

        Flags:
          -f, --file FILE            read the document from a file
          -v, --variable NAME=VALUE  a variable: its value as JSON, or else a plain text
          --operation NAME           the operation to run, if there are several
          --url URL                  ask this server
          --key KEY                  for --url: an access key or a token; in TESSERA_KEY other users cannot see it
          --demo                     ask the sample club
          --size SIZE                of the sample club: small, or large for ten times as much \
        (default: small)
          --data DIR                 ask a data directory, or the server that has it open; \
        nothing is changed
          --schema DIR               the folder of the schema files (default: schema)
          --import DIR               load the data files of this folder
          --clock TIME               what counts as now; by default the system's time
          --format FORMAT            of the answer: json; table, to be read; csv or ndjson, one \
        list of any length (default: json)
          --explode NAME             csv and ndjson: the list inside each row whose rows become \
        lines
          --excel                    csv: as spreadsheets want it, safe from formulas
          -q, --quiet                no line that shows how far it is
          --explain                  say on standard error how each list was found

        Examples:
          tessera query --demo '{ tiers { nodes { name threshold } } }' --format table
          tessera query -f member.graphql -v id=mem_7 --data club-data
          tessera query --url http://127.0.0.1:8080/graphql '{ members { nodes { id name } } }' \
        --format csv

        """
}
