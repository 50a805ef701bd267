import Bytes
import Engine
import HTTP
import Store

/// Everything that a server tells Prometheus about itself, read at the moment of asking.
///
/// Labels have few values, all from the schema or the code: never what a client makes up.
struct MetricsPage {
    let observer: Observer
    let context: EngineContext
    let writer: Writer
    /// Nil for data that lives in memory.
    let directory: DataDirectory?
    let http: @Sendable () -> (HTTPCounters, [HTTPAnswerCount])
    let process: @Sendable () -> ProcessFigures

    /// - Parameter reader: of the store; nil when it has none left, then its rows are left out.
    func write(to output: ByteBuffer, _ reader: Reader?) {
        let text = MetricsText(output: output)
        text.family("tessera_build_info", .gauge, "The version that runs; always 1.")
        text.sample(
            "tessera_build_info", [("version", tesseraVersion), ("swift", swiftVersion)], 1)
        writeOperations(text)
        writeDenials(text)
        writeHTTP(text)
        writeStore(text, reader)
        writeCommits(text)
        writeSnapshots(text)
        writeExports(text)
        writeProcess(text)
    }

    // MARK: GraphQL

    private func writeOperations(_ text: MetricsText) {
        let cells = observer.cells
        var name = "tessera_graphql_requests_total"
        text.family(name, .counter, "GraphQL requests that were answered, by what became of them.")
        for (type, typeName) in OperationCells.types.enumerated() {
            for (outcome, outcomeName) in OperationCells.outcomes.enumerated() {
                text.sample(
                    name, [("type", typeName), ("outcome", outcomeName)],
                    cells[OperationCells.request(type, outcome)])
            }
        }
        name = "tessera_graphql_request_duration_seconds"
        text.family(name, .histogram, "Time from a request to its answer, waiting included.")
        for (type, typeName) in OperationCells.types.enumerated() {
            let figures = HistogramFigures(
                OperationCells.durationShape, cells, at: OperationCells.duration(type))
            text.histogram(name, [("type", typeName)], figures)
        }
        name = "tessera_graphql_phase_duration_seconds"
        text.family(
            name, .histogram,
            "Time of each phase of an operation; none for what the plan cache had.")
        for (phase, phaseName) in OperationCells.phases.enumerated() {
            let figures = HistogramFigures(
                OperationCells.phaseShape, cells, at: OperationCells.phase(phase))
            text.histogram(name, [("phase", phaseName)], figures)
        }
        name = "tessera_graphql_cost"
        text.family(name, .histogram, "Objects that the page sizes of an operation allow.")
        text.histogram(
            name, [],
            HistogramFigures(OperationCells.costShape, cells, at: OperationCells.cost)
        ) { String($0) }
        name = "tessera_graphql_errors_total"
        text.family(name, .counter, "Errors in answers, by their code.")
        for code in OperationCells.codes {
            text.sample(name, [("code", code)], cells[OperationCells.error(code)])
        }
    }

    private func writeDenials(_ text: MetricsText) {
        guard let counts = observer.denials?.counts else { return }
        let name = "tessera_denied_total"
        text.family(name, .counter, "Accesses that were denied, by the kind of reason.")
        for kind in DenialEntry.Kind.allCases {
            text.sample(name, [("reason", kind.label)], counts[kind.rawValue])
        }
    }

    // MARK: HTTP

    private func writeHTTP(_ text: MetricsText) {
        let (counters, answers) = http()
        var name = "tessera_http_requests_total"
        text.family(name, .counter, "Requests that were answered.")
        for answer in answers {
            text.sample(
                name,
                [
                    ("method", answer.method.label), ("path", Route.label(answer.route)),
                    ("status", String(answer.status.rawValue)),
                ], answer.count)
        }
        name = "tessera_http_connections"
        text.family(name, .gauge, "Connections.")
        text.sample(name, [("state", "open")], counters.openCount)
        name = "tessera_http_request_bytes_total"
        text.family(name, .counter, "Bytes that clients have sent, heads included.")
        text.sample(name, counters.receivedByteCount)
        name = "tessera_http_response_bytes_total"
        text.family(name, .counter, "Bytes that were sent to clients, heads included.")
        text.sample(name, counters.sentByteCount)
    }

    // MARK: The store

