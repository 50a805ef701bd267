import GraphQLLanguage

extension CoercedValue {
    /// Whether a variable stands in it, so that `substitute` has something to do. O(size).
    public var hasVariables: Bool {
        switch self {
        case .variable: true
        case .list(let items): items.contains { $0.hasVariables }
        case .object(let fields): fields.contains { $0.value.hasVariables }
        default: false
        }
    }
}

/// The value with its variables filled in; nil when it is itself a variable that was not provided,
/// which means the same as an absent argument.
///
/// In an input object a field whose variable was not provided is absent too, and takes its default;
/// in a list such an item is null.
///
/// - Parameters:
///   - value: what `coerceLiteral` made of a literal of this type.
///   - variables: what `coerceVariables` answered; a name that is missing was not provided.
/// - Throws: an execution error, when null or nothing would stand where the type forbids it.
///   (Validation allows a nullable variable at a non-null place if either has a default.)
///
/// Source: GraphQL, September 2025, §3.10, §3.11 and §6.4.1.
public func substitute(
    _ value: CoercedValue, type: TypeReference, variables: [String: CoercedValue], schema: Schema,
    codecs: ScalarCodecs
) throws(CoercionErrors) -> CoercedValue? {
    let substitution = Substitution(variables: variables, schema: schema, codecs: codecs)
    var path: [CoercionError.PathSegment] = []
    return try substitution.value(value, type: type, path: &path)
}

/// The value of one argument at one request, after its variables are known: what was given, else
/// the argument's default, else nil for absent.
///
/// - Parameter given: what `coerceLiteral` made of the argument, nil when the document has none.
/// - Throws: an execution error, when a required argument is absent or null; its whole sentence is
///   `error.sentence("Argument \"name\" has invalid value")`.
///
/// Source: GraphQL, September 2025, §6.4.1 `CoerceArgumentValues()`.
public func argumentValue(
    _ given: CoercedValue?, of argument: InputValue, variables: [String: CoercedValue],
    schema: Schema, codecs: ScalarCodecs
) throws(CoercionErrors) -> CoercedValue? {
    if let given {
        let substituted = try substitute(
            given, type: argument.type, variables: variables, schema: schema, codecs: codecs)
        if let substituted { return substituted }
    }
    if let literal = argument.defaultValue {
        return try coerceLiteral(literal, to: argument.type, schema: schema, codecs: codecs)
    }
    guard argument.type.isNonNull else { return nil }
    let type = schema.describe(argument.type)
    guard case .variable(let name) = given else {
        throw CoercionErrors([
            CoercionError("Expected a value of non-null type \"\(type)\" to be provided.")
        ])
    }
    throw CoercionErrors([CoercionError(Substitution.absent(name, type))])
}

private struct Substitution {
    let variables: [String: CoercedValue]
    let schema: Schema
    let codecs: ScalarCodecs

    func value(
        _ value: CoercedValue, type: TypeReference, path: inout [CoercionError.PathSegment]
    ) throws(CoercionErrors) -> CoercedValue? {
        switch value {
        case .variable(let name):
            guard let provided = variables[name] else { return nil }
            if provided == .null, type.isNonNull {
                throw error(Self.null(name, schema.describe(type)), path)
            }
            return provided
        case .list(let items) where type.isList:
            return try list(items, of: type.item, path: &path)
        case .object(let fields) where schema[type].kind == .inputObject:
            return try object(fields, of: schema[type], path: &path)
        default:
            return value
        }
    }

    private func list(
        _ items: [CoercedValue], of type: TypeReference,
        path: inout [CoercionError.PathSegment]
    ) throws(CoercionErrors) -> CoercedValue {
        var filled: [CoercedValue] = []
        filled.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            path.append(.index(index))
            if let present = try value(item, type: type, path: &path) {
                filled.append(present)
            } else if !type.isNonNull {
                filled.append(.null)
            } else if case .variable(let name) = item {
                throw error(Self.absent(name, schema.describe(type)), path)
            }
            path.removeLast()
        }
        return .list(filled)
    }

    private func object(
        _ fields: [CoercedField], of type: NamedType, path: inout [CoercionError.PathSegment]
    ) throws(CoercionErrors) -> CoercedValue {
        var filled: [CoercedField] = []
        filled.reserveCapacity(fields.count)
        for field in fields {
            let definition = type.inputFields[field.index]
            if type.isOneOf { try checkOneOf(field.value, of: definition, in: type, path) }
            path.append(.field(definition.name))
            if let present = try value(field.value, type: definition.type, path: &path) {
                filled.append(CoercedField(index: field.index, value: present))
            } else if let literal = definition.defaultValue {
                let fallback = try coerceLiteral(
                    literal, to: definition.type, schema: schema, codecs: codecs)
                filled.append(CoercedField(index: field.index, value: fallback))
            } else if definition.type.isNonNull, case .variable(let name) = field.value {
                throw error(Self.absent(name, schema.describe(definition.type)), path)
            }
            path.removeLast()
        }
        return .object(filled)
    }

    private func checkOneOf(
        _ value: CoercedValue, of field: InputValue, in type: NamedType,
        _ path: [CoercionError.PathSegment]
    ) throws(CoercionErrors) {
        guard case .variable(let name) = value else { return }
        let place =
            "Expected variable \"$\(name)\" provided to field \"\(field.name)\" "
            + "for OneOf Input Object type \"\(type.name)\""
        switch variables[name] {
        case nil: throw error("\(place) to provide a runtime value.", path)
        case .null: throw error("\(place) not to be null.", path)
        default: break
        }
    }

    static func absent(_ variable: String, _ type: String) -> String {
        "Expected variable \"$\(variable)\" provided to type \"\(type)\" "
            + "to provide a runtime value."
    }

    static func null(_ variable: String, _ type: String) -> String {
        "Expected variable \"$\(variable)\" provided to non-null type \"\(type)\" not to be null."
    }

    private func error(_ message: String, _ path: [CoercionError.PathSegment]) -> CoercionErrors {
        CoercionErrors([CoercionError(message, path: path)])
    }
}
