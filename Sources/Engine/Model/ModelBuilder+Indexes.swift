import GraphQLLanguage
import Store

/// Step 6: keys and declared indexes.
extension ModelBuilder {
    mutating func resolveKeysAndIndexes() {
        for index in tables.indices {
            resolveTree(ofTableAt: index)
            for directive in tables[index].declaration.syntax.directives.named("key") {
                resolveKey(directive, ofTableAt: index)
            }
            for directive in tables[index].declaration.syntax.directives.named("index") {
                resolveIndex(IndexDirective(directive), of: tables[index])
            }
            for field in tables[index].fields {
                for directive in field.syntax.directives.named("index") {
                    resolveIndex(IndexDirective(directive), on: field, of: tables[index])
                }
            }
        }
    }

    private mutating func resolveKey(_ directive: Directive, ofTableAt index: Int) {
        guard let text = directive.text("fields") else { return }
        let table = tables[index]
        let place = table.declaration.place(text.offset)
        let names = text.value.split { $0 == "," || $0.isWhitespace }.map { String($0) }
        guard !names.isEmpty else {
            problems.report(
                "this key names no field", at: place, hint: "write: @key(fields: \"number\")")
            return
        }
        var columns: [ColumnID] = []
        for name in names {
            if name == "id" {
                problems.report(
                    "\"id\" cannot be part of a key", at: place,
                    hint: "ids are unique already, and \"\(table.singular)(id:)\" looks them up")
                return
            }
            guard let column = indexableColumn(name, of: table, at: place) else { return }
            columns.append(column)
        }
        guard Set(columns).count == columns.count else {
            problems.report(
                "a field stands twice in this key", at: place, hint: "name each field once")
            return
        }
        if let other = table.keys.first(where: { Set($0.columns) == Set(columns) }) {
            problems.report(
                "\"\(table.name)\" has this key already", at: place,
                hint: "the first is at \(problems.describe(other.place)): remove one of them")
            return
        }
        guard let conditions = keyConditions(directive, of: table) else { return }
        let words = conditions.isEmpty ? nil : conditions.map(\.text).joined(separator: " and ")
        let built = indexes.add(
            on: table, equality: columns, isUnique: true,
            conditions: IndexDrafts.Conditions(all: conditions.map(\.condition), text: words),
            name: nil)
        tables[index].keys.append(
            KeyDraft(fields: names, columns: columns, index: built, place: place))
    }

    /// `@index` on the type.
    private mutating func resolveIndex(_ directive: IndexDirective, of table: TableDraft) {
        let place = table.declaration.place(directive.offset)
        guard let fields = directive.fields, !fields.isEmpty else {
            problems.report(
                "this \"@index\" names no field", at: place,
                hint: "write: @index(fields: [\"\(table.fields.first?.name ?? "name")\"])")
            return
        }
        var columns: [ColumnID] = []
        for field in fields {
            let place = table.declaration.place(field.offset)
            guard let column = indexableColumn(field.value, of: table, at: place) else { continue }
            if columns.contains(column) {
                problems.report(
                    "the field \"\(field.value)\" stands twice in this index", at: place,
                    hint: "name each field once")
            }
            columns.append(column)
        }
        guard columns.count == fields.count else { return }
        build(directive, over: columns, of: table)
    }

    /// `@index` on a field.
    private mutating func resolveIndex(
        _ directive: IndexDirective, on field: FieldDraft, of table: TableDraft
    ) {
        let place = table.declaration.place(directive.offset)
        if directive.fields != nil {
            problems.report(
                "an \"@index\" on a field has no \"fields\"", at: place,
                hint: "write it on the type to name several fields")
            return
        }
        switch field.shape {
        case .column, .toOne:
            guard let column = indexableColumn(field.name, of: table, at: place) else { return }
            build(directive, over: [column], of: table)
        case .toMany, .computed, .none: return
        }
    }

    private mutating func build(
        _ directive: IndexDirective, over columns: [ColumnID], of table: TableDraft
    ) {
        let place = table.declaration.place(directive.name?.offset ?? directive.offset)
        guard let last = columns.last else { return }
        if directive.order == .words,
            columns.count > 1 || table.columns[last].kind != .bytes(.text)
        {
            problems.report(
                "\"kind: TEXT\" is for one field with a text",
                at: table.declaration.place(directive.offset),
                hint: "remove \"kind\" to keep the rows in order")
            return
        }
        if directive.order == .monthDay, !isDate(last, of: table) {
            problems.report(
                "\"kind: MONTH_DAY\" is for a field of type \"Date\", or the last of several",
                at: table.declaration.place(directive.offset),
                hint: "remove \"kind\" to keep the rows in the order of values")
            return
        }
        if let name = directive.name?.value {
            let taken = indexes.byTable.values.joined().contains { $0.isNamed && $0.name == name }
            if taken || name.isEmpty {
                problems.report(
                    name.isEmpty
                        ? "the name of an index is empty"
                        : "another index is called \(quoted(name))", at: place,
                    hint: "give it another name, or none")
            }
        }
        // The order of references means nothing to anybody.
        let isReference = if case .reference = table.columns[last].kind { true } else { false }
        _ = indexes.add(
            on: table, equality: isReference ? columns : columns.dropLast(),
            ordered: isReference ? nil : last,
            order: directive.order, name: directive.name?.value)
    }

    private func isDate(_ column: ColumnID, of table: TableDraft) -> Bool {
        table.fields.contains {
            if case .column(column, .scalar(.date)) = $0.shape { true } else { false }
        }
    }

    /// The column of a field that a key or an index names; nil when there is none, which is
    /// reported.
    private mutating func indexableColumn(
        _ name: String, of table: TableDraft, at place: Place
    ) -> ColumnID? {
        if let system = TableDefinition.systemColumns.firstIndex(where: { $0.name == name }) {
            return system
        }
        guard let field = table.field(name) else {
            let relation = table.fields.first {
                if case .toOne = $0.shape { Naming.referenceID($0.name) == name } else { false }
            }
            problems.report(
                "\"\(table.name)\" has no field \(quoted(name))", at: place,
                hint: relation.map { "name the relation itself: \"\($0.name)\"" }
                    ?? spellingHint(
                        for: name,
                        among: table.fields.filter { $0.shape.mayBeIndexed }.map(\.name)))
            return nil
        }
        if let column = field.shape.indexableColumn { return column }
        if case .none = field.shape { return nil }
        let isList = if case .toMany = field.shape { true } else { false }
        problems.report(
            "\"\(table.name).\(name)\" of type \"\(typeText(field.syntax.type))\" cannot be indexed",
            at: place,
            hint: isList
                ? "the lists of rows have their indexes already"
                : "choose a field with a single scalar, an enum or a relation to one row")
        return nil
    }
}

extension FieldDraft.Shape {
    /// The column, when an index over it is possible.
    fileprivate var indexableColumn: ColumnID? {
        switch self {
        case .toOne(let column, _): column
        case .column(let column, .enum): column
        case .column(let column, .scalar(let scalar)): scalar == .json ? nil : column
        case .column, .toMany, .computed, .none: nil
        }
    }

    /// What is wrong with the field does not make its name a bad guess.
    fileprivate var mayBeIndexed: Bool {
        if case .none = self { return true }
        return indexableColumn != nil
    }
}
