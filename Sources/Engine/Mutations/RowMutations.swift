import GraphQL
import Store

/// `createX`.
struct CreateBody: MutationBody {
    let table: WritableTable
    let input: InputPlaces

    private static let path = ["input"]

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        let builder = call.builder(table.id)
        try call.fill(
            builder, table, given, input.fields, transaction.view, isNew: true, at: Self.path)
        call.fillAbsences(builder, table, transaction.view, at: Self.path)
        if let id = given.text(at: input.id) {
            call.setID(id, builder, table, transaction.view)
        } else {
            call.setNextID(builder, table, transaction.view)
        }
        call.outcome.rows[0] = try call.insert(
            builder, table, given, input.fields, transaction, at: Self.path)
        call.outcome.isCreated = true
    }
}

/// `updateX`.
struct UpdateBody: MutationBody {
    let table: WritableTable
    let input: InputPlaces

    private static let path = ["input", "set"]

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        let builder = call.builder(table.id)
        let patch = given.object(at: input.set)
        let ref = call.row(
            given.text(at: input.id) ?? "", table, for: .update, transaction.view,
            at: ["input", "id"])
        if let ref {
            call.check(
                version: given.int(at: input.expectedVersion), of: ref, table, transaction.view)
        }
        try call.fill(builder, table, patch, input.fields, transaction.view, at: Self.path)
        guard let ref else { throw .refused }
        try call.update(ref, builder, table, patch, input.fields, transaction, at: Self.path)
        call.outcome.rows[0] = ref
    }
}

/// `upsertXByKey`: changes the row that has the key, or makes it.
struct UpsertBody: MutationBody {
    private let table: WritableTable
    private let input: InputPlaces
    private let key: KeyModel
    /// Beside each column of the key its place in the input, and the table's field.
    private let arguments: [Int]
    private let fields: [Int]

    private static let path = ["input", "set"]

    init(table: WritableTable, input: InputPlaces, key: KeyModel, _ type: NamedType) {
        self.table = table
        self.input = input
        self.key = key
        arguments = key.arguments.map { type.index(of: $0) ?? -1 }
        fields = key.columns.map { table.field(of: $0) ?? -1 }
    }

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        let view = transaction.view
        if let role = call.executor.guards?.role,
            fields.contains(where: {
                $0 >= 0 && role[table.id].isUnasked(table.fields[$0].name)
            })
        {
            throw .failed(
                ArgumentError("The key is not open to this role.", code: .forbidden))
        }
        let patch = given.object(at: input.set)
        let values = arguments.map { given.value(at: $0) ?? .null }
        let lookUp = KeyLookUp(
            context: call.context, view: call.metered(view))
        let found = lookUp.row(key, table.id, values)
        if let found, !call.isOpen(table.id, found, for: .update, view) {
            throw .failed(
                ArgumentError(
                    "The row with this key is not open to this role.", code: .forbidden))
        }
        if let found {
            call.check(version: given.int(at: input.expectedVersion), of: found, table, view)
        } else if given.int(at: input.expectedVersion) != nil {
            call.note(
                .conflict, "There is no such row, of whatever version.",
                at: ["input", "expectedVersion"])
        }
        let builder = call.builder(table.id)
        try call.fill(
            builder, table, patch, input.fields, view, isNew: found == nil, at: Self.path)
        for place in fields where call.isGiven[place] {
            let name = table.fields[place].name
            call.note(
                .invalid, "\(name) belongs to the key; it stands beside set.",
                at: Self.path + [name])
        }
        if let found {
            try call.update(found, builder, table, patch, input.fields, transaction, at: Self.path)
            call.outcome.rows[0] = found
            return
        }
        for (place, value) in zip(fields, values) {
            call.set(table.fields[place], value, builder, view, at: ["input"])
            call.markGiven(place)
        }
        call.fillAbsences(builder, table, view, at: Self.path)
        call.setNextID(builder, table, view)
        call.outcome.rows[0] = try call.insert(
            builder, table, patch, input.fields, transaction, at: Self.path)
        call.outcome.isCreated = true
    }
}

/// `deleteX`.
struct DeleteBody: MutationBody {
    let table: WritableTable
    let input: InputPlaces

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        let view = transaction.view
        let id = given.text(at: input.id) ?? ""
        guard let ref = call.row(id, table, for: .delete, view, at: ["input", "id"]) else {
            throw .refused
        }
        call.check(version: given.int(at: input.expectedVersion), of: ref, table, view)
        try call.throwIfRefused()
        call.trail.note(table.id, ref, view, isNew: false)
        do throws(StoreError) {
            try call.delete(table.id, ref, transaction)
        } catch {
            try call.note(error, table, transaction.view, at: ["input", "id"])
            throw .refused
        }
        call.outcome.deletedID = id
    }
}

extension MutationCall {
    /// Adds a row, unless something is wrong with it; then all of that is noted.
    func insert(
        _ builder: RowBuilder, _ table: WritableTable, _ given: [CoercedField], _ places: [Int],
        _ transaction: Transaction, at path: [String]
    ) throws(MutationStop) -> RowRef {
        var refusal: StoreError?
        var added: RowRef?
        if outcome.errors.isEmpty {
            do throws(StoreError) {
                let ref = try transaction.insert(table.id, builder)
                trail.note(table.id, ref, transaction.view, isNew: true)
                added = ref
            } catch {
                refusal = error
            }
        }
        if let added {
            try requireOpen(table.id, [added], for: .create, transaction.view)
            return added
        }
        try noteAll(refusal, table, given, places, own: nil, transaction.view, at: path)
        throw .refused
    }

    /// Changes a row, unless something is wrong with that; then all of it is noted.
    func update(
        _ ref: RowRef, _ builder: RowBuilder, _ table: WritableTable, _ given: [CoercedField],
        _ places: [Int], _ transaction: Transaction, at path: [String]
    ) throws(MutationStop) {
        var refusal: StoreError?
        var isDone = false
        if outcome.errors.isEmpty {
            trail.note(table.id, ref, transaction.view, isNew: false)
            do throws(StoreError) {
                try transaction.update(table.id, ref, changes: builder, raisesVersion: true)
                isDone = true
            } catch {
                refusal = error
            }
        }
        if isDone { return try requireOpen(table.id, [ref], for: .update, transaction.view) }
        try noteAll(refusal, table, given, places, own: ref, transaction.view, at: path)
        throw .refused
    }

    /// Notes what the store has against a row, and every key that is taken: the store stops at the
    /// first.
    private func noteAll(
        _ refusal: StoreError?, _ table: WritableTable, _ given: [CoercedField], _ places: [Int],
        own: RowRef?, _ view: VersionView, at path: [String]
    ) throws(MutationStop) {
        noteDuplicates(table, given, places, own: own, view, at: path)
        guard let refusal else { return }
        if case .duplicate = refusal, !outcome.errors.isEmpty { return }
        try note(refusal, table, view, at: path)
    }
}
