import Testing

@testable import GraphQLLanguage

// MARK: Ignored tokens

@Test(arguments: [
    " ", "\t", "\n", "\r", "\r\n", ",", "\u{FEFF}", "#comment\n", "# é 😀 \u{0} }\r", "",
])
func `what is ignored may stand before and after every token`(ignored: String) throws {
    let tokens = [
        "query", " ", "Q", "(", "$", "a", ":", "[", "Int", "!", "]", "=", "[", "1", " ", "2.5", "]",
        ")", "@", "d", "{", "...", "F", "...", "on", " ", "A", "{", "b", "}", "c", "(", "x", ":",
        "\"s\"", "y", ":", "\"\"\"t\"\"\"", ")", "}",
    ]
    let expected = try parse(Source(tokens.joined()))
    let text = ignored + tokens.joined(separator: ignored) + ignored
    #expect(try parse(Source(text)) == expected, "\(ignored.debugDescription)")
}

@Test func `a byte order mark may not stand within a token`() throws {
    try check(
        "{ a\u{FEFF}b }",
        parsesTo: [query(field("a"), field("b"))])
    check(
        "query Q \u{FEFF}($a: 1\u{FEFF}2)", isRefused: #"Expected Name, found Int "1"."#, at: 1, 15)
}

@Test(arguments: [
    ("\u{A0}", "U+00A0"), ("\u{2028}", "U+2028"), ("\u{3000}", "U+3000"), ("\u{200B}", "U+200B"),
    ("\u{B}", "U+000B"), ("\u{C}", "U+000C"), ("\u{0}", "U+0000"), ("\u{1}", "U+0001"),
    ("\u{7F}", "U+007F"), ("\u{85}", "U+0085"), ("é", "U+00E9"), ("😀", "U+1F600"),
    ("\u{10FFFF}", "U+10FFFF"), ("%", "\"%\""), (";", "\";\""), ("?", "\"?\""), ("\\", "\"\\\""),
    ("~", "\"~\""), ("<", "\"<\""), ("*", "\"*\""), ("+", "\"+\""), ("/", "\"/\""), ("^", "\"^\""),
    ("`", "\"`\""), (">", "\">\""),
])
func `no other character may stand between tokens`(character: String, name: String) {
    check("{ a\(character)b }", isRefused: "Unexpected character: \(name).", at: 1, 4)
}

@Test func `a single quotation mark is answered with advice`() {
    check(
        "{ a(b: 'c') }",
        isRefused: "Unexpected single quote character ('), "
            + "did you mean to use a double quote (\")?",
        at: 1, 8)
}

@Test func `every scalar may stand in comments and strings`() throws {
    let scalars = "\u{0}\u{1}\t\u{7F}\u{85}\u{A0}\u{2028}\u{D7FF}\u{E000}\u{FEFF}\u{FFFF}\u{10FFFF}"
    try check(
        "#\(scalars)\n{ a(b: \"\(scalars)\", c: \"\"\"x\(scalars)x\"\"\") }",
        parsesTo: [
            query(
                field(
                    "a",
                    arguments: [
                        argument("b", .string(StringValue(scalars))),
                        argument("c", .string(StringValue("x\(scalars)x", isBlock: true))),
                    ]))
        ])
}

@Test(arguments: [
    ([0x80], 2), ([0xC0, 0x80], 2), ([0xED, 0xA0, 0x80], 2), ([0xF4, 0x90, 0x80, 0x80], 2),
    ([0xE2, 0x82], 2), ([0xFF], 2), ([0xC3, 0xA9, 0xFF], 4),
])
func `bytes that are not UTF-8 are refused where they begin`(bytes: [UInt8], offset: Int) {
    for (before, after) in [("{#", "\na }"), ("{\"", "\"}"), ("{ ", " }")] {
        let source = Source(bytes: Array(before.utf8) + bytes + Array(after.utf8))
        #expect(
            refusal(of: source)
                == Refusal(
                    "Syntax Error: Document is not valid UTF-8.", 1, offset == 2 ? 3 : 4))
    }
}

// MARK: Positions

@Test(arguments: [
    ("%", 1, 1), ("\n%", 2, 1), ("\r%", 2, 1), ("\r\n%", 2, 1), ("\n\r%", 3, 1),
    ("\r\r\n\n%", 4, 1),
    ("{ a\n  %", 2, 3), ("# é😀 {\r\n   %", 2, 4), ("{ a(b: \"é😀\" %", 1, 13),
    ("{ a(b: \"\"\"é\r\n😀\n\n  é\"\"\" %", 4, 8), ("\u{FEFF}%", 1, 2),
])
func `lines end with LF, CR or CRLF, and columns count scalars`(
    text: String, line: Int, column: Int
) {
    check(text, isRefused: #"Unexpected character: "%"."#, at: line, column)
}

@Test func `an error knows the byte`() {
    #expect {
        try parse(Source(name: "members.graphql", "{ a(b: \"é😀\"\n %"))
    } throws: { error in
        (error as? SyntaxError)?.offset == 17
            && "\(error)" == #"members.graphql:2:2: Syntax Error: Unexpected character: "%"."#
    }
}

