import JSON

@testable import Engine

/// Rows as dictionaries, and what happens to them when they are changed: the other half of every
/// comparison with the engine.
final class ReferenceDatabase {
    final class Row {
        let id: String
        let creation: Int
        var values: [String: JSONValue]

        init(id: String, creation: Int, values: [String: JSONValue]) {
            self.id = id
            self.creation = creation
            self.values = values
        }

        func value(_ name: String) -> JSONValue { values[name] ?? .null }
    }

    let tables: [ReferenceTable]
    /// In the order of creation, by the name of the table.
    private(set) var rows: [String: [Row]] = [:]
    private var rowsByID: [String: Row] = [:]
    private var tableIndexes: [String: Int] = [:]
    private var creations: [String: Int] = [:]
    /// Rows of lists, forgotten with each change.
    private var lists: [String: [Row]] = [:]

    init(_ tables: [ReferenceTable]) {
        self.tables = tables
        for (index, table) in tables.enumerated() {
            tableIndexes[table.name] = index
            rows[table.name] = []
        }
    }

    func table(_ name: String) -> ReferenceTable { tables[tableIndexes[name] ?? 0] }

    func rows(of table: String) -> [Row] { rows[table] ?? [] }

    /// How many rows a table ever had.
    func creationCount(of table: String) -> Int { creations[table, default: 0] }

    func row(_ id: String?) -> Row? { id.flatMap { rowsByID[$0] } }

    /// The rows of a list field of an owner, each once, in the order of their creation.
    func list(_ field: ReferenceField, of owner: Row) -> [Row] {
        let key = "\(owner.id).\(field.name)"
        if let known = lists[key] { return known }
        var found: [Row] = []
        switch field.kind {
        case .toMany(let target, let by):
            found = rows(of: target).filter { $0.value(by) == .string(owner.id) }
        case .through(let target, let link, let ownerField, let other):
            let links = rows(of: link).filter { $0.value(ownerField) == .string(owner.id) }
            let ids = Set(links.compactMap { $0.value(other).string })
            found = rows(of: target).filter { ids.contains($0.id) }
        default: break
        }
        lists[key] = found
        return found
    }

    // MARK: Changes

    func insert(_ table: String, _ values: JSONValue, now: String) {
        guard let id = values["id"]?.string else { return }
        let creation = creations[table, default: 0] + 1
        creations[table] = creation
        var fields: [String: JSONValue] = [
            "version": 1, "createdAt": .string(now), "updatedAt": .string(now),
        ]
        for member in values.members ?? [] { fields[member.key] = member.value }
        let row = Row(id: id, creation: creation, values: fields)
        rows[table, default: []].append(row)
        rowsByID[id] = row
        lists = [:]
    }

    func update(_ id: String, _ values: JSONValue, now: String) {
        guard let row = rowsByID[id], let members = values.members,
            members.contains(where: { row.value($0.key) != $0.value })
        else { return }
        for member in members { row.values[member.key] = member.value }
        touch(row, now)
        lists = [:]
    }

    private func touch(_ row: Row, _ now: String) {
        row.values["version"] = .integer((row.value("version").int64 ?? 0) + 1)
        row.values["updatedAt"] = .string(now)
    }

    /// Deletes a row and what goes with it; false, and nothing is changed, when a row that stays
    /// still needs one that would go.
    func delete(_ id: String, now: String) -> Bool {
        var gone: Set<String> = [id]
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            forEachReference { row, field, target in
                if field.onDelete == "CASCADE", gone.contains(target),
                    gone.insert(row.id).inserted
                {
                    isGrowing = true
                }
            }
        }
        var cleared: [String: Row] = [:]
        var isRefused = false
        forEachReference { row, field, target in
            guard gone.contains(target), !gone.contains(row.id) else { return }
            if field.onDelete == "SET_NULL" { cleared[row.id] = row } else { isRefused = true }
        }
        if isRefused { return false }
        for row in cleared.values {
            for (name, value) in row.values {
                guard name != "id", let target = value.string, gone.contains(target) else {
                    continue
                }
                row.values[name] = .null
            }
            touch(row, now)
        }
        for table in tables { rows[table.name]?.removeAll { gone.contains($0.id) } }
        for id in gone { rowsByID[id] = nil }
        lists = [:]
        return true
    }

    private func forEachReference(_ body: (Row, ReferenceField, String) -> Void) {
        for table in tables {
            for field in table.fields where field.target != nil {
                for row in rows(of: table.name) {
                    if let target = row.value(field.name).string { body(row, field, target) }
                }
            }
        }
    }
}
