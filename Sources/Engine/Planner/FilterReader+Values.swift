import GraphQL
import Store

extension FilterReader {
    /// A filter over a stored value or list, at a place of a row or of another value.
    func stored(
        _ place: ColumnID, _ stored: StoredType, _ value: CoercedValue, _ type: TypeID,
        _ path: String
    ) throws(ArgumentError) -> Condition {
        switch stored {
        case .value(let id):
            return try object(place, id, value, type, path)
        case .list(.value(let id), _):
            return try listOfValues(place, id, value, type, path)
        case .list(let item, _):
            return try listOfScalars(place, item, value, type, path)
        default:
            return try scalar(place, stored, value, type, path)
        }
    }

    private func object(
        _ place: ColumnID, _ id: ValueID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        let (inner, isNull) = try fields(of: id, value, type, path)
        var parts: [Condition] = []
        if let isNull { parts.append(isNull ? .isNull(place) : .not(.isNull(place))) }
        if let inner { parts.append(.value(place, self.object(id, inner))) }
        return .and(parts)
    }

    private func object(_ id: ValueID, _ condition: Condition) -> ValueCondition {
        let types = context.model[id].fields.map(\.type)
        return .object(ValueLayout(types), types, condition.normalized)
    }

    /// The condition over the fields of a value; nil when only `isNull` was asked.
    private func fields(
        of id: ValueID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> (Condition?, isNull: Bool?) {
        guard case .object(let given) = value else { return (nil, nil) }
        let model = context.model[id]
        var parts: [Condition] = []
        var isNull: Bool?
        for field in given {
            let definition = context.model.schema[type].inputFields[field.index]
            let inside = "\(path).\(definition.name)"
            if case .null = field.value {
                throw ArgumentError(
                    "\(inside) is null.",
                    hint: "Leave it out; to find rows without a value use isNull: true.")
            }
            switch definition.name {
            case "and", "or":
                guard case .list(let items) = field.value else { continue }
                var conditions: [Condition] = []
                for item in items {
                    conditions.append(try present(id, item, type, inside))
                }
                parts.append(definition.name == "and" ? .and(conditions) : .or(conditions))
            case "not":
                parts.append(.not(try present(id, field.value, type, inside)))
            case "isNull":
                if case .boolean(let wanted) = field.value { isNull = wanted }
            default:
                guard let place = model.fields.firstIndex(where: { $0.name == definition.name })
                else { continue }
                parts.append(
                    try stored(
                        place, model.fields[place].type, field.value, definition.type.named,
                        inside))
            }
        }
        return (parts.isEmpty && isNull != nil ? nil : .and(parts), isNull)
    }

    /// The condition over the fields of a value that is there.
    private func present(
        _ id: ValueID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        let (condition, isNull) = try fields(of: id, value, type, path)
        if isNull != nil { throw .misplacedIsNull("\(path).isNull") }
        return condition ?? .always
    }

    private func listOfValues(
        _ place: ColumnID, _ id: ValueID, _ value: CoercedValue, _ type: TypeID, _ path: String
    ) throws(ArgumentError) -> Condition {
        try list(place, value, type, path) { name, operand, inner, inside throws(ArgumentError) in
            let item = object(id, try present(id, operand, inner, inside))
            switch name {
            case "some": return .some(item, width: 0)
            case "every": return .every(item, width: 0)
            case "none": return .not(.some(item, width: 0))
            default: return nil
            }
        }
    }

    private func listOfScalars(
        _ place: ColumnID, _ item: StoredType, _ value: CoercedValue, _ type: TypeID,
        _ path: String
    ) throws(ArgumentError) -> Condition {
        let width = item.payloadWidth
        func some(_ operand: CoercedValue) -> ValueCondition {
            .some(.scalar(item, equality(item, operand)), width: width)
        }
        return try list(place, value, type, path) { name, operand, _, _ throws(ArgumentError) in
            switch name {
            case "has": return some(operand)
            case "hasAny":
                guard case .list(let operands) = operand else { return nil }
                return .not(.all(operands.map { .not(some($0)) }))
            case "hasAll":
                guard case .list(let operands) = operand else { return nil }
                return .all(operands.map(some))
            case "isEmpty":
                guard case .boolean(let wanted) = operand else { return nil }
                return .isEmpty(wanted)
            default: return nil
            }
        }
    }

    /// The tests of a list filter, all of which must hold.
    private func list(
        _ place: ColumnID, _ value: CoercedValue, _ type: TypeID, _ path: String,
        _ test: (String, CoercedValue, TypeID, String) throws(ArgumentError) -> ValueCondition?
    ) throws(ArgumentError) -> Condition {
        guard case .object(let fields) = value else { return .always }
        var parts: [Condition] = []
        for field in fields {
            let definition = context.model.schema[type].inputFields[field.index]
            let inside = "\(path).\(definition.name)"
            if case .null = field.value {
                throw ArgumentError("\(inside) is null.", hint: "Leave it out.")
            }
            if definition.name == "isNull", case .boolean(let wanted) = field.value {
                parts.append(wanted ? .isNull(place) : .not(.isNull(place)))
            } else if let condition = try test(
                definition.name, field.value, definition.type.named, inside)
            {
                parts.append(.value(place, condition))
            }
        }
        if parts.isEmpty {
            throw ArgumentError("\(path) has no condition.", hint: "Leave the field out.")
        }
        return .and(parts)
    }

    /// The item itself, place 0, is equal to a coerced value.
    private func equality(_ item: StoredType, _ operand: CoercedValue) -> Condition {
        switch operand {
        case .string(let text):
            .text(0, .textEqual, Array(text.utf8), ignoresCase: false)
        case .int(let number):
            item == .scalar(.float)
                ? .doubles(0, low: Double(number), high: Double(number))
                : .integers(0, low: number, high: number)
        case .float(let number): .doubles(0, low: number, high: number)
        case .enumValue(let place): .integers(0, low: Int64(place), high: Int64(place))
        case .boolean(let flag): .integers(0, low: flag ? 1 : 0, high: flag ? 1 : 0)
        default: .never
        }
    }
}
