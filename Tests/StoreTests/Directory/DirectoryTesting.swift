import Bytes
import Glibc
import JSON
import SimulatedDisk
import Testing

@testable import Store

/// A small directory: members, their accounts and entries.
struct DirectoryTrial {
    static let time: Int64 = 1_700_000_000_000

    static let members = table(
        "Member",
        [
            ColumnDefinition(name: "email", kind: .bytes(.text)),
            ColumnDefinition(name: "city", kind: .bytes(.text), isNullable: true),
            ColumnDefinition(name: "state", kind: .int8, enumNames: ["ACTIVE", "PAUSED", "GONE"]),
            ColumnDefinition(name: "tags", kind: .bytes(.value), isNullable: true),
            ColumnDefinition(name: "notes", kind: .bytes(.json), isNullable: true),
        ])
    static let accounts = table(
        "Account",
        [
            ColumnDefinition(
                name: "owner", kind: .reference(TableID(0)), isNullable: true, onDelete: .setNull),
            ColumnDefinition(name: "balance", kind: .int64),
            ColumnDefinition(name: "rate", kind: .double, isNullable: true),
            ColumnDefinition(name: "open", kind: .bool, isNullable: true),
            ColumnDefinition(name: "big", kind: .int16, isNullable: true),
        ], shardBy: 4)
    static let entries = table(
        "Entry",
        [
            ColumnDefinition(name: "account", kind: .reference(TableID(1))),
            ColumnDefinition(name: "delta", kind: .int32),
        ], shardBy: 4, isAppendOnly: true)

    static let definition = StoreDefinition(
        tables: [members, accounts, entries],
        indexes: [
            IndexDefinition(name: "email", table: TableID(0), equality: [4], isUnique: true),
            IndexDefinition(name: "city", table: TableID(0), equality: [], ordered: 5),
            IndexDefinition(name: "owner", table: TableID(1), equality: [4]),
            IndexDefinition(name: "account", table: TableID(2), equality: [4]),
        ])

    static func options(_ change: (inout OpenOptions) -> Void = { _ in }) -> OpenOptions {
        var options = OpenOptions(seed: 5) { time }
        change(&options)
        return options
    }

    static func open(
        _ disk: any Disk, _ definition: StoreDefinition = definition,
        codec: any FileCodec = PlainCodec(), _ change: (inout OpenOptions) -> Void = { _ in }
    ) throws(DirectoryError) -> DataDirectory {
        try DataDirectory.open(
            disk, definition: definition, shardCount: 4, codec: codec, options: options(change))
    }

    /// Opens a directory, looks at it and closes it.
    static func image(
        _ disk: any Disk, _ definition: StoreDefinition = definition,
        codec: any FileCodec = PlainCodec(), _ change: (inout OpenOptions) -> Void = { _ in }
    ) throws -> StoreImage {
        let directory = try open(disk, definition, codec: codec, change)
        let image = try directory.store.image()
        #expect(try directory.store.faults() == [])
        try directory.close(snapshot: false)
        return image
    }
}

extension DataDirectory {
    /// Inserts one row in a transaction of its own.
    @discardableResult
    func insert(
        _ table: Int, id: String, _ values: [ColumnID: CellValue]
    ) throws -> RowRef {
        let store = store
        return try writer.write { group in
            let row = store.makeRowBuilder(TableID(table))
            row.set(TableDefinition.idColumn, text: id)
            for (column, value) in values { row.set(column, value) }
            return try group.transaction { try $0.insert(TableID(table), row) }
        }
    }

    func update(_ table: Int, _ ref: RowRef, _ values: [ColumnID: CellValue]) throws {
        let store = store
        try writer.write { group in
            let row = store.makeRowBuilder(TableID(table))
            for (column, value) in values { row.set(column, value) }
            try group.transaction {
                _ = try $0.update(TableID(table), ref, changes: row, raisesVersion: true)
            }
        }
    }

    func delete(_ table: Int, _ ref: RowRef) throws {
        try writer.write { group in
            try group.transaction { _ = try $0.delete(TableID(table), ref) }
        }
    }

    func insertMember(_ number: Int, state: Int64 = 0) throws -> RowRef {
        try insert(
            0, id: "\(number)",
            [
                4: .utf8("m\(number)@example.org"),
                5: number % 3 == 0 ? .null : .utf8("city \"\(number % 5)\"\n"),
                6: .int(state), 7: number % 2 == 0 ? .null : .bytes([1, 2, UInt8(number & 0xFF)]),
                8: number % 4 == 0 ? .utf8("{\"a\":[\(number)]}") : .null,
            ])
    }

    /// Members with an account and an entry each, some of them changed and deleted again.
    func fill(_ numbers: Range<Int>) throws {
        for number in numbers {
            let member = try insertMember(number)
            let account = try insert(
                1, id: "a\(number)",
                [
                    4: number % 5 == 0 ? .null : .row(member), 5: .int(Int64(number) * 1_000_003),
                    6: number % 3 == 0 ? .null : .double(Double(number) / 7),
                    7: number % 4 == 0 ? .null : .int(Int64(number & 1)),
                    8: number % 2 == 0 ? .null : .int(Int64(number % 65536)),
                ])
            if number % 3 != 0 {
                try insert(2, id: "e\(number)", [4: .row(account), 5: .int(Int64(-number))])
            }
            if number % 7 == 0 { try update(0, member, [5: .utf8("moved \(number)")]) }
            if number % 6 == 0 { try delete(0, member) }
        }
    }
}

extension CellValue {
    static func utf8(_ text: String) -> CellValue { .bytes(Array(text.utf8)) }
}

extension StoreImage {
    /// The rows alone: what two stores of other indexes and hashes have in common.
    var content: [[RowImage]] { rows }
}
