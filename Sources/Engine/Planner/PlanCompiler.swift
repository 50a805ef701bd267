import Bytes
import GraphQL
import GraphQLLanguage
import Store

/// Turns a validated operation into a plan.
///
/// Selection sets become blocks of instructions, arguments become argument plans, and a list whose
/// source cannot change gets it here. The plan is for one combination of the values of the
/// variables in `@skip` and `@include`.
struct PlanCompiler {
    let context: EngineContext
    let view: VersionView
    /// What validation noted down of the document.
    let facts: DocumentFacts
    /// Of the document, for introspection; empty when there is none.
    let fragments: [String: FragmentDefinition]
    /// The operation's variables, in order: look-ups name them by place.
    let variables: [VariableDefinition]
    let introspection: Introspection
    /// Whose plan it is; nil when everything may be seen.
    let role: RoleAccess?
    /// Groups that are collected must be dropped, the last ones first.
    var collection: FieldCollection
    var draft = PlanDraft()

    /// What a valid document can still hold that no plan can be made of.
    enum Failure: Error {
        case argument(String, sourceOffset: Int)
        case nameTooLong(sourceOffset: Int)
        /// The role may not ask for this.
        case forbidden(String, sourceOffset: Int)
    }

    init(
        context: EngineContext, view: VersionView, introspection: Introspection,
        facts: DocumentFacts, fragments: [String: FragmentDefinition],
        variables: [VariableDefinition], conditions: [String: Bool], role: RoleAccess?
    ) {
        self.context = context
        self.view = view
        self.introspection = introspection
        self.facts = facts
        self.fragments = fragments
        self.variables = variables
        self.role = role
        collection = FieldCollection(
            facts: facts, schema: context.model.schema, conditions: conditions)
        draft.reserve(forFieldCount: facts.fields.count)
    }

    /// The plan of a query or a mutation.
    mutating func compile(_ operation: DocumentFacts.Operation) throws(Failure) -> Plan {
        if operation.type == .mutation, let root = schema.mutationType {
            for place in collection.collect(operation.selectionSet, on: root) {
                try mutation(collection.groups[place], root)
            }
            return Plan(draft)
        }
        for place in collection.collect(operation.selectionSet, on: schema.queryType) {
            try root(collection.groups[place])
        }
        return Plan(draft)
    }

    var schema: Schema { context.model.schema }

    // MARK: Fields

    func field(_ group: FieldGroup) -> DocumentFacts.Field { facts.fields[group.first] }
    func name(_ group: FieldGroup) -> String { facts.names[field(group).name] }
    func responseName(_ group: FieldGroup) -> String { facts.names[field(group).responseName] }

    /// The definition that the schema has of a group's field; nil for the fields that every schema
    /// has.
    func definition(_ group: FieldGroup) -> FieldType? {
        guard case .member(let type, let index) = field(group).definition else { return nil }
        return schema[type].fields[index]
    }

    func isTypename(_ group: FieldGroup) -> Bool {
        if case .typename = field(group).definition { true } else { false }
    }

    // MARK: Query

    mutating func root(_ group: FieldGroup) throws(Failure) {
        switch field(group).definition {
        case .typename: return try typename(group, schema[schema.queryType])
        case .schema, .type: return try introspectionField(group)
        case .member, nil: break
        }
        guard let definition = definition(group) else { return }
        if let rule = rule(of: group) {
            try require(role?.mayAsk("Query", definition.name) ?? true, group)
            return try computed(group, definition, rule)
        }
        switch context.model.bindings[definition.type.named.index] {
        case .connection(let table): try list(group, definition, table, relation: nil)
        case .table(let table): try lookUp(group, definition, table)
        case .node: try node(group, definition)
        default: return
        }
    }

    private mutating func introspectionField(_ group: FieldGroup) throws(Failure) {
        let buffer = ByteBuffer()
        var usesVariables = false
        let fields = collection.fields(of: group).compactMap { field in
            facts.introspectionRoots.first { $0.field == field }?.node
        }
        let isWritten = introspection.write(
            fields: fields, fragments: fragments,
            variable: { name in
                if let known = collection.conditions[name] { return .boolean(known) }
                usesVariables = true
                return nil
            }, to: buffer)
        draft.introspections.append(
            IntrospectionPlan(
                fields: fields, fragments: fragments,
                constant: usesVariables || !isWritten ? nil : buffer.bytes))
        try leaf(.introspection, group, operand: draft.introspections.count - 1, isNonNull: false)
    }

