import Bytes
import Engine
import Glibc
import JSON

/// The file that access keys are kept in.
///
///     {
///       "format": 1,
///       "keys": [
///         {"id": "k2v8…", "name": "till 3", "role": "staff", "staff": "staff_7",
///          "hash": "sha256:…", "createdAt": "2026-06-30T12:00:00.000Z",
///          "expiresAt": null, "revokedAt": null}
///       ]
///     }
///
/// A key of the staff may do without `role`, which then is that of its row. Members that are not
/// known are kept. The file is replaced as a whole, and changed by one process
/// at a time.
struct KeyFile: Equatable, Sendable {
    /// The file's name in a data directory.
    static let name = "keys.json"

    let path: String

    /// Bytes of a file. Reason: ten thousand keys take a third of it, and it is read in a moment.
    private static let byteCountMax = 16 << 20

    enum Problem: Error, Equatable {
        case file(ProtectedFile.Problem)
        case json(JSONError, line: Int, column: Int)
        /// A later version has written the file.
        case newer(format: Int64)
        /// `keys[3].role`, and what stands there in a good file.
        case malformed(place: String, expected: String)
        case noSuchKey(id: String)
    }

    /// What the file holds.
    ///
    /// - Returns: nil when there is no file.
    func read() throws(Problem) -> KeyFileContents? {
        let bytes: [UInt8]
        do throws(ProtectedFile.Problem) {
            bytes = try ProtectedFile.read(path, byteCountMax: KeyFile.byteCountMax)
        } catch .system(call: "open", code: ENOENT) {
            return nil
        } catch {
            throw .file(error)
        }
        return try KeyFileContents(parsing: bytes)
    }

    /// Changes what the file holds, and makes it if it is not there. When this returns, the change
    /// is on the disk.
    func change<Result>(
        _ body: (inout KeyFileContents) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        var problem: Problem?
        do throws(ProtectedFile.Problem) {
            let result: Result? = try ProtectedFile.locking(path) {
                () throws(ProtectedFile.Problem) in
                do throws(Problem) {
                    var contents = try read() ?? KeyFileContents()
                    let result = try body(&contents)
                    try write(contents)
                    return result
                } catch {
                    problem = error
                    return nil
                }
            }
            if let result { return result }
        } catch {
            throw .file(error)
        }
        throw problem ?? .file(.notAFile)
    }

    // MARK: Copies

    /// The file as it is, for a backup; nil when there is none.
    func copy() throws(CommandError) -> KeyFileContents? {
        do throws(Problem) {
            return try read()
        } catch {
            throw error.commandError(path)
        }
    }

    /// Writes what was copied, readable by its owner alone.
    func paste(_ contents: KeyFileContents) throws(CommandError) {
        do throws(Problem) {
            try write(contents)
        } catch {
            throw error.commandError(path)
        }
    }

    private func write(_ contents: KeyFileContents) throws(Problem) {
        do throws(ProtectedFile.Problem) {
            try ProtectedFile.replace(path, with: contents.bytes)
        } catch {
            throw .file(error)
        }
    }
}

/// The keys of a file, and what else it holds.
struct KeyFileContents: Equatable, Sendable {
    /// A key, and the members of its object that this version does not know.
    struct Entry: Equatable, Sendable {
        var key: AccessKey
        var others: [JSONValue.Member] = []
    }

    private(set) var entries: [Entry] = []
    private var others: [JSONValue.Member] = []

    /// The version of the format that is written, and the greatest that is read.
    private static let format: Int64 = 1

    var keys: [AccessKey] { entries.map(\.key) }

    init() {}

    mutating func add(_ key: AccessKey) {
        entries.append(Entry(key: key))
    }

    /// Revokes a key from now on; one that was revoked before stays as it is.
    mutating func revoke(_ id: String, now: Int64) throws(KeyFile.Problem) {
        guard let place = entries.firstIndex(where: { isSame($0.key.id, id) }) else {
            throw .noSuchKey(id: id)
        }
        if entries[place].key.revokedAt == nil { entries[place].key.revokedAt = now }
    }

    // MARK: Reading

    init(parsing bytes: [UInt8]) throws(KeyFile.Problem) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes)
        } catch {
            let (line, column) = KeyFileContents.place(of: error.offset, in: bytes)
            throw .json(error, line: line, column: column)
        }
        guard let members = json.members else {
            throw .malformed(place: "the file", expected: "an object")
        }
        guard let format = json["format"]?.int64, format >= 1 else {
            throw .malformed(place: "format", expected: "a whole number, at least 1")
        }
        guard format <= KeyFileContents.format else { throw .newer(format: format) }
        guard let keys = json["keys"]?.elements else {
            throw .malformed(place: "keys", expected: "a list")
        }
        var ids: Set<String> = []
        for (index, element) in keys.enumerated() {
            let entry = try Entry(element, place: "keys[\(index)]")
            guard ids.insert(entry.key.id).inserted else {
                throw .malformed(place: "keys[\(index)].id", expected: "an id of its own")
            }
            entries.append(entry)
        }
        others = members.filter { !["format", "keys"].contains($0.key) }
    }

    /// Line and column of a byte, each from 1.
    static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(max(0, offset))
        let newline = UInt8(ascii: "\n")
        let line = before.reduce(1) { $1 == newline ? $0 + 1 : $0 }
        let start = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        return (line, before.count - start + 1)
    }

    // MARK: Writing

    /// As the file has it, one key a line.
    var bytes: [UInt8] {
        let output = ByteBuffer(capacity: 256 + 512 * entries.count)
        output.append("{\n  \"format\": ")
        output.appendInteger(Int(KeyFileContents.format))
        for member in others {
            output.append(",\n  ")
            output.appendJSONString(member.key)
            output.append(": ")
            output.appendJSON(member.value)
        }
        output.append(",\n  \"keys\": [")
        for (index, entry) in entries.enumerated() {
            output.append(index == 0 ? "\n    " : ",\n    ")
            output.appendJSON(entry.json)
        }
        output.append(entries.isEmpty ? "]\n}\n" : "\n  ]\n}\n")
        return output.bytes
    }
}

