import Bytes
import Foundation
import JSON

@testable import Engine

/// Something that rows of the reference can be grouped by.
struct ReferenceGroupField {
    /// As in `XGroupKeys`: `r0C1`.
    let name: String
    /// The relation that is walked first.
    let relation: String?
    let column: String
    let kind: ReferenceKind

    /// As in `XGroupField`: `R0_C1`.
    var value: String {
        name.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }

    var isTime: Bool {
        switch kind {
        case .scalar(.dateTime), .scalar(.date): true
        default: false
        }
    }
}

/// A `groupBy` as plain values.
struct ReferenceGrouping {
    var by: [(field: ReferenceGroupField, bucket: String?)] = []
    var timeZone: String?
    var having: JSONValue?
    var orderBy: [JSONValue] = []
    var first: Int?
    /// Fields of `keys`, also some that are not in `by`.
    var keys: [(key: String, field: ReferenceGroupField)] = []
    var aggregate: [ReferenceSelection.AggregatePart] = []
    /// `first` of `nodes`; nil when they are not asked for.
    var nodes: Int?
}

extension ReferenceTable {
    /// What the rows can be grouped by.
    func groupFields(_ database: ReferenceDatabase) -> [ReferenceGroupField] {
        var found: [ReferenceGroupField] = []
        for field in fields where field.name != "id" && field.name != "version" {
            switch field.kind {
            case .enumeration, .scalar(.int), .scalar(.long), .scalar(.float), .scalar(.boolean),
                .scalar(.string), .scalar(.emailAddress), .scalar(.id), .scalar(.date),
                .scalar(.dateTime):
                found.append(
                    ReferenceGroupField(
                        name: field.name, relation: nil, column: field.name, kind: field.kind))
            case .toOne(let target):
                found.append(
                    ReferenceGroupField(
                        name: field.name, relation: nil, column: field.name, kind: field.kind))
                found += Self.reached(field.name, database.table(target))
            case .scalar(.json), .value, .list, .toMany, .through: continue
            }
        }
        return found
    }

    private static func reached(_ relation: String, _ table: ReferenceTable)
        -> [ReferenceGroupField]
    {
        table.fields.dropFirst(4).compactMap { field in
            switch field.kind {
            case .enumeration, .toOne, .scalar(.date), .scalar(.dateTime):
                ReferenceGroupField(
                    name: relation + field.name.prefix(1).uppercased() + field.name.dropFirst(),
                    relation: relation, column: field.name, kind: field.kind)
            default: nil
            }
        }
    }
}

// MARK: The answer

extension ReferenceDatabase {
    private struct Group {
        let keys: [JSONValue]
        var rows: [Row] = []
    }

    /// The groups of rows, which come in the order of their list.
    func answer(_ grouping: ReferenceGrouping, _ table: ReferenceTable, _ rows: [Row]) -> JSONValue
    {
        var places: [String: Int] = [:]
        var groups: [Group] = []
        for row in rows {
            let keys = grouping.by.map { key($0.field, $0.bucket, grouping.timeZone, row) }
            let name = JSONValue.array(keys).description
            let place = places[name] ?? groups.count
            if place == groups.count {
                places[name] = place
                groups.append(Group(keys: keys))
            }
            groups[place].rows.append(row)
        }
        groups.removeAll { !passes(grouping.having ?? [:], $0, table) }
        groups.sort { compare($0, $1, grouping, table) < 0 }
        return .array(
            groups.prefix(grouping.first ?? 1000).map { written($0, grouping, table) })
    }

    private func key(
        _ field: ReferenceGroupField, _ bucket: String?, _ zone: String?, _ row: Row
    ) -> JSONValue {
        var reached = row
        if let relation = field.relation {
            guard let next = self.row(row.value(relation).string) else { return .null }
            reached = next
        }
        let value = reached.value(field.column)
        if case .scalar(.float) = field.kind, let number = value.double {
            // Minus zero is zero.
            return .double(number + 0)
        }
        guard let bucket, let text = value.string else { return value }
        if case .scalar(.date) = field.kind { return .string(Self.start(of: bucket, day: text)) }
        return .string(Self.start(of: bucket, time: text, zone ?? "UTC"))
    }

    // MARK: having and orderBy

    private func passes(_ having: JSONValue, _ group: Group, _ table: ReferenceTable) -> Bool {
        (having.members ?? []).allSatisfy { part in
            if part.key == "count" {
                return Self.holds(
                    part.value, .integer(Int64(group.rows.count)), .scalar(.int))
            }
            return (part.value.members ?? []).allSatisfy { test in
                let (value, kind) = measure(part.key, test.key, group, table)
                return Self.holds(test.value, value, kind)
            }
        }
    }

    /// What came of a column, and what it is.
    private func measure(
        _ function: String, _ column: String, _ group: Group, _ table: ReferenceTable
    ) -> (JSONValue, ReferenceKind) {
        let value = aggregate(function, column, table, group.rows)
        let kind = table.field(column)?.kind ?? .scalar(.int)
        return (value, function == "avg" ? .scalar(.float) : kind)
    }

