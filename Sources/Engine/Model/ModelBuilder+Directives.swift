import GraphQLLanguage

/// Step 2: every directive that the files use: known, in its place, with arguments that fit.
extension ModelBuilder {
    /// What a directive stands on.
    private enum Site {
        case table, object, tableField, computedField, objectField, rootField, other

        private static let ofTableField: Set<String> = [
            "index", "relation", "default", "constraint", "computed", "sensitive", "allow",
            "deprecated",
        ]

        /// The directives with a meaning here; nil for any that the location allows.
        var meaningful: Set<String>? {
            switch self {
            case .table: ["table", "key", "index", "tree", "allow"]
            case .tableField: Self.ofTableField
            case .computedField: Self.ofTableField.union(["cost", "listSize"])
            case .object: ["table"]
            case .objectField:
                ["constraint", "deprecated", "computed", "rule", "cost", "listSize"]
            case .rootField: ["rule", "allow", "deprecated", "cost", "listSize"]
            case .other: nil
            }
        }
    }

    mutating func checkDirectives() {
        for name in declaredNames {
            if let declaration = declarations[name] { checkDirectives(on: declaration) }
        }
        for declaration in rootExtensions {
            check(declaration.syntax.directives, on: "OBJECT", .other, declaration.file)
            for field in declaration.syntax.fields {
                check(field.directives, on: "FIELD_DEFINITION", .rootField, declaration.file)
                checkArguments(of: field, declaration.file)
                guard field.directives.first(named: "rule") == nil else { continue }
                problems.report(
                    "the field \"\(field.name.value)\" of \"\(declaration.name)\" has no \"@rule\"",
                    at: declaration.place(field.name.offset),
                    hint: "name the rule that answers it: @rule(name: \"…\")")
            }
        }
    }

    private mutating func checkDirectives(on declaration: Declaration) {
        let (syntax, file) = (declaration.syntax, declaration.file)
        let isTable = if case .table = declaration.role { true } else { false }
        switch syntax.kind {
        case .object:
            check(syntax.directives, on: "OBJECT", isTable ? .table : .object, file)
        case .enum: check(syntax.directives, on: "ENUM", .other, file)
        case .inputObject: check(syntax.directives, on: "INPUT_OBJECT", .other, file)
        case .scalar: check(syntax.directives, on: "SCALAR", .other, file)
        case .interface: check(syntax.directives, on: "INTERFACE", .other, file)
        case .union: check(syntax.directives, on: "UNION", .other, file)
        }
        for field in syntax.fields {
            check(
                field.directives, on: "FIELD_DEFINITION",
                declaration.role == .refused ? .other : Self.site(of: field, isTable), file)
            checkArguments(of: field, file)
        }
        for field in syntax.inputFields {
            check(field.directives, on: "INPUT_FIELD_DEFINITION", .other, file)
        }
        for value in syntax.enumValues { check(value.directives, on: "ENUM_VALUE", .other, file) }
    }

    private static func site(of field: FieldDefinition, _ isTable: Bool) -> Site {
        guard isTable else { return .objectField }
        return field.directives.first(named: "computed") == nil ? .tableField : .computedField
    }

    private mutating func checkArguments(of field: FieldDefinition, _ file: Int) {
        for argument in field.arguments {
            check(argument.directives, on: "ARGUMENT_DEFINITION", .other, file)
        }
    }

    private mutating func check(
        _ directives: [Directive], on location: String, _ site: Site, _ file: Int
    ) {
        var seen: Set<String> = []
        for directive in directives {
            let name = directive.name.value
            let place = Place(file: file, offset: directive.offset)
            guard let definition = catalog.directives[name] else {
                let known = catalog.directives.values.filter { known in
                    known.locations.contains { $0.value == location }
                        && site.meaningful?.contains(known.name.value) ?? true
                }
                problems.report(
                    "unknown directive \"@\(name)\"", at: place,
                    hint: spellingHint(
                        for: "@" + name, among: known.map { "@" + $0.name.value }.sorted()))
                continue
            }
            if !checkPlace(of: directive, definition, on: location, site, place) { continue }
            if !seen.insert(name).inserted, !definition.isRepeatable {
                problems.report(
                    "\"@\(name)\" stands here twice", at: place, hint: "remove one of them")
            }
            checkArguments(of: directive, definition, file)
            checkRule(of: directive, file)
        }
    }

