import Bytes
import Engine
import Foundation
import JSON
import Testing

@testable import TesseraServer

/// A server with three keys.
private final class GuardedClub {
    let folder: CommandFolder
    let file: KeyFile
    let club: ClubServer
    let authenticator: Authenticator
    let lines = Lines()

    static let admin = makeKey(1)
    static let expired = makeKey(2, expiresAt: 2_000)
    static let revoked = makeKey(3, revokedAt: 2_000)
    static let staff = makeKey(4, role: "staff", staff: "staff_1")
    static let foreign = makeKey(5, role: "owner")

    init(origins: [String] = [], rate: Rate? = nil, roles: AccessRoles = .builtIn) throws {
        folder = try CommandFolder([:])
        file = KeyFile(path: folder.path + "/keys.json")
        for (key, _) in [
            GuardedClub.admin, GuardedClub.expired, GuardedClub.revoked, GuardedClub.staff,
            GuardedClub.foreign,
        ] {
            try file.change { $0.add(key) }
        }
        authenticator = try #require(try Authenticator(.keys(file), roles))
        let lines = lines
        // A clock that stands still, so that nothing comes back into a bucket.
        let gate = Gate(
            authenticator, roles: roles, origins: try CrossOrigin(origins), rate: rate,
            log: DenialLog { lines.add($0) }, clock: { 0 })
        club = try ClubServer(gate: gate)
    }

    func ask(_ authorization: String..., headers: String = "") throws -> Answer {
        let lines = authorization.map { "Authorization: \($0)\r\n" }.joined()
        return try club.ask(post(question, headers: lines + headers))
    }

    /// What the log says of the last request: reason, subject, role.
    func logged() throws -> [String?] {
        let line = try #require(lines.all.last)
        let json = try JSONValue(parsing: line)
        return ["reason", "subject", "role"].map { json[$0]?.string }
    }
}

