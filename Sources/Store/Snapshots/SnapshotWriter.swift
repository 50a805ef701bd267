import Bytes
import Glibc
import Synchronization

/// Writes the rows of one pinned version as the files of a snapshot.
///
/// One file a table and shard, one line a row; a buffer of a few MiB for each file at work. What is
/// written is synced every few MiB, so that the disk never has so much to do at once that the
/// journal waits for it. Readers and the writer go on: the version is immutable, and beside them
/// there is one thread at work, which gives way.
// Safe: workers share the list of files through one atomic counter; each result has its own place
// behind a lock.
@safe
final class SnapshotWriter: @unchecked Sendable {
    private let disk: any Disk
    private let folder: String
    private let store: Store
    private let view: VersionView
    private let codec: any FileCodec
    private let workerCount: Int
    private let tasks: [(table: Int, shard: Int)]
    private let next = Atomic<Int>(0)
    private let outcome: Guarded<Outcome>

    private struct Outcome {
        var files: [Manifest.File?]
        var failure: DiskError?
    }

    /// Bytes that are gathered before they are written. Reason: large enough that the call does
    /// not matter, small enough for the processor's cache.
    private static let blockBytes = 1 << 20

    /// Bytes that are written before they are synced. Reason: what a slow disk takes in about
    /// 25 ms.
    private static let syncBytes = 4 << 20

    /// - Parameters:
    ///   - folder: a directory of `disk`, which is there and empty.
    ///   - view: stays pinned until ``write(at:)`` has returned.
    ///   - workerCount: files at work at the same time.
    init(
        _ store: Store, _ view: VersionView, codec: any FileCodec, on disk: any Disk,
        folder: String, workerCount: Int
    ) {
        self.store = store
        self.view = view
        self.codec = codec
        self.disk = disk
        self.folder = folder
        self.workerCount = workerCount
        var tasks: [(table: Int, shard: Int)] = []
        for table in store.tables.indices {
            let rows = view.table(TableID(table))
            guard rows.count > 0 else { continue }
            for shard in 0..<rows.shardCount where rows.hasRows(shard: shard) {
                tasks.append((table, shard))
            }
        }
        self.tasks = tasks
        outcome = Guarded(Outcome(files: Array(repeating: nil, count: tasks.count), failure: nil))
    }

    /// Writes and syncs all files and the manifest, but not the names in the directory.
    ///
    /// - Parameter start: where the journal that goes on from this version begins.
    /// - Returns: the manifest as written.
    func write(at start: JournalEnd) throws(DiskError) -> Manifest {
        let workers = (0..<min(workerCount, tasks.count)).compactMap { _ in
            try? SystemThread.start(niceness: 10) { [self] in work() }
        }
        // Without a thread of its own, by the caller's.
        if workers.isEmpty { work() }
        for worker in workers { worker.join() }
        let (files, failure) = outcome.withLock { ($0.files, $0.failure) }
        if let failure { throw failure }
        let manifest = Manifest(
            generation: start.generation, lastSequence: start.sequence, chain: start.hash,
            time: start.time,
            shardCount: 1 << store.shardBits, layout: FileLayout(store.definition),
            indexes: store.definition.indexSignatures,
            tables: store.tables.map { plan in
                let rows = view.table(plan.id)
                return Manifest.TableState(
                    nextCreation: rows.nextCreation,
                    slotEnds: (0..<rows.shardCount).map { rows.slotEnd($0) })
            },
            files: files.compactMap { $0 })
        let text = manifest.encoded()
        let file = try disk.create("\(folder)/\(Manifest.fileName)")
        try unsafe text.withUnsafeBytes { (bytes) throws(DiskError) in
            try unsafe file.write(bytes, at: 0)
        }
        try file.sync()
        return manifest
    }

    /// Takes one file after the other until none is left or one has failed.
    private func work() {
        let buffer = ByteBuffer(capacity: SnapshotWriter.blockBytes + SnapshotWriter.blockBytes / 8)
        while true {
            let position = next.add(1, ordering: .relaxed).oldValue
            guard position < tasks.count, outcome.withLock({ $0.failure == nil }) else { return }
            do {
                let file = try write(tasks[position], buffer)
                outcome.withLock { $0.files[position] = file }
            } catch {
                outcome.withLock { if $0.failure == nil { $0.failure = error } }
            }
        }
    }

    private func write(
        _ task: (table: Int, shard: Int), _ buffer: ByteBuffer
    ) throws(DiskError) -> Manifest.File {
        let plan = store.tables[task.table]
        let encoder = RowEncoder(plan, codec: codec)
        let name = "\(plan.definition.name)-\(task.shard).jsonl"
        let output = BlockOutput(try disk.create("\(folder)/\(name)"), buffer)
        var rowCount = 0
        try view.table(plan.id).forEachRow(shard: task.shard) { (row, slot) throws(DiskError) in
            encoder.append(row, slot: slot, to: buffer)
            rowCount += 1
            if buffer.count >= SnapshotWriter.blockBytes {
                try output.flush(syncingEvery: SnapshotWriter.syncBytes)
            }
        }
        try output.finish()
        buffer.removeAll(keepingAtMost: 2 * SnapshotWriter.blockBytes)
        return Manifest.File(
            name: name, table: task.table, shard: task.shard, rowCount: rowCount,
            byteCount: output.byteCount, crc: output.crc.value)
    }
}

/// A file that is written from its start to its end.
final class BlockOutput {
    private let file: any DiskFile
    private let buffer: ByteBuffer
    private(set) var byteCount = 0
    private(set) var crc = CRC32C()
    private var syncedByteCount = 0

    init(_ file: any DiskFile, _ buffer: ByteBuffer) {
        self.file = file
        self.buffer = buffer
    }

    /// Writes what the buffer holds, and syncs when as much as `stride` bytes are not.
    func flush(syncingEvery stride: Int) throws(DiskError) {
        try unsafe buffer.withUnsafeBytes { (bytes) throws(DiskError) in
            unsafe crc.add(bytes)
            try unsafe file.write(bytes, at: byteCount)
        }
        byteCount += buffer.count
        buffer.truncate(to: 0)
        if byteCount - syncedByteCount >= stride {
            try file.sync()
            syncedByteCount = byteCount
        }
    }

    /// Writes the rest and syncs the file.
    func finish() throws(DiskError) {
        try flush(syncingEvery: .max)
        try file.sync()
    }
}

extension TableView {
    func hasRows(shard: Int) -> Bool {
        for number in 0..<pageCount(shard: shard) where page(shard: shard, number: number) != nil {
            return true
        }
        return false
    }
}

extension StoreDefinition {
    /// Each index in words: which rows it finds and whether it allows only one.
    var indexSignatures: [String] {
        indexes.map { index in
            let table = tables[index.table.index]
            let equality = index.equality.map { table.columns[$0].name }.joined(separator: ", ")
            let by =
                switch index.order {
                case .value: ""
                case .monthDay: "month and day of "
                case .words: "words of "
                }
            let order = index.ordered.map { " ordered by \(by)\(table.columns[$0].name)" } ?? ""
            let conditions = index.conditions.map { $0.signature(table) }.sorted()
            let some =
                conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
            return "\(table.name)(\(equality))\(order)\(index.isUnique ? " unique" : "")\(some)"
        }
    }
}
