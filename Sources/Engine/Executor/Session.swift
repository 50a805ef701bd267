import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Store

/// Answers GraphQL requests on one thread.
///
/// A session owns what requests of a thread can share without locks: a reader of the store, the plan
/// cache and the executor's memory. A server has one for each event loop and each worker.
public final class Session {
    /// How much of its thread an operation may take.
    public enum Effort {
        /// An event loop's: dear operations are given up as `overBudget`.
        case bounded
        /// A worker's: only the deadline counts.
        case full
    }

    /// What became of a request. All but `overBudget` and `write` have written an answer.
    public enum Outcome: Equatable, Sendable {
        /// The operation was executed; the answer has `data`.
        case data
        /// The answer has no `data`.
        case requestError(RequestError)
        /// Nothing was written: the request is for a worker.
        case overBudget
        /// Nothing was written: the request is a mutation, and for the writer. So far nothing is
        /// wrong with it; its variables fit. Never when `readOnly`.
        case write
    }

    /// Why an operation was not executed, for the transport to choose a status.
    public enum RequestError: Equatable, Sendable {
        case syntax, validation, operation, variables
        /// Only reading was allowed.
        case notAllowed
        case timeout
        case tooLarge
    }

    public let context: EngineContext
    private let reader: Reader
    private let executor: Executor
    private let introspection: Introspection
    private var cache: PlanCache
    private let text = ByteBuffer(capacity: 4096)

    /// Whether the answer written last has errors beside its data.
    public var hasFieldErrors: Bool { !executor.errors.isEmpty }

    /// - Returns: nil when the store has no reader left: too many threads.
    public init?(context: EngineContext) {
        guard let reader = context.store.makeReader() else { return nil }
        self.context = context
        self.reader = reader
        introspection = Introspection(schema: context.model.schema)
        executor = Executor(context: context, introspection: introspection)
        cache = PlanCache(bytesMax: context.limits.planCacheBytesMax)
    }

    /// Answers a request by appending the whole response object to `output`.
    ///
    /// - Parameters:
    ///   - readOnly: refuse anything but queries, as a GET request must.
    ///   - trace: called after each list with what it did.
    public func execute(
        _ request: GraphQLRequest, readOnly: Bool = false, effort: Effort = .full,
        into output: ByteBuffer, trace: ((ListTrace) -> Void)? = nil
    ) -> Outcome {
        let hash = unsafe cache.hash(request.document)
        let document: PreparedDocument
        if let known = unsafe cache.document(request.document, hash) {
            document = known
        } else {
            switch prepare(request, readOnly, output) {
            case .success(let made):
                document = made
                cache.insert(made, hash)
            case .failure(let error): return .requestError(error)
            }
        }
        guard let operation = select(request, document, output) else {
            return .requestError(.operation)
        }
        switch operation.definition.type {
        case .query: break
        case .mutation where !readOnly: return checkVariables(request, operation, output)
        case .mutation, .subscription:
            return fail(
                "Operations of type \(operation.definition.type.rawValue) are not supported.",
                "OPERATION_NOT_ALLOWED", readOnly ? .notAllowed : .operation, output)
        }
        return run(request, operation, document, effort, output, trace)
    }

    /// Whether a mutation's variables fit, so that the writer sees none that are wrong.
    private func checkVariables(
        _ request: GraphQLRequest, _ operation: PreparedOperation, _ output: ByteBuffer
    ) -> Outcome {
        do throws(VariableErrors) {
            try unsafe executor.variables.read(request.variables, for: operation)
        } catch {
            writeErrors(error.errors, code: "BAD_USER_INPUT", to: output)
            return .requestError(.variables)
        }
        return .write
    }

    private func run(
        _ request: GraphQLRequest, _ operation: PreparedOperation, _ document: PreparedDocument,
        _ effort: Effort, _ output: ByteBuffer, _ trace: ((ListTrace) -> Void)?
    ) -> Outcome {
        do throws(VariableErrors) {
            try unsafe executor.variables.read(request.variables, for: operation)
        } catch {
            writeErrors(error.errors, code: "BAD_USER_INPUT", to: output)
            return .requestError(.variables)
        }
        let view = reader.pin()
        defer { reader.unpin() }
        let plan: Plan
        do throws(PlanCompiler.Failure) {
            plan = try operation.plan(
                executor.variables, context: context, view: view, introspection: introspection
            ) { made in
                document.count(made)
                cache.count(made)
            }
        } catch {
            return fail(error, document, output)
        }
        executor.trace = trace
        let start = output.count
        output.append("{\"data\":")
        let status = executor.execute(
            plan, view: view, output: output,
            budget: effort == .bounded ? context.limits.loopBudget : .max,
            deadline: ContinuousClock.now + context.limits.timeout)
        if status == .aborted {
            output.truncate(to: start)
            return abort(output)
        }
        if executor.errors.isEmpty {
            output.append(byte: UInt8(ascii: "}"))
        } else {
            putErrorsFirst(output, start, document)
        }
        return .data
    }

