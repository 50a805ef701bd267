import Bytes
import Store

let snapshotCommand = Command(
    name: "snapshot", purpose: "write a snapshot of a data directory, also of a running server's",
    arguments: [],
    flags: [DataOptions.pathFlag, Dataset.schemaFlag],
    examples: [
        "tessera snapshot --data club-data", "tessera snapshot --data /var/lib/club",
        "tessera snapshot --data /var/lib/club --schema club/schema",
    ],
    run: { invocation, terminal throws(CommandError) in
        let outcome = try withDataAccess(invocation) { access throws(CommandError) in
            try access.snapshot()
        }
        terminal.write(outcome.line)
        return .success
    })

let backupCommand = Command(
    name: "backup",
    purpose: "copy a data directory and its keys as of one moment, also while a server runs on it",
    arguments: [
        Command.Argument("DIR", help: "where the backup goes: a new or empty folder")
    ],
    flags: [DataOptions.pathFlag, Dataset.schemaFlag],
    examples: [
        "tessera backup backups/monday --data club-data",
        "tessera backup /mnt/backups/2026-06-30 --data /var/lib/club",
        "tessera backup ../backups/tuesday --data .",
    ],
    run: { invocation, terminal throws(CommandError) in
        let target = absolutePath(invocation.arguments[0])
        let outcome = try withDataAccess(invocation) { access throws(CommandError) in
            try access.backup(to: target)
        }
        terminal.write(outcome.line)
        return .success
    })

let restoreCommand = Command(
    name: "restore", purpose: "make a data directory from a backup or another data directory",
    arguments: [
        Command.Argument("DIR", help: "a backup, or a data directory that no server has open")
    ],
    flags: [
        Flag("data", .path, "DIR", help: "the data directory to make: a new or empty folder"),
        Flag(
            "at", .time, "TIME",
            help: "go back to this moment: changes that were committed later are left out"),
    ],
    examples: [
        "tessera restore backups/monday --data club-data",
        "tessera restore backups/monday --at 2026-06-30T12:00:00Z --data club-data-noon",
        "tessera restore club-data --at 2026-06-30T12:00:00Z --data club-data-before",
    ],
    run: { invocation, terminal throws(CommandError) in
        guard let target = invocation.text("data") else {
            throw .usage(
                "restore needs --data DIR", hint: "as in \"\(restoreCommand.examples[0])\"")
        }
        let source = invocation.arguments[0]
        let from = try openDisk(source, create: false)
        let to = try openDisk(target, create: true)
        do throws(DirectoryError) {
            let (sequence, time) = try DataDirectory.restore(
                from: from, to: to, at: invocation.time("at"))
            terminal.write("\(target) is as of change \(sequence), \(dateTimeText(time))")
        } catch {
            throw commandError(error, source)
        }
        restoreKeys(from: source, to: target, terminal)
        return .success
    })

let journalCommand = Command(
    name: "journal", purpose: "check the journals of a data directory, or show what is in them",
    arguments: [
        Command.Argument(
            "ACTION", choices: ["verify", "dump"],
            help: "verify: every checksum, number and hash; dump: every record as a line of JSON")
    ],
    flags: [DataOptions.pathFlag],
    examples: [
        "tessera journal verify --data club-data", "tessera journal dump --data club-data",
        "tessera journal verify --data backups/monday",
    ],
    run: { invocation, terminal throws(CommandError) in
        let path = try dataPath(invocation)
        let disk = try openDisk(path, create: false)
        do throws(DirectoryError) {
            if invocation.arguments[0] == "verify" {
                let report = try DataDirectory.verify(disk)
                for line in report.lines { terminal.write(line) }
                guard let first = report.faults.first else { return .success }
                for fault in report.faults.dropFirst() {
                    terminal.report(commandError(fault, path))
                }
                throw first
            }
            try DataDirectory.dump(disk) { terminal.write(bytes: Array(($0 + "\n").utf8)) }
            return .success
        } catch {
            throw commandError(error, path)
        }
    })

let storeCommand = Command(
    name: "store", purpose: "check every invariant of a data directory",
    arguments: [
        Command.Argument(
            "ACTION", choices: ["check"],
            help: "check: look at all rows, index entries and references")
    ],
    flags: [DataOptions.pathFlag, Dataset.schemaFlag, DataOptions.recoverFlag],
    examples: [
        "tessera store check --data club-data", "tessera store check --data backups/monday",
        "tessera store check --data club-data --schema club/schema",
    ],
    run: { invocation, terminal throws(CommandError) in
        guard let options = try DataOptions(invocation) else {
            throw .usage("store needs --data DIR", hint: "as in \"\(storeCommand.examples[0])\"")
        }
        _ = try openDisk(options.path, create: false)
        let model = try Dataset.model(invocation)
        let (directory, lines) = try openDirectory(
            options, model, makeClock(fixed: nil))
        let data = ServedData(model, directory, path: options.path)
        let problems = storeProblems(directory.store)
        try data.close(hasTime: false)
        for line in lines { terminal.write(line.trimmingPrefix { $0 == " " }.description) }
        guard problems.isEmpty else {
            for problem in problems { terminal.write(problem) }
            throw CommandError(
                .problems, "\(options.path): \(problems.count) invariants do not hold",
                hint: "restore a backup, and report this: the store never writes such data")
        }
        terminal.write("every row, index entry and reference is as it should be")
        return .success
    })

/// Takes the access keys over, unless the new directory has some already. The rows are restored
/// whatever becomes of the keys.
private func restoreKeys(from source: String, to target: String, _ terminal: Terminal) {
    let path = AccessOptions.keyPath(target)
    do throws(CommandError) {
        let file = KeyFile(path: path)
        guard let keys = try KeyFile(path: AccessOptions.keyPath(source)).copy(),
            try file.copy() == nil
        else { return }
        try file.paste(keys)
        terminal.note(
            "\(path) has the keys of \(source): those that were revoked since are good again, so "
                + "look at \"tessera key list\"")
    } catch {
        terminal.note("the keys were not restored; make new ones with \"tessera key create\"")
        terminal.report(error)
    }
}

/// What does not hold in the present version of a store.
private func storeProblems(_ store: Store) -> [String] {
    guard let reader = store.makeReader() else { return ["the store has no reader left"] }
    return reader.withVersion { store.check($0) }.map { "\($0)" }
}

/// `2026-06-30T12:00:00.000Z`
private func dateTimeText(_ milliseconds: Int64) -> String {
    let text = ByteBuffer(capacity: 32)
    text.appendDateTime(milliseconds)
    return text.makeString()
}

/// The folder of `--data`, which the command needs.
private func dataPath(_ invocation: Invocation) throws(CommandError) -> String {
    guard let path = invocation.text("data") else {
        throw .usage(
            "\(invocation.command.name) needs --data DIR",
            hint: "as in \"\(invocation.command.examples[0])\"")
    }
    return path
}
