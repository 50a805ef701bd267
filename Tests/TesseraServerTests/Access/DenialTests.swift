import Bytes
import Engine
import Foundation
import HTTP
import JSON
import Store
import Testing

@testable import TesseraServer

/// A server of a small club with keys of several roles, and the lines that it logs.
private final class DenyingClub {
    let server: GraphQLServer
    let lines = Lines()
    let denials: DenialLog
    private let writer: Writer
    private let tokens: [String: String]

    private static let schema = """
        type Member @table(idPrefix: "mem", write: [CREATE, UPDATE])
          @allow(roles: ["staff", "partner"]) {
          name: String! @index
          email: String @sensitive
        }
        type Secret @table(idPrefix: "sec", write: [CREATE]) { name: String! }
        extend type Query @allow(roles: ["partner"], operations: ["INTROSPECT"])
        """

    static let roles = ["admin", "developer", "analyst", "partner", "staff"]

    init(introspection: Bool = false, onlyTrusted: Bool = false) throws {
        let model = try buildModel([
            SchemaFile(path: "club.graphql", bytes: Array(DenyingClub.schema.utf8))
        ])
        let store = Store(model.storeDefinition, shardCount: 2, seed: 1)
        let folder = try CommandFolder([
            "members.ndjson": (1...2000).map { #"{"id":"mem_\#($0)","name":"M\#($0)"}"# }
                .joined(separator: "\n")
        ])
        _ = try Importer(model: model, store: store, now: 0).load(folder: folder.path)
        writer = Writer(store: store, journal: nil, clock: { 0 })
        writer.start()
        var limits = EngineLimits()
        limits.introspection = introspection
        limits.introspectionByRole = true
        limits.suggestions = false
        limits.loopBudget = 1_000
        let context = EngineContext(
            model: model, store: store, limits: limits,
            documents: DocumentRegistry(trusted: [], onlyTrusted: onlyTrusted, bytesMax: 0))
        let lines = lines
        denials = DenialLog(clock: { 0 }) { lines.add($0) }
        let observer = Observer(denials: denials)
        let file = KeyFile(path: folder.path + "/keys.json")
        var tokens: [String: String] = [:]
        for (place, role) in DenyingClub.roles.enumerated() {
            let (key, token) = makeKey(
                UInt64(place), role: role, staff: role == "staff" ? "stf_1" : nil)
            try file.change { $0.add(key) }
            tokens[role] = token
        }
        self.tokens = tokens
        let roles = AccessRoles(model)
        let gate = Gate(
            try Authenticator(.keys(file), roles), roles: roles, origins: nil, rate: nil,
            log: denials)
        server = GraphQLServer(
            HTTPConfiguration(loopCount: 1), context: context, rules: .audits,
            workers: WorkerPool(
                context: context, rules: .audits, threadCount: 1, observer: observer),
            writes: WriteRoad(
                writer: writer, context: context, rules: .audits, observer: observer),
            gate: gate, observer: observer)
        try server.start()
    }

    deinit { server.stop(drain: .seconds(5)) }

    func ask(
        _ role: String, _ query: String, variables: String = "{}", path: String = "/graphql",
        headers: String = ""
    ) throws -> Answer {
        let token = try #require(tokens[role])
        let body = #"{"query":\#(JSONValue.string(query)),"variables":\#(variables)}"#
        let client = try Client(port: server.port)
        client.send(
            post(
                body, accept: path == "/graphql" ? response : nil,
                headers: "Authorization: Bearer \(token)\r\nX-Request-Id: r-1\r\n" + headers,
                path: path))
        return try client.read()
    }

    /// What was logged since the last time, without what every line has.
    func logged() throws -> [String] {
        server.stop(drain: .seconds(5))
        return try lines.all.map { line in
            let json = try JSONValue(parsing: line)
            let known: Set = ["ts", "level", "msg", "remote", "subject", "requestId"]
            #expect(json["requestId"] == "r-1" && json["remote"] == "127.0.0.1")
            #expect(json["subject"]?.string.map(AccessToken.isID) == true)
            return JSONValue.object((json.members ?? []).filter { !known.contains($0.key) })
                .description
        }
    }

    func check(_ expected: String...) throws {
        #expect(try logged() == expected)
    }
}

@Suite struct DenialTests {
    private static let notOpen = #"The field \"secrets\" is not open to this role."#

    @Test func `what is open is not logged`() throws {
        let club = try DenyingClub()
        for role in ["admin", "partner", "staff"] {
            #expect(try club.ask(role, "{ members { totalCount } }").status == "200 OK")
        }
        #expect(try club.ask("admin", "{ secrets { totalCount } }").status == "200 OK")
        #expect(club.denials.counts == [0, 0, 0, 0, 0])
        try club.check()
    }

