import Testing

@testable import Store

private let registered = CellValue.int(0)
private let offered = CellValue.int(1)
private let cancelled = CellValue.int(2)

/// Registrations: one live one for each event and member, and one main one for each member.
private let definition = StoreDefinition(
    tables: [
        table("Member", []),
        table(
            "Registration",
            [
                ColumnDefinition(name: "member", kind: .reference(TableID(0))),
                ColumnDefinition(name: "event", kind: .int32),
                ColumnDefinition(
                    name: "status", kind: .int8, isNullable: true,
                    enumNames: ["REGISTERED", "OFFERED", "CANCELLED"]),
                ColumnDefinition(name: "isMain", kind: .bool),
                ColumnDefinition(
                    name: "guest", kind: .reference(TableID(0)), isNullable: true,
                    onDelete: .setNull),
            ]),
    ],
    indexes: [
        IndexDefinition(
            name: "live", table: TableID(1), equality: [5, 4], isUnique: true,
            conditions: [IndexCondition(6, .among([1, 0]))]),
        IndexDefinition(
            name: "main", table: TableID(1), equality: [4], isUnique: true,
            conditions: [
                IndexCondition(7, .among([1])), IndexCondition(6, .notAmong([2])),
                IndexCondition(8, .isNull),
            ]),
        IndexDefinition(
            name: "guests", table: TableID(1), equality: [],
            conditions: [IndexCondition(8, .isSet)]),
    ])

private let live = IndexID(0)
private let main = IndexID(1)

/// A store with two members.
private func makeStore() throws -> (store: Store, ada: RowRef, bob: RowRef) {
    let store = Store(definition, shardCount: 4, seed: 3)
    return (store, try store.insert(0, id: "ada"), try store.insert(0, id: "bob"))
}

extension Store {
    fileprivate func register(
        _ id: String, _ member: RowRef, _ status: CellValue, event: Int64 = 1, isMain: Bool = false,
        guest: CellValue = .null
    ) throws(StoreError) -> RowRef {
        try insert(
            1, id: id,
            [
                4: .row(member), 5: .int(event), 6: status, 7: .int(isMain ? 1 : 0), 8: guest,
            ])
    }

    fileprivate func duplicate(_ index: IndexID, _ existing: RowRef) -> StoreError {
        .duplicate(table: TableID(1), index: index, existing: existing)
    }
}

@Suite struct IndexConditionTests {
    @Test func `only rows of which the condition holds share a key`() throws {
        let (store, ada, bob) = try makeStore()
        let first = try store.register("r1", ada, registered)
        #expect(throws: store.duplicate(live, first)) { try store.register("r2", ada, registered) }
        #expect(throws: store.duplicate(live, first)) { try store.register("r2", ada, offered) }
        _ = try store.register("r3", ada, cancelled)
        _ = try store.register("r4", ada, cancelled)
        _ = try store.register("r5", ada, .null)
        _ = try store.register("r6", bob, registered)
        #expect(try store.faults() == [])
        #expect(try store.image().entries[live.index].count == 2)
    }

