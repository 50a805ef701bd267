import Bytes
import GraphQL
import GraphQLLanguage
import JSON

/// Finds the operation that a request asks for: in the plan cache of its thread, or by parsing and
/// validating the document.
final class OperationFinder {
    enum Found {
        case operation(PreparedOperation, PreparedDocument)
        /// The answer is written.
        case failure(Session.RequestError)
    }

    private let context: EngineContext
    private let counters: ExecutorCounters
    private var cache: PlanCache
    /// Nanoseconds that the document found last took to parse and to validate; 0 when it was known.
    private(set) var parseNanoseconds: UInt64 = 0
    private(set) var validateNanoseconds: UInt64 = 0
    /// What was denied by the operation asked for last not being found.
    private(set) var denied = AccessDenials()

    /// - Parameter counters: of the executor that runs what is found; by default its own.
    init(context: EngineContext, counters: ExecutorCounters? = nil) {
        self.context = context
        self.counters = counters ?? ExecutorCounters(context.counters)
        cache = PlanCache(bytesMax: context.limits.planCacheBytesMax)
    }

    /// - Parameters:
    ///   - role: whose plans they are; nil when everything may be seen.
    ///   - readOnly: refuse anything but queries.
    ///   - output: where the answer goes when there is no such operation.
    func find(
        _ request: GraphQLRequest, for role: RoleAccess?, readOnly: Bool, _ output: ByteBuffer
    ) -> Found {
        parseNanoseconds = 0
        validateNanoseconds = 0
        denied = AccessDenials()
        guard let reference = request.reference else {
            return unsafe find(
                request, request.document, hasEscapes: request.documentHasEscapes, role, readOnly,
                output)
        }
        if unsafe request.document.isEmpty || reference.kind == .identifier {
            if let text = context.documents.document(reference.id) {
                return unsafe text.withUnsafeBytes {
                    unsafe find(request, $0, hasEscapes: false, role, readOnly, output)
                }
            }
        }
        if let error = refuse(reference, request, output) { return .failure(error) }
        let found = unsafe find(
            request, request.document, hasEscapes: request.documentHasEscapes, role, readOnly,
            output)
        if case .operation = found, case .automatic = reference.kind {
            context.documents.keep(
                unsafe bytes(request.document, hasEscapes: request.documentHasEscapes),
                hash: reference.id)
        }
        return found
    }

    /// Why the document of a request cannot be the one that it names; nil when it can.
    ///
    /// The messages are those that clients know.
    private func refuse(
        _ reference: DocumentReference, _ request: GraphQLRequest, _ output: ByteBuffer
    ) -> Session.RequestError? {
        if case .automatic(let version) = reference.kind, version != 1 {
            _ = RequestErrors.fail(
                "Unsupported persisted query version", "BAD_REQUEST", .reference, output,
                hint: "Send version 1.")
            return .reference
        }
        if unsafe request.document.isEmpty {
            if case .automatic = reference.kind, !context.documents.keepsDocuments,
                !context.documents.onlyTrusted
            {
                _ = RequestErrors.fail(
                    "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED", .notPersisted,
                    output)
            } else {
                _ = RequestErrors.fail(
                    "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND", .notPersisted, output)
            }
            return .notPersisted
        }
        guard case .automatic = reference.kind else { return nil }
        let text = unsafe bytes(request.document, hasEscapes: request.documentHasEscapes)
        if SHA256.digest(of: text).hexadecimal == reference.id { return nil }
        _ = RequestErrors.fail(
            "provided sha does not match query", "BAD_REQUEST", .reference, output,
            hint: "Send the SHA-256 of the document's UTF-8 bytes.")
        return .reference
    }

    /// - Parameter text: the document, with escapes as it stands in JSON if it has any.
    private func find(
        _ request: GraphQLRequest, _ text: UnsafeRawBufferPointer, hasEscapes: Bool,
        _ role: RoleAccess?, _ readOnly: Bool, _ output: ByteBuffer
    ) -> Found {
        let hash = unsafe cache.hash(text, role)
        let document: PreparedDocument
        if let known = unsafe cache.document(text, role, hash) {
            counters.countDocument(isKnown: true)
            document = known
        } else {
            counters.countDocument(isKnown: false)
            switch unsafe prepare(request, text, hasEscapes: hasEscapes, role, readOnly, output) {
            case .success(let made):
                document = made
                cache.insert(made, hash)
            case .failure(let error): return .failure(error)
            }
        }
        guard let operation = select(request, document, output) else {
            return .failure(.operation)
        }
        if let root = operation.facts.introspectionRoots.first, !mayIntrospect(role) {
            let problem = Self.introspectionProblem(root, document.source)
            RequestErrors.write([problem], code: "GRAPHQL_VALIDATION_FAILED", to: output)
            denied = AccessDenials(
                AccessDenial(
                    .introspection, problem.message, role: role,
                    operation: operation.definition.name?.value,
                    place: "Query.\(root.node.name.value)"))
            return .failure(.validation)
        }
        return .operation(operation, document)
    }

    /// Reads the variables of a request for the operation found for it.
    /// - Returns: false when they do not fit; then the answer is written.
    func read(
        _ variables: inout VariableSlots, of request: GraphQLRequest,
        _ operation: PreparedOperation, _ document: PreparedDocument, _ output: ByteBuffer
    ) -> Bool {
        do throws(VariableErrors) {
            try unsafe variables.read(request.variables, for: operation)
            return true
        } catch {
            RequestErrors.write(
                discreet(error.errors, document.source.bytes, request), code: "BAD_USER_INPUT",
                to: output)
            return false
        }
    }

