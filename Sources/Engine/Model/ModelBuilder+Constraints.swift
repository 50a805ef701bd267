import GraphQL
import GraphQLLanguage
import Store

/// `@constraint` and `@default` of stored fields.
extension ModelBuilder {
    mutating func constraint(
        of field: FieldDefinition, _ type: StoredType, _ file: Int
    ) -> ConstraintModel? {
        constraint(in: field.directives, on: field.type, type, file)
    }

    /// - Parameter node: the type as it is written.
    mutating func constraint(
        in directives: [Directive], on node: TypeNode, _ type: StoredType, _ file: Int
    ) -> ConstraintModel? {
        guard let directive = directives.first(named: "constraint") else { return nil }
        let place = Place(file: file, offset: directive.offset)
        let constraint = ConstraintModel(directive)
        guard constraint != ConstraintModel() else {
            if directive.arguments.isEmpty {
                problems.report(
                    "this \"@constraint\" says nothing", at: place,
                    hint: "give it min, max, minLength, maxLength or format, or remove it")
            }
            return nil
        }
        let misfits = directive.arguments.filter { !type.takes($0.name.value) }
        for argument in misfits where catalog.takes(argument, on: directive) {
            problems.report(
                "\"\(argument.name.value)\" does not fit \"\(typeText(node))\"",
                at: Place(file: file, offset: argument.offset),
                hint: Self.whoTakes(argument.name.value))
        }
        if !misfits.isEmpty { return nil }
        if let min = constraint.min, let max = constraint.max, min > max {
            problems.report(
                "no number is at least \(numberText(min)) and at most \(numberText(max))",
                at: place, hint: "exchange min and max")
        }
        let lengths = [constraint.minLength, constraint.maxLength].compactMap { $0 }
        if lengths.contains(where: { $0 < 0 }) {
            problems.report("a length is never negative", at: place, hint: "begin at 0")
        } else if lengths.count == 2, lengths[0] > lengths[1] {
            problems.report(
                "no text is at least \(lengths[0]) and at most \(lengths[1]) long", at: place,
                hint: "exchange minLength and maxLength")
        }
        return constraint
    }

    private static func whoTakes(_ argument: String) -> String {
        switch argument {
        case "min", "max": "\(argument) is for Int, Long and Float"
        case "format": "format is for String"
        default: "\(argument) is for String, ID and EmailAddress"
        }
    }

    mutating func defaultValue(
        of field: FieldDraft, _ type: StoredType, _ file: Int
    ) -> DefaultModel? {
        guard let directive = field.syntax.directives.first(named: "default") else { return nil }
        let place = Place(file: file, offset: directive.offset)
        let isNow = directive.flag("now") ?? false
        let value = directive.argument("value")?.value
        guard (value != nil) != isNow else {
            problems.report(
                value == nil
                    ? "this \"@default\" gives nothing" : "this \"@default\" gives two values",
                at: place, hint: "write either @default(value: …) or @default(now: true)")
            return nil
        }
        let typeName = typeText(field.syntax.type)
        guard let value else {
            guard type == .scalar(.dateTime) else {
                problems.report(
                    "the time of the write does not fit \"\(typeName)\"", at: place,
                    hint: "@default(now: true) is for DateTime")
                return nil
            }
            return .now
        }
        let valuePlace = Place(file: file, offset: value.offset)
        if case .null = value.kind {
            problems.report(
                "the default cannot be null", at: valuePlace,
                hint: field.isNullable
                    ? "remove it: a field without a default is null when it is not given"
                    : "give a value, or remove the directive")
            return nil
        }
        do throws(DefaultMisfit) {
            let coerced = try coerce(value, to: type)
            if let fault = field.constraint?.fault(in: coerced) {
                throw DefaultMisfit(value: value, hint: "its @constraint accepts \(fault)")
            }
            return .constant(coerced)
        } catch {
            problems.report(
                "the default \(literalText(error.value)) does not fit \"\(typeName)\"",
                at: Place(file: file, offset: error.value.offset), hint: error.hint)
            return nil
        }
    }

