import Bytes
import Engine
import FoundationEssentials
import Glibc
import Membership
import Store

/// How long a server takes to be ready, and what its snapshots and its journal cost: on a real
/// disk, with the rows of a club.
struct StartBench {
    private let model: Model
    private let codec: ModelFileCodec
    private let dataFolder: String
    private let folder: String

    private static let roundCount = 3
    /// Changes in the journal that is replayed.
    private static let changeCount = 600_000
    private static let changesAJob = 2000

    init(schemaFolder: String, dataFolder: String, folder: String) throws {
        model = try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
        codec = ModelFileCodec(model)
        self.dataFolder = dataFolder
        self.folder = folder
    }

    func run() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeSnapshot()
        for _ in 0..<StartBench.roundCount { try measureStart() }
        try writeChanges()
        try measureStart()
    }

    /// Imports the rows and begins the directory with them.
    private func writeSnapshot() throws {
        let store = Store(model.storeDefinition, seed: 42)
        let summary = try Importer(model: model, store: store, now: Club.now)
            .load(folder: dataFolder)
        guard summary.refused == 0 else { throw BenchError("lines of \(dataFolder) were refused") }
        let report = try DataDirectory.create(
            try SystemDisk(path: folder, create: true), holding: store, codec: codec,
            now: Club.now)
        let megabytes = Double(report.bytes) / 1e6
        print(
            "snapshot: \(report.rows) rows, \(Int(megabytes)) MB in \(report.milliseconds) ms, "
                + "\(Int(megabytes * 1000 / Double(max(report.milliseconds, 1)))) MB/s with syncs")
    }

    private func open() throws -> DataDirectory {
        var options = OpenOptions(seed: 42) { Club.now }
        options.syncMode = .never
        return try DataDirectory.open(
            try SystemDisk(path: folder, create: false), definition: model.storeDefinition,
            shardCount: Store.shardCountDefault, codec: codec, options: options)
    }

    private func measureStart() throws {
        resetPeak()
        let before = memory("VmRSS")
        let start = nanoseconds(CLOCK_MONOTONIC)
        let directory = try open()
        let milliseconds = (nanoseconds(CLOCK_MONOTONIC) - start) / 1_000_000
        let report = directory.report
        print(
            "start: ready in \(milliseconds) ms: \(report.snapshotRows) rows in "
                + "\(report.snapshotMilliseconds) ms, \(report.changesReplayed) changes in "
                + "\(report.replayMilliseconds) ms"
                + (report.replayMilliseconds > 0
                    ? ", \(report.changesReplayed * 1000 / report.replayMilliseconds)/s" : "")
                + "; memory +\((memory("VmRSS") - before) / 1024) MB, at the peak "
                + "+\((memory("VmHWM") - before) / 1024) MB")
        try directory.close(snapshot: false)
    }

    /// Gives members other cities, a transaction each.
    private func writeChanges() throws {
        let directory = try open()
        guard let table = model.table(named: "Member"),
            let column = model.storeDefinition.tables[table.id.index].columns.firstIndex(where: {
                $0.name == "city"
            })
        else { throw BenchError("the schema has no Member.city") }
        let id = table.id
        let store = directory.store
        var random = SeededRandom(seed: 3)
        let start = nanoseconds(CLOCK_MONOTONIC)
        for _ in 0..<StartBench.changeCount / StartBench.changesAJob {
            let seed = random.next()
            try directory.writer.write { group in
                var random = SeededRandom(seed: seed)
                let row = store.makeRowBuilder(id)
                let shardCount = group.view.table(id).shardCount
                for _ in 0..<StartBench.changesAJob {
                    let shard = random.below(shardCount)
                    let pageCount = group.view.table(id).pageCount(shard: shard)
                    guard
                        let page = group.view.table(id).page(
                            shard: shard, number: random.below(pageCount)), page.live != 0
                    else { continue }
                    let ref = page.ref(lane: page.live.trailingZeroBitCount)
                    row.reset()
                    row.set(column, text: "City \(random.below(100_000))")
                    try group.transaction { transaction in
                        try transaction.update(id, ref, changes: row, raisesVersion: true)
                    }
                }
            }
        }
        let milliseconds = (nanoseconds(CLOCK_MONOTONIC) - start) / 1_000_000
        print("changes: \(StartBench.changeCount) transactions in \(milliseconds) ms")
        try directory.close(snapshot: false)
    }

    // MARK: Memory

    /// Kilobytes, as the system counts them.
    private func memory(_ field: String) -> Int {
        let text = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(field + ":") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private func resetPeak() {
        let descriptor = unsafe Glibc.open("/proc/self/clear_refs", O_WRONLY)
        guard descriptor >= 0 else { return }
        _ = unsafe Glibc.write(descriptor, "5", 1)
        Glibc.close(descriptor)
    }
}
