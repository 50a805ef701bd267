import Engine
import Store

let importCommand = Command(
    name: "import", purpose: "add data files to a data directory, also to a running server's",
    arguments: [
        Command.Argument(
            "TABLE|DIR",
            help: "the table that FILE is added to; or a folder of data files, for a new data "
                + "directory"),
        Command.Argument("FILE", isRequired: false, help: "an .ndjson, .jsonl or .csv file"),
    ],
    flags: [
        DataOptions.pathFlag, Dataset.schemaFlag,
        Flag(
            "resume", .toggle, help: "pass over lines whose id is there already, after a break"),
        Flag("dry-run", .toggle, help: "read and check the files of a folder, and keep nothing"),
        DataOptions.shardsFlag, Dataset.clockFlag, quietFlag,
    ],
    examples: [
        "tessera import members members.csv --data club-data",
        "tessera import club-files --data club-data",
        "tessera import --dry-run club-files --schema club/schema",
    ],
    run: { invocation, terminal throws(CommandError) in
        let first = invocation.arguments[0]
        if invocation.isOn("dry-run") {
            guard invocation.arguments.count == 1 else {
                throw .usage(
                    "--dry-run checks a folder of files",
                    hint: "as in \"\(importCommand.examples[2])\"")
            }
            return try checkFolder(first, invocation, terminal)
        }
        guard invocation.isGiven("data") else {
            throw .usage(
                "import needs --data DIR",
                hint: "or check files with --dry-run, or load them with \"tessera serve --import\"")
        }
        guard invocation.arguments.count == 2 else {
            return try loadFolder(first, invocation, terminal)
        }
        return try addFile(invocation.arguments[1], to: first, invocation, terminal)
    })

/// Reads and checks all files of a folder.
private func checkFolder(
    _ folder: String, _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    let dataset = Dataset(model: try Dataset.model(invocation))
    return try load(
        folder, into: dataset, isDryRun: true, verb: "checked", invocation, terminal)
}

/// Makes a data directory of all files of a folder.
private func loadFolder(
    _ folder: String, _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    guard let options = try DataOptions(invocation) else { return .usage }
    let model = try Dataset.model(invocation)
    var code = ExitCode.success
    let isMade = try createDirectory(
        options, model, makeClock(fixed: invocation.time("clock"))
    ) { dataset throws(CommandError) in
        code = try load(
            folder, into: dataset, isDryRun: false, verb: "loaded", invocation, terminal)
    }
    guard isMade else {
        throw .usage(
            "\(options.path) is there already, and a folder is loaded into a new data directory",
            hint: "add one file after the other: tessera import TABLE FILE --data \(options.path)")
    }
    return code
}

private func load(
    _ folder: String, into dataset: Dataset, isDryRun: Bool, verb: String,
    _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    let start = ContinuousClock.now
    let summary = try dataset.importFolder(
        folder, now: Dataset.now(invocation), isDryRun: isDryRun, terminal,
        isQuiet: invocation.isOn("quiet"))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let report = ImportReport(summary)
    terminal.write(report.lines.joined(separator: "\n"))
    report.write(to: terminal)
    let rate = seconds > 0 ? Int(Double(summary.rows) / seconds) : 0
    terminal.note("\(grouped(summary.rows)) rows \(verb), \(grouped(rate)) rows/s")
    return summary.refused == 0 ? .success : .failure
}

/// Adds a file's lines to a table, in transactions.
private func addFile(
    _ file: String, to table: String, _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    let order = ImportOrder(
        table: table, file: absolutePath(file), resumes: invocation.isOn("resume"))
    let progress = ProgressLine(terminal, isQuiet: invocation.isOn("quiet"))
    let outcome: ImportOutcome
    do throws(CommandError) {
        outcome = try withDataAccess(invocation, mayCreate: true) { access throws(CommandError) in
            try access.importTable(order) { line throws(CommandError) in
                progress.show(line.table, rows: line.lines)
            }
        }
    } catch {
        progress.clear()
        throw error
    }
    progress.clear()
    for line in outcome.lines { terminal.write(line) }
    return outcome.refused == 0 ? .success : .failure
}
