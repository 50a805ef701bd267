import Bytes
import Engine
import Glibc
import JSON

let keyCommand = Command(
    name: "key", purpose: "make, list and revoke access keys, also of a running server",
    arguments: [
        Command.Argument(
            "ACTION", choices: ["create", "list", "revoke"],
            help: "create: make a key and print it, once; list: show what is known of all; "
                + "revoke: accept a key no more"),
        Command.Argument("ID", isRequired: false, help: "the key to revoke, as list shows it"),
    ],
    flags: [
        Flag("data", .path, "DIR", help: "the data directory that the keys are for"),
        Flag("keys", .path, "FILE", help: "the file of keys, for a server without --data"),
        Flag(
            "role", .text, "ROLE",
            help: "what the key may do; with --staff by default what the row of the staff says"),
        Flag("name", .text, "TEXT", help: "what the key is for, as list shows it"),
        Flag("staff", .text, "ID", help: "the one of the staff that the key stands for"),
        Flag("member", .text, "ID", help: "the member that the key stands for"),
        Flag("chapter", .text, "ID", help: "the chapter that the key stands for"),
        Flag(
            "schema", .path, "DIR",
            help: "the folder of the schema files, for roles of its own, while no server runs"),
        Flag("ttl", .duration, "TIME", help: "how long the key is good, such as 12h or 90d"),
        Flag("json", .toggle, help: "list as JSON"),
    ],
    examples: [
        "tessera key create --role admin --name deploy --ttl 90d --data club-data",
        "tessera key list --data club-data",
        "tessera key revoke 0a1b2c3d4e5f --data club-data",
    ],
    run: { invocation, terminal throws(CommandError) in
        let desk = try KeyDesk(invocation, terminal)
        let id = invocation.arguments.dropFirst().first
        switch invocation.arguments[0] {
        case "revoke":
            guard let id else {
                throw .usage(
                    "key revoke needs ID", hint: "as in \"\(keyCommand.examples[2])\"")
            }
            try desk.revoke(id)
        case let action:
            if let id { throw .usage("key \(action) does not take \"\(id)\"") }
            if action == "create" { try desk.create() } else { try desk.list() }
        }
        return .success
    })

/// What the command does with one file of keys.
private struct KeyDesk {
    /// Milliseconds that a key may be good for. Reason: a time limit beyond a lifetime is a mistake.
    private static let lifetimeMax = Duration.seconds(100 * 366 * 86_400)
    private static let nameCharacterCountMax = 100

    private let invocation: Invocation
    private let terminal: Terminal
    private let file: KeyFile
    /// Whose server is to be told.
    private let directory: String?

    init(_ invocation: Invocation, _ terminal: Terminal) throws(CommandError) {
        self.invocation = invocation
        self.terminal = terminal
        directory = invocation.text("data")
        guard let path = invocation.text("keys") ?? directory.map(AccessOptions.keyPath) else {
            throw .usage(
                "key needs --data DIR or --keys FILE",
                hint: "as in \"\(keyCommand.examples[0])\"")
        }
        file = KeyFile(path: path)
    }

    // MARK: Create

    func create() throws(CommandError) {
        let staffID = invocation.text("staff")
        guard let role = invocation.text("role") ?? staffID.map({ _ in "" }) else {
            throw .usage(
                "key create needs --role ROLE",
                hint: "roles are \(AccessRoles.builtIn.list), and those of the schema; or name "
                    + "--staff ID, whose row says the role")
        }
        var generator = SystemRandomNumberGenerator()
        let (id, token) = AccessToken.make(using: &generator)
        let viewer = Viewer(
            role: role, name: id, memberID: invocation.text("member"),
            staffID: staffID, chapterID: invocation.text("chapter"))
        let isChecked = try check(viewer)
        let name = invocation.text("name")
        if let name, name.count > KeyDesk.nameCharacterCountMax || name.contains(where: isControl) {
            throw .usage(
                "--name cannot be \"\(name.prefix(KeyDesk.nameCharacterCountMax))\"",
                hint: "it takes one line of \(KeyDesk.nameCharacterCountMax) characters at most")
        }
        let now = Instant.now
        let key = AccessKey(
            viewer: viewer, name: name, tokenHash: SHA256.digest(of: Array(token.utf8)),
            createdAt: now, expiresAt: try expiry(now), revokedAt: nil)
        try change { contents throws(KeyFile.Problem) in contents.add(key) }
        terminal.write(token)
        let what = role.isEmpty ? "the role of \(staffID ?? "")" : "role \(role)"
        terminal.note("key \(id), \(what); the line above is shown this once")
        if !isChecked, viewer != Viewer(role: role, name: id) {
            terminal.note("nobody has looked whether its ids exist: no server runs on the data")
        }
    }

