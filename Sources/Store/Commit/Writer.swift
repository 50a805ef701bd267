import Bytes

/// Runs the jobs of all clients one after the other, and makes what they did last.
public final class Writer: Sendable {
    public let store: Store

    /// - Parameters:
    ///   - journal: nil for a store that lives in memory only.
    ///   - clock: milliseconds since 1970-01-01T00:00:00Z.
    public init(
        store: Store, journal: Journal?, clock: @escaping @Sendable () -> Int64,
        limits: WriterLimits = WriterLimits()
    ) {
        self.store = store
    }

    /// Starts both threads.
    public func start() {}

    /// Takes no more jobs, finishes those that were taken, syncs the journal, ends both threads.
    public func stop() {}

    /// - Returns: false when too many jobs wait already, or the writer is stopping; then the job
    ///   is not taken.
    public func submit(_ job: any WriteJob) -> Bool { false }

    /// Runs `body` as a job and waits for its end; for tools and tests, on any thread but those
    /// of the writer.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (WriteGroup) throws -> Result
    ) throws -> Result {
        throw StorageFailure.stopping
    }

    public var state: WriterState { .healthy }

    /// The journal that records are written to now.
    public var journalEnd: JournalEnd? { nil }

    /// The switch to another journal.
    public struct Rotation {
        /// The version that the old journals lead to, pinned by the caller's reader.
        public let view: VersionView
        /// Where the journal of the new generation begins: its records follow this version.
        public let end: JournalEnd
    }

    /// Makes the journal of the next generation and goes on in it; pins the version that lies
    /// exactly between the two. Waits for the group that is being written; jobs go on meanwhile.
    ///
    /// Without a journal, only pins. Not from a thread of the writer.
    /// - Throws: when the new file could not be made; then the old journal goes on.
    public func rotate(pinning reader: Reader) throws(StorageFailure) -> Rotation {
        throw .stopping
    }
}
