import Bytes

/// Parses a document: operations and fragments, type-system definitions and extensions, or both.
///
/// Which kinds of definitions a caller allows is for its validator to say.
/// - Throws: The first error, in reading order.
/// - Complexity: O(bytes).
/// Source: GraphQL, September 2025, §2.
public func parse(
    _ source: Source, limits: ParseLimits = .request
) throws(SyntaxError) -> Document {
    try withParser(source, limits) { parser throws(SyntaxError) in
        try parser.parseDocument()
    }
}

/// Parses one value and nothing after it.
/// - Parameter isConst: Whether a variable in the value is an error.
public func parseValue(
    _ source: Source, isConst: Bool = false, limits: ParseLimits = .request
) throws(SyntaxError) -> Value {
    try withParser(source, limits) { parser throws(SyntaxError) in
        let value = try parser.parseValue(isConst: isConst)
        try parser.expect(.endOfFile)
        return value
    }
}

/// Parses one type reference, `[Member!]!`, and nothing after it.
public func parseType(
    _ source: Source, limits: ParseLimits = .request
) throws(SyntaxError) -> TypeNode {
    try withParser(source, limits) { parser throws(SyntaxError) in
        let type = try parser.parseTypeReference()
        try parser.expect(.endOfFile)
        return type
    }
}

private func withParser<Result>(
    _ source: Source, _ limits: ParseLimits,
    _ body: (inout Parser) throws(SyntaxError) -> Result
) throws(SyntaxError) -> Result {
    try unsafe source.bytes.withUnsafeBufferPointer { bytes throws(SyntaxError) in
        guard bytes.count <= limits.documentBytesMax else {
            throw SyntaxError(
                source, at: limits.documentBytesMax,
                "Document contains more than \(limits.documentBytesMax) bytes. Parsing aborted.",
                limit: ExceededLimit(
                    name: "document-bytes", max: limits.documentBytesMax,
                    hint: "Send values as variables, and ask for less in one document."))
        }
        try unsafe checkUTF8(source, bytes)
        let lexer = unsafe Lexer(source, bytes, tokensMax: limits.tokensMax)
        var parser = Parser(lexer: lexer, limits: limits)
        try parser.lexer.advance()
        return try body(&parser)
    }
}

func checkUTF8(_ source: Source, _ bytes: UnsafeBufferPointer<UInt8>) throws(SyntaxError) {
    if let fault = unsafe UTF8Check.firstFault(in: UnsafeRawBufferPointer(bytes)) {
        throw SyntaxError(source, at: fault, "Document is not valid UTF-8.")
    }
}

/// Recursive descent, one function a production, named by it. The type-system half is in
/// `Parser+TypeSystem.swift`.
///
/// Each function begins at the current token and ends at the one after its production.
struct Parser {
    var lexer: Lexer
    let limits: ParseLimits
    private var nesting = 0
    private var aliasCount = 0
    private var directiveCount = 0
    private var fragmentCount = 0

    init(lexer: Lexer, limits: ParseLimits) {
        self.lexer = lexer
        self.limits = limits
    }

    // MARK: Tokens

    /// Goes past a token of this kind.
    @inline(__always)
    mutating func expect(_ kind: TokenKind) throws(SyntaxError) {
        guard lexer.kind == kind else { throw lexer.expected(kind) }
        if kind != .endOfFile { try lexer.advance() }
    }

    /// Goes past a token of this kind if it is the current one; tells whether it was.
    @inline(__always)
    mutating func skip(_ kind: TokenKind) throws(SyntaxError) -> Bool {
        guard lexer.kind == kind else { return false }
        try lexer.advance()
        return true
    }

    mutating func expectKeyword(_ keyword: StaticString) throws(SyntaxError) {
        guard try skipKeyword(keyword) else { throw lexer.expected("\"\(keyword)\"") }
    }

    mutating func skipKeyword(_ keyword: StaticString) throws(SyntaxError) -> Bool {
        guard lexer.isKeyword(keyword) else { return false }
        try lexer.advance()
        return true
    }

