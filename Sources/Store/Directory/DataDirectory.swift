import Bytes

/// A store whose changes last: rows in memory, a journal of changes and snapshots of all rows in
/// one directory that one process uses at a time.
///
/// Files come in *generations*: a snapshot, and the journal of all changes since. The two newest
/// are kept. A generation is made in steps, each of which may be the last before a crash:
///
/// 1. the journal is made, synced, and the writer goes on in it;
/// 2. the rows of the version exactly at that switch are written to `snapshot-….tmp`, synced,
///    renamed, and the directory is synced;
/// 3. what is older than the two newest generations is deleted.
///
/// So the newest snapshot and all journals from its generation on are always there, and the same
/// rows follow from the older snapshot and its journals.
public final class DataDirectory: Sendable {
    public let store: Store
    public let writer: Writer
    public let report: RecoveryReport

    let disk: any Disk
    let codec: any FileCodec
    let options: OpenOptions
    /// Whoever makes a snapshot or a backup holds it; others wait.
    let turn: Guarded<Generations>
    let schedule = Guarded(Schedule())
    /// nil once the directory is closed.
    private let lock: Guarded<(any DiskLock)?>

    /// What the directory has, as far as whoever holds the turn needs to know.
    struct Generations: Sendable {
        /// Of the newest snapshot.
        var newest: UInt64
        /// The last change in it.
        var sequence: UInt64
    }

    /// Threads that run until the directory is closed.
    struct Schedule: Sendable {
        var alarm = Alarm()
        var snapshots: SystemThread?
        var verification: SystemThread?
        /// Why the last snapshot failed; nil after one that did not.
        var failure: String?
        /// The last snapshot that this process has made, and when it was done, in nanoseconds of a
        /// clock that never goes back.
        var latest: (report: SnapshotReport, end: UInt64)?
    }

    init(
        _ recovered: RecoveredStore, journal: Journal, on disk: any Disk, lock: any DiskLock,
        options: OpenOptions
    ) {
        store = recovered.store
        codec = recovered.codec
        report = recovered.report
        self.disk = disk
        self.lock = Guarded(lock)
        self.options = options
        turn = Guarded(Generations(newest: recovered.newest, sequence: recovered.snapshotSequence))
        writer = Writer(
            store: store, journal: journal, clock: options.clock, limits: options.limits)
    }

    // MARK: Opening

    /// Opens a directory, or begins one that is empty, and starts its writer.
    ///
    /// - Parameters:
    ///   - definition: what the schema wants. The store has these tables and columns at these
    ///     places, and behind them those that only the files have.
    ///   - shardCount: of a new directory; an old one knows its own.
    /// - Throws: whatever stands against it; then all files are as they were, but for unfinished
    ///   snapshots, which are removed.
    public static func open(
        _ disk: any Disk, definition: StoreDefinition, shardCount: Int, codec: any FileCodec,
        options: OpenOptions
    ) throws(DirectoryError) -> DataDirectory {
        let lock = try lock(disk)
        let listing = try DirectoryListing(disk)
        if let name = listing.unknown.first { throw .unknownFile(name) }
        try onDisk { () throws(DiskError) in
            for name in listing.unfinishedFolders { try disk.removeFolder(name) }
            for name in listing.unfinishedFiles { try disk.remove(name) }
        }
        var recovery = Recovery(
            disk, listing, wanted: definition, codec: codec, options: options)
        var recovered =
            try recovery.isFresh()
            ? recovery.begin(shardCount: shardCount) : try recovery.recover()
        let journal = try recovery.openJournal(for: &recovered)
        let directory = DataDirectory(
            recovered, journal: journal, on: disk, lock: lock, options: options)
        directory.writer.start()
        if !recovered.needsGeneration, let older = recovery.older {
            directory.startVerification(of: older)
        }
        return directory
    }

    /// Whether a new file is made when the one of that name is taken away.
    public static func isReplaceable(_ name: String) -> Bool {
        name == DirectoryListing.lockName || name == JournalMark.fileName
    }

    static func lock(_ disk: any Disk) throws(DirectoryError) -> any DiskLock {
        do { return try disk.lock(DirectoryListing.lockName) } catch {
            throw error.isLocked ? .inUse : .disk(error)
        }
    }

    // MARK: Snapshots

    /// Makes a new generation: switches to its journal and writes a snapshot of the rows there.
    ///
    /// Readers and the writer go on meanwhile. One is made at a time; a second caller waits.
    /// - Throws: ``DirectoryError/disk(_:)`` or ``DirectoryError/storage(_:)``. The store goes on,
    ///   and the generations before are as good as they were.
    @discardableResult
    public func snapshot() throws(DirectoryError) -> SnapshotReport {
        do {
            let report = try turn.withLock { (generations) throws(DirectoryError) in
                try makeSnapshot(&generations)
            }
            schedule.withLock { schedule in
                schedule.failure = nil
                schedule.latest = (report, monotonicNanoseconds())
            }
            return report
        } catch {
            schedule.withLock { $0.failure = "\(error)" }
            throw error
        }
    }

