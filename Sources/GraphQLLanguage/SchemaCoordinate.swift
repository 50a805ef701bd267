/// The unambiguous name of an element of a schema: `Member.tier`, `Query.member(id:)`, `@table`.
///
/// Source: GraphQL, September 2025, §2.14.
public enum SchemaCoordinate: Hashable, Sendable {
    case type(String)
    /// A field, an input field or an enum value.
    case member(String, member: String)
    case argument(String, field: String, argument: String)
    case directive(String)
    case directiveArgument(String, argument: String)
}

extension SchemaCoordinate: CustomStringConvertible {
    public var description: String {
        switch self {
        case .type(let type): type
        case .member(let type, let member): "\(type).\(member)"
        case .argument(let type, let field, let argument): "\(type).\(field)(\(argument):)"
        case .directive(let directive): "@\(directive)"
        case .directiveArgument(let directive, let argument): "@\(directive)(\(argument):)"
        }
    }
}

/// Parses a schema coordinate, which allows no spaces, commas or comments.
public func parseSchemaCoordinate(_ source: Source) throws(SyntaxError) -> SchemaCoordinate {
    try unsafe source.bytes.withUnsafeBufferPointer { bytes throws(SyntaxError) in
        try unsafe checkUTF8(source, bytes)
        var parser = CoordinateParser(lexer: unsafe Lexer(source, bytes, tokensMax: .max))
        return try parser.parse()
    }
}

/// A grammar of its own: other tokens than a document's, and nothing ignored between them.
private struct CoordinateParser {
    var lexer: Lexer

    mutating func parse() throws(SyntaxError) -> SchemaCoordinate {
        try lexer.advanceInCoordinate()
        let coordinate = try lexer.kind == .at ? parseDirective() : parseType()
        guard lexer.kind == .endOfFile else { throw lexer.expected(.endOfFile) }
        return coordinate
    }

    private mutating func parseDirective() throws(SyntaxError) -> SchemaCoordinate {
        try lexer.advanceInCoordinate()
        let directive = try parseName()
        guard let argument = try parseArgument() else { return .directive(directive) }
        return .directiveArgument(directive, argument: argument)
    }

    private mutating func parseType() throws(SyntaxError) -> SchemaCoordinate {
        let type = try parseName()
        guard lexer.kind == .dot else { return .type(type) }
        try lexer.advanceInCoordinate()
        let member = try parseName()
        guard let argument = try parseArgument() else { return .member(type, member: member) }
        return .argument(type, field: member, argument: argument)
    }

    /// `(name:)`, if there is one.
    private mutating func parseArgument() throws(SyntaxError) -> String? {
        guard lexer.kind == .parenLeft else { return nil }
        try lexer.advanceInCoordinate()
        let argument = try parseName()
        try expect(.colon)
        try expect(.parenRight)
        return argument
    }

    private mutating func parseName() throws(SyntaxError) -> String {
        let name = lexer.text
        try expect(.name)
        return name
    }

    private mutating func expect(_ kind: TokenKind) throws(SyntaxError) {
        guard lexer.kind == kind else { throw lexer.expected(kind) }
        try lexer.advanceInCoordinate()
    }
}
