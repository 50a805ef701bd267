import JSON

@testable import Engine

/// The arguments of a list as plain values.
struct ReferenceArguments {
    var filter: JSONValue?
    /// Objects with one key each.
    var orderBy: [JSONValue] = []
    var first: Int?
    var last: Int?
    var offset: Int?
    /// The rows whose cursors are given, as they were then.
    var after: ReferenceCursor?
    var before: ReferenceCursor?
}

/// What a cursor stands for: a row's place in one order.
struct ReferenceCursor {
    let keys: [JSONValue]
    let creation: Int
    /// The cursor itself, as the engine wrote it.
    let text: String
}

/// A list after filter and order, and its page.
struct ReferencePage {
    /// All rows that the filter leaves, in order.
    let list: [ReferenceDatabase.Row]
    let page: [ReferenceDatabase.Row]
    let hasNext: Bool
    let hasPrevious: Bool
}

extension ReferenceDatabase {
    func page(
        _ rows: [Row], of table: ReferenceTable, _ arguments: ReferenceArguments
    ) -> ReferencePage {
        let list = rows.filter { matches(arguments.filter ?? [:], table, $0) }
        let order = ReferenceOrder(arguments.orderBy, table, self)
        let sorted = list.map { ($0, order.keys($0)) }.sorted { left, right in
            order.compare(left.1, left.0.creation, right.1, right.0.creation) < 0
        }
        func side(_ place: Int, _ cursor: ReferenceCursor) -> Int {
            order.compare(
                sorted[place].1, sorted[place].0.creation, cursor.keys, cursor.creation)
        }
        var places = Array(sorted.indices)
        if let after = arguments.after { places.removeAll { side($0, after) <= 0 } }
        let beforeCount = sorted.count - places.count
        var behindCount = 0
        if let before = arguments.before {
            let count = places.count
            places.removeAll { side($0, before) >= 0 }
            behindCount = count - places.count
        }
        let begin: Int
        let end: Int
        if let last = arguments.last {
            begin = max(0, places.count - last)
            end = places.count
        } else {
            begin = min(arguments.offset ?? 0, places.count)
            end = min(begin + (arguments.first ?? 50), places.count)
        }
        return ReferencePage(
            list: sorted.map(\.0), page: places[begin..<end].map { sorted[$0].0 },
            hasNext: end < places.count || behindCount > 0,
            hasPrevious: begin > 0 || beforeCount > 0)
    }

    /// What the cursor of a row says under an order.
    func cursor(_ row: Row, _ table: ReferenceTable, _ orderBy: [JSONValue], _ text: String)
        -> ReferenceCursor
    {
        ReferenceCursor(
            keys: ReferenceOrder(orderBy, table, self).keys(row), creation: row.creation,
            text: text)
    }
}

/// An order: its keys, then creation in the direction of the last. Nulls last unless a key says
/// otherwise.
struct ReferenceOrder {
    private struct Key {
        let kind: ReferenceKind
        let direction: String
        let value: (ReferenceDatabase.Row) -> JSONValue
    }

    private let keys: [Key]

    init(_ orderBy: [JSONValue], _ table: ReferenceTable, _ database: ReferenceDatabase) {
        keys = orderBy.map { Self.key($0, table, database) { $0 } }
    }

    private static func key(
        _ element: JSONValue, _ table: ReferenceTable, _ database: ReferenceDatabase,
        _ path: @escaping (ReferenceDatabase.Row) -> ReferenceDatabase.Row?
    ) -> Key {
        guard let member = element.members?.first, let field = table.field(member.key) else {
            preconditionFailure("an order without a key")
        }
        switch field.kind {
        case .toOne(let target):
            return key(member.value, database.table(target), database) { row in
                path(row).flatMap { database.row($0.value(field.name).string) }
            }
        case .toMany, .through:
            let listed = database.table(field.listed ?? "")
            if let direction = member.value["count"]?.string {
                return Key(kind: .scalar(.int), direction: direction) { row in
                    guard let owner = path(row) else { return .null }
                    return .integer(Int64(database.list(field, of: owner).count))
                }
            }
            let sum = member.value["sum"]?.members?.first
            let column = listed.field(sum?.key ?? "")
            return Key(
                kind: column?.kind ?? .scalar(.int), direction: sum?.value.string ?? ""
            ) { row in
                guard let owner = path(row), let column else { return .null }
                return ReferenceDatabase.sum(
                    database.list(field, of: owner).map { $0.value(column.name) }, column.kind)
            }
        default:
            return Key(kind: field.kind, direction: member.value.string ?? "") { row in
                guard let row = path(row) else { return .null }
                return field.name == "id" ? .string(row.id) : row.value(field.name)
            }
        }
    }

    func keys(_ row: ReferenceDatabase.Row) -> [JSONValue] { keys.map { $0.value(row) } }

    func compare(
        _ left: [JSONValue], _ leftCreation: Int, _ right: [JSONValue], _ rightCreation: Int
    ) -> Int {
        for (place, key) in keys.enumerated() {
            let (a, b) = (left[place], right[place])
            if a.isNull && b.isNull { continue }
            if a.isNull || b.isNull {
                return a.isNull == key.direction.hasSuffix("NULLS_FIRST") ? -1 : 1
            }
            let order = ReferenceDatabase.compare(a, b, key.kind)
            if order != 0 { return key.direction.hasPrefix("DESC") ? -order : order }
        }
        let isDescending = keys.last?.direction.hasPrefix("DESC") ?? false
        return isDescending ? rightCreation - leftCreation : leftCreation - rightCreation
    }
}
