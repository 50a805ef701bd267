import Bytes
import GraphQL
import GraphQLLanguage

/// How Tessera's own scalars read what clients send.
///
/// `Long` becomes an integer, `DateTime` milliseconds and `Date` days since 1970-01-01,
/// `EmailAddress` a text, `JSON` the text of a JSON document.
public let scalarCodecs: ScalarCodecs = {
    var codecs: ScalarCodecs = [:]
    for scalar in ScalarKind.allCases where !scalar.isBuiltIn {
        codecs[scalar.rawValue] = ScalarCodec { input throws(ScalarCodec.Refusal) in
            if let value = scalar.coerce(input) { return value }
            throw ScalarCodec.Refusal(
                "\(scalar.rawValue) cannot represent value: \(input.shown); "
                    + "expected is \(scalar.expectation)")
        }
    }
    return codecs
}()

extension ScalarKind {
    /// JSON numbers are exact in JavaScript up to here.
    /// Source: ECMAScript 2025, §21.1.2.6, `Number.MAX_SAFE_INTEGER`.
    public static let longMax: Int64 = 9_007_199_254_740_991

    /// Whether the scalar is one of GraphQL's own.
    var isBuiltIn: Bool {
        switch self {
        case .id, .string, .int, .float, .boolean: true
        case .long, .dateTime, .date, .emailAddress, .json: false
        }
    }

    /// What a value looks like, as the end of a sentence: `expected is …`.
    public var expectation: String {
        switch self {
        case .id: "a string or an integer"
        case .string: "a string"
        case .int: "an integer from -2147483648 to 2147483647"
        case .long: "an integer from -\(Self.longMax) to \(Self.longMax)"
        case .float: "a number"
        case .boolean: "true or false"
        case .dateTime: "an RFC 3339 date-time with offset, like \"2026-06-30T12:00:00Z\""
        case .date: "a date like \"2026-06-30\""
        case .emailAddress: "an e-mail address like \"ada@example.org\""
        case .json: "a JSON document"
        }
    }

    /// What a value means; nil when it is none of this scalar.
    func coerce(_ input: ScalarCodec.Input) -> CoercedValue? {
        switch (self, input) {
        case (.id, .string(let text)), (.id, .int(let text)), (.string, .string(let text)):
            return .string(text)
        case (.int, .int(let digits)): return Int32(digits).map { .int(Int64($0)) }
        case (.long, .int(let digits)):
            guard let number = Int64(digits), number.magnitude <= Self.longMax.magnitude else {
                return nil
            }
            return .int(number)
        case (.float, .int(let text)), (.float, .float(let text)):
            return Double(text).flatMap { $0.isFinite ? .float($0) : nil }
        case (.boolean, .boolean(let flag)): return .boolean(flag)
        case (.dateTime, .string(let text)): return Self.milliseconds(text).map { .int($0) }
        case (.date, .string(let text)): return Self.dayNumber(text).map { .int(Int64($0)) }
        case (.emailAddress, .string(let text)):
            return EmailSyntax.accepts(Array(text.utf8)) ? .string(text) : nil
        case (.json, _): return input.jsonText.map { .string($0) }
        default: return nil
        }
    }

    /// As above, for a literal; nil also for null and variables.
    func coerce(_ literal: Value) -> CoercedValue? {
        ScalarCodec.Input(literal: literal).flatMap { coerce($0) }
    }

    private static func milliseconds(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 {
            unsafe Instant.milliseconds(parsing: UnsafeRawBufferPointer($0))
        }
    }

    private static func dayNumber(_ text: String) -> Int32? {
        var text = text
        return text.withUTF8 {
            unsafe CivilDate.dayNumber(parsing: UnsafeRawBufferPointer($0))
        }
    }
}

extension ScalarCodec.Input {
    /// Errors repeat at most so much of what a client sent.
    private static let shownScalarsMax = 100

    init?(literal: Value) {
        switch literal.kind {
        case .int(let digits): self = .int(digits)
        case .float(let text): self = .float(text)
        case .string(let string): self = .string(string.value)
        case .boolean(let flag): self = .boolean(flag)
        case .enum(let name): self = .enumName(name)
        case .list, .object:
            guard let text = literalJSON(literal) else { return nil }
            self = .json(text)
        case .null, .variable: return nil
        }
    }

    /// The value as JSON; nil for an enum name, which JSON does not have.
    fileprivate var jsonText: String? {
        switch self {
        case .int(let text), .float(let text), .json(let text): text
        case .string(let text): quoted(text)
        case .boolean(let flag): flag ? "true" : "false"
        case .enumName: nil
        }
    }

    fileprivate var shown: String {
        let text: String
        switch self {
        case .int(let written), .float(let written), .json(let written), .enumName(let written):
            text = written
        case .string(let string):
            text = quoted(String(string.unicodeScalars.prefix(Self.shownScalarsMax + 1)))
        case .boolean(let flag): text = flag ? "true" : "false"
        }
        guard text.unicodeScalars.count > Self.shownScalarsMax else { return text }
        return String(text.unicodeScalars.prefix(Self.shownScalarsMax)) + "…"
    }
}

/// A literal as JSON without blanks; nil when an enum value or a variable stands in it.
private func literalJSON(_ value: Value) -> String? {
    switch value.kind {
    case .int(let text), .float(let text): return text
    case .string(let string): return quoted(string.value)
    case .boolean(let flag): return flag ? "true" : "false"
    case .null: return "null"
    case .variable, .enum: return nil
    case .list(let items):
        let texts = items.compactMap(literalJSON)
        return texts.count == items.count ? "[" + texts.joined(separator: ",") + "]" : nil
    case .object(let fields):
        let texts = fields.compactMap { field in
            literalJSON(field.value).map { quoted(field.name.value) + ":" + $0 }
        }
        return texts.count == fields.count ? "{" + texts.joined(separator: ",") + "}" : nil
    }
}
