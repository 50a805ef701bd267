import Engine
import Glibc

let exportCommand = Command(
    name: "export",
    purpose: "write tables of a data directory as files that can be imported again",
    arguments: [
        Command.Argument(
            "TABLE", isRequired: false, help: "a table's list field; by default all tables")
    ],
    flags: [
        DataOptions.pathFlag,
        Flag(
            "format", .choice(["ndjson", "csv"]), "FORMAT", default: "ndjson",
            help: "ndjson (one object a line) or csv"),
        Flag(
            "out", .path, "FILE",
            help: "where to: a file, or for all tables a folder; by default standard output"),
        Dataset.schemaFlag,
    ],
    examples: [
        "tessera export members --data club-data --format csv --out members.csv",
        "tessera export --data club-data --out club-files",
        "tessera export pointsEntries --data club-data > points.ndjson",
    ],
    run: { invocation, terminal throws(CommandError) in
        let table = invocation.arguments.first
        let format = invocation.text("format").flatMap(Exporter.Format.init) ?? .ndjson
        let order = ExportOrder(tables: table.map { [$0] } ?? [], format: format)
        let out = invocation.text("out")
        guard table != nil || out != nil else {
            throw .usage(
                "all tables together need a folder", hint: "name it with --out, or name one table")
        }
        let files = ExportFiles(
            out.map { table == nil ? .folder($0, format) : .file($0) } ?? .output(terminal))
        let outcome = try withDataAccess(invocation) { access throws(CommandError) in
            try unsafe access.export(order) { name throws(CommandError) in
                try files.begin(name)
            } write: { bytes throws(CommandError) in
                try unsafe files.write(bytes)
            }
        }
        try files.finish()
        for table in outcome.tables { terminal.note("\(table.name): \(grouped(table.rows)) rows") }
        return .success
    })

/// Where the bytes of an export go. A file bears its name only once it is whole.
private final class ExportFiles {
    enum Target {
        case output(Terminal)
        case file(String)
        case folder(String, Exporter.Format)
    }

    private let target: Target
    private var path = ""
    private var descriptor: CInt = -1

    init(_ target: Target) {
        self.target = target
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unsafe unlink(path + ".part")
    }

    func begin(_ table: String) throws(CommandError) {
        try finish()
        switch target {
        case .output: return
        case .file(let name): path = name
        case .folder(let folder, let format):
            guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw ExportFiles.problem(folder)
            }
            path = "\(folder)/\(table).\(format.rawValue)"
        }
        descriptor = unsafe open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ExportFiles.problem(path) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CommandError) {
        if case .output(let terminal) = target {
            return terminal.write(bytes: unsafe [UInt8](bytes))
        }
        guard let base = bytes.baseAddress else { return }
        var offset = 0
        while offset < bytes.count {
            let count = unsafe Glibc.write(descriptor, base + offset, bytes.count - offset)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw ExportFiles.problem(path) }
            offset += count
        }
    }

    /// Gives the file at hand its name.
    func finish() throws(CommandError) {
        guard descriptor >= 0 else { return }
        let isWhole = fsync(descriptor) == 0
        guard close(descriptor) == 0, isWhole, unsafe rename(path + ".part", path) == 0 else {
            descriptor = -1
            throw ExportFiles.problem(path)
        }
        descriptor = -1
    }

    private static func problem(_ path: String) -> CommandError {
        CommandError(
            .failure, "\(path) cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
}

/// The path as another process understands it.
func absolutePath(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(folder) }
    return unsafe String(cString: folder) + "/" + path
}
