import Engine
import Glibc
import Store

/// Opens a data directory for this process, and makes it when there is none.
///
/// - Returns: it, with its writer started, and lines on what was found in it.
func openDirectory(
    _ options: DataOptions, _ model: Model, _ clock: @escaping @Sendable () -> Int64
) throws(CommandError) -> (DataDirectory, [String]) {
    let disk = try openDisk(options.path, create: true)
    do throws(DirectoryError) {
        let directory = try DataDirectory.open(
            disk, definition: model.storeDefinition, shardCount: options.shardCount,
            codec: ModelFileCodec(model), options: options.openOptions(clock))
        return (directory, directory.report.lines.map { "  \($0)" })
    } catch {
        throw commandError(error, options.path)
    }
}

/// Makes a data directory with the rows of files, unless there is one already.
///
/// - Parameter load: fills a store that lives in memory.
/// - Returns: whether the directory was made.
func createDirectory(
    _ options: DataOptions, _ model: Model, _ clock: @Sendable () -> Int64,
    _ load: (Dataset) throws(CommandError) -> Void
) throws(CommandError) -> Bool {
    let disk = try openDisk(options.path, create: true)
    guard try isUnused(disk, options.path) else { return false }
    let dataset = Dataset(model: model, shardCount: options.shardCount)
    try load(dataset)
    do throws(DirectoryError) {
        try DataDirectory.create(
            disk, holding: dataset.store, codec: ModelFileCodec(model), now: clock())
    } catch {
        throw commandError(error, options.path)
    }
    return true
}

/// Whether nothing lies in a folder but the lock of an earlier process, and access keys.
private func isUnused(_ disk: SystemDisk, _ path: String) throws(CommandError) -> Bool {
    do throws(DiskError) {
        return try disk.list("").allSatisfy {
            ["LOCK", LocalSocket.name, KeyFile.name].contains($0)
        }
    } catch {
        throw commandError(.disk(error), path)
    }
}

/// The folder as the store's disk.
func openDisk(_ path: String, create: Bool) throws(CommandError) -> SystemDisk {
    do throws(DiskError) {
        return try SystemDisk(path: path, create: create)
    } catch {
        throw CommandError(
            .data, "\(path) cannot be opened: \(unsafe String(cString: strerror(error.code)))",
            hint: create
                ? "it must be a folder that this user may write to, in a folder that exists"
                : "it must be a data directory that this user may read")
    }
}

/// Runs `body` on a data directory: by way of the server that has it open, or by opening it.
///
/// - Parameter mayCreate: whether a directory that is not there is made.
func withDataAccess<Result>(
    _ invocation: Invocation, mayCreate: Bool = false,
    _ body: (any DataAccess) throws(CommandError) -> Result
) throws(CommandError) -> Result {
    guard let options = try DataOptions(invocation) else {
        throw .usage(
            "\(invocation.command.name) needs --data DIR",
            hint: "as in \"\(invocation.command.examples[0])\"")
    }
    if let client = ControlClient(directory: options.path) { return try body(client) }
    if !mayCreate { _ = try openDisk(options.path, create: false) }
    let clock = makeClock(fixed: invocation.time("clock"))
    let model = try Dataset.model(invocation)
    let (directory, _) = try openDirectory(options, model, clock)
    let data = ServedData(model, directory, path: options.path)
    let context = EngineContext(model: model, store: data.store, clock: clock)
    let outcome: Result
    do throws(CommandError) {
        outcome = try body(DataService(directory, path: options.path, context, clock: clock))
    } catch {
        _ = Swift.Result { () throws(CommandError) in try data.close(hasTime: false) }
        throw error
    }
    try data.close(hasTime: false)
    return outcome
}

/// What is wrong with a data directory, and what to do.
func commandError(_ error: DirectoryError, _ path: String) -> CommandError {
    let text = "\(error)"
    let parts = text.split(separator: "; ", maxSplits: 1).map(String.init)
    let hint = parts.count > 1 ? parts[1] : nil
    switch error {
    case .inUse:
        return CommandError(
            .data, "\(path): the data directory is in use by another process",
            hint: "stop that process, or send it commands: snapshot, backup, import, export and "
                + "query with the same --data go to a server that runs")
    case .disk(let error):
        return CommandError(.data, "\(path): \(error)", hint: advice(on: error))
    case .damaged, .journal, .missing, .unknownFile:
        return CommandError(.data, "\(path): \(parts[0])", hint: hint)
    case .schema, .duplicates, .notEmpty, .empty, .tooEarly:
        return CommandError(.usage, "\(path): \(parts[0])", hint: hint)
    case .storage, .noThread: return CommandError(.failure, "\(path): \(parts[0])", hint: hint)
    }
}

/// What to do about a disk that does not do what it is asked for; nil when nobody knows.
private func advice(on error: DiskError) -> String? {
    if error.isDenied {
        return "this user must be able to read and change the folder and everything in it"
    }
    if error.isFull { return "make room on the disk, and try again" }
    if DataDirectory.isReplaceable(error.name) {
        return "move that file elsewhere, and start again: a new one is made"
    }
    if error.operation == .remove || error.operation == .removeDirectory {
        return "move it elsewhere: nobody needs it"
    }
    guard error.isUnreadable else { return nil }
    return "restore a backup, or start with --recover to go on with what can be read"
}

extension DataOptions {
    /// As the store takes them.
    func openOptions(_ clock: @escaping @Sendable () -> Int64) -> OpenOptions {
        var options = OpenOptions(seed: UInt64.random(in: .min ... .max), clock: clock)
        options.recovers = recovers
        options.drops = drops
        options.syncMode = syncMode
        let path = path
        options.notice = { notice in
            Terminal.ofProcess(noColour: true).note("\(path): \(notice)")
        }
        return options
    }
}
