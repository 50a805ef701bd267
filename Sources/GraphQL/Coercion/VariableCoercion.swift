import GraphQLLanguage
import JSON

/// Everything that is wrong with the variables of one request, in the order of their definitions;
/// never empty.
public struct VariableErrors: Error, Sendable {
    public let errors: [GraphQLError]
}

/// More would be of no use to a client, and cost the server.
private let variableErrorsMax = 50

/// The variables of an operation for one request.
///
/// A variable that was not provided and has no default is absent from the answer, which is not the
/// same as null. Members of `provided` that the operation does not define are ignored.
///
/// - Parameters:
///   - provided: the `variables` of the request; nil when it has none.
///   - source: of the document, for the places of errors.
///   - suggestions: whether error messages may name similar fields and enum values.
///   - listItemsMax: items that a list may have.
/// - Throws: request errors, `variableErrorsMax` of them at most and one that says there are more.
/// - Complexity: O(size of the values + number of definitions).
///
/// Source: GraphQL, September 2025, §6.1.2 `CoerceVariableValues()`.
public func coerceVariables(
    definitions: [VariableDefinition], provided: [JSONValue.Member]?, schema: Schema,
    codecs: ScalarCodecs, source: Source?, suggestions: Bool = true, listItemsMax: Int = .max
) throws(VariableErrors) -> [String: CoercedValue] {
    var given: [String: JSONValue] = [:]
    for member in provided ?? [] { given[member.key] = member.value }
    var coerced: [String: CoercedValue] = [:]
    var errors: [GraphQLError] = []
    func report(_ message: String, at offset: Int) {
        errors.append(
            GraphQLError(message, at: [offset], in: source, rule: "CoerceVariableValues"))
    }
    for definition in definitions {
        if errors.count > variableErrorsMax { break }
        let name = definition.name.value
        guard let type = schema.typeReference(from: definition.type), schema[type].isInput else {
            report(
                "Variable \"$\(name)\" expected value of type "
                    + "\"\(ValueText.of(definition.type))\" which cannot be used as an input type.",
                at: definition.type.offset)
            continue
        }
        do throws(CoercionErrors) {
            coerced[name] = try variableValue(
                given[name], definition: definition, type: type, schema: schema, codecs: codecs,
                suggestions: suggestions, listItemsMax: listItemsMax)
        } catch {
            let problem =
                given[name] == nil && definition.defaultValue != nil ? "default value" : "value"
            for error in error.errors {
                report(
                    error.sentence("Variable \"$\(name)\" has invalid \(problem)"),
                    at: definition.offset)
            }
        }
    }
    if errors.isEmpty { return coerced }
    if errors.count > variableErrorsMax {
        errors.removeSubrange(variableErrorsMax...)
        errors.append(
            GraphQLError(
                "Too many errors processing variables, error limit reached. Execution aborted.",
                in: source, rule: "CoerceVariableValues"))
    }
    throw VariableErrors(errors: errors)
}

/// Nil for absent.
private func variableValue(
    _ given: JSONValue?, definition: VariableDefinition, type: TypeReference, schema: Schema,
    codecs: ScalarCodecs, suggestions: Bool, listItemsMax: Int
) throws(CoercionErrors) -> CoercedValue? {
    if let given {
        return try coerceVariable(
            given, to: type, schema: schema, codecs: codecs, suggestions: suggestions,
            listItemsMax: listItemsMax)
    }
    if let literal = definition.defaultValue {
        return try coerceLiteral(
            literal, to: type, schema: schema, codecs: codecs, suggestions: suggestions)
    }
    guard type.isNonNull else { return nil }
    throw CoercionErrors([
        CoercionError(
            "Expected a value of non-null type \"\(schema.describe(type))\" to be provided.")
    ])
}

/// The meaning of a JSON value at a place of the given type.
///
/// - Parameters:
///   - suggestions: whether error messages may name similar fields and enum values.
///   - listItemsMax: items that a list may have.
/// - Throws: everything that is wrong, in the order of the type's fields.
/// - Complexity: O(size of the value + fields of the input objects it fills).
///
/// Source: GraphQL, September 2025, §3.5–3.12 (input coercion).
public func coerceVariable(
    _ value: JSONValue, to type: TypeReference, schema: Schema, codecs: ScalarCodecs,
    suggestions: Bool = true, listItemsMax: Int = .max
) throws(CoercionErrors) -> CoercedValue {
    var coercion = VariableCoercion(
        schema: schema, codecs: codecs, suggestions: suggestions, listItemsMax: listItemsMax)
    let coerced = coercion.coerce(value, to: type)
    guard let coerced, coercion.errors.isEmpty else { throw CoercionErrors(coercion.errors) }
    return coerced
}

/// One run over one value; goes on after an error, to find more of them, but not without end.
///
/// Recursion follows the nesting of the value, which the JSON reader bounds.
private struct VariableCoercion {
    let schema: Schema
    let codecs: ScalarCodecs
    let suggestions: Bool
    let listItemsMax: Int

    private(set) var errors: [CoercionError] = []
    private var path: [CoercionError.PathSegment] = []

    init(schema: Schema, codecs: ScalarCodecs, suggestions: Bool, listItemsMax: Int) {
        self.schema = schema
        self.codecs = codecs
        self.suggestions = suggestions
        self.listItemsMax = listItemsMax
    }

