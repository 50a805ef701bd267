import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Testing

@testable import Engine

/// Documents made to take a server down: each is refused, or answered, with bounded work.
@Suite struct HostileDocumentTests {
    private let club: EngineFixture

    init() throws { club = try EngineFixture.club() }

    private func repeated(_ count: Int, _ text: (Int) -> String) -> String {
        (0..<count).map(text).joined(separator: " ")
    }

    @Test(arguments: [65, 200, 5_000]) func `selections without end`(levels: Int) throws {
        let document =
            String(repeating: "{ members", count: levels) + String(repeating: "}", count: levels)
        #expect(try club.refusal(document).first == "GRAPHQL_PARSE_FAILED")
    }

    @Test func `lists and objects without end`() throws {
        let lists = String(repeating: "[", count: 5_000)
        #expect(
            try club.refusal("{ members(filter: \(lists)) { totalCount } }")
                == ["GRAPHQL_PARSE_FAILED", "nesting"])
        let filters =
            String(repeating: "{ not: ", count: 200) + "{}" + String(repeating: "}", count: 200)
        #expect(
            try club.refusal("{ members(filter: \(filters)) { totalCount } }")
                == ["GRAPHQL_PARSE_FAILED", "nesting"])
    }

    @Test func `fifty aliases are allowed, and not one more`() throws {
        func document(_ count: Int) -> String {
            "{ members(first: 1) { nodes { \(repeated(count) { "a\($0): name" }) } } }"
        }
        #expect(try club.price(document(50)) == 2)
        #expect(try club.refusal(document(51)) == ["GRAPHQL_PARSE_FAILED", "aliases"])
        #expect(try club.refusal(document(3_000)) == ["GRAPHQL_PARSE_FAILED", "aliases"])
    }

    @Test func `too many fields at the root, also from fragments`() throws {
        let fields = repeated(31) { "r\($0): __typename" }
        #expect(try club.refusal("{ \(fields) }") == ["COST_LIMIT_EXCEEDED", "root-fields"])
        #expect(
            try club.refusal(
                "{ ...A ...B } fragment A on Query { \(repeated(16) { "a\($0): __typename" }) } fragment B on Query { \(repeated(16) { "b\($0): __typename" }) }"
            )
                == ["COST_LIMIT_EXCEEDED", "root-fields"])
        #expect(try club.price("{ \(repeated(30) { "r\($0): __typename" }) }") == 0)
    }

    @Test func `floods of directives, fragments, variables and items`() throws {
        let directives = repeated(51) { _ in "@skip(if: false)" }
        #expect(
            try club.refusal("{ __typename \(directives) }")
                == ["GRAPHQL_PARSE_FAILED", "directives"])
        let fragments = repeated(101) { "fragment F\($0) on Member { id }" }
        #expect(
            try club.refusal("{ __typename } \(fragments)")
                == ["GRAPHQL_PARSE_FAILED", "fragments"])
        let variables = repeated(101) { "$v\($0): Int" }
        #expect(
            try club.refusal("query(\(variables)) { __typename }")
                == ["GRAPHQL_PARSE_FAILED", "variables"])
        let items = repeated(1_001) { "\"\($0)\"" }
        #expect(
            try club.refusal("{ nodes(ids: [\(items)]) { id } }")
                == ["GRAPHQL_PARSE_FAILED", "items"])
    }

    @Test func `lists among the variables are limited like those in documents`() throws {
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        func ids(_ count: Int) -> JSONValue {
            ["ids": .array((0..<count).map { .string("mem_\($0)") })]
        }
        #expect(try club.price(document, ids(1_000)) == 1_000)
        #expect(try club.refusal(document, ids(1_001)) == ["BAD_USER_INPUT"])
        let answer = try club.priceAnswer(document, ids(20_000))
        #expect(
            answer.json?["errors"]?[0]?["message"]?.string
                == "Variable \"$ids\" has invalid value: Expected a list of at most 1000 items, "
                + "but encountered one of 20000.")
    }

    /// Each fragment spreads the next one twice, under two aliases of relations.
    private func bomb(_ levels: Int) -> String {
        var text = "{ member(id: \"mem_1\") { ...F0 } }"
        for level in 0..<levels {
            let next = level + 1 < levels ? "...F\(level + 1)" : "id"
            text +=
                " fragment F\(level) on Member { a\(level): tier { members(first: 1) { nodes { \(next) } } }"
                + " b\(level): tier { members(first: 1) { nodes { \(next) } } } }"
        }
        return text
    }

    @Test func `fragments that mean millions of selections are priced in linear time`() throws {
        let work = try [5, 10, 20].map { try club.workOfPricing(bomb($0)) }
        // Deeper ones are refused on the way, so there is even less.
        #expect(work[1] <= 2 * work[0] + 10, "\(work)")
        #expect(work[2] <= 4 * work[0] + 10, "\(work)")
        #expect(try club.refusal(bomb(20)) == ["DEPTH_LIMIT_EXCEEDED", "depth"])
        #expect(try club.price(bomb(5)) != nil)
    }

    @Test func `selections written out are limited before there is a plan`() throws {

        var text = "{ nodes(ids: []) { ...F0 } }"
        for level in 0..<6 {
            let next = level < 5 ? "...F\(level + 1)" : "id"
            let wide = repeated(8) {
                "x\(level)\($0): tier { \(level < 5 ? "members(first: 1) { nodes { \(next) } }" : "id") }"
            }
            text += " fragment F\(level) on Member { \(wide) }"
        }
        #expect(try club.refusal(text) == ["COST_LIMIT_EXCEEDED", "selections"])
        #expect(try club.workOfPricing(text) < 2_000)
    }

    @Test func `spreads that merge into one field are no bomb`() throws {
        var text = "{ member(id: \"mem_1\") { ...F0 } }"
        for level in 0..<7 {
            let next = level < 6 ? "...F\(level + 1) ...F\(level + 1)" : "id"
            text +=
                " fragment F\(level) on Member { tier { members(first: 1) { nodes { \(next) } } }"
                + " tier { members(first: 1) { nodes { \(next) } } } }"
        }
        let answer = try club.ask(text)
        #expect(answer.outcome == .data, "\(answer.text.prefix(300))")
        #expect(try club.workOfPricing(text) < 500)
    }

    @Test func `members of tiers of members of tiers`() throws {
        func document(_ levels: Int) -> String {
            let open = String(repeating: "members { nodes { tier { ", count: levels)
            return "{ \(open) id \(String(repeating: "} } }", count: levels)) }"
        }
        #expect(try club.price(document(3)) == 1 + 50 * (2 + 1 + 50 * (2 + 1 + 50 * 2)))
        #expect(try club.refusal(document(4)) == ["COST_LIMIT_EXCEEDED", "cost"])
        #expect(try club.refusal(document(7)) == ["COST_LIMIT_EXCEEDED", "cost"])
    }

    @Test func `at most a hundred errors are told`() throws {
        let fields = repeated(2_000) { "x\($0)" }
        let invalid = try club.ask("{ member(id: \"a\") { \(fields) } }")
        #expect(invalid.json?["errors"]?.elements?.count == 100)
        let rows = try EngineFixture(
            "type One @table(idPrefix: \"one\") { number: Int! many: [Two!]! @relation(inverse: \"one\") } type Two @table(idPrefix: \"two\") { one: One! }",
            rows: [
                "One": .array(
                    (0..<300).map { number in
                        .object([
                            .init("id", .string("one_\(number)")),
                            .init("number", .integer(Int64(number))),
                        ])
                    })
            ])
        let failed = try rows.ask(
            "query($f: Int) { ones(first: 300) { nodes { id many(first: $f) { totalCount } } } }",
            ["f": -1])
        #expect(failed.json?["errors"]?.elements?.count ?? 0 <= 100, "\(failed.text.prefix(200))")
        #expect(failed.json?["errors"]?.elements?.count ?? 0 >= 1)
    }

    @Test func `a string of sixty thousand characters is a string`() throws {
        let text = String(repeating: "x", count: 60_000)
        let answer = try club.ask("{ member(id: \"\(text)\") { id } }")
        #expect(answer.text == #"{"data":{"member":null}}"#)
        let variable = try club.ask(
            "query($id: ID!) { member(id: $id) { id } }",
            ["id": .string(String(repeating: "y", count: 1 << 20))])
        #expect(variable.text == #"{"data":{"member":null}}"#)
    }

    @Test func `what tools ask of the schema passes`() throws {
        for document in [
            introspectionOfTools,
            "{ __schema { queryType { name } types { name fields { name args { name type { ...T } } type { ...T } } } } } fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }",
        ] {
            #expect(try club.ask(document).outcome == .data)
        }
    }

    @Test func `where introspection is off it is refused, and the name of a type is not`() throws {
        var limits = EngineLimits()
        limits.introspection = false
        limits.suggestions = false
        let closed = try EngineFixture.club(limits)
        for document in [
            "{ __schema { queryType { name } } }", "{ __type(name: \"Member\") { name } }",
            "{ ...A } fragment A on Query { x: __schema { queryType { name } } }",
        ] {
            let answer = try closed.ask(document)
            #expect(answer.outcome == .requestError(.validation))
            #expect(
                answer.json?["errors"]?[0]?["extensions"]?["rule"] == "NoSchemaIntrospection")
        }
        #expect(try closed.ask("{ __typename }").text == #"{"data":{"__typename":"Query"}}"#)
    }
}

/// What GraphiQL sends.
private let introspectionOfTools = """
    query IntrospectionQuery {
      __schema {
        description
        queryType { name kind }
        mutationType { name kind }
        subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations
          args(includeDeprecated: true) { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) {
        name description
        args(includeDeprecated: true) { ...InputValue }
        type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue {
      name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
    }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name
          ofType { kind name } } } } } } } } }
    }
    """
