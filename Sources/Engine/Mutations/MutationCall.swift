import Bytes
import GraphQL
import Store

/// One mutation while it runs: what bodies share, kept by the session from one to the next.
final class MutationCall {
    let context: EngineContext
    let executor: Executor
    var outcome = MutationOutcome()
    /// Milliseconds since 1970-01-01T00:00:00Z.
    private(set) var now: Int64 = 0
    /// Who asks.
    private(set) var viewer = Viewer.unrestricted
    /// What the trail of changes calls the request; nil when nobody has asked.
    var requestID: String?
    let trail: ChangeTrail
    /// Which fields of the table at hand have a value or an error already.
    private(set) var isGiven: [Bool] = []
    private var builders: [TableID: RowBuilder] = [:]
    let scratch = ByteBuffer(capacity: 256)
    /// The id that is being made.
    let idBytes = ByteBuffer(capacity: 128)
    /// The plan at work, for the rows that a filter finds.
    private var plan: Plan?
    private var output: ByteBuffer?

    init(context: EngineContext, executor: Executor) {
        self.context = context
        self.executor = executor
        trail = ChangeTrail(context)
    }

    func begin(
        _ plan: Plan, _ output: ByteBuffer, now: Int64, viewer: Viewer, objectCount: Int
    ) {
        begin(now: now, viewer: viewer, objectCount: objectCount)
        self.plan = plan
        self.output = output
    }

    /// Begins work that nobody has asked for.
    func begin(now: Int64, viewer: Viewer, objectCount: Int) {
        self.now = now
        self.viewer = viewer
        executor.now = now
        trail.begin()
        outcome.reset(objectCount: objectCount)
    }

    /// A builder without values, the same for each call.
    func builder(_ table: TableID) -> RowBuilder {
        if let builder = builders[table] {
            builder.reset()
            return builder
        }
        let builder = context.store.makeRowBuilder(table)
        builders[table] = builder
        return builder
    }

    func note(_ code: ErrorCode, _ message: String, at path: [String]) {
        outcome.errors.append(UserError(code: code, message: message, path: path))
    }

    func throwIfRefused() throws(MutationStop) {
        if !outcome.errors.isEmpty { throw .refused }
    }

    // MARK: Rows

    /// The row that an id means; notes an error when there is none.
    ///
    /// One that is not open to the viewer for the operation is like one that is not there.
    func row(
        _ id: String, _ table: WritableTable, for operation: AccessOperation, _ view: VersionView,
        at path: [String]
    ) -> RowRef? {
        if let ref = context.row(id: id, in: table.id, view),
            isOpen(table.id, ref, for: operation, view)
        {
            return ref
        }
        noteUnknown(id, table.id, at: path)
        return nil
    }

    /// Whether the viewer may do this with a row.
    func isOpen(
        _ table: TableID, _ ref: RowRef, for operation: AccessOperation, _ view: VersionView
    ) -> Bool {
        executor.guards?.allows(table, ref, for: operation, metered(view)) ?? true
    }

    /// A view for what the viewer wants to know.
    func metered(_ view: VersionView) -> MeteredView {
        MeteredView(version: view, meter: meter, guards: executor.guards)
    }

    /// Refuses changes that have left rows where the viewer may not put them.
    func requireOpen(
        _ table: TableID, _ refs: [RowRef], for operation: AccessOperation, _ view: VersionView
    ) throws(MutationStop) {
        guard let guards = executor.guards else { return }
        // The rules are asked of the rows as they are now.
        guards.forget()
        let view = metered(view)
        if refs.allSatisfy({ guards.allows(table, $0, for: operation, view) }) { return }
        throw .failed(
            ArgumentError(
                "Such a row of \(context.model[table].plural) is not open to this role.",
                code: .forbidden))
    }

    func noteUnknown(_ id: String, _ table: TableID, at path: [String]) {
        note(
            .notFound, "No row of \(context.model[table].plural) has the id \(shown(id)).",
            at: path)
    }

