import GraphQLLanguage
import Store

/// Step 3: types without `@table` that stored fields use, and what any stored field holds.
extension ModelBuilder {
    mutating func draftValues() {
        let used = typesUsedByStoredFields()
        let known = typesOfRules()
        for name in declaredNames {
            guard let declaration = declarations[name] else { continue }
            switch declaration.role {
            case .object where used.contains(name):
                let id = ValueID(values.count)
                declarations[name]?.role = .object(id)
                values.append(ValueDraft(id: id, declaration: declaration))
            case .object where !known.contains(name):
                problems.report(
                    "nothing uses the type \"\(name)\"", at: declaration.place,
                    hint: "add \"@table\" to keep rows of it, or use it in a field of a table")
            case .input where !known.contains(name) && !used.contains(name):
                problems.report(
                    "nothing uses the input type \"\(name)\"", at: declaration.place,
                    hint: "inputs are generated; one of your own is for the argument of a rule")
            case .object, .input, .table, .enum, .refused: break
            }
        }
        for index in values.indices { values[index].fields = draftFields(of: values[index]) }
        refuseEndlessValues()
    }

    /// Names that stored fields of tables mention, directly or inside values.
    private func typesUsedByStoredFields() -> Set<String> {
        let fields = tables.flatMap(\.declaration.syntax.fields)
        return namesReachable(
            from: fields.filter { !$0.isComputed }.map(\.type))
    }

    /// Names that only rules mention: arguments and answers.
    private func typesOfRules() -> Set<String> {
        let fields = tables.flatMap(\.declaration.syntax.fields)
            .filter(\.isComputed)
        let roots = fields + rootExtensions.flatMap(\.syntax.fields)
        return namesReachable(from: roots.flatMap { [$0.type] + $0.arguments.map(\.type) })
    }

    private func namesReachable(from types: [TypeNode]) -> Set<String> {
        var reached: Set<String> = []
        var open = types.map(\.name.value)
        while let name = open.popLast() {
            guard reached.insert(name).inserted, let declaration = declarations[name] else {
                continue
            }
            if case .table = declaration.role { continue }
            open += declaration.syntax.fields.map(\.type.name.value)
            open += declaration.syntax.inputFields.map(\.type.name.value)
        }
        return reached
    }

    private mutating func draftFields(of value: ValueDraft) -> [ValueModel.Field] {
        let declaration = value.declaration
        let file = declaration.file
        if declaration.syntax.fields.isEmpty {
            problems.report(
                "the type \"\(declaration.name)\" has no fields", at: declaration.place,
                hint: "add one: note: String")
        }
        refuseInterfaces(of: declaration)
        var fields: [ValueModel.Field] = []
        var seen: Set<String> = []
        for syntax in declaration.syntax.fields {
            let place = declaration.place(syntax.name.offset)
            let isSound = checkName(of: syntax, in: declaration, &seen)
            refuseArguments(of: syntax, file)
            guard let type = storedType(of: syntax.type, file) else { continue }
            let isNullable = syntax.type.isNullable
            if case .reference = type, !isNullable {
                problems.report(
                    "the row that \"\(declaration.name).\(syntax.name.value)\" leads to may be "
                        + "deleted, but the field is never null", at: place,
                    hint: "remove the \"!\": a value does not keep rows from being deleted")
                continue
            }
            let constraint = constraint(of: syntax, type, file)
            if isSound {
                fields.append(
                    ValueModel.Field(
                        name: syntax.name.value, description: syntax.description?.value,
                        deprecationReason: syntax.directives.deprecationReason, type: type,
                        isNullable: isNullable, constraint: constraint))
            }
        }
        return fields
    }

