import Foundation
import Testing

@testable import TesseraServer

/// What a server with a data directory promises, seen from outside, in processes of its own.
struct DurabilityTests {
    private let folder: DataFolder

    init() throws {
        folder = try DataFolder()
    }

    @Test func `what was acknowledged is there once after a kill`() throws {
        var server = try ServerProcess(folder)
        for number in 1...5 {
            #expect(
                try server.data(create("prs_\(number)", balance: number))
                    == #"{"data":{"createPurse":{"purse":{"id":"prs_\#(number)","#
                    + #""balance":\#(number)},"userErrors":[]}}}"#)
        }
        _ = try server.data(
            #"mutation { updatePurse(input: { id: "prs_2", set: { balance: 70 } }) "#
                + "{ purse { version } } }")
        _ = try server.data(
            #"mutation { deletePurse(input: { id: "prs_3" }) { deletedId } }"#)
        let before = try server.data(purses)
        server.kill()
        server = try ServerProcess(folder)
        #expect(try server.data(purses) == before)
        #expect(before.contains(#"{"id":"prs_2","balance":70,"version":2}"#))
        #expect(before.contains(#""totalCount":4"#))
        #expect(server.terminate() == 0)
    }

    @Test func `a read sees what was acknowledged before it began`() throws {
        let server = try ServerProcess(folder)
        let client = try Client(port: server.port)
        for number in 1...50 {
            client.send(
                post(#"{"query":"mutation { createPurse { purse { id } } }"}"#, accept: response))
            _ = try client.read()
            client.send(post(#"{"query":"{ purses { totalCount } }"}"#, accept: response))
            // The document above lacks its input: nothing was written, and that is seen, too.
            #expect(try client.read().body == #"{"data":{"purses":{"totalCount":\#(number - 1)}}}"#)
            client.send(
                post(
                    #"{"query":"mutation { createPurse(input: {}) { purse { id } } }"}"#,
                    accept: response))
            #expect(try client.read().status == "200 OK")
        }
    }

    @Test func `a second process is refused`() throws {
        let server = try ServerProcess(folder)
        let error = #expect(throws: ServerProcess.Broken.self) { try ServerProcess(folder) }
        #expect(
            error?.problem.hasPrefix(
                "exit 4: tessera: \(folder.data): the data directory is in use by another process\n"
            ) == true, "\(String(describing: error))")
        _ = try server.data(create("prs_1"))
    }

    @Test func `SIGUSR1 writes a snapshot, and a start goes on from it`() throws {
        var server = try ServerProcess(folder)
        _ = try server.data(create("prs_1", balance: 8))
        server.signal(SIGUSR1)
        try server.wait { server.errors.contains("snapshot 2: 1 rows") }
        _ = try server.data(create("prs_2", balance: 9))
        let before = try server.data(purses)
        server.kill()
        server = try ServerProcess(folder)
        #expect(try server.data(purses) == before)
        #expect(folder.names("data").contains("snapshot-0000000002"))
    }

    @Test func `SIGTERM and SIGINT end a server with 0 and lose nothing`() throws {
        for signal in [SIGTERM, SIGINT] {
            let server = try ServerProcess(folder)
            _ = try server.data(create("prs_\(signal)", balance: 8))
            server.signal(signal)
            #expect(server.terminate() == 0)
        }
        let server = try ServerProcess(folder)
        #expect(try server.data("{ purses { totalCount } }").contains("2"))
    }

    @Test func `files and sockets are their owner's alone`() throws {
        let server = try ServerProcess(folder, limits: "umask 0")
        let files = FileManager.default
        func mode(_ name: String) throws -> Int {
            let attributes = try files.attributesOfItem(atPath: folder.data + name)
            return try #require(attributes[.posixPermissions] as? Int)
        }
        #expect(try mode("") == 0o700)
        for name in folder.names("data") {
            #expect(
                try mode("/" + name) == (name.hasPrefix("snapshot-") ? 0o700 : 0o600), "\(name)")
        }
        #expect(folder.names("data").contains("control.sock"))
        #expect(server.terminate() == 0)
        #expect(!folder.names("data").contains("control.sock"))
    }

    @Test func `a full disk refuses writes, and reading goes on`() throws {
        // A file may have 64 KiB: the journal is full before long.
        let server = try ServerProcess(folder, limits: "ulimit -f 64")
        let note = String(repeating: "x", count: 4_000)
        var refused: Answer?
        var acknowledged = 0
        _ = try server.data(create("prs_1"))
        for _ in 1...100 where refused == nil {
            let answer = try server.ask(
                #"mutation { createEntry(input: { purseId: "prs_1", delta: 1, note: "\#(note)" }) "#
                    + "{ userErrors { code } } }")
            if answer.status == "200 OK" { acknowledged += 1 } else { refused = answer }
        }
        let answer = try #require(refused)
        #expect(answer.status == "507 Insufficient Storage")
        #expect(answer.body.contains(#""code":"STORAGE_FULL""#))
        #expect(
            try server.data("{ entries { totalCount } }")
                == #"{"data":{"entries":{"totalCount":\#(acknowledged)}}}"#)
        #expect(
            try server.get("/health/ready")
                == Answer(
                    "503 Service Unavailable", json,
                    "{\"status\":\"unavailable\",\"reasons\":[\"journal\"]}\n"))
        server.kill()
        let next = try ServerProcess(folder)
        #expect(
            try next.data("{ entries { totalCount } }")
                == #"{"data":{"entries":{"totalCount":\#(acknowledged)}}}"#)
    }

    @Test func `damage is refused with file, offset and advice`() throws {
        let server = try ServerProcess(folder)
        for number in 1...3 { _ = try server.data(create("prs_\(number)")) }
        server.kill()
        let path = folder.data + "/journal-0000000001.log"
        var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        bytes[bytes.count / 2] ^= 0x10
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ServerProcess.Broken.self) { try ServerProcess(folder) }
        let problem = try #require(error?.problem)
        #expect(problem.hasPrefix("exit 4: tessera: \(folder.data): journal-0000000001.log"))
        #expect(problem.contains("byte") && problem.contains("--recover"))
        let recovered = try ServerProcess(folder, ["--recover"])
        #expect(try recovered.ask(purses).status == "200 OK")
    }

    @Test func `an idempotency key counts once, across a kill, too`() throws {
        var server = try ServerProcess(folder)
        let mutation =
            "mutation { createPurse(input: { balance: 3 }) { replayed purse { id balance } } }"
        let first = try server.ask(mutation, headers: "Idempotency-Key: \"till-7-1\"\r\n").body
        server.kill()
        server = try ServerProcess(folder)
        let second = try server.ask(mutation, headers: "Idempotency-Key: till-7-1\r\n").body
        #expect(first.contains(#""replayed":false"#) && second.contains(#""replayed":true"#))
        #expect(second == first.replacing(#""replayed":false"#, with: #""replayed":true"#))
        #expect(try server.data("{ purses { totalCount } }").contains(#""totalCount":1"#))
    }
}
