import JSON
import Testing

@testable import TesseraServer

struct AnswerTableTests {
    private func table(_ json: String, width: Int? = nil) throws -> String {
        AnswerTable.text(try JSONValue(parsing: Array(json.utf8)), width: width)
    }

    @Test func `objects inside rows are flattened, and numbers stand on the right`() throws {
        #expect(
            try table(
                #"""
                {"members":{"nodes":[
                  {"name":"Ada","points":5,"tier":{"name":"Gold","group":{"rank":1}},"id":"12"},
                  {"name":"王芳","points":-12345,"tier":null,"id":"3"},
                  {"name":"Ünal 🏊","points":0.5,"tier":{"name":"Silver","group":null},"id":"456"}
                ]}}
                """#) == """
                    name     points  tier.name  tier.group.rank  id
                    ───────  ──────  ─────────  ───────────────  ───
                    Ada           5  Gold                     1  12
                    王芳     -12345                              3
                    Ünal 🏊     0.5  Silver                      456
                    """)
    }

    @Test func `every list is a table of its own, titled by the way to it`() throws {
        #expect(
            try table(
                #"""
                {"__typename":"Query","member":{"name":"Ada","tier":{"name":"Gold"},
                 "points":{"totalCount":2,"nodes":[{"delta":5},{"delta":-3}]},"tags":["a","b"]},
                 "tiers":{"edges":[{"cursor":"x","node":{"name":"Gold"}}]},
                 "entries":{"groupBy":[{"keys":{"month":"2026-06"},"aggregate":{"sum":{"delta":2}}}]},
                 "none":{"nodes":[]},"gone":null}
                """#) == """
                    __typename
                    Query

                    member
                    name       Ada
                    tier.name  Gold
                    tags       a, b

                    member.points
                    delta
                    ─────
                        5
                       -3

                    member.points
                    totalCount  2

                    tiers
                    name
                    ────
                    Gold

                    entries.groupBy
                    keys.month  aggregate.sum.delta
                    ──────────  ───────────────────
                    2026-06                       2

                    none
                    no rows

                    gone

                    """)
    }

    @Test func `one table has no title, and no data says so`() throws {
        #expect(try table(#"{"a":{"totalCount":3}}"#) == "totalCount  3")
        #expect(try table(#"{"a":7}"#) == "7")
        #expect(try table("null") == "no data")
    }

    @Test func `nothing in a cell acts on the terminal`() throws {
        #expect(
            try table(#"{"a":[{"x":"1\n2\u001b[31m\u007f\u009b3"}]}"#)
                == "x\n───────────\n1 2 [31m  3")
    }

    @Test func `long cells are cut to the terminal, the widest first, numbers never`() throws {
        let json = #"""
            {"a":[{"id":1234567890123,"name":"Adelheid","text":"王芳王芳王芳王芳王芳王芳王芳王芳"},
            {"id":2,"name":"Bo","text":"short"}]}
            """#
        #expect(
            try table(json, width: 45) == """
                           id  name      text
                ─────────────  ────────  ────────────────────
                1234567890123  Adelheid  王芳王芳王芳王芳王…
                            2  Bo        short
                """)
        // Eight columns are left to each, however narrow it is.
        #expect(
            try table(json, width: 10) == """
                           id  name      text
                ─────────────  ────────  ────────
                1234567890123  Adelheid  王芳王…
                            2  Bo        short
                """)
        #expect(try table(json, width: 200).contains("王芳王芳王芳王芳王芳王芳王芳王芳"))
    }

    @Test func `columns of letters are counted as terminals show them`() {
        let texts = ["", "abc", "王", "e\u{301}", "🏊‍♀️", "한", "ｱ", "\u{200B}"]
        #expect(texts.map(TextWidth.columns) == [0, 3, 2, 1, 2, 2, 1, 0])
        #expect(
            ["abc", "abcd", "王芳", "王芳王"].map { TextWidth.cut($0, to: 4) } == [
                "abc", "abcd", "王芳", "王…",
            ])
    }
}
