/// The lexical tokens. Source: GraphQL, September 2025, §2.1.5.
enum TokenKind: UInt8 {
    case endOfFile
    case bang, dollar, ampersand, parenLeft, parenRight, spread, colon, equals, at
    case bracketLeft, bracketRight, braceLeft, pipe, braceRight
    /// In schema coordinates only.
    case dot
    case name, int, float, string, blockString

    /// As error messages name the kind.
    var description: String {
        switch self {
        case .endOfFile: "<EOF>"
        case .bang: "\"!\""
        case .dollar: "\"$\""
        case .ampersand: "\"&\""
        case .parenLeft: "\"(\""
        case .parenRight: "\")\""
        case .spread: "\"...\""
        case .colon: "\":\""
        case .equals: "\"=\""
        case .at: "\"@\""
        case .bracketLeft: "\"[\""
        case .bracketRight: "\"]\""
        case .braceLeft: "\"{\""
        case .pipe: "\"|\""
        case .braceRight: "\"}\""
        case .dot: "\".\""
        case .name: "Name"
        case .int: "Int"
        case .float: "Float"
        case .string: "String"
        case .blockString: "BlockString"
        }
    }
}

/// Reads tokens one after another; holds the current one as a kind and a range of bytes.
///
/// The bytes must be UTF-8: the doors of the room check that before the first token.
// Safe: the doors make a lexer inside `withUnsafeBufferPointer` of the source's bytes and do not
// let it out, and every read is at an index below `count`, through `byte(at:)` or after a test.
@safe
struct Lexer {
    let source: Source
    let bytes: UnsafeBufferPointer<UInt8>
    let count: Int
    private let tokensMax: Int
    private var tokenCount = 0
    private let nameSeed = NameIndex.seed

    /// The current token: its kind, its first byte, and the byte after its last.
    private(set) var kind = TokenKind.endOfFile
    private(set) var start = 0
    private(set) var end = 0
    /// The value of a string token that is not simply the bytes between its quotes.
    var decodedString: String?

    @unsafe
    init(_ source: Source, _ bytes: UnsafeBufferPointer<UInt8>, tokensMax: Int) {
        self.source = source
        unsafe self.bytes = bytes
        count = bytes.count
        self.tokensMax = tokensMax
    }

    /// The byte at an index, 0 at and after the end. (A NUL in the text is an unexpected character
    /// wherever this is used, and told from the end by the index.)
    @inline(__always)
    func byte(at index: Int) -> UInt8 {
        index < count ? unsafe bytes[index] : 0
    }

    // MARK: The next token

    /// Goes on to the next token.
    mutating func advance() throws(SyntaxError) {
        var index = end
        while index < count {
            let first = unsafe bytes[index]
            switch first {
            case 0x20, 0x2C, 0x0A, 0x09, 0x0D:
                index &+= 1
                continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                start = index
                repeat {
                    index &+= 1
                } while index < count && Lexer.isNameContinue(unsafe bytes[index])
                return try accept(.name, endingAt: index)
            case UInt8(ascii: "{"): return try acceptPunctuator(.braceLeft, at: index)
            case UInt8(ascii: "}"): return try acceptPunctuator(.braceRight, at: index)
            case UInt8(ascii: "("): return try acceptPunctuator(.parenLeft, at: index)
            case UInt8(ascii: ")"): return try acceptPunctuator(.parenRight, at: index)
            case UInt8(ascii: ":"): return try acceptPunctuator(.colon, at: index)
            case UInt8(ascii: "$"): return try acceptPunctuator(.dollar, at: index)
            case UInt8(ascii: "!"): return try acceptPunctuator(.bang, at: index)
            case UInt8(ascii: "["): return try acceptPunctuator(.bracketLeft, at: index)
            case UInt8(ascii: "]"): return try acceptPunctuator(.bracketRight, at: index)
            case UInt8(ascii: "@"): return try acceptPunctuator(.at, at: index)
            case UInt8(ascii: "="): return try acceptPunctuator(.equals, at: index)
            case UInt8(ascii: "|"): return try acceptPunctuator(.pipe, at: index)
            case UInt8(ascii: "&"): return try acceptPunctuator(.ampersand, at: index)
            case UInt8(ascii: "."):
                guard byte(at: index &+ 1) == first, byte(at: index &+ 2) == first else {
                    throw misplacedDot(at: index)
                }
                start = index
                return try accept(.spread, endingAt: index &+ 3)
            case UInt8(ascii: "\""):
                start = index
                if byte(at: index &+ 1) == first && byte(at: index &+ 2) == first {
                    return try readBlockString()
                }
                return try readString()
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                start = index
                return try readNumber()
            case UInt8(ascii: "#"):
                repeat {
                    index &+= 1
                } while index < count && Lexer.isInLine(unsafe bytes[index])
            case 0xEF where byte(at: index &+ 1) == 0xBB && byte(at: index &+ 2) == 0xBF:
                // A byte order mark may stand between any two tokens.
                index &+= 3
            default:
                throw unexpectedCharacter(at: index)
            }
        }
        kind = .endOfFile
        start = count
        end = count
    }

