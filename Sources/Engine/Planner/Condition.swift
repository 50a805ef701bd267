import Bytes
import Store

/// A filter after its texts, ids and enum values have become what the store holds, before anything is
/// decided about how to find the rows. Source: the API's rulings on filters.
indirect enum Condition: Sendable {
    case always
    case never
    case and([Condition])
    case or([Condition])
    case not(Condition)
    case isNull(ColumnID)
    /// Whole numbers, booleans, enums, dates and times from `low` to `high`; nulls do not match.
    case integers(ColumnID, low: Int64, high: Int64)
    case integerSet(ColumnID, [Int64])
    /// Dates whose month and day lie from `low` to `high`.
    case monthDays(ColumnID, low: MonthDay, high: MonthDay)
    case doubles(ColumnID, low: Double, high: Double)
    case doubleSet(ColumnID, [Double])
    case text(ColumnID, Predicate.Node.Operation, [UInt8], ignoresCase: Bool)
    case textSet(ColumnID, [[UInt8]], ignoresCase: Bool)
    /// The words of a text.
    case search(ColumnID, TextSearch)
    /// The row is one of these.
    case rows([UInt32])
    /// The column leads to one of these rows.
    case references(ColumnID, [UInt32])
    case toOne(ColumnID, TableID, Condition)
    case relation(RelationTest, Predicate.Relation, Condition)
    case value(ColumnID, ValueCondition)

    enum RelationTest: Sendable {
        case some, every, none
        case count(low: Int64, high: Int64)
        case sum(Column, low: Int64, high: Int64)
        case doubleSum(Column, low: Double, high: Double)
    }

    /// The same condition with nested conjunctions made flat, constants folded away, and the ranges
    /// over one column made one.
    var normalized: Condition {
        switch self {
        case .and(let parts): return Condition.conjunction(parts.map(\.normalized))
        case .or(let parts):
            var kept: [Condition] = []
            for part in parts.map(\.normalized) {
                if case .always = part { return .always }
                if case .never = part { continue }
                if case .or(let inner) = part { kept += inner } else { kept.append(part) }
            }
            if kept.isEmpty { return .never }
            return kept.count == 1 ? kept[0] : .or(kept)
        case .not(let inner):
            switch inner.normalized {
            case .always: return .never
            case .never: return .always
            case .not(let original): return original
            case let other: return .not(other)
            }
        case .integers(_, let low, let high) where low > high: return .never
        case .integerSet(_, let set) where set.isEmpty: return .never
        case .integerSet(let column, let set) where set.count == 1:
            return .integers(column, low: set[0], high: set[0])
        case .doubles(_, let low, let high) where low > high: return .never
        case .textSet(_, let set, _) where set.isEmpty: return .never
        case .textSet(let column, let set, let ignoresCase) where set.count == 1:
            return .text(column, .textEqual, set[0], ignoresCase: ignoresCase)
        case .rows(let refs) where refs.isEmpty: return .never
        case .references(_, let refs) where refs.isEmpty: return .never
        case .toOne(let column, let target, let inner):
            let inner = inner.normalized
            if case .never = inner { return .never }
            if case .always = inner { return .not(.isNull(column)) }
            if case .rows(let refs) = inner { return .references(column, refs) }
            return .toOne(column, target, inner)
        case .relation(let test, let relation, let inner):
            return .relation(test, relation, inner.normalized)
        default: return self
        }
    }

    private static func conjunction(_ parts: [Condition]) -> Condition {
        var kept: [Condition] = []
        var ranges: [ColumnID: Int] = [:]
        for part in parts {
            switch part {
            case .always: continue
            case .never: return .never
            case .and(let inner): kept += inner
            default: kept.append(part)
            }
        }
        var merged: [Condition] = []
        for part in kept {
            if case .integers(let column, let low, let high) = part {
                if let place = ranges[column],
                    case .integers(_, let earlierLow, let earlierHigh) = merged[place]
                {
                    let low = max(low, earlierLow)
                    let high = min(high, earlierHigh)
                    if low > high { return .never }
                    merged[place] = .integers(column, low: low, high: high)
                    continue
                }
                ranges[column] = merged.count
            }
            merged.append(part)
        }
        if merged.isEmpty { return .always }
        return merged.count == 1 ? merged[0] : .and(merged)
    }

    /// Whether it leaves out one value of many, or what has none: most rows are taken to pass.
    var isMostlyTrue: Bool {
        guard case .not(let inner) = self else { return false }
        switch inner {
        case .isNull, .rows, .references, .text(_, .textEqual, _, _): return true
        case .integers(_, let low, let high): return low == high
        default: return false
        }
    }

    /// The parts that all must hold.
    var conjuncts: [Condition] {
        switch self {
        case .and(let parts): parts
        case .always: []
        default: [self]
        }
    }

    /// Adds this condition's nodes to a predicate over a table whose columns lie as `columns` says.
    func emit(to draft: inout PredicateDraft, _ layouts: ColumnLayouts, _ table: TableID) {
        let none = layouts.column(table, 0)
        func column(_ id: ColumnID) -> Column { layouts.column(table, id) }
        switch self {
        case .always: draft.leaf(.always, none)
        case .never: draft.leaf(.never, none)
        case .and(let parts), .or(let parts):
            var operation = Predicate.Node.Operation.or
            if case .and = self { operation = .and }
            let place = draft.open(operation, none)
            for part in parts { part.emit(to: &draft, layouts, table) }
            draft.close(place)
        case .not(let inner):
            let place = draft.open(.not, none)
            inner.emit(to: &draft, layouts, table)
            draft.close(place)
        case .isNull(let id): draft.leaf(.isNull, column(id))
        case .integers(let id, let low, let high):
            draft.leaf(.integerRange, column(id), low: low, high: high)
        case .integerSet(let id, let set):
            draft.numberSets.append(set.sorted())
            draft.leaf(.integerSet, column(id), operand: draft.numberSets.count - 1)
        case .monthDays(let id, let low, let high):
            draft.leaf(
                .monthDayRange, column(id), low: Int64(low.rawValue), high: Int64(high.rawValue))
        case .doubles(let id, let low, let high):
            draft.leaf(
                .doubleRange, column(id), low: Int64(bitPattern: low.bitPattern),
                high: Int64(bitPattern: high.bitPattern))
        case .doubleSet(let id, let set):
            draft.numberSets.append(set.map { Int64(bitPattern: ($0 + 0).bitPattern) }.sorted())
            draft.leaf(.doubleSet, column(id), operand: draft.numberSets.count - 1)
        case .text(let id, let operation, let bytes, let ignoresCase):
            draft.texts.append(ignoresCase ? TextMatch.folded(bytes) : bytes)
            draft.leaf(
                operation, column(id), operand: draft.texts.count - 1, ignoresCase: ignoresCase)
        case .textSet(let id, let set, let ignoresCase):
            let texts = ignoresCase ? set.map(TextMatch.folded) : set
            draft.textSets.append(texts.sorted { $0.lexicographicallyPrecedes($1) })
            draft.leaf(
                .textSet, column(id), operand: draft.textSets.count - 1, ignoresCase: ignoresCase)
        case .search(let id, let search):
            draft.searches.append(search)
            draft.leaf(.textSearch, column(id), operand: draft.searches.count - 1)
        case .rows(let refs):
            draft.refSets.append(refs.sorted())
            draft.leaf(.rowSet, none, operand: draft.refSets.count - 1)
        case .references(let id, let refs):
            draft.refSets.append(refs.sorted())
            draft.leaf(.referenceSet, column(id), operand: draft.refSets.count - 1)
        case .toOne(let id, let target, let inner):
            let place = draft.open(.toOne, column(id), operand: target.index)
            inner.emit(to: &draft, layouts, target)
            draft.close(place)
        case .relation(let test, let relation, let inner):
            draft.relations.append(relation)
            let place = draft.open(test, relation: draft.relations.count - 1, none)
            inner.emit(to: &draft, layouts, relation.target)
            draft.close(place)
        case .value(let id, let condition):
            draft.values.append(condition)
            draft.leaf(.value, column(id), operand: draft.values.count - 1)
        }
    }

    /// The condition as a predicate; nil when every row satisfies it.
    func predicate(_ layouts: ColumnLayouts, _ table: TableID) -> Predicate? {
        if case .always = self { return nil }
        var draft = PredicateDraft()
        emit(to: &draft, layouts, table)
        return Predicate(draft)
    }
}

extension PredicateDraft {
    fileprivate mutating func open(
        _ test: Condition.RelationTest, relation: Int, _ none: Column
    ) -> Int {
        switch test {
        case .some: return open(.some, none, operand: relation)
        case .every: return open(.every, none, operand: relation)
        case .none: return open(.none, none, operand: relation)
        case .count(let low, let high):
            return open(.relationCount, none, low: low, high: high, operand: relation)
        case .sum(let column, let low, let high):
            sums.append(
                Predicate.Sum(relation: relation, column: column, doubleLow: 0, doubleHigh: 0))
            return open(.relationSum, none, low: low, high: high, operand: sums.count - 1)
        case .doubleSum(let column, let low, let high):
            sums.append(
                Predicate.Sum(
                    relation: relation, column: column, doubleLow: low, doubleHigh: high))
            return open(.relationSum, none, operand: sums.count - 1)
        }
    }
}

/// Where the columns of all tables lie in their pages.
struct ColumnLayouts: Sendable {
    private let columns: [[Column]]

    init(_ definition: StoreDefinition) {
        columns = definition.tables.map { TableLayout($0).columns }
    }

    func column(_ table: TableID, _ id: ColumnID) -> Column { columns[table.index][id] }
}
