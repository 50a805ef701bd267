import Bytes
import GraphQLLanguage
import JSON

/// Writes the value of one response key.
final class IntrospectionWriter {
    private typealias Entry = IntrospectionSelection.Entry

    private let schema: Schema
    private let inputs: IntrospectionInputs
    private let buffer: ByteBuffer
    private let start: Int
    private let limits: Introspection.Limits
    /// That are left.
    private var steps: Int
    private var depth = 0
    /// Once true, what is written no longer matters.
    private var hasFailed = false

    init(
        schema: Schema, limits: Introspection.Limits, inputs: IntrospectionInputs,
        buffer: ByteBuffer
    ) {
        self.schema = schema
        self.limits = limits
        steps = limits.stepsMax
        self.inputs = inputs
        self.buffer = buffer
        start = buffer.count
    }

    func write(_ field: Field, _ selectionSets: [SelectionSet]) -> Bool {
        let isSchema = field.name.value == "__schema"
        let typeName = isSchema ? "__Schema" : "__Type"
        if let selection = IntrospectionSelection(
            selectionSets, on: typeName, inputs, steps: &steps)
        {
            if isSchema {
                writeSchema(selection)
            } else if let name = inputs.string("name", of: field.arguments),
                let id = schema.type(named: name)
            {
                writeType(TypeReference(named: id), selection)
            } else {
                writeNull()
            }
        } else {
            hasFailed = true
        }
        if hasFailed { buffer.truncate(to: start) }
        return !hasFailed
    }

    // MARK: Types of introspection

    private func writeSchema(_ selection: IntrospectionSelection) {
        writeObject(selection, "__Schema") { index, entry in
            switch entry.field {
            case .description:
                writeString(schema.description)
            case .types:
                let inner = self.selection(selection, index, "__Type")
                writeList(schema.types.indices) { writeType(named: TypeID($0), inner) }
            case .queryType:
                writeType(named: schema.queryType, self.selection(selection, index, "__Type"))
            case .mutationType:
                writeOptionalType(schema.mutationType, selection, index)
            case .subscriptionType:
                writeOptionalType(schema.subscriptionType, selection, index)
            case .directives:
                let inner = self.selection(selection, index, "__Directive")
                writeList(schema.directives) { writeDirective($0, inner) }
            default:
                writeNull()
            }
        }
    }

    private func writeOptionalType(
        _ id: TypeID?, _ selection: IntrospectionSelection, _ index: Int
    ) {
        guard let id else { return writeNull() }
        writeType(named: id, self.selection(selection, index, "__Type"))
    }

    private func writeType(named id: TypeID, _ selection: IntrospectionSelection?) {
        writeType(TypeReference(named: id), selection)
    }

    private func writeType(_ reference: TypeReference, _ selection: IntrospectionSelection?) {
        guard let selection else { return }
        if reference.isNonNull || reference.isList {
            writeWrapper(reference, selection)
        } else {
            writeNamedType(reference.named, selection)
        }
    }

    private func writeWrapper(_ reference: TypeReference, _ selection: IntrospectionSelection) {
        writeObject(selection, "__Type") { index, entry in
            switch entry.field {
            case .kind:
                writeText(reference.isNonNull ? "NON_NULL" : "LIST")
            case .ofType:
                writeType(
                    reference.isNonNull ? reference.nullable : reference.item,
                    self.selection(selection, index, "__Type"))
            default:
                writeNull()
            }
        }
    }

    private func writeNamedType(_ id: TypeID, _ selection: IntrospectionSelection) {
        let type = schema[id]
        writeObject(selection, "__Type") { index, entry in
            switch entry.field {
            case .kind:
                writeText(type.kind.introspectionName)
            case .name:
                buffer.appendJSONString(type.name)
            case .description:
                writeString(type.description)
            case .specifiedByURL:
                writeString(type.specifiedByURL)
            case .isOneOf where type.kind == .inputObject:
                buffer.appendJSONBool(type.isOneOf)
            case .fields where type.kind == .object || type.kind == .interface:
                let inner = self.selection(selection, index, "__Field")
                let all = entry.includesDeprecated
                writeList(type.fields.lazy.filter { all || $0.deprecationReason == nil }) {
                    writeField($0, inner)
                }
            case .interfaces where type.kind == .object || type.kind == .interface:
                let inner = self.selection(selection, index, "__Type")
                writeList(type.interfaces) { writeType(named: $0, inner) }
            case .possibleTypes where type.isAbstract:
                let inner = self.selection(selection, index, "__Type")
                writeList(schema.possibleTypes(id)) { writeType(named: $0, inner) }
            case .enumValues where type.kind == .enum:
                let inner = self.selection(selection, index, "__EnumValue")
                let all = entry.includesDeprecated
                writeList(type.enumValues.lazy.filter { all || $0.deprecationReason == nil }) {
                    writeEnumValue($0, inner)
                }
            case .inputFields where type.kind == .inputObject:
                writeInputValues(type.inputFields, selection, index)
            default:
                writeNull()
            }
        }
    }

