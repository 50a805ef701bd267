import Bytes
import JSON

/// Which tables and columns files hold, by the names that their rows are read back by.
///
/// Indexes, placement and what becomes of references are not part of it: they may change between
/// two starts without a file becoming another.
struct FileLayout: Equatable, Sendable {
    struct Table: Equatable, Sendable {
        var name: String
        var columns: [Column]

        func column(named name: String) -> Int? {
            columns.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
        }
    }

    struct Column: Equatable, Sendable {
        var name: String
        var kind: Kind
        var isNullable: Bool
        /// Of a reference, the table that it leads to.
        var target: String?
        /// Of an enumeration, the values in the order of their numbers.
        var values: [String] = []
    }

    /// What stands in a row's place for a column.
    enum Kind: String, Sendable {
        case bool, int8, int16, int32, int64, double, reference, text, json, value
    }

    var tables: [Table]

    init(tables: [Table]) {
        self.tables = tables
    }

    init(_ definition: StoreDefinition) {
        tables = definition.tables.map { table in
            Table(
                name: table.name,
                columns: table.columns.map { column in
                    var target: String?
                    if case .reference(let table) = column.kind {
                        target = definition.tables[table.index].name
                    }
                    return Column(
                        name: column.name, kind: Kind(column.kind),
                        isNullable: column.isNullable, target: target, values: column.enumNames)
                })
        }
    }

    func table(named name: String) -> Int? {
        tables.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// A hash of all names and kinds: two layouts with different ones differ.
    var fingerprint: UInt64 {
        let text = ByteBuffer()
        for table in tables { text.appendJSON(table.json(members: [])) }
        return unsafe text.withUnsafeBytes { unsafe StableHash.hash($0, seed: 0) }
    }

    /// The definition of a store that holds rows of this layout and keeps no rule: no index but
    /// its own, no placement, nothing that follows a deletion.
    var bareDefinition: StoreDefinition {
        StoreDefinition(
            tables: tables.map { table in
                TableDefinition(
                    name: table.name,
                    columns: table.columns.map { column in
                        ColumnDefinition(
                            name: column.name, kind: columnKind(column),
                            isNullable: column.isNullable, enumNames: column.values)
                    })
            },
            indexes: [])
    }

    func columnKind(_ column: Column) -> ColumnKind {
        switch column.kind {
        case .bool: .bool
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .double: .double
        case .reference: .reference(TableID(column.target.flatMap(table(named:)) ?? 0))
        case .text: .bytes(.text)
        case .json: .bytes(.json)
        case .value: .bytes(.value)
        }
    }
}

extension FileLayout.Kind {
    init(_ kind: ColumnKind) {
        switch kind {
        case .bool: self = .bool
        case .int8: self = .int8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .double: self = .double
        case .reference: self = .reference
        case .bytes(.text): self = .text
        case .bytes(.json): self = .json
        case .bytes(.value): self = .value
        }
    }

    /// The kind in words.
    var text: String {
        switch self {
        case .bool: "a boolean"
        case .int8, .int16: "an enumeration"
        case .int32: "an integer of 32 bits or a date"
        case .int64: "an integer of 64 bits or a time"
        case .double: "a floating-point number"
        case .reference: "a reference"
        case .text: "a text"
        case .json: "a JSON document"
        case .value: "a value or a list"
        }
    }
}

// MARK: As JSON

extension FileLayout.Table {
    /// The table as an object; `members` come between its name and its columns.
    func json(members: [JSONValue.Member]) -> JSONValue {
        .object(
            [JSONValue.Member("name", .string(name))] + members
                + [JSONValue.Member("columns", .array(columns.map(\.json)))])
    }

    init(json: JSONValue) throws(MalformedJSON) {
        name = try json.requireString("name")
        columns = []
        for column in try json.requireElements("columns") {
            columns.append(try FileLayout.Column(json: column))
        }
        let system = TableDefinition.systemColumns
        guard columns.count >= system.count,
            zip(columns, system).allSatisfy({ $0.name == $1.name && $0.kind == .init($1.kind) }),
            Set(columns.map(\.name)).count == columns.count
        else { throw MalformedJSON(member: "columns") }
    }
}

extension FileLayout.Column {
    var json: JSONValue {
        var members = [
            JSONValue.Member("name", .string(name)),
            JSONValue.Member("kind", .string(kind.rawValue)),
        ]
        if isNullable { members.append(JSONValue.Member("nullable", true)) }
        if let target { members.append(JSONValue.Member("to", .string(target))) }
        if !values.isEmpty {
            members.append(JSONValue.Member("values", .array(values.map { .string($0) })))
        }
        return .object(members)
    }

    init(json: JSONValue) throws(MalformedJSON) {
        name = try json.requireString("name")
        guard let kind = FileLayout.Kind(rawValue: try json.requireString("kind")) else {
            throw MalformedJSON(member: "kind")
        }
        self.kind = kind
        isNullable = json["nullable"]?.bool ?? false
        target = json["to"]?.string
        values = []
        for value in json["values"]?.elements ?? [] {
            guard let text = value.string else { throw MalformedJSON(member: "values") }
            values.append(text)
        }
        guard (kind == .reference) == (target != nil) else { throw MalformedJSON(member: "to") }
    }
}

/// A file's JSON holds something other than it should.
struct MalformedJSON: Error, Equatable {
    /// The member that is missing or of another kind.
    let member: String
}

extension JSONValue {
    func requireString(_ member: String) throws(MalformedJSON) -> String {
        guard let text = self[member]?.string else { throw MalformedJSON(member: member) }
        return text
    }

    func requireElements(_ member: String) throws(MalformedJSON) -> [JSONValue] {
        guard let elements = self[member]?.elements else { throw MalformedJSON(member: member) }
        return elements
    }

    /// An integer within `range`.
    func requireInteger(
        _ member: String, in range: ClosedRange<Int64>
    ) throws(MalformedJSON) -> Int64 {
        guard let number = self[member]?.int64, range.contains(number) else {
            throw MalformedJSON(member: member)
        }
        return number
    }

    /// 64 bits as sixteen hexadecimal digits: more than a JSON number can carry.
    func requireWord(_ member: String) throws(MalformedJSON) -> UInt64 {
        let text = try requireString(member)
        guard text.utf8.count == 16, let word = UInt64(text, radix: 16) else {
            throw MalformedJSON(member: member)
        }
        return word
    }

    static func hexadecimal(_ word: UInt64) -> JSONValue {
        .string(hexadecimalDigits(word, count: 16))
    }
}

/// The lowest digits of a word in small letters, padded with zeros.
func hexadecimalDigits(_ word: UInt64, count: Int) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}
