import Bytes
import GraphQL
import Store

/// Mutation and what belongs to it. Nothing of this is printed when no table is opened to writing.
extension GeneratedSchema {
    static let transactionDirective = """
        "Makes all fields of a mutation one transaction."
        directive @transaction on MUTATION

        """

    var hasMutations: Bool { !mutations.isEmpty || !declared.mutations.isEmpty }

    mutating func mutation() {
        guard hasMutations else { return }
        bindings["Mutation"] = .mutation
        define(
            "type Mutation",
            declared.mutations.map(line)
                + mutations.map { line("\($0.name)(input: \($0.input)!): \($0.payload)") })
    }

    /// The inputs and payloads of a table's mutations.
    mutating func writing(_ table: TableModel) {
        let own = mutations.filter { $0.table == table.id }
        if own.contains(where: { $0.kind == .update }) {
            define(
                "input \(Naming.patch(table.name))",
                table.fields.filter(\.isWritable).map {
                    line("\($0.name): \(inputType(of: $0))")
                })
        }
        var printed: Set<String> = []
        for mutation in own {
            define(
                "input \(mutation.input)",
                ["clientMutationId: String", "idempotencyKey: String"].map { line($0) }
                    + inputFields(mutation, table))
            guard printed.insert(mutation.payload).inserted else { continue }
            bindings[mutation.payload] = .payload
            define(
                "type \(mutation.payload)",
                [line("clientMutationId: String")] + payloadFields(mutation.kind, table) + [
                    line("userErrors: [UserError!]!"), line("replayed: Boolean!"),
                    line("query: Query!"),
                ])
        }
    }

    private func inputFields(_ mutation: MutationModel, _ table: TableModel) -> [String] {
        let set = "set: \(Naming.patch(table.name))!"
        let bulk = ["expectedCount: Int", "dryRun: Boolean = false", "allowAll: Boolean = false"]
        let filter = "filter: \(Naming.filter(table.name))!"
        switch mutation.kind {
        case .create:
            return [line("id: ID")] + table.fields.filter(\.isWritable).map { createField($0) }
        case .update: return ["id: ID!", "expectedVersion: Int", set].map { line($0) }
        case .delete: return ["id: ID!", "expectedVersion: Int"].map { line($0) }
        case .upsert(let key):
            let key = table.keys[key]
            let arguments = zip(key.arguments, key.columns).map { argument, column in
                "\(argument): \(keyType(of: column, in: table))!"
            }
            return (arguments + ["expectedVersion: Int", set]).map { line($0) }
        case .updateMany: return ([filter, set] + bulk).map { line($0) }
        case .deleteMany: return ([filter] + bulk).map { line($0) }
        }
    }

    private func payloadFields(_ kind: MutationModel.Kind, _ table: TableModel) -> [String] {
        let row = "\(table.singular): \(table.name)"
        switch kind {
        case .create, .upsert:
            let edge = "\(Naming.edgeField(table.singular)): \(Naming.edge(table.name))"
            return [row, edge, "created: Boolean!"].map { line($0) }
        case .update: return [line(row)]
        case .delete: return [line("deletedId: ID")]
        case .updateMany, .deleteMany:
            return [
                line("count: Int!"),
                line(
                    "\(table.plural)(first: Int): \(Naming.connection(table.name))",
                    kind == .deleteMany ? "Of a dry run only." : nil),
            ]
        }
    }

    private func createField(_ field: FieldModel) -> String {
        let type = inputType(of: field)
        switch field.defaultValue {
        case .constant(let value):
            guard case .column(_, let stored) = field.kind, let text = literal(value, stored)
            else { return line("\(field.name): \(type)") }
            return line("\(field.name): \(type) = \(text)")
        case .now: return line("\(field.name): \(type)")
        case nil: return line("\(field.name): \(type)\(field.isNullable ? "" : "!")")
        }
    }

    private func inputType(of field: FieldModel) -> String {
        guard case .column(_, let type) = field.kind else { return ScalarKind.id.rawValue }
        return inputName(of: type)
    }

    private func inputName(of type: StoredType) -> String {
        switch type {
        case .value(let id): Naming.input(values[id.index].name)
        case .reference: ScalarKind.id.rawValue
        case .list(let item, let itemIsNullable):
            "[\(inputName(of: item))\(itemIsNullable ? "" : "!")]"
        case .scalar, .enum: name(of: type)
        }
    }

    /// The input of a value that a field of an opened table holds.
    mutating func input(_ value: ValueModel) {
        guard writtenValues.contains(value.id),
            !declared.names.contains(Naming.input(value.name))
        else { return }
        // The places of the fields are those of the value, as the writer of values counts them.
        define(
            "input \(Naming.input(value.name))",
            value.fields.map {
                line("\($0.name): \(inputName(of: $0.type))\($0.isNullable ? "" : "!")")
            })
    }

    /// Values that clients give, those inside others included.
    static func writtenValues(
        _ mutations: [MutationModel], _ tables: [TableModel], _ values: [ValueModel]
    ) -> Set<ValueID> {
        var found: Set<ValueID> = []
        func add(_ type: StoredType) {
            switch type {
            case .list(let item, _): add(item)
            case .value(let id):
                guard found.insert(id).inserted else { return }
                for field in values[id.index].fields { add(field.type) }
            case .scalar, .enum, .reference: return
            }
        }
        for mutation in mutations where mutation.kind == .create || mutation.kind == .update {
            for field in tables[mutation.table.index].fields where field.isWritable {
                if case .column(_, let type) = field.kind { add(type) }
            }
        }
        return found
    }

    mutating func userErrors() {
        guard hasMutations else { return }
        bindings["UserError"] = .userError
        define(
            "type UserError",
            [
                line("code: ErrorCode!"), line("message: String!"),
                line("path: [String!]!", "From the argument to the value that is wrong."),
                line("rule: String", "The domain rule that refused it."),
            ], "Why a mutation did nothing.")
        var seen: Set<String> = []
        let codes = (ErrorCode.generic + declared.errorCodes).filter {
            seen.insert($0.name).inserted
        }
        define("enum ErrorCode", codes.map { line($0.name, $0.description) })
    }

    // MARK: Defaults

    /// A default as a literal; nil when it cannot be written as one.
    private func literal(_ value: CoercedValue, _ type: StoredType) -> String? {
        switch (value, type) {
        case (.null, _): return "null"
        case (_, .scalar(.json)): return nil
        case (.int(let number), .scalar(.dateTime)):
            let text = ByteBuffer(capacity: 32)
            text.appendDateTime(number)
            return quoted(text.makeString())
        case (.int(let number), .scalar(.date)):
            let text = ByteBuffer(capacity: 16)
            text.appendDate(Int32(truncatingIfNeeded: number))
            return quoted(text.makeString())
        case (.int(let number), _): return String(number)
        case (.float(let number), _): return String(number)
        case (.boolean(let flag), _): return flag ? "true" : "false"
        case (.string(let text), _): return quoted(text)
        case (.enumValue(let place), .enum(let id)): return enums[id.index].values[place]
        case (.list(let items), .list(let item, _)):
            let texts = items.compactMap { literal($0, item) }
            return texts.count == items.count ? "[\(texts.joined(separator: ", "))]" : nil
        case (.object(let fields), .value(let id)):
            let model = values[id.index]
            let texts = fields.compactMap { field in
                literal(field.value, model.fields[field.index].type).map {
                    "\(model.fields[field.index].name): \($0)"
                }
            }
            return texts.count == fields.count ? "{\(texts.joined(separator: ", "))}" : nil
        default: return nil
        }
    }
}
