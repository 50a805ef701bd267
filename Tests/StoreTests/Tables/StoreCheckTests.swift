import Testing

@testable import Store

/// Damage done on purpose, and what the check says of it.
@Suite struct StoreCheckTests {
    private static let definition = StoreDefinition(
        tables: [
            table(
                "T",
                [
                    ColumnDefinition(name: "n", kind: .int32),
                    ColumnDefinition(
                        name: "next", kind: .reference(TableID(0)), isNullable: true),
                    ColumnDefinition(name: "key", kind: .bytes(.text)),
                ])
        ],
        indexes: [
            IndexDefinition(name: "n", table: TableID(0), equality: [], ordered: 4),
            IndexDefinition(name: "key", table: TableID(0), equality: [6], isUnique: true),
        ])

    /// The faults after `damage` was done to a store of 10 sound rows on one shard.
    private func faults(
        _ damage: (WriteGroup, Store, [RowRef]) -> Void
    ) throws -> (faults: [StoreFault], refs: [RowRef]) {
        let store = Store(StoreCheckTests.definition, shardCount: 1, seed: 1)
        var refs: [RowRef] = []
        for number in 0..<10 {
            var values: [ColumnID: CellValue] = [
                4: .int(Int64(number)), 6: .bytes(Array("k\(number)".utf8)),
            ]
            if let last = refs.last { values[5] = .row(last) }
            refs.append(try store.insert(0, id: "\(number)", values))
        }
        #expect(try store.faults() == [])
        let faults = store.write(now: 0) { group in
            damage(group, store, refs)
            group.isTouched = true
            return store.check(group.view)
        }
        return (faults, refs)
    }

    @Test func `a missing entry is found`() throws {
        let found = try faults { group, store, refs in group.unlink(store.indexes[0], refs[3]) }
        #expect(found.faults == [.entryCount(index: IndexID(0), expected: 10, found: 9)])
    }

    @Test func `a missing word, a word too many and a row without its words are found`() throws {
        let definition = StoreDefinition(
            tables: [
                TableDefinition(
                    name: "T",
                    columns: TableDefinition.systemColumns + [
                        ColumnDefinition(name: "name", kind: .bytes(.text), isNullable: true)
                    ])
            ],
            indexes: [
                IndexDefinition(
                    name: "w", table: TableID(0), equality: [], ordered: 4, order: .words)
            ])
        let store = Store(definition, shardCount: 2, seed: 3)
        var refs: [RowRef] = []
        for (number, name) in ["Ann Lin", "Bo", "Cy Ann"].enumerated() {
            refs.append(
                try store.insert(0, id: "\(number)", [4: .bytes(Array(name.utf8))]))
        }
        #expect(try store.faults() == [])
        func faults(_ damage: (WriteGroup) -> Void) -> [StoreFault] {
            store.write(now: 0) { group in
                damage(group)
                group.isTouched = true
                return store.check(group.view)
            }
        }
        let index = store.indexes[0]
        func rename(_ name: String, _ ref: RowRef, _ group: WriteGroup) {
            let changes = store.makeRowBuilder(TableID(0))
            changes.set(4, text: name)
            _ = unsafe group.pages(of: store.tables[0]).update(ref, changes)
        }
        #expect(
            faults { group in
                group.unlink(index, refs[1])
            } == [.entryCount(index: IndexID(0), expected: 5, found: 4)])
        #expect(faults { group in group.link(index, refs[1]) } == [])
        #expect(
            faults { group in rename("Bea", refs[1], group) } == [
                .entry(index: IndexID(0), ref: refs[1])
            ])
        #expect(faults { group in rename("Bo", refs[1], group) } == [])
        #expect(
            faults { group in
                unsafe group.pages(of: store.tables[0]).remove(refs[2])
                group.addToLiveCount(TableID(0), -1)
            }.contains(.entry(index: IndexID(0), ref: refs[2])))
    }

    @Test func `a row changed behind its index is found`() throws {
        let found = try faults { group, store, refs in
            let changes = store.makeRowBuilder(TableID(0))
            changes.set(4, int: 77)
            _ = unsafe group.pages(of: store.tables[0]).update(refs[3], changes)
        }
        #expect(found.faults == [.entry(index: IndexID(0), ref: found.refs[3])])
    }

    @Test func `a row that went without its entries is found`() throws {
        let found = try faults { group, store, refs in
            unsafe group.pages(of: store.tables[0]).remove(refs[9])
            group.addToLiveCount(TableID(0), -1)
        }
        #expect(
            found.faults == (0..<4).map { .entry(index: IndexID($0), ref: found.refs[9]) })
    }

    @Test func `a wrong count is found`() throws {
        let found = try faults { group, _, _ in group.addToLiveCount(TableID(0), 1) }
        #expect(found.faults == [.count(table: TableID(0), recorded: 11, found: 10)])
    }

    @Test func `a reference to no row is found`() throws {
        let found = try faults { group, store, refs in
            let plan = store.tables[0]
            for index in plan.indexes { group.unlink(index, refs[4]) }
            unsafe group.pages(of: plan).remove(refs[4])
            group.addToLiveCount(TableID(0), -1)
        }
        #expect(
            found.faults == [.reference(table: TableID(0), column: 5, ref: found.refs[5])])
    }

    @Test func `equal unique keys are found`() throws {
        let found = try faults { group, store, refs in
            let index = store.indexes[1]
            let changes = store.makeRowBuilder(TableID(0))
            changes.set(6, text: "k2")
            group.unlink(index, refs[7])
            _ = unsafe group.pages(of: store.tables[0]).update(refs[7], changes)
            group.link(index, refs[7])
        }
        #expect(
            found.faults == [
                .duplicate(index: IndexID(1), first: found.refs[2], second: found.refs[7])
            ])
    }

    @Test func `a creation number that was not given out is found`() throws {
        let found = try faults { group, _, _ in
            unsafe group.root.setNextCreation(of: TableID(0), to: 10)
        }
        #expect(found.faults == [.creation(table: TableID(0), ref: found.refs[9])])
    }

    @Test func `a slot that was not given out is found`() throws {
        let found = try faults { group, _, _ in
            var shard = unsafe group.root.shard(0, of: TableID(0))
            unsafe shard.slotEnd = 9
            unsafe group.root.setShard(0, of: TableID(0), to: shard)
        }
        #expect(
            found.faults.first == .liveRows(table: TableID(0), shard: 0, page: 0))
    }
}