    private func writeStore(_ text: MetricsText, _ reader: Reader?) {
        let model = context.model
        let figures = context.counters.figures
        var name = "tessera_document_cache_hits_total"
        text.family(name, .counter, "Requests whose document its thread had parsed before.")
        text.sample(name, figures.documentHits)
        name = "tessera_document_cache_misses_total"
        text.family(name, .counter, "Requests whose document had to be parsed and validated.")
        text.sample(name, figures.documentMisses)
        if let reader {
            let sizes = reader.withVersion { view in
                model.tables.map { table in
                    let rows = view.table(table.id)
                    return (table.plural, rows.count, rows.estimatedByteCount)
                }
            }
            name = "tessera_store_rows"
            text.family(name, .gauge, "Rows of a table.")
            for (table, rows, _) in sizes { text.sample(name, [("table", table)], rows) }
            name = "tessera_store_bytes"
            text.family(
                name, .gauge, "Memory that the rows of a table take, indexes not; from a sample.")
            for (table, _, byteCount) in sizes {
                text.sample(name, [("table", table)], byteCount)
            }
        }
        name = "tessera_index_lookups_total"
        text.family(name, .counter, "Lists and rows that were looked up in an index.")
        for index in figures.indexes where index.table.index < model.tables.count {
            text.sample(
                name, [("table", model[index.table].plural), ("index", index.index)],
                index.lookups)
        }
        name = "tessera_full_scans_total"
        text.family(name, .counter, "Lists for which every row of the table was looked at.")
        for table in model.tables {
            text.sample(
                name, [("table", table.plural)], figures.fullScans[table.id.index])
        }
        name = "tessera_rule_rejections_total"
        text.family(name, .counter, "Mutations that a domain rule refused.")
        for (rule, count) in figures.rejections.sorted(by: { $0.key < $1.key }) {
            text.sample(name, [("rule", rule)], count)
        }
    }

    // MARK: Writing

    private func writeCommits(_ text: MetricsText) {
        let figures = writer.figures
        var name = "tessera_commits_total"
        text.family(name, .counter, "Groups of mutations that were committed, or could not be.")
        text.sample(name, [("outcome", "success")], figures.commits)
        text.sample(name, [("outcome", "error")], figures.failures)
        name = "tessera_commit_duration_seconds"
        text.family(
            name, .histogram, "Time from the last mutation of a group until all can see it.")
        text.histogram(name, figures.durations)
        guard directory != nil else { return }
        name = "tessera_journal_bytes_total"
        text.family(name, .counter, "Bytes appended to the journal.")
        text.sample(name, figures.journalBytes)
        name = "tessera_journal_records_total"
        text.family(name, .counter, "Records appended to the journal, one for each group.")
        text.sample(name, figures.journalRecords)
        name = "tessera_journal_fsync_duration_seconds"
        text.family(name, .histogram, "Time that the disk took to make the journal last.")
        text.histogram(name, figures.syncs)
    }

    private func writeSnapshots(_ text: MetricsText) {
        guard let latest = directory?.latestSnapshot else { return }
        var name = "tessera_snapshot_age_seconds"
        text.family(name, .gauge, "Time since the last snapshot of this process.")
        let (seconds, attoseconds) = latest.age.components
        text.sample(
            name,
            nanoseconds: UInt64(clamping: seconds) * 1_000_000_000
                + UInt64(clamping: attoseconds / 1_000_000_000))
        name = "tessera_snapshot_duration_seconds"
        text.family(name, .gauge, "Time that the last snapshot of this process took.")
        text.sample(
            name, nanoseconds: UInt64(clamping: latest.report.milliseconds) * 1_000_000)
    }

    private func writeExports(_ text: MetricsText) {
        let name = "tessera_export_rows_total"
        text.family(name, .counter, "Rows that exports have written.")
        for (format, rows) in observer.exports.figures.sorted(by: { $0.key < $1.key }) {
            text.sample(name, [("format", format)], rows)
        }
    }

    // MARK: The process

    private func writeProcess(_ text: MetricsText) {
        let figures = process()
        var name = "process_cpu_seconds_total"
        text.family(name, .counter, "Time on processors, that of the system included.")
        text.sample(name, nanoseconds: figures.processorNanoseconds)
        name = "process_open_fds"
        text.family(name, .gauge, "Open file descriptors.")
        text.sample(name, figures.openDescriptors)
        name = "process_resident_memory_bytes"
        text.family(name, .gauge, "Resident memory.")
        text.sample(name, figures.residentByteCount)
        name = "process_start_time_seconds"
        text.family(name, .gauge, "When the process began, since 1970-01-01T00:00:00Z.")
        text.sample(name, nanoseconds: figures.startNanoseconds)
    }
}

/// What the paths of requests are counted as.
enum Route: UInt8, CaseIterable {
    case other = 0
    case graphQL, csv, ndjson, reports, health

    var label: String {
        switch self {
        case .other: "other"
        case .graphQL: "/graphql"
        case .csv: "/graphql.csv"
        case .ndjson: "/graphql.ndjson"
        case .reports: "/reports"
        case .health: "/health"
        }
    }

    static func label(_ number: UInt8) -> String { (Route(rawValue: number) ?? .other).label }

    /// The route of a path. One comparison for the most frequent.
    init(path: UnsafeRawBufferPointer) {
        self =
            if unsafe equals(path, "/graphql") {
                .graphQL
            } else if unsafe equals(path, "/graphql.csv") {
                .csv
            } else if unsafe equals(path, "/graphql.ndjson") {
                .ndjson
            } else if unsafe path.starts(with: "/reports".utf8) {
                .reports
            } else if unsafe path.starts(with: "/health".utf8) {
                .health
            } else {
                .other
            }
    }
}

extension HTTPMethod {
    fileprivate var label: String {
        switch self {
        case .get: "GET"
        case .post: "POST"
        case .head: "HEAD"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}

/// The language version that this was built with.
private let swiftVersion: String = {
    #if swift(>=6.4)
        "6.4"
    #elseif swift(>=6.3)
        "6.3"
    #else
        "6.2"
    #endif
}()
