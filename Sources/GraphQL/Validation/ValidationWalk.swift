import GraphQLLanguage

/// The one walk through a document: it knows the types at each place, calls the rules, and notes
/// down the facts.
///
/// Recursion follows the nesting of the source, which the parser bounds; fragments are not followed.
extension ValidationContext {
    func walk() {
        for (place, rule) in dispatch.document {
            self.rule = place
            rule.enterDocument(document, self)
        }
        for definition in document.definitions {
            switch definition {
            case .operation(let operation): walk(operation)
            case .fragment(let fragment): walk(fragment)
            case .schema, .type, .directive: break
            }
        }
    }

    // MARK: Definitions

    private func walk(_ operation: OperationDefinition) {
        moment += 1
        let enterMoment = moment
        let usesBefore = facts.variableUses.count
        for (place, rule) in dispatch.operation {
            self.rule = place
            rule.enterOperation(operation, self)
        }
        enter(operation.directives)
        for variable in operation.variables { walk(variable) }
        let location: DirectiveLocation =
            switch operation.type {
            case .query: .query
            case .mutation: .mutation
            case .subscription: .subscription
            }
        walk(operation.directives, on: location)
        let set = walk(operation.selectionSet, parent: schema.rootType(operation.type))
        moment += 1
        facts.operations.append(
            DocumentFacts.Operation(
                name: operation.name, type: operation.type, offset: operation.offset,
                variables: operation.variables, selectionSet: set,
                variableUses: usesBefore..<facts.variableUses.count, enterMoment: enterMoment,
                leaveMoment: moment))
    }

    private func walk(_ fragment: FragmentDefinition) {
        moment += 1
        let enterMoment = moment
        let usesBefore = facts.variableUses.count
        let condition = schema.type(named: fragment.typeCondition.value)
        type = condition.map { TypeReference(named: $0) }
        for (place, rule) in dispatch.fragment {
            self.rule = place
            rule.enterFragment(fragment, self)
        }
        enter(fragment.directives)
        walk(fragment.typeCondition, type: condition)
        walk(fragment.directives, on: .fragmentDefinition)
        let set = walk(fragment.selectionSet, parent: composite(condition))
        moment += 1
        facts.addFragment(
            DocumentFacts.Fragment(
                name: facts.names.id(of: fragment.name.value), nameOffset: fragment.name.offset,
                offset: fragment.offset, typeCondition: condition, selectionSet: set,
                variableUses: usesBefore..<facts.variableUses.count, enterMoment: enterMoment))
    }

    private func walk(_ variable: VariableDefinition) {
        moment += 1
        for (place, rule) in dispatch.variable {
            self.rule = place
            rule.enterVariable(variable, self)
        }
        enter(variable.directives)
        walk(variable.type.name, type: schema.type(named: variable.type.name.value))
        if let value = variable.defaultValue {
            let type = schema.typeReference(from: variable.type)
            walk(
                value,
                type: type.flatMap { schema.types[$0.named.index].isInput ? $0 : nil },
                hasDefault: false)
        }
        walk(variable.directives, on: .variableDefinition)
    }

    private func walk(_ typeName: Name, type: TypeID?) {
        moment += 1
        for (place, rule) in dispatch.namedType {
            self.rule = place
            rule.enterNamedType(typeName, type, self)
        }
    }

    // MARK: Selections

    /// Answers the place of the set in the facts.
    private func walk(
        _ set: SelectionSet, parent: TypeID?, typeCondition: TypeID? = nil, isInline: Bool = false
    ) -> DocumentFacts.SetID {
        moment += 1
        let id = facts.selectionSets.count
        let start = facts.members.count
        let end = start + set.selections.count
        facts.selectionSets.append(
            DocumentFacts.SelectionSet(
                members: start..<end, parent: parent, typeCondition: typeCondition,
                isInline: isInline, moment: moment, offset: set.offset))
        facts.members.append(
            contentsOf: repeatElement(.spread(0, offset: 0), count: set.selections.count))
        let outerParent = parentType
        var place = start
        for selection in set.selections {
            parentType = parent
            switch selection {
            case .field(let field):
                facts.members[place] = .field(walk(field, parent: parent))
                if !field.directives.isEmpty { noteCondition(field.directives, of: place) }
            case .inlineFragment(let fragment):
                facts.members[place] = .inlineFragment(walk(fragment, parent: parent))
                if !fragment.directives.isEmpty { noteCondition(fragment.directives, of: place) }
            case .fragmentSpread(let spread):
                facts.members[place] = .spread(
                    facts.names.id(of: spread.name.value), offset: spread.offset)
                walk(spread)
                if !spread.directives.isEmpty { noteCondition(spread.directives, of: place) }
            }
            place += 1
        }
        parentType = outerParent
        return id
    }

    private func walk(_ node: Field, parent: TypeID?) -> DocumentFacts.FieldID {
        moment += 1
        let name = facts.names.id(of: node.name.value)
        let definition = parent.flatMap { field(name, node.name.value, on: $0) }
        let type = definition.flatMap { self.type(of: $0) }
        field = definition
        self.type = type
        for (place, rule) in dispatch.field {
            self.rule = place
            rule.enterField(node, self)
        }
        enter(node.directives)

        let id = note(node, name: name, parent: parent, type: type, definition: definition)
        if !node.arguments.isEmpty { walk(argumentsOf: node, definition) }
        walk(node.directives, on: .field)
        if let set = node.selectionSet {
            facts.fields[id].selectionSet = walk(set, parent: composite(type?.named))
            parentType = parent
            field = definition
            self.type = type
        }
        moment += 1
        for (place, rule) in dispatch.fieldLeave {
            self.rule = place
            rule.leaveField(node, self)
        }
        return id
    }

