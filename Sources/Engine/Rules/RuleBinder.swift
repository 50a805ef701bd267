import GraphQL
import Store

/// Tables that several rules are bound to; made once for each schema.
public protocol BoundTables: Sendable {
    init(_ binder: RuleBinder)
}

/// Binds one rule after the other to a schema.
///
/// What a rule needs and the schema lacks is noted, and a stand-in returned: the schema is refused
/// afterwards, with all that is missing.
public final class RuleBinder {
    let model: Model
    let layouts: ColumnLayouts
    private var shared: [ObjectIdentifier: any BoundTables] = [:]
    /// Problems of shared tables count for each rule that uses them.
    private var sharedProblems: [ObjectIdentifier: [String]] = [:]
    private var tables: [String: RuleTable] = [:]
    private(set) var problems: [String] = []

    /// The fields of the input at hand and their use.
    private var inputBinder: InputBinder?
    private var result: TypeID?

    init(_ model: Model, _ layouts: ColumnLayouts) {
        self.model = model
        self.layouts = layouts
    }

    /// Begins with another rule.
    ///
    /// - Parameters:
    ///   - fields: of the mutation's input, or the arguments of a field.
    ///   - result: the type of what the rule answers, when that is an object.
    func begin(inputs fields: [GraphQL.InputValue], of owner: String, result: TypeID?) {
        problems = []
        inputBinder = InputBinder(self, fields, owner)
        self.result = result
    }

    /// Ends a rule: inputs that it does not read have no place in the schema.
    func finish(ignoring names: Set<String>) {
        inputBinder?.noteUnread(ignoring: names)
        inputBinder = nil
    }

    func note(_ problem: String) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    // MARK: Tables

    public func table(_ name: String) -> TableBinder {
        TableBinder(binder: self, name: name, model: model.table(named: name), table: bound(name))
    }

    /// The tables of a type, bound at most once.
    public func shared<Tables: BoundTables>(_ type: Tables.Type = Tables.self) -> Tables {
        let key = ObjectIdentifier(type)
        if let known = shared[key] as? Tables {
            for problem in sharedProblems[key] ?? [] { note(problem) }
            return known
        }
        let before = problems
        problems = []
        let made = Tables(self)
        let own = problems
        problems = before
        for problem in own { note(problem) }
        shared[key] = made
        sharedProblems[key] = own
        return made
    }

    private func bound(_ name: String) -> RuleTable {
        if let known = tables[name] { return known }
        guard let table = model.table(named: name) else {
            note("the table \"\(name)\" is missing")
            return bound(model.tables[0].name)
        }
        let made = RuleTable(
            id: table.id, writable: WritableTable(table, model),
            defaults: WritableTable.defaults(of: table))
        tables[name] = made
        return made
    }

    // MARK: Inputs and answers

    private var inputs: InputBinder {
        guard let inputBinder else { preconditionFailure("inputs are bound by the rule itself") }
        return inputBinder
    }

    /// A field of the mutation's input, or an argument of the field.
    public func input<Value: RuleInput>(_ name: String) -> InputField<Value> {
        inputs.input(name)
    }

    /// The fields of an input object, or of the objects in a list, that a field holds.
    public func object(_ name: String) -> InputBinder { inputs.object(name) }

    /// The payload of the mutation, or the object that the field answers with.
    public func output(_ names: String...) -> ResultShape { shape(result, names) }

    /// An object inside it, by the name of its type.
    public func result(_ type: String, _ names: String...) -> ResultShape {
        guard let id = model.schema.type(named: type) else {
            note("the type \"\(type)\" is missing")
            return ResultShape(places: names.map { _ in -1 }, fieldCount: 0)
        }
        return shape(id, names)
    }

    private func shape(_ type: TypeID?, _ names: [String]) -> ResultShape {
        guard let type else {
            note("an object type as the answer is missing")
            return ResultShape(places: names.map { _ in -1 }, fieldCount: 0)
        }
        let fields = model.schema[type].fields
        let places = names.map { name in
            guard let place = fields.firstIndex(where: { $0.name == name }) else {
                note("\"\(model.schema[type].name)\" has no field \"\(name)\"")
                return -1
            }
            return place
        }
        return ResultShape(places: places, fieldCount: fields.count)
    }
}

