import Bytes
import Engine
import Foundation
import JSON
import Testing

@testable import TesseraServer

@Suite struct KeyCommandTests {
    private func run(_ folder: CommandFolder, _ words: String...) -> CommandResult {
        tessera(["key"] + words + ["--keys", folder.path + "/keys.json"])
    }

    @Test func `a key is made, shown once, listed and revoked`() throws {
        let folder = try CommandFolder([:])
        let made = run(
            folder, "create", "--role", "staff", "--staff", "staff_7", "--name", "till 3", "--ttl",
            "90d")
        let token = made.output.dropLast()
        let id = try #require(AccessToken.id(in: Array(token.utf8)))
        #expect(
            made
                == CommandResult(
                    exitCode: .success, output: token + "\n",
                    errors: """
                        key \(id), role staff; the line above is shown this once
                        nobody has looked whether its ids exist: no server runs on the data

                        """))
        let contents = try #require(try KeyFile(path: folder.path + "/keys.json").read())
        let key = try #require(contents.keys.first)
        #expect(key.tokenHash == SHA256.digest(of: Array(token.utf8)))
        #expect(key.expiresAt == key.createdAt + 90 * 86_400_000)
        #expect(key.viewer == Viewer(role: "staff", name: id, staffID: "staff_7"))

        let listed = run(folder, "list", "--json")
        let json = try JSONValue(parsing: listed.output)
        #expect(
            json[0]?.members?.map(\.key) == [
                "id", "name", "role", "member", "staff", "chapter", "createdAt", "expiresAt",
                "revokedAt", "lastUsedAt", "state",
            ])
        #expect(json[0]?["name"] == "till 3" && json[0]?["state"] == "valid")
        #expect(!listed.output.contains(token.suffix(43)))

        #expect(
            run(folder, "revoke", id)
                == CommandResult(
                    exitCode: .success, output: "key \(id) is accepted no more\n", errors: ""))
        let table = run(folder, "list").output.split(separator: "\n")
        #expect(table.count == 2)
        #expect(
            table[0].split(separator: " ").map(String.init)
                == ["ID", "ROLE", "FOR", "STATE", "CREATED", "EXPIRES", "USED", "NAME"])
        #expect(table[1].hasPrefix("\(id)  staff  staff_7  revoked  "))
        #expect(table[1].hasSuffix("  till 3"))
    }

    @Test func `a key of the staff may leave its role to the row`() throws {
        let folder = try CommandFolder([:])
        let made = run(folder, "create", "--staff", "stf_7")
        #expect(made.exitCode == .success)
        #expect(made.errors.contains(", the role of stf_7; the line above"))
        let key = try #require(try KeyFile(path: folder.path + "/keys.json").read()?.keys.first)
        #expect(key.viewer == Viewer(role: "", name: key.id, staffID: "stf_7"))
        #expect(try JSONValue(parsing: run(folder, "list", "--json").output)[0]?["role"] == .null)
        #expect(run(folder, "list").output.contains("\(key.id)  (row)  stf_7  valid"))
    }

    @Test func `the roles of a schema are those of its folder`() throws {
        let folder = try CommandFolder([
            "a.graphql": #"type Team @table @allow(roles: ["partner"]) { name: String }"#
        ])
        #expect(run(folder, "create", "--role", "partner").exitCode == .usage)
        let made = run(folder, "create", "--role", "partner", "--schema", folder.path)
        #expect(made.exitCode == .success, "\(made)")
        let refused = run(folder, "create", "--role", "boss", "--schema", folder.path)
        #expect(
            refused
                == CommandResult(
                    exitCode: .usage, output: "",
                    errors: """
                        tessera: there is no role "boss"
                          help: roles are admin, manager, staff, analyst, developer, member, partner

                        """))
    }

    @Test func `a key can be revoked by what it is`() throws {
        let folder = try CommandFolder([:])
        let token = String(run(folder, "create", "--role", "admin").output.dropLast())
        #expect(run(folder, "revoke", token).exitCode == .success)
        #expect(run(folder, "list").output.contains("revoked"))
    }

    @Test func `what makes no sense is refused, and nothing is made`() throws {
        let folder = try CommandFolder([:])
        let cases: [([String], String)] = [
            (["create"], "key create needs --role ROLE"),
            (["create", "--role", "boss"], "there is no role \"boss\""),
            (["create", "--role", "member"], "a key of the role member needs --member ID"),
            (
                ["create", "--role", "staff"],
                "a key of the role staff needs --chapter ID or --staff ID"
            ),
            (
                ["create", "--role", "member", "--member", "a b"],
                "an id has 1 to 100 letters, digits and signs"
            ),
            (
                ["create", "--role", "admin", "--ttl", "40000d"],
                "--ttl cannot be longer than 100 years"
            ),
            (["create", "--role", "admin", "--ttl", "soon"], "--ttl cannot be \"soon\""),
            (["create", "--role", "admin", "--name", "a\nb"], "--name cannot be \"a\nb\""),
            (["create", "x", "--role", "admin"], "key create does not take \"x\""),
            (["list", "x"], "key list does not take \"x\""),
            (["revoke"], "key revoke needs ID"),
            (["drop"], "key does not take \"drop\""),
        ]
        for (words, message) in cases {
            let result = tessera(["key"] + words + ["--keys", folder.path + "/keys.json"])
            #expect(result.exitCode == .usage && result.output.isEmpty, "\(words)")
            #expect(result.errors.hasPrefix("tessera: \(message)\n"), "\(result.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        #expect(tessera(["key", "list"]).errors.hasPrefix("tessera: key needs --data DIR"))
    }

    @Test func `an unknown key cannot be revoked`() throws {
        let folder = try CommandFolder([:])
        let path = folder.path + "/keys.json"
        let unknown = CommandResult(
            exitCode: .failure, output: "",
            errors: """
                tessera: \(path) has no key "0123456789ab"
                  help: "tessera key list" shows them

                """)
        #expect(run(folder, "revoke", "0123456789ab") == unknown)
        _ = run(folder, "create", "--role", "admin")
        #expect(run(folder, "revoke", "0123456789ab") == unknown)
    }

    @Test func `a folder that is not there is not made`() throws {
        let folder = try CommandFolder([:])
        let result = tessera(
            ["key", "create", "--role", "admin", "--data", folder.path + "/none"])
        #expect(result.exitCode == .usage && result.output.isEmpty)
    }

    @Test func `a server does not start with what cannot be right`() throws {
        let folder = try CommandFolder(["open.json": "{}", "short.json": ""])
        let short = folder.path + "/short.json"
        let text = #"{"keys":[{"kty":"oct","k":"\#(base64URL(webSecret.dropLast()))"}]}"#
        try Data(text.utf8).write(to: URL(fileURLWithPath: short))
        let files = FileManager.default
        try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: short)
        try files.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: folder.path + "/open.json")
        let cases: [([String], String)] = [
            (["--auth", "keys"], "--auth keys needs a place for the keys"),
            (["--auth", "password"], "--auth cannot be \"password\""),
            (["--auth", "jwt-hs256:"], "--auth cannot be \"jwt-hs256:\""),
            (["--keys", "x"], "--keys means nothing without --auth keys"),
            (["--cors", "example.com"], "--cors cannot be \"example.com\""),
            (["--allowed-host", "a:80"], "--allowed-host cannot be \"a:80\""),
            (["--trusted-proxy", "proxy"], "--trusted-proxy cannot be \"proxy\""),
            (["--rate-limit", "much"], "--rate-limit cannot be \"much\""),
            (
                ["--auth", "jwt-hs256:\(folder.path)/none"],
                "\(folder.path)/none: open failed: No such file or directory"
            ),
            (
                ["--auth", "jwt-hs256:\(folder.path)/open.json"],
                "\(folder.path)/open.json: others may read or change it (mode 644)"
            ),
            (
                ["--auth", "keys", "--keys", folder.path + "/open.json"],
                "\(folder.path)/open.json: others may read or change it (mode 644)"
            ),
            (
                ["--auth", "jwt-hs256:\(short)"],
                "\(short): keys[0].k has 31 bytes, and so could be guessed"
            ),
            (
                ["--auth", "none", "--listen", "0.0.0.0:0"],
                "other machines could reach 0.0.0.0, and all of them could read and change "
                    + "everything"
            ),
        ]
        for command in ["serve", "demo"] {
            for (flags, message) in cases {
                let result = tessera([command] + flags)
                #expect(result.exitCode == .usage && result.output.isEmpty)
                #expect(result.errors.hasPrefix("tessera: \(message)\n"), "\(result.errors)")
            }
        }
    }

    @Test func `with credentials a server may listen to others`() throws {
        let folder = try CommandFolder([:])
        let flags = ["--listen", "0.0.0.0:0", "--auth", "keys", "--keys", folder.path + "/k"]
        let invocation = try Invocation(serveCommand, flags, environment: [:])
        #expect(try ServeOptions.address(invocation) == Address(host: "0.0.0.0", port: 0))
    }
}

