import Bytes
import GraphQLLanguage

/// Answers `__schema` and `__type` from a schema. Source: GraphQL, September 2025, §4.
///
/// The answer is written as JSON straight into the response. Selections are collected once for each
/// place of the query, not once for each type; so a full introspection costs little more than its
/// bytes.
public struct Introspection: Sendable {
    /// How large an answer may become before it is refused.
    public struct Limits: Sendable {
        public var answerBytesMax: Int
        /// Fields written and selections collected.
        public var stepsMax: Int
        /// Objects inside one another; it bounds the recursion.
        public var depthMax: Int

        public init(answerBytesMax: Int, stepsMax: Int, depthMax: Int) {
            self.answerBytesMax = answerBytesMax
            self.stepsMax = stepsMax
            self.depthMax = depthMax
        }

        /// The standard queries of tools take about 6 KiB and 250 steps a type; this is enough for
        /// ten thousand types. Only a document that nests fragments to multiply its work needs more.
        public static let standard = Limits(
            answerBytesMax: 64 * 1024 * 1024, stepsMax: 8_000_000, depthMax: 100)
    }

    let schema: Schema
    let limits: Limits

    public init(schema: Schema, limits: Limits = .standard) {
        self.schema = schema
        self.limits = limits
    }

    /// Writes the value of one response key: an object, or null for a type that does not exist.
    ///
    /// - Parameters:
    ///   - fields: the field nodes that share the key, all `__schema` or all `__type`; validated.
    ///   - variable: the coerced value of a variable, nil when it is absent.
    /// - Returns: false, with nothing written, when one of the limits is exceeded.
    /// - Complexity: O(bytes written + selections).
    public func write(
        fields: [Field], fragments: [String: FragmentDefinition],
        variable: (String) -> CoercedValue?, to buffer: ByteBuffer
    ) -> Bool {
        guard let first = fields.first else { return false }
        return withoutActuallyEscaping(variable) { variable in
            let inputs = IntrospectionInputs(fragments: fragments, variable: variable)
            let writer = IntrospectionWriter(
                schema: schema, limits: limits, inputs: inputs, buffer: buffer)
            return writer.write(first, fields.compactMap(\.selectionSet))
        }
    }
}

/// What a selection means apart from the schema: the document's fragments, the request's variables.
struct IntrospectionInputs {
    let fragments: [String: FragmentDefinition]
    let variable: (String) -> CoercedValue?

    /// Source: GraphQL, September 2025, §3.13.1, §3.13.2.
    func isIncluded(_ directives: [Directive]) -> Bool {
        for directive in directives {
            switch directive.name.value {
            case "skip": if flag("if", of: directive.arguments) { return false }
            case "include": if !flag("if", of: directive.arguments) { return false }
            default: break
            }
        }
        return true
    }

    /// A Boolean argument; false when it is absent.
    func flag(_ name: String, of arguments: [Argument]) -> Bool {
        guard let argument = arguments.first(where: { $0.name.value == name }) else { return false }
        switch argument.value.kind {
        case .boolean(let value): return value
        case .variable(let name): return variable(name) == .boolean(true)
        default: return false
        }
    }

    /// A String argument.
    func string(_ name: String, of arguments: [Argument]) -> String? {
        guard let argument = arguments.first(where: { $0.name.value == name }) else { return nil }
        switch argument.value.kind {
        case .string(let value):
            return value.value
        case .variable(let name):
            if case .string(let value) = variable(name) { return value }
            return nil
        default:
            return nil
        }
    }
}
