import GraphQL
import GraphQLLanguage
import Store

/// The last step: from drafts without a fault to the model.
extension ModelBuilder {
    mutating func assemble() throws(ModelErrors) -> Model {
        let tableModels = tables.map(tableModel)
        let valueModels = values.map {
            ValueModel(
                id: $0.id, name: $0.declaration.name,
                description: $0.declaration.syntax.description?.value, fields: $0.fields)
        }
        let generated = GeneratedSchema(
            tables: tableModels, values: valueModels, enums: enums, declared: declaredTypes)
        let schema = try build(generated.text)
        let access = accessModel(tableModels, schema)
        try problems.throwIfAny()
        return Model(
            tables: tableModels, values: valueModels, enums: enums, schema: schema,
            schemaText: generated.text, codecs: scalarCodecs,
            storeDefinition: generated.hasMutations
                ? HiddenTables.added(to: storeDefinition) : storeDefinition,
            bindings: schema.types.map { generated.bindings[$0.name] ?? .none },
            mutations: generated.mutations, ruleUses: ruleUses.map(\.use), rules: rules,
            inputConstraints: inputConstraints, access: access)
    }

    /// The generator writes only what builds; if it ever does not, the text must be looked at, and
    /// the server must not start.
    private func build(_ text: String) throws(ModelErrors) -> Schema {
        let source = Source(name: "generated schema", text)
        func problem(_ message: String, _ location: SourceLocation?) -> ModelProblem {
            ModelProblem(
                file: source.name, line: location?.line ?? 0, column: location?.column ?? 0,
                message: message, hint: nil)
        }
        let document: Document
        do {
            document = try parse(source, limits: .file)
        } catch {
            throw ModelErrors(problems: [problem(error.message, error.location)])
        }
        do {
            return try buildSchema([document], codecs: scalarCodecs)
        } catch {
            throw ModelErrors(
                problems: error.errors.map { problem($0.message, $0.locations.first) })
        }
    }

    private func tableModel(_ table: TableDraft) -> TableModel {
        TableModel(
            id: table.id, name: table.name, singular: table.singular, plural: table.plural,
            idPrefix: table.idPrefix + "_",
            description: table.declaration.syntax.description?.value,
            fields: Self.systemFields + table.fields.flatMap(fieldModels),
            keys: table.keys.map { keyModel($0, of: table) }, indexes: indexModels(of: table),
            write: Set(table.directive.write), isAppendOnly: table.directive.isAppendOnly,
            tree: table.tree.map {
                TreeModel(parent: $0.parent, index: indexes.id(of: $0.index))
            })
    }

    private static let systemFields: [FieldModel] = [
        FieldModel(
            name: "id", description: nil, kind: .id, isNullable: false),
        FieldModel(
            name: "version", description: nil,
            kind: .column(TableDefinition.versionColumn, .scalar(.int)), isNullable: false),
        FieldModel(
            name: "createdAt", description: nil,
            kind: .column(TableDefinition.createdAtColumn, .scalar(.dateTime)), isNullable: false),
        FieldModel(
            name: "updatedAt", description: nil,
            kind: .column(TableDefinition.updatedAtColumn, .scalar(.dateTime)), isNullable: false),
    ]

    private func fieldModels(_ field: FieldDraft) -> [FieldModel] {
        func model(_ kind: FieldModel.Kind, name: String? = nil) -> FieldModel {
            FieldModel(
                name: name ?? field.name,
                description: name == nil ? field.syntax.description?.value : nil, kind: kind,
                isNullable: field.isNullable,
                isSensitive: field.syntax.directives.first(named: "sensitive") != nil,
                isKept: field.isKept,
                constraint: field.constraint, defaultValue: field.defaultValue,
                deprecationReason: field.syntax.directives.deprecationReason)
        }
        switch field.shape {
        case .column(let column, let type):
            return [model(.column(column, type))]
        case .toOne(let column, let target):
            return [
                model(.toOne(column, target: target)),
                model(
                    .referenceID(column, target: target), name: Naming.referenceID(field.name)),
            ]
        case .toMany(let list):
            guard let link = list.link else { return [] }
            return [
                model(
                    .toMany(
                        ToManyModel(
                            target: list.target, linkTable: link.table,
                            ownerColumn: link.ownerColumn, targetColumn: link.targetColumn,
                            index: indexes.id(of: link.index))))
            ]
        case .computed:
            return [
                FieldModel(
                    name: field.name, description: field.syntax.description?.value,
                    kind: .computed(definition: definitionText(field.syntax)),
                    isNullable: field.isNullable)
            ]
        case .none: return []
        }
    }

    private func keyModel(_ key: KeyDraft, of table: TableDraft) -> KeyModel {
        let arguments = zip(key.fields, key.columns).map { name, column in
            if case .reference = table.columns[column].kind {
                Naming.referenceID(name)
            } else {
                name
            }
        }
        let conditions = indexes[key.index].conditions
        return KeyModel(
            queryField: Naming.lookUp(table.singular, by: key.fields), columns: key.columns,
            arguments: arguments, conditions: conditions.all, conditionText: conditions.text,
            index: indexes.id(of: key.index))
    }

    private func indexModels(of table: TableDraft) -> [IndexModel] {
        (indexes.byTable[table.id] ?? []).enumerated().map { position, draft in
            let isExact =
                draft.equality.isEmpty
                || draft.equality.count == 1 && !table.columns[draft.equality[0]].kind.isBytes
            return IndexModel(
                id: indexes.id(of: IndexDrafts.Place(table: table.id, position: position)),
                name: draft.name, equality: draft.equality, ordered: draft.ordered,
                order: draft.order, isUnique: draft.isUnique, isExact: isExact,
                conditions: draft.conditions.all)
        }
    }

    private var storeDefinition: StoreDefinition {
        StoreDefinition(
            tables: tables.map {
                TableDefinition(
                    name: $0.name, columns: $0.columns, shardBy: $0.shardBy,
                    isAppendOnly: $0.directive.isAppendOnly)
            },
            indexes: tables.flatMap { table in
                (indexes.byTable[table.id] ?? []).map {
                    IndexDefinition(
                        name: $0.name, table: table.id, equality: $0.equality, ordered: $0.ordered,
                        order: $0.order, isUnique: $0.isUnique, conditions: $0.conditions.all)
                }
            })
    }
}
