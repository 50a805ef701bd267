import GraphQL
import Store

/// Gives the arguments of a `groupBy` their values.
struct GroupResolver {
    let context: EngineContext
    let view: MeteredView
    let variables: [String: CoercedValue]
    /// All groups are wanted where nothing is said, and as many as are said: for tables.
    var isUnlimited = false

    func resolve(_ plan: GroupPlan) throws(ArgumentError) -> ResolvedGrouping {
        let arguments = plan.arguments
        let fields = context.groupFields(of: plan.table)
        let role = view.guards?.role
        var keys = GroupKeys(
            context: context, table: plan.table, role: role, fields: fields,
            places: Array(repeating: nil, count: fields.count))
        try keys.read(try value(arguments.by), arguments.by.definition.type.named)
        let calendar = try calendar(try value(arguments.timeZone))
        var columns = GroupColumns(
            context: context, table: plan.table, role: role, columns: plan.columns)
        var having = Condition.always
        if let given = try value(arguments.having) {
            let reader = HavingReader(
                context: context, filters: FilterReader(context: context, view: view))
            having = try reader.read(given, arguments.having.definition.type.named, &columns)
        }
        var order: [ResolvedGrouping.OrderKey] = []
        if case .list(let items) = try value(arguments.orderBy) {
            let reader = GroupOrderReader(context: context, fields: fields, places: keys.places)
            for (place, item) in items.enumerated() {
                order.append(
                    try reader.key(
                        item, arguments.orderBy.definition.type.named, "orderBy[\(place)]",
                        &columns))
            }
        }
        for place in keys.keys.indices {
            order.append(ResolvedGrouping.OrderKey(measure: .key(place)))
        }
        return ResolvedGrouping(
            request: GroupRequest(
                keys: keys.keys, calendar: calendar, aggregates: columns.columns,
                limits: GroupLimits(context.limits)),
            places: keys.places, having: having.normalized, measures: columns.measures,
            order: order, targets: keys.targets,
            size: try groupCount(arguments.first),
            names: columns.names)
    }

    private func groupCount(_ first: ArgumentPlan) throws(ArgumentError) -> Int {
        if isUnlimited, !isGiven(first) { return .max }
        return try size(
            try value(first), default: GroupArguments.sizeDefault,
            max: isUnlimited ? .max : context.limits.groupsShownMax, of: "groups")
    }

    /// Whether the request says something, so that the default of the schema does not apply.
    private func isGiven(_ argument: ArgumentPlan) -> Bool {
        switch argument.value {
        case .variable(let name): variables[name] != nil
        case let value: value != nil
        }
    }

    /// How many rows of each group a `nodes` shows.
    func nodeSize(_ argument: ArgumentPlan) throws(ArgumentError) -> Int {
        try size(
            try value(argument), default: GroupArguments.nodesDefault,
            max: context.limits.groupNodesMax, of: "rows of each group")
    }

    private func size(_ given: CoercedValue?, default: Int, max: Int, of things: String)
        throws(ArgumentError) -> Int
    {
        guard case .int(let number) = given else { return `default` }
        if number < 0 { throw ArgumentError("first is \(number); it cannot be negative.") }
        if number > max {
            throw ArgumentError(
                "first is \(number); an answer has at most \(max) \(things).",
                hint: "Ask for less, or narrow the filter.")
        }
        return Int(number)
    }

    private func calendar(_ given: CoercedValue?) throws(ArgumentError) -> LocalCalendar {
        guard case .string(let name) = given else { return .utc }
        if let calendar = LocalCalendar(identifier: name) { return calendar }
        throw ArgumentError(
            "timeZone is \(quoted(name)), which is no time zone.",
            hint: "Give a name of the IANA Time Zone Database, such as \"Europe/Oslo\" or \"UTC\".")
    }

