import GraphQLLanguage

/// The schema in the schema language: descriptions as block strings, two spaces of indentation, a
/// blank line between definitions, no line break at the end. What each schema has, built-in scalars
/// and directives and the types of introspection, is left out.
///
/// - Parameter includingAppliedDirectives: whether to print directives other than `@deprecated`,
///   `@specifiedBy` and `@oneOf` where they are applied; the schema built from the text then has
///   them again.
public func printSchema(_ schema: Schema, includingAppliedDirectives: Bool = false) -> String {
    let printer = SchemaPrinter(
        schema: schema, includesAppliedDirectives: includingAppliedDirectives)
    let definitions =
        [printer.schemaDefinition()].compactMap { $0 }
        + schema.directives.filter { !BuiltInDefinitions.directiveNames.contains($0.name) }
        .map(printer.directive)
        + schema.types.filter { !$0.isBuiltIn }.map(printer.type)
    return definitions.joined(separator: "\n\n")
}

extension NamedType {
    /// A built-in scalar or a type of introspection.
    var isBuiltIn: Bool {
        name.hasPrefix("__") || BuiltInDefinitions.scalarNames.contains(name)
    }
}

private struct SchemaPrinter {
    let schema: Schema
    let includesAppliedDirectives: Bool

    /// Directives that a schema knows the meaning of, and that are printed from it.
    private static let understood: Set<String> = ["deprecated", "specifiedBy", "oneOf"]

    // MARK: Definitions

    /// Nil when it would say no more than its absence.
    func schemaDefinition() -> String? {
        let roots = OperationType.allCases.map { ($0, schema.rootType($0)) }
        let hasDefaultNames = roots.allSatisfy { operation, root in
            root == schema.type(named: operation.defaultTypeName)
        }
        let directives = applied(schema.appliedDirectives)
        if schema.description == nil, hasDefaultNames, directives.isEmpty { return nil }
        let fields = roots.compactMap { operation, root in
            root.map { "  \(operation.rawValue): \(schema[$0].name)" }
        }
        return description(schema.description) + "schema" + directives + block(fields)
    }

    func directive(_ directive: DirectiveType) -> String {
        description(directive.description) + "directive @" + directive.name
            + arguments(directive.arguments)
            + (directive.isRepeatable ? " repeatable" : "") + " on "
            + directive.locations.map(\.rawValue).joined(separator: " | ")
    }

    func type(_ type: NamedType) -> String {
        let start = description(type.description)
        let directives = applied(type.appliedDirectives)
        switch type.kind {
        case .scalar:
            let url = type.specifiedByURL.map {
                " @specifiedBy(url: \(print(StringValue($0))))"
            }
            return start + "scalar " + type.name + (url ?? "") + directives
        case .object, .interface:
            return start + (type.kind == .object ? "type " : "interface ") + type.name
                + list(type.interfaces, before: " implements ", between: " & ") + directives
                + block(type.fields.enumerated().map { field($1, isFirst: $0 == 0) })
        case .union:
            return start + "union " + type.name + directives
                + list(type.memberTypes, before: " = ", between: " | ")
        case .enum:
            return start + "enum " + type.name + directives
                + block(type.enumValues.enumerated().map { enumValue($1, isFirst: $0 == 0) })
        case .inputObject:
            return start + "input " + type.name + (type.isOneOf ? " @oneOf" : "") + directives
                + block(
                    type.inputFields.enumerated().map { index, field in
                        description(field.description, indentation: "  ", isFirst: index == 0)
                            + "  " + inputValue(field)
                    })
        }
    }

    // MARK: Members

    private func field(_ field: FieldType, isFirst: Bool) -> String {
        description(field.description, indentation: "  ", isFirst: isFirst) + "  " + field.name
            + arguments(field.arguments, indentation: "  ") + ": "
            + schema.describe(field.type) + deprecation(field.deprecationReason)
            + applied(field.appliedDirectives)
    }

    private func enumValue(_ value: EnumValue, isFirst: Bool) -> String {
        description(value.description, indentation: "  ", isFirst: isFirst) + "  " + value.name
            + deprecation(value.deprecationReason) + applied(value.appliedDirectives)
    }

    private func arguments(_ arguments: [InputValue], indentation: String = "") -> String {
        if arguments.isEmpty { return "" }
        if arguments.allSatisfy({ $0.description == nil }) {
            return "(" + arguments.map(inputValue).joined(separator: ", ") + ")"
        }
        let inner = indentation + "  "
        let lines = arguments.enumerated().map { index, argument in
            description(argument.description, indentation: inner, isFirst: index == 0) + inner
                + inputValue(argument)
        }
        return "(\n" + lines.joined(separator: "\n") + "\n" + indentation + ")"
    }

    private func inputValue(_ input: InputValue) -> String {
        let value = input.defaultValue.map { " = " + print($0) } ?? ""
        return input.name + ": " + schema.describe(input.type) + value
            + deprecation(input.deprecationReason) + applied(input.appliedDirectives)
    }

    // MARK: Pieces

    private func block(_ lines: [String]) -> String {
        lines.isEmpty ? "" : " {\n" + lines.joined(separator: "\n") + "\n}"
    }

    private func list(_ types: [TypeID], before: String, between: String) -> String {
        types.isEmpty ? "" : before + types.map { schema[$0].name }.joined(separator: between)
    }

    private func deprecation(_ reason: String?) -> String {
        guard let reason else { return "" }
        if reason == BuiltInDefinitions.deprecationReasonDefault { return " @deprecated" }
        return " @deprecated(reason: \(print(StringValue(reason))))"
    }

    private func applied(_ directives: [Directive]) -> String {
        guard includesAppliedDirectives else { return "" }
        return directives.filter { !Self.understood.contains($0.name.value) }
            .map { " " + print($0) }.joined()
    }

    /// A described member has a blank line before it, unless it is the first of its block.
    private func description(
        _ description: String?, indentation: String = "", isFirst: Bool = true
    ) -> String {
        guard let description else { return "" }
        let lines = print(StringValue(description, isBlock: true))
            .split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.joined(separator: "\n" + indentation)
        return (isFirst ? "" : "\n") + indentation + text + "\n"
    }
}
