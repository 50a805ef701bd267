import GraphQLLanguage

/// The one walk through a document: it knows the types at each place, calls the rules, and notes
/// down the facts.
///
/// Recursion follows the nesting of the source, which the parser bounds; fragments are not followed.
extension ValidationContext {
    func walk() {
        for call in dispatch.document.indices {
            let rule = begin(dispatch.document[call])
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
        for call in dispatch.operation.indices {
            let rule = begin(dispatch.operation[call])
            rule.enterOperation(operation, self)
        }
        enter(operation.directives)
        let variables = operation.variables.map { walk($0) }
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
                variables: variables, selectionSet: set,
                variableUses: usesBefore..<facts.variableUses.count, enterMoment: enterMoment,
                leaveMoment: moment))
    }

    private func walk(_ fragment: FragmentDefinition) {
        moment += 1
        let enterMoment = moment
        let usesBefore = facts.variableUses.count
        let spreadsBefore = spreadCount
        let condition = schema.type(named: fragment.typeCondition)
        type = condition.map { TypeReference(named: $0) }
        for call in dispatch.fragment.indices {
            let rule = begin(dispatch.fragment[call])
            rule.enterFragment(fragment, self)
        }
        enter(fragment.directives)
        walk(fragment.typeCondition, type: condition)
        walk(fragment.directives, on: .fragmentDefinition)
        let set = walk(fragment.selectionSet, parent: composite(condition))
        moment += 1
        facts.addFragment(
            DocumentFacts.Fragment(
                name: facts.names.id(of: fragment.name), nameOffset: fragment.name.offset,
                offset: fragment.offset, typeCondition: condition, selectionSet: set,
                variableUses: usesBefore..<facts.variableUses.count,
                hasSpreads: spreadCount > spreadsBefore, enterMoment: enterMoment))
    }

    private func walk(_ variable: VariableDefinition) -> DocumentFacts.Variable {
        moment += 1
        for call in dispatch.variable.indices {
            let rule = begin(dispatch.variable[call])
            rule.enterVariable(variable, self)
        }
        enter(variable.directives)
        walk(variable.type.name, type: schema.type(named: variable.type.name))
        let type = schema.typeReference(from: variable.type)
        var hasDefault = false
        if let value = variable.defaultValue {
            if case .null = value.kind {} else { hasDefault = true }
            walk(
                value,
                type: type.flatMap { schema.kind($0.named).isInput ? $0 : nil },
                hasDefault: false)
        }
        walk(variable.directives, on: .variableDefinition)
        return DocumentFacts.Variable(
            name: facts.names.id(of: variable.name), type: type, hasDefault: hasDefault,
            offset: variable.offset)
    }

    private func walk(_ typeName: Name, type: TypeID?) {
        moment += 1
        for call in dispatch.namedType.indices {
            let rule = begin(dispatch.namedType[call])
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
            contentsOf: repeatElement(
                DocumentFacts.Member(kind: .inlineFragment(id), condition: nil),
                count: set.selections.count))
        let outerParent = parentType
        var place = start
        for selection in set.selections {
            parentType = parent
            switch selection {
            case .field(let field):
                if !field.directives.isEmpty { noteCondition(field.directives, of: place) }
                facts.members[place].kind = .field(walk(field, parent: parent))
            case .inlineFragment(let fragment):
                if !fragment.directives.isEmpty { noteCondition(fragment.directives, of: place) }
                facts.members[place].kind = .inlineFragment(walk(fragment, parent: parent))
            case .fragmentSpread(let spread):
                let name = facts.names.id(of: spread.name)
                facts.members[place].kind = .spread(name, offset: spread.offset)
                walk(spread, name: name)
                if !spread.directives.isEmpty { noteCondition(spread.directives, of: place) }
            }
            place += 1
        }
        parentType = outerParent
        return id
    }

    private func walk(_ node: Field, parent: TypeID?) -> DocumentFacts.FieldID {
        moment += 1
        let name = facts.names.id(of: node.name)
        find(node.name, on: parent)
        let definition = field
        let type = type
        let needsArguments = hasRequiredArguments
        for call in dispatch.field.indices {
            let rule = begin(dispatch.field[call])
            rule.enterField(node, self)
        }
        enter(node.directives)

        let id = note(node, name: name, parent: parent, type: type, definition: definition)
        if let list = facts.fields[id].arguments { walk(argumentsOf: node, definition, list) }
        walk(node.directives, on: .field)
        if let set = node.selectionSet {
            facts.fields[id].selectionSet = walk(set, parent: composite(type?.named))
            parentType = parent
            field = definition
            self.type = type
            hasRequiredArguments = needsArguments
        }
        moment += 1
        for call in dispatch.fieldLeave.indices {
            let rule = begin(dispatch.fieldLeave[call])
            rule.leaveField(node, self)
        }
        return id
    }

    private func walk(_ fragment: InlineFragment, parent: TypeID?) -> DocumentFacts.SetID {
        moment += 1
        let condition = fragment.typeCondition.map { schema.type(named: $0) } ?? parent
        type = condition.map { TypeReference(named: $0) }
        for call in dispatch.inlineFragment.indices {
            let rule = begin(dispatch.inlineFragment[call])
            rule.enterInlineFragment(fragment, self)
        }
        enter(fragment.directives)
        if let name = fragment.typeCondition { walk(name, type: condition) }
        walk(fragment.directives, on: .inlineFragment)
        return walk(
            fragment.selectionSet, parent: composite(condition),
            typeCondition: fragment.typeCondition == nil ? nil : condition, isInline: true)
    }

    private func walk(_ spread: FragmentSpread, name: DocumentFacts.NameID) {
        moment += 1
        spreadCount += 1
        let isDefined = name < fragmentTypes.count
        let type = isDefined ? fragmentTypes[name] : nil
        for call in dispatch.fragmentSpread.indices {
            let rule = begin(dispatch.fragmentSpread[call])
            rule.enterFragmentSpread(spread, isDefined: isDefined, type: type, self)
        }
        enter(spread.directives)
        walk(spread.directives, on: .fragmentSpread)
    }

    /// The type when fields can be selected on it.
    private func composite(_ type: TypeID?) -> TypeID? {
        guard let type, schema.kind(type).isComposite else { return nil }
        return type
    }

    private func note(
        _ node: Field, name: DocumentFacts.NameID, parent: TypeID?, type: TypeReference?,
        definition: FieldReference?
    ) -> DocumentFacts.FieldID {
        let responseName = node.alias.map { facts.names.id(of: $0) } ?? name
        var arguments: Int?
        if !node.arguments.isEmpty {
            arguments = facts.argumentLists.count
            let end = facts.argumentValues.count
            facts.argumentLists.append(
                DocumentFacts.ArgumentList(arguments: node.arguments, values: end..<end))
        }
        let id = facts.fields.count
        facts.fields.append(
            DocumentFacts.Field(
                responseName: responseName, name: name, parent: parent, definition: definition,
                type: type, arguments: arguments, offset: node.offset))
        switch definition {
        case .schema, .type:
            facts.introspectionRoots.append(
                DocumentFacts.IntrospectionRoot(moment: moment, field: id, node: node))
        default: break
        }
        return id
    }

    private func noteCondition(_ directives: [Directive], of member: Int) {
        guard directives.contains(where: { $0.name.value == "skip" || $0.name.value == "include" })
        else { return }
        facts.members[member].condition = facts.conditions.count
        facts.conditions.append(directives)
    }

    // MARK: Directives and arguments

    private func enter(_ directives: [Directive]) {
        if directives.isEmpty { return }
        for call in dispatch.directives.indices {
            let rule = begin(dispatch.directives[call])
            rule.enterDirectives(directives, self)
        }
    }

    private func walk(_ directives: [Directive], on location: DirectiveLocation) {
        for directive in directives {
            moment += 1
            directiveLocation = location
            for call in dispatch.directive.indices {
                let rule = begin(dispatch.directive[call])
                rule.enterDirective(directive, self)
            }
            let definition = schema.directive(named: directive.name)
            for argument in directive.arguments {
                moment += 1
                let input = definition?.argument(argument.name.value)
                walk(argument.value, type: input?.type, hasDefault: input?.defaultValue != nil)
            }
            moment += 1
            for call in dispatch.directiveLeave.indices {
                let rule = begin(dispatch.directiveLeave[call])
                rule.leaveDirective(directive, self)
            }
        }
    }

    private func walk(
        argumentsOf node: Field, _ definition: FieldReference?, _ list: Int
    ) {
        for argument in node.arguments {
            moment += 1
            let place = definition.flatMap { schema.argumentPlace(argument.name, of: $0) }
            for call in dispatch.argument.indices {
                let rule = begin(dispatch.argument[call])
                rule.enterArgument(argument, of: node, isDefined: place != nil, self)
            }
            walk(argument.value, type: place?.type, hasDefault: place?.hasDefault ?? false)
            if let place, let value {
                facts.argumentValues.append(CoercedField(index: place.index, value: value))
            }
        }
        let start = facts.argumentLists[list].values.lowerBound
        facts.argumentLists[list].values = start..<facts.argumentValues.count
    }

    // MARK: Values

    private func walk(_ value: Value, type: TypeReference?, hasDefault: Bool) {
        moment += 1
        self.value = nil
        valueMayHaveVariables = true
        if case .variable(let name) = value.kind {
            self.value = .variable(name)
        } else {
            for call in dispatch.value.indices {
                let rule = begin(dispatch.value[call])
                rule.enterValue(TypedValue(value: value, type: type), self)
            }
        }
        if valueMayHaveVariables {
            noteVariables(in: value, type: type, hasDefault: hasDefault, oneOf: nil)
        }
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
                schema.kind($0.named) == .inputObject ? $0.named : nil
            }
            for field in fields {
                guard let object, let member = schema.member(field.name, of: object) else {
                    noteVariables(in: field.value, type: nil, hasDefault: false, oneOf: nil)
                    continue
                }
                let isOneOf = schema.types[object.index].isOneOf
                noteVariables(
                    in: field.value, type: member.type, hasDefault: member.hasDefault,
                    oneOf: isOneOf ? object : nil)
            }
        case .int, .float, .string, .boolean, .null, .enum: break
        }
    }
}
