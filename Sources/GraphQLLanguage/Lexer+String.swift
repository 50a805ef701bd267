/// Strings: what their escape sequences and their indentation stand for.
extension Lexer {
    /// A string between single quotation marks. Source: GraphQL, September 2025, §2.10.4.
    mutating func readString() throws(SyntaxError) {
        var index = start &+ 1
        while index < count {
            switch unsafe bytes[index] {
            case UInt8(ascii: "\""):
                decodedString = nil
                return try accept(.string, endingAt: index &+ 1)
            case UInt8(ascii: "\\"):
                return try readStringWithEscapes(from: index)
            case 0x0A, 0x0D:
                throw unterminatedString(at: index)
            default:
                index &+= 1
            }
        }
        throw unterminatedString(at: count)
    }

    /// Goes on with a string at its first escape sequence.
    private mutating func readStringWithEscapes(from escape: Int) throws(SyntaxError) {
        var value: [UInt8] = []
        var index = escape
        var chunkStart = start &+ 1
        while index < count {
            switch unsafe bytes[index] {
            case UInt8(ascii: "\""):
                append(chunkStart..<index, to: &value)
                decodedString = String(decoding: value, as: UTF8.self)
                return try accept(.string, endingAt: index &+ 1)
            case UInt8(ascii: "\\"):
                append(chunkStart..<index, to: &value)
                index = try readEscape(at: index, into: &value)
                chunkStart = index
            case 0x0A, 0x0D:
                throw unterminatedString(at: index)
            default:
                index &+= 1
            }
        }
        throw unterminatedString(at: count)
    }

