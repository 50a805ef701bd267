// How commands reach the server that has a data directory open.
//
// The server listens on the socket `control.sock` in the data directory, which its owner alone can
// connect to. A connection carries one request and its reply, as lines of JSON:
//
//     → {"command":"snapshot"}
//     → {"command":"backup","path":"/backups/monday"}
//     → {"command":"import","table":"members","file":"/data/members.csv","resume":true}
//     → {"command":"export","tables":["members"],"format":"ndjson"}
//     → {"command":"reload-keys"}
//     → {"command":"key-uses"}
//     → {"command":"check-key","role":"staff","member":null,"staff":"stf_7","chapter":null}
//     → {"command":"query","request":{"query":"{ members { totalCount } }"}}
//     → {"command":"table","request":{…},"format":"csv","explode":"points","excel":true}
//
// A reply is any number of lines that tell how far it is, and one that ends it:
//
//     ← {"progress":{"table":"members","lines":25600,"rows":25599}}
//     ← {"table":"members","rows":9} the bytes that follow are this table's
//     ← {"bytes":65536}              and so many bytes behind the line's end
//     ← {"done":{…}}                 what was done; its members are those of the reports below
//     ← {"error":{"message":"…","hint":"…","exitCode":1}}
//
// Paths are absolute: the two processes may be in different folders. Members that are not known are
// ignored. A client that hangs up stops what it has asked for, at the next line.
import Engine
import JSON

/// What a client asks for.
enum ControlRequest: Equatable, Sendable {
    case snapshot
    case backup(path: String)
    case importTable(ImportOrder)
    case export(ExportOrder)
    /// The file of access keys has been changed.
    case reloadKeys
    /// When each key was last accepted.
    case keyUses
    /// Whether a key for this bearer makes sense; its name is empty.
    case checkKey(Viewer)
    /// The JSON body of a GraphQL request.
    case query([UInt8])
    case table(TableOrder)

    /// Bytes of a request's line. Reason: a document of the greatest length fits.
    static let byteCountMax = 1 << 20

    var json: JSONValue {
        switch self {
        case .snapshot: ["command": "snapshot"]
        case .reloadKeys: ["command": "reload-keys"]
        case .keyUses: ["command": "key-uses"]
        case .checkKey(let viewer):
            [
                "command": "check-key", "role": .string(viewer.role),
                "member": viewer.memberID.map { .string($0) } ?? .null,
                "staff": viewer.staffID.map { .string($0) } ?? .null,
                "chapter": viewer.chapterID.map { .string($0) } ?? .null,
            ]
        case .backup(let path): ["command": "backup", "path": .string(path)]
        case .importTable(let order):
            [
                "command": "import", "table": .string(order.table), "file": .string(order.file),
                "resume": .bool(order.resumes),
            ]
        case .export(let order):
            [
                "command": "export", "tables": .array(order.tables.map { .string($0) }),
                "format": .string(order.format.rawValue),
            ]
        case .query(let body):
            [
                "command": "query",
                "request": .string(String(decoding: body, as: UTF8.self)),
            ]
        case .table(let order):
            [
                "command": "table",
                "request": .string(String(decoding: order.request, as: UTF8.self)),
                "format": .string(order.format.rawValue),
                "explode": order.explode.map { .string($0) } ?? .null, "excel": .bool(order.excel),
            ]
        }
    }

