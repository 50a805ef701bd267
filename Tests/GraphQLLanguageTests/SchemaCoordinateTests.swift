import Testing

@testable import GraphQLLanguage

@Test(arguments: [
    ("Member", SchemaCoordinate.type("Member")),
    ("__Type", .type("__Type")),
    ("Member.tier", .member("Member", member: "tier")),
    ("true.false", .member("true", member: "false")),
    ("Query.member(id:)", .argument("Query", field: "member", argument: "id")),
    ("@table", .directive("table")),
    ("@table(plural:)", .directiveArgument("table", argument: "plural")),
])
func `a schema coordinate names an element, and prints as it was written`(
    text: String, coordinate: SchemaCoordinate
) throws {
    #expect(try parseSchemaCoordinate(Source(text)) == coordinate)
    #expect(coordinate.description == text)
}

@Test(arguments: [
    ("", "Expected Name, found <EOF>.", 1),
    (".", #"Expected Name, found "."."#, 1),
    (":", #"Expected Name, found ":"."#, 1),
    ("@", "Expected Name, found <EOF>.", 2),
    ("@@a", #"Expected Name, found "@"."#, 2),
    ("@a.b", #"Expected <EOF>, found "."."#, 3),
    ("@a(", "Expected Name, found <EOF>.", 4),
    ("@a()", #"Expected Name, found ")"."#, 4),
    ("@a(b)", #"Expected ":", found ")"."#, 5),
    ("@a(b:)(c:)", #"Expected <EOF>, found "("."#, 7),
    ("A.", "Expected Name, found <EOF>.", 3),
    ("A..b", #"Expected Name, found "."."#, 3),
    ("A.b.c", #"Expected <EOF>, found "."."#, 4),
    ("A(b:)", #"Expected <EOF>, found "("."#, 2),
    ("A:", #"Expected <EOF>, found ":"."#, 2),
    ("A.b(", "Expected Name, found <EOF>.", 5),
    ("A.b(c", #"Expected ":", found <EOF>."#, 6),
    ("A.b(c:", #"Expected ")", found <EOF>."#, 7),
    ("A.b(c:x)", #"Expected ")", found Name "x"."#, 7),
    ("A.b(c:))", #"Expected <EOF>, found ")"."#, 8),
    ("A.b(c:1)", #"Invalid character: "1"."#, 7),
    (" A", #"Invalid character: " "."#, 1),
    ("A ", #"Invalid character: " "."#, 2),
    ("A .b", #"Invalid character: " "."#, 2),
    ("A. b", #"Invalid character: " "."#, 3),
    ("A.b( c:)", #"Invalid character: " "."#, 5),
    ("A.b(c: )", #"Invalid character: " "."#, 7),
    ("A,", #"Invalid character: ","."#, 2),
    ("A#", ##"Invalid character: "#"."##, 2),
    ("A\n", "Invalid character: U+000A.", 2),
    ("\u{FEFF}A", "Invalid character: U+FEFF.", 1),
    ("A.é", "Invalid character: U+00E9.", 3),
    ("A-b", #"Invalid character: "-"."#, 2),
    ("A.1", #"Invalid character: "1"."#, 3),
    ("A!", #"Invalid character: "!"."#, 2),
    ("\"A\"", #"Invalid character: '"'."#, 1),
])
func `a schema coordinate has no ignored tokens and is whole`(
    text: String, message: String, column: Int
) {
    #expect {
        try parseSchemaCoordinate(Source(text))
    } throws: { error in
        (error as? SyntaxError).map(Refusal.init)
            == Refusal("Syntax Error: " + message, 1, column)
    }
}
