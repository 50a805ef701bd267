import Store

/// The API of a model in the schema definition language: one function for each kind of generated
/// type.
///
/// `Query` comes first, then each table with what belongs to it in the order of the schema files,
/// then values, enums, and what all tables share; introspection and the console show them so.
/// Descriptions are those of the schema files; what is generated speaks by its name, because every
/// client that looks at the schema loads them all.
struct GeneratedSchema {
    let tables: [TableModel]
    let values: [ValueModel]
    let enums: [EnumModel]
    let mutations: [MutationModel]
    /// What the schema files declare for rules.
    let declared: DeclaredTypes
    let writtenValues: Set<ValueID>
    private let usage: TypeUsage

    private(set) var text = ""
    /// What the generated types stand for; those that are not here need no binding.
    var bindings: [String: TypeBinding] = [
        "Query": .query, "Node": .node, "PageInfo": .pageInfo,
    ]

    init(
        tables: [TableModel], values: [ValueModel], enums: [EnumModel], declared: DeclaredTypes
    ) {
        self.declared = declared
        self.tables = tables
        self.values = values
        self.enums = enums
        usage = TypeUsage(tables: tables, values: values, named: declared.scalars)
        let replaced = Set(declared.mutations.map(\.name.value))
        let names = declared.names
        mutations = tables.flatMap(MutationModel.all).filter {
            !replaced.contains($0.name) && !names.contains($0.input) && !names.contains($0.payload)
        }
        writtenValues = Self.writtenValues(mutations, tables, values)
        text = costDirectives
        if hasMutations { text += "\n" + Self.transactionDirective }
        query()
        mutation()
        for table in tables {
            row(table)
            edge(table)
            connection(table)
            aggregate(table)
            filter(table)
            orderBy(table)
            grouping(table)
            writing(table)
            guard usage.listTargets.contains(table.id) else { continue }
            listFilter(table)
            listOrderBy(table)
        }
        for value in values {
            self.value(value)
            input(value)
            filter(value)
            listFilter(value)
        }
        for item in enums {
            `enum`(item)
            filter(item)
        }
        declaredTypes()
        shared()
    }

    // MARK: Query

    private mutating func query() {
        var fields = [
            line("node(id: ID!): Node", "The row with this id, of whatever table."),
            line("nodes(ids: [ID!]!): [Node]!", "Beside each id its row, or null."),
        ]
        for table in tables {
            fields.append(line("\(table.singular)(id: ID!): \(table.name)"))
            for key in table.keys {
                let arguments = zip(key.arguments, key.columns).map { argument, column in
                    "\(argument): \(keyType(of: column, in: table))!"
                }
                fields.append(
                    line(
                        "\(key.queryField)(\(arguments.joined(separator: ", "))): \(table.name)",
                        key.conditionText.map { "Where \($0)." }))
            }
            fields.append(line(connectionField(table.plural, to: table)))
        }
        fields += declared.queries.map(line)
        define("type Query", fields)
    }

    func keyType(of column: ColumnID, in table: TableModel) -> String {
        for field in table.fields {
            switch field.kind {
            case .column(column, let type): return name(of: type)
            case .id, .column, .toOne, .referenceID, .toMany, .computed: continue
            }
        }
        // What is no plain column is a relation, named by the id it leads to.
        return ScalarKind.id.rawValue
    }

    /// A list of rows as a field.
    private func connectionField(_ field: String, to table: TableModel) -> String {
        "\(field)(filter: \(Naming.filter(table.name)), orderBy: [\(Naming.orderBy(table.name))!], "
            + "first: Int, after: String, last: Int, before: String, offset: Int): "
            + "\(Naming.connection(table.name))! @listSize(assumedSize: 50, "
            + "slicingArguments: [\"first\", \"last\"], sizedFields: [\"edges\", \"nodes\"], "
            + "requireOneSlicingArgument: false)"
    }

    // MARK: Tables

