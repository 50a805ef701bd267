import GraphQLLanguage

/// The one walk through a document: it knows the types at each place, calls the rules, and notes
/// down the facts.
///
/// Recursion follows the nesting of the source, which the parser bounds; fragments are not followed.
extension ValidationContext {
    func walk() {
        run(dispatch.enterDocument, document)
        for definition in document.definitions {
            switch definition {
            case .operation(let operation): walk(operation)
            case .fragment(let fragment): walk(fragment)
            case .schema, .type, .directive: break
            }
        }
    }

    @inline(__always)
    private func run<Node>(_ hooks: [RuleDispatch.Entry<Node>], _ node: Node) {
        for entry in hooks {
            rule = entry.rule
            entry.hook(self, node)
        }
    }

    // MARK: Definitions

    private func walk(_ operation: OperationDefinition) {
        moment += 1
        let enterMoment = moment
        let usesBefore = facts.variableUses.count
        run(dispatch.enterOperation, operation)
        if !operation.directives.isEmpty { run(dispatch.enterDirectives, operation.directives) }
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
        run(dispatch.enterFragment, fragment)
        if !fragment.directives.isEmpty { run(dispatch.enterDirectives, fragment.directives) }
        walk(typeName: fragment.typeCondition)
        walk(fragment.directives, on: .fragmentDefinition)
        let condition = schema.type(named: fragment.typeCondition.value)
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
        run(dispatch.enterVariable, variable)
        if !variable.directives.isEmpty { run(dispatch.enterDirectives, variable.directives) }
        walk(typeName: variable.type.name)
        if let value = variable.defaultValue {
            let type = schema.typeReference(from: variable.type)
            walk(
                value,
                type: type.flatMap { schema.types[$0.named.index].isInput ? $0 : nil },
                hasDefault: false)
        }
        walk(variable.directives, on: .variableDefinition)
    }

    private func walk(typeName: Name) {
        moment += 1
        run(dispatch.enterNamedType, typeName)
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
        let definition = parent.flatMap { schema.field(node.name.value, on: $0) }
        let type = definition.flatMap { schema.type(of: $0) }
        field = definition
        self.type = type
        run(dispatch.enterField, node)
        if !node.directives.isEmpty { run(dispatch.enterDirectives, node.directives) }

        let id = note(node, parent: parent, type: type, definition: definition)
        if !node.arguments.isEmpty { walk(argumentsOf: node, definition) }
        walk(node.directives, on: .field)
        if let set = node.selectionSet {
            facts.fields[id].selectionSet = walk(set, parent: composite(type?.named))
            parentType = parent
            field = definition
            self.type = type
        }
        moment += 1
        run(dispatch.leaveField, node)
        return id
    }

    private func walk(_ fragment: InlineFragment, parent: TypeID?) -> DocumentFacts.SetID {
        moment += 1
        let condition = fragment.typeCondition.map { schema.type(named: $0.value) } ?? parent
        type = condition.map { TypeReference(named: $0) }
        run(dispatch.enterInlineFragment, fragment)
        if !fragment.directives.isEmpty { run(dispatch.enterDirectives, fragment.directives) }
        if let name = fragment.typeCondition { walk(typeName: name) }
        walk(fragment.directives, on: .inlineFragment)
        return walk(
            fragment.selectionSet, parent: composite(condition),
            typeCondition: fragment.typeCondition == nil ? nil : condition, isInline: true)
    }

    private func walk(_ spread: FragmentSpread) {
        moment += 1
        run(dispatch.enterFragmentSpread, spread)
        if !spread.directives.isEmpty { run(dispatch.enterDirectives, spread.directives) }
        walk(spread.directives, on: .fragmentSpread)
    }

    /// The type when fields can be selected on it.
    private func composite(_ type: TypeID?) -> TypeID? {
        guard let type, schema.types[type.index].isComposite else { return nil }
        return type
    }

    private func note(
        _ node: Field, parent: TypeID?, type: TypeReference?, definition: FieldReference?
    ) -> DocumentFacts.FieldID {
        let name = facts.names.id(of: node.name.value)
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

    private func walk(_ directives: [Directive], on location: DirectiveLocation) {
        for directive in directives {
            moment += 1
            directiveLocation = location
            run(dispatch.enterDirective, directive)
            let definition = schema.directive(named: directive.name.value)
            for argument in directive.arguments {
                moment += 1
                let input = definition?.argument(argument.name.value)
                walk(argument.value, type: input?.type, hasDefault: input?.defaultValue != nil)
            }
            moment += 1
            run(dispatch.leaveDirective, directive)
        }
    }

    private func walk(argumentsOf node: Field, _ definition: FieldReference?) {
        let inputs = definition.map { schema.arguments(of: $0) } ?? []
        fieldName = node.name.value
        for argument in node.arguments {
            moment += 1
            let input = inputs.first { $0.name == argument.name.value }
            self.argument = input
            run(dispatch.enterArgument, argument)
            walk(argument.value, type: input?.type, hasDefault: input?.defaultValue != nil)
        }
        self.argument = nil
    }

    // MARK: Values

    private func walk(_ value: Value, type: TypeReference?, hasDefault: Bool) {
        moment += 1
        if case .variable = value.kind {
        } else {
            run(dispatch.enterValue, TypedValue(value: value, type: type))
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
