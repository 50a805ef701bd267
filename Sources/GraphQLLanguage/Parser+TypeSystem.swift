/// The type system. Source: GraphQL, September 2025, §3.
extension Parser {
    /// From the keyword on; `nil`, at the same token, if it is none of the type system's.
    mutating func parseTypeSystemDefinition(
        isExtension: Bool, description: StringValue?, offset: Int
    ) throws(SyntaxError) -> Definition? {
        guard lexer.kind == .name else { return nil }
        let kind: TypeDefinition.Kind
        switch lexer.text {
        case "schema":
            return .schema(try parseSchemaDefinition(isExtension, description, offset))
        case "directive" where !isExtension:
            return .directive(try parseDirectiveDefinition(description, offset))
        case "scalar": kind = .scalar
        case "type": kind = .object
        case "interface": kind = .interface
        case "union": kind = .union
        case "enum": kind = .enum
        case "input": kind = .inputObject
        default: return nil
        }
        try lexer.advance()
        var type = TypeDefinition(
            kind: kind, isExtension: isExtension, description: description,
            name: try parseName(), offset: offset)
        if kind == .object || kind == .interface {
            type.interfaces = try parseImplementsInterfaces()
        }
        type.directives = try parseDirectives(isConst: true)
        switch kind {
        case .scalar: break
        case .object, .interface: type.fields = try parseFieldsDefinition()
        case .union: type.memberTypes = try parseUnionMemberTypes()
        case .enum: type.enumValues = try parseEnumValuesDefinition()
        case .inputObject:
            type.inputFields = try parseInputValues(between: .braceLeft, and: .braceRight)
        }
        if isExtension && type.isBare { throw lexer.unexpectedToken() }
        return .type(type)
    }

    private mutating func parseSchemaDefinition(
        _ isExtension: Bool, _ description: StringValue?, _ offset: Int
    ) throws(SyntaxError) -> SchemaDefinition {
        try lexer.advance()
        let directives = try parseDirectives(isConst: true)
        var operationTypes: [SchemaDefinition.OperationTypeDefinition] = []
        if !isExtension || lexer.kind == .braceLeft {
            try expect(.braceLeft)
            repeat {
                operationTypes.append(try parseOperationTypeDefinition())
            } while try !skip(.braceRight)
        }
        if isExtension && directives.isEmpty && operationTypes.isEmpty {
            throw lexer.unexpectedToken()
        }
        return SchemaDefinition(
            isExtension: isExtension, description: description, directives: directives,
            operationTypes: operationTypes, offset: offset)
    }

    private mutating func parseOperationTypeDefinition()
        throws(SyntaxError) -> SchemaDefinition.OperationTypeDefinition
    {
        guard lexer.kind == .name else { throw lexer.expected(.name) }
        guard let operation = OperationType(rawValue: lexer.text) else {
            throw lexer.unexpectedToken()
        }
        let start = lexer.start
        try lexer.advance()
        try expect(.colon)
        return SchemaDefinition.OperationTypeDefinition(
            operation: operation, type: try parseName(), offset: start)
    }

    private mutating func parseImplementsInterfaces() throws(SyntaxError) -> [Name] {
        guard try skipKeyword("implements") else { return [] }
        return try parseNames(delimitedBy: .ampersand)
    }

    private mutating func parseUnionMemberTypes() throws(SyntaxError) -> [Name] {
        guard try skip(.equals) else { return [] }
        return try parseNames(delimitedBy: .pipe)
    }

    /// One name or more; the delimiter may stand before the first one, too.
    private mutating func parseNames(
        delimitedBy delimiter: TokenKind
    ) throws(SyntaxError) -> [Name] {
        _ = try skip(delimiter)
        var names: [Name] = []
        repeat {
            names.append(try parseName())
        } while try skip(delimiter)
        return names
    }

    private mutating func parseFieldsDefinition() throws(SyntaxError) -> [FieldDefinition] {
        guard try skip(.braceLeft) else { return [] }
        var fields: [FieldDefinition] = []
        repeat {
            let start = lexer.start
            let description = try parseDescription()
            let name = try parseName()
            let arguments = try parseInputValues(between: .parenLeft, and: .parenRight)
            try expect(.colon)
            let type = try parseTypeReference()
            let directives = try parseDirectives(isConst: true)
            fields.append(
                FieldDefinition(
                    description: description, name: name, arguments: arguments, type: type,
                    directives: directives, offset: start))
        } while try !skip(.braceRight)
        return fields
    }

    /// Arguments between parentheses or input fields between braces; none if the opening token is
    /// missing, at least one if it is there.
    private mutating func parseInputValues(
        between open: TokenKind, and close: TokenKind
    ) throws(SyntaxError) -> [InputValueDefinition] {
        guard try skip(open) else { return [] }
        var values: [InputValueDefinition] = []
        repeat {
            let start = lexer.start
            let description = try parseDescription()
            let name = try parseName()
            try expect(.colon)
            let type = try parseTypeReference()
            let defaultValue = try parseDefaultValue()
            let directives = try parseDirectives(isConst: true)
            values.append(
                InputValueDefinition(
                    description: description, name: name, type: type, defaultValue: defaultValue,
                    directives: directives, offset: start))
        } while try !skip(close)
        return values
    }

    private mutating func parseEnumValuesDefinition() throws(SyntaxError) -> [EnumValueDefinition] {
        guard try skip(.braceLeft) else { return [] }
        var values: [EnumValueDefinition] = []
        repeat {
            let start = lexer.start
            let description = try parseDescription()
            if lexer.isKeyword("true") || lexer.isKeyword("false") || lexer.isKeyword("null") {
                throw SyntaxError(
                    lexer.source, at: lexer.start,
                    "\(lexer.tokenDescription) is reserved and cannot be used for an enum value.")
            }
            let name = try parseName()
            let directives = try parseDirectives(isConst: true)
            values.append(
                EnumValueDefinition(
                    description: description, name: name, directives: directives, offset: start))
        } while try !skip(.braceRight)
        return values
    }

    private mutating func parseDirectiveDefinition(
        _ description: StringValue?, _ offset: Int
    ) throws(SyntaxError) -> DirectiveDefinition {
        try lexer.advance()
        try expect(.at)
        let name = try parseName()
        let arguments = try parseInputValues(between: .parenLeft, and: .parenRight)
        let isRepeatable = try skipKeyword("repeatable")
        try expectKeyword("on")
        _ = try skip(.pipe)
        var locations: [Name] = []
        repeat {
            if lexer.kind == .name && !Parser.isDirectiveLocation(lexer.text) {
                throw lexer.unexpectedToken()
            }
            locations.append(try parseName())
        } while try skip(.pipe)
        return DirectiveDefinition(
            description: description, name: name, arguments: arguments,
            isRepeatable: isRepeatable, locations: locations, offset: offset)
    }

    private static func isDirectiveLocation(_ name: String) -> Bool {
        switch name {
        case "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION",
            "FRAGMENT_SPREAD", "INLINE_FRAGMENT", "VARIABLE_DEFINITION":
            true
        case "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INTERFACE",
            "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION":
            true
        default:
            false
        }
    }
}

extension TypeDefinition {
    /// Nothing but a name: what an extension may not be.
    fileprivate var isBare: Bool {
        interfaces.isEmpty && directives.isEmpty && fields.isEmpty && inputFields.isEmpty
            && memberTypes.isEmpty && enumValues.isEmpty
    }
}
