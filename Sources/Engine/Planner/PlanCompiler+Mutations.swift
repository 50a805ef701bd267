import GraphQL
import GraphQLLanguage
import Store

/// Mutations: a field's input becomes an argument plan, its payload a block of instructions.
extension PlanCompiler {
    mutating func mutation(_ group: FieldGroup, _ root: TypeID) throws(Failure) {
        guard let definition = definition(group) else {
            return try typename(group, schema[root])
        }
        guard let field = context.mutations[definition.name] else { return }
        if let role {
            try require(
                field.isRule
                    ? role.mayAsk("Mutation", field.name)
                    : field.operations.allSatisfy(role[field.listTable].isOpen), group)
        }
        let arguments = try self.arguments(group, definition)
        draft.mutations.append(MutationPlan(field: field, input: arguments[0]))
        let place = try open(
            .mutation, group, operand: draft.mutations.count - 1, isNonNull: false)
        let payload = schema[definition.type]
        let parts = collection.collect(group, on: definition.type.named)
        for part in parts { try payloadPart(collection.groups[part], payload, field) }
        collection.drop(parts)
        close(place)
    }

    private mutating func payloadPart(
        _ group: FieldGroup, _ payload: NamedType, _ field: MutationField
    ) throws(Failure) {
        guard let definition = definition(group) else { return try typename(group, payload) }
        switch definition.name {
        case "clientMutationId": try leaf(.clientMutationID, group, isNonNull: false)
        case "deletedId" where !field.isRule:
            try leaf(.deletedID, group, isNonNull: false)
        case "count" where !field.isRule: try leaf(.count, group, isNonNull: true)
        case "created" where !field.isRule: try leaf(.isCreated, group, isNonNull: true)
        case "replayed": try leaf(.isReplayed, group, isNonNull: true)
        case "userErrors": try userErrors(group)
        case "query":
            let place = try open(.payloadQuery, group, isNonNull: true)
            let parts = collection.collect(group, on: schema.queryType)
            for part in parts { try root(collection.groups[part]) }
            collection.drop(parts)
            close(place)
        default:
            if field.isRule, case .member(_, let place) = self.field(group).definition {
                return try payloadResult(group, definition, place: place)
            }
            try payloadRows(group, definition, field)
        }
    }

    /// A field that shows a row, an edge, or the rows of a bulk mutation.
    private mutating func payloadRows(
        _ group: FieldGroup, _ definition: FieldType, _ field: MutationField
    ) throws(Failure) {
        let name = definition.name
        let type = definition.type.named
        switch context.model.bindings[type.index] {
        case .table(let table):
            guard let object = field.objects.firstIndex(where: { $0.name == name }) else { return }
            let place = try open(.payloadRow, group, operand: object, isNonNull: false)
            draft.instructions[place].table = Int32(table.index)
            try row(group, table)
            close(place)
        case .edge(let table):
            guard
                let object = field.objects.firstIndex(where: {
                    Naming.edgeField($0.name) == name
                })
            else { return }
            let place = try open(.payloadEdge, group, operand: object, isNonNull: false)
            draft.instructions[place].table = Int32(table.index)
            try edgeFields(group, on: type, table)
            close(place)
        case .connection(let table): try payloadList(group, definition, table)
        default: return
        }
    }

    /// The rows of a bulk mutation: a list with no argument but `first`.
    private mutating func payloadList(
        _ group: FieldGroup, _ definition: FieldType, _ table: TableID
    ) throws(Failure) {
        guard let full = schema[schema.queryType].field(context.model[table].plural) else { return }
        let own = try arguments(group, definition)
        let plans = full.arguments.map { argument in
            own.first { $0.definition.name == argument.name }
                ?? ArgumentPlan(definition: argument, value: nil)
        }
        let connection = definition.type.named
        let parts = collection.collect(group, on: connection)
        let needs = needs(parts)
        draft.lists.append(
            ListPlan(
                table: table, relation: nil, arguments: ListArguments(plans),
                needs: needs, fixed: nil))
        let place = try open(
            .payloadList, group, operand: draft.lists.count - 1, isNonNull: false)
        for part in parts { try connectionPart(collection.groups[part], connection, table) }
        collection.drop(parts)
        close(place)
    }

    private mutating func userErrors(_ group: FieldGroup) throws(Failure) {
        guard let type = schema.type(named: "UserError") else { return }
        let place = try open(.userErrors, group, isNonNull: true)
        let parts = collection.collect(group, on: type)
        for place in parts {
            let part = collection.groups[place]
            switch definition(part)?.name {
            case "code": try leaf(.errorCode, part, isNonNull: true)
            case "message": try leaf(.errorMessage, part, isNonNull: true)
            case "path": try leaf(.errorPath, part, isNonNull: true)
            case "rule": try leaf(.errorRule, part, isNonNull: false)
            default: try typename(part, schema[type])
            }
        }
        collection.drop(parts)
        close(place)
    }
}