    private func walk(_ fragment: InlineFragment, parent: TypeID?) -> DocumentFacts.SetID {
        moment += 1
        let condition = fragment.typeCondition.map { schema.type(named: $0.value) } ?? parent
        type = condition.map { TypeReference(named: $0) }
        for (place, rule) in dispatch.inlineFragment {
            self.rule = place
            rule.enterInlineFragment(fragment, self)
        }
        enter(fragment.directives)
        if let name = fragment.typeCondition { walk(name, type: condition) }
        walk(fragment.directives, on: .inlineFragment)
        return walk(
            fragment.selectionSet, parent: composite(condition),
            typeCondition: fragment.typeCondition == nil ? nil : condition, isInline: true)
    }

    private func walk(_ spread: FragmentSpread) {
        moment += 1
        let target = fragmentTypes[spread.name.value]
        for (place, rule) in dispatch.fragmentSpread {
            self.rule = place
            rule.enterFragmentSpread(spread, isDefined: target != nil, type: target ?? nil, self)
        }
        enter(spread.directives)
        walk(spread.directives, on: .fragmentSpread)
    }

    /// The type when fields can be selected on it.
    private func composite(_ type: TypeID?) -> TypeID? {
        guard let type, schema.types[type.index].isComposite else { return nil }
        return type
    }

    private func note(
        _ node: Field, name: DocumentFacts.NameID, parent: TypeID?, type: TypeReference?,
        definition: FieldReference?
    ) -> DocumentFacts.FieldID {
        let responseName = node.alias.map { facts.names.id(of: $0.value) } ?? name
        var arguments: Int?
        if !node.arguments.isEmpty {
            arguments = facts.argumentLists.count
            facts.argumentLists.append(node.arguments)
        }
        let id = facts.fields.count
        facts.fields.append(
            DocumentFacts.Field(
                responseName: responseName, name: name, parent: parent, type: type,
                arguments: arguments, selectionSet: nil, offset: node.offset))
        switch definition {
        case .schema, .type:
            facts.introspectionRoots.append(
                DocumentFacts.IntrospectionRoot(field: id, moment: moment))
        default: break
        }
        return id
    }

    private func noteCondition(_ directives: [Directive], of member: Int) {
        let condition =
            directives.first { $0.name.value == "skip" }
            ?? directives.first { $0.name.value == "include" }
        if let condition { facts.conditions[member] = condition.offset }
    }

    // MARK: Directives and arguments

    private func enter(_ directives: [Directive]) {
        if directives.isEmpty { return }
        for (place, rule) in dispatch.directives {
            self.rule = place
            rule.enterDirectives(directives, self)
        }
    }

    private func walk(_ directives: [Directive], on location: DirectiveLocation) {
        for directive in directives {
            moment += 1
            directiveLocation = location
            for (place, rule) in dispatch.directive {
                self.rule = place
                rule.enterDirective(directive, self)
            }
            let definition = schema.directive(named: directive.name.value)
            for argument in directive.arguments {
                moment += 1
                let input = definition?.argument(argument.name.value)
                walk(argument.value, type: input?.type, hasDefault: input?.defaultValue != nil)
            }
            moment += 1
            for (place, rule) in dispatch.directiveLeave {
                self.rule = place
                rule.leaveDirective(directive, self)
            }
        }
    }

    private func walk(argumentsOf node: Field, _ definition: FieldReference?) {
        for argument in node.arguments {
            moment += 1
            let place = definition.flatMap {
                schema.argumentPlace(argument.name.value, of: $0)
            }
            for (rulePlace, rule) in dispatch.argument {
                self.rule = rulePlace
                rule.enterArgument(argument, of: node, isDefined: place != nil, self)
            }
            walk(argument.value, type: place?.type, hasDefault: place?.hasDefault ?? false)
        }
    }

    // MARK: Values

    private func walk(_ value: Value, type: TypeReference?, hasDefault: Bool) {
        moment += 1
        if case .variable = value.kind {
        } else {
            for (place, rule) in dispatch.value {
                self.rule = place
                rule.enterValue(TypedValue(value: value, type: type), self)
            }
        }
        noteVariables(in: value, type: type, hasDefault: hasDefault, oneOf: nil)
    }

    private func noteVariables(
        in value: Value, type: TypeReference?, hasDefault: Bool, oneOf: TypeID?
    ) {
        switch value.kind {
        case .variable(let name):
            facts.variableUses.append(
                DocumentFacts.VariableUse(
                    name: facts.names.id(of: name), type: type, hasDefault: hasDefault,
                    oneOf: oneOf, offset: value.offset))
        case .list(let items):
            let item = type.flatMap { $0.isList ? $0.item : nil }
            for value in items {
                noteVariables(in: value, type: item, hasDefault: false, oneOf: nil)
            }
        case .object(let fields):
            let object = type.flatMap {
                schema.types[$0.named.index].kind == .inputObject ? $0.named : nil
            }
            for field in fields {
                guard let object,
                    let index = schema.types[object.index].memberIndex[field.name.value]
                else {
                    noteVariables(in: field.value, type: nil, hasDefault: false, oneOf: nil)
                    continue
                }
                let isOneOf = schema.types[object.index].isOneOf
                noteVariables(
                    in: field.value, type: schema.types[object.index].inputFields[index].type,
                    hasDefault: schema.types[object.index].inputFields[index].defaultValue != nil,
                    oneOf: isOneOf ? object : nil)
            }
        case .int, .float, .string, .boolean, .null, .enum: break
        }
    }
}
