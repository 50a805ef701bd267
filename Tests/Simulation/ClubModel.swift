import Store

/// A value, as the model keeps it.
enum Cell: Equatable, Sendable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case row(UInt32)
}

/// What the store has to be: plain dictionaries, by the names of tables and columns.
struct ClubModel: Equatable, Sendable {
    struct Row: Equatable, Sendable {
        var creation: UInt32
        var values: [String: Cell]
    }

    var tables: [String: [UInt32: Row]] = [:]

    /// What a transaction did to one row.
    enum Step: Sendable {
        case insert(String, UInt32, Row)
        case update(String, UInt32, [String: Cell], now: Int64)
        case delete(String, UInt32, now: Int64)
    }

    mutating func apply(_ steps: [Step]) {
        for step in steps {
            switch step {
            case .insert(let table, let ref, let row): tables[table, default: [:]][ref] = row
            case .update(let table, let ref, let values, let now):
                change(table, ref, values, now: now)
            case .delete(let table, let ref, let now):
                tables[table]?[ref] = nil
                guard table == "Member" else { continue }
                clear("Account", "owner", ref, now: now)
                clear("Tag", "member", ref, now: now)
            }
        }
    }

    private mutating func change(
        _ table: String, _ ref: UInt32, _ values: [String: Cell], now: Int64
    ) {
        guard var row = tables[table]?[ref] else { return }
        row.values.merge(values) { _, new in new }
        if case .int(let version) = row.values["version"] {
            row.values["version"] = .int(version + 1)
        }
        row.values["updatedAt"] = .int(now)
        tables[table]?[ref] = row
    }

    private mutating func clear(_ table: String, _ column: String, _ target: UInt32, now: Int64) {
        for (ref, row) in tables[table] ?? [:] where row.values[column] == .row(target) {
            change(table, ref, [column: .null], now: now)
        }
    }

    /// Does to all rows what a start with another schema does.
    mutating func migrate(to definition: StoreDefinition, enumerations: [String: [String]]) {
        for table in definition.tables {
            for (ref, row) in tables[table.name] ?? [:] {
                var row = row
                for column in table.columns where row.values[column.name] == nil {
                    row.values[column.name] =
                        column.name == "level" ? .int(ClubShape.levelDefault) : .null
                }
                if let old = enumerations[table.name], case .int(let number)? = row.values["state"],
                    let column = table.columns.first(where: { $0.name == "state" }),
                    let place = column.enumNames.firstIndex(of: old[Int(number)])
                {
                    row.values["state"] = .int(Int64(place))
                }
                tables[table.name]?[ref] = row
            }
        }
    }

    init() {}

    /// What a version of a store is.
    init(_ store: Store, _ view: VersionView) {
        for (position, table) in store.definition.tables.enumerated() {
            let id = TableID(position)
            let columns = store.columns(of: id)
            var rows: [UInt32: Row] = [:]
            view.table(id).forEachRow { row, ref in
                var values: [String: Cell] = [:]
                for (place, column) in columns.enumerated() {
                    values[table.columns[place].name] = ClubModel.cell(row, column)
                }
                rows[ref.rawValue] = Row(creation: row.creation, values: values)
            }
            if !rows.isEmpty { tables[table.name] = rows }
        }
    }

    private static func cell(_ row: RowView, _ column: Column) -> Cell {
        if row.isNull(column) { return .null }
        switch column.code {
        case .double: return .double(row.double(column))
        case .reference: return .row(row.reference(column).rawValue)
        case .bytes: return .text(unsafe String(decoding: row.bytes(column), as: UTF8.self))
        default: return .int(row.integer(column))
        }
    }

    /// Tables without rows are none.
    var withoutEmptyTables: ClubModel {
        var model = self
        model.tables = tables.filter { !$0.value.isEmpty }
        return model
    }

    /// The first difference to another, in words.
    func difference(to other: ClubModel) -> String {
        for name in Set(tables.keys).union(other.tables.keys).sorted() {
            let (mine, theirs) = (tables[name] ?? [:], other.tables[name] ?? [:])
            for ref in Set(mine.keys).union(theirs.keys).sorted()
            where mine[ref] != theirs[ref] {
                return "\(name) \(ref): \(String(describing: mine[ref])) and not "
                    + "\(String(describing: theirs[ref]))"
            }
        }
        return "none"
    }
}
