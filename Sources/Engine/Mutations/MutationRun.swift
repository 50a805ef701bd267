import Bytes
import GraphQL
import Store

/// One mutation operation: its root fields in their order, in one transaction each or together.
struct MutationRun {
    let plan: Plan
    let group: WriteGroup
    let output: ByteBuffer
    let call: MutationCall
    let idempotency: Idempotency?
    /// The request's own key.
    let headerKey: String?
    let viewer: Viewer
    let deadline: ContinuousClock.Instant
    /// Where the answer begins in the output.
    private let outputStart: Int

    init(
        plan: Plan, group: WriteGroup, output: ByteBuffer, call: MutationCall,
        idempotency: Idempotency?, headerKey: String?, viewer: Viewer,
        deadline: ContinuousClock.Instant
    ) {
        self.plan = plan
        self.group = group
        self.output = output
        self.call = call
        self.idempotency = idempotency
        self.headerKey = headerKey
        self.viewer = viewer
        self.deadline = deadline
        outputStart = output.count
    }

    /// Why a transaction is undone.
    private enum Undo: Error {
        /// The user errors are in the outcome.
        case refused
        /// The errors are among the executor's, if they are not in here.
        case failed(ArgumentError?)
        /// All went well, and nothing of it is to stay.
        case dryRun
    }

    /// A root field before it runs.
    private struct Request {
        let field: MutationField
        let input: [CoercedField]
        var key: Key?

        struct Key {
            let name: String
            let fingerprint: String
        }
    }

    private var executor: Executor { call.executor }

    // MARK: In series

    /// Each root field is a transaction; after one that fails the others go on.
    /// Source: GraphQL, September 2025, §6.2.2.
    func executeInSeries() {
        var place = 0
        var position = 0
        while place < plan.instructionCount {
            let step = plan[place]
            if step.operation == .mutation {
                executeAlone(place, position)
                position += 1
            } else {
                executor.nameType(frame(group.view), step)
            }
            place = Int(step.end)
        }
    }

    private func executeAlone(_ place: Int, _ position: Int) {
        let mark = output.count
        do throws(Undo) {
            let request = try prepare(place, position)
            if try isKnown(request, group.view) { return try write(place, group.view) }
            do throws(Undo) {
                try group.transaction { transaction throws(Undo) in
                    try perform(request, transaction)
                    if !call.outcome.showsRowsUndone { try write(place, transaction.view) }
                    if call.outcome.isDryRun { throw .dryRun }
                }
            } catch .refused {
                call.outcome.undo()
                if request.key != nil, !call.outcome.isDryRun {
                    try group.transaction { transaction throws(Undo) in
                        try keep(request, transaction)
                    }
                }
                try write(place, group.view)
            } catch .dryRun {
                if call.outcome.showsRowsUndone { try write(place, group.view) }
            }
        } catch .refused {
            call.outcome.undo()
            do throws(Undo) {
                try write(place, group.view)
            } catch {
                settle(error, place, mark)
            }
        } catch {
            settle(error, place, mark)
        }
    }

    /// Writes a field that has come to nothing as null, its error noted.
    private func settle(_ undo: Undo, _ place: Int, _ mark: Int) {
        output.truncate(to: mark)
        let run = frame(group.view)
        if case .failed(let error?) = undo {
            executor.forgetLists(of: plan)
            _ = executor.fail(run, place, error)
        }
        executor.nullPayload(run, place)
    }

    // MARK: Together

    /// All root fields are one transaction: an error of any kind undoes it.
    func executeTogether() {
        let start = output.count
        var failedPlace = -1
        var failedErrors: [UserError] = []
        do throws(Undo) {
            try group.transaction { transaction throws(Undo) in
                var position = 0
                try forEachField { place throws(Undo) in
                    failedPlace = place
                    let errorsBefore = executor.errorCount
                    let request = try prepare(place, position)
                    position += 1
                    guard !call.outcome.isDryRun else {
                        call.note(
                            .invalid, "A dry run cannot be a part of a transaction.",
                            at: ["input", "dryRun"])
                        throw .refused
                    }
                    if try !isKnown(request, transaction.view) {
                        try perform(request, transaction)
                    }
                    if !call.outcome.errors.isEmpty { throw .refused }
                    try write(place, transaction.view)
                    if executor.errorCount > errorsBefore { throw .failed(nil) }
                }
            }
        } catch {
            output.truncate(to: start)
            if case .refused = error { failedErrors = call.outcome.errors }
            writeUndone(failedPlace, failedErrors, error)
        }
    }

