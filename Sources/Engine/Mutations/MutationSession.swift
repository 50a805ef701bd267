import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Store

/// Runs mutations on the writer's thread.
///
/// There is one, and it belongs to the writer. It has a plan cache and an executor of its own; what
/// it reads is the draft of the group at hand. **A root field whose payload is null has done
/// nothing**; whatever else it could not do is in its payload's `userErrors`.
public final class MutationSession {
    public let context: EngineContext
    private let finder: OperationFinder
    private let guards: GuardCache
    private let executor: Executor
    private let introspection: Introspection
    private let call: MutationCall
    private let idempotency: Idempotency?
    private let text = ByteBuffer(capacity: 4096)
    private var lastDocument: PreparedDocument?
    private var lastPlan: Plan?

    /// What the mutation run last was, and what it took on the writer's thread.
    public private(set) var report = OperationReport()

    /// What each list of the mutation run last did. Made when it is asked for.
    public var listReports: [ListReport] { lastPlan.map(executor.listReports) ?? [] }

    /// The document of the mutation run last.
    public var documentText: [UInt8]? { lastDocument?.source.bytes }

    /// The codes of the errors beside the data of the answer written last.
    public var fieldErrorCodes: [String] { executor.errors.map(\.code) }

    public init(context: EngineContext) {
        self.context = context
        introspection = Introspection(schema: context.model.schema)
        executor = Executor(context: context, introspection: introspection)
        finder = OperationFinder(context: context, counters: executor.counters)
        guards = GuardCache(context)
        call = MutationCall(context: context, executor: executor)
        idempotency = context.hiddenTables.map { Idempotency(context: context, places: $0) }
    }

    /// Whether the answer written last has errors beside its data.
    public var hasFieldErrors: Bool { !executor.errors.isEmpty }

    /// Rows that are settled before one mutation. Reason: after a long time without a server there
    /// may be many, and somebody waits.
    private static let settledRowsMax = 10_000

    /// Does what is scheduled, if anything is.
    public func runSchedule(in group: WriteGroup) {
        guard let schedule = context.rules.schedule else { return }
        let data = DataView(
            version: group.view, now: group.now, context: context, guards: nil)
        guard schedule.isDue(data) else { return }
        transact(in: group, "schedule") { call throws(MutationStop) in try schedule.run(call) }
    }

    /// Brings the rows that are due up to the time of the group. Each row is a transaction.
    public func settle(in group: WriteGroup) {
        var settled = 0
        var failed: Set<RowRef> = []
        while settled < Self.settledRowsMax {
            let rows = context.rules.dueRows(
                group.view, at: group.now, limit: Self.settledRowsMax - settled
            ).filter { !failed.contains($0.ref) }
            if rows.isEmpty { return }
            for (due, ref) in rows {
                settled += 1
                // Settling one row may have settled, or removed, another.
                guard group.view.table(due.table).liveRow(ref) != nil else { continue }
                let isDone = transact(in: group, "due") { call throws(MutationStop) in
                    try due.rule.settle(ref, call)
                }
                if !isDone { failed.insert(ref) }
            }
        }
    }

    @discardableResult
    private func transact(
        in group: WriteGroup, _ name: String, _ body: (RuleCall) throws(MutationStop) -> Void
    ) -> Bool {
        executor.meter.begin(
            budget: .max, deadline: ContinuousClock.now + context.limits.timeout, output: text,
            answerBytesMax: .max >> 1)
        call.begin(now: group.now, viewer: .unrestricted, objectCount: 0)
        do throws(MutationStop) {
            try group.transaction { transaction throws(MutationStop) in
                try body(RuleCall(call, transaction, input: [], rule: name))
                try call.throwIfRefused()
                try call.trail.report(name, call, transaction)
            }
            return true
        } catch {
            return false
        }
    }

