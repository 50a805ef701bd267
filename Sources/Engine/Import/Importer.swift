import FoundationEssentials
import Store

/// Fills the empty tables of a store from files, by a model.
///
/// A table's rows lie in `<plural>.ndjson`, `.jsonl` or `.csv`: one JSON object a line, or one
/// record after a header. Keys are the names of fields. A relation is given as the id of the row it
/// leads to, under its own name or that of the id beside it (`tier` or `tierId`); an id may begin
/// with its table's prefix or not. Rows without an id get the next free number of their table.
/// What a row does not give takes its `@default`; in a CSV file an empty cell is null, and where
/// null may not be, it counts as not given.
///
/// Tables are read in the order of their references, which may form cycles: what leads to a row
/// further on is set at the end. Only the id of a row inside a *value* must come before it.
///
/// A line that cannot be taken is refused with a reason, and with it whatever refers to its row;
/// all refused lines of `FILE` are in `FILE.errors.ndjson` afterwards, all others in the store.
/// One version shows all rows at once.
///
/// About 1 µs a row, and memory for the rows, their indexes and the refused lines.
public struct Importer {
    private let model: Model
    private let store: Store
    private let now: Int64
    private let onProgress: ((ImportProgress) -> Void)?

    /// - Parameters:
    ///   - store: made from `model.storeDefinition`; only its empty tables can be loaded.
    ///   - now: milliseconds since 1970-01-01T00:00:00Z, for what takes the time of the write.
    ///   - isDryRun: nothing is kept, but all files are read as into an empty store, and refused
    ///     lines are reported and written as ever.
    ///   - onProgress: called every ``rowsPerReport`` rows on the calling thread.
    public init(
        model: Model, store: Store, now: Int64, isDryRun: Bool = false,
        onProgress: ((ImportProgress) -> Void)? = nil
    ) {
        self.model = model
        self.store =
            isDryRun
            ? Store(model.storeDefinition, shardCount: 1 << store.shardBits, seed: store.seed)
            : store
        self.now = now
        self.onProgress = onProgress
    }

    /// Rows between two reports of progress: some ten a second.
    public static let rowsPerReport = 1 << 16

    /// Loads every data file that lies directly in a folder. Other files are left alone, but one
    /// that ends like data and bears no table's name is an error.
    ///
    /// - Throws: when files as a whole cannot be taken; nothing is loaded then.
    public func load(folder: String) throws(ImportError) -> ImportSummary {
        try load(ImportSources.find(in: folder, model))
    }

    /// Loads one file into one table. Its format follows from its name.
    ///
    /// - Throws: when the file as a whole cannot be taken; nothing is loaded then.
    public func load(file: String, table: TableID) throws(ImportError) -> ImportSummary {
        try load([ImportSources.source(file, model[table])])
    }

    private func load(_ sources: [ImportSource]) throws(ImportError) -> ImportSummary {
        let occupied = sources.filter { source in
            guard let reader = store.makeReader() else { return false }
            return reader.withVersion { $0.table(source.table.id).nextCreation > 1 }
        }
        if let source = occupied.first {
            throw ImportError(.notEmpty(file: source.path, table: source.table.plural))
        }
        return try store.load(now: now) { loader throws(ImportError) in
            let run = ImportRun(model, store, loader, sources, now: now, onProgress: onProgress)
            return try run.load()
        }
    }
}

/// How far an import has come.
public struct ImportProgress: Sendable {
    /// The table that is being read.
    public let table: String
    /// Lines read so far, of all tables.
    public let lines: Int
    /// False once all lines are read and the indexes are being built.
    public let isReading: Bool
}

/// What became of an import's lines.
public struct ImportSummary: Sendable, Equatable {
    public struct Table: Sendable, Equatable {
        /// The table's list field: `members`.
        public let name: String
        public let file: String
        /// Rows that are in the store now.
        public let rows: Int
        /// Lines that were refused.
        public let refused: Int
        /// The first of the refused lines.
        public let firstRefusal: ImportRefusal?
        /// Where the refused lines were written, if there are any and they could be.
        public let errorFile: String?
    }

    /// In the order in which they were read.
    public let tables: [Table]

    public var rows: Int { tables.reduce(0) { $0 + $1.rows } }
    public var refused: Int { tables.reduce(0) { $0 + $1.refused } }
}

/// A line that was not taken.
public struct ImportRefusal: Sendable, Equatable {
    /// From 1; of a CSV record the line it begins on.
    public let line: Int
    /// In words, without a full stop.
    public let reason: String

    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }
}