    /// Nil for null, too.
    private func value(_ argument: ArgumentPlan) throws(ArgumentError) -> CoercedValue? {
        let value = try argument.value(variables: variables, context.model)
        return value == .null ? nil : value
    }
}

/// `by`: what the rows are grouped by.
private struct GroupKeys {
    let context: EngineContext
    let table: TableID
    /// Nil when everything may be seen.
    let role: RoleAccess?
    let fields: [GroupField]
    /// By the places of the fields: where in `keys` they are.
    var places: [Int?]
    var keys: [GroupKey] = []
    var targets: [TableID?] = []

    mutating func read(_ value: CoercedValue?, _ type: TypeID) throws(ArgumentError) {
        guard case .list(let items) = value, !items.isEmpty else {
            throw ArgumentError(
                "by is empty.", hint: "Name what to group by; for all rows together use aggregate.")
        }
        if items.count > context.limits.groupKeysMax {
            throw ArgumentError(
                "by has \(items.count) elements; at most \(context.limits.groupKeysMax) are "
                    + "allowed.")
        }
        for (place, item) in items.enumerated() { try add(item, type, "by[\(place)]") }
    }

    private mutating func add(_ item: CoercedValue, _ type: TypeID, _ path: String)
        throws(ArgumentError)
    {
        guard case .object(let given) = item else { return }
        var field: Int?
        var bucket: DateBucket?
        for part in given {
            let definition = context.model.schema[type].inputFields[part.index]
            guard case .enumValue(let place) = part.value else { continue }
            if definition.name == "field" {
                field = place
            } else {
                bucket = DateBucket.allCases[place]
            }
        }
        guard let place = field else { return }
        let name = fields[place].value
        if places[place] != nil {
            throw ArgumentError(
                "\(path).field is \(name), which is in by already.",
                hint: "A field is a key once; for another bucket write a second groupBy under an "
                    + "alias.")
        }
        try checkOpen(fields[place], path)
        if let bucket { try check(bucket, of: fields[place], path) }
        places[place] = keys.count
        keys.append(key(fields[place], bucket))
        targets.append(fields[place].target)
    }

    /// Groups tell of the rows behind relations, so all of these must be open, or as open as the
    /// rows themselves.
    private func checkOpen(_ field: GroupField, _ path: String) throws(ArgumentError) {
        guard let role else { return }
        var reached = table
        var steps = field.steps.map { ($0.column, $0.target) }
        if let target = field.target { steps.append((field.column, target)) }
        for (place, name) in field.origin.enumerated() {
            let access = role[reached]
            if access.masked.contains(name) { throw .masked("\(path).field \(field.value)") }
            guard place < steps.count else { return }
            let (column, target) = steps[place]
            if role[target].isGuarded(for: .read), !access.implied.contains(column) {
                throw .closed("\(path).field \(field.value)")
            }
            reached = target
        }
    }

    private func check(_ bucket: DateBucket, of field: GroupField, _ path: String)
        throws(ArgumentError)
    {
        guard field.isTime else {
            throw ArgumentError(
                "\(path).bucket is \(bucket.rawValue), but \(field.value) is neither a date nor a "
                    + "time.",
                hint: context.limits.suggestions
                    ? "Leave bucket out; it is for "
                        + phrase(fields.filter(\.isTime).map(\.value), "and") + "."
                    : "Leave bucket out.")
        }
        if bucket == .hour, case .scalar(.date) = field.kind {
            throw ArgumentError(
                "\(path).bucket is HOUR, but \(field.value) is a date, which has no hours.",
                hint: "Use DAY or a longer one.")
        }
    }

    private func key(_ field: GroupField, _ bucket: DateBucket?) -> GroupKey {
        var path: [(column: Column, target: TableID)] = []
        var reached = table
        for step in field.steps {
            path.append((context.layouts.column(reached, step.column), step.target))
            reached = step.target
        }
        return GroupKey(
            path: path, column: context.layouts.column(reached, field.column), bucket: bucket)
    }
}