private let question = #"{"query":"{ __typename }"}"#
private let answer = Answer("200 OK", json, #"{"data":{"__typename":"Query"}}"#)

private func unauthenticated(_ challenge: String) -> Answer {
    Answer(
        status: "401 Unauthorized",
        headers: [
            "Content-Type: application/json; charset=utf-8", "WWW-Authenticate: \(challenge)",
        ],
        body: refusal(
            "This server has to know who asks.", code: "UNAUTHENTICATED",
            hint: "Send the header Authorization: Bearer, with an access key or a token."))
}

private let invalid = unauthenticated(#"Bearer error="invalid_token""#)

@Suite struct GateTests {
    @Test func `a good key opens the door`() throws {
        let server = try GuardedClub()
        let token = GuardedClub.admin.token
        for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
            #expect(try server.ask("\(scheme) \(token)") == answer)
        }
        #expect(try server.ask("Bearer   \(token)") == answer)
        #expect(server.lines.all.isEmpty)
    }

    @Test func `every other credential gets the same answer, and the log knows why`() throws {
        let server = try GuardedClub()
        let admin = GuardedClub.admin
        let unknown = makeKey(77)
        let wrong = String(admin.token.dropLast()) + (admin.token.hasSuffix("x") ? "y" : "x")
        let cases: [(String, [String?])] = [
            ("Bearer \(unknown.token)", ["unknown key", unknown.key.id, nil]),
            ("Bearer \(wrong)", ["wrong secret", admin.key.id, nil]),
            (
                "Bearer \(GuardedClub.expired.token)",
                ["expired key", GuardedClub.expired.key.id, nil]
            ),
            (
                "Bearer \(GuardedClub.revoked.token)",
                ["revoked key", GuardedClub.revoked.key.id, nil]
            ),
            (
                "Bearer \(GuardedClub.foreign.token)",
                ["the key has an unknown role", GuardedClub.foreign.key.id, nil]
            ),
            ("Bearer admin", ["not an access key", nil, nil]),
            ("Bearer \(admin.token) x", ["Authorization is not a Bearer token", nil, nil]),
            ("Bearer \(admin.token),", ["Authorization is not a Bearer token", nil, nil]),
            ("Bearer", ["Authorization is not a Bearer token", nil, nil]),
            ("Bearer ", ["Authorization is not a Bearer token", nil, nil]),
            ("Bearer\t\(admin.token)", ["Authorization is not a Bearer token", nil, nil]),
            ("Bearer\(admin.token)", ["Authorization is not a Bearer token", nil, nil]),
            ("Basic \(admin.token)", ["Authorization is not a Bearer token", nil, nil]),
            ("Token \(admin.token)", ["Authorization is not a Bearer token", nil, nil]),
            (admin.token, ["Authorization is not a Bearer token", nil, nil]),
            ("", ["Authorization is not a Bearer token", nil, nil]),
            (
                "Bearer " + String(repeating: "a", count: 4_097),
                ["Authorization is not a Bearer token", nil, nil]
            ),
        ]
        for (header, log) in cases {
            #expect(try server.ask(header) == invalid, "\(header)")
            #expect(try server.logged() == log, "\(header)")
        }
        let token = "Bearer \(admin.token)"
        #expect(try server.ask(token, token) == invalid)
        #expect(try server.logged() == ["two Authorization headers", nil, nil])
        #expect(try server.ask() == unauthenticated("Bearer"))
        #expect(try server.logged() == ["no credential", nil, nil])
        #expect(!server.lines.all.joined().contains(admin.token.suffix(43)))
    }

    @Test func `a line of the log says where and what`() throws {
        let server = try GuardedClub()
        let refused = try server.ask(headers: "X-Request-Id: r-1\r\n")
        #expect(refused.headers.contains("X-Request-Id: r-1"))
        let line = try #require(server.lines.all.last)
        let json = try JSONValue(parsing: line)
        #expect(
            json.members?.map(\.key) == [
                "ts", "level", "msg", "requestId", "status", "kind", "reason", "path", "remote",
            ])
        #expect(
            ["level", "msg", "requestId", "path", "remote"].map { json[$0]?.string } == [
                "warn", "denied", "r-1", "/graphql", "127.0.0.1",
            ])
    }

    @Test func `who opens the reports with a browser is asked for a key`() throws {
        let server = try GuardedClub()
        let page = "text/html,application/xhtml+xml,*/*;q=0.8"
        let asked = try server.club.ask(get("", accept: page, path: "/reports"))
        #expect(asked.status == "401 Unauthorized")
        #expect(asked.headers.contains("WWW-Authenticate: Bearer"))
        #expect(asked.headers.contains("Content-Type: text/html; charset=utf-8"))
        // The script that stands there is the one that may run.
        let parts = asked.body.split(separator: "<script>")
        let script = try #require(parts.last?.components(separatedBy: "</script>").first)
        let hash = Data(SHA256.digest(of: Array(script.utf8))).base64EncodedString()
        #expect(parts.count == 2 && asked.body.split(separator: "</script>").count == 2)
        #expect(
            asked.headers.contains(
                "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
                    + "script-src 'sha256-\(hash)'; connect-src 'self'; form-action 'none'; "
                    + "base-uri 'none'; frame-ancestors 'none'"))
        // Programs, whoever shows something, and other paths get what they ever got.
        #expect(
            try server.club.ask(get("", path: "/reports")) == unauthenticated("Bearer"))
        #expect(
            try server.club.ask(get("", accept: page, path: "/reports/a.csv"))
                == unauthenticated("Bearer"))
        let good = "GET /reports HTTP/1.1\r\nHost: club\r\nAccept: text/html\r\n"
        #expect(
            try server.club.ask(good + "Authorization: Bearer x\r\n\r\n") == invalid)
        #expect(
            try server.club.ask(good + "Authorization: Bearer \(GuardedClub.admin.token)\r\n\r\n")
                .status == "200 OK")
    }

    @Test func `all paths but health need a credential`() throws {
        let server = try GuardedClub()
        for path in ["/", "/graphql", "/graphql.csv", "/reports", "/health", "/health/", "/x"] {
            #expect(
                try server.club.ask(get("", path: path)) == unauthenticated("Bearer"), "\(path)")
        }
        for method in ["OPTIONS", "PUT", "DELETE"] {
            #expect(try server.club.ask(get("", method: method)) == unauthenticated("Bearer"))
        }
        for path in ["/health/live", "/health/ready", "/healthz"] {
            #expect(try server.club.ask(get("", path: path)).status == "200 OK")
        }
    }

    @Test func `clients of the newer media type are refused in it`() throws {
        let server = try GuardedClub()
        let refused = try server.club.ask(post(question, accept: response))
        #expect(refused.status == "401 Unauthorized")
        #expect(refused.headers.contains("Content-Type: \(response); charset=utf-8"))
    }

    @Test func `a role gets what the schema opens to it, and nothing else`() throws {
        let server = try GuardedClub()
        let bearer = "Authorization: Bearer \(GuardedClub.staff.token)\r\n"
        #expect(try server.ask("Bearer \(GuardedClub.staff.token)") == answer)
        let closed = #"{"query":"{ members { totalCount } }"}"#
        let refused = try server.club.ask(post(closed, accept: response, headers: bearer))
        #expect(refused.status == "403 Forbidden")
        #expect(
            refused.body == """
                {"errors":[{"message":"The field \\"members\\" is not open to this role.",\
                "locations":[{"line":1,"column":3}],"extensions":{"code":"FORBIDDEN"}}]}
                """)
    }

    @Test func `a change of the file counts at once`() throws {
        let server = try GuardedClub()
        let token = "Bearer \(GuardedClub.admin.token)"
        #expect(try server.ask(token) == answer)
        try server.file.change { contents throws(KeyFile.Problem) in
            try contents.revoke(GuardedClub.admin.key.id, now: 3_000)
        }
        #expect(try server.ask(token) == answer)
        try server.authenticator.reloadIfChanged()
        #expect(try server.ask(token) == invalid)
        let (key, fresh) = makeKey(9)
        try server.file.change { $0.add(key) }
        try server.authenticator.reload()
        #expect(try server.ask("Bearer \(fresh)") == answer)
    }

    @Test func `a file that is damaged while the server runs changes nothing`() throws {
        let server = try GuardedClub()
        try Data("{".utf8).write(to: URL(fileURLWithPath: server.file.path))
        #expect(throws: CommandError.self) { try server.authenticator.reloadIfChanged() }
        // It is told of once.
        try server.authenticator.reloadIfChanged()
        #expect(try server.ask("Bearer \(GuardedClub.admin.token)") == answer)
        try FileManager.default.removeItem(atPath: server.file.path)
        try server.authenticator.reloadIfChanged()
        #expect(try server.ask("Bearer \(GuardedClub.admin.token)") == invalid)
    }

    @Test func `whoever asks too often waits, and others do not`() throws {
        let server = try GuardedClub(rate: Rate(unitsPerSecond: 1, burst: 3))
        let (key, other) = makeKey(9)
        try server.file.change { $0.add(key) }
        try server.authenticator.reload()
        let token = "Bearer \(GuardedClub.admin.token)"
        for _ in 0..<3 { #expect(try server.ask(token) == answer) }
        #expect(
            try server.ask(token)
                == Answer(
                    status: "429 Too Many Requests",
                    headers: [
                        "Content-Type: application/json; charset=utf-8", "Retry-After: 1",
                    ],
                    body: refusal(
                        "There were too many requests.", code: "RATE_LIMITED",
                        hint: "Try again in 1 s.")))
        #expect(try server.logged() == ["too many requests", GuardedClub.admin.key.id, "admin"])
        #expect(try server.ask("Bearer \(other)") == answer)
    }

    @Test func `a dear request counts for what it costs`() throws {
        let server = try GuardedClub(rate: Rate(unitsPerSecond: 1, burst: 20))
        let headers = "Authorization: Bearer \(GuardedClub.admin.token)\r\n"
        let dear = post(
            #"{"query":"{ visits(first: 30) { nodes { number } } }"}"#, headers: headers)
        #expect(try server.club.ask(dear).status == "200 OK")
        let refused = try server.ask("Bearer \(GuardedClub.admin.token)")
        #expect(refused.status == "429 Too Many Requests")
        // A connection counts one, and each row that its page may have one more.
        #expect(refused.headers.contains("Retry-After: 12"))
    }

    @Test func `a table counts for the rows that were looked at`() throws {
        let server = try GuardedClub(rate: Rate(unitsPerSecond: 1, burst: 20))
        let headers = "Authorization: Bearer \(GuardedClub.admin.token)\r\n"
        let few = post(
            #"{"query":"{ tiers { nodes { id } } }"}"#, headers: headers, path: "/graphql.csv")
        #expect(try server.club.ask(few).status == "200 OK")
        #expect(try server.ask("Bearer \(GuardedClub.admin.token)") == answer)
        let all = post(
            #"{"query":"{ visits { nodes { number } } }"}"#, headers: headers,
            path: "/graphql.csv")
        #expect(try server.club.ask(all).status == "200 OK")
        let refused = try server.ask("Bearer \(GuardedClub.admin.token)")
        #expect(refused.status == "429 Too Many Requests")
        // Of two thousand rows, what more than a minute brings is forgiven.
        #expect(refused.headers.contains("Retry-After: 61"))
    }

    @Test func `whoever fails too often waits, and a good key is let in all the same`() throws {
        let server = try GuardedClub()
        let client = try Client(port: server.club.port)
        func ask(_ token: String) throws -> String {
            client.send(post(question, headers: "Authorization: Bearer \(token)\r\n"))
            return try client.read().status
        }
        for _ in 0..<1_000 { #expect(try ask("no") == "401 Unauthorized") }
        #expect(try ask("no") == "429 Too Many Requests")
        #expect(try ask(GuardedClub.admin.token) == "200 OK")
        // The log has no more lines than it may have.
        #expect(server.lines.all.count == 100)
    }

    @Test func `anonymous viewers come as far as the schema lets them`() throws {
        var roles = AccessRoles.builtIn
        roles.allowsAnonymous = true
        let server = try GuardedClub(roles: roles)
        #expect(try server.ask() == answer)
        #expect(try server.ask("Bearer no") == invalid)
    }

    @Test func `every answer has the headers that browsers need`() throws {
        let server = try GuardedClub()
        let authorization = "Authorization: Bearer \(GuardedClub.admin.token)\r\n"
        for request in [
            post(question), post(question, headers: authorization), "GARBAGE\r\n\r\n",
            post("{", headers: authorization), get("", path: "/health/live"),
            post(question, contentType: "text/plain", headers: authorization),
            "GET / HTTP/1.1\r\n\r\n",
        ] {
            let client = try Client(port: server.club.port)
            client.send(request)
            let headers = try client.read(keepsSecurityHeaders: true).headers
            for header in securityHeaders {
                #expect(headers.count { $0 == header } == 1, "\(request): \(headers)")
            }
        }
    }
}

@Suite struct CrossOriginTests {
    private static let app = "https://app.example"

    private func ask(
        _ origins: [String], _ origin: String, preflight: Bool = false
    ) throws -> Answer {
        let server = try GuardedClub(origins: origins)
        let headers = "Origin: \(origin)\r\n"
        guard preflight else {
            return try server.ask("Bearer \(GuardedClub.admin.token)", headers: headers)
        }
        return try server.club.ask(
            "OPTIONS /graphql HTTP/1.1\r\nHost: club\r\n\(headers)"
                + "Access-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: authorization, content-type\r\n\r\n")
    }

    private let type = "Content-Type: application/json; charset=utf-8"
    private let vary = "Vary: Origin"
    private let exposed =
        "Access-Control-Expose-Headers: GraphQL-Cost, Retry-After, Tessera-Version-Seq, "
        + "WWW-Authenticate, X-Request-Id"
    private let granted = [
        "Access-Control-Allow-Methods: GET, HEAD, POST",
        "Access-Control-Allow-Headers: accept, apollographql-client-name, "
            + "apollographql-client-version, authorization, content-type, graphql-cost, "
            + "idempotency-key, x-request-id",
        "Access-Control-Max-Age: 7200",
    ]

    @Test func `a page of an allowed origin may read and ask`() throws {
        let allowed = "Access-Control-Allow-Origin: \(Self.app)"
        #expect(
            try ask(["http://localhost:3000", Self.app], Self.app).headers
                == [type, vary, allowed, exposed])
        #expect(
            try ask([Self.app], Self.app, preflight: true)
                == Answer(
                    status: "204 No Content", headers: [vary, allowed] + granted, body: ""))
    }

    @Test(arguments: [
        "https://app.example.evil", "http://app.example", "https://app.example:8443",
        "https://APP.example", "https://app.example/", "null", "", "https://evil.example",
        "https://app.exampl", "https://xapp.example",
    ])
    func `a page of any other origin gets nothing`(_ origin: String) throws {
        #expect(try ask([Self.app], origin).headers == [type, vary])
        #expect(
            try ask([Self.app], origin, preflight: true)
                == Answer(status: "204 No Content", headers: [vary], body: ""))
    }

    @Test func `all origins can be allowed`() throws {
        let allowed = "Access-Control-Allow-Origin: *"
        #expect(try ask(["*"], "https://any.example").headers == [type, allowed, exposed])
        #expect(
            try ask(["*"], "null", preflight: true).headers == [allowed] + granted)
    }

    @Test func `a page learns that it was refused`() throws {
        let server = try GuardedClub(origins: [Self.app])
        let refused = try server.ask(headers: "Origin: \(Self.app)\r\n")
        #expect(refused.status == "401 Unauthorized")
        #expect(refused.headers.contains("Access-Control-Allow-Origin: \(Self.app)"))
    }

    @Test func `two origins are none`() throws {
        let server = try GuardedClub(origins: [Self.app])
        let headers = "Origin: \(Self.app)\r\nOrigin: \(Self.app)\r\n"
        let refused = try server.ask(headers: headers)
        #expect(!refused.headers.contains { $0.hasPrefix("Access-Control") })
    }

    @Test func `only what browsers send is an origin`() throws {
        for origin in [
            "*", "https://app.example", "http://localhost:3000", "http://127.0.0.1:8080",
            "https://a-b.example:8443",
        ] {
            #expect(try CrossOrigin([origin]) != nil)
        }
        #expect(try CrossOrigin([]) == nil)
        for origin in [
            "app.example", "https://", "https://app.example/", "https://App.example",
            "https://app.example:443", "http://app.example:80", "https://app.example:0443",
            "https://app.example:", "https://user@app.example", "ftp://app.example", "null",
            "https://*.example", "https://app.example:99999", "", "https://app.example ",
        ] {
            #expect(throws: CrossOrigin.Malformed(origin: origin)) { try CrossOrigin([origin]) }
        }
    }
}