    /// Notes an error when a row has another version than the client takes it to have.
    func check(version: Int64?, of ref: RowRef, _ table: WritableTable, _ view: VersionView) {
        guard let version else { return }
        let column = context.layouts.column(table.id, TableDefinition.versionColumn)
        let actual = view.table(table.id).row(ref).int32(column)
        if Int64(actual) != version {
            note(
                .conflict, "The row has version \(actual), not \(version).",
                at: ["input", "expectedVersion"])
        }
    }

    /// The rows that a condition finds, in the order of their creation.
    func rows(of table: TableID, where condition: Condition, _ view: VersionView)
        throws(MutationStop) -> [RowRef]
    {
        guard let plan, let output else { return [] }
        let run = Executor.Run(
            plan: plan, output: output, view: metered(view))
        guard let found = executor.rows(run, of: table, where: condition) else { throw .aborted }
        return found
    }

    var meter: WorkMeter { executor.meter }

    // MARK: Fields

    /// Sets what an input gives and notes everything that is wrong with it.
    ///
    /// - Parameters:
    ///   - places: for each field of the input the table's field, or −1.
    ///   - path: of the input.
    /// - Parameter isNew: whether the row is a new one: of that, sensitive fields may be set by
    ///   whoever may not see them.
    /// - Throws: when a field is not the viewer's to set.
    func fill(
        _ builder: RowBuilder, _ table: WritableTable, _ given: [CoercedField], _ places: [Int],
        _ view: VersionView, isNew: Bool = false, at path: [String]
    ) throws(MutationStop) {
        try requireSettable(table, given, places, isNew: isNew)
        isGiven.removeAll(keepingCapacity: true)
        for _ in table.fields { isGiven.append(false) }
        for part in given {
            let place = places[part.index]
            guard place >= 0 else { continue }
            isGiven[place] = true
            set(table.fields[place], part.value, builder, view, at: path)
        }
    }

    private func requireSettable(
        _ table: WritableTable, _ given: [CoercedField], _ places: [Int], isNew: Bool
    ) throws(MutationStop) {
        guard let access = executor.guards?.role[table.id] else { return }
        let closed = isNew ? access.closed : access.masked
        if closed.isEmpty { return }
        for part in given where places[part.index] >= 0 {
            let name = table.fields[places[part.index]].name
            if !closed.contains(name) { continue }
            throw .failed(
                ArgumentError("\(name) is not open to this role.", code: .forbidden))
        }
    }

    /// Gives a new row what its input does not.
    func fillAbsences(
        _ builder: RowBuilder, _ table: WritableTable, _ view: VersionView, at path: [String]
    ) {
        for place in table.absences where !isGiven[place] {
            let field = table.fields[place]
            switch field.defaultValue {
            case .now: builder.set(field.column, int: now)
            case .constant(let value): set(field, value, builder, view, at: path)
            case nil: note(.required, "\(field.name) is missing.", at: path + [field.name])
            }
        }
        fillDefaults(table.keptDefaults, builder)
    }

    /// Gives a new row the defaults of columns that were not set.
    func fillDefaults(_ defaults: [WritableTable.Default], _ builder: RowBuilder) {
        for absent in defaults where !builder.isSet(absent.column) {
            switch absent.value {
            case .now: builder.set(absent.column, int: now)
            case .constant(let value):
                do {
                    try context.valueWriter.set(
                        absent.column, of: builder, to: value, absent.type, scratch: scratch
                    ) { _, _ in nil }
                } catch {
                    preconditionFailure("a default was accepted that does not fit: \(error)")
                }
            }
        }
    }

    /// Says that a field has its value by other means than the input.
    func markGiven(_ place: Int) { isGiven[place] = true }

