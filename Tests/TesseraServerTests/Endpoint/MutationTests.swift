import Engine
import Foundation
import HTTP
import Store
import Synchronization
import Testing

@testable import TesseraServer

/// A server that takes mutations, over a data directory whose disk can be told to fail.
private final class WriteServer {
    let disk: StubbornDisk
    let server: GraphQLServer
    private let directory: DataDirectory
    private let folder: DataFolder

    init(queuedJobsMax: Int = 100, memoryBytesMax: Int? = nil) throws {
        folder = try DataFolder()
        disk = StubbornDisk(try SystemDisk(path: folder.data, create: true))
        let schema = SchemaFile(path: "club.graphql", bytes: Array(DataFolder.schema.utf8))
        let model = try buildModel([schema])
        var options = OpenOptions(seed: 1) { 1_782_820_800_000 }
        options.limits.queuedJobsMax = queuedJobsMax
        directory = try DataDirectory.open(
            disk, definition: model.storeDefinition, shardCount: 2, codec: ModelFileCodec(model),
            options: options)
        let context = EngineContext(model: model, store: directory.store)
        server = GraphQLServer(
            HTTPConfiguration(loopCount: 1), context: context, rules: .audits,
            workers: WorkerPool(context: context, rules: .audits, threadCount: 1),
            writes: WriteRoad(
                writer: directory.writer, context: context, rules: .audits,
                memoryBytesMax: memoryBytesMax))
        try server.start()
    }

    deinit {
        server.stop(drain: .seconds(5))
        _ = Result { try directory.close(snapshot: false) }
    }

    func ask(_ request: String) throws -> Answer {
        let client = try Client(port: server.port)
        client.send(request)
        return try client.read()
    }

    /// A purse with that id.
    func create(_ id: String, accept: String = response, headers: String = "") throws -> Answer {
        let body =
            #"{"query":"mutation($id: ID) { createPurse(input: { id: $id }) { purse { id } } }","#
            + #""variables":{"id":"\#(id)"}}"#
        return try ask(post(body, accept: accept, headers: headers))
    }

