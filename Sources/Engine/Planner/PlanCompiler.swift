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
    let collection: FieldCollection
    let fragments: [String: FragmentDefinition]
    /// The operation's variables, in order: look-ups name them by place.
    let variables: [VariableDefinition]
    let introspection: Introspection
    var draft = PlanDraft()

    /// What a valid document can still hold that no plan can be made of.
    enum Failure: Error {
        case argument(String, sourceOffset: Int)
        case nameTooLong(sourceOffset: Int)
    }

    init(
        context: EngineContext, view: VersionView, introspection: Introspection,
        fragments: [String: FragmentDefinition], variables: [VariableDefinition],
        conditions: [String: Bool]
    ) {
        self.context = context
        self.view = view
        self.introspection = introspection
        self.fragments = fragments
        self.variables = variables
        collection = FieldCollection(
            schema: context.model.schema, fragments: fragments, conditions: conditions)
    }

    /// The plan of a query operation.
    mutating func compile(_ operation: OperationDefinition) throws(Failure) -> Plan {
        let groups = collection.collect([operation.selectionSet], on: schema.queryType)
        for group in groups { try root(group) }
        return Plan(draft)
    }

    private var schema: Schema { context.model.schema }

    // MARK: Query

    private mutating func root(_ group: FieldGroup) throws(Failure) {
        let field = group.first
        if field.name.value == "__typename" { return try typename(group, schema[schema.queryType]) }
        if field.name.value == "__schema" || field.name.value == "__type" {
            return try introspectionField(group)
        }
        guard let definition = schema[schema.queryType].field(field.name.value) else { return }
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
        let isWritten = introspection.write(
            fields: group.fields, fragments: fragments,
            variable: { name in
                if let known = collection.conditions[name] { return .boolean(known) }
                usesVariables = true
                return nil
            }, to: buffer)
        draft.introspections.append(
            IntrospectionPlan(
                fields: group.fields, fragments: fragments,
                constant: usesVariables || !isWritten ? nil : buffer.bytes))
        try leaf(.introspection, group, operand: draft.introspections.count - 1, isNonNull: false)
    }

    private mutating func lookUp(
        _ group: FieldGroup, _ definition: FieldType, _ table: TableID
    ) throws(Failure) {
        let model = context.model[table]
        let arguments = try self.arguments(group.first, definition)
        var key = LookUpPlan.Key.id
        if let found = model.keys.first(where: { $0.queryField == definition.name }) {
            key = .key(found)
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
        try row(group.selectionSets, table)
        close(place)
    }

    private mutating func node(_ group: FieldGroup, _ definition: FieldType) throws(Failure) {
        let arguments = try self.arguments(group.first, definition)
        let dispatch = draft.nodeDispatches.count
        draft.nodeDispatches.append(NodeDispatch(argument: arguments[0], blocks: []))
        let place = try open(
            definition.type.isList ? .nodeList : .node, group, operand: dispatch,
            isNonNull: definition.type.isNonNull)
        var blocks: [Range<Int>] = []
        for table in context.model.tables {
            let start = draft.instructions.count
            try row(group.selectionSets, table.id)
            blocks.append(start..<draft.instructions.count)
        }
        draft.nodeDispatches[dispatch] = NodeDispatch(argument: arguments[0], blocks: blocks)
        close(place)
    }

    // MARK: Rows

    /// The instructions for the fields of one row.
    private mutating func row(_ sets: [SelectionSet], _ table: TableID) throws(Failure) {
        let model = context.model[table]
        guard let type = schema.type(named: model.name) else { return }
        for group in collection.collect(sets, on: type) {
            if group.first.name.value == "__typename" {
                try typename(group, schema[type])
                continue
            }
            guard let field = model.field(group.first.name.value) else { continue }
            switch field.kind {
            case .id:
                try identifier(.identifier, group, context.layouts.column(table, 0), table, true)
            case .referenceID(let column, let target):
                try identifier(
                    .referenceID, group, context.layouts.column(table, column), target,
                    !field.isNullable)
            case .toOne(let column, let target):
                let place = try open(
                    .toOne, group, column: context.layouts.column(table, column),
                    operand: target.index, isNonNull: !field.isNullable)
                try row(group.selectionSets, target)
                close(place)
            case .toMany(let relation):
                guard let definition = schema[type].field(field.name) else { continue }
                try list(group, definition, relation.target, relation: relation)
            case .column(let column, let stored):
                try storedField(group, stored, context.layouts.column(table, column), field)
            }
        }
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
                operand: draft.names(of: context.model[id]), isNonNull: !field.isNullable)
        case .value, .list, .reference:
            let place = try open(.value, group, column: column, isNonNull: !field.isNullable)
            let plan = try value(stored, group.selectionSets)
            draft.values.append(plan)
            draft.instructions[place].operand = Int32(draft.values.count - 1)
            close(place)
        }
    }

    private mutating func value(_ stored: StoredType, _ sets: [SelectionSet]) throws(Failure)
        -> ValuePlan
    {
        switch stored {
        case .scalar(let kind): return .scalar(kind)
        case .enum(let id): return .enumeration(firstName: draft.names(of: context.model[id]))
        case .list(let item, _):
            return .list(try value(item, sets), width: item.payloadWidth)
        case .reference(let table):
            let start = draft.instructions.count
            try row(sets, table)
            return .row(table, start..<draft.instructions.count)
        case .value(let id):
            let model = context.model[id]
            guard let type = schema.type(named: model.name) else {
                return .object([], ValueLayout([]))
            }
            var members: [ValuePlan.Member] = []
            for group in collection.collect(sets, on: type) {
                if group.first.name.value == "__typename" {
                    members.append(
                        ValuePlan.Member(
                            key: draft.key(group.responseName, value: model.name), place: nil,
                            plan: .scalar(.json), isNonNull: true))
                    continue
                }
                guard
                    let place = model.fields.firstIndex(where: {
                        $0.name == group.first.name.value
                    })
                else { continue }
                let field = model.fields[place]
                members.append(
                    ValuePlan.Member(
                        key: draft.key(group.responseName), place: place,
                        plan: try value(field.type, group.selectionSets),
                        isNonNull: !field.isNullable))
            }
            return .object(members, ValueLayout(model.fields.map(\.type)))
        }
    }

    // MARK: Connections

    private mutating func list(
        _ group: FieldGroup, _ definition: FieldType, _ table: TableID, relation: ToManyModel?
    ) throws(Failure) {
        let arguments = try listArguments(group.first, definition)
        let connection = definition.type.named
        let parts = collection.collect(group.selectionSets, on: connection)
        let needs = needs(parts)
        var fixed: ResolvedList?
        if arguments.isFixed {
            let resolver = ListResolver(context: context, view: view, variables: [:])
            // What is wrong with the arguments is told when the field is executed.
            fixed = try? resolver.resolve(arguments, table: table, relation: relation)
        }
        draft.lists.append(
            ListPlan(
                table: table, relation: relation, arguments: arguments, needsRows: needs.rows,
                needsPrevious: needs.previous, fixed: fixed))
        let place = try open(.list, group, operand: draft.lists.count - 1, isNonNull: true)
        for part in parts { try connectionPart(part, connection, table) }
        close(place)
    }

    /// Whether a page must be gathered, and whether it matters what comes before it.
    private func needs(_ parts: [FieldGroup]) -> (rows: Bool, previous: Bool) {
        var rows = false
        var previous = false
        for part in parts {
            switch part.first.name.value {
            case "nodes", "edges": rows = true
            case "pageInfo":
                rows = true
                let fields = collection.collect(
                    part.selectionSets, on: schema.type(named: "PageInfo") ?? schema.queryType)
                previous = previous || fields.contains { $0.first.name.value == "hasPreviousPage" }
            default: continue
            }
        }
        return (rows, previous)
    }

    private mutating func connectionPart(
        _ group: FieldGroup, _ connection: TypeID, _ table: TableID
    ) throws(Failure) {
        switch group.first.name.value {
        case "__typename": try typename(group, schema[connection])
        case "nodes":
            let place = try open(.nodes, group, isNonNull: true)
            try row(group.selectionSets, table)
            close(place)
        case "edges":
            let place = try open(.edges, group, isNonNull: true)
            try edge(group, schema[connection], table)
            close(place)
        case "pageInfo":
            let place = try open(.pageInfo, group, isNonNull: true)
            try pageInfo(group)
            close(place)
        case "totalCount": try leaf(.totalCount, group, isNonNull: true)
        case "aggregate": try aggregate(group, schema[connection], table)
        default: return
        }
    }

    private mutating func edge(_ group: FieldGroup, _ connection: NamedType, _ table: TableID)
        throws(Failure)
    {
        guard let type = connection.field("edges")?.type.named else { return }
        for part in collection.collect(group.selectionSets, on: type) {
            switch part.first.name.value {
            case "__typename": try typename(part, schema[type])
            case "cursor": try leaf(.cursor, part, isNonNull: true)
            default:
                let place = try open(.edgeNode, part, isNonNull: true)
                try row(part.selectionSets, table)
                close(place)
            }
        }
    }

    private mutating func pageInfo(_ group: FieldGroup) throws(Failure) {
        guard let type = schema.type(named: "PageInfo") else { return }
        for part in collection.collect(group.selectionSets, on: type) {
            switch part.first.name.value {
            case "__typename": try typename(part, schema[type])
            case "hasNextPage": try leaf(.hasNextPage, part, isNonNull: true)
            case "hasPreviousPage": try leaf(.hasPreviousPage, part, isNonNull: true)
            case "startCursor": try leaf(.startCursor, part, isNonNull: false)
            default: try leaf(.endCursor, part, isNonNull: false)
            }
        }
    }

    private mutating func aggregate(
        _ group: FieldGroup, _ connection: NamedType, _ table: TableID
    ) throws(Failure) {
        guard let type = connection.field("aggregate")?.type.named else { return }
        let aggregate = draft.aggregates.count
        draft.aggregates.append([])
        let place = try open(.aggregate, group, operand: aggregate, isNonNull: true)
        for part in collection.collect(group.selectionSets, on: type) {
            let function: AggregateColumn.Function
            switch part.first.name.value {
            case "__typename":
                try typename(part, schema[type])
                continue
            case "count":
                try leaf(.totalCount, part, isNonNull: true)
                continue
            case "countDistinct": function = .countDistinct
            case "min": function = .min
            case "max": function = .max
            case "sum": function = .sum
            default: function = .average
            }
            guard let inner = schema[type].field(part.first.name.value) else { continue }
            let block = try open(.object, part, isNonNull: true)
            for leafGroup in collection.collect(part.selectionSets, on: inner.type.named) {
                if leafGroup.first.name.value == "__typename" {
                    try typename(leafGroup, schema[inner.type])
                    continue
                }
                try aggregateLeaf(leafGroup, function, aggregate, table)
            }
            close(block)
        }
        close(place)
    }

    private mutating func aggregateLeaf(
        _ group: FieldGroup, _ function: AggregateColumn.Function, _ aggregate: Int,
        _ table: TableID
    ) throws(Failure) {
        guard let field = context.model[table].field(group.first.name.value) else { return }
        let column: ColumnID
        var kind = ScalarKind.int
        switch field.kind {
        case .id:
            column = 0
            kind = .id
        case .column(let id, .scalar(let scalar)):
            column = id
            kind = scalar
        case .column(let id, _), .toOne(let id, _), .referenceID(let id, _): column = id
        case .toMany: return
        }
        let layout = context.layouts.column(table, column)
        let rendering: AggregateColumn.Rendering =
            switch function {
            case .countDistinct: .integer
            case .sum: kind == .float ? .double : .integer
            case .average: .double
            case .min, .max:
                switch kind {
                case .float: .double
                case .dateTime: .dateTime
                case .date: .date
                case let other where other.isText: .text
                default: .integer
                }
            }
        draft.aggregates[aggregate].append(
            AggregateColumn(function: function, column: layout, rendering: rendering))
        try leaf(
            .aggregateValue, group, column: layout,
            operand: draft.aggregates[aggregate].count - 1, isNonNull: function == .countDistinct)
    }

    // MARK: Arguments

    private func arguments(_ field: Field, _ definition: FieldType) throws(Failure)
        -> [ArgumentPlan]
    {
        var plans: [ArgumentPlan] = []
        for argument in definition.arguments {
            var value: CoercedValue?
            if let given = field.arguments.first(where: { $0.name.value == argument.name }) {
                do {
                    value = try coerceLiteral(
                        given.value, to: argument.type, schema: schema,
                        codecs: context.model.codecs)
                } catch {
                    throw .argument(
                        error.errors.first?.sentence(
                            "Argument \"\(argument.name)\" has invalid value") ?? argument.name,
                        sourceOffset: given.value.offset)
                }
            }
            plans.append(ArgumentPlan(definition: argument, value: value))
        }
        return plans
    }

    private func listArguments(_ field: Field, _ definition: FieldType) throws(Failure)
        -> ListArguments
    {
        let plans = try arguments(field, definition)
        func plan(_ name: String) -> ArgumentPlan {
            guard let found = plans.first(where: { $0.definition.name == name }) else {
                preconditionFailure("every connection has the argument \(name)")
            }
            return found
        }
        return ListArguments(
            filter: plan("filter"), orderBy: plan("orderBy"), first: plan("first"),
            after: plan("after"), last: plan("last"), before: plan("before"),
            offset: plan("offset"))
    }

    // MARK: Instructions

    private mutating func typename(_ group: FieldGroup, _ type: NamedType) throws(Failure) {
        try add(
            .constant, group, value: type.name, column: nil, operand: 0, isNonNull: true)
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

    private mutating func leaf(
        _ operation: Instruction.Operation, _ group: FieldGroup, column: Column? = nil,
        operand: Int = 0, isNonNull: Bool
    ) throws(Failure) {
        try add(
            operation, group, column: column, operand: operand, isNonNull: isNonNull)
    }

    private mutating func open(
        _ operation: Instruction.Operation, _ group: FieldGroup, column: Column? = nil,
        operand: Int = 0, isNonNull: Bool
    ) throws(Failure) -> Int {
        try add(
            operation, group, column: column, operand: operand, isNonNull: isNonNull)
        return draft.instructions.count - 1
    }

    private mutating func close(_ place: Int) {
        draft.instructions[place].end = Int32(draft.instructions.count)
    }

    private mutating func add(
        _ operation: Instruction.Operation, _ group: FieldGroup, value: String? = nil,
        column: Column?, operand: Int, isNonNull: Bool
    ) throws(Failure) {
        let range = draft.key(group.responseName, value: value)
        guard let length = UInt16(exactly: range.count) else {
            throw .nameTooLong(sourceOffset: group.first.offset)
        }
        draft.instructions.append(
            Instruction(
                operation: operation, isNonNull: isNonNull, keyLength: length,
                keyOffset: UInt32(range.offset),
                column: column ?? context.layouts.column(TableID(0), 0), operand: Int32(operand),
                table: 0, end: Int32(draft.instructions.count + 1),
                sourceOffset: Int32(group.first.offset)))
    }
}

extension ScalarKind {
    /// The instruction that writes a column of this kind.
    fileprivate var operation: Instruction.Operation {
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
