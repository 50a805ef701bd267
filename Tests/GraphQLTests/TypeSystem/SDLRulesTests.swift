import Testing

@testable import GraphQL

/// The fifteen rules of the definition language, in the order of the reference implementation.
@Suite struct SDLRulesTests {
    private let query = "type Query { a: Int }\n"

    @Test func `a schema has one schema definition`() throws {
        try check(
            "type Query { a: Int }\nschema { query: Query }\nschema { mutation: M }",
            "schema { subscription: M } type M { a: Int }",
            problems: """
                LoneSchemaDefinition a 3:1 Must provide only one schema definition.
                LoneSchemaDefinition b 1:1 Must provide only one schema definition.
                """)
    }

    @Test func `each operation has one root type`() throws {
        try check(
            "schema { query: Query query: Query }\nextend schema { query: Query }\n" + query,
            problems: """
                UniqueOperationTypes a 1:10 1:23 There can be only one query type in schema.
                UniqueOperationTypes a 1:10 2:17 There can be only one query type in schema.
                """)
    }

    @Test func `type names are unique, whatever the kinds`() throws {
        try check(
            query + "input A { a: Int }\ntype A { b: Int }",
            problems: "UniqueTypeNames a 2:7 3:6 There can be only one type named \"A\".")
    }

    @Test func `the name of a built-in scalar is taken for other kinds`() throws {
        try check(
            query + "enum Int { A }",
            problems: "UniqueTypeNames a 2:6 There can be only one type named \"Int\".")
    }

    @Test func `enum values are unique over the extensions`() throws {
        try check(
            query + "enum E { A A }\nextend enum E { B A }",
            problems: """
                UniqueEnumValueNames a 2:10 2:12 Enum value "E.A" can only be defined once.
                UniqueEnumValueNames a 2:10 3:19 Enum value "E.A" can only be defined once.
                """)
    }

    @Test func `fields are unique over the extensions`() throws {
        try check(
            query + "extend type Query { a: Int }\ninput I { b: Int b: Int }",
            problems: """
                UniqueFieldDefinitionNames a 1:14 2:21 Field "Query.a" can only be defined once.
                UniqueFieldDefinitionNames a 3:11 3:18 Field "I.b" can only be defined once.
                """)
    }

    @Test func `arguments of a field or directive are unique`() throws {
        try check(
            "type Query { a(x: Int, x: Int, x: Int): Int }\ndirective @d(y: Int, y: Int) on FIELD",
            problems: """
                UniqueArgumentDefinitionNames a 1:16 1:24 1:32 \
                Argument "Query.a(x:)" can only be defined once.
                UniqueArgumentDefinitionNames a 2:14 2:22 \
                Argument "@d(y:)" can only be defined once.
                """)
    }

    @Test func `directive names are unique`() throws {
        try check(
            query + "directive @d on FIELD\ndirective @d on QUERY",
            problems:
                "UniqueDirectiveNames a 2:12 3:12 There can be only one directive named \"@d\".")
    }

    @Test func `every type that is named is defined`() throws {
        try check(
            """
            type Query implements Nod { a(x: Strin): Quer }
            union U = V
            input I { a: J }
            directive @d(a: K) on FIELD
            schema { query: Q }
            """,
            problems: """
                KnownTypeNames a 1:23 Unknown type "Nod". Did you mean "ID"?
                KnownTypeNames a 1:34 Unknown type "Strin". Did you mean "String"?
                KnownTypeNames a 1:42 Unknown type "Quer". Did you mean "Query"?
                KnownTypeNames a 2:11 Unknown type "V". Did you mean "I" or "U"?
                KnownTypeNames a 3:14 Unknown type "J". Did you mean "I" or "U"?
                KnownTypeNames a 4:17 Unknown type "K". Did you mean "I" or "U"?
                KnownTypeNames a 5:17 Unknown type "Q". Did you mean "I" or "U"?
                """)
    }

    @Test func `directives that are applied are defined and allowed there`() throws {
        try check(
            """
            directive @table on OBJECT
            type Query @tabel { a(x: Int @table): Int @skip(if: true) }
            extend schema @table
            """,
            problems: """
                KnownDirectives a 2:12 Unknown directive "@tabel".
                KnownDirectives a 2:30 Directive "@table" may not be used on ARGUMENT_DEFINITION.
                KnownDirectives a 2:43 Directive "@skip" may not be used on FIELD_DEFINITION.
                KnownDirectives a 3:15 Directive "@table" may not be used on SCHEMA.
                """)
    }

