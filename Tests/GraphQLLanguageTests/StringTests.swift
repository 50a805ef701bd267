import Testing

@testable import GraphQLLanguage

@Test(arguments: [
    (#""""#, ""),
    (#""x""#, "x"),
    (#""a, b # { } $ '""#, "a, b # { } $ '"),
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""x\ny""#, "x\ny"),
    (#""\u0041\u00e9\u00E9\uFFFF\u0000""#, "Aéé\u{FFFF}\u{0}"),
    (#""\u{41}\u{1F600}\u{10FFFF}\u{0}\u{e9}""#, "A😀\u{10FFFF}\u{0}é"),
    (#""\u{0000000041}\u{000000000000000000000000010FFFF}""#, "A\u{10FFFF}"),
    (#""\uD83D\uDE00\ud83d\ude00\uD800\uDC00\uDBFF\uDFFF""#, "😀😀\u{10000}\u{10FFFF}"),
    (#""\uD7FF\uE000""#, "\u{D7FF}\u{E000}"),
    ("\"\t\u{1}é😀\u{2028}\"", "\t\u{1}é😀\u{2028}"),
    (#""0123456789012345\n0123456789012345""#, "0123456789012345\n0123456789012345"),
])
func `a string stands for its characters and escape sequences`(literal: String, value: String)
    throws
{
    #expect(try stringValue(of: literal).map { Array($0.utf8) } == Array(value.utf8))
}

@Test(arguments: [
    (#"\x"#, #"Invalid character escape sequence: "\x"."#),
    (#"\'"#, #"Invalid character escape sequence: "\'"."#),
    (#"\0"#, #"Invalid character escape sequence: "\0"."#),
    (#"\U0041"#, #"Invalid character escape sequence: "\U"."#),
    (#"\é"#, #"Invalid character escape sequence: "\é"."#),
    (#"\😀"#, #"Invalid character escape sequence: "\😀"."#),
    (#"\u"#, #"Invalid Unicode escape sequence: "\u") }"."#),
    (#"\u1"#, #"Invalid Unicode escape sequence: "\u1") "."#),
    (#"\u123"#, #"Invalid Unicode escape sequence: "\u123""."#),
    (#"\u00zz"#, #"Invalid Unicode escape sequence: "\u00zz"."#),
    (#"\u00éé"#, #"Invalid Unicode escape sequence: "\u00éé"."#),
    (#"\uDEAD"#, #"Invalid Unicode escape sequence: "\uDEAD"."#),
    (#"\uD83D"#, #"Invalid Unicode escape sequence: "\uD83D"."#),
    (#"\uD83D "#, #"Invalid Unicode escape sequence: "\uD83D"."#),
    (#"\uD83D\n"#, #"Invalid Unicode escape sequence: "\uD83D"."#),
    (#"\uD83D\u0041"#, #"Invalid Unicode escape sequence: "\uD83D"."#),
    (#"\uD83D\uD83D"#, #"Invalid Unicode escape sequence: "\uD83D"."#),
    (#"\uD83D\u{DE00}"#, #"Invalid Unicode escape sequence: "\uD83D"."#),
    (#"\uDE00\uD83D"#, #"Invalid Unicode escape sequence: "\uDE00"."#),
    (#"\u{D83D}\uDE00"#, #"Invalid Unicode escape sequence: "\u{D83D}"."#),
    (#"\u{D83D}\u{DE00}"#, #"Invalid Unicode escape sequence: "\u{D83D}"."#),
    (#"\u{DEAD}"#, #"Invalid Unicode escape sequence: "\u{DEAD}"."#),
    (#"\u{DFFF}"#, #"Invalid Unicode escape sequence: "\u{DFFF}"."#),
    (#"\u{110000}"#, #"Invalid Unicode escape sequence: "\u{110000}"."#),
    (#"\u{FFFFFFFFFFFFFFFFFFFFFFFF}"#, #"Invalid Unicode escape sequence: "\u{FFFFFFFFF"."#),
    (#"\u{10000000000000041}"#, #"Invalid Unicode escape sequence: "\u{100000000"."#),
    (#"\u{}"#, #"Invalid Unicode escape sequence: "\u{}"."#),
    (#"\u{G}"#, #"Invalid Unicode escape sequence: "\u{G"."#),
    (#"\u{ 41}"#, #"Invalid Unicode escape sequence: "\u{ "."#),
    (#"\u{41"#, #"Invalid Unicode escape sequence: "\u{41""."#),
])
func `a wrong escape sequence is quoted`(escape: String, message: String) {
    check("{ a(b: \"\(escape)\") }", isRefused: message, at: 1, 9)
    check("{ a(b: \"\\n\(escape)\") }", isRefused: message, at: 1, 11)
}

@Test(arguments: [#"\"#, #"\u"#, #"\u0"#, #"\u00"#, #"\u004"#, #"\u{"#, #"\u{4"#, #"\u{41"#])
func `an escape sequence may not be cut off by the end`(escape: String) {
    let kind = escape.count == 1 ? "character" : "Unicode"
    check("\"\(escape)", isRefused: #"Invalid \#(kind) escape sequence: "\#(escape)"."#, at: 1, 2)
}

@Test(arguments: ["\n", "\r", "\r\n"])
func `a string ends on its line`(lineEnd: String) {
    check("{ a(b: \"x\(lineEnd)y\") }", isRefused: "Unterminated string.", at: 1, 10)
    check("{ a(b: \"\\n\(lineEnd)y\") }", isRefused: "Unterminated string.", at: 1, 11)
}

@Test(arguments: [
    "\"", "\"x", "\"é", "\"\\n", "\"\"\"", "\"\"\"x", "\"\"\"x\"", "\"\"\"x\"\"", #"""""x\""""#,
])
func `a string ends before the document`(text: String) {
    check(text, isRefused: "Unterminated string.", at: 1, text.unicodeScalars.count + 1)
}

@Test(arguments: [
    ("", ""), ("x", "x"), ("  x  ", "  x  "), ("\"x\" \"\"y", "\"x\" \"\"y"),
    (#"\n \u0041 \x \\ y"#, #"\n \u0041 \x \\ y"#),
    (#"x \""" y"#, "x \"\"\" y"), (#"\""""#, "\"\"\""), (#"x\\""""#, #"x\""""#),
    (#"\"" x"#, #"\"" x"#),
    ("\n  a\n    b\n\n   c\n  ", "a\n  b\n\n c"),
    ("\r\n  a\r\n    b\r\r   c\r\n  ", "a\n  b\n\n c"),
    ("a\n  b\n c", "a\n b\nc"),
    ("  a\n  b\n c", "  a\n b\nc"),
    ("\n\n\n  a\n\n\n", "a"),
    ("\n   \n\t\n", ""), ("   ", ""), ("\n", ""), ("\r\n\r\n", ""),
    ("\n\ta\n b\n", "a\nb"),
    ("\n a\n   \n b\n", "a\n  \nb"),
    ("\n   a\n \n   b\n    \n", "a\n\nb"),
    ("\n\u{A0}a\n \u{A0}b\n", "\u{A0}a\n \u{A0}b"),
    ("\n  é\n  😀\n", "é\n😀"),
    ("\n  a\n  \\\"\"\" b\n", "a\n\"\"\" b"),
    ("a\u{B}b\u{C}c\u{85}d\u{2028}e", "a\u{B}b\u{C}c\u{85}d\u{2028}e"),
])
func `a block string loses its indentation and its outer blank lines`(raw: String, value: String)
    throws
{
    let literal = "\"\"\"\(raw)\"\"\""
    #expect(try stringValue(of: literal).map { Array($0.utf8) } == Array(value.utf8))
    #expect(
        try parseValue(Source(literal)) == Value(.string(StringValue(value, isBlock: true))))
}

@Test func `two quotation marks and a third begin a block string`() throws {
    #expect(try stringValue(of: "\"\"\"\"\"\"")?.isEmpty == true)
    #expect(
        try parseValue(Source(#"["" "x"]"#))
            == Value(.list([Value(.string(StringValue(""))), Value(.string(StringValue("x")))])))
    check(#"{ a(b: """x"") }"#, isRefused: "Unterminated string.", at: 1, 17)
}