/// What a page of another origin can make a browser send without asking first.
@Suite struct ForgedRequestTests {
    /// What browsers say they accept when a page is opened.
    private static let page = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    @Test(arguments: [
        "text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", nil,
    ])
    func `a form changes nothing`(_ type: String?) throws {
        let club = try ClubServer.audits.get()
        let refused = try club.ask(post(question, accept: Self.page, contentType: type))
        #expect(refused.status == "415 Unsupported Media Type")
    }

    @Test func `an address that is opened reads at most`() throws {
        let club = try ClubServer.audits.get()
        let mutation = "query=mutation%7BcreateTier(input:%7Bname:%22x%22%7D)%7Btier%7Bid%7D%7D%7D"
        for accept in [Self.page, "*/*", response] {
            let refused = try club.ask(get(mutation, accept: accept))
            #expect(refused.status == "405 Method Not Allowed")
        }
        #expect(
            try club.ask(get("query=%7B__typename%7D", accept: Self.page)).headers
                == ["Content-Type: application/json; charset=utf-8"])
    }

    @Test func `no answer allows an origin unasked`() throws {
        let club = try ClubServer.audits.get()
        let read = try club.ask(post(question, headers: "Origin: https://evil.example\r\n"))
        #expect(!read.headers.contains { $0.hasPrefix("Access-Control") })
    }
}
