import Foundation
import Glibc
import JSON
import Testing

@testable import TesseraServer

/// Commands on a data directory, with a server on it and without one.
struct ControlTests {
    private let folder: DataFolder

    init() throws {
        folder = try DataFolder()
        try folder.write(
            "purses.ndjson",
            (1...600).map { "{\"id\":\"prs_\($0)\",\"balance\":\($0)}\n" }.joined())
        try folder.write(
            "entries.csv", "id,purse,delta,note\na,prs_1,5,\"x, \"\"y\"\"\"\nb,2,-3,\n")
    }

    private func importAll() {
        #expect(
            folder.tessera("import", "purses", folder.path + "/purses.ndjson").output
                == "purses: 600 rows are in\n")
        #expect(
            folder.tessera("import", "entries", folder.path + "/entries.csv").output
                == "entries: 2 rows are in\n")
    }

    private static let count = "{ purses { totalCount } entries { totalCount } }"
    private static let answer =
        #"{"data":{"purses":{"totalCount":600},"entries":{"totalCount":2}}}"# + "\n"

    @Test(arguments: [false, true])
    func `files are added, resumed, queried and written out`(_ isRunning: Bool) throws {
        let server = isRunning ? try ServerProcess(folder) : nil
        importAll()
        #expect(folder.tessera("query", ControlTests.count).output == ControlTests.answer)
        let again = folder.tessera("import", "purses", folder.path + "/purses.ndjson")
        #expect(again.exitCode == .failure)
        #expect(again.output.hasPrefix("purses: 0 rows are in, 600 refused, see "))
        #expect(
            folder.tessera(
                "import", "purses", folder.path + "/purses.ndjson", "--resume"
            ).output == "purses: 0 rows are in, 600 were there already\n")

        // Everything that is written out can be loaded again, and gives the same.
        for format in ["ndjson", "csv"] {
            let out = folder.path + "/out-\(format)"
            let result = folder.tessera("export", "--format", format, "--out", out)
            #expect(result.errors == "purses: 600 rows\nentries: 2 rows\n")
            #expect(folder.names("out-\(format)") == ["entries.\(format)", "purses.\(format)"])
            let copy = folder.path + "/copy-\(format)"
            #expect(folder.tessera("import", out, data: copy).exitCode == .success)
            for table in ["purses", "entries"] {
                let first = folder.tessera("export", table)
                #expect(first.exitCode == .success && !first.output.isEmpty)
                #expect(folder.tessera("export", table, data: copy) == first)
            }
        }
        #expect(server?.terminate() ?? 0 == 0)
        #expect(folder.tessera("store", "check").exitCode == .success)
    }

    @Test(arguments: [false, true])
    func `a backup can be restored, as it is or as of a moment`(_ isRunning: Bool) throws {
        let server = isRunning ? try ServerProcess(folder) : nil
        importAll()
        #expect(folder.tessera("snapshot").output.hasPrefix("snapshot 2: "))
        #expect(
            folder.tessera("import", "entries", folder.path + "/entries.csv").exitCode == .failure)
        let backup = folder.path + "/backup"
        #expect(folder.tessera("backup", backup).output.hasPrefix("backup in \(backup), in "))
        let restored = folder.path + "/restored"
        let result = tessera(["restore", backup, "--data", restored])
        #expect(result.exitCode == .success, "\(result)")
        #expect(
            folder.tessera("query", ControlTests.count, data: restored).output
                == ControlTests.answer)
        let early = tessera([
            "restore", backup, "--at", "2000-01-01T00:00:00Z", "--data", folder.path + "/early",
        ])
        #expect(early.exitCode == .usage && early.errors.contains("2000-01-01"))
        // A folder with anything in it is left alone.
        let second = folder.tessera("backup", backup)
        #expect(second.exitCode == .usage, "\(second)")
        #expect(server?.terminate() ?? 0 == 0)
        let verified = tessera(["journal", "verify", "--data", backup])
        #expect(verified.exitCode == .success, "\(verified)")
    }

    @Test func `a journal is shown record by record`() throws {
        importAll()
        let result = tessera(["journal", "dump", "--data", folder.data])
        #expect(result.exitCode == .success)
        let records = try result.output.split(separator: "\n").map {
            try JSONValue(parsing: Array($0.utf8))
        }
        #expect(records.count == 4)
        #expect(records.map { $0["sequence"]?.int64 } == [2, 3, 4, 5])
    }

    @Test func `commands without a data directory say so`() throws {
        for words in [["snapshot"], ["backup", "x"], ["query", "{a}"], ["export", "purses"]] {
            let result = tessera(
                words + ["--schema", folder.path + "/schema", "--data", folder.path + "/none"])
            #expect(result.exitCode == .data, "\(words): \(result)")
            #expect(result.errors.hasPrefix("tessera: \(folder.path)/none cannot be opened: "))
        }
        let result = tessera(["snapshot", "--schema", folder.path + "/schema"])
        #expect(result.exitCode == .usage && result.errors.contains("snapshot needs --data DIR"))
    }

    @Test func `a row that a client has deleted does not come back`() throws {
        let server = try ServerProcess(folder)
        try folder.write("more.csv", "id,balance\nprs_a,1\nprs_b,2\n")
        let file = folder.path + "/more.csv"
        #expect(folder.tessera("import", "purses", file).output == "purses: 2 rows are in\n")
        _ = try server.data(#"mutation { deletePurse(input: { id: "prs_a" }) { deletedId } }"#)
        #expect(
            folder.tessera("import", "purses", file, "--resume").output
                == "purses: 0 rows are in, 2 were there already\n")
        #expect(folder.tessera("import", "purses", file).exitCode == .failure)
        #expect(try server.data("{ purses { totalCount } }").contains(#""totalCount":1"#))
        #expect(
            folder.read("more.csv.errors.ndjson")?.hasPrefix(
                #"{"line":2,"reason":"id: \"prs_a\" was a deleted row's; ids are not given out"#)
                == true)
    }

    @Test func `a query changes nothing`() throws {
        importAll()
        let result = folder.tessera("query", create("prs_900"))
        #expect(result.exitCode == .answeredWithErrors)
        #expect(folder.tessera("query", ControlTests.count).output == ControlTests.answer)
    }

    @Test func `the protocol's lines are what they were before`() throws {
        let requests: [ControlRequest] = [
            .snapshot, .backup(path: "/a b"),
            .importTable(ImportOrder(table: "t", file: "/f\n", resumes: true)),
            .export(ExportOrder(tables: ["a", "b"], format: .csv)), .query(Array("{\"q\":1}".utf8)),
            .table(TableOrder(request: [0x7B, 0x7D], format: .csv, explode: "a", excel: true)),
            .table(TableOrder(request: [0x7B, 0x7D], format: .ndjson)),
        ]
        for request in requests {
            #expect(ControlRequest(Array(request.json.description.utf8)) == request)
        }
        let replies: [ControlReply] = [
            .progress(ImportReportLine(table: "t", lines: 5, rows: 4)), .table("t", rows: 3),
            .table("t", rows: nil), .bytes(9),
            .done(["a": 1]), .error(CommandError(.data, "m", hint: "h")),
            .error(CommandError(.failure, "m")),
        ]
        for reply in replies {
            #expect(ControlReply(Array(reply.json.description.utf8)) == reply)
        }
        for line in [
            "", "{}", "[]", "{\"command\":\"stop\"}", "{\"command\":\"backup\",\"path\":\"a\"}",
            "{\"command\":\"import\",\"table\":\"t\"}",
        ] {
            #expect(ControlRequest(Array(line.utf8)) == nil)
        }
    }

    @Test func `a strange request gets an error and harms nobody`() throws {
        let server = try ServerProcess(folder)
        for text in ["\n", "{}\n", "{\"command\":\"x\"}\n", String(repeating: "x", count: 3 << 20)]
        {
            let socket = try LocalSocket.connect(directory: folder.data)
            _ = Result { try socket.send(Array(text.utf8)) }
            guard text.count < 1 << 20 else { continue }
            let line = try LineReader(socket).readLine(byteCountMax: 1 << 16)
            guard case .error(let error)? = ControlReply(line) else {
                Issue.record("\(String(decoding: line, as: UTF8.self))")
                continue
            }
            #expect(error.exitCode == .usage)
        }
        #expect(folder.tessera("query", "{ __typename }").output == Audit.typeName + "\n")
        #expect(server.terminate() == 0)
    }
}