    /// Nil when there were errors.
    mutating func coerce(_ value: JSONValue, to type: TypeReference) -> CoercedValue? {
        switch value {
        case .null:
            guard type.isNonNull else { return .null }
            report(CoercionMessage.nullForNonNull(schema.describe(type)))
            return nil
        case .array(let items) where type.isList:
            return coerce(items, to: type.item)
        default:
            if type.isList { return coerce(value, to: type.item).map { .list([$0]) } }
        }
        let named = schema[type]
        guard named.kind == .inputObject else { return coerceLeaf(value, to: named) }
        guard case .object(let members) = value else {
            report(CoercionMessage.notAnObject(named.name, found: ValueText.of(value)))
            return nil
        }
        return coerce(members, of: value, to: named)
    }

    private mutating func coerce(_ items: [JSONValue], to type: TypeReference) -> CoercedValue? {
        guard items.count <= listItemsMax else {
            report(
                "Expected a list of at most \(listItemsMax) items, but encountered one of "
                    + "\(items.count).")
            return nil
        }
        var coerced: [CoercedValue] = []
        coerced.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            if errors.count > variableErrorsMax { return nil }
            path.append(.index(index))
            if let item = coerce(item, to: type) { coerced.append(item) }
            path.removeLast()
        }
        return coerced.count == items.count ? .list(coerced) : nil
    }

    private mutating func coerce(
        _ members: [JSONValue.Member], of value: JSONValue, to type: NamedType
    ) -> CoercedValue? {
        let errorsBefore = errors.count
        var given = [Int?](repeating: nil, count: type.inputFields.count)
        var unknown: [String] = []
        for (place, member) in members.enumerated() {
            if let index = type.index(of: member.key) {
                given[index] = place
            } else {
                unknown.append(member.key)
            }
        }

        var coerced: [CoercedField] = []
        coerced.reserveCapacity(members.count)
        for (index, definition) in type.inputFields.enumerated() {
            if let place = given[index] {
                path.append(.field(definition.name))
                if let value = coerce(members[place].value, to: definition.type) {
                    coerced.append(CoercedField(index: index, value: value))
                }
                path.removeLast()
            } else if let literal = definition.defaultValue {
                if let value = coerceDefault(literal, to: definition.type) {
                    coerced.append(CoercedField(index: index, value: value))
                }
            } else if definition.type.isNonNull {
                report(
                    CoercionMessage.missingField(
                        definition.name, of: type.name, found: ValueText.of(value)))
            }
        }

        for name in unknown {
            if errors.count > variableErrorsMax { break }
            let suggestion =
                suggestions ? didYouMean(name, among: type.inputFields.lazy.map(\.name)) : ""
            report(
                CoercionMessage.unknownField(
                    name, of: type.name, suggestion: suggestion, found: ValueText.of(value)))
        }
        if type.isOneOf {
            checkOneField(coerced, given: members.count - unknown.count, in: type)
        }
        return errors.count == errorsBefore ? .object(coerced) : nil
    }

    private mutating func coerceDefault(_ literal: Value, to type: TypeReference) -> CoercedValue? {
        do throws(CoercionErrors) {
            return try coerceLiteral(literal, to: type, schema: schema, codecs: codecs)
        } catch {
            errors += error.errors
            return nil
        }
    }

    private mutating func checkOneField(
        _ coerced: [CoercedField], given: Int, in type: NamedType
    ) {
        if given != 1 { report(CoercionMessage.notOneField(type.name)) }
        guard let field = coerced.first, field.value == .null else { return }
        path.append(.field(type.inputFields[field.index].name))
        report(CoercionMessage.notOneField(type.name))
        path.removeLast()
    }

    private mutating func coerceLeaf(_ value: JSONValue, to type: NamedType) -> CoercedValue? {
        if type.kind == .enum { return coerceEnum(value, to: type) }
        let input = ScalarCodec.Input(value)
        if let scalar = BuiltInScalar(type.name) {
            switch scalar.coerce(input, isLiteral: false, found: { ValueText.of(value) }) {
            case .success(let coerced): return coerced
            case .failure(let error):
                report(error.message)
                return nil
            }
        }
        guard let codec = codecs[type.name] else { return input.asIs }
        do throws(ScalarCodec.Refusal) {
            return try codec.coerce(input)
        } catch {
            report(CoercionMessage.refused(error, type: type.name, found: ValueText.of(value)))
            return nil
        }
    }

    private mutating func coerceEnum(_ value: JSONValue, to type: NamedType) -> CoercedValue? {
        guard case .string(let name) = value else {
            report(
                CoercionMessage.wrongKindForEnum(
                    "non-string", type, found: ValueText.of(value), suggestions: suggestions))
            return nil
        }
        guard let index = type.index(of: name) else {
            report(
                CoercionMessage.unknownEnumValue(
                    ValueText.cut(name), in: type, suggestions: suggestions))
            return nil
        }
        return .enumValue(index)
    }

    private mutating func report(_ message: String) {
        errors.append(CoercionError(message, path: path))
    }
}

extension ScalarCodec.Input {
    /// Null never comes here: it has no scalar.
    init(_ value: JSONValue) {
        switch value {
        case .integer(let number): self = .int(String(number))
        case .double(let number): self = .float(String(number))
        case .number(let text):
            let isInteger = text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) }
            self = isInteger ? .int(text) : .float(text)
        case .string(let text): self = .string(text)
        case .bool(let flag): self = .boolean(flag)
        case .null, .array, .object: self = .json(value.description)
        }
    }
}