    /// Decodes one escape sequence; returns the index after it.
    private func readEscape(at index: Int, into value: inout [UInt8]) throws(SyntaxError) -> Int {
        switch byte(at: index &+ 1) {
        case UInt8(ascii: "\""): value.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): value.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): value.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "u"):
            if byte(at: index &+ 2) == UInt8(ascii: "{") {
                return try readBracedUnicodeEscape(at: index, into: &value)
            }
            return try readFixedUnicodeEscape(at: index, into: &value)
        default:
            throw SyntaxError(
                source, at: index,
                "Invalid character escape sequence: \"\(excerpt(from: index, scalars: 2))\".")
        }
        return index &+ 2
    }

    /// `\u{X…}`: hexadecimal digits, with any number of leading zeros.
    private func readBracedUnicodeEscape(
        at start: Int, into value: inout [UInt8]
    ) throws(SyntaxError) -> Int {
        var index = start &+ 3
        var scalar: UInt32 = 0
        while let digit = hexDigit(at: index) {
            // Once past the last scalar it stays there, however many digits follow.
            if scalar <= 0x10FFFF { scalar = scalar << 4 | digit }
            index &+= 1
        }
        guard index > start &+ 3, byte(at: index) == UInt8(ascii: "}"),
            let unicode = Unicode.Scalar(scalar)
        else {
            throw invalidUnicodeEscape(at: start, scalars: min(index &+ 1 &- start, 12))
        }
        value.append(contentsOf: String(unicode).utf8)
        return index &+ 1
    }

    /// `\uXXXX`, or two of them that make a surrogate pair.
    private func readFixedUnicodeEscape(
        at start: Int, into value: inout [UInt8]
    ) throws(SyntaxError) -> Int {
        guard var scalar = fourHexDigits(at: start &+ 2) else {
            throw invalidUnicodeEscape(at: start, scalars: 6)
        }
        var end = start &+ 6
        if 0xD800...0xDBFF ~= scalar, byte(at: end) == UInt8(ascii: "\\"),
            byte(at: end &+ 1) == UInt8(ascii: "u"), let low = fourHexDigits(at: end &+ 2),
            0xDC00...0xDFFF ~= low
        {
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            end &+= 6
        }
        guard let unicode = Unicode.Scalar(scalar) else {
            throw invalidUnicodeEscape(at: start, scalars: 6)
        }
        value.append(contentsOf: String(unicode).utf8)
        return end
    }

    private func hexDigit(at index: Int) -> UInt32? {
        switch byte(at: index) {
        case let digit where Lexer.isDigit(digit): UInt32(digit &- UInt8(ascii: "0"))
        case let letter
        where letter | 0x20 >= UInt8(ascii: "a") && letter | 0x20 <= UInt8(ascii: "f"):
            UInt32((letter | 0x20) &- UInt8(ascii: "a") &+ 10)
        default: nil
        }
    }

    private func fourHexDigits(at index: Int) -> UInt32? {
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = hexDigit(at: index &+ offset) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    // MARK: Block strings

    /// A string between triple quotation marks. Its one escape sequence is `\"""`.
    mutating func readBlockString() throws(SyntaxError) {
        var index = start &+ 3
        while index < count {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: "\"") && isTripleQuote(at: index) {
                decodedString = blockStringValue(start &+ 3..<index)
                return try accept(.blockString, endingAt: index &+ 3)
            }
            if byte == UInt8(ascii: "\\") && isTripleQuote(at: index &+ 1) {
                index &+= 4
            } else {
                index &+= 1
            }
        }
        throw unterminatedString(at: count)
    }

    private func isTripleQuote(at index: Int) -> Bool {
        byte(at: index) == UInt8(ascii: "\"") && byte(at: index &+ 1) == UInt8(ascii: "\"")
            && byte(at: index &+ 2) == UInt8(ascii: "\"")
    }

    /// The specification's BlockStringValue: the common indentation of all lines but the first is
    /// taken off, and so are blank lines at both ends.
    /// Source: GraphQL, September 2025, §2.10.4.
    private func blockStringValue(_ raw: Range<Int>) -> String {
        var commonIndent = Int.max
        var firstLine = Int.max
        var lastLine = -1
        var line = 0
        forEachLine(of: raw) { range in
            let indent = indentation(of: range)
            if indent < range.count {
                firstLine = min(firstLine, line)
                lastLine = line
                if line > 0 { commonIndent = min(commonIndent, indent) }
            }
            line += 1
        }
        guard lastLine >= 0 else { return "" }

        var value: [UInt8] = []
        value.reserveCapacity(raw.count)
        line = 0
        forEachLine(of: raw) { range in
            if line >= firstLine && line <= lastLine {
                if line > firstLine { value.append(0x0A) }
                let indent = line == 0 ? 0 : min(commonIndent, range.count)
                appendUnescapedBlock(range.lowerBound &+ indent..<range.upperBound, to: &value)
            }
            line += 1
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// Lines end with LF, CR or CRLF; the last one with the range.
    private func forEachLine(of raw: Range<Int>, _ body: (Range<Int>) -> Void) {
        var lineStart = raw.lowerBound
        var index = raw.lowerBound
        while index < raw.upperBound {
            let byte = unsafe bytes[index]
            if byte == 0x0A || byte == 0x0D {
                body(lineStart..<index)
                if byte == 0x0D && index &+ 1 < raw.upperBound && self.byte(at: index &+ 1) == 0x0A
                {
                    index &+= 1
                }
                lineStart = index &+ 1
            }
            index &+= 1
        }
        body(lineStart..<raw.upperBound)
    }

    /// The number of spaces and tabs at the beginning of a line.
    private func indentation(of line: Range<Int>) -> Int {
        var index = line.lowerBound
        while index < line.upperBound, byte(at: index) == 0x20 || byte(at: index) == 0x09 {
            index &+= 1
        }
        return index &- line.lowerBound
    }

    private func appendUnescapedBlock(_ range: Range<Int>, to value: inout [UInt8]) {
        var chunkStart = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            if byte(at: index) == UInt8(ascii: "\\") && index &+ 4 <= range.upperBound
                && isTripleQuote(at: index &+ 1)
            {
                append(chunkStart..<index, to: &value)
                chunkStart = index &+ 1
                index &+= 4
            } else {
                index &+= 1
            }
        }
        append(chunkStart..<range.upperBound, to: &value)
    }

    private func append(_ range: Range<Int>, to value: inout [UInt8]) {
        unsafe value.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[range]))
    }

    // MARK: The current token's value

    /// The value of the current string token.
    var stringValue: String {
        decodedString ?? text(start &+ 1..<end &- 1)
    }
}
