import Testing

@testable import Store

/// A member refers to a chapter, a badge to a member, a chapter to the chapter above it.
private let chapters = 0
private let members = 1
private let badges = 2
private let logs = 3

private let definition = StoreDefinition(
    tables: [
        table(
            "Chapter",
            [
                ColumnDefinition(
                    name: "parent", kind: .reference(TableID(chapters)), isNullable: true,
                    onDelete: .cascade)
            ]),
        table(
            "Member",
            [
                ColumnDefinition(
                    name: "chapter", kind: .reference(TableID(chapters)), onDelete: .restrict),
                ColumnDefinition(name: "email", kind: .bytes(.text), isNullable: true),
                ColumnDefinition(
                    name: "sponsor", kind: .reference(TableID(members)), isNullable: true,
                    onDelete: .setNull),
                ColumnDefinition(name: "level", kind: .int8, isNullable: true),
            ]),
        table(
            "Badge",
            [
                ColumnDefinition(
                    name: "member", kind: .reference(TableID(members)), onDelete: .cascade)
            ], shardBy: 4),
        table(
            "Log",
            [
                ColumnDefinition(
                    name: "member", kind: .reference(TableID(members)), isNullable: true)
            ], isAppendOnly: true),
    ],
    indexes: [
        IndexDefinition(
            name: "Member.email", table: TableID(members), equality: [5], isUnique: true),
        IndexDefinition(name: "Badge.member", table: TableID(badges), equality: [4]),
    ])

private func newStore() -> Store { Store(definition, seed: 42) }

private func text(_ string: String) -> CellValue { .bytes(Array(string.utf8)) }

