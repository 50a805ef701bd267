import GraphQLLanguage
import JSON

/// The meaning of a literal at a place of the given type.
///
/// A variable that stands for a whole value, or for an item of a list or a field of an input object,
/// stays `.variable`; `substitute` fills it in. Whether the variable's type fits is validation's
/// question (VariablesInAllowedPosition). Omitted input fields take their defaults. Inside the
/// literal of a custom scalar variables are refused: its codec wants the whole value. (Validation
/// lets them pass where the scalar has no codec.)
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
    /// Validation has a rule of its own for fields that stand twice, and only wants the errors of
    /// what is written, not of the schema's defaults.
    var isValidating = false
    /// Schemas only want the errors of what is written, too: there, defaults may form a cycle.
    var fillsDefaults = true

    /// Unknown fields are no longer told when there are so many errors.
    private static let errorsMax = 101

    private(set) var errors: [CoercionError] = []
    /// Whether a value without errors was found that nevertheless has no meaning: a codec refuses a
    /// default of the schema, or a scalar without a codec holds variables.
    private(set) var isMeaningless = false
    /// False when no variable stands in what was coerced.
    private(set) var mayHaveVariables = false
    private var path: [CoercionError.PathSegment] = []
    /// The fields given to the input objects that are open, each object's in the order of its type.
    private var given: [Given] = []

    /// The field at `place` of a literal is the field `index` of its type.
    private struct Given {
        let index: Int
        var place: Int
        let type: TypeReference
    }

    init(schema: Schema, codecs: ScalarCodecs, suggestions: Bool) {
        self.schema = schema
        self.codecs = codecs
        self.suggestions = suggestions
    }

    /// Nil when there were errors.
    mutating func coerce(_ value: Value, to type: TypeReference) -> CoercedValue? {
        switch value.kind {
        case .variable(let name):
            mayHaveVariables = true
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
        let kind = schema.kind(type.named)
        if kind == .enum { return coerceEnum(value, to: type.named) }
        if kind != .inputObject { return coerceScalar(value, to: type.named) }
        guard case .object(let fields) = value.kind else {
            let name = schema.types[type.named.index].name
            report(CoercionMessage.notAnObject(name, found: ValueText.of(value)), value)
            return nil
        }
        return coerce(fields, of: value, to: type.named)
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
        _ fields: [ObjectField], of value: Value, to id: TypeID
    ) -> CoercedValue? {
        let type = schema[id]
        let errorsBefore = errors.count
        let start = given.count
        var unknown: [Int] = []
        for place in fields.indices {
            guard let member = schema.member(fields[place].name, of: id) else {
                unknown.append(place)
                continue
            }
            give(
                Given(index: member.index, place: place, type: member.type), from: start, fields)
        }
        var coerced: [CoercedField] = []
        coerced.reserveCapacity(fields.count)
        if type.hasFieldsToFill {
            var next = start
            for index in type.inputFields.indices {
                if next < given.count, given[next].index == index {
                    coerce(given[next], of: fields, into: &coerced)
                    next += 1
                } else {
                    fill(index, of: type, for: value, into: &coerced)
                }
            }
        } else {
            var next = start
            while next < given.count {
                coerce(given[next], of: fields, into: &coerced)
                next += 1
            }
        }
        given.removeSubrange(start...)

        if !unknown.isEmpty { mayHaveVariables = true }
        for place in unknown where errors.count < Self.errorsMax {
            reportUnknown(fields[place], of: value, in: type)
        }
        if type.isOneOf {
            checkOneField(of: value, coerced, given: fields.count - unknown.count, in: type)
        }
        return errors.count == errorsBefore ? .object(coerced) : nil
    }

    /// Notes down a field of the object at work. Of two the later counts.
    private mutating func give(
        _ field: Given, from start: Int, _ fields: [ObjectField]
    ) {
        var slot = given.count
        while slot > start, given[slot - 1].index >= field.index { slot -= 1 }
        guard slot < given.count, given[slot].index == field.index else {
            given.insert(field, at: slot)
            return
        }
        mayHaveVariables = true
        if !isValidating {
            let repeated = fields[field.place]
            report(CoercionMessage.duplicateField(repeated.name.value), repeated.value)
        }
        given[slot].place = field.place
    }

    private mutating func coerce(
        _ field: Given, of fields: [ObjectField], into coerced: inout [CoercedField]
    ) {
        path.append(.field(fields[field.place].name.value))
        if let value = coerce(fields[field.place].value, to: field.type) {
            coerced.append(CoercedField(index: field.index, value: value))
        }
        path.removeLast()
    }

    /// Gives a field that was left out its default.
    private mutating func fill(
        _ index: Int, of type: NamedType, for value: Value, into coerced: inout [CoercedField]
    ) {
        let definition = type.inputFields[index]
        if let literal = definition.defaultValue {
            guard fillsDefaults else { return }
            let errorsBefore = errors.count
            if let value = coerce(literal, to: definition.type) {
                coerced.append(CoercedField(index: index, value: value))
            }
            if errors.count > errorsBefore {
                isMeaningless = true
                if isValidating { errors.removeSubrange(errorsBefore...) }
            }
        } else if definition.type.isNonNull {
            let found = ValueText.of(value)
            report(
                CoercionMessage.missingField(definition.name, of: type.name, found: found), value)
        }
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
        if let scalar = schema.types[type.index].builtInScalar {
            let input = ScalarCodec.Input(value) ?? .json("")
            switch scalar.coerce(input, isLiteral: true, found: { ValueText.of(value) }) {
            case .success(let coerced): return coerced
            case .failure(let error):
                report(error.message, value)
                return nil
            }
        }
        let name = schema.types[type.index].name
        do throws(ScalarCodec.Refusal) {
            guard let input = ScalarCodec.Input(value) else {
                if isValidating || !fillsDefaults, codecs[name] == nil {
                    isMeaningless = true
                    mayHaveVariables = true
                    return .null
                }
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