    // MARK: Documents

    private enum Prepared {
        case success(PreparedDocument)
        case failure(RequestError)
    }

    private func prepare(
        _ request: GraphQLRequest, _ readOnly: Bool, _ output: ByteBuffer
    ) -> Prepared {
        let source = Source(bytes: documentBytes(request))
        let document: Document
        do throws(SyntaxError) {
            document = try parse(source)
        } catch {
            let problem = GraphQLError(
                error.message, at: [error.offset], in: source, rule: "Syntax")
            writeErrors([problem], code: "GRAPHQL_PARSE_FAILED", to: output)
            return .failure(.syntax)
        }
        if readOnly, let problem = Self.writing(document, request) {
            _ = fail(
                "Only queries can be sent by GET; this is a \(problem.rawValue).",
                "OPERATION_NOT_ALLOWED", .notAllowed, output, hint: "Send it by POST.")
            return .failure(.notAllowed)
        }
        let facts: DocumentFacts
        do throws(ValidationErrors) {
            facts = try validFacts(
                of: document, schema: context.model.schema, codecs: context.model.codecs)
        } catch {
            writeErrors(error.errors, code: "GRAPHQL_VALIDATION_FAILED", to: output)
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
            _ = fail(
                "Unknown operation named \"\(name.string)\".", "OPERATION_RESOLUTION_FAILURE",
                .operation, output)
            return nil
        }
        if document.operations.count == 1 { return document.operations[0] }
        _ = fail(
            document.operations.isEmpty
                ? "Must provide an operation."
                : "Must provide operation name if query contains multiple operations.",
            "OPERATION_RESOLUTION_FAILURE", .operation, output)
        return nil
    }

    // MARK: Errors

    private func fail(
        _ message: String, _ code: String, _ error: RequestError, _ output: ByteBuffer,
        hint: String? = nil
    ) -> Outcome {
        output.append("{")
        ErrorWriter.write(
            [ExecutionError(message: message, code: code, hint: hint)], source: nil, to: output)
        output.append("}")
        return .requestError(error)
    }

    private func fail(
        _ failure: PlanCompiler.Failure, _ document: PreparedDocument, _ output: ByteBuffer
    ) -> Outcome {
        let error: ExecutionError
        switch failure {
        case .argument(let message, let offset):
            error = ExecutionError(message: message, code: "BAD_USER_INPUT", sourceOffset: offset)
        case .nameTooLong(let offset):
            error = ExecutionError(
                message: "A response name is too long.", code: "BAD_USER_INPUT",
                hint: "Use a shorter alias.", sourceOffset: offset)
        }
        output.append("{")
        ErrorWriter.write([error], source: document.source, to: output)
        output.append("}")
        return .requestError(.validation)
    }

    private func abort(_ output: ByteBuffer) -> Outcome {
        switch executor.meter.abortion {
        case .overBudget: .overBudget
        case .answerTooLarge:
            fail(
                "The answer is larger than \(context.limits.answerBytesMax) bytes.",
                "ANSWER_TOO_LARGE", .tooLarge, output,
                hint: "Ask for smaller pages or fewer fields.")
        case .timeout, nil:
            fail(
                "The operation took longer than \(context.limits.timeout).", "TIMEOUT", .timeout,
                output, hint: "Ask for less at once, or for fields with an index.")
        }
    }

    /// Errors come before `data`, where nobody overlooks them.
    /// Source: GraphQL, September 2025, §7.1 (the note on the order of entries).
    private func putErrorsFirst(_ output: ByteBuffer, _ start: Int, _ document: PreparedDocument) {
        text.removeAll(keepingAtMost: 1 << 20)
        text.append("{")
        ErrorWriter.write(executor.errors, source: document.source, to: text)
        text.append(",")
        let data = start + 1
        unsafe text.append(UnsafeRawPointer(output.base) + data, count: output.count - data)
        text.append("}")
        output.truncate(to: start)
        unsafe text.withUnsafeBytes { unsafe output.append($0) }
    }

    private func writeErrors(_ errors: [GraphQLError], code: String, to output: ByteBuffer) {
        output.append("{\"errors\":[")
        for (place, error) in errors.enumerated() {
            if place > 0 { output.append(byte: UInt8(ascii: ",")) }
            output.append("{\"message\":")
            output.appendJSONString(error.message)
            let locations = error.locations
            if !locations.isEmpty {
                output.append(",\"locations\":[")
                for (index, location) in locations.enumerated() {
                    if index > 0 { output.append(byte: UInt8(ascii: ",")) }
                    ErrorWriter.append(location, to: output)
                }
                output.append("]")
            }
            output.append(",\"extensions\":{\"code\":")
            output.appendJSONString(code)
            output.append(",\"rule\":")
            output.appendJSONString(error.rule)
            output.append("}}")
        }
        output.append("]}")
    }
}
