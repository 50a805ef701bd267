import GraphQLLanguage
import Testing

@testable import GraphQL

@Suite struct BuildSchemaTests {
    private let introspectionNames = [
        "__Schema", "__Type", "__TypeKind", "__Field", "__InputValue", "__EnumValue", "__Directive",
        "__DirectiveLocation",
    ]

    @Test func `root types have the default names without a schema definition`() throws {
        let schema = try schema("type Subscription { a: Int } type Query { a: Int }")
        #expect(schema[schema.queryType].name == "Query")
        #expect(schema.mutationType == nil)
        #expect(schema.subscriptionType == TypeID(0))
    }

    @Test func `a schema definition names the root types, an extension adds to it`() throws {
        let schema = try schema(
            """
            "About it." schema { query: A } extend schema { mutation: B }
            type A { a: Int } type B { b: Int } type Subscription { c: Int }
            """)
        #expect(schema.description == "About it.")
        #expect(schema.rootType(.query).map { schema[$0].name } == "A")
        #expect(schema.rootType(.mutation).map { schema[$0].name } == "B")
        #expect(schema.rootType(.subscription) == nil)
    }

    @Test
    func `types are in source order, then built-in scalars that are used, then introspection`()
        throws
    {
        let schema = try schema("type Z { a: ID } type Query { z: Z }", "enum A { A }")
        #expect(
            schema.types.map(\.name)
                == ["Z", "Query", "A", "String", "Boolean", "ID"] + introspectionNames)
        #expect(schema.type(named: "Int") == nil)
    }

    @Test func `the built-in directives come first`() throws {
        let schema = try schema("type Query { a: Int } directive @d on FIELD")
        #expect(
            schema.directives.map(\.name)
                == ["skip", "include", "deprecated", "specifiedBy", "oneOf", "d"])
    }

    @Test func `a built-in directive may be defined again`() throws {
        let schema = try schema(
            "type Query { a: Int } directive @d on FIELD directive @skip(if: Int) on QUERY")
        #expect(
            schema.directives.map(\.name)
                == ["skip", "include", "deprecated", "specifiedBy", "oneOf", "d"])
        #expect(schema.directive(named: "skip")?.locations == [.query])
    }

    @Test func `a built-in scalar that is defined again stays as it is`() throws {
        let schema = try schema("\"Mine.\" scalar Int type Query { a: Int }")
        #expect(schema.types.map(\.name).first == "Query")
        let int = try #require(schema.type(named: "Int"))
        #expect(schema[int].description != "Mine.")
    }

    @Test func `definitions refer to each other across files, and extensions are merged`() throws {
        let schema = try schema(
            "extend type Query implements I @d(n: 1) { b: E } interface I { a: Int }",
            """
            directive @d(n: Int!) repeatable on OBJECT | SCALAR
            type Query @d(n: 2) { a: Int }
            extend enum E { B }
            extend union U = V
            extend input P { c: Int }
            extend scalar S @specifiedBy(url: "https://example.com") @d(n: 3)
            """,
            """
            enum E { A } union U = Query type V { v: S } input P { b: Int } scalar S
            extend interface I { b: E }
            """)
        let query = schema[schema.queryType]
        #expect(query.fields.map(\.name) == ["a", "b"])
        #expect(query.interfaces.map { schema[$0].name } == ["I"])
        #expect(query.appliedDirectives.map { print($0) } == ["@d(n: 2)", "@d(n: 1)"])
        func type(_ name: String) throws -> NamedType {
            schema[try #require(schema.type(named: name))]
        }
        #expect(try type("E").enumValues.map(\.name) == ["A", "B"])
        #expect(try type("U").memberTypes.map { schema[$0].name } == ["Query", "V"])
        #expect(try type("P").inputFields.map(\.name) == ["b", "c"])
        #expect(try type("S").specifiedByURL == "https://example.com")
        #expect(try type("I").fields.map(\.name) == ["a", "b"])
    }

    @Test func `an error over two files points into the first of its places`() throws {
        try check(
            "type Query { a: Int }\ntype A { a: Int }", "\n\ntype A { b: Int }",
            problems: "UniqueTypeNames a 2:6 There can be only one type named \"A\".")
    }

    @Test func `problems are in the order of the files`() throws {
        try check(
            "type Query { a: B }", "type A { a: C }\nextend type Query @d { b: D }",
            problems: """
                KnownTypeNames a 1:17 Unknown type "B". Did you mean "A"?
                KnownTypeNames b 1:13 Unknown type "C". Did you mean "A"?
                KnownDirectives b 2:19 Unknown directive "@d".
                KnownTypeNames b 2:27 Unknown type "D". Did you mean "A" or "ID"?
                """)
    }

    @Test func `deprecation, its default reason and OneOf are read from directives`() throws {
        let schema = try schema(
            """
            type Query { a: Int @deprecated b(x: Int @deprecated(reason: "no")): Int }
            input P @oneOf { c: Int @deprecated(reason: "") d: Int }
            enum E { F @deprecated G }
            """)
        let query = schema[schema.queryType]
        #expect(query.field("a")?.deprecationReason == "No longer supported")
        #expect(query.field("b")?.deprecationReason == nil)
        #expect(query.field("b")?.argument("x")?.deprecationReason == "no")
        let input = schema[try #require(schema.type(named: "P"))]
        #expect(input.isOneOf)
        #expect(input.inputField("c")?.deprecationReason == "")
        let values = schema[try #require(schema.type(named: "E"))].enumValues
        #expect(values.map(\.deprecationReason) == ["No longer supported", nil])
    }

    @Test func `the types of introspection are valid by the same rules`() throws {
        // Built-in definitions are not checked when a schema is built; so they are checked here,
        // under names that are free.
        let text = printSchema(try schema("type Query { a: Int }"))
        #expect(text == "type Query {\n  a: Int\n}")
        let document = BuiltInDefinitions.document
        var definitions = document.definitions.compactMap { definition -> String? in
            guard case .type(let type) = definition, type.kind != .scalar else { return nil }
            return print(type).replacing("__", with: "Meta")
        }
        definitions.append("type Query { schema: MetaSchema }")
        try check(definitions.joined(separator: "\n"), problems: "")
    }
}
