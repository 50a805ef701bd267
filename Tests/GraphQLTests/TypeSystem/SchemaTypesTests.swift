import GraphQLLanguage
import Testing

@testable import GraphQL

@Suite struct SchemaTypesTests {
    private let sample: Schema

    init() throws {
        sample = try schema(
            """
            type Query { a: A }
            interface I { i: Int } interface J implements I { i: Int }
            type A implements J & I { i: Int } type B implements I { i: Int } type C { c: Int }
            union U = C | A
            """)
    }

    private func reference(_ text: String) throws -> TypeReference? {
        sample.typeReference(from: try parseType(Source(text), limits: .file))
    }

    private func isValid(_ type: String, for expected: String) throws -> Bool {
        sample.isValidImplementationFieldType(
            try #require(try reference(type)), of: try #require(try reference(expected)))
    }

    @Test(arguments: ["A", "A!", "[A]", "[A!]", "[A]!", "[A!]!", "[[A!]]!", "[[[A]!]!]"])
    func `a type reference is described as it is written`(text: String) throws {
        #expect(sample.describe(try #require(try reference(text))) == text)
    }

    @Test func `a type that the schema lacks has no reference`() throws {
        #expect(try reference("[Nope]") == nil)
        #expect(try reference("Float") == nil)
    }

    @Test func `wrappers are taken off and put on from the outside`() throws {
        let type = try #require(try reference("[[A!]!]!"))
        #expect(sample.describe(type.nullable) == "[[A!]!]")
        #expect(sample.describe(type.item) == "[A!]!")
        #expect(sample.describe(type.item.item) == "A!")
        #expect(sample.describe(type.list) == "[[[A!]!]!]")
        #expect(sample.describe(type.list.nonNull) == "[[[A!]!]!]!")
    }

    @Test(
        arguments: [
            ("A", "A"), ("A", "I"), ("A", "J"), ("J", "I"), ("A", "U"), ("A!", "A"),
            ("[A!]!", "[I]"),
            ("[[A]!]", "[[U]]"),
        ])
    func `a narrower type may implement`(pair: (String, String)) throws {
        #expect(try isValid(pair.0, for: pair.1))
    }

    @Test(
        arguments: [
            ("I", "A"), ("I", "J"), ("B", "J"), ("B", "U"), ("U", "A"), ("A", "A!"), ("A", "[A]"),
            ("[A]", "A"), ("[A]", "[A!]"), ("[A]!", "[A!]"), ("[[A]]", "[A]"),
        ])
    func `another or a wider type may not`(pair: (String, String)) throws {
        #expect(try !isValid(pair.0, for: pair.1))
    }

    @Test func `possible types are the objects, in source order`() throws {
        func possible(_ name: String) throws -> [String] {
            sample.possibleTypes(try #require(sample.type(named: name))).map { sample[$0].name }
        }
        #expect(try possible("I") == ["A", "B"])
        #expect(try possible("J") == ["A"])
        #expect(try possible("U") == ["C", "A"])
        #expect(try possible("A") == [])
    }
}