    /// Counts a plan that was made for one of the documents.
    func count(_ plan: Plan, of document: PreparedDocument) {
        document.count(plan)
        cache.count(plan)
    }

    /// Whether a role may ask for the schema.
    private func mayIntrospect(_ role: RoleAccess?) -> Bool {
        context.limits.introspection
            || context.limits.introspectionByRole && role?.mayIntrospect ?? true
    }

    private static func introspectionProblem(
        _ root: DocumentFacts.IntrospectionRoot, _ source: Source
    ) -> GraphQLError {
        GraphQLError(
            "GraphQL introspection is not allowed, but the document has the field "
                + "\"\(root.node.name.value)\".",
            at: [root.node.offset], in: source, rule: "NoSchemaIntrospection")
    }

    private enum Prepared {
        case success(PreparedDocument)
        case failure(Session.RequestError)
    }

    private func prepare(
        _ request: GraphQLRequest, _ text: UnsafeRawBufferPointer, hasEscapes: Bool,
        _ role: RoleAccess?, _ readOnly: Bool, _ output: ByteBuffer
    ) -> Prepared {
        let source = Source(bytes: unsafe bytes(text, hasEscapes: hasEscapes))
        if !context.documents.allows(source.bytes) {
            let message = "This document is not one of those that this server executes."
            _ = RequestErrors.fail(
                message, "OPERATION_NOT_ALLOWED", .notTrusted, output,
                hint: "Send the documentId of a trusted document.")
            denied = AccessDenials(AccessDenial(.untrusted, message, role: role))
            return .failure(.notTrusted)
        }
        let document: Document
        let start = monotonicNanoseconds()
        do throws(SyntaxError) {
            document = try parse(source)
            parseNanoseconds = monotonicNanoseconds() &- start
        } catch {
            parseNanoseconds = monotonicNanoseconds() &- start
            if let limit = error.limit {
                RequestErrors.write(
                    RequestErrors.LimitError(
                        message: error.message, code: "GRAPHQL_PARSE_FAILED", limit: limit.name,
                        max: limit.max, hint: limit.hint, sourceOffset: error.offset),
                    source, output)
                return .failure(.syntax)
            }
            let problem = GraphQLError(
                error.message, at: [error.offset], in: source, rule: "Syntax")
            RequestErrors.write([problem], code: "GRAPHQL_PARSE_FAILED", to: output)
            return .failure(.syntax)
        }
        if readOnly, let problem = Self.writing(document, request) {
            _ = RequestErrors.fail(
                "Only queries can be sent by GET; this is a \(problem.rawValue).",
                "OPERATION_NOT_ALLOWED", .notAllowed, output, hint: "Send it by POST.")
            return .failure(.notAllowed)
        }
        defer { validateNanoseconds = monotonicNanoseconds() &- start &- parseNanoseconds }
        let facts: DocumentFacts
        do throws(ValidationErrors) {
            facts = try validFacts(
                of: document, schema: context.model.schema, codecs: context.model.codecs,
                options: ValidationOptions(suggestions: context.limits.suggestions))
        } catch {
            RequestErrors.write(
                discreet(error.errors, source.bytes, request), code: "GRAPHQL_VALIDATION_FAILED",
                to: output)
            return .failure(.validation)
        }
        return .success(
            PreparedDocument(
                key: unsafe Array(text), role: role, document: document, facts: facts,
                context: context))
    }

    /// The type of the operation that the request selects, when it is not a query.
    private static func writing(_ document: Document, _ request: GraphQLRequest)
        -> OperationType?
    {
        var operations = document.definitions.compactMap { definition in
            if case .operation(let operation) = definition { operation } else { nil }
        }
        if let wanted = request.operationName {
            operations.removeAll { $0.name.map { !wanted.matches($0.value) } ?? true }
        }
        // Of several, none is selected.
        guard operations.count == 1, operations[0].type != .query else { return nil }
        return operations[0].type
    }

    /// The errors as a client may see them.
    private func discreet(
        _ errors: [GraphQLError], _ document: [UInt8], _ request: GraphQLRequest
    ) -> [GraphQLError] {
        if context.limits.suggestions { return errors }
        let variables = unsafe request.variables.map { unsafe [UInt8]($0) } ?? []
        let discretion = Discretion([document, variables])
        return errors.map(discretion.error)
    }

    /// The text of a document that may have escapes of JSON in it.
    private func bytes(_ text: UnsafeRawBufferPointer, hasEscapes: Bool) -> [UInt8] {
        guard hasEscapes else { return unsafe Array(text) }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        unsafe quoted.append(contentsOf: text)
        quoted.append(UInt8(ascii: "\""))
        return unsafe quoted.withUnsafeBytes { bytes in
            var reader = unsafe JSONReader(bytes)
            return (try? reader.readString().unescapedBytes) ?? []
        }
    }

    /// GetOperation. Source: GraphQL, September 2025, §6.1.1.
    private func select(
        _ request: GraphQLRequest, _ document: PreparedDocument, _ output: ByteBuffer
    ) -> PreparedOperation? {
        if let name = request.operationName {
            for operation in document.operations {
                if let own = operation.definition.name?.value, name.matches(own) {
                    return operation
                }
            }
            _ = RequestErrors.fail(
                "Unknown operation named \"\(name.string)\".", "OPERATION_RESOLUTION_FAILURE",
                .operation, output)
            return nil
        }
        if document.operations.count == 1 { return document.operations[0] }
        _ = RequestErrors.fail(
            document.operations.isEmpty
                ? "Must provide an operation."
                : "Must provide operation name if query contains multiple operations.",
            "OPERATION_RESOLUTION_FAILURE", .operation, output)
        return nil
    }
}
