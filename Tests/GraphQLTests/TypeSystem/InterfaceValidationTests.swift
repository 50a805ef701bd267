import Testing

@testable import GraphQL

/// Source: GraphQL, September 2025, §3.6 and §3.7 (type validation).
@Suite struct InterfaceValidationTests {
    private let query = "type Query { a: Int }\n"

    @Test func `only interfaces are implemented, each once and not by themselves`() throws {
        try check(
            query
                + """
                interface I implements I { a: Int }
                type A implements Query & J { a: Int }
                interface J { a: Int }
                extend type A implements J
                """,
            problems: """
                SchemaValidation a 2:24 Type I cannot implement itself \
                because it would create a circular reference.
                SchemaValidation a 3:19 Type A must only implement Interface types, \
                it cannot implement Query.
                SchemaValidation a 3:27 5:26 Type A can only implement J once.
                """)
    }

    @Test func `interfaces of interfaces are implemented explicitly`() throws {
        try check(
            query
                + """
                interface I { a: Int }
                interface J implements I { a: Int }
                interface K implements J & I { a: Int }
                type A implements K & I { a: Int }
                """,
            problems: """
                SchemaValidation a 4:24 5:19 \
                Type A must implement J because it is implemented by K.
                """)
    }

    @Test func `interfaces do not implement each other in a circle`() throws {
        try check(
            query + "interface I implements J { a: Int }\ninterface J implements I { a: Int }",
            problems: """
                SchemaValidation a 3:24 2:24 Type I cannot implement J because it would create a \
                circular reference.
                SchemaValidation a 2:24 3:24 Type J cannot implement I because it would create a \
                circular reference.
                """)
    }

    @Test func `each field of an interface is implemented`() throws {
        try check(
            query
                + "interface I { a: Int b: Int }\ntype A implements I { a: Int }\nextend type A @d\n"
                + "directive @d on OBJECT",
            problems: """
                SchemaValidation a 2:22 3:1 4:1 \
                Interface field I.b expected but A does not provide it.
                """)
    }

    @Test func `the type of an implementing field may be narrower`() throws {
        let types = """
            interface Node { id: ID } type A implements Node { id: ID } type B { b: Int }
            union U = A | B
            interface I { a: Node b: [Node] c: U d: [[Node]!] e: ID f: [U!] }

            """
        try check(
            query + types
                + """
                type X implements I { a: A! b: [A!]! c: B d: [[A!]!]! e: ID! f: [A!]! }
                interface J implements I { a: Node! b: [Node]! c: U d: [[Node]!] e: ID f: [U!] }
                """,
            problems: "")
        try check(
            query + types
                + "type X implements I { a: B b: A c: Int d: [[A]] e: [ID] f: [U] }",
            problems: [
                ("4:18 5:26", "a", "Node", "B"), ("4:26 5:31", "b", "[Node]", "A"),
                ("4:36 5:36", "c", "U", "Int"), ("4:41 5:43", "d", "[[Node]!]", "[[A]]"),
                ("4:54 5:52", "e", "ID", "[ID]"), ("4:60 5:60", "f", "[U!]", "[U]"),
            ].map { places, field, expected, found in
                "SchemaValidation a \(places) Interface field I.\(field) expects type \(expected) "
                    + "but X.\(field) is type \(found)."
            }.joined(separator: "\n"))
    }

    @Test func `arguments of an implementing field are those of the interface`() throws {
        try check(
            query
                + """
                interface I { a(x: Int, y: Int!): Int }
                type A implements I { a(y: Int): Int }
                """,
            problems: """
                SchemaValidation a 2:17 3:23 Interface field argument I.a(x:) expected \
                but A.a does not provide it.
                SchemaValidation a 2:28 3:28 Interface field argument I.a(y:) expects type \
                Int! but A.a(y:) is type Int.
                """)
    }

    @Test func `additional arguments of an implementing field are not required`() throws {
        try check(
            query
                + """
                interface I { a: Int }
                type A implements I { a(x: Int, y: Int! = 1, z: [Int]!): Int }
                """,
            problems: """
                SchemaValidation a 3:46 2:15 Argument "A.a(z:)" must not be required type \
                "[Int]!" if not provided by the Interface field "I.a".
                """)
    }

    @Test func `an implementing field is deprecated only with the interface's`() throws {
        try check(
            query
                + """
                interface I { a: Int b: Int @deprecated }
                type A implements I { a: Int @deprecated(reason: "old") b: Int @deprecated }
                """,
            problems: """
                SchemaValidation a 3:30 3:26 Interface field I.a is not deprecated, \
                so implementation field A.a must not be deprecated.
                """)
    }
}
