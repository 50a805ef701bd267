import Bytes
import SimulatedDisk
import Testing

@testable import Store

/// What clients of other databases have seen go wrong when many of them write at once.
struct WriterWorkloadTests {
    /// Two accounts are raised by two clients each on its own. Whoever has seen one of them risen
    /// and the other not, and somebody who has seen it the other way round, would live in different
    /// worlds.
    @Test func `all readers see the changes of separate rows in one order`() throws {
        let trial = try WriterTrial(on: SimulatedDisk())
        try trial.openAccounts()
        let (store, writer) = (trial.store, trial.writer)
        let seen = Guarded<[Pair]>([])
        onThreads(6) { thread in
            if thread < 2 {
                for _ in 0..<150 {
                    do { try writer.write { try Bank.raise(account: thread, in: $0) } } catch {
                        Issue.record("\(error)")
                    }
                }
                return
            }
            guard let reader = store.makeReader() else {
                Issue.record("there is no reader")
                return
            }
            var pairs: [Pair] = []
            while pairs.last != Pair(first: 150, second: 150) {
                let view = reader.pin()
                let pair = Pair(
                    first: Bank.rise(ofAccount: 0, store, view),
                    second: Bank.rise(ofAccount: 1, store, view))
                reader.unpin()
                if pairs.last != pair { pairs.append(pair) }
            }
            seen.withLock { $0 += pairs }
        }
        writer.stop()
        let pairs = seen.withLock { $0 }.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
        #expect(pairs.count >= 4)
        for (one, next) in zip(pairs, pairs.dropFirst()) {
            #expect(one.second <= next.second, "\(one) and \(next) exclude each other")
        }
    }

    private struct Pair: Equatable, Sendable {
        let first: Int64
        let second: Int64
    }

    /// One id comes and goes, at the hands of many clients.
    @Test func `a row that is deleted and made again is there once or not at all`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        let (store, writer) = (trial.store, trial.writer)
        let counts = Guarded((made: 0, deleted: 0))
        onThreads(6) { thread in
            var numbers = SeededRandom(seed: UInt64(thread))
            for _ in 0..<80 {
                let isMaking = numbers.below(2) == 0
                do {
                    try writer.write { group in
                        if isMaking { return try Bank.insertAccount(7, in: group) }
                        guard
                            let ref = store.row(
                                withID: "a7", of: Bank.accounts, in: group.view)
                        else { throw Bank.Refused() }
                        try group.transaction { _ = try $0.delete(Bank.accounts, ref) }
                    }
                    counts.withLock {
                        $0.made += isMaking ? 1 : 0
                        $0.deleted += isMaking ? 0 : 1
                    }
                } catch StoreError.duplicate {
                } catch is Bank.Refused {
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        writer.stop()
        let (made, deleted) = counts.withLock { $0 }
        let reader = try #require(store.makeReader())
        let rowCount = reader.withVersion { $0.table(Bank.accounts).count }
        #expect(deleted > 10)
        #expect(made - deleted == rowCount)
        #expect(rowCount <= 1)
        #expect(try store.faults() == [])
        let recovered = try recover(disk.powerCut(seed: 3), Bank.definition)
        #expect(try recovered.store.image() == store.image())
    }
}

extension Bank {
    fileprivate static func raise(account number: Int, in group: WriteGroup) throws {
        let store = group.store
        try group.transaction { transaction in
            let ref = try #require(
                store.row(withID: "a\(number)", of: accounts, in: transaction.view))
            let old = transaction.view.table(accounts).row(ref)
                .int64(store.column(accounts, balance))
            let row = store.makeRowBuilder(accounts)
            row.set(balance, int: old + 1)
            try transaction.update(accounts, ref, changes: row, raisesVersion: true)
        }
    }

    /// How often an account was raised; 0 when there is none.
    fileprivate static func rise(
        ofAccount number: Int, _ store: Store, _ view: VersionView
    ) -> Int64 {
        guard let ref = store.row(withID: "a\(number)", of: accounts, in: view) else { return 0 }
        return view.table(accounts).row(ref).int64(store.column(accounts, balance)) - startBalance
    }
}
