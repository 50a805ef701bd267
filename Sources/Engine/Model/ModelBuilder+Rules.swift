import GraphQLLanguage
import Store

/// Fields that rules answer: what they look like, and whether the rules find what they need.
extension ModelBuilder {
    /// Types that only rules mention, and the fields that they answer.
    var declaredTypes: DeclaredTypes {
        var types = DeclaredTypes()
        for declaration in rootExtensions {
            if declaration.name == "Query" {
                types.queries += declaration.syntax.fields
            } else {
                types.mutations += declaration.syntax.fields
            }
        }
        types.types = declaredNames.compactMap { name in
            guard let declaration = declarations[name] else { return nil }
            return switch declaration.role {
            case .object(nil), .input: declaration.syntax
            case .object, .table, .enum, .refused: nil
            }
        }
        types.errorCodes = rules.errorCodes
        return types
    }

    mutating func collectRuleUses() {
        for declaration in rootExtensions {
            let isMutation = declaration.name == "Mutation"
            for field in declaration.syntax.fields
            where field.directives.first(named: "rule") != nil {
                if isMutation { checkMutation(field, declaration) }
                addUse(
                    isMutation ? .mutation : .field, field, declaration, directive: "rule",
                    argument: "name")
            }
        }
        for name in declaredNames {
            guard let declaration = declarations[name], declaration.role == .input else { continue }
            for field in declaration.syntax.inputFields {
                // Only scalars, alone or in a list, have anything to be asked for.
                let scalar = ScalarKind(rawValue: field.type.name.value)
                inputConstraints[name, default: [:]][field.name.value] = constraint(
                    in: field.directives, on: field.type, .scalar(scalar ?? .json),
                    declaration.file)
            }
        }
        for table in tables {
            for field in table.fields where field.syntax.isComputed {
                addUse(
                    .field, field.syntax, table.declaration, directive: "computed",
                    argument: "rule")
            }
        }
        for name in declaredNames {
            guard let declaration = declarations[name], case .object(let value) = declaration.role
            else { continue }
            for field in declaration.syntax.fields {
                guard let rule = field.directives.first(named: "rule") else { continue }
                if value != nil {
                    problems.report(
                        "\"@rule\" has no meaning inside a value",
                        at: declaration.place(rule.offset),
                        hint: "\"\(name)\" is stored inside the rows that use it")
                    continue
                }
                addUse(.field, field, declaration, directive: "rule", argument: "name")
            }
        }
    }

    private mutating func addUse(
        _ kind: RuleUse.Kind, _ field: FieldDefinition, _ declaration: Declaration,
        directive: String, argument: String
    ) {
        guard let rule = field.directives.first(named: directive)?.text(argument),
            rules.names.contains(rule.value)
        else { return }
        let place = declaration.place(rule.offset)
        let isKnown =
            switch kind {
            case .mutation: rules.mutation(named: rule.value) != nil
            case .field: rules.field(named: rule.value) != nil
            }
        if !isKnown {
            problems.report(
                "the rule \"\(rule.value)\" does not answer a field like this", at: place,
                hint: kind == .mutation
                    ? "it is no mutation" : "fields that are read have rules of their own")
            return
        }
        let use = RuleUse(
            kind: kind, type: declaration.name, field: field.name.value, rule: rule.value)
        ruleUses.append((use, place))
    }

    /// A mutation has one input object and one payload object of its own.
    private mutating func checkMutation(_ field: FieldDefinition, _ declaration: Declaration) {
        let place = declaration.place(field.name.offset)
        let argument = field.arguments.first
        let isInput =
            field.arguments.count == 1 && argument?.name.value == "input"
            && argument.map {
                isNonNullName($0.type) && declarations[$0.type.name.value]?.role == .input
            }
                ?? false
        if !isInput {
            problems.report(
                "the mutation \"\(field.name.value)\" takes one argument, an input of its own",
                at: place, hint: "write: \(field.name.value)(input: …Input!): …Payload!")
        }
        let payload = field.type.name.value
        guard isNonNullName(field.type), declarations[payload]?.role == .object(nil),
            let type = declarations[payload]
        else {
            problems.report(
                "the mutation \"\(field.name.value)\" answers with a payload, a type of its own "
                    + "without \"@table\"", at: place,
                hint: "write: \(field.name.value)(input: …Input!): …Payload!")
            return
        }
        for field in type.syntax.fields where !canBeEmpty(field.type) {
            problems.report(
                "\"\(payload).\(field.name.value)\" must be able to say that nothing was done",
                at: type.place(field.name.offset),
                hint: "remove the \"!\"; lists, numbers and booleans may have it")
        }
    }

    private func isNonNullName(_ type: TypeNode) -> Bool {
        guard case .nonNull(.named) = type else { return false }
        return true
    }

    private func canBeEmpty(_ type: TypeNode) -> Bool {
        guard case .nonNull(let inner) = type else { return true }
        if case .list = inner { return true }
        return ["Int", "Long", "Boolean"].contains(inner.name.value)
    }

    /// Lets each rule look for what it needs.
    mutating func checkRules(of model: Model) {
        let bound = BoundRules(model, ColumnLayouts(model.storeDefinition))
        for (use, message) in bound.problems where use < ruleUses.count {
            problems.report(
                "the rule \"\(ruleUses[use].use.rule)\" cannot be bound: \(message)",
                at: ruleUses[use].place,
                hint: "make the schema as the rule needs it, or remove the field")
        }
    }
}
