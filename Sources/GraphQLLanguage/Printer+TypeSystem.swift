// The type system's half of the printer.

public func print(_ schema: SchemaDefinition) -> String {
    Printer.description(schema.description)
        + Printer.words(
            schema.isExtension ? "extend" : "", "schema", Printer.directives(schema.directives),
            Printer.block(
                schema.operationTypes.map { "\($0.operation.rawValue): \($0.type.value)" }))
}

public func print(_ type: TypeDefinition) -> String {
    let keyword =
        switch type.kind {
        case .scalar: "scalar"
        case .object: "type"
        case .interface: "interface"
        case .union: "union"
        case .enum: "enum"
        case .inputObject: "input"
        }
    return Printer.description(type.description)
        + Printer.words(
            type.isExtension ? "extend" : "", keyword, type.name.value,
            Printer.wrap("implements ", Printer.names(type.interfaces, " & ")),
            Printer.directives(type.directives),
            Printer.wrap("= ", Printer.names(type.memberTypes, " | ")),
            Printer.block(type.fields.map { print($0) }),
            Printer.block(type.enumValues.map { print($0) }),
            Printer.block(type.inputFields.map { print($0) }))
}

public func print(_ field: FieldDefinition) -> String {
    Printer.description(field.description) + field.name.value
        + Printer.argumentDefinitions(field.arguments) + ": "
        + Printer.typed(field.type, nil, field.directives)
}

public func print(_ value: InputValueDefinition) -> String {
    Printer.description(value.description) + value.name.value + ": "
        + Printer.typed(value.type, value.defaultValue, value.directives)
}

public func print(_ value: EnumValueDefinition) -> String {
    Printer.description(value.description)
        + Printer.words(value.name.value, Printer.directives(value.directives))
}

public func print(_ directive: DirectiveDefinition) -> String {
    Printer.description(directive.description) + "directive @" + directive.name.value
        + Printer.argumentDefinitions(directive.arguments)
        + (directive.isRepeatable ? " repeatable" : "") + " on "
        + Printer.names(directive.locations, " | ")
}
