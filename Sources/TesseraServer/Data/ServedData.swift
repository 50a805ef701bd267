import Bytes
import Engine
import Glibc
import Store

/// What a server serves: the rows of a model, the writer that changes them, and the data directory
/// that they last in, if they do.
final class ServedData: Sendable {
    let model: Model
    let writer: Writer
    /// Nil for data that lives as long as the process.
    let directory: DataDirectory?
    /// The data directory's path.
    let path: String?

    var store: Store { writer.store }

    /// Data that lives as long as the process.
    ///
    /// - Parameter clock: milliseconds since 1970-01-01T00:00:00Z.
    init(inMemory dataset: Dataset, clock: @escaping @Sendable () -> Int64) {
        model = dataset.model
        directory = nil
        path = nil
        writer = Writer(store: dataset.store, journal: nil, clock: clock)
        writer.start()
    }

    /// A data directory that is open.
    init(_ model: Model, _ directory: DataDirectory, path: String) {
        self.model = model
        self.directory = directory
        self.path = path
        writer = directory.writer
    }

    /// Rows that a last snapshot may have. Reason: so many are written in a tenth of a second;
    /// for more the next start reads the journal, which holds everything.
    private static let lastSnapshotRowsMax = 100_000

    /// Ends the writer, once nobody submits any more.
    ///
    /// - Parameter hasTime: whether there is time for a last snapshot of little data.
    func close(hasTime: Bool) throws(CommandError) {
        guard let directory, let path else { return writer.stop() }
        do throws(DirectoryError) {
            try directory.close(snapshot: hasTime && rowCount <= ServedData.lastSnapshotRowsMax)
        } catch {
            throw commandError(error, path)
        }
    }

    private var rowCount: Int {
        guard let reader = store.makeReader() else { return .max }
        return reader.withVersion { view in
            model.tables.reduce(0) { $0 + view.table($1.id).count }
        }
    }
}

/// The system's time, or a fixed one.
func makeClock(fixed: Int64?) -> @Sendable () -> Int64 {
    if let fixed { return { fixed } }
    return { Instant.now }
}
