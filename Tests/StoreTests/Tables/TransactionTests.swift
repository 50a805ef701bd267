import Testing

@testable import Store

private struct Injected: Error {}

/// Two tables with every kind of column, indexes of all shapes, and rows to begin with.
private func furnishedStore() throws -> (store: Store, owners: [RowRef], things: [RowRef]) {
    let kinds: [ColumnKind] = [
        .bool, .int8, .int16, .int32, .int64, .double, .bytes(.text), .bytes(.json),
    ]
    let columns = kinds.enumerated().map {
        ColumnDefinition(name: "c\($0)", kind: $1, isNullable: $0 % 2 == 0)
    }
    let definition = StoreDefinition(
        tables: [
            table("Owner", columns),
            table(
                "Thing",
                [
                    ColumnDefinition(
                        name: "owner", kind: .reference(TableID(0)), isNullable: true,
                        onDelete: .setNull),
                    ColumnDefinition(
                        name: "part", kind: .reference(TableID(1)), isNullable: true,
                        onDelete: .cascade),
                    ColumnDefinition(name: "label", kind: .bytes(.text)),
                ], shardBy: 4),
        ],
        indexes: [
            IndexDefinition(name: "owner text", table: TableID(0), equality: [], ordered: 10),
            IndexDefinition(name: "owner long", table: TableID(0), equality: [7], ordered: 8),
            IndexDefinition(
                name: "owner unique", table: TableID(0), equality: [10, 5], isUnique: true),
            IndexDefinition(name: "thing owner", table: TableID(1), equality: [4], ordered: 6),
            IndexDefinition(name: "thing label", table: TableID(1), equality: [], ordered: 6),
        ])
    let store = Store(definition, shardCount: 4, seed: 9)
    var owners: [RowRef] = []
    var things: [RowRef] = []
    for number in 0..<100 {
        owners.append(
            try store.insert(0, id: "o\(number)", ownerValues(Int64(number)), now: 1))
    }
    for number in 0..<150 {
        var values: [ColumnID: CellValue] = [
            4: .row(owners[number % 90]), 6: .bytes(Array("a common label \(number)".utf8)),
        ]
        if number % 3 == 1 { values[5] = .row(things[number - 1]) }
        things.append(try store.insert(1, id: "t\(number)", values, now: 1))
    }
    return (store, owners, things)
}

private func ownerValues(_ number: Int64) -> [ColumnID: CellValue] {
    [
        4: .int(number & 1), 5: .int(number % 200), 6: .int(number), 7: .int(number),
        8: number % 7 == 0 ? .null : .int(number % 10), 9: .double(Double(number) / 2),
        10: .bytes(Array("name with a long beginning \(number)".utf8)),
        11: .bytes(Array("{\"n\":\(number)}".utf8)),
    ]
}

@Suite struct TransactionTests {
    /// The steps of a transaction that touches everything.
    private static func steps(
        _ owners: [RowRef], _ things: [RowRef]
    ) -> [(Transaction, Store) throws -> Void] {
        [
            { transaction, store in
                let builder = store.makeRowBuilder(TableID(0))
                builder.set(0, text: "new")
                for (column, value) in ownerValues(1000) { builder.set(column, value) }
                try transaction.insert(TableID(0), builder)
            },
            { transaction, store in
                let changes = store.makeRowBuilder(TableID(0))
                changes.set(10, text: String(repeating: "much longer ", count: 200))
                changes.setNull(8)
                try transaction.update(
                    TableID(0), owners[3], changes: changes, raisesVersion: true)
            },
            { transaction, store in
                let changes = store.makeRowBuilder(TableID(0))
                changes.set(10, text: "s")
                changes.set(5, int: 77)
                try transaction.update(
                    TableID(0), owners[3], changes: changes, raisesVersion: false)
            },
            { transaction, _ in try transaction.delete(TableID(0), owners[5]) },
            { transaction, _ in try transaction.delete(TableID(1), things[0]) },
            { transaction, store in
                let builder = store.makeRowBuilder(TableID(1))
                builder.set(0, text: "t0")
                builder.set(4, reference: owners[3])
                builder.set(6, text: "")
                let ref = try transaction.insert(TableID(1), builder)
                try transaction.delete(TableID(1), ref)
            },
            { transaction, _ in
                for owner in owners[10..<90] { try transaction.delete(TableID(0), owner) }
            },
            { transaction, store in
                for number in 0..<300 {
                    let builder = store.makeRowBuilder(TableID(0))
                    builder.set(0, text: "n\(number)")
                    for (column, value) in ownerValues(Int64(number) + 2000) {
                        builder.set(column, value)
                    }
                    try transaction.insert(TableID(0), builder)
                }
            },
        ]
    }