    private func compare(
        _ left: Group, _ right: Group, _ grouping: ReferenceGrouping, _ table: ReferenceTable
    ) -> Int {
        for order in grouping.orderBy {
            var direction = order["direction"]?.string ?? "ASC"
            var values: [JSONValue] = []
            var kind = ReferenceKind.scalar(.int)
            if let name = order["key"]?.string {
                let place = grouping.by.firstIndex { $0.field.value == name } ?? 0
                kind = grouping.by[place].field.kind
                values = [left, right].map { ordered($0.keys[place], kind) }
            } else if let given = order["count"]?.string {
                direction = given
                values = [left, right].map { .integer(Int64($0.rows.count)) }
            } else if let part = order.members?.first, let inner = part.value.members?.first {
                direction = inner.value.string ?? ""
                for group in [left, right] {
                    let (value, itsKind) = measure(part.key, inner.key, group, table)
                    values.append(value)
                    kind = itsKind
                }
            }
            let side = Self.compare(values[0], values[1], kind, direction)
            if side != 0 { return side }
        }
        for (place, key) in grouping.by.enumerated() {
            let side = Self.compare(
                ordered(left.keys[place], key.field.kind),
                ordered(right.keys[place], key.field.kind), key.field.kind, "ASC")
            if side != 0 { return side }
        }
        return 0
    }

    /// Rows come in the order of their creation.
    private func ordered(_ value: JSONValue, _ kind: ReferenceKind) -> JSONValue {
        guard case .toOne = kind, let row = row(value.string) else { return value }
        return .integer(Int64(row.creation))
    }

    private static func compare(
        _ left: JSONValue, _ right: JSONValue, _ kind: ReferenceKind, _ direction: String
    ) -> Int {
        if left.isNull && right.isNull { return 0 }
        if left.isNull || right.isNull {
            return left.isNull == direction.hasSuffix("NULLS_FIRST") ? -1 : 1
        }
        let order = compare(left, right, kind)
        return direction.hasPrefix("DESC") ? -order : order
    }

    // MARK: Groups as they are answered

    private func written(
        _ group: Group, _ grouping: ReferenceGrouping, _ table: ReferenceTable
    ) -> JSONValue {
        var members: [JSONValue.Member] = []
        if !grouping.keys.isEmpty {
            let keys = grouping.keys.map { key, field -> JSONValue.Member in
                let place = grouping.by.firstIndex { $0.field.name == field.name }
                let value = place.map { group.keys[$0] } ?? .null
                guard case .toOne = field.kind, let id = value.string else {
                    return JSONValue.Member(key, value)
                }
                return JSONValue.Member(key, ["id": .string(id)])
            }
            members.append(JSONValue.Member("keys", .object(keys)))
        }
        if !grouping.aggregate.isEmpty {
            members.append(
                JSONValue.Member(
                    "aggregate",
                    .object(grouping.aggregate.map { aggregate($0, table, group.rows) })))
        }
        if let count = grouping.nodes {
            members.append(
                JSONValue.Member(
                    "nodes", .array(group.rows.prefix(count).map { ["id": .string($0.id)] })))
        }
        return .object(members)
    }

    // MARK: Buckets

    /// The first day of a bucket, counted back day by day.
    static func start(of bucket: String, day text: String) -> String {
        var parts = text.split(separator: "-").compactMap { Int($0) }
        switch bucket {
        case "WEEK":
            while weekday(parts) != 1 { parts = dayBefore(parts) }
        case "MONTH": parts[2] = 1
        case "QUARTER":
            parts[2] = 1
            while parts[1] % 3 != 1 { parts[1] -= 1 }
        case "YEAR":
            parts[1] = 1
            parts[2] = 1
        default: break
        }
        return String(format: "%04d-%02d-%02d", parts[0], parts[1], parts[2])
    }

    /// Sakamoto's method; 1 is Monday.
    private static func weekday(_ day: [Int]) -> Int {
        let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        // Years of one cycle of the calendar on, so that nothing is negative.
        let year = day[0] + 400 - (day[1] < 3 ? 1 : 0)
        return (year + year / 4 - year / 100 + year / 400 + shifts[day[1] - 1] + day[2]) % 7
    }

    private static func dayBefore(_ day: [Int]) -> [Int] {
        if day[2] > 1 { return [day[0], day[1], day[2] - 1] }
        if day[1] == 1 { return [day[0] - 1, 12, 31] }
        let isLeap = day[0] % 4 == 0 && (day[0] % 100 != 0 || day[0] % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return [day[0], day[1] - 1, lengths[day[1] - 2]]
    }

    /// The instant at which a bucket begins in a zone whose clock is never changed at midnight.
    static func start(of bucket: String, time text: String, _ zoneName: String) -> String {
        var bytes = text
        let zone = TimeZone(identifier: zoneName) ?? .gmt
        let time = bytes.withUTF8 {
            unsafe Instant.milliseconds(parsing: UnsafeRawBufferPointer($0)) ?? 0
        }
        let wall = time + offset(zone, time)
        if bucket == "HOUR" {
            let start = Int64((Double(wall) / 3_600_000).rounded(.down)) * 3_600_000
            return shown(start - offset(zone, time))
        }
        let day = start(of: bucket, day: String(shown(wall).prefix(10)))
        var midnight = day + "T00:00:00.000Z"
        let sought = midnight.withUTF8 {
            unsafe Instant.milliseconds(parsing: UnsafeRawBufferPointer($0)) ?? 0
        }
        // The offset at midnight is that of a few hours before or after.
        for hours in [-24, 0, 24] as [Int64] {
            let instant = sought - offset(zone, sought + hours * 3_600_000)
            if instant + offset(zone, instant) == sought { return shown(instant) }
        }
        return "no midnight"
    }

    private static func offset(_ zone: TimeZone, _ time: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: (Double(time) / 1000).rounded(.down))
        return Int64(zone.secondsFromGMT(for: date)) * 1000
    }

    private static func shown(_ time: Int64) -> String {
        let buffer = ByteBuffer()
        buffer.appendDateTime(time)
        return buffer.makeString()
    }
}
