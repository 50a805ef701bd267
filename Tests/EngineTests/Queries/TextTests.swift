import JSON
import Testing

@testable import Engine

@Suite struct TextTests {
    private func names(_ names: [String]) throws -> EngineFixture {
        let rows = names.enumerated().map { number, name in
            JSONValue.object([.init("id", .string("wrd_\(number)")), .init("name", .string(name))])
        }
        return try EngineFixture(
            "type Word @table(idPrefix: \"wrd\") { name: String! @index }",
            rows: ["Word": .array(rows)])
    }

    private func found(_ fixture: EngineFixture, _ arguments: String) throws -> [String] {
        let answer = try fixture.ask("{ words(\(arguments)) { nodes { name id } } }")
        return answer.json?["data"]?["words"]?["nodes"]?.elements?.compactMap {
            "\($0["name"]?.string ?? "") \($0["id"]?.string?.dropFirst(4) ?? "")"
        } ?? [answer.text]
    }

    @Test func `texts sort by their bytes, and equal ones by age in the direction asked`() throws {
        let words = try names([
            "common beginning b", "z", "common beginning a", "", "common beginning b", "é", "Z",
        ])
        #expect(
            try found(words, "orderBy: [{ name: ASC }]") == [
                " 3", "Z 6", "common beginning a 2", "common beginning b 0",
                "common beginning b 4", "z 1", "é 5",
            ])
        #expect(
            try found(words, "orderBy: [{ name: DESC }]") == [
                "é 5", "z 1", "common beginning b 4", "common beginning b 0",
                "common beginning a 2", "Z 6", " 3",
            ])
        #expect(
            try found(
                words,
                #"filter: { name: { gt: "common beginning a", lte: "z" } }, orderBy: [{ name: ASC }]"#
            )
                == ["common beginning b 0", "common beginning b 4", "z 1"])
        #expect(
            try found(
                words,
                #"filter: { name: { startsWith: "common begi" } }, orderBy: [{ name: DESC }], last: 2"#
            )
                == ["common beginning b 0", "common beginning a 2"])
    }

    @Test func `ignoreCase is simple folding, of one letter into one`() throws {
        let words = try names([
            "ΣΊΣΥΦΟΣ", "σίσυφος", "straße", "STRASSE", "ſie", "Iı", "İ", "\u{212A}elvin",
            "ÅNGSTRÖM",
        ])
        func equal(_ text: String) throws -> [String] {
            try found(words, "filter: { name: { eq: \"\(text)\", ignoreCase: true } }")
        }
        #expect(try equal("Σίσυφοσ") == ["ΣΊΣΥΦΟΣ 0", "σίσυφος 1"])
        #expect(try equal("STRAẞE") == ["straße 2"])
        #expect(try equal("strasse") == ["STRASSE 3"])
        #expect(try equal("SIE") == ["ſie 4"])
        #expect(try equal("ii") == [])
        #expect(try equal("iı") == ["Iı 5"])
        #expect(try equal("i") == [])
        #expect(try equal("KELVIN") == ["\u{212A}elvin 7"])
        #expect(try equal("\u{212B}ngström") == ["ÅNGSTRÖM 8"])
        #expect(
            try found(words, #"filter: { name: { in: ["SIE", "strasse"], ignoreCase: true } }"#)
                == ["STRASSE 3", "ſie 4"])
        #expect(
            try found(
                words, #"filter: { name: { notIn: ["σίσυφοσ"], contains: "Σ", ignoreCase: true } }"#
            ) == [])
        #expect(
            try found(words, #"filter: { name: { endsWith: "sE", ignoreCase: true } }"#)
                == ["STRASSE 3"])
    }

    @Test func `cursors of long texts can be used`() throws {
        let long = String(repeating: "å", count: 9000)
        let words = try names(["x" + long, long, long, "a"])
        let first = try words.ask(
            "{ words(orderBy: [{ name: ASC }], first: 3) { pageInfo { endCursor } } }")
        let cursor = try #require(first.json?["data"]?["words"]?["pageInfo"]?["endCursor"])
        try words.check(
            "query($c: String) { words(orderBy: [{ name: ASC }], after: $c) { nodes { id } } }",
            .object([.init("c", cursor)]), gives: #"{"data":{"words":{"nodes":[{"id":"wrd_2"}]}}}"#)
    }
}
