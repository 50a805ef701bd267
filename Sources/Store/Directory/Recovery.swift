import Bytes

/// A store as the files of a directory say it was, and where its journal goes on.
struct RecoveredStore {
    let store: Store
    /// For the files, which may hold columns that the schema no longer has.
    let codec: RetainingCodec
    var report: RecoveryReport
    /// What the next record follows.
    let end: JournalEnd
    /// Of the snapshot the rows came from, and the last change in it.
    var newest: UInt64
    var snapshotSequence: UInt64
    /// Why the files as they are cannot simply be gone on with: then there is a new generation
    /// before the first change.
    let needsGeneration: Bool
    /// Whether changes were given up.
    let isLossy: Bool
    /// Files that nobody reads any more, to be kept under another name.
    let setsAside: [String]
}

/// Brings a store back from the files of a directory.
struct Recovery {
    private let disk: any Disk
    private let listing: DirectoryListing
    private let wanted: StoreDefinition
    private let codec: any FileCodec
    private let options: OpenOptions
    /// The generation before the newest, if it is there: what to fall back to.
    private(set) var older: UInt64?

    init(
        _ disk: any Disk, _ listing: DirectoryListing, wanted: StoreDefinition,
        codec: any FileCodec, options: OpenOptions
    ) {
        self.disk = disk
        self.listing = listing
        self.wanted = wanted
        self.codec = codec
        self.options = options
    }

    // MARK: A new directory

    /// Whether there is nothing yet: no file at all, or what the very first start left when it
    /// was cut off before its snapshot, without a change in it.
    func isFresh() throws(DirectoryError) -> Bool {
        guard listing.snapshots.isEmpty else { return false }
        let needed =
            "\(DirectoryListing.snapshotName(listing.journals.first ?? 1))/"
            + Manifest.fileName
        switch listing.journals {
        case []:
            guard !listing.hasMark else {
                throw .missing(file: needed, neededBy: JournalMark.fileName)
            }
            return true
        case [1]:
            let name = Journal.name(generation: 1)
            guard try JournalFiles(disk).hasNoRecords(generation: 1) else {
                throw .missing(file: needed, neededBy: name)
            }
            return true
        default:
            throw .missing(
                file: needed, neededBy: Journal.name(generation: listing.journals[0]))
        }
    }

    /// Begins with a store without rows.
    func begin(shardCount: Int) throws(DirectoryError) -> RecoveredStore {
        let store = Store(wanted, shardCount: shardCount, seed: options.seed)
        try onDisk { () throws(DiskError) in
            // A mark without a journal would look like the loss of everything: it goes first.
            if listing.hasMark {
                try disk.remove(JournalMark.fileName)
                try disk.syncDirectory("")
            }
            for generation in listing.journals {
                try disk.remove(Journal.name(generation: generation))
            }
        }
        return RecoveredStore(
            store: store, codec: RetainingCodec(codec, wanted: wanted), report: RecoveryReport(),
            end: JournalEnd(
                generation: 0, sequence: 1, hash: 0, time: options.clock(), offset: 0),
            newest: 0, snapshotSequence: 1, needsGeneration: true, isLossy: false,
            setsAside: [])
    }

    // MARK: Going on

    /// Reads the newest snapshot and the journals from its generation on; where that fails and
    /// recovery was asked for, the one before.
    mutating func recover() throws(DirectoryError) -> RecoveredStore {
        var report = RecoveryReport()
        var damaged: [String] = []
        var first: DirectoryError?
        for generation in listing.snapshots.reversed() {
            do {
                return try recover(from: generation, report, damaged: damaged)
            } catch {
                guard options.recovers, error.isDamage else { throw first ?? error }
                if first == nil { first = error }
                damaged.append(DirectoryListing.snapshotName(generation))
                report.losses.append("snapshot \(generation) cannot be read: \(error.fact)")
            }
        }
        throw first ?? .empty
    }

    private mutating func recover(
        from generation: UInt64, _ found: RecoveryReport, damaged: [String]
    ) throws(DirectoryError) -> RecoveredStore {
        let folder = DirectoryListing.snapshotName(generation)
        let files = try SnapshotFiles(on: disk, folder: folder)
        try files.checkNames(generation: generation)
        var report = found
        var limit = UInt64.max
        while true {
            do {
                return try recover(files, report, damaged: damaged, limit: limit)
            } catch {
                // Damage behind the limit is not looked at, so that the second round is the last
                // but for changes that do not fit the rows.
                guard options.recovers, let last = try lastSequence(before: error, files.manifest),
                    last < limit
                else { throw error }
                limit = last
                report.losses.append(
                    "\(error.fact): all changes behind number \(last) are lost")
            }
        }
    }

