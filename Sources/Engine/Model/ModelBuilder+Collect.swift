import GraphQLLanguage
import Store

/// Step 1: which types there are, and what each of them is.
extension ModelBuilder {
    private static let rootNames: Set<String> = ["Query", "Mutation"]

    mutating func collect() {
        for (file, document) in documents.enumerated() {
            for definition in document.definitions { collect(definition, file) }
        }
        if tables.isEmpty, !declarations.values.contains(where: { $0.role == .refused }) {
            problems.report(
                "no type has \"@table\"", at: Place(file: 0, offset: 0),
                hint: "a type becomes a table by it: type Member @table { name: String! }")
        }
    }

    private mutating func collect(_ definition: Definition, _ file: Int) {
        switch definition {
        case .operation(let operation):
            refuseOperation(at: Place(file: file, offset: operation.offset))
        case .fragment(let fragment):
            refuseOperation(at: Place(file: file, offset: fragment.offset))
        case .schema(let schema):
            problems.report(
                "the schema definition is Tessera's own",
                at: Place(file: file, offset: schema.offset),
                hint: "remove it: the root types are Query and Mutation")
        case .directive(let directive):
            collect(directive, Place(file: file, offset: directive.offset))
        case .type(let type):
            collect(type, file)
        }
    }

    private mutating func refuseOperation(at place: Place) {
        problems.report(
            "an operation does not belong in a schema file", at: place,
            hint: "reports lie in the folder reports/ beside the schema files")
    }

    private mutating func collect(_ directive: DirectiveDefinition, _ place: Place) {
        let name = directive.name.value
        guard catalog.directives[name] != nil else {
            problems.report(
                "the directive \"@\(name)\" cannot be defined here", at: place,
                hint: "schema files use the directives that Tessera defines")
            return
        }
        if !catalog.agrees(directive) {
            problems.report(
                "this definition of \"@\(name)\" differs from Tessera's own", at: place,
                hint: "remove it, or take the one that \"tessera schema directives\" prints")
        }
    }

    private mutating func collect(_ type: TypeDefinition, _ file: Int) {
        let name = type.name.value
        let place = Place(file: file, offset: type.name.offset)
        if type.isExtension {
            collectExtension(Declaration(syntax: type, file: file, role: .refused))
            return
        }
        if catalog.types[name] != nil {
            if !catalog.agrees(type) {
                problems.report(
                    "this definition of \"\(name)\" differs from Tessera's own", at: place,
                    hint: "remove it, or give the type another name")
            }
            return
        }
        if Self.rootNames.contains(name) || name == "Subscription" {
            problems.report(
                "the type \"\(name)\" is generated", at: place,
                hint: Self.rootNames.contains(name)
                    ? "to add a field that a rule answers, write: extend type \(name) { … }"
                    : "remove it")
            return
        }
        if let first = declarations[name] {
            problems.report(
                "the type \"\(name)\" is defined twice", at: place,
                hint: "the first definition is at \(problems.describe(first.place))")
            return
        }
        if name.hasPrefix("__") { reportReserved(name, at: place) }
        declarations[name] = Declaration(
            syntax: type, file: file, role: role(of: type, at: place, file))
        declaredNames.append(name)
    }

    mutating func reportReserved(_ name: String, at place: Place) {
        problems.report(
            "the name \"\(name)\" begins with \"__\"", at: place,
            hint: "such names belong to introspection")
    }

    private mutating func collectExtension(_ declaration: Declaration) {
        if declaration.syntax.kind == .object, Self.rootNames.contains(declaration.name) {
            rootExtensions.append(declaration)
            return
        }
        problems.report(
            "\"\(declaration.name)\" cannot be extended", at: declaration.place,
            hint: "write everything into one definition; only Query and Mutation are extended")
    }

    private mutating func role(
        of type: TypeDefinition, at place: Place, _ file: Int
    ) -> Declaration.Role {
        switch type.kind {
        case .object:
            guard let directive = tableDirective(of: type) else { return .object(nil) }
            let declaration = Declaration(
                syntax: type, file: file, role: .table(TableID(tables.count)))
            tables.append(tableDraft(declaration, TableDirective(directive)))
            return declaration.role
        case .enum:
            return collectEnum(type, file)
        case .inputObject:
            return .input
        case .scalar:
            let known = ScalarKind.allCases.map(\.rawValue)
            problems.report(
                "the scalar \"\(type.name.value)\" is unknown", at: place,
                hint: "fields can be \(phrase(known, "and")), enums and types of your own")
        case .interface, .union:
            problems.report(
                "the \(type.kind == .union ? "union" : "interface") \"\(type.name.value)\" has no "
                    + "place in a data model", at: place,
                hint: "repeat the fields in each table, or make one table with an enum field")
        }
        return .refused
    }

    /// `@table`, also when it is misspelt: that is reported, and enough.
    private func tableDirective(of type: TypeDefinition) -> Directive? {
        type.directives.first(named: "table")
            ?? type.directives.first {
                catalog.directives[$0.name.value] == nil
                    && closestName(to: $0.name.value, among: catalog.directives.keys) == "table"
            }
    }

    private func tableDraft(
        _ declaration: Declaration, _ directive: TableDirective
    ) -> TableDraft {
        let singular = Naming.lowerCamel(declaration.name)
        return TableDraft(
            id: TableID(tables.count), declaration: declaration, directive: directive,
            singular: singular, plural: directive.plural?.value ?? Naming.plural(singular),
            idPrefix: directive.idPrefix?.value ?? Naming.idPrefix(declaration.name))
    }

    private mutating func collectEnum(_ type: TypeDefinition, _ file: Int) -> Declaration.Role {
        var seen: Set<String> = []
        for value in type.enumValues {
            let place = Place(file: file, offset: value.name.offset)
            if value.name.value.hasPrefix("__") { reportReserved(value.name.value, at: place) }
            if !seen.insert(value.name.value).inserted {
                problems.report(
                    "the value \"\(value.name.value)\" stands twice in \"\(type.name.value)\"",
                    at: place, hint: "remove one of them")
            }
        }
        if type.enumValues.isEmpty || type.enumValues.count > EnumModel.valuesMax {
            problems.report(
                "the enum \"\(type.name.value)\" has \(type.enumValues.count) values",
                at: Place(file: file, offset: type.name.offset),
                hint: "an enum has 1 to \(EnumModel.valuesMax) of them")
        }
        let id = EnumID(enums.count)
        enums.append(
            EnumModel(
                id: id, name: type.name.value, description: type.description?.value,
                values: type.enumValues.map(\.name.value),
                details: type.enumValues.map {
                    EnumModel.Detail(
                        description: $0.description?.value,
                        deprecationReason: $0.directives.deprecationReason)
                }))
        return .enum(id)
    }
}
