import Engine
import FoundationEssentials
import Glibc
import HTTP
import Store
import Testing

@testable import TesseraServer

let json = "application/json"
let response = "application/graphql-response+json"

// MARK: The server

/// A small club behind a real server: two tiers, three members, and 2000 visits, which are dear.
final class ClubServer: Sendable {
    let server: GraphQLServer
    let port: UInt16
    let page: MetricsPage

    /// Servers that many tests ask; they run until the process ends.
    static let audits = Result { try ClubServer(rules: .audits) }
    static let draft = Result { try ClubServer(rules: .draft) }

    init(
        rules: StatusRules = .audits, loopCount: Int = 2, jobsWaitingMax: Int = 512,
        bodyBytesMax: Int = 1 << 20, gate: Gate? = nil, observer: Observer = Observer(),
        reports: ReportLibrary = .empty, exportsWaitingMax: Int = 8,
        exportTimeout: Duration = .seconds(600),
        documents: DocumentRegistry = DocumentRegistry(),
        _ setLimits: (inout EngineLimits) -> Void = { _ in }
    ) throws {
        var limits = EngineLimits()
        setLimits(&limits)
        let (model, store, writer) = try ClubServer.data.get()
        let context = EngineContext(
            model: model, store: store, limits: limits, documents: documents)
        var configuration = HTTPConfiguration(loopCount: loopCount)
        configuration.limits.bodyBytesMax = bodyBytesMax
        server = GraphQLServer(
            configuration, context: context, reports: reports, rules: rules,
            workers: WorkerPool(
                context: context, rules: rules, threadCount: 1, jobsWaitingMax: jobsWaitingMax,
                observer: observer),
            writes: WriteRoad(
                writer: writer, context: context, rules: rules, observer: observer),
            exports: ExportPool(
                context: context, rules: rules, jobsWaitingMax: exportsWaitingMax,
                timeout: exportTimeout, observer: observer),
            gate: gate, observer: observer)
        page = MetricsPage(
            observer: observer, context: context, writer: writer, directory: nil,
            http: { [server] in server.httpFigures }, process: { .now() })
        try server.start()
        port = server.port
    }

    deinit {
        server.stop(drain: .seconds(5))
    }

    func ask(_ request: String) throws -> Answer { try ask(Array(request.utf8)) }

    /// The answer to one request on a connection of its own.
    func ask(_ request: [UInt8]) throws -> Answer {
        let client = try Client(port: port)
        client.send(request)
        return try client.read(isHead: request.starts(with: "HEAD ".utf8))
    }

    static let data = Result {
        let schema = SchemaFile(path: "club.graphql", bytes: Array(clubSchema.utf8))
        let model = try buildModel([schema])
        let store = Store(model.storeDefinition, shardCount: 2, seed: 1)
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "tessera-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: folder) }
        for (table, lines) in clubRows {
            try Data(lines.utf8).write(to: folder.appending(path: "\(table).ndjson"))
        }
        let summary = try Importer(model: model, store: store, now: 0).load(folder: folder.path)
        #expect(summary.refused == 0 && summary.rows == 2005)
        // One for all servers of this store, until the process ends.
        let writer = Writer(store: store, journal: nil, clock: { 0 })
        writer.start()
        return (model, store, writer)
    }

    private static let clubSchema = """
        type Tier @table(idPrefix: "tier") {
          name: String!
          members: [Member!]! @relation(inverse: "tier")
        }
        type Member @table(idPrefix: "mem") {
          name: String!
          tier: Tier! @relation
        }
        type Visit @table(idPrefix: "vis") {
          number: Int!
        }
        """

    private static let clubRows = [
        "tiers": """
        {"id":"tier_1","name":"Bronze"}
        {"id":"tier_2","name":"Gold"}
        """,
        "members": """
        {"id":"mem_1","name":"Åse 🏊","tier":"tier_1"}
        {"id":"mem_2","name":"Bo","tier":"tier_2"}
        {"id":"mem_3","name":"Cy","tier":"tier_1"}
        """,
        "visits": (1...2000).map { #"{"id":"vis_\#($0)","number":\#($0)}"# }
            .joined(separator: "\n"),
    ]
}

// MARK: Requests

/// A POST of a JSON body.
func post(
    _ body: String, accept: String? = json, contentType: String? = json, headers: String = "",
    path: String = "/graphql"
) -> String {
    head(
        body.utf8.count, accept: accept, contentType: contentType, headers: headers, path: path)
        + body
}

/// A POST of any bytes.
func post(_ body: [UInt8], accept: String? = json) -> [UInt8] {
    Array(head(body.count, accept: accept, contentType: json).utf8) + body
}

private func head(
    _ byteCount: Int, accept: String?, contentType: String?, headers: String = "",
    path: String = "/graphql"
) -> String {
    var head = "POST \(path) HTTP/1.1\r\nHost: club\r\nContent-Length: \(byteCount)\r\n"
    if let accept { head += "Accept: \(accept)\r\n" }
    if let contentType { head += "Content-Type: \(contentType)\r\n" }
    return head + headers + "\r\n"
}

/// A request without a body. The query string is sent as it stands.
func get(
    _ query: String, accept: String? = json, method: String = "GET", path: String = "/graphql"
) -> String {
    let target = query.isEmpty ? path : "\(path)?\(query)"
    var head = "\(method) \(target) HTTP/1.1\r\nHost: club\r\n"
    if let accept { head += "Accept: \(accept)\r\n" }
    return head + "\r\n"
}

// MARK: Answers

/// An answer as it came, without the headers `Date` and `Content-Length`, which was compared, and
/// without what all answers tell browsers. The trailers of one in chunks follow its headers; one
/// that was broken off ends them with `…`.
struct Answer: Equatable, CustomStringConvertible, Sendable {
    let status: String
    let headers: [String]
    let body: String