    /// Counts one more level of nesting, before the recursion that it bounds.
    @inline(__always)
    mutating func enter() throws(SyntaxError) {
        nesting &+= 1
        if nesting > limits.nestingMax {
            throw SyntaxError(
                lexer.source, at: lexer.start,
                "Document is nested more than \(limits.nestingMax) levels deep. Parsing aborted.",
                limit: ExceededLimit(
                    name: "nesting", max: limits.nestingMax,
                    hint: "Ask for less at once, with several requests."))
        }
    }

    @inline(__always)
    mutating func leave() { nesting &-= 1 }

    /// - Parameters:
    ///   - name: of the limit, and of what it counts.
    ///   - holder: what has too many of them.
    private func tooMany(
        _ name: String, _ max: Int, in holder: String = "Document", at offset: Int, hint: String
    ) -> SyntaxError {
        SyntaxError(
            lexer.source, at: offset,
            "\(holder) contains more than \(max) \(name). Parsing aborted.",
            limit: ExceededLimit(name: name, max: max, hint: hint))
    }

    @inline(__always)
    mutating func parseName() throws(SyntaxError) -> Name {
        guard lexer.kind == .name else { throw lexer.expected(.name) }
        let name = lexer.name
        try lexer.advance()
        return name
    }

    // MARK: Document

    mutating func parseDocument() throws(SyntaxError) -> Document {
        var definitions: [Definition] = []
        repeat {
            definitions.append(try parseDefinition())
        } while lexer.kind != .endOfFile
        return Document(definitions: definitions, source: lexer.source)
    }

    private mutating func parseDefinition() throws(SyntaxError) -> Definition {
        let start = lexer.start
        if lexer.kind == .braceLeft {
            let selectionSet = try parseSelectionSet()
            return .operation(
                OperationDefinition(
                    type: .query, name: nil, variables: [], directives: [],
                    selectionSet: selectionSet, isShorthand: true, offset: start))
        }
        let description = try parseDescription()
        if lexer.kind == .name {
            switch lexer.text {
            case "query":
                return .operation(try parseOperation(.query, description, start))
            case "mutation":
                return .operation(try parseOperation(.mutation, description, start))
            case "subscription":
                return .operation(try parseOperation(.subscription, description, start))
            case "fragment":
                return .fragment(try parseFragmentDefinition(description, start))
            case "extend" where description == nil:
                try lexer.advance()
                if let extensionOf = try parseTypeSystemDefinition(
                    isExtension: true, description: nil, offset: start)
                {
                    return extensionOf
                }
            default:
                if let definition = try parseTypeSystemDefinition(
                    isExtension: false, description: description, offset: start)
                {
                    return definition
                }
                if description != nil {
                    throw SyntaxError(
                        lexer.source, at: start,
                        "Unexpected description, only GraphQL definitions support descriptions.")
                }
            }
        } else if description != nil, lexer.kind == .braceLeft {
            throw SyntaxError(
                lexer.source, at: start,
                "Unexpected description, descriptions are not supported on shorthand queries.")
        }
        throw lexer.unexpectedToken()
    }

    mutating func parseDescription() throws(SyntaxError) -> StringValue? {
        guard lexer.kind == .string || lexer.kind == .blockString else { return nil }
        return try parseString()
    }

    // MARK: Operations

    /// From the keyword on, which has been recognised.
    private mutating func parseOperation(
        _ type: OperationType, _ description: StringValue?, _ start: Int
    ) throws(SyntaxError) -> OperationDefinition {
        try lexer.advance()
        let name = lexer.kind == .name ? try parseName() : nil
        let variables = try parseVariableDefinitions()
        let directives = try parseDirectives(isConst: false)
        let selectionSet = try parseSelectionSet()
        return OperationDefinition(
            description: description, type: type, name: name, variables: variables,
            directives: directives, selectionSet: selectionSet, offset: start)
    }

    private mutating func parseVariableDefinitions() throws(SyntaxError) -> [VariableDefinition] {
        var variables: [VariableDefinition] = []
        guard try skip(.parenLeft) else { return variables }
        repeat {
            if variables.count >= limits.variablesMax {
                throw tooMany(
                    "variables", limits.variablesMax, in: "Operation", at: lexer.start,
                    hint: "Use one variable of an input type instead of many.")
            }
            variables.append(try parseVariableDefinition())
        } while try !skip(.parenRight)
        return variables
    }

