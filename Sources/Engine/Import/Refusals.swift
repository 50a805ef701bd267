import Bytes
import Glibc
import JSON

/// The refused lines of one file, kept until its end: at most as many bytes again as the rows
/// would have been.
struct Refusals {
    private let buffer = ByteBuffer()
    /// Where each written entry lies in the buffer.
    private var entries: [(line: Int, range: Range<Int>)] = []
    /// Lines that were refused after they had been read, and whose text must be read again.
    private var late: [Int: String] = [:]
    /// The one with the smallest line.
    private(set) var first: ImportRefusal?

    var count: Int { entries.count + late.count }

    /// Adds a line with its text.
    mutating func add(
        _ line: Int, _ reason: String, _ text: UnsafeRawBufferPointer, isJSON: Bool
    ) {
        note(line, reason)
        let start = buffer.count
        buffer.append(#"{"line":"#)
        buffer.appendInteger(line)
        buffer.append(#","reason":"#)
        buffer.appendJSONString(reason)
        buffer.append(#","row":"#)
        if isJSON, let value = unsafe document(text) {
            unsafe buffer.append(value)
        } else if unsafe UTF8Check.firstFault(in: text) == nil {
            unsafe buffer.appendJSONString(text)
        } else {
            buffer.appendJSONString(unsafe String(decoding: text, as: UTF8.self))
        }
        buffer.append("}\n")
        entries.append((line, start..<buffer.count))
    }

    /// Adds a line that is to be looked up later. Of two reasons the first counts.
    mutating func addLate(_ line: Int, _ reason: String) {
        guard late[line] == nil else { return }
        late[line] = reason
        note(line, reason)
    }

    /// Reads the texts of late refusals.
    mutating func addTexts(
        from source: ImportSource, _ fields: ImportFields
    ) throws(ImportError) {
        guard !late.isEmpty else { return }
        let reasons = late
        late = [:]
        let lines = try DataLines(source, fields)
        while try lines.next() {
            guard let reason = reasons[lines.line] else { continue }
            unsafe add(lines.line, reason, lines.text, isJSON: lines.isJSON)
        }
    }

    /// Writes all refused lines in their order. A file that an earlier import left is removed when
    /// there are none.
    ///
    /// - Returns: the path, or nil when there are none or the file cannot be written.
    func write(to path: String) -> String? {
        guard !entries.isEmpty else {
            unsafe unlink(path)
            return nil
        }
        guard let file = unsafe fopen(path, "we") else { return nil }
        for entry in entries.sorted(by: { $0.line < $1.line }) {
            unsafe fwrite(buffer.base + entry.range.lowerBound, 1, entry.range.count, file)
        }
        let isWritten = unsafe ferror(file) == 0
        return unsafe fclose(file) == 0 && isWritten ? path : nil
    }

    private mutating func note(_ line: Int, _ reason: String) {
        if line < first?.line ?? .max { first = ImportRefusal(line: line, reason: reason) }
    }

    /// The line, if it is JSON.
    private func document(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var reader = unsafe JSONReader(text)
        guard let value = unsafe try? reader.readRawValue(), (try? reader.finish()) != nil else {
            return nil
        }
        return unsafe value
    }
}
