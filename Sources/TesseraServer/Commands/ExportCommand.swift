import Engine
import Glibc

let exportCommand = Command(
    name: "export",
    purpose: "write tables of a data directory as files, most of which can be imported again",
    arguments: [
        Command.Argument(
            "TABLE", isRequired: false, help: "a table's list field; by default all tables")
    ],
    flags: [
        DataOptions.pathFlag,
        Flag(
            "format", .choice(["ndjson", "csv", "json"]), "FORMAT", default: "ndjson",
            help: "ndjson (one object a line), csv, or json (one array, which import does not take)"
        ),
        Flag(
            "out", .path, "FILE",
            help: "where to: a file, or for all tables a folder; by default standard output"),
        Dataset.schemaFlag, quietFlag,
    ],
    examples: [
        "tessera export members --data club-data --format csv --out members.csv",
        "tessera export --data club-data --out club-files",
        "tessera export pointsEntries --data club-data > points.ndjson",
    ],
    run: { invocation, terminal throws(CommandError) in
        let table = invocation.arguments.first
        let format = invocation.text("format").flatMap(FileFormat.init) ?? .ndjson
        let order = ExportOrder(tables: table.map { [$0] } ?? [], format: format.written)
        let out = invocation.text("out")
        guard table != nil || out != nil else {
            throw .usage(
                "all tables together need a folder", hint: "name it with --out, or name one table")
        }
        let files = ExportFiles(
            out.map { table == nil ? .folder($0) : .file($0) } ?? .output(terminal), format)
        // Rows that are read while they come show by themselves how far it is.
        let progress = ProgressLine(
            terminal,
            isQuiet: invocation.isOn("quiet") || out == nil && terminal.isOutputTerminal)
        var part = (name: "", total: Int?.none, counter: LineCounter(hasQuotes: false))
        let outcome: ExportOutcome
        do {
            defer { progress.clear() }
            outcome = try withDataAccess(invocation) { access throws(CommandError) in
                try unsafe access.export(order) { name, rows throws(CommandError) in
                    part = (name, rows, LineCounter(hasQuotes: format == .csv))
                    try files.begin(name)
                } write: { bytes throws(CommandError) in
                    try unsafe files.write(bytes)
                    guard progress.isVisible else { return }
                    unsafe part.counter.add(bytes)
                    progress.show(
                        part.name, rows: part.counter.lineCount,
                        byteCount: part.counter.byteCount, total: part.total)
                }
            }
            try files.finish()
        }
        for table in outcome.tables { terminal.note("\(table.name): \(grouped(table.rows)) rows") }
        return .success
    })

/// How an export writes a table.
private enum FileFormat: String {
    case ndjson, csv, json

    /// What the server, or the store, writes.
    var written: Exporter.Format { self == .csv ? .csv : .ndjson }
}

/// Makes one array of JSON of lines with an object each. No line end is inside an object.
private struct ArrayFraming {
    private var hasLines = false
    private var isAtLineStart = true

    mutating func add(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 1024)
        for place in bytes.indices {
            let byte = unsafe bytes[place]
            if byte == 0x0A {
                isAtLineStart = true
                continue
            }
            if isAtLineStart {
                result += Array(hasLines ? ",\n".utf8 : "[\n".utf8)
                isAtLineStart = false
                hasLines = true
            }
            result.append(byte)
        }
        return result
    }

    /// What ends the array.
    var end: [UInt8] { Array(hasLines ? "\n]\n".utf8 : "[]\n".utf8) }
}

/// Where the bytes of an export go. A file bears its name only once it is whole.
private final class ExportFiles {
    enum Target {
        case output(Terminal)
        case file(String)
        case folder(String)
    }

    private let target: Target
    private let format: FileFormat
    /// The array of the table at hand.
    private var framing: ArrayFraming?
    private var path = ""
    private var descriptor: CInt = -1

    init(_ target: Target, _ format: FileFormat) {
        self.target = target
        self.format = format
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unsafe unlink(path + ".part")
    }

    func begin(_ table: String) throws(CommandError) {
        try finish()
        if format == .json { framing = ArrayFraming() }
        switch target {
        case .output: return
        case .file(let name): path = name
        case .folder(let folder):
            guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw ExportFiles.problem(folder)
            }
            path = "\(folder)/\(table).\(format.rawValue)"
        }
        descriptor = unsafe open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ExportFiles.problem(path) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CommandError) {
        guard let framed = unsafe framing?.add(bytes) else { return try unsafe put(bytes) }
        try put(framed)
    }

    private func put(_ bytes: [UInt8]) throws(CommandError) {
        try unsafe bytes.span.withUnsafeBytes { bytes throws(CommandError) in
            try unsafe put(bytes)
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(CommandError) {
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
        if let framing { try put(framing.end) }
        framing = nil
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
