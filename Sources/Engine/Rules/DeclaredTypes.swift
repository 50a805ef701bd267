import GraphQLLanguage

/// What schema files declare for rules: fields of Query and Mutation, inputs, payloads and results.
struct DeclaredTypes {
    var queries: [FieldDefinition] = []
    var mutations: [FieldDefinition] = []
    /// Inputs and results in the order of the files.
    var types: [TypeDefinition] = []
    var errorCodes: [ErrorCode] = []

    /// The names of `types`.
    var names: Set<String> { Set(types.map(\.name.value)) }

    /// The scalars that they mention.
    var scalars: Set<ScalarKind> {
        var names: Set<String> = []
        for field in queries + mutations + types.flatMap(\.fields) {
            names.insert(field.type.name.value)
            for argument in field.arguments { names.insert(argument.type.name.value) }
        }
        for field in types.flatMap(\.inputFields) { names.insert(field.type.name.value) }
        return Set(names.compactMap { ScalarKind(rawValue: $0) })
    }

    /// The types of the mutations' inputs.
    fileprivate var inputs: Set<String> {
        Set(mutations.compactMap { $0.arguments.first?.type.name.value })
    }

    fileprivate var payloads: Set<String> { Set(mutations.map(\.type.name.value)) }
}

/// A field as its schema file has it, without the directives that are Tessera's own but those that
/// tell clients its cost.
func definitionText(_ field: FieldDefinition) -> String {
    var text = field.name.value
    if !field.arguments.isEmpty {
        text += "(" + field.arguments.map(definitionText).joined(separator: ", ") + ")"
    }
    return text + ": " + typeText(field.type) + deprecation(field.directives)
        + costs(field.directives)
}

private func definitionText(_ input: InputValueDefinition) -> String {
    let standard = input.defaultValue.map { " = " + literalText($0) } ?? ""
    return "\(input.name.value): \(typeText(input.type))\(standard)" + deprecation(input.directives)
        + costs(input.directives)
}

private func costs(_ directives: [Directive]) -> String {
    directives.filter { ["cost", "listSize"].contains($0.name.value) }.map { directive in
        let arguments = directive.arguments.map { "\($0.name.value): \(literalText($0.value))" }
        return " @\(directive.name.value)(\(arguments.joined(separator: ", ")))"
    }.joined()
}

private func deprecation(_ directives: [Directive]) -> String {
    directives.deprecationReason.map { " @deprecated(reason: \(quoted($0)))" } ?? ""
}

extension GeneratedSchema {
    func line(_ field: FieldDefinition) -> String {
        line(definitionText(field), field.description?.value)
    }

    /// Inputs get what makes a mutation repeatable; payloads what every one of them tells.
    mutating func declaredTypes() {
        let (inputs, payloads) = (declared.inputs, declared.payloads)
        for type in declared.types {
            let name = type.name.value
            if type.kind == .inputObject {
                let common = ["clientMutationId: String", "idempotencyKey: String"]
                define(
                    "input \(name)",
                    (inputs.contains(name) ? common.map { line($0) } : [])
                        + type.inputFields.map {
                            line(definitionText($0), $0.description?.value)
                        }, type.description?.value)
                continue
            }
            let isPayload = payloads.contains(name)
            if isPayload { bindings[name] = .payload }
            define(
                "type \(name)",
                (isPayload ? [line("clientMutationId: String")] : []) + type.fields.map(line)
                    + (isPayload
                        ? ["userErrors: [UserError!]!", "replayed: Boolean!", "query: Query!"]
                            .map { line($0) } : []),
                type.description?.value)
        }
    }
}
