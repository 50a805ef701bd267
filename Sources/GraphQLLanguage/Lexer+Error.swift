/// What is wrong with the text, said as graphql-js 17 says it.
extension Lexer {
    @inline(never)
    func unexpectedCharacter(at index: Int) -> SyntaxError {
        if byte(at: index) == UInt8(ascii: "'") {
            return SyntaxError(
                source, at: index,
                "Unexpected single quote character ('), "
                    + "did you mean to use a double quote (\")?")
        }
        return SyntaxError(
            source, at: index, "Unexpected character: \(characterDescription(at: index)).")
    }

    @inline(never)
    func misplacedDot(at index: Int) -> SyntaxError {
        let next = byte(at: index &+ 1)
        if next == UInt8(ascii: ".") {
            return SyntaxError(source, at: index, #"Unexpected "..", did you mean "..."?"#)
        }
        guard Lexer.isDigit(next) else { return unexpectedCharacter(at: index) }
        var end = index &+ 1
        while Lexer.isDigit(byte(at: end)) { end &+= 1 }
        let digits = excerpt(index &+ 1..<end)
        return SyntaxError(
            source, at: index,
            #"Invalid number, expected digit before ".", did you mean "0.\#(digits)"?"#)
    }

    @inline(never)
    func digitExpected(at index: Int) -> SyntaxError {
        SyntaxError(
            source, at: index,
            "Invalid number, expected digit but got: \(characterDescription(at: index)).")
    }

    @inline(never)
    func unterminatedString(at index: Int) -> SyntaxError {
        SyntaxError(source, at: index, "Unterminated string.")
    }

    @inline(never)
    func invalidUnicodeEscape(at index: Int, scalars: Int) -> SyntaxError {
        SyntaxError(
            source, at: index,
            "Invalid Unicode escape sequence: \"\(excerpt(from: index, scalars: scalars))\".")
    }

    func expected(_ kind: TokenKind) -> SyntaxError { expected(kind.description) }

    @inline(never)
    func expected(_ what: String) -> SyntaxError {
        SyntaxError(source, at: start, "Expected \(what), found \(tokenDescription).")
    }

    /// The current token cannot stand here.
    @inline(never)
    func unexpectedToken() -> SyntaxError {
        SyntaxError(source, at: start, "Unexpected \(tokenDescription).")
    }

    /// `Name "x"`, `"{"`, `<EOF>`: the current token.
    var tokenDescription: String {
        switch kind {
        case .name, .int, .float:
            "\(kind.description) \"\(tokenExcerpt)\""
        case .string, .blockString:
            "\(kind.description) \"\(Lexer.excerpt(stringValue))\""
        default:
            kind.description
        }
    }

    /// The text of the current token, a name or a number.
    var tokenExcerpt: String { excerpt(start..<end) }

    /// A printable ASCII character in quotation marks, any other as `U+00A0`.
    func characterDescription(at index: Int) -> String {
        guard let scalar = scalars(from: index).first else {
            return TokenKind.endOfFile.description
        }
        if scalar == "\"" { return "'\"'" }
        if 0x20...0x7E ~= scalar.value { return "\"\(scalar)\"" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The text from an index on, so many scalars of it as there are.
    func excerpt(from index: Int, scalars: Int) -> String {
        var excerpt = ""
        excerpt.unicodeScalars.append(contentsOf: self.scalars(from: index).prefix(scalars))
        return excerpt
    }

    private func excerpt(_ range: Range<Int>) -> String {
        // A name or a number is ASCII: a byte is a character.
        Lexer.excerpt(text(range.prefix(Lexer.excerptMax + 1)))
    }

    /// A value is shown up to here: a message must not carry what a client sent back at length.
    private static let excerptMax = 100

    private static func excerpt(_ value: String) -> String {
        let scalars = value.unicodeScalars
        guard
            let end = scalars.index(
                scalars.startIndex, offsetBy: excerptMax, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return value }
        return String(value[..<end]) + "…"
    }

    /// The next few scalars, enough for any message.
    private func scalars(from index: Int) -> String.UnicodeScalarView {
        // At most 12 scalars are shown, of at most 4 bytes each. The cut may split the scalar that
        // follows them, which nobody looks at.
        text(index..<min(count, index &+ 13 * 4)).unicodeScalars
    }
}
