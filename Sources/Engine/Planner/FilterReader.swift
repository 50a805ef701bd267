import Bytes
import GraphQL
import Store

/// Turns filter arguments into conditions. Ids are looked up in the given version, so a reader
/// serves one request.
struct FilterReader {
    let context: EngineContext
    /// Rows of trees are walked. When its meter says that the operation must be given up, a
    /// condition is incomplete, and nobody may use it.
    let view: MeteredView

    /// - Parameter value: a coerced filter of the input type `type` over `table`.
    func condition(_ value: CoercedValue, type: TypeID, table: TableID) throws(ArgumentError)
        -> Condition
    {
        let partsMax = context.limits.filterPartsMax
        let count = Self.partCount(value)
        if count > partsMax {
            throw ArgumentError(
                "filter has \(count) parts; \(partsMax) are allowed.",
                hint: "Name many values with one \"in\", or send several requests.")
        }
        return try read(value, type, table, path: "filter").normalized
    }

    /// The fields of the objects of a filter.
    private static func partCount(_ value: CoercedValue) -> Int {
        switch value {
        case .list(let items): items.reduce(0) { $0 + partCount($1) }
        case .object(let fields): fields.reduce(fields.count) { $0 + partCount($1.value) }
        default: 0
        }
    }

    /// Whether a filter names rows by their ids, so that its meaning depends on the version.
    func namesRows(_ value: CoercedValue, type: TypeID) -> Bool {
        switch value {
        case .list(let items): items.contains { namesRows($0, type: type) }
        case .object(let fields):
            type == context.idFilter
                || fields.contains { field in
                    let definition = schema[type].inputFields[field.index]
                    return definition.type.named == context.idType
                        || namesRows(field.value, type: definition.type.named)
                }
        default: false
        }
    }

    var schema: Schema { context.model.schema }

    private func read(
        _ value: CoercedValue, _ type: TypeID, _ table: TableID, path: String,
        leavingOutIsNull: Bool = false
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        let input = schema[type]
        let model = context.model[table]
        var parts: [Condition] = []
        for field in fields {
            let definition = input.inputFields[field.index]
            let name = definition.name
            let place = "\(path).\(name)"
            if leavingOutIsNull && name == "isNull" { continue }
            if case .null = field.value {
                throw ArgumentError(
                    "\(place) is null.",
                    hint: "Leave it out; to find rows without a value use isNull: true.")
            }
            switch name {
            case "and", "or":
                guard case .list(let items) = field.value else { continue }
                var conditions: [Condition] = []
                for item in items {
                    conditions.append(try read(item, type, table, path: place))
                }
                parts.append(name == "and" ? .and(conditions) : .or(conditions))
            case "not": parts.append(.not(try read(field.value, type, table, path: place)))
            case "isNull": throw .misplacedIsNull(place)
            case "within" where model.tree != nil:
                parts.append(.rows(subtree(field.value, model)))
            default:
                guard let target = model.field(name) else { continue }
                parts.append(
                    try condition(
                        of: target, field.value, definition.type.named, table, path: place))
            }
        }
        return .and(parts)
    }

    /// The row that an id names and all rows below it, each once; none when there is no such row.
    private func subtree(_ id: CoercedValue, _ table: TableModel) -> [UInt32] {
        guard case .string(let id) = id, let root = context.row(id: id, in: table.id, view.version),
            !visible([root.rawValue], of: table.id).isEmpty
        else { return [] }
        return subtree(of: root, table)
    }

    /// A row and all rows below it, each once.
    func subtree(of root: RowRef, _ table: TableModel) -> [UInt32] {
        guard let tree = table.tree else { return [] }
        let children = view.tree(tree.index)
        var found = [root.rawValue]
        // Rows that stand below each other in a circle are met again.
        var seen: Set<UInt32> = [root.rawValue]
        var next = 0
        while next < found.count {
            let word = KeyEncoding.ordered(reference: RowRef(rawValue: found[next]))
            next += 1
            guard view.meter.visit(1) else { return found }
            var cursor = children.cursor(at: .before(first: word))
            while let ref = cursor.next(ifFirst: word)?.ref {
                if seen.insert(ref.rawValue).inserted { found.append(ref.rawValue) }
            }
        }
        return found
    }

    private func condition(
        of field: FieldModel, _ value: CoercedValue, _ type: TypeID, _ table: TableID, path: String
    ) throws(ArgumentError) -> Condition {
        if let guards = view.guards, guards.role[table].isUnasked(field.name) {
            throw .masked(path)
        }
        switch field.kind {
        case .id:
            return try operators(value, type, path) { operation, operand throws(ArgumentError) in
                switch operation {
                case .isNull(let wanted): wanted ? .never : .always
                default: .rows(rows(operand, table))
                }
            }
        case .referenceID(let column, let target):
            return try operators(value, type, path) { operation, operand throws(ArgumentError) in
                switch operation {
                case .isNull(let wanted): try isNull(table, column, target, wanted, path)
                default: .references(column, visible(rows(operand, target), of: target))
                }
            }
        case .toOne(let column, let target):
            return try toOne(table, column, target, value, type, path)
        case .toMany(let relation):
            return try toMany(relation, value, type, path)
        case .column(let column, let stored):
            return try self.stored(column, stored, value, type, path)
        case .computed: preconditionFailure("a computed field has no filter")
        }
    }

