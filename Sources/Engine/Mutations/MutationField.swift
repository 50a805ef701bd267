import GraphQL
import Store

/// What a mutation does: those that `@table(write:)` generates, and the domain's rules.
///
/// A body reads its input, changes rows in the transaction it is given, and leaves what the payload
/// shows in the call's outcome. It may note any number of user errors; after any of them it must
/// throw, and whatever it has changed is undone.
protocol MutationBody: Sendable {
    /// - Parameter input: the present fields of the input object.
    func run(_ input: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
}

/// Why a mutation did nothing. Its transaction is undone.
public enum MutationStop: Error {
    /// The user errors are in the outcome.
    case refused
    /// The field is null, and the answer has this error.
    case failed(ArgumentError)
    /// The work became too much; see `WorkMeter.abortion`.
    case aborted
}

/// A field of Mutation, bound to the model.
final class MutationField: Sendable {
    /// A field of the payload that shows a row; `nameEdge` shows its edge.
    struct Object: Sendable {
        let name: String
        let table: TableID
    }

    let name: String
    let body: any MutationBody
    let objects: [Object]
    /// The table of the rows in the payload's connection.
    let listTable: TableID
    let inputType: TypeID
    /// What a viewer must be allowed to do with the rows of that table; nothing for a rule.
    let operations: [AccessOperation]
    /// Whether a domain rule does it, and says what the payload shows.
    let isRule: Bool
    let payload: TypeReference
    /// Places in the input type.
    let clientMutationID: Int
    let idempotencyKey: Int
    let dryRun: Int?

    init(
        name: String, body: any MutationBody, objects: [Object], listTable: TableID,
        inputType: TypeID, schema: Schema, operations: [AccessOperation] = [],
        isRule: Bool = false
    ) {
        self.name = name
        self.body = body
        self.objects = objects
        self.listTable = listTable
        self.inputType = inputType
        self.operations = operations
        self.isRule = isRule
        let root = schema.mutationType.map { schema[$0] }
        payload = root?.field(name)?.type ?? TypeReference(named: schema.queryType)
        let input = schema[inputType]
        guard let id = input.index(of: "clientMutationId"),
            let key = input.index(of: "idempotencyKey")
        else { preconditionFailure("every input of a mutation has these fields") }
        clientMutationID = id
        idempotencyKey = key
        dryRun = input.index(of: "dryRun")
    }

    /// All mutations of a model, by the name of their field.
    static func all(of model: Model, _ rules: BoundRules) -> [String: MutationField] {
        var tables: [TableID: WritableTable] = [:]
        var fields: [String: MutationField] = [:]
        for mutation in model.mutations {
            let table = tables[mutation.table] ?? WritableTable(model[mutation.table], model)
            tables[mutation.table] = table
            guard let type = model.schema.type(named: mutation.input) else { continue }
            fields[mutation.name] = MutationField(
                name: mutation.name, body: body(mutation, table, type, model.schema),
                objects: [Object(name: table.model.singular, table: mutation.table)],
                listTable: mutation.table, inputType: type, schema: model.schema,
                operations: mutation.kind.operations)
        }
        for (name, rule) in rules.mutations {
            guard let root = model.schema.mutationType,
                let field = model.schema[root].field(name)
            else { continue }
            fields[name] = MutationField(
                name: name,
                body: RuleBody(
                    rule: rule, constraints: InputConstraints(model),
                    input: field.arguments[0].type.named), objects: [], listTable: TableID(0),
                inputType: field.arguments[0].type.named, schema: model.schema, isRule: true)
        }
        return fields
    }

    private static func body(
        _ mutation: MutationModel, _ table: WritableTable, _ type: TypeID, _ schema: Schema
    ) -> any MutationBody {
        let input = InputPlaces(schema[type], mutation.kind, schema, table)
        return switch mutation.kind {
        case .create: CreateBody(table: table, input: input)
        case .update: UpdateBody(table: table, input: input)
        case .delete: DeleteBody(table: table, input: input)
        case .upsert(let key):
            UpsertBody(table: table, input: input, key: table.model.keys[key], schema[type])
        case .updateMany: UpdateManyBody(table: table, input: input)
        case .deleteMany: DeleteManyBody(table: table, input: input)
        }
    }
}

extension MutationModel.Kind {
    /// What a viewer must be allowed to do.
    fileprivate var operations: [AccessOperation] {
        switch self {
        case .create: [.create]
        case .update, .updateMany: [.update]
        case .delete, .deleteMany: [.delete]
        case .upsert: [.create, .update]
        }
    }
}

/// Where the parts of an input object lie in its type; −1 where it has none.
struct InputPlaces: Sendable {
    let id: Int
    let expectedVersion: Int
    let set: Int
    let filter: Int
    let filterType: TypeID
    let expectedCount: Int
    let allowAll: Int
    /// For each field of the input, or of the patch that is its `set`, the table's field.
    let fields: [Int]

    init(
        _ input: NamedType, _ kind: MutationModel.Kind, _ schema: Schema, _ table: WritableTable
    ) {
        func place(_ name: String) -> Int {
            // In the input of a new row, all other names are those of the table's own fields.
            if kind == .create && name != "id" { return -1 }
            return input.index(of: name) ?? -1
        }
        id = place("id")
        expectedVersion = place("expectedVersion")
        set = place("set")
        filter = place("filter")
        filterType = filter < 0 ? schema.queryType : input.inputFields[filter].type.named
        expectedCount = place("expectedCount")
        allowAll = place("allowAll")
        let patch = set < 0 ? input : schema[input.inputFields[set].type]
        fields = patch.inputFields.map { field in
            table.fields.firstIndex { $0.name == field.name } ?? -1
        }
    }
}

extension [CoercedField] {
    /// The value of the field at a place of its type; nil when it is absent.
    func value(at place: Int) -> CoercedValue? {
        for field in self where field.index == place { return field.value }
        return nil
    }

    /// As above, without nulls.
    func int(at place: Int) -> Int64? {
        guard case .int(let number)? = value(at: place) else { return nil }
        return number
    }

    func text(at place: Int) -> String? {
        guard case .string(let text)? = value(at: place) else { return nil }
        return text
    }

    func flag(at place: Int) -> Bool { value(at: place) == .boolean(true) }

    func object(at place: Int) -> [CoercedField] {
        guard case .object(let fields)? = value(at: place) else { return [] }
        return fields
    }
}
