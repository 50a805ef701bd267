import Bytes
import Engine
import JSON
import Testing

@testable import TesseraServer

/// `tessera trusted build`, and what a server reads of it.
struct TrustedCommandTests {
    private static let one = "query One { members(first: 1) { nodes { id } } }\n"

    private func build(_ files: [String: String]) throws -> CommandResult {
        let folder = try CommandFolder(files)
        let result = tessera(["trusted", "build", folder.path, "--schema", schemaFolder])
        return CommandResult(
            exitCode: result.exitCode, output: result.output,
            errors: result.errors.replacing(folder.path, with: "ops"))
    }

    @Test func `a file with one operation is trusted as it stands`() throws {
        let result = try build(["one.graphql": Self.one])
        let hash = SHA256.digest(of: Array(Self.one.utf8)).hexadecimal
        #expect(
            try JSONValue(parsing: result.output) == [
                "format": "apollo-persisted-query-manifest", "version": 1,
                "operations": [
                    [
                        "id": .string(hash), "name": "One", "type": "query",
                        "body": .string(Self.one),
                    ]
                ],
            ], "\(result.errors)")
    }

    @Test func `operations of one file each have the fragments they use`() throws {
        let result = try build([
            "many.graphql": """
            query B { members(first: 1) { nodes { ...Known } } }
            query A { members(first: 2) { totalCount } }
            """,
            "parts.graphql":
                "fragment Known on Member { id ...More } fragment More on Member { tier { name } }",
        ])
        let operations = try #require(JSONValue(parsing: result.output)["operations"]?.elements)
        #expect(operations.map { $0["name"] } == ["A", "B"])
        let bodies = operations.compactMap { $0["body"]?.string }
        #expect(!bodies[0].contains("fragment"))
        #expect(bodies[1].contains("fragment Known") && bodies[1].contains("fragment More"))
        for operation in operations {
            let body = try #require(operation["body"]?.string)
            #expect(
                operation["id"]?.string == SHA256.digest(of: Array(body.utf8)).hexadecimal)
        }
    }

    @Test func `what does not fit the schema is told, and nothing is written`() throws {
        let result = try build([
            "a.graphql": "query A { members { nope } }", "b.graphql": "query B {",
        ])
        #expect(result.exitCode == .problems)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("ops/a.graphql:1:21: Cannot query field \"nope\""))
        #expect(result.errors.contains("ops/b.graphql:1:10: Syntax Error"))
        #expect(result.errors.hasSuffix("ops: 2 problems\n"))
    }

    @Test func `manifests of Apollo's form and flat ones are read`() throws {
        let flat = TrustedManifest.documents(["sha256:ab": "{ a }", "name": "{ b }"])
        #expect(
            flat == [
                TrustedDocument(id: "ab", text: Array("{ a }".utf8)),
                TrustedDocument(id: "name", text: Array("{ b }".utf8)),
            ])
        var manifest = TrustedManifest()
        manifest.operations.append(
            TrustedManifest.Operation(id: "x", name: "X", type: "query", body: "{ x }"))
        #expect(
            TrustedManifest.documents(manifest.json)
                == [TrustedDocument(id: "x", text: Array("{ x }".utf8))])
        #expect(TrustedManifest.documents(["format": "other", "operations": []]) == nil)
        #expect(TrustedManifest.documents(["a": 1]) == nil)
        #expect(TrustedManifest.documents([1]) == nil)
    }

    @Test func `the reports of a schema are documents by their hashes`() {
        let documents = TrustedManifest.documents(ofFolder: schemaFolder + "/reports")
        #expect(documents.count >= 10)
        for document in documents {
            #expect(document.id == SHA256.digest(of: document.text).hexadecimal)
        }
        #expect(TrustedManifest.documents(ofFolder: "/nowhere").isEmpty)
    }
}
