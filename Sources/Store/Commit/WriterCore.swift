import Bytes

/// The two threads of a ``Writer`` and what they share.
// Safe: all `var`s are touched inside the room only, but for those that a comment gives to the
// holder of a role; roles are taken and given back inside the room.
@safe
final class WriterCore: @unchecked Sendable {
    let store: Store
    let journal: Journal?
    private let clock: @Sendable () -> Int64
    private let limits: WriterLimits
    let counters = CommitCounters()

    private let room = WaitingRoom(places: Place.count)

    /// Where threads wait.
    private enum Place {
        /// The two threads, for something to do.
        static let work = 0
        /// For a role to be given back, or for their turn to tell jobs of their end.
        static let role = 1
        static let count = 2
    }

    private var queue = JobQueue()
    private var isStarted = false
    private var isStopping = false
    private var threads: [SystemThread] = []
    private var sleeperCount = 0

    private var isRunning = false
    private var isCommitting = false
    /// Who waits for the commit role from outside; the threads leave it to them.
    private var rotationCount = 0
    /// A failed commit waits for the run role, to take the open group back.
    private var wantsRunRole = false

    /// The group that jobs run on. Of the holder of the run role; without one, of the room.
    private var open: OpenGroup?
    /// What the next group builds on: the draft being committed, or the current version.
    private var base: SealedDraft?
    private let tools = WriteTools()
    private var logs: [ChangeLog] = []
    /// Of the holder of the run role.
    private var time: Int64 = 0

    /// Commits are numbered, and tell their jobs in that order.
    private var commitCount = 0
    private var toldCount = 0

    /// The reason why nothing is written any more.
    private var poison: String?
    /// What the last commit failed by.
    private var lastFailure: StorageFailure?
    /// When the journal has to be synced at the latest.
    private var syncDeadline: UInt64?

    init(
        _ store: Store, _ journal: Journal?, _ clock: @escaping @Sendable () -> Int64,
        _ limits: WriterLimits
    ) {
        self.store = store
        self.journal = journal
        self.clock = clock
        self.limits = limits
        if let journal {
            logs = [ChangeLog(codec: journal.codec), ChangeLog(codec: journal.codec)]
            time = journal.end.time
        }
    }

    // MARK: From outside

    func start() {
        room.enter()
        defer { room.leave() }
        precondition(!isStarted, "a writer starts once")
        isStarted = true
        store.takeOver()
        if let journal {
            let sequence = unsafe store.slots.currentRoot.sequence
            precondition(journal.end.sequence == sequence, "a journal of another version")
        }
        do throws(SystemThread.Refusal) {
            for _ in 0..<2 { threads.append(try SystemThread.start { [self] in work() }) }
        } catch { preconditionFailure("a thread was refused when the writer started") }
    }

    func stop() {
        room.enter()
        isStopping = true
        let threads = threads
        self.threads = []
        room.callAll(at: Place.work)
        room.leave()
        if threads.isEmpty { return }
        for thread in threads { thread.join() }
        room.enter()
        defer { room.leave() }
        if let open {
            open.group.seal().discard(store: store, after: publishedSequence, base: nil)
        }
        open = nil
        if let journal, journal.hasUnsynced, poison == nil {
            do throws(DiskError) { try journal.sync() } catch { poison = error.description }
        }
        store.giveBack()
    }

    /// - Returns: why the job is not taken.
    func submit(_ job: any WriteJob) -> StorageFailure? {
        room.enter()
        defer { room.leave() }
        guard isStarted, !isStopping else { return .stopping }
        guard queue.count < limits.queuedJobsMax else { return .busy }
        queue.append(job)
        // Whoever runs will see it; otherwise somebody has to.
        if !isRunning && sleeperCount > 0 { room.callOne(at: Place.work) }
        return nil
    }

    var state: WriterState {
        room.inside {
            if let poison { return .unavailable(poison) }
            switch lastFailure {
            case .full(let reason): return .full(reason)
            case .unavailable(let reason): return .unavailable(reason)
            case .stopping, .busy, nil: return .healthy
            }
        }
    }

    func rotate(pinning reader: Reader) throws(StorageFailure) -> Writer.Rotation {
        room.enter()
        rotationCount += 1
        while isCommitting { room.wait(at: Place.role) }
        rotationCount -= 1
        isCommitting = true
        let poison = poison
        room.leave()
        defer {
            room.enter()
            isCommitting = false
            callForCommit()
            room.leave()
        }
        if let poison { throw .unavailable(poison) }
        guard let journal else {
            let view = reader.pin()
            let none = JournalEnd.none(sequence: view.sequence)
            return Writer.Rotation(view: view, previous: none, end: none)
        }
        let previous = journal.end
        do throws(Journal.Failure) { try journal.rotate() } catch {
            throw note(error)
        }
        // Nobody publishes meanwhile: that is part of the commit role.
        let view = reader.pin()
        precondition(view.sequence == journal.end.sequence, "a journal of another version")
        room.inside { syncDeadline = nil }
        return Writer.Rotation(view: view, previous: previous, end: journal.end)
    }