    /// The last change that can be saved when the journals end in an error; nil when the error is
    /// not one of theirs.
    private func lastSequence(
        before error: DirectoryError, _ manifest: Manifest
    ) throws(DirectoryError) -> UInt64? {
        switch error {
        case .journal(let damage):
            if case .newerFormat = damage.reason { return nil }
            return max(damage.lastSequence, manifest.lastSequence)
        case .missing(let file, _):
            guard let generation = Journal.generation(ofName: file) else { return nil }
            guard generation > manifest.generation else { return manifest.lastSequence }
            var before = listing
            before.journals.removeAll { $0 >= generation }
            return try JournalFiles(disk).end(
                after: manifest, before, at: nil, ignoresMark: true
            ).sequence
        default: return nil
        }
    }

    private mutating func recover(
        _ files: SnapshotFiles, _ found: RecoveryReport, damaged: [String], limit: UInt64
    ) throws(DirectoryError) -> RecoveredStore {
        let manifest = files.manifest
        let changed = try plan(for: manifest, isEmpty: nil)
        var report = found
        report.generation = manifest.generation
        report.snapshotRows = manifest.rowCount

        let direct = changed.flatMap { $0.changes.isEmpty ? $0.definition : nil }
        let loading = Stopwatch()
        let store = Store(
            direct ?? manifest.layout.bareDefinition, shardCount: manifest.shardCount,
            seed: options.seed)
        let codec = RetainingCodec(codec, wanted: direct == nil ? nil : wanted)
        try SnapshotLoader.load(
            files, mapping: LayoutMapping(identity: manifest.layout), into: store, codec: codec,
            sequence: manifest.lastSequence, now: options.clock())
        report.snapshotMilliseconds = loading.milliseconds

        let replaying = Stopwatch()
        let replay = try JournalFiles(disk).replay(
            after: manifest, listing, into: store, codec: codec, limit: limit)
        report.replayMilliseconds = replaying.milliseconds
        report.recordsReplayed = replay.recordCount
        report.changesReplayed = replay.changeCount
        report.cut = replay.tail
        report.remarks += replay.remarks
        report.sequence = replay.end.sequence
        report.retained = changed?.retained ?? []
        if damaged.isEmpty { lookForOlder(than: manifest.generation, &report) }

        let isLossy = limit != .max
        let result = RecoveredStore(
            store: store, codec: codec, report: report, end: replay.end,
            newest: manifest.generation, snapshotSequence: manifest.lastSequence,
            needsGeneration: !damaged.isEmpty || isLossy || replay.isOfOtherLayout,
            isLossy: isLossy,
            setsAside: isLossy ? allFiles : damaged)
        return direct == nil ? try convert(result, manifest) : result
    }

    /// Takes the rows over into a store of the wanted definition.
    private func convert(
        _ old: RecoveredStore, _ manifest: Manifest
    ) throws(DirectoryError) -> RecoveredStore {
        guard let reader = old.store.makeReader() else { throw .storage(.busy) }
        return try reader.withVersion { (view) throws(DirectoryError) in
            let rows = StoredRows(store: old.store, view: view, codec: old.codec)
            let isEmpty = old.store.tables.map { view.table($0.id).count == 0 }
            guard let plan = try plan(for: manifest, isEmpty: isEmpty) else { throw .empty }
            let store = Store(
                plan.definition, shardCount: manifest.shardCount, seed: options.seed)
            let codec = RetainingCodec(codec, wanted: wanted)
            do throws(DirectoryError) {
                try SnapshotLoader.load(
                    rows, mapping: plan.mapping, into: store, codec: codec,
                    sequence: view.sequence, now: options.clock())
            } catch {
                throw error.asConflict
            }
            var report = old.report
            report.schemaChanges = plan.changes
            report.retained = plan.retained
            return RecoveredStore(
                store: store, codec: codec, report: report, end: old.end, newest: old.newest,
                snapshotSequence: old.snapshotSequence, needsGeneration: true,
                isLossy: old.isLossy, setsAside: old.setsAside)
        }
    }

    /// How the rows of a snapshot come into the wanted store.
    ///
    /// - Parameter isEmpty: by table, whether it has no rows; nil while that is not known. Then
    ///   conflicts, which may turn out to be none, give nil.
    private func plan(
        for manifest: Manifest, isEmpty: [Bool]?
    ) throws(DirectoryError) -> SchemaPlan? {
        let builders = wanted.tables.map { RowBuilder(TableLayout($0)) }
        let now = options.clock()
        do {
            return try SchemaPlan(
                from: manifest.layout, indexes: manifest.indexes,
                isEmpty: isEmpty ?? manifest.layout.tables.map { _ in false }, to: wanted,
                drops: options.drops
            ) { table, column in
                guard table.index < builders.count else { return false }
                builders[table.index].reset()
                return codec.setDefault(
                    table: table, column: column, in: builders[table.index], now: now)
            }
        } catch {
            if isEmpty == nil { return nil }
            throw error
        }
    }

