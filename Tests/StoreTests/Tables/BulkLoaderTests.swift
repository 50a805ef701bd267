import Bytes
import Testing

@testable import Store

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension BulkLoader {
    fileprivate func lookUp(_ table: Int, _ id: String) -> RowRef? {
        unsafe bytes(id).withUnsafeBytes { unsafe lookUp(TableID(table), $0) }
    }

    @discardableResult
    fileprivate func append(
        _ table: Int, id: String, _ values: [ColumnID: CellValue] = [:]
    ) throws(StoreError) -> RowRef {
        let builder = store.makeRowBuilder(TableID(table))
        builder.set(0, text: id)
        for (column, value) in values { builder.set(column, value) }
        return try append(TableID(table), builder)
    }
}

/// A tree of nodes, each required to have a group, with a unique name.
private let definition = StoreDefinition(
    tables: [
        table("Group", []),
        table(
            "Node",
            [
                ColumnDefinition(name: "group", kind: .reference(TableID(0))),
                ColumnDefinition(
                    name: "parent", kind: .reference(TableID(1)), isNullable: true,
                    onDelete: .setNull),
                ColumnDefinition(name: "name", kind: .bytes(.text), isNullable: true),
                ColumnDefinition(name: "rank", kind: .int32, isNullable: true),
            ], shardBy: 4),
    ],
    indexes: [
        IndexDefinition(name: "name", table: TableID(1), equality: [6], isUnique: true),
        IndexDefinition(name: "by name", table: TableID(1), equality: [4], ordered: 6),
        IndexDefinition(name: "rank", table: TableID(1), equality: [], ordered: 7),
        IndexDefinition(name: "pair", table: TableID(1), equality: [4, 7], isUnique: true),
        IndexDefinition(name: "parent", table: TableID(1), equality: [5]),
        IndexDefinition(
            name: "ordered unique", table: TableID(1), equality: [], ordered: 6, isUnique: true),
    ])

private func newStore() -> Store { Store(definition, shardCount: 4, seed: 5) }

@Suite struct BulkLoaderTests {
    @Test(arguments: 1...30)
    func `a bulk load equals the same rows inserted one by one`(seed: Int) throws {
        var numbers = SeededRandom(seed: UInt64(seed))
        let definition = numbers.storeDefinition()
        let storeSeed = numbers.next()
        let inserted = Store(definition, shardCount: 4, seed: storeSeed)
        let loaded = Store(definition, shardCount: 4, seed: storeSeed)
        try inserted.write(now: 7) { group in
            try loaded.load(now: 7) { loader in
                for number in 0..<400 {
                    let table = TableID(numbers.below(definition.tables.count))
                    let builder = inserted.makeRowBuilder(table)
                    builder.set(0, text: "id\(number)")
                    let columns = definition.tables[table.index].columns
                    for (position, column) in columns.enumerated().dropFirst(4) {
                        let view = group.view
                        let value = numbers.cellValue(column) { target in
                            var refs: [RowRef] = []
                            view.table(target).forEachRow { refs.append($1) }
                            return refs
                        }
                        builder.set(position, value)
                    }
                    // What the transaction refuses is no part of the load.
                    var ref: RowRef?
                    group.transaction { ref = try? $0.insert(table, builder) }
                    guard let ref else { continue }
                    let loadedRef = try loader.append(table, builder)
                    #expect(loadedRef == ref, "seed \(seed)")
                }
                #expect(loader.finish() == [], "seed \(seed)")
            }
        }
        #expect(try loaded.faults() == [], "seed \(seed)")
        let areSame = try loaded.image() == inserted.image()
        #expect(areSame, "seed \(seed)")
    }

