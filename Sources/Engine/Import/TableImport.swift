import Bytes
import Store

/// Adds the lines of one file to a table of a store that is in use, a few in each transaction.
///
/// Files are those of ``Importer``, and so is what becomes of refused lines. A row may refer to
/// another of the same file that stands further on: such lines are taken in a later pass. Rows of
/// other tables must be there already. Nothing is taken back when an import breaks off: what was
/// acknowledged stays, and a second run that *resumes* passes over every line whose id is there.
///
/// Used by one thread at a time, that of the caller or that which writes.
public final class TableImport {
    /// Lines that one transaction takes. Reason: it keeps other writers waiting for about a
    /// millisecond, and is long enough that syncing it costs little a row.
    public static let linesPerTransaction = 256

    /// Passes over lines that refer to lines further on. Each settles one more step of such a
    /// chain; what is left then is refused.
    private static let passesMax = 16

    private let source: ImportSource
    private let reader: RowReader
    private let resumes: Bool
    private var lines: DataLines
    private var refusals = Refusals()
    private var counts = Counts()
    private var pass = Pass()

    /// What became of lines so far.
    private struct Counts {
        var rows = 0
        var present = 0
        var lines = 0
    }

    /// One way through the file.
    private struct Pass {
        var number = 1
        /// The lines that this pass takes; nil for all.
        var wanted: Set<Int>?
        /// The lines that are left for the next pass.
        var left: Set<Int> = []
    }

    /// - Parameters:
    ///   - table: the type or its list field: `Member` or `members`.
    ///   - now: milliseconds since 1970-01-01T00:00:00Z, for what takes the time of the write.
    ///   - resumes: whether lines whose id is there already are passed over rather than refused.
    /// - Throws: when the table is unknown or the file cannot be taken as a whole.
    public init(
        file: String, table: String, model: Model, store: Store, now: Int64, resumes: Bool
    ) throws(ImportError) {
        let found = model.tables.first { $0.plural == table || $0.name == table }
        guard let found else {
            throw ImportError(
                .unknownTable(file: file, name: table, tables: model.tables.map(\.plural)))
        }
        source = try ImportSources.source(file, found)
        self.resumes = resumes
        reader = RowReader(
            found, model, store, nil,
            isLoaded: Array(repeating: false, count: model.tables.count), now: now)
        reader.completeTables = model.tables.map { $0.id != found.id }
        lines = try DataLines(source, reader.fields)
    }

    /// Rows that are in the store by this import, when all its transactions so far are.
    public var rowCount: Int { counts.rows }

    /// Lines read so far.
    public var lineCount: Int { counts.lines }

    /// The table's list field.
    public var table: String { source.table.plural }

    /// Takes the next lines in one transaction.
    ///
    /// - Returns: false when there are none left.
    /// - Throws: when the file cannot be read on; nothing of this transaction remains then.
    public func takeLines(in group: WriteGroup) throws(ImportError) -> Bool {
        let before = (counts, pass.left)
        do throws(ImportError) {
            return try group.transaction { transaction throws(ImportError) -> Bool in
                reader.begin(transaction)
                defer { reader.end() }
                return try takeLines()
            }
        } catch {
            (counts, pass.left) = before
            throw error
        }
    }

    private func takeLines() throws(ImportError) -> Bool {
        var taken = 0
        while taken < TableImport.linesPerTransaction {
            guard try lines.next() else {
                return try beginNextPass()
            }
            if let wanted = pass.wanted {
                guard wanted.contains(lines.line) else { continue }
            } else {
                counts.lines += 1
            }
            taken += 1
            takeLine()
        }
        return true
    }

    private func takeLine() {
        do throws(RowFault) {
            _ = try lines.addRow(to: reader)
            counts.rows += 1
        } catch {
            switch error {
            case .later: pass.left.insert(lines.line)
            case .duplicateID where resumes, .deletedID where resumes: counts.present += 1
            default:
                unsafe refusals.add(lines.line, error.reason, lines.text, isJSON: lines.isJSON)
            }
        }
    }

    /// Goes back to the beginning of the file when lines are left.
    private func beginNextPass() throws(ImportError) -> Bool {
        guard !pass.left.isEmpty else { return false }
        let isStuck = pass.left == pass.wanted || pass.number == TableImport.passesMax
        // From here on a row that is not there yet never will be.
        if isStuck { reader.completeTables[source.table.id.index] = true }
        pass = Pass(number: pass.number + 1, wanted: pass.left)
        lines = try DataLines(source, reader.fields)
        return true
    }

    /// Writes the refused lines beside the file, and tells what became of all.
    public func finish() throws(ImportError) -> TableImportSummary {
        try refusals.addTexts(from: source, reader.fields)
        return TableImportSummary(
            table: ImportSummary.Table(
                name: source.table.plural, file: source.path, rows: counts.rows,
                refused: refusals.count, firstRefusal: refusals.first,
                errorFile: refusals.write(to: source.path + ImportSources.errorSuffix)),
            present: counts.present)
    }
}

/// What became of the lines of one file.
public struct TableImportSummary: Sendable, Equatable {
    public let table: ImportSummary.Table
    /// Lines that were passed over because their row was there already.
    public let present: Int
}