    private mutating func parseVariableDefinition() throws(SyntaxError) -> VariableDefinition {
        let start = lexer.start
        let description = try parseDescription()
        let variable = lexer.start
        try expect(.dollar)
        let word = try parseName()
        let name = Name(word.value, hash: word.hash, offset: variable)
        try expect(.colon)
        let type = try parseTypeReference()
        let defaultValue = try parseDefaultValue()
        let directives = try parseDirectives(isConst: true)
        return VariableDefinition(
            description: description, name: name, type: type, defaultValue: defaultValue,
            directives: directives, offset: start)
    }

    mutating func parseDefaultValue() throws(SyntaxError) -> Value? {
        guard try skip(.equals) else { return nil }
        return try parseValue(isConst: true)
    }

    private mutating func parseSelectionSet() throws(SyntaxError) -> SelectionSet {
        let start = lexer.start
        try enter()
        try expect(.braceLeft)
        var selections: [Selection] = []
        // Most sets have a few selections; growing from one would be several times.
        selections.reserveCapacity(8)
        repeat {
            selections.append(try lexer.kind == .spread ? parseFragment() : parseField())
        } while try !skip(.braceRight)
        leave()
        return SelectionSet(selections: selections, offset: start)
    }

    private mutating func parseField() throws(SyntaxError) -> Selection {
        let start = lexer.start
        var name = try parseName()
        var alias: Name?
        if try skip(.colon) {
            aliasCount &+= 1
            if aliasCount > limits.aliasesMax {
                throw tooMany(
                    "aliases", limits.aliasesMax, at: start,
                    hint: "Send several requests, or ask for many rows with one list.")
            }
            alias = name
            name = try parseName()
        }
        let arguments = try parseArguments(isConst: false)
        let directives = try parseDirectives(isConst: false)
        let selectionSet = lexer.kind == .braceLeft ? try parseSelectionSet() : nil
        return .field(
            Field(
                alias: alias, name: name, arguments: arguments, directives: directives,
                selectionSet: selectionSet, offset: start))
    }

    private mutating func parseArguments(isConst: Bool) throws(SyntaxError) -> [Argument] {
        var arguments: [Argument] = []
        guard try skip(.parenLeft) else { return arguments }
        repeat {
            let name = try parseName()
            try expect(.colon)
            arguments.append(Argument(name: name, value: try parseValue(isConst: isConst)))
        } while try !skip(.parenRight)
        return arguments
    }

    // MARK: Fragments

    /// A fragment spread or an inline fragment.
    private mutating func parseFragment() throws(SyntaxError) -> Selection {
        let start = lexer.start
        try expect(.spread)
        let hasTypeCondition = try skipKeyword("on")
        if !hasTypeCondition && lexer.kind == .name {
            let name = try parseName()
            let directives = try parseDirectives(isConst: false)
            return .fragmentSpread(
                FragmentSpread(name: name, directives: directives, offset: start))
        }
        let typeCondition = hasTypeCondition ? try parseName() : nil
        let directives = try parseDirectives(isConst: false)
        let selectionSet = try parseSelectionSet()
        return .inlineFragment(
            InlineFragment(
                typeCondition: typeCondition, directives: directives, selectionSet: selectionSet,
                offset: start))
    }

    /// From the keyword on, which has been recognised.
    private mutating func parseFragmentDefinition(
        _ description: StringValue?, _ start: Int
    ) throws(SyntaxError) -> FragmentDefinition {
        fragmentCount &+= 1
        if fragmentCount > limits.fragmentsMax {
            throw tooMany(
                "fragments", limits.fragmentsMax, at: start,
                hint: "Send only the fragments that the operation uses.")
        }
        try lexer.advance()
        if lexer.isKeyword("on") { throw lexer.unexpectedToken() }
        let name = try parseName()
        try expectKeyword("on")
        let typeCondition = try parseName()
        let directives = try parseDirectives(isConst: false)
        let selectionSet = try parseSelectionSet()
        return FragmentDefinition(
            description: description, name: name, typeCondition: typeCondition,
            directives: directives, selectionSet: selectionSet, offset: start)
    }