@Suite struct RunningKeysTests {
    private func status(_ server: ServerProcess, _ token: String) throws -> String {
        try server.ask("{ __typename }", headers: "Authorization: Bearer \(token)\r\n").status
    }

    private func key(_ folder: DataFolder, _ words: String...) -> CommandResult {
        tessera(["key"] + words + ["--data", folder.data])
    }

    @Test func `a running server goes by what key commands have changed`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(folder, ["--auth", "keys"])
        #expect(server.errors.contains("there are no keys yet"))
        #expect(try server.ask("{ __typename }").status == "401 Unauthorized")
        let made = key(folder, "create", "--role", "admin")
        let token = String(made.output.dropLast())
        // The server has been told when the command ends.
        #expect(try status(server, token) == "200 OK")
        let url = "http://127.0.0.1:\(server.port)/graphql"
        #expect(
            tessera(["query", "--url", url, "{ __typename }"], environment: ["TESSERA_KEY": token])
                .exitCode == .success)
        #expect(
            tessera(["query", "--url", url, "{ __typename }", "--key", token + "x"]).exitCode
                == .answeredWithErrors)
        #expect(
            tessera(["query", "--url", url, "{ __typename }", "--key", "a\r\nX: b"]).exitCode
                == .usage)
        let id = try #require(AccessToken.id(in: Array(token.utf8)))
        #expect(key(folder, "revoke", id).exitCode == .success)
        #expect(try status(server, token) == "401 Unauthorized")
        // What was accepted is told of, also after the change.
        let listed = try JSONValue(parsing: key(folder, "list", "--json").output)
        #expect(listed[0]?["lastUsedAt"]?.string?.hasPrefix("20") == true)
        // Others that change the file are noticed by looking, or by the signal.
        let (other, otherToken) = makeKey(1)
        try KeyFile(path: folder.data + "/keys.json").change { $0.add(other) }
        try server.wait { try status(server, otherToken) == "200 OK" }
        server.signal(SIGHUP)
        #expect(try status(server, otherToken) == "200 OK")
        #expect(server.terminate() == 0)
        // A directory with keys is a good one.
        let again = try ServerProcess(folder, ["--auth", "keys"])
        #expect(try status(again, otherToken) == "200 OK")
        #expect(again.terminate() == 0)
    }

    @Test func `each of many keys that are made at once is good when its command ends`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(folder, ["--auth", "keys"])
        let (data, port) = (folder.data, server.port)
        @Sendable func run(_ words: String...) -> CommandResult {
            tessera(["key"] + words + ["--data", data])
        }
        @Sendable func status(_ token: String) throws -> String {
            let client = try Client(port: port)
            client.send(
                post(
                    #"{"query":"{ __typename }"}"#, headers: "Authorization: Bearer \(token)\r\n"))
            return try client.read().status
        }
        let answers = Guarded<[String]>([])
        let problems = Guarded<[any Error]>([])
        DispatchQueue.concurrentPerform(iterations: 24) { _ in
            do {
                let token = String(run("create", "--role", "admin").output.dropLast())
                let good = try status(token)
                let revoked = run("revoke", token).errors
                let gone = try status(token)
                answers.withLock { $0.append("\(good) \(revoked)\(gone)") }
            } catch {
                problems.withLock { $0.append(error) }
            }
        }
        #expect(problems.withLock(\.count) == 0)
        #expect(
            answers.withLock { $0 }
                == [String](repeating: "200 OK 401 Unauthorized", count: 24))
        #expect(server.terminate() == 0)
    }

    @Test func `a running server knows which keys make sense`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(folder, ["--auth", "keys"])
        let refused = key(folder, "create", "--role", "boss")
        #expect(refused.exitCode == .usage)
        #expect(refused.errors.hasPrefix("tessera: there is no role \"boss\"\n"), "\(refused)")
        _ = key(folder, "create", "--role", "admin")
        let listed = try JSONValue(parsing: key(folder, "list", "--json").output)
        #expect(listed[0]?["lastUsedAt"] == .null)
        // This schema has no members.
        let made = key(folder, "create", "--role", "member", "--member", "mem_1")
        #expect(made.exitCode == .success && !made.errors.contains("nobody has looked"))
        #expect(
            key(folder, "create", "--staff", "stf_1").errors.hasPrefix(
                "tessera: \"stf_1\" has no role now"))
        #expect(server.terminate() == 0)
    }

    @Test func `a backup has the keys, and a restore brings them back`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(folder, ["--auth", "keys"])
        let token = String(key(folder, "create", "--role", "admin").output.dropLast())
        let backup = folder.path + "/backup"
        #expect(tessera(["backup", backup, "--data", folder.data]).exitCode == .success)
        #expect(server.terminate() == 0)
        let target = folder.path + "/again"
        let restored = tessera(["restore", backup, "--data", target])
        #expect(restored.exitCode == .success)
        #expect(restored.errors.contains("those that were revoked since are good again"))
        for path in [backup, target] {
            let file = path + "/keys.json"
            #expect(
                try KeyFile(path: file).read() == KeyFile(path: folder.data + "/keys.json").read())
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
        #expect(
            try KeyFile(path: target + "/keys.json").read()?.keys.map(\.id)
                == [try #require(AccessToken.id(in: Array(token.utf8)))])
        #expect(tessera(["journal", "verify", "--data", target]).exitCode == .success)
        // Keys that others may have changed are not taken over; the rows are.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: backup + "/keys.json")
        let other = folder.path + "/other"
        let warned = tessera(["restore", backup, "--data", other])
        #expect(warned.exitCode == .success && warned.errors.contains("were not restored"))
        #expect(!FileManager.default.fileExists(atPath: other + "/keys.json"))
    }

    @Test func `keys can be made before the first start`() throws {
        let folder = try DataFolder()
        try FileManager.default.createDirectory(
            atPath: folder.data, withIntermediateDirectories: true)
        let token = String(key(folder, "create", "--role", "admin").output.dropLast())
        let server = try ServerProcess(folder, ["--auth", "keys"])
        #expect(try status(server, token) == "200 OK")
        #expect(server.terminate() == 0)
    }

    @Test func `the same idempotency key of another caller is another key`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(folder, ["--auth", "keys"])
        let first = String(key(folder, "create", "--role", "admin").output.dropLast())
        let second = String(key(folder, "create", "--role", "admin").output.dropLast())
        func ask(_ token: String, _ mutation: String) throws -> String {
            try server.ask(
                mutation,
                headers: "Authorization: Bearer \(token)\r\nIdempotency-Key: k-1\r\n"
            ).body
        }
        let made = try ask(first, create("prs_1", balance: 1))
        #expect(made.contains(#""purse":{"id":"prs_1","balance":1}"#), "\(made)")
        // The same request of the same caller does nothing a second time.
        #expect(try ask(first, create("prs_1", balance: 1)) == made)
        let other = try ask(second, create("prs_2", balance: 2))
        #expect(other.contains(#""purse":{"id":"prs_2","balance":2}"#), "\(other)")
        #expect(try !ask(first, create("prs_3", balance: 3)).contains("prs_3"))
        #expect(server.terminate() == 0)
    }

    @Test func `a web token is taken up to the end of its key`() throws {
        let folder = try DataFolder()
        func write(_ id: String, _ secret: [UInt8]) throws {
            let path = folder.path + "/jwks.json"
            let text = """
                {"keys":[{"kty":"oct","kid":"\(id)","alg":"HS256","k":"\(base64URL(secret))"}]}
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: path)
        }
        try write("a", webSecret)
        let server = try ServerProcess(
            folder, ["--auth", "jwt-hs256:\(folder.path)/jwks.json"])
        let expiry = Instant.now / 1000 + 600
        let claims = #"{"role":"admin","sub":"ada","exp":\#(expiry)}"#
        #expect(try status(server, webToken(claims: claims)) == "200 OK")
        #expect(
            try status(server, webToken(claims: claims, secret: otherSecret)) == "401 Unauthorized")
        try write("b", otherSecret)
        server.signal(SIGHUP)
        try server.wait {
            try status(server, webToken(claims: claims, secret: otherSecret)) == "200 OK"
        }
        #expect(try status(server, webToken(claims: claims)) == "401 Unauthorized")
        #expect(server.terminate() == 0)
    }
}
