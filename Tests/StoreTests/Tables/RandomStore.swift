import Bytes
@testable import Store

extension SeededRandom {
    /// A definition of a few tables that refer to each other in all ways.
    mutating func storeDefinition() -> StoreDefinition {
        let tableCount = 1 + below(5)
        var tables: [TableDefinition] = []
        for position in 0..<tableCount {
            let isAppendOnly = chance(percent: 10)
            let columns = (0..<below(9)).map {
                column("c\($0)", of: position, tableCount, isAppendOnly: isAppendOnly)
            }
            var definition = table("t\(position)", columns, isAppendOnly: isAppendOnly)
            let references = definition.columns.indices.filter {
                if case .reference = definition.columns[$0].kind { return true }
                return false
            }
            if !references.isEmpty && chance(percent: 60) {
                definition.shardBy = pick(references)
            }
            tables.append(definition)
        }
        var indexes: [IndexDefinition] = []
        for position in 0..<below(9) {
            let table = below(tableCount)
            let columns = Array(tables[table].columns.indices)
            let equality = (0..<below(4)).map { _ in pick(columns) }
            let ordered: ColumnID? = chance(percent: 60) ? pick(columns) : nil
            // A cleared reference raises versions, and equal versions could refuse a deletion.
            let isFree = (equality + (ordered.map { [$0] } ?? [])).allSatisfy { $0 == 0 || $0 > 3 }
            let isUnique = isFree && chance(percent: 40) && (!equality.isEmpty || ordered != nil)
            let isDate = ordered.map { tables[table].columns[$0].kind == .int32 } ?? false
            indexes.append(
                IndexDefinition(
                    name: "i\(position)", table: TableID(table), equality: equality,
                    ordered: ordered,
                    order: isDate && !isUnique && chance(percent: 50) ? .monthDay : .value,
                    isUnique: isUnique,
                    conditions: chance(percent: 50) ? conditions(on: tables[table]) : []))
        }
        for position in tables.indices {
            for (column, description) in tables[position].columns.enumerated()
            where description.kind == .bytes(.text) && chance(percent: 25) {
                indexes.append(
                    IndexDefinition(
                        name: "w\(position).\(column)", table: TableID(position), equality: [],
                        ordered: column, order: .words,
                        conditions: chance(percent: 30) ? conditions(on: tables[position]) : []))
            }
        }
        for (position, definition) in tables.enumerated() {
            for (column, description) in definition.columns.enumerated() {
                guard case .reference = description.kind, chance(percent: 70) else { continue }
                indexes.append(
                    IndexDefinition(
                        name: "r\(position).\(column)", table: TableID(position),
                        equality: [column]))
            }
        }
        return StoreDefinition(tables: tables, indexes: indexes)
    }

    /// Conditions on some columns of a table; none on a reference that a deletion clears, because a
    /// row that enters a unique index by that could refuse the deletion.
    private mutating func conditions(on table: TableDefinition) -> [IndexCondition] {
        let candidates = table.columns.indices.filter { table.columns[$0].onDelete != .setNull }
        return (0..<1 + below(2)).map { _ in
            let column = pick(candidates)
            let isNarrow = [.bool, .int8, .int16].contains(table.columns[column].kind)
            switch below(isNarrow ? 4 : 2) {
            case 0: return IndexCondition(column, .isNull)
            case 1: return IndexCondition(column, .isSet)
            case 2: return IndexCondition(column, .among(someValues(of: table.columns[column])))
            default:
                return IndexCondition(column, .notAmong(someValues(of: table.columns[column])))
            }
        }
    }

    private mutating func someValues(of column: ColumnDefinition) -> [Int] {
        let values: [Int] =
            switch column.kind {
            case .bool: [0, 1]
            case .int8: [0, 1, 7, 64, 250, 255]
            default: [0, 1, 63, 300, 65535]
            }
        return values.filter { _ in chance(percent: 40) }
    }

    private mutating func column(
        _ name: String, of position: Int, _ tableCount: Int, isAppendOnly: Bool
    ) -> ColumnDefinition {
        if chance(percent: 35) {
            // A required reference must have something to begin with.
            let isRequired = position > 0 && chance(percent: 30)
            let target = isRequired ? below(position) : below(tableCount)
            let actions: [ReferenceAction] =
                isAppendOnly
                ? [.restrict]
                : isRequired ? [.restrict, .cascade] : [.restrict, .cascade, .setNull]
            return ColumnDefinition(
                name: name, kind: .reference(TableID(target)), isNullable: !isRequired,
                onDelete: pick(actions))
        }
        let kinds: [ColumnKind] = [
            .bool, .int8, .int16, .int32, .int64, .double, .bytes(.text), .bytes(.text),
            .bytes(.json), .bytes(.value),
        ]
        return ColumnDefinition(name: name, kind: pick(kinds), isNullable: chance(percent: 50))
    }

    /// A value for a column; few different ones, so that keys meet.
    mutating func cellValue(
        _ column: ColumnDefinition, rows: (TableID) -> [RowRef]
    ) -> CellValue {
        if column.isNullable ? chance(percent: 25) : chance(percent: 2) { return .null }
        switch column.kind {
        case .bool: return .int(Int64(below(2)))
        case .int8: return .int(pick([0, 1, 7, 250, 255]))
        case .int16: return .int(pick([0, 1, 300, 65535]))
        case .int32:
            return .int(pick([-1, 0, 5, 360, 725, Int64(Int32.min), Int64(Int32.max)]))
        case .int64:
            return .int(pick([-1, 0, 5, (1 << 53) - 1, -(1 << 53) + 1]))
        case .double: return .double(pick([-1.5, 0, 2.25, 1e300, -1e-300]))
        case .reference(let target):
            let candidates = rows(target)
            if candidates.isEmpty || chance(percent: 3) {
                return chance(percent: 50) ? .null : .row(RowRef(rawValue: UInt32(below(1 << 20))))
            }
            return .row(pick(candidates))
        case .bytes: return .bytes(text())
        }
    }

    /// A text: short or long, of few different beginnings, with bytes of all classes.
    mutating func text() -> [UInt8] {
        switch below(12) {
        case 0: return []
        case 1: return [0x61]
        case 2: return [0x61, 0]
        case 3: return Array("a common beginning, and then \(below(4))".utf8)
        case 4: return Array("exactly8".utf8)
        case 5: return Array("exactly8\(below(3))".utf8)
        case 6: return Array("\"quoted\"\n".utf8)
        case 7: return Array("Grüße, 会员 \(below(3))".utf8)
        case 8: return Array(repeating: 0x78, count: below(400))
        default: return Array("t\(below(6))".utf8)
        }
    }
}
