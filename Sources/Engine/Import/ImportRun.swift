import JSON
import Store

/// One import, from the first file to the published version.
final class ImportRun {
    let model: Model
    let store: Store
    let loader: BulkLoader
    let now: Int64
    private let onProgress: ((ImportProgress) -> Void)?
    private let sources: [ImportSource]
    /// Beside `sources`.
    private var files: [FileRun] = []
    /// Tables whose rows are all there, or never will be.
    private var isComplete: [Bool]
    private var lineCount = 0

    init(
        _ model: Model, _ store: Store, _ loader: BulkLoader, _ sources: [ImportSource],
        now: Int64, onProgress: ((ImportProgress) -> Void)?
    ) {
        self.model = model
        self.store = store
        self.loader = loader
        self.sources = sources
        self.now = now
        self.onProgress = onProgress
        isComplete = Array(repeating: true, count: model.tables.count)
        for source in sources { isComplete[source.table.id.index] = false }
    }

    func load() throws(ImportError) -> ImportSummary {
        // A file that cannot be taken as a whole is found before the first row is.
        var problems: [ImportProblem] = []
        let isLoaded = isComplete.map { !$0 }
        for source in sources {
            let reader = RowReader(
                source.table, model, store, loader, isLoaded: isLoaded, now: now)
            do throws(ImportError) {
                files.append(try FileRun(source, reader))
            } catch {
                problems += error.problems
            }
        }
        if !problems.isEmpty { throw ImportError(problems) }

        for file in files { try read(file) }
        report(files.last, isReading: false)
        LateChecks(self, files).finish()
        return ImportSummary(
            tables: try files.map { file throws(ImportError) in try file.summary() })
    }

    private func read(_ file: FileRun) throws(ImportError) {
        file.reader.completeTables = isComplete
        while try file.readNext() {
            lineCount += 1
            if lineCount & (Importer.rowsPerReport - 1) == 0 { report(file, isReading: true) }
        }
        file.close()
        isComplete[file.source.table.id.index] = true
    }

    private func report(_ file: FileRun?, isReading: Bool) {
        guard let onProgress, let file else { return }
        onProgress(
            ImportProgress(
                table: file.source.table.plural, lines: lineCount, isReading: isReading))
    }
}
