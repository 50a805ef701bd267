import Store

/// One mutation that `@table(write:)` generates.
public struct MutationModel: Sendable {
    public enum Kind: Sendable, Equatable {
        case create, update, delete
        /// By one of the table's keys, counted as in ``TableModel/keys``.
        case upsert(key: Int)
        /// Of all rows that a filter finds.
        case updateMany, deleteMany
    }

    /// The field of `Mutation`: `createMember`.
    public let name: String
    public let table: TableID
    public let kind: Kind
    /// The type of its argument `input`.
    public let input: String
    public let payload: String

    /// What a table's `write` asks for.
    static func all(of table: TableModel) -> [MutationModel] {
        let names = MutationNames(
            type: table.name, singular: table.singular, plural: table.plural,
            lookUps: table.keys.map(\.queryField))
        // A patch without a field cannot be written down.
        let isUpdated = table.write.contains(.update) && table.fields.contains(where: \.isWritable)
        var kinds: [Kind] = []
        if table.write.contains(.create) { kinds.append(.create) }
        if isUpdated { kinds.append(.update) }
        if isUpdated && table.write.contains(.create) {
            // A key that holds among part of the rows does not say which row is meant.
            kinds += table.keys.indices.filter { table.keys[$0].conditions.isEmpty }
                .map { .upsert(key: $0) }
        }
        if table.write.contains(.delete) { kinds.append(.delete) }
        if isUpdated { kinds.append(.updateMany) }
        if table.write.contains(.delete) { kinds.append(.deleteMany) }
        return kinds.map { kind in
            MutationModel(
                name: names.field(kind), table: table.id, kind: kind, input: names.input(kind),
                payload: names.payload(kind))
        }
    }
}

extension FieldModel {
    /// Whether clients give it: a stored field of the table's own, a relation by its id.
    var isWritable: Bool {
        switch kind {
        case .column(let column, _): column >= TableDefinition.systemColumns.count && !isKept
        case .referenceID: !isKept
        case .id, .toOne, .toMany, .computed: false
        }
    }
}

/// The names of a table's mutations and their types.
struct MutationNames {
    let type: String
    let singular: String
    let plural: String
    /// The fields of Query that look a row up by a key.
    let lookUps: [String]

    func field(_ kind: MutationModel.Kind) -> String { verb(kind) + subject(kind) }
    func input(_ kind: MutationModel.Kind) -> String {
        Naming.upperCamel(field(kind)) + "Input"
    }

    /// An upsert answers as a creation does, by whatever key: every type is loaded by each client
    /// that looks at the schema.
    func payload(_ kind: MutationModel.Kind) -> String {
        if case .upsert = kind { return payload(.create) }
        return Naming.upperCamel(field(kind)) + "Payload"
    }

    private func verb(_ kind: MutationModel.Kind) -> String {
        switch kind {
        case .create: "create"
        case .update, .updateMany: "update"
        case .delete, .deleteMany: "delete"
        case .upsert: "upsert"
        }
    }

    private func subject(_ kind: MutationModel.Kind) -> String {
        switch kind {
        case .create, .update, .delete: type
        case .upsert(let key): type + lookUps[key].dropFirst(singular.count)
        case .updateMany, .deleteMany: Naming.upperCamel(plural)
        }
    }

    /// All kinds that the table may ever have.
    var kinds: [MutationModel.Kind] {
        [.create, .update, .delete, .updateMany, .deleteMany]
            + lookUps.indices.map { .upsert(key: $0) }
    }
}