    private mutating func row(_ table: TableModel) {
        bindings[table.name] = .table(table.id)
        let fields = table.fields.map { field in
            let mark = field.isNullable ? "" : "!"
            let definition =
                switch field.kind {
                case .id: "id: ID!"
                case .column(_, let type): "\(field.name): \(name(of: type))\(mark)"
                case .toOne(_, let target): "\(field.name): \(tables[target.index].name)\(mark)"
                case .referenceID: "\(field.name): ID\(mark)"
                case .toMany(let list): connectionField(field.name, to: tables[list.target.index])
                case .computed(let definition): definition
                }
            return line(definition + deprecated(field.deprecationReason), field.description)
        }
        define("type \(table.name) implements Node", fields, table.description)
    }

    private mutating func edge(_ table: TableModel) {
        let name = Naming.edge(table.name)
        bindings[name] = .edge(table.id)
        define("type \(name)", [line("cursor: String!"), line("node: \(table.name)!")])
    }

    private mutating func connection(_ table: TableModel) {
        let name = Naming.connection(table.name)
        bindings[name] = .connection(table.id)
        define(
            "type \(name)",
            [
                line("edges: [\(Naming.edge(table.name))!]!"),
                line("nodes: [\(table.name)!]!"),
                line("pageInfo: PageInfo!"),
                line("totalCount: Int!"),
                line("aggregate: \(Naming.aggregate(table.name))!"),
                line(groupByField(table)),
            ])
    }

    /// `XAggregate` and its parts; a part without columns is left out.
    private mutating func aggregate(_ table: TableModel) {
        let name = Naming.aggregate(table.name)
        bindings[name] = .aggregate(table.id)
        var fields = [line("count: Int!")]
        var parts: [(type: String, columns: [String])] = []
        func add(_ names: [String], _ type: String, _ columns: [String]) {
            guard !columns.isEmpty else { return }
            fields += names.map { line("\($0): \(type)!") }
            parts.append((type, columns))
        }
        add(
            ["countDistinct"], Naming.distinct(table.name),
            AggregateColumns.distinct(table).map { line("\($0.name): Int!") })
        add(
            ["min", "max"], Naming.minMax(table.name),
            AggregateColumns.minMax(table).map { line("\($0.name): \($0.scalar.rawValue)") })
        let numbers = AggregateColumns.numbers(table)
        add(
            ["sum"], Naming.numbers(table.name),
            numbers.map { line("\($0.name): \(($0.scalar.sum ?? $0.scalar).rawValue)") })
        add(
            ["avg"], Naming.averages(table.name), numbers.map { line("\($0.name): Float") })
        define("type \(name)", fields)
        for part in parts {
            bindings[part.type] = .aggregateColumns(table.id)
            define("type \(part.type)", part.columns)
        }
    }

    private mutating func filter(_ table: TableModel) {
        var fields = combinators(Naming.filter(table.name))
        if usage.nullableTargets.contains(table.id) {
            fields.append(line("isNull: Boolean", "Only where the relation may be null."))
        }
        if table.tree != nil {
            fields.append(line("within: ID", "The row with this id and all rows below it."))
        }
        for field in table.fields {
            let type: String? =
                switch field.kind {
                case .id, .referenceID: Naming.filter(ScalarKind.id.rawValue)
                case .column(_, let type): filterName(of: type)
                case .toOne(_, let target): Naming.filter(tables[target.index].name)
                case .toMany(let list): Naming.listFilter(tables[list.target.index].name)
                case .computed: nil
                }
            if let type { fields.append(line("\(field.name): \(type)")) }
        }
        define("input \(Naming.filter(table.name))", fields)
    }

    private mutating func orderBy(_ table: TableModel) {
        let fields = table.fields.compactMap { field -> String? in
            switch field.kind {
            case .id: return line("id: OrderDirection")
            case .column(_, .enum): return line("\(field.name): OrderDirection")
            case .column(_, .scalar(let scalar)) where scalar.isOrderable:
                return line("\(field.name): OrderDirection")
            case .toOne(_, let target):
                return line("\(field.name): \(Naming.orderBy(tables[target.index].name))")
            case .toMany(let list):
                return line("\(field.name): \(Naming.listOrderBy(tables[list.target.index].name))")
            case .column, .referenceID, .computed: return nil
            }
        }
        define("input \(Naming.orderBy(table.name))", fields)
    }

