import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Store

/// Walks a plan over one pinned version and writes the answer's `data` as it goes.
///
/// An object is written as a run of `,"key":value`; when it ends, its first comma becomes the
/// opening brace, so that no step needs to know whether it is the first. A field that must not be
/// null and is makes its parents null up to the nearest that may be: the output is cut back to where
/// that parent's value began. An executor belongs to one thread and serves one operation after
/// another; what it needs for that is kept, so that a request allocates nothing.
final class Executor {
    /// How a step ended.
    enum Status {
        case done
        /// An error was noted; the nearest parent that may be null becomes null.
        case nullified
        /// The operation cannot go on; see `WorkMeter.abortion`.
        case aborted
    }

    /// What all steps of one operation share.
    struct Run {
        let plan: Plan
        let output: ByteBuffer
        let view: MeteredView
    }

    let context: EngineContext
    let introspection: Introspection
    var variables = VariableSlots()
    /// The first of them.
    private(set) var errors: [ExecutionError] = []
    /// All of them, those that are not told included.
    private(set) var errorCount = 0
    let meter = WorkMeter()
    /// One for the whole operation. Milliseconds since 1970-01-01T00:00:00Z.
    var now: Int64 = 0
    /// What the viewer may see; nil when everything.
    var guards: RowGuards?

    /// Lists resolved during this operation, by their place in the plan.
    var resolved: [ResolvedList?] = []
    /// What each list has done during this operation, by its place in the plan.
    var tallies: [ListTally] = []
    let counters: ExecutorCounters
    /// As above, for each `groupBy`.
    var groupings: [ResolvedGrouping?] = []
    /// Rows of the pages that are open, one page on top of the other.
    var pageRows: [UInt32] = []
    /// The way to the field at work, for errors.
    private var path: [PathEntry] = []
    var sorter = RowSorter()
    let scratch = ByteBuffer(capacity: 256)
    var valuesOfVariables: [String: CoercedValue]?
    /// For tables: takes each group out of the output when it is written, given where it begins.
    /// False when no more are wanted.
    var takesGroup: ((Int) -> Bool)?
    /// For explanations: what each list did.
    var trace: ((ListTrace) -> Void)?

    private struct PathEntry {
        let place: Int32
        var index: Int32
    }

    init(context: EngineContext, introspection: Introspection) {
        self.context = context
        self.introspection = introspection
        counters = ExecutorCounters(context.counters)
        pageRows.reserveCapacity(4096)
        path.reserveCapacity(64)
    }

    /// Runs a plan and appends the value of `data` to `output`.
    ///
    /// - Parameters:
    ///   - budget: row visits before the operation is given up as `overBudget`.
    ///   - deadline: when it is given up as `timeout`.
    /// - Returns: `done` with the data written, `nullified` when `data` is null, `aborted`.
    func execute(
        _ plan: Plan, view: VersionView, output: ByteBuffer, budget: Int,
        deadline: ContinuousClock.Instant
    ) -> Status {
        begin(plan)
        meter.begin(
            budget: budget, deadline: deadline, output: output,
            answerBytesMax: context.limits.answerBytesMax)
        let run = Run(
            plan: plan, output: output,
            view: MeteredView(version: view, meter: meter, guards: guards))
        let start = output.count
        var status = Status.done
        var place = 0
        while place < plan.instructionCount {
            let step = plan[place]
            status = root(run, place, step)
            if status != .done { break }
            place = Int(step.end)
        }
        if meter.abortion != nil { status = .aborted }
        switch status {
        case .done: closeObject(output, start)
        case .nullified:
            output.truncate(to: start)
            output.append("null")
        case .aborted: output.truncate(to: start)
        }
        return status
    }

    /// Forgets the operation before.
    func begin(_ plan: Plan) {
        forgetErrors()
        valuesOfVariables = nil
        for place in tallies.indices { tallies[place] = ListTally() }
        forgetLists(of: plan)
    }

    /// Before an answer that has none.
    func forgetErrors() {
        errors.removeAll(keepingCapacity: true)
        errorCount = 0
    }

    /// Lets go of the values of a request that has ended.
    func forgetValues() {
        variables = VariableSlots()
        valuesOfVariables = nil
        for place in resolved.indices { resolved[place] = nil }
        for place in groupings.indices { groupings[place] = nil }
    }

    /// Forgets what was resolved over another state of the store.
    func forgetLists(of plan: Plan) {
        pageRows.removeAll(keepingCapacity: true)
        path.removeAll(keepingCapacity: true)
        for place in resolved.indices { resolved[place] = nil }
        while resolved.count < plan.lists.count { resolved.append(nil) }
        while tallies.count < plan.lists.count { tallies.append(ListTally()) }
        for place in groupings.indices { groupings[place] = nil }
        while groupings.count < plan.groupings.count { groupings.append(nil) }
    }

    // MARK: Objects, errors, limits

