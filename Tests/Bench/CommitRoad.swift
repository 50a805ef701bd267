import Bytes
import Glibc
import Store

/// How many transactions a second last: by the writer with a number of clients, each of which
/// waits for its answer before it goes on, and beside it, in the same rounds and on the same disk,
/// a bare loop that appends 200 bytes and syncs.
///
/// A transaction changes two rows: it updates a member and adds an entry to the member's ledger.
/// All clients of a round live on one thread, as connections do on an event loop.
struct CommitRoad {
    private static let roundCount = 5
    private static let roundNanoseconds: UInt64 = 1_000_000_000
    private static let memberCount = 100_000
    private static let clientCounts = [1, 8, 64]

    private let disk: SystemDisk

    /// - Parameter folder: is made, and removed afterwards.
    static func measure(in folder: String, modes: [SyncMode]) throws {
        let disk = try SystemDisk(path: folder, create: true)
        defer {
            for name in (try? disk.list("")) ?? [] { try? disk.remove(name) }
            unsafe rmdir(folder)
        }
        print("transactions a second: best and median of \(roundCount) rounds of one second")
        for mode in modes { try CommitRoad(disk: disk).measure(mode) }
    }

    private func measure(_ mode: SyncMode) throws {
        let ledger = try LedgerStore(disk, mode, memberCount: CommitRoad.memberCount)
        defer { ledger.end(disk) }
        var raw: [Double] = []
        var rates: [[Double]] = CommitRoad.clientCounts.map { _ in [] }
        for _ in 0..<CommitRoad.roundCount {
            if mode == .always { raw.append(try rawRate()) }
            for (place, count) in CommitRoad.clientCounts.enumerated() {
                rates[place].append(ledger.rate(clientCount: count, CommitRoad.roundNanoseconds))
            }
        }
        if mode == .always { print(line("append + fdatasync", raw)) }
        for (place, count) in CommitRoad.clientCounts.enumerated() {
            print(line("\(mode), \(count) clients", rates[place]))
        }
    }

    private func line(_ name: String, _ rates: [Double]) -> String {
        let sorted = rates.sorted()
        let padding = String(repeating: " ", count: max(1, 44 - name.count))
        return "\(name)\(padding)\(Int(sorted[sorted.count - 1])) \(Int(sorted[sorted.count / 2]))"
    }

    private func rawRate() throws -> Double {
        let name = "raw"
        let file = try disk.create(name)
        defer { try? disk.remove(name) }
        let bytes = [UInt8](repeating: 7, count: 200)
        let start = nanoseconds(CLOCK_MONOTONIC)
        var count = 0
        var elapsed: UInt64 = 0
        while elapsed < CommitRoad.roundNanoseconds {
            try unsafe bytes.withUnsafeBytes { try unsafe file.write($0, at: count * 200) }
            try file.sync()
            count += 1
            elapsed = nanoseconds(CLOCK_MONOTONIC) - start
        }
        return Double(count) / Double(elapsed) * 1e9
    }
}

/// Members, their ledger, and a writer.
private final class LedgerStore {
    static let members = TableID(0)
    static let entries = TableID(1)

    let store: Store
    let writer: Writer
    let rows: [RowRef]

    init(_ disk: SystemDisk, _ mode: SyncMode, memberCount: Int) throws {
        let definition = StoreDefinition(
            tables: [
                TableDefinition(
                    name: "Member",
                    columns: TableDefinition.systemColumns + [
                        ColumnDefinition(name: "name", kind: .bytes(.text)),
                        ColumnDefinition(name: "points", kind: .int64),
                        ColumnDefinition(name: "lastSeen", kind: .int64),
                    ]),
                TableDefinition(
                    name: "Entry",
                    columns: TableDefinition.systemColumns + [
                        ColumnDefinition(name: "delta", kind: .int64),
                        ColumnDefinition(name: "reason", kind: .bytes(.text)),
                        ColumnDefinition(
                            name: "member", kind: .reference(LedgerStore.members),
                            onDelete: .cascade),
                    ], shardBy: 6),
            ],
            indexes: [
                IndexDefinition(
                    name: "member", table: LedgerStore.entries, equality: [6], ordered: 2),
                IndexDefinition(
                    name: "points", table: LedgerStore.members, equality: [], ordered: 5),
            ])
        let store = Store(definition, seed: 42)
        var rows: [RowRef] = []
        try store.load(now: 0) { loader in
            let row = store.makeRowBuilder(LedgerStore.members)
            for number in 0..<memberCount {
                row.reset()
                row.set(0, text: "m\(number)")
                row.set(4, text: "Member number \(number)")
                row.set(5, int: 0)
                row.set(6, int: 0)
                rows.append(try loader.append(LedgerStore.members, row))
            }
            _ = loader.finish()
        }
        let reader = store.makeReader()
        let sequence = reader?.withVersion { $0.sequence } ?? 0
        let journal = try Journal.create(
            on: disk, generation: 1, following: .none(sequence: sequence), definition: definition,
            shardCount: Store.shardCountDefault, codec: NoValues(), syncMode: mode)
        self.store = store
        self.rows = rows
        writer = Writer(
            store: store, journal: journal,
            clock: { Int64(nanoseconds(CLOCK_REALTIME) / 1_000_000) })
        writer.start()
    }