    /// Why the last snapshot failed; nil after one that did not.
    public var snapshotFailure: String? { schedule.withLock { $0.failure } }

    /// The last snapshot that this process has made, and how long ago that was; nil before the first.
    public var latestSnapshot: (report: SnapshotReport, age: Duration)? {
        guard let latest = schedule.withLock({ $0.latest }) else { return nil }
        let age = monotonicNanoseconds() &- latest.end
        return (latest.report, .nanoseconds(Int64(clamping: age)))
    }

    private func makeSnapshot(
        _ generations: inout Generations
    ) throws(DirectoryError) -> SnapshotReport {
        let stopwatch = Stopwatch()
        guard let reader = store.makeReader() else { throw .storage(.busy) }
        let rotation: Writer.Rotation
        do { rotation = try writer.rotate(pinning: reader) } catch { throw .storage(error) }
        let manifest = try onDisk { () throws(DiskError) in
            try SnapshotWriter.write(
                store, rotation.view, codec: codec, at: rotation.end, on: disk)
        }
        reader.unpin()
        generations.newest = manifest.generation
        generations.sequence = manifest.lastSequence
        do { try Retention(disk).apply() } catch {
            options.notice("old generations could not be deleted: \(error)")
        }
        return SnapshotReport(
            generation: manifest.generation, sequence: manifest.lastSequence,
            rows: manifest.rowCount, bytes: manifest.byteCount,
            milliseconds: stopwatch.milliseconds)
    }

    // MARK: Closing

    /// Stops the writer after all jobs it has taken, and everything that runs in the background,
    /// and lets other processes open the directory. The store can be read on.
    ///
    /// - Parameter snapshot: makes one before, if there were changes since the last, so that the
    ///   next start has nothing to replay. If that fails the directory is closed all the same.
    /// - Throws: why the snapshot failed.
    public func close(snapshot makesSnapshot: Bool) throws(DirectoryError) {
        let threads = schedule.withLock { schedule in
            schedule.alarm.ring()
            defer {
                schedule.snapshots = nil
                schedule.verification = nil
            }
            return [schedule.snapshots, schedule.verification]
        }
        for thread in threads { thread?.join() }
        defer {
            writer.stop()
            lock.withLock { $0 = nil }
        }
        if makesSnapshot && hasChangesSinceSnapshot { try snapshot() }
    }

    /// Whether a snapshot made now would differ from the newest one.
    var hasChangesSinceSnapshot: Bool {
        let sequence = turn.withLock { $0.sequence }
        return writer.journalEnd.map { $0.sequence > sequence } ?? false
    }
}

extension SnapshotWriter {
    /// Files at work at the same time while nobody is served yet.
    static let startWorkerCount = 4

    /// Makes the snapshot of a generation, in the order of steps that leaves either nothing of it
    /// or all.
    ///
    /// - Parameters:
    ///   - start: where the journal of the generation begins.
    ///   - workerCount: files at work at the same time; one while others want the processors.
    static func write(
        _ store: Store, _ view: VersionView, codec: any FileCodec, at start: JournalEnd,
        on disk: any Disk, workerCount: Int = 1
    ) throws(DiskError) -> Manifest {
        let folder = DirectoryListing.temporaryName(start.generation)
        do {
            try disk.makeDirectory(folder)
            let manifest = try SnapshotWriter(
                store, view, codec: codec, on: disk, folder: folder, workerCount: workerCount
            ).write(at: start)
            try disk.syncDirectory(folder)
            try disk.rename(folder, to: DirectoryListing.snapshotName(start.generation))
            try disk.syncDirectory("")
            return manifest
        } catch {
            // What is left of it goes at the next start at the latest.
            try? disk.removeFolder(folder)
            throw error
        }
    }
}

/// Deletes what is older than the two newest generations.
struct Retention {
    private let disk: any Disk

    /// Snapshots that are kept.
    private static let generationCount = 2

    init(_ disk: any Disk) {
        self.disk = disk
    }

    func apply() throws(DirectoryError) {
        let listing = try DirectoryListing(disk)
        guard listing.snapshots.count >= Retention.generationCount else { return }
        let oldest = listing.snapshots[listing.snapshots.count - Retention.generationCount]
        try onDisk { () throws(DiskError) in
            var hasChanged = false
            for generation in listing.snapshots where generation < oldest {
                let folder = DirectoryListing.temporaryName(generation)
                try disk.rename(DirectoryListing.snapshotName(generation), to: folder)
                try disk.removeFolder(folder)
                hasChanged = true
            }
            for generation in listing.journals where generation < oldest {
                try disk.remove(Journal.name(generation: generation))
                hasChanged = true
            }
            if hasChanged { try disk.syncDirectory("") }
        }
    }
}