    /// How many purses there are.
    func count() throws -> String {
        try ask(post(#"{"query":"{ purses { totalCount } }"}"#, accept: response)).body
    }
}

/// A disk that stops to sync files when it is told to.
private final class StubbornDisk: Disk {
    private let disk: any Disk
    let isFailing = Atomic(false)

    init(_ disk: any Disk) {
        self.disk = disk
    }

    private final class File: DiskFile {
        private let file: any DiskFile
        private let disk: StubbornDisk
        private let name: String

        init(_ file: any DiskFile, _ disk: StubbornDisk, _ name: String) {
            self.file = file
            self.disk = disk
            self.name = name
        }

        func read(
            at offset: Int, into buffer: UnsafeMutableRawBufferPointer
        ) throws(DiskError) -> Int { try unsafe file.read(at: offset, into: buffer) }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
            try unsafe file.write(bytes, at: offset)
        }

        func truncate(to byteCount: Int) throws(DiskError) { try file.truncate(to: byteCount) }

        func sync() throws(DiskError) {
            if disk.isFailing.load(ordering: .relaxed) {
                throw DiskError(.sync, name, code: EIO)
            }
            try file.sync()
        }

        func size() throws(DiskError) -> Int { try file.size() }
    }

    func open(_ name: String, forWriting: Bool) throws(DiskError) -> any DiskFile {
        File(try disk.open(name, forWriting: forWriting), self, name)
    }

    func create(_ name: String) throws(DiskError) -> any DiskFile {
        File(try disk.create(name), self, name)
    }

    func list(_ directory: String) throws(DiskError) -> [String] { try disk.list(directory) }

    func rename(_ name: String, to newName: String) throws(DiskError) {
        try disk.rename(name, to: newName)
    }

    func remove(_ name: String) throws(DiskError) { try disk.remove(name) }

    func makeDirectory(_ name: String) throws(DiskError) { try disk.makeDirectory(name) }

    func removeDirectory(_ name: String) throws(DiskError) { try disk.removeDirectory(name) }

    func syncDirectory(_ name: String) throws(DiskError) { try disk.syncDirectory(name) }

    func size(of name: String) throws(DiskError) -> Int? { try disk.size(of: name) }

    func lock(_ name: String) throws(DiskError) -> any DiskLock { try disk.lock(name) }
}

private func created(_ id: String) -> String {
    #"{"data":{"createPurse":{"purse":{"id":"\#(id)"}}}}"#
}

@Test
func `a mutation by POST is answered when it lasts`() throws {
    let server = try WriteServer()
    #expect(try server.create("prs_1") == Answer("200 OK", response, created("prs_1")))
    #expect(try server.create("prs_2", accept: json) == Answer("200 OK", json, created("prs_2")))
    #expect(try server.count() == #"{"data":{"purses":{"totalCount":2}}}"#)
}

@Test
func `a mutation by GET is refused and does nothing`() throws {
    let server = try WriteServer()
    let query = "query=mutation{createPurse(input:{}){purse{id}}}"
    let answer = try server.ask(get(query, accept: response))
    #expect(answer.status == "405 Method Not Allowed")
    #expect(answer.headers.contains("Allow: POST"))
    #expect(try server.count() == #"{"data":{"purses":{"totalCount":0}}}"#)
}

@Test
func `what is wrong with a mutation is told before it reaches the writer`() throws {
    let server = try WriteServer()
    for (body, code) in [
        (#"{"query":"mutation { nothing }"}"#, "GRAPHQL_VALIDATION_FAILED"),
        (
            #"{"query":"mutation($n: Int!) { createPurse(input: { balance: $n }) "#
                + #"{ purse { id } } }","variables":{"n":"x"}}"#, "BAD_USER_INPUT"
        ),
    ] {
        let answer = try server.ask(post(body, accept: response))
        #expect(answer.status == "400 Bad Request" && answer.body.contains(code), "\(answer)")
    }
}

@Test
func `an idempotency key in the header makes a mutation count once`() throws {
    let server = try WriteServer()
    let body =
        #"{"query":"mutation { createPurse(input: {}) { replayed purse { id } } }"}"#
    let first = try server.ask(post(body, headers: "Idempotency-Key: a-1\r\n"))
    let second = try server.ask(post(body, headers: "Idempotency-Key: \"a-1\"\r\n"))
    let third = try server.ask(post(body, headers: "Idempotency-Key: a-2\r\n"))
    #expect(first.body.contains(#""replayed":false"#))
    #expect(second.body == first.body.replacing("false", with: "true"))
    #expect(third.body.contains(#""replayed":false"#) && third.body != first.body)
    #expect(try server.count() == #"{"data":{"purses":{"totalCount":2}}}"#)
}

@Test
func `an idempotency key that is none is refused`() throws {
    let server = try WriteServer()
    let hint = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324"
    for (headers, message) in [
        (
            "Idempotency-Key: a\r\nIdempotency-Key: a\r\n",
            "The header Idempotency-Key stands twice."
        ),
        (
            "Idempotency-Key: \r\n",
            "The header Idempotency-Key must have 1 to 128 printable ASCII characters."
        ),
        (
            "Idempotency-Key: \(String(repeating: "k", count: 129))\r\n",
            "The header Idempotency-Key must have 1 to 128 printable ASCII characters."
        ),
    ] {
        #expect(
            try server.create("prs_1", headers: headers)
                == Answer("400 Bad Request", response, refusal(message, hint: hint)))
    }
    #expect(try server.count() == #"{"data":{"purses":{"totalCount":0}}}"#)
}

@Test
func `one mutation too many is turned away and can come again`() throws {
    let server = try WriteServer(queuedJobsMax: 0)
    for mediaType in [json, response] {
        #expect(
            try server.create("prs_1", accept: mediaType)
                == Answer(
                    "503 Service Unavailable", mediaType, headers: ["Retry-After: 1"],
                    refusal(
                        "Too many mutations are waiting.", code: "UNAVAILABLE",
                        hint: "Try again in a second.")))
    }
}

@Test
func `without memory mutations are refused and reading goes on`() throws {
    let server = try WriteServer(memoryBytesMax: 1)
    #expect(
        try server.create("prs_1")
            == Answer(
                "507 Insufficient Storage", response,
                refusal(
                    "The server has no memory left for more data.", code: "STORAGE_FULL",
                    hint: "Reading goes on. Delete rows, or raise --max-memory.")))
    #expect(try server.count() == #"{"data":{"purses":{"totalCount":0}}}"#)
}

@Test
func `after a failed sync nothing is acknowledged, and reading goes on`() throws {
    let server = try WriteServer()
    #expect(try server.create("prs_1").status == "200 OK")
    #expect(try server.ask(get("", path: "/health/ready")).status == "200 OK")
    server.disk.isFailing.store(true, ordering: .relaxed)
    for _ in 1...2 {
        let answer = try server.create("prs_2")
        #expect(answer.status == "503 Service Unavailable")
        #expect(
            answer.body.hasPrefix(
                #"{"errors":[{"message":"The journal cannot be written, so nothing is changed "#
                    + #"until the next start.","extensions":{"code":"UNAVAILABLE","hint":""#),
            "\(answer)")
        // A disk that claims to be well again does not say what it has lost.
        server.disk.isFailing.store(false, ordering: .relaxed)
    }
    #expect(try server.count() == #"{"data":{"purses":{"totalCount":1}}}"#)
    let health = try server.ask(get("", path: "/health/ready"))
    #expect(health.status == "503 Service Unavailable")
    #expect(health.body == "{\"status\":\"unavailable\",\"reasons\":[\"journal\"]}\n")
    #expect(try server.ask(get("", path: "/health/live")).status == "200 OK")
}