    private mutating func listFilter(_ table: TableModel) {
        let filter = Naming.filter(table.name)
        let hasSums = !AggregateColumns.numbers(table).isEmpty
        define(
            "input \(Naming.listFilter(table.name))",
            [
                line("some: \(filter)"), line("every: \(filter)"), line("none: \(filter)"),
                line("count: IntFilter"),
            ] + (hasSums ? [line("sum: \(Naming.sumFilter(table.name))")] : [])
                + [line("where: \(filter)", "Which rows count and sum look at.")])
    }

    private mutating func listOrderBy(_ table: TableModel) {
        let hasSums = !AggregateColumns.numbers(table).isEmpty
        define(
            "input \(Naming.listOrderBy(table.name))",
            [line("count: OrderDirection")]
                + (hasSums ? [line("sum: \(Naming.sumOrderBy(table.name))")] : []))
    }

    // MARK: Values and enums

    private mutating func value(_ value: ValueModel) {
        bindings[value.name] = .value(value.id)
        let fields = value.fields.map { field in
            line(
                "\(field.name): \(name(of: field.type))\(field.isNullable ? "" : "!")"
                    + deprecated(field.deprecationReason), field.description)
        }
        define("type \(value.name)", fields, value.description)
    }

    private mutating func filter(_ value: ValueModel) {
        var fields = combinators(Naming.filter(value.name))
        if usage.nullableValues.contains(value.id) { fields.append(line("isNull: Boolean")) }
        for field in value.fields {
            if let type = filterName(of: field.type) {
                fields.append(line("\(field.name): \(type)"))
            }
        }
        define("input \(Naming.filter(value.name))", fields)
    }

    private mutating func listFilter(_ value: ValueModel) {
        guard usage.listedValues.contains(value.id) else { return }
        let filter = Naming.filter(value.name)
        define(
            "input \(Naming.listFilter(value.name))",
            [line("some: \(filter)"), line("every: \(filter)"), line("none: \(filter)")]
                + (usage.nullableValueLists.contains(value.id) ? [line("isNull: Boolean")] : []))
    }

    private mutating func `enum`(_ item: EnumModel) {
        let values = zip(item.values, item.details).map { name, detail in
            line(name + deprecated(detail.deprecationReason), detail.description)
        }
        define("enum \(item.name)", values, item.description)
    }

    private mutating func filter(_ item: EnumModel) {
        if usage.filteredEnums.contains(item.id) {
            define(
                "input \(Naming.filter(item.name))",
                (FilterOperator.equality + [.isNull]).map { line($0.definition(over: item.name)) })
        }
        if usage.listedEnums.contains(item.id) {
            define(
                "input \(Naming.listFilter(item.name))",
                ListOperator.allCases.map { line($0.definition(over: item.name)) })
        }
    }

    // MARK: What all tables share

    private mutating func shared() {
        define("interface Node", [line("id: ID!")], "A row of any table.")
        define(
            "type PageInfo",
            [
                line("hasNextPage: Boolean!"), line("hasPreviousPage: Boolean!"),
                line("startCursor: String"), line("endCursor: String"),
            ])
        define(
            "enum OrderDirection",
            [
                line("ASC", "The smallest first, nulls last."),
                line("DESC", "The greatest first, nulls last."),
                line("ASC_NULLS_FIRST"), line("DESC_NULLS_FIRST"),
            ])
        dateBuckets()
        userErrors()
        for scalar in ScalarKind.allCases where usage.filteredScalars.contains(scalar) {
            define(
                "input \(Naming.filter(scalar.rawValue))",
                scalar.operators.map {
                    line($0.definition(over: scalar.rawValue), $0.description)
                })
        }
        if usage.filteredScalars.contains(.date) {
            define(
                "input \(FilterOperator.monthDayFilter)",
                [
                    line("eq: String"), line("in: [String!]"), line("gte: String"),
                    line("lte: String"),
                ],
                "Months and days: 03-31. With gte later than lte the range goes over the new year.")
        }
        for scalar in ScalarKind.allCases where usage.listedScalars.contains(scalar) {
            define(
                "input \(Naming.listFilter(scalar.rawValue))",
                ListOperator.allCases.map { line($0.definition(over: scalar.rawValue)) })
        }
        for scalar in ScalarKind.allCases where usage.scalars.contains(scalar) && !scalar.isBuiltIn
        {
            let url = scalar.specification.map { " @specifiedBy(url: \(quoted($0)))" } ?? ""
            define("scalar \(scalar.rawValue)\(url)", [], scalar.description)
        }
    }

