import GraphQLLanguage
import Testing

@testable import GraphQL

@Suite struct BuildSchemaTests {
    @Test func `a type named Query is the query type when no schema is defined`() throws {
        let schema = try schema("type Query { a: Int }")
        #expect(schema[schema.queryType].name == "Query")
        #expect(schema.mutationType == nil)
        #expect(schema.types.map(\.name).prefix(4) == ["Query", "Int", "String", "Boolean"])
    }
}