extension GroupField {
    /// The table of the row that the key is.
    var target: TableID? {
        if case .row(let table) = kind { table } else { nil }
    }
}

/// The aggregates of a grouping: those that its groups show, and those they are compared by.
struct GroupColumns {
    let context: EngineContext
    let table: TableID
    private let role: RoleAccess?
    private(set) var columns: [AggregateColumn]
    /// Beside `columns`, for those that groups are compared by: `sum.amount`.
    private(set) var names: [String]
    /// What a condition over groups calls columns.
    private(set) var measures: [ResolvedGrouping.Measure] = []

    /// - Parameter role: nil when everything may be seen.
    init(
        context: EngineContext, table: TableID, role: RoleAccess?, columns: [AggregateColumn]
    ) {
        self.context = context
        self.table = table
        self.role = role
        self.columns = columns
        names = columns.map { _ in "" }
    }

    /// The place of an aggregate over a field of the table.
    mutating func place(_ functionName: String, _ name: String) throws(ArgumentError) -> Int? {
        guard let function = AggregateColumn.Function(compared: functionName) else { return nil }
        if let role, role.isClosed(function, over: name, of: table) {
            throw .masked("\(functionName).\(name)")
        }
        guard
            let field = context.model[table].field(name),
            let column = AggregateColumn(function, of: field, in: table, context.layouts)
        else { return nil }
        let known = columns.firstIndex(of: column)
        if known == nil {
            columns.append(column)
            names.append("")
        }
        let place = known ?? columns.count - 1
        names[place] = "\(functionName).\(name)"
        return place
    }

    /// What a condition is to call this measure.
    mutating func measure(_ measure: ResolvedGrouping.Measure) -> ColumnID {
        measures.append(measure)
        return measures.count - 1
    }
}

extension AggregateColumn.Function {
    /// The functions that groups are compared by, as the API calls them.
    fileprivate init?(compared name: String) {
        switch name {
        case "sum": self = .sum
        case "avg": self = .average
        default: return nil
        }
    }
}

/// `having`: which groups are shown, as a condition over measures.
private struct HavingReader {
    let context: EngineContext
    let filters: FilterReader

    func read(_ value: CoercedValue, _ type: TypeID, _ columns: inout GroupColumns)
        throws(ArgumentError) -> Condition
    {
        guard case .object(let given) = value else { return .always }
        var parts: [Condition] = []
        for part in given {
            let definition = context.model.schema[type].inputFields[part.index]
            let path = "having.\(definition.name)"
            if case .null = part.value {
                throw ArgumentError("\(path) is null.", hint: "Leave it out.")
            }
            if definition.name == "count" {
                parts.append(
                    try filters.scalar(
                        columns.measure(.count), .scalar(.long), part.value,
                        definition.type.named, path))
            } else {
                parts += try read(part.value, definition, path, &columns)
            }
        }
        return .and(parts)
    }

    /// The conditions over the columns of one function.
    private func read(
        _ value: CoercedValue, _ function: InputValue, _ path: String,
        _ columns: inout GroupColumns
    ) throws(ArgumentError) -> [Condition] {
        guard case .object(let given) = value, !given.isEmpty else {
            throw ArgumentError("\(path) has no condition.", hint: "Leave it out.")
        }
        var parts: [Condition] = []
        for part in given {
            let definition = context.model.schema[function.type.named].inputFields[part.index]
            let inside = "\(path).\(definition.name)"
            if case .null = part.value {
                throw ArgumentError("\(inside) is null.", hint: "Leave it out.")
            }
            guard let place = try columns.place(function.name, definition.name) else { continue }
            let isDouble = columns.columns[place].rendering == .double
            parts.append(
                try filters.scalar(
                    columns.measure(.aggregate(place)), .scalar(isDouble ? .float : .long),
                    part.value, definition.type.named, inside))
        }
        return parts
    }
}

