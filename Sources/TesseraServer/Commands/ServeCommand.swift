import Engine
import Membership

let serveCommand = Command(
    name: "serve", purpose: "serve a schema and its data over HTTP",
    arguments: [],
    flags: [Dataset.schemaFlag, Dataset.importFlag] + ServeOptions.flags + [Dataset.clockFlag],
    examples: [
        "tessera serve --import club-data", "tessera serve --schema club/schema --listen :9000",
        "tessera serve --import club-data --timeout 2s --max-page 200",
    ],
    run: { invocation, terminal throws(CommandError) in
        // What is wrong with the address is said before the data is loaded.
        _ = try ServeOptions.address(invocation)
        let start = ContinuousClock.now
        let dataset = try Dataset.open(invocation, terminal)
        let options = try ServeOptions(
            invocation, headline: headline("", dataset, largest(dataset), since: start),
            sampleQuery: sampleQuery(dataset), fixedNow: invocation.time("clock"))
        return try serve(dataset, options, invocation)
    })

let demoCommand = Command(
    name: "demo", purpose: "serve a sample club, in memory",
    arguments: [],
    flags: [
        Dataset.sizeFlag,
        Flag("schema", .path, "DIR", help: "the folder of Tessera's own schema files"),
    ] + ServeOptions.flags,
    examples: [
        "tessera demo", "tessera demo --size large", "tessera demo --listen 127.0.0.1:0",
    ],
    run: { invocation, terminal throws(CommandError) in
        _ = try ServeOptions.address(invocation)
        let start = ContinuousClock.now
        let dataset = try Dataset.sampleClub(invocation)
        let options = try ServeOptions(
            invocation,
            headline: headline("demo ", dataset, ["members", "pointsEntries"], since: start),
            sampleQuery: "{members{totalCount}}", fixedNow: SampleClub.now)
        return try serve(dataset, options, invocation)
    })

private func serve(
    _ dataset: Dataset, _ options: ServeOptions, _ invocation: Invocation
) throws(CommandError) -> ExitCode {
    let context = EngineContext(
        model: dataset.model, store: dataset.store, limits: ServeOptions.engineLimits(invocation))
    try runServer(context: context, options: options)
    return .success
}

/// `Tessera 0.1.0  demo data loaded: 2 000 members, 60 000 points entries (0.1 s)`
private func headline(
    _ kind: String, _ dataset: Dataset, _ tables: [String],
    since start: ContinuousClock.Instant
) -> String {
    let tenths = Int(((ContinuousClock.now - start) / .milliseconds(100)).rounded(.up))
    guard !tables.isEmpty else { return "Tessera \(tesseraVersion)  no data loaded" }
    let counts = rowCounts(dataset)
    let text = tables.map { table in
        "\(grouped(counts.first { $0.name == table }?.rows ?? 0)) \(words(table))"
    }.joined(separator: ", ")
    return
        "Tessera \(tesseraVersion)  \(kind)data loaded: \(text) (\(tenths / 10).\(tenths % 10) s)"
}

/// The tables that say most about what was loaded.
private func largest(_ dataset: Dataset) -> [String] {
    rowCounts(dataset).filter { $0.rows > 0 }.prefix(3).map(\.name)
}

private func sampleQuery(_ dataset: Dataset) -> String {
    "{\(rowCounts(dataset).first?.name ?? "__typename"){totalCount}}"
}

/// The tables from the largest to the smallest.
private func rowCounts(_ dataset: Dataset) -> [(name: String, rows: Int)] {
    guard let reader = dataset.store.makeReader() else { return [] }
    let counts = reader.withVersion { view in
        dataset.model.tables.map { (name: $0.plural, rows: view.table($0.id).count) }
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