    /// Ends an object whose members were written from `start` on, each with a comma before it.
    @inline(__always)
    func closeObject(_ output: ByteBuffer, _ start: Int) {
        close(output, start, UInt8(ascii: "{"), UInt8(ascii: "}"))
    }

    /// As ``closeObject(_:_:)``, for the items of a list.
    @inline(__always)
    func closeList(_ output: ByteBuffer, _ start: Int) {
        close(output, start, UInt8(ascii: "["), UInt8(ascii: "]"))
    }

    @inline(__always)
    private func close(_ output: ByteBuffer, _ start: Int, _ first: UInt8, _ last: UInt8) {
        if output.count == start {
            output.append(byte: first)
        } else {
            unsafe output.base.storeBytes(of: first, toByteOffset: start, as: UInt8.self)
        }
        output.append(byte: last)
    }

    @inline(__always)
    func writeKey(_ run: borrowing Run, _ step: Instruction) {
        unsafe run.output.append(run.plan.key(step), count: Int(step.keyLength))
    }

    @inline(__always)
    func enter(_ place: Int) { path.append(PathEntry(place: Int32(place), index: -1)) }

    @inline(__always)
    func enter(index: Int) { path.append(PathEntry(place: -1, index: Int32(index))) }

    @inline(__always)
    func move(to index: Int) { path[path.count - 1].index = Int32(index) }

    @inline(__always)
    func leave() { path.removeLast() }

    /// Ends a field that a child made null: null if it may be, else its parent's matter.
    func settle(_ run: borrowing Run, _ step: Instruction, _ status: Status, _ mark: Int) -> Status
    {
        guard status == .nullified, !step.isNonNull else { return status }
        run.output.truncate(to: mark)
        run.output.append("null")
        return .done
    }

    /// Notes an error of the field at `place`, whose key is not on the path yet.
    func fail(
        _ run: borrowing Run, _ place: Int, _ message: String, code: String, hint: String? = nil
    ) -> Status {
        errorCount &+= 1
        if errorCount > context.limits.errorsMax { return .nullified }
        let step = run.plan[place]
        enter(place)
        errors.append(
            ExecutionError(
                message: message, code: code, hint: hint, sourceOffset: Int(step.sourceOffset),
                path: path.map { segment($0, run) }))
        leave()
        return .nullified
    }

    func fail(_ run: borrowing Run, _ place: Int, _ error: ArgumentError) -> Status {
        fail(run, place, error.message, code: error.code.rawValue, hint: error.hint)
    }

    /// A field whose arguments are wrong: null if it may be. Its key is not written yet.
    func refuse(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ error: ArgumentError
    ) -> Status {
        let status = fail(run, place, error)
        writeKey(run, step)
        return settle(run, step, status, run.output.count)
    }

    /// The response keys from the root to the field at work, for explanations.
    func pathText(_ run: borrowing Run) -> String {
        var text = ""
        for entry in path {
            guard case .key(let name) = segment(entry, run) else { continue }
            if !text.isEmpty { text += "." }
            text += String(decoding: name, as: UTF8.self)
        }
        return text
    }

    private func segment(_ entry: PathEntry, _ run: borrowing Run) -> ExecutionError.PathSegment {
        if entry.place < 0 { return .index(Int(entry.index)) }
        let step = run.plan[Int(entry.place)]
        // The key is `,"name":`, or `,"name":"Type"` for a constant.
        let key = unsafe UnsafeRawBufferPointer(
            start: run.plan.key(step) + 2, count: Int(step.keyLength) - 2)
        return unsafe .key(Array(key.prefix { $0 != UInt8(ascii: "\"") }))
    }

    // MARK: Query

    /// One field of Query.
    func root(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        switch step.operation {
        case .constant:
            writeKey(run, step)
            return .done
        case .list: return list(run, place, step, owner: .none)
        case .lookUp: return lookUp(run, place, step)
        case .computed: return computed(run, place, step, owner: .none)
        case .node: return node(run, place, step)
        case .nodeList: return nodeList(run, place, step)
        case .introspection: return introspect(run, place, step)
        default: preconditionFailure("a field of Query")
        }
    }

    private func lookUp(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        let plan = run.plan.lookUps[Int(step.operand)]
        writeKey(run, step)
        let found: RowRef?
        if case .id = plan.key { counters.countLookUp(context.store.idIndex(of: plan.table)) }
        if let variable = plan.idVariable {
            found = unsafe variables.withText(variable) { id in
                unsafe id.flatMap { unsafe context.row(id: $0, in: plan.table, run.view.version) }
            }
        } else if let constant = plan.idConstant {
            found = unsafe context.row(
                id: run.plan.constant(constant), in: plan.table, run.view.version)
        } else {
            do throws(ArgumentError) {
                found = try row(plan, run.view)
            } catch {
                run.output.truncate(to: run.output.count - Int(step.keyLength))
                return refuse(run, place, step, error)
            }
        }
        guard let found, mayShow(run, plan.table, found) else {
            run.output.append("null")
            return .done
        }
        return object(run, place, step, run.view.table(plan.table), found)
    }

