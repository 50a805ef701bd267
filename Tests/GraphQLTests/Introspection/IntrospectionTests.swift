import Bytes
import GraphQLLanguage
import Testing

@testable import GraphQL

/// Source: GraphQL, September 2025, §4.
@Suite struct IntrospectionTests {
    private static let file = #"""
        "The root."
        type Query implements Named & Node {
          "By id."
          find(id: ID!, deep: [Filter!]! = [{ tier: GOLD }], old: Int = 1 @deprecated): [Node!]!
          id: ID!
          name: String
          gone: Int @deprecated(reason: "Use \"name\".")
          any: Any
        }
        interface Node { id: ID! }
        interface Named implements Node { id: ID! name: String }
        type Other implements Node { id: ID! }
        union Any = Other | Query
        enum Tier { SILVER @deprecated "Best." GOLD }
        input Filter { tier: Tier = SILVER text: String = "a\nb" was: Boolean @deprecated(reason: "") }
        input Key @oneOf { id: ID name: String }
        scalar Date @specifiedBy(url: "https://example.com/date")
        directive @d(a: Int @deprecated, b: [Int!] = [1, 2]) repeatable on FIELD | OBJECT
        """#

    /// The answer to the query's only response key.
    private func answer(
        _ query: String, variables: [String: CoercedValue] = [:], file: String = file,
        limits: Introspection.Limits = .standard
    ) throws -> String {
        let document = try parse(Source(query), limits: .request)
        var fields: [Field] = []
        var fragments: [String: FragmentDefinition] = [:]
        for definition in document.definitions {
            switch definition {
            case .operation(let operation):
                for case .field(let field) in operation.selectionSet.selections {
                    fields.append(field)
                }
            case .fragment(let fragment): fragments[fragment.name.value] = fragment
            case .schema, .type, .directive: break
            }
        }
        let buffer = ByteBuffer()
        buffer.append("<" as StaticString)
        let introspection = Introspection(schema: try schema(file), limits: limits)
        let isWritten = introspection.write(
            fields: fields, fragments: fragments, variable: { variables[$0] }, to: buffer)
        buffer.append(isWritten ? ">" as StaticString : "refused>")
        return String(buffer.makeString().dropFirst().dropLast())
    }

    /// One line of the lines of a literal.
    private func joined(_ lines: String) -> String {
        lines.split(separator: "\n").joined()
    }

    private func names(_ names: [String]) -> String {
        names.map { "{\"name\":\"\($0)\"}" }.joined(separator: ",")
    }

    @Test func `an answer is complete and in the order of the schema's source`() throws {
        let query = """
            {
              __schema {
                queryType { name } mutationType { name } subscriptionType { name } description
                types { ...T }
                directives {
                  name isRepeatable locations args(includeDeprecated: true) { ...I }
                }
              }
            }
            fragment T on __Type {
              kind name specifiedByURL isOneOf
              fields(includeDeprecated: true) {
                name args(includeDeprecated: true) { ...I } type { ...R } isDeprecated
                deprecationReason
              }
              inputFields(includeDeprecated: true) { ...I }
              interfaces { name }
              enumValues(includeDeprecated: true) { name isDeprecated deprecationReason }
              possibleTypes { name }
            }
            fragment I on __InputValue { name type { ...R } defaultValue isDeprecated }
            fragment R on __Type { kind name ofType { kind name ofType { kind name } } }
            """
        let file = """
            type Query { a(x: [Tier!] = [A, B], y: Int! = 1 @deprecated): [String!] @deprecated }
            enum Tier { A B @deprecated(reason: "no") }
            """
        var answer = try answer(query, file: file)
        // The types of introspection have a test of their own.
        let from = try #require(answer.firstRange(of: #",{"kind":"OBJECT","name":"__Schema""#))
        let to = try #require(answer.firstRange(of: #"],"directives":"#))
        answer.replaceSubrange(from.lowerBound..<to.lowerBound, with: "")
        #expect(
            answer
                == joined(
                    #"""
                    {"queryType":{"name":"Query"},"mutationType":null,"subscriptionType":null,
                    "description":null,"types":[
                    {"kind":"OBJECT","name":"Query","specifiedByURL":null,"isOneOf":null,
                    "fields":[{"name":"a","args":[
                    {"name":"x","type":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL",
                    "name":null,"ofType":{"kind":"ENUM","name":"Tier"}}},"defaultValue":"[A, B]",
                    "isDeprecated":false},
                    {"name":"y","type":{"kind":"NON_NULL","name":null,"ofType":{"kind":"SCALAR",
                    "name":"Int","ofType":null}},"defaultValue":"1","isDeprecated":true}],
                    "type":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,
                    "ofType":{"kind":"SCALAR","name":"String"}}},"isDeprecated":true,
                    "deprecationReason":"No longer supported"}],
                    "inputFields":null,"interfaces":[],"enumValues":null,"possibleTypes":null},
                    {"kind":"ENUM","name":"Tier","specifiedByURL":null,"isOneOf":null,
                    "fields":null,"inputFields":null,"interfaces":null,
                    "enumValues":[{"name":"A","isDeprecated":false,"deprecationReason":null},
                    {"name":"B","isDeprecated":true,"deprecationReason":"no"}],
                    "possibleTypes":null},
                    {"kind":"SCALAR","name":"Int","specifiedByURL":null,"isOneOf":null,
                    "fields":null,"inputFields":null,"interfaces":null,"enumValues":null,
                    "possibleTypes":null},
                    {"kind":"SCALAR","name":"String","specifiedByURL":null,"isOneOf":null,
                    "fields":null,"inputFields":null,"interfaces":null,"enumValues":null,
                    "possibleTypes":null},
                    {"kind":"SCALAR","name":"Boolean","specifiedByURL":null,"isOneOf":null,
                    "fields":null,"inputFields":null,"interfaces":null,"enumValues":null,
                    "possibleTypes":null}
                    ],"directives":[
                    {"name":"skip","isRepeatable":false,
                    "locations":["FIELD","FRAGMENT_SPREAD","INLINE_FRAGMENT"],
                    "args":[{"name":"if","type":{"kind":"NON_NULL","name":null,"ofType":
                    {"kind":"SCALAR","name":"Boolean","ofType":null}},"defaultValue":null,
                    "isDeprecated":false}]},
                    {"name":"include","isRepeatable":false,
                    "locations":["FIELD","FRAGMENT_SPREAD","INLINE_FRAGMENT"],
                    "args":[{"name":"if","type":{"kind":"NON_NULL","name":null,"ofType":
                    {"kind":"SCALAR","name":"Boolean","ofType":null}},"defaultValue":null,
                    "isDeprecated":false}]},
                    {"name":"deprecated","isRepeatable":false,
                    "locations":["FIELD_DEFINITION","ARGUMENT_DEFINITION",
                    "INPUT_FIELD_DEFINITION","ENUM_VALUE"],
                    "args":[{"name":"reason","type":{"kind":"NON_NULL","name":null,"ofType":
                    {"kind":"SCALAR","name":"String","ofType":null}},
                    "defaultValue":"\"No longer supported\"","isDeprecated":false}]},
                    {"name":"specifiedBy","isRepeatable":false,"locations":["SCALAR"],
                    "args":[{"name":"url","type":{"kind":"NON_NULL","name":null,"ofType":
                    {"kind":"SCALAR","name":"String","ofType":null}},"defaultValue":null,
                    "isDeprecated":false}]},
                    {"name":"oneOf","isRepeatable":false,"locations":["INPUT_OBJECT"],"args":[]}
                    ]}
                    """#))
    }

    @Test func `the types of introspection describe themselves`() throws {
        let types = names([
            "Query", "Int", "String", "Boolean", "__Schema", "__Type", "__TypeKind", "__Field",
            "__InputValue", "__EnumValue", "__Directive", "__DirectiveLocation",
        ])
        #expect(
            try answer("{ __schema { types { name } } }", file: "type Query { a: Int }")
                == "{\"types\":[\(types)]}")
        #expect(
            try answer(
                """
                { __type(name: "__Field") { fields { name args { name defaultValue type {
                  kind ofType { name } } } } } }
                """)
                == joined(
                    #"""
                    {"fields":[{"name":"name","args":[]},{"name":"description","args":[]},
                    {"name":"args","args":[{"name":"includeDeprecated","defaultValue":"false",
                    "type":{"kind":"NON_NULL","ofType":{"name":"Boolean"}}}]},
                    {"name":"type","args":[]},{"name":"isDeprecated","args":[]},
                    {"name":"deprecationReason","args":[]}]}
                    """#))
        let kinds = names([
            "SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL",
        ])
        #expect(
            try answer("{ __type(name: \"__TypeKind\") { enumValues { name } } }")
                == "{\"enumValues\":[\(kinds)]}")
        let locations = names(DirectiveLocation.allCases.map(\.rawValue))
        #expect(
            try answer("{ __type(name: \"__DirectiveLocation\") { enumValues { name } } }")
                == "{\"enumValues\":[\(locations)]}")
    }

    @Test(
        arguments: [
            ("Query", "OBJECT", "fields interfaces"),
            ("Node", "INTERFACE", "fields interfaces possibleTypes"),
            ("Any", "UNION", "possibleTypes"),
            ("Tier", "ENUM", "enumValues"),
            ("Filter", "INPUT_OBJECT", "inputFields isOneOf"),
            ("Date", "SCALAR", "specifiedByURL"),
            ("Int", "SCALAR", ""),
        ])
    func `what a kind does not have is null`(name: String, kind: String, has: String) throws {
        let fields = [
            "specifiedByURL", "isOneOf", "fields", "interfaces", "possibleTypes", "enumValues",
            "inputFields", "ofType",
        ]
        let selections = [
            "specifiedByURL", "isOneOf", "fields { __typename }", "interfaces { __typename }",
            "possibleTypes { __typename }", "enumValues { __typename }",
            "inputFields { __typename }", "ofType { __typename }",
        ]
        let answer = try answer(
            "{ __type(name: \"\(name)\") { kind name \(selections.joined(separator: " ")) } }")
        #expect(answer.hasPrefix(#"{"kind":"\#(kind)","name":"\#(name)","#))
        let present = fields.filter { !answer.contains(#""\#($0)":null"#) }
        #expect(present == fields.filter { has.split(separator: " ").contains(Substring($0)) })
    }

    @Test func `lists and non-null types have nothing but what they are of`() throws {
        let query = """
            { __type(name: "Query") { fields { type {
              __typename kind name description specifiedByURL isOneOf fields { name }
              interfaces { name } possibleTypes { name } enumValues { name } inputFields { name }
              ofType { kind name }
            } } } }
            """
        let wrapped =
            #""name":null,"description":null,"specifiedByURL":null,"isOneOf":null,"fields":null,"#
            + #""interfaces":null,"possibleTypes":null,"enumValues":null,"inputFields":null,"#
        #expect(
            try answer(query, file: "type Query { a: [Int] b: Int! }")
                == joined(
                    #"""
                    {"fields":[{"type":{"__typename":"__Type","kind":"LIST",\#(wrapped)
                    "ofType":{"kind":"SCALAR","name":"Int"}}},
                    {"type":{"__typename":"__Type","kind":"NON_NULL",\#(wrapped)
                    "ofType":{"kind":"SCALAR","name":"Int"}}}]}
                    """#))
    }

    @Test func `interfaces, possible types and members are told in source order`() throws {
        #expect(
            try answer("{ __type(name: \"Query\") { interfaces { name } } }")
                == #"{"interfaces":[{"name":"Named"},{"name":"Node"}]}"#)
        #expect(
            try answer("{ __type(name: \"Node\") { possibleTypes { name } interfaces { name } } }")
                == #"{"possibleTypes":[{"name":"Query"},{"name":"Other"}],"interfaces":[]}"#)
        #expect(
            try answer("{ __type(name: \"Any\") { possibleTypes { name } } }")
                == #"{"possibleTypes":[{"name":"Other"},{"name":"Query"}]}"#)
    }

    @Test func `what is deprecated is hidden unless it is asked for`() throws {
        let hidden = """
            { __type(name: "Query") { fields { name args { name } } } }
            """
        #expect(
            try answer(hidden)
                == joined(
                    #"""
                    {"fields":[{"name":"find","args":[{"name":"id"},{"name":"deep"}]},
                    {"name":"id","args":[]},{"name":"name","args":[]},{"name":"any","args":[]}]}
                    """#))
        let shown = """
            query ($yes: Boolean = true) {
              __type(name: "Query") {
                fields(includeDeprecated: true) { name args(includeDeprecated: $yes) { name } }
              }
            }
            """
        #expect(
            try answer(shown, variables: ["yes": .boolean(true)])
                == joined(
                    #"""
                    {"fields":[{"name":"find","args":[{"name":"id"},{"name":"deep"},
                    {"name":"old"}]},{"name":"id","args":[]},{"name":"name","args":[]},
                    {"name":"gone","args":[]},{"name":"any","args":[]}]}
                    """#))
        #expect(
            try answer("{ __type(name: \"Tier\") { enumValues { name description } } }")
                == #"{"enumValues":[{"name":"GOLD","description":"Best."}]}"#)
        #expect(
            try answer("{ __type(name: \"Filter\") { inputFields { name } } }")
                == #"{"inputFields":[{"name":"tier"},{"name":"text"}]}"#)
        #expect(
            try answer(
                """
                { __type(name: "Filter") { inputFields(includeDeprecated: true) {
                  name isDeprecated deprecationReason } } }
                """)
                == joined(
                    #"""
                    {"inputFields":[{"name":"tier","isDeprecated":false,"deprecationReason":null},
                    {"name":"text","isDeprecated":false,"deprecationReason":null},
                    {"name":"was","isDeprecated":true,"deprecationReason":""}]}
                    """#))
    }

    @Test func `default values are literals`() throws {
        #expect(
            try answer("{ __type(name: \"Filter\") { inputFields { defaultValue } } }")
                == #"{"inputFields":[{"defaultValue":"SILVER"},{"defaultValue":"\"a\\nb\""}]}"#)
        #expect(
            try answer("{ __type(name: \"Query\") { fields { args { defaultValue } } } }")
                .hasPrefix(
                    #"{"fields":[{"args":[{"defaultValue":null},"#
                        + #"{"defaultValue":"[{ tier: GOLD }]"}]}"#))
    }

    @Test func `isOneOf tells the input objects apart`() throws {
        #expect(try answer("{ __type(name: \"Key\") { isOneOf } }") == #"{"isOneOf":true}"#)
        #expect(try answer("{ __type(name: \"Filter\") { isOneOf } }") == #"{"isOneOf":false}"#)
    }

    @Test func `a type is found by a literal or a variable, or is null`() throws {
        #expect(try answer("{ __type(name: \"Nope\") { name } }") == "null")
        let query = "query ($n: String!) { __type(name: $n) { name } }"
        #expect(try answer(query, variables: ["n": .string("Tier")]) == #"{"name":"Tier"}"#)
        #expect(try answer(query, variables: ["n": .string("Float")]) == "null")
    }

    @Test func `every type of introspection has a type name`() throws {
        let query = """
            {
              __schema {
                __typename
                queryType { __typename fields { __typename args { __typename } } }
                directives { __typename }
              }
            }
            """
        #expect(
            try answer(query, file: "type Query { a(x: Int): Int }")
                == #"{"__typename":"__Schema","queryType":{"__typename":"__Type","fields":"#
                + #"[{"__typename":"__Field","args":[{"__typename":"__InputValue"}]}]},"#
                + #""directives":["#
                + Array(repeating: #"{"__typename":"__Directive"}"#, count: 5)
                .joined(separator: ",") + "]}")
        #expect(
            try answer("{ __type(name: \"Tier\") { enumValues { __typename } } }")
                == #"{"enumValues":[{"__typename":"__EnumValue"}]}"#)
    }

    @Test func `fields stand in the order of their first appearance, merged`() throws {
        let query = """
            query {
              a: __type(name: "Query") { kind ...F n: name fields { name } }
              a: __type(name: "Query") { fields { type { name } } kind ... { description } }
            }
            fragment F on __Type { fields { description } ...G ...F name }
            fragment G on __Type { ofType { name } ... on __Type { isOneOf } }
            """
        let answer = try answer(query, file: "\"Q\" type Query { a: Int }")
        #expect(
            answer
                == joined(
                    #"""
                    {"kind":"OBJECT","fields":[{"description":null,"name":"a",
                    "type":{"name":"Int"}}],"ofType":null,"isOneOf":null,"name":"Query",
                    "n":"Query","description":"Q"}
                    """#))
    }

    @Test func `skip and include leave selections out`() throws {
        let query = """
            query ($yes: Boolean!, $no: Boolean!) {
              __type(name: "Key") {
                a: name @skip(if: $yes) b: name @skip(if: $no)
                c: name @include(if: $yes) d: name @include(if: $no)
                e: name @skip(if: false) @include(if: true) f: name @skip(if: true) @include(if: true)
                ... @include(if: $no) { g: name } ... @skip(if: $no) { h: name }
                ...F @skip(if: true) ...F
              }
            }
            fragment F on __Type { i: name }
            """
        #expect(
            try answer(query, variables: ["yes": .boolean(true), "no": .boolean(false)])
                == #"{"b":"Key","c":"Key","e":"Key","h":"Key","i":"Key"}"#)
    }

    @Test func `text is escaped`() throws {
        #expect(
            try answer(
                "{ __type(name: \"Query\") { description } }",
                file: #""a \"b\" \\ \n é \u{1F600}" type Query { a: Int }"#)
                == #"{"description":"a \"b\" \\ \n é 😀"}"#)
    }

    @Test func `an answer nested too deep is refused, and nothing is written`() throws {
        // Validation bounds this; a document that comes without it must do no harm.
        func query(_ levels: Int) -> String {
            var text = "{ __type(name: \"Query\") { ...F0 } }"
            for level in 0..<levels {
                text += " fragment F\(level) on __Type { fields { type { ...F\(level + 1) } } }"
            }
            return text + " fragment F\(levels) on __Type { name }"
        }
        let file = "type Query { q: Query }"
        #expect(try answer(query(1), file: file) == #"{"fields":[{"type":{"name":"Query"}}]}"#)
        #expect(try answer(query(49), file: file).hasPrefix("{"))
        #expect(try answer(query(99), file: file) == "refused")
    }

    @Test func `an answer that multiplies itself is refused, by its bytes or its steps`() throws {
        var query = "{ __type(name: \"Query\") { ...F0 } }"
        for level in 0..<5 {
            query +=
                " fragment F\(level) on __Type { fields { a: type { ...F\(level + 1) } "
                + "b: type { ...F\(level + 1) } } }"
        }
        query += " fragment F5 on __Type { name }"
        func answer(bytes: Int, steps: Int) throws -> String {
            try self.answer(
                query, file: "type Query { q: Query r: Query }",
                limits: Introspection.Limits(
                    answerBytesMax: bytes, stepsMax: steps, depthMax: 100))
        }
        #expect(try answer(bytes: 100_000, steps: 100_000).utf8.count == 28_660)
        #expect(try answer(bytes: 20_000, steps: 100_000) == "refused")
        #expect(try answer(bytes: 100_000, steps: 4000) == "refused")
    }
}
