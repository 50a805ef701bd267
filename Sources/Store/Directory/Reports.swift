/// How a data directory is opened.
public struct OpenOptions: Sendable {
    /// Goes on where files are damaged or missing, with as much as can be saved. What is lost is
    /// in the report; what is damaged is kept under a name that begins with `damaged-`.
    public var recovers = false
    /// Leaves out tables and fields that the schema no longer has.
    public var drops = false
    public var syncMode = SyncMode.always
    /// Milliseconds since 1970-01-01T00:00:00Z, for the writer and for defaults of new fields.
    public var clock: @Sendable () -> Int64
    /// Of the store's hashes: random where clients choose keys.
    public var seed: UInt64
    public var limits = WriterLimits()
    /// Is told, in words and from any thread, what goes wrong without a caller to hear of it.
    public var notice: @Sendable (String) -> Void = { _ in }

    public init(seed: UInt64, clock: @escaping @Sendable () -> Int64) {
        self.seed = seed
        self.clock = clock
    }
}

/// What opening a data directory found and did.
public struct RecoveryReport: Sendable, Equatable {
    /// Of the snapshot that the rows came from; 0 in a directory that was empty.
    public internal(set) var generation: UInt64 = 0
    /// The last change that is there.
    public internal(set) var sequence: UInt64 = 1
    public internal(set) var snapshotRows = 0
    public internal(set) var snapshotMilliseconds = 0
    public internal(set) var recordsReplayed = 0
    public internal(set) var changesReplayed = 0
    public internal(set) var replayMilliseconds = 0
    /// What was cut off the end of the journal: a group that was never acknowledged.
    public internal(set) var cut: TornTail?
    public internal(set) var schemaChanges: [SchemaChange] = []
    /// What is kept although the schema no longer has it.
    public internal(set) var retained: [SchemaChange] = []
    /// What is not as it should be and did no harm.
    public internal(set) var remarks: [String] = []
    /// What a recovery that was asked for could not save, or did.
    public internal(set) var losses: [String] = []

    /// The report for people.
    public var lines: [String] {
        var lines: [String] = []
        if generation == 0 {
            lines.append("a new data directory")
        } else {
            lines.append(
                "\(snapshotRows) rows from snapshot \(generation) in \(snapshotMilliseconds) ms, "
                    + "\(changesReplayed) changes of \(recordsReplayed) records from the journal "
                    + "in \(replayMilliseconds) ms")
        }
        if let cut { lines.append("\(cut.text) was cut off") }
        lines += schemaChanges.map { "schema: \($0)" }
        lines += retained.filter { !schemaChanges.contains($0) }.map { "schema: \($0)" }
        lines += remarks
        lines += losses
        return lines
    }
}

/// What a snapshot took.
public struct SnapshotReport: Sendable, Equatable {
    public let generation: UInt64
    /// The last change in it.
    public let sequence: UInt64
    public let rows: Int
    /// Of all files.
    public let bytes: Int
    public let milliseconds: Int
}

/// What a look at all files of a data directory found.
public struct VerificationReport: Sendable {
    /// One line a file that is whole.
    public internal(set) var lines: [String] = []
    public internal(set) var faults: [DirectoryError] = []
}

/// Milliseconds of a monotonic clock, counted from its making.
struct Stopwatch {
    private let start = ContinuousClock.now

    var milliseconds: Int {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
