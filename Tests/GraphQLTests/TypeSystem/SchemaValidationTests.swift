import GraphQLLanguage
import Testing

@testable import GraphQL

/// Source: GraphQL, September 2025, §3, section by section.
@Suite struct SchemaValidationTests {
    private let query = "type Query { a: Int }\n"

    // MARK: Root types

    @Test func `a query root type is required`() throws {
        try check(
            "type A { a: Int }",
            problems: "SchemaValidation - Query root type must be provided.")
        try check(
            query + "schema { mutation: M } type M { a: Int }",
            problems: "SchemaValidation a 2:1 Query root type must be provided.")
    }

    @Test func `root types are objects`() throws {
        try check(
            """
            schema { query: I mutation: U subscription: E }
            interface I { a: Int } union U = A type A { a: Int } enum E { A }
            """,
            problems: """
                SchemaValidation a 1:17 Query root type must be Object type, it cannot be I.
                SchemaValidation a 1:29 \
                Mutation root type must be Object type if provided, it cannot be U.
                SchemaValidation a 1:45 \
                Subscription root type must be Object type if provided, it cannot be E.
                """)
    }

    @Test func `a default root name without a schema definition makes a root type`() throws {
        try check(
            query + "scalar Mutation",
            problems: """
                SchemaValidation a 2:1 \
                Mutation root type must be Object type if provided, it cannot be Mutation.
                """)
        try check(query + "scalar Mutation schema { query: Query }", problems: "")
    }

    @Test func `root types are different`() throws {
        try check(
            "schema { query: A mutation: A subscription: A } type A { a: Int }",
            problems: """
                SchemaValidation a 1:17 1:29 1:45 All root types must be different, \
                "A" type is used as query, mutation, and subscription root types.
                """)
        try check(
            "schema { query: A subscription: A } type A { a: Int }",
            problems: """
                SchemaValidation a 1:17 1:33 All root types must be different, \
                "A" type is used as query and subscription root types.
                """)
    }

    @Test func `root types come first, then directives, then one type after the other`() throws {
        try check(
            """
            type A { a(x: Int = "1"): I }
            input I { b: I! c: Int = 1.5 }
            directive @d(x: A) on FIELD
            schema { mutation: I }
            """,
            problems: """
                SchemaValidation a 4:1 Query root type must be provided.
                SchemaValidation a 4:20 Mutation root type must be Object type if provided, \
                it cannot be I.
                SchemaValidation a 3:14 The type of @d(x:) must be Input Type but got: A.
                SchemaValidation a 1:27 The type of A.a must be Output Type but got: I.
                SchemaValidation a 1:21 A.a(x:) has invalid default value: \
                Int cannot represent non-integer value: "1"
                SchemaValidation a 2:26 I.c has invalid default value: \
                Int cannot represent non-integer value: 1.5
                SchemaValidation a 2:11 Input Object I cannot be provided a finite value because \
                it references itself through fields: I.b.
                """)
    }

    // MARK: Names

    @Test func `no name begins with two underscores`() throws {
        try check(
            """
            type Query { __a(__x: Int): Int }
            type __T { a: Int }
            input I { __b: Int }
            enum E { __C }
            directive @__d(__y: Int) on FIELD
            enum __TypeKind { A }
            """,
            problems: [
                ("5:1", "__d"), ("5:16", "__y"), ("1:14", "__a"), ("1:18", "__x"), ("2:1", "__T"),
                ("3:11", "__b"), ("4:10", "__C"), ("6:1", "__TypeKind"),
            ].map { place, name in
                "SchemaValidation a \(place) Name \"\(name)\" must not begin with \"__\", "
                    + "which is reserved by GraphQL introspection."
            }.joined(separator: "\n"))
    }

    // MARK: Fields and arguments

    @Test func `objects and interfaces have fields`() throws {
        try check(
            "type Query\ninterface I\nextend type Query @d\ndirective @d on OBJECT",
            problems: """
                SchemaValidation a 1:1 3:1 Type Query must define one or more fields.
                SchemaValidation a 2:1 Type I must define one or more fields.
                """)
    }

