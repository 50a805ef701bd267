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

    /// Whether a text of at least one byte can stand without quotation marks. From eight bytes on
    /// they are looked at in blocks, the last one overlapping the one before.
    @inline(__always)
    private static func isPlain(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
        if count >= 16 {
            return unsafe isPlain(start, count, as: SIMD16<UInt8>.self)
        }
        if count >= 8 {
            return unsafe isPlain(start, count, as: SIMD8<UInt8>.self)
        }
        for offset in 0..<count {
            switch unsafe start.load(fromByteOffset: offset, as: UInt8.self) {
            case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                return false
            default: continue
            }
        }
        return true
    }

    @inline(__always)
    private static func isPlain<Block: SIMD & BitwiseCopyable>(
        _ start: UnsafeRawPointer, _ count: Int, as block: Block.Type
    ) -> Bool where Block.Scalar == UInt8 {
        var offset = 0
        let last = count &- Block.scalarCount
        while true {
            let bytes = unsafe start.loadUnaligned(fromByteOffset: offset, as: Block.self)
            let special =
                (bytes .== UInt8(ascii: "\"")) .| (bytes .== UInt8(ascii: ","))
                .| (bytes .== UInt8(ascii: "\r")) .| (bytes .== UInt8(ascii: "\n"))
            if any(special) { return false }
            if offset == last { return true }
            offset = min(offset &+ Block.scalarCount, last)
        }
    }
}