    /// Nil when it is no request that is known.
    init?(_ line: [UInt8]) {
        guard let json = try? JSONValue(parsing: line) else { return nil }
        switch json["command"]?.string {
        case "snapshot": self = .snapshot
        case "reload-keys": self = .reloadKeys
        case "key-uses": self = .keyUses
        case "check-key":
            self = .checkKey(
                Viewer(
                    role: json["role"]?.string ?? "", name: "", memberID: json["member"]?.string,
                    staffID: json["staff"]?.string, chapterID: json["chapter"]?.string))
        case "backup":
            guard let path = json["path"]?.string, path.hasPrefix("/") else { return nil }
            self = .backup(path: path)
        case "import":
            guard let table = json["table"]?.string, let file = json["file"]?.string,
                file.hasPrefix("/")
            else { return nil }
            self = .importTable(
                ImportOrder(table: table, file: file, resumes: json["resume"]?.bool ?? false))
        case "export":
            guard let tables = json["tables"]?.elements,
                let format = json["format"]?.string.flatMap(Exporter.Format.init)
            else { return nil }
            self = .export(ExportOrder(tables: tables.compactMap(\.string), format: format))
        case "query":
            guard let request = json["request"] else { return nil }
            self = .query(Array((request.string ?? request.description).utf8))
        case "table":
            guard let request = json["request"],
                let format = json["format"]?.string.flatMap(TabularOptions.Format.init)
            else { return nil }
            self = .table(
                TableOrder(
                    request: Array((request.string ?? request.description).utf8), format: format,
                    explode: json["explode"]?.string, excel: json["excel"]?.bool ?? false))
        default: return nil
        }
    }
}

/// Lines of a file that are to be added to a table.
struct ImportOrder: Equatable, Sendable {
    let table: String
    let file: String
    /// Lines whose id is there already are passed over.
    let resumes: Bool
}

/// Tables that are to be written out, all of them when none is named.
struct ExportOrder: Equatable, Sendable {
    let tables: [String]
    let format: Exporter.Format
}

/// One line of a reply.
enum ControlReply: Equatable {
    case progress(ImportReportLine)
    /// - Parameter rows: nil when the server does not say.
    case table(String, rows: Int?)
    case bytes(Int)
    case done(JSONValue)
    case error(CommandError)

    /// Bytes of a reply's line. Reason: an answer to a query may be long, and is one member.
    static let byteCountMax = 256 << 20

    var json: JSONValue {
        switch self {
        case .progress(let progress): ["progress": progress.json]
        case .table(let name, let rows):
            rows.map { ["table": .string(name), "rows": .integer(Int64($0))] }
                ?? ["table": .string(name)]
        case .bytes(let count): ["bytes": .integer(Int64(count))]
        case .done(let report): ["done": report]
        case .error(let error):
            [
                "error": [
                    "message": .string(error.message),
                    "hint": error.hint.map { .string($0) } ?? .null,
                    "exitCode": .integer(Int64(error.exitCode.rawValue)),
                ]
            ]
        }
    }

    init?(_ line: [UInt8]) {
        guard let json = try? JSONValue(parsing: line) else { return nil }
        if let progress = json["progress"].flatMap(ImportReportLine.init) {
            self = .progress(progress)
        } else if let name = json["table"]?.string {
            self = .table(name, rows: json["rows"]?.int64.map { Int($0) })
        } else if let count = json["bytes"]?.int64 {
            self = .bytes(Int(count))
        } else if let report = json["done"] {
            self = .done(report)
        } else if let error = json["error"], let message = error["message"]?.string {
            let code = error["exitCode"]?.int64.flatMap { Int32(exactly: $0) }
            self = .error(
                CommandError(
                    code.flatMap(ExitCode.init) ?? .failure, message, hint: error["hint"]?.string))
        } else {
            return nil
        }
    }
}

/// How far an import is.
struct ImportReportLine: Equatable, Sendable {
    let table: String
    let lines: Int
    /// Rows that are in the store and durable.
    let rows: Int

    var json: JSONValue {
        [
            "table": .string(table), "lines": .integer(Int64(lines)),
            "rows": .integer(Int64(rows)),
        ]
    }

    init(table: String, lines: Int, rows: Int) {
        self.table = table
        self.lines = lines
        self.rows = rows
    }

    init?(_ json: JSONValue) {
        guard let table = json["table"]?.string, let lines = json["lines"]?.int64,
            let rows = json["rows"]?.int64
        else { return nil }
        self.init(table: table, lines: Int(lines), rows: Int(rows))
    }
}
