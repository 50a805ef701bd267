import JSON
import Store
import Testing

@testable import Engine

/// Every way from Query to a member, as long as four relations, walked by one member.
@Suite struct AccessPathTests {
    @Test func `no path leads a member to another's row`() throws {
        let club = try AccessFixture()
        let paths = paths(club.model, relationsMax: 4)
        #expect(paths.count > 200)
        var foundOwn = 0
        for path in paths {
            for selection in [path, path.replacing("nodes {", with: "edges { node {")]
            where selection == path || path.contains("nodes {") {
                let document = selection == path ? path : balanced(selection)
                let answer = try club.ask(document, as: .someMember)
                let json = try #require(answer.json)
                var ids: Set<String> = []
                collect(json["data"] ?? .null, into: &ids)
                #expect(ids.isSubset(of: ["mem_1"]), "\(document): \(ids.sorted())")
                if ids == ["mem_1"] { foundOwn += 1 }
                // What is refused is refused for being closed, and for nothing else.
                for error in json["errors"]?.elements ?? [] {
                    #expect(error["extensions"]?["code"]?.string == "FORBIDDEN", "\(answer.text)")
                }
            }
        }
        #expect(foundOwn > 100)
    }

    /// Documents that end at members.
    private func paths(_ model: Model, relationsMax: Int) -> [String] {
        var found: [String] = []
        func walk(_ table: TableModel, _ prefix: String, _ closing: String, _ depth: Int) {
            if table.name == "Member" { found.append(prefix + " memberId: id" + closing) }
            if depth == relationsMax { return }
            for field in table.fields {
                switch field.kind {
                case .toOne(_, let target):
                    walk(
                        model[target], prefix + " \(field.name) {", " }" + closing, depth + 1)
                case .toMany(let list):
                    walk(
                        model[list.target], prefix + " \(field.name)(first: 50) { nodes {",
                        " } }" + closing, depth + 1)
                default: continue
                }
            }
        }
        for table in model.tables {
            walk(table, "{ \(table.plural)(first: 50) { nodes {", " } } }", 0)
            walk(
                table, "{ node(id: \"\(table.idPrefix)1\") { ... on \(table.name) {", " } } }", 1)
            walk(table, "{ \(table.singular)(id: \"\(table.idPrefix)2\") {", " } }", 1)
        }
        return found
    }

    /// A document with one brace more for each edge.
    private func balanced(_ text: String) -> String {
        let open = text.count { $0 == "{" }
        let closed = text.count { $0 == "}" }
        return text + String(repeating: " }", count: open - closed)
    }

    private func collect(_ value: JSONValue, into ids: inout Set<String>) {
        for element in value.elements ?? [] { collect(element, into: &ids) }
        for member in value.members ?? [] {
            if member.key == "memberId", let id = member.value.string { ids.insert(id) }
            collect(member.value, into: &ids)
        }
    }
}