@Suite struct StoreErrorTests {
    @Test func `a second row with the same unique key is refused and names the first`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let first = try store.insert(members, id: "1", [4: .row(chapter), 5: text("a@b")])
        let before = try store.image()
        #expect(
            throws: StoreError.duplicate(
                table: TableID(members), index: IndexID(0), existing: first)
        ) { try store.insert(members, id: "2", [4: .row(chapter), 5: text("a@b")]) }
        #expect(
            throws: StoreError.duplicate(
                table: TableID(members), index: store.idIndex(of: TableID(members)),
                existing: first)
        ) { try store.insert(members, id: "1", [4: .row(chapter)]) }
        #expect(try store.image() == before)
        #expect(try store.faults() == [])
    }

    @Test func `any number of rows may have a null in a unique key`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        for id in 0..<5 { try store.insert(members, id: "\(id)", [4: .row(chapter)]) }
        #expect(try store.faults() == [])
        #expect(try store.image().entries[0] == [])
    }

    @Test func `a unique key is free again when its row is deleted or changed`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let a = try store.insert(members, id: "a", [4: .row(chapter), 5: text("x")])
        let b = try store.insert(members, id: "b", [4: .row(chapter), 5: text("y")])
        #expect(
            throws: StoreError.duplicate(table: TableID(members), index: IndexID(0), existing: a)
        ) { try store.update(members, b, [5: text("x")]) }
        try store.update(members, a, [5: .null])
        try store.update(members, b, [5: text("x")])
        try store.delete(members, b)
        try store.update(members, a, [5: text("x")])
        #expect(try store.faults() == [])
    }

    @Test func `a required column needs a value, in new rows and in changes`() throws {
        let store = newStore()
        let refusal = StoreError.nullInRequired(table: TableID(members), column: 4)
        #expect(throws: refusal) { try store.insert(members, id: "1") }
        let chapter = try store.insert(chapters, id: "1")
        let member = try store.insert(members, id: "1", [4: .row(chapter)])
        #expect(throws: refusal) { try store.update(members, member, [4: .null]) }
        #expect(throws: StoreError.nullInRequired(table: TableID(chapters), column: 0)) {
            try store.write(now: 0) { group in
                try group.transaction {
                    try $0.insert(TableID(chapters), store.makeRowBuilder(TableID(chapters)))
                }
            }
        }
    }

    @Test func `a reference must lead to a row`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        try store.delete(chapters, chapter)
        let refusal = StoreError.missingReference(table: TableID(members), column: 4)
        for ref in [chapter, RowRef(rawValue: 7), RowRef(rawValue: .max - 1)] {
            #expect(throws: refusal) { try store.insert(members, id: "1", [4: .row(ref)]) }
        }
        #expect(try store.image().counts == [0, 0, 0, 0])
    }

    @Test(arguments: [-1, 256, Int64.max])
    func `a value out of its column's range is refused`(level: Int64) throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let refusal = StoreError.outOfRange(table: TableID(members), column: 7)
        #expect(throws: refusal) {
            try store.insert(members, id: "1", [4: .row(chapter), 7: .int(level)])
        }
        let member = try store.insert(members, id: "1", [4: .row(chapter), 7: .int(255)])
        #expect(throws: refusal) { try store.update(members, member, [7: .int(level)]) }
        #expect(try store.values(members, member)?[7] == .int(255))
    }

    @Test func `a value of too many bytes is refused`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let most = CellValue.bytes(Array(repeating: 0x61, count: RowBuilder.valueBytesMax))
        let tooMany = CellValue.bytes(Array(repeating: 0x61, count: RowBuilder.valueBytesMax + 1))
        #expect(throws: StoreError.outOfRange(table: TableID(members), column: 5)) {
            try store.insert(members, id: "1", [4: .row(chapter), 5: tooMany])
        }
        let member = try store.insert(members, id: "1", [4: .row(chapter), 5: most])
        let isKept = try store.values(members, member)?[5] == most
        #expect(isKept)
        #expect(try store.faults() == [])
    }

    @Test func `a restricting reference keeps its row from being deleted`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let member = try store.insert(members, id: "1", [4: .row(chapter)])
        let before = try store.image()
        #expect(
            throws: StoreError.referenced(by: TableID(members), column: 4, ref: member)
        ) { try store.delete(chapters, chapter) }
        #expect(try store.image() == before)
    }

    @Test func `a deletion follows, clears and counts`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let a = try store.insert(members, id: "a", [4: .row(chapter)])
        let b = try store.insert(members, id: "b", [4: .row(chapter), 6: .row(a)], now: 5)
        for id in 0..<3 { try store.insert(badges, id: "\(id)", [4: .row(a)]) }
        let other = try store.insert(badges, id: "other", [4: .row(b)])
        let deletion = try store.delete(members, a, now: 9)
        #expect(deletion == Deletion(deleted: 4, cleared: 1))
        #expect(
            try store.values(members, b) == [
                text("b"), .int(2), .int(5), .int(9), .row(chapter), .null, .null, .null,
            ])
        #expect(try store.values(badges, other) != nil)
        #expect(try store.faults() == [])
    }

    @Test func `a deletion that would clear two rows into the same unique key is refused whole`()
        throws
    {
        let store = Store(
            StoreDefinition(
                tables: [
                    table("A", []),
                    table(
                        "B",
                        [
                            ColumnDefinition(
                                name: "a", kind: .reference(TableID(0)), isNullable: true,
                                onDelete: .setNull)
                        ]),
                ],
                indexes: [
                    IndexDefinition(
                        name: "changed", table: TableID(1),
                        equality: [TableDefinition.updatedAtColumn], isUnique: true)
                ]), shardCount: 1, seed: 1)
        let a = try store.insert(0, id: "a")
        let first = try store.insert(1, id: "1", [4: .row(a)], now: 1)
        try store.insert(1, id: "2", [4: .row(a)], now: 2)
        let before = try store.image()
        #expect(
            throws: StoreError.duplicate(table: TableID(1), index: IndexID(0), existing: first)
        ) { try store.delete(0, a, now: 3) }
        let isUnchanged = try store.image() == before
        #expect(isUnchanged)
        #expect(try store.faults() == [])
    }

    @Test func `a circle of references is deleted as one`() throws {
        let store = newStore()
        let a = try store.insert(chapters, id: "a")
        let b = try store.insert(chapters, id: "b", [4: .row(a)])
        let c = try store.insert(chapters, id: "c", [4: .row(b)])
        try store.update(chapters, a, [4: .row(c)])
        #expect(try store.delete(chapters, b) == Deletion(deleted: 3, cleared: 0))
        #expect(try store.image().counts == [0, 0, 0, 0])
        #expect(try store.faults() == [])
    }

    @Test func `a row may refer to itself and be deleted`() throws {
        let store = newStore()
        let a = try store.insert(chapters, id: "a")
        try store.update(chapters, a, [4: .row(a)])
        #expect(try store.delete(chapters, a) == Deletion(deleted: 1, cleared: 0))
        #expect(try store.faults() == [])
    }

    @Test func `append-only rows are neither changed nor deleted, nor lose what they refer to`()
        throws
    {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let member = try store.insert(members, id: "1", [4: .row(chapter)])
        let log = try store.insert(logs, id: "1", [4: .row(member)])
        #expect(throws: StoreError.appendOnly(table: TableID(logs))) {
            try store.update(logs, log, [4: .null])
        }
        #expect(throws: StoreError.appendOnly(table: TableID(logs))) {
            try store.delete(logs, log)
        }
        #expect(throws: StoreError.referenced(by: TableID(logs), column: 4, ref: log)) {
            try store.delete(members, member)
        }
    }

    @Test func `a row that is gone, or never was, is not found`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        try store.delete(chapters, chapter)
        for ref in [chapter, .none, RowRef(rawValue: 1 << 20)] {
            let refusal = StoreError.notFound(table: TableID(chapters), ref: ref)
            #expect(throws: refusal) { try store.delete(chapters, ref) }
            #expect(throws: refusal) { try store.update(chapters, ref, [4: .null]) }
        }
    }

    @Test func `a change to the same values is none`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        let member = try store.insert(members, id: "1", [4: .row(chapter), 5: text("x")])
        let before = try store.image()
        let isChanged = try store.update(
            members, member, [4: .row(chapter), 5: text("x"), 6: .null, 7: .null], now: 77)
        #expect(!isChanged)
        #expect(try store.image() == before)
    }

    @Test func `versions rise with changes by clients only`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1", now: 3)
        let member = try store.insert(members, id: "1", [4: .row(chapter)], now: 3)
        try store.update(members, member, [7: .int(1)], raisesVersion: false, now: 4)
        #expect(
            try store.values(members, member)?.prefix(4) == [
                text("1"), .int(1), .int(3), .int(3),
            ])
        try store.update(members, member, [7: .int(2)], now: 5)
        #expect(
            try store.values(members, member)?.prefix(4) == [
                text("1"), .int(2), .int(3), .int(5),
            ])
    }

    @Test func `a builder is as the caller left it after the store has used it`() throws {
        let store = newStore()
        let builder = store.makeRowBuilder(TableID(chapters))
        for (id, now) in [("a", Int64(10)), ("b", 20)] {
            builder.set(0, text: id)
            try store.write(now: now) { group in
                try group.transaction { _ = try $0.insert(TableID(chapters), builder) }
            }
        }
        let rows = try store.image().rows[chapters]
        #expect(
            rows.map { Array($0.values.prefix(4)) } == [
                [text("a"), .int(1), .int(10), .int(10)],
                [text("b"), .int(1), .int(20), .int(20)],
            ])
    }

    @Test func `a row lies with its owner, and with its own id when it has none`() throws {
        let store = newStore()
        let chapter = try store.insert(chapters, id: "1")
        for id in 0..<20 {
            let member = try store.insert(members, id: "\(id)", [4: .row(chapter)])
            let badge = try store.insert(badges, id: "\(id)", [4: .row(member)])
            #expect(badge.shard(shardBits: 4) == member.shard(shardBits: 4))
        }
        let places = try store.image().rows[members].map { $0.ref.shard(shardBits: 4) }
        #expect(Set(places).count > 3)
    }
}