    @Test(arguments: 0...8)
    func `a transaction that fails behind any of its steps leaves no trace`(
        failing: Int
    ) throws {
        let (store, owners, things) = try furnishedStore()
        let before = try store.image()
        let steps = TransactionTests.steps(owners, things)
        store.write(now: 50) { group in
            #expect(throws: Injected.self) {
                try group.transaction { transaction in
                    for step in steps.prefix(failing) { try step(transaction, store) }
                    throw Injected()
                }
            }
            let isUnchanged = StoreImage(store, group.view) == before
            #expect(isUnchanged)
            #expect(store.check(group.view) == [])
        }
        let isUnchanged = try store.image() == before
        #expect(isUnchanged)
    }

    @Test func `a failed transaction leaves those around it in the same group alone`() throws {
        let (store, owners, things) = try furnishedStore()
        let (other, otherOwners, otherThings) = try furnishedStore()
        let steps = TransactionTests.steps(owners, things)
        try store.write(now: 50) { group in
            try group.transaction { for step in steps.prefix(4) { try step($0, store) } }
            try? group.transaction { transaction in
                for step in steps[4...] { try step(transaction, store) }
                throw Injected()
            }
            try group.transaction { try steps[4]($0, store) }
        }
        let otherSteps = TransactionTests.steps(otherOwners, otherThings)
        try other.write(now: 50) { group in
            try group.transaction { for step in otherSteps.prefix(5) { try step($0, other) } }
        }
        let areSame = try store.image() == other.image()
        #expect(areSame)
        #expect(try store.faults() == [])
    }

    @Test func `a step that is refused leaves the transaction as it was before it`() throws {
        let (store, owners, _) = try furnishedStore()
        let changes = store.makeRowBuilder(TableID(0))
        changes.set(10, text: "name with a long beginning 7")
        changes.set(5, int: 7)
        try store.write(now: 50) { group in
            try group.transaction { transaction in
                try transaction.delete(TableID(0), owners[50])
                let before = StoreImage(store, group.view)
                #expect(
                    throws: StoreError.duplicate(
                        table: TableID(0), index: IndexID(2), existing: owners[7])
                ) {
                    try transaction.update(
                        TableID(0), owners[8], changes: changes, raisesVersion: true)
                }
                let isUnchanged = StoreImage(store, group.view) == before
                #expect(isUnchanged)
            }
        }
        #expect(try store.faults() == [])
        #expect(try store.image().counts == [99, 150])
    }

    @Test func `a draft can be read before it is published, and nobody else sees it`() throws {
        let (store, owners, _) = try furnishedStore()
        let reader = try #require(store.makeReader())
        let column = store.column(TableID(0), 5)
        let changes = store.makeRowBuilder(TableID(0))
        changes.set(5, int: 200)
        try store.write(now: 50) { group in
            try group.transaction {
                try $0.update(TableID(0), owners[2], changes: changes, raisesVersion: true)
                #expect($0.view.table(TableID(0)).row(owners[2]).int8(column) == 200)
            }
            #expect(group.view.table(TableID(0)).row(owners[2]).int8(column) == 200)
            let old = reader.withVersion { $0.table(TableID(0)).row(owners[2]).int8(column) }
            #expect(old == 2)
        }
        let new = reader.withVersion { $0.table(TableID(0)).row(owners[2]).int8(column) }
        #expect(new == 200)
    }

    @Test func `a group that touches nothing makes no version`() throws {
        let (store, owners, _) = try furnishedStore()
        let reader = try #require(store.makeReader())
        let before = reader.withVersion(\.sequence)
        let bytesBefore = store.bytesInUse
        store.write(now: 50) { group in
            group.transaction { _ in }
            #expect(throws: StoreError.notFound(table: TableID(0), ref: .none)) {
                try group.transaction { try $0.delete(TableID(0), .none) }
            }
            #expect(throws: StoreError.missingReference(table: TableID(1), column: 4)) {
                try group.transaction { transaction in
                    let builder = store.makeRowBuilder(TableID(1))
                    builder.set(4, reference: RowRef(rawValue: 1 << 30))
                    try transaction.update(
                        TableID(1), owners[0], changes: builder, raisesVersion: true)
                }
            }
        }
        #expect(reader.withVersion(\.sequence) == before)
        #expect(store.bytesInUse == bytesBefore)
    }

    @Test func `an error behind a transaction keeps the transaction`() throws {
        let (store, owners, _) = try furnishedStore()
        #expect(throws: Injected.self) {
            try store.write(now: 50) { group in
                try group.transaction { try $0.delete(TableID(0), owners[0]) }
                throw Injected()
            }
        }
        #expect(try store.values(0, owners[0]) == nil)
        #expect(try store.faults() == [])
    }

    @Test func `slots and creation numbers of deleted rows do not come back`() throws {
        let (store, owners, _) = try furnishedStore()
        var seen = Set(owners)
        for round in 0..<5 {
            let last = try store.insert(0, id: "x\(round)", ownerValues(Int64(round) + 500))
            #expect(seen.insert(last).inserted)
            #expect(try store.image().rows[0].last?.creation == UInt32(101 + round))
            try store.delete(0, last)
        }
    }

    @Test func `pages without rows are freed`() throws {
        let definition = StoreDefinition(tables: [table("A", [])], indexes: [])
        let store = Store(definition, shardCount: 1, seed: 1)
        let empty = store.bytesInUse
        var refs: [RowRef] = []
        for number in 0..<1000 { refs.append(try store.insert(0, id: "\(number)")) }
        for ref in refs { try store.delete(0, ref) }
        // One branch of the page directory stays: slots are not given out again.
        #expect(store.bytesInUse - empty <= PageDirectory.byteCount)
        #expect(try store.faults() == [])
    }

    @Test func `everything is freed with the store, and what pins held before`() throws {
        let pool: NodePool
        do {
            let (store, owners, things) = try furnishedStore()
            pool = store.pool
            let reader = try #require(store.makeReader())
            for ref in owners.prefix(50) {
                _ = reader.pin()
                try store.delete(0, ref)
                reader.unpin()
            }
            for ref in things.prefix(20) {
                try? store.write(now: 0) { group in
                    try group.transaction { transaction in
                        try transaction.delete(TableID(1), ref)
                        throw Injected()
                    }
                }
            }
            #expect(store.slots.hangingCount == 0)
            #expect(pool.bytesInUse > 0)
        }
        #expect(pool.bytesInUse == 0)
    }
}
