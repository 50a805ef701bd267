import Bytes
import Engine
import Foundation
import Glibc
import JSON
import Testing

@testable import TesseraServer

@Suite struct KeyFileTests {
    private func folder() throws -> CommandFolder { try CommandFolder([:]) }

    private func write(_ text: String, _ path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func mode(_ path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.posixPermissions] as? Int
    }

    @Test func `keys come back as they were written`() throws {
        let folder = try folder()
        let file = KeyFile(path: folder.path + "/keys.json")
        #expect(try file.read() == nil)
        let keys = [
            makeKey(1).key, makeKey(2, role: "member", member: "mem_1", expiresAt: 5_000).key,
            makeKey(3, role: "staff", staff: "staff_1", revokedAt: 7_000).key,
        ]
        for key in keys { try file.change { $0.add(key) } }
        #expect(try file.read()?.keys == keys)
        #expect(mode(file.path) == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names == ["keys.json"])
    }

    @Test func `the file holds no secret`() throws {
        let folder = try folder()
        let file = KeyFile(path: folder.path + "/keys.json")
        let (key, token) = makeKey(1)
        try file.change { $0.add(key) }
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains(token.suffix(43)))
        #expect(text.contains(SHA256.digest(of: Array(token.utf8)).hexadecimal))
    }

    @Test func `what a later version has added is kept`() throws {
        let hash = String(repeating: "ab", count: 32)
        let text = """
            {"format": 1, "comment": {"by": ["Åse"]},
             "keys": [{"id": "0123456789ab", "role": "admin", "hash": "sha256:\(hash)",
                       "createdAt": "2026-06-30T12:00:00Z", "team": "tills"}]}
            """
        var contents = try KeyFileContents(parsing: Array(text.utf8))
        try contents.revoke("0123456789ab", now: 1_782_820_800_001)
        #expect(
            String(decoding: contents.bytes, as: UTF8.self) == """
                {
                  "format": 1,
                  "comment": {"by":["Åse"]},
                  "keys": [
                    {"id":"0123456789ab","name":null,"role":"admin","member":null,"staff":null,\
                "chapter":null,"createdAt":"2026-06-30T12:00:00.000Z","expiresAt":null,\
                "revokedAt":"2026-06-30T12:00:00.001Z","hash":"sha256:\(hash)","team":"tills"}
                  ]
                }

                """)
        #expect(try KeyFileContents(parsing: contents.bytes) == contents)
    }

    @Test func `a key is revoked once, and only one that is there`() throws {
        let key = makeKey(1).key
        var contents = KeyFileContents()
        contents.add(key)
        try contents.revoke(key.id, now: 5)
        try contents.revoke(key.id, now: 6)
        #expect(contents.keys.map(\.revokedAt) == [5])
        #expect(throws: KeyFile.Problem.noSuchKey(id: "nobody")) {
            try contents.revoke("nobody", now: 7)
        }
    }

    @Test func `a damaged file is refused with its place`() {
        let hash = "sha256:" + String(repeating: "ab", count: 32)
        func key(_ members: String) -> String { #"{"format":1,"keys":[{\#(members)}]}"# }
        let start = #""id":"0123456789ab","role":"admin""#
        let whole = #"\#(start),"hash":"\#(hash)","createdAt":"2026-06-30T12:00:00Z""#
        let cases: [(String, KeyFile.Problem)] = [
            ("[]", .malformed(place: "the file", expected: "an object")),
            ("{}", .malformed(place: "format", expected: "a whole number, at least 1")),
            (#"{"format":2,"keys":[]}"#, .newer(format: 2)),
            (#"{"format":1}"#, .malformed(place: "keys", expected: "a list")),
            (
                #"{"format":1,"keys":[1]}"#,
                .malformed(place: "keys[0]", expected: "an object")
            ),
            (key(""), .malformed(place: "keys[0].id", expected: "12 characters")),
            (
                key(#""id":"0123456789ab""#),
                .malformed(place: "keys[0].role", expected: "a role")
            ),
            (
                key(start),
                .malformed(
                    place: "keys[0].hash", expected: "sha256: and 64 hexadecimal digits")
            ),
            (
                key(start + #","hash":"sha256:AB""#),
                .malformed(
                    place: "keys[0].hash", expected: "sha256: and 64 hexadecimal digits")
            ),
            (
                key(#"\#(start),"hash":"\#(hash)""#),
                .malformed(
                    place: "keys[0].createdAt", expected: "a time like 2026-06-30T12:00:00Z")
            ),
            (
                key(whole + #","expiresAt":7"#),
                .malformed(place: "keys[0].expiresAt", expected: "a text or null")
            ),
            (
                key(whole + #","revokedAt":"soon""#),
                .malformed(
                    place: "keys[0].revokedAt", expected: "a time like 2026-06-30T12:00:00Z")
            ),
            (
                #"{"format":1,"keys":[{\#(whole)},{\#(whole)}]}"#,
                .malformed(place: "keys[1].id", expected: "an id of its own")
            ),
        ]
        for (text, problem) in cases {
            #expect(throws: problem, "\(text)") { try KeyFileContents(parsing: Array(text.utf8)) }
        }
        #expect(
            throws: KeyFile.Problem.json(
                JSONError(offset: 14, reason: .duplicateKey), line: 2, column: 1)
        ) {
            try KeyFileContents(parsing: Array("{\"format\": 1,\n\"format\": 1}".utf8))
        }
    }

    @Test func `every cut and every flipped bit of a file is refused or read as something whole`()
        throws
    {
        var contents = KeyFileContents()
        contents.add(makeKey(1, role: "member", member: "mem_1", expiresAt: 5_000).key)
        let bytes = contents.bytes
        for count in 0..<bytes.count - 1 {
            guard (try? KeyFileContents(parsing: Array(bytes.prefix(count)))) == nil else {
                Issue.record("accepted when cut after \(count) bytes")
                continue
            }
        }
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << bit
                _ = try? KeyFileContents(parsing: other)
            }
        }
    }

    @Test func `a file that others can read or change is refused`() throws {
        let folder = try folder()
        let path = folder.path + "/keys.json"
        for (mode, isGood) in [
            (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false),
            (0o604, false), (0o602, false), (0o601, false),
        ] {
            try write(#"{"format":1,"keys":[]}"#, path, mode: mode)
            if isGood {
                #expect(try KeyFile(path: path).read() == KeyFileContents())
            } else {
                let problem = ProtectedFile.Problem.openToOthers(mode: UInt32(mode))
                #expect(throws: KeyFile.Problem.file(problem)) { try KeyFile(path: path).read() }
                #expect(
                    KeyFile.Problem.file(problem).commandError(path)
                        == CommandError(
                            .usage,
                            "\(path): others may read or change it "
                                + "(mode \(String(mode, radix: 8)))",
                            hint: "chmod 600 \(path)"))
            }
        }
    }

    /// Only root can give files away.
    @Test(.enabled(if: geteuid() == 0))
    func `a file of another user is refused, and root works for the folder's owner`() throws {
        let folder = try CommandFolder([:])
        let file = KeyFile(path: folder.path + "/keys.json")
        try file.change { $0.add(makeKey(1).key) }
        func owner(_ path: String) -> uid_t {
            var status = stat()
            return unsafe stat(path, &status) == 0 ? status.st_uid : .max
        }
        #expect(unsafe chown(file.path, 12_345, 12_345) == 0)
        #expect(throws: KeyFile.Problem.file(.foreign(owner: 12_345))) { try file.read() }
        #expect(throws: KeyFile.Problem.file(.foreign(owner: 12_345))) {
            try file.change { $0.add(makeKey(2).key) }
        }
        // It is the folder's owner's now.
        #expect(unsafe chown(folder.path, 12_345, 12_345) == 0)
        try file.change { $0.add(makeKey(2).key) }
        #expect(owner(file.path) == 12_345 && mode(file.path) == 0o600)
        #expect(try file.read()?.keys.count == 2)
    }

    @Test func `a folder is no file of keys`() throws {
        let folder = try folder()
        #expect(throws: KeyFile.Problem.file(.notAFile)) { try KeyFile(path: folder.path).read() }
    }

    @Test func `a change that fails leaves the file alone`() throws {
        let folder = try folder()
        let file = KeyFile(path: folder.path + "/keys.json")
        try file.change { $0.add(makeKey(1).key) }
        let before = try Data(contentsOf: URL(fileURLWithPath: file.path))
        #expect(throws: KeyFile.Problem.noSuchKey(id: "x")) {
            try file.change { contents throws(KeyFile.Problem) in
                contents.add(makeKey(2).key)
                try contents.revoke("x", now: 1)
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == before)
        try write("{", file.path)
        #expect(throws: KeyFile.Problem.self) { try file.change { $0.add(makeKey(3).key) } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == Data("{".utf8))
    }

    @Test func `changes at the same time all count`() async throws {
        let folder = try folder()
        let file = KeyFile(path: folder.path + "/keys.json")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<16 {
                group.addTask { try file.change { $0.add(makeKey(UInt64(seed)).key) } }
            }
            try await group.waitForAll()
        }
        let ids = try file.read()?.keys.map(\.id) ?? []
        #expect(Set(ids) == Set((0..<16).map { makeKey(UInt64($0)).key.id }))
        #expect(ids.count == 16)
    }
}