    /// Sees whether there is a generation to fall back to.
    private mutating func lookForOlder(
        than generation: UInt64, _ report: inout RecoveryReport
    ) {
        guard let candidate = listing.snapshots.last(where: { $0 < generation }) else {
            if generation > 1 {
                report.remarks.append(
                    "there is no generation before \(generation) to fall back to")
            }
            return
        }
        let missing = (candidate..<generation).filter { !listing.journals.contains($0) }
        if missing.isEmpty {
            older = candidate
        } else {
            let names = missing.map { Journal.name(generation: $0) }.joined(separator: ", ")
            report.remarks.append(
                "\(names) is missing: generation \(candidate) is of no use to fall back to")
        }
    }

    private var allFiles: [String] {
        listing.snapshots.map { DirectoryListing.snapshotName($0) }
            + listing.journals.map { Journal.name(generation: $0) }
    }

    // MARK: The journal

    /// Opens the journal for the changes to come: the one that was read last, or the first of a
    /// new generation, with its snapshot.
    func openJournal(for recovered: inout RecoveredStore) throws(DirectoryError) -> Journal {
        let store = recovered.store
        let codec = recovered.codec
        guard recovered.needsGeneration else {
            return try onDisk { () throws(DiskError) in
                try Journal.resume(
                    on: disk, at: recovered.end, definition: store.definition,
                    shardCount: 1 << store.shardBits, codec: codec, syncMode: options.syncMode)
            }
        }
        guard let reader = store.makeReader() else { throw .storage(.busy) }
        let generation = recovered.newest == 0 ? 1 : listing.newestGeneration + 1
        let end = recovered.end
        if recovered.newest != 0 && !recovered.isLossy {
            // The journal stays as the one before: without its tail, and with everything that was
            // read from it on the disk for certain, because the next one follows that.
            _ = try onDisk { () throws(DiskError) in
                try Journal.resume(
                    on: disk, at: end, definition: store.definition,
                    shardCount: 1 << store.shardBits, codec: codec, syncMode: options.syncMode)
            }
        }
        return try reader.withVersion { (view) throws(DirectoryError) in
            let (journal, manifest) = try onDisk { () throws(DiskError) in
                let journal = try Journal.create(
                    on: disk, generation: generation, following: end,
                    definition: store.definition, shardCount: 1 << store.shardBits, codec: codec,
                    syncMode: options.syncMode)
                let manifest = try SnapshotWriter.write(
                    store, view, codec: codec, at: journal.end, on: disk,
                    workerCount: SnapshotWriter.startWorkerCount)
                try setAside(recovered.setsAside)
                return (journal, manifest)
            }
            try Retention(disk).apply()
            recovered.newest = generation
            recovered.snapshotSequence = manifest.lastSequence
            return journal
        }
    }

    private func setAside(_ names: [String]) throws(DiskError) {
        guard !names.isEmpty else { return }
        let taken = Set(try disk.list(""))
        for name in names {
            var newName = DirectoryListing.damagedPrefix + name
            var number = 1
            while taken.contains(newName) {
                number += 1
                newName = "\(DirectoryListing.damagedPrefix)\(number)-\(name)"
            }
            try disk.rename(name, to: newName)
        }
        try disk.syncDirectory("")
    }
}

extension SnapshotFiles {
    /// Checks that the folder holds the files of its manifest and no others.
    func checkNames(generation: UInt64) throws(DirectoryError) {
        guard manifest.generation == generation else {
            throw .damaged(
                FileDamage(
                    file: "\(folder)/\(Manifest.fileName)", offset: 0,
                    fault: .malformed(member: "generation")))
        }
        let names = try onDisk { () throws(DiskError) in try disk.list(folder) }
        let expected = Set(manifest.files.map(\.name) + [Manifest.fileName])
        for name in names where !expected.contains(name) { throw .unknownFile("\(folder)/\(name)") }
        let found = Set(names)
        for file in manifest.files where !found.contains(file.name) {
            throw .missing(
                file: "\(folder)/\(file.name)", neededBy: "\(folder)/\(Manifest.fileName)")
        }
    }
}

extension DirectoryError {
    /// Whether files are not as they should be, so that others may serve instead.
    var isDamage: Bool {
        switch self {
        case .damaged(let damage):
            if case .newerFormat = damage.fault { false } else { true }
        case .journal, .missing, .unknownFile: true
        case .disk(let error): error.isUnreadable
        default: false
        }
    }

    /// What is wrong, without advice.
    var fact: String {
        switch self {
        case .damaged(let damage): "\(damage)"
        case .journal(let damage): "\(damage)"
        case .missing(let file, _): "\(file) is missing"
        case .unknownFile(let name): "\(name) does not belong there"
        default: "\(self)"
        }
    }

    /// A fault found while rows were taken over into another layout is one of the schema: the
    /// files themselves were read before.
    var asConflict: DirectoryError {
        guard case .damaged(let damage) = self else { return self }
        let table = damage.file.prefix { $0 != "-" }
        switch damage.fault {
        case .value(let column, let reason):
            return .schema([
                .valueUnreadable(table: String(table), column: column, reason: reason)
            ])
        case .null(let column):
            return .schema([.nowRequired(table: String(table), column: column)])
        default: return self
        }
    }
}