    /// False when the directive may not stand here, which is reported.
    private mutating func checkPlace(
        of directive: Directive, _ definition: DirectiveDefinition, on location: String,
        _ site: Site, _ place: Place
    ) -> Bool {
        let name = directive.name.value
        guard definition.locations.contains(where: { $0.value == location }) else {
            var allowed: [String] = []
            for location in definition.locations.map({ Self.placeName($0.value) })
            where !allowed.contains(location) {
                allowed.append(location)
            }
            problems.report(
                "\"@\(name)\" may not stand on \(Self.placeName(location))", at: place,
                hint: "its place is on \(phrase(allowed, "or"))")
            return false
        }
        guard let meaningful = site.meaningful, !meaningful.contains(name) else { return true }
        switch name {
        case "cost", "listSize":
            problems.report(
                "\"@\(name)\" is set by Tessera in the API it generates", at: place,
                hint: "remove it")
        case "allow":
            problems.report(
                "\"@allow\" has no meaning here", at: place,
                hint: "it stands on types with \"@table\", their fields, and fields of Query and "
                    + "Mutation")
        case "rule":
            problems.report(
                "\"@rule\" has no meaning on a field of a table", at: place,
                hint: "a rule answers a field of: extend type Mutation { … }")
        default:
            switch site {
            case .object:
                problems.report(
                    "\"@\(name)\" has no meaning on a type without \"@table\"", at: place,
                    hint: "add \"@table\", or remove \"@\(name)\"")
            case .objectField:
                problems.report(
                    "\"@\(name)\" has no meaning inside a value", at: place,
                    hint: "a type without \"@table\" is stored inside the rows that use it; put "
                        + "\"@\(name)\" on the field that holds the value, or remove it")
            case .table, .tableField, .computedField, .rootField, .other:
                problems.report(
                    "\"@\(name)\" has no meaning on \(Self.placeName(location)) like this",
                    at: place, hint: "remove it")
            }
        }
        return false
    }

    private static func placeName(_ location: String) -> String {
        switch location {
        case "OBJECT": "a type"
        case "FIELD_DEFINITION": "a field"
        case "ENUM": "an enum"
        case "ENUM_VALUE": "an enum value"
        case "INPUT_OBJECT": "an input type"
        case "INPUT_FIELD_DEFINITION": "an input field"
        case "ARGUMENT_DEFINITION": "an argument"
        case "SCALAR": "a scalar"
        case "INTERFACE": "an interface"
        case "UNION": "a union"
        case "FIELD": "a field of an operation"
        case "FRAGMENT_SPREAD", "INLINE_FRAGMENT": "a fragment of an operation"
        default: "a \(location.lowercased())"
        }
    }

    private mutating func checkArguments(
        of directive: Directive, _ definition: DirectiveDefinition, _ file: Int
    ) {
        let name = directive.name.value
        let known = definition.arguments.map(\.name.value)
        var seen: Set<String> = []
        for argument in directive.arguments {
            let argumentName = argument.name.value
            let place = Place(file: file, offset: argument.offset)
            guard
                let expected = definition.arguments.first(where: { $0.name.value == argumentName })
            else {
                problems.report(
                    "\"@\(name)\" has no argument \"\(argumentName)\"", at: place,
                    hint: spellingHint(for: argumentName, among: known)
                        ?? "remove it: \"@\(name)\" takes none")
                continue
            }
            if !seen.insert(argumentName).inserted {
                problems.report(
                    "the argument \"\(argumentName)\" is given twice", at: place,
                    hint: "remove one of them")
            }
            if !catalog.accepts(argument.value, for: expected.type) {
                problems.report(
                    "the argument \"\(argumentName)\" of \"@\(name)\" cannot be "
                        + literalText(argument.value),
                    at: Place(file: file, offset: argument.value.offset),
                    hint: expectation(of: expected.type))
            }
        }
        for argument in definition.arguments where !seen.contains(argument.name.value) {
            guard case .nonNull = argument.type, argument.defaultValue == nil else { continue }
            problems.report(
                "\"@\(name)\" needs the argument \"\(argument.name.value)\"",
                at: Place(file: file, offset: directive.offset),
                hint: "write: @\(name)(\(argument.name.value): …)")
        }
    }

    private func expectation(of type: TypeNode) -> String {
        let values = catalog.types[type.name.value]?.enumValues.map(\.name.value) ?? []
        guard !values.isEmpty else { return "its type is \(typeText(type))" }
        return "its type is \(typeText(type)), with the values \(phrase(values, "and"))"
    }

    /// Rules are Swift code that is bound by name.
    private mutating func checkRule(of directive: Directive, _ file: Int) {
        let argument = directive.name.value == "computed" ? "rule" : "name"
        guard ["computed", "rule"].contains(directive.name.value),
            let rule = directive.text(argument)
        else { return }
        let known = rules.names
        if known.contains(rule.value) { return }
        problems.report(
            "the rule \"\(rule.value)\" is unknown", at: Place(file: file, offset: rule.offset),
            hint: known.isEmpty
                ? "this server has no rules" : spellingHint(for: rule.value, among: known.sorted()))
    }
}