    private func forEachField(_ body: (Int) throws(Undo) -> Void) throws(Undo) {
        var place = 0
        while place < plan.instructionCount {
            let step = plan[place]
            if step.operation == .mutation {
                try body(place)
            } else {
                executor.nameType(frame(group.view), step)
            }
            place = Int(step.end)
        }
    }

    /// The answer when nothing was done: the field that failed says why, the others that it did.
    private func writeUndone(_ failedPlace: Int, _ errors: [UserError], _ undo: Undo) {
        var place = 0
        while place < plan.instructionCount {
            let step = plan[place]
            defer { place = Int(step.end) }
            guard step.operation == .mutation else {
                executor.nameType(frame(group.view), step)
                continue
            }
            let mark = output.count
            beginField()
            if place == failedPlace, case .failed = undo {
                settle(undo, place, mark)
                continue
            }
            call.outcome.reset(
                objectCount: plan.mutations[Int(step.operand)].field.objects.count)
            call.outcome.clientMutationID = clientMutationID(place)
            if place == failedPlace {
                call.outcome.errors = errors
            } else {
                call.note(
                    .undone, "Nothing was done, because another field of the transaction failed.",
                    at: [])
            }
            do throws(Undo) {
                try write(place, group.view)
            } catch {
                settle(error, place, mark)
            }
        }
    }

    private func clientMutationID(_ place: Int) -> String? {
        let mutation = plan.mutations[Int(plan[place].operand)]
        guard case .object(let input)? = try? executor.value(of: mutation.input) else { return nil }
        return input.text(at: mutation.field.clientMutationID)
    }

    // MARK: One field

    private func frame(_ view: VersionView) -> Executor.Run {
        Executor.Run(
            plan: plan, output: output,
            view: MeteredView(version: view, meter: executor.meter, guards: executor.guards))
    }

    /// Forgets what was read of an earlier state of the store.
    private func beginField() {
        executor.forgetLists(of: plan)
        executor.guards?.forget()
        beginWork(budget: .max)
    }

    /// - Parameter budget: row visits.
    private func beginWork(budget: Int) {
        executor.meter.begin(
            budget: budget, deadline: deadline, output: output,
            answerBytesMax: call.context.limits.answerBytesMax - (output.count - outputStart))
    }

    /// Gives the input its values.
    private func prepare(_ place: Int, _ position: Int) throws(Undo) -> Request {
        let mutation = plan.mutations[Int(plan[place].operand)]
        let field = mutation.field
        beginField()
        call.begin(
            plan, output, now: group.now, viewer: executor.guards?.viewer ?? viewer,
            objectCount: field.objects.count)
        let value: CoercedValue?
        do throws(ArgumentError) {
            value = try executor.value(of: mutation.input)
        } catch {
            throw .failed(error)
        }
        guard case .object(let input)? = value else {
            throw .failed(ArgumentError("The input is missing."))
        }
        if field.isRule, let guards = executor.guards,
            !guards.mayRun(field.name, input, frame(group.view).view)
        {
            throw .failed(.notOpen(field))
        }
        call.outcome.clientMutationID = input.text(at: field.clientMutationID)
        if let dryRun = field.dryRun { call.outcome.isDryRun = input.flag(at: dryRun) }
        var request = Request(field: field, input: input)
        if let key = input.text(at: field.idempotencyKey) {
            guard Idempotency.accepts(key) else {
                call.note(
                    key.isEmpty ? .required : .tooLong,
                    "A key has 1 to \(Idempotency.keyLengthMax) characters.",
                    at: ["input", "idempotencyKey"])
                throw .refused
            }
            request.key = self.key(key, field, input, position: nil)
        } else if let headerKey {
            request.key = key(headerKey, field, input, position: position)
        }
        return request
    }