    @Test func `a field that is closed is logged by the event loop`() throws {
        let club = try DenyingClub()
        #expect(
            try club.ask("partner", "query Who { secrets { totalCount } }").status
                == "403 Forbidden")
        #expect(club.denials.counts == [0, 0, 1, 0, 0])
        try club.check(
            #"{"status":403,"kind":"forbidden","reason":"\#(Self.notOpen)","role":"partner","#
                + #""op":"Who","place":"Query.secrets","path":"/graphql"}"#)
    }

    @Test func `a masked field is named, and its value is not`() throws {
        let club = try DenyingClub()
        let answer = try club.ask(
            "partner", "query Guess($f: MemberFilter) { members(filter: $f) { totalCount } }",
            variables: #"{"f":{"and":[{"email":{"startsWith":"ada@"}}]}}"#)
        #expect(answer.status == "200 OK" && answer.body.contains("FORBIDDEN"))
        let logged = try club.logged()
        #expect(
            logged == [
                #"{"status":200,"kind":"forbidden","reason":"filter.and.email is not open to "#
                    + #"this role.","role":"partner","op":"Guess","place":"Query.members","#
                    + #""path":"/graphql"}"#
            ])
        #expect(club.lines.all.allSatisfy { !$0.contains("ada") })
    }

    @Test func `an operation that a worker answers is logged by it, once`() throws {
        let club = try DenyingClub()
        let answer = try club.ask(
            "partner",
            """
            query Long { first: members(filter: { name: { contains: "x" } }) { totalCount } \
            second: members(orderBy: [{ email: ASC }]) { nodes { id } } }
            """)
        #expect(answer.body.contains("FORBIDDEN"), "\(answer)")
        try club.check(
            #"{"status":200,"kind":"forbidden","reason":"orderBy[0].email is not open to this role."#
                + #"","role":"partner","op":"Long","place":"Query.members","path":"/graphql"}"#)
    }

    @Test func `a mutation is logged by the writer`() throws {
        let club = try DenyingClub()
        let answer = try club.ask(
            "partner",
            """
            mutation Add { createSecret(input: { name: "hush" }) { secret { id } } }
            """)
        #expect(answer.status == "403 Forbidden", "\(answer)")
        try club.check(
            #"{"status":403,"kind":"forbidden","reason":"The field \"createSecret\" is not open to "#
                + #"this role.","role":"partner","op":"Add","place":"Mutation.createSecret","#
                + #""path":"/graphql"}"#)
    }

    @Test func `a table is logged by the thread that would write it`() throws {
        let club = try DenyingClub()
        for path in ["/graphql.csv", "/graphql.ndjson"] {
            let answer = try club.ask(
                "partner", "query Dump { secrets { nodes { id } } }", path: path)
            #expect(answer.status == "403 Forbidden", "\(answer)")
            let filtered = try club.ask(
                "partner", "query Dump { members(orderBy: [{ email: ASC }]) { nodes { id } } }",
                path: path)
            #expect(filtered.status == "403 Forbidden", "\(filtered)")
        }
        func line(_ path: String, _ reason: String, _ place: String) -> String {
            #"{"status":403,"kind":"forbidden","reason":"\#(reason)","role":"partner","op":"Dump","#
                + #""place":"\#(place)","path":"\#(path)"}"#
        }
        let masked = "orderBy[0].email is not open to this role."
        try club.check(
            line("/graphql.csv", Self.notOpen, "Query.secrets"),
            line("/graphql.csv", masked, "Query.members"),
            line("/graphql.ndjson", Self.notOpen, "Query.secrets"),
            line("/graphql.ndjson", masked, "Query.members"))
    }

    @Test func `of one operation eight denials are told apart`() throws {
        let club = try DenyingClub()
        let fields = (0..<20).map { "f\($0): members(filter: {email: {eq: \"a\"}}) { totalCount }" }
        _ = try club.ask("partner", "{ \(fields.joined(separator: " ")) }")
        #expect(try club.logged().count == 1)
        #expect(club.denials.counts == [0, 0, 1, 0, 0])
    }

    @Test func `who is denied something learns the name of the request`() throws {
        let club = try DenyingClub()
        let client = try Client(port: club.server.port)
        client.send(post(#"{"query":"{ __typename }"}"#))
        let name = try client.read(keepsMadeNames: true).headers.compactMap { header in
            header.wholeMatch(of: /X-Request-Id: ([0-9a-f]{16})/).map { String($0.output.1) }
        }
        #expect(name.count == 1)
        let json = try JSONValue(parsing: try #require(club.lines.all.first))
        #expect(json["requestId"]?.string == name.first)
    }

    @Test func `documents that are not trusted are logged`() throws {
        let club = try DenyingClub(onlyTrusted: true)
        #expect(try club.ask("partner", "{ __typename }").status == "403 Forbidden")
        #expect(club.denials.counts == [0, 0, 0, 0, 1])
        try club.check(
            #"{"status":403,"kind":"untrusted","reason":"This document is not one of those that this "#
                + #"server executes.","role":"partner","path":"/graphql"}"#)
    }
}

@Suite struct IntrospectionRightTests {
    private static let questions = [
        "{ __schema { queryType { name } } }", #"{ __type(name: "Member") { name } }"#,
        "query A { ...F } fragment F on Query { x: __schema { types { name } } }",
    ]

    @Test func `operators and the roles that the schema names may ask for it, others not`() throws {
        let club = try DenyingClub()
        for role in DenyingClub.roles {
            let isOpen = ["admin", "developer", "partner"].contains(role)
            for question in Self.questions {
                let answer = try club.ask(role, question)
                #expect(
                    answer.status == (isOpen ? "200 OK" : "400 Bad Request"), "\(role) \(answer)")
            }
            let name = try club.ask(role, "{ __typename }")
            #expect(name.body == #"{"data":{"__typename":"Query"}}"#)
        }
        #expect(club.denials.counts == [0, 0, 0, 6, 0])
        let lines = try club.logged()
        #expect(
            lines[0]
                == #"{"status":400,"kind":"introspection","reason":"GraphQL introspection is not "#
                + #"allowed, but the document has the field \"__schema\".","role":"analyst","#
                + #""place":"Query.__schema","path":"/graphql"}"#)
    }

    @Test func `the flag lets all ask`() throws {
        let club = try DenyingClub(introspection: true)
        for role in DenyingClub.roles {
            #expect(try club.ask(role, Self.questions[0]).status == "200 OK")
        }
    }

    @Test func `an allow of a root type is about introspection alone`() throws {
        func problems(_ line: String) -> String {
            let text = "type A @table { name: String }\n\(line)"
            do {
                _ = try buildModel([SchemaFile(path: "a.graphql", bytes: Array(text.utf8))])
                return ""
            } catch {
                return error.description
            }
        }
        #expect(
            problems(#"extend type Query @allow(roles: ["x"], operations: ["INTROSPECT"])"#) == "")
        for line in [
            #"extend type Query @allow(roles: ["x"])"#,
            #"extend type Query @allow(roles: ["x"], operations: ["READ"])"#,
            #"extend type Query @allow(roles: ["x"], operations: ["INTROSPECT"], where: {a: 1})"#,
            #"extend type Mutation @allow(roles: ["x"], operations: ["INTROSPECT"])"#,
        ] {
            #expect(problems(line).contains("as a whole is about introspection"), "\(line)")
        }
    }
}

/// Metrics for who is on another machine.
@Suite struct OperatorTests {
    @Test func `beyond loopback metrics are for admin and developer`() throws {
        let folder = try CommandFolder([:])
        let file = KeyFile(path: folder.path + "/keys.json")
        let keys = ["admin", "developer", "analyst"].enumerated().map {
            makeKey(UInt64($0), role: $1)
        }
        for (key, _) in keys { try file.change { $0.add(key) } }
        let lines = Lines()
        let gate = Gate(
            try Authenticator(.keys(file), .builtIn), roles: .builtIn, origins: nil, rate: nil,
            log: DenialLog { lines.add($0) })
        let club = try ClubServer()
        let admin = AdminServer(
            Address(host: "127.0.0.1", port: 0), club.page,
            Health(club.server.readiness, club.server.writes), gate: gate)
        try admin.start()
        defer { admin.stop() }
        func status(_ path: String, _ token: String?) throws -> String {
            let client = try Client(port: admin.port)
            let line = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
            client.send("GET \(path) HTTP/1.1\r\nHost: club\r\n\(line)\r\n")
            return try client.read().status
        }
        #expect(try status("/metrics", nil) == "401 Unauthorized")
        #expect(try status("/metrics", keys[0].token) == "200 OK")
        #expect(try status("/metrics", keys[1].token) == "200 OK")
        #expect(try status("/metrics", keys[2].token) == "403 Forbidden")
        #expect(try status("/health/live", nil) == "200 OK")
        #expect(lines.all.count == 2)
        #expect(lines.all[1].contains(#""kind":"forbidden","reason":"metrics","subject""#))
    }

    @Test func `with credentials operators may be elsewhere`() throws {
        let folder = try CommandFolder([:])
        let flags = ["--admin-listen", "0.0.0.0:9090", "--keys", folder.path + "/k"]
        func options(_ more: [String]) throws -> ServeOptions {
            try ServeOptions(
                Invocation(serveCommand, flags + more, environment: [:]), headlines: [],
                sampleQuery: "", fixedNow: nil)
        }
        #expect(
            try options(["--auth", "keys"]).adminAddress == Address(host: "0.0.0.0", port: 9090))
        #expect(throws: CommandError.self) { try options([]) }
    }
}
