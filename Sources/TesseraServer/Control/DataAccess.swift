import Engine
import JSON
import Store

/// What can be done with a data directory, by the process that has it open or by way of the server
/// that has.
protocol DataAccess: AnyObject {
    func snapshot() throws(CommandError) -> SnapshotOutcome

    /// Throws when a key for this bearer makes no sense: its role, or one of its ids, is not there.
    func checkKey(_ viewer: Viewer) throws(CommandError)

    /// - Parameter path: an absolute path where nothing is yet, or an empty directory.
    func backup(to path: String) throws(CommandError) -> BackupOutcome

    /// Adds the lines of a file to a table, in many transactions: what was acknowledged stays, even
    /// if the import breaks off.
    ///
    /// - Parameter onProgress: called after each transaction that is durable.
    func importTable(
        _ order: ImportOrder, onProgress: (ImportReportLine) throws(CommandError) -> Void
    ) throws(CommandError) -> ImportOutcome

    /// Writes tables out, all as of one moment.
    ///
    /// - Parameters:
    ///   - begin: called with the name of each table and the number of its rows, before its bytes.
    ///   - write: takes the bytes.
    func export(
        _ order: ExportOrder, begin: (String, Int?) throws(CommandError) -> Void,
        write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> ExportOutcome

    /// Answers a GraphQL request that only reads.
    ///
    /// - Parameter body: the JSON body of a POST.
    func query(_ body: [UInt8]) throws(CommandError) -> [UInt8]

    /// Answers a GraphQL request that only reads as a table.
    ///
    /// - Parameter write: takes the bytes.
    func table(
        _ order: TableOrder, write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> TableOutcome
}

/// What a snapshot holds.
struct SnapshotOutcome: Equatable, Sendable {
    let generation: Int
    let rows: Int
    let byteCount: Int
    let milliseconds: Int

    var json: JSONValue {
        [
            "generation": .integer(Int64(generation)), "rows": .integer(Int64(rows)),
            "bytes": .integer(Int64(byteCount)), "milliseconds": .integer(Int64(milliseconds)),
        ]
    }

    init(generation: Int, rows: Int, byteCount: Int, milliseconds: Int) {
        self.generation = generation
        self.rows = rows
        self.byteCount = byteCount
        self.milliseconds = milliseconds
    }

    init(_ report: SnapshotReport) {
        self.init(
            generation: Int(report.generation), rows: report.rows, byteCount: report.bytes,
            milliseconds: report.milliseconds)
    }

    init?(_ json: JSONValue) {
        guard let generation = json["generation"]?.int64, let rows = json["rows"]?.int64,
            let byteCount = json["bytes"]?.int64, let milliseconds = json["milliseconds"]?.int64
        else { return nil }
        self.init(
            generation: Int(generation), rows: Int(rows), byteCount: Int(byteCount),
            milliseconds: Int(milliseconds))
    }

    /// `snapshot 3: 64 210 rows, 5.1 MB in 0.2 s`
    var line: String {
        "snapshot \(generation): \(grouped(rows)) rows, \(megabytes(byteCount)) in "
            + seconds(milliseconds)
    }
}

/// Where a backup lies.
struct BackupOutcome: Equatable, Sendable {
    let path: String
    let milliseconds: Int

    var json: JSONValue {
        ["path": .string(path), "milliseconds": .integer(Int64(milliseconds))]
    }

    init(path: String, milliseconds: Int) {
        self.path = path
        self.milliseconds = milliseconds
    }

    init?(_ json: JSONValue) {
        guard let path = json["path"]?.string, let milliseconds = json["milliseconds"]?.int64
        else { return nil }
        self.init(path: path, milliseconds: Int(milliseconds))
    }

    var line: String { "backup in \(path), in \(seconds(milliseconds))" }
}

/// What became of the lines of one file.
struct ImportOutcome: Equatable, Sendable {
    let table: String
    let rows: Int
    /// Lines that were passed over because their row was there already.
    let present: Int
    let refused: Int
    let firstRefusal: ImportRefusal?
    let errorFile: String?

    init(_ summary: TableImportSummary) {
        table = summary.table.name
        rows = summary.table.rows
        present = summary.present
        refused = summary.table.refused
        firstRefusal = summary.table.firstRefusal
        errorFile = summary.table.errorFile
    }

    init?(_ json: JSONValue) {
        guard let table = json["table"]?.string, let rows = json["rows"]?.int64,
            let present = json["present"]?.int64, let refused = json["refused"]?.int64
        else { return nil }
        self.table = table
        self.rows = Int(rows)
        self.present = Int(present)
        self.refused = Int(refused)
        errorFile = json["errorFile"]?.string
        if let first = json["firstRefusal"], let line = first["line"]?.int64,
            let reason = first["reason"]?.string
        {
            firstRefusal = ImportRefusal(line: Int(line), reason: reason)
        } else {
            firstRefusal = nil
        }
    }

    var json: JSONValue {
        let first: JSONValue? = firstRefusal.map {
            ["line": .integer(Int64($0.line)), "reason": .string($0.reason)]
        }
        return [
            "table": .string(table), "rows": .integer(Int64(rows)),
            "present": .integer(Int64(present)), "refused": .integer(Int64(refused)),
            "firstRefusal": first ?? .null,
            "errorFile": errorFile.map { .string($0) } ?? .null,
        ]
    }

    /// What was done, and why not all.
    var lines: [String] {
        var line = "\(table): \(grouped(rows)) rows are in"
        if present > 0 { line += ", \(grouped(present)) were there already" }
        guard let firstRefusal else { return [line] }
        let place = errorFile ?? "nowhere: the file of refused lines cannot be written"
        return [
            line + ", \(grouped(refused)) refused, see \(place)",
            "  the first, line \(firstRefusal.line): \(firstRefusal.reason)",
        ]
    }
}

/// How many rows each table gave.
struct ExportOutcome: Equatable, Sendable {
    struct Table: Equatable, Sendable {
        let name: String
        let rows: Int
    }

    let tables: [Table]

    init(tables: [Table]) {
        self.tables = tables
    }

    init?(_ json: JSONValue) {
        guard let tables = json["tables"]?.elements else { return nil }
        self.tables = tables.compactMap { table in
            guard let name = table["name"]?.string, let rows = table["rows"]?.int64 else {
                return nil
            }
            return Table(name: name, rows: Int(rows))
        }
    }

    var json: JSONValue {
        [
            "tables": .array(
                tables.map { ["name": .string($0.name), "rows": .integer(Int64($0.rows))] })
        ]
    }

    var rows: Int { tables.reduce(0) { $0 + $1.rows } }
}

/// `1.5 s`
func seconds(_ milliseconds: Int) -> String {
    let tenths = (milliseconds + 50) / 100
    return "\(tenths / 10).\(tenths % 10) s"
}

/// `5.1 MB`
func megabytes(_ byteCount: Int) -> String {
    let tenths = (byteCount + 50_000) / 100_000
    return "\(grouped(tenths / 10)).\(tenths % 10) MB"
}