    private func key(
        _ key: String, _ field: MutationField, _ input: [CoercedField], position: Int?
    ) -> Request.Key? {
        guard let idempotency else { return nil }
        return Request.Key(
            name: Idempotency.name(key, field, position: position, caller: viewer.scope),
            fingerprint: idempotency.fingerprint(input, field))
    }

    /// Whether the same request was done before; then the outcome is what it did.
    private func isKnown(_ request: Request, _ view: VersionView) throws(Undo) -> Bool {
        guard let key = request.key, let idempotency else { return false }
        switch idempotency.look(
            key.name, key.fingerprint, request.field, view, into: &call.outcome)
        {
        case .no: return false
        case .replay: return true
        case .otherArguments:
            call.note(
                .idempotencyKeyReused,
                "The idempotency key was sent before, with other arguments.",
                at: ["input", "idempotencyKey"])
            throw .refused
        }
    }

    private func perform(_ request: Request, _ transaction: Transaction) throws(Undo) {
        do throws(MutationStop) {
            try request.field.body.run(request.input, call, transaction)
            try requireDemands(request, transaction.view)
            try call.trail.report(request.field.name, call, transaction)
            if request.key != nil, !call.outcome.isDryRun {
                try keepKey(request, transaction)
            }
        } catch {
            if case .refused = error, let rule = call.outcome.errors.compactMap(\.rule).first {
                call.context.counters.countRejection(by: rule)
            }
            throw undo(for: error)
        }
    }

    /// What a rule's `@allow` demands of rows holds of them afterwards too.
    private func requireDemands(_ request: Request, _ view: VersionView) throws(MutationStop) {
        guard request.field.isRule, let guards = executor.guards else { return }
        guards.forget()
        if guards.mayRun(request.field.name, request.input, frame(view).view) { return }
        throw .failed(.notOpen(request.field))
    }

    private func keep(_ request: Request, _ transaction: Transaction) throws(Undo) {
        do throws(MutationStop) {
            try keepKey(request, transaction)
        } catch {
            throw undo(for: error)
        }
    }

    private func keepKey(_ request: Request, _ transaction: Transaction) throws(MutationStop) {
        guard let key = request.key, let idempotency else { return }
        try idempotency.keep(key.name, key.fingerprint, request.field, call, transaction)
    }

    private func undo(for stop: MutationStop) -> Undo {
        switch stop {
        case .refused: .refused
        case .failed(let error): .failed(error)
        case .aborted: .failed(abortion)
        }
    }

    /// Writes the payload; what was done stays only if that succeeds.
    private func write(_ place: Int, _ view: VersionView) throws(Undo) {
        executor.guards?.forget()
        beginWork(budget: max(1, call.context.limits.payloadVisitsMax / plan.mutations.count))
        switch executor.payload(frame(view), place, call.outcome) {
        case .done: return
        case .nullified: throw .failed(nil)
        case .aborted: throw .failed(abortion)
        }
    }

    private var abortion: ArgumentError {
        let limits = call.context.limits
        return switch executor.meter.abortion {
        case .answerTooLarge:
            ArgumentError(
                "The answer is larger than \(limits.answerBytesMax) bytes.",
                hint: "Ask for smaller pages or fewer fields.", code: .answerTooLarge)
        case .tooManyGroups:
            ArgumentError(
                WorkMeter.tooManyGroups(limits), hint: WorkMeter.tooManyGroupsHint,
                code: .answerTooLarge)
        case .overBudget:
            ArgumentError(
                "The answer to the mutation reads more than \(limits.payloadVisitsMax) rows.",
                hint: "Change first, and ask for so much in a query.", code: .answerTooLarge)
        case .timeout, nil:
            ArgumentError(
                "The mutation took longer than \(limits.timeout).",
                hint: "Change less at once.", code: .timeout)
        }
    }
}

extension ArgumentError {
    /// A mutation that the viewer may ask for, but not with such an input.
    fileprivate static func notOpen(_ field: MutationField) -> ArgumentError {
        ArgumentError(
            "\(field.name) is not open to this role with this input.", code: .forbidden)
    }
}