    private mutating func lookUp(
        _ group: FieldGroup, _ definition: FieldType, _ table: TableID
    ) throws(Failure) {
        try require(.read, of: table, group)
        let model = context.model[table]
        let arguments = try self.arguments(group, definition)
        var key = LookUpPlan.Key.id
        if let found = model.keys.first(where: { $0.queryField == definition.name }) {
            key = .key(found)
            let masked = role?[table].masked ?? []
            let isOpen = model.fields.allSatisfy { field in
                guard case .column(let column, _) = field.kind else { return true }
                return !found.columns.contains(column) || !masked.contains(field.name)
            }
            try require(isOpen, group)
        }
        var idVariable: Int?
        var idConstant: ConstantRange?
        if case .id = key {
            switch arguments.first?.value {
            case .variable(let name):
                // One that may be null, having a default, goes the way that can refuse a null.
                idVariable = variables.firstIndex {
                    if case .nonNull = $0.type { $0.name.value == name } else { false }
                }
            case .string(let id): idConstant = draft.constant(id)
            default: break
            }
        }
        draft.lookUps.append(
            LookUpPlan(
                table: table, key: key, arguments: arguments, idVariable: idVariable,
                idConstant: idConstant))
        let place = try open(.lookUp, group, operand: draft.lookUps.count - 1, isNonNull: false)
        try row(group, table)
        close(place)
    }

    private mutating func node(_ group: FieldGroup, _ definition: FieldType) throws(Failure) {
        let arguments = try self.arguments(group, definition)
        let dispatch = draft.nodeDispatches.count
        draft.nodeDispatches.append(NodeDispatch(argument: arguments[0], blocks: []))
        let place = try open(
            definition.type.isList ? .nodeList : .node, group, operand: dispatch,
            isNonNull: definition.type.isNonNull)
        var blocks: [Range<Int>?] = []
        for table in context.model.tables {
            if let role, !role[table.id].isOpen(to: .read) {
                // An id of such a row is like one of nothing.
                blocks.append(nil)
                continue
            }
            let start = draft.instructions.count
            try row(group, table.id)
            blocks.append(start..<draft.instructions.count)
        }
        draft.nodeDispatches[dispatch] = NodeDispatch(argument: arguments[0], blocks: blocks)
        close(place)
    }

    // MARK: Rows

    /// The instructions for the fields of one row, which `owner` leads to.
    mutating func row(_ owner: FieldGroup, _ table: TableID) throws(Failure) {
        let type = context.rowType(of: table)
        let groups = collection.collect(owner, on: type)
        for place in groups {
            let group = collection.groups[place]
            guard case .member(let parent, let index) = field(group).definition else {
                try typename(group, schema[type])
                continue
            }
            // A fragment on an interface has the interface's field in mind.
            let known = parent == type ? context.rowField(index, of: table) : nil
            guard let field = known ?? context.model[table].field(name(group)) else { continue }
            if let role, role[table].masked.contains(field.name) {
                try masked(group, field)
                continue
            }
            switch field.kind {
            case .id:
                try identifier(.identifier, group, context.layouts.column(table, 0), table, true)
            case .referenceID(let column, let target):
                try identifier(
                    isGuarded(column, of: table, to: target) ? .guardedReferenceID : .referenceID,
                    group, context.layouts.column(table, column), target, !field.isNullable)
            case .toOne(let column, let target):
                try require(.read, of: target, group)
                let place = try open(
                    isGuarded(column, of: table, to: target) ? .guardedToOne : .toOne, group,
                    column: context.layouts.column(table, column),
                    operand: target.index, isNonNull: !field.isNullable)
                try row(group, target)
                close(place)
            case .toMany(let relation):
                guard let definition = schema[type].field(field.name) else { continue }
                try list(group, definition, relation.target, relation: relation)
            case .computed:
                guard let definition = schema[type].field(field.name), let rule = rule(of: group)
                else { continue }
                try computed(group, definition, rule)
            case .column(let column, let stored):
                try storedField(group, stored, context.layouts.column(table, column), field)
            }
        }
        collection.drop(groups)
    }

    private mutating func storedField(
        _ group: FieldGroup, _ stored: StoredType, _ column: Column, _ field: FieldModel
    ) throws(Failure) {
        switch stored {
        case .scalar(let kind):
            try leaf(kind.operation, group, column: column, isNonNull: !field.isNullable)
        case .enum(let id):
            try leaf(
                .enumeration, group, column: column,
                operand: draft.names(of: id, context), isNonNull: !field.isNullable)
        case .value, .list, .reference:
            let place = try open(.value, group, column: column, isNonNull: !field.isNullable)
            let plan = try value(stored, group)
            draft.values.append(plan)
            draft.instructions[place].operand = Int32(draft.values.count - 1)
            close(place)
        }
    }