    init(_ status: String, _ mediaType: String?, headers: [String] = [], _ body: String) {
        self.init(
            status: status,
            headers: (mediaType.map { ["Content-Type: \($0); charset=utf-8"] } ?? []) + headers,
            body: body)
    }

    init(status: String, headers: [String], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    var description: String { "\(status) \(headers)\n\(body)" }
}

/// The body of an answer to what was refused before it was executed.
func refusal(_ message: String, code: String = "BAD_REQUEST", hint: String? = nil) -> String {
    let text = message.replacing("\"", with: "\\\"")
    let end = hint.map { #","hint":"\#($0)""# } ?? ""
    return #"{"errors":[{"message":"\#(text)","extensions":{"code":"\#(code)"\#(end)}}]}"#
}

/// The body of an answer to a body that is no JSON.
func notJSON(_ problem: String) -> String { refusal("The body is not JSON: \(problem).") }

/// What all answers tell browsers.
let securityHeaders = [
    "X-Content-Type-Options: nosniff", "Cache-Control: no-store", "Referrer-Policy: no-referrer",
]

// MARK: The client

/// A client on a blocking socket. Reads give up after 20 s, so that a fault fails and does not
/// hang.
final class Client {
    private struct Broken: Error {
        let problem: String
    }

    private let descriptor: CInt
    private var unread: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        _ = unsafe inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let result = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count))
        }
        guard result == 0 else { throw Broken(problem: "connect: \(errno)") }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// The next answer. That to HEAD says how long a body would be, and has none.
    ///
    /// - Parameters:
    ///   - keepsSecurityHeaders: whether they are among the headers of the answer.
    ///   - keepsMadeNames: whether the request's name is, if the server has made it.
    func read(
        isHead: Bool = false, keepsSecurityHeaders: Bool = false, keepsMadeNames: Bool = false
    ) throws -> Answer {
        var lines: [String] = []
        while true {
            let line = try takeLine()
            if line.isEmpty { break }
            lines.append(line)
        }
        let start = "HTTP/1.1 "
        guard let first = lines.first, first.hasPrefix(start) else {
            throw Broken(problem: "no status line")
        }
        var length = 0
        var headers: [String] = []
        for line in lines.dropFirst() where !line.hasPrefix("Date: ") {
            if !keepsSecurityHeaders && securityHeaders.contains(line) { continue }
            if !keepsMadeNames && line.wholeMatch(of: /X-Request-Id: [0-9a-f]{16}/) != nil {
                continue
            }
            guard line.hasPrefix("Content-Length:") else {
                headers.append(line)
                continue
            }
            let digits = line.dropFirst(15).drop { $0 == " " }
            guard let value = Int(digits) else { throw Broken(problem: line) }
            length = value
            if isHead { headers.append("Content-Length: \(value)") }
        }
        var body: [UInt8] = []
        if headers.contains("Transfer-Encoding: chunked") {
            if !isHead { body = takeChunks(trailers: &headers) }
        } else if !isHead {
            body = Array(try take(length))
        }
        return Answer(
            status: String(first.dropFirst(start.count)), headers: headers,
            body: String(decoding: body, as: UTF8.self))
    }

    private func takeChunks(trailers: inout [String]) -> [UInt8] {
        var body: [UInt8] = []
        do {
            while let count = Int(try takeLine(), radix: 16), count > 0 {
                body += try take(count)
                guard try takeLine().isEmpty else { throw Broken(problem: "a chunk too long") }
            }
            while true {
                let line = try takeLine()
                if line.isEmpty { return body }
                trailers.append(line)
            }
        } catch {
            trailers.append("…")
            return body
        }
    }

    /// All that comes until the server has closed the connection.
    func readToEnd() -> String {
        waitForEnd()
        return String(decoding: unread, as: UTF8.self)
    }

    /// Waits until the server has closed the connection.
    func waitForEnd() {
        while (try? receive()) != nil {}
    }

    private func takeLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                return String(decoding: try take(end + 1).dropLast(2), as: UTF8.self)
            }
            try receive()
        }
    }

    private func take(_ count: Int) throws -> ArraySlice<UInt8> {
        while unread.count < count { try receive() }
        defer { unread.removeFirst(count) }
        return unread.prefix(count)
    }

    private func receive() throws {
        var room = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe room.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else {
            throw Broken(
                problem: "the connection ended: \(String(decoding: unread, as: UTF8.self))")
        }
        unread += room[..<count]
    }
}
