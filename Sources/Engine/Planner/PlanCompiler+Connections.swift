import GraphQL
import Store

/// Lists and the parts of their connections.
extension PlanCompiler {
    mutating func list(
        _ group: FieldGroup, _ definition: FieldType, _ table: TableID, relation: ToManyModel?
    ) throws(Failure) {
        let arguments = ListArguments(try self.arguments(group, definition))
        let connection = definition.type.named
        let parts = collection.collect(group, on: connection)
        let needs = needs(parts)
        try require(.aggregate, of: table, group)
        if let role, let relation { try require(role.isPassable(relation), group) }
        var fixed: ResolvedList?
        let isOpen =
            role.map { role in
                !role[table].isGuarded(for: needs.rows ? .read : .aggregate)
                    || relation.map(role.follows) ?? false
            } ?? true
        if arguments.isFixed && isOpen {
            let resolver = ListResolver(
                context: context,
                view: MeteredView(version: view, meter: WorkMeter(), guards: nil),
                variables: [:], role: role)
            // What is wrong with the arguments is told when the field is executed.
            fixed = try? resolver.resolve(
                arguments, .none, table: table, relation: relation, needs)
        }
        draft.lists.append(
            ListPlan(
                table: table, relation: relation, arguments: arguments, needs: needs,
                fixed: fixed))
        let place = try open(.list, group, operand: draft.lists.count - 1, isNonNull: true)
        for part in parts { try connectionPart(collection.groups[part], connection, table) }
        collection.drop(parts)
        close(place)
    }

    /// What the parts of a connection want of its list.
    mutating func needs(_ parts: Range<Int>) -> ListNeeds {
        var needs = ListNeeds()
        for place in parts {
            let part = collection.groups[place]
            switch name(part) {
            case "nodes", "edges": needs.rows = true
            case "totalCount": needs.count = true
            case "groupBy": needs.aggregate = true
            case "aggregate":
                let type = definition(part)?.type.named ?? schema.queryType
                let fields = collection.collect(part, on: type)
                for field in fields {
                    if name(collection.groups[field]) == "count" {
                        needs.count = true
                    } else {
                        needs.aggregate = true
                    }
                }
                collection.drop(fields)
            case "pageInfo":
                needs.rows = true
                let type = schema.type(named: "PageInfo") ?? schema.queryType
                let fields = collection.collect(part, on: type)
                for field in fields where name(collection.groups[field]) == "hasPreviousPage" {
                    needs.previous = true
                }
                collection.drop(fields)
            default: continue
            }
        }
        return needs
    }

    mutating func connectionPart(
        _ group: FieldGroup, _ connection: TypeID, _ table: TableID
    ) throws(Failure) {
        switch name(group) {
        case "nodes", "edges", "pageInfo": try require(.read, of: table, group)
        default: break
        }
        switch name(group) {
        case "__typename": try typename(group, schema[connection])
        case "nodes":
            let place = try open(.nodes, group, isNonNull: true)
            try row(group, table)
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
        case "aggregate":
            draft.aggregates.append([])
            try aggregate(group, table, into: draft.aggregates.count - 1)
        case "groupBy": try groupBy(group, table)
        default: return
        }
    }

    private mutating func edge(_ group: FieldGroup, _ connection: NamedType, _ table: TableID)
        throws(Failure)
    {
        guard let type = connection.field("edges")?.type.named else { return }
        try edgeFields(group, on: type, table)
    }

    /// The instructions for the fields of one edge.
    mutating func edgeFields(_ group: FieldGroup, on type: TypeID, _ table: TableID)
        throws(Failure)
    {
        let parts = collection.collect(group, on: type)
        for place in parts {
            let part = collection.groups[place]
            switch name(part) {
            case "__typename": try typename(part, schema[type])
            case "cursor": try leaf(.cursor, part, isNonNull: true)
            default:
                let block = try open(.edgeNode, part, isNonNull: true)
                try row(part, table)
                close(block)
            }
        }
        collection.drop(parts)
    }

    private mutating func pageInfo(_ group: FieldGroup) throws(Failure) {
        guard let type = schema.type(named: "PageInfo") else { return }
        let parts = collection.collect(group, on: type)
        for place in parts {
            let part = collection.groups[place]
            switch name(part) {
            case "__typename": try typename(part, schema[type])
            case "hasNextPage": try leaf(.hasNextPage, part, isNonNull: true)
            case "hasPreviousPage": try leaf(.hasPreviousPage, part, isNonNull: true)
            case "startCursor": try leaf(.startCursor, part, isNonNull: false)
            default: try leaf(.endCursor, part, isNonNull: false)
            }
        }
        collection.drop(parts)
    }
}
