import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Testing

@testable import Engine

/// What errors repeat of a request, and how much of it.
@Suite struct ErrorTextTests {
    private let long = String(repeating: "n", count: 60_000)
    private let cut = String(repeating: "n", count: 97) + "..."
    private let hundred = String(repeating: "n", count: 100)

    @Test func `a long name or value is cut, what stands around it is not`() {
        #expect(ErrorText.shown("Unknown type \"Cat\".") == "Unknown type \"Cat\".")
        #expect(
            ErrorText.shown("Unknown type \"\(long)\" and \"Cat\".")
                == "Unknown type \"\(cut)\" and \"Cat\".")
        #expect(ErrorText.shown("Unknown \(long) here.") == "Unknown \(cut) here.")
        #expect(
            ErrorText.shown(
                "One \"a\" of which a long tale is told that has nothing to do with any value at "
                    + "all \"b\", and \"\(String(repeating: "x y ", count: 30))\".")
                == "One \"a\" of which a long tale is told that has nothing to do with any value "
                + "at all \"b\", and \"\(String(repeating: "x y ", count: 24))x...\".")
    }

    @Test func `what was cut before stays as it is`() {
        #expect(ErrorText.shown("Not \"\(cut)\" here.") == "Not \"\(cut)\" here.")
        #expect(ErrorText.shown("Not \"\(hundred)\" here.") == "Not \"\(hundred)\" here.")
        #expect(ErrorText.shown("Not \"\(hundred)...\".") == "Not \"\(cut)\".")
        #expect(ErrorText.shown("Not \"\(hundred)n\".") == "Not \"\(cut)\".")
        let escaped = "Not \"" + String(repeating: "\\\"", count: 40) + "\", \"\(hundred)\"."
        #expect(ErrorText.shown(escaped) == escaped)
    }

    @Test func `a message has at most six hundred characters`() {
        let names = (0..<300).map { "\"F\($0)\"" }.joined(separator: ", ")
        let shown = ErrorText.shown("A cycle of \(names).")
        #expect(shown.unicodeScalars.count == 600)
        #expect(shown.hasPrefix("A cycle of \"F0\", \"F1\","))
        #expect(shown.hasSuffix("..."))
    }

    @Test func `no long name comes back, whichever part of the server refuses it`() throws {
        let club = try EngineFixture.club()
        for document in [
            "{ \(long) }", "{ ... on \(long) { id } }", "{ members(\(long): 1) { totalCount } }",
            "{ __typename @\(long) }", "{ members(orderBy: [{ name: \(long) }]) { totalCount } }",
            "{ ...\(long) }", "{ members(first: \"\(long)\") { totalCount } }",
            "{ members(orderBy: [{ \(long): ASC }]) { totalCount } }",
            "query(\(String(repeating: "$\(long.prefix(20_000)): Int ", count: 2))) { __typename }",
            "{ members(after: \"\(long)\") { totalCount } }", "{ members(first: \(long)) { id } }",
            "{ members { groupBy(by: [{ field: NAME }], timeZone: \"\(long)\") "
                + "{ aggregate { count } } } }",
        ] {
            let text = try club.ask(document).text
            #expect(!text.contains(hundred), "\(text.prefix(300))")
            #expect(text.utf8.count < 2_000)
        }
        let named = try club.ask("query A { __typename }", operation: long)
        #expect(
            named.json?["errors"]?[0]?["message"]?.string == "Unknown operation named \"\(cut)\".")
    }

    @Test func `an error names twenty places`() throws {
        let same = String(repeating: "first: 1 ", count: 1_000)
        let answer = try EngineFixture.club().ask("{ members(\(same)) { totalCount } }")
        #expect(answer.json?["errors"]?.elements?.count == 1)
        #expect(answer.json?["errors"]?[0]?["locations"]?.elements?.count == 20)
    }

    @Test func `a refusal is shorter than 64 KiB, and its last error says that there were more`() {
        let control = String(repeating: "\u{1}", count: 100)
        for count in [1, 99, 100, 101, 5_000] {
            let errors = (0..<count).map { number in
                GraphQLError(
                    "\(number)" + String(repeating: " \"\(control)\"", count: 6), in: nil,
                    rule: "Rule")
            }
            let output = ByteBuffer()
            RequestErrors.write(errors, code: "CODE", to: output)
            #expect(output.count < 64 << 10)
            let told = (try? JSONValue(parsing: output.makeString()))?["errors"]?.elements ?? []
            #expect(told.last?["message"]?.string?.hasPrefix("\(count - 1) ") == true)
            #expect(told.count == count || told.count < 20)
        }
        let short = (0..<200).map { GraphQLError("\($0)", in: nil, rule: "Rule") }
        let output = ByteBuffer()
        RequestErrors.write(short, code: "CODE", to: output)
        let told = (try? JSONValue(parsing: output.makeString()))?["errors"]?.elements ?? []
        #expect(told.compactMap { $0["message"]?.string } == (0..<99).map(String.init) + ["199"])
    }
}
