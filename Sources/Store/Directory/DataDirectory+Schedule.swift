import Bytes

/// What runs beside the writer: periodic snapshots, and a look at the older generation.
extension DataDirectory {
    /// Makes a snapshot whenever so much time has passed or so many bytes of journal have been
    /// written since the last, if there were changes, until the directory is closed.
    ///
    /// A failure is told to ``OpenOptions/notice`` and tried again when it is time for the next.
    /// - Parameters:
    ///   - interval: nil for no snapshots by time.
    ///   - journalBytes: of the present generation's journal.
    /// - Throws: ``DirectoryError/noThread``.
    public func startSnapshots(
        every interval: Duration?, journalBytes: Int
    ) throws(DirectoryError) {
        let alarm = schedule.withLock { $0.alarm }
        let milliseconds = interval.map { Int($0 / .milliseconds(1)) }
        let isStarted = schedule.withLock { schedule in
            guard schedule.snapshots == nil else { return true }
            // The writer waits while the journal is switched; the rows go to threads that give way.
            schedule.snapshots = try? SystemThread.start { [weak self] in
                let nap = min(max(10, milliseconds ?? 1000), 1000)
                var stopwatch = Stopwatch()
                while !alarm.sleep(milliseconds: min(nap, 100)) {
                    guard let self else { return }
                    let isDue =
                        milliseconds.map { stopwatch.milliseconds >= $0 } ?? false
                        || isJournalLarge(journalBytes, stopwatch)
                    guard isDue else { continue }
                    if hasChangesSinceSnapshot { snapshotOrNotice() }
                    stopwatch = Stopwatch()
                }
            }
            return schedule.snapshots != nil
        }
        if !isStarted { throw .noThread }
    }

    /// Reason: a snapshot that fails for want of room is not tried again at once.
    private static let journalPauseMilliseconds = 1000

    private func isJournalLarge(_ byteCount: Int, _ stopwatch: Stopwatch) -> Bool {
        guard let end = writer.journalEnd, end.offset >= byteCount else { return false }
        return stopwatch.milliseconds >= DataDirectory.journalPauseMilliseconds
    }

    private func snapshotOrNotice() {
        do { try snapshot() } catch { options.notice("the snapshot failed: \(error)") }
    }

    // MARK: The older generation

    /// Reads the older generation's files, so that damage to what one would fall back to is known
    /// before it is needed.
    func startVerification(of generation: UInt64) {
        schedule.withLock { schedule in
            let alarm = schedule.alarm
            schedule.verification = try? SystemThread.start(niceness: 10) { [weak self] in
                guard let self else { return }
                let newest = turn.withLock { $0 }
                let verification = Verification(disk, isStopped: { alarm.sleep(milliseconds: 0) })
                for fault in verification.faults(
                    from: generation, upTo: newest.newest, sequence: newest.sequence)
                {
                    // A snapshot made meanwhile may have deleted what was being read.
                    guard let listing = try? DirectoryListing(disk),
                        listing.snapshots.contains(generation)
                    else { return }
                    options.notice(
                        "generation \(generation), the one to fall back to, is damaged: "
                            + fault.fact)
                }
            }
        }
    }

    /// Waits until the look at the older generation has ended.
    func waitForVerification() {
        let thread = schedule.withLock { schedule in
            defer { schedule.verification = nil }
            return schedule.verification
        }
        thread?.join()
    }
}

/// Reads files of a directory without making a store of them.
struct Verification {
    private let disk: any Disk
    private let isStopped: @Sendable () -> Bool

    init(_ disk: any Disk, isStopped: @escaping @Sendable () -> Bool) {
        self.disk = disk
        self.isStopped = isStopped
    }

    /// What is wrong with a snapshot and the journals from its generation up to, but not
    /// including, another.
    ///
    /// - Parameter sequence: the change that they lead up to.
    func faults(
        from generation: UInt64, upTo end: UInt64, sequence: UInt64
    ) -> [DirectoryError] {
        do throws(DirectoryError) {
            let manifest = try checkSnapshot(generation)
            let found = try JournalFiles(disk).verify(
                after: manifest, generation..<end, newest: end
            ).end
            // A journal that was cut between two records looks whole.
            guard found.sequence == sequence else {
                throw .journal(
                    JournalDamage(
                        file: Journal.name(generation: end - 1), offset: found.offset,
                        lastSequence: found.sequence, reason: .lost(acknowledged: sequence)))
            }
            return []
        } catch { return [error] }
    }

    /// Reads every byte of a snapshot.
    @discardableResult
    func checkSnapshot(_ generation: UInt64) throws(DirectoryError) -> Manifest {
        let files = try SnapshotFiles(on: disk, folder: DirectoryListing.snapshotName(generation))
        try files.checkNames(generation: generation)
        for part in files.parts {
            if isStopped() { break }
            try unsafe files.forEachBlock(of: part) { _, _ in }
        }
        return files.manifest
    }
}
