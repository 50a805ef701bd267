import GraphQL
import JSON

/// Coerces a variable straight from the request's bytes, as long as nothing is wrong with it.
///
/// Whatever is wrong, and the rare forms, go the long way over a tree, which words the errors; so
/// this only ever agrees with `coerceVariable` or gives up.
struct QuickCoercion {
    let schema: Schema
    let codecs: ScalarCodecs
    let listItemsMax: Int

    /// The reader's next value; nil for the long way.
    func value(_ reader: inout JSONReader, _ type: TypeReference) throws(JSONError)
        -> CoercedValue?
    {
        if reader.takeNull() { return type.isNonNull ? nil : .null }
        if type.isList { return try list(&reader, type.item) }
        let named = schema[type]
        switch named.kind {
        case .inputObject: return try object(&reader, named)
        case .enum:
            guard try reader.peekKind() == .string else { return nil }
            let name = try reader.readString()
            for (place, value) in named.enumValues.enumerated() where name.matches(value.name) {
                return .enumValue(place)
            }
            return nil
        default:
            guard let scalar = ScalarKind(rawValue: named.name) else { return nil }
            return try leaf(&reader, scalar)
        }
    }

    private func list(_ reader: inout JSONReader, _ type: TypeReference) throws(JSONError)
        -> CoercedValue?
    {
        guard try reader.peekKind() == .array else { return nil }
        var items: [CoercedValue] = []
        try reader.beginArray()
        while try reader.nextElement() {
            if items.count >= listItemsMax { return nil }
            guard let item = try value(&reader, type) else { return nil }
            items.append(item)
        }
        return .list(items)
    }

    private func object(_ reader: inout JSONReader, _ type: NamedType) throws(JSONError)
        -> CoercedValue?
    {
        guard try reader.peekKind() == .object, !type.isOneOf else { return nil }
        let definitions = type.inputFields
        var fields: [CoercedField] = []
        fields.reserveCapacity(definitions.count)
        var next = 0
        var isSorted = true
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard let index = place(of: key, definitions, from: next),
                let value = try value(&reader, definitions[index].type)
            else { return nil }
            if index < next { isSorted = false }
            next = index + 1
            fields.append(CoercedField(index: index, value: value))
        }
        if !isSorted { fields.sort { $0.index < $1.index } }
        guard let complete = complete(fields, definitions) else { return nil }
        return .object(complete)
    }

    /// Clients mostly write fields in the order of their type.
    private func place(of key: JSONText, _ definitions: [InputValue], from start: Int) -> Int? {
        for place in start..<definitions.count where key.matches(definitions[place].name) {
            return place
        }
        for place in 0..<start where key.matches(definitions[place].name) { return place }
        return nil
    }

    /// Adds the defaults; nil when a required field is missing.
    private func complete(_ given: [CoercedField], _ definitions: [InputValue])
        -> [CoercedField]?
    {
        var place = 0
        var fields: [CoercedField]?
        for (index, definition) in definitions.enumerated() {
            if place < given.count, given[place].index == index {
                fields?.append(given[place])
                place += 1
                // A key twice, which only the long way tells.
                if place < given.count, given[place].index == index { return nil }
                continue
            }
            if let literal = definition.defaultValue {
                guard
                    let value = try? coerceLiteral(
                        literal, to: definition.type, schema: schema, codecs: codecs)
                else { return nil }
                if fields == nil { fields = Array(given[..<place]) }
                fields?.append(CoercedField(index: index, value: value))
            } else if definition.type.isNonNull {
                return nil
            }
        }
        return fields ?? given
    }

    private func leaf(_ reader: inout JSONReader, _ scalar: ScalarKind) throws(JSONError)
        -> CoercedValue?
    {
        switch (scalar, try reader.peekKind()) {
        case (.string, .string), (.id, .string):
            return .string(try reader.readString().makeString())
        case (.dateTime, .string), (.date, .string), (.emailAddress, .string):
            return scalar.coerce(.string(try reader.readString().makeString()))
        case (.id, .number):
            let number = try reader.readNumber()
            return number.isInteger ? .string(number.text) : nil
        case (.int, .number):
            guard let number = try reader.readNumber().int64, Int32(exactly: number) != nil else {
                return nil
            }
            return .int(number)
        case (.long, .number):
            guard let number = try reader.readNumber().int64,
                number.magnitude <= ScalarKind.longMax.magnitude
            else { return nil }
            return .int(number)
        case (.float, .number):
            guard let number = try reader.readNumber().double, number.isFinite else { return nil }
            return .float(number)
        case (.boolean, .boolean): return .boolean(try reader.readBool())
        default: return nil
        }
    }
}
