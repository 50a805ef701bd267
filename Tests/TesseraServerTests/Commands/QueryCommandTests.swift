import JSON
import Testing

@testable import TesseraServer

struct QueryCommandTests {
    private func club() throws -> CommandFolder {
        try CommandFolder([
            "a.graphql": """
            type Team @table { code: String! people: [Person!]! @relation(inverse: "team") }
            type Person @table(plural: "people") { name: String! team: Team @relation size: Int }
            """,
            "teams.ndjson": "{\"code\":\"ops\"}\n",
            "people.csv": "name,team,size\nAda,1,5\n王芳,1,\nBo,,123\n",
            "q.txt": "query A($n: Int) { people(first: $n) { totalCount } } query B { __typename }",
        ])
    }

    private func query(_ folder: CommandFolder, _ words: [String], input: String? = nil)
        -> CommandResult
    {
        tessera(
            ["query"] + words + ["--schema", folder.path, "--import", folder.path], input: input)
    }

    @Test func `a query is answered from data files`() throws {
        let folder = try club()
        #expect(
            query(folder, ["{ people { nodes { name team { code } } } }"])
                == CommandResult(
                    exitCode: .success,
                    output: #"{"data":{"people":{"nodes":[{"name":"Ada","team":{"code":"ops"}},"#
                        + #"{"name":"王芳","team":{"code":"ops"}},{"name":"Bo","team":null}]}}}"#
                        + "\n",
                    errors: ""))
    }

    @Test func `the document comes from a file, standard input or the argument`() throws {
        let folder = try club()
        let file = folder.path + "/q.txt"
        #expect(
            query(folder, ["-f", file, "--operation", "A", "-v", "n=2"]).output
                == #"{"data":{"people":{"totalCount":3}}}"# + "\n")
        #expect(
            query(folder, [], input: "{ __typename }").output
                == #"{"data":{"__typename":"Query"}}"# + "\n")
        #expect(
            query(folder, ["-"], input: "{ __typename }").exitCode == .success)
        #expect(query(folder, ["{ __typename }", "-f", file]).exitCode == .usage)
        #expect(
            query(folder, ["-f", "/nowhere"]).errors.hasPrefix("tessera: /nowhere cannot be read"))
        #expect(query(folder, []).errors.hasPrefix("tessera: query needs a document\n"))
    }

    @Test func `variables are JSON, or else texts, and the last of a name counts`() throws {
        let folder = try club()
        let document = """
            query($id: ID!, $in: [ID!]) {
              person(id: $id) { name } people(filter: { id: { in: $in } }) { totalCount } }
            """
        #expect(
            query(
                folder,
                [document, "-v", "id=1", "-v", "id=person_1", "-v", #"in=["person_1","person_3"]"#]
            ).output == #"{"data":{"person":{"name":"Ada"},"people":{"totalCount":2}}}"# + "\n")
    }

    @Test func `an answer with errors ends with 6`() throws {
        let folder = try club()
        let result = query(folder, ["{ peple { totalCount } }"])
        #expect(result.exitCode == .answeredWithErrors)
        #expect(result.output.contains("GRAPHQL_VALIDATION_FAILED"))
        let table = query(folder, ["{ peple { totalCount } }", "--format", "table"])
        #expect(table.exitCode == .answeredWithErrors)
        #expect(table.errors.hasPrefix("error: Cannot query field \"peple\""))
    }

    @Test func `a table has a column for each leaf, and wide letters count twice`() throws {
        let folder = try club()
        let document = "{ people { nodes { name size team { code } } } teams { totalCount } }"
        #expect(
            query(folder, [document, "--format", "table"]).output == """
                people
                name  size  team.code
                ────  ────  ─────────
                Ada      5  ops
                王芳        ops
                Bo     123

                teams
                totalCount  1

                """)
    }

    @Test func `explain says once for each list how it was found`() throws {
        let folder = try club()
        let result = query(
            folder, ["{ teams { nodes { people(first: 1) { nodes { name } } } } }", "--explain"])
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(
            lines[0].hasPrefix("teams.nodes.people: ") || lines[1].hasPrefix("teams.nodes.people: ")
        )
        #expect(lines[2].contains(" bytes in "))
    }

    @Test func `a server that is not there ends with 5`() {
        #expect(
            tessera(["query", "{a}", "--url", "http://127.0.0.1:1/graphql"])
                == CommandResult(
                    exitCode: .unreachable, output: "",
                    errors: """
                        tessera: no server can be reached at http://127.0.0.1:1/graphql
                          help: does it run? "tessera demo" starts one

                        """))
    }

    @Test func `URLs that cannot be asked end with 2`() {
        for url in [
            "https://a", "ftp://a", "a", "http://", "http://a:x/", "http://a b/", "http://u@h/",
        ] {
            #expect(tessera(["query", "{a}", "--url", url]).exitCode == .usage)
        }
        #expect(
            tessera(["query", "{a}", "--url", "http://127.0.0.1:1", "--explain"]).exitCode == .usage
        )
    }

    @Test func `a request's body is JSON`() throws {
        let question = Question(
            document: Array("{ \"x\" }\n".utf8), variables: ["a": [1, nil]], operation: "Q")
        #expect(
            String(decoding: question.body, as: UTF8.self)
                == #"{"query":"{ \"x\" }\n","operationName":"Q","variables":{"a":[1,null]}}"#)
    }
}

struct HTTPAnswerTests {
    private func answer(_ text: String) throws(QueryClientError) -> HTTPAnswer {
        try HTTPAnswer(Array(text.utf8))
    }

    @Test func `a body has a length, chunks or the connection's end`() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
        let bodies = [
            "Content-Length: 2\r\n\r\n{}", "Content-Length: 2\r\n\r\n{}more",
            "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "\r\n{}",
        ]
        for body in bodies {
            #expect(try answer(head + body).graphQLBody() == Array("{}".utf8))
        }
    }

    @Test func `an answer that is cut off or no HTTP is refused`() {
        let texts = [
            "", "HTTP/1.1 200 OK\r\n", "nonsense\r\n\r\n", "HTTP/1.1 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n{}\r\n",
        ]
        for text in texts {
            #expect(throws: QueryClientError.malformed) { try answer(text) }
        }
    }

    @Test func `an answer of another type is told by its status`() throws {
        let found = try answer("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nno")
        #expect(throws: QueryClientError.status(404)) { try found.graphQLBody() }
    }

    @Test func `an answer is complete when its length is there`() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
        #expect(!HTTPAnswer.isComplete(Array(head.utf8)))
        #expect(HTTPAnswer.isComplete(Array((head + "{}").utf8)))
        #expect(!HTTPAnswer.isComplete(Array("HTTP/1.1 200 OK\r\n\r\n{}".utf8)))
    }
}