/// `orderBy`: one thing in each element, and the direction of a key beside it.
private struct GroupOrderReader {
    let context: EngineContext
    let fields: [GroupField]
    let places: [Int?]

    func key(
        _ value: CoercedValue, _ type: TypeID, _ path: String, _ columns: inout GroupColumns
    ) throws(ArgumentError) -> ResolvedGrouping.OrderKey {
        guard case .object(let given) = value else { throw empty(path) }
        var things: [(definition: InputValue, value: CoercedValue)] = []
        var direction: CoercedField?
        for part in given {
            let definition = context.model.schema[type].inputFields[part.index]
            if definition.name == "direction" {
                direction = part
            } else {
                things.append((definition, part.value))
            }
        }
        guard let thing = things.first else { throw empty(path) }
        guard things.count == 1 else {
            throw ArgumentError(
                "\(path) has \(things.count) keys.",
                hint: "Give one in each element: [{sum: {…}}, {count: DESC}].")
        }
        if thing.definition.name == "key" {
            return try groupKey(thing.value, direction, type, path)
        }
        if direction != nil {
            throw ArgumentError(
                "\(path).direction stands beside \(thing.definition.name).",
                hint: "It is the direction of a key; write {count: DESC} without it.")
        }
        if thing.definition.name == "count" {
            return try ordered(.count, thing.value, thing.definition.type.named, path)
        }
        return try aggregate(thing.definition, thing.value, path, &columns)
    }

    private func groupKey(
        _ value: CoercedValue, _ direction: CoercedField?, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> ResolvedGrouping.OrderKey {
        guard case .enumValue(let field) = value else {
            throw ArgumentError("\(path).key is null.", hint: "Name one of by.")
        }
        guard let place = places[field] else {
            let known = zip(fields, places).filter { $0.1 != nil }.map(\.0.value)
            throw ArgumentError(
                "\(path).key is \(fields[field].value), which is not in by.",
                hint: "The groups have \(phrase(known, "and")).")
        }
        guard let direction else { return ResolvedGrouping.OrderKey(measure: .key(place)) }
        let definition = context.model.schema[type].inputFields[direction.index]
        return try ordered(.key(place), direction.value, definition.type.named, path)
    }

    private func aggregate(
        _ definition: InputValue, _ value: CoercedValue, _ path: String,
        _ columns: inout GroupColumns
    ) throws(ArgumentError) -> ResolvedGrouping.OrderKey {
        let inside = "\(path).\(definition.name)"
        guard case .object(let given) = value, let part = given.first else {
            throw ArgumentError("\(inside) has no key.", hint: "Name one field of it.")
        }
        guard given.count == 1 else {
            throw ArgumentError(
                "\(inside) has \(given.count) keys.",
                hint: "Give one in each element of orderBy.")
        }
        let inner = context.model.schema[definition.type.named].inputFields[part.index]
        guard let place = try columns.place(definition.name, inner.name) else {
            throw ArgumentError("\(inside) has no key \(inner.name).")
        }
        return try ordered(
            .aggregate(place), part.value, inner.type.named, "\(inside).\(inner.name)")
    }

    private func ordered(
        _ measure: ResolvedGrouping.Measure, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> ResolvedGrouping.OrderKey {
        guard case .enumValue(let index) = value else {
            throw ArgumentError("\(path) has a null direction.", hint: "Use ASC or DESC.")
        }
        let direction = context.model.schema[type].enumValues[index].name
        return ResolvedGrouping.OrderKey(
            measure: measure, isDescending: direction.hasPrefix("DESC"),
            nullsFirst: direction.hasSuffix("NULLS_FIRST"))
    }

    private func empty(_ path: String) -> ArgumentError {
        ArgumentError(
            "\(path) has no key.",
            hint: context.limits.suggestions
                ? "Name one thing, like {key: \(fields.first?.value ?? "…"), direction: DESC} or "
                    + "{count: DESC}." : "Name one thing, like {count: DESC}.")
    }
}