    @Test func `a loaded store goes on with transactions`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            let group = try loader.append(0, id: "g")
            for number in 0..<300 {
                try loader.append(
                    1, id: "n\(number)", [4: .row(group), 7: .int(Int64(number))])
            }
            #expect(loader.finish() == [])
        }
        let group = try #require(try store.image().rows[0].first?.ref)
        let node = try store.insert(1, id: "new", [4: .row(group), 6: .bytes(bytes("x"))])
        #expect(try store.image().rows[1].last?.ref == node)
        #expect(try store.image().rows[1].last?.creation == 301)
        try store.update(1, node, [6: .bytes(bytes("yy")), 7: .int(1000)])
        #expect(try store.faults() == [])
    }

    @Test func `ids are found while loading, and a second row of the same id is refused`()
        throws
    {
        let store = newStore()
        try store.load(now: 1) { loader in
            var refs: [RowRef] = []
            for number in 0..<5000 { refs.append(try loader.append(0, id: "g\(number)")) }
            for (number, ref) in refs.enumerated() {
                #expect(loader.lookUp(0, "g\(number)") == ref)
            }
            #expect(loader.lookUp(0, "g5000") == nil)
            #expect(loader.lookUp(1, "g0") == nil)
            #expect(
                throws: StoreError.duplicate(
                    table: TableID(0), index: store.idIndex(of: TableID(0)), existing: refs[77])
            ) { try loader.append(0, id: "g77") }
            #expect(loader.finish() == [])
        }
        #expect(try store.image().counts == [5000, 0])
        #expect(try store.faults() == [])
    }

    @Test func `references may be set later, and are missed at the end`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            let a = try loader.append(1, id: "a")
            let b = try loader.append(1, id: "b", [5: .row(a)])
            let wanted = [a, b].sorted { $0.shard(shardBits: 2) < $1.shard(shardBits: 2) }
            #expect(
                loader.finish()
                    == wanted.map { .nullInRequired(table: TableID(1), column: 4, ref: $0) })
            let group = try loader.append(0, id: "g")
            try loader.setReference(TableID(1), a, 4, to: group)
            try loader.setReference(TableID(1), b, 4, to: group)
            try loader.setReference(TableID(1), a, 5, to: b)
            #expect(
                throws: StoreError.missingReference(table: TableID(1), column: 4)
            ) { try loader.setReference(TableID(1), a, 4, to: RowRef(rawValue: 999)) }
            #expect(loader.finish() == [])
        }
        let rows = try store.image().rows
        #expect(rows[1][0].values[5] == .row(rows[1][1].ref))
        #expect(rows[1][1].values[5] == .row(rows[1][0].ref))
        #expect(try store.faults() == [])
    }

    @Test func `equal unique keys are found at the end and can be mended`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            let group = try loader.append(0, id: "g")
            var refs: [RowRef] = []
            for (number, name) in ["x", "y", "x", "z", "y", "x"].enumerated() {
                refs.append(
                    try loader.append(
                        1, id: "\(number)",
                        [4: .row(group), 6: .bytes(bytes(name)), 7: .int(Int64(number % 5))]))
            }
            let wanted: [LoadViolation] = [
                .duplicate(index: IndexID(0), first: refs[0], second: refs[2]),
                .duplicate(index: IndexID(0), first: refs[0], second: refs[5]),
                .duplicate(index: IndexID(0), first: refs[1], second: refs[4]),
                .duplicate(index: IndexID(3), first: refs[0], second: refs[5]),
                .duplicate(index: IndexID(5), first: refs[0], second: refs[2]),
                .duplicate(index: IndexID(5), first: refs[0], second: refs[5]),
                .duplicate(index: IndexID(5), first: refs[1], second: refs[4]),
            ]
            let found = loader.finish()
            #expect(Set(found.map { "\($0)" }) == Set(wanted.map { "\($0)" }))
            #expect(found.count == wanted.count)
            for ref in [refs[2], refs[4], refs[5]] { try loader.remove(TableID(1), ref) }
            #expect(loader.lookUp(1, "2") == nil)
            try loader.append(1, id: "2", [4: .row(group), 6: .bytes(bytes("w"))])
            #expect(loader.finish() == [])
        }
        #expect(try store.image().counts == [1, 4])
        #expect(try store.faults() == [])
    }

    @Test func `a reference to a row that was removed is missed at the end`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            let group = try loader.append(0, id: "g")
            let a = try loader.append(1, id: "a", [4: .row(group)])
            let b = try loader.append(1, id: "b", [4: .row(group), 5: .row(a)])
            try loader.remove(TableID(1), a)
            #expect(
                loader.finish() == [.missingReference(table: TableID(1), column: 5, ref: b)])
            try loader.setReference(TableID(1), b, 5, to: .none)
            #expect(loader.finish() == [])
        }
        #expect(try store.faults() == [])
    }

    @Test func `rows, and whole pages, can be removed while loading`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            var refs: [RowRef] = []
            for number in 0..<1000 { refs.append(try loader.append(0, id: "g\(number)")) }
            for ref in refs.prefix(900) { try loader.remove(TableID(0), ref) }
            for number in 0..<900 { try loader.append(0, id: "g\(number)") }
            #expect(throws: StoreError.notFound(table: TableID(0), ref: refs[0])) {
                try loader.remove(TableID(0), refs[0])
            }
            #expect(loader.finish() == [])
        }
        #expect(try store.image().counts == [1000, 0])
        #expect(try store.faults() == [])
    }

    @Test func `a load that is not finished leaves nothing`() throws {
        let store = newStore()
        let before = try store.image()
        let bytesBefore = store.bytesInUse
        struct Abandoned: Error {}
        #expect(throws: Abandoned.self) {
            try store.load(now: 1) { loader in
                let group = try loader.append(0, id: "g")
                for number in 0..<500 {
                    try loader.append(1, id: "\(number % 400)x\(number)", [4: .row(group)])
                }
                try loader.append(1, id: "bad")
                #expect(loader.finish().count == 1)
                throw Abandoned()
            }
        }
        #expect(try store.image() == before)
        #expect(store.bytesInUse == bytesBefore)
    }

    @Test func `a table that has rows is not loaded`() throws {
        let store = newStore()
        try store.insert(0, id: "1")
        store.load(now: 1) { loader in
            #expect(throws: StoreError.notEmpty(table: TableID(0))) {
                try loader.append(0, id: "2")
            }
        }
    }

    @Test func `rows of another table may be referred to while loading`() throws {
        let store = newStore()
        let group = try store.insert(0, id: "g")
        try store.load(now: 1) { loader in
            #expect(loader.lookUp(0, "g") == group)
            #expect(loader.lookUp(0, "h") == nil)
            try loader.append(1, id: "a", [4: .row(group)])
            #expect(throws: StoreError.missingReference(table: TableID(1), column: 4)) {
                try loader.append(1, id: "b", [4: .row(RowRef(rawValue: 12345))])
            }
            #expect(loader.finish() == [])
        }
        #expect(try store.faults() == [])
    }

    @Test func `creation numbers and shards of an earlier store are kept`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            let builder = store.makeRowBuilder(TableID(0))
            for (id, creation, shard) in [("a", 5, 1), ("b", 1_000_000, 1), ("c", 7, 2)] {
                builder.reset()
                builder.set(0, text: id)
                try loader.append(
                    TableID(0), builder, creation: UInt32(creation), shard: shard)
            }
            builder.reset()
            builder.set(0, text: "d")
            #expect(
                throws: StoreError.creationOutOfOrder(table: TableID(0), creation: 1_000_000)
            ) { try loader.append(TableID(0), builder, creation: 1_000_000, shard: 1) }
            #expect(loader.finish() == [])
        }
        let rows = try store.image().rows[0]
        #expect(rows.map(\.creation) == [5, 7, 1_000_000])
        #expect(rows.map { $0.ref.shard(shardBits: 2) } == [1, 2, 1])
        #expect(try store.faults() == [])
        try store.insert(0, id: "next")
        #expect(try store.image().rows[0].last?.creation == 1_000_001)
    }

    @Test func `the last number of a table can be given out, and no other after it`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            let builder = store.makeRowBuilder(TableID(0))
            builder.set(0, text: "last")
            try loader.append(TableID(0), builder, creation: .max)
            #expect(throws: StoreError.tooManyRows(table: TableID(0))) {
                try loader.append(0, id: "more")
            }
            #expect(loader.finish() == [])
        }
        let before = try store.image()
        #expect(throws: StoreError.tooManyRows(table: TableID(0))) {
            try store.insert(0, id: "more")
        }
        #expect(try store.image() == before)
        #expect(try store.faults() == [])
    }

    @Test func `texts with long common beginnings are ordered to their last byte`() throws {
        var numbers = SeededRandom(seed: 77)
        let store = newStore()
        let beginnings = [
            "", "a", "exactly8", "sixteen bytes yes", String(repeating: "long ", count: 30),
        ]
        var names = Set<String>()
        for _ in 0..<3000 {
            let suffix = String(repeating: "\0", count: numbers.below(3)) + "\(numbers.below(900))"
            names.insert(numbers.pick(beginnings) + (numbers.chance(percent: 20) ? "" : suffix))
        }
        names.formUnion(beginnings.flatMap { [$0 + "\0", $0 + "\0\0", $0 + "\0\0\0\0\0\0\0\0\0"] })
        try store.load(now: 1) { loader in
            let group = try loader.append(0, id: "g")
            for (number, name) in names.shuffled(using: &numbers).enumerated() {
                try loader.append(1, id: "\(number)", [4: .row(group), 6: .bytes(bytes(name))])
            }
            #expect(loader.finish() == [])
        }
        let image = try store.image()
        let byRef = Dictionary(uniqueKeysWithValues: image.rows[1].map { ($0.ref, $0.values[6]) })
        let sorted = names.map(bytes).sorted { $0.lexicographicallyPrecedes($1) }
        for index in [1, 5] {
            let found = image.entries[index].map { byRef[Locator(rawValue: $0.locator).ref] }
            let areSame = found == sorted.map { CellValue.bytes($0) }
            #expect(areSame)
        }
        #expect(try store.faults() == [])
    }

    @Test func `loaded pages have exactly the size they need`() throws {
        let store = newStore()
        try store.load(now: 1) { loader in
            for number in 0..<1000 { try loader.append(0, id: "group \(number)") }
            #expect(loader.finish() == [])
        }
        let reader = try #require(store.makeReader())
        reader.withVersion { view in
            let rows = view.table(TableID(0))
            for shard in 0..<rows.shardCount {
                for number in 0..<rows.pageCount(shard: shard) {
                    guard let page = rows.page(shard: shard, number: number) else { continue }
                    let isExact =
                        unsafe PageDraft.heapEnd(page.page) == NodePool.byteCount(of: page.page)
                    #expect(isExact)
                }
            }
        }
    }
}
