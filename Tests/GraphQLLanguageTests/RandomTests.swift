import Testing

@testable import GraphQLLanguage

@Test(arguments: 1...8 as ClosedRange<UInt64>)
func `a random document prints, parses back and prints the same`(seed: UInt64) {
    var random = RandomDocument(seed: seed)
    for round in 0..<150 {
        let document = random.document()
        let text = print(document)
        do throws(SyntaxError) {
            let parsed = try parse(Source(text), limits: .file)
            #expect(parsed == document, "seed \(seed), round \(round):\n\(text)")
            #expect(print(parsed) == text, "seed \(seed), round \(round)")
        } catch {
            Issue.record("seed \(seed), round \(round): \(error)\n\(text)")
        }
    }
}

@Test(arguments: 1...4 as ClosedRange<UInt64>)
func `whatever a block string holds, it prints as a block string and parses back`(seed: UInt64)
    throws
{
    var random = RandomDocument(seed: seed)
    let pieces = [
        "x", "é", " ", "  ", "\t", "\n", "\r", "\r\n", "\"", "\\\"\"\"", "\\", "\n   ", "\u{0}",
    ]
    for round in 0..<1000 {
        let raw = (0..<random.below(10)).map { _ in pieces[random.below(pieces.count)] }.joined()
        guard let value = try? parseValue(Source("\"\"\"\(raw)\"\"\"")) else { continue }
        let printed = print(value)
        let comment = "seed \(seed), round \(round): \(raw.debugDescription)" as Comment
        #expect(printed.hasPrefix("\"\"\""), comment)
        #expect((try? parseValue(Source(printed))) == value, comment)
        let indented = "{\n  a(\n    b: " + Printer.indent(Printer.indent(printed)) + "\n  )\n}"
        try #require((try? parse(Source(indented))) != nil, comment)
        #expect(
            try parse(Source(indented)).definitions
                == [query(field("a", arguments: [Argument(name: Name("b"), value: value)]))],
            comment)
    }
}

/// Parses anything; what parses must print and parse back, what does not must say where and why.
private func examine(_ bytes: [UInt8], _ comment: @autoclosure () -> Comment) {
    do throws(SyntaxError) {
        let document = try parse(Source(bytes: bytes))
        let text = print(document)
        if (try? parse(Source(text), limits: .file)) != document {
            Issue.record("does not print back, \(comment())")
        }
    } catch {
        if !error.message.hasPrefix("Syntax Error: ") || !(0...bytes.count).contains(error.offset) {
            Issue.record("\(error) at \(error.offset), \(comment())")
        }
    }
}

@Test func `every beginning of a document ends in a tree or an error`() {
    for text in [KitchenSink.query, KitchenSink.schema] {
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            examine(Array(bytes[..<count]), "the first \(count) bytes")
        }
    }
}

@Test func `every change of one byte ends in a tree or an error`() {
    let text =
        #"query Q($a:[I!]=[-1.5e3]@d){b:c(d:"\u{e9}\uD83D\uDE00é",e:"""x\"""""",f:{g:$a}){...on H{i}...J}}"#
    let original = Array(text.utf8)
    for index in original.indices {
        for byte in UInt8.min...UInt8.max {
            var bytes = original
            bytes[index] = byte
            examine(bytes, "byte \(index) set to \(byte)")
        }
        var shorter = original
        shorter.remove(at: index)
        examine(shorter, "byte \(index) taken out")
    }
}

@Test(arguments: 1...4 as ClosedRange<UInt64>)
func `random changes end in a tree or an error`(seed: UInt64) {
    var random = RandomDocument(seed: seed)
    let originals = [KitchenSink.query, KitchenSink.schema].map { Array($0.utf8) }
    let pieces = [
        "{", "}", "(", ")", "[", "]", "\"", "\"\"\"", "\\", "\\u", "$", "@", "!", "=", ":", "|",
        "&", "...", ".", "-", "0", "1", "e", "on", "extend", "#", "\n", "\r", "\u{FEFF}", "é",
        "\u{0}",
    ].map { Array($0.utf8) }
    for round in 0..<400 {
        var bytes = originals[random.below(originals.count)]
        for _ in 0...random.below(4) {
            let start = random.below(bytes.count)
            let end = min(bytes.count, start + random.below(4))
            bytes.replaceSubrange(start..<end, with: pieces[random.below(pieces.count)])
        }
        examine(bytes, "seed \(seed), round \(round)")
    }
}

@Test(arguments: 1...4 as ClosedRange<UInt64>)
func `random bytes end in a tree or an error`(seed: UInt64) {
    var random = RandomDocument(seed: seed)
    for round in 0..<2000 {
        let bytes = (0..<random.below(24)).map { _ in UInt8(random.below(256)) }
        examine(bytes, "seed \(seed), round \(round)")
        let source = Source(bytes: bytes)
        _ = try? parseValue(source)
        _ = try? parseType(source)
        _ = try? parseSchemaCoordinate(source)
    }
}
