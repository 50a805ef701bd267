import Bytes
import GraphQL
import Store

/// Conditions over one column, by the operators that its filter has.
extension FilterReader {
    /// A filter over what is neither a value object nor a list.
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

    /// Conditions over whole numbers, by the ranges that the operators mean.
    func integerOperators(
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

    func doubleOperators(
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
    func operators(
        _ value: CoercedValue, _ type: TypeID, _ path: String,
        _ condition: (FilterOperation, CoercedValue) throws(ArgumentError) -> Condition
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var parts: [Condition] = []
        for field in fields {
            let name = schema[type].inputFields[field.index].name
            guard let asked = FilterOperator(rawValue: name), asked != .ignoreCase else {
                continue
            }
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
            switch asked {
            case .ne: parts.append(.not(try condition(.equal, field.value)))
            case .notIn: parts.append(.not(try condition(.within, field.value)))
            default:
                guard let operation = FilterOperation(asked, field.value) else { continue }
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

    init?(_ asked: FilterOperator, _ value: CoercedValue) {
        switch asked {
        case .eq: self = .equal
        case .in: self = .within
        case .lt: self = .less
        case .lte: self = .lessOrEqual
        case .gt: self = .greater
        case .gte: self = .greaterOrEqual
        case .startsWith: self = .starts
        case .endsWith: self = .ends
        case .contains: self = .contains
        case .search: self = .search
        case .isNull:
            guard case .boolean(let wanted) = value else { return nil }
            self = .isNull(wanted)
        case .ne, .notIn, .ignoreCase, .monthDay: return nil
        }
    }
}
