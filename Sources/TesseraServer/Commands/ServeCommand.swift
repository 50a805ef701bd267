import Engine
import Membership
import Store

let serveCommand = Command(
    name: "serve", purpose: "serve a schema and its data over HTTP",
    arguments: [],
    flags: [Dataset.schemaFlag] + DataOptions.flags + [Dataset.importFlag] + ServeOptions.flags
        + [ServeOptions.adminFlag(default: "127.0.0.1:9090"), Dataset.clockFlag]
        + ServeOptions.publicFlags,
    examples: [
        "tessera serve --data club-data", "tessera serve --data club-data --import club-files",
        "tessera serve --schema club/schema --data /var/lib/club --listen :9000",
    ],
    run: { invocation, terminal throws(CommandError) in
        // What is wrong with the address is said before the data is loaded.
        _ = try ServeOptions.address(invocation)
        let start = ContinuousClock.now
        let clock = makeClock(fixed: invocation.time("clock"))
        var headlines: [String] = []
        let data: ServedData
        let model = try Dataset.model(invocation)
        let reports = try Dataset.reports(folder: invocation.text("schema") ?? "schema", model)
        if let options = try DataOptions(invocation) {
            (data, headlines) = try openData(model, options, clock, invocation, terminal)
        } else {
            let dataset = try Dataset.open(invocation, terminal, model: model)
            data = ServedData(inMemory: dataset, clock: clock)
        }
        headlines.insert(headline("", data, largest(data), since: start), at: 0)
        return try serve(
            data, reports,
            ServeOptions(
                invocation, headlines: headlines, sampleQuery: sampleQuery(data),
                fixedNow: invocation.time("clock")), invocation, terminal)
    })

let demoCommand = Command(
    name: "demo", purpose: "serve a sample club, in memory",
    arguments: [],
    flags: [
        Dataset.sizeFlag,
        Flag("schema", .path, "DIR", help: "the folder of Tessera's own schema files"),
    ] + ServeOptions.flags + [ServeOptions.adminFlag(default: "off")],
    examples: [
        "tessera demo", "tessera demo --size large", "tessera demo --listen 127.0.0.1:0",
    ],
    run: { invocation, terminal throws(CommandError) in
        _ = try ServeOptions.address(invocation)
        let start = ContinuousClock.now
        let data = ServedData(
            inMemory: try Dataset.sampleClub(invocation), clock: makeClock(fixed: SampleClub.now))
        let reports = try Dataset.reports(
            folder: try Dataset.sampleClubFolder(invocation), data.model)
        let line = headline("demo ", data, ["members", "pointsEntries"], since: start)
        return try serve(
            data, reports,
            ServeOptions(
                invocation, headlines: [line], sampleQuery: "{members{totalCount}}",
                fixedNow: SampleClub.now), invocation, terminal)
    })

private func serve(
    _ data: ServedData, _ reports: ReportLibrary, _ options: ServeOptions,
    _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    var limits = ServeOptions.engineLimits(
        invocation,
        isOpen: invocation.command.name == demoCommand.name || invocation.isOn("introspection"))
    limits.introspectionByRole = options.access.asksForCredentials
    let context = EngineContext(
        model: data.model, store: data.store, limits: limits,
        documents: try trustedDocuments(invocation),
        clock: makeClock(fixed: options.fixedNow))
    try runServer(data, context: context, reports: reports, options: options, terminal)
    return .success
}

/// The documents of the manifests and of the reports, and whether there are others.
private func trustedDocuments(_ invocation: Invocation) throws(CommandError) -> DocumentRegistry {
    var documents: [TrustedDocument] = []
    for path in invocation.texts("trusted") {
        documents += try TrustedManifest.documents(ofFile: path)
    }
    documents += TrustedManifest.documents(
        ofFolder: (invocation.text("schema") ?? "schema") + "/reports")
    return DocumentRegistry(
        trusted: documents, onlyTrusted: invocation.isOn("only-trusted"),
        bytesMax: invocation.text("apq") == "off" ? 0 : DocumentRegistry.bytesMaxDefault)
}

/// Opens a data directory, made from files if it is new and they are given, and starts its
/// snapshots.
///
/// - Returns: it, and lines on what was found.
private func openData(
    _ model: Model, _ options: DataOptions, _ clock: @escaping @Sendable () -> Int64,
    _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> (ServedData, [String]) {
    if let folder = invocation.text("import") {
        let isMade = try createDirectory(options, model, clock) { dataset throws(CommandError) in
            let summary = try dataset.importFolder(
                folder, now: clock(), isDryRun: false, terminal)
            ImportReport(summary).write(to: terminal)
        }
        if !isMade {
            terminal.note(
                "\(options.path) is there already, so \(folder) was left alone; add single files "
                    + "with \"tessera import TABLE FILE --data \(options.path)\"")
        }
    }
    let (directory, lines) = try openDirectory(options, model, clock)
    let data = ServedData(model, directory, path: options.path)
    do throws(DirectoryError) {
        try directory.startSnapshots(
            every: options.snapshotEvery, journalBytes: options.snapshotJournalBytes)
    } catch {
        _ = Result { () throws(CommandError) in try data.close(hasTime: false) }
        throw commandError(error, options.path)
    }
    return (data, lines)
}

/// `Tessera 0.1.0  demo data loaded: 2 000 members, 60 000 points entries (0.1 s)`
private func headline(
    _ kind: String, _ data: ServedData, _ tables: [String],
    since start: ContinuousClock.Instant
) -> String {
    let tenths = Int(((ContinuousClock.now - start) / .milliseconds(100)).rounded(.up))
    guard !tables.isEmpty else { return "Tessera \(tesseraVersion)  no data loaded" }
    let counts = rowCounts(data)
    let text = tables.map { table in
        "\(grouped(counts.first { $0.name == table }?.rows ?? 0)) \(words(table))"
    }.joined(separator: ", ")
    return
        "Tessera \(tesseraVersion)  \(kind)data loaded: \(text) (\(tenths / 10).\(tenths % 10) s)"
}

/// The tables that say most about what was loaded.
private func largest(_ data: ServedData) -> [String] {
    rowCounts(data).filter { $0.rows > 0 }.prefix(3).map(\.name)
}

private func sampleQuery(_ data: ServedData) -> String {
    "{\(rowCounts(data).first?.name ?? "__typename"){totalCount}}"
}

/// The tables from the largest to the smallest.
private func rowCounts(_ data: ServedData) -> [(name: String, rows: Int)] {
    guard let reader = data.store.makeReader() else { return [] }
    let counts = reader.withVersion { view in
        data.model.tables.map { (name: $0.plural, rows: view.table($0.id).count) }
    }
    return counts.sorted { $0.rows > $1.rows }
}

/// `points entries` for `pointsEntries`.
private func words(_ name: String) -> String {
    var text = ""
    for letter in name {
        if letter.isUppercase { text += " " }
        text += letter.lowercased()
    }
    return text
}