/// Binds the fields of an input object.
public final class InputBinder {
    private unowned let binder: RuleBinder
    private let fields: [GraphQL.InputValue]
    private let owner: String
    private var read: Set<String> = []
    private var objects: [InputBinder] = []

    init(_ binder: RuleBinder, _ fields: [GraphQL.InputValue], _ owner: String) {
        self.binder = binder
        self.fields = fields
        self.owner = owner
    }

    public func input<Value: RuleInput>(_ name: String) -> InputField<Value> {
        read.insert(name)
        let schema = binder.model.schema
        guard let place = fields.firstIndex(where: { $0.name == name }) else {
            binder.note("\"\(owner)\" has no field \"\(name)\"")
            return InputField(name: name, place: -1, type: TypeReference(named: schema.queryType))
        }
        let definition = fields[place]
        let mayBeAbsent = !definition.type.isNonNull
        if !Value.accepts(definition.type.nullable, schema) || mayBeAbsent && !Value.acceptsNull {
            binder.note("\"\(owner).\(name)\" has another type: \(Value.self) is asked for")
        }
        return InputField(name: name, place: place, type: definition.type.nullable)
    }

    public func object(_ name: String) -> InputBinder {
        let schema = binder.model.schema
        let type = fields.first { $0.name == name }.map { schema[$0.type.named] }
        let inner = InputBinder(binder, type?.inputFields ?? [], type?.name ?? "\(owner).\(name)")
        objects.append(inner)
        return inner
    }

    func noteUnread(ignoring names: Set<String>) {
        for field in fields where !read.contains(field.name) && !names.contains(field.name) {
            binder.note("\"\(owner).\(field.name)\" means nothing to it")
        }
        for object in objects { object.noteUnread(ignoring: []) }
    }
}

/// Binds the columns of a table.
public struct TableBinder {
    let binder: RuleBinder
    let name: String
    /// Nil when the schema has no such table.
    let model: TableModel?
    public let table: RuleTable

    private func stored(_ field: String, _ type: String, where accepts: (FieldModel) -> Bool)
        -> (column: Column, id: ColumnID, field: FieldModel)?
    {
        guard let model else { return nil }
        guard let found = model.field(field), accepts(found) else {
            binder.note("\"\(name).\(field): \(type)\" is missing")
            return nil
        }
        let id: ColumnID
        switch found.kind {
        case .column(let column, _), .toOne(let column, _): id = column
        case .id: id = TableDefinition.idColumn
        case .referenceID, .toMany, .computed: return nil
        }
        return (binder.layouts.column(table.id, id), id, found)
    }

    private var standIn: Column { binder.layouts.column(table.id, TableDefinition.idColumn) }

    public func callAsFunction<Value: ColumnValue>(_ field: String) -> RowField<Value> {
        let type = Value.scalars.first?.rawValue ?? "a table"
        let found = stored(field, type + (Value.isNullable ? "" : "!")) { model in
            guard model.isNullable == Value.isNullable else { return false }
            return switch model.kind {
            case .column(_, .scalar(let kind)): Value.scalars.contains(kind)
            case .toOne: Value.scalars.isEmpty
            default: false
            }
        }
        guard let found else { return RowField(column: standIn, id: TableDefinition.idColumn) }
        return RowField(column: found.column, id: found.id)
    }

    public func callAsFunction<Case: SchemaEnum>(_ field: String) -> EnumField<Case> {
        enumField(field, isNullable: false)
    }

    public func callAsFunction<Case: SchemaEnum>(_ field: String) -> OptionalEnumField<Case> {
        OptionalEnumField(base: enumField(field, isNullable: true))
    }

    private func enumField<Case: SchemaEnum>(_ field: String, isNullable: Bool) -> EnumField<Case> {
        let all = Case.allCases.map(\.rawValue)
        let found = stored(field, "\(Case.self)\(isNullable ? "" : "!")") { model in
            guard model.isNullable == isNullable, case .column(_, .enum) = model.kind else {
                return false
            }
            return true
        }
        guard let found, case .column(_, .enum(let id)) = found.field.kind else {
            return EnumField(column: standIn, id: TableDefinition.idColumn, cases: [])
        }
        let names = binder.model[id].values
        if names.sorted() != all.sorted() {
            binder.note(
                "the enum \"\(binder.model[id].name)\" must have the values "
                    + phrase(all, "and"))
        }
        return EnumField(
            column: found.column, id: found.id, cases: names.compactMap { Case(rawValue: $0) })
    }