    /// Whether a key for this bearer makes sense: as the server sees it that runs on the data, else
    /// as far as the schema says it.
    ///
    /// - Returns: whether the ids were looked up.
    private func check(_ viewer: Viewer) throws(CommandError) -> Bool {
        let isChecked = try ask { server throws(CommandError) in
            try server.checkKey(viewer)
            return true
        }
        if isChecked == true { return true }
        var roles = AccessRoles.builtIn
        if let folder = invocation.text("schema") {
            roles = AccessRoles(try Dataset.model(folder: folder))
        }
        guard let problem = roles.problem(with: viewer) else { return false }
        var error = roles.commandError(problem, viewer)
        if problem == .unknownRole, invocation.text("schema") == nil {
            error = CommandError(
                .usage, error.message,
                hint: (error.hint ?? "") + "; for those that the schema adds name its folder with "
                    + "--schema, or let the server run")
        }
        throw error
    }

    private func isControl(_ character: Character) -> Bool {
        character.unicodeScalars.contains { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }
    }

    private func expiry(_ now: Int64) throws(CommandError) -> Int64? {
        guard let lifetime = invocation.duration("ttl") else { return nil }
        guard lifetime <= KeyDesk.lifetimeMax else {
            throw .usage("--ttl cannot be longer than 100 years", hint: "leave it out for ever")
        }
        return now + Int64(lifetime / .milliseconds(1))
    }

    // MARK: Revoke

    func revoke(_ text: String) throws(CommandError) {
        // Who has the whole key at hand need not look for its id.
        let id = AccessToken.id(in: Array(text.utf8)) ?? text
        let now = Instant.now
        guard try read() != nil else {
            throw KeyFile.Problem.noSuchKey(id: id).commandError(file.path)
        }
        try change { contents throws(KeyFile.Problem) in try contents.revoke(id, now: now) }
        terminal.write("key \(id) is accepted no more")
    }

    // MARK: List

