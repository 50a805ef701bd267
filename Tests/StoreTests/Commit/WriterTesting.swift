import Bytes
import Glibc
import SimulatedDisk
import Synchronization
import Testing

@testable import Store

/// Accounts that pay each other, and an entry for each payment.
enum Bank {
    static let accounts = TableID(0)
    static let entries = TableID(1)
    static let balance: ColumnID = 4
    static let amount: ColumnID = 4
    static let account: ColumnID = 5
    static let accountCount = 20
    static let startBalance: Int64 = 1_000

    static let definition = StoreDefinition(
        tables: [
            table("Account", [ColumnDefinition(name: "balance", kind: .int64)]),
            table(
                "Entry",
                [
                    ColumnDefinition(name: "amount", kind: .int64),
                    ColumnDefinition(
                        name: "account", kind: .reference(TableID(0)), onDelete: .cascade),
                ], shardBy: 5),
        ],
        indexes: [
            IndexDefinition(name: "account", table: TableID(1), equality: [5]),
            IndexDefinition(name: "balance", table: TableID(0), equality: [], ordered: 4),
        ])

    static func insertAccount(_ number: Int, in group: WriteGroup) throws {
        let row = group.store.makeRowBuilder(accounts)
        row.set(0, text: "a\(number)")
        row.set(balance, int: startBalance)
        try group.transaction { try $0.insert(accounts, row) }
    }

    /// Moves money and writes it down; refuses to go below zero, after having begun.
    static func transfer(
        _ money: Int64, from: Int, to: Int, id: String, in group: WriteGroup
    ) throws {
        let store = group.store
        let column = store.column(accounts, balance)
        try group.transaction { transaction in
            for (number, change) in [(to, money), (from, -money)] {
                let ref = try #require(
                    store.row(withID: "a\(number)", of: accounts, in: transaction.view))
                let old = transaction.view.table(accounts).row(ref).int64(column)
                let entry = store.makeRowBuilder(entries)
                entry.set(0, text: "\(id).\(number)")
                entry.set(amount, int: change)
                entry.set(account, reference: ref)
                try transaction.insert(entries, entry)
                let row = store.makeRowBuilder(accounts)
                row.set(balance, int: old + change)
                try transaction.update(accounts, ref, changes: row, raisesVersion: true)
                if old + change < 0 { throw Refused() }
            }
        }
    }

    /// A rule of the bank says no.
    struct Refused: Error {}

    /// The ids of all payments, if everything in the version adds up.
    static func payments(_ store: Store, _ view: VersionView) throws -> Set<String> {
        var sum: Int64 = 0
        var byAccount: [RowRef: Int64] = [:]
        view.table(accounts).forEachRow { row, ref in
            sum += row.int64(store.column(accounts, balance))
            byAccount[ref] = row.int64(store.column(accounts, balance)) - startBalance
        }
        try #require(sum == Int64(view.table(accounts).count) * startBalance)
        var ids: [String: Int] = [:]
        view.table(entries).forEachRow { row, _ in
            let ref = row.reference(store.column(entries, account))
            byAccount[ref, default: 0] -= row.int64(store.column(entries, amount))
            let id = unsafe String(decoding: row.bytes(store.column(entries, 0)), as: UTF8.self)
            ids[String(id.prefix { $0 != "." }), default: 0] += 1
        }
        try #require(byAccount.values.allSatisfy { $0 == 0 })
        try #require(ids.values.allSatisfy { $0 == 2 })
        return Set(ids.keys)
    }

    static func payments(_ store: Store) throws -> Set<String> {
        let reader = try #require(store.makeReader())
        defer { reader.unpin() }
        return try payments(store, reader.pin())
    }
}

/// A store of the bank with its writer, on a disk.
final class WriterTrial {
    let store: Store
    let writer: Writer
    let journal: Journal?

    init(
        on disk: (any Disk)?, syncMode: SyncMode = .always,
        limits: WriterLimits = WriterLimits(), seed: UInt64 = 11
    ) throws {
        let store = Store(Bank.definition, shardCount: 4, seed: seed)
        self.store = store
        journal = try disk.map {
            try Journal.create(
                on: $0, generation: 1, following: .none(sequence: 1),
                definition: Bank.definition, shardCount: 4, codec: PlainCodec(),
                syncMode: syncMode)
        }
        let ticks = Atomic<Int64>(1_000)
        let clock = Ticks(ticks)
        writer = Writer(store: store, journal: journal, clock: { clock.next() }, limits: limits)
        writer.start()
    }

    func openAccounts() throws {
        try writer.write { group in
            for number in 0..<Bank.accountCount {
                try Bank.insertAccount(number, in: group)
            }
        }
    }
}

/// A clock that goes on by one with each look.
final class Ticks: Sendable {
    private let ticks: Atomic<Int64>

    init(_ ticks: consuming Atomic<Int64>) {
        self.ticks = ticks
    }

    func next() -> Int64 { ticks.add(1, ordering: .relaxed).newValue }
}

/// Runs `body` on that many threads at once and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { number in
        guard let thread = try? SystemThread.start({ body(number) }) else {
            preconditionFailure("the system refuses a thread")
        }
        return thread
    }
    for thread in threads { thread.join() }
}

/// A job that notes what becomes of it.
final class NotedJob: WriteJob {
    private let body: @Sendable (WriteGroup) -> Void
    private let note: @Sendable (Result<UInt64, StorageFailure>) -> Void
    private let noteGroup: @Sendable () -> Void

    init(
        _ body: @escaping @Sendable (WriteGroup) -> Void,
        note: @escaping @Sendable (Result<UInt64, StorageFailure>) -> Void,
        noteGroup: @escaping @Sendable () -> Void = {}
    ) {
        self.body = body
        self.note = note
        self.noteGroup = noteGroup
    }

    func run(_ group: WriteGroup) { body(group) }

    func finish(_ result: Result<UInt64, StorageFailure>) { note(result) }

    func groupIsFinished() { noteGroup() }
}

/// A gate that threads wait at until it is opened.
final class Gate: Sendable {
    private let room = WaitingRoom(places: 2)
    private let state = Guarded((isOpen: false, waiting: 0))

    func pass() {
        room.enter()
        state.withLock { $0.waiting += 1 }
        room.callAll(at: 1)
        while !state.withLock({ $0.isOpen }) { room.wait(at: 0) }
        room.leave()
    }

    func open() {
        room.inside { state.withLock { $0.isOpen = true } }
        room.callAll(at: 0)
    }

    /// Waits until that many have come to the gate.
    func waitForComers(_ count: Int) {
        room.enter()
        while state.withLock({ $0.waiting }) < count { room.wait(at: 1) }
        room.leave()
    }
}