    // MARK: The two threads

    private func work() {
        room.enter()
        while true {
            if mayCommit {
                commit()
            } else if mayRun {
                run()
            } else if mayRefuse {
                refuse()
            } else if maySync {
                syncLate()
            } else if mayEnd {
                break
            } else {
                sleep()
            }
        }
        room.callAll(at: Place.work)
        room.leave()
    }

    private func sleep() {
        sleeperCount += 1
        if let syncDeadline, !isCommitting {
            room.wait(at: Place.work, until: syncDeadline)
        } else {
            room.wait(at: Place.work)
        }
        sleeperCount -= 1
    }

    /// Jobs that are run before the group is committed although the disk is idle. Reason: the
    /// more of those that wait already share a sync, the fewer syncs there are.
    private static let eagerJobsMax = 64

    private var isOpenFull: Bool {
        guard let open else { return false }
        return open.jobs.count >= limits.groupJobsMax
            || open.group.logByteCount >= limits.groupBytesMax
    }

    private var mayCommit: Bool {
        guard !isCommitting, !isRunning, rotationCount == 0, let open, !open.jobs.isEmpty else {
            return false
        }
        return queue.isEmpty || open.jobs.count >= WriterCore.eagerJobsMax || isOpenFull
            || poison != nil
    }

    private var mayRun: Bool {
        !isRunning && !wantsRunRole && !queue.isEmpty && poison == nil && !isOpenFull
    }

    /// After a failed sync, jobs are told so without being run.
    private var mayRefuse: Bool {
        poison != nil && !isRunning && !isCommitting && !queue.isEmpty
    }

    private var maySync: Bool {
        guard let syncDeadline, !isCommitting, poison == nil, rotationCount == 0 else {
            return false
        }
        return WaitingRoom.now() >= syncDeadline || isStopping
    }

    private var mayEnd: Bool {
        isStopping && queue.isEmpty && !isRunning && !isCommitting && open?.jobs.isEmpty ?? true
    }

    /// Calls the other thread, or a rotation, when there is something for them.
    private func callForCommit() {
        if rotationCount > 0 || wantsRunRole { room.callAll(at: Place.role) }
        if sleeperCount > 0 && (mayCommit || mayRun || mayRefuse || isStopping) {
            room.callOne(at: Place.work)
        }
    }

    // MARK: The run role

    /// Runs jobs as long as there are any, or until the group has to be committed.
    private func run() {
        isRunning = true
        while let job = queue.removeFirst() {
            room.leave()
            let group = openGroup()
            time = max(time, clock())
            group.group.now = time
            job.run(group.group)
            room.enter()
            group.jobs.append(job)
            if wantsRunRole || isOpenFull { break }
            if !isCommitting && rotationCount == 0
                && group.jobs.count >= WriterCore.eagerJobsMax
            {
                break
            }
        }
        isRunning = false
        if wantsRunRole { room.callAll(at: Place.role) }
    }

    private func openGroup() -> OpenGroup {
        if let open { return open }
        room.enter()
        let base = base
        let log = logs.popLast()
        room.leave()
        let root = if let base { unsafe base.root } else { unsafe store.slots.currentRoot }
        let group = unsafe WriteGroup(store, on: root, now: time, log: log, tools: tools)
        let new = OpenGroup(group, log)
        open = new
        return new
    }

    // MARK: The commit role

    /// Takes the open group and makes it last.
    private func commit() {
        guard let open else { return }
        isCommitting = true
        let start = monotonicNanoseconds()
        let number = commitCount
        commitCount += 1
        let jobs = open.jobs
        open.jobs = []
        var draft: SealedDraft?
        if open.group.changeCount > 0 && poison == nil {
            let sealed = open.group.seal()
            base = sealed
            draft = sealed
            self.open = nil
        }
        if mayRun && sleeperCount > 0 { room.callOne(at: Place.work) }
        let poison = poison
        let deadline = syncDeadline
        room.leave()

        var result: Result<UInt64, StorageFailure> = .success(publishedSequence)
        var isSynced = false
        if let poison {
            result = .failure(.unavailable(poison))
        } else if let draft {
            do throws(Journal.Failure) {
                isSynced = try write(open, draft, deadline)
                draft.publish(to: store)
                counters.countCommit(since: start)
                result = .success(draft.sequence)
            } catch {
                counters.countFailure()
                let failed = takeBack(draft, error)
                return tell(jobs + failed.jobs, .failure(failed.failure), number, open.log)
            }
        }

        room.enter()
        if draft != nil {
            base = nil
            lastFailure = nil
            if isSynced { syncDeadline = nil } else { noteUnsynced() }
        }
        isCommitting = false
        callForCommit()
        room.leave()
        tell(jobs, result, number, draft == nil ? nil : open.log)
    }