    /// Runs all root fields of a mutation, each as a transaction of its own, or all as one when the
    /// operation has `@transaction`, and appends the whole response object to `output`.
    ///
    /// The answer tells of changes that are not durable yet: it may leave when the group is.
    /// - Parameters:
    ///   - request: one for which a ``Session`` has answered ``Session/Outcome/write``.
    ///   - idempotencyKey: the header's; it counts for each root field that brings none of its own.
    ///   - costReport: whether the answer tells its cost.
    ///   - viewer: who asks. Idempotency keys of one mean nothing to another.
    ///   - requestID: what the trail of changes calls the request.
    /// - Returns: `data`, or a request error; then nothing was done.
    public func execute(
        _ request: GraphQLRequest, idempotencyKey: String? = nil,
        viewer: Viewer = .unrestricted, requestID: String? = nil,
        costReport: CostReport = .none, in group: WriteGroup, into output: ByteBuffer
    ) -> Session.Outcome {
        call.requestID = requestID
        defer { call.requestID = nil }
        report.begin()
        lastDocument = nil
        lastPlan = nil
        executor.meter.forgetTotal()
        let outcome = answer(request, idempotencyKey, viewer, costReport, group, output)
        report.rowsVisited = executor.meter.totalRowsVisited
        report.end()
        if case .requestError(let error) = outcome { report.note(error) }
        return outcome
    }

    private func answer(
        _ request: GraphQLRequest, _ idempotencyKey: String?, _ viewer: Viewer,
        _ costReport: CostReport, _ group: WriteGroup, _ output: ByteBuffer
    ) -> Session.Outcome {
        let guards = self.guards.made(for: viewer, group.view)
        let role = guards?.role
        let operation: PreparedOperation
        let document: PreparedDocument
        let found = finder.find(request, for: role, readOnly: false, output)
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
        guard operation.definition.type == .mutation else {
            return RequestErrors.fail(
                "A \(operation.definition.type.rawValue) is no matter for the writer.",
                "OPERATION_NOT_ALLOWED", .operation, output)
        }
        if let idempotencyKey, !Idempotency.accepts(idempotencyKey) {
            return RequestErrors.fail(
                "The idempotency key has \(idempotencyKey.unicodeScalars.count) characters.",
                "BAD_USER_INPUT", .variables, output,
                hint: "A key has 1 to \(Idempotency.keyLengthMax) characters.")
        }
        guard finder.read(&executor.variables, of: request, operation, document, output) else {
            return .requestError(.variables)
        }
        let cost: Cost
        do throws(CostRefusal) {
            cost = try operation.cost(executor.variables, context: context)
            report.cost = cost.estimated
        } catch {
            return RequestErrors.refuse(error, document, output)
        }
        settle(in: group)
        executor.guards = guards
        defer { executor.guards = nil }
        let plan: Plan
        defer { report.plan = operation.planNanoseconds }
        do throws(PlanCompiler.Failure) {
            plan = try operation.plan(
                executor.variables, context: context, view: group.view,
                introspection: introspection
            ) { finder.count($0, of: document) }
        } catch {
            report.denied.note(error, in: operation)
            return RequestErrors.fail(error, document, output)
        }
        lastPlan = plan
        let start = output.count
        output.append("{\"data\":")
        let run = MutationRun(
            plan: plan, group: group, output: output, call: call, idempotency: idempotency,
            headerKey: idempotencyKey, viewer: viewer,
            deadline: ContinuousClock.now + context.limits.timeout)
        executor.begin(plan)
        let data = output.count
        if operation.isTransaction {
            run.executeTogether()
        } else {
            run.executeInSeries()
        }
        executor.closeObject(output, data)
        if costReport == .report {
            output.append(",")
            cost.append(to: output, actual: executor.meter.totalRowsVisited)
        }
        if executor.errors.isEmpty {
            output.append(byte: UInt8(ascii: "}"))
        } else {
            report.denied.note(executor.errors, in: operation)
            RequestErrors.putFirst(executor.errors, output, start, document, scratch: text)
        }
        return .data
    }
}

extension PreparedOperation {
    /// Whether all root fields are one transaction.
    fileprivate var isTransaction: Bool {
        definition.directives.contains { $0.name.value == "transaction" }
    }
}