    private mutating func value(_ stored: StoredType, _ group: FieldGroup) throws(Failure)
        -> ValuePlan
    {
        switch stored {
        case .scalar(let kind): return .scalar(kind)
        case .enum(let id): return .enumeration(firstName: draft.names(of: id, context))
        case .list(let item, _):
            return .list(try value(item, group), width: item.payloadWidth)
        case .reference(let table):
            try require(.read, of: table, group)
            let start = draft.instructions.count
            try row(group, table)
            return .row(table, start..<draft.instructions.count)
        case .value(let id):
            let model = context.model[id]
            guard let type = schema.type(named: model.name) else {
                return .object([], ValueLayout([]))
            }
            var members: [ValuePlan.Member] = []
            let parts = collection.collect(group, on: type)
            for place in parts {
                let part = collection.groups[place]
                if isTypename(part) {
                    members.append(
                        ValuePlan.Member(
                            key: draft.key(responseName(part), value: quoted(model.name)),
                            place: nil,
                            plan: .scalar(.json), isNonNull: true))
                    continue
                }
                let name = name(part)
                guard let place = model.fields.firstIndex(where: { $0.name == name }) else {
                    continue
                }
                let field = model.fields[place]
                members.append(
                    ValuePlan.Member(
                        key: draft.key(responseName(part)), place: place,
                        plan: try value(field.type, part), isNonNull: !field.isNullable))
            }
            collection.drop(parts)
            return .object(members, model.layout)
        }
    }

    // MARK: Arguments

    /// In the order of the definition.
    func arguments(_ group: FieldGroup, _ definition: FieldType) throws(Failure)
        -> [ArgumentPlan]
    {
        var plans = definition.arguments.map { ArgumentPlan(definition: $0, value: nil) }
        guard let place = field(group).arguments else { return plans }
        let list = facts.argumentLists[place]
        if list.values.count == list.arguments.count {
            for value in facts.argumentValues[list.values] {
                plans[value.index].give(value.value)
            }
            return plans
        }
        for argument in list.arguments {
            guard let index = definition.argumentIndex(argument.name.value) else { continue }
            plans[index].give(try value(of: argument, definition.arguments[index]))
        }
        return plans
    }

    /// The meaning of an argument that validation could not give.
    private func value(of argument: Argument, _ definition: InputValue) throws(Failure)
        -> CoercedValue
    {
        do {
            return try coerceLiteral(
                argument.value, to: definition.type, schema: schema,
                codecs: context.model.codecs)
        } catch {
            throw .argument(
                error.errors.first?.sentence(
                    "Argument \"\(definition.name)\" has invalid value") ?? definition.name,
                sourceOffset: argument.value.offset)
        }
    }

    // MARK: Instructions

    mutating func typename(_ group: FieldGroup, _ type: NamedType) throws(Failure) {
        try constant(group, quoted(type.name))
    }

    /// A leaf that is the same in every answer.
    mutating func constant(_ group: FieldGroup, _ value: String) throws(Failure) {
        try add(.constant, group, value: value, column: nil, operand: 0, isNonNull: true)
    }

    private mutating func identifier(
        _ operation: Instruction.Operation, _ group: FieldGroup, _ column: Column,
        _ table: TableID, _ isNonNull: Bool
    ) throws(Failure) {
        let prefix = context.model[table].idPrefix
        try add(
            operation, group, column: column, operand: prefix.utf8.count + 1,
            isNonNull: isNonNull)
        draft.instructions[draft.instructions.count - 1].table = Int32(table.index)
        _ = draft.constant("\"" + prefix)
    }

    mutating func leaf(
        _ operation: Instruction.Operation, _ group: FieldGroup, column: Column? = nil,
        operand: Int = 0, isNonNull: Bool
    ) throws(Failure) {
        try add(
            operation, group, column: column, operand: operand, isNonNull: isNonNull)
    }

    mutating func open(
        _ operation: Instruction.Operation, _ group: FieldGroup, column: Column? = nil,
        operand: Int = 0, isNonNull: Bool
    ) throws(Failure) -> Int {
        try add(
            operation, group, column: column, operand: operand, isNonNull: isNonNull)
        return draft.instructions.count - 1
    }

    mutating func close(_ place: Int) {
        draft.instructions[place].end = Int32(draft.instructions.count)
    }

    private mutating func add(
        _ operation: Instruction.Operation, _ group: FieldGroup, value: String? = nil,
        column: Column?, operand: Int, isNonNull: Bool
    ) throws(Failure) {
        let range = draft.key(responseName(group), value: value)
        let sourceOffset = field(group).offset
        guard let length = UInt16(exactly: range.count) else {
            throw .nameTooLong(sourceOffset: sourceOffset)
        }
        draft.instructions.append(
            Instruction(
                operation: operation, isNonNull: isNonNull, keyLength: length,
                keyOffset: UInt32(range.offset),
                column: column ?? context.layouts.column(TableID(0), 0), operand: Int32(operand),
                table: 0, end: Int32(draft.instructions.count + 1),
                sourceOffset: Int32(sourceOffset)))
    }
}

extension ScalarKind {
    /// The instruction that writes a column of this kind.
    var operation: Instruction.Operation {
        switch self {
        case .id, .string, .emailAddress: .text
        case .int: .int32
        case .long: .int64
        case .float: .double
        case .boolean: .boolean
        case .dateTime: .dateTime
        case .date: .date
        case .json: .json
        }
    }
}
