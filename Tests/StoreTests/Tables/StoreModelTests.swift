import Bytes
import Testing

@testable import Store

/// Random stores, changed at random, against dictionaries.
@Suite struct StoreModelTests {
    @Test(arguments: 1...60)
    func `a store behaves as dictionaries of rows`(seed: Int) throws {
        var run = try ModelRun(seed: UInt64(seed))
        for _ in 0..<12 { try run.group() }
        try run.finish()
    }

    @Test func `a store of one shard behaves as dictionaries of rows`() throws {
        var run = try ModelRun(seed: 1_000, shardCount: 1)
        for _ in 0..<60 { try run.group() }
        try run.finish()
    }

    @Test func `a store of 64 shards behaves as dictionaries of rows`() throws {
        var run = try ModelRun(seed: 1_001, shardCount: 64)
        for _ in 0..<30 { try run.group() }
        try run.finish()
    }
}

private func outcome<Value>(
    _ body: () throws(StoreError) -> Value
) -> Result<Value, StoreError> {
    do throws(StoreError) { return .success(try body()) } catch { return .failure(error) }
}

/// Thrown to have a transaction undone.
private struct Abandoned: Error {}

private struct Mismatch: Error, CustomStringConvertible {
    let description: String

    init(seed: UInt64, _ fact: String) {
        description = "\(fact), seed \(seed)"
    }
}

struct ModelRun {
    let seed: UInt64
    var numbers: SeededRandom
    let store: Store
    var model: StoreModel
    var now: Int64 = 1_000
    var idCount = 0
    /// Every place ever given out to a row that stayed, by table, and the rows counted so far.
    var places: [Set<RowRef>]
    var placedCreations: [UInt32]
    /// Makes a version of a group; by default without a journal.
    var write: (Store, Int64, (WriteGroup) throws -> Void) throws -> Void = { store, now, body in
        try store.write(now: now, body)
    }
    /// Older versions with a pin, and what they held.
    var pinned: [(reader: Reader, view: VersionView, image: StoreImage)] = []

    init(seed: UInt64, shardCount: Int = 4) throws {
        self.seed = seed
        numbers = SeededRandom(seed: seed)
        let definition = numbers.storeDefinition()
        store = Store(definition, shardCount: shardCount, seed: numbers.next())
        model = StoreModel(definition)
        places = definition.tables.map { _ in [] }
        placedCreations = definition.tables.map { _ in 1 }
    }

    mutating func group() throws {
        now += 1
        if numbers.chance(percent: 20) {
            let reader = try #require(store.makeReader())
            let view = reader.pin()
            pinned.append((reader, view, StoreImage(store, view)))
        }
        try write(store, now) { group in
            for _ in 0..<1 + numbers.below(4) {
                let image = numbers.chance(percent: 30) ? StoreImage(store, group.view) : nil
                let modelBefore = model
                do {
                    try group.transaction { transaction in
                        for _ in 0..<1 + numbers.below(8) { try step(transaction) }
                        if numbers.chance(percent: 25) { throw Abandoned() }
                    }
                } catch is Abandoned {
                    model = modelBefore
                    if let image {
                        let isSame = StoreImage(store, group.view) == image
                        try #require(isSame, "an undone transaction left a trace, seed \(seed)")
                    }
                }
            }
            try #require(store.check(group.view) == [], "seed \(seed)")
        }
        try compare()
        if numbers.chance(percent: 30), !pinned.isEmpty {
            let old = pinned.remove(at: numbers.below(pinned.count))
            let isSame = StoreImage(store, old.view) == old.image
            try #require(isSame, "a pinned version has changed, seed \(seed)")
            try #require(store.check(old.view) == [], "seed \(seed)")
            old.reader.unpin()
        }
    }

    private mutating func step(_ transaction: Transaction) throws {
        let table = numbers.below(store.tables.count)
        let rows = model.tables[table].keys.sorted { $0.rawValue < $1.rawValue }
        if rows.isEmpty || numbers.chance(percent: 50) {
            try insert(table, transaction)
        } else {
            let ref =
                numbers.chance(percent: 5)
                ? RowRef(rawValue: UInt32(truncatingIfNeeded: numbers.next()))
                : numbers.pick(rows)
            if numbers.chance(percent: 60) {
                try update(table, ref, transaction)
            } else {
                try delete(table, ref, transaction)
            }
        }
    }

    private mutating func insert(_ table: Int, _ transaction: Transaction) throws {
        let columns = store.definition.tables[table].columns
        idCount += 1
        let id = numbers.chance(percent: 5) ? max(1, idCount - 1 - numbers.below(5)) : idCount
        var values: [CellValue] = [.bytes(Array("r\(id)".utf8)), .int(1), .int(now), .int(now)]
        for column in columns.dropFirst(4) { values.append(newValue(column)) }
        let builder = store.makeRowBuilder(TableID(table))
        builder.set(0, values[0])
        for (position, value) in values.enumerated().dropFirst(4) {
            if value != .null || numbers.chance(percent: 50) { builder.set(position, value) }
        }
        let refusal = model.refusalOfInsert(table, values)
        switch outcome({ () throws(StoreError) in
            try transaction.insert(TableID(table), builder)
        }) {
        case .success(let ref):
            try #require(refusal == nil, "seed \(seed)")
            model.insert(table, ref, values)
        case .failure(let error):
            try #require(error == refusal, "seed \(seed)")
        }
    }

