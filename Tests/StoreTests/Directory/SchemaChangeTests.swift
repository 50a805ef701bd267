import Bytes
import JSON
import SimulatedDisk
import Testing

@testable import Store

/// A codec with defaults for columns by name, for the definition it is made with.
struct DefaultingCodec: FileCodec {
    let definition: StoreDefinition
    let defaults: [String: CellValue]
    private let plain = PlainCodec()

    init(_ definition: StoreDefinition, _ defaults: [String: CellValue]) {
        self.definition = definition
        self.defaults = defaults
    }

    func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer
    ) {
        unsafe plain.appendJSON(value, table: table, column: column, to: output)
    }

    func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError) {
        try unsafe plain.read(json, table: table, column: column, into: row)
    }

    func setDefault(table: TableID, column: ColumnID, in row: RowBuilder, now: Int64) -> Bool {
        let name = definition.tables[table.index].columns[column].name
        guard let value = defaults[name] else { return false }
        row.set(column, value)
        return true
    }
}

struct SchemaChangeTests {
    /// A directory with rows in a snapshot and changes behind it.
    private func make() throws -> (disk: SimulatedDisk, image: StoreImage) {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(1..<20)
        try directory.snapshot()
        try directory.fill(30..<40)
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        return (disk, image)
    }

    private func changed(_ body: (inout StoreDefinition) -> Void) -> StoreDefinition {
        var definition = DirectoryTrial.definition
        body(&definition)
        return definition
    }

    /// Opens with another definition, checks the store, and that a second start changes nothing.
    private func reopen(
        _ disk: SimulatedDisk, _ definition: StoreDefinition, defaults: [String: CellValue] = [:],
        drops: Bool = false
    ) throws -> (image: StoreImage, report: RecoveryReport, definition: StoreDefinition) {
        let codec = DefaultingCodec(definition, defaults)
        let directory = try DirectoryTrial.open(disk, definition, codec: codec) {
            $0.drops = drops
        }
        let report = directory.report
        let image = try directory.store.image()
        #expect(try directory.store.faults() == [])
        let columns = definition.tables[0].columns
        var row: [ColumnID: CellValue] = [:]
        for (position, column) in columns.enumerated() {
            switch column.name {
            case "email": row[position] = .utf8("\(drops)@example.org")
            case "state": row[position] = .int(0)
            default: break
            }
        }
        try directory.insert(0, id: "later-\(drops)", row)
        let later = try directory.store.image()
        try directory.close(snapshot: false)
        let again = try DirectoryTrial.open(disk.copy(), definition, codec: codec)
        #expect(again.report.schemaChanges == [])
        #expect(try again.store.image() == later)
        try again.close(snapshot: false)
        return (image, report, directory.store.definition)
    }

    private func conflicts(
        _ disk: SimulatedDisk, _ definition: StoreDefinition, drops: Bool = false
    ) throws -> [SchemaConflict] {
        let before = disk.fileNames.map { disk.bytes(of: $0) }
        let directory: DataDirectory
        do throws(DirectoryError) {
            directory = try DirectoryTrial.open(
                disk, definition, codec: DefaultingCodec(definition, [:])
            ) { $0.drops = drops }
        } catch {
            #expect(disk.fileNames.map { disk.bytes(of: $0) } == before)
            guard case .schema(let conflicts) = error else { throw error }
            return conflicts
        }
        try directory.close(snapshot: false)
        return []
    }

    /// Rows of a table with one column more, by the values of the columns before.
    private func values(_ image: StoreImage, _ table: Int) -> [[CellValue]] {
        image.rows[table].map(\.values)
    }

    // MARK: What just works

