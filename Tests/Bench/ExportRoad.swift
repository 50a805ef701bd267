import Bytes
import Engine
import Glibc

/// How fast tables are written: the entries of the club, each with its member and the member's tier,
/// in process, on one thread.
final class ExportRoad {
    private let session: TabularSession

    private static let rounds = 2
    private static let queries = [
        ("plain", "{ pointsEntries { nodes { id at reason delta balance } } }"),
        (
            "to-one",
            "{ pointsEntries { nodes { id at reason delta member { name tier { name } } } } }"
        ),
        (
            "filtered",
            """
            { pointsEntries(filter: { delta: { gte: 100 } }) {
              nodes { id at reason delta member { name tier { name } } } } }
            """
        ),
        (
            "sorted",
            """
            { pointsEntries(orderBy: { balance: DESC }) {
              nodes { id at reason delta member { name tier { name } } } } }
            """
        ),
        ("counted", "{ members { nodes { name pointsHistory { totalCount } } } }"),
    ]

    init(_ context: EngineContext) throws(BenchError) {
        guard let session = TabularSession(context: context) else {
            throw BenchError("the store has no reader left")
        }
        self.session = session
    }

    /// Prints a line for each query and form, of the last round.
    func run(_ options: BenchOptions) throws {
        for (name, query) in ExportRoad.queries where options.wants(name) {
            for format in [TabularOptions.Format.csv, .ndjson] {
                for round in 1...ExportRoad.rounds {
                    let line = try measure(query, format)
                    if round == ExportRoad.rounds { print("\(name) \(format): \(line)") }
                }
            }
        }
    }

    private func measure(_ query: String, _ format: TabularOptions.Format) throws -> String {
        let errors = ByteBuffer()
        var query = query
        let before = residentBytes()
        let start = nanoseconds(CLOCK_MONOTONIC)
        let startOfWork = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        let opened = try query.withUTF8 { text in
            session.open(
                try unsafe GraphQLRequest(document: UnsafeRawBufferPointer(text)),
                TabularOptions(format: format), errors: errors)
        }
        guard case .success(let run) = opened else { throw BenchError(errors.makeString()) }
        var byteCount = 0
        var greatest = 0
        var grown = 0
        let end = run.run { block in
            byteCount += block.count
            // Asking for the memory is dear: now and then is enough.
            if byteCount >> 26 != (byteCount - block.count) >> 26 {
                grown = max(grown, residentBytes() - before)
            }
            greatest = max(greatest, block.count)
            return true
        }
        let seconds = Double(nanoseconds(CLOCK_MONOTONIC) - start) / 1e9
        let work = Double(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - startOfWork) / 1e9
        guard case .finished(let rows) = end else { throw BenchError("the export ended: \(end)") }
        return """
            \(rows) rows, \(byteCount / 1_000_000) MB in \(Int(seconds * 1000)) ms: \
            \(Int(Double(byteCount) / seconds / 1e6)) MB/s; of the processor's own time \
            \(Int(Double(byteCount) / work / 1e6)) MB/s, \
            \(Int(work * 1e9 / Double(max(rows, 1)))) ns a row; greatest block \(greatest) bytes, \
            memory +\(grown / 1_000_000) MB
            """
    }
}