    /// - Returns: whether the journal is synced.
    private func write(
        _ open: OpenGroup, _ draft: SealedDraft, _ deadline: UInt64?
    ) throws(Journal.Failure) -> Bool {
        guard let journal, let log = open.log else { return true }
        assert(journal.end.sequence + 1 == draft.sequence, "a journal of another version")
        try journal.append(log, time: open.group.now)
        switch journal.syncMode {
        case .always: break
        case .interval: guard let deadline, WaitingRoom.now() >= deadline else { return false }
        case .never: return true
        }
        do throws(DiskError) { try journal.sync() } catch { throw .lost(error) }
        return true
    }

    private func noteUnsynced() {
        guard syncDeadline == nil, case .interval(let milliseconds) = journal?.syncMode else {
            return
        }
        syncDeadline = WaitingRoom.now() + UInt64(max(0, milliseconds)) * 1_000_000
        if sleeperCount > 0 { room.callOne(at: Place.work) }
    }

    /// Tells jobs of their end, when those before have been told. Enters the room for good.
    private func tell(
        _ jobs: [any WriteJob], _ result: Result<UInt64, StorageFailure>, _ number: Int,
        _ log: ChangeLog?
    ) {
        log?.removeAll()
        room.enter()
        if let log { logs.append(log) }
        while toldCount != number { room.wait(at: Place.role) }
        room.leave()
        for job in jobs { job.finish(result) }
        for job in jobs { job.groupIsFinished() }
        room.enter()
        toldCount += 1
        room.callAll(at: Place.role)
    }

    /// Undoes what could not be written, and the group that builds on it.
    /// - Returns: the jobs of that group, and why they and the others fail.
    private func takeBack(
        _ draft: SealedDraft, _ failure: Journal.Failure
    ) -> (jobs: [any WriteJob], failure: StorageFailure) {
        let reason = note(failure)
        room.enter()
        wantsRunRole = true
        while isRunning { room.wait(at: Place.role) }
        wantsRunRole = false
        let lost = open
        open = nil
        base = nil
        if let lost {
            lost.group.seal().discard(store: store, after: publishedSequence, base: draft)
            lost.log?.removeAll()
            if let log = lost.log { logs.append(log) }
        } else {
            draft.discard(store: store, after: publishedSequence, base: nil)
        }
        isCommitting = false
        callForCommit()
        room.leave()
        return (lost?.jobs ?? [], reason)
    }

    /// Remembers a failure for ``state``, and for good if nothing may be written any more.
    private func note(_ failure: Journal.Failure) -> StorageFailure {
        let text = failure.error.description
        let reason: StorageFailure
        switch failure {
        case .lost: reason = .unavailable(text)
        case .refused(let error): reason = error.isFull ? .full(text) : .unavailable(text)
        }
        room.inside {
            lastFailure = reason
            if case .lost = failure, poison == nil { poison = text }
        }
        return reason
    }

    /// Fails all jobs that wait.
    private func refuse() {
        guard let poison else { return }
        let number = commitCount
        commitCount += 1
        var jobs: [any WriteJob] = []
        while let job = queue.removeFirst() { jobs.append(job) }
        room.leave()
        tell(jobs, .failure(.unavailable(poison)), number, nil)
    }

    /// Syncs what was acknowledged a while ago.
    private func syncLate() {
        guard let journal else { return }
        isCommitting = true
        syncDeadline = nil
        room.leave()
        var failure: Journal.Failure?
        do throws(DiskError) { try journal.sync() } catch { failure = .lost(error) }
        if let failure { _ = note(failure) }
        room.enter()
        isCommitting = false
        callForCommit()
    }

    /// Of the version that readers see. Only the holder of the commit role changes it.
    private var publishedSequence: UInt64 { unsafe store.slots.currentRoot.sequence }
}

/// A draft and the jobs that have run on it.
private final class OpenGroup {
    let group: WriteGroup
    let log: ChangeLog?
    var jobs: [any WriteJob] = []

    init(_ group: WriteGroup, _ log: ChangeLog?) {
        self.group = group
        self.log = log
    }
}

/// Jobs in the order of their arrival. Both ends cost O(1), spread over many calls.
struct JobQueue {
    private var jobs: [(any WriteJob)?] = []
    private var first = 0

    var count: Int { jobs.count - first }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: any WriteJob) { jobs.append(job) }

    mutating func removeFirst() -> (any WriteJob)? {
        guard first < jobs.count else { return nil }
        let job = jobs[first]
        jobs[first] = nil
        first += 1
        if first == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 1024 && first >= jobs.count / 2 {
            jobs.removeFirst(first)
            first = 0
        }
        return job
    }
}
