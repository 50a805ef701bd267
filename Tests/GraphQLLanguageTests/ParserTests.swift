import Testing

@testable import GraphQLLanguage

// MARK: Documents

@Test func `a document has at least one definition`() {
    check("", isRefused: "Unexpected <EOF>.", at: 1, 1)
    check(" ,\n# nothing\n", isRefused: "Unexpected <EOF>.", at: 3, 1)
}

@Test func `a definition begins with a keyword or a brace`() {
    check("foo { a }", isRefused: #"Unexpected Name "foo"."#, at: 1, 1)
    check("Query { a }", isRefused: #"Unexpected Name "Query"."#, at: 1, 1)
    check("{ a } }", isRefused: #"Unexpected "}"."#, at: 1, 7)
    check("1", isRefused: #"Unexpected Int "1"."#, at: 1, 1)
    check("1.5", isRefused: #"Unexpected Float "1.5"."#, at: 1, 1)
    check("...", isRefused: #"Unexpected "..."."#, at: 1, 1)
}

@Test(arguments: ["!", "$", "&", "(", ")", "...", ":", "=", "@", "[", "]", "|", "}"])
func `an error names every punctuator`(punctuator: String) {
    check(punctuator, isRefused: "Unexpected \"\(punctuator)\".", at: 1, 1)
    check(
        "fragment \(punctuator)", isRefused: "Expected Name, found \"\(punctuator)\".", at: 1, 10)
}

@Test func `definitions of all kinds may follow one another`() throws {
    try check(
        "{ a } query Q { b } fragment F on A { c } scalar S schema { query: Q }",
        parsesTo: [
            query(field("a")),
            .operation(
                OperationDefinition(
                    type: .query, name: Name("Q"), variables: [], directives: [],
                    selectionSet: SelectionSet(selections: [field("b")]))),
            .fragment(
                FragmentDefinition(
                    name: Name("F"), typeCondition: Name("A"), directives: [],
                    selectionSet: SelectionSet(selections: [field("c")]))),
            .type(TypeDefinition(kind: .scalar, name: Name("S"))),
            .schema(
                SchemaDefinition(
                    isExtension: false, description: nil, directives: [],
                    operationTypes: [.init(operation: .query, type: Name("Q"))])),
        ])
}

// MARK: Descriptions

@Test(arguments: [
    "query { a }", "query Q { a }", "mutation { a }", "subscription S { a }",
    "fragment F on A { a }", "schema { query: Q }", "scalar A", "type A", "interface A", "union A",
    "enum A", "input A", "directive @a on FIELD",
])
func `a description may stand before a definition`(text: String) throws {
    for literal in [#""d""#, #""""d""""#, #""""#] {
        let described = try parse(Source(literal + text)).definitions
        #expect(described.map(\.description) == [try parseDescription(literal)])
        #expect(described.map(\.withoutDescription) == (try parse(Source(text)).definitions))
    }
}

private func parseDescription(_ literal: String) throws -> StringValue? {
    guard case .string(let string) = try parseValue(Source(literal)).kind else { return nil }
    return string
}

extension Definition {
    fileprivate var description: StringValue? {
        switch self {
        case .operation(let operation): operation.description
        case .fragment(let fragment): fragment.description
        case .schema(let schema): schema.description
        case .type(let type): type.description
        case .directive(let directive): directive.description
        }
    }

    fileprivate var withoutDescription: Definition {
        switch self {
        case .operation(var operation):
            operation.description = nil
            return .operation(operation)
        case .fragment(var fragment):
            fragment.description = nil
            return .fragment(fragment)
        case .schema(var schema):
            schema.description = nil
            return .schema(schema)
        case .type(var type):
            type.description = nil
            return .type(type)
        case .directive(var directive):
            directive.description = nil
            return .directive(directive)
        }
    }
}

@Test func `a description may not stand before the short form of a query`() {
    check(
        #" "d" { a }"#,
        isRefused: "Unexpected description, descriptions are not supported on shorthand queries.",
        at: 1, 2)
}

@Test(arguments: ["extend type A { a: B }", "extend schema @d", "foo", "Query { a }"])
func `a description may stand before nothing else`(text: String) {
    check(
        #" "d" \#(text)"#,
        isRefused: "Unexpected description, only GraphQL definitions support descriptions.",
        at: 1, 2)
}

@Test func `a description describes something`() {
    check(#""d""#, isRefused: "Unexpected <EOF>.", at: 1, 4)
    check(#""d" "e" query { a }"#, isRefused: #"Unexpected String "e"."#, at: 1, 5)
    check(#""d" 1"#, isRefused: #"Unexpected Int "1"."#, at: 1, 5)
    check(#""d" }"#, isRefused: #"Unexpected "}"."#, at: 1, 5)
    check(#"extend "d" type A @a"#, isRefused: #"Unexpected String "d"."#, at: 1, 8)
    check(#"query("d") { a }"#, isRefused: #"Expected "$", found ")"."#, at: 1, 10)
    check(#"query "d" { a }"#, isRefused: #"Expected "{", found String "d"."#, at: 1, 7)
    check(#"{ "d" a }"#, isRefused: #"Expected Name, found String "d"."#, at: 1, 3)
    check(#"{ a("d" b: 1) }"#, isRefused: #"Expected Name, found String "d"."#, at: 1, 5)
}

// MARK: Operations

@Test func `an operation has a type, a name, variables, directives and selections`() throws {
    try check(
        #"mutation M("the a" $a: [Int!]! = [1] @x(y: 1) $b: B) @live(now: $a) { c }"#,
        parsesTo: [
            .operation(
                OperationDefinition(
                    type: .mutation, name: Name("M"),
                    variables: [
                        VariableDefinition(
                            description: StringValue("the a"), name: Name("a"),
                            type: .nonNull(
                                .list(.nonNull(.named(Name("Int"))), offset: 0)),
                            defaultValue: Value(.list([Value(.int("1"))])),
                            directives: [
                                Directive(name: Name("x"), arguments: [argument("y", .int("1"))])
                            ]),
                        VariableDefinition(name: Name("b"), type: .named(Name("B"))),
                    ],
                    directives: [
                        Directive(name: Name("live"), arguments: [argument("now", .variable("a"))])
                    ],
                    selectionSet: SelectionSet(selections: [field("c")])))
        ])
}

@Test func `every node knows where it begins`() throws {
    let document = try parse(
        Source(
            #""d" query Q("v" $a: [Int!]! = {b: 1}) @c { d: e(f: $a) @g { ...F ... on H { i } } }"#)
    )
    guard case .operation(let operation) = document.definitions[0],
        case .field(let field) = operation.selectionSet.selections[0],
        case .fragmentSpread(let spread) = field.selectionSet?.selections[0],
        case .inlineFragment(let inline) = field.selectionSet?.selections[1]
    else {
        Issue.record("another shape: \(document)")
        return
    }
    let variable = operation.variables[0]
    #expect(
        [
            operation.offset, operation.description?.offset, operation.name?.offset,
            variable.offset, variable.name.offset, variable.type.offset, variable.type.name.offset,
            variable.defaultValue?.offset, operation.directives[0].offset,
            operation.directives[0].name.offset, operation.selectionSet.offset,
        ] == [0, 0, 10, 12, 16, 20, 21, 30, 38, 39, 41])
    #expect(
        [
            field.offset, field.alias?.offset, field.name.offset, field.arguments[0].offset,
            field.arguments[0].value.offset, field.directives[0].offset,
            field.selectionSet?.offset, spread.offset, spread.name.offset, inline.offset,
            inline.typeCondition?.offset, inline.selectionSet.offset,
        ] == [43, 43, 46, 48, 51, 55, 58, 60, 63, 65, 72, 74])
}

@Test func `the short form is known as such`() throws {
    for (text, isShorthand) in [("{ a }", true), ("query { a }", false)] {
        guard case .operation(let operation) = try parse(Source(text)).definitions[0] else {
            Issue.record("no operation")
            return
        }
        #expect(operation.isShorthand == isShorthand)
    }
}

@Test func `a selection set has at least one selection`() {
    check("{}", isRefused: #"Expected Name, found "}"."#, at: 1, 2)
    check("query Q {}", isRefused: #"Expected Name, found "}"."#, at: 1, 10)
    check("{ a {} }", isRefused: #"Expected Name, found "}"."#, at: 1, 6)
    check("{ ... {} }", isRefused: #"Expected Name, found "}"."#, at: 1, 8)
    check("fragment F on A {}", isRefused: #"Expected Name, found "}"."#, at: 1, 18)
    check("query Q", isRefused: #"Expected "{", found <EOF>."#, at: 1, 8)
    check("query", isRefused: #"Expected "{", found <EOF>."#, at: 1, 6)
    check("{", isRefused: "Expected Name, found <EOF>.", at: 1, 2)
    check("{ a", isRefused: "Expected Name, found <EOF>.", at: 1, 4)
}

@Test func `parentheses are not empty`() {
    check("{ a() }", isRefused: #"Expected Name, found ")"."#, at: 1, 5)
    check("{ a @d() }", isRefused: #"Expected Name, found ")"."#, at: 1, 8)
    check("query () { a }", isRefused: #"Expected "$", found ")"."#, at: 1, 8)
    check("type A { a(): B }", isRefused: #"Expected Name, found ")"."#, at: 1, 12)
    check("directive @a() on FIELD", isRefused: #"Expected Name, found ")"."#, at: 1, 14)
}

@Test func `a variable definition has a name and a type`() {
    check("query (a: Int) { a }", isRefused: #"Expected "$", found Name "a"."#, at: 1, 8)
    check("query ($: Int) { a }", isRefused: #"Expected Name, found ":"."#, at: 1, 9)
    check("query ($a Int) { a }", isRefused: #"Expected ":", found Name "Int"."#, at: 1, 11)
    check("query ($a:) { a }", isRefused: #"Expected Name, found ")"."#, at: 1, 11)
    check("query ($a: Int = ) { a }", isRefused: #"Unexpected ")"."#, at: 1, 18)
    check("query ($a: Int @d = 1) { a }", isRefused: #"Expected "$", found "="."#, at: 1, 19)
}

@Test func `a constant has no variables`() {
    let message = #"Unexpected variable "$b" in constant value."#
    check("query ($a: Int = $b) { a }", isRefused: message, at: 1, 18)
    check("query ($a: Int = [1 $b]) { a }", isRefused: message, at: 1, 21)
    check("query ($a: Int = {c: $b}) { a }", isRefused: message, at: 1, 22)
    check("query ($a: Int @d(c: $b)) { a }", isRefused: message, at: 1, 22)
    check("type A { a(c: Int = $b): D }", isRefused: message, at: 1, 21)
    check("input A { a: Int = {c: [$b]} }", isRefused: message, at: 1, 25)
    check("type A @d(c: $b)", isRefused: message, at: 1, 14)
    check("enum A { C @d(c: $b) }", isRefused: message, at: 1, 18)
    check("schema @d(c: $b) { query: Q }", isRefused: message, at: 1, 14)
    check("query ($a: Int = $) { a }", isRefused: #"Unexpected "$"."#, at: 1, 18)
    #expect(throws: SyntaxError.self) { try parseValue(Source("$b"), isConst: true) }
}

// MARK: Selections

@Test func `fields have aliases, arguments, directives and selections`() throws {
    try check(
        "{ a b: c d(e: 1, f: $g) @h @i(j: K) { l } }",
        parsesTo: [
            query(
                field("a"), field("c", alias: "b"),
                field(
                    "d", arguments: [argument("e", .int("1")), argument("f", .variable("g"))],
                    directives: [
                        Directive(name: Name("h")),
                        Directive(name: Name("i"), arguments: [argument("j", .enum("K"))]),
                    ],
                    field("l")))
        ])
    check("{ a: }", isRefused: #"Expected Name, found "}"."#, at: 1, 6)
    check("{ a:: b }", isRefused: #"Expected Name, found ":"."#, at: 1, 5)
    check("{ : a }", isRefused: #"Expected Name, found ":"."#, at: 1, 3)
    check("{ a(b) }", isRefused: #"Expected ":", found ")"."#, at: 1, 6)
    check("{ a(b 1) }", isRefused: #"Expected ":", found Int "1"."#, at: 1, 7)
    check("{ a(b: ) }", isRefused: #"Unexpected ")"."#, at: 1, 8)
    check("{ a(b: 1 }", isRefused: #"Expected Name, found "}"."#, at: 1, 10)
    check("{ a @ }", isRefused: #"Expected Name, found "}"."#, at: 1, 7)
    check("{ a $b }", isRefused: #"Expected Name, found "$"."#, at: 1, 5)
}

@Test func `a response name is the alias or the name`() {
    #expect(Field(name: Name("a")).responseName == "a")
    #expect(Field(alias: Name("b"), name: Name("a")).responseName == "b")
}

@Test(arguments: [
    "on", "query", "mutation", "subscription", "fragment", "extend", "schema", "type", "true",
    "false", "null", "implements", "repeatable",
])
func `a keyword is a name elsewhere`(word: String) throws {
    let name = Name(word)
    try check(
        "query \(word)($\(word): \(word)) @\(word) { \(word): \(word)(\(word): 1) ... on \(word) { \(word) } }",
        parsesTo: [
            .operation(
                OperationDefinition(
                    type: .query, name: name,
                    variables: [VariableDefinition(name: name, type: .named(name))],
                    directives: [Directive(name: name)],
                    selectionSet: SelectionSet(selections: [
                        field(word, alias: word, arguments: [argument(word, .int("1"))]),
                        .inlineFragment(
                            InlineFragment(
                                typeCondition: name,
                                selectionSet: SelectionSet(selections: [field(word)]))),
                    ])))
        ])
    try check(
        "type \(word) implements \(word) @\(word) { \(word)(\(word): \(word)): \(word) }",
        parsesTo: [
            .type(
                TypeDefinition(
                    kind: .object, name: name, interfaces: [name],
                    directives: [Directive(name: name)],
                    fields: [
                        FieldDefinition(
                            name: name,
                            arguments: [InputValueDefinition(name: name, type: .named(name))],
                            type: .named(name))
                    ]))
        ])
}

// MARK: Fragments

@Test func `fragments are spread by name or stand inline`() throws {
    try check(
        "{ ...F ...onA @d ... on A @d { a } ... @d { b } ... { c } }",
        parsesTo: [
            query(
                .fragmentSpread(FragmentSpread(name: Name("F"))),
                .fragmentSpread(
                    FragmentSpread(name: Name("onA"), directives: [Directive(name: Name("d"))])),
                .inlineFragment(
                    InlineFragment(
                        typeCondition: Name("A"), directives: [Directive(name: Name("d"))],
                        selectionSet: SelectionSet(selections: [field("a")]))),
                .inlineFragment(
                    InlineFragment(
                        directives: [Directive(name: Name("d"))],
                        selectionSet: SelectionSet(selections: [field("b")]))),
                .inlineFragment(
                    InlineFragment(selectionSet: SelectionSet(selections: [field("c")]))))
        ])
}

@Test func `a fragment may not be called on`() {
    check("fragment on on A { a }", isRefused: #"Unexpected Name "on"."#, at: 1, 10)
    check("{ ...on }", isRefused: #"Expected Name, found "}"."#, at: 1, 9)
    check("{ ...on { a } }", isRefused: #"Expected Name, found "{"."#, at: 1, 9)
    check("{ ...on A }", isRefused: #"Expected "{", found "}"."#, at: 1, 11)
}

@Test func `a fragment has a name and a type condition`() {
    check("fragment", isRefused: "Expected Name, found <EOF>.", at: 1, 9)
    check("fragment F", isRefused: #"Expected "on", found <EOF>."#, at: 1, 11)
    check("fragment F A { a }", isRefused: #"Expected "on", found Name "A"."#, at: 1, 12)
    check("fragment F on { a }", isRefused: #"Expected Name, found "{"."#, at: 1, 15)
    check("fragment F on A", isRefused: #"Expected "{", found <EOF>."#, at: 1, 16)
    check("fragment F @d on A { a }", isRefused: #"Expected "on", found "@"."#, at: 1, 12)
}

@Test func `what the edition does not have is refused`() {
    check("fragment F($a: Int) on A { a }", isRefused: #"Expected "on", found "("."#, at: 1, 11)
    check("{ ...F(a: 1) }", isRefused: #"Expected Name, found "("."#, at: 1, 7)
    check("{ a! }", isRefused: #"Expected Name, found "!"."#, at: 1, 4)
    check("{ a? }", isRefused: #"Unexpected character: "?"."#, at: 1, 4)
    check("{ a[] }", isRefused: #"Expected Name, found "["."#, at: 1, 4)
    check("directive @a @b on FIELD", isRefused: #"Expected "on", found "@"."#, at: 1, 14)
    check("extend directive @a @b", isRefused: #"Unexpected Name "directive"."#, at: 1, 8)
}

// MARK: Values and types

@Test func `there are nine kinds of values`() throws {
    #expect(
        try parseValue(
            Source(
                #"[1 1.5 "s" """b""" true false null E trueish $v [] [[]] {} {a: 1, b: {a: $w}, a: 2}]"#
            )
        )
            == Value(
                .list([
                    Value(.int("1")), Value(.float("1.5")), Value(.string(StringValue("s"))),
                    Value(.string(StringValue("b", isBlock: true))), Value(.boolean(true)),
                    Value(.boolean(false)), Value(.null), Value(.enum("E")),
                    Value(.enum("trueish")), Value(.variable("v")), Value(.list([])),
                    Value(.list([Value(.list([]))])), Value(.object([])),
                    Value(
                        .object([
                            ObjectField(name: Name("a"), value: Value(.int("1"))),
                            ObjectField(
                                name: Name("b"),
                                value: Value(
                                    .object([
                                        ObjectField(name: Name("a"), value: Value(.variable("w")))
                                    ]))),
                            ObjectField(name: Name("a"), value: Value(.int("2"))),
                        ])),
                ])))
}

@Test(arguments: [
    ("", "Unexpected <EOF>.", 1), ("1 2", #"Expected <EOF>, found Int "2"."#, 3),
    ("[", "Unexpected <EOF>.", 2), ("[1", "Unexpected <EOF>.", 3), ("]", #"Unexpected "]"."#, 1),
    ("[}", #"Unexpected "}"."#, 2), ("{", "Expected Name, found <EOF>.", 2),
    ("{a}", #"Expected ":", found "}"."#, 3), ("{a:}", #"Unexpected "}"."#, 4),
    ("{1: 2}", #"Expected Name, found Int "1"."#, 2),
    (#"{"a": 2}"#, #"Expected Name, found String "a"."#, 2), ("@", #"Unexpected "@"."#, 1),
    ("$", "Expected Name, found <EOF>.", 2), ("$1", #"Expected Name, found Int "1"."#, 2),
])
func `a value is whole and alone`(text: String, message: String, column: Int) {
    #expect {
        try parseValue(Source(text))
    } throws: { error in
        (error as? SyntaxError).map(Refusal.init)
            == Refusal("Syntax Error: " + message, 1, column)
    }
}

@Test func `a type is a name in lists and non-nulls`() throws {
    let named = TypeNode.named(Name("A"))
    for (text, type) in [
        ("A", named), ("A!", .nonNull(named)), ("[A]", .list(named, offset: 0)),
        (" [ A ! , ] ! ", .nonNull(.list(.nonNull(named), offset: 0))),
        ("[[A]!]", .list(.nonNull(.list(named, offset: 0)), offset: 0)),
    ] {
        #expect(try parseType(Source(text)) == type)
        #expect(try parseType(Source(text)).name == Name("A"))
    }
}

@Test(arguments: [
    ("", "Expected Name, found <EOF>.", 1), ("A!!", #"Expected <EOF>, found "!"."#, 3),
    ("[A!!]", #"Expected "]", found "!"."#, 4), ("[A", #"Expected "]", found <EOF>."#, 3),
    ("A]", #"Expected <EOF>, found "]"."#, 2), ("[]", #"Expected Name, found "]"."#, 2),
    ("!A", #"Expected Name, found "!"."#, 1), ("A B", #"Expected <EOF>, found Name "B"."#, 3),
])
func `a type is whole and alone`(text: String, message: String, column: Int) {
    #expect {
        try parseType(Source(text))
    } throws: { error in
        (error as? SyntaxError).map(Refusal.init)
            == Refusal("Syntax Error: " + message, 1, column)
    }
}

@Test func `a message quotes at most a hundred characters`() {
    let name = String(repeating: "n", count: 101)
    let cut = name.dropLast() + "…"
    check("query Q \(name)", isRefused: #"Expected "{", found Name "\#(cut)"."#, at: 1, 9)
    check(
        "query Q \(name.dropLast())",
        isRefused: #"Expected "{", found Name "\#(name.dropLast())"."#, at: 1, 9)
    let string = String(repeating: "é", count: 100)
    check("{ \"\(string)\"", isRefused: #"Expected Name, found String "\#(string)"."#, at: 1, 3)
    check("{ \"\(string)😀\"", isRefused: #"Expected Name, found String "\#(string)…"."#, at: 1, 3)
    let digits = String(repeating: "7", count: 60_000)
    check(
        "{ .\(digits)",
        isRefused:
            #"Invalid number, expected digit before ".", did you mean "0.\#(digits.prefix(100))…"?"#,
        at: 1, 3)
}