    func set(
        _ field: WritableTable.Field, _ value: CoercedValue, _ builder: RowBuilder,
        _ view: VersionView, at path: [String]
    ) {
        if value == .null {
            guard field.isNullable else {
                return note(.required, "\(field.name) cannot be null.", at: path + [field.name])
            }
            return builder.setNull(field.column)
        }
        if let fault = field.constraint?.fault(in: value) {
            let isLong = field.constraint?.isTooLong(value) ?? false
            return note(
                isLong ? .tooLong : .invalid, "\(field.name) accepts \(fault).",
                at: path + [field.name])
        }
        switch field.content {
        case .reference(let target):
            guard case .string(let id) = value else { return }
            guard let ref = context.row(id: id, in: target, view),
                isOpen(target, ref, for: .read, view)
            else {
                return noteUnknown(id, target, at: path + [field.name])
            }
            builder.set(field.column, reference: ref)
        case .stored(let type):
            do {
                try context.valueWriter.set(
                    field.column, of: builder, to: value, type, scratch: scratch
                ) { target, id in
                    context.row(id: id, in: target, view).flatMap {
                        isOpen(target, $0, for: .read, view) ? $0 : nil
                    }
                }
            } catch {
                note(error, in: field, at: path)
            }
        }
    }

    private func note(_ error: ValueError, in field: WritableTable.Field, at path: [String]) {
        let steps = error.path.map { step in
            switch step {
            case .field(let name): name
            case .index(let index): String(index)
            }
        }
        let code: ErrorCode =
            switch error.fault {
            case .unknownRow: .notFound
            case .missing: .required
            case .tooLong: .tooLong
            case .json, .expected, .unknownField, .duplicateField, .constraint: .invalid
            }
        note(code, "\(field.name) is not accepted: \(error).", at: path + [field.name] + steps)
    }

    // MARK: What the store refuses

    /// Notes why the store refused a change of a row.
    /// - Parameter path: of the fields.
    func note(
        _ error: StoreError, _ table: WritableTable, _ view: VersionView, at path: [String]
    ) throws(MutationStop) {
        switch error {
        case .duplicate(_, let index, _):
            guard let key = table.model.keys.first(where: { $0.index == index }) else {
                note(.duplicate, "Another row has the same id.", at: ["input", "id"])
                return
            }
            noteDuplicate(key, table, at: path)
        case .missingReference(_, let column), .nullInRequired(_, let column):
            note(.required, "A value is missing.", at: path + name(of: column, table))
        case .outOfRange(_, let column):
            note(.tooLong, "The value is too long.", at: path + name(of: column, table))
        case .referenced(let by, let column, let ref):
            let referrer = context.model[by]
            let field = context.model.columnName(by, column)
            // Which one is said to those who may see it.
            let isShown = isOpen(by, ref, for: .read, view)
            note(
                .referenced,
                "Rows of \(referrer.plural) refer to it by \(field)"
                    + (isShown ? ": \(publicID(ref, by, view))." : "."), at: path)
        case .notFound:
            note(.notFound, "The row is gone.", at: path)
        case .appendOnly:
            note(.invalid, "Rows of \(table.model.plural) are never changed.", at: ["input"])
        case .tooManyRows, .pageFull, .notEmpty, .creationOutOfOrder:
            throw .failed(
                ArgumentError(
                    "\(table.model.plural) can hold no more rows.", code: .storageFull))
        }
    }

    private func name(of column: ColumnID, _ table: WritableTable) -> [String] {
        table.field(of: column).map { [table.fields[$0].name] } ?? []
    }

    func noteDuplicate(_ key: KeyModel, _ table: WritableTable, at path: [String]) {
        let first = (key.columns + key.conditions.map(\.column))
            .compactMap { table.field(of: $0) }
            .first { isGiven.indices.contains($0) && isGiven[$0] }
        let some = key.conditionText.map { ", and \($0)" } ?? ""
        note(
            .duplicate,
            "Another row of \(table.model.plural) has the same "
                + "\(phrase(key.arguments, "and"))\(some).",
            at: path + (first.map { [table.fields[$0].name] } ?? []))
    }