    /// A row as the value of a field whose key is written.
    func object(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ table: TableView, _ ref: RowRef
    ) -> Status {
        guard meter.visit(1) else { return .aborted }
        let start = run.output.count
        enter(place)
        let status = fields(run, place + 1, Int(step.end), table.row(ref), ref)
        leave()
        if status == .done {
            closeObject(run.output, start)
            return .done
        }
        return settle(run, step, status, start)
    }

    private func row(_ plan: LookUpPlan, _ view: MeteredView) throws(ArgumentError) -> RowRef? {
        var values: [CoercedValue] = []
        for argument in plan.arguments {
            guard let value = try value(of: argument), value != .null else { return nil }
            values.append(value)
        }
        switch plan.key {
        case .id:
            guard case .string(let id) = values.first else { return nil }
            return context.row(id: id, in: plan.table, view.version)
        case .key(let key):
            return KeyLookUp(context: context, view: view).row(key, plan.table, values)
        }
    }

    private func node(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        let dispatch = run.plan.nodeDispatches[Int(step.operand)]
        let given: CoercedValue?
        do throws(ArgumentError) {
            given = try value(of: dispatch.argument)
        } catch {
            return refuse(run, place, step, error)
        }
        writeKey(run, step)
        guard case .string(let id) = given else {
            run.output.append("null")
            return .done
        }
        enter(place)
        defer { leave() }
        return writeNode(run, dispatch, id)
    }

    private func writeNode(_ run: borrowing Run, _ dispatch: NodeDispatch, _ id: String) -> Status {
        var id = id
        let found = id.withUTF8 { bytes -> (TableID, RowRef)? in
            let bytes = UnsafeRawBufferPointer(bytes)
            guard let table = unsafe context.table(ofID: bytes),
                dispatch.blocks[table.index] != nil,
                let ref = unsafe context.row(id: bytes, in: table, run.view.version),
                mayShow(run, table, ref)
            else { return nil }
            return (table, ref)
        }
        guard let (table, ref) = found, let block = dispatch.blocks[table.index] else {
            run.output.append("null")
            return .done
        }
        guard meter.visit(1) else { return .aborted }
        let start = run.output.count
        let status = fields(
            run, block.lowerBound, block.upperBound, run.view.table(table).row(ref), ref)
        if status == .done { closeObject(run.output, start) }
        if status == .nullified {
            run.output.truncate(to: start)
            run.output.append("null")
            return .done
        }
        return status
    }

    private func nodeList(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        let dispatch = run.plan.nodeDispatches[Int(step.operand)]
        let given: CoercedValue?
        do throws(ArgumentError) {
            given = try value(of: dispatch.argument)
        } catch {
            return refuse(run, place, step, error)
        }
        guard case .list(let ids) = given else { return .nullified }
        if ids.count > context.limits.pageRowsMax {
            return fail(
                run, place,
                "ids has \(ids.count) elements; at most \(context.limits.pageRowsMax) are allowed.",
                code: "BAD_USER_INPUT", hint: "Ask in several requests.")
        }
        writeKey(run, step)
        let start = run.output.count
        enter(place)
        defer { leave() }
        for (index, item) in ids.enumerated() {
            run.output.append(byte: UInt8(ascii: ","))
            guard case .string(let id) = item else {
                run.output.append("null")
                continue
            }
            enter(index: index)
            let status = writeNode(run, dispatch, id)
            leave()
            if status != .done { return status }
        }
        closeList(run.output, start)
        return .done
    }

    private func introspect(_ run: borrowing Run, _ place: Int, _ step: Instruction) -> Status {
        writeKey(run, step)
        let plan = run.plan.introspections[Int(step.operand)]
        if let constant = plan.constant {
            run.output.append(constant)
            return .done
        }
        let values = coercedVariables()
        let isWritten = introspection.write(
            fields: plan.fields, fragments: plan.fragments, variable: { values[$0] },
            to: run.output)
        if isWritten { return .done }
        run.output.truncate(to: run.output.count - Int(step.keyLength))
        let status = fail(
            run, place, "The introspection is too large.", code: "BAD_USER_INPUT",
            hint: "Select less of the schema at once.")
        writeKey(run, step)
        return settle(run, step, status, run.output.count)
    }

    // MARK: Variables

    /// The variables by name; made when something other than a look-up by id first asks.
    func coercedVariables() -> [String: CoercedValue] {
        if let valuesOfVariables { return valuesOfVariables }
        let values = variables.values()
        valuesOfVariables = values
        return values
    }

    func value(of argument: ArgumentPlan) throws(ArgumentError) -> CoercedValue? {
        try argument.value(variables: coercedVariables(), context.model)
    }
}