    @Test func `a new nullable column is null in all rows`() throws {
        let (disk, image) = try make()
        let definition = changed {
            $0.tables[0].columns.append(
                ColumnDefinition(name: "phone", kind: .bytes(.text), isNullable: true))
        }
        let result = try reopen(disk, definition)
        #expect(
            result.report.schemaChanges == [
                .columnAdded(table: "Member", column: "phone", hasDefault: false)
            ])
        #expect(values(result.image, 0) == values(image, 0).map { $0 + [.null] })
        #expect(result.image.rows[1...] == image.rows[1...])
        #expect(result.image.rows[0].map(\.ref) == image.rows[0].map(\.ref))
        #expect(result.image.slotEnds == image.slotEnds)
        #expect(result.image.nextCreations == image.nextCreations)
    }

    @Test func `a new column in the middle gets its default`() throws {
        let (disk, image) = try make()
        let definition = changed {
            $0.tables[1].columns.insert(ColumnDefinition(name: "limit", kind: .int64), at: 5)
        }
        let result = try reopen(disk, definition, defaults: ["limit": .int(77)])
        #expect(
            result.report.schemaChanges == [
                .columnAdded(table: "Account", column: "limit", hasDefault: true)
            ])
        #expect(
            values(result.image, 1)
                == values(image, 1).map { Array($0[..<5]) + [.int(77)] + Array($0[5...]) })
    }

    @Test func `a new table and a new index are there`() throws {
        let (disk, image) = try make()
        let definition = changed {
            $0.tables.insert(table("Hall", []), at: 0)
            for position in $0.tables.indices {
                for column in $0.tables[position].columns.indices {
                    guard case .reference(let target) = $0.tables[position].columns[column].kind
                    else { continue }
                    $0.tables[position].columns[column].kind =
                        .reference(TableID(target.index + 1))
                }
            }
            $0.indexes = $0.indexes.map { index in
                var index = index
                index.table = TableID(index.table.index + 1)
                return index
            }
            $0.indexes.append(
                IndexDefinition(
                    name: "balance", table: TableID(2), equality: [], ordered: 5))
        }
        let directory = try DirectoryTrial.open(disk, definition)
        #expect(
            directory.report.schemaChanges == [
                .tableAdded(table: "Hall"), .indexAdded("Account() ordered by balance"),
            ])
        #expect(try directory.store.faults() == [])
        #expect(Array(try directory.store.image().rows[1...]) == image.rows)
        try directory.close(snapshot: false)
    }

    @Test func `a column may become nullable, and values may come and move`() throws {
        let (disk, image) = try make()
        let definition = changed {
            $0.tables[0].columns[4].isNullable = true
            $0.tables[0].columns[6].enumNames = ["NEW", "GONE", "ACTIVE"]
        }
        let result = try reopen(disk, definition)
        #expect(
            result.report.schemaChanges == [
                .nowNullable(table: "Member", column: "email"),
                .valuesChanged(table: "Member", column: "state"),
            ])
        #expect(values(result.image, 0).map { $0[6] } == values(image, 0).map { _ in .int(2) })
    }

    @Test func `a removed column is kept until it is dropped`() throws {
        let (disk, image) = try make()
        let definition = changed { definition in
            for column in [8, 7, 5] { definition.tables[0].columns.remove(at: column) }
            definition.tables[1].columns.remove(at: 4)
            definition.tables[1].shardBy = nil
            definition.indexes.removeAll { ["city", "owner"].contains($0.name) }
        }
        let result = try reopen(disk, definition)
        #expect(
            result.report.retained == [
                .columnRetained(table: "Member", column: "city"),
                .columnRetained(table: "Member", column: "tags"),
                .columnRetained(table: "Member", column: "notes"),
                .columnRetained(table: "Account", column: "owner"),
            ])
        #expect(
            result.definition.tables[0].columns.map(\.name).suffix(3) == ["city", "tags", "notes"])
        #expect(values(result.image, 0).map { $0[6] } == values(image, 0).map { $0[5] })

        // Back again, with rows that came meanwhile.
        let back = try DirectoryTrial.open(disk.copy())
        let found = try back.store.image()
        let old = Set(image.rows[0].map(\.ref))
        #expect(found.rows[0].filter { old.contains($0.ref) } == image.rows[0])
        #expect(found.rows[1] == image.rows[1])
        try back.close(snapshot: false)

        let dropped = try reopen(disk, definition, drops: true)
        #expect(dropped.definition == definition)
        #expect(dropped.report.retained == [])
        #expect(
            dropped.report.schemaChanges.contains(.columnDropped(table: "Member", column: "city")))
    }

    @Test func `a removed table is kept with its rows until it is dropped`() throws {
        let (disk, image) = try make()
        let definition = changed {
            $0.tables.removeLast()
            $0.indexes.removeLast()
        }
        let result = try reopen(disk, definition)
        #expect(result.report.retained == [.tableRetained(table: "Entry")])
        #expect(result.image.rows == image.rows)
        // What its references lead to can be deleted.
        let directory = try DirectoryTrial.open(disk, definition)
        let account = try #require(image.rows[1].first { $0.values[0] == .utf8("a2") })
        try directory.delete(1, account.ref)
        #expect(try directory.store.faults() == [])
        try directory.close(snapshot: true)
        let dropped = try reopen(disk, definition, drops: true)
        #expect(dropped.definition == definition)
        #expect(dropped.image.rows.count == 2)
    }

    @Test func `a table without rows may change in any way`() throws {
        let disk = SimulatedDisk()
        try DirectoryTrial.open(disk).close(snapshot: false)
        let definition = changed {
            $0.tables[0].columns[4] = ColumnDefinition(name: "email", kind: .int64)
            $0.tables[0].columns.append(ColumnDefinition(name: "must", kind: .double))
        }
        let directory = try DirectoryTrial.open(disk, definition)
        #expect(try directory.store.faults() == [])
        #expect(directory.store.definition == definition)
        try directory.close(snapshot: false)
    }

    // MARK: What is refused

    @Test func `everything else is refused with table, column and reason`() throws {
        let (disk, _) = try make()
        func expect(_ expected: [SchemaConflict], _ body: (inout StoreDefinition) -> Void) throws {
            #expect(try conflicts(disk, changed(body)) == expected)
        }
        try expect([
            .kindChanged(
                table: "Account", column: "balance", from: "an integer of 64 bits or a time",
                to: "an integer of 32 bits or a date")
        ]) { $0.tables[1].columns[5].kind = .int32 }
        try expect([.requiredWithoutDefault(table: "Entry", column: "note")]) {
            $0.tables[2].columns.append(ColumnDefinition(name: "note", kind: .bytes(.text)))
        }
        try expect([.nowRequired(table: "Member", column: "city")]) {
            $0.tables[0].columns[5].isNullable = false
        }
        try expect([
            .targetChanged(table: "Entry", column: "account", from: "Account", to: "Member")
        ]) {
            $0.tables[2].columns[4].kind = .reference(TableID(0))
        }
        let rows = try DirectoryTrial.image(disk).rows[0].count
        try expect([.valueInUse(table: "Member", column: "state", value: "ACTIVE", rows: rows)]) {
            $0.tables[0].columns[6].enumNames = ["PAUSED", "GONE"]
        }
        // A value that no row has may go.
        #expect(
            try conflicts(
                disk.copy(), changed { $0.tables[0].columns[6].enumNames = ["GONE", "ACTIVE"] })
                == [])
    }

    @Test func `a unique index that rows violate is refused with their ids`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        for number in 0..<3 { _ = try directory.insertMember(number) }
        try directory.snapshot()
        for number in 3..<5 {
            try directory.insert(
                0, id: "x\(number)", [4: .utf8("same \(number)"), 5: .utf8("one"), 6: .int(0)])
        }
        try directory.close(snapshot: false)
        let definition = changed {
            $0.indexes.append(
                IndexDefinition(
                    name: "u", table: TableID(0), equality: [], ordered: 5, isUnique: true))
        }
        #expect(
            throws: DirectoryError.duplicates(
                index: "Member() ordered by city unique",
                rows: [DuplicateRows(first: "x3", second: "x4")], total: 1)
        ) { try DirectoryTrial.open(disk, definition) }
    }

    @Test func `an index on other rows is built anew, and checked among those alone`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        for number in 0..<4 {
            try directory.insert(
                0, id: "x\(number)",
                [4: .utf8("mail \(number)"), 5: .utf8("one"), 6: .int(number < 2 ? 0 : 1)])
        }
        try directory.close(snapshot: true)
        func unique(_ conditions: [IndexCondition]) -> StoreDefinition {
            changed {
                $0.indexes.append(
                    IndexDefinition(
                        name: "u", table: TableID(0), equality: [5], isUnique: true,
                        conditions: conditions))
            }
        }
        let names = DirectoryTrial.definition.tables[0].columns[6].enumNames
        #expect(
            throws: DirectoryError.duplicates(
                index: "Member(city) unique where state in [\(names[0])]",
                rows: [DuplicateRows(first: "x0", second: "x1")], total: 1)
        ) { try DirectoryTrial.open(disk.copy(), unique([IndexCondition(6, .among([0]))])) }
        let none = try DirectoryTrial.open(disk, unique([IndexCondition(5, .isNull)]))
        #expect(
            none.report.schemaChanges == [.indexAdded("Member(city) unique where city is null")])
        #expect(try none.store.faults() == [])
        try none.close(snapshot: true)
        let back = try DirectoryTrial.open(disk, unique([IndexCondition(6, .notAmong([0, 1]))]))
        #expect(
            back.report.schemaChanges == [
                .indexAdded("Member(city) unique where state not in [\(names[0]), \(names[1])]"),
                .indexRemoved("Member(city) unique where city is null"),
            ])
        try back.close(snapshot: false)
    }

    @Test func `an index by words is built anew, and kept by journals and snapshots`() throws {
        let (disk, image) = try make()
        let definition = changed {
            $0.indexes.append(
                IndexDefinition(
                    name: "words", table: TableID(0), equality: [], ordered: 4, order: .words))
        }
        let directory = try DirectoryTrial.open(disk, definition)
        #expect(
            directory.report.schemaChanges == [
                .indexAdded("Member() ordered by words of email")
            ])
        #expect(try directory.store.faults() == [])
        #expect(try directory.store.image().rows == image.rows)
        let ref = try directory.insert(
            0, id: "w1", [4: .utf8("Ann 12345 Lin"), 5: .utf8("one"), 6: .int(0)])
        try directory.insert(0, id: "w2", [4: .utf8("王晓明"), 5: .utf8("one"), 6: .int(0)])
        try directory.update(0, ref, [4: .utf8("Ann 2345 Lind")])
        let before = try directory.store.image()
        #expect(before.entries[4].count > 8)
        #expect(try directory.store.faults() == [])
        try directory.close(snapshot: false)
        // From the journal, and then from a snapshot.
        for _ in 0..<2 {
            let again = try DirectoryTrial.open(disk, definition)
            #expect(again.report.schemaChanges == [])
            #expect(try again.store.faults() == [])
            #expect(try again.store.image() == before)
            try again.close(snapshot: true)
        }
        let without = try DirectoryTrial.open(disk)
        #expect(
            without.report.schemaChanges == [
                .indexRemoved("Member() ordered by words of email")
            ])
        try without.close(snapshot: false)
    }

    @Test func `the manifest's shards win over those asked for`() throws {
        let (disk, image) = try make()
        let directory = try DataDirectory.open(
            disk, definition: DirectoryTrial.definition, shardCount: 16, codec: PlainCodec(),
            options: DirectoryTrial.options())
        #expect(directory.store.shardBits == 2)
        #expect(try directory.store.image() == image)
        try directory.close(snapshot: false)
    }
}
