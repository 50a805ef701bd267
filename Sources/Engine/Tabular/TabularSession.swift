import Bytes
import GraphQL
import GraphQLLanguage
import Store

/// Answers GraphQL queries as tables, on one thread.
///
/// A query with one root field comes in; lines go out, one for each row of the field's list: the
/// leaves of its selection are the columns, to-one objects are flattened as `tier.name`, lists of
/// values stay JSON within a cell. Nothing is special about the query: it is validated, planned and
/// resolved as ever, with the limit of a page lifted, and what a column cannot give by itself the
/// executor writes. So a table says what the answer in JSON says.
///
/// Invariants: everything comes from one pinned version; lines are handed on in blocks, so that
/// memory does not grow with the table, except by some 20 bytes a row where rows must be sorted
/// first; a line is whole or not there. Null and the empty text stay apart in CSV.
///
/// Deliberately absent: several tables in one answer, and lists within lists; a table has one line
/// for each row of one list.
///
/// A session owns a reader of the store, like ``Session``. It runs one export at a time.
public final class TabularSession {
    public let context: EngineContext
    fileprivate let reader: Reader
    fileprivate let executor: Executor
    private let introspection: Introspection
    private let finder: OperationFinder
    private let guards: GuardCache
    private weak var current: TabularRun?
    fileprivate var denied = AccessDenials()

    /// What the export opened last was, and what it has taken so far.
    public private(set) var report = OperationReport()

    /// The document of the export opened last; nil when it could not be parsed or is not valid.
    public private(set) var documentText: [UInt8]?

    /// What each list of the export opened last did.
    public var listReports: [ListReport] { lastPlan.map(executor.listReports) ?? [] }

    /// The codes of the errors that ended it.
    public var fieldErrorCodes: [String] { executor.errors.map(\.code) }

    public var hasFieldErrors: Bool { !executor.errors.isEmpty }

    private var lastPlan: Plan?

    /// What the viewer of the export opened last asked for and may not have.
    public var denials: [AccessDenial] { denied.all }

    /// Rows that are sorted for one export at the most. Reason: each takes 20 bytes of memory until
    /// the last line is written.
    public static let sortedRowsMax = 20_000_000

    /// - Returns: nil when the store has no reader left: too many threads.
    public init?(context: EngineContext) {
        guard let reader = context.store.makeReader() else { return nil }
        self.context = context
        self.reader = reader
        introspection = Introspection(schema: context.model.schema)
        executor = Executor(context: context, introspection: introspection)
        finder = OperationFinder(context: context)
        guards = GuardCache(context)
    }

    /// Parses, validates and plans a query and pins the version that it reads. The request's bytes
    /// are no longer needed afterwards. An export that was opened before ends.
    ///
    /// - Parameters:
    ///   - viewer: who asks.
    ///   - deadline: how long it may take, from now on.
    ///   - errors: a refusal is appended here, a whole GraphQL answer.
    public func open(
        _ request: GraphQLRequest, _ options: TabularOptions, viewer: Viewer = .unrestricted,
        deadline: Duration = .seconds(600), errors: ByteBuffer
    ) -> Result<TabularRun, Session.RequestError> {
        current?.close()
        report.begin()
        documentText = nil
        lastPlan = nil
        executor.forgetErrors()
        let result = prepare(request, options, viewer, deadline, errors)
        if case .failure(let error) = result { report.note(error) }
        report.end()
        return result
    }

    private func prepare(
        _ request: GraphQLRequest, _ options: TabularOptions, _ viewer: Viewer,
        _ deadline: Duration, _ errors: ByteBuffer
    ) -> Result<TabularRun, Session.RequestError> {
        executor.guards = guards.guards(for: viewer, reader.pin())
        reader.unpin()
        let role = executor.guards?.role
        let operation: PreparedOperation
        let document: PreparedDocument
        switch finder.find(request, for: role, readOnly: false, errors) {
        case .operation(let found, let itsDocument):
            operation = found
            document = itsDocument
        case .failure(let error):
            denied = finder.denied
            return .failure(error)
        }
        denied = AccessDenials()
        documentText = document.source.bytes
        report.type = operation.definition.type
        report.name = operation.definition.name?.value
        guard operation.definition.type == .query else {
            return refuse(
                ExecutionError(
                    message: "Only queries make tables; this is a "
                        + "\(operation.definition.type.rawValue).", code: "OPERATION_NOT_ALLOWED"),
                .notAllowed, document, errors)
        }
        guard finder.read(&executor.variables, of: request, operation, document, errors) else {
            return .failure(.variables)
        }
        // The table may be of any length, but not what is asked for each of its lines.
        do throws(CostRefusal) {
            try operation.checkTableCost(executor.variables, context: context)
        } catch {
            guard case .requestError(let refused) = RequestErrors.refuse(error, document, errors)
            else { return .failure(.tooDear) }
            return .failure(refused)
        }
        let view = reader.pin()
        let plan: Plan
        do throws(PlanCompiler.Failure) {
            plan = try operation.plan(
                executor.variables, context: context, view: view, introspection: introspection
            ) { finder.count($0, of: document) }
        } catch {
            denied.note(error, in: operation)
            reader.unpin()
            guard case .requestError(let kind) = RequestErrors.fail(error, document, errors)
            else { return .failure(.validation) }
            return .failure(kind)
        }
        lastPlan = plan
        executor.now = context.clock()
        executor.begin(plan)
        // Copied now, since the request does not outlive this call.
        _ = executor.coercedVariables()
        do throws(TabularPlan.Refusal) {
            let run = try TabularRun(
                self, TabularPlan(plan, explode: options.explode), view, options, document,
                operation, deadline)
            current = run
            return .success(run)
        } catch {
            reader.unpin()
            let problem = ExecutionError(
                message: error.message, code: error.code, hint: error.hint,
                sourceOffset: error.sourceOffset)
            denied.note([problem], in: operation)
            return refuse(
                problem, denied.all.isEmpty ? .operation : .forbidden, document, errors)
        }
    }