    public func callAsFunction<Value: StoredObject>(_ field: String) -> ValueField<Value> {
        ValueField(
            coding: coding(field, Value.self) { if case .value(let id) = $0 { id } else { nil } })
    }

    public func callAsFunction<Value: StoredObject>(_ field: String) -> ValueListField<Value> {
        ValueListField(
            coding: coding(field, Value.self) {
                if case .list(.value(let id), false) = $0 { id } else { nil }
            })
    }

    private func coding<Value: StoredObject>(
        _ field: String, _ type: Value.Type, _ value: (StoredType) -> ValueID?
    ) -> ValueCoding {
        let found = stored(field, "\(Value.self)") { model in
            if case .column(_, let type) = model.kind { value(type) != nil } else { false }
        }
        let writer = ValueWriter(binder.model)
        guard let found, case .column(_, let stored) = found.field.kind, let id = value(stored)
        else {
            return ValueCoding(
                column: standIn, id: TableDefinition.idColumn, type: .scalar(.string),
                model: ValueModel(id: ValueID(0), name: "", description: nil, fields: []),
                places: [], writer: writer)
        }
        let model = binder.model[id]
        let places = Value.fieldNames.map { name in
            guard let place = model.fields.firstIndex(where: { $0.name == name }) else {
                binder.note("\"\(model.name)\" has no field \"\(name)\"")
                return 0
            }
            return place
        }
        return ValueCoding(
            column: found.column, id: found.id, type: stored, model: model, places: places,
            writer: writer)
    }

    // MARK: Indexes

    /// The index over these fields: `equal` asked for equality, `ordered` giving the order.
    public func index(_ equal: [String], ordered: String? = nil) -> RuleIndex {
        let columns = (equal + (ordered.map { [$0] } ?? [])).map { column(of: $0) }
        let equality = Array(columns.prefix(equal.count))
        let order = ordered == nil ? nil : columns.last ?? nil
        let found = model?.indexes.first { index in
            index.equality == equality.compactMap { $0 } && index.ordered == order
                && index.isPlain
        }
        guard let found, !columns.contains(nil) else {
            let fields = (equal + (ordered.map { [$0] } ?? [])).map { quoted($0) }
            note("@index(fields: [\(fields.joined(separator: ", "))])")
            return RuleIndex(
                table: table, id: IndexID(0), equality: [], hasOrder: false, isExact: true)
        }
        return RuleIndex(
            table: table, id: found.id,
            equality: found.equality.map { binder.layouts.column(table.id, $0) },
            hasOrder: found.ordered != nil, isExact: found.isExact)
    }

    /// The key over these fields.
    public func key(_ fields: String...) -> RuleKey {
        let columns = fields.map { column(of: $0) }
        let key = model?.keys.first { $0.columns == columns.compactMap { $0 } }
        guard let key, let index = model?.indexes.first(where: { $0.id == key.index }) else {
            note("@key(fields: \(quoted(fields.joined(separator: " "))))")
            return RuleKey(
                index: RuleIndex(
                    table: table, id: IndexID(0), equality: [], hasOrder: false, isExact: true))
        }
        return RuleKey(
            index: RuleIndex(
                table: table, id: index.id,
                equality: index.equality.map { binder.layouts.column(table.id, $0) },
                hasOrder: index.ordered != nil, isExact: index.isExact))
    }

    private func note(_ directive: String) {
        if model != nil { binder.note("\"\(name)\" has no \(directive)") }
    }

    private func column(of field: String) -> ColumnID? {
        switch model?.field(field)?.kind {
        case .column(let column, _), .toOne(let column, _), .referenceID(let column, _): column
        case .id: TableDefinition.idColumn
        case .toMany, .computed, nil: nil
        }
    }
}
