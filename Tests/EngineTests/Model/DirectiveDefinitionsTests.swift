import GraphQLLanguage
import Testing

@testable import Engine

@Suite struct DirectiveDefinitionsTests {
    @Test func `the printed definitions may lie beside the schema files`() throws {
        let model = try model(directiveDefinitions, "type Tier @table { name: String! }")
        #expect(model.tables.map(\.name) == ["Tier"])
        #expect(model.enums.isEmpty)
    }

    @Test func `the order of locations and the descriptions do not matter`() throws {
        let model = try model(
            """
            directive @index(fields: [String!], kind: IndexKind = ORDERED, name: String)
              repeatable on FIELD_DEFINITION | OBJECT
            scalar Long
            enum OnDelete { RESTRICT CASCADE SET_NULL }
            type Tier @table { name: String! }
            """)
        #expect(model.tables.count == 1)
    }

    @Test func `every directive is defined once, with the scalars and enums it needs`() throws {
        let document = try parse(Source(directiveDefinitions), limits: .file)
        var names: [String] = []
        for definition in document.definitions {
            switch definition {
            case .directive(let directive): names.append("@" + directive.name.value)
            case .type(let type): names.append(type.name.value)
            case .operation, .fragment, .schema: Issue.record("not a definition of these")
            }
        }
        #expect(
            names == [
                "IndexKind", "OnDelete", "WriteKind", "TextFormat", "Literal", "Long", "Date",
                "DateTime", "EmailAddress", "JSON", "@table", "@key", "@index", "@tree",
                "@relation",
                "@default", "@constraint", "@computed", "@rule", "@allow", "@sensitive",
                "@transaction", "@cost", "@listSize",
            ])
    }
}