    /// Takes down what a run has done.
    fileprivate func endReport() {
        report.rowsVisited = executor.meter.rowsVisited
        report.cost = report.rowsVisited
        report.end()
    }

    private func refuse(
        _ error: ExecutionError, _ kind: Session.RequestError, _ document: PreparedDocument,
        _ errors: ByteBuffer
    ) -> Result<TabularRun, Session.RequestError> {
        errors.append("{")
        ErrorWriter.write([error], source: document.source, to: errors)
        errors.append("}")
        return .failure(kind)
    }
}

extension Session.RequestError: Error {}

/// One export, opened and bound to a version.
public final class TabularRun {
    /// The number of the version that it reads.
    public let sequence: UInt64
    /// The names of the columns, in order.
    public var columns: [String] { table.columns }

    private let session: TabularSession
    private let table: TabularPlan
    private let document: PreparedDocument
    private let operation: PreparedOperation
    private let format: TabularOptions.Format
    private let deadline: Duration
    private let view: MeteredView
    private let list: ResolvedList?
    private let children: ResolvedList?
    private let cells: CellWriter
    private let lines: LineWriter
    private let scratch = ByteBuffer()
    private var isOpen = true

    fileprivate init(
        _ session: TabularSession, _ table: TabularPlan, _ version: VersionView,
        _ options: TabularOptions, _ document: PreparedDocument,
        _ operation: PreparedOperation, _ deadline: Duration
    ) throws(TabularPlan.Refusal) {
        self.session = session
        self.table = table
        self.document = document
        self.operation = operation
        self.deadline = deadline
        format = options.format
        sequence = version.sequence
        let executor = session.executor
        view = MeteredView(version: version, meter: executor.meter, guards: executor.guards)
        executor.meter.begin(
            budget: .max, deadline: ContinuousClock.now + deadline, output: scratch,
            answerBytesMax: session.context.limits.answerBytesMax)
        let resolver = ListResolver(
            context: session.context, view: view, variables: executor.coercedVariables(),
            role: executor.guards?.role, isUnlimited: true)
        cells = CellWriter(table.columns, options)
        if case .rows(let body) = table.source {
            list = try table.list(body, resolver, isStream: true)
        } else {
            list = nil
            if case .groups(let body, _) = table.source {
                try table.resolveGroups(body, resolver, executor)
            }
        }
        children =
            if let exploded = table.exploded {
                try table.list(exploded.body, resolver, isStream: false)
            } else {
                nil
            }
        lines = LineWriter(table, cells, executor, view, scratch, list?.order, children)
        try checkSorting()
        for list in [list, children] {
            if let list { executor.counters.count(list) }
        }
    }

    deinit { close() }

    /// Too many rows that no index has in order.
    private func checkSorting() throws(TabularPlan.Refusal) {
        let most = TabularSession.sortedRowsMax
        guard let list, !list.isStreamed, list.size > most,
            view.table(list.table).count > most,
            let count = ListFrame(list, of: .none, view).count(view), count > most
        else { return }
        throw TabularPlan.Refusal(
            message: "\(count) rows would have to be sorted; at most \(most) are.",
            hint: "Order by an indexed field, or narrow the filter.", sourceOffset: nil)
    }

    /// Gives back the version. Happens by itself at the end.
    fileprivate func close() {
        guard isOpen else { return }
        isOpen = false
        session.reader.unpin()
    }

