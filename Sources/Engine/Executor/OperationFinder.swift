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

    /// - Parameter counters: of the executor that runs what is found; by default its own.
    init(context: EngineContext, counters: ExecutorCounters? = nil) {
        self.context = context
        self.counters = counters ?? ExecutorCounters(context.counters)
        cache = PlanCache(bytesMax: context.limits.planCacheBytesMax)
    }

    /// - Parameters:
    ///   - readOnly: refuse anything but queries.
    ///   - output: where the answer goes when there is no such operation.
    func find(_ request: GraphQLRequest, readOnly: Bool, _ output: ByteBuffer) -> Found {
        let hash = unsafe cache.hash(request.document)
        let document: PreparedDocument
        parseNanoseconds = 0
        validateNanoseconds = 0
        if let known = unsafe cache.document(request.document, hash) {
            counters.countDocument(isKnown: true)
            document = known
        } else {
            counters.countDocument(isKnown: false)
            switch prepare(request, readOnly, output) {
            case .success(let made):
                document = made
                cache.insert(made, hash)
            case .failure(let error): return .failure(error)
            }
        }
        guard let operation = select(request, document, output) else {
            return .failure(.operation)
        }
        return .operation(operation, document)
    }

    /// Counts a plan that was made for one of the documents.
    func count(_ plan: Plan, of document: PreparedDocument) {
        document.count(plan)
        cache.count(plan)
    }

    private enum Prepared {
        case success(PreparedDocument)
        case failure(Session.RequestError)
    }

    private func prepare(
        _ request: GraphQLRequest, _ readOnly: Bool, _ output: ByteBuffer
    ) -> Prepared {
        let source = Source(bytes: documentBytes(request))
        let document: Document
        let start = monotonicNanoseconds()
        do throws(SyntaxError) {
            document = try parse(source)
            parseNanoseconds = monotonicNanoseconds() &- start
        } catch {
            parseNanoseconds = monotonicNanoseconds() &- start
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
                of: document, schema: context.model.schema, codecs: context.model.codecs)
        } catch {
            RequestErrors.write(error.errors, code: "GRAPHQL_VALIDATION_FAILED", to: output)
            return .failure(.validation)
        }
        return .success(
            PreparedDocument(
                key: unsafe Array(request.document), document: document, facts: facts,
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

    private func documentBytes(_ request: GraphQLRequest) -> [UInt8] {
        guard request.documentHasEscapes else { return unsafe Array(request.document) }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        unsafe quoted.append(contentsOf: request.document)
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
