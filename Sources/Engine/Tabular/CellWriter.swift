import Bytes
import JSON

/// Writes cell after cell and ends lines.
///
/// In CSV a comma follows every cell, and the last one gives way to the end of the line; in JSON
/// every member begins with a comma, and the first one becomes the brace of the object.
final class CellWriter {
    let output: ByteBuffer
    let isCSV: Bool
    private let format: TabularOptions.Format
    private let guardsFormulas: Bool
    private let names: [String]
    /// `,"name":` of each column, one behind the other, and where each begins.
    private let keys: ByteBuffer
    private let keyStarts: [Int]
    private let scratch = ByteBuffer(capacity: 256)
    /// The column of the next cell. Not kept up for CSV, where nobody asks.
    private(set) var column = 0
    /// Lines that are whole.
    private(set) var lines = 0

    /// Bytes that are handed on at once.
    static let blockByteCount = 1 << 16

    init(_ names: [String], _ options: TabularOptions) {
        output = ByteBuffer(capacity: 2 * CellWriter.blockByteCount)
        self.names = names
        format = options.format
        isCSV = format == .csv
        guardsFormulas = isCSV && options.excel
        keys = ByteBuffer()
        var starts = [0]
        for name in names {
            keys.append(",\"\(name)\":")
            starts.append(keys.count)
        }
        keyStarts = starts
    }

    /// Writes the JSON of values alone, without keys and lines.
    init(values: ()) {
        output = ByteBuffer()
        names = []
        format = .ndjson
        isCSV = false
        guardsFormulas = false
        keys = ByteBuffer()
        keyStarts = []
    }

    // MARK: Tables

    func begin() {
        guard isCSV else {
            if format == .rows { output.append("[") }
            return
        }
        // Spreadsheets take a file for UTF-8 by its byte order mark.
        if guardsFormulas { output.append("\u{FEFF}") }
        output.append(names.joined(separator: ","))
        output.append("\r\n")
    }

    /// Ends a table that is whole.
    func end() {
        if format == .rows { output.append(lines > 0 ? "\n]\n" : "]\n") }
    }

    // MARK: Lines

    /// Begins a line.
    /// - Parameter column: of its next cell, where the ones before are copied.
    /// - Returns: where it begins.
    @inline(__always)
    func beginLine() -> Int {
        if format == .rows { output.append(lines > 0 ? ",\n" : "\n") }
        column = 0
        return output.count
    }

    /// Ends the line that begins at `start`.
    @inline(__always)
    func endLine(_ start: Int) {
        lines &+= 1
        if isCSV {
            // A line without a byte would be taken for none.
            if output.count == start + 1 {
                output.truncate(to: start)
                output.append("\"\",")
            }
            unsafe output.base.storeBytes(
                of: UInt8(ascii: "\r"), toByteOffset: output.count - 1, as: UInt8.self)
            output.append(byte: UInt8(ascii: "\n"))
            return
        }
        unsafe output.base.storeBytes(of: UInt8(ascii: "{"), toByteOffset: start, as: UInt8.self)
        output.append(byte: UInt8(ascii: "}"))
        if format == .ndjson { output.append(byte: UInt8(ascii: "\n")) }
    }

    /// Forgets the line that begins at `start`, and what `beginLine` put before it.
    func dropLine(_ start: Int) {
        let separator = format == .rows ? (lines > 0 ? 2 : 1) : 0
        output.truncate(to: start - separator)
    }

    /// Cells that were written before.
    /// - Parameter next: the column behind them.
    func copy(_ written: ByteBuffer, next: Int) {
        unsafe written.withUnsafeBytes { unsafe output.append($0) }
        column = next
    }

    // MARK: Cells

    /// Begins a cell whose value is appended to the output, without quotation marks.
    @inline(__always)
    func open() {
        if isCSV || keyStarts.isEmpty { return }
        let start = keyStarts[column]
        unsafe output.append(keys.base + start, count: keyStarts[column &+ 1] &- start)
        column &+= 1
    }

    @inline(__always)
    func close() {
        if isCSV { output.append(byte: UInt8(ascii: ",")) }
    }

    /// As ``open()`` and ``close()``, for a name, a time or an id: what stands in quotation marks
    /// in JSON, and in CSV as it is.
    @inline(__always)
    func openQuoted() {
        open()
        if !isCSV { output.append(byte: UInt8(ascii: "\"")) }
    }

    @inline(__always)
    func closeQuoted() {
        output.append(byte: isCSV ? UInt8(ascii: ",") : UInt8(ascii: "\""))
    }

    @inline(__always)
    func null() {
        open()
        if isCSV { output.append(byte: UInt8(ascii: ",")) } else { output.append("null") }
    }

    func nulls(_ count: Int) {
        for _ in 0..<count { null() }
    }

    @inline(__always)
    func integer(_ value: Int64) {
        open()
        output.appendInteger(value)
        close()
    }

    @inline(__always)
    func double(_ value: Double) {
        open()
        output.appendDouble(value)
        close()
    }

    @inline(__always)
    func boolean(_ value: Bool) {
        open()
        output.appendJSONBool(value)
        close()
    }

    /// - Parameter value: milliseconds since 1970-01-01T00:00:00Z.
    @inline(__always)
    func dateTime(_ value: Int64) {
        openQuoted()
        output.appendDateTime(value)
        closeQuoted()
    }

    /// - Parameter value: days since 1970-01-01.
    @inline(__always)
    func date(_ value: Int32) {
        openQuoted()
        output.appendDate(value)
        closeQuoted()
    }

    /// - Parameter needsEscape: whether JSON must escape something in the text.
    @inline(__always)
    func text(_ bytes: UnsafeRawBufferPointer, needsEscape: Bool) {
        if isCSV {
            unsafe CSVCell.append(bytes, to: output, guardsFormulas: guardsFormulas)
            output.append(byte: UInt8(ascii: ","))
            return
        }
        open()
        if needsEscape {
            unsafe output.appendJSONString(bytes)
        } else {
            unsafe output.appendJSONStringUnescaped(bytes)
        }
    }

    /// A value that is JSON. It never begins as a formula does, but for numbers.
    func json(_ bytes: UnsafeRawBufferPointer) {
        open()
        if isCSV {
            if unsafe !bytes.elementsEqual("null".utf8) {
                unsafe CSVCell.append(bytes, to: output)
            }
            output.append(byte: UInt8(ascii: ","))
        } else {
            unsafe output.append(bytes)
        }
    }

    /// A value as the executor wrote it.
    /// - Parameter isJSON: a text is JSON too, not what its quotation marks hold.
    func rendered(_ value: UnsafeRawBufferPointer, isJSON: Bool) {
        guard isCSV, !isJSON, unsafe value.first == UInt8(ascii: "\"") else {
            return unsafe json(value)
        }
        scratch.removeAll(keepingAtMost: CellWriter.blockByteCount)
        var reader = unsafe JSONReader(value)
        if let text = try? reader.readString() { text.append(to: scratch) }
        unsafe scratch.withUnsafeBytes { unsafe text($0, needsEscape: true) }
    }
}