    private func toOne(
        _ table: TableID, _ column: ColumnID, _ target: TableID, _ value: CoercedValue,
        _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var parts: [Condition] = []
        var hasOthers = false
        for field in fields {
            if schema[type].inputFields[field.index].name == "isNull" {
                guard case .boolean(let wanted) = field.value else {
                    throw ArgumentError("\(path).isNull is null.", hint: "Give true or false.")
                }
                parts.append(try isNull(table, column, target, wanted, path))
            } else {
                hasOthers = true
            }
        }
        if hasOthers || fields.isEmpty {
            var inner = try read(value, type, target, path: path, leavingOutIsNull: true)
            if let guards = view.guards, !guards.role[table].implied.contains(column) {
                inner = .and([try open(target, path, guards), inner])
            }
            parts.append(.toOne(column, target, inner))
        }
        return .and(parts)
    }

    /// Whether a relation leads to nothing. A row that the viewer may not see is nothing too.
    private func isNull(
        _ table: TableID, _ column: ColumnID, _ target: TableID, _ wanted: Bool, _ path: String
    ) throws(ArgumentError) -> Condition {
        var isNull = Condition.isNull(column)
        if let guards = view.guards, guards.role[target].isGuarded(for: .read),
            !guards.role[table].implied.contains(column)
        {
            isNull = .not(.toOne(column, target, try open(target, path, guards)))
        }
        return wanted ? isNull : .not(isNull)
    }

    /// The condition that the visible rows of a table satisfy.
    private func open(_ table: TableID, _ path: String, _ guards: RowGuards) throws(ArgumentError)
        -> Condition
    {
        guard guards.role[table].isOpen(to: .read) else { throw .closed(path) }
        return guards.condition(table, for: .read, view)
    }

    /// Of rows that ids name, those that the viewer may see: others are like ids of nothing.
    private func visible(_ refs: [UInt32], of table: TableID) -> [UInt32] {
        guard let guards = view.guards else { return refs }
        return refs.filter { guards.allows(table, RowRef(rawValue: $0), for: .read, view) }
    }

    private func toMany(
        _ relation: ToManyModel, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        let input = schema[type]
        let walked = context.relation(relation)
        // Only the rows that the viewer may see are there.
        var domain = Condition.always
        if let guards = view.guards, !guards.role.isPassable(relation) { throw .closed(path) }
        if let guards = view.guards, !guards.role.follows(relation) {
            domain = try open(relation.target, path, guards)
        }
        var narrowing = Condition.always
        var parts: [Condition] = []
        for field in fields where input.inputFields[field.index].name == "where" {
            narrowing = try read(
                field.value, input.inputFields[field.index].type.named, relation.target,
                path: "\(path).where")
        }
        var usesNarrowing = false
        for field in fields {
            let definition = input.inputFields[field.index]
            let place = "\(path).\(definition.name)"
            if case .null = field.value {
                throw ArgumentError("\(place) is null.", hint: "Leave it out.")
            }
            let inner = definition.type.named
            switch definition.name {
            case "some", "every", "none":
                let condition = try read(field.value, inner, relation.target, path: place)
                switch definition.name {
                case "some": parts.append(.relation(.some, walked, .and([domain, condition])))
                case "none": parts.append(.relation(.none, walked, .and([domain, condition])))
                default: parts.append(.relation(.every, walked, .or([.not(domain), condition])))
                }
            case "count":
                usesNarrowing = true
                let narrowed = Condition.and([domain, narrowing])
                parts.append(
                    try integerOperators(field.value, inner, place) { low, high in
                        .relation(.count(low: low, high: high), walked, narrowed)
                    })
            case "sum":
                usesNarrowing = true
                parts.append(
                    try sum(
                        field.value, inner, relation, walked, .and([domain, narrowing]), place))
            default: continue
            }
        }
        if parts.isEmpty || !usesNarrowing && fields.count > parts.count {
            throw ArgumentError(
                parts.isEmpty
                    ? "\(path) has no condition." : "\(path).where narrows count and sum only.",
                hint: "Use some, every, none, or count and sum with where.")
        }
        return .and(parts)
    }

    private func sum(
        _ value: CoercedValue, _ type: TypeID, _ relation: ToManyModel,
        _ walked: Predicate.Relation, _ narrowing: Condition, _ path: String
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        if fields.isEmpty { throw ArgumentError("\(path) has no condition.") }
        var parts: [Condition] = []
        for field in fields {
            let definition = schema[type].inputFields[field.index]
            guard let target = context.model[relation.target].field(definition.name),
                case .column(let id, let stored) = target.kind
            else { continue }
            let column = context.layouts.column(relation.target, id)
            let place = "\(path).\(definition.name)"
            if let guards = view.guards,
                guards.role[relation.target].masked.contains(definition.name)
            {
                throw .masked(place)
            }
            if case .scalar(.float) = stored {
                parts.append(
                    try doubleOperators(field.value, definition.type.named, place) { low, high in
                        .relation(.doubleSum(column, low: low, high: high), walked, narrowing)
                    })
            } else {
                parts.append(
                    try integerOperators(field.value, definition.type.named, place) { low, high in
                        .relation(.sum(column, low: low, high: high), walked, narrowing)
                    })
            }
        }
        return .and(parts)
    }

    /// The rows that ids name; an id that names none is left out.
    private func rows(_ operand: CoercedValue, _ table: TableID) -> [UInt32] {
        var ids: [String] = []
        switch operand {
        case .string(let id): ids = [id]
        case .list(let items):
            for case .string(let id) in items { ids.append(id) }
        default: break
        }
        return ids.compactMap { context.row(id: $0, in: table, view.version)?.rawValue }
    }
}
