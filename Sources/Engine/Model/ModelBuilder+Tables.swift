import GraphQLLanguage
import Store

/// Step 4: the tables' fields and columns.
extension ModelBuilder {
    mutating func draftTables() {
        for index in tables.indices {
            checkTable(tables[index])
            draftFields(ofTableAt: index)
            resolveShard(ofTableAt: index)
        }
    }

    private mutating func checkTable(_ table: TableDraft) {
        let declaration = table.declaration
        let directive = table.directive
        refuseInterfaces(of: declaration)
        if declaration.syntax.fields.isEmpty {
            problems.report(
                "the table \"\(table.name)\" has no fields", at: declaration.place,
                hint: "add one: name: String!")
        }
        if let prefix = directive.idPrefix, !Naming.isIDPrefix(prefix.value) {
            problems.report(
                "\(quoted(prefix.value)) cannot begin the ids of \"\(table.name)\"",
                at: declaration.place(prefix.offset),
                hint: "an idPrefix is a small letter, then small letters and digits, at most "
                    + "\(Naming.idPrefixMax) in all")
        }
        if let plural = directive.plural, !Naming.isName(plural.value) {
            problems.report(
                "\(quoted(plural.value)) cannot be the name of a list",
                at: declaration.place(plural.offset),
                hint: "a name has letters, digits and underscores, and begins with no digit")
        }
        let other = directive.write.first { $0 != .create }
        if directive.isAppendOnly, let other {
            problems.report(
                "the append-only table \"\(table.name)\" cannot be opened to \(other.rawValue)",
                at: declaration.place(directive.offset),
                hint: "write: [CREATE], or remove \"appendOnly\"")
        }
    }

    private mutating func draftFields(ofTableAt index: Int) {
        let declaration = tables[index].declaration
        var seen: Set<String> = []
        for syntax in declaration.syntax.fields {
            let isSound = checkName(of: syntax, in: declaration, &seen)
            var field = FieldDraft(
                syntax: syntax, isNullable: syntax.type.isNullable, shape: .none)
            if TableDefinition.systemColumns.contains(where: { $0.name == field.name }) {
                problems.report(
                    "every table has the field \"\(field.name)\" already",
                    at: declaration.place(syntax.name.offset), hint: "remove it")
                continue
            }
            if syntax.isComputed {
                refuse(
                    ["index", "relation", "default", "constraint", "sensitive"], on: field,
                    "a field that is computed at each reading", declaration.file)
                field.shape = .computed
            } else {
                refuseArguments(of: syntax, declaration.file)
                resolve(&field, inTableAt: index)
            }
            if isSound { tables[index].fields.append(field) }
        }
        for field in tables[index].fields {
            guard case .toOne = field.shape else { continue }
            let id = Naming.referenceID(field.name)
            guard let other = tables[index].field(id) else { continue }
            problems.report(
                "the field \"\(id)\" is generated beside the relation \"\(field.name)\"",
                at: declaration.place(other.syntax.name.offset),
                hint: "remove it, or give it another name")
        }
    }

    private mutating func resolve(_ field: inout FieldDraft, inTableAt index: Int) {
        let table = tables[index]
        let syntax = field.syntax
        let file = table.declaration.file
        if case .list(let item, _) = syntax.type.nullable,
            case .table(let target) = declarations[item.name.value]?.role
        {
            if typeText(syntax.type) != "[\(item.name.value)!]!" {
                problems.report(
                    "a list of rows is never null, nor are its items",
                    at: Place(file: file, offset: syntax.type.offset),
                    hint: "write: [\(item.name.value)!]!")
            }
            refuse(
                ["index", "default", "constraint", "sensitive"], on: field, "a list of rows", file)
            field.shape = .toMany(ListDraft(target: target))
            return
        }
        guard let type = storedType(of: syntax.type, file) else { return }
        let column = tables[index].columns.count
        var definition = ColumnDefinition(
            name: field.name, kind: columnKind(of: type), isNullable: field.isNullable)
        if case .enum(let id) = type { definition.enumNames = enums[id.index].values }
        if case .reference(let target) = type {
            refuse(["default", "constraint"], on: field, "a relation", file)
            definition.onDelete = action(of: field, in: table)
            field.shape = .toOne(column, target: target)
        } else {
            if let relation = field.relation {
                problems.report(
                    "the field \"\(field.name)\" leads to no table",
                    at: Place(file: file, offset: relation.offset),
                    hint: isValue(type)
                        ? "a value lies inside its row: remove \"@relation\", or add \"@table\" to "
                            + "\"\(syntax.type.name.value)\"" : "remove \"@relation\"")
            }
            field.constraint = constraint(of: syntax, type, file)
            field.defaultValue = defaultValue(of: field, type, file)
            field.shape = .column(column, type)
        }
        tables[index].columns.append(definition)
    }