    // MARK: Parts of types

    private func combinators(_ filter: String) -> [String] {
        [line("and: [\(filter)!]"), line("or: [\(filter)!]"), line("not: \(filter)")]
    }

    /// The type's name, in brackets for a list, without the outermost `!`.
    func name(of type: StoredType) -> String {
        switch type {
        case .scalar(let scalar): scalar.rawValue
        case .enum(let id): enums[id.index].name
        case .value(let id): values[id.index].name
        case .reference(let id): tables[id.index].name
        case .list(let item, let itemIsNullable):
            "[\(name(of: item))\(itemIsNullable ? "" : "!")]"
        }
    }

    /// Nil for the references inside values, which cannot be searched.
    private func filterName(of type: StoredType) -> String? {
        switch type {
        case .scalar(let scalar): Naming.filter(scalar.filtered.rawValue)
        case .enum(let id): Naming.filter(enums[id.index].name)
        case .value(let id): Naming.filter(values[id.index].name)
        case .reference: nil
        case .list(.scalar(.json), _): Naming.filter(ScalarKind.json.rawValue)
        case .list(.scalar(let scalar), _): Naming.listFilter(scalar.filtered.rawValue)
        case .list(.enum(let id), _): Naming.listFilter(enums[id.index].name)
        case .list(.value(let id), _): Naming.listFilter(values[id.index].name)
        case .list(.reference, _), .list(.list, _): nil
        }
    }

    private func deprecated(_ reason: String?) -> String {
        reason.map { " @deprecated(reason: \(quoted($0)))" } ?? ""
    }

    // MARK: Text

    /// A member of a type on its line, under its description.
    func line(_ definition: String, _ description: String? = nil) -> String {
        Self.described(description, indent: "  ") + "  \(definition)\n"
    }

    mutating func define(
        _ head: String, _ members: [String], _ description: String? = nil
    ) {
        text += "\n" + Self.described(description, indent: "") + head
        text += members.isEmpty ? "\n" : " {\n" + members.joined() + "}\n"
    }

    private static func described(_ description: String?, indent: String) -> String {
        guard let description, !description.isEmpty else { return "" }
        guard description.contains(where: \.isNewline) else {
            return "\(indent)\(quoted(description))\n"
        }
        let lines = description.replacing("\"\"\"", with: "\\\"\"\"")
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { $0.isEmpty ? "" : indent + $0 }
        return "\(indent)\"\"\"\n\(lines.joined(separator: "\n"))\n\(indent)\"\"\"\n"
    }
}

extension ScalarKind {
    fileprivate var specification: String? {
        switch self {
        case .dateTime: "https://scalars.graphql.org/andimarek/date-time.html"
        case .emailAddress:
            "https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address"
        default: nil
        }
    }

    fileprivate var description: String? {
        switch self {
        case .dateTime:
            "A time with its offset, RFC 3339: 2026-06-30T12:00:00Z. Answered in UTC with "
                + "milliseconds."
        case .date: "A day: 2026-06-30."
        case .long: "An integer within ±(2^53−1)."
        case .emailAddress: "An e-mail address: ada@example.org."
        case .json: "Any JSON document."
        default: nil
        }
    }
}