    /// Writes the table, once.
    ///
    /// - Parameter write: takes a block of about 64 KiB, which is used anew afterwards; may wait;
    ///   answers false when nobody wants more.
    public func run(_ write: (ByteBuffer) -> Bool) -> TabularEnd {
        guard isOpen else { return .cancelled }
        defer {
            session.endReport()
            close()
        }
        cells.begin()
        let isWhole: Bool
        switch table.source {
        case .rows(let body): isWhole = writeRows(body, write)
        case .groups(let body, let shape): isWhole = lines.writeGroups(body, shape, write)
        case .answer(let answer): isWhole = lines.writeAnswer(answer, write)
        }
        if lines.isCancelled { return .cancelled }
        if isWhole, session.executor.errors.isEmpty {
            cells.end()
            return flush(write) ? .finished(rows: cells.lines) : .cancelled
        }
        return fail(write)
    }

    private func writeRows(_ body: TabularPlan.ListBody, _ write: (ByteBuffer) -> Bool) -> Bool {
        guard let list else { return false }
        let executor = session.executor
        executor.enter(body.list)
        executor.enter(body.items)
        executor.enter(index: 0)
        var index = 0
        var isWhole = true
        let walked = executor.stream(lines.run, list) { row, ref in
            executor.move(to: index)
            index += 1
            isWhole = lines.write(row, ref, write)
            return isWhole
        }
        let number = Int(table.plan[body.list].operand)
        executor.resolved[number] = list
        executor.tallies[number].add(visited: executor.meter.rowsVisited, returned: index)
        return walked && isWhole
    }

    private func flush(_ write: (ByteBuffer) -> Bool) -> Bool {
        if cells.output.isEmpty { return true }
        defer { cells.output.removeAll(keepingAtMost: 4 * CellWriter.blockByteCount) }
        return write(cells.output)
    }

    /// Hands on the lines before the error; NDJSON says itself what is wrong.
    private func fail(_ write: (ByteBuffer) -> Bool) -> TabularEnd {
        var errors = session.executor.errors
        session.denied.note(errors, in: operation)
        switch session.executor.meter.abortion {
        case .answerTooLarge:
            errors.append(
                ExecutionError(
                    message: "A part of the table is larger than "
                        + "\(session.context.limits.answerBytesMax) bytes.",
                    code: "ANSWER_TOO_LARGE", hint: "Ask for less of it."))
        case .tooManyGroups:
            errors.append(
                ExecutionError(
                    message: WorkMeter.tooManyGroups(session.context.limits),
                    code: "ANSWER_TOO_LARGE", hint: WorkMeter.tooManyGroupsHint))
        case .timeout, .overBudget:
            errors.append(
                ExecutionError(
                    message: "The export took longer than \(deadline).", code: "TIMEOUT",
                    hint: "Narrow the filter, or select fewer fields."))
        case nil: break
        }
        if format == .ndjson {
            cells.output.append("{")
            ErrorWriter.write(errors, source: document.source, to: cells.output)
            cells.output.append("}\n")
        }
        let rows = cells.lines
        guard flush(write) else { return .cancelled }
        return .failed(message: errors.first?.message ?? "The export failed.", rows: rows)
    }
}

extension TabularPlan {
    /// The rows of a connection as this request means them, without the limit of a page.
    fileprivate func list(
        _ body: ListBody, _ resolver: ListResolver, isStream: Bool
    ) throws(Refusal) -> ResolvedList {
        let step = plan[body.list]
        let list = plan.lists[Int(step.operand)]
        do throws(ArgumentError) {
            return try resolver.resolve(
                list.arguments, .none, table: list.table, relation: list.relation,
                ListNeeds(rows: true, stream: isStream))
        } catch {
            throw Refusal(error, step)
        }
    }

    /// Gives the executor the list and the grouping as this request means them, all groups of it.
    fileprivate func resolveGroups(
        _ body: ListBody, _ resolver: ListResolver, _ executor: Executor
    ) throws(Refusal) {
        let step = plan[body.list]
        let grouping = Int(plan[body.items].operand)
        do throws(ArgumentError) {
            executor.resolved[Int(step.operand)] = try plan.lists[Int(step.operand)].resolved(
                by: ListResolver(
                    context: resolver.context, view: resolver.view, variables: resolver.variables,
                    role: resolver.role))
            executor.groupings[grouping] = try GroupResolver(
                context: resolver.context, view: resolver.view, variables: resolver.variables,
                isUnlimited: true
            ).resolve(plan.groupings[grouping])
        } catch {
            throw Refusal(error, step)
        }
    }
}

extension TabularPlan.Refusal {
    fileprivate init(_ error: ArgumentError, _ step: Instruction) {
        self.init(
            message: error.message, hint: error.hint, code: error.code.rawValue,
            sourceOffset: Int(step.sourceOffset))
    }
}
