import Bytes
import JSON
import Store

/// Writes the rows of tables as the files that an import takes.
///
/// All fields are written, the implicit ones too, and each relation as the id of its row, so that
/// what was exported can be imported again and gives the same rows in the same order. NDJSON has
/// one object a line and null for what is not set; CSV (RFC 4180) has a header, an empty cell for
/// null, `""` for an empty text, and values and lists as JSON.
///
/// What the model does not know is left out: the store's own tables, and columns that are only
/// kept until `--drop`. A row inside a *value* that was deleted since is null.
///
/// About 1 µs a row.
public struct Exporter {
    public enum Format: String, Sendable, CaseIterable {
        case ndjson
        case csv
    }

    private let model: Model
    private let store: Store
    private let format: Format

    public init(model: Model, store: Store, format: Format) {
        self.model = model
        self.store = store
        self.format = format
    }

    /// Tables in the order in which their files can be imported one after the other, as far as
    /// references allow.
    public static func tables(of model: Model) -> [TableModel] {
        ImportSources.referenceOrder(model).map { model[$0] }
    }

    /// Writes a table's rows in the order of their creation.
    ///
    /// - Parameters:
    ///   - view: what is exported; all tables of one export are read from the same one.
    ///   - write: takes the bytes at hand; called every 64 KiB or so, and at the end.
    /// - Returns: the number of rows.
    @discardableResult
    public func export<Failure: Error>(
        _ table: TableModel, from view: VersionView,
        write: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let writer = ExportRowWriter(
            table, model, store, format: format == .csv ? .csv : .ndjson)
        writer.move(to: view)
        writer.begin()
        let output = writer.output
        let rows = view.table(table.id)
        var cursor = view.tree(store.creationIndex(of: table.id)).cursor(atRank: 0)
        var count = 0
        while let locator = cursor.next() {
            writer.write(rows.row(locator.ref))
            count += 1
            if output.count >= CellWriter.blockByteCount {
                try unsafe output.withUnsafeBytes { bytes throws(Failure) in
                    try unsafe write(bytes)
                }
                output.removeAll()
            }
        }
        try unsafe output.withUnsafeBytes { bytes throws(Failure) in try unsafe write(bytes) }
        return count
    }
}
