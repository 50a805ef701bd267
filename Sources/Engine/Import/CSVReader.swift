import Bytes
import Glibc

/// Takes records out of a CSV file.
///
/// Source: RFC 4180, with line feeds alone accepted as line ends, and empty lines passed over.
/// Quoted cells may hold commas, line ends and doubled quotation marks.
// Safe: offsets of cells lie within the record, which lies in the file's bytes at hand.
@safe
final class CSVReader {
    struct Cell {
        /// From the beginning of the record.
        let offset: Int
        let count: Int
        let isQuoted: Bool
        let hasDoubledQuotes: Bool
    }

    /// What is wrong with a record's form.
    enum Fault: Equatable {
        case openQuote
        case textAfterQuote
        case quoteInside
        case invalidUTF8
    }

    private let input: InputFile
    private let scratch = ByteBuffer()
    private var recordStart = 0
    private var recordEnd = 0
    private var nextLine = 1
    /// The line on which the present record begins, from 1.
    private(set) var line = 0
    private(set) var cells: [Cell] = []
    private(set) var fault: Fault?

    init(_ input: InputFile) {
        self.input = input
    }

    /// The present record as it stands in the file, without its line end.
    var record: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(
            start: input.base + recordStart, count: recordEnd - recordStart)
    }

    /// The text of a cell; valid until the next call.
    func text(_ cell: Cell) -> UnsafeRawBufferPointer {
        let raw = unsafe UnsafeRawBufferPointer(
            start: input.base + recordStart + cell.offset, count: cell.count)
        guard cell.hasDoubledQuotes else { return unsafe raw }
        scratch.removeAll()
        var isSecond = false
        for index in raw.indices {
            let byte = unsafe raw[index]
            isSecond = byte == 0x22 && !isSecond
            if byte != 0x22 || isSecond { scratch.append(byte: byte) }
        }
        return unsafe UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
    }

    /// Goes to the next record that is not an empty line; false at the end of the file.
    func next() throws(ImportError) -> Bool {
        while true {
            guard try scanRecord() else { return false }
            if cells.count == 1, cells[0].count == 0, !cells[0].isQuoted, fault == nil { continue }
            if fault == nil, unsafe UTF8Check.firstFault(in: record) != nil { fault = .invalidUTF8 }
            return true
        }
    }

    private func scanRecord() throws(ImportError) -> Bool {
        while true {
            if input.position == input.end {
                if input.isComplete { return false }
                try input.fill()
                continue
            }
            let outcome = scan()
            if let end = outcome {
                line = nextLine
                nextLine += lineFeeds(input.position..<end)
                input.position = end
                return true
            }
            guard input.end - input.position <= InputFile.lineBytesMax else {
                throw ImportError(
                    .lineTooLong(
                        file: input.path, line: nextLine, byteCountMax: InputFile.lineBytesMax))
            }
            try input.fill()
        }
    }

    private func lineFeeds(_ range: Range<Int>) -> Int {
        var count = 0
        var offset = range.lowerBound
        while let found = unsafe memchr(input.base + offset, 0x0A, range.upperBound - offset) {
            count += 1
            offset = unsafe found - UnsafeMutableRawPointer(input.base) + 1
        }
        return count
    }

    /// Finds the cells of the record that begins at the file's position.
    /// - Returns: where the next record begins, or nil when more bytes are needed to tell.
    private func scan() -> Int? {
        let start = input.position
        let end = input.end
        var cursor = start
        cells.removeAll(keepingCapacity: true)
        fault = nil
        recordStart = start
        while true {
            var cell: Cell
            if cursor < end, byte(cursor) == 0x22 {
                let textStart = cursor + 1
                cursor = textStart
                var hasDoubledQuotes = false
                while true {
                    guard let quote = find(0x22, from: cursor, to: end) else {
                        guard input.isComplete else { return nil }
                        return finish(end, nextRecord: end, .openQuote)
                    }
                    guard quote + 1 < end || input.isComplete else { return nil }
                    cursor = quote + 1
                    if cursor < end, byte(cursor) == 0x22 {
                        hasDoubledQuotes = true
                        cursor += 1
                        continue
                    }
                    cell = Cell(
                        offset: textStart - start, count: quote - textStart, isQuoted: true,
                        hasDoubledQuotes: hasDoubledQuotes)
                    break
                }
                // A carriage return belongs to the line end if a line feed follows it.
                if cursor < end, byte(cursor) == 0x0D {
                    guard cursor + 1 < end || input.isComplete else { return nil }
                    if cursor + 1 == end || byte(cursor + 1) == 0x0A {
                        cells.append(cell)
                        return finish(cursor, nextRecord: min(cursor + 2, end), nil)
                    }
                }
                if cursor < end, byte(cursor) != 0x2C, byte(cursor) != 0x0A {
                    return finishAtLineEnd(from: cursor, .textAfterQuote)
                }
            } else {
                let textStart = cursor
                while cursor < end {
                    let byte = byte(cursor)
                    if byte == 0x2C || byte == 0x0A { break }
                    if byte == 0x22 { return finishAtLineEnd(from: cursor, .quoteInside) }
                    cursor += 1
                }
                if cursor == end && !input.isComplete { return nil }
                var textEnd = cursor
                let isLast = cursor == end || byte(cursor) == 0x0A
                if isLast, textEnd > textStart, byte(textEnd - 1) == 0x0D { textEnd -= 1 }
                cell = Cell(
                    offset: textStart - start, count: textEnd - textStart, isQuoted: false,
                    hasDoubledQuotes: false)
            }
            cells.append(cell)
            if cursor == end { return finish(end, nextRecord: end, nil) }
            if byte(cursor) == 0x0A {
                let hasReturn = cursor > start && byte(cursor - 1) == 0x0D
                return finish(hasReturn ? cursor - 1 : cursor, nextRecord: cursor + 1, nil)
            }
            cursor += 1
        }
    }

    private func finish(_ recordEnd: Int, nextRecord: Int, _ fault: Fault?) -> Int {
        self.recordEnd = recordEnd
        self.fault = fault
        return nextRecord
    }

    /// What comes after a fault of form is passed up to the end of the line.
    private func finishAtLineEnd(from cursor: Int, _ fault: Fault) -> Int? {
        if let lineEnd = find(0x0A, from: cursor, to: input.end) {
            return finish(lineEnd, nextRecord: lineEnd + 1, fault)
        }
        return input.isComplete ? finish(input.end, nextRecord: input.end, fault) : nil
    }

    private func find(_ byte: CInt, from start: Int, to end: Int) -> Int? {
        unsafe memchr(input.base + start, byte, end - start).map {
            unsafe $0 - UnsafeMutableRawPointer(input.base)
        }
    }

    @inline(__always)
    private func byte(_ offset: Int) -> UInt8 {
        unsafe input.base.load(fromByteOffset: offset, as: UInt8.self)
    }
}
