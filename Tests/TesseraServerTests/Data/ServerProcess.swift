import Foundation
import JSON
import Testing

@testable import TesseraServer

/// A folder with a schema, for one test, removed with this object.
final class DataFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tessera-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path + "/schema", withIntermediateDirectories: true)
        try write("schema/club.graphql", DataFolder.schema)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Where the data goes.
    var data: String { path + "/data" }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: path + "/" + name).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? [])
            .sorted()
    }

    /// Runs a command in this process, on this folder's schema and data.
    func tessera(_ words: String..., data: String? = nil) -> CommandResult {
        TesseraServerTests.tessera(
            words + ["--schema", path + "/schema", "--data", data ?? self.data])
    }

    static let schema = """
        type Purse @table(idPrefix: "prs", plural: "purses", write: [CREATE, UPDATE, DELETE]) {
          balance: Int! @default(value: 0)
          entries: [Entry!]! @relation(inverse: "purse")
        }
        type Entry @table(idPrefix: "ent", plural: "entries", appendOnly: true, write: [CREATE]) {
          purse: Purse!
          delta: Int!
          note: String
        }
        """
}

/// The program in a process of its own, with a server on a port that the system chose.
final class ServerProcess {
    struct Broken: Error {
        let problem: String
    }

    private let process = Process()
    private let errorFile: String
    let port: UInt16
    /// That of the listener for operators, which `--admin-listen` asks for.
    let adminPort: UInt16?

    /// - Parameters:
    ///   - flags: beside those that name schema, data and port.
    ///   - limits: a line of shell before the program, such as `ulimit -f 8`.
    init(_ folder: DataFolder, _ flags: [String] = [], limits: String = ":") throws {
        errorFile = folder.path + "/errors-\(UUID().uuidString)"
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", "\(limits); exec \"$0\" \"$@\"", try ServerProcess.binary(), "serve",
            "--schema", folder.path + "/schema", "--data", folder.data, "--listen", "127.0.0.1:0",
        ]
        process.arguments? += flags
        if !flags.contains("--admin-listen") { process.arguments? += ["--admin-listen", "off"] }
        process.environment = ProcessInfo.processInfo.environment.merging([
            "SWIFT_BACKTRACE": "enable=no"
        ]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try Data().write(to: URL(fileURLWithPath: errorFile))
        process.standardError = FileHandle(forWritingAtPath: errorFile)
        try process.run()
        var text = ""
        while !text.contains("Ctrl-C stops.") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty {
                process.waitUntilExit()
                throw Broken(
                    problem: "exit \(process.terminationStatus): "
                        + (try String(contentsOfFile: errorFile, encoding: .utf8)))
            }
            text += String(decoding: data, as: UTF8.self)
        }
        let address = text.firstRange(of: "http://127.0.0.1:").map { text[$0.upperBound...] }
        guard let port = address.flatMap({ UInt16($0.prefix { $0.isNumber }) }) else {
            throw Broken(problem: text)
        }
        self.port = port
        adminPort = text.firstRange(of: "Metrics   http://127.0.0.1:").flatMap { range in
            UInt16(text[range.upperBound...].prefix { $0.isNumber })
        }
    }

    deinit {
        if process.isRunning { kill() }
    }

    /// The program that this build has made.
    static func binary() throws -> String {
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            let folder = argument.split(
                separator: "/", omittingEmptySubsequences: false
            ).prefix { !$0.hasSuffix(".xctest") }
            let path = folder.joined(separator: "/") + "/tessera"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Broken(problem: "the program is not beside \(CommandLine.arguments)")
    }

    func ask(_ query: String, headers: String = "", accept: String = response) throws -> Answer {
        let body = JSONValue.object([JSONValue.Member("query", .string(query))]).description
        let client = try Client(port: port)
        client.send(post(body, accept: accept, headers: headers))
        return try client.read()
    }

    func get(_ path: String) throws -> Answer {
        let client = try Client(port: port)
        client.send(TesseraServerTests.get("", path: path))
        return try client.read()
    }

    /// What operators are shown.
    func adminPage(_ path: String) throws -> String {
        guard let adminPort else { throw Broken(problem: "there is no listener for operators") }
        let client = try Client(port: adminPort)
        client.send(TesseraServerTests.get("", path: path))
        return try client.read().body
    }

    /// The body of an answer with status 200.
    func data(_ query: String) throws -> String {
        let answer = try ask(query)
        try #require(answer.status == "200 OK", "\(answer)")
        return answer.body
    }

    var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) {
        Foundation.kill(process.processIdentifier, number)
    }

    /// As when the power goes, but that the system keeps what it has.
    func kill() {
        signal(SIGKILL)
        process.waitUntilExit()
    }

    /// The exit code after SIGTERM.
    func terminate() -> Int32 {
        signal(SIGTERM)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Waits until something holds that nobody tells of.
    func wait(until isSo: () throws -> Bool) throws {
        for _ in 0..<2_000 {
            if try isSo() { return }
            usleep(10_000)
        }
        throw Broken(problem: "it did not come to pass; \(errors)")
    }
}

/// A purse with that id.
func create(_ id: String, balance: Int = 0) -> String {
    """
    mutation { createPurse(input: { id: "\(id)", balance: \(balance) }) \
    { purse { id balance } userErrors { code } } }
    """
}

let purses = "{ purses { totalCount nodes { id balance version } } }"