    @inline(__always)
    private mutating func acceptPunctuator(
        _ kind: TokenKind, at index: Int
    ) throws(SyntaxError) {
        start = index
        try accept(kind, endingAt: index &+ 1)
    }

    @inline(__always)
    mutating func accept(_ kind: TokenKind, endingAt end: Int) throws(SyntaxError) {
        self.kind = kind
        self.end = end
        tokenCount &+= 1
        if tokenCount > tokensMax {
            throw SyntaxError(
                source, at: start,
                "Document contains more than \(tokensMax) tokens. Parsing aborted.",
                limit: ExceededLimit(
                    name: "tokens", max: tokensMax,
                    hint: "Send values as variables, and ask for less in one document."))
        }
    }

    @inline(__always)
    static func isNameContinue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    @inline(__always)
    private static func isInLine(_ byte: UInt8) -> Bool { byte != 0x0A && byte != 0x0D }

    // MARK: Schema coordinates

    /// Goes on to the next token of a schema coordinate, whose grammar has no ignored tokens.
    /// Source: GraphQL, September 2025, §2.14.
    mutating func advanceInCoordinate() throws(SyntaxError) {
        start = end
        guard start < count else {
            kind = .endOfFile
            return
        }
        switch unsafe bytes[start] {
        case UInt8(ascii: "."): return try accept(.dot, endingAt: start &+ 1)
        case UInt8(ascii: "("): return try accept(.parenLeft, endingAt: start &+ 1)
        case UInt8(ascii: ")"): return try accept(.parenRight, endingAt: start &+ 1)
        case UInt8(ascii: ":"): return try accept(.colon, endingAt: start &+ 1)
        case UInt8(ascii: "@"): return try accept(.at, endingAt: start &+ 1)
        case let first where Lexer.isNameContinue(first) && !Lexer.isDigit(first):
            var index = start &+ 1
            while Lexer.isNameContinue(byte(at: index)) { index &+= 1 }
            return try accept(.name, endingAt: index)
        default:
            throw SyntaxError(
                source, at: start, "Invalid character: \(characterDescription(at: start)).")
        }
    }

    // MARK: Numbers

    /// IntValue or FloatValue. Source: GraphQL, September 2025, §2.10.1 and §2.10.2.
    private mutating func readNumber() throws(SyntaxError) {
        var index = start
        var kind = TokenKind.int
        if byte(at: index) == UInt8(ascii: "-") { index &+= 1 }
        if byte(at: index) == UInt8(ascii: "0") {
            index &+= 1
            if Lexer.isDigit(byte(at: index)) {
                throw SyntaxError(
                    source, at: index,
                    "Invalid number, unexpected digit after 0: \(characterDescription(at: index)).")
            }
        } else {
            index = try readDigits(from: index)
        }
        if byte(at: index) == UInt8(ascii: ".") {
            kind = .float
            index = try readDigits(from: index &+ 1)
        }
        if byte(at: index) | 0x20 == UInt8(ascii: "e") {
            kind = .float
            index &+= 1
            let sign = byte(at: index)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index &+= 1 }
            index = try readDigits(from: index)
        }
        // No digit can stand here: `readDigits` took them all, or a zero was refused above.
        let next = byte(at: index)
        if next == UInt8(ascii: ".") || Lexer.isNameContinue(next) {
            throw digitExpected(at: index)
        }
        try accept(kind, endingAt: index)
    }

    private func readDigits(from index: Int) throws(SyntaxError) -> Int {
        var index = index
        guard Lexer.isDigit(byte(at: index)) else { throw digitExpected(at: index) }
        repeat { index &+= 1 } while Lexer.isDigit(byte(at: index))
        return index
    }

    // MARK: The current token's text

    /// The text of a name or a number.
    @inline(__always)
    var text: String { text(start..<end) }

    /// The current token as a name.
    @inline(__always)
    var name: Name {
        let bytes = unsafe UnsafeRawBufferPointer(
            UnsafeBufferPointer(rebasing: bytes[start..<end]))
        return unsafe Name(text, hash: NameIndex.hash(bytes, seed: nameSeed), offset: start)
    }

    @inline(__always)
    func text(_ range: Range<Int>) -> String {
        unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Is the current token this name? The keyword must be ASCII.
    @inline(__always)
    func isKeyword(_ keyword: StaticString) -> Bool {
        guard kind == .name, end &- start == keyword.utf8CodeUnitCount else { return false }
        for index in 0..<keyword.utf8CodeUnitCount
        where unsafe bytes[start &+ index] != keyword.utf8Start[index] {
            return false
        }
        return true
    }
}
