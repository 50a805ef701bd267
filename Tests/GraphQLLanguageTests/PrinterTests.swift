import Testing

@testable import GraphQLLanguage

// MARK: Layout

@Test func `a query document is laid out in lines of two spaces a level`() throws {
    try check(
        KitchenSink.query,
        prints: #"""
            "The whole of a member."
            query Overview(
            $id: ID!
            "How many."
            $first: Int! = 20 @pageSize(max: 100)
            """
            Which ones:
              all of them
            """
            $where: [[MemberFilter!]!] = [[{ status: { in: [ACTIVE, null] }, level: { gte: -1.5e+3 } }], []]
            $on: Boolean = true
            ) @live @cost(max: 0) {
              me: member(id: $id) @include(if: $on) @skip(if: false) {
                __typename
                id
                ...Contact @client
                ... on Member @expand {
                  tier {
                    name
                  }
                  ... {
                    level
                  }
                }
                ... @include(if: $on) {
                  entries(first: $first) {
                    nodes {
                      delta
                    }
                  }
                }
                type: fragment(query: mutation, on: { true: "\"é😀😀\n\\/", a: $where })
                note(
                  text: """
                  He said \"""yes\""".
                    "No", said she. \n is no escape
                  """
                  empty: """"""
                  short: ""
                )
              }
            }

            {
              a
            }

            mutation Earn {
              earn(points: 100, items: [], tags: {  }) {
                ok
              }
            }

            subscription on {
              memberChanged {
                id
              }
            }

            """Where to write to."""
            fragment Contact on Member @x(y: [1, 2.50, "s", """b""", true, null, E, $v, [$w], { z: $z }]) {
              email(kind: WORK)
              phone
            }

            {
              b
            }
            """#)
}

@Test func `a schema document is laid out in lines of two spaces a level`() throws {
    try check(
        KitchenSink.schema,
        prints: #"""
            """
            The schema.

              Indented.
            """
            schema @link(url: "https://example.org") {
              query: Query
              mutation: Mutation
            }

            extend schema @more {
              subscription: Subscription
            }

            extend schema @again

            "A moment."
            scalar DateTime @specifiedBy(url: "https://example.org/date-time")

            extend scalar DateTime @format

            "A person of the club."
            type Member implements Node & Timed @table(plural: "members", write: [CREATE, UPDATE]) {
              id: ID!
              "The e-mail address."
              email: String @unique @index
              """What was earned."""
              entries(
                "How many."
                first: Int! = 20 @min(value: 1)
                after: String
                where: EntryFilter = { kind: EARN, delta: { gt: 0 }, tags: ["a", "b"] }
              ): [[PointsEntry!]!]! @relation
              type(query: Int): Kind
            }

            type Bare

            extend type Member implements Audited

            extend type Member @audited

            extend type Member {
              note: String
            }

            interface Node {
              id: ID!
            }

            interface Timed implements Node @x {
              id: ID!
              at: DateTime!
            }

            extend interface Node @y

            union Party @x = Member | Organization

            union Nobody

            extend union Party = Guest

            enum Kind @x {
              EARN
              "Points given away."
              SPEND @deprecated(reason: "Use \"GIVE\".")
              on
              query
            }

            extend enum Kind {
              EXPIRE
            }

            input EntryFilter @x {
              kind: Kind = EARN @y
              delta: [Float!] = [0.5, -1e3]
              and: [EntryFilter!]
            }

            extend input EntryFilter {
              or: [EntryFilter!] = null
            }

            """Stored."""
            directive @table(
              "Its name."
              plural: String = "x" @y
              write: [Write!]! = [CREATE]
            ) on OBJECT

            directive @index repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

            directive @everywhere on QUERY | MUTATION | SUBSCRIPTION | FIELD | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT | VARIABLE_DEFINITION | SCHEMA | SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
            """#)
}

@Test func `arguments of more than 80 characters stand on lines of their own`() throws {
    let eighty = "field(" + String(repeating: "a", count: 70) + ": 1)"
    #expect(eighty.count == 80)
    try check("{ \(eighty) }", prints: "{\n  \(eighty)\n}")
    let more = String(repeating: "a", count: 71)
    try check("{ field(\(more): 1) }", prints: "{\n  field(\n    \(more): 1\n  )\n}")
}

@Test func `lists and objects of more than 80 characters stand on lines of their own`() throws {
    let name = String(repeating: "a", count: 76)
    for (text, printed) in [
        ("[\(name)aa]", "[\(name)aa]"), ("[\(name)aaa]", "[\n  \(name)aaa\n]"),
        ("{\(name.dropLast(3)): 1}", "{ \(name.dropLast(3)): 1 }"),
        ("{\(name): 1, b: 2}", "{\n  \(name): 1\n  b: 2\n}"),
    ] {
        #expect(try print(parseValue(Source(text))) == printed)
    }
}

@Test func `pieces print as they do in a document`() throws {
    guard
        case .operation(let operation) = try parse(Source("query Q($a: A = 1) { b @c ...D }"))
            .definitions[0], case .field(let field) = operation.selectionSet.selections[0]
    else {
        Issue.record("no operation")
        return
    }
    #expect(print(operation.variables[0]) == "$a: A = 1")
    #expect(print(operation.selectionSet) == "{\n  b @c\n  ...D\n}")
    #expect(operation.selectionSet.selections.map { print($0) } == ["b @c", "...D"])
    #expect(print(field.directives[0]) == "@c")
    #expect(print(field) == "b @c")
    #expect(try print(parseType(Source("[ A ! ] !"))) == "[A!]!")
    #expect(try print(parseValue(Source("$x"))) == "$x")
}

@Test func `a query behind a type without a body keeps its keyword`() throws {
    for bare in [
        "type A", "interface A @d", "enum A", "input A", "extend schema @d", "extend type A @d",
    ] {
        try check("\(bare) query { a }", prints: "\(bare)\n\nquery {\n  a\n}")
    }
    for whole in ["scalar A", "union A = B", "directive @a on FIELD", "enum A {\n  B\n}"] {
        try check("\(whole) { a }", prints: "\(whole)\n\n{\n  a\n}")
    }
}

// MARK: Strings

@Test func `a quoted string escapes control characters, quotation marks and backslashes`() {
    let value = StringValue(
        "\"\\/\u{8}\t\n\u{B}\u{C}\r\u{0}\u{1F} é😀\u{7F}\u{80}\u{9F}\u{A0}\u{2028}")
    #expect(
        print(value)
            == #""\"\\/\b\t\n\u000B\f\r\u0000\u001F é😀\u007F\u0080\u009F"# + "\u{A0}\u{2028}\"")
}

@Test(arguments: [
    ("", #""""""""#),
    ("x", #""""x""""#),
    ("  x", #""""  x""""#),
    ("say \"x\" or", #""""say "x" or""""#),
    ("\"x", #"""""x""""#),
    ("x\"", "\"\"\"\nx\"\n\"\"\""),
    ("x\\", "\"\"\"\nx\\\n\"\"\""),
    ("x\"\"\"", "\"\"\"\nx\\\"\"\"\n\"\"\""),
    ("\"\"\"\"\"\"\"", "\"\"\"\n\\\"\"\"\\\"\"\"\"\n\"\"\""),
    ("a\nb", "\"\"\"\na\nb\n\"\"\""),
    ("a\n b", "\"\"\"\na\n b\n\"\"\""),
    (" a\nb", "\"\"\"\n a\nb\n\"\"\""),
    ("  x\\", "\"\"\"  x\\\n\"\"\""),
    (String(repeating: "x", count: 70), "\"\"\"" + String(repeating: "x", count: 70) + "\"\"\""),
    (
        String(repeating: "x", count: 71),
        "\"\"\"\n" + String(repeating: "x", count: 71) + "\n\"\"\""
    ),
])
func `a block string prints so that it parses back`(value: String, printed: String) throws {
    let string = StringValue(value, isBlock: true)
    #expect(print(string) == printed)
    #expect(try parseValue(Source(printed)) == Value(.string(string)))
}

@Test(arguments: ["\nx", "x\n", " ", " \nx", "x\n\t", " a\n b", "a\r", "a\r\nb", "\n"])
func `a value that no block string can have is quoted`(value: String) throws {
    let printed = print(StringValue(value, isBlock: true))
    #expect(!printed.hasPrefix("\"\"\""))
    #expect(try parseValue(Source(printed)) == Value(.string(StringValue(value))))
}