    func list() throws(CommandError) {
        let keys = try read()?.keys ?? []
        let now = Instant.now
        let uses = lastUses()
        if invocation.isOn("json") {
            let elements = keys.map { key in
                JSONValue.object(
                    key.members + [
                        .init("lastUsedAt", .time(uses[key.id])),
                        .init("state", .string(key.standing(at: now).rawValue)),
                    ])
            }
            return terminal.write(JSONValue.array(elements).indentedText)
        }
        guard !keys.isEmpty else { return terminal.note("there are no keys in \(file.path)") }
        let rows = keys.map { key in
            [
                key.id, key.viewer.role.isEmpty ? "(row)" : key.viewer.role,
                [key.viewer.memberID, key.viewer.staffID, key.viewer.chapterID]
                    .compactMap { $0 }.joined(separator: " "),
                key.standing(at: now).rawValue, day(key.createdAt),
                key.expiresAt.map(day) ?? "never", uses[key.id].map(minute) ?? "-",
                key.name ?? "",
            ]
        }
        let titles = ["ID", "ROLE", "FOR", "STATE", "CREATED", "EXPIRES", "USED", "NAME"]
        let widths = titles.indices.map { column in
            ([titles] + rows).map { $0[column].count }.max() ?? 0
        }
        for row in [titles] + rows {
            let cells = zip(row, widths).map { text, width in
                text + String(repeating: " ", count: width - text.count)
            }
            let line = cells.joined(separator: "  ")
            terminal.write(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }

    /// When the server that runs on the data directory last accepted keys; empty when none does, or
    /// it does not say.
    private func lastUses() -> [String: Int64] {
        let uses = try? ask { server throws(CommandError) in try server.keyUses() }
        return uses ?? [:]
    }

    /// `2026-06-30`
    private func day(_ milliseconds: Int64) -> String { beginning(milliseconds, 10) }

    /// `2026-06-30T12:00`
    private func minute(_ milliseconds: Int64) -> String { beginning(milliseconds, 16) }

    private func beginning(_ milliseconds: Int64, _ count: Int) -> String {
        let text = ByteBuffer(capacity: 32)
        text.appendDateTime(milliseconds)
        return String(text.makeString().prefix(count))
    }

    // MARK: The server

    /// How often a server that is busy with other commands is asked again, and after what time. Reason:
    /// somebody waits; two seconds are enough for other commands on keys.
    private static let attemptsMax = 40
    private static let pauseMicroseconds: UInt32 = 50_000

    /// Asks the server that runs on the data directory.
    ///
    /// - Returns: nil when there is none.
    private func ask<Reply>(
        _ body: (ControlClient) throws(CommandError) -> Reply
    ) throws(CommandError) -> Reply? {
        var attempts = 0
        while let directory, let server = ControlClient(directory: directory) {
            do throws(CommandError) {
                return try body(server)
            } catch {
                attempts += 1
                // Who is turned away may see no more than that.
                let isBusy = error == ControlServer.busy || error == ControlClient.gone
                guard isBusy, attempts < Self.attemptsMax else { throw error }
            }
            usleep(Self.pauseMicroseconds)
        }
        return nil
    }

    // MARK: The file

    private func read() throws(CommandError) -> KeyFileContents? {
        do throws(KeyFile.Problem) {
            return try file.read()
        } catch {
            throw error.commandError(file.path)
        }
    }

    /// Changes the file, and tells the server that runs on the data directory. One that runs on
    /// another file sees the change by itself.
    private func change(
        _ body: (inout KeyFileContents) throws(KeyFile.Problem) -> Void
    ) throws(CommandError) {
        do throws(KeyFile.Problem) {
            try file.change(body)
        } catch {
            throw error.commandError(file.path)
        }
        do throws(CommandError) {
            _ = try ask { server throws(CommandError) in try server.reloadKeys() }
        } catch {
            // The change is made all the same, and the server looks at the file by itself too.
            terminal.report(error)
        }
    }
}

extension AccessRoles {
    /// `admin, manager, …`
    fileprivate var list: String { names.joined(separator: ", ") }

    /// Why there can be no key for a bearer, and what to do.
    func commandError(_ problem: Problem, _ viewer: Viewer) -> CommandError {
        let role = viewer.role
        return switch problem {
        case .unknownRole: .usage("there is no role \"\(role)\"", hint: "roles are \(list)")
        case .needsMember:
            .usage(
                "a key of the role \(role) needs --member ID",
                hint: "it sees what that member may see")
        case .needsChapterOrStaff:
            .usage(
                "a key of the role \(role) needs --chapter ID or --staff ID",
                hint: "it sees what belongs to that chapter, or to that person's")
        case .malformedID:
            .usage(
                "an id has 1 to 100 letters, digits and signs",
                hint: "copy it from an answer, such as mem_01J9ZK")
        }
    }
}

extension ViewerProblem {
    /// The same, where the data does not agree.
    var commandError: CommandError {
        switch self {
        case .unknownRow(let table, let id):
            .usage(
                "no row of \(table) has the id \"\(id)\"",
                hint: "copy it from an answer: { \(table) { nodes { id } } }")
        case .noRole(let id):
            .usage(
                "\"\(id)\" has no role now, and so a key of it would open nothing",
                hint: "let the row be active, or name another with --staff")
        }
    }
}