    func end(_ disk: SystemDisk) {
        writer.stop()
        for name in (try? disk.list("")) ?? [] { try? disk.remove(name) }
    }

    func rate(clientCount: Int, _ nanosecondsMin: UInt64) -> Double {
        let mailbox = Mailbox()
        let clients = (0..<clientCount).map { LedgerClient(self, $0, mailbox) }
        let start = nanoseconds(CLOCK_MONOTONIC)
        for client in clients { client.submit() }
        var count = 0
        var waiting = clientCount
        var elapsed: UInt64 = 0
        while waiting > 0 {
            let done = mailbox.take()
            count += done.count
            elapsed = nanoseconds(CLOCK_MONOTONIC) - start
            for client in done {
                if elapsed < nanosecondsMin { client.submit() } else { waiting -= 1 }
            }
        }
        return Double(count) / Double(elapsed) * 1e9
    }
}

/// The store of this measure has no value columns.
private struct NoValues: FileCodec {
    func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer
    ) {
        output.append("null")
    }

    func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError) {
        throw FileCodecError(reason: "no values")
    }

    func setDefault(table: TableID, column: ColumnID, in row: RowBuilder, now: Int64) -> Bool {
        false
    }
}

/// Clients whose answers have come, and a thread that waits for them.
// Safe: `done` is touched while the lock is held.
@safe
private final class Mailbox: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let condition: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    private var done: [LedgerClient] = []

    init() {
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
        unsafe condition.deallocate()
    }

    func put(_ client: LedgerClient) {
        unsafe pthread_mutex_lock(lock)
        done.append(client)
        let isFirst = done.count == 1
        unsafe pthread_mutex_unlock(lock)
        if isFirst { unsafe pthread_cond_signal(condition) }
    }

    func take() -> [LedgerClient] {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while done.isEmpty { unsafe pthread_cond_wait(condition, lock) }
        let taken = done
        done = []
        return taken
    }
}

/// One client: the next transaction follows the answer to the last.
// Safe: between `submit` and the mailbox it is the writer's.
@safe
private final class LedgerClient: WriteJob, @unchecked Sendable {
    private let ledger: LedgerStore
    private let mailbox: Mailbox
    private let entry: RowBuilder
    private let changes: RowBuilder
    private var random: UInt64

    init(_ ledger: LedgerStore, _ number: Int, _ mailbox: Mailbox) {
        self.ledger = ledger
        self.mailbox = mailbox
        entry = ledger.store.makeRowBuilder(LedgerStore.entries)
        changes = ledger.store.makeRowBuilder(LedgerStore.members)
        random = nanoseconds(CLOCK_MONOTONIC) &* UInt64(2 * number + 1)
    }

    func submit() {
        guard ledger.writer.submit(self) else { fatalError("the queue has room") }
    }

    func run(_ group: WriteGroup) {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let member = ledger.rows[Int(random >> 33) % ledger.rows.count]
        let points = ledger.store.column(LedgerStore.members, 5)
        do {
            try group.transaction { (transaction) throws(StoreError) in
                entry.reset()
                entry.set(0, text: String(random, radix: 36))
                entry.set(4, int: 10)
                entry.set(5, text: "a visit")
                entry.set(6, reference: member)
                try transaction.insert(LedgerStore.entries, entry)
                let row = transaction.view.table(LedgerStore.members).row(member)
                changes.reset()
                changes.set(5, int: row.int64(points) + 10)
                changes.set(6, int: transaction.now)
                try transaction.update(
                    LedgerStore.members, member, changes: changes, raisesVersion: true)
            }
        } catch { fatalError("\(error)") }
    }

    func finish(_ result: Result<UInt64, StorageFailure>) {
        guard case .success = result else { fatalError("\(result)") }
        mailbox.put(self)
    }
}
