import GraphQLLanguage
import Testing

@testable import GraphQL

@Suite struct PrintSchemaTests {
    /// Everything that a schema can have, as it is printed.
    private let everything = #"""
        """Of the schema."""
        schema {
          query: Root
          mutation: Change
        }

        """Of a directive."""
        directive @all(
          """Of an argument."""
          a: [Int!]! = [1, 2]

          """
          Of another, which has a description of more than seventy characters, and so
          """
          b: Filter = { tier: GOLD, name: null } @deprecated(reason: "a \"reason\"")
        ) repeatable on QUERY | FIELD

        directive @few(a: Int, b: String = "x") on INPUT_FIELD_DEFINITION

        """
        Of the root:
          on two lines.
        """
        type Root implements Node & Named {
          id: ID!

          """Of a field."""
          name(first: Int = 10, after: String): String

          """Of a third."""
          find(
            """Of an argument of a field."""
            filter: Filter
            limit: Float = 1.5
          ): [Result!]
          tier: Tier @deprecated
        }

        interface Node {
          id: ID!
        }

        interface Named implements Node {
          id: ID!
          name: String
        }

        type Change {
          a: Boolean
        }

        union Result = Root | Change

        """Of an enum."""
        enum Tier {
          """Of a value."""
          GOLD
          SILVER

          """Of a third."""
          BRONZE @deprecated(reason: "melted")
        }

        input Filter {
          tier: Tier = SILVER
          name: String
        }

        input One @oneOf {
          """Of an input field."""
          a: Int
          b: [[String!]]
        }

        scalar Long

        """Of a scalar."""
        scalar Date @specifiedBy(url: "https://example.com/date")
        """#

    @Test func `a schema is printed as it was written`() throws {
        #expect(printSchema(try schema(everything)) == everything)
    }

    @Test func `a schema definition is printed only where it says something`() throws {
        let plain = "type Query {\n  a: Int\n}"
        #expect(printSchema(try schema("schema { query: Query } " + plain)) == plain)
        let unused = "schema {\n  query: Query\n}\n\n" + plain + "\n\nscalar Mutation"
        #expect(printSchema(try schema(unused)) == unused)
    }

    @Test func `applied directives are printed on demand, and read again`() throws {
        let text = """
            schema @mark {
              query: Query
            }

            directive @mark(n: Int, s: [String]) repeatable on SCHEMA | OBJECT | FIELD_DEFINITION | \
            ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | \
            INPUT_FIELD_DEFINITION | SCALAR

            type Query implements I @mark(n: 1) @mark {
              i(x: Int = 1 @deprecated @mark): Int @mark(s: ["a"])
            }

            interface I @mark {
              i(x: Int = 1): Int
            }

            union U @mark = Query

            enum E @mark {
              A @deprecated @mark
            }

            input P @oneOf @mark {
              a: Int @mark
            }

            scalar S @specifiedBy(url: "u") @mark
            """
        let schema = try schema(text)
        #expect(printSchema(schema, includingAppliedDirectives: true) == text)
        // What is left without them.
        let plain =
            text
            .replacing("schema @mark {\n  query: Query\n}\n\n", with: "")
            .replacing(" @mark(n: 1) @mark", with: "").replacing(" @mark(s: [\"a\"])", with: "")
            .replacing(" @mark", with: "").replacing("directive", with: "directive @mark")
        #expect(printSchema(schema) == plain)
    }

    @Test func `text that a block string cannot hold is quoted`() throws {
        let text = #"""
            "\u0007 \r\n"
            type Query {
              "  indented\n  as a whole"
              a: Int
            }
            """#
        let printed = #"""
            "\u0007 \r\n"
            type Query {
              "  indented\n  as a whole"
              a: Int
            }
            """#
        #expect(printSchema(try schema(text)) == printed)
    }
}