    private struct DefaultMisfit: Error {
        let value: Value
        let hint: String
    }

    private func coerce(_ value: Value, to type: StoredType) throws(DefaultMisfit) -> CoercedValue {
        switch type {
        case .scalar(let scalar):
            if let coerced = scalar.coerce(value) { return coerced }
            throw DefaultMisfit(value: value, hint: "expected is \(scalar.expectation)")
        case .enum(let id):
            let names = enums[id.index].values
            guard case .enum(let name) = value.kind, let index = names.firstIndex(of: name) else {
                let written = literalText(value).filter { $0 != "\"" }
                throw DefaultMisfit(
                    value: value,
                    hint: names.contains(written)
                        ? "an enum value has no quotes: \(written)"
                        : spellingHint(for: written, among: names, quote: "")
                            ?? "the enum has no values")
            }
            return .enumValue(index)
        case .list(let item, let itemIsNullable):
            guard case .list(let items) = value.kind else {
                throw DefaultMisfit(value: value, hint: "expected is a list: […]")
            }
            var coerced: [CoercedValue] = []
            for element in items {
                if case .null = element.kind, itemIsNullable {
                    coerced.append(.null)
                } else {
                    coerced.append(try coerce(element, to: item))
                }
            }
            return .list(coerced)
        case .value(let id):
            return try coerce(value, to: values[id.index])
        case .reference:
            throw DefaultMisfit(value: value, hint: "a relation has no default: remove it")
        }
    }

    private func coerce(_ value: Value, to type: ValueDraft) throws(DefaultMisfit) -> CoercedValue {
        let names = type.fields.map(\.name)
        guard case .object(let given) = value.kind else {
            throw DefaultMisfit(
                value: value, hint: "expected is an object with \(phrase(names, "and"))")
        }
        for field in given where !names.contains(field.name.value) {
            throw DefaultMisfit(
                value: value,
                hint: "\"\(type.declaration.name)\" has no field \"\(field.name.value)\"")
        }
        var coerced: [CoercedField] = []
        for (index, field) in type.fields.enumerated() {
            let literal = given.first { $0.name.value == field.name }?.value
            let isNull = if case .null = literal?.kind { true } else { literal == nil }
            guard let literal, !isNull else {
                if field.isNullable { continue }
                throw DefaultMisfit(value: value, hint: "\"\(field.name)\" is missing")
            }
            let part = try coerce(literal, to: field.type)
            if let fault = field.constraint?.fault(in: part) {
                throw DefaultMisfit(
                    value: literal, hint: "the @constraint of \"\(field.name)\" accepts \(fault)")
            }
            coerced.append(CoercedField(index: index, value: part))
        }
        return .object(coerced)
    }
}

extension DirectiveCatalog {
    /// Whether the argument is one that the directive has, with a value that fits.
    fileprivate func takes(_ argument: Argument, on directive: Directive) -> Bool {
        let definition = directives[directive.name.value]?.arguments
            .first { $0.name.value == argument.name.value }
        return definition.map { accepts(argument.value, for: $0.type) } ?? false
    }
}

extension StoredType {
    /// Whether an argument of `@constraint` has a meaning for this type.
    fileprivate func takes(_ argument: String) -> Bool {
        guard case .scalar(let scalar) = self else { return false }
        switch argument {
        case "min", "max": return [.int, .long, .float].contains(scalar)
        case "minLength", "maxLength": return scalar.isText
        case "format": return scalar == .string
        default: return false
        }
    }
}

extension ConstraintModel {
    /// No constraint at all.
    init() {
        self.init(min: nil, max: nil, minLength: nil, maxLength: nil, format: nil)
    }

    init(_ directive: Directive) {
        self.init(
            min: directive.number("min"), max: directive.number("max"),
            minLength: directive.count("minLength"), maxLength: directive.count("maxLength"),
            format: directive.words("format").first.flatMap { Format(rawValue: $0) })
    }
}
