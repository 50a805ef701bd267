import Store

/// Where a server keeps its data, and how.
struct DataOptions {
    /// The folder of `--data`.
    let path: String
    let syncMode: SyncMode
    /// Time between two snapshots.
    let snapshotEvery: Duration
    /// Bytes of a journal after which there is a snapshot, whatever the time.
    let snapshotJournalBytes: Int
    let shardCount: Int
    /// Whether damage may be passed over.
    let recovers: Bool
    /// Whether columns and tables that the schema no longer has are given up.
    let drops: Bool

    static let pathFlag = Flag(
        "data", .path, "DIR", help: "the data directory; made when it is not there")

    /// The flags of `serve`, beside those that say what is served and how.
    static let flags = [
        pathFlag,
        Flag(
            "fsync", .syncMode, "WHEN", default: "always",
            help: "when changes are on the disk: always (before they are acknowledged), "
                + "interval:5ms (within that time after), or never (when the system likes)"),
        Flag(
            "snapshot-every", .duration, "TIME", default: "5m", help: "time between two snapshots"),
        Flag(
            "snapshot-journal", .byteCount, "SIZE", default: "64MB",
            help: "size of the journal after which there is a snapshot before its time"),
        shardsFlag,
        recoverFlag,
        Flag(
            "drop", .toggle,
            help: "give up fields and tables of the data directory that the schema no longer has"),
    ]

    static let shardsFlag = Flag(
        "shards", .count, "N", default: "16",
        help: "parts that rows are spread over, for a new data directory")

    static let recoverFlag = Flag(
        "recover", .toggle, help: "start in spite of damage, with what can be read")

    /// Nil without `--data`.
    init?(_ invocation: Invocation) throws(CommandError) {
        guard let path = invocation.text("data") else { return nil }
        self.path = path
        syncMode = invocation.syncMode("fsync") ?? .always
        snapshotEvery = invocation.duration("snapshot-every") ?? .seconds(300)
        snapshotJournalBytes = invocation.byteCount("snapshot-journal") ?? 64_000_000
        shardCount = try DataOptions.shardCount(invocation)
        recovers = invocation.isOn("recover")
        drops = invocation.isOn("drop")
    }

    /// A power of two, as the store wants it.
    static func shardCount(_ invocation: Invocation) throws(CommandError) -> Int {
        let count = invocation.count("shards") ?? Store.shardCountDefault
        guard count <= 64, count & (count - 1) == 0 else {
            throw .usage("--shards cannot be \(count)", hint: "it takes 1, 2, 4, 8, 16, 32 or 64")
        }
        return count
    }
}
