/// What the printing functions share.
enum Printer {
    static let lineFeed = UInt8(ascii: "\n")
    /// A line that would be longer is broken into one item a line.
    private static let lineCharactersMax = 80
    /// A block string that is longer gets lines of its own, even if it is only one.
    private static let inlineBlockCharactersMax = 70

    // MARK: Pieces

    /// The parts that are not empty, with a space between them.
    static func words(_ parts: String...) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Nothing around nothing.
    static func wrap(_ before: String, _ text: String, _ after: String = "") -> String {
        text.isEmpty ? "" : before + text + after
    }

    /// Items in braces, each on lines of its own; nothing if there are none.
    static func block(_ items: [String]) -> String {
        items.isEmpty ? "" : "{\n" + indent(items.joined(separator: "\n")) + "\n}"
    }

    static func indent(_ text: String) -> String {
        var bytes = Array("  ".utf8)
        bytes.reserveCapacity(text.utf8.count + text.utf8.count / 8 + 2)
        for byte in text.utf8 {
            bytes.append(byte)
            if byte == lineFeed { bytes.append(contentsOf: "  ".utf8) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func fits(_ line: String) -> Bool { line.utf16.count <= lineCharactersMax }

    static func names(_ names: [Name], _ separator: String) -> String {
        names.map(\.value).joined(separator: separator)
    }

    static func description(_ description: StringValue?) -> String {
        description.map { print($0) + "\n" } ?? ""
    }

    static func directives(_ directives: [Directive]) -> String {
        directives.map { print($0) }.joined(separator: " ")
    }

    /// A type with what may follow it.
    static func typed(_ type: TypeNode, _ value: Value?, _ directives: [Directive]) -> String {
        words(
            print(type), wrap("= ", value.map { print($0) } ?? ""), Printer.directives(directives))
    }

    static func arguments(_ arguments: [Argument], after name: String) -> String {
        if arguments.isEmpty { return "" }
        let texts = arguments.map { "\($0.name.value): \(print($0.value))" }
        let line = "(" + texts.joined(separator: ", ") + ")"
        return fits(name + line) ? line : "(\n" + indent(texts.joined(separator: "\n")) + "\n)"
    }

    static func argumentDefinitions(_ arguments: [InputValueDefinition]) -> String {
        let texts = arguments.map { print($0) }
        return texts.contains { $0.utf8.contains(lineFeed) }
            ? wrap("(\n", indent(texts.joined(separator: "\n")), "\n)")
            : wrap("(", texts.joined(separator: ", "), ")")
    }

    /// Whether a brace after the definition would begin a part of it.
    static func takesBraces(_ definition: Definition) -> Bool {
        switch definition {
        case .operation, .fragment, .directive: false
        case .schema(let schema): schema.operationTypes.isEmpty
        case .type(let type):
            switch type.kind {
            case .scalar, .union: false
            case .object, .interface: type.fields.isEmpty
            case .enum: type.enumValues.isEmpty
            case .inputObject: type.inputFields.isEmpty
            }
        }
    }

    // MARK: Strings

    /// Between single quotation marks, control characters escaped.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\u{C}": text += "\\f"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// Between triple quotation marks. Long values, several lines, and what would run into the
    /// closing marks stand on lines of their own.
    static func blockString(_ value: String) -> String {
        let bytes = Array(value.utf8)
        let text = escapingTripleQuotes(bytes)
        let isSingleLine = !bytes.contains(lineFeed)
        let endsOnNewLine =
            bytes.last == UInt8(ascii: "\"") || bytes.last == UInt8(ascii: "\\")
        let hasOwnLines =
            !isSingleLine || value.utf16.count > inlineBlockCharactersMax || endsOnNewLine
        // Before the only line, a line break would take away its indentation.
        let beginsOnNewLine =
            hasOwnLines && !(isSingleLine && bytes.first.map(isIndentation) ?? false)
        return "\"\"\"" + (beginsOnNewLine ? "\n" : "") + text + (hasOwnLines ? "\n" : "")
            + "\"\"\""
    }

    /// Whether a block string can have this value. It cannot begin or end with a blank line, be
    /// indented as a whole (unless it is a single line), or hold a carriage return.
    static func hasBlockForm(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        if bytes.isEmpty { return true }
        let lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false)
        guard !bytes.contains(UInt8(ascii: "\r")), let first = lines.first, let last = lines.last,
            !first.allSatisfy(isIndentation), !last.allSatisfy(isIndentation)
        else { return false }
        return lines.count == 1
            || lines.contains { line in line.first.map { !isIndentation($0) } ?? false }
    }

    private static func isIndentation(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func escapingTripleQuotes(_ bytes: [UInt8]) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count)
        var quotes = 0
        for byte in bytes {
            quotes = byte == UInt8(ascii: "\"") ? quotes + 1 : 0
            if quotes == 3 {
                escaped.insert(UInt8(ascii: "\\"), at: escaped.count - 2)
                quotes = 0
            }
            escaped.append(byte)
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