    @Test func `a row enters and leaves the index when its condition column changes`() throws {
        let (store, ada, _) = try makeStore()
        let first = try store.register("r1", ada, cancelled)
        let second = try store.register("r2", ada, registered)
        #expect(throws: store.duplicate(live, second)) { try store.update(1, first, [6: offered]) }
        #expect(try store.faults() == [])
        try store.update(1, second, [6: cancelled])
        try store.update(1, first, [6: offered])
        #expect(throws: store.duplicate(live, first)) {
            try store.update(1, second, [6: registered])
        }
        try store.update(1, second, [6: registered, 5: .int(2)])
        try store.delete(1, first)
        try store.update(1, second, [5: .int(1)])
        #expect(try store.faults() == [])
        #expect(try store.image().entries[live.index].count == 1)
    }

    @Test func `all conditions must hold, and none of the values includes null`() throws {
        let (store, ada, bob) = try makeStore()
        let first = try store.register("r1", ada, .null, isMain: true)
        for (number, status) in [cancelled, registered, .null].enumerated() {
            let id = "x\(number)"
            let isRefused = status != cancelled
            let event = Int64(10 + number)
            if isRefused {
                #expect(throws: store.duplicate(main, first)) {
                    try store.register(id, ada, status, event: event, isMain: true)
                }
            } else {
                _ = try store.register(id, ada, status, event: event, isMain: true)
            }
        }
        _ = try store.register("r2", ada, .null, isMain: true, guest: .row(bob))
        _ = try store.register("r3", ada, .null, isMain: false)
        #expect(try store.faults() == [])
    }

    @Test func `an index without columns holds the rows of its condition in their order`() throws {
        let (store, ada, bob) = try makeStore()
        var guests: [RowRef] = []
        for number in 0..<200 {
            let hasGuest = number % 3 == 0
            let ref = try store.register(
                "r\(number)", ada, cancelled, guest: hasGuest ? .row(bob) : .null)
            if hasGuest { guests.append(ref) }
        }
        let entries = try store.image().entries[2]
        #expect(entries.map { Locator(rawValue: $0.locator).ref } == guests)
    }

    @Test func `a deletion that would clear a row into a taken key is refused whole`() throws {
        let (store, ada, bob) = try makeStore()
        let first = try store.register("r1", ada, .null, isMain: true)
        let second = try store.register("r2", ada, .null, isMain: true, guest: .row(bob))
        let before = try store.image()
        #expect(throws: store.duplicate(main, first)) { try store.delete(0, bob) }
        #expect(try store.image() == before)
        try store.update(1, first, [7: .int(0)])
        #expect(try store.delete(0, bob) == Deletion(deleted: 1, cleared: 1))
        #expect(try store.values(1, second)?[8] == .null)
        #expect(try store.faults() == [])
    }

    @Test func `what a transaction did to conditions is undone with it`() throws {
        let (store, ada, _) = try makeStore()
        let first = try store.register("r1", ada, registered)
        let second = try store.register("r2", ada, cancelled)
        let before = try store.image()
        struct Abandoned: Error {}
        #expect(throws: Abandoned.self) {
            try store.write(now: 1) { group in
                try group.transaction { transaction in
                    let builder = store.makeRowBuilder(TableID(1))
                    builder.set(6, cancelled)
                    try transaction.update(
                        TableID(1), first, changes: builder, raisesVersion: true)
                    builder.reset()
                    builder.set(6, offered)
                    try transaction.update(
                        TableID(1), second, changes: builder, raisesVersion: true)
                    try transaction.delete(TableID(1), first)
                    throw Abandoned()
                }
            }
        }
        #expect(try store.image().entries == before.entries)
        #expect(try store.image().rows == before.rows)
        #expect(try store.faults() == [])
    }

    @Test func `a bulk load counts as equal only rows of which the condition holds`() throws {
        let (source, _, _) = try makeStore()
        let store = Store(definition, shardCount: 4, seed: 3)
        try store.load(now: 0) { loader in
            let member = store.makeRowBuilder(TableID(0))
            member.set(0, text: "ada")
            let ada = try loader.append(TableID(0), member)
            var refs: [RowRef] = []
            for (number, status) in [registered, cancelled, cancelled, offered].enumerated() {
                let row = store.makeRowBuilder(TableID(1))
                row.set(0, text: "r\(number)")
                row.set(4, .row(ada))
                row.set(5, .int(1))
                row.set(6, status)
                row.set(7, .int(0))
                refs.append(try loader.append(TableID(1), row))
            }
            #expect(
                loader.finish() == [.duplicate(index: live, first: refs[0], second: refs[3])])
            try loader.remove(TableID(1), refs[3])
            #expect(loader.finish() == [])
        }
        #expect(try store.faults() == [])
        #expect(source.definition == store.definition)
    }

    @Test func `a signature tells the conditions by the names of values, in one order`() {
        #expect(
            definition.indexSignatures == [
                "Registration(event, member) unique where status in [OFFERED, REGISTERED]",
                "Registration(member) unique where guest is null and isMain in [1] and "
                    + "status not in [CANCELLED]",
                "Registration() where guest is not null",
            ])
    }
}