extension KeyFileContents.Entry {
    private static let known: Set<String> = [
        "id", "name", "role", "member", "staff", "chapter", "hash", "createdAt", "expiresAt",
        "revokedAt",
    ]

    private static let hashPrefix = "sha256:"

    fileprivate init(_ json: JSONValue, place: String) throws(KeyFile.Problem) {
        guard let members = json.members else {
            throw .malformed(place: place, expected: "an object")
        }
        guard let id = json["id"]?.string, AccessToken.isID(id) else {
            throw .malformed(
                place: "\(place).id", expected: "\(AccessToken.idCharacterCount) characters")
        }
        func text(_ name: String) throws(KeyFile.Problem) -> String? {
            guard let value = json[name], !value.isNull else { return nil }
            guard let text = value.string, !text.isEmpty else {
                throw .malformed(place: "\(place).\(name)", expected: "a text or null")
            }
            return text
        }
        func time(_ name: String) throws(KeyFile.Problem) -> Int64? {
            guard var text = try text(name) else { return nil }
            let time = text.withUTF8 {
                unsafe Instant.milliseconds(parsing: UnsafeRawBufferPointer($0))
            }
            guard let time else {
                throw .malformed(
                    place: "\(place).\(name)", expected: "a time like 2026-06-30T12:00:00Z")
            }
            return time
        }
        let named = try text("role")
        let staff = try text("staff")
        // Without a role it is that of the row of the staff.
        guard let role = named ?? staff.map({ _ in "" }) else {
            throw .malformed(place: "\(place).role", expected: "a role")
        }
        guard let hash = json["hash"]?.string, let digest = Self.digest(hash) else {
            throw .malformed(
                place: "\(place).hash", expected: "\(Self.hashPrefix) and 64 hexadecimal digits")
        }
        guard let createdAt = try time("createdAt") else {
            throw .malformed(
                place: "\(place).createdAt", expected: "a time like 2026-06-30T12:00:00Z")
        }
        key = AccessKey(
            viewer: Viewer(
                role: role, name: id, memberID: try text("member"), staffID: staff,
                chapterID: try text("chapter")),
            name: try text("name"), tokenHash: digest, createdAt: createdAt,
            expiresAt: try time("expiresAt"), revokedAt: try time("revokedAt"))
        others = members.filter { !Self.known.contains($0.key) }
    }

    fileprivate var json: JSONValue {
        .object(key.members + [.init("hash", .string(Self.hashPrefix + key.tokenHash.hexadecimal))])
            .adding(others)
    }

    private static func digest(_ text: String) -> [UInt8]? {
        guard text.hasPrefix(hashPrefix) else { return nil }
        let digits = text.utf8.dropFirst(hashPrefix.utf8.count).map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count == 2 * SHA256.digestByteCount else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[place], let low = digits[place + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

extension AccessKey {
    /// What may be shown of a key.
    var members: [JSONValue.Member] {
        [
            .init("id", .string(id)), .init("name", .text(name)),
            .init("role", .text(viewer.role.isEmpty ? nil : viewer.role)),
            .init("member", .text(viewer.memberID)),
            .init("staff", .text(viewer.staffID)), .init("chapter", .text(viewer.chapterID)),
            .init("createdAt", .time(createdAt)), .init("expiresAt", .time(expiresAt)),
            .init("revokedAt", .time(revokedAt)),
        ]
    }
}

extension JSONValue {
    fileprivate static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    /// As key files and lists have it; null for none.
    static func time(_ time: Int64?) -> JSONValue {
        guard let time else { return .null }
        let text = ByteBuffer(capacity: 32)
        text.appendDateTime(time)
        return .string(text.makeString())
    }

    fileprivate func adding(_ more: [Member]) -> JSONValue { .object((members ?? []) + more) }
}

extension KeyFile.Problem {
    /// What is wrong, and how to mend it.
    func commandError(_ path: String) -> CommandError {
        let mend = "mend it by hand, or move it away and make new keys with \"tessera key create\""
        switch self {
        case .file(let problem):
            let (message, hint) = problem.text(path)
            return CommandError(.usage, "\(path): \(message)", hint: hint)
        case .json(let error, let line, let column):
            return CommandError(
                .data, "\(path):\(line):\(column): \(error.reason.text)", hint: mend)
        case .newer(let format):
            return CommandError(
                .data, "\(path) has format \(format); this version reads 1",
                hint: "a later version has written it: use that one")
        case .malformed(let place, let expected):
            return CommandError(.data, "\(path): \(place) must be \(expected)", hint: mend)
        case .noSuchKey(let id):
            return CommandError(
                .failure, "\(path) has no key \"\(id)\"", hint: "\"tessera key list\" shows them")
        }
    }
}
