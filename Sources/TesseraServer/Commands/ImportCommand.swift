import Engine

let importCommand = Command(
    name: "import", purpose: "check data files",
    arguments: [Command.Argument("DIR", help: "the folder of the data files")],
    flags: [
        Dataset.schemaFlag,
        Flag("dry-run", .toggle, help: "read and check everything, and keep nothing"),
        Dataset.clockFlag,
    ],
    examples: [
        "tessera import --dry-run club-data",
        "tessera import --dry-run club-data --schema club/schema",
        "tessera import --dry-run club-data --clock 2026-06-30T12:00:00Z",
    ],
    run: { invocation, terminal throws(CommandError) in
        guard invocation.isOn("dry-run") else {
            throw .usage(
                "there is no data directory yet to import into; it comes with a later version",
                hint: "check the files with --dry-run, or load them with \"tessera serve --import\""
            )
        }
        let dataset = Dataset(model: try Dataset.model(invocation))
        let start = ContinuousClock.now
        let summary = try dataset.importFolder(
            invocation.arguments[0], now: Dataset.now(invocation), isDryRun: true, terminal)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let report = ImportReport(summary)
        terminal.write(report.lines.joined(separator: "\n"))
        report.write(to: terminal)
        let rate = seconds > 0 ? Int(Double(summary.rows) / seconds) : 0
        terminal.note("\(grouped(summary.rows)) rows checked, \(grouped(rate)) rows/s")
        return summary.refused == 0 ? .success : .failure
    })