    private mutating func update(
        _ table: Int, _ ref: RowRef, _ transaction: Transaction
    ) throws {
        let columns = store.definition.tables[table].columns
        guard columns.count > 4 else { return }
        var changes: [ColumnID: CellValue] = [:]
        for _ in 0..<1 + numbers.below(3) {
            let column = 4 + numbers.below(columns.count - 4)
            changes[column] = newValue(columns[column])
        }
        let raisesVersion = numbers.chance(percent: 50)
        let builder = store.makeRowBuilder(TableID(table))
        for (column, value) in changes { builder.set(column, value) }
        let refusal = model.refusalOfUpdate(
            table, ref, changes, raisesVersion: raisesVersion, now: now)
        switch outcome({ () throws(StoreError) in
            try transaction.update(
                TableID(table), ref, changes: builder, raisesVersion: raisesVersion)
        }) {
        case .success:
            try #require(refusal == nil, "seed \(seed)")
            model.update(table, ref, changes, raisesVersion: raisesVersion, now: now)
        case .failure(let error):
            try #require(error == refusal, "seed \(seed)")
        }
    }

    private mutating func delete(
        _ table: Int, _ ref: RowRef, _ transaction: Transaction
    ) throws {
        let expected = model.deletion(table, ref)
        switch outcome({ () throws(StoreError) in
            try transaction.delete(TableID(table), ref)
        }) {
        case .success(let deletion):
            guard case .success((let rows, let cleared)) = expected else {
                throw Mismatch(seed: seed, "a deletion that had to be refused: \(expected)")
            }
            let wanted = Deletion(deleted: rows.count, cleared: cleared.count)
            try #require(deletion == wanted, "seed \(seed)")
            model.delete(rows, clearing: cleared, now: now)
        case .failure(let error):
            guard case .failure(let refusal) = expected else {
                throw Mismatch(seed: seed, "a deletion that was refused: \(error)")
            }
            if case .referenced = refusal {
                // Which of several rows is named is the store's choice.
                guard case .referenced(let by, let column, let ref) = error else {
                    throw Mismatch(seed: seed, "another refusal: \(error)")
                }
                #expect(model.tables[by.index][ref]?.values[column] != .null)
            } else {
                try #require(error == refusal, "seed \(seed)")
            }
        }
    }

    private mutating func newValue(_ column: ColumnDefinition) -> CellValue {
        let tables = model.tables
        return numbers.cellValue(column) { target in
            tables[target.index].keys.sorted { $0.rawValue < $1.rawValue }
        }
    }

    /// The current version against the model: rows, counters, and the order of indexes.
    private mutating func compare() throws {
        let reader = try #require(store.makeReader())
        let view = reader.pin()
        try #require(store.check(view) == [], "seed \(seed)")
        let image = StoreImage(store, view)
        let hasSameRows = image.rows == model.rows
        try #require(hasSameRows, "other rows than the model, seed \(seed)")
        #expect(image.counts == model.tables.map(\.count), "seed \(seed)")
        #expect(image.nextCreations == model.nextCreations.map(UInt64.init), "seed \(seed)")
        for index in store.indexes where index.definition.equality.isEmpty {
            let refs = image.entries[index.id.index].map { Locator(rawValue: $0.locator).ref }
            if index.definition.order == .words {
                let isSame = image.entries[index.id.index] == model.words(of: index.definition)
                try #require(isSame, "other words in \(index.definition), seed \(seed)")
                continue
            }
            let isOrdered = refs == model.order(of: index.definition)
            try #require(isOrdered, "another order in \(index.definition), seed \(seed)")
        }
        for (table, rows) in model.tables.enumerated() {
            for (ref, row) in rows {
                if row.creation >= placedCreations[table] {
                    #expect(places[table].insert(ref).inserted, "a slot given out twice")
                }
                guard case .bytes(let id) = row.values[0] else { continue }
                let text = String(decoding: id, as: UTF8.self)
                #expect(store.row(withID: text, of: TableID(table), in: view) == ref)
            }
        }
        placedCreations = model.nextCreations
        reader.unpin()
    }

    /// Old versions still are what they were, and nothing is left of anything in the end.
    mutating func finish() throws {
        for old in pinned {
            let isSame = StoreImage(store, old.view) == old.image
            try #require(isSame, "a pinned version has changed, seed \(seed)")
            old.reader.unpin()
        }
        pinned = []
        #expect(store.slots.hangingCount == 0)
    }
}
