import GraphQLLanguage
import Store

/// Step 6, tables whose rows stand above each other.
extension ModelBuilder {
    mutating func resolveTree(ofTableAt index: Int) {
        let table = tables[index]
        let directives = table.declaration.syntax.directives
        guard let name = directives.first(named: "tree")?.text("parent") else { return }
        if let field = table.field("within") {
            problems.report(
                "\"within\" cannot be the name of a field of a tree",
                at: table.declaration.place(field.syntax.name.offset),
                hint: "it is a word of the tree's filter: choose another name")
        }
        let place = table.declaration.place(name.offset)
        guard let field = table.field(name.value) else {
            let candidates = table.fields.filter { isParent($0, in: table) }.map(\.name)
            problems.report(
                "\"\(table.name)\" has no field \(quoted(name.value))", at: place,
                hint: spellingHint(for: name.value, among: candidates)
                    ?? "add one: parent: \(table.name) @relation")
            return
        }
        if case .none = field.shape { return }
        guard case .toOne(let column, let target) = field.shape, target == table.id else {
            problems.report(
                "\"\(table.name).\(field.name)\" does not lead to a row of \"\(table.name)\"",
                at: place, hint: "the parent of a row is a row of the same table")
            return
        }
        guard field.isNullable else {
            problems.report(
                "\"\(table.name).\(field.name)\" is never null, so that no row is the topmost",
                at: place, hint: "remove the \"!\" of its type")
            return
        }
        tables[index].tree = TreeDraft(
            parent: column, index: indexes.add(on: table, equality: [column], name: nil))
    }

    /// Whether a field could be the relation to the row above.
    private func isParent(_ field: FieldDraft, in table: TableDraft) -> Bool {
        if case .toOne(_, let target) = field.shape { return target == table.id }
        return false
    }
}
