// The text of a tree, laid out as graphql-js 17 does: two spaces a level, a blank line between
// definitions, arguments and list items on lines of their own where one line would be longer
// than 80 characters. Parsing the text gives an equal tree.
//
// Meant for schema files, logs and messages, not for the road of a query.

/// The text of a document, without a line break at its end.
public func print(_ document: Document) -> String {
    var texts: [String] = []
    var takesBraces = false
    for definition in document.definitions {
        let text = print(definition)
        // Behind a type without a body, the short form of a query would become that body.
        texts.append(takesBraces && text.hasPrefix("{") ? "query " + text : text)
        takesBraces = Printer.takesBraces(definition)
    }
    return texts.joined(separator: "\n\n")
}

public func print(_ definition: Definition) -> String {
    switch definition {
    case .operation(let operation): print(operation)
    case .fragment(let fragment): print(fragment)
    case .schema(let schema): print(schema)
    case .type(let type): print(type)
    case .directive(let directive): print(directive)
    }
}

// MARK: Executable definitions

/// A query that is nothing but its selection set has no keyword.
public func print(_ operation: OperationDefinition) -> String {
    let variables = operation.variables.map { print($0) }
    let list =
        variables.contains { $0.utf8.contains(Printer.lineFeed) }
        ? Printer.wrap("(\n", variables.joined(separator: "\n"), "\n)")
        : Printer.wrap("(", variables.joined(separator: ", "), ")")
    let prefix =
        Printer.description(operation.description)
        + Printer.words(
            operation.type.rawValue, (operation.name?.value ?? "") + list,
            Printer.directives(operation.directives))
    let selectionSet = print(operation.selectionSet)
    return prefix == "query" ? selectionSet : prefix + " " + selectionSet
}

public func print(_ variable: VariableDefinition) -> String {
    Printer.description(variable.description) + "$\(variable.name.value): "
        + Printer.typed(variable.type, variable.defaultValue, variable.directives)
}

public func print(_ fragment: FragmentDefinition) -> String {
    Printer.description(fragment.description)
        + Printer.words(
            "fragment", fragment.name.value, "on", fragment.typeCondition.value,
            Printer.directives(fragment.directives), print(fragment.selectionSet))
}

public func print(_ selectionSet: SelectionSet) -> String {
    Printer.block(selectionSet.selections.map { print($0) })
}

public func print(_ selection: Selection) -> String {
    switch selection {
    case .field(let field): print(field)
    case .fragmentSpread(let spread): print(spread)
    case .inlineFragment(let fragment): print(fragment)
    }
}

public func print(_ field: Field) -> String {
    let name = Printer.wrap("", field.alias?.value ?? "", ": ") + field.name.value
    return Printer.words(
        name + Printer.arguments(field.arguments, after: name),
        Printer.directives(field.directives), field.selectionSet.map { print($0) } ?? "")
}

public func print(_ spread: FragmentSpread) -> String {
    Printer.words("..." + spread.name.value, Printer.directives(spread.directives))
}

public func print(_ fragment: InlineFragment) -> String {
    Printer.words(
        "...", Printer.wrap("on ", fragment.typeCondition?.value ?? ""),
        Printer.directives(fragment.directives), print(fragment.selectionSet))
}

public func print(_ directive: Directive) -> String {
    let arguments = directive.arguments.map { "\($0.name.value): \(print($0.value))" }
    return "@" + directive.name.value
        + Printer.wrap("(", arguments.joined(separator: ", "), ")")
}

// MARK: Values and types

public func print(_ value: Value) -> String {
    switch value.kind {
    case .variable(let name): return "$" + name
    case .int(let text), .float(let text), .enum(let text): return text
    case .string(let string): return print(string)
    case .boolean(let boolean): return boolean ? "true" : "false"
    case .null: return "null"
    case .list(let items):
        let texts = items.map { print($0) }
        let line = "[" + texts.joined(separator: ", ") + "]"
        return Printer.fits(line)
            ? line : "[\n" + Printer.indent(texts.joined(separator: "\n")) + "\n]"
    case .object(let fields):
        let texts = fields.map { "\($0.name.value): \(print($0.value))" }
        let line = "{ " + texts.joined(separator: ", ") + " }"
        return Printer.fits(line) ? line : Printer.block(texts)
    }
}

public func print(_ string: StringValue) -> String {
    string.isBlock && Printer.hasBlockForm(string.value)
        ? Printer.blockString(string.value) : Printer.quoted(string.value)
}

public func print(_ type: TypeNode) -> String {
    switch type {
    case .named(let name): name.value
    case .list(let item, _): "[" + print(item) + "]"
    case .nonNull(let inner): print(inner) + "!"
    }
}
