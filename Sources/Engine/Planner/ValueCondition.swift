import Bytes
import GraphQL
import Store

/// A filter over a stored value: an object inside its row, or a list.
///
/// The conditions inside are those of rows, with the places of the value's fields where a row has
/// columns; a value that is not an object is its own place 0.
indirect enum ValueCondition: Sendable {
    case object(ValueLayout, [StoredType], Condition)
    case scalar(StoredType, Condition)
    case some(ValueCondition, width: Int)
    case every(ValueCondition, width: Int)
    case isEmpty(Bool)
    case all([ValueCondition])
    case not(ValueCondition)

    /// Whether the value of a column satisfies the condition.
    func matches(_ column: UnsafeRawBufferPointer) -> Bool {
        unsafe matches(ValueView(column: column))
    }

    private func matches(_ value: ValueView) -> Bool {
        switch self {
        case .object(let layout, let types, let condition):
            return Self.holds(condition) { place in
                (value.field(place, in: layout), types[place])
            }
        case .scalar(let type, let condition):
            return Self.holds(condition) { _ in (value, type) }
        case .some(let inner, let width):
            var items = value.items
            for _ in 0..<value.count {
                if let item = items.next(width: width), inner.matches(item) { return true }
            }
            return false
        case .every(let inner, let width):
            var items = value.items
            for _ in 0..<value.count {
                guard let item = items.next(width: width), inner.matches(item) else {
                    return false
                }
            }
            return true
        case .isEmpty(let wanted): return (value.count == 0) == wanted
        case .all(let parts): return parts.allSatisfy { $0.matches(value) }
        case .not(let inner): return !inner.matches(value)
        }
    }

    private static func holds(_ condition: Condition, _ field: (Int) -> (ValueView?, StoredType))
        -> Bool
    {
        switch condition {
        case .always: return true
        case .never: return false
        case .and(let parts): return parts.allSatisfy { holds($0, field) }
        case .or(let parts): return parts.contains { holds($0, field) }
        case .not(let inner): return !holds(inner, field)
        case .isNull(let place): return field(place).0 == nil
        case .integers(let place, let low, let high):
            guard let value = integer(field(place)) else { return false }
            return value >= low && value <= high
        case .integerSet(let place, let set):
            return integer(field(place)).map(set.contains) ?? false
        case .monthDays(let place, let low, let high):
            guard let value = integer(field(place)) else { return false }
            let day = MonthDay(ofDayNumber: Int32(truncatingIfNeeded: value))
            return day >= low && day <= high
        case .doubles(let place, let low, let high):
            guard let value = field(place).0?.double else { return false }
            return value >= low && value <= high
        case .doubleSet(let place, let set):
            return (field(place).0?.double).map(set.contains) ?? false
        case .text(let place, let operation, let bytes, let ignoresCase):
            guard let value = field(place).0 else { return false }
            return unsafe TextMatch.matches(
                operation, value.bytes, ignoresCase ? TextMatch.folded(bytes) : bytes,
                ignoresCase: ignoresCase, isASCII: false)
        case .textSet(let place, let set, let ignoresCase):
            guard let value = field(place).0 else { return false }
            return set.contains {
                unsafe TextMatch.matches(
                    .textEqual, value.bytes, ignoresCase ? TextMatch.folded($0) : $0,
                    ignoresCase: ignoresCase, isASCII: false)
            }
        case .search(let place, let search):
            guard let value = field(place).0 else { return false }
            return unsafe search.matches(value.bytes)
        case .references(let place, let refs):
            return (field(place).0?.reference.rawValue).map(refs.contains) ?? false
        case .value(let place, let inner):
            return field(place).0.map(inner.matches) ?? false
        case .rows, .toOne, .relation: return false
        }
    }

    private static func integer(_ field: (ValueView?, StoredType)) -> Int64? {
        guard let value = field.0 else { return nil }
        return switch field.1 {
        case .enum: Int64(value.enumPlace)
        case .scalar(.boolean): value.bool ? 1 : 0
        case .scalar(.int), .scalar(.date): Int64(value.int32)
        default: value.int64
        }
    }
}
