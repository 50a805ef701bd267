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
    public enum Effort: Sendable {
        /// An event loop's: dear operations are given up as `overBudget`.
        case bounded
        /// A worker's that others wait for: operations that are not soon done are given up as
        /// `overBudget`.
        case brief
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
        /// Nothing was written: rows are due to be settled before an answer is given. Only with
        /// ``Effort/bounded``.
        case due
    }

    /// Why an operation was not executed, for the transport to choose a status.
    public enum RequestError: Equatable, Sendable {
        case syntax, validation, operation, variables
        /// Only reading was allowed.
        case notAllowed
        /// The viewer's role may not ask for this.
        case forbidden
        case timeout
        case tooLarge
        /// It asks for more objects, fields or selections than one operation may.
        case tooDear
        /// The server executes trusted documents only, and this is none.
        case notTrusted
        /// The document that is named is not known here.
        case notPersisted
        /// The document is not the one that is named.
        case reference
        /// It follows too many relations.
        case tooDeep
    }

    public let context: EngineContext
    private let reader: Reader
    private let executor: Executor
    private let introspection: Introspection
    private let finder: OperationFinder
    private let guards: GuardCache
    private let text = ByteBuffer(capacity: 4096)
    /// When the next row is due, and in which version.
    private var nextDue = (sequence: UInt64.max, time: Int64.max)
    private var lastDocument: PreparedDocument?
    private var lastPlan: Plan?

    /// What the request answered last was, and what it took.
    public private(set) var report = OperationReport()

    /// What each list of the operation answered last did. Made when it is asked for.
    public var listReports: [ListReport] { lastPlan.map(executor.listReports) ?? [] }

    /// The document of the request answered last; nil when it could not be parsed or is not valid.
    public var documentText: [UInt8]? { lastDocument?.source.bytes }

    /// The codes of the errors beside the data of the answer written last.
    public var fieldErrorCodes: [String] { executor.errors.map(\.code) }

    /// Whether the answer written last has errors beside its data.
    public var hasFieldErrors: Bool { !executor.errors.isEmpty }

    /// The price of the operation that was priced last; nil when the last request was refused
    /// before that. For whoever counts what a client has used.
    public private(set) var cost: Cost?

    /// How long the client has waited already.
    private var waited = Duration.zero

    /// - Returns: nil when the store has no reader left: too many threads.
    public init?(context: EngineContext) {
        guard let reader = context.store.makeReader() else { return nil }
        self.context = context
        self.reader = reader
        introspection = Introspection(schema: context.model.schema)
        executor = Executor(context: context, introspection: introspection)
        finder = OperationFinder(context: context, counters: executor.counters)
        guards = GuardCache(context)
    }

    /// Lets go of the values of the request answered last, for one with many of them: the next may
    /// come late. What lists have done can no longer be told then.
    public func forgetValues() { executor.forgetValues() }

    /// Answers a request by appending the whole response object to `output`.
    ///
    /// - Parameters:
    ///   - viewer: who asks.
    ///   - readOnly: refuse anything but queries, as a GET request must.
    ///   - costReport: what the answer tells of its cost.
    ///   - waited: how long the client has waited already; an operation has so much less time.
    ///   - trace: called after each list with what it did.
    public func execute(
        _ request: GraphQLRequest, viewer: Viewer = .unrestricted, readOnly: Bool = false,
        effort: Effort = .full, costReport: CostReport = .none, waited: Duration = .zero,
        into output: ByteBuffer, trace: ((ListTrace) -> Void)? = nil
    ) -> Outcome {
        report.begin()
        self.waited = waited
        cost = nil
        lastDocument = nil
        lastPlan = nil
        let outcome = answer(
            request, viewer, readOnly: readOnly, effort, costReport, output, trace)
        report.end()
        if case .requestError(let error) = outcome { report.note(error) }
        return outcome
    }

    private func answer(
        _ request: GraphQLRequest, _ viewer: Viewer, readOnly: Bool, _ effort: Effort,
        _ costReport: CostReport, _ output: ByteBuffer, _ trace: ((ListTrace) -> Void)?
    ) -> Outcome {
        executor.guards = guards.guards(for: viewer, reader.pin())
        reader.unpin()
        let role = executor.guards?.role
        let operation: PreparedOperation
        let document: PreparedDocument
        let found = finder.find(request, for: role, readOnly: readOnly, output)
        report.parse = finder.parseNanoseconds
        report.validate = finder.validateNanoseconds
        switch found {
        case .operation(let found, let itsDocument):
            operation = found
            document = itsDocument
        case .failure(let error):
            report.denied = finder.denied
            return .requestError(error)
        }
        lastDocument = document
        report.type = operation.definition.type
        report.name = operation.definition.name?.value
        switch operation.definition.type {
        case .query: break
        case .mutation where !readOnly: break
        case .mutation, .subscription:
            return RequestErrors.fail(
                "Operations of type \(operation.definition.type.rawValue) are not supported.",
                "OPERATION_NOT_ALLOWED", readOnly ? .notAllowed : .operation, output)
        }
        guard finder.read(&executor.variables, of: request, operation, document, output) else {
            return .requestError(.variables)
        }
        if let outcome = price(operation, document, costReport, output) { return outcome }
        // The writer sees no mutation that is wrong so far.
        if operation.definition.type == .mutation { return .write }
        return run(operation, document, effort, costReport, output, trace)
    }

    /// Works out the cost; answers the outcome when the operation is not to be executed.
    private func price(
        _ operation: PreparedOperation, _ document: PreparedDocument, _ costReport: CostReport,
        _ output: ByteBuffer
    ) -> Outcome? {
        do throws(CostRefusal) {
            let cost = try operation.cost(executor.variables, context: context)
            self.cost = cost
            report.cost = cost.estimated
            guard costReport == .validate else { return nil }
            executor.forgetErrors()
            output.append("{\"data\":null,")
            cost.append(to: output, actual: nil)
            output.append("}")
            return .data
        } catch {
            return RequestErrors.refuse(error, document, output)
        }
    }

    private func run(
        _ operation: PreparedOperation, _ document: PreparedDocument, _ effort: Effort,
        _ costReport: CostReport, _ output: ByteBuffer, _ trace: ((ListTrace) -> Void)?
    ) -> Outcome {
        let view = reader.pin()
        defer { reader.unpin() }
        let now = context.clock()
        if effort == .bounded, isDue(view, now) { return .due }
        let plan: Plan
        defer { report.plan = operation.planNanoseconds }
        do throws(PlanCompiler.Failure) {
            plan = try operation.plan(
                executor.variables, context: context, view: view, introspection: introspection
            ) { finder.count($0, of: document) }
        } catch {
            report.denied.note(error, in: operation)
            return RequestErrors.fail(error, document, output)
        }
        lastPlan = plan
        executor.trace = trace
        executor.now = now
        let start = output.count
        output.append("{\"data\":")
        let limits = context.limits
        let isBrief = effort == .brief && limits.briefTime < limits.timeout
        let status = executor.execute(
            plan, view: view, output: output,
            budget: effort == .bounded ? limits.loopBudget : .max,
            deadline: ContinuousClock.now
                + (isBrief ? limits.briefTime : max(limits.timeout - waited, .zero)))
        report.rowsVisited = executor.meter.rowsVisited
        if status == .aborted {
            output.truncate(to: start)
            if isBrief, executor.meter.abortion == .timeout { return .overBudget }
            return abort(output)
        }
        if costReport == .report, let cost {
            output.append(",")
            cost.append(to: output, actual: executor.meter.rowsVisited)
        }
        if executor.errors.isEmpty {
            output.append(byte: UInt8(ascii: "}"))
        } else {
            report.denied.note(executor.errors, in: operation)
            RequestErrors.putFirst(executor.errors, output, start, document, scratch: text)
        }
        return .data
    }

    private func isDue(_ view: VersionView, _ now: Int64) -> Bool {
        if view.sequence != nextDue.sequence {
            nextDue = (view.sequence, context.rules.nextDue(view))
        }
        return nextDue.time <= now
    }

    // MARK: Errors

    private func abort(_ output: ByteBuffer) -> Outcome {
        switch executor.meter.abortion {
        case .overBudget: .overBudget
        case .answerTooLarge:
            RequestErrors.fail(
                "The answer is larger than \(context.limits.answerBytesMax) bytes.",
                "ANSWER_TOO_LARGE", .tooLarge, output,
                hint: "Ask for smaller pages or fewer fields.")
        case .tooManyGroups:
            RequestErrors.fail(
                WorkMeter.tooManyGroups(context.limits), "ANSWER_TOO_LARGE", .tooLarge, output,
                hint: WorkMeter.tooManyGroupsHint)
        case .timeout, nil:
            RequestErrors.fail(
                "The operation took longer than \(context.limits.timeout).", "TIMEOUT", .timeout,
                output, hint: "Ask for less at once, or for fields with an index.")
        }
    }
}