    /// A value lies inside its row: it cannot hold another of its own type, not even a null one,
    /// because its filter and its encoding would have no end. A list may.
    private mutating func refuseEndlessValues() {
        for value in values {
            var path: [String] = []
            var open: [(ValueID, [String])] = [(value.id, [value.declaration.name])]
            var seen: Set<ValueID> = []
            while path.isEmpty, let (id, names) = open.popLast() {
                guard seen.insert(id).inserted else { continue }
                for field in values[id.index].fields {
                    guard case .value(let inner) = field.type else { continue }
                    let longer = names + [values[inner.index].declaration.name]
                    if inner == value.id { path = longer } else { open.append((inner, longer)) }
                }
            }
            guard !path.isEmpty else { continue }
            problems.report(
                "the value \"\(value.declaration.name)\" contains itself: "
                    + path.joined(separator: " → "),
                at: value.declaration.place,
                hint: "make it a table, or hold a list: [\(value.declaration.name)!]!")
        }
    }

    /// What a field of this type holds; nil when it cannot be stored, which is reported. A list of
    /// rows is nobody's stored type: tables ask for it first.
    mutating func storedType(of node: TypeNode, _ file: Int) -> StoredType? {
        let name = node.name
        let place = Place(file: file, offset: name.offset)
        guard case .list(let itemNode, let offset) = node.nullable else {
            return namedType(name.value, at: place)
        }
        if case .list = itemNode.nullable {
            problems.report(
                "a list of lists cannot be stored", at: Place(file: file, offset: offset),
                hint: "put the inner list into a field of a type of its own")
            return nil
        }
        guard let item = namedType(name.value, at: place) else { return nil }
        if case .reference = item {
            problems.report(
                "a value cannot hold a list of rows", at: place,
                hint: "make it a table, and relate the two")
            return nil
        }
        return .list(item, itemIsNullable: itemNode.isNullable)
    }

    private mutating func namedType(_ name: String, at place: Place) -> StoredType? {
        if let scalar = ScalarKind(rawValue: name) { return .scalar(scalar) }
        switch declarations[name]?.role {
        case .enum(let id): return .enum(id)
        case .table(let id): return .reference(id)
        case .object(let id?): return .value(id)
        case .input:
            problems.report(
                "the input type \"\(name)\" cannot be stored", at: place,
                hint: "write \"type \(name)\" to store it inside the row")
        case .refused, .object(nil): break
        case nil:
            problems.report(
                "unknown type \"\(name)\"", at: place,
                hint: spellingHint(for: name, among: storableNames))
        }
        return nil
    }

    private var storableNames: [String] {
        let own = declaredNames.filter {
            switch declarations[$0]?.role {
            case .table, .enum, .object: true
            case .input, .refused, nil: false
            }
        }
        return ScalarKind.allCases.map(\.rawValue) + own
    }

    // MARK: What fields of tables and of values have in common

    /// False when the name cannot be used.
    mutating func checkName(
        of field: FieldDefinition, in declaration: Declaration, _ seen: inout Set<String>
    ) -> Bool {
        let name = field.name.value
        let place = declaration.place(field.name.offset)
        guard seen.insert(name).inserted else {
            problems.report(
                "the field \"\(name)\" stands twice in \"\(declaration.name)\"", at: place,
                hint: "remove one of them, or give it another name")
            return false
        }
        if name.hasPrefix("__") {
            reportReserved(name, at: place)
            return false
        }
        if ["and", "or", "not", "isNull"].contains(name) {
            problems.report(
                "\"\(name)\" cannot be the name of a field", at: place,
                hint: "it is a word of filters: choose another name")
            return false
        }
        return true
    }

    mutating func refuseArguments(of field: FieldDefinition, _ file: Int) {
        guard let first = field.arguments.first else { return }
        problems.report(
            "the stored field \"\(field.name.value)\" cannot have arguments",
            at: Place(file: file, offset: first.name.offset),
            hint: "remove them; lists of rows get their arguments in the generated API")
    }

    mutating func refuseInterfaces(of declaration: Declaration) {
        guard let first = declaration.syntax.interfaces.first else { return }
        problems.report(
            "\"\(declaration.name)\" cannot implement \"\(first.value)\"",
            at: declaration.place(first.offset),
            hint: "remove it: every table implements Node, and there are no other interfaces")
    }
}

extension TypeNode {
    var isNullable: Bool {
        if case .nonNull = self { return false }
        return true
    }

    /// Without the outermost `!`.
    var nullable: TypeNode {
        if case .nonNull(let inner) = self { return inner }
        return self
    }
}