    private func writeField(_ field: FieldType, _ selection: IntrospectionSelection?) {
        writeObject(selection, "__Field") { index, entry in
            switch entry.field {
            case .name: buffer.appendJSONString(field.name)
            case .description: writeString(field.description)
            case .args: writeInputValues(field.arguments, selection, index)
            case .type: writeType(field.type, self.selection(selection, index, "__Type"))
            case .isDeprecated: buffer.appendJSONBool(field.deprecationReason != nil)
            case .deprecationReason: writeString(field.deprecationReason)
            default: writeNull()
            }
        }
    }

    private func writeInputValues(
        _ inputs: [InputValue], _ selection: IntrospectionSelection?, _ index: Int
    ) {
        guard let selection else { return }
        let all = selection.entries[index].includesDeprecated
        let inner = self.selection(selection, index, "__InputValue")
        writeList(inputs.lazy.filter { all || $0.deprecationReason == nil }) {
            writeInputValue($0, inner)
        }
    }

    private func writeInputValue(_ input: InputValue, _ selection: IntrospectionSelection?) {
        writeObject(selection, "__InputValue") { index, entry in
            switch entry.field {
            case .name: buffer.appendJSONString(input.name)
            case .description: writeString(input.description)
            case .type: writeType(input.type, self.selection(selection, index, "__Type"))
            case .defaultValue: writeString(input.defaultValue.map { print($0) })
            case .isDeprecated: buffer.appendJSONBool(input.deprecationReason != nil)
            case .deprecationReason: writeString(input.deprecationReason)
            default: writeNull()
            }
        }
    }

    private func writeEnumValue(_ value: EnumValue, _ selection: IntrospectionSelection?) {
        writeObject(selection, "__EnumValue") { _, entry in
            switch entry.field {
            case .name: buffer.appendJSONString(value.name)
            case .description: writeString(value.description)
            case .isDeprecated: buffer.appendJSONBool(value.deprecationReason != nil)
            case .deprecationReason: writeString(value.deprecationReason)
            default: writeNull()
            }
        }
    }

    private func writeDirective(
        _ directive: DirectiveType, _ selection: IntrospectionSelection?
    ) {
        writeObject(selection, "__Directive") { index, entry in
            switch entry.field {
            case .name: buffer.appendJSONString(directive.name)
            case .description: writeString(directive.description)
            case .isRepeatable: buffer.appendJSONBool(directive.isRepeatable)
            case .locations: writeList(directive.locations) { writeText($0.rawValue) }
            case .args: writeInputValues(directive.arguments, selection, index)
            default: writeNull()
            }
        }
    }

    // MARK: Pieces

    /// The selection below an entry, collected when it is first needed; nil after a failure.
    private func selection(
        _ selection: IntrospectionSelection?, _ index: Int, _ type: String
    ) -> IntrospectionSelection? {
        guard let selection, !hasFailed else { return nil }
        if let inner = selection.entries[index].selection { return inner }
        let inner = IntrospectionSelection(
            selection.entries[index].selectionSets, on: type, inputs, steps: &steps)
        if inner == nil { hasFailed = true }
        selection.entries[index].selection = inner
        return inner
    }

    /// `value` writes the value of each entry but `__typename`.
    @inline(__always)
    private func writeObject(
        _ selection: IntrospectionSelection?, _ typeName: StaticString,
        value: (_ index: Int, _ entry: Entry) -> Void
    ) {
        guard let selection, !hasFailed else { return }
        let count = selection.entries.count
        steps -= count + 1
        guard steps >= 0, depth < limits.depthMax,
            buffer.count - start <= limits.answerBytesMax
        else {
            hasFailed = true
            return
        }
        depth += 1
        buffer.append(byte: UInt8(ascii: "{"))
        for index in 0..<count {
            let entry = selection.entries[index]
            if index > 0 { buffer.append(byte: UInt8(ascii: ",")) }
            unsafe entry.key.withUnsafeBytes { unsafe buffer.append($0) }
            if entry.field == .typename {
                writeText(typeName)
            } else {
                value(index, entry)
            }
        }
        buffer.append(byte: UInt8(ascii: "}"))
        depth -= 1
    }

    private func writeList<Element>(
        _ elements: some Sequence<Element>, each: (Element) -> Void
    ) {
        buffer.append(byte: UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if hasFailed { return }
            if !isFirst { buffer.append(byte: UInt8(ascii: ",")) }
            isFirst = false
            each(element)
        }
        buffer.append(byte: UInt8(ascii: "]"))
    }

    private func writeString(_ text: String?) {
        guard let text else { return writeNull() }
        buffer.appendJSONString(text)
    }

    /// A text that needs no escapes.
    private func writeText(_ text: StaticString) {
        buffer.append(byte: UInt8(ascii: "\""))
        buffer.append(text)
        buffer.append(byte: UInt8(ascii: "\""))
    }

    private func writeText(_ text: String) {
        buffer.appendJSONString(text)
    }

    private func writeNull() {
        buffer.append("null" as StaticString)
    }
}

extension NamedType.Kind {
    fileprivate var introspectionName: StaticString {
        switch self {
        case .scalar: "SCALAR"
        case .object: "OBJECT"
        case .interface: "INTERFACE"
        case .union: "UNION"
        case .enum: "ENUM"
        case .inputObject: "INPUT_OBJECT"
        }
    }
}
