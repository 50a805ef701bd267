import Bytes
import GraphQL
import GraphQLLanguage
import JSON

/// A query that somebody has written down under a name, with variables that a URL can give.
struct Report: Sendable {
    struct Variable: Sendable {
        let name: String
        let type: TypeNode
        /// As the schema writes it: `Date!`.
        let typeText: String
        let description: String?
        /// The name of the innermost type.
        let typeName: String
        let listDepth: Int
        let kind: Kind
        /// As a URL would say it; nil when there is none.
        let defaultText: String?
        /// Whether a URL has to say something.
        let isRequired: Bool
        /// The values of an enum.
        let choices: [String]

        /// How a text in a URL becomes JSON.
        enum Kind: Sendable {
            case integer, number, boolean, text
            /// A moment; a day alone is its beginning in UTC.
            case moment
            /// Input objects, and scalars that hold any JSON.
            case json
        }
    }

    /// The name of the file without its ending.
    let name: String
    let description: String
    /// The text of the file: one query, and perhaps fragments.
    let document: [UInt8]
    let definitions: [VariableDefinition]
    let variables: [Variable]
    let schema: Schema
    let codecs: ScalarCodecs

    /// - Parameters:
    ///   - operation: the query in `document`, which is valid.
    init(
        name: String, document: Source, operation: OperationDefinition, schema: Schema,
        codecs: ScalarCodecs
    ) {
        self.name = name
        self.document = document.bytes
        self.schema = schema
        self.codecs = codecs
        description = Report.description(of: operation, document.bytes)
        definitions = operation.variables
        variables = operation.variables.map { Variable($0, schema) }
    }

    /// What the operation says of itself, or else the comment at the start of the file.
    private static func description(
        of operation: OperationDefinition, _ document: [UInt8]
    ) -> String {
        if let own = operation.description?.value { return own }
        var lines: [String] = []
        for line in String(decoding: document, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            let text = line.drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
            guard text.first == "#" else { break }
            lines.append(String(text.drop { $0 == "#" || $0 == " " }))
        }
        return lines.joined(separator: " ")
    }
}

extension Report.Variable {
    fileprivate init(_ definition: VariableDefinition, _ schema: Schema) {
        name = definition.name.value
        type = definition.type
        typeText = print(definition.type)
        description = definition.description?.value
        let reference = schema.typeReference(from: definition.type)
        listDepth = reference?.listDepth ?? 0
        isRequired = (reference?.isNonNull ?? false) && definition.defaultValue == nil
        let named = reference.map { schema[$0.named] }
        typeName = named?.name ?? typeText
        let isEnum = named.map { $0.kind == .enum } ?? false
        choices = isEnum ? named?.enumValues.map(\.name) ?? [] : []
        kind =
            switch typeName {
            case "Int", "Long": .integer
            case "Float": .number
            case "Boolean": .boolean
            case "JSON": .json
            case "DateTime": .moment
            default: named.map { $0.kind == .inputObject } ?? false ? .json : .text
            }
        defaultText = definition.defaultValue.flatMap { Report.Variable.text(of: $0) }
    }

    /// A literal as a URL would say it; lists and objects as JSON, nil for null.
    private static func text(of literal: Value) -> String? {
        switch literal.kind {
        case .int(let digits), .float(let digits): return digits
        case .string(let text): return text.value
        case .enum(let name), .variable(let name): return name
        case .boolean(let value): return value ? "true" : "false"
        case .null: return nil
        case .list, .object:
            let buffer = ByteBuffer(capacity: 64)
            buffer.appendJSON(json(of: literal))
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
    }

    private static func json(of literal: Value) -> JSONValue {
        switch literal.kind {
        case .int(let digits): Int64(digits).map { .integer($0) } ?? .string(digits)
        case .float(let digits): Double(digits).map { .double($0) } ?? .string(digits)
        case .string(let text): .string(text.value)
        case .enum(let name), .variable(let name): .string(name)
        case .boolean(let value): .bool(value)
        case .null: .null
        case .list(let items): .array(items.map { json(of: $0) })
        case .object(let fields):
            .object(fields.map { JSONValue.Member($0.name.value, json(of: $0.value)) })
        }
    }

    /// What a text in a URL means for this variable; a text that is no value of the type stays a
    /// string, which the type then refuses.
    fileprivate func value(_ text: String) -> JSONValue {
        switch kind {
        case .integer: Int64(text).map { .integer($0) } ?? .string(text)
        case .number: Double(text).map { .double($0) } ?? .string(text)
        case .boolean:
            switch text {
            case "true", "1": .bool(true)
            case "false", "0": .bool(false)
            default: .string(text)
            }
        case .text: .string(text)
        case .moment:
            .string(
                text.utf8.count == 10 && text.contains("-") ? text + "T00:00:00Z" : text)
        case .json: (try? JSONValue(parsing: Array(text.utf8))) ?? .string(text)
        }
    }

    /// What all texts for this variable mean together.
    fileprivate func value(_ texts: [String]) -> JSONValue {
        guard listDepth > 0 else { return value(texts[0]) }
        if texts.count == 1, texts[0].hasPrefix("["),
            let list = try? JSONValue(parsing: Array(texts[0].utf8))
        {
            return list
        }
        return .array(texts.map { value($0) })
    }
}

// MARK: Variables of a URL

extension Report {
    /// Why a query string does not fit.
    struct Misfit: Error, Equatable {
        let message: String
        let hint: String
    }

    /// Names in a query string that no variable may have.
    static let reservedNames = TableParameters.names + ["shape"]

    /// The variables that a query string gives, as JSON.
    func variables(_ form: FormFields) throws(Misfit) -> [UInt8] {
        var texts: [String: [String]] = [:]
        for field in form.fields where !Report.reservedNames.contains(field.name) {
            guard variables.contains(where: { $0.name == field.name }) else {
                throw misfit("The report \(name) has no variable \"\(shortened(field.name))\".")
            }
            guard let text = String(validating: field.value, as: UTF8.self) else {
                throw misfit("The variable \"\(field.name)\" is not UTF-8.")
            }
            texts[field.name, default: []].append(text)
        }
        var members: [JSONValue.Member] = []
        for variable in variables {
            guard let texts = texts[variable.name] else {
                if variable.isRequired {
                    throw misfit(
                        "The variable \"\(variable.name)\" of type \(variable.typeText) is missing."
                    )
                }
                continue
            }
            if texts.count > 1 && variable.listDepth == 0 {
                throw misfit("The variable \"\(variable.name)\" is given twice.")
            }
            members.append(JSONValue.Member(variable.name, variable.value(texts)))
        }
        do throws(VariableErrors) {
            _ = try coerceVariables(
                definitions: definitions, provided: members, schema: schema, codecs: codecs,
                source: nil)
        } catch {
            throw misfit(error.errors.map(\.message).joined(separator: " "))
        }
        let json = ByteBuffer(capacity: 256)
        json.appendJSON(.object(members))
        return json.bytes
    }

    private func misfit(_ message: String) -> Misfit {
        guard !variables.isEmpty else {
            return Misfit(message: message, hint: "It has no variables.")
        }
        let list = variables.map { variable in
            let end =
                variable.isRequired ? "" : variable.defaultText.map { " = \($0)" } ?? " (optional)"
            return "\(variable.name): \(variable.typeText)\(end)"
        }
        return Misfit(message: message, hint: "Its variables: \(list.joined(separator: ", ")).")
    }

    private func shortened(_ text: String) -> String { String(text.prefix(100)) }
}