    // MARK: Values

    mutating func parseValue(isConst: Bool) throws(SyntaxError) -> Value {
        let start = lexer.start
        switch lexer.kind {
        case .dollar:
            try lexer.advance()
            if isConst { throw variableInConstant(at: start) }
            return Value(.variable(try parseName().value), offset: start)
        case .int:
            let digits = lexer.text
            try lexer.advance()
            return Value(.int(digits), offset: start)
        case .float:
            let number = lexer.text
            try lexer.advance()
            return Value(.float(number), offset: start)
        case .string, .blockString:
            return Value(.string(try parseString()), offset: start)
        case .name:
            let name = lexer.text
            try lexer.advance()
            switch name {
            case "true": return Value(.boolean(true), offset: start)
            case "false": return Value(.boolean(false), offset: start)
            case "null": return Value(.null, offset: start)
            default: return Value(.enum(name), offset: start)
            }
        case .bracketLeft:
            return Value(.list(try parseListItems(isConst: isConst)), offset: start)
        case .braceLeft:
            return Value(.object(try parseObjectFields(isConst: isConst)), offset: start)
        default:
            throw lexer.unexpectedToken()
        }
    }

    mutating func parseString() throws(SyntaxError) -> StringValue {
        let string = StringValue(
            lexer.stringValue, isBlock: lexer.kind == .blockString, offset: lexer.start)
        try lexer.advance()
        return string
    }

    private mutating func parseListItems(isConst: Bool) throws(SyntaxError) -> [Value] {
        try enter()
        try expect(.bracketLeft)
        var items: [Value] = []
        while try !skip(.bracketRight) {
            if items.count >= limits.listItemsMax {
                throw tooMany(
                    "items", limits.listItemsMax, in: "A list", at: lexer.start,
                    hint: "Send the items in several requests.")
            }
            items.append(try parseValue(isConst: isConst))
        }
        leave()
        return items
    }

    private mutating func parseObjectFields(isConst: Bool) throws(SyntaxError) -> [ObjectField] {
        try enter()
        try expect(.braceLeft)
        var fields: [ObjectField] = []
        while try !skip(.braceRight) {
            let name = try parseName()
            try expect(.colon)
            fields.append(ObjectField(name: name, value: try parseValue(isConst: isConst)))
        }
        leave()
        return fields
    }

    /// The current token is the one after the `$`, which stands at `offset`.
    private func variableInConstant(at offset: Int) -> SyntaxError {
        guard lexer.kind == .name else {
            return SyntaxError(
                lexer.source, at: offset, "Unexpected \(TokenKind.dollar.description).")
        }
        return SyntaxError(
            lexer.source, at: offset,
            "Unexpected variable \"$\(lexer.tokenExcerpt)\" in constant value.")
    }

    // MARK: Directives and types

    mutating func parseDirectives(isConst: Bool) throws(SyntaxError) -> [Directive] {
        var directives: [Directive] = []
        while lexer.kind == .at {
            let start = lexer.start
            directiveCount &+= 1
            if directiveCount > limits.directivesMax {
                throw tooMany(
                    "directives", limits.directivesMax, at: start,
                    hint: "Leave out directives that always have the same value.")
            }
            try lexer.advance()
            let name = try parseName()
            let arguments = try parseArguments(isConst: isConst)
            directives.append(Directive(name: name, arguments: arguments, offset: start))
        }
        return directives
    }

    mutating func parseTypeReference() throws(SyntaxError) -> TypeNode {
        let start = lexer.start
        var type: TypeNode
        if lexer.kind == .bracketLeft {
            try enter()
            try lexer.advance()
            type = .list(try parseTypeReference(), offset: start)
            leave()
            try expect(.bracketRight)
        } else {
            type = .named(try parseName())
        }
        if try skip(.bang) { type = .nonNull(type) }
        return type
    }
}
