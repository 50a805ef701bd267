import GraphQLLanguage
import Store

/// Step 5: through which column of which table each list of rows finds them.
extension ModelBuilder {
    mutating func resolveLists() {
        for table in tables.indices {
            for place in tables[table].fields.indices {
                guard case .toMany(var list) = tables[table].fields[place].shape else { continue }
                list.link = link(
                    of: tables[table].fields[place], to: list.target, owner: tables[table])
                tables[table].fields[place].shape = .toMany(list)
            }
        }
        // A row that is deleted takes others along, or is forgotten by them: they must be found.
        for table in tables {
            for (column, definition) in table.columns.enumerated()
            where definition.onDelete != .restrict {
                _ = indexes.add(on: table, equality: [column], name: nil)
            }
        }
    }

    private mutating func link(
        of field: FieldDraft, to target: TableID, owner: TableDraft
    ) -> ListDraft.Link? {
        let declaration = owner.declaration
        let coordinate = "\(owner.name).\(field.name)"
        let targetName = tables[target.index].name
        let relation = field.relation
        if let relation, relation.onDelete != nil {
            problems.report(
                "\"onDelete\" has no meaning on a list",
                at: declaration.place(relation.onDeleteOffset),
                hint: "write it on the relation to one row, at the other end")
        }
        switch (relation?.inverse, relation?.through) {
        case (let inverse?, nil):
            return self.inverse(inverse, of: coordinate, to: target, owner: owner)
        case (nil, let through?):
            return self.through(through, of: coordinate, to: target, owner: owner)
        case (nil, nil):
            let back = references(of: target, to: owner.id)
            let example = back.count == 1 ? back[0].name : "…"
            problems.report(
                "the list \"\(coordinate)\" does not say how it finds its rows",
                at: declaration.place(relation?.offset ?? field.syntax.name.offset),
                hint: back.isEmpty
                    ? "name the table between: @relation(through: \"…\"); or add a field to "
                        + "\"\(targetName)\" that leads here: "
                        + "\(owner.singular): \(owner.name)!, and name it as the inverse"
                    : "name the field of \"\(targetName)\" that leads here: "
                        + "@relation(inverse: \"\(example)\")")
        case (_?, let through?):
            problems.report(
                "the list \"\(coordinate)\" finds its rows in two ways",
                at: declaration.place(through.offset),
                hint: "write either \"inverse\" or \"through\"")
        }
        return nil
    }

    private mutating func inverse(
        _ name: Name, of coordinate: String, to target: TableID, owner: TableDraft
    ) -> ListDraft.Link? {
        let other = tables[target.index]
        let place = owner.declaration.place(name.offset)
        let candidates = references(of: target, to: owner.id).map(\.name)
        guard let field = other.field(name.value) else {
            problems.report(
                "\"\(other.name)\" has no field \(quoted(name.value))", at: place,
                hint: spellingHint(for: name.value, among: candidates)
                    ?? "add it: \(owner.singular): \(owner.name)!")
            return nil
        }
        switch field.shape {
        case .toOne(let column, let leadsTo) where leadsTo == owner.id:
            let index = indexes.add(on: other, equality: [column], name: nil)
            return ListDraft.Link(
                table: target, ownerColumn: column, targetColumn: nil, index: index)
        case .none: return nil
        case .toOne, .toMany, .computed, .column:
            var hint = spellingHint(for: name.value, among: candidates)
            var message =
                "\"\(other.name).\(name.value)\" leads to "
                + "\"\(field.syntax.type.name.value)\", not to \"\(owner.name)\""
            if case .column = field.shape {
                message = "\"\(other.name).\(name.value)\" is no relation"
            } else if case .toMany = field.shape {
                message = "\"\(other.name).\(name.value)\" is a list too"
                hint =
                    hint
                    ?? "rows that have many of each other need a table between: "
                    + "@relation(through: \"…\")"
            }
            problems.report(
                message, at: place, hint: hint ?? "add a field to it that leads here, and name that"
            )
            return nil
        }
    }

    private mutating func through(
        _ name: Name, of coordinate: String, to target: TableID, owner: TableDraft
    ) -> ListDraft.Link? {
        let place = owner.declaration.place(name.offset)
        guard case .table(let id) = declarations[name.value]?.role else {
            problems.report(
                "there is no table \(quoted(name.value))", at: place,
                hint: spellingHint(for: name.value, among: tables.map(\.name)))
            return nil
        }
        let between = tables[id.index]
        // A side that does not lead back, or does so twice, leaves the list without an answer.
        for side in owner.id == target ? [owner] : [owner, tables[target.index]] {
            let count = references(of: id, to: side.id).count
            guard count != 1 else { continue }
            problems.report(
                "\"\(between.name)\" has \(count == 0 ? "no field" : "\(count) fields") that "
                    + "\(count == 0 ? "leads" : "lead") to \"\(side.name)\"", at: place,
                hint: count == 0
                    ? "add one to it: \(side.singular): \(side.name)!"
                    : "only one may; list the rows of \"\(between.name)\" instead: "
                        + "[\(between.name)!]! @relation(inverse: \"…\")")
            return nil
        }
        guard case .toOne(let ownerColumn, _) = references(of: id, to: owner.id).first?.shape,
            case .toOne(let targetColumn, _) = references(of: id, to: target).first?.shape
        else { return nil }
        guard ownerColumn != targetColumn else {
            problems.report(
                "\"\(between.name)\" has one field that leads to \"\(owner.name)\", and the list "
                    + "needs two", at: place,
                hint: "list the rows of \"\(between.name)\" instead: "
                    + "[\(between.name)!]! @relation(inverse: \"…\")")
            return nil
        }
        let index = indexes.add(on: between, equality: [ownerColumn], name: nil)
        return ListDraft.Link(
            table: id, ownerColumn: ownerColumn, targetColumn: targetColumn, index: index)
    }

    /// The fields of a table that lead to one row of another.
    private func references(of table: TableID, to other: TableID) -> [FieldDraft] {
        tables[table.index].fields.filter {
            if case .toOne(_, let target) = $0.shape { target == other } else { false }
        }
    }
}