    @Test func `fields have output types, arguments and input fields input types`() throws {
        try check(
            """
            type Query { a: [I!]!, b(x: Query!): Int }
            input I { c: [Query] }
            directive @d(y: J) on FIELD interface J { a: Int }
            """,
            problems: """
                SchemaValidation a 3:14 The type of @d(y:) must be Input Type but got: J.
                SchemaValidation a 1:17 The type of Query.a must be Output Type but got: [I!]!.
                SchemaValidation a 1:29 The type of Query.b(x:) must be Input Type but got: Query!.
                SchemaValidation a 2:14 The type of I.c must be Input Type but got: [Query].
                """)
    }

    // MARK: Unions and enums

    @Test func `a union has object types, each once`() throws {
        try check(
            query + "union U\nunion V = Query | Float | Query",
            problems: """
                SchemaValidation a 2:1 Union type U must define one or more member types.
                SchemaValidation a 3:19 Union type V can only include Object types, it cannot \
                include Float.
                SchemaValidation a 3:11 3:27 Union type V can only include type Query once.
                """)
    }

    @Test func `an enum has values`() throws {
        try check(
            query + "enum E @d\ndirective @d on ENUM",
            problems: "SchemaValidation a 2:1 Enum type E must define one or more values.")
    }

    // MARK: Input objects

    @Test func `an input object has fields`() throws {
        try check(
            query + "input I",
            problems: "SchemaValidation a 2:1 Input Object type I must define one or more fields.")
    }

    @Test func `an input object can be filled`() throws {
        try check(
            """
            type Query { a: Int }
            input A { a: A! }
            input B { c: C! b: Int }
            input C { b: B! }
            input Fine { a: Fine b: [Fine!]! c: Fine }
            """,
            problems: """
                SchemaValidation a 2:11 Input Object A cannot be provided a finite value \
                because it references itself through fields: A.a.
                SchemaValidation a 3:11 4:11 Input Object B cannot be provided a finite value \
                because it references itself through fields: B.c, C.b.
                """)
    }

    @Test func `a OneOf input object can be filled without itself`() throws {
        try check(
            query + "input A @oneOf { a: A b: A }\ninput Fine @oneOf { a: Fine b: [Fine] }",
            problems: """
                SchemaValidation a 2:18 Input Object A cannot be provided a finite value \
                because it references itself through fields: A.a.
                SchemaValidation a 2:23 Input Object A cannot be provided a finite value \
                because it references itself through fields: A.b.
                """)
    }

    @Test func `fields of a OneOf input object are nullable and without defaults`() throws {
        try check(
            query + "input A @oneOf { a: Int! b: Int = 1 }\nextend input A { c: Int! }",
            problems: """
                SchemaValidation a 2:21 OneOf input field A.a must be nullable.
                SchemaValidation a 2:26 OneOf input field A.b cannot have a default value.
                SchemaValidation a 3:21 OneOf input field A.c must be nullable.
                """)
    }

    @Test func `an extension makes no input object OneOf`() throws {
        try check(
            query + "input A { a: Int! }\nextend input A @oneOf",
            problems: """
                SchemaValidation a 3:16 Input Object type A cannot become OneOf by an extension.
                """)
    }

    // MARK: Default values

    @Test func `default values coerce to their types`() throws {
        try check(
            """
            type Query { a(x: Int = "1", y: [E!]! = [A, D, null]): Int }
            enum E { A B C }
            input I { b: Boolean! = null c: J = { d: { e: 1 } } } input J { d: Other f: Float = 1 }
            input Other { e: String g: Int! = 1.5 }
            directive @d(z: ID = 1.5) on FIELD
            """,
            problems: """
                SchemaValidation a 5:22 @d(z:) has invalid default value: ID cannot represent a \
                non-string and non-integer value: 1.5
                SchemaValidation a 1:25 Query.a(x:) has invalid default value: Int cannot \
                represent non-integer value: "1"
                SchemaValidation a 1:45 Query.a(y:) has invalid default value at [1]: Value "D" \
                does not exist in "E" enum. Did you mean the enum value "A", "B", or "C"?
                SchemaValidation a 1:48 Query.a(y:) has invalid default value at [2]: Expected \
                value of non-null type "E!" not to be null.
                SchemaValidation a 3:25 I.b has invalid default value: Expected value of \
                non-null type "Boolean!" not to be null.
                SchemaValidation a 3:47 I.c has invalid default value at .d.e: String cannot \
                represent a non string value: 1
                SchemaValidation a 4:35 Other.g has invalid default value: Int cannot represent \
                non-integer value: 1.5
                """)
    }

