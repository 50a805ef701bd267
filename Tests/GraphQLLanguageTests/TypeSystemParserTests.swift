import Testing

@testable import GraphQLLanguage

private func type(_ text: String) throws -> TypeDefinition? {
    guard case .type(let type) = try parse(Source(text)).definitions[0] else { return nil }
    return type
}

private let d = [Directive(name: Name("d"))]

// MARK: Schema

@Test func `a schema has directives and root operation types`() throws {
    try check(
        #""s" schema @d { query: Q mutation: M subscription: S query: R }"#,
        parsesTo: [
            .schema(
                SchemaDefinition(
                    isExtension: false, description: StringValue("s"), directives: d,
                    operationTypes: [
                        .init(operation: .query, type: Name("Q")),
                        .init(operation: .mutation, type: Name("M")),
                        .init(operation: .subscription, type: Name("S")),
                        .init(operation: .query, type: Name("R")),
                    ]))
        ])
}

@Test func `a schema has at least one root operation type`() {
    check("schema", isRefused: #"Expected "{", found <EOF>."#, at: 1, 7)
    check("schema @d", isRefused: #"Expected "{", found <EOF>."#, at: 1, 10)
    check("schema {}", isRefused: #"Expected Name, found "}"."#, at: 1, 9)
    check("schema @d {}", isRefused: #"Expected Name, found "}"."#, at: 1, 12)
    check("schema { foo: Q }", isRefused: #"Unexpected Name "foo"."#, at: 1, 10)
    check("schema { 1: Q }", isRefused: #"Expected Name, found Int "1"."#, at: 1, 10)
    check("schema { query Q }", isRefused: #"Expected ":", found Name "Q"."#, at: 1, 16)
    check("schema { query: }", isRefused: #"Expected Name, found "}"."#, at: 1, 17)
    check("schema { query: Q! }", isRefused: #"Expected Name, found "!"."#, at: 1, 18)
    check("schema { query: [Q] }", isRefused: #"Expected Name, found "["."#, at: 1, 17)
}

@Test func `a schema extension has directives or root operation types`() throws {
    for (text, directives, types) in [
        ("extend schema @d", d, []), ("extend schema { query: Q }", [], ["Q"]),
        ("extend schema @d { query: Q }", d, ["Q"]),
    ] {
        try check(
            text,
            parsesTo: [
                .schema(
                    SchemaDefinition(
                        isExtension: true, description: nil, directives: directives,
                        operationTypes: types.map { .init(operation: .query, type: Name($0)) }))
            ])
    }
    check("extend schema", isRefused: "Unexpected <EOF>.", at: 1, 14)
    check("extend schema {}", isRefused: #"Expected Name, found "}"."#, at: 1, 16)
    check("extend schema scalar A", isRefused: #"Unexpected Name "scalar"."#, at: 1, 15)
}

// MARK: Types

@Test func `all six kinds may have a body, directives and a description`() throws {
    let integer = TypeNode.named(Name("Int"))
    let argument = InputValueDefinition(
        description: StringValue("x"), name: Name("x"), type: .nonNull(integer),
        defaultValue: Value(.int("1")), directives: d)
    let field = FieldDefinition(
        description: StringValue("f"), name: Name("f"), arguments: [argument, argument],
        type: .list(integer, offset: 0), directives: d)
    let plain = FieldDefinition(name: Name("g"), type: integer)
    let fields = #"{ "f" f("x" x: Int! = 1 @d, "x" x: Int! = 1 @d): [Int] @d g: Int }"#
    let about = StringValue("t")
    let name = Name("A")
    #expect(
        try type(#""t" scalar A @d"#)
            == TypeDefinition(kind: .scalar, description: about, name: name, directives: d))
    for (keyword, kind) in [("type", TypeDefinition.Kind.object), ("interface", .interface)] {
        #expect(
            try type(#""t" \#(keyword) A implements B & C @d \#(fields)"#)
                == TypeDefinition(
                    kind: kind, description: about, name: name,
                    interfaces: [Name("B"), Name("C")], directives: d, fields: [field, plain]))
    }
    #expect(
        try type(#""t" union A @d = B | C"#)
            == TypeDefinition(
                kind: .union, description: about, name: name, directives: d,
                memberTypes: [Name("B"), Name("C")]))
    #expect(
        try type(#""t" enum A @d { B "c" C @d }"#)
            == TypeDefinition(
                kind: .enum, description: about, name: name, directives: d,
                enumValues: [
                    EnumValueDefinition(name: Name("B")),
                    EnumValueDefinition(
                        description: StringValue("c"), name: Name("C"), directives: d),
                ]))
    #expect(
        try type(#""t" input A @d { "x" x: Int! = 1 @d y: Int }"#)
            == TypeDefinition(
                kind: .inputObject, description: about, name: name, directives: d,
                inputFields: [argument, InputValueDefinition(name: Name("y"), type: integer)]))
}

@Test(
    arguments: zip(
        ["scalar", "type", "interface", "union", "enum", "input"], TypeDefinition.Kind.allCases))
func `a definition needs no body, an extension needs something`(
    keyword: String, kind: TypeDefinition.Kind
) throws {
    #expect(try type("\(keyword) A") == TypeDefinition(kind: kind, name: Name("A")))
    #expect(
        try type("\(keyword) A @d") == TypeDefinition(kind: kind, name: Name("A"), directives: d))
    #expect(
        try type("extend \(keyword) A @d")
            == TypeDefinition(kind: kind, isExtension: true, name: Name("A"), directives: d))
    let text = "extend \(keyword) A"
    check(text, isRefused: "Unexpected <EOF>.", at: 1, text.count + 1)
    check("\(text) type B", isRefused: #"Unexpected Name "type"."#, at: 1, text.count + 2)
    check(keyword, isRefused: "Expected Name, found <EOF>.", at: 1, keyword.count + 1)
    check(
        "extend \(keyword)", isRefused: "Expected Name, found <EOF>.", at: 1, keyword.count + 8)
    check("\(keyword) {", isRefused: #"Expected Name, found "{"."#, at: 1, keyword.count + 2)
}

@Test func `an extension may have members alone`() throws {
    let integer = TypeNode.named(Name("Int"))
    #expect(
        try type("extend type A { a: Int }")
            == TypeDefinition(
                kind: .object, isExtension: true, name: Name("A"),
                fields: [FieldDefinition(name: Name("a"), type: integer)]))
    #expect(
        try type("extend interface A implements B")
            == TypeDefinition(
                kind: .interface, isExtension: true, name: Name("A"), interfaces: [Name("B")]))
    #expect(
        try type("extend union A = B")
            == TypeDefinition(
                kind: .union, isExtension: true, name: Name("A"), memberTypes: [Name("B")]))
    #expect(
        try type("extend enum A { B }")
            == TypeDefinition(
                kind: .enum, isExtension: true, name: Name("A"),
                enumValues: [EnumValueDefinition(name: Name("B"))]))
    #expect(
        try type("extend input A { a: Int }")
            == TypeDefinition(
                kind: .inputObject, isExtension: true, name: Name("A"),
                inputFields: [InputValueDefinition(name: Name("a"), type: integer)]))
}

@Test func `extend is followed by what can be extended`() {
    check("extend", isRefused: "Unexpected <EOF>.", at: 1, 7)
    check("extend foo", isRefused: #"Unexpected Name "foo"."#, at: 1, 8)
    check("extend query { a }", isRefused: #"Unexpected Name "query"."#, at: 1, 8)
    check("extend fragment F on A { a }", isRefused: #"Unexpected Name "fragment"."#, at: 1, 8)
    check("extend extend type A @d", isRefused: #"Unexpected Name "extend"."#, at: 1, 8)
    check("extend { a }", isRefused: #"Unexpected "{"."#, at: 1, 8)
}

@Test(arguments: ["type", "interface", "enum", "input"])
func `braces are not empty`(keyword: String) {
    let found = #"Expected Name, found "}"."#
    check("\(keyword) A {}", isRefused: found, at: 1, keyword.count + 5)
    check("extend \(keyword) A @d {}", isRefused: found, at: 1, keyword.count + 15)
}

@Test func `interfaces are delimited by ampersands, and may begin with one`() throws {
    for text in ["A implements B & C", "A implements & B & C", "A implements&B&C"] {
        for keyword in ["type", "interface"] {
            #expect(try type("\(keyword) \(text)")?.interfaces == [Name("B"), Name("C")])
        }
    }
    check("type A implements", isRefused: "Expected Name, found <EOF>.", at: 1, 18)
    check("type A implements &", isRefused: "Expected Name, found <EOF>.", at: 1, 20)
    check("type A implements && B", isRefused: #"Expected Name, found "&"."#, at: 1, 20)
    check("type A implements B &", isRefused: "Expected Name, found <EOF>.", at: 1, 22)
    check("type A implements B, C", isRefused: #"Unexpected Name "C"."#, at: 1, 22)
    check("type A implements {a: B}", isRefused: #"Expected Name, found "{"."#, at: 1, 19)
    check("type A @d implements B", isRefused: #"Unexpected Name "implements"."#, at: 1, 11)
    check("input A implements B", isRefused: #"Unexpected Name "implements"."#, at: 1, 9)
}

@Test func `union members are delimited by bars, and may begin with one`() throws {
    for text in ["A = B | C", "A = | B | C", "A=|B|C"] {
        #expect(try type("union \(text)")?.memberTypes == [Name("B"), Name("C")])
    }
    check("union A =", isRefused: "Expected Name, found <EOF>.", at: 1, 10)
    check("union A = |", isRefused: "Expected Name, found <EOF>.", at: 1, 12)
    check("union A = || B", isRefused: #"Expected Name, found "|"."#, at: 1, 12)
    check("union A = B |", isRefused: "Expected Name, found <EOF>.", at: 1, 14)
    check("union A | B", isRefused: #"Unexpected "|"."#, at: 1, 9)
    check("union A = B @d", isRefused: #"Unexpected "@"."#, at: 1, 13)
    check("union A = [B]", isRefused: #"Expected Name, found "["."#, at: 1, 11)
}

@Test func `a field has a name and a type`() {
    check("type A { a }", isRefused: #"Expected ":", found "}"."#, at: 1, 12)
    check("type A { a: }", isRefused: #"Expected Name, found "}"."#, at: 1, 13)
    check("type A { a: B = 1 }", isRefused: #"Expected Name, found "="."#, at: 1, 15)
    check("type A { a(b): C }", isRefused: #"Expected ":", found ")"."#, at: 1, 13)
    check("type A { a(b: C }", isRefused: #"Expected Name, found "}"."#, at: 1, 17)
    check(#"type A { "d" }"#, isRefused: #"Expected Name, found "}"."#, at: 1, 14)
    check(#"type A { "d" "e" a: B }"#, isRefused: #"Expected Name, found String "e"."#, at: 1, 14)
    check("input A { a(b: C): D }", isRefused: #"Expected ":", found "("."#, at: 1, 12)
}

@Test(arguments: ["true", "false", "null"])
func `an enum value may not be called true, false or null`(word: String) {
    let message = #"Name "\#(word)" is reserved and cannot be used for an enum value."#
    check("enum A { B \(word) }", isRefused: message, at: 1, 12)
    check(#"extend enum A { "d" \#(word) }"#, isRefused: message, at: 1, 21)
}

@Test func `an enum value has a name`() throws {
    #expect(
        try type("enum A { on trueish TRUE }")?.enumValues.map(\.name.value) == [
            "on", "trueish", "TRUE",
        ])
    check("enum A { 1 }", isRefused: #"Expected Name, found Int "1"."#, at: 1, 10)
    check("enum A { B = 1 }", isRefused: #"Expected Name, found "="."#, at: 1, 12)
}

@Test func `braces after a scalar or a union are a query`() throws {
    for keyword in ["scalar", "union"] {
        let kind = keyword == "scalar" ? TypeDefinition.Kind.scalar : .union
        try check(
            "\(keyword) A { b }",
            parsesTo: [.type(TypeDefinition(kind: kind, name: Name("A"))), query(field("b"))])
        check("\(keyword) A {}", isRefused: #"Expected Name, found "}"."#, at: 1, keyword.count + 5)
    }
}

// MARK: Directives

@Test func `a directive has arguments, locations, and may be repeatable`() throws {
    let argument = InputValueDefinition(name: Name("b"), type: .named(Name("C")))
    for (text, arguments, isRepeatable, locations) in [
        ("directive @a on FIELD", [], false, ["FIELD"]),
        ("directive @a on | FIELD", [], false, ["FIELD"]),
        ("directive @a(b: C) on | FIELD | QUERY", [argument], false, ["FIELD", "QUERY"]),
        ("directive @a repeatable on FIELD|FIELD", [], true, ["FIELD", "FIELD"]),
        ("directive @a(b: C) repeatable on QUERY", [argument], true, ["QUERY"]),
    ] {
        try check(
            text,
            parsesTo: [
                .directive(
                    DirectiveDefinition(
                        name: Name("a"), arguments: arguments, isRepeatable: isRepeatable,
                        locations: locations.map { Name($0) }))
            ])
    }
}

private let directiveLocations = [
    "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT", "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION", "INTERFACE", "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
]

@Test func `there are nineteen directive locations`() throws {
    #expect(directiveLocations.count == 19)
    try check(
        "directive @a on " + directiveLocations.joined(separator: " | "),
        parsesTo: [
            .directive(
                DirectiveDefinition(
                    name: Name("a"), locations: directiveLocations.map { Name($0) }))
        ])
    for other in ["FOO", "field", "Field", "DIRECTIVE_DEFINITION", "FIELDS", "QUER"] {
        check("directive @a on \(other)", isRefused: #"Unexpected Name "\#(other)"."#, at: 1, 17)
    }
    check("directive @a on FIELD | FOO", isRefused: #"Unexpected Name "FOO"."#, at: 1, 25)
}

@Test func `a directive definition is whole`() {
    check("directive", isRefused: #"Expected "@", found <EOF>."#, at: 1, 10)
    check("directive a on FIELD", isRefused: #"Expected "@", found Name "a"."#, at: 1, 11)
    check("directive @ on FIELD", isRefused: #"Expected "on", found Name "FIELD"."#, at: 1, 16)
    check("directive @a", isRefused: #"Expected "on", found <EOF>."#, at: 1, 13)
    check("directive @a FIELD", isRefused: #"Expected "on", found Name "FIELD"."#, at: 1, 14)
    check("directive @a on", isRefused: "Expected Name, found <EOF>.", at: 1, 16)
    check("directive @a on 1", isRefused: #"Expected Name, found Int "1"."#, at: 1, 17)
    check("directive @a on FIELD |", isRefused: "Expected Name, found <EOF>.", at: 1, 24)
    check("directive @a on || FIELD", isRefused: #"Expected Name, found "|"."#, at: 1, 18)
    check("directive @a on FIELD QUERY", isRefused: #"Unexpected Name "QUERY"."#, at: 1, 23)
    check(
        "directive @a repeatable repeatable on FIELD",
        isRefused: #"Expected "on", found Name "repeatable"."#, at: 1, 25)
}

@Test func `nodes of the type system know where they begin`() throws {
    let document = try parse(
        Source(#""d" type A implements B @c { "e" f("g" h: I = 1 @j): K } extend enum L { "m" M }"#)
    )
    guard case .type(let object) = document.definitions[0],
        case .type(let enumeration) = document.definitions[1]
    else {
        Issue.record("another shape: \(document)")
        return
    }
    let field = object.fields[0]
    let argument = field.arguments[0]
    #expect(
        [
            object.offset, object.description?.offset, object.name.offset,
            object.interfaces[0].offset, object.directives[0].offset, field.offset,
            field.name.offset, argument.offset, argument.name.offset, argument.type.offset,
            argument.defaultValue?.offset, argument.directives[0].offset, field.type.offset,
            enumeration.offset, enumeration.name.offset, enumeration.enumValues[0].offset,
            enumeration.enumValues[0].name.offset,
        ] == [0, 0, 9, 22, 24, 29, 33, 35, 39, 42, 46, 48, 53, 57, 69, 73, 77])
}