// MARK: Punctuators and names

@Test func `two dots are answered with advice`() {
    check("{ ..F }", isRefused: #"Unexpected "..", did you mean "..."?"#, at: 1, 3)
    check("{ .. .F }", isRefused: #"Unexpected "..", did you mean "..."?"#, at: 1, 3)
    check("{ a ....b }", isRefused: #"Unexpected character: "."."#, at: 1, 8)
}

@Test func `a dot alone is no token`() {
    check("{ a.b }", isRefused: #"Unexpected character: "."."#, at: 1, 4)
    check("{ a }.", isRefused: #"Unexpected character: "."."#, at: 1, 6)
}

@Test func `a name may not begin with a digit`() {
    check("{ 1a }", isRefused: #"Invalid number, expected digit but got: "a"."#, at: 1, 4)
    check("{ 12 }", isRefused: #"Expected Name, found Int "12"."#, at: 1, 3)
}

@Test func `a name is letters, digits and underscores`() throws {
    try check(
        "{ _ __ _1 a azAZ09_ Zz }",
        parsesTo: [
            query(
                field("_"), field("__"), field("_1"), field("a"), field("azAZ09_"), field("Zz"))
        ])
    check("{ aé }", isRefused: "Unexpected character: U+00E9.", at: 1, 4)
    check("{ a-b }", isRefused: #"Invalid number, expected digit but got: "b"."#, at: 1, 5)
}

@Test func `a name may have any length`() throws {
    for length in [1, 7, 8, 15, 16, 17, 255, 5000] {
        let name = String(repeating: "n", count: length)
        try check("{\(name)}", parsesTo: [query(field(name))])
    }
}

// MARK: Numbers

@Test(arguments: [
    "0", "-0", "1", "-1", "9", "10", "2147483648", "-9876543210123456789012345678901234567890",
])
func `an integer keeps its digits`(text: String) throws {
    #expect(try parseValue(Source(text)) == Value(.int(text)))
}

@Test(arguments: [
    "0.0", "-0.0", "1.5", "1e5", "1E5", "1e+5", "1e-5", "-1.50E-005", "0e0", "6.0221413e23",
    "1.00000000000000000000000000000000000001",
])
func `a float keeps its text`(text: String) throws {
    #expect(try parseValue(Source(text)) == Value(.float(text)))
}

@Test(arguments: [
    ("00", #"Invalid number, unexpected digit after 0: "0"."#, 9),
    ("01", #"Invalid number, unexpected digit after 0: "1"."#, 9),
    ("-01", #"Invalid number, unexpected digit after 0: "1"."#, 10),
    ("1a", #"Invalid number, expected digit but got: "a"."#, 9),
    ("1_0", #"Invalid number, expected digit but got: "_"."#, 9),
    ("0xF", #"Invalid number, expected digit but got: "x"."#, 9),
    ("1.", #"Invalid number, expected digit but got: ")"."#, 10),
    ("1.a", #"Invalid number, expected digit but got: "a"."#, 10),
    ("1.e1", #"Invalid number, expected digit but got: "e"."#, 10),
    ("1.0.", #"Invalid number, expected digit but got: "."."#, 11),
    ("1.0.0", #"Invalid number, expected digit but got: "."."#, 11),
    ("1.5f", #"Invalid number, expected digit but got: "f"."#, 11),
    ("1e", #"Invalid number, expected digit but got: ")"."#, 10),
    ("1e+", #"Invalid number, expected digit but got: ")"."#, 11),
    ("1e1.5", #"Invalid number, expected digit but got: "."."#, 11),
    ("1e1e", #"Invalid number, expected digit but got: "e"."#, 11),
    ("-", #"Invalid number, expected digit but got: ")"."#, 9),
    ("--1", #"Invalid number, expected digit but got: "-"."#, 9),
    ("-a", #"Invalid number, expected digit but got: "a"."#, 9),
    ("-\"", #"Invalid number, expected digit but got: '"'."#, 9),
    ("1.é", "Invalid number, expected digit but got: U+00E9.", 10),
    ("+1", #"Unexpected character: "+"."#, 8),
    (".5", #"Invalid number, expected digit before ".", did you mean "0.5"?"#, 8),
    (".123", #"Invalid number, expected digit before ".", did you mean "0.123"?"#, 8),
])
func `a number is refused at the character that spoils it`(
    text: String, message: String, column: Int
) {
    check("{ a(b: \(text)) }", isRefused: message, at: 1, column)
}

@Test(arguments: ["-", "1.", "1e", "1e-"])
func `a number may not end with the document`(text: String) {
    check(text, isRefused: "Invalid number, expected digit but got: <EOF>.", at: 1, text.count + 1)
}

@Test func `a number may be followed by any other token`() throws {
    for (text, item) in [
        ("[1\"x\"]", Value.Kind.string(StringValue("x"))), ("[1$x]", .variable("x")),
        ("[1{}]", .object([])), ("[1[]]", .list([])), ("[1-2]", .int("-2")), ("[1#\n2]", .int("2")),
    ] {
        #expect(try parseValue(Source(text)) == Value(.list([Value(.int("1")), Value(item)])))
    }
}
