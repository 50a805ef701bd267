import Bytes

/// Runs the jobs of all clients one after the other, and makes what they did last.
///
/// **Roles.** Two threads share two roles. Whoever has the *run* role takes jobs from the queue and
/// runs them on the open group. Whoever has the *commit* role takes that group, writes it to the
/// journal, syncs, publishes its version and tells its jobs. A thread that has run jobs and finds
/// the disk idle goes on to commit them itself, without waking anybody; the other one takes the run
/// role as soon as there is work. So one client alone waits for one thread, and with many clients
/// the disk and the jobs never wait for each other.
///
/// **Order.** One group is being committed, one is open. The open one builds on the draft of the
/// other: if that cannot be written, both are lost, all their jobs fail, and what readers see never
/// had any of it. Jobs are told in the order in which they were taken.
///
/// **Failure.** A write that was cut back cleanly fails its jobs, and the next may succeed. After
/// the first failed sync nothing more is written until the next start: what the disk holds is not
/// known any more. Reading goes on in any case.
///
/// Without a journal the store lives in memory: groups are published at once.
public final class Writer: Sendable {
    public let store: Store
    private let core: WriterCore

    /// - Parameters:
    ///   - journal: at the end of which the current version of the store lies; nil for a store
    ///     that lives in memory only.
    ///   - clock: milliseconds since 1970-01-01T00:00:00Z; it may go back, the times of jobs do
    ///     not.
    public init(
        store: Store, journal: Journal?, clock: @escaping @Sendable () -> Int64,
        limits: WriterLimits = WriterLimits()
    ) {
        self.store = store
        core = WriterCore(store, journal, clock, limits)
    }

    /// Starts both threads. From now on the store is changed by this writer alone.
    public func start() { core.start() }

    /// Takes no more jobs, finishes those that were taken, syncs the journal, ends both threads.
    /// Not from a job.
    public func stop() { core.stop() }

    /// Puts a job into the queue.
    ///
    /// - Returns: false when too many jobs wait already, or the writer is not running; then the
    ///   job is not taken.
    public func submit(_ job: any WriteJob) -> Bool { core.submit(job) == nil }

    /// Runs `body` as a job and waits for its end; for tools and tests, on any thread but those
    /// of the writer.
    ///
    /// - Throws: ``StorageFailure`` when nothing of it remains; what `body` throws otherwise, after
    ///   what it saw is durable.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (WriteGroup) throws -> Result
    ) throws -> Result {
        let job = BlockingJob(body)
        if let refusal = core.submit(job) { throw refusal }
        return try job.wait()
    }

    /// Whether writes are to be expected to succeed; for health checks.
    public var state: WriterState { core.state }

    /// What has been counted since the start; from any thread.
    public var figures: CommitFigures { core.counters.figures(with: core.journal?.counters) }

    /// Where the journal ends; nil without one.
    public var journalEnd: JournalEnd? { core.journal?.end }

    /// The switch to another journal.
    public struct Rotation {
        /// The version that the old journals lead to, pinned by the caller's reader.
        public let view: VersionView
        /// Where the old journals end: the new one follows this record.
        public let previous: JournalEnd
        /// Where the journal of the new generation begins.
        public let end: JournalEnd
    }

    /// Makes the journal of the next generation and goes on in it; pins the version that lies
    /// exactly between the two. Waits for the group that is being written; jobs go on meanwhile.
    ///
    /// Without a journal, only pins. Not from a thread of the writer; before ``start()`` and after
    /// ``stop()`` too.
    /// - Parameter reader: without a pin.
    /// - Throws: when the new file could not be made; then the old journal goes on, or the writer
    ///   is unavailable.
    public func rotate(pinning reader: Reader) throws(StorageFailure) -> Rotation {
        try core.rotate(pinning: reader)
    }
}

/// A job that a thread waits for.
// Safe: all state is touched inside the waiting room.
@safe
private final class BlockingJob<Value: Sendable>: WriteJob, @unchecked Sendable {
    private let body: @Sendable (WriteGroup) throws -> Value
    private let room = WaitingRoom(places: 1)
    private var value: Result<Value, any Error>?
    private var end: Result<UInt64, StorageFailure>?

    init(_ body: @escaping @Sendable (WriteGroup) throws -> Value) {
        self.body = body
    }

    func run(_ group: WriteGroup) {
        let result = Result { try body(group) }
        room.inside { value = result }
    }

    func finish(_ result: Result<UInt64, StorageFailure>) {
        room.inside { end = result }
        room.callOne(at: 0)
    }

    func wait() throws -> Value {
        room.enter()
        while end == nil { room.wait(at: 0) }
        let (value, end) = (value, end)
        room.leave()
        if case .failure(let failure) = end { throw failure }
        guard let value else { throw StorageFailure.unavailable("the job was not run") }
        return try value.get()
    }
}
