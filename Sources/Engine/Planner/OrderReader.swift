import GraphQL
import Store

/// Turns an `orderBy` argument into a sort order.
struct OrderReader {
    let context: EngineContext
    /// Nil when everything may be seen.
    let role: RoleAccess?

    /// - Parameter value: a coerced list of one-key objects of the input type `type` over `table`.
    func order(_ value: CoercedValue, type: TypeID, table: TableID) throws(ArgumentError)
        -> SortOrder
    {
        guard case .list(let items) = value, !items.isEmpty else {
            return context.creationOrder(of: table)
        }
        let keysMax = context.limits.orderKeysMax
        if items.count > keysMax {
            throw ArgumentError(
                "orderBy has \(items.count) keys; \(keysMax) are allowed.",
                hint: "Rows that are equal in all keys are in the order of their creation.")
        }
        var keys: [SortOrder.Key] = []
        var description: [UInt8] = []
        for (place, item) in items.enumerated() {
            keys.append(
                try key(item, type, table, path: [], "orderBy[\(place)]", &description))
        }
        return SortOrder(keys: keys, over: context.model[table], describedBy: description)
    }

    private func key(
        _ value: CoercedValue, _ type: TypeID, _ table: TableID, path: [SortOrder.Key.Step],
        _ place: String, _ description: inout [UInt8]
    ) throws(ArgumentError) -> SortOrder.Key {
        let (name, inner, innerType) = try only(value, type, place)
        description += Array(name.utf8) + [0x2E]
        guard let field = context.model[table].field(name) else {
            throw ArgumentError("\(place) has no key \(name).")
        }
        if let role, role[table].masked.contains(name) { throw .masked("\(place).\(name)") }
        switch field.kind {
        case .id:
            return try leaf(
                .column(context.layouts.column(table, 0)), path, inner, innerType, place,
                &description)
        case .column(let column, _):
            return try leaf(
                .column(context.layouts.column(table, column)), path, inner, innerType, place,
                &description)
        case .referenceID(let column, let target):
            try checkOpen(column, of: table, to: target, "\(place).\(name)")
            let step = SortOrder.Key.Step(
                column: context.layouts.column(table, column), target: target)
            return try leaf(
                .column(context.layouts.column(target, 0)), path + [step], inner, innerType, place,
                &description)
        case .toOne(let column, let target):
            try checkOpen(column, of: table, to: target, "\(place).\(name)")
            let step = SortOrder.Key.Step(
                column: context.layouts.column(table, column), target: target)
            return try key(
                inner, innerType, target, path: path + [step], "\(place).\(name)", &description)
        case .toMany(let relation):
            return try list(
                inner, innerType, relation, path, "\(place).\(name)", &description)
        case .computed: preconditionFailure("a computed field has no order")
        }
    }

    private func list(
        _ value: CoercedValue, _ type: TypeID, _ relation: ToManyModel,
        _ path: [SortOrder.Key.Step], _ place: String, _ description: inout [UInt8]
    ) throws(ArgumentError) -> SortOrder.Key {
        let (name, inner, innerType) = try only(value, type, place)
        description += Array(name.utf8) + [0x2E]
        if let role,
            role[relation.target].isGuarded(for: .read) && !role.follows(relation)
                || !role.isPassable(relation)
        {
            throw .closed(place)
        }
        let walked = context.relation(relation)
        if name == "count" {
            return try leaf(.relationCount(walked), path, inner, innerType, place, &description)
        }
        let (column, direction, directionType) = try only(inner, innerType, "\(place).sum")
        description += Array(column.utf8) + [0x2E]
        guard let field = context.model[relation.target].field(column),
            case .column(let id, _) = field.kind
        else { throw ArgumentError("\(place).sum has no key \(column).") }
        if let role, role[relation.target].masked.contains(column) {
            throw .masked("\(place).sum.\(column)")
        }
        return try leaf(
            .relationSum(walked, context.layouts.column(relation.target, id)), path, direction,
            directionType, place, &description)
    }

    /// An order through a relation tells of the rows behind it, so all of them must be open, or as
    /// open as the row itself.
    private func checkOpen(
        _ column: ColumnID, of table: TableID, to target: TableID, _ place: String
    ) throws(ArgumentError) {
        guard let role, role[target].isGuarded(for: .read),
            !role[table].implied.contains(column)
        else { return }
        throw .closed(place)
    }

    private func leaf(
        _ source: SortOrder.Key.Source, _ path: [SortOrder.Key.Step], _ value: CoercedValue,
        _ type: TypeID, _ place: String, _ description: inout [UInt8]
    ) throws(ArgumentError) -> SortOrder.Key {
        guard case .enumValue(let index) = value else {
            throw ArgumentError("\(place) has a null direction.", hint: "Use ASC or DESC.")
        }
        let direction = context.model.schema[type].enumValues[index].name
        description += Array(direction.utf8) + [0x3B]
        return SortOrder.Key(
            path: path, source: source, isDescending: direction.hasPrefix("DESC"),
            nullsFirst: direction.hasSuffix("NULLS_FIRST"))
    }

    /// The one key that an element of `orderBy` has: an object has no order of its own.
    private func only(_ value: CoercedValue, _ type: TypeID, _ place: String) throws(ArgumentError)
        -> (name: String, value: CoercedValue, type: TypeID)
    {
        guard case .object(let fields) = value, let field = fields.first else {
            throw ArgumentError(
                "\(place) has no key.", hint: "Name one field, like {name: ASC}.")
        }
        guard fields.count == 1 else {
            throw ArgumentError(
                "\(place) has \(fields.count) keys.",
                hint: "Give one key in each element: [{rank: DESC}, {name: ASC}].")
        }
        let definition = context.model.schema[type].inputFields[field.index]
        return (definition.name, field.value, definition.type.named)
    }
}
