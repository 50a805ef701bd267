import Dispatch
import Foundation
import Testing

@testable import GraphQLLanguage

@Test func `a document has at most so many bytes`() {
    let limits = ParseLimits(documentBytesMax: 10, tokensMax: 100, nestingMax: 10)
    #expect(refusal(of: Source("{ a, b, c}"), limits: limits) == nil)
    #expect(
        refusal(of: Source("{ a, b, c }"), limits: limits)
            == Refusal(
                "Syntax Error: Document contains more than 10 bytes. Parsing aborted.", 1, 11))
}

@Test func `a document has at most so many tokens, and comments are none`() {
    let limits = ParseLimits(documentBytesMax: 1000, tokensMax: 8, nestingMax: 10)
    #expect(refusal(of: Source("{ a ...F b: c,,, }#...\n#\n"), limits: limits) == nil)
    #expect(
        refusal(of: Source("{ a ...F b: c d }"), limits: limits)
            == Refusal(
                "Syntax Error: Document contains more than 8 tokens. Parsing aborted.", 1, 17))
}

@Test func `every kind of token counts`() {
    for (text, tokens) in [
        ("1", 1), ("1.5", 1), ("\"s\"", 1), ("\"\\n\"", 1), ("\"\"\"s\"\"\"", 1), ("E", 1),
        ("$v", 2),
        ("[]", 2), ("{a:1}", 5),
    ] {
        for (tokensMax, fits) in [(tokens, true), (tokens - 1, false)] {
            let limits = ParseLimits(documentBytesMax: 1000, tokensMax: tokensMax, nestingMax: 10)
            let value = try? parseValue(Source(text), limits: limits)
            #expect((value != nil) == fits, "\(text)")
        }
    }
}

@Test func `the limits of a request stand on both sides`() {
    let names = String(repeating: "a ", count: 14_998)
    #expect(refusal(of: Source("{\(names)}")) == nil)
    #expect(
        refusal(of: Source("{a \(names)}"))?.message
            == "Syntax Error: Document contains more than 15000 tokens. Parsing aborted.")
    let padding = String(repeating: ",", count: 65_536 - 3)
    #expect(refusal(of: Source("{a\(padding)}")) == nil)
    #expect(
        refusal(of: Source("{a,\(padding)}"))
            == Refusal(
                "Syntax Error: Document contains more than 65536 bytes. Parsing aborted.", 1,
                65_537))
}

@Test func `a file may be long`() {
    let names = String(repeating: "a, ", count: 100_000)
    #expect(refusal(of: Source("{\(names)}"), limits: .file) == nil)
}

/// Everything that nests, so many levels deep; the last two alternate.
private func nested(_ levels: Int) -> [String] {
    func around(_ open: String, _ inner: String, _ close: String, _ levels: Int) -> String {
        String(repeating: open, count: levels) + inner + String(repeating: close, count: levels)
    }
    let half = levels / 2
    return [
        around("{a", "", "}", levels),
        "{a" + around("...{", "b", "}", levels - 1) + "}",
        "{a" + around("...on A{", "b", "}", levels - 1) + "}",
        "{a(b:" + around("[", "", "]", levels - 1) + ")}",
        "{a(b:" + around("{c:", "1", "}", levels - 1) + ")}",
        "{a@d(b:" + around("{c:", "1", "}", levels - 1) + ")}",
        "query($a:" + around("[", "A", "]", levels) + "){a}",
        "query($a:" + around("[", "A!", "]!", levels) + "){a}",
        "query($a:A=" + around("[", "", "]", levels) + "){a}",
        "type A{a(b:A=" + around("{c:", "1", "}", levels) + "):B}",
        "type A{a:" + around("[", "A", "]", levels) + "}",
        "enum A{B@d(c:" + around("[", "", "]", levels) + ")}",
        around("{a", "(b:" + around("[", "", "]", levels - half) + ")", "}", half),
        "input A{b:C=" + around("[{c:", "1", "}]", half) + "}",
    ]
}

@Test func `nesting is counted over all kinds of brackets`() {
    let limits = ParseLimits(documentBytesMax: 1000, tokensMax: 1000, nestingMax: 10)
    for text in nested(10) {
        #expect(refusal(of: Source(text), limits: limits) == nil, "\(text)")
    }
    for text in nested(12) {
        #expect(
            refusal(of: Source(text), limits: limits)?.message
                == "Syntax Error: Document is nested more than 10 levels deep. Parsing aborted.",
            "\(text)")
    }
    #expect(
        refusal(of: Source("{a{a{a{a{a{a{a{a{a{a\n {a}}}}}}}}}}}"), limits: limits)
            == Refusal(
                "Syntax Error: Document is nested more than 10 levels deep. Parsing aborted.", 2, 2)
    )
    let wide = "{a" + String(repeating: "{b}a(c:[[]])", count: 30) + "}"
    #expect(refusal(of: Source(wide), limits: limits) == nil)
}

/// Runs work on a thread with as little stack as a Dispatch worker's.
private func onSmallStack(_ work: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        work()
        done.signal()
    }
    thread.stackSize = 512 * 1024
    thread.start()
    done.wait()
}

@Test func `the deepest tree fits on a small stack`() {
    onSmallStack {
        for limits in [ParseLimits.request, .file] {
            for text in nested(limits.nestingMax) {
                guard let document = try? parse(Source(text), limits: limits) else {
                    Issue.record("refused: \(text)")
                    continue
                }
                #expect((try? parse(Source(print(document)), limits: limits)) == document)
            }
        }
    }
}

@Test func `hostile nesting ends in an error`() {
    onSmallStack {
        for piece in [
            "{", "{a", "{a{", "[", "{a(b:[", "{a(b:{c:", "query($a:[", "...{", "{...{", "{...on A{",
        ] {
            let text = piece + String(repeating: String(piece.suffix(3)), count: 100_000)
            #expect(refusal(of: Source(text), limits: .file) != nil)
            let open = piece + String(repeating: "[", count: 100_000)
            #expect(refusal(of: Source(open), limits: .file) != nil)
        }
    }
}

@Test func `many places are located as each alone`() {
    let source = Source("{\r\n a é😀\rb\n\n}\r")
    let offsets = Array(0...source.bytes.count) + [3, 0, 99, 7]
    let expected = offsets.map { source.location(at: $0) }
    #expect(source.locations(at: offsets) == expected)
    #expect(source.locations(at: offsets.reversed()) == expected.reversed())
    #expect(source.locations(at: []) == [])
}