    @Test func `each place has a directive location of its own`() throws {
        try check(
            """
            directive @d on QUERY
            schema @d { query: Query }
            scalar S @d
            type Query @d { a(x: Int @d): Int @d }
            interface I @d { a: Int }
            union U @d = Query
            enum E @d { A @d }
            input P @d { a: Int @d }
            directive @e(x: Int @d) on FIELD
            """,
            problems: """
                KnownDirectives a 2:8 Directive "@d" may not be used on SCHEMA.
                KnownDirectives a 3:10 Directive "@d" may not be used on SCALAR.
                KnownDirectives a 4:12 Directive "@d" may not be used on OBJECT.
                KnownDirectives a 4:26 Directive "@d" may not be used on ARGUMENT_DEFINITION.
                KnownDirectives a 4:35 Directive "@d" may not be used on FIELD_DEFINITION.
                KnownDirectives a 5:13 Directive "@d" may not be used on INTERFACE.
                KnownDirectives a 6:9 Directive "@d" may not be used on UNION.
                KnownDirectives a 7:8 Directive "@d" may not be used on ENUM.
                KnownDirectives a 7:15 Directive "@d" may not be used on ENUM_VALUE.
                KnownDirectives a 8:9 Directive "@d" may not be used on INPUT_OBJECT.
                KnownDirectives a 8:21 Directive "@d" may not be used on INPUT_FIELD_DEFINITION.
                KnownDirectives a 9:21 Directive "@d" may not be used on ARGUMENT_DEFINITION.
                """)
    }

    @Test func `a directive that is not repeatable is counted over the extensions`() throws {
        try check(
            """
            directive @once on OBJECT | FIELD_DEFINITION
            directive @often repeatable on OBJECT
            type Query @once @often @often { a: Int @once @once b: Int @once }
            extend type Query @once @often
            """,
            problems: """
                UniqueDirectivesPerLocation a 3:41 3:47 The directive "@once" can only be used \
                once at this location.
                UniqueDirectivesPerLocation a 3:12 4:19 The directive "@once" can only be used \
                once at this location.
                """)
    }

    @Test func `an extension extends a type that is defined, of the same kind`() throws {
        try check(
            query + "extend input Query { a: Int }\nextend type Qery { b: Int }\n"
                + "extend scalar Int @deprecated",
            problems: """
                UniqueFieldDefinitionNames a 1:14 2:22 Field "Query.a" can only be defined once.
                PossibleTypeExtensions a 1:1 2:1 Cannot extend non-input object type "Query".
                PossibleTypeExtensions a 3:13 Cannot extend type "Qery" because it is not \
                defined. Did you mean "Query"?
                PossibleTypeExtensions a 4:15 Cannot extend type "Int" because it is not defined.
                KnownDirectives a 4:19 Directive "@deprecated" may not be used on SCALAR.
                """)
    }

    @Test func `arguments of an applied directive are defined`() throws {
        try check(
            "directive @d(name: Int) on OBJECT\ntype Query @d(nam: 1) { a: Int }",
            problems: """
                KnownArgumentNamesOnDirectives a 2:15 \
                Unknown argument "nam" on directive "@d". Did you mean "name"?
                """)
    }

    @Test func `arguments of an applied directive are given once`() throws {
        try check(
            "directive @d(x: Int) on OBJECT\ntype Query @d(x: 1, x: 2) { a: Int }",
            problems: """
                UniqueArgumentNames a 2:15 2:21 There can be only one argument named "x".
                """)
    }

    @Test func `fields of an object literal are given once, at any depth`() throws {
        try check(
            """
            type Query { a(x: [I] = [{ b: 1, b: 2 }]): Int @d(x: { y: { z: 1, z: 2 } }) }
            input I { b: Int } scalar S directive @d(x: S) on FIELD_DEFINITION
            """,
            problems: """
                UniqueInputFieldNames a 1:28 1:34 There can be only one input field named "b".
                UniqueInputFieldNames a 1:61 1:67 There can be only one input field named "z".
                """)
    }

    @Test func `required arguments of an applied directive are given`() throws {
        try check(
            """
            directive @d(x: [Int!]!, y: Int! = 1, z: Int) on OBJECT
            type Query @d { a: Int }
            """,
            problems: """
                ProvidedRequiredArgumentsOnDirectives a 2:12 \
                Argument "@d(x:)" of type "[Int!]!" is required, but it was not provided.
                """)
    }

    @Test func `operations and fragments are no part of a schema`() throws {
        try check(
            query + "query Q { a }\n{ a }\nfragment F on Query { a }",
            problems: """
                SchemaValidation a 2:1 The query Q is not a type system definition.
                SchemaValidation a 3:1 The anonymous query is not a type system definition.
                SchemaValidation a 4:1 The fragment F is not a type system definition.
                """)
    }

    @Test func `a type may be nested in sixty lists`() throws {
        func nested(_ depth: Int) -> String {
            "type Query { a: " + String(repeating: "[", count: depth) + "Int"
                + String(repeating: "]", count: depth) + " }"
        }
        try check(nested(60), problems: "")
        try check(
            nested(61),
            problems: "SchemaValidation a 1:17 A type may be nested in at most 60 lists.")
    }
}