    private mutating func refuse(
        _ names: [String], on field: FieldDraft, _ what: String, _ file: Int
    ) {
        for directive in field.syntax.directives where names.contains(directive.name.value) {
            problems.report(
                "\"@\(directive.name.value)\" has no meaning on \(what)",
                at: Place(file: file, offset: directive.offset), hint: "remove it")
        }
    }

    private func isValue(_ type: StoredType) -> Bool {
        switch type {
        case .value: true
        case .list(let item, _): isValue(item)
        case .scalar, .enum, .reference: false
        }
    }

    private func columnKind(of type: StoredType) -> ColumnKind {
        switch type {
        case .scalar(let scalar): scalar.columnKind
        case .enum(let id): enums[id.index].values.count <= 250 ? .int8 : .int16
        case .value, .list: .bytes(.value)
        case .reference(let target): .reference(target)
        }
    }

    /// `onDelete` of a relation to one row.
    private mutating func action(of field: FieldDraft, in table: TableDraft) -> ReferenceAction {
        guard let relation = field.relation else { return .restrict }
        let declaration = table.declaration
        if let word = relation.inverse ?? relation.through {
            problems.report(
                "\"\(table.name).\(field.name)\" leads to one row, and has no "
                    + (relation.inverse == nil ? "table between" : "inverse"),
                at: declaration.place(word.offset),
                hint: "write \"\(relation.inverse == nil ? "through" : "inverse")\" on the list at "
                    + "the other end")
        }
        let action = relation.onDelete ?? .restrict
        let place = declaration.place(relation.onDeleteOffset)
        if table.directive.isAppendOnly, action != .restrict {
            problems.report(
                "the rows of the append-only table \"\(table.name)\" are never changed or deleted",
                at: place, hint: "onDelete: RESTRICT")
        } else if action == .setNull, !field.isNullable {
            problems.report(
                "\"\(table.name).\(field.name)\" cannot become null", at: place,
                hint: "remove the \"!\" of its type, or choose RESTRICT or CASCADE")
        }
        return action
    }

    private mutating func resolveShard(ofTableAt index: Int) {
        guard let name = tables[index].directive.shardBy else { return }
        let table = tables[index]
        if case .toOne(let column, _) = table.field(name.value)?.shape {
            tables[index].shardBy = column
            return
        }
        let candidates = table.fields.filter { if case .toOne = $0.shape { true } else { false } }
        if let field = table.field(name.value), case .none = field.shape { return }
        problems.report(
            "\(quoted(name.value)) is no relation of \"\(table.name)\" to one row",
            at: table.declaration.place(name.offset),
            hint: spellingHint(for: name.value, among: candidates.map(\.name))
                ?? "shardBy names the field whose row the rows lie beside; without it they are "
                + "spread by their own ids")
    }
}

extension ScalarKind {
    /// How a column keeps the scalar.
    var columnKind: ColumnKind {
        switch self {
        case .id, .string, .emailAddress: .bytes(.text)
        case .int, .date: .int32
        case .long, .dateTime: .int64
        case .float: .double
        case .boolean: .bool
        case .json: .bytes(.json)
        }
    }
}
