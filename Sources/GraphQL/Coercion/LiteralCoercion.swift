import GraphQLLanguage
import JSON

/// The meaning of a literal at a place of the given type.
///
/// A variable that stands for a whole value, or for an item of a list or a field of an input object,
/// stays `.variable`; `substitute` fills it in. Whether the variable's type fits is validation's
/// question (VariablesInAllowedPosition). Omitted input fields take their defaults. Inside the
/// literal of a custom scalar variables are refused: its codec wants the whole value.
///
/// - Parameter suggestions: whether error messages may name similar fields and enum values.
/// - Throws: everything that is wrong, in the order of the type's fields.
/// - Complexity: O(size of the literal + fields of the input objects it fills).
///
/// Source: GraphQL, September 2025, §3.5–3.12 (input coercion), §6.4.1.
public func coerceLiteral(
    _ value: Value, to type: TypeReference, schema: Schema, codecs: ScalarCodecs,
    suggestions: Bool = true
) throws(CoercionErrors) -> CoercedValue {
    var coercion = LiteralCoercion(schema: schema, codecs: codecs, suggestions: suggestions)
    let coerced = coercion.coerce(value, to: type)
    guard let coerced, coercion.errors.isEmpty else { throw CoercionErrors(coercion.errors) }
    return coerced
}

/// One run over one literal; goes on after an error, to find all of them.
///
/// Recursion follows the nesting of the literal, which the parser bounds, and the nesting of
/// defaults, which the schema bounds.
struct LiteralCoercion {
    let schema: Schema
    let codecs: ScalarCodecs
    let suggestions: Bool
    /// Validation has a rule of its own for fields that stand twice.
    var reportsDuplicateFields = true
    /// Validation only wants the errors of what is written.
    var fillsDefaults = true

    /// Unknown fields are no longer told when there are so many errors.
    private static let errorsMax = 101

    private(set) var errors: [CoercionError] = []
    private var path: [CoercionError.PathSegment] = []

    init(schema: Schema, codecs: ScalarCodecs, suggestions: Bool) {
        self.schema = schema
        self.codecs = codecs
        self.suggestions = suggestions
    }

    /// Nil when there were errors.
    mutating func coerce(_ value: Value, to type: TypeReference) -> CoercedValue? {
        switch value.kind {
        case .variable(let name):
            return .variable(name)
        case .null:
            guard type.isNonNull else { return .null }
            report(CoercionMessage.nullForNonNull(schema.describe(type)), value)
            return nil
        case .list(let items) where type.isList:
            return coerce(items, to: type.item)
        default:
            if type.isList { return coerce(value, to: type.item).map { .list([$0]) } }
        }
        let kind = schema.types[type.named.index].kind
        if kind == .enum { return coerceEnum(value, to: type.named) }
        if kind != .inputObject { return coerceScalar(value, to: type.named) }
        guard case .object(let fields) = value.kind else {
            let name = schema.types[type.named.index].name
            report(CoercionMessage.notAnObject(name, found: ValueText.of(value)), value)
            return nil
        }
        return coerce(fields, of: value, to: schema[type])
    }