    /// Notes every key of the table that another row has already.
    ///
    /// - Parameters:
    ///   - given: the input's fields, with their places as in `fill`.
    ///   - own: the row that is changed; nil for a new one.
    func noteDuplicates(
        _ table: WritableTable, _ given: [CoercedField], _ places: [Int], own: RowRef?,
        _ view: VersionView, at path: [String]
    ) {
        for key in table.model.keys {
            var values: [CoercedValue] = []
            var isTouched = own == nil
            for column in key.columns {
                guard let place = table.field(of: column) else { break }
                let input = given.first { places[$0.index] == place }
                if input != nil { isTouched = true }
                let value = input?.value ?? self.value(of: table.fields[place], own, table, view)
                guard let value, value != .null else { break }
                values.append(value)
            }
            for condition in key.conditions {
                let place = table.field(of: condition.column)
                if given.contains(where: { places[$0.index] == place }) { isTouched = true }
            }
            guard isTouched, values.count == key.columns.count,
                key.conditions.allSatisfy({ holds($0, table, given, places, own: own, view) })
            else { continue }
            let lookUp = KeyLookUp(context: context, view: metered(view))
            if let found = lookUp.row(key, table.id, values), found != own {
                noteDuplicate(key, table, at: path)
            }
        }
    }

    /// Whether the row, as the input leaves it, is one that a condition of a key lets in. False
    /// for a column that no input sets.
    private func holds(
        _ condition: IndexCondition, _ table: WritableTable, _ given: [CoercedField],
        _ places: [Int], own: RowRef?, _ view: VersionView
    ) -> Bool {
        guard let place = table.field(of: condition.column) else { return false }
        let field = table.fields[place]
        let isNull: Bool
        var value: CoercedValue?
        if let input = given.first(where: { places[$0.index] == place }) {
            value = input.value
            isNull = input.value == .null
        } else {
            value = self.value(of: field, own, table, view)
            isNull =
                own.map {
                    view.table(table.id).row($0)
                        .isNull(context.layouts.column(table.id, condition.column))
                } ?? (field.defaultValue == nil)
        }
        func isOne(of numbers: [Int]) -> Bool {
            switch value {
            case .enumValue(let place): numbers.contains(place)
            case .boolean(let flag): numbers.contains(flag ? 1 : 0)
            default: false
            }
        }
        return switch condition.test {
        case .isNull: isNull
        case .isSet: !isNull
        case .among(let numbers): !isNull && isOne(of: numbers)
        case .notAmong(let numbers): isNull || !isOne(of: numbers)
        }
    }

    /// What a field holds without an input: the row's value, or the default of a new one.
    private func value(
        of field: WritableTable.Field, _ own: RowRef?, _ table: WritableTable, _ view: VersionView
    ) -> CoercedValue? {
        guard let own else {
            if case .constant(let value)? = field.defaultValue { return value }
            return nil
        }
        let row = view.table(table.id).row(own)
        let column = context.layouts.column(table.id, field.column)
        if row.isNull(column) { return nil }
        switch field.content {
        case .reference(let target): return .string(publicID(row.reference(column), target, view))
        case .stored(.enum): return .enumValue(Int(row.integer(column)))
        case .stored(.scalar(.boolean)): return .boolean(row.bool(column))
        case .stored(.scalar(.float)): return .float(row.double(column))
        case .stored(.scalar(let scalar)) where scalar.isText:
            return unsafe .string(String(decoding: row.bytes(column), as: UTF8.self))
        case .stored(.scalar): return .int(row.integer(column))
        case .stored: return nil
        }
    }

    func publicID(_ ref: RowRef, _ table: TableID, _ view: VersionView) -> String {
        context.publicID(ref, table, view)
    }
}

extension ConstraintModel {
    /// Whether a value is refused because it is too long.
    func isTooLong(_ value: CoercedValue) -> Bool {
        guard case .string(let text) = value, let maxLength else { return false }
        return text.unicodeScalars.count > maxLength
    }
}

/// What a client sent, as a message repeats it.
func shown(_ text: String) -> String {
    let scalarsMax = 100
    let scalars = text.unicodeScalars
    guard scalars.count > scalarsMax else { return quoted(text) }
    return quoted(String(String.UnicodeScalarView(scalars.prefix(scalarsMax))) + "…")
}
