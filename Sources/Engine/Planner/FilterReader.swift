import Bytes
import GraphQL
import Store

/// What a client did wrong in an argument: found when the argument is looked at, after the type
/// system had nothing to say against it.
public struct ArgumentError: Error {
    enum Code: String {
        case badUserInput = "BAD_USER_INPUT"
        case badCursor = "BAD_CURSOR"
        case forbidden = "FORBIDDEN"
        case storageFull = "STORAGE_FULL"
        case timeout = "TIMEOUT"
        case answerTooLarge = "ANSWER_TOO_LARGE"
    }

    let code: Code
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil, code: Code = .badUserInput) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// `isNull` where there is always a row or a value to ask.
    static func misplacedIsNull(_ place: String) -> ArgumentError {
        ArgumentError(
            "\(place) is asked where nothing can be null.",
            hint: "Write isNull directly into the filter of a field that may be null.")
    }
}

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
        try read(value, type, table, path: "filter").normalized
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

    private var schema: Schema { context.model.schema }

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
                default: .rows(try rows(operation, operand, table, path))
                }
            }
        case .referenceID(let column, let target):
            return try operators(value, type, path) { operation, operand throws(ArgumentError) in
                switch operation {
                case .isNull(let wanted): try isNull(table, column, target, wanted, path)
                default:
                    .references(
                        column, visible(try rows(operation, operand, target, path), of: target))
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

    func scalar(
        _ column: ColumnID, _ stored: StoredType, _ value: CoercedValue, _ type: TypeID,
        _ path: String
    ) throws(ArgumentError) -> Condition {
        switch stored {
        case .scalar(let kind) where kind.isText:
            return try text(column, value, type, path)
        case .scalar(.float):
            return try doubleOperators(
                value, type, path, isNull: .isNull(column),
                set: { .doubleSet(column, $0) }
            ) { low, high in .doubles(column, low: low, high: high) }
        case .scalar(.date): return try date(column, value, type, path)
        case .scalar(.json):
            return try operators(value, type, path) { operation, _ throws(ArgumentError) in
                guard case .isNull(let wanted) = operation else { return .always }
                return wanted ? .isNull(column) : .not(.isNull(column))
            }
        default:
            return try integerOperators(
                value, type, path, isNull: .isNull(column), set: { .integerSet(column, $0) }
            ) { low, high in .integers(column, low: low, high: high) }
        }
    }

    private func date(
        _ column: ColumnID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var parts: [Condition] = []
        var others: [CoercedField] = []
        for field in fields {
            let definition = schema[type].inputFields[field.index]
            if definition.name == FilterOperator.monthDay.rawValue, field.value != .null {
                parts.append(
                    try monthDays(
                        column, field.value, definition.type.named, "\(path).\(definition.name)"))
            } else {
                others.append(field)
            }
        }
        if !others.isEmpty || parts.isEmpty {
            parts.append(
                try integerOperators(
                    .object(others), type, path, isNull: .isNull(column),
                    set: { .integerSet(column, $0) }
                ) { low, high in .integers(column, low: low, high: high) })
        }
        return .and(parts)
    }

    /// Days of a year. A range from a later day to an earlier one goes over the new year.
    private func monthDays(
        _ column: ColumnID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var parts: [Condition] = []
        var low: MonthDay?
        var high: MonthDay?
        for field in fields {
            let place = "\(path).\(schema[type].inputFields[field.index].name)"
            switch schema[type].inputFields[field.index].name {
            case "eq":
                let day = try monthDay(field.value, place)
                parts.append(.monthDays(column, low: day, high: day))
            case "in":
                guard case .list(let items) = field.value else {
                    throw ArgumentError("\(place) is null.", hint: "Leave it out.")
                }
                var days: [Condition] = []
                for item in items {
                    let day = try monthDay(item, place)
                    days.append(.monthDays(column, low: day, high: day))
                }
                parts.append(.or(days))
            case "gte": low = try monthDay(field.value, place)
            default: high = try monthDay(field.value, place)
            }
        }
        if let low, let high, low > high {
            parts.append(
                .or([
                    .monthDays(column, low: low, high: .last),
                    .monthDays(column, low: .first, high: high),
                ]))
        } else if low != nil || high != nil {
            parts.append(.monthDays(column, low: low ?? .first, high: high ?? .last))
        }
        if parts.isEmpty {
            throw ArgumentError(
                "\(path) has no operator.", hint: "Give eq, in, gte or lte, or leave it out.")
        }
        return .and(parts)
    }

    private func monthDay(_ value: CoercedValue, _ path: String) throws(ArgumentError) -> MonthDay {
        guard case .string(let text) = value else {
            throw ArgumentError("\(path) is null.", hint: "Leave it out.")
        }
        if let day = MonthDay(parsing: text) { return day }
        throw ArgumentError(
            "\(path) is \(quoted(text)), which is no day of a year.",
            hint: "Write the month and the day with two digits each: \"03-31\".")
    }

    private func text(
        _ column: ColumnID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var ignoresCase = false
        for field in fields where schema[type].inputFields[field.index].name == "ignoreCase" {
            if case .boolean(let given) = field.value { ignoresCase = given }
        }
        return try operators(value, type, path) { operation, operand throws(ArgumentError) in
            func bytes(_ operand: CoercedValue) -> [UInt8] {
                if case .string(let text) = operand { return Array(text.utf8) }
                return []
            }
            func comparison(_ test: Predicate.Node.Operation) -> Condition {
                .text(column, test, bytes(operand), ignoresCase: ignoresCase)
            }
            switch operation {
            case .isNull(let wanted): return wanted ? .isNull(column) : .not(.isNull(column))
            case .equal: return comparison(.textEqual)
            case .within:
                guard case .list(let items) = operand else { return .never }
                return .textSet(column, items.map(bytes), ignoresCase: ignoresCase)
            case .less: return comparison(.textLess)
            case .lessOrEqual: return comparison(.textLessOrEqual)
            case .greater: return comparison(.textGreater)
            case .greaterOrEqual: return comparison(.textGreaterOrEqual)
            case .starts: return comparison(.textStarts)
            case .ends: return comparison(.textEnds)
            case .contains: return comparison(.textContains)
            case .search: return .search(column, try search(bytes(operand), "\(path).search"))
            }
        }
    }

    private func search(_ text: [UInt8], _ path: String) throws(ArgumentError) -> TextSearch {
        do throws(TextSearch.Refusal) {
            return try TextSearch(text)
        } catch {
            switch error {
            case .isEmpty:
                throw ArgumentError(
                    "\(path) has no letter and no digit.",
                    hint: "Give a word or the beginning of one, or leave search out.")
            case .isTooLong:
                throw ArgumentError(
                    "\(path) is too long.",
                    hint: """
                        Give at most \(TextSearch.wordsMax) words and \(TextSearch.byteCountMax) \
                        bytes.
                        """)
            }
        }
    }

    /// The rows that ids name; an id that names none is left out.
    private func rows(
        _ operation: FilterOperation, _ operand: CoercedValue, _ table: TableID, _ path: String
    ) throws(ArgumentError) -> [UInt32] {
        var ids: [String] = []
        switch operand {
        case .string(let id): ids = [id]
        case .list(let items):
            for case .string(let id) in items { ids.append(id) }
        default: break
        }
        return ids.compactMap { context.row(id: $0, in: table, view.version)?.rawValue }
    }

    /// Conditions over whole numbers, by the ranges that the operators mean.
    private func integerOperators(
        _ value: CoercedValue, _ type: TypeID, _ path: String, isNull: Condition = .never,
        set: (([Int64]) -> Condition)? = nil, range: (Int64, Int64) -> Condition
    ) throws(ArgumentError) -> Condition {
        try operators(value, type, path) { operation, operand throws(ArgumentError) in
            func number(_ operand: CoercedValue) -> Int64 {
                switch operand {
                case .int(let number): number
                case .enumValue(let place): Int64(place)
                case .boolean(let flag): flag ? 1 : 0
                default: 0
                }
            }
            switch operation {
            case .isNull(let wanted): return wanted ? isNull : .not(isNull)
            case .within:
                guard case .list(let items) = operand else { return .never }
                if let set { return set(items.map(number)) }
                return .or(items.map { range(number($0), number($0)) })
            case .less:
                let bound = number(operand)
                return bound == .min ? .never : range(.min, bound - 1)
            case .lessOrEqual: return range(.min, number(operand))
            case .greater:
                let bound = number(operand)
                return bound == .max ? .never : range(bound + 1, .max)
            case .greaterOrEqual: return range(number(operand), .max)
            default: return range(number(operand), number(operand))
            }
        }
    }

    private func doubleOperators(
        _ value: CoercedValue, _ type: TypeID, _ path: String, isNull: Condition = .never,
        set: (([Double]) -> Condition)? = nil, range: (Double, Double) -> Condition
    ) throws(ArgumentError) -> Condition {
        try operators(value, type, path) { operation, operand throws(ArgumentError) in
            func number(_ operand: CoercedValue) -> Double {
                switch operand {
                case .float(let number): number
                case .int(let number): Double(number)
                default: 0
                }
            }
            switch operation {
            case .isNull(let wanted): return wanted ? isNull : .not(isNull)
            case .within:
                guard case .list(let items) = operand else { return .never }
                if let set { return set(items.map(number)) }
                return .or(items.map { range(number($0), number($0)) })
            case .less: return range(-.infinity, number(operand).nextDown)
            case .lessOrEqual: return range(-.infinity, number(operand))
            case .greater: return range(number(operand).nextUp, .infinity)
            case .greaterOrEqual: return range(number(operand), .infinity)
            default: return range(number(operand), number(operand))
            }
        }
    }

    /// Walks the operators of one scalar filter: all of them must hold. `ne` and `notIn` are the
    /// negations of `eq` and `in`, so that they match null.
    private func operators(
        _ value: CoercedValue, _ type: TypeID, _ path: String,
        _ condition: (FilterOperation, CoercedValue) throws(ArgumentError) -> Condition
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var parts: [Condition] = []
        for field in fields {
            let name = schema[type].inputFields[field.index].name
            if name == "ignoreCase" { continue }
            if case .null = field.value {
                throw ArgumentError(
                    "\(path).\(name) is null.",
                    hint: "To find rows without a value use isNull: true.")
            }
            if case .list(let items) = field.value, items.contains(.null) {
                throw ArgumentError(
                    "\(path).\(name) contains null.",
                    hint: "To find rows without a value use isNull: true.")
            }
            switch name {
            case "ne": parts.append(.not(try condition(.equal, field.value)))
            case "notIn": parts.append(.not(try condition(.within, field.value)))
            default:
                guard let operation = FilterOperation(name, field.value) else { continue }
                parts.append(try condition(operation, field.value))
            }
        }
        if parts.isEmpty {
            throw ArgumentError(
                "\(path) has no operator.",
                hint: "Give one, or leave the field out; a variable that is absent leaves it empty."
            )
        }
        return .and(parts)
    }
}

/// The operators of scalar filters; `ne` and `notIn` are negations of two of them.
enum FilterOperation {
    case equal, within, less, lessOrEqual, greater, greaterOrEqual, starts, ends, contains
    case search
    case isNull(Bool)

    init?(_ name: String, _ value: CoercedValue) {
        switch name {
        case "eq": self = .equal
        case "in": self = .within
        case "lt": self = .less
        case "lte": self = .lessOrEqual
        case "gt": self = .greater
        case "gte": self = .greaterOrEqual
        case "startsWith": self = .starts
        case "endsWith": self = .ends
        case "contains": self = .contains
        case "search": self = .search
        case "isNull":
            guard case .boolean(let wanted) = value else { return nil }
            self = .isNull(wanted)
        default: return nil
        }
    }
}