    private mutating func coerce(_ items: [Value], to type: TypeReference) -> CoercedValue? {
        var coerced: [CoercedValue] = []
        coerced.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            path.append(.index(index))
            if let item = coerce(item, to: type) { coerced.append(item) }
            path.removeLast()
        }
        return coerced.count == items.count ? .list(coerced) : nil
    }

    private mutating func coerce(
        _ fields: [ObjectField], of value: Value, to type: NamedType
    ) -> CoercedValue? {
        let errorsBefore = errors.count
        var given = [Int?](repeating: nil, count: type.inputFields.count)
        var unknown: [Int] = []
        var known = 0
        for (place, field) in fields.enumerated() {
            guard let index = type.index(of: field.name.value) else {
                unknown.append(place)
                continue
            }
            known += 1
            if given[index] != nil, reportsDuplicateFields {
                report(CoercionMessage.duplicateField(field.name.value), field.value)
            }
            given[index] = place
        }

        var coerced: [CoercedField] = []
        coerced.reserveCapacity(fields.count)
        for (index, definition) in type.inputFields.enumerated() {
            guard let place = given[index] else {
                if let literal = definition.defaultValue {
                    if fillsDefaults, let value = coerce(literal, to: definition.type) {
                        coerced.append(CoercedField(index: index, value: value))
                    }
                } else if definition.type.isNonNull {
                    let found = ValueText.of(value)
                    report(
                        CoercionMessage.missingField(definition.name, of: type.name, found: found),
                        value)
                }
                continue
            }
            path.append(.field(definition.name))
            if let value = coerce(fields[place].value, to: definition.type) {
                coerced.append(CoercedField(index: index, value: value))
            }
            path.removeLast()
        }

        for place in unknown where errors.count < Self.errorsMax {
            reportUnknown(fields[place], of: value, in: type)
        }
        if type.isOneOf { checkOneField(of: value, coerced, given: known, in: type) }
        return errors.count == errorsBefore ? .object(coerced) : nil
    }

    private mutating func reportUnknown(_ field: ObjectField, of value: Value, in type: NamedType) {
        let name = field.name.value
        let suggestion =
            suggestions ? didYouMean(name, among: type.inputFields.lazy.map(\.name)) : ""
        errors.append(
            CoercionError(
                CoercionMessage.unknownField(
                    name, of: type.name, suggestion: suggestion, found: ValueText.of(value)),
                path: path, offset: field.offset))
    }

    private mutating func checkOneField(
        of value: Value, _ coerced: [CoercedField], given: Int, in type: NamedType
    ) {
        if given != 1 {
            report(CoercionMessage.notOneField(type.name), value)
        } else if let field = coerced.first, field.value == .null {
            path.append(.field(type.inputFields[field.index].name))
            report(CoercionMessage.notOneField(type.name), value)
            path.removeLast()
        }
    }

    private mutating func coerceScalar(_ value: Value, to type: TypeID) -> CoercedValue? {
        let name = schema.types[type.index].name
        if let scalar = BuiltInScalar(name) {
            let input = ScalarCodec.Input(value) ?? .json("")
            switch scalar.coerce(input, isLiteral: true, found: { ValueText.of(value) }) {
            case .success(let coerced): return coerced
            case .failure(let error):
                report(error.message, value)
                return nil
            }
        }
        do throws(ScalarCodec.Refusal) {
            guard let input = ScalarCodec.Input(value) else {
                if !fillsDefaults, codecs[name] == nil { return .null }
                throw ScalarCodec.Refusal("A variable cannot stand inside a custom scalar.")
            }
            guard let codec = codecs[name] else { return input.asIs }
            return try codec.coerce(input)
        } catch {
            report(CoercionMessage.refused(error, type: name, found: ValueText.of(value)), value)
            return nil
        }
    }

    private mutating func coerceEnum(_ value: Value, to type: TypeID) -> CoercedValue? {
        guard case .enum(let name) = value.kind else {
            let found = ValueText.of(value)
            report(
                CoercionMessage.wrongKindForEnum(
                    "non-enum", schema[type], found: found, suggestions: suggestions), value)
            return nil
        }
        guard let index = schema.types[type.index].index(of: name) else {
            report(
                CoercionMessage.unknownEnumValue(name, in: schema[type], suggestions: suggestions),
                value)
            return nil
        }
        return .enumValue(index)
    }

    private mutating func report(_ message: String, _ value: Value) {
        errors.append(CoercionError(message, path: path, offset: value.offset))
    }
}

extension ScalarCodec.Input {
    /// Nil when a variable stands inside the value. Null never comes here: it has no scalar.
    init?(_ value: Value) {
        switch value.kind {
        case .int(let text): self = .int(text)
        case .float(let text): self = .float(text)
        case .string(let string): self = .string(string.value)
        case .boolean(let flag): self = .boolean(flag)
        case .enum(let name): self = .enumName(name)
        case .list, .object:
            guard let json = value.json else { return nil }
            self = .json(json.description)
        case .variable, .null: return nil
        }
    }
}
