import Bytes
import JSON
import Store

/// The schema of a simulated club; it changes between two starts.
struct ClubShape: Equatable, Sendable {
    /// A nullable text of members.
    var hasPhone = false
    /// A number of members that must have a value; 7 in rows without one. Once there, it stays.
    var hasLevel = false
    /// Members by city.
    var hasCityIndex = false
    /// A table of its own.
    var hasTags = false

    static let levelDefault: Int64 = 7
    static let member = TableID(0)
    static let account = TableID(1)
    static let entry = TableID(2)
    static let tag = TableID(3)

    var definition: StoreDefinition {
        var member =
            TableDefinition.systemColumns + [
                ColumnDefinition(name: "email", kind: .bytes(.text)),
                ColumnDefinition(name: "city", kind: .bytes(.text), isNullable: true),
                ColumnDefinition(
                    name: "state", kind: .int8,
                    enumNames: hasLevel ? ["NEW", "ACTIVE", "GONE"] : ["ACTIVE", "GONE"]),
                ColumnDefinition(name: "address", kind: .bytes(.value), isNullable: true),
            ]
        if hasPhone {
            member.append(ColumnDefinition(name: "phone", kind: .bytes(.text), isNullable: true))
        }
        if hasLevel { member.append(ColumnDefinition(name: "level", kind: .int64)) }
        let account =
            TableDefinition.systemColumns + [
                ColumnDefinition(
                    name: "owner", kind: .reference(ClubShape.member), isNullable: true,
                    onDelete: .setNull),
                ColumnDefinition(name: "balance", kind: .int64),
                ColumnDefinition(name: "rate", kind: .double, isNullable: true),
                ColumnDefinition(name: "open", kind: .bool),
            ]
        let entry =
            TableDefinition.systemColumns + [
                ColumnDefinition(name: "account", kind: .reference(ClubShape.account)),
                ColumnDefinition(name: "delta", kind: .int32),
            ]
        var definition = StoreDefinition(
            tables: [
                TableDefinition(name: "Member", columns: member),
                TableDefinition(name: "Account", columns: account, shardBy: 4),
                TableDefinition(name: "Entry", columns: entry, shardBy: 4, isAppendOnly: true),
            ],
            indexes: [
                IndexDefinition(
                    name: "email", table: ClubShape.member, equality: [4], isUnique: true),
                IndexDefinition(name: "owner", table: ClubShape.account, equality: [4]),
                IndexDefinition(
                    name: "account", table: ClubShape.entry, equality: [4], ordered: 2),
            ])
        if hasCityIndex {
            definition.indexes.append(
                IndexDefinition(name: "city", table: ClubShape.member, equality: [], ordered: 5))
        }
        if hasTags {
            let tag =
                TableDefinition.systemColumns + [
                    ColumnDefinition(
                        name: "member", kind: .reference(ClubShape.member), isNullable: true,
                        onDelete: .setNull)
                ]
            definition.tables.append(TableDefinition(name: "Tag", columns: tag))
        }
        return definition
    }
}

/// Values are texts, which stand in files as JSON strings.
struct ClubCodec: FileCodec {
    let shape: ClubShape

    func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer
    ) {
        unsafe output.appendJSONString(value)
    }

    func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError) {
        var reader = unsafe JSONReader(json)
        do {
            row.set(column, text: try reader.readString().makeString())
        } catch { throw FileCodecError(reason: "\(error)") }
    }

    func setDefault(table: TableID, column: ColumnID, in row: RowBuilder, now: Int64) -> Bool {
        guard table == ClubShape.member,
            shape.definition.tables[table.index].columns[column].name == "level"
        else { return false }
        row.set(column, int: ClubShape.levelDefault)
        return true
    }
}