    @Test func `default values of custom scalars are read by their codecs`() throws {
        let even = ScalarCodec { input throws(ScalarCodec.Refusal) in
            guard case .int(let text) = input, let number = Int64(text), number % 2 == 0 else {
                throw ScalarCodec.Refusal("not even")
            }
            return .int(number)
        }
        let file = "scalar Even type Query { a(x: Even = 2, y: Even = 3): Int }"
        try check(file, problems: "")
        try check(
            file, codecs: ["Even": even],
            problems: """
                SchemaValidation a 1:51 Query.a(y:) has invalid default value: \
                Expected value of type "Even", but encountered error "not even"; found: 3.
                """)
    }

    @Test func `default values of input fields do not take themselves over`() throws {
        try check(
            """
            type Query { a(x: A = {}): Int }
            input A { a: A = {} }
            input B { c: C = {} }
            input C { b: [B] = [{}] }
            input Fine { a: Fine = { a: null } b: Fine = null }
            """,
            problems: """
                SchemaValidation a 2:18 Invalid circular reference. \
                The default value of Input Object field A.a references itself.
                SchemaValidation a 3:18 4:20 Invalid circular reference. \
                The default value of Input Object field B.c references itself \
                via the default values of: C.b.
                """)
    }

    // MARK: Directives

    @Test func `arguments of applied directives coerce to their types`() throws {
        try check(
            """
            directive @d(x: Int!, y: [String!]) on OBJECT
            type Query @d(x: "1", y: ["a", 2]) { a: Int @deprecated(reason: null) }
            """,
            problems: """
                ValuesOfCorrectType a 2:18 Int cannot represent non-integer value: "1"
                ValuesOfCorrectType a 2:32 String cannot represent a non string value: 2
                ValuesOfCorrectType a 2:65 \
                Expected value of non-null type "String!" not to be null.
                """)
    }

    @Test func `what is required is not deprecated`() throws {
        try check(
            """
            type Query { a(x: Int! @deprecated, y: Int! = 1 @deprecated, z: Int @deprecated): Int }
            input I { a: Int! @deprecated b: Int! = 1 @deprecated }
            directive @d(x: Int! @deprecated) on FIELD
            """,
            problems: """
                SchemaValidation a 3:22 3:17 Required argument @d(x:) cannot be deprecated.
                SchemaValidation a 1:24 1:19 Required argument Query.a(x:) cannot be deprecated.
                SchemaValidation a 2:19 2:14 Required input field I.a cannot be deprecated.
                """)
    }

    @Test func `a built-in scalar is not specified elsewhere`() throws {
        try check(
            query + #"scalar ID @specifiedBy(url: "https://example.com") scalar Date"#
                + #" @specifiedBy(url: "https://example.com")"#,
            problems: """
                SchemaValidation a 2:11 Built-in scalar type ID cannot be specified by a URL.
                """)
    }

    @Test func `a directive does not reference itself`() throws {
        try check(
            """
            type Query { a: Int }
            directive @a(x: Int @a) on ARGUMENT_DEFINITION
            directive @b(x: Int @c) on ARGUMENT_DEFINITION
            directive @c(y: I) on ARGUMENT_DEFINITION
            input I { e: [E!] }
            enum E @d { A }
            directive @d(z: E) on ENUM
            directive @deprecated(reason: S) on SCALAR
            scalar S @deprecated
            """,
            problems: """
                SchemaValidation a 2:1 \
                Directive @a cannot reference itself, as it does through: @a(x:).
                SchemaValidation a 7:1 \
                Directive @d cannot reference itself, as it does through: @d(z:), E.
                SchemaValidation a 8:1 Directive @deprecated cannot reference itself, \
                as it does through: @deprecated(reason:), S.
                """)
    }
}
