import Bytes

/// Copies of a directory, and the way back.
extension DataDirectory {
    /// Begins a directory with the rows of a store that so far lived in memory alone.
    ///
    /// - Parameter disk: an empty directory.
    @discardableResult
    public static func create(
        _ disk: any Disk, holding store: Store, codec: any FileCodec, now: Int64
    ) throws(DirectoryError) -> SnapshotReport {
        let stopwatch = Stopwatch()
        let lock = try lock(disk)
        defer { withExtendedLifetime(lock) {} }
        try requireEmpty(disk)
        guard let reader = store.makeReader() else { throw .storage(.busy) }
        return try reader.withVersion { (view) throws(DirectoryError) in
            let end = JournalEnd(
                generation: 0, sequence: view.sequence, hash: 0, time: now, offset: 0)
            let manifest = try onDisk { () throws(DiskError) in
                let journal = try Journal.create(
                    on: disk, generation: 1, following: end, definition: store.definition,
                    shardCount: 1 << store.shardBits, codec: codec, syncMode: .always)
                return try SnapshotWriter.write(
                    store, view, codec: codec, at: journal.end, on: disk,
                    workerCount: SnapshotWriter.startWorkerCount)
            }
            return SnapshotReport(
                generation: 1, sequence: manifest.lastSequence, rows: manifest.rowCount,
                bytes: manifest.byteCount, milliseconds: stopwatch.milliseconds)
        }
    }

    /// Copies the newest snapshot and the journals behind it, up to the last change that was
    /// acknowledged when this began, while the store goes on.
    ///
    /// - Parameter target: an empty directory.
    /// - Returns: the last change in the copy.
    @discardableResult
    public func backup(to target: any Disk) throws(DirectoryError) -> UInt64 {
        try turn.withLock { (generations) throws(DirectoryError) in
            let lock = try DataDirectory.lock(target)
            defer { withExtendedLifetime(lock) {} }
            try DataDirectory.requireEmpty(target)
            guard let end = writer.journalEnd else { throw .empty }
            let listing = try DirectoryListing(disk)
            let copy = DirectoryCopy(from: disk, to: target)
            for generation in listing.journals
            where generation >= generations.newest && generation <= end.generation {
                let byteCount = generation == end.generation ? end.offset : nil
                try copy.file(Journal.name(generation: generation), byteCount: byteCount)
            }
            try JournalFiles(target).setMark(end)
            try copy.snapshot(generations.newest)
            return end.sequence
        }
    }

    /// Brings a copy into an empty directory, as it was at a moment or as it is.
    ///
    /// - Parameters:
    ///   - source: a backup, or the directory of a stopped server.
    ///   - time: milliseconds since 1970-01-01T00:00:00Z; changes committed later are left out.
    /// - Returns: the last change that was taken over, and when it was committed.
    @discardableResult
    public static func restore(
        from source: any Disk, to target: any Disk, at time: Int64? = nil
    ) throws(DirectoryError) -> (sequence: UInt64, time: Int64) {
        let listing = try DirectoryListing(source)
        guard !listing.snapshots.isEmpty else { throw .empty }
        let lock = try lock(target)
        defer { withExtendedLifetime(lock) {} }
        try requireEmpty(target)
        let manifest = try newestManifest(source, listing, at: time)
        let cut = try JournalFiles(source).end(after: manifest, listing, at: time)
        let copy = DirectoryCopy(from: source, to: target)
        for generation in manifest.generation...cut.generation {
            let byteCount = generation == cut.generation ? cut.offset : nil
            try copy.file(Journal.name(generation: generation), byteCount: byteCount)
        }
        try JournalFiles(target).setMark(cut)
        try copy.snapshot(manifest.generation)
        return (cut.sequence, cut.time)
    }

    /// The newest snapshot that has no change behind `time`, all its bytes read.
    private static func newestManifest(
        _ source: any Disk, _ listing: DirectoryListing, at time: Int64?
    ) throws(DirectoryError) -> Manifest {
        let verification = Verification(source, isStopped: { false })
        var earliest = Int64.max
        for generation in listing.snapshots.reversed() {
            let files = try SnapshotFiles(
                on: source, folder: DirectoryListing.snapshotName(generation))
            earliest = min(earliest, files.manifest.time)
            guard files.manifest.time <= time ?? .max else { continue }
            return try verification.checkSnapshot(generation)
        }
        throw .tooEarly(time: time ?? 0, earliest: earliest)
    }

    /// Reads every byte of every file, and changes none.
    ///
    /// - Parameter disk: of a stopped server, or a backup.
    public static func verify(_ disk: any Disk) throws(DirectoryError) -> VerificationReport {
        let lock = try lock(disk)
        defer { withExtendedLifetime(lock) {} }
        let listing = try DirectoryListing(disk)
        guard !listing.snapshots.isEmpty else { throw .empty }
        var report = VerificationReport()
        report.faults = listing.unknown.map { .unknownFile($0) }
        let verification = Verification(disk, isStopped: { false })
        var manifests: [Manifest] = []
        for generation in listing.snapshots {
            do throws(DirectoryError) {
                let manifest = try verification.checkSnapshot(generation)
                manifests.append(manifest)
                report.lines.append(
                    "snapshot \(generation): \(manifest.rowCount) rows, \(manifest.byteCount) "
                        + "bytes, up to change \(manifest.lastSequence)")
            } catch { report.faults.append(error) }
        }
        guard let first = manifests.first else { return report }
        do throws(DirectoryError) {
            let last = max(first.generation, listing.newestGeneration)
            report.lines += try JournalFiles(disk).verify(
                after: first, first.generation..<last + 1, newest: last
            ).lines
        } catch { report.faults.append(error) }
        return report
    }

    static func requireEmpty(_ disk: any Disk) throws(DirectoryError) {
        let names = try onDisk { () throws(DiskError) in try disk.list("") }
        if let name = names.first(where: { $0 != DirectoryListing.lockName }) {
            throw .notEmpty(file: name)
        }
    }
}

/// Copies files from one directory to another, synced.
struct DirectoryCopy {
    private let source: any Disk
    private let target: any Disk

    /// Bytes held at a time.
    private static let blockBytes = 1 << 20

    init(from source: any Disk, to target: any Disk) {
        self.source = source
        self.target = target
    }

    /// - Parameter byteCount: how much of it; nil for all.
    func file(_ name: String, byteCount: Int? = nil) throws(DirectoryError) {
        let from = try source.openExisting(name, neededBy: name)
        try onDisk { () throws(DiskError) in
            let to = try target.create(name)
            let size = try from.size()
            let end = byteCount ?? size
            let memory = RawMemory(byteCount: min(max(end, 1), DirectoryCopy.blockBytes))
            var offset = 0
            while offset < end {
                let wanted = min(end - offset, memory.byteCount)
                let count = try unsafe from.read(
                    at: offset,
                    into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<wanted]))
                guard count > 0 else { break }
                try unsafe to.write(
                    UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]), at: offset)
                offset += count
            }
            try to.sync()
        }
    }

    /// A snapshot with all its files, which gets its name at the end.
    func snapshot(_ generation: UInt64) throws(DirectoryError) {
        let folder = DirectoryListing.snapshotName(generation)
        try onDisk { () throws(DiskError) in
            try target.makeDirectory(folder)
        }
        let names = try onDisk { () throws(DiskError) in try source.list(folder) }
        for name in names where name != Manifest.fileName { try file("\(folder)/\(name)") }
        try file("\(folder)/\(Manifest.fileName)")
        try onDisk { () throws(DiskError) in
            try target.syncDirectory(folder)
            try target.syncDirectory("")
        }
    }
}
