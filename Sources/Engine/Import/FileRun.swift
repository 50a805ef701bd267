import Bytes
import JSON
import Store

/// One file of an import: its lines on their way into the store, and those that stay behind.
final class FileRun {
    let source: ImportSource
    let reader: RowReader
    /// References of rows that are in the store to rows that were not when they were read.
    private(set) var pending: [PendingReference] = []
    private var lines: DataLines?
    private var rowLines = RowLines()
    private var refusals: Refusals
    private var rowCount = 0

    struct PendingReference {
        let row: RowRef
        let column: ColumnID
        let field: Int
        let id: [UInt8]
    }

    init(_ source: ImportSource, _ reader: RowReader) throws(ImportError) {
        self.source = source
        self.reader = reader
        refusals = Refusals()
        lines = try DataLines(source, reader.fields)
    }

    /// Takes the next line; false at the end of the file.
    func readNext() throws(ImportError) -> Bool {
        guard let lines, try lines.next() else { return false }
        do {
            let ref = try lines.addRow(to: reader)
            rowCount += 1
            rowLines.append(lines.line)
            for reference in reader.pending {
                pending.append(
                    PendingReference(
                        row: ref, column: reference.column, field: reference.field,
                        id: reference.id))
            }
        } catch {
            unsafe refusals.add(lines.line, error.reason, lines.text, isJSON: lines.isJSON)
        }
        return true
    }

    /// Closes the file; its lines have all been read.
    func close() {
        lines = nil
    }

    /// Notes that a row was taken out of the store again.
    /// - Parameter creation: the row's number in its table, from 1.
    func refuse(creation: UInt32, _ fault: RowFault) {
        rowCount -= 1
        refusals.addLate(rowLines.line(ofRow: Int(creation)), fault.reason)
    }

    /// Writes the refused lines, and tells what became of all.
    func summary() throws(ImportError) -> ImportSummary.Table {
        try refusals.addTexts(from: source, reader.fields)
        return ImportSummary.Table(
            name: source.table.plural, file: source.path, rows: rowCount,
            refused: refusals.count, firstRefusal: refusals.first,
            errorFile: refusals.write(to: source.path + ImportSources.errorSuffix))
    }
}

/// The lines of a data file, whatever its format.
// Safe: `text` lies in the input's bytes at hand, and is used before the next line is taken.
@safe
final class DataLines {
    private enum Form {
        case lines
        case csv(CSVReader, columns: [Int])
    }

    private let input: InputFile
    private let form: Form
    /// Of the present line, from 1.
    private(set) var line = 0
    /// The present line as it stands in the file; valid until the next.
    private(set) var text = unsafe UnsafeRawBufferPointer(start: nil, count: 0)

    /// Opens the file, and reads the header if it has one.
    init(_ source: ImportSource, _ fields: ImportFields) throws(ImportError) {
        input = try InputFile(source.path)
        switch source.format {
        case .lines: form = .lines
        case .csv:
            let reader = CSVReader(input)
            form = .csv(reader, columns: try DataLines.header(source, reader, fields))
        }
    }

    var isJSON: Bool {
        if case .lines = form { true } else { false }
    }

    /// Goes to the next line that is not blank; false at the end of the file.
    func next() throws(ImportError) -> Bool {
        switch form {
        case .lines:
            while true {
                line += 1
                guard let next = unsafe try input.nextLine(number: line) else { return false }
                if unsafe isBlank(next) { continue }
                unsafe text = unsafe next
                return true
            }
        case .csv(let reader, _):
            guard try reader.next() else { return false }
            line = reader.line
            unsafe text = unsafe reader.record
            return true
        }
    }

    func addRow(to reader: RowReader) throws(RowFault) -> RowRef {
        switch form {
        case .lines: try unsafe reader.add(line: text)
        case .csv(let record, let columns): try reader.add(record: record, columns: columns)
        }
    }

    @inline(__always)
    private func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let first = unsafe line.first else { return true }
        if first > 0x20 { return false }
        return unsafe line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    /// The field of each column.
    private static func header(
        _ source: ImportSource, _ reader: CSVReader, _ fields: ImportFields
    ) throws(ImportError) -> [Int] {
        guard try reader.next(), reader.fault == nil else {
            throw ImportError(.noHeader(file: source.path))
        }
        var columns: [Int] = []
        var problems: [ImportProblem] = []
        var taken: Set<ColumnID> = []
        for cell in reader.cells {
            let name = unsafe String(decoding: reader.text(cell), as: UTF8.self)
            guard let index = fields.names.firstIndex(of: name) else {
                let hint =
                    reader.cells.count == 1 && name.contains(where: { ";\t|".contains($0) })
                    ? "cells are separated by commas" : fields.spellingHint(for: name)
                problems.append(.unknownColumn(file: source.path, name: name, hint: hint))
                continue
            }
            let field = fields[index]
            if field.kind == .list {
                problems.append(.listColumn(file: source.path, name: name))
            } else if !taken.insert(field.column).inserted {
                problems.append(.columnTwice(file: source.path, name: name))
            }
            columns.append(index)
        }
        if !problems.isEmpty { throw ImportError(problems) }
        return columns
    }
}

/// On which line each row of a table stood: one entry for each run of neighbouring lines.
struct RowLines {
    private var runs: [(row: Int, line: Int)] = []
    private var rowCount = 0
    private var lastLine = 0

    @inline(__always)
    mutating func append(_ line: Int) {
        rowCount += 1
        if line != lastLine + 1 || rowCount == 1 { runs.append((rowCount, line)) }
        lastLine = line
    }

    /// - Parameter row: from 1. O(log runs).
    func line(ofRow row: Int) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].row <= row { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        return runs[low - 1].line + row - runs[low - 1].row
    }
}
