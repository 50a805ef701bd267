import Bytes
import GraphQL
import Store

/// A mutation of the domain while it runs.
public final class RuleCall {
    let mutation: MutationCall
    private let transaction: Transaction
    private let input: [CoercedField]
    private let rule: String
    /// Whether a client waits, so that walks over rows end at its deadline.
    private let hasDeadline: Bool

    init(
        _ mutation: MutationCall, _ transaction: Transaction, input: [CoercedField],
        rule: String, hasDeadline: Bool = false
    ) {
        self.hasDeadline = hasDeadline
        self.mutation = mutation
        self.transaction = transaction
        self.input = input
        self.rule = rule
    }

    private var context: EngineContext { mutation.context }

    /// One for the whole operation. Milliseconds since 1970-01-01T00:00:00Z.
    public var now: Int64 { mutation.now }
    /// Who asks.
    public var viewer: Viewer { mutation.viewer }
    /// What the trail of changes calls who asks.
    public var caller: String { mutation.viewer.name }
    /// What the trail of changes calls the request; nil when there is none.
    public var requestID: String? { mutation.requestID }
    /// Whether all changes will be undone once the payload has told of them.
    public var isDryRun: Bool { mutation.outcome.isDryRun }

    /// The data as it is now, the changes so far included; to be taken anew after each of them.
    public var data: DataView {
        DataView(
            version: transaction.view, now: now, context: context,
            guards: mutation.executor.guards, meter: hasDeadline ? mutation.meter : nil)
    }

    // MARK: Input

    /// A field of the input.
    public subscript<Value: RuleInput>(_ field: InputField<Value>) -> Value {
        field.read(input, context.model.schema)
    }

    /// Whether the input has the field at all, be it as null.
    public func isGiven<Value>(_ field: InputField<Value>) -> Bool {
        input.value(at: field.place) != nil
    }

    /// The row that an id of the input means; one that the viewer may not see is like one that is
    /// not there.
    /// - Throws: with `NOT_FOUND` noted.
    public func row(_ id: String, in table: RuleTable, at path: String...) throws(MutationStop)
        -> RowRef
    {
        if let ref = context.row(id: id, in: table.id, transaction.view),
            mutation.isOpen(table.id, ref, for: .read, transaction.view)
        {
            return ref
        }
        mutation.noteUnknown(id, table.id, at: ["input"] + path)
        throw .refused
    }

    // MARK: Access

    /// Whether the viewer may see a row, as it was before this mutation changed anything about whom
    /// it belongs to.
    public func isOpen(_ table: RuleTable, _ ref: RowRef) -> Bool {
        mutation.isOpen(table.id, ref, for: .read, transaction.view)
    }

    /// Whether the viewer may see only some of a table's rows.
    public func isGuarded(_ table: RuleTable) -> Bool {
        mutation.executor.guards?.role[table.id].isGuarded(for: .read) ?? false
    }

    /// Refuses a change that has left a row where the viewer may not see it.
    /// - Throws: with the answer `FORBIDDEN`.
    public func requireOpen(_ table: RuleTable, _ ref: RowRef) throws(MutationStop) {
        try mutation.requireOpen(table.id, [ref], for: .read, transaction.view)
    }

    /// Refuses an input that sets a field which is not the viewer's to see.
    /// - Throws: with the answer `FORBIDDEN`.
    public func requireSettable(_ name: String, of table: RuleTable) throws(MutationStop) {
        guard let role = mutation.executor.guards?.role, role[table.id].masked.contains(name)
        else { return }
        throw forbid("\(name) is not open to this role.")
    }

    /// What the viewer's role may not do; to be thrown.
    public func forbid(_ message: String) -> MutationStop {
        .failed(ArgumentError(message, code: .forbidden))
    }

    // MARK: Refusals

    /// Notes why the mutation is refused; to be thrown.
    /// - Parameter path: of the value that is wrong, within the input.
    public func refuse(_ code: ErrorCode, _ message: String, at path: String...) -> MutationStop {
        note(code, message, path)
        return .refused
    }

    /// Notes something that is wrong, to be thrown together with other such things.
    public func note(_ code: ErrorCode, _ message: String, at path: String...) {
        note(code, message, path)
    }

    /// As above, with a path that was put together.
    public func note(_ code: ErrorCode, _ message: String, path: [String]) {
        note(code, message, path)
    }

    public func throwIfRefused() throws(MutationStop) { try mutation.throwIfRefused() }

    private func note(_ code: ErrorCode, _ message: String, _ path: [String]) {
        mutation.outcome.errors.append(
            UserError(code: code, message: message, path: ["input"] + path, rule: rule))
    }

    // MARK: Changes

    /// Adds a row, with the next id of its table and the defaults of what is not set.
    @discardableResult
    public func insert(_ table: RuleTable, _ set: (RowBuilder) -> Void) throws(MutationStop)
        -> RowRef
    {
        let builder = mutation.builder(table.id)
        set(builder)
        mutation.fillDefaults(table.defaults, builder)
        if !builder.isSet(TableDefinition.idColumn) {
            mutation.setNextID(builder, table.writable, transaction.view)
        }
        do throws(StoreError) {
            return try transaction.insert(table.id, builder)
        } catch {
            try mutation.note(error, table.writable, transaction.view, at: ["input"])
            throw .refused
        }
    }

    /// Changes what is set.
    ///
    /// - Parameter isPatch: whether the change is one that clients see as a new version of the row.
    /// - Returns: whether anything is different.
    @discardableResult
    public func update(
        _ table: RuleTable, _ ref: RowRef, isPatch: Bool = false, _ set: (RowBuilder) -> Void
    ) throws(MutationStop) -> Bool {
        let builder = mutation.builder(table.id)
        set(builder)
        do throws(StoreError) {
            return try transaction.update(
                table.id, ref, changes: builder, raisesVersion: isPatch)
        } catch {
            try mutation.note(error, table.writable, transaction.view, at: ["input"])
            throw .refused
        }
    }

    public func delete(_ table: RuleTable, _ ref: RowRef) throws(MutationStop) {
        do throws(StoreError) {
            try mutation.delete(table.id, ref, transaction)
        } catch {
            try mutation.note(error, table.writable, transaction.view, at: ["input"])
            throw .refused
        }
    }

    /// Counts rows that are looked at; to be called in loops over many rows.
    /// - Throws: when the mutation has taken too long.
    public func visit(_ rowCount: Int) throws(MutationStop) {
        guard mutation.meter.visit(rowCount) else { throw .aborted }
    }

    // MARK: What others learn of it

    /// Says that the mutation is about a row: before that is changed, or right after it was added.
    public func audit(_ table: RuleTable, _ ref: RowRef) {
        mutation.trail.note(table.id, ref, transaction.view, isNew: false)
    }

    /// As ``audit(_:_:)``, for a row that this mutation has added.
    public func auditNew(_ table: RuleTable, _ ref: RowRef) {
        mutation.trail.note(table.id, ref, transaction.view, isNew: true)
    }

    /// What the payload shows.
    public func answer(_ shape: ResultShape, _ values: RuleValue...) {
        mutation.outcome.payload = shape.object(values)
    }
}
