import Bytes
import Foundation
import Synchronization
import Testing

@testable import Store

/// Readers and a writer at once; under ThreadSanitizer and AddressSanitizer these say more.
@Suite struct StoreConcurrencyTests {
    private static let accountCount = 200
    private static let total = Int64(accountCount) * 1_000

    private static let definition = StoreDefinition(
        tables: [
            table(
                "Account",
                [
                    ColumnDefinition(name: "balance", kind: .int64),
                    ColumnDefinition(name: "note", kind: .bytes(.text)),
                ]),
            table(
                "Entry",
                [
                    ColumnDefinition(
                        name: "account", kind: .reference(TableID(0)), onDelete: .cascade)
                ], shardBy: 4),
        ],
        indexes: [
            IndexDefinition(name: "balance", table: TableID(0), equality: [], ordered: 4),
            IndexDefinition(name: "note", table: TableID(0), equality: [], ordered: 5),
            IndexDefinition(name: "account", table: TableID(1), equality: [4]),
        ])

    /// A store with accounts that hold a thousand each.
    private static func bank() throws -> Store {
        let store = Store(definition, seed: 6)
        try store.load(now: 0) { loader in
            let builder = store.makeRowBuilder(TableID(0))
            for number in 0..<accountCount {
                builder.reset()
                builder.set(0, text: "\(number)")
                builder.set(4, int: 1_000)
                builder.set(5, text: note(1_000))
                try loader.append(TableID(0), builder)
            }
            #expect(loader.finish() == [])
        }
        return store
    }

    private static func note(_ balance: Int64) -> String {
        "the balance is \(balance)" + String(repeating: ".", count: Int(balance % 50))
    }

    /// Reads one version in all ways; every one of them must tell the same.
    private static func verify(_ store: Store, _ view: VersionView) -> Bool {
        let rows = view.table(TableID(0))
        let balance = store.column(TableID(0), 4)
        let text = store.column(TableID(0), 5)
        var sum: Int64 = 0
        var pageSum: Int64 = 0
        var isSound = true
        rows.forEachRow { row, _ in
            sum += row.int64(balance)
            let expected = Array(note(row.int64(balance)).utf8)
            if unsafe !row.bytes(text).elementsEqual(expected) { isSound = false }
        }
        for shard in 0..<rows.shardCount {
            for number in 0..<rows.pageCount(shard: shard) {
                if let page = rows.page(shard: shard, number: number) {
                    pageSum += page.sum(balance, page.live)
                }
            }
        }
        var last = Int64.min
        var count = 0
        var cursor = view.tree(IndexID(0)).cursor(atRank: 0)
        while let locator = cursor.next() {
            let value = rows.row(locator.ref).int64(balance)
            if value < last { isSound = false }
            last = value
            count += 1
        }
        let entries = view.table(TableID(1))
        let account = store.column(TableID(1), 4)
        entries.forEachRow { row, _ in
            if rows.liveRow(row.reference(account)) == nil { isSound = false }
        }
        return isSound && sum == total && pageSum == total && count == rows.count
    }

    @Test func `every version that a reader pins is of one moment`() throws {
        let store = try StoreConcurrencyTests.bank()
        let isDone = Atomic<Bool>(false)
        let failures = Atomic<Int>(0)
        let reads = Atomic<Int>(0)
        let group = DispatchGroup()
        for _ in 0..<3 {
            let thread = Thread {
                defer { group.leave() }
                guard let reader = store.makeReader() else { return }
                repeat {
                    let isSound = reader.withVersion { StoreConcurrencyTests.verify(store, $0) }
                    if !isSound { failures.wrappingAdd(1, ordering: .relaxed) }
                    reads.wrappingAdd(1, ordering: .relaxed)
                } while !isDone.load(ordering: .acquiring)
            }
            group.enter()
            thread.start()
        }
        var numbers = SeededRandom(seed: 12)
        for round in 0..<400 {
            try StoreConcurrencyTests.transfer(store, &numbers, round)
        }
        isDone.store(true, ordering: .releasing)
        group.wait()
        #expect(failures.load(ordering: .relaxed) == 0)
        #expect(reads.load(ordering: .relaxed) >= 3)
        #expect(try store.faults() == [])
        #expect(store.slots.hangingCount == 0)
    }

    /// Moves an amount between two accounts, and now and then has entries come and go.
    private static func transfer(
        _ store: Store, _ numbers: inout SeededRandom, _ round: Int
    ) throws {
        let column = store.column(TableID(0), 4)
        let changes = store.makeRowBuilder(TableID(0))
        try store.write(now: Int64(round)) { group in
            for step in 0..<1 + numbers.below(3) {
                try group.transaction { transaction in
                    let from = numbers.below(accountCount)
                    let to = (from + 1 + numbers.below(accountCount - 1)) % accountCount
                    for (number, sign) in [(from, Int64(-1)), (to, 1)] {
                        let ref = try #require(
                            store.row(
                                withID: "\(number)", of: TableID(0), in: transaction.view))
                        let old = transaction.view.table(TableID(0)).row(ref).int64(column)
                        changes.reset()
                        changes.set(4, int: old + sign * 7)
                        changes.set(5, text: note(old + sign * 7))
                        try transaction.update(
                            TableID(0), ref, changes: changes, raisesVersion: true)
                        if sign > 0 {
                            let entry = store.makeRowBuilder(TableID(1))
                            entry.set(0, text: "\(round).\(step)")
                            entry.set(4, reference: ref)
                            try transaction.insert(TableID(1), entry)
                        }
                    }
                }
            }
            if round % 3 == 0 {
                let entries = group.view.table(TableID(1))
                var refs: [RowRef] = []
                entries.forEachRow { refs.append($1) }
                let some = Array(refs.prefix(4))
                try group.transaction { transaction in
                    for ref in some { try transaction.delete(TableID(1), ref) }
                }
            }
        }
    }

    @Test func `writers wait for each other`() throws {
        let store = try StoreConcurrencyTests.bank()
        let column = store.column(TableID(0), 4)
        let account = try #require(try store.image().rows[0].first?.ref)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let changes = store.makeRowBuilder(TableID(0))
            for _ in 0..<100 {
                store.write(now: 0) { group in
                    let old = group.view.table(TableID(0)).row(account).int64(column)
                    changes.reset()
                    changes.set(4, int: old + 1)
                    group.transaction { transaction in
                        _ = try? transaction.update(
                            TableID(0), account, changes: changes, raisesVersion: true)
                    }
                }
            }
        }
        #expect(try store.values(0, account)?[4] == .int(1_400))
        #expect(try store.values(0, account)?[1] == .int(401))
    }
}
