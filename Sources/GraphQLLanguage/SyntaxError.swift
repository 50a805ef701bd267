/// Why a text is not GraphQL, and where.
public struct SyntaxError: Error, Sendable {
    public let source: Source
    /// The byte where the offending token or character starts; the byte count when the text ends
    /// too soon.
    public let offset: Int
    /// For people, beginning with `Syntax Error: `. What it quotes of the text is at most
    /// 100 characters long.
    public let message: String
    /// Set when the text may be GraphQL, but is too much of it.
    public let limit: ExceededLimit?

    init(
        _ source: Source, at offset: Int, _ description: String, limit: ExceededLimit? = nil
    ) {
        self.source = source
        self.offset = offset
        self.message = "Syntax Error: " + description
        self.limit = limit
    }

    /// Line and column of the offset. O(bytes before it).
    public var location: SourceLocation { source.location(at: offset) }
}

extension SyntaxError: CustomStringConvertible {
    /// `name:line:column: message`
    public var description: String {
        let location = location
        return "\(source.name):\(location.line):\(location.column): \(message)"
    }
}
